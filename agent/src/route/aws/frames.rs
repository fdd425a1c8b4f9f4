//! Event streams of AWS out of bytes, however they are cut: every frame is checked by both of its sums before anything in it is believed.

use super::super::error::{Failure, Kind};
use super::super::shape::{Cutter, Framing};
use super::super::sse::{Event, MAX_EVENT};

/// How event streams of AWS are told from others, and cut.
pub const FRAMES: Framing = Framing::Frames {
    media: "application/vnd.amazon.eventstream",
    cutter: || Box::new(Frames::default()),
};

/// Bytes before the headers: the frame's length, the headers' length and the sum of both.
const PRELUDE: usize = 12;
/// Bytes behind the payload: the sum of all before.
const TAIL: usize = 4;
/// In front of the name of an event that is an exception of the model's service, or an error of the stream.
pub const EXCEPTION: &str = "exception:";

/// An incremental parser. Feed it chunks, take events out.
#[derive(Debug, Default)]
pub struct Frames {
    held: Vec<u8>,
}

impl Cutter for Frames {
    /// Reads `chunk` and appends every event that it completes to `out`.
    ///
    /// An event is called by its `:event-type`; exceptions and errors by [`EXCEPTION`] and their type or code, an error with its message as
    /// data. Frames of a kind that is not known are left out.
    fn feed(&mut self, chunk: &[u8], out: &mut Vec<Event>) -> Result<(), Failure> {
        self.held.extend_from_slice(chunk);
        let mut from = 0;
        while let Some(length) = length(&self.held[from..])? {
            out.extend(event(&self.held[from..from + length])?);
            from += length;
        }
        self.held.drain(..from);
        Ok(())
    }
}

/// The length of the frame at the front of `held`, once all of it is there.
fn length(held: &[u8]) -> Result<Option<usize>, Failure> {
    let Some((prelude, _)) = held.split_at_checked(PRELUDE) else {
        return Ok(None);
    };
    let (total, headers) = (number(&prelude[..4]), number(&prelude[4..8]));
    if crc32(&prelude[..8]) != number(&prelude[8..]) {
        return Err(unreadable("the checksum of a frame's lengths is wrong"));
    }
    let total = total as usize;
    if total > MAX_EVENT {
        return Err(unreadable("a frame is too large"));
    }
    if total < PRELUDE + headers as usize + TAIL {
        return Err(unreadable("a frame is shorter than its headers"));
    }
    Ok((held.len() >= total).then_some(total))
}

/// The event in a whole frame.
fn event(frame: &[u8]) -> Result<Option<Event>, Failure> {
    let (checked, sum) = frame.split_at(frame.len() - TAIL);
    if crc32(checked) != number(sum) {
        return Err(unreadable("the checksum of a frame is wrong"));
    }
    let headers = PRELUDE + number(&frame[4..8]) as usize;
    let told = headers_of(&checked[PRELUDE..headers])
        .ok_or_else(|| unreadable("the headers of a frame cannot be read"))?;
    let payload = &checked[headers..];
    let (name, data) = match (told.message_type, told.name) {
        ("event", Some(name)) => (name.to_owned(), payload),
        ("exception", Some(name)) => (format!("{EXCEPTION}{name}"), payload),
        ("error", Some(code)) => (
            format!("{EXCEPTION}{code}"),
            told.error_message.unwrap_or_default().as_bytes(),
        ),
        ("event" | "exception" | "error", None) => {
            return Err(unreadable("a frame does not say what it is"));
        }
        _ => return Ok(None),
    };
    Ok(Some(Event {
        name,
        data: data.to_vec(),
    }))
}

/// What the headers of a frame say.
#[derive(Default)]
struct Told<'a> {
    message_type: &'a str,
    /// The type of the event or exception, or the code of the error.
    name: Option<&'a str>,
    error_message: Option<&'a str>,
}

/// `None` when a header does not end where the headers do, or is of no known type.
fn headers_of(mut bytes: &[u8]) -> Option<Told<'_>> {
    let mut told = Told {
        message_type: "event",
        ..Told::default()
    };
    while !bytes.is_empty() {
        let name = text(
            take(&mut bytes, 1).map(|length| length[0].into())?,
            &mut bytes,
        )?;
        let size = match take(&mut bytes, 1)?[0] {
            // True and false say all in their type.
            0 | 1 => 0,
            2 => 1,
            3 => 2,
            4 => 4,
            // A number, a moment.
            5 | 8 => 8,
            6 => {
                let length = take(&mut bytes, 2)?;
                u16::from_be_bytes([length[0], length[1]]).into()
            }
            7 => {
                let length = take(&mut bytes, 2)?;
                let length = u16::from_be_bytes([length[0], length[1]]).into();
                let value = text(length, &mut bytes)?;
                match name {
                    ":message-type" => told.message_type = value,
                    ":event-type" | ":exception-type" | ":error-code" => told.name = Some(value),
                    ":error-message" => told.error_message = Some(value),
                    _ => {}
                }
                continue;
            }
            9 => 16,
            _ => return None,
        };
        take(&mut bytes, size)?;
    }
    Some(told)
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

fn text<'a>(length: usize, bytes: &mut &'a [u8]) -> Option<&'a str> {
    std::str::from_utf8(take(bytes, length)?).ok()
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn unreadable(why: &str) -> Failure {
    let what = format!(
        "an answer that cannot be read: {why}; check the network and `base_url` of this route"
    );
    Failure::new(Kind::BadReply, what)
}

