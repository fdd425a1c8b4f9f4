//! Secrets in a text: keys by their shapes, and values of high entropy that are assigned to a name that says what they are.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashSet;

use super::shapes;

/// Names whose values are secret, in lower case and without `-`, `_` and `.`.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "accountkey",
    "sharedaccesskey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "secretkey",
    "authkey",
    "storagekey",
    "credential",
    "bearer",
    "authorization",
    "authtoken",
    "dbpass",
    "connectionstring",
];
/// Names with one of these in them hold something else.
const NOT: &[&str] = &[
    "tokenizer",
    "tokentype",
    "publickey",
    "keyid",
    "tokencount",
    "tokenid",
    "passwordhash",
];
/// Bytes of a value by which a secret is told, at least and at most.
const VALUE: Range<usize> = 8..4096;
/// Bits in a byte of a value, by what is in it. Words of a language have fewer.
const ENTROPY: f64 = 3.0;
/// The same of long ones that may have hardly a digit.
const DENSE: f64 = 4.0;
/// Bytes between a name and what separates it from its value, at most.
const GAP: usize = 4;
/// Letters in a line of Base64 by which it is known without its frame.
const BASE64_LINE: usize = 32;

/// Values that begin in one stretch of letters, at most: `a=a=a=…` has as many as it is long, and each is read to the end of it.
const STARTS: usize = 8;

/// What stands in the frame of a private key.
const PRIVATE: &[u8] = b"PRIVATE KEY";

/// How the frame of a key in PEM begins and ends: the only secret of more than one line.
const FRAME: [&str; 2] = ["-----BEGIN ", "-----END "];
/// What both begin with: most texts have none and are searched once.
const DASHES: &str = "-----";
/// Lines that are remembered as clean; then all are forgotten.
const CLEAN: usize = 8192;
/// Bytes of a clean text that is remembered whole.
const WHOLE: std::ops::RangeInclusive<usize> = 1 << 10..=64 << 10;

/// What is known to hold no secret: a prompt is mostly made of the lines of the one before.
#[derive(Default)]
struct Clean {
    key: RandomState,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// By a hash that nobody outside can aim at.
    lines: FxHashSet<u64>,
    /// The last whole text.
    last: String,
}

/// The secrets of a text, in their order and apart from each other.
pub fn find(text: &str) -> Vec<Range<usize>> {
    static CLEAN_LINES: OnceLock<Clean> = OnceLock::new();
    let has = |part: &str| memchr::memmem::find(text.as_bytes(), part.as_bytes()).is_some();
    if has(DASHES) && FRAME.into_iter().any(has) {
        return scan(text);
    }
    let clean = CLEAN_LINES.get_or_init(Clean::default);
    let mut seen = clean.seen.lock().unwrap_or_else(PoisonError::into_inner);
    let Seen { lines: known, last } = &mut *seen;
    let mut found = Vec::new();
    let differ = different_lines(last, text);
    let mut at = differ.start;
    for line in text[differ].split_inclusive('\n') {
        let hash = clean.key.hash_one(line);
        if !known.contains(&hash) {
            let here = scan(line);
            if here.is_empty() {
                if known.len() >= CLEAN {
                    known.clear();
                }
                known.insert(hash);
            }
            found.extend(
                here.into_iter()
                    .map(|range| at + range.start..at + range.end),
            );
        }
        at += line.len();
    }
    if found.is_empty() && WHOLE.contains(&text.len()) {
        text.clone_into(last);
    }
    found
}

/// The bytes of the lines of `text` that do not stand in `last` at the same distance from its start or from its end.
fn different_lines(last: &str, text: &str) -> Range<usize> {
    const STEP: usize = 64;
    let (last, bytes) = (last.as_bytes(), text.as_bytes());
    let chunks = last.chunks(STEP).zip(bytes.chunks(STEP));
    let same = chunks.take_while(|(one, other)| one == other).count() * STEP;
    let same = same.min(last.len()).min(bytes.len());
    let end_of_line = |byte: &u8| *byte == b'\n';
    let start = bytes[..same].iter().rposition(end_of_line);
    let start = start.map_or(0, |end| end + 1);
    let (last, rest) = (&last[start..], &bytes[start..]);
    let chunks = last.rchunks(STEP).zip(rest.rchunks(STEP));
    let same = chunks.take_while(|(one, other)| one == other).count() * STEP;
    let same = same.min(last.len()).min(rest.len());
    // The line that the equal end begins within may begin otherwise.
    let tail = bytes.len() - same;
    let end = bytes[tail..].iter().position(end_of_line);
    start..end.map_or(bytes.len(), |end| tail + end + 1)
}

