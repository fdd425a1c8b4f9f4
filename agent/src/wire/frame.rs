//! Content-Length framing (LSP 3.18, "Base Protocol").

use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes of a body that are kept at most. A larger one is read past, not stored.
pub const FRAME_CAP: usize = 64 << 20;
/// Bytes of a header block at most.
pub const HEADER_CAP: usize = 16 << 10;
/// Bytes of a body that are read past at most; a length above it is taken for nonsense.
const SKIP_CAP: u64 = 1 << 30;
/// Bytes of a body over the cap that are kept to say what it was.
pub(super) const HEAD_KEPT: usize = 4 << 10;
/// Bytes asked of the reader at once.
const CHUNK: usize = 16 << 10;
/// A buffer that grew beyond this is given back after its frame.
const KEEP: usize = 256 << 10;

/// A body in its frame.
pub fn framed(body: &[u8]) -> Vec<u8> {
    let mut framed = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    framed.extend_from_slice(body);
    framed
}

/// One frame.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    /// A body within the cap.
    Body(Vec<u8>),
    /// A body over the cap: its first bytes and its length.
    Skipped {
        /// Up to 4 KB.
        head: Vec<u8>,
        /// Bytes in all.
        length: u64,
    },
}

/// The stream cannot be read further.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The header block does not say where the body ends.
    #[error("the input is no LSP: {0}")]
    Header(String),
    /// The stream ended inside a frame.
    #[error("the input ended inside a message: {got} of {wanted} bytes had come")]
    Short {
        /// Bytes that came.
        got: u64,
        /// Bytes that the header promised.
        wanted: u64,
    },
    /// The pipe failed.
    #[error("reading the input failed: {0}")]
    Io(#[from] std::io::Error),
}

