//! A WebSocket client (RFC 6455): good frames, and any bytes.

use std::io::{BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;

use crate::wait;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub enum Came {
    /// A text.
    Text(String),
    /// The answer to a ping.
    Pong(Vec<u8>),
    /// A close frame: its code, its sentence.
    Closed(u16, String),
    /// The connection ended.
    Ended,
}

/// One socket.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Socket {
    /// Opens a socket; `headers` are added to the handshake, and stand in the place of `Host` and the WebSocket's own where they name
    /// them.
    ///
    /// # Errors
    /// The status and the body of an answer that is none of a socket.
    pub fn open(
        address: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Socket, (u16, String)> {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(wait::guard())).unwrap();
        let usual = [
            ("Host", address),
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        let mut all = usual.to_vec();
        all.retain(|(name, _)| headers.iter().all(|(other, _)| other != name));
        all.extend(headers.iter().filter(|(_, value)| !value.is_empty()));
        let all: String = all
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        write!(stream, "GET {path} HTTP/1.1\r\n{all}\r\n").unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            reader.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let status = head[9..12].parse().unwrap();
        if status == 101 {
            return Ok(Socket { stream, reader });
        }
        let length = head.to_lowercase();
        let length = length.split_once("content-length: ").unwrap().1;
        let mut body = vec![0; length.split_once("\r\n").unwrap().0.parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        Err((status, String::from_utf8(body).unwrap()))
    }

    /// Sends a text in one frame.
    pub fn send(&mut self, text: &str) {
        self.send_bytes(&frame(0x81, text.as_bytes()));
    }

    /// Sends any bytes; a server that is gone is no error here.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Waits for the next message.
    pub fn receive(&mut self) -> Came {
        let mut head = [0; 2];
        match self.reader.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                panic!("nothing came for {:?}", wait::guard())
            }
            Err(_) => return Came::Ended,
        }
        let length = match head[1] {
            126 => u64::from(u16::from_be_bytes(self.take())),
            127 => u64::from_be_bytes(self.take()),
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.reader.read_exact(&mut payload).unwrap();
        match head[0] {
            0x81 => Came::Text(String::from_utf8(payload).unwrap()),
            0x8a => Came::Pong(payload),
            0x88 if payload.len() >= 2 => {
                let code = u16::from_be_bytes([payload[0], payload[1]]);
                Came::Closed(code, String::from_utf8(payload[2..].to_vec()).unwrap())
            }
            0x88 => Came::Closed(1005, String::new()),
            other => panic!("a frame that begins with {other:#x}"),
        }
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes).unwrap();
        bytes
    }
}

/// A client's frame; `first` is its first byte.
#[must_use]
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x12, 0x34, 0x56, 0x78];
    let mut framed = vec![first];
    match payload.len() {
        short @ ..126 => framed.push(0x80 | short as u8),
        long @ 126..=0xffff => {
            framed.push(0x80 | 126);
            framed.extend_from_slice(&(long as u16).to_be_bytes());
        }
        long => {
            framed.push(0x80 | 127);
            framed.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    framed.extend_from_slice(&mask);
    let masked = payload.iter().zip(mask.iter().cycle());
    framed.extend(masked.map(|(byte, mask)| byte ^ mask));
    framed
}