/// The same, whatever was found before.
fn scan(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    let mut stretch = Stretch::default();
    while at < bytes.len() {
        // Most of a text is the inside of words.
        let inside = shapes::inside_word(bytes, at);
        if inside > 0 {
            at += inside;
            continue;
        }
        let here = match bytes[at] {
            b'-' if text[at..].starts_with(FRAME[1]) => {
                let from = found.last().map_or(0, |last| last.end);
                headless(bytes, from, at)
            }
            b'-' if text[at..].starts_with(FRAME[0]) => pem(bytes, at),
            b':' if bytes[at..].starts_with(b"://") => password_of_address(bytes, at),
            b'=' | b':' | b',' | b' ' => assigned(bytes, at, &mut stretch),
            _ => None,
        };
        let here = here
            .or_else(|| shapes::key_at(bytes, at))
            .or_else(|| bot(bytes, at));
        match here {
            // What ends in the middle of a character is no key.
            Some(range)
                if text.is_char_boundary(range.start) && text.is_char_boundary(range.end) =>
            {
                at = range.end.max(at + 1);
                match found.last_mut() {
                    Some(last) if last.end >= range.start => last.end = last.end.max(range.end),
                    _ => found.push(range),
                }
            }
            _ => at += 1,
        }
    }
    found
}

