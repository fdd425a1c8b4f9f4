//! What stands around the cursor, as far as stopping and trimming ask: a few lines, the tree, and how far to go.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use memchr::memrchr_iter;
use nextline_grammars::{InputEdit, Language, Node, Place, Point, Syntax};

use super::extent::{self, Extent};
use super::{Ask, Trigger};
use crate::document::{Document, pieces};
use crate::door::off_wire;
use crate::settings::Multiline;
use crate::text::{Byte, Text};

/// Lines above and below the cursor's line that a model may repeat.
const LINES: usize = 40;
/// Bytes of those lines on either side.
const REACH: usize = 8 << 10;
/// Bytes around the cursor that must hold no error for the tree to have a say.
const NEAR: usize = 2 << 10;
/// Time that the tree may take before the rules of text decide.
const PATIENCE: Duration = Duration::from_millis(100);
/// Time for all looks at the tree with an answer in it; after that the rules of text decide.
const JUDGING: Duration = Duration::from_millis(150);

/// Languages whose text holds fences, so that a fence in an answer is text.
const FENCED: &[&str] = &[
    "markdown", "md", "mdx", "rmd", "quarto", "asciidoc", "djot", "norg", "typst",
];

/// The surroundings of the cursor.
#[derive(Debug)]
pub struct Site {
    text: Text,
    at: Byte,
    /// The cursor's line up to the cursor.
    pub before: String,
    /// The cursor's line from the cursor on, without its line break.
    pub after: String,
    above: String,
    below: String,
    /// The lines of `above` that are not blank.
    written: OnceLock<Vec<Written>>,
    /// What [`extent::is_open`] says.
    open: OnceLock<bool>,
    /// How far an answer may go.
    pub extent: Extent,
    /// Fences are text in this language.
    pub fenced: bool,
    /// The cursor is in a comment or in a string.
    pub quoted: bool,
    /// The range of an item is the popup's: nothing after the cursor can be replaced.
    pub fixed: bool,
    /// What was deleted last, at the cursor.
    pub deleted: Option<String>,
    /// The row of the language table.
    pub language: Option<&'static Language>,
    /// Where the tree comes from when it is asked for; `None` where the text is another than the tree's.
    document: Option<Arc<Document>>,
    /// Text alone decides.
    by_text: AtomicBool,
    errors: OnceLock<Option<usize>>,
    judging: Duration,
    /// Nanoseconds of it that are spent.
    judged: AtomicU64,
}

impl Site {
    /// Looks around the cursor, off the wire's task: by the tree if it is there in time, else by text alone.
    pub async fn look(ask: &Ask, text: &Text, at: Byte, multiline: Multiline) -> Site {
        let document = ask.document.clone();
        let (text, fixed) = (text.clone(), ask.selected.is_some());
        let mut site = Site::of(&document, text, at, multiline, fixed);
        // With the popup's entry in it the text is another than the tree's; and most lines need no tree to be lines.
        if !fixed && !site.is_plain() {
            let parsed = off_wire(move || document.syntax().is_some());
            if tokio::time::timeout(PATIENCE, parsed).await.is_ok() {
                site.ask_tree(multiline);
            } else {
                site.judge_by_text();
            }
        }
        // Who asks may have it back.
        if ask.trigger == Trigger::Invoked {
            site.deleted = None;
        }
        site
    }

    /// The same by text alone.
    fn of(
        document: &Arc<Document>,
        text: Text,
        at: Byte,
        multiline: Multiline,
        fixed: bool,
    ) -> Site {
        let line = text.line_span(text.line_of(at));
        let above = text.slice(line.start - REACH..line.start);
        let below = text.slice(line.end..line.end + REACH);
        let (before, after) = (text.slice(line.start..at), text.slice(at..line.end));
        let row = document.language.map_or("", Language::id);
        let fenced = FENCED.contains(&&*document.language_id) || FENCED.contains(&row);
        let mut site = Site {
            extent: Extent::Line,
            deleted: document.deleted_at(at).map(str::to_owned),
            language: document.language,
            errors: OnceLock::new(),
            judging: JUDGING,
            judged: AtomicU64::new(0),
            text,
            at,
            before,
            after,
            above,
            below,
            written: OnceLock::new(),
            open: OnceLock::new(),
            fenced,
            quoted: false,
            fixed,
            document: (!fixed).then(|| document.clone()),
            by_text: AtomicBool::new(false),
        };
        site.extent = extent::decide(&site, None, multiline);
        site
    }

    /// Lines above the cursor's line, nearest first.
    pub fn above(&self) -> impl Iterator<Item = &str> {
        self.above.lines().rev().take(LINES)
    }

    /// The lines above that are not blank, in their order: each up to its last word, and the same from its first one on.
    pub fn written_above(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        let written = self.written.get_or_init(|| written(&self.above));
        let line = |line: &Written| {
            (
                &self.above[line.start..line.end],
                &self.above[line.content..line.end],
            )
        };
        written.iter().map(line)
    }

    /// Lines below the cursor's line, nearest first.
    pub fn below(&self) -> impl Iterator<Item = &str> {
        self.below.lines().skip(1).take(LINES)
    }

    /// Decides again by the tree, which is made now if it is not there yet.
    fn ask_tree(&mut self, multiline: Multiline) {
        let place = self
            .syntax()
            .map(|syntax| syntax.place(self.at.0, pieces(&self.text)));
        self.quoted = place
            .as_ref()
            .is_some_and(|place| place.string || place.comment);
        self.extent = extent::decide(self, place.as_ref(), multiline);
    }

