//! One open document as tokens with a sorted array, kept up to date from the changed middle of its text.

use std::borrow::Cow;
use std::sync::{PoisonError, RwLock};

use ropey::Rope;

use super::array::{self, DEPTH};
use super::lex::{CODE, Inside, Piece, lex_line};
use super::syntax::Syntax;
use super::words::{IN, OPAQUE, OUT, SAME, START, Token, TokenMap, Words};

/// Lines lexed under one lock.
const LINES: usize = 100;

/// What is remembered of a line: enough to lex again from it, and nothing that moves when lines above change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    bytes: u32,
    tokens: u32,
    indent: u32,
    after: Inside,
}

/// An open document.
#[derive(Debug, Clone)]
pub struct Sheet {
    syntax: &'static Syntax,
    rope: Rope,
    lines: Vec<Line>,
    tokens: Vec<Token>,
    sorted: Vec<u32>,
    names: TokenMap<u32>,
}

/// A piece of text lexed to tokens.
#[derive(Debug, Default)]
struct Lexed {
    lines: Vec<Line>,
    tokens: Vec<Token>,
}

/// The width of a line's indentation: blanks count one, tabs four, so that mixed files still compare.
pub fn indent_of(line: &str) -> u32 {
    line.bytes()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .map(|b| if b == b'\t' { 4 } else { 1 })
        .sum()
}

/// The line break between two indentations.
pub fn break_of(last: u32, next: u32) -> Token {
    match next.cmp(&last) {
        std::cmp::Ordering::Equal => SAME,
        std::cmp::Ordering::Greater => IN,
        std::cmp::Ordering::Less => OUT,
    }
}

/// The token of a piece of `line`.
pub fn token_of(line: &str, piece: &Piece, words: &mut Words) -> Token {
    let text = &line[piece.start as usize..piece.end as usize];
    if text.len() > super::lex::MAX_TOKEN {
        return OPAQUE | u32::from(piece.blank);
    }
    words.number(text) << 1 | u32::from(piece.blank)
}

/// Lines of a text, ended by `\n`, `\r\n` or a lone `\r`, as the protocol's editors count them.
pub fn lines_of(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let b = rest.as_bytes();
        let end = b.iter().position(|c| matches!(c, b'\n' | b'\r'));
        let end = end.map_or(rest.len(), |i| {
            i + 1 + usize::from(b[i] == b'\r' && b.get(i + 1) == Some(&b'\n'))
        });
        let (line, tail) = rest.split_at(end);
        rest = tail;
        Some(line)
    })
}

/// Tokens of a whole text (without `START`). The vocabulary is locked for a few lines at a time: questions wait for it.
pub fn tokens_of(text: &str, syntax: &Syntax, words: &RwLock<Words>) -> Vec<Token> {
    let mut lexed = Lexed::default();
    let mut state = (CODE, 0);
    let mut lines = lines_of(text).peekable();
    while lines.peek().is_some() {
        let mut words = words.write().unwrap_or_else(PoisonError::into_inner);
        for line in lines.by_ref().take(LINES) {
            lexed.line(line, syntax, &mut state, &mut words);
        }
    }
    lexed.tokens.shrink_to_fit();
    lexed.tokens
}

impl Lexed {
    /// Lexes one more line; `state`: what it begins inside of, and the indentation of the last line with code.
    fn line(&mut self, line: &str, syntax: &Syntax, state: &mut (Inside, u32), words: &mut Words) {
        let mut pieces = Vec::new();
        let end = lex_line(line, syntax, state.0, &mut pieces);
        let before = self.tokens.len();
        let mut indent = state.1;
        if !pieces.is_empty() {
            indent = indent_of(line);
            self.tokens.push(break_of(state.1, indent));
        }
        for p in &pieces {
            self.tokens.push(token_of(line, p, words));
        }
        self.lines.push(Line {
            bytes: line.len() as u32,
            tokens: (self.tokens.len() - before) as u32,
            indent,
            after: end.inside,
        });
        *state = (end.inside, indent);
    }
}

impl Sheet {
    /// An empty document.
    pub fn new(syntax: &'static Syntax) -> Sheet {
        Sheet {
            syntax,
            rope: Rope::new(),
            lines: Vec::new(),
            tokens: vec![START],
            sorted: Vec::new(),
            names: TokenMap::default(),
        }
    }

