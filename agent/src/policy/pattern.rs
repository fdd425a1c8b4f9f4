//! One line of an ignore file against a path, as git reads it: bytes, not characters, and never more steps than pattern times path.

/// A pattern that was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// As it stands in the file.
    pub text: String,
    /// Its line, counted from 1; of a list in the settings, its place there.
    pub line: u32,
    /// `!`: what it matches is let in again.
    pub negated: bool,
    /// A slash at its end: it matches folders only.
    folders: bool,
    /// A slash within it: it is read from the file's own folder on, else it is the name of anything below.
    anchored: bool,
    /// ASCII letters match in either case.
    fold: bool,
    shape: Shape,
}

/// Most patterns are no more than a name or an ending, which is told without steps.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Whole(Vec<u8>),
    End(Vec<u8>),
    Steps(Vec<Step>),
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Byte(u8),
    /// `?`: any byte but a slash.
    One,
    /// `[…]`: one bit for each byte.
    Class(Box<[u64; 4]>),
    /// `*`: any bytes but slashes.
    Star,
    /// `**/`: no folder or several.
    Folders,
    /// `**` at the end: everything.
    Rest,
}

/// Why a line is no pattern.
pub type Fault = &'static str;

impl Pattern {
    /// Reads one line, its line break taken off; `None` for an empty line and for a comment.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in a few words. Git lets such a line match nothing; here it must not go unseen.
    pub fn read(line: &[u8], number: u32, fold: bool) -> Option<Result<Pattern, Fault>> {
        let text = trimmed(line);
        if text.is_empty() || text[0] == b'#' {
            return None;
        }
        let (negated, body) = match text.strip_prefix(b"!") {
            Some(body) => (true, body),
            None => (false, text),
        };
        let (folders, body) = match body.strip_suffix(b"/") {
            Some(body) => (true, body),
            None => (false, body),
        };
        if body.is_empty() {
            return None;
        }
        let anchored = body.contains(&b'/');
        let body = body.strip_prefix(b"/").unwrap_or(body);
        let shape = match shape(body, fold) {
            Ok(shape) => shape,
            Err(fault) => return Some(Err(fault)),
        };
        Some(Ok(Pattern {
            text: String::from_utf8_lossy(text).into_owned(),
            line: number,
            negated,
            folders,
            anchored,
            fold,
            shape,
        }))
    }

    /// Whether it matches a path that is relative to its file's folder, with slashes.
    pub fn matches(&self, path: &[u8], is_folder: bool) -> bool {
        if self.folders && !is_folder {
            return false;
        }
        let subject = match path.iter().rposition(|byte| *byte == b'/') {
            Some(slash) if !self.anchored => &path[slash + 1..],
            _ => path,
        };
        let same = |left: &[u8], right: &[u8]| match self.fold {
            true => left.eq_ignore_ascii_case(right),
            false => left == right,
        };
        match &self.shape {
            Shape::Whole(name) => same(name, subject),
            Shape::End(end) => {
                subject.len() >= end.len()
                    && same(end, &subject[subject.len() - end.len()..])
                    && !(self.anchored && subject[..subject.len() - end.len()].contains(&b'/'))
            }
            Shape::Steps(steps) => Run::new(steps, subject, self.fold).go(0, 0),
        }
    }
}

/// Without the spaces at the end that no backslash holds.
fn trimmed(line: &[u8]) -> &[u8] {
    let mut end = line.len();
    while end > 0 && line[end - 1] == b' ' {
        let slashes = line[..end - 1]
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\');
        if slashes.count() % 2 == 1 {
            break;
        }
        end -= 1;
    }
    &line[..end]
}

fn shape(body: &[u8], fold: bool) -> Result<Shape, Fault> {
    if body.contains(&0) {
        return Err("it holds a NUL byte: the file is no plain text");
    }
    let special = |byte: &u8| b"*?[\\".contains(byte);
    if !body.iter().any(special) {
        return Ok(Shape::Whole(body.to_vec()));
    }
    if let Some(end) = body.strip_prefix(b"*")
        && !end.iter().any(special)
        && !end.contains(&b'/')
    {
        return Ok(Shape::End(end.to_vec()));
    }
    let mut steps = Vec::new();
    let mut at = 0;
    while at < body.len() {
        match body[at] {
            b'?' => steps.push(Step::One),
            b'\\' => {
                at += 1;
                let byte = body.get(at).ok_or("it ends in a backslash")?;
                steps.push(Step::Byte(folded(*byte, fold)));
            }
            b'[' => {
                let (class, end) = class(body, at, fold)?;
                steps.push(Step::Class(class));
                at = end;
            }
            b'*' => {
                let stars = body[at..].iter().take_while(|byte| **byte == b'*').count();
                let after = body.get(at + stars);
                let opens = at == 0 || body[at - 1] == b'/';
                match after {
                    None if stars > 1 && opens => steps.push(Step::Rest),
                    Some(b'/') if stars > 1 && opens => {
                        steps.push(Step::Folders);
                        at += 1;
                    }
                    _ => steps.push(Step::Star),
                }
                at += stars - 1;
            }
            byte => steps.push(Step::Byte(folded(byte, fold))),
        }
        at += 1;
    }
    Ok(Shape::Steps(steps))
}

