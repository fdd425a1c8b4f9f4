//! Just enough HTTP/1.1 for a scripted model: reading a request whole.

use std::io::{self, BufRead, Read};

use serde_json::Value;

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `POST`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names as sent, in order.
    pub headers: Vec<(String, String)>,
    /// The body, decoded from chunks when it came in chunks.
    pub body: Vec<u8>,
    /// Which connection of the route it came on, from 0.
    pub connection: usize,
}

impl Seen {
    /// A header's value, by name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// `prompt` of the body.
    #[must_use]
    pub fn prompt(&self) -> String {
        self.json()["prompt"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// `suffix` of the body.
    #[must_use]
    pub fn suffix(&self) -> String {
        self.json()["suffix"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Head and body together, to look for what must not be there.
    #[must_use]
    pub fn everything(&self) -> String {
        let head: String = self
            .headers
            .iter()
            .map(|(n, v)| format!("{n}: {v}\n"))
            .collect();
        format!(
            "{} {}\n{head}\n{}",
            self.method,
            self.target,
            String::from_utf8_lossy(&self.body)
        )
    }
}

/// The next request; `None` when the connection ended between two.
///
/// # Errors
/// When it ends inside of one.
pub fn read(reader: &mut impl BufRead, connection: usize) -> io::Result<Option<Seen>> {
    let Some(first) = line(reader)? else {
        return Ok(None);
    };
    let mut words = first.split(' ').map(str::to_owned);
    let (method, target) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let mut seen = Seen {
        method,
        target,
        headers: Vec::new(),
        body: Vec::new(),
        connection,
    };
    while let Some(header) = line(reader)? {
        if header.is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':') {
            seen.headers
                .push((name.to_owned(), value.trim().to_owned()));
        }
    }
    if seen
        .header("transfer-encoding")
        .is_some_and(|v| v.eq_ignore_ascii_case("chunked"))
    {
        while let Some(size) = line(reader)? {
            let size = usize::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
            let start = seen.body.len();
            seen.body.resize(start + size, 0);
            reader.read_exact(&mut seen.body[start..])?;
            line(reader)?;
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = seen.header("content-length").and_then(|v| v.parse().ok()) {
        seen.body = vec![0; length];
        reader.read_exact(&mut seen.body)?;
    }
    Ok(Some(seen))
}

fn line(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if reader
        .by_ref()
        .take(1 << 20)
        .read_until(b'\n', &mut bytes)?
        == 0
    {
        return Ok(None);
    }
    Ok(Some(
        String::from_utf8_lossy(&bytes)
            .trim_end_matches(['\r', '\n'])
            .to_owned(),
    ))
}
