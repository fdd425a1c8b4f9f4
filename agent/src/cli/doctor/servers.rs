//! Model servers on this machine: found to be offered, never used unasked.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// A kind of server at its usual port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server {
    /// What it is called.
    pub name: &'static str,
    /// The port on 127.0.0.1.
    pub port: u16,
    /// What is asked of it; costs it nothing.
    path: &'static str,
    /// What only its answer holds.
    mark: &'static str,
    /// The provider to configure.
    pub provider: &'static str,
    /// What follows the port in `base_url`.
    pub base: &'static str,
}

const fn server(
    name: &'static str,
    port: u16,
    path: &'static str,
    mark: &'static str,
    provider: &'static str,
    base: &'static str,
) -> Server {
    Server {
        name,
        port,
        path,
        mark,
        provider,
        base,
    }
}

/// The servers that are looked for. A new one is a row.
pub const SERVERS: &[Server] = &[
    server(
        "llama.cpp",
        8080,
        "/props",
        "\"default_generation_settings\"",
        "llama-cpp",
        "",
    ),
    server(
        "llama.cpp",
        8012,
        "/props",
        "\"default_generation_settings\"",
        "llama-cpp",
        "",
    ),
    server("Ollama", 11434, "/api/tags", "\"models\"", "ollama", ""),
    server(
        "LM Studio",
        1234,
        "/v1/models",
        "\"data\"",
        "openai-compatible",
        "/v1",
    ),
    server(
        "vLLM",
        8000,
        "/v1/models",
        "\"data\"",
        "openai-compatible",
        "/v1",
    ),
];

/// Longer than a server on this machine takes to answer, short enough to wait for a port that swallows requests.
const PATIENCE: Duration = Duration::from_millis(150);
/// More bytes than any of the answers has before its mark.
const MAX_BYTES: usize = 1 << 18;

impl Server {
    /// The address to configure.
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.base)
    }

    fn answers(&self) -> bool {
        self.ask(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)), PATIENCE)
            .unwrap_or(false)
    }

    fn ask(&self, address: SocketAddr, patience: Duration) -> std::io::Result<bool> {
        let end = Instant::now() + patience;
        let mut stream = TcpStream::connect_timeout(&address, patience)?;
        stream.set_write_timeout(Some(patience))?;
        let path = self.path;
        // In one piece: some servers answer before they have read a request that comes in several.
        let request =
            format!("GET {path} HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || answer.len() > MAX_BYTES {
                return Ok(false);
            }
            stream.set_read_timeout(Some(left))?;
            let read = stream.read(&mut buffer)?;
            answer.extend_from_slice(&buffer[..read]);
            if self.recognises(&answer) {
                return Ok(true);
            }
            if read == 0 {
                return Ok(false);
            }
        }
    }

    fn recognises(&self, answer: &[u8]) -> bool {
        let text = String::from_utf8_lossy(answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            return false;
        };
        head.starts_with("HTTP/1.") && head.get(8..12) == Some(" 200") && body.contains(self.mark)
    }
}

/// The servers that answer now, all asked at once: at most 0.3 s.
pub fn found() -> Vec<Server> {
    std::thread::scope(|scope| {
        let asked: Vec<_> = SERVERS
            .iter()
            .map(|server| (server, scope.spawn(|| server.answers())))
            .collect();
        let found = asked
            .into_iter()
            .filter_map(|(server, answer)| answer.join().ok()?.then_some(*server));
        found.collect()
    })
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_server_is_known_by_its_answer() {
        let ollama = SERVERS[2];
        for (answer, expected) in [
            (
                "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"models\":[]}",
                true,
            ),
            ("HTTP/1.1 200 OK\r\n\r\n{\"models\":[]}", true),
            ("HTTP/1.0 404 Not Found\r\n\r\n{\"models\":[]}", false),
            ("HTTP/1.0 200 OK\r\nX: \"models\"\r\n\r\n<html>", false),
            ("SSH-2.0-OpenSSH\r\n\r\n\"models\"", false),
            ("", false),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let asked = std::thread::scope(|scope| {
                scope.spawn(|| {
                    let (mut stream, _) = listener.accept().unwrap();
                    let mut request = [0; 256];
                    let read = stream.read(&mut request).unwrap();
                    assert!(request[..read].starts_with(b"GET /api/tags HTTP/1.0\r\n"));
                    stream.write_all(answer.as_bytes()).unwrap();
                });
                ollama
                    .ask(address, Duration::from_secs(60))
                    .unwrap_or(false)
            });
            assert_eq!(asked, expected, "{answer:?}");
        }
    }
}