    /// True where a line is being written whose text says that it is one: no tree is waited for.
    pub fn is_plain(&self) -> bool {
        self.extent == Extent::Line && !*self.open.get_or_init(|| extent::is_open(self))
    }

    /// From now on text alone decides: no look at the tree is worth its time.
    pub fn judge_by_text(&self) {
        self.by_text.store(true, Ordering::Relaxed);
    }

    /// The tree, which is made now if it is not there yet: blocks, so it belongs off the wire's task.
    fn syntax(&self) -> Option<&Syntax> {
        let document = self
            .document
            .as_ref()
            .filter(|_| !self.by_text.load(Ordering::Relaxed))?;
        document.syntax()
    }

    /// Whether a block begins in a line below the cursor's, were it indented deeper. `None` without a tree.
    pub fn opens(&self, place: &Place) -> Option<bool> {
        let indent: String = self
            .before
            .chars()
            .take_while(|c| c.is_whitespace())
            .collect();
        let unit = if indent.starts_with('\t') {
            "\t"
        } else {
            "    "
        };
        let probe = format!("\n{indent}{unit}x");
        let at = self.at + probe.len() - 1;
        let (syntax, text) = self.with(&probe, 0)?;
        let probed = syntax.place(at.0, pieces(&text));
        Some(probed.block_start && (probed.block != place.block || place.block_start))
    }

    /// How many errors the tree has once `text` replaces `over` bytes from the cursor on. `None` without a tree.
    pub fn errors_with(&self, text: &str, over: usize) -> Option<usize> {
        self.with(text, over).map(|(syntax, _)| syntax.errors())
    }

    /// How many errors the tree has now.
    pub fn errors(&self) -> Option<usize> {
        *self
            .errors
            .get_or_init(|| self.syntax().map(Syntax::errors))
    }

    /// True if there is a tree and it has no error near the cursor.
    pub fn is_sound(&self) -> bool {
        let near = self.at.0.saturating_sub(NEAR)..self.at.0 + NEAR;
        self.syntax()
            .is_some_and(|syntax| !has_error(syntax.root(), &near))
    }

    fn with(&self, insert: &str, over: usize) -> Option<(Syntax, Text)> {
        let syntax = self.syntax()?;
        let mut text = self.text.clone();
        let point = |text: &Text, at: Byte| {
            let (row, column) = text.row_column(at);
            Point { row, column }
        };
        let (old_end, new_end) = (self.at + over, self.at + insert.len());
        let (start_position, old_end_position) = (point(&text, self.at), point(&text, old_end));
        text.replace(self.at..old_end, insert);
        let edit = InputEdit {
            start_byte: self.at.0,
            old_end_byte: old_end.0,
            new_end_byte: new_end.0,
            start_position,
            old_end_position,
            new_end_position: point(&text, new_end),
        };
        let spent = Duration::from_nanos(self.judged.load(Ordering::Relaxed));
        let begun = Instant::now();
        let left = self.judging.saturating_sub(spent);
        let parsed = syntax.reparse(&[edit], pieces(&text), left);
        let took = begun.elapsed().as_nanos() as u64;
        self.judged.fetch_add(took, Ordering::Relaxed);
        Some((parsed?, text))
    }
}

/// Where a line, its first and its last word are, in bytes.
#[derive(Debug)]
struct Written {
    start: usize,
    content: usize,
    end: usize,
}

/// The last lines of a text, but for the blank ones.
fn written(text: &str) -> Vec<Written> {
    let bytes = text.as_bytes();
    let mut next = text.len();
    let breaks = memrchr_iter(b'\n', bytes.strip_suffix(b"\n").unwrap_or(bytes));
    let starts = breaks.map(|end| end + 1).chain([0]);
    let lines = starts.take(LINES).map(|start| {
        let line = &text[start..std::mem::replace(&mut next, start)];
        Written {
            start,
            content: start + (line.len() - line.trim_start().len()),
            end: start + line.trim_end().len(),
        }
    });
    let mut found: Vec<Written> = lines.filter(|line| line.content < line.end).collect();
    found.reverse();
    found
}

fn has_error(node: Node<'_>, near: &std::ops::Range<usize>) -> bool {
    let touches = node.start_byte() <= near.end && node.end_byte() >= near.start;
    if !touches || !node.has_error() {
        return false;
    }
    if node.is_error() || node.is_missing() {
        return true;
    }
    let mut cursor = node.walk();
    let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
    children.into_iter().any(|child| has_error(child, near))
}

#[cfg(test)]
impl Site {
    /// The site of `$0` in a drawn text of a language.
    pub fn drawn(language: &str, drawn: &str, multiline: Multiline) -> Site {
        let at = drawn.find("$0").expect("a cursor");
        Site::at(language, &drawn.replacen("$0", "", 1), at, multiline)
    }

    /// The site of a byte in a text of a language.
    pub fn at(language: &str, text: &str, at: usize, multiline: Multiline) -> Site {
        let document = Arc::new(Document::new(nextline_protocol::document::Item {
            uri: "file:///a".into(),
            language_id: language.into(),
            text: text.into(),
            ..Default::default()
        }));
        let text = document.text.clone();
        let mut site = Site::of(&document, text, Byte(at), multiline, false);
        if !site.is_plain() {
            site.ask_tree(multiline);
        }
        // How long a machine takes says nothing of the rules.
        site.judging = Duration::MAX;
        site
    }
}
