//! What a provider can do wrong: one row for each fault, with what a chat says about it.

use nextline_tests::Exchange;
use nextline_tests::families::{Voice, Wrong};

/// Which deadline is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// None.
    Long,
    /// That of the first text.
    First,
    /// That between two texts.
    Idle,
}

impl Wait {
    /// The setting.
    pub fn timeouts(self) -> &'static str {
        match self {
            Wait::Long => "timeouts = { first_byte_ms = 20000, idle_ms = 20000, total_ms = 60000 }",
            Wait::First => "timeouts = { first_byte_ms = 1000, idle_ms = 1000, total_ms = 60000 }",
            Wait::Idle => "timeouts = { first_byte_ms = 20000, idle_ms = 1000, total_ms = 60000 }",
        }
    }
}

/// One fault.
pub struct Row {
    pub name: &'static str,
    pub wait: Wait,
    pub fault: fn(Exchange, &'static Voice),
    /// The exit code of a chat, the kind of its error, and how often it asks.
    pub code: i32,
    pub kind: &'static str,
    pub tries: usize,
    /// What its text begins with; nothing else of it where this is empty.
    pub text: &'static str,
    /// What its message says.
    pub says: &'static str,
    /// What becomes of the next completion.
    pub next: Next,
}

/// What a route does after a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is asked as if nothing had been.
    Asked,
    /// It is left alone for minutes, or until its settings change.
    Rests,
    /// It is left alone for a moment.
    Soon,
}

