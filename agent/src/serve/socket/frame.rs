//! Bytes of a WebSocket to messages and back (RFC 6455), the server's side, without extensions.

use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes of a message at most, in one frame or in several.
pub const MESSAGE_CAP: usize = 8 << 20;
/// Bytes of a control frame's payload at most.
const CONTROL_CAP: u64 = 125;
/// Bytes asked of the reader at once.
const CHUNK: usize = 16 << 10;
/// A buffer that grew beyond this is given back after its message.
const KEEP: usize = 256 << 10;

const CONTINUED: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub enum Message {
    /// UTF-8 text.
    Text(Vec<u8>),
    /// Wants the same payload back.
    Ping(Vec<u8>),
    /// The client wants to close.
    Close,
}

/// Why the socket is closed.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    /// No frame of the protocol.
    #[error("{0}")]
    Shape(&'static str),
    /// Only text is spoken here.
    #[error("binary messages are not read here")]
    Binary,
    /// A text that is none.
    #[error("the text is not UTF-8")]
    NotText,
    /// Over [`MESSAGE_CAP`].
    #[error("a message is over {} MB", MESSAGE_CAP >> 20)]
    TooLarge,
    /// The connection failed.
    #[error("the connection failed: {0}")]
    Io(#[from] std::io::Error),
}

impl Wrong {
    /// The status code of the close frame.
    pub fn code(&self) -> u16 {
        match self {
            Wrong::Shape(_) | Wrong::Io(_) => 1002,
            Wrong::Binary => 1003,
            Wrong::NotText => 1007,
            Wrong::TooLarge => 1009,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Head {
    last: bool,
    kind: u8,
    length: u64,
    mask: [u8; 4],
    /// Bytes of the head itself.
    size: usize,
}

/// The head of a frame, once it is there whole.
fn head(bytes: &[u8]) -> Result<Option<Head>, Wrong> {
    let &[first, second, ref rest @ ..] = bytes else {
        return Ok(None);
    };
    let kind = first & 0x0f;
    if first & 0x70 != 0 || !matches!(kind, CONTINUED | TEXT | BINARY | CLOSE | PING | PONG) {
        return Err(Wrong::Shape("a frame of an extension that was not agreed on"));
    }
    if second & 0x80 == 0 {
        return Err(Wrong::Shape("a client's frames are masked"));
    }
    let (length, taken) = match second & 0x7f {
        126 => match rest.first_chunk::<2>() {
            Some(&bytes) => (u64::from(u16::from_be_bytes(bytes)), 2),
            None => return Ok(None),
        },
        127 => match rest.first_chunk::<8>() {
            Some(&bytes) => (u64::from_be_bytes(bytes), 8),
            None => return Ok(None),
        },
        short => (u64::from(short), 0),
    };
    let last = first & 0x80 != 0;
    if kind >= CLOSE && (!last || length > CONTROL_CAP) {
        return Err(Wrong::Shape("a control frame is short and whole"));
    }
    let mask = rest.get(taken..).and_then(<[u8]>::first_chunk::<4>);
    Ok(mask.map(|&mask| Head {
        last,
        kind,
        length,
        mask,
        size: 2 + taken + 4,
    }))
}

/// Reads messages.
pub struct Reader<R> {
    reader: R,
    buffer: Vec<u8>,
    /// The frames of a text so far; `None` between texts.
    text: Option<Vec<u8>>,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    /// A reader at the start of a frame.
    pub fn new(reader: R) -> Reader<R> {
        Reader {
            reader,
            buffer: Vec::new(),
            text: None,
        }
    }

    /// The next message, `None` at the end of the connection.
    ///
    /// # Errors
    ///
    /// What the socket is closed for.
    pub async fn next(&mut self) -> Result<Option<Message>, Wrong> {
        loop {
            let Some((head, payload)) = self.frame().await? else {
                return Ok(None);
            };
            match head.kind {
                PING => return Ok(Some(Message::Ping(payload))),
                CLOSE => return Ok(Some(Message::Close)),
                PONG => continue,
                BINARY => return Err(Wrong::Binary),
                TEXT if self.text.is_some() => {
                    return Err(Wrong::Shape("a text begins inside of another"));
                }
                CONTINUED if self.text.is_none() => {
                    return Err(Wrong::Shape("nothing is to be continued"));
                }
                _ => {}
            }
            let mut text = self.text.take().unwrap_or_default();
            text.extend_from_slice(&payload);
            if !head.last {
                self.text = Some(text);
            } else if std::str::from_utf8(&text).is_ok() {
                return Ok(Some(Message::Text(text)));
            } else {
                return Err(Wrong::NotText);
            }
        }
    }

    async fn frame(&mut self) -> Result<Option<(Head, Vec<u8>)>, Wrong> {
        let head = loop {
            if let Some(head) = head(&self.buffer)? {
                break head;
            }
            if !self.fill(CHUNK).await? {
                return Ok(None);
            }
        };
        let before = self.text.as_ref().map_or(0, Vec::len) as u64;
        if before.saturating_add(head.length) > MESSAGE_CAP as u64 {
            return Err(Wrong::TooLarge);
        }
        let end = head.size + head.length as usize;
        while self.buffer.len() < end {
            if !self.fill((end - self.buffer.len()).max(CHUNK)).await? {
                return Ok(None);
            }
        }
        let mut payload = self.buffer[head.size..end].to_vec();
        for (byte, mask) in payload.iter_mut().zip(head.mask.iter().cycle()) {
            *byte ^= mask;
        }
        self.buffer.drain(..end);
        if self.buffer.is_empty() && self.buffer.capacity() > KEEP {
            self.buffer = Vec::new();
        }
        Ok(Some((head, payload)))
    }

    /// Reads more; false at the end.
    async fn fill(&mut self, wanted: usize) -> Result<bool, Wrong> {
        self.buffer.reserve(wanted);
        Ok(self.reader.read_buf(&mut self.buffer).await? > 0)
    }
}

/// A text in its frame.
pub fn text(text: &[u8]) -> Vec<u8> {
    frame(TEXT, text)
}

/// The answer to a ping.
pub fn pong(payload: &[u8]) -> Vec<u8> {
    frame(PONG, payload)
}

/// The last frame: a status code and one sentence.
pub fn close(code: u16, why: &str) -> Vec<u8> {
    let mut end = why.len().min(CONTROL_CAP as usize - 2);
    while !why.is_char_boundary(end) {
        end -= 1;
    }
    frame(CLOSE, &[&code.to_be_bytes(), &why.as_bytes()[..end]].concat())
}

fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(payload.len() + 10);
    framed.push(0x80 | kind);
    match u16::try_from(payload.len()) {
        Ok(length) if length < 126 => framed.push(length as u8),
        Ok(length) => {
            framed.push(126);
            framed.extend_from_slice(&length.to_be_bytes());
        }
        Err(_) => {
            framed.push(127);
            framed.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    framed.extend_from_slice(payload);
    framed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client's frame.
    fn sent(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut framed = frame(0, payload);
        framed[0] = first;
        framed[1] |= 0x80;
        let at = framed.len() - payload.len();
        let mask = [7, 0, 255, 3];
        let masked: Vec<u8> = payload
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask)
            .collect();
        framed.truncate(at);
        [&framed[..], &mask, &masked].concat()
    }

    /// What comes of the bytes, whatever pieces they come in.
    async fn read(bytes: &[u8], step: usize) -> (Vec<Message>, Option<u16>) {
        let pieces = bytes.chunks(step);
        let mut mock: Box<dyn AsyncRead + Unpin> = Box::new(tokio::io::empty());
        for piece in pieces.rev() {
            mock = Box::new(AsyncReadExt::chain(piece, mock));
        }
        let mut reader = Reader::new(mock);
        let mut got = Vec::new();
        loop {
            match reader.next().await {
                Ok(Some(message)) => got.push(message),
                Ok(None) => return (got, None),
                Err(wrong) => return (got, Some(wrong.code())),
            }
        }
    }

    #[tokio::test]
    async fn messages_come_whole_however_they_are_cut() {
        let long = "é".repeat(40_000);
        let bytes = [
            sent(0x81, b"one"),
            sent(0x01, "zw\u{f6}".as_bytes().split_at(3).0),
            sent(0x89, b"?"),
            sent(0x80, "zw\u{f6}".as_bytes().split_at(3).1),
            sent(0x8a, b"unasked"),
            sent(0x81, &[b'x'; 300]),
            sent(0x81, long.as_bytes()),
            sent(0x88, &[3, 232]),
        ]
        .concat();
        let wanted = [
            Message::Text(b"one".to_vec()),
            Message::Ping(b"?".to_vec()),
            Message::Text("zw\u{f6}".into()),
            Message::Text(vec![b'x'; 300]),
            Message::Text(long.into()),
            Message::Close,
        ];
        for step in [1000, 100_000] {
            let (got, wrong) = read(&bytes, step).await;
            assert!(got == wanted && wrong.is_none(), "by {step}: {wrong:?}");
        }
        let short = &bytes[..9 + 9 + 7];
        for step in 1..short.len() {
            assert_eq!(read(short, step).await.0.len(), 2, "by {step}");
        }
    }

    #[tokio::test]
    async fn what_is_no_frame_closes_with_its_code() {
        let over = (MESSAGE_CAP as u64 + 1).to_be_bytes();
        let half = vec![b'x'; MESSAGE_CAP / 2 + 1];
        for (bytes, code) in [
            (frame(TEXT, b"unmasked"), 1002),
            (sent(0xc1, b"compressed"), 1002),
            (sent(0x83, b"?"), 1002),
            (sent(0x80, b"of nothing"), 1002),
            ([sent(0x01, b"a"), sent(0x81, b"b")].concat(), 1002),
            (sent(0x09, b"a part"), 1002),
            (sent(0x89, &[0; 126]), 1002),
            (sent(0x82, b"\x00"), 1003),
            (sent(0x81, b"\xff"), 1007),
            // The length is enough: nothing of it is waited for.
            ([&[0x81, 0xff][..], &over, &[0; 4]].concat(), 1009),
            ([sent(0x01, &half), sent(0x80, &half)].concat(), 1009),
        ] {
            let (got, wrong) = read(&bytes, usize::MAX).await;
            let shown = &bytes[..bytes.len().min(12)];
            assert_eq!((got.len(), wrong), (0, Some(code)), "{shown:?}");
        }
    }

    #[test]
    fn our_own_frames() {
        assert_eq!(text(b"ab"), [0x81, 2, b'a', b'b']);
        assert_eq!(text(&[b'x'; 126])[..4], [0x81, 126, 0, 126]);
        assert_eq!(text(&[b'x'; 70_000])[..10], [0x81, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70]);
        assert_eq!(pong(b"?"), [0x8a, 1, b'?']);
        assert_eq!(close(1009, "é"), [0x88, 4, 3, 241, 0xc3, 0xa9]);
        assert_eq!(close(1000, &"é".repeat(100))[1], 124);
    }
}
