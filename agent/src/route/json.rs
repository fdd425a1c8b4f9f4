//! A request's body as bytes: what `serde_json` writes, but the text of a prompt, which is nearly all of it, is looked at eight bytes at a
//! time.

use serde_json::{Map, Value};

/// Every byte of a word.
const EACH: u64 = 0x0101_0101_0101_0101;
/// The highest bit of every byte of a word.
const HIGH: u64 = 0x80 * EACH;

/// Writes a body behind what `out` holds.
pub fn write(out: &mut Vec<u8>, body: &Map<String, Value>) {
    out.push(b'{');
    for (n, (key, value)) in body.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        string(out, key);
        out.push(b':');
        put(out, value);
    }
    out.push(b'}');
}

fn put(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(text) => string(out, text),
        Value::Object(map) => write(out, map),
        Value::Array(values) => {
            out.push(b'[');
            for (n, value) in values.iter().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                put(out, value);
            }
            out.push(b']');
        }
        // Writing to memory does not fail, nor does a value that was read or made as JSON.
        Value::Null | Value::Bool(_) | Value::Number(_) => drop(serde_json::to_writer(out, value)),
    }
}

fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, after) = rest.split_at(plain(rest));
        out.extend_from_slice(plain);
        let Some((byte, after)) = after.split_first() else {
            break;
        };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            _ => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                let digit = |shift: u8| DIGITS[usize::from(byte >> shift & 15)];
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(4), digit(0)]);
            }
        }
        rest = after;
    }
    out.push(b'"');
}

/// Bytes in front that stand for themselves (RFC 8259, 7).
fn plain(bytes: &[u8]) -> usize {
    let (words, tail) = bytes.as_chunks::<8>();
    for (n, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let zero = |word: u64| word.wrapping_sub(EACH) & !word;
        let control = word.wrapping_sub(0x20 * EACH) & !word;
        let special =
            zero(word ^ (u64::from(b'"') * EACH)) | zero(word ^ (u64::from(b'\\') * EACH));
        // The lowest one that is marked is one; a borrow may mark those above it.
        let marked = (control | special) & HIGH;
        if marked != 0 {
            return n * 8 + marked.trailing_zeros() as usize / 8;
        }
    }
    let is_special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    words.len() * 8 + tail.iter().position(is_special).unwrap_or(tail.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(body: &Map<String, Value>) -> String {
        let mut out = Vec::new();
        write(&mut out, body);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_character_is_written_as_serde_json_writes_it() {
        for code in (0..0x300).chain([0x2028, 0xFFFF, 0x1F600]) {
            let Some(c) = char::from_u32(code) else {
                continue;
            };
            for before in 0..9 {
                let text = format!("{}{c}{c}y", "x".repeat(before));
                let body = Map::from_iter([(text.clone(), Value::from(text))]);
                assert_eq!(written(&body), serde_json::to_string(&body).unwrap());
            }
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec((any::<String>(), inner), 0..4)
                    .prop_map(|entries| entries.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_body_is_written_as_serde_json_writes_it(
            entries in proptest::collection::vec((any::<String>(), values()), 0..5),
        ) {
            let body: Map<String, Value> = entries.into_iter().collect();
            prop_assert_eq!(written(&body), serde_json::to_string(&body).unwrap());
        }
    }
}
