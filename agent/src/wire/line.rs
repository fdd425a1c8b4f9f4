//! Newline-delimited framing, as ACP has it: one message a line.

use tokio::io::{AsyncRead, AsyncReadExt};

use super::frame::{FRAME_CAP, Frame, HEAD_KEPT};

/// Bytes asked of the reader at once.
const CHUNK: usize = 16 << 10;
/// A buffer that grew beyond this is given back after its line.
const KEEP: usize = 256 << 10;

/// Reads lines. `next` may be dropped and called again: nothing that was read is lost.
pub struct LineReader<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that earlier lines used up.
    used: usize,
    /// Bytes of `buffer` that hold no line break.
    searched: usize,
    /// A line that is being read past: its first bytes and how many came.
    skipping: Option<(Vec<u8>, u64)>,
}

impl<R: AsyncRead + Unpin> LineReader<R> {
    /// A reader at the start of a line.
    pub fn new(reader: R) -> Self {
        LineReader {
            reader,
            buffer: Vec::new(),
            used: 0,
            searched: 0,
            skipping: None,
        }
    }

    /// The next line that is not blank, without its end; `None` where the stream ended. A last line without an end counts. One over the
    /// cap is read past.
    ///
    /// # Errors
    ///
    /// The pipe failed.
    pub async fn next(&mut self) -> std::io::Result<Option<Frame>> {
        loop {
            let found = self.buffer[self.searched..]
                .iter()
                .position(|byte| *byte == b'\n');
            if let Some(found) = found {
                let end = self.searched + found;
                if let Some(frame) = self.take(end, end + 1) {
                    return Ok(Some(frame));
                }
                continue;
            }
            self.searched = self.buffer.len();
            if self.buffer.len() - self.used > FRAME_CAP {
                self.skip();
            }
            if !self.fill().await? {
                let end = self.buffer.len();
                return Ok(self.take(end, end));
            }
        }
    }

    /// The line that ends at `end`, if there is anything in it.
    fn take(&mut self, end: usize, next: usize) -> Option<Frame> {
        let line = self.buffer[self.used..end].trim_ascii();
        let length = line.len() as u64;
        let frame = match self.skipping.take() {
            Some((head, before)) => Some(Frame::Skipped {
                head,
                length: before + length,
            }),
            // Its last bytes and its end came in one read.
            None if line.len() > FRAME_CAP => Some(Frame::Skipped {
                head: line[..HEAD_KEPT].to_vec(),
                length,
            }),
            None => (!line.is_empty()).then(|| Frame::Body(line.to_vec())),
        };
        self.used = next;
        self.searched = next;
        frame
    }

    /// What came of a line over the cap is let go.
    fn skip(&mut self) {
        let line = &self.buffer[self.used..];
        let (head, length) = self.skipping.get_or_insert_with(|| {
            let head = line.iter().copied().take(HEAD_KEPT).collect();
            (head, 0)
        });
        debug_assert!(!head.is_empty());
        *length += line.len() as u64;
        self.buffer.clear();
        (self.used, self.searched) = (0, 0);
    }

    /// Reads more; false at the end of the stream.
    async fn fill(&mut self) -> std::io::Result<bool> {
        if self.used > 0 {
            self.buffer.drain(..self.used);
            self.searched -= self.used;
            self.used = 0;
            if self.buffer.is_empty() && self.buffer.capacity() > KEEP {
                self.buffer = Vec::new();
            }
        }
        self.buffer.reserve(CHUNK);
        Ok(self.reader.read_buf(&mut self.buffer).await? > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Vec<String> {
        let mut lines = LineReader::new(bytes);
        let mut found = Vec::new();
        while let Some(frame) = lines.next().await.unwrap() {
            found.push(match frame {
                Frame::Body(body) => String::from_utf8(body).unwrap(),
                Frame::Skipped { head, length } => format!("{} of {length}", head.len()),
            });
        }
        found
    }

    #[tokio::test]
    async fn lines_are_messages() {
        assert_eq!(read(b"").await, Vec::<String>::new());
        assert_eq!(read(b"\n\r\n  \n").await, Vec::<String>::new());
        assert_eq!(
            read(b"{}\r\n\n{\"a\":1}\n[]").await,
            ["{}", "{\"a\":1}", "[]"]
        );
    }

    #[tokio::test]
    async fn a_line_over_the_cap_is_read_past() {
        let mut bytes = vec![b'x'; FRAME_CAP + 3 * CHUNK];
        bytes.extend_from_slice(b"\n{}\n");
        let skipped = format!("{HEAD_KEPT} of {}", FRAME_CAP + 3 * CHUNK);
        assert_eq!(read(&bytes).await, [skipped.as_str(), "{}"]);
        // One of just the cap's length is a message.
        let bytes = vec![b'x'; FRAME_CAP];
        let mut lines = LineReader::new((&bytes[..]).chain(&b"\n"[..]));
        let frame = lines.next().await.unwrap();
        assert!(frame.is_some_and(|frame| frame == Frame::Body(bytes.clone())));
    }

    #[tokio::test]
    async fn what_was_read_is_let_go() {
        let small = [&[b'x'; 10_000][..], b"\n"].concat().repeat(100);
        let mut lines = LineReader::new(&small[..]);
        while lines.next().await.unwrap().is_some() {
            assert!(lines.buffer.len() <= KEEP);
        }
        let large = [&[b'x'; 2 * KEEP][..], b"\n"].concat();
        let mut lines = LineReader::new(&large[..]);
        assert!(lines.next().await.unwrap().is_some() && lines.next().await.unwrap().is_none());
        assert!(lines.buffer.capacity() <= KEEP);
        // But nothing that was not.
        let both = [&large[..], b"{}"].concat();
        let mut lines = LineReader::new(&both[..]);
        assert!(lines.next().await.unwrap().is_some());
        let next = lines.next().await.unwrap();
        assert_eq!(next, Some(Frame::Body(b"{}".to_vec())));
    }

    #[tokio::test]
    async fn what_is_read_past_is_counted_and_let_go() {
        let mut lines = LineReader::new(&b"xyz\n{}\n"[..]);
        for part in [vec![b'x'; HEAD_KEPT + 1], vec![b'y'; 10]] {
            lines.buffer = part;
            lines.skip();
            assert!(lines.buffer.is_empty());
        }
        let skipped = Frame::Skipped {
            head: vec![b'x'; HEAD_KEPT],
            length: HEAD_KEPT as u64 + 14,
        };
        assert_eq!(lines.next().await.unwrap(), Some(skipped));
        let next = lines.next().await.unwrap();
        assert_eq!(next, Some(Frame::Body(b"{}".to_vec())));
    }
}
