//! Identifiers as retrieval knows them: 32 bits of a hash, so that no vocabulary is kept.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// An identifier. Two that share their 32 bits cost a wrong score, never a wrong text.
pub type Name = u32;

/// Bytes under which a word says too little to look for.
const SHORTEST: usize = 3;

/// Words that most files of some language hold, sorted: to look for them finds everything and nothing.
const KEYWORDS: &[&str] = &[
    "abstract",
    "any",
    "assert",
    "async",
    "auto",
    "await",
    "bool",
    "boolean",
    "break",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "crate",
    "declare",
    "def",
    "default",
    "defer",
    "del",
    "delete",
    "double",
    "dyn",
    "elif",
    "else",
    "end",
    "enum",
    "except",
    "export",
    "extends",
    "extern",
    "f32",
    "f64",
    "false",
    "final",
    "finally",
    "float",
    "for",
    "from",
    "func",
    "function",
    "get",
    "global",
    "goto",
    "i128",
    "i16",
    "i32",
    "i64",
    "impl",
    "implements",
    "import",
    "include",
    "inline",
    "instanceof",
    "int",
    "interface",
    "isize",
    "keyof",
    "lambda",
    "let",
    "local",
    "long",
    "loop",
    "match",
    "mod",
    "module",
    "move",
    "mut",
    "namespace",
    "never",
    "new",
    "nil",
    "none",
    "not",
    "null",
    "number",
    "object",
    "override",
    "package",
    "pass",
    "private",
    "protected",
    "pub",
    "public",
    "raise",
    "readonly",
    "ref",
    "require",
    "return",
    "self",
    "set",
    "short",
    "signed",
    "sizeof",
    "static",
    "str",
    "string",
    "struct",
    "super",
    "switch",
    "symbol",
    "template",
    "then",
    "this",
    "throw",
    "trait",
    "true",
    "try",
    "type",
    "typedef",
    "typename",
    "typeof",
    "u128",
    "u16",
    "u32",
    "u64",
    "undefined",
    "union",
    "unknown",
    "unsafe",
    "unsigned",
    "use",
    "using",
    "usize",
    "val",
    "var",
    "virtual",
    "void",
    "volatile",
    "where",
    "while",
    "with",
    "yield",
];

/// A multiplicative hasher for names, which are hashes already.
#[derive(Debug, Default)]
pub struct Quick(u64);

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }
    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0.rotate_left(5) ^ u64::from(number)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 ^= self.0 >> 32;
    }
}

/// A map keyed by names or other small numbers of ours.
pub type NameMap<V> = HashMap<Name, V, BuildHasherDefault<Quick>>;

/// Whether a byte belongs to identifiers. Every byte of a character beyond ASCII does.
pub fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// The name of a word.
pub fn name_of(word: &str) -> Name {
    let mut hash = word.len() as u64;
    for chunk in word.as_bytes().chunks(8) {
        let mut last = [0u8; 8];
        last[..chunk.len()].copy_from_slice(chunk);
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(last)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        hash ^= hash >> 29;
    }
    (hash >> 32) as Name ^ hash as Name
}

/// The words of a text that are looked for, in order: at least 3 bytes, no number, no keyword.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    named(text).map(|(word, _)| word)
}

/// The names of [`words`].
pub fn names(text: &str) -> impl Iterator<Item = Name> {
    named(text).map(|(_, name)| name)
}

fn named(text: &str) -> impl Iterator<Item = (&str, Name)> {
    let bytes = text.as_bytes();
    let keywords = &*SIEVE;
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            while at < bytes.len() && !is_part(bytes[at]) {
                at += 1;
            }
            if at == bytes.len() {
                return None;
            }
            let start = at;
            while at < bytes.len() && is_part(bytes[at]) {
                at += 1;
            }
            if at - start < SHORTEST || bytes[start].is_ascii_digit() {
                continue;
            }
            // Starts and ends lie beside ASCII bytes, so they are boundaries of characters.
            let word = &text[start..at];
            let name = name_of(word);
            if !keywords.passes(name) || KEYWORDS.binary_search(&word).is_err() {
                return Some((word, name));
            }
        }
    })
}

/// Names that may be keywords: a bit each, so that most words need not be compared with any.
struct Sieve([u64; SIEVED / 64]);

const SIEVED: usize = 4096;
static SIEVE: LazyLock<Sieve> = LazyLock::new(|| {
    let mut bits = [0; SIEVED / 64];
    for name in KEYWORDS.iter().map(|word| name_of(word) as usize % SIEVED) {
        bits[name / 64] |= 1 << (name % 64);
    }
    Sieve(bits)
});

impl Sieve {
    fn passes(&self, name: Name) -> bool {
        let name = name as usize % SIEVED;
        self.0[name / 64] & (1 << (name % 64)) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted());
        assert!(KEYWORDS.iter().all(|word| word.len() >= SHORTEST));
    }

    #[test]
    fn words_of_texts() {
        for (text, wanted) in [
            ("let foo_bar = self.baz(12, 0xff);", &["foo_bar", "baz"][..]),
            ("größe.länge", &["größe", "länge"]),
            ("$scope a1 ab 1abc", &["$scope"]),
            ("Self typeof x.typeOf", &["Self", "typeOf"]),
            ("", &[]),
            ("  \n\t", &[]),
        ] {
            assert_eq!(words(text).collect::<Vec<_>>(), wanted, "{text}");
        }
    }

    #[test]
    fn names_differ() {
        let mut all: Vec<Name> = (0..20_000).map(|n| name_of(&format!("name_{n}"))).collect();
        all.extend((0..20_000).map(|n| name_of(&format!("n{n}Of"))));
        all.sort_unstable();
        let before = all.len();
        all.dedup();
        assert!(before - all.len() <= 3, "{} collisions", before - all.len());
    }
}