/// The sum that frames are checked by: CRC-32 as in zip files.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut at = 0;
        while at < 256 {
            let mut sum = at as u32;
            let mut bit = 0;
            while bit < 8 {
                sum = if sum & 1 == 1 {
                    sum >> 1 ^ 0xEDB8_8320
                } else {
                    sum >> 1
                };
                bit += 1;
            }
            table[at] = sum;
            at += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |sum, byte| {
        sum >> 8 ^ TABLE[(sum as u8 ^ byte) as usize]
    })
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A whole frame; headers are given with their types.
    pub fn frame(headers: &[(&str, u8, &[u8])], payload: &[u8]) -> Vec<u8> {
        let mut head = Vec::new();
        for (name, kind, value) in headers {
            head.push(name.len() as u8);
            head.extend_from_slice(name.as_bytes());
            head.push(*kind);
            if matches!(kind, 6 | 7) {
                head.extend_from_slice(&(value.len() as u16).to_be_bytes());
            }
            head.extend_from_slice(value);
        }
        let total = (PRELUDE + head.len() + payload.len() + TAIL) as u32;
        let mut bytes = [total.to_be_bytes(), (head.len() as u32).to_be_bytes()].concat();
        bytes.extend_from_slice(&crc32(&bytes).to_be_bytes());
        bytes.extend_from_slice(&head);
        bytes.extend_from_slice(payload);
        bytes.extend_from_slice(&crc32(&bytes).to_be_bytes());
        bytes
    }

    /// An event as services send it.
    pub fn event_frame(name: &str, payload: &str) -> Vec<u8> {
        frame(
            &[
                (":event-type", 7, name.as_bytes()),
                (":content-type", 7, b"application/json"),
                (":message-type", 7, b"event"),
            ],
            payload.as_bytes(),
        )
    }

    fn read(bytes: &[u8], size: usize) -> Result<Vec<(String, String)>, String> {
        let (mut frames, mut events) = (Frames::default(), Vec::new());
        for chunk in bytes.chunks(size) {
            frames
                .feed(chunk, &mut events)
                .map_err(|failure| failure.what)?;
        }
        if !frames.held.is_empty() {
            return Err("broken off".into());
        }
        let told = |event: Event| {
            (
                event.name,
                String::from_utf8_lossy(&event.data).into_owned(),
            )
        };
        Ok(events.into_iter().map(told).collect())
    }

    #[test]
    fn frames_are_read_however_they_are_cut() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        let odd: &[(&str, u8, &[u8])] = &[
            ("yes", 0, b""),
            ("no", 1, b""),
            ("byte", 2, b"\x01"),
            ("short", 3, b"\x01\x02"),
            ("int", 4, b"\x01\x02\x03\x04"),
            ("long", 5, b"12345678"),
            ("bytes", 6, b"\xff\x00"),
            (":event-type", 7, b"x"),
            (":message-type", 7, b"event"),
            ("moment", 8, b"12345678"),
            ("uuid", 9, b"1234567890123456"),
        ];
        let bytes = [
            event_frame("messageStart", "{}"),
            frame(odd, "ü".as_bytes()),
            frame(
                &[(":message-type", 7, b"later"), (":event-type", 7, b"n")],
                b"z",
            ),
            frame(
                &[
                    (":message-type", 7, b"exception"),
                    (":exception-type", 7, b"throttlingException"),
                ],
                b"{}",
            ),
            frame(
                &[
                    (":message-type", 7, b"error"),
                    (":error-code", 7, b"E"),
                    (":error-message", 7, b"m"),
                ],
                b"",
            ),
        ]
        .concat();
        let wanted = [
            ("messageStart", "{}"),
            ("x", "ü"),
            ("exception:throttlingException", "{}"),
            ("exception:E", "m"),
        ]
        .map(|(name, data)| (name.to_owned(), data.to_owned()));
        for size in [1, 2, 7, 64, bytes.len()] {
            assert_eq!(read(&bytes, size).as_deref(), Ok(&wanted[..]), "by {size}");
        }
        assert_eq!(read(&bytes[..bytes.len() - 1], 5), Err("broken off".into()));
    }

    #[test]
    fn one_wrong_bit_anywhere_is_found() {
        let bytes = event_frame("a", r#"{"b":1}"#);
        for bit in 0..bytes.len() * 8 {
            let mut wrong = bytes.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&wrong, wrong.len()).is_err(), "bit {bit}");
        }
        for headers in [
            &[(":event-type", 7, &b"x"[..]), ("odd", 10, b"")][..],
            &[(":event-type", 7, b"\xff")],
            &[(":message-type", 7, b"event")],
        ] {
            assert!(read(&frame(headers, b""), 64).is_err(), "{headers:?}");
        }
        let mut short = [16u32.to_be_bytes(), 9u32.to_be_bytes()].concat();
        short.extend_from_slice(&crc32(&short).to_be_bytes());
        assert!(read(&short, 64).is_err_and(|what| what.contains("shorter")));
        let mut large = [u32::MAX.to_be_bytes(), 0u32.to_be_bytes()].concat();
        large.extend_from_slice(&crc32(&large).to_be_bytes());
        assert!(read(&large, 64).is_err_and(|what| what.contains("too large")));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_are_too_odd(bytes: Vec<u8>, size in 1..9_usize, headers: Vec<u8>, payload: Vec<u8>) {
            let _ = read(&bytes, size);
            let total = (PRELUDE + headers.len() + payload.len() + TAIL) as u32;
            let mut whole = [total.to_be_bytes(), (headers.len() as u32).to_be_bytes()].concat();
            whole.extend_from_slice(&crc32(&whole).to_be_bytes());
            whole.extend_from_slice(&headers);
            whole.extend_from_slice(&payload);
            whole.extend_from_slice(&crc32(&whole).to_be_bytes());
            let _ = read(&whole, size);
        }
    }
}
