//! A running `nextline serve`, and requests to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::{Scratch, ScriptedRoute, binary, wait};

/// A served folder; dropped, it stops.
#[derive(Debug)]
pub struct Face {
    child: Child,
    /// Host and port.
    pub address: String,
    /// What requests carry.
    pub token: String,
    /// The address of the page, the token behind its `#`.
    pub page: String,
    home: Option<Scratch>,
}

impl Drop for Face {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Face {
    /// Serves `folder` by the settings of `config`.
    #[must_use]
    pub fn start(config: &str, folder: &Scratch) -> Face {
        Face::start_in(Scratch::new(), config, folder, &[])
    }

    /// The same in a home that is there already, with more arguments.
    #[must_use]
    pub fn start_in(home: Scratch, config: &str, folder: &Scratch, more: &[&str]) -> Face {
        home.write(".config/nextline/config.toml", config);
        let listen: &[&str] = match more.contains(&"--listen") {
            true => &[],
            false => &["--listen", "127.0.0.1:0"],
        };
        let mut child = binary::command(home.path())
            .arg("serve")
            .args(listen)
            .args(more)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut line = |start: &str| {
            let line = lines.next().unwrap().unwrap();
            line.strip_prefix(start)
                .unwrap_or_else(|| panic!("{line}"))
                .to_owned()
        };
        let (address, token, page) = (line("http://"), line("token: "), line("page: "));
        Face {
            child,
            address,
            token,
            page,
            home: Some(home),
        }
    }

    /// Its home.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.as_ref().unwrap().path()
    }

    /// Stops it; its home stays.
    #[must_use]
    pub fn stop(mut self) -> Scratch {
        self.home.take().unwrap()
    }

    /// One exchange: status and body. `headers` stand in the place of the usual ones where they name them; an empty one is left out.
    pub fn send(&self, head: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let (status, _, body) = self.exchange(head, headers, body);
        (status, body)
    }

    /// The same with the headers of the answer, in lower case, and chunks put together.
    pub fn exchange(
        &self,
        head: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, String, String) {
        let mut stream = self.begin(head, headers, body);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer[9..12].parse().unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let head = head.to_lowercase();
        let body = match head.contains("transfer-encoding: chunked") {
            true => unchunked(body),
            false => body.to_owned(),
        };
        (status, head, body)
    }

    /// Sends a request, and reads nothing.
    #[must_use]
    pub fn begin(&self, head: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(wait::guard())).unwrap();
        let bearer = format!("Bearer {}", self.token);
        let length = body.len().to_string();
        let usual = [
            ("Host", self.address.as_str()),
            ("Authorization", &bearer),
            ("Content-Length", &length),
        ];
        let mut all = usual.to_vec();
        all.retain(|(name, _)| headers.iter().all(|(other, _)| other != name));
        all.extend(headers.iter().filter(|(_, value)| !value.is_empty()));
        let all: String = all
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        write!(
            stream,
            "{head} HTTP/1.1\r\n{all}Connection: close\r\n\r\n{body}"
        )
        .unwrap();
        stream
    }

    /// The answer to a good request.
    pub fn post(&self, path: &str, body: &Value) -> Value {
        let (status, body) = self.send(&format!("POST {path}"), &[], &body.to_string());
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        whole.push_str(&rest[..size]);
        body = rest[size..].trim_start_matches("\r\n");
    }
    whole
}

/// Settings by which a scripted route completes, edits and chats.
#[must_use]
pub fn routed(route: &ScriptedRoute) -> String {
    format!(
        "[completion]\nroute = \"mock\"\nfallback = \"none\"\nthrottle_ms = 0\n[chat]\nroute = \"mock\"\n[edit]\nroute = \"mock\"\n\
        [routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\nfim = \"suffix\"\n",
        route.url()
    )
}
