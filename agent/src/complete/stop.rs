//! When an answer is complete before its stream is: the line ended, the block did, or the model runs away.

pub mod lex;
pub mod loops;

use super::extent::{self, Block, Extent, columns};
use super::site::Site;
use super::trim::head::{FENCE, Start, head};
use lex::Lexer;
use loops::Loops;

/// Most bytes of an answer (`promises.md`, LLM output).
pub const BYTES: usize = 64 << 10;
/// Most bytes of one line: nobody types a longer one.
const LINE: usize = 4 << 10;
/// Bytes of an answer in which its start is looked for at every piece; one whose start is not known by then, and which ends soon after,
/// may be left to the rules of trimming.
const HEAD: usize = 512;
/// Most lines of a block; more than a screen is not read before it is accepted.
const LINES: usize = 120;

/// First words of lines that go on with what the block above began.
const FURTHER: &[&str] = &[
    "else", "elif", "elsif", "elseif", "except", "catch", "finally", "rescue", "ensure", "when",
];
/// First words of lines that close a block without a bracket.
const CLOSERS: &[&str] = &[
    "end",
    "fi",
    "done",
    "esac",
    "endif",
    "endwhile",
    "endfor",
    "endforeach",
    "endfunction",
];

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By the model, or where its line or block did.
    Whole,
    /// In the middle: by a limit of tokens, or by a cap.
    Half,
}

/// Watches an answer while it arrives. What it says depends on the text alone, never on how the text was cut up.
#[derive(Debug)]
pub struct Stop<'a> {
    site: &'a Site,
    start: Option<Start>,
    /// Bytes from which on it is worth asking again where the answer starts.
    look_at: usize,
    /// Up to where lines were read, and up to where there is no line break after that.
    read: usize,
    searched: usize,
    /// The end of each line, and of the last one with content.
    ends: Vec<usize>,
    end: usize,
    /// A blank line came after the last one with content.
    blank: bool,
    /// The last line opens a block without a bracket.
    opens: bool,
    /// Columns that the model leaves out of every line after the first.
    left_out: usize,
    lexer: Lexer,
    loops: Loops,
}

impl<'a> Stop<'a> {
    /// Watches an answer for a site.
    pub fn new(site: &'a Site) -> Stop<'a> {
        Stop {
            site,
            start: None,
            look_at: 1,
            read: 0,
            searched: 0,
            ends: Vec::new(),
            end: 0,
            blank: false,
            opens: false,
            left_out: 0,
            lexer: Lexer::new(site.language),
            loops: Loops::default(),
        }
    }

    /// Looks at all of an answer so far. Once no more of it is wanted, how many of its bytes are, and how they end.
    pub fn feed(&mut self, answer: &str) -> Option<(usize, End)> {
        if self.start.is_none() {
            if answer.len() < self.look_at {
                return None;
            }
            let Some(start) = head(answer, self.site, answer.len() > BYTES) else {
                // Seldom enough that a long head costs no more than reading it a few times.
                self.look_at = answer.len() + 1 + answer.len().saturating_sub(HEAD) / 4;
                return None;
            };
            (self.read, self.searched, self.end) = (start.at, start.at, start.at);
            self.start = Some(start);
        }
        while let Some(found) = answer[self.searched..].find('\n') {
            let end = self.searched + found;
            let begin = std::mem::replace(&mut self.read, end + 1);
            self.searched = end + 1;
            let stopped = capped(answer, begin, end, self.site.extent)
                .or_else(|| self.line(answer[begin..end].trim_end_matches('\r'), begin));
            if stopped.is_some() {
                return stopped;
            }
        }
        self.searched = answer.len();
        capped(answer, self.read, answer.len(), self.site.extent)
    }

    /// Reads one whole line.
    fn line(&mut self, line: &str, begin: usize) -> Option<(usize, End)> {
        let end = begin + line.len();
        let first = self.ends.is_empty();
        if first && line.trim().is_empty() && self.site.before.trim().is_empty() {
            // Line breaks before the first word are the model's own start of the line.
            return None;
        }
        if self.start.is_some_and(|start| start.fenced) && line.trim() == FENCE {
            return Some((self.end, End::Whole));
        }
        self.ends.push(end);
        if let Some(kept) = self.loops.line(line) {
            return Some((self.ends[kept - 1], End::Whole));
        }
        let stopped = match self.site.extent {
            Extent::All => None,
            Extent::Line => Some(end),
            Extent::Block(block) => self.block(block, line, first, end),
        };
        let long = self.site.extent != Extent::All && self.ends.len() >= LINES;
        stopped.or(long.then_some(end)).map(|end| (end, End::Whole))
    }

    /// Reads one line of a block; the end of the block, if it is here.
    fn block(&mut self, block: Block, line: &str, first: bool, end: usize) -> Option<usize> {
        let text = line.trim();
        if text.is_empty() {
            self.blank = true;
            return None;
        }
        let word = text.split(|c: char| !c.is_alphanumeric()).next();
        let bracket = text.starts_with([')', ']', '}']);
        if !first && !self.lexer.is_within() && self.lexer.depth() <= 0 {
            let width = columns(line);
            if self.opens && !bracket && width > 0 && width < block.indent {
                self.left_out = block.indent;
            }
            let width = width + self.left_out;
            let outside = width < block.indent + usize::from(block.opened);
            let further = block.opened && word.is_some_and(|word| FURTHER.contains(&word));
            if outside && !bracket && !further {
                let closes = CLOSERS.contains(&text.trim_end_matches([';', ')', ',']));
                return Some(if closes { end } else { self.end });
            }
            // At the top of a file nothing closes; a blank line after something whole is as good.
            if block.indent == 0 && !block.opened && width == 0 && self.blank && !bracket {
                return Some(self.end);
            }
        }
        self.lexer.line(line);
        (self.end, self.blank, self.opens) = (end, false, extent::word(text));
        (self.lexer.depth() < 0).then_some(end)
    }
}

/// The cut through a line that grows too long, or through an answer that does.
fn capped(answer: &str, begin: usize, end: usize, extent: Extent) -> Option<(usize, End)> {
    let line = if extent == Extent::All {
        BYTES
    } else {
        begin + LINE
    };
    let cap = line.min(BYTES);
    (end > cap).then(|| (floor(answer, cap), End::Half))
}

/// The start of the character that holds a byte.
pub fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

/// The whole of an answer that does not arrive in parts.
pub fn whole(answer: &str, site: &Site) -> Option<(usize, End)> {
    // The last line is complete when the answer is.
    let line = format!("{answer}\n");
    let stopped = Stop::new(site).feed(&line);
    stopped.map(|(end, how)| (end.min(answer.len()), how))
}

#[cfg(test)]
mod tests;
