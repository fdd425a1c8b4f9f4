//! Every distinct token text once, numbered: the room's shared vocabulary.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A token: the number of its text, shifted left by one, plus one if a blank stands before it.
pub type Token = u32;

/// The start of a file: nothing stands before it.
pub const START: Token = 0;
/// A line break whose next code line is indented as the last one.
pub const SAME: Token = 2;
/// A line break into a deeper indentation.
pub const IN: Token = 4;
/// A line break into a lesser indentation.
pub const OUT: Token = 6;
/// A token too long to keep, or the inside of one: never suggested.
pub const OPAQUE: Token = 8;
const RESERVED: u32 = 5;

/// Whether the token is one of the three line breaks.
pub fn is_break(token: Token) -> bool {
    matches!(token, SAME | IN | OUT)
}

/// Kinds of tokens that are told apart.
pub const KINDS: usize = 9;
/// The kind of identifiers and keywords.
pub const NAME: u8 = 1;

/// Line break 0, name 1, number 2, string 3, opening 4, closing bracket 5, separator 6, member access 7, other 8.
fn kind_of(text: &str) -> u8 {
    match text.bytes().next() {
        Some(b'(' | b'[' | b'{') => 4,
        Some(b')' | b']' | b'}') => 5,
        Some(b',' | b';') => 6,
        Some(b'.') => 7,
        Some(b':') if text == "::" => 7,
        Some(b'"' | b'\'' | b'`') => 3,
        Some(b) if b.is_ascii_digit() => 2,
        Some(b) if super::lex::is_word(b) => NAME,
        _ => 8,
    }
}

/// A multiplicative hasher for small integer keys: the keys are ours, so floods cannot be aimed at it.
#[derive(Default)]
pub struct Quick(u64);

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.write_u32(u32::from(*b));
        }
    }
    fn write_u32(&mut self, n: u32) {
        self.0 = (self.0.rotate_left(5) ^ u64::from(n)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 ^= self.0 >> 32;
    }
}

/// A map keyed by tokens.
pub type TokenMap<V> = HashMap<Token, V, BuildHasherDefault<Quick>>;

/// The vocabulary: append-only, so that a number once given stays true.
#[derive(Debug, Clone)]
pub struct Words {
    text: String,
    ends: Vec<u32>,
    kinds: Vec<u8>,
    slots: Vec<u32>,
}

const EMPTY: u32 = u32::MAX;

fn hash(word: &str) -> u64 {
    let mut h = 0u64;
    let (chunks, rest) = word.as_bytes().as_chunks::<8>();
    for c in chunks {
        h = (h.rotate_left(5) ^ u64::from_le_bytes(*c)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    let mut last = [0u8; 8];
    last[..rest.len()].copy_from_slice(rest);
    h = (h.rotate_left(5) ^ u64::from_le_bytes(last) ^ ((word.len() as u64) << 56))
        .wrapping_mul(0x9E37_79B9_7F4A_7C15);
    h ^ (h >> 29)
}

impl Default for Words {
    fn default() -> Self {
        Words {
            text: String::new(),
            ends: vec![0; RESERVED as usize],
            kinds: vec![8, 0, 0, 0, 8],
            slots: vec![EMPTY; 64],
        }
    }
}

impl Words {
    /// The text of a word's number; empty for line breaks and other reserved ones.
    pub fn text(&self, word: u32) -> &str {
        let i = word as usize;
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.text[start as usize..self.ends[i] as usize]
    }

    /// The text of a token, without the blank before it.
    pub fn of(&self, token: Token) -> &str {
        self.text(token >> 1)
    }

    /// The kind of a token; unknown ones are names.
    pub fn kind(&self, token: Token) -> u8 {
        self.kinds.get((token >> 1) as usize).map_or(NAME, |k| *k)
    }

    /// The text of a token; nothing for reserved and unknown ones.
    pub fn text_or_none(&self, token: Token) -> Option<&str> {
        Some(token >> 1)
            .filter(|w| (RESERVED..self.ends.len() as u32).contains(w))
            .map(|w| self.text(w))
    }

    /// The number of a text that is known already.
    pub fn find(&self, word: &str) -> Option<u32> {
        let at = self.slot(word);
        Some(self.slots[at]).filter(|n| *n != EMPTY)
    }

    fn slot(&self, word: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash(word) as usize & mask;
        while self.slots[at] != EMPTY && self.text(self.slots[at]) != word {
            at = (at + 1) & mask;
        }
        at
    }

    /// The number of a text, given now if it is new.
    pub fn number(&mut self, word: &str) -> u32 {
        let at = self.slot(word);
        if self.slots[at] != EMPTY {
            return self.slots[at];
        }
        let n = self.ends.len() as u32;
        self.text.push_str(word);
        self.ends.push(self.text.len() as u32);
        self.kinds.push(kind_of(word));
        self.slots[at] = n;
        if self.ends.len() * 5 > self.slots.len() * 3 {
            self.grow();
        }
        n
    }

    fn grow(&mut self) {
        self.slots = vec![EMPTY; self.slots.len() * 2];
        for n in RESERVED..self.ends.len() as u32 {
            let at = self.slot(self.text(n));
            self.slots[at] = n;
        }
    }

    /// How many numbers are given, the reserved ones included.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// A vocabulary of the used words only, in the same order, and the new number of each old one.
    pub fn keep(&self, used: &[bool]) -> (Words, Vec<u32>) {
        let mut kept = Words::default();
        let mut numbers: Vec<u32> = (0..RESERVED).collect();
        for n in RESERVED..self.ends.len() as u32 {
            let keep = used.get(n as usize).is_some_and(|u| *u);
            numbers.push(if keep { kept.number(self.text(n)) } else { 0 });
        }
        (kept, numbers)
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.text.capacity()
            + self.kinds.capacity()
            + 4 * (self.ends.capacity() + self.slots.capacity())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_stable_and_texts_come_back() {
        let mut words = Words::default();
        let texts: Vec<String> = (0..5000).map(|i| format!("wörd{i}\u{1F600}")).collect();
        let first: Vec<u32> = texts.iter().map(|t| words.number(t)).collect();
        for (t, n) in texts.iter().zip(&first) {
            assert_eq!(words.number(t), *n);
            assert_eq!(words.find(t), Some(*n));
            assert_eq!(words.text(*n), t);
        }
        assert_eq!(words.find("absent"), None);
        assert_eq!(words.text(1), "");
    }
}