fn folded(byte: u8, fold: bool) -> u8 {
    if fold {
        byte.to_ascii_lowercase()
    } else {
        byte
    }
}

const UNCLOSED: Fault = "a `[` in it is not closed";

/// The set of bytes of the class that begins at `at`, and where its `]` is.
fn class(body: &[u8], mut at: usize, fold: bool) -> Result<(Box<[u64; 4]>, usize), Fault> {
    let mut set = [0u64; 4];
    let put = |set: &mut [u64; 4], byte: u8| set[usize::from(byte >> 6)] |= 1 << (byte & 63);
    at += 1;
    let negated = matches!(body.get(at), Some(b'!' | b'^'));
    at += usize::from(negated);
    let mut before: Option<u8> = None;
    let mut first = true;
    loop {
        let byte = *body.get(at).ok_or(UNCLOSED)?;
        match byte {
            b']' if !first => break,
            b'-' if before.is_some() && body.get(at + 1).is_some_and(|next| *next != b']') => {
                at += 1;
                if body[at] == b'\\' {
                    at += 1;
                }
                let last = *body.get(at).ok_or(UNCLOSED)?;
                for byte in before.unwrap_or(last)..=last {
                    put(&mut set, byte);
                }
                before = None;
            }
            b'[' if body.get(at + 1) == Some(&b':') => {
                let name = &body[at + 2..];
                let end = name.iter().position(|byte| *byte == b']').ok_or(UNCLOSED)?;
                match name[..end].strip_suffix(b":") {
                    Some(name) => {
                        let holds =
                            named(name).ok_or("a class like `[:alpha:]` in it is unknown")?;
                        (0..=127).filter(holds).for_each(|byte| put(&mut set, byte));
                        at += 2 + end;
                        before = None;
                    }
                    None => {
                        put(&mut set, byte);
                        before = Some(byte);
                    }
                }
            }
            _ => {
                let literal = match byte {
                    b'\\' => {
                        at += 1;
                        *body.get(at).ok_or(UNCLOSED)?
                    }
                    byte => byte,
                };
                put(&mut set, literal);
                before = Some(literal);
            }
        }
        first = false;
        at += 1;
    }
    if fold {
        for byte in b'a'..=b'z' {
            let upper = byte.to_ascii_uppercase();
            if holds(&set, byte) || holds(&set, upper) {
                put(&mut set, byte);
                put(&mut set, upper);
            }
        }
    }
    if negated {
        set = set.map(|bits| !bits);
    }
    // A class never matches a slash.
    set[0] &= !(1 << b'/');
    Ok((Box::new(set), at))
}

fn named(name: &[u8]) -> Option<fn(&u8) -> bool> {
    Some(match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| byte.is_ascii_graphic() || *byte == b' ',
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |byte| byte.is_ascii_whitespace() || *byte == 0x0b,
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}

fn holds(set: &[u64; 4], byte: u8) -> bool {
    set[usize::from(byte >> 6)] & 1 << (byte & 63) != 0
}

/// Steps on their way through a path. What failed once is not tried again: a hostile file buys no time.
struct Run<'a> {
    steps: &'a [Step],
    text: &'a [u8],
    fold: bool,
    /// By step and place, where there is more than one way.
    failed: Vec<bool>,
}

