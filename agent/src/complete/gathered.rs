//! What the workspace offers for a prompt: gathered off the wire's task within its time, kept for the line that it was gathered for.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nextline_protocol::agent::{ContextExplainResult, ContextPiece};
use ropey::Rope;

use crate::context::{self, Context, ContextAsk};
use crate::document::Document;
use crate::index::library::{Library, Limits, Stock};
use crate::prompt::{Budget, Piece, shares};
use crate::settings::Settings;
use crate::text::{Byte, Text};

/// Places of recent edits and openings that are remembered.
const RECENT: usize = 16;
/// Lines around an edit that belong to its place.
const AROUND: usize = 4;
/// Lines of a document that was just opened.
const OPENED: u32 = 30;
/// Bytes of the current document, before the cursor and after it, that are searched.
const REACH: usize = 256 << 10;
/// Bytes of a path in a prompt, about.
const PATH: usize = 40;

/// What was gathered for one document.
struct Kept {
    /// The document and what stands before the cursor's line.
    bucket: u64,
    found: Arc<Found>,
    /// What was looked at.
    seen: Seen,
    /// A newer look is under way.
    looking: bool,
}

/// What makes a newer look at one line worth its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Length of what stands on the line up to the word that is being typed.
    pub named: usize,
    /// Of the index.
    pub edition: u64,
}

/// Pieces for a prompt.
#[derive(Debug, Default)]
pub struct Found {
    context: Context,
    /// The document and its first line that was searched.
    current: (String, u32),
}

impl Found {
    /// The pieces as prompts take them. `file` gives the place on disk of a key.
    pub fn pieces(&self, file: impl Fn(&str) -> String) -> Vec<Piece> {
        let pieces = self.context.pieces.iter();
        let piece = |piece: &context::Ranked| Piece {
            path: piece.path.clone(),
            text: piece.text.clone(),
            file: file(&piece.key),
            lines: self.lines(piece),
            rule: piece.source.name().into(),
        };
        pieces.map(piece).collect()
    }

    /// The lines of a piece, counted from 1.
    fn lines(&self, piece: &context::Ranked) -> Range<u32> {
        let (key, first) = &self.current;
        let skipped = if *piece.key == **key { *first } else { 0 };
        piece.lines.start + skipped + 1..piece.lines.end + skipped + 1
    }
}

/// What was gathered for all documents, and where work was done last.
#[derive(Default)]
pub struct Gathered {
    library: Mutex<Option<(Limits, Arc<Library>)>>,
    kept: Mutex<HashMap<String, Kept>>,
    recent: Mutex<VecDeque<(Arc<str>, Range<u32>)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives the path of a file by its key as a model shall see it.
type Paths = Box<dyn Fn(&str) -> Option<String> + Send>;

/// What one look needs.
pub struct Look {
    /// The document's key.
    pub key: String,
    /// Its text.
    pub text: Text,
    /// The cursor.
    pub at: Byte,
    /// Of the document and what stands before the cursor's line.
    pub bucket: u64,
    /// What makes it different from another one of the same line.
    pub seen: Seen,
    /// Of the prompt.
    pub budget: Budget,
    /// The path of a file by its key as a model shall see it; `None` for one that must not be shown.
    pub path: Paths,
    /// From then on nothing more is looked at.
    pub deadline: Instant,
}

impl Gathered {
    /// Takes new settings. True if the index is new.
    pub fn configure(&self, settings: &Settings) -> bool {
        let limits = limits(settings);
        let mut library = lock(&self.library);
        if library.as_ref().map(|(limits, _)| *limits) == limits {
            return false;
        }
        *library = limits.map(|limits| (limits, Arc::new(Library::new(limits))));
        library.is_some()
    }

    /// Reads in an index that others read too; nothing is open in it yet.
    pub fn move_to(&self, settings: &Settings, index: Option<&Arc<Stock>>) {
        let library = limits(settings).zip(index);
        *lock(&self.library) =
            library.map(|(limits, index)| (limits, Arc::new(Library::reading(index))));
        lock(&self.kept).clear();
    }

    /// The index of the workspace, where there is one.
    pub fn library(&self) -> Option<Arc<Library>> {
        let library = lock(&self.library);
        library.as_ref().map(|(_, library)| library.clone())
    }

    /// A document was changed there.
    pub fn edited(&self, key: &str, document: &Document, at: Byte) {
        let Some(library) = self.library() else {
            return;
        };
        library.open(key, document.text.rope());
        let line = document.text.line_of(at);
        let lines = line.saturating_sub(AROUND) as u32..(line + AROUND) as u32 + 1;
        self.visited(key, lines);
    }

    /// A document was opened.
    pub fn opened(&self, key: &str, text: &Rope) {
        if let Some(library) = self.library() {
            library.open(key, text);
            self.visited(key, 0..OPENED);
        }
    }

