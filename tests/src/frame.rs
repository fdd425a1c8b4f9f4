//! Content-Length framing, written by hand so that a test can also write it wrong.

use std::io::{self, BufRead};

use serde_json::Value;

/// A good frame around any bytes, JSON or not.
#[must_use]
pub fn around(body: &[u8]) -> Vec<u8> {
    let mut frame = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    frame.extend_from_slice(body);
    frame
}

/// A good frame around a message.
#[must_use]
pub fn message(message: &Value) -> Vec<u8> {
    around(message.to_string().as_bytes())
}

/// The next frame's body; `None` at a clean end.
///
/// # Errors
/// `InvalidData` for anything on stdout that is not a frame: stdout belongs to the wire.
pub fn read(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line == b"\r\n" {
            break;
        }
        let text = String::from_utf8_lossy(&line);
        let Some(value) = text
            .strip_prefix("Content-Length: ")
            .and_then(|v| v.strip_suffix("\r\n"))
        else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("not a header on stdout: {text:?}"),
            ));
        };
        length = value.parse().ok();
    }
    let length: usize = length
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a frame without a length"))?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_refuses_the_rest() {
        let mut bytes = around(b"{}");
        bytes.extend(around("é".as_bytes()));
        let mut reader = bytes.as_slice();
        assert_eq!(read(&mut reader).unwrap().unwrap(), b"{}");
        assert_eq!(read(&mut reader).unwrap().unwrap(), "é".as_bytes());
        assert!(read(&mut reader).unwrap().is_none());
        assert!(read(&mut b"hello\n".as_slice()).is_err());
    }
}
