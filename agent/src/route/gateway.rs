//! Cody Gateway's keys: what a person holds for sourcegraph.com is not what the gateway takes, but is turned into it.

use ring::digest::{SHA256, digest};

use crate::secret::Secret;

/// Hexadecimal digits of a personal token.
const DIGITS: usize = 40;

/// The gateway's token for `key`; `None` when it takes `key` as it is.
pub fn token(key: &Secret) -> Option<Secret> {
    let text = std::str::from_utf8(key.reveal()).ok()?;
    let raw = bytes(personal(text)?)?;
    let once = digest(&SHA256, &raw);
    let twice = digest(&SHA256, once.as_ref());
    let mut token = String::with_capacity(4 + 2 * twice.as_ref().len());
    token.push_str("sgd_");
    for byte in twice.as_ref() {
        token.push_str(&format!("{byte:02x}"));
    }
    Some(Secret::new(token))
}

/// The digits of `sgp_…`, `sgph_…`, with or without the instance's mark, or bare.
fn personal(text: &str) -> Option<&str> {
    let rest = ["sgph_", "sgp_"]
        .iter()
        .find_map(|head| text.strip_prefix(head));
    let rest = rest.unwrap_or(text);
    let digits = match rest.split_once('_') {
        Some((mark, digits)) if mark == "local" || is_hex(mark, 16) => digits,
        Some(_) => return None,
        None => rest,
    };
    is_hex(digits, DIGITS).then_some(digits)
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_tokens_are_turned_and_others_stay() {
        let digits = "0123456789abcdef0123456789abcdef01234567";
        let turned = "sgd_ee6ba2aa505be17522e936ebac2c31c108d58ebfc8d483ed75a6b298506cb949";
        for (key, wanted) in [
            (digits.to_owned(), Some(turned)),
            (format!("sgp_{digits}"), Some(turned)),
            (format!("sgph_{digits}"), Some(turned)),
            (format!("sgp_0123456789abcdef_{digits}"), Some(turned)),
            (format!("sgp_local_{digits}"), Some(turned)),
            (format!("sgp_{}", digits.to_uppercase()), Some(turned)),
            (format!("sgs_{digits}"), None),
            (format!("slk_{digits}"), None),
            (format!("sgd_{digits}"), None),
            (format!("sgp_{}", &digits[1..]), None),
            ("sgp_".to_owned(), None),
            ("ä".repeat(20), None),
        ] {
            let found = token(&Secret::new(key.clone()));
            let found = found.map(|token| String::from_utf8_lossy(token.reveal()).into_owned());
            assert_eq!(found.as_deref(), wanted, "{key}");
        }
    }
}