    fn visited(&self, key: &str, lines: Range<u32>) {
        let mut recent = lock(&self.recent);
        let meets = |(other, old): &(Arc<str>, Range<u32>)| {
            **other == *key && old.start <= lines.end && lines.start <= old.end
        };
        match recent.front_mut() {
            Some(front) if meets(front) => front.1 = lines,
            _ => {
                recent.retain(|place| !meets(place));
                recent.push_front((key.into(), lines));
                recent.truncate(RECENT);
            }
        }
    }

    /// A document was closed.
    pub fn closed(&self, key: &str) {
        if let Some(library) = self.library() {
            library.close(key);
        }
        lock(&self.kept).remove(key);
    }

    /// What was gathered for this line before; `true` beside it for the one caller that shall look again, because there is more to
    /// see.
    pub fn of_line(&self, key: &str, bucket: u64, seen: Seen) -> Option<(Arc<Found>, bool)> {
        let mut kept = lock(&self.kept);
        let kept = kept.get_mut(key).filter(|kept| kept.bucket == bucket)?;
        let again = kept.seen != seen && !kept.looking;
        kept.looking |= again;
        Some((kept.found.clone(), again))
    }

    /// Gathers, and keeps it. Blocks until the deadline at most.
    pub fn look(&self, library: &Library, look: &Look) -> Arc<Found> {
        let line = look.text.line_span(look.text.line_of(look.at));
        let before = look.text.slice(look.at - REACH..look.at);
        let after = look.text.slice(look.at..look.at + REACH);
        let shares = shares(look.budget, before.len(), after.len());
        let recent: Vec<(Arc<str>, Range<u32>)> = lock(&self.recent).iter().cloned().collect();
        let recent: Vec<context::Place<'_>> = recent
            .iter()
            // Where the cursor is now is in the prompt anyway.
            .filter(|(key, lines)| **key != *look.key || !holds(lines, &look.text, line.start))
            .map(|(key, lines)| context::Place {
                key,
                lines: lines.clone(),
            })
            .collect();
        let last = lock(&self.kept)
            .get(&look.key)
            .map(|kept| kept.found.clone());
        let shelf = library.shelf();
        let context = context::gather(&ContextAsk {
            shelf: &shelf,
            key: &look.key,
            before: &before,
            after: &after,
            shown: (shares.before, shares.after),
            recent: &recent,
            room: shares.pieces,
            frame: shares.frame + PATH,
            path: &*look.path,
            late: &|| Instant::now() >= look.deadline,
            last: last.as_deref().map(|last| &last.context),
        });
        let first = look.text.line_of(look.at - REACH);
        let found = Arc::new(Found {
            context,
            current: (look.key.clone(), u32::try_from(first).unwrap_or(u32::MAX)),
        });
        let kept = Kept {
            bucket: look.bucket,
            found: found.clone(),
            seen: look.seen,
            looking: false,
        };
        lock(&self.kept).insert(look.key.clone(), kept);
        found
    }

    /// What the last prompt of a document was offered, for people.
    pub fn explain(&self, key: &str) -> ContextExplainResult {
        let found = lock(&self.kept).get(key).map(|kept| kept.found.clone());
        let Some(found) = found else {
            return ContextExplainResult::default();
        };
        let piece = |piece: &context::Ranked| ContextPiece {
            path: piece.path.clone(),
            start_line: found.lines(piece).start,
            end_line: found.lines(piece).end - 1,
            source: piece.source.name().to_owned(),
            score: f64::from(piece.score),
            tokens: piece.tokens,
        };
        ContextExplainResult {
            pieces: found.context.pieces.iter().map(piece).collect(),
            found_nothing_new: found.context.found_nothing_new,
            late: found.context.late,
        }
    }
}

/// What the index may hold: one is kept where a route may need it.
pub fn limits(settings: &Settings) -> Option<Limits> {
    let asked = [
        Some(settings.completion.route.as_str()).filter(|route| *route != "local"),
        settings.next.route.as_deref(),
        settings.edit.route.as_deref(),
        settings.chat.route.as_deref(),
    ];
    let wanted = settings.context.enabled && asked.iter().any(Option::is_some);
    wanted.then(|| Limits {
        max_held: usize::try_from(settings.context.max_memory_mb << 20).unwrap_or(usize::MAX),
        max_file: usize::try_from(settings.local.max_file_bytes).unwrap_or(usize::MAX),
    })
}

fn holds(lines: &Range<u32>, text: &Text, at: Byte) -> bool {
    u32::try_from(text.line_of(at)).is_ok_and(|line| lines.contains(&line))
}

/// Time for a look that nobody waits for.
pub const UNHURRIED: Duration = Duration::from_millis(200);