/// A Telegram bot's: a number, a colon, 35 letters. Asked for where a word may begin, which is behind an escape as well.
fn bot(text: &[u8], at: usize) -> Option<Range<usize>> {
    let digits = text[at..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let rest = text[at + digits..].strip_prefix(b":A")?;
    let run = rest
        .iter()
        .take_while(|byte| shapes::Set::Word.holds(**byte))
        .count();
    ((8..=11).contains(&digits) && run >= 30).then(|| at..at + digits + 2 + run)
}

/// The body of a private key in PEM; where its end lies below the text, what there is of it.
fn pem(text: &[u8], at: usize) -> Option<Range<usize>> {
    let line = &text[at..text.len().min(at + 80)];
    let head = contains_at(line, PRIVATE)? + PRIVATE.len();
    let dashes = line[head..]
        .iter()
        .take_while(|byte| b" BLOCK-".contains(byte))
        .count();
    let body = at + head + dashes;
    let odd = |byte: &u8| {
        !(shapes::Set::Base64.holds(*byte)
            || byte.is_ascii_whitespace()
            || b"\\\"',:;`#*|>".contains(byte))
    };
    let reach = text[body..].iter().position(odd);
    let reach = reach.map_or(text.len(), |reach| body + reach);
    let end = contains_at(&text[body..reach], b"-----END").map_or(reach, |end| body + end);
    (end > body + 16).then_some(body..end)
}

/// The lines of a private key whose beginning lies above the text, from its end on `at`.
fn headless(text: &[u8], from: usize, at: usize) -> Option<Range<usize>> {
    let line = &text[at..text.len().min(at + 80)];
    if !contains(line, PRIVATE) {
        return None;
    }
    let mut start = at;
    let mut lines = text[from..at].rsplit(|byte| *byte == b'\n');
    // What stands before the frame on its own line.
    start -= lines.next()?.len();
    for (number, line) in lines.enumerate() {
        let body = line.trim_ascii();
        let whole = body.iter().all(|byte| shapes::Set::Base64.holds(*byte));
        // Its last line is as long as it comes.
        if !whole || body.is_empty() || number > 0 && body.len() < BASE64_LINE {
            break;
        }
        start -= line.len() + 1;
    }
    (start + 16 < at).then_some(start..at)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    contains_at(text, part).is_some()
}

fn contains_at(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// `scheme://user:PASSWORD@host`.
fn password_of_address(text: &[u8], at: usize) -> Option<Range<usize>> {
    let start = at + 3;
    let rest = &text[start..text.len().min(start + 512)];
    let stop = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`<>/?#\\(){}|".contains(byte);
    let authority = &rest[..rest.iter().position(stop).unwrap_or(rest.len())];
    let end = authority.iter().rposition(|byte| *byte == b'@')?;
    let colon = authority[..end].iter().position(|byte| *byte == b':')?;
    let value = &authority[colon + 1..end];
    let plain = [
        &b"password"[..],
        b"pass",
        b"passwd",
        b"pwd",
        b"secret",
        b"user",
        b"xxx",
        b"***",
    ];
    let is_blank =
        value.is_empty() || value.contains(&b'$') && value.len() < 4 || value.starts_with(b"%");
    (!is_blank && !plain.contains(&value)).then(|| start + colon + 1..start + end)
}

/// The end of the value that was read last, and how many began before it.
#[derive(Default)]
struct Stretch {
    end: usize,
    starts: usize,
}

/// The value behind `=`, `:` or a space, if the name before it says that it is secret and it looks like no word.
fn assigned(text: &[u8], at: usize, stretch: &mut Stretch) -> Option<Range<usize>> {
    if at < stretch.end && stretch.starts >= STARTS {
        return None;
    }
    let name = name_before(text, at)?;
    let mut start = at + 1;
    let skipped = |byte: &u8| b" \t=:>".contains(byte);
    start += text[start..]
        .iter()
        .take(4)
        .take_while(|byte| skipped(byte))
        .count();
    start = behind_scheme(text, start);
    let slash = usize::from(text.get(start) == Some(&b'\\'));
    let quote = text
        .get(start + slash)
        .copied()
        .filter(|byte| b"\"'`".contains(byte));
    if quote.is_some() {
        start = behind_scheme(text, start + slash + 1);
    }
    let rest = &text[start..text.len().min(start + VALUE.end)];
    let stop = |byte: &u8| match quote {
        Some(quote) => *byte == quote || b"\r\n\\".contains(byte) || byte.is_ascii_whitespace(),
        None => byte.is_ascii_whitespace() || b"\"'`,;<>()[]{}\\&|".contains(byte),
    };
    let value = &rest[..rest.iter().position(stop).unwrap_or(rest.len())];
    if at >= stretch.end {
        stretch.starts = 0;
    }
    stretch.starts += 1;
    stretch.end = stretch.end.max(start + value.len());
    let bare = quote.is_none();
    let code = bare
        && rest
            .get(value.len())
            .is_some_and(|byte| b"([{<".contains(byte));
    (!code && is_secret(value, name, bare)).then(|| start..start + value.len())
}

/// Where the value of a header begins, behind the word that says how it is shown.
fn behind_scheme(text: &[u8], start: usize) -> usize {
    let is_next = |scheme: &&[u8]| {
        let next = text.get(start..start + scheme.len());
        next.is_some_and(|next| next.eq_ignore_ascii_case(scheme))
    };
    let schemes: [&[u8]; 3] = [b"bearer ", b"basic ", b"token "];
    start + schemes.into_iter().find(is_next).map_or(0, <[u8]>::len)
}

/// The name that ends at a separator, if it is one of a secret's.
fn name_before(text: &[u8], at: usize) -> Option<&[u8]> {
    // A space separates only where nothing else does: `--token X`, `Authorization Bearer X`.
    if text[at] == b' '
        && !matches!(text.get(at + 1), Some(byte) if byte.is_ascii_alphanumeric() || b"\"'".contains(byte))
    {
        return None;
    }
    let nearest = at.saturating_sub(GAP + 1);
    let is_gap = |byte: &u8| {
        matches!(
            byte,
            b' ' | b'\t' | b'"' | b'\'' | b'`' | b')' | b']' | b':' | b'=' | b'\\'
        )
    };
    let end = nearest + text[nearest..at].iter().rposition(|byte| !is_gap(byte))? + 1;
    // The last letter rejects nearly every name before anything else is looked at.
    if !matches!(
        text[end - 1] | 0x20,
        b'd' | b't' | b'y' | b'e' | b'l' | b'r' | b'n' | b'g' | b's' | b'k'
    ) {
        return None;
    }
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let from = end.saturating_sub(64);
    let length = text[from..end]
        .iter()
        .rev()
        .take_while(|byte| is_name(byte))
        .count();
    let name = &text[end - length..end];
    if text[at] == b' ' && !(name.starts_with(b"--") || name.eq_ignore_ascii_case(b"bearer")) {
        return None;
    }
    if length < 3 {
        return None;
    }
    let plain: String = name
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
        .map(|byte| byte.to_ascii_lowercase() as char)
        .collect();
    let says =
        NAMES.iter().any(|part| plain.contains(part)) || plain.ends_with("key") && plain.len() > 5;
    (says && !NOT.iter().any(|part| plain.contains(part))).then_some(name)
}

/// Whether a value is one that no person made up as a word.
fn is_secret(value: &[u8], name: &[u8], bare: bool) -> bool {
    if !VALUE.contains(&value.len()) || value[0] == b'$' || value.starts_with(b"http") {
        return false;
    }
    let count = |is: fn(&u8) -> bool| value.iter().filter(|byte| is(byte)).count();
    let (digits, lower, upper) = (
        count(u8::is_ascii_digit),
        count(u8::is_ascii_lowercase),
        count(u8::is_ascii_uppercase),
    );
    let marks = count(|byte| b"!@#%^&*?~$".contains(byte));
    let path = count(|byte| b"./\\:".contains(byte));
    let other = value.len() - digits - lower - upper;
    if value
        .iter()
        .any(|byte| byte.is_ascii_control() || *byte == b' ')
        || path > 2 && digits < 4
    {
        return false;
    }
    let sorts = [digits, lower, upper, marks]
        .iter()
        .filter(|count| **count > 0)
        .count();
    let named = name.to_ascii_lowercase();
    let is_password = [&b"pass"[..], b"pwd"]
        .iter()
        .any(|part| contains(&named, part));
    // People's passwords are short: three sorts of letters tell them from words.
    if is_password
        && !bare
        && value.len() < 40
        && sorts >= 3
        && digits > 0
        && other < value.len() / 2
    {
        return true;
    }
    let turns = value
        .windows(2)
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .count();
    let least = if bare { 4 } else { 2 };
    let turned = value.len() >= 16 && digits >= 2 && turns >= least && sorts >= 2;
    let long = value.len() >= 24 && digits > 0 && upper > 2 && lower > 2 && entropy(value) >= DENSE;
    (turned || long) && entropy(value) >= ENTROPY
}

/// Bits a byte, by how often each occurs.
fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    value
        .iter()
        .for_each(|byte| counts[usize::from(*byte)] += 1);
    let all = value.len() as f64;
    let bits = |count: &u32| {
        let part = f64::from(*count) / all;
        -part * part.log2()
    };
    counts.iter().filter(|count| **count > 0).map(bits).sum()
}

#[cfg(test)]
mod tests;