/// Reads frames. `next` may be dropped and called again: nothing that was read is lost.
pub struct FrameReader<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that earlier frames used up.
    used: usize,
    /// A body that is being read past: its first bytes, its length, bytes still to come.
    skipping: Option<(Vec<u8>, u64, u64)>,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// A reader at the start of a frame.
    pub fn new(reader: R) -> Self {
        FrameReader {
            reader,
            buffer: Vec::new(),
            used: 0,
            skipping: None,
        }
    }

    /// The next frame, or `None` where the stream ended between two frames.
    pub async fn next(&mut self) -> Result<Option<Frame>, Broken> {
        loop {
            if self.skipping.is_some() {
                return self.skip().await.map(Some);
            }
            let Some((start, length)) = self.header()? else {
                if !self.fill(CHUNK).await? {
                    let rest = &self.buffer[self.used..];
                    if rest.iter().all(u8::is_ascii_whitespace) {
                        return Ok(None);
                    }
                    return Err(Broken::Header("it ended inside a header".into()));
                }
                continue;
            };
            if length > FRAME_CAP as u64 {
                let head = self.buffer[start..]
                    .iter()
                    .copied()
                    .take(HEAD_KEPT)
                    .collect();
                let have = (self.buffer.len() - start) as u64;
                self.used = start + have.min(length) as usize;
                self.skipping = Some((head, length, length.saturating_sub(have)));
                continue;
            }
            let end = start + length as usize;
            if self.buffer.len() < end {
                if !self.fill((end - self.buffer.len()).max(CHUNK)).await? {
                    let got = (self.buffer.len() - start) as u64;
                    return Err(Broken::Short {
                        got,
                        wanted: length,
                    });
                }
                continue;
            }
            let body = self.buffer[start..end].to_vec();
            self.used = end;
            self.compact();
            return Ok(Some(Frame::Body(body)));
        }
    }

    /// The start and the length of the body, once its header block is whole.
    fn header(&self) -> Result<Option<(usize, u64)>, Broken> {
        let block = &self.buffer[self.used..];
        let block = &block[..block.len().min(HEADER_CAP + 4)];
        let mut length = None;
        let mut line_start = 0;
        while let Some(line_length) = block[line_start..].iter().position(|byte| *byte == b'\n') {
            let line = block[line_start..line_start + line_length].trim_ascii();
            line_start += line_length + 1;
            if !line.is_empty() {
                if let Some(found) = content_length(line)? {
                    if length.is_some_and(|earlier| earlier != found) {
                        return Err(Broken::Header("two Content-Length headers disagree".into()));
                    }
                    length = Some(found);
                }
                continue;
            }
            match length {
                Some(length) if length > SKIP_CAP => {
                    let cap = FRAME_CAP >> 20;
                    return Err(Broken::Header(format!(
                        "Content-Length {length} is over the cap of {cap} MB"
                    )));
                }
                Some(length) => return Ok(Some((self.used + line_start, length))),
                // Blank lines between frames are harmless.
                None if block[..line_start].iter().all(u8::is_ascii_whitespace) => continue,
                None => {
                    return Err(Broken::Header(
                        "a header block without Content-Length".into(),
                    ));
                }
            }
        }
        if block.len() > HEADER_CAP {
            return Err(Broken::Header(format!(
                "a header block over {} KB",
                HEADER_CAP >> 10
            )));
        }
        Ok(None)
    }

    /// Reads past a body over the cap.
    async fn skip(&mut self) -> Result<Frame, Broken> {
        loop {
            let Some((head, length, left)) = &mut self.skipping else {
                return Err(Broken::Header("nothing to skip".into()));
            };
            let have = self.buffer.len() - self.used;
            let now = (have as u64).min(*left) as usize;
            let room = HEAD_KEPT.saturating_sub(head.len());
            head.extend(self.buffer[self.used..self.used + now].iter().take(room));
            self.used += now;
            *left -= now as u64;
            if *left == 0 {
                let (head, length) = (std::mem::take(head), *length);
                self.skipping = None;
                self.compact();
                return Ok(Frame::Skipped { head, length });
            }
            let (got, wanted) = (*length - *left, *length);
            self.compact();
            if !self.fill(CHUNK).await? {
                return Err(Broken::Short { got, wanted });
            }
        }
    }

    /// Reads once; false at the end of the stream.
    async fn fill(&mut self, about: usize) -> Result<bool, Broken> {
        self.compact();
        // A promised length is no reason to take memory: the buffer grows with what came.
        let grown = self.buffer.len().max(CHUNK);
        self.buffer.reserve(about.min(grown));
        Ok(self.reader.read_buf(&mut self.buffer).await? > 0)
    }

    fn compact(&mut self) {
        if self.used == 0 {
            return;
        }
        self.buffer.drain(..self.used);
        self.used = 0;
        if self.buffer.is_empty() && self.buffer.capacity() > KEEP {
            self.buffer = Vec::new();
        }
    }
}

/// The value of a line, if it is the Content-Length header.
fn content_length(line: &[u8]) -> Result<Option<u64>, Broken> {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
        let shown = String::from_utf8_lossy(&line[..line.len().min(40)]).into_owned();
        return Err(Broken::Header(format!(
            "a header line without a colon: {shown:?}"
        )));
    };
    if !line[..colon]
        .trim_ascii()
        .eq_ignore_ascii_case(b"content-length")
    {
        return Ok(None);
    }
    let value = line[colon + 1..].trim_ascii();
    let digits = std::str::from_utf8(value)
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .and_then(|text| text.parse().ok())
        .map(Some)
        .ok_or_else(|| {
            Broken::Header(format!(
                "Content-Length is no length: {:?}",
                String::from_utf8_lossy(&value[..value.len().min(40)])
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_read_is_let_go() {
        let small = framed(&[b'x'; 10_000]).repeat(100);
        let mut reader = FrameReader::new(&small[..]);
        while reader.next().await.unwrap().is_some() {
            assert!(reader.buffer.len() < 2 * CHUNK && reader.buffer.capacity() <= KEEP);
        }
        let large = framed(&[b'x'; 2 * KEEP]);
        let mut reader = FrameReader::new(&large[..]);
        assert!(reader.next().await.unwrap().is_some());
        assert_eq!(reader.buffer.capacity(), 0);
        // But nothing that was not.
        let both = [large, framed(b"{}")].concat();
        let mut reader = FrameReader::new(&both[..]);
        assert!(reader.next().await.unwrap().is_some());
        let next = reader.next().await.unwrap();
        assert_eq!(next, Some(Frame::Body(b"{}".to_vec())));
    }
}
