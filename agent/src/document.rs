//! One open document: its text, its version, its tree once somebody asks for it, and where it was edited last.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use nextline_grammars::{InputEdit, Language, Point, Syntax};
use nextline_protocol::document::{Change, Item};
use tokio_util::sync::CancellationToken;

use crate::text::{Byte, Encoding, Text};

pub mod edits;
pub mod history;
pub mod journal;
pub mod place;

use edits::{Edits, Step};
use history::History;
use journal::{Change as Moved, Journal};

/// Bytes of a text above which it is neither parsed nor completed.
pub const COMPLETED_CAP: usize = 5 << 20;
/// Edits that an unparsed tree may be behind; more are not worth replaying.
const EDITS_BEHIND: usize = 512;
/// Places of recent edits that are remembered.
const RECENT: usize = 16;
/// Bytes of a deletion above which it was no second thought about a few lines.
const DELETED_CAP: usize = 4 << 10;
/// Time that one parse may take, off the wire's task.
const PARSE_BUDGET: Duration = Duration::from_millis(400);

/// An open document. A clone shares text and tree.
#[derive(Debug, Clone)]
pub struct Document {
    /// Counts the documents that this process has opened; one opened again is another.
    pub serial: u64,
    /// As the client spells it.
    pub uri: Arc<str>,
    /// LSP language identifier, as the client gave it.
    pub language_id: Arc<str>,
    /// The row of the language table, if there is one.
    pub language: Option<&'static Language>,
    /// As the client counts; `None` from clients that do not.
    pub version: Option<i64>,
    /// The text.
    pub text: Text,
    /// Why our text may differ from the client's; `None` while it is known to be equal.
    pub lost: Option<Misfit>,
    /// Cancelled by the next edit: what is computed for this text is out of date then.
    pub stale: CancellationToken,
    /// Spans of the last edits in this text, newest first.
    pub recent: VecDeque<Range<Byte>>,
    /// How it was last changed.
    pub edits: Edits,
    /// Where it was changed since it was opened.
    pub journal: Journal,
    /// What was done to it lately.
    pub history: History,
    deleted: Option<Deleted>,
    syntax: Arc<SyntaxCell>,
    /// True once a CR stood alone: tree-sitter and LSP then count rows differently, and edits cannot be replayed.
    lone_cr: bool,
}

/// What the last deletion took away, by one edit or by several that meet.
#[derive(Debug, Clone)]
struct Deleted {
    at: Byte,
    text: Arc<str>,
}

/// A tree that is made when it is first asked for, from an older one where there is one.
#[derive(Debug, Clone, Default)]
struct SyntaxCell {
    base: Option<Syntax>,
    edits: Vec<InputEdit>,
    parsed: OnceLock<Option<Syntax>>,
}

/// A change that does not fit the text that we have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The version does not follow ours.
    #[error("version {theirs} does not follow {ours}")]
    Version {
        /// Of our text.
        ours: i64,
        /// Of the change.
        theirs: i64,
    },
    /// A range that names no span of our text.
    #[error("{0}")]
    Range(#[from] crate::text::BadPosition),
    /// An incremental change of a text that was never opened, or of a lost one.
    #[error("the text before this edit is not known")]
    Unknown,
    /// The message that held the text was too large to be read.
    #[error("its message was over {0} MB")]
    TooLarge(usize),
    /// The params could not be read.
    #[error("the edit could not be read: {0}")]
    Params(String),
}

impl Document {
    /// A document as `didOpen` brings it.
    pub fn new(item: Item) -> Document {
        let path = place::path_of(&item.uri);
        let by_path = || path.as_deref().and_then(Language::by_path);
        static OPENED: AtomicU64 = AtomicU64::new(0);
        Document {
            serial: OPENED.fetch_add(1, Ordering::Relaxed),
            language: Language::by_id(&item.language_id).or_else(by_path),
            uri: item.uri.into(),
            language_id: item.language_id.into(),
            version: item.version,
            lone_cr: has_lone_cr(&item.text),
            text: Text::from(item.text.as_str()),
            lost: None,
            stale: CancellationToken::new(),
            recent: VecDeque::new(),
            edits: Edits::default(),
            journal: Journal::default(),
            history: History::default(),
            deleted: None,
            syntax: Arc::default(),
        }
    }