    /// All that is kept up to date, to compare.
    #[cfg(test)]
    pub fn parts(&self) -> impl PartialEq + std::fmt::Debug {
        let mut names: Vec<_> = self.names.iter().map(|(w, n)| (*w, *n)).collect();
        names.sort_unstable();
        let lines: Vec<_> = self.lines.iter().map(|l| format!("{l:?}")).collect();
        (lines, self.tokens.clone(), self.sorted.clone(), names)
    }

    /// Whether the text is this very one.
    pub fn is_of(&self, rope: &Rope) -> bool {
        rope.is_instance(&self.rope)
    }

    /// The stream, from `START` on.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The sorted array.
    pub fn sorted(&self) -> &[u32] {
        &self.sorted
    }

    /// How often each word number occurs.
    pub fn names(&self) -> &TokenMap<u32> {
        &self.names
    }

    /// Bytes held, without the rope that the caller shares.
    pub fn bytes(&self) -> usize {
        4 * (self.tokens.capacity() + self.sorted.capacity())
            + 16 * self.lines.capacity()
            + 9 * self.names.capacity()
    }

    /// The tokens before the line that begins at byte `start`, as a count; what that line begins inside of; the
    /// indentation of the last code line before it; the count of tokens up to the line's end.
    pub fn place(&self, start: usize) -> (usize, Inside, u32, usize) {
        let (mut bytes, mut tokens, mut inside, mut indent) = (0, 1, CODE, 0);
        for line in &self.lines {
            if bytes >= start {
                return (tokens, inside, indent, tokens + line.tokens as usize);
            }
            bytes += line.bytes as usize;
            tokens += line.tokens as usize;
            inside = line.after;
            indent = line.indent;
        }
        (tokens, inside, indent, tokens)
    }

    /// Takes the text as it is now. Costs what changed, plus one pass over text and array.
    pub fn sync(&mut self, rope: &Rope, words: &mut Words) {
        if rope.is_instance(&self.rope) {
            return;
        }
        let (same, tail) = middle(&self.rope, rope);
        if same == rope.len_bytes() && same == self.rope.len_bytes() {
            self.rope = rope.clone();
            return;
        }
        let old_len = self.rope.len_bytes();
        let new_len = rope.len_bytes();
        // The line of the byte before the change: a line break may have been joined with what follows.
        let (mut first, mut start, mut at) = (0, 0, 1);
        let mut state = (CODE, 0);
        while let Some(line) = self.lines.get(first)
            && start + line.bytes as usize <= same.saturating_sub(1)
        {
            start += line.bytes as usize;
            at += line.tokens as usize;
            state = (line.after, line.indent);
            first += 1;
        }
        let mut lexed = Lexed::default();
        let (mut last, mut old, mut new, mut gone) = (first, start, start, 0);
        let mut old_state = state;
        let mut rest = rope.lines_at(rope.byte_to_line(start));
        // Until both texts are at a line start after the change and lexing would go on as before.
        while new < new_len - tail || new_len - new != old_len - old || state != old_state {
            let Some(line) = rest.next().filter(|l| l.len_bytes() > 0) else {
                last = self.lines.len();
                gone = self.tokens.len() - at;
                break;
            };
            lexed.line(&Cow::from(line), self.syntax, &mut state, words);
            new += line.len_bytes();
            while let Some(line) = self.lines.get(last)
                && old_len - old > new_len - new
            {
                old += line.bytes as usize;
                gone += line.tokens as usize;
                old_state = (line.after, line.indent);
                last += 1;
            }
        }
        self.lines.splice(first..last, lexed.lines);
        self.replace(at, gone, &lexed.tokens);
        self.rope = rope.clone();
    }