const fn row(
    name: &'static str,
    fault: fn(Exchange, &'static Voice),
    code: i32,
    kind: &'static str,
    tries: usize,
    says: &'static str,
) -> Row {
    Row {
        name,
        wait: Wait::Long,
        fault,
        code,
        kind,
        tries,
        text: "",
        says,
        next: Next::Asked,
    }
}

const fn resting(row: Row) -> Row {
    Row {
        next: Next::Rests,
        ..row
    }
}

const fn pausing(row: Row) -> Row {
    Row {
        next: Next::Soon,
        ..row
    }
}

const fn waiting(wait: Wait, row: Row) -> Row {
    Row { wait, ..row }
}

/// The same behind a piece of text, which stays.
const fn late(row: Row) -> Row {
    Row {
        text: "half",
        ..row
    }
}

const JSON: (&str, &str) = ("Content-Type", "application/json");
const HTML: (&str, &str) = ("Content-Type", "text/html; charset=utf-8");
const PAGE: &[u8] = b"<html><body>Please log in at portal.example</body></html>";
/// No back-off between two tries.
const AT_ONCE: (&str, &str) = ("Retry-After", "0");

fn half(exchange: &mut Exchange, voice: &Voice) {
    voice.begin(exchange);
    voice.say(exchange, "half");
}

fn page(status: &'static str, exchange: Exchange) {
    exchange.reply(status, &[HTML, AT_ONCE], PAGE);
}

fn status(status: &'static str, exchange: Exchange) {
    exchange.reply(status, &[JSON, AT_ONCE], b"{}");
}

fn limited(after: &'static str, exchange: Exchange, voice: &'static Voice) {
    voice.refuse(exchange, Wrong::TooMany, &[("Retry-After", after)]);
}

/// The faults.
#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    row("closed at once", |e, _| e.cut(), 5, "network", 3, "closed without an HTTP answer"),
    row("not HTTP", |mut e, _| {
        e.raw(b"SSH-2.0-OpenSSH\r\n\r\n");
        e.cut();
    }, 5, "network", 3, "names a model server"),
    waiting(Wait::First, row("silent", |e, _| e.stall(), 124, "timeout", 1, "no text came within 1000 ms")),
    waiting(Wait::First, row("half of a head", |mut e, _| {
        e.raw(b"HTTP/1.1 200 OK\r\nContent-Ty");
        e.stall();
    }, 124, "timeout", 1, "no text came within 1000 ms")),
    waiting(Wait::First, row("a head and no more", |mut e, voice| {
        e.head("200 OK", &[("Content-Type", voice.media)]);
        e.stall();
    }, 124, "timeout", 1, "no text came within 1000 ms")),
    waiting(Wait::First, row("signs of life and no text", |mut e, voice| {
        voice.begin(&mut e);
        for _ in 0..20 {
            voice.write(&mut e, voice.idle);
        }
        e.stall();
    }, 124, "timeout", 1, "1000 ms")),
    waiting(Wait::Idle, late(row("stalls in the middle", |mut e, voice| {
        half(&mut e, voice);
        e.stall();
    }, 124, "timeout", 1, "stopped for 1000 ms"))),
    late(row("no end mark", |mut e, voice| {
        half(&mut e, voice);
        e.end_chunks();
    }, 1, "cut", 1, "interrupted")),
    late(row("cut between events", |mut e, voice| {
        half(&mut e, voice);
        e.cut();
    }, 1, "cut", 1, "interrupted")),
    late(row("cut within an event", |mut e, voice| {
        half(&mut e, voice);
        let next = (voice.bytes)(&(voice.text)(" of it"));
        e.chunk(&next[..next.len() / 2]);
        e.cut();
    }, 1, "cut", 1, "interrupted")),
    late(row("a bad chunk", |mut e, voice| {
        half(&mut e, voice);
        e.raw(b"zz\r\nnonsense\r\n");
        e.stall();
    }, 1, "cut", 1, "interrupted")),
    row("cut before any text", |mut e, voice| {
        e.head("200 OK", &[("Content-Type", voice.media)]);
        e.cut();
    }, 1, "cut", 3, "interrupted"),
    row("an empty body", |e, voice| e.reply("200 OK", &[("Content-Type", voice.media)], b""), 1, "cut", 3, "interrupted"),
    late(row("an event that is no JSON", |mut e, voice| {
        half(&mut e, voice);
        voice.write(&mut e, voice.broken);
        e.stall();
    }, 1, "bad_reply", 1, "unreadable")),
    row("another shape", |e, _| e.reply("200 OK", &[JSON], b"{\"answer\":42}\n"), 1, "bad_reply", 1, "unreadable"),
    row("bytes that are no UTF-8", |e, _| e.reply("200 OK", &[JSON], b"{\"text\":\"\xff\xfe\"}\n"), 1, "bad_reply", 1, "unreadable"),
    row("deep JSON", |e, _| {
        let deep = "[".repeat(50_000) + "\n";
        e.reply("200 OK", &[JSON], deep.as_bytes());
    }, 1, "bad_reply", 1, "unreadable"),
    row("a web page", |e, _| page("200 OK", e), 1, "bad_reply", 1, "web page"),
    row("a web page in disguise", |e, _| e.reply("200 OK", &[("Content-Type", "text/plain")], PAGE), 1, "bad_reply", 1, "web page"),
    row("a web page, 502", |e, _| page("502 Bad Gateway", e), 5, "overloaded", 3, "web page"),
    resting(row("a web page, 403", |e, _| page("403 Forbidden", e), 6, "forbidden", 1, "web page")),
    row("a picture", |e, _| e.reply("200 OK", &[("Content-Type", "image/png")], b"\x89PNG"), 1, "bad_reply", 1, "neither JSON"),
    row("204", |e, _| e.reply("204 No Content", &[], b""), 1, "bad_reply", 1, "answered 204"),
    row("compressed", |e, voice| {
        let headers = [("Content-Type", voice.media), ("Content-Encoding", "gzip")];
        e.reply("200 OK", &headers, b"\x1f\x8b");
    }, 1, "bad_reply", 1, "compressed"),
    row("too long", |e, voice| voice.refuse(e, Wrong::TooLong, &[]), 8, "too_long", 1, "`context_tokens`"),
    row("413", |e, _| status("413 Payload Too Large", e), 8, "too_long", 1, "`context_tokens`"),
    row("400", |e, _| status("400 Bad Request", e), 6, "refused", 1, "answered 400"),
    row("422", |e, _| status("422 Unprocessable", e), 6, "refused", 1, "answered 422"),
    row("402", |e, _| status("402 Payment Required", e), 4, "quota", 1, "billing page"),
    resting(row("401", |e, _| status("401 Unauthorized", e), 3, "auth", 1, "key was not accepted")),
    resting(row("407", |e, _| status("407 Proxy Authentication Required", e), 3, "auth", 1, "proxy wants credentials")),
    resting(row("a key that is not known", |e, voice| voice.refuse(e, Wrong::Key, &[]), 3, "auth", 1, "key")),
    resting(row("a key that may not", |e, voice| voice.refuse(e, Wrong::Forbidden, &[]), 6, "forbidden", 1, "may not use this model")),
    row("a model that is not known", |e, voice| voice.refuse(e, Wrong::Model, &[]), 6, "refused", 1, "`model`"),
    row("no money", |e, voice| voice.refuse(e, Wrong::Quota, &[]), 4, "quota", 1, "billing page"),
    resting(row("too many, come back in an hour", |e, voice| limited("3600", e, voice), 4, "rate_limited", 1, "wait 3600 s")),
    row("too many, come back at once", |e, voice| limited("0", e, voice), 4, "rate_limited", 3, "too many requests"),
    row("too many, a date that is past", |e, voice| limited("Sun, 06 Nov 1994 08:49:37 GMT", e, voice), 4, "rate_limited", 3, "too many requests"),
    resting(row("too many, a date far away", |e, voice| limited("Fri, 31 Dec 2999 00:00:00 GMT", e, voice), 4, "rate_limited", 1, "too many requests")),
    pausing(row("too many, nonsense", |e, voice| limited("soon", e, voice), 4, "rate_limited", 3, "too many requests")),
    row("trouble", |e, voice| voice.refuse(e, Wrong::Busy, &[AT_ONCE]), 5, "overloaded", 3, "try again later"),
    row("500", |e, _| e.reply("500 Internal Server Error", &[("retry-after-ms", "1")], b""), 5, "overloaded", 3, "answered 500"),
    row("an error in the stream", |mut e, voice| {
        voice.begin(&mut e);
        voice.write(&mut e, voice.busy);
        e.end_chunks();
    }, 5, "overloaded", 3, "try again"),
    late(row("an error behind text", |mut e, voice| {
        half(&mut e, voice);
        voice.write(&mut e, voice.busy);
        e.end_chunks();
    }, 5, "overloaded", 1, "try again")),
    late(row("text without an end", |mut e, voice| {
        voice.begin(&mut e);
        let much = (voice.bytes)(&(voice.text)(&"half ".repeat(25_000)));
        for _ in 0..150 {
            e.chunk(&much);
        }
        e.stall();
    }, 1, "bad_reply", 1, "too large")),
    row("an event without an end", |mut e, voice| {
        e.head("200 OK", &[("Content-Type", voice.media)]);
        for _ in 0..40 {
            e.chunk(&[b'x'; 1 << 16]);
        }
        e.stall();
    }, 1, "bad_reply", 1, ""),
    row("headers without an end", |mut e, _| {
        e.raw(b"HTTP/1.1 200 OK\r\n");
        for n in 0..2_000 {
            e.raw(format!("X-{n}: {}\r\n", "y".repeat(500)).as_bytes());
        }
        e.stall();
    }, 1, "bad_reply", 1, "headers are too large"),
];