    /// Applies the changes of one `didChange`, all or nothing.
    pub fn change(
        &mut self,
        version: Option<i64>,
        changes: &[Change],
        encoding: Encoding,
    ) -> Result<(), Misfit> {
        // What stands before the last whole text is overwritten by it.
        let from = changes
            .iter()
            .rposition(|change| change.range.is_none())
            .unwrap_or(0);
        let changes = &changes[from..];
        let whole = changes.first().is_some_and(|change| change.range.is_none());
        if !whole {
            if self.lost.is_some() {
                return Err(Misfit::Unknown);
            }
            if let (Some(ours), Some(theirs)) = (self.version, version)
                && theirs <= ours
            {
                return Err(Misfit::Version { ours, theirs });
            }
        }
        let before = (
            self.text.clone(),
            self.recent.clone(),
            self.deleted.clone(),
            self.syntax.clone(),
            self.journal.clone(),
            self.history.clone(),
            self.lone_cr,
        );
        let mut steps = Vec::new();
        for change in changes {
            match self.apply(change, encoding) {
                Ok(step) => steps.extend(step),
                Err(misfit) => {
                    (
                        self.text,
                        self.recent,
                        self.deleted,
                        self.syntax,
                        self.journal,
                        self.history,
                        self.lone_cr,
                    ) = before;
                    return Err(misfit);
                }
            }
        }
        drop(before);
        self.edits.take(steps, whole, Instant::now());
        if version.is_some() {
            self.version = version;
        }
        self.lost = None;
        self.outdate();
        Ok(())
    }

    /// What is computed for the text as it was is out of date.
    pub fn outdate(&mut self) {
        std::mem::take(&mut self.stale).cancel();
    }

    /// The tree goes; it is made anew when somebody asks.
    pub fn forget_tree(&mut self) {
        self.syntax = Arc::default();
        self.history.forget_trees();
    }

    /// Notes for the history what is about to change.
    fn revise(&mut self, old: Range<usize>, width: usize) {
        let mut history = std::mem::take(&mut self.history);
        history.note(old, width, || self.clone());
        self.history = history;
    }

    fn apply(&mut self, change: &Change, encoding: Encoding) -> Result<Option<Step>, Misfit> {
        let Some(range) = change.range else {
            let new = Text::from(change.text.as_str());
            let moved = journal::difference(self.text.rope(), new.rope());
            if let Some(moved) = moved {
                self.revise(moved.start..moved.old_end, moved.new_end - moved.start);
            }
            let old = std::mem::replace(&mut self.text, new);
            self.lone_cr = has_lone_cr(&change.text);
            self.recent.clear();
            self.deleted = None;
            if let Some(moved) = moved {
                self.journal.note(moved);
                self.replace_tree(&old);
            }
            return Ok(None);
        };
        let span = self.text.span(range.start, range.end, encoding)?;
        // CR and LF that are parted leave a lone CR behind.
        self.lone_cr |=
            has_lone_cr(&change.text) || self.text.char_before(span.start) == Some('\r');
        self.note_deletion(&span, &change.text);
        let start = self.point(span.start);
        let old_end = self.point(span.end);
        let removed =
            Step::keeps(span.end.0 - span.start.0).then(|| self.text.slice(span.clone()).into());
        let step = Step::new(range.start.line, span.start, removed, &change.text);
        self.revise(span.start.0..span.end.0, change.text.len());
        self.text.replace(span.clone(), &change.text);
        let new_end = span.start + change.text.len();
        self.journal.note(Moved {
            start: span.start.0,
            old_end: span.end.0,
            new_end: new_end.0,
            line_start: matches!(self.text.char_before(new_end), None | Some('\n')),
        });
        let edit = InputEdit {
            start_byte: span.start.0,
            old_end_byte: span.end.0,
            new_end_byte: new_end.0,
            start_position: start,
            old_end_position: old_end,
            new_end_position: self.point(new_end),
        };
        self.push_edit(edit);
        self.remember(span, new_end);
        Ok(Some(step))
    }

    fn point(&self, at: Byte) -> Point {
        let (row, column) = self.text.row_column(at);
        Point { row, column }
    }

    fn push_edit(&mut self, edit: InputEdit) {
        if self.lone_cr {
            self.forget_tree();
            return;
        }
        let cell = Arc::make_mut(&mut self.syntax);
        if let Some(Some(parsed)) = cell.parsed.take() {
            cell.base = Some(parsed);
            cell.edits.clear();
        }
        if cell.base.is_none() {
            return;
        }
        cell.edits.push(edit);
        if cell.edits.len() > EDITS_BEHIND {
            *cell = SyntaxCell::default();
        }
    }