impl<'a> Run<'a> {
    fn new(steps: &'a [Step], text: &'a [u8], fold: bool) -> Run<'a> {
        let forks = |step: &&Step| matches!(step, Step::Star | Step::Folders);
        let several = steps.iter().filter(forks).count() > 1;
        let size = if several {
            (steps.len() + 1) * (text.len() + 1)
        } else {
            0
        };
        Run {
            steps,
            text,
            fold,
            failed: vec![false; size],
        }
    }

    fn go(&mut self, mut step: usize, mut at: usize) -> bool {
        while let Some(now) = self.steps.get(step) {
            let next = self.text.get(at);
            match now {
                Step::Rest => return true,
                Step::Star => return self.fork(step, at, |byte| byte != b'/'),
                Step::Folders => return self.fork(step, at, |_| true),
                Step::Byte(byte) if next.is_some_and(|next| folded(*next, self.fold) == *byte) => {}
                Step::One if next.is_some_and(|next| *next != b'/') => {}
                Step::Class(set) if next.is_some_and(|next| holds(set, *next)) => {}
                _ => return false,
            }
            step += 1;
            at += 1;
        }
        at == self.text.len()
    }

    /// Tries what follows a step that takes as many bytes as it is let.
    fn fork(&mut self, step: usize, mut at: usize, takes: fn(u8) -> bool) -> bool {
        let start = at;
        let place = |at: usize| step * (self.text.len() + 1) + at;
        if self.failed.get(place(at)).copied().unwrap_or(false) {
            return false;
        }
        let known = place(start);
        let whole = matches!(self.steps[step], Step::Folders);
        loop {
            let stands = !whole || at == start || self.text[at - 1] == b'/';
            if stands && self.go(step + 1, at) {
                return true;
            }
            match self.text.get(at) {
                Some(byte) if takes(*byte) => at += 1,
                _ => break,
            }
        }
        if let Some(failed) = self.failed.get_mut(known) {
            *failed = true;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Pattern {
        Pattern::read(line.as_bytes(), 1, false).unwrap().unwrap()
    }

    #[test]
    fn patterns_match_as_in_git() {
        for (line, path, folder, wanted) in [
            ("a", "a", false, true),
            ("a", "x/a", false, true),
            ("a", "ab", false, false),
            ("/a", "x/a", false, false),
            ("/a", "a", false, true),
            ("a/b", "a/b", false, true),
            ("a/b", "x/a/b", false, false),
            ("a/", "a", false, false),
            ("a/", "a", true, true),
            ("*.o", "x/y.o", false, true),
            ("*.o", ".o", false, true),
            ("/*.o", "x/y.o", false, false),
            ("a/*", "a/b", false, true),
            ("a/*", "a/b/c", false, false),
            ("a/**", "a/b/c", false, true),
            ("**/b", "b", false, true),
            ("**/b", "a/x/b", false, true),
            ("a/**/b", "a/b", false, true),
            ("a/**/b", "a/x/y/b", false, true),
            ("a/**/b", "axb", false, false),
            ("a**b", "axxb", false, true),
            ("x/a**b", "x/a/b", false, false),
            ("a?c", "abc", false, true),
            ("a[b-d]e", "ace", false, true),
            ("a[!b-d]e", "ace", false, false),
            ("a[!b-d]e", "a!e", false, true),
            ("a[]]e", "a]e", false, true),
            ("a[[:digit:]]", "a7", false, true),
            ("a[-x]", "a-", false, true),
            ("\\!a", "!a", false, true),
            ("\\#a", "#a", false, true),
            ("a\\ ", "a ", false, true),
            ("a   ", "a", false, true),
            ("foo{a,b}", "fooa", false, false),
            ("foo{a,b}", "foo{a,b}", false, true),
            ("é*", "é1", false, true),
            ("*/b", "a/x/b", false, false),
            ("a**/b", "ab", false, false),
            ("a[b-\\d]e", "ace", false, true),
            ("a[\\]]e", "a]e", false, true),
        ] {
            assert_eq!(
                read(line).matches(path.as_bytes(), folder),
                wanted,
                "{line} {path}"
            );
        }
        for line in ["", "   ", "# a", "/", "!", "!/"] {
            assert!(Pattern::read(line.as_bytes(), 1, false).is_none(), "{line}");
        }
        for line in ["a[b", "a\\", "[[:nix:]]", "a[b-"] {
            assert!(
                Pattern::read(line.as_bytes(), 1, false).unwrap().is_err(),
                "{line}"
            );
        }
        for (class, members) in [
            ("alnum", "aZ0"),
            ("blank", " \t"),
            ("cntrl", "\t\r\u{1}\u{b}"),
            ("graph", "aZ0-"),
            ("print", "aZ0- "),
            ("punct", "-"),
            ("space", " \t\r\u{b}"),
            ("upper", "Z"),
            ("xdigit", "a0"),
        ] {
            let pattern = read(&format!("[[:{class}:]]"));
            let all = ["a", "Z", "0", "-", " ", "\t", "\r", "\u{1}", "\u{b}"];
            let found = all.map(|one| pattern.matches(one.as_bytes(), false));
            assert_eq!(found, all.map(|one| members.contains(one)), "{class}");
        }
        let folded = Pattern::read(b"*.PEM", 1, true).unwrap().unwrap();
        assert!(folded.matches(b"x/key.pem", false));
        let folded = Pattern::read(b"ID_[A-C]*", 1, true).unwrap().unwrap();
        assert!(folded.matches(b"id_b1", false) && !folded.matches(b"id_d", false));
    }

    #[test]
    fn a_hostile_pattern_costs_no_time() {
        let line = "*a".repeat(60) + "b";
        let path = "a".repeat(2000);
        assert!(!read(&line).matches(path.as_bytes(), false));
        let line = "**/*a/".repeat(30) + "b";
        let path = "a/".repeat(400);
        assert!(!read(&line).matches(path.as_bytes(), false));
    }
}
