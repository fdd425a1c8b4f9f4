//! Server-sent events out of bytes, however they are cut: CR, LF or CRLF, comments, a byte order mark, no space after the colon.

use super::error::{Failure, Kind};
use super::shape::Cutter;

/// Most bytes of one event; more is an answer that nobody should hold in memory.
pub const MAX_EVENT: usize = 1 << 20;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    /// The `event:` field; empty when there was none.
    pub name: String,
    /// The `data:` lines, joined by line feeds. Bytes, because a chunk may end within a letter and only a whole event can be judged.
    pub data: Vec<u8>,
}

/// What one line asks for.
enum Field {
    Name,
    Data,
    Other,
}

/// Why reading stopped for good: an event was longer than [`MAX_EVENT`].
#[derive(Debug, PartialEq, Eq)]
pub struct TooLarge;

/// An incremental parser. Feed it chunks, take events out.
#[derive(Debug, Default)]
pub struct Sse {
    line: Vec<u8>,
    event: Event,
    has_data: bool,
    after_cr: bool,
    /// Bytes of the stream's start that may still be its byte order mark.
    mark: Mark,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Mark {
    #[default]
    Possible,
    Past,
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Sse {
    /// Reads `chunk` and appends every event that it completes to `out`.
    pub fn feed(&mut self, chunk: &[u8], out: &mut impl Extend<Event>) -> Result<(), TooLarge> {
        let mut rest = chunk;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n' || byte == b'\r') {
            self.hold(&rest[..end])?;
            let cr = rest[end] == b'\r';
            rest = &rest[end + 1..];
            if cr {
                match rest.first() {
                    Some(b'\n') => rest = &rest[1..],
                    Some(_) => {}
                    None => self.after_cr = true,
                }
            }
            self.close_line(out);
        }
        self.hold(rest)
    }

    /// The event that the end of the stream left without its blank line, if it has data.
    ///
    /// The standard drops it; servers that forget the last blank line are common, and a half event does not parse anyway.
    pub fn finish(&mut self) -> Option<Event> {
        let mut last = Vec::new();
        self.close_line(&mut last);
        if last.is_empty() && self.has_data {
            return Some(std::mem::take(&mut self.event));
        }
        last.pop()
    }

    fn hold(&mut self, bytes: &[u8]) -> Result<(), TooLarge> {
        if self.line.len() + self.event.data.len() + bytes.len() > MAX_EVENT {
            return Err(TooLarge);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn close_line(&mut self, out: &mut impl Extend<Event>) {
        let mut line = std::mem::take(&mut self.line);
        if std::mem::replace(&mut self.mark, Mark::Past) == Mark::Possible
            && line.starts_with(BYTE_ORDER_MARK)
        {
            line.drain(..BYTE_ORDER_MARK.len());
        }
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            if std::mem::take(&mut self.has_data) {
                out.extend([event]);
            }
        } else {
            self.field(&line);
        }
        line.clear();
        self.line = line;
    }

    /// What is held is bounded already.
    fn field(&mut self, line: &[u8]) {
        let colon = line
            .iter()
            .position(|&byte| byte == b':')
            .unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        let field = match &line[..colon] {
            b"data" => Field::Data,
            b"event" => Field::Name,
            // Comments, `id` and `retry` say nothing about the answer.
            _ => Field::Other,
        };
        match field {
            Field::Data => {
                if self.has_data {
                    self.event.data.push(b'\n');
                }
                self.event.data.extend_from_slice(value);
                self.has_data = true;
            }
            Field::Name => self.event.name = String::from_utf8_lossy(value).into_owned(),
            Field::Other => {}
        }
    }
}

/// Lines of JSON (NDJSON) as events, with the same care for cuts and size.
#[derive(Debug, Default)]
pub struct Lines {
    line: Vec<u8>,
}

impl Lines {
    /// Reads `chunk` and appends every line that it completes to `out`; blank lines are left out.
    pub fn feed(&mut self, chunk: &[u8], out: &mut impl Extend<Event>) -> Result<(), TooLarge> {
        let mut parts = chunk.split(|&byte| byte == b'\n');
        // `split` always yields one part: what stands before the first line feed.
        let mut part = parts.next().unwrap_or_default();
        loop {
            if self.line.len() + part.len() > MAX_EVENT {
                return Err(TooLarge);
            }
            self.line.extend_from_slice(part);
            let Some(next) = parts.next() else {
                return Ok(());
            };
            out.extend(self.finish());
            part = next;
        }
    }

    /// The line that the end of the stream left without its line feed, if there is anything in it.
    pub fn finish(&mut self) -> Option<Event> {
        let data = std::mem::take(&mut self.line);
        let blank = data.iter().all(u8::is_ascii_whitespace);
        (!blank).then(|| Event {
            name: String::new(),
            data,
        })
    }
}

impl Cutter for Sse {
    fn feed(&mut self, chunk: &[u8], out: &mut Vec<Event>) -> Result<(), Failure> {
        Sse::feed(self, chunk, out).map_err(too_large)
    }

    fn finish(&mut self) -> Option<Event> {
        Sse::finish(self)
    }
}

impl Cutter for Lines {
    fn feed(&mut self, chunk: &[u8], out: &mut Vec<Event>) -> Result<(), Failure> {
        Lines::feed(self, chunk, out).map_err(too_large)
    }

    fn finish(&mut self) -> Option<Event> {
        Lines::finish(self)
    }
}

/// The failure of an answer that nobody should hold in memory.
pub fn too_large(_: TooLarge) -> Failure {
    Failure::new(
        Kind::BadReply,
        "the answer is too large; lower `max_output_tokens` of this route or check `base_url`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8], step: usize) -> Vec<(String, String)> {
        let mut sse = Sse::default();
        let mut out = Vec::new();
        for chunk in bytes.chunks(step) {
            sse.feed(chunk, &mut out).expect("small");
        }
        out.extend(sse.finish());
        out.into_iter()
            .map(|event| (event.name, String::from_utf8(event.data).expect("text")))
            .collect()
    }

    #[test]
    fn events_are_the_same_however_the_bytes_are_cut() {
        for (bytes, wanted) in [
            ("data: a\n\n", vec![("", "a")]),
            (
                "data:a\r\n\r\ndata:  b\r\n\r\n",
                vec![("", "a"), ("", " b")],
            ),
            (
                "event: e\r\ndata: a\r\ndata: b\r\n\r\n",
                vec![("e", "a\nb")],
            ),
            ("data: a\r\rdata: b\r\r", vec![("", "a"), ("", "b")]),
            ("\u{feff}data: a\n\n", vec![("", "a")]),
            (": ping\n\ndata: a\n: ping\n\n:\n\n", vec![("", "a")]),
            (
                "event: done\ndata: {}\n\nevent: ping\n\ndata: x\n\n",
                vec![("done", "{}"), ("", "x")],
            ),
            ("id: 7\nretry: 10\ndata: a\ndata: b\n\n", vec![("", "a\nb")]),
            ("data\n\n", vec![("", "")]),
            (
                "data: {\"t\":\"äöü€😀\"}\n\n",
                vec![("", "{\"t\":\"äöü€😀\"}")],
            ),
            ("data: unfinished", vec![("", "unfinished")]),
            ("data: unfinished\n", vec![("", "unfinished")]),
            ("datax: a\n\ndat: b\n\n", vec![]),
            ("\n\n\r\n", vec![]),
            ("", vec![]),
        ] {
            let wanted: Vec<_> = wanted
                .into_iter()
                .map(|(n, d)| (n.to_owned(), d.to_owned()))
                .collect();
            for step in 1..=bytes.len().max(1) {
                assert_eq!(parse(bytes.as_bytes(), step), wanted, "{bytes:?} by {step}");
            }
        }
    }

    #[test]
    fn a_huge_event_is_refused_before_it_is_held() {
        let block = vec![b'x'; 64 << 10];
        let feed = |first: &[u8], block: &[u8]| {
            let mut sse = Sse::default();
            let mut out = Vec::new();
            sse.feed(first, &mut out).expect("small");
            (0..64).find_map(|n| sse.feed(block, &mut out).err().map(|_| n))
        };
        assert_eq!(feed(b"data: ", &block), Some(15), "one line");
        let mut line = b"data: ".to_vec();
        line.extend(&block);
        line.push(b'\n');
        assert_eq!(feed(b"", &line), Some(15), "many lines");
        let mut lines = Lines::default();
        let refused = (0..64).find_map(|n| lines.feed(&block, &mut Vec::new()).err().map(|_| n));
        assert_eq!(refused, Some(16));
    }

    #[test]
    fn an_event_may_be_as_large_as_one_may_be() {
        let value = vec![b'x'; MAX_EVENT];
        let feed = |parts: &[&[u8]]| {
            let (mut sse, mut out) = (Sse::default(), Vec::new());
            let fed = parts.iter().try_for_each(|part| sse.feed(part, &mut out));
            fed.map(|()| out.iter().map(|event| event.data.len()).sum::<usize>())
                .ok()
        };
        // What is held counts: the line, its field's name with it, and what the lines above it said.
        let (half, most) = (MAX_EVENT / 2, MAX_EVENT - b"data:".len());
        assert_eq!(feed(&[b"data:", &value[..most], b"\n\n"]), Some(most));
        assert_eq!(feed(&[b"data:", &value[..most + 1], b"\n\n"]), None);
        let two = |length: usize| {
            feed(&[
                b"data:",
                &value[..half],
                b"\ndata:",
                &value[..length],
                b"\n\n",
            ])
        };
        assert_eq!(two(most - half), Some(most + 1));
        assert_eq!(two(most - half + 1), None);
        // What other fields hold is no part of it, and each event begins anew.
        let two = [
            b"data:",
            &value[..half + 1],
            b"\n\ndata:",
            &value[..half + 1],
            b"\n\n",
        ];
        assert_eq!(feed(&two), Some(2 * half + 2));
        let mut lines = Lines::default();
        let mut out = Vec::new();
        assert!(lines.feed(&value, &mut out).is_ok() && lines.feed(b"\n", &mut out).is_ok());
        assert_eq!(out.len(), 1);
        assert!(lines.feed(&value, &mut out).is_ok() && lines.feed(b"x", &mut out).is_err());
    }

    #[test]
    fn lines_are_the_same_however_they_are_cut() {
        let bytes = b"{\"a\":1}\r\n\n{\"b\":2}\n {\"c\":3}";
        for step in 1..=bytes.len() {
            let mut lines = Lines::default();
            let mut out = Vec::new();
            for chunk in bytes.chunks(step) {
                lines.feed(chunk, &mut out).expect("small");
            }
            out.extend(lines.finish());
            let data: Vec<_> = out
                .iter()
                .map(|e| String::from_utf8_lossy(&e.data).trim().to_owned())
                .collect();
            assert_eq!(data, ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"], "by {step}");
        }
    }
}