    /// A whole new text is one edit: what is equal at both ends keeps its tree.
    fn replace_tree(&mut self, old: &Text) {
        let same = |a: &mut dyn Iterator<Item = u8>, b: &mut dyn Iterator<Item = u8>| {
            a.zip(b).take_while(|(a, b)| a == b).count()
        };
        let start = same(&mut old.rope().bytes(), &mut self.text.rope().bytes());
        let start = old.floor(Byte(start)).min(self.text.floor(Byte(start)));
        let shorter = old.len().min(self.text.len()) - start.0;
        let (mut old_back, mut new_back) = (
            old.rope().bytes_at(old.len()).reversed(),
            self.text.rope().bytes_at(self.text.len()).reversed(),
        );
        let end = same(&mut old_back, &mut new_back).min(shorter);
        // Back to a boundary of characters in both.
        let end = (0..4)
            .map(|back| end.saturating_sub(back))
            .find(|end| old.floor(old.end() - *end) == old.end() - *end)
            .unwrap_or(0);
        let point = |text: &Text, at: Byte| {
            let (row, column) = text.row_column(at);
            Point { row, column }
        };
        let (old_end, new_end) = (old.end() - end, self.text.end() - end);
        self.push_edit(InputEdit {
            start_byte: start.0,
            old_end_byte: old_end.0,
            new_end_byte: new_end.0,
            start_position: point(old, start),
            old_end_position: point(old, old_end),
            new_end_position: point(&self.text, new_end),
        });
    }

    fn remember(&mut self, old: Range<Byte>, new_end: Byte) {
        let moved = |at: Byte| {
            if at >= old.end {
                at - old.end.0 + new_end.0
            } else {
                at
            }
        };
        for span in &mut self.recent {
            *span = moved(span.start)..moved(span.end).max(moved(span.start));
        }
        // Typing on at the end of the last edit is the same edit.
        match self.recent.front_mut() {
            Some(last) if last.start <= old.start && old.start <= last.end => {
                last.end = last.end.max(new_end)
            }
            _ => {
                self.recent.push_front(old.start..new_end);
                self.recent.truncate(RECENT);
            }
        }
    }

    fn note_deletion(&mut self, span: &Range<Byte>, with: &str) {
        let length = span.end.0 - span.start.0;
        if !with.is_empty() || length == 0 || length > DELETED_CAP {
            // White space may be typed where something was deleted; a word there is a new thought.
            let blank = length == 0 && with.trim().is_empty();
            self.deleted = self
                .deleted
                .take()
                .filter(|before| blank && before.at <= span.start);
            return;
        }
        let gone = self.text.slice(span.clone());
        let text = match &self.deleted {
            Some(before) if before.at == span.end => format!("{gone}{}", before.text),
            Some(before) if before.at == span.start => format!("{}{gone}", before.text),
            _ => gone,
        };
        self.deleted = (text.len() <= DELETED_CAP).then(|| Deleted {
            at: span.start,
            text: text.into(),
        });
    }

    /// What the last edits deleted at a place, if nothing but white space was typed there since.
    pub fn deleted_at(&self, at: Byte) -> Option<&str> {
        let deleted = self.deleted.as_ref()?;
        let near = deleted.at <= at && at.0 - deleted.at.0 <= DELETED_CAP;
        (near && self.text.slice(deleted.at..at).trim().is_empty()).then_some(&*deleted.text)
    }

    /// The tree of this text, made now if it is not there yet: blocks, so it belongs off the wire's task. `None` for texts without a
    /// grammar, over the cap, or that took too long.
    pub fn syntax(&self) -> Option<&Syntax> {
        self.syntax.parsed.get_or_init(|| self.parse()).as_ref()
    }

    fn parse(&self) -> Option<Syntax> {
        let language = self.language.filter(|language| language.has_grammar())?;
        if self.text.len() > COMPLETED_CAP {
            return None;
        }
        let pieces = pieces(&self.text);
        match &self.syntax.base {
            Some(base) => base.reparse(&self.syntax.edits, pieces, PARSE_BUDGET),
            None => Syntax::parse(language, pieces, PARSE_BUDGET),
        }
    }
}

/// A text as the parser reads it: from an offset to the end of the rope's chunk.
pub fn pieces<'t>(text: &'t Text) -> impl FnMut(usize) -> &'t [u8] {
    move |at| match text.rope().get_chunk_at_byte(at) {
        Some((chunk, start, _, _)) => chunk.as_bytes().get(at - start..).unwrap_or_default(),
        None => &[],
    }
}

fn has_lone_cr(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes
        .iter()
        .enumerate()
        .any(|(at, byte)| *byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'))
}

#[cfg(test)]
mod tests;