    /// Puts `fresh` in the place of `gone` tokens from `at`, and repairs the array.
    fn replace(&mut self, at: usize, gone: usize, fresh: &[Token]) {
        // What is equal at both ends stays: most keystrokes change one token of a line.
        let old = &self.tokens[at..at + gone];
        let head = old.iter().zip(fresh).take_while(|(a, b)| a == b).count();
        let most = old.len().min(fresh.len()) - head;
        let tail = old.iter().rev().zip(fresh.iter().rev());
        let tail = tail.take(most).take_while(|(a, b)| a == b).count();
        let (at, gone, fresh) = (
            at + head,
            gone - head - tail,
            &fresh[head..fresh.len() - tail],
        );
        if gone == 0 && fresh.is_empty() {
            return;
        }
        for t in &self.tokens[at..at + gone] {
            if let Some(n) = self.names.get_mut(&(t >> 1)) {
                *n -= 1;
                if *n == 0 {
                    self.names.remove(&(t >> 1));
                }
            }
        }
        for t in fresh {
            *self.names.entry(t >> 1).or_default() += 1;
        }
        self.tokens.splice(at..at + gone, fresh.iter().copied());
        if fresh.len() > self.tokens.len() / 4 {
            self.sorted = array::build(&self.tokens);
            return;
        }
        // Positions whose context touches the change are taken out and sorted in again.
        let (first, last) = (at as u32, (at + gone + DEPTH) as u32);
        let mut kept = without(&self.sorted, first, last);
        let (more, less) = (fresh.len() as u32, gone as u32);
        if more != less {
            for p in &mut kept {
                *p = if *p >= last { *p - less + more } else { *p };
            }
        }
        let end = (at + fresh.len() + DEPTH).min(self.tokens.len()) as u32;
        let mut moved: Vec<u32> = (first..end).collect();
        moved.sort_unstable_by(|a, b| array::order(&self.tokens, *a, *b));
        self.sorted.clear();
        self.sorted.reserve(kept.len() + moved.len());
        let mut from = 0;
        for p in moved {
            let part = &kept[from..];
            let to = from + part.partition_point(|q| array::order(&self.tokens, *q, p).is_lt());
            self.sorted.extend_from_slice(&kept[from..to]);
            self.sorted.push(p);
            from = to;
        }
        self.sorted.extend_from_slice(&kept[from..]);
    }
}

/// The positions outside of a range. Most keystrokes take out some twenty of many thousands, so runs are copied whole.
fn without(sorted: &[u32], first: u32, last: u32) -> Vec<u32> {
    let inside = |p: u32| p.wrapping_sub(first) < last - first;
    let mut kept = Vec::with_capacity(sorted.len());
    for run in sorted.chunks(64) {
        // No short cut: a plain reduction is done many at a time.
        if run.iter().fold(false, |any, p| any | inside(*p)) {
            kept.extend(run.iter().filter(|p| !inside(**p)));
        } else {
            kept.extend_from_slice(run);
        }
    }
    kept
}

/// Bytes that two texts share at the start, and at the end of what is left.
fn middle(a: &Rope, b: &Rope) -> (usize, usize) {
    let same = shared(a.chunks(), b.chunks(), false);
    let most = a.len_bytes().min(b.len_bytes()) - same;
    let tail = shared(
        a.chunks_at_byte(a.len_bytes()).0.reversed(),
        b.chunks_at_byte(b.len_bytes()).0.reversed(),
        true,
    );
    (same, tail.min(most))
}

fn shared<'a>(
    mut a: impl Iterator<Item = &'a str>,
    mut b: impl Iterator<Item = &'a str>,
    back: bool,
) -> usize {
    let (mut x, mut y): (&[u8], &[u8]) = (&[], &[]);
    let mut same = 0;
    loop {
        if x.is_empty() {
            match a.next() {
                Some(c) => x = c.as_bytes(),
                None => return same,
            }
            continue;
        }
        if y.is_empty() {
            match b.next() {
                Some(c) => y = c.as_bytes(),
                None => return same,
            }
            continue;
        }
        let n = x.len().min(y.len());
        let (p, q) = if back {
            (&x[x.len() - n..], &y[y.len() - n..])
        } else {
            (&x[..n], &y[..n])
        };
        if p != q {
            let pairs = p.iter().zip(q);
            return same
                + if back {
                    pairs.rev().take_while(|(s, t)| s == t).count()
                } else {
                    pairs.take_while(|(s, t)| s == t).count()
                };
        }
        same += n;
        if back {
            x = &x[..x.len() - n];
            y = &y[..y.len() - n];
        } else {
            x = &x[n..];
            y = &y[n..];
        }
    }
}
