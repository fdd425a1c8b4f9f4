//! The question to a route: the file at the cursor, and pieces of the workspace that help.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nextline_grammars::Language;

use super::Ask;
use super::gathered::{Found, Look, Seen, UNHURRIED};
use super::routed::{folder_of, relative_path};
use super::stem::Stem;
use crate::document::place::{key_of, path_of};
use crate::door::off_wire;
use crate::index;
use crate::prompt::{self, Budget, FimAsk, Piece, Prompt};
use crate::route::Route;
use crate::text::{Byte, Text, is_word};
use crate::world::Snapshot;

/// Tokens of a prompt where the route's settings say nothing.
const CONTEXT_TOKENS: u32 = 2048;
/// Bytes that are offered for each token of context; the prompt's own estimate cuts finer.
const BYTES_PER_TOKEN: usize = 4;

/// What a question is made of.
pub struct Question<'a> {
    /// The world at its place on the wire.
    pub snapshot: &'a Snapshot,
    /// Who asks.
    pub ask: &'a Ask,
    /// The text, as if the popup's selected entry were taken.
    pub text: &'a Text,
    /// The cursor in it.
    pub at: Byte,
    /// Who is asked.
    pub route: &'a Route,
    /// A finer word than the surface's, for the ledger.
    pub purpose: &'static str,
}

impl Question<'_> {
    /// Tokens of the question and of the answer.
    pub fn budget(&self) -> Budget {
        let tokens = self.route.context_tokens().unwrap_or(CONTEXT_TOKENS);
        let window = self.snapshot.engine.routes.window(self.route.name());
        Budget {
            context_tokens: window.map_or(tokens, |window| window.min(tokens)),
            max_tokens: self.snapshot.settings.settings.completion.max_tokens,
        }
    }

    /// Looks for pieces, from now on and off the wire's task. For a line that was looked at before what was found then serves at once,
    /// and a newer look serves the next question; else the look is waited for as long as the settings say.
    pub fn look(&self, stem: &Stem) -> impl Future<Output = Option<Arc<Found>>> + use<> {
        let engine = &self.snapshot.engine;
        let patience = Duration::from_millis(self.snapshot.settings.settings.context.patience_ms);
        let begun = engine.gathered.library().map(|library| {
            let key = key_of(&self.ask.document.uri);
            if library.due(&key) {
                index::refresh(engine);
            }
            let bucket = stem.bucket();
            let seen = Seen {
                named: stem.line().trim_end_matches(is_word).len(),
                edition: library.shelf().edition(),
            };
            let known = engine.gathered.of_line(&key, bucket, seen);
            let again = known.as_ref().is_none_or(|(_, again)| *again);
            let patience = known.as_ref().map_or(patience, |_| UNHURRIED);
            let snapshot = self.snapshot.clone();
            let look = Look {
                key,
                text: self.text.clone(),
                at: self.at,
                bucket,
                seen,
                budget: self.budget(),
                path: Box::new(move |key| inside(&snapshot, key)),
                deadline: Instant::now() + patience,
            };
            let engine = engine.clone();
            let looking = again.then(|| off_wire(move || engine.gathered.look(&library, &look)));
            (known.map(|(found, _)| found), looking)
        });
        async move {
            match begun? {
                (Some(found), _) => Some(found),
                (None, looking) => tokio::time::timeout(patience, looking?).await.ok()?,
            }
        }
    }

    /// What was found, as prompts take it.
    pub fn pieces(&self, found: &Found) -> Vec<Piece> {
        let mut pieces = found.pieces(on_disk);
        // They may have been found under older rules.
        let mut judged = HashMap::new();
        pieces.retain(|piece| {
            let file = piece.file.clone();
            *judged
                .entry(file)
                .or_insert_with_key(|file| may_use(self.snapshot, file, self.ask.clock.begun()))
        });
        pieces
    }

    /// The prompt within a budget; `None` for a route that fills no holes.
    pub fn prompt(&self, found: Option<&Found>, one_line: bool, budget: Budget) -> Option<Prompt> {
        let (text, at, document) = (self.text, self.at, &self.ask.document);
        let reach = budget.context_tokens as usize * BYTES_PER_TOKEN;
        let begin = text.floor(at - reach);
        let relative = relative_path(self.snapshot, &document.uri);
        let file = path_of(&document.uri);
        let folder = file
            .as_ref()
            .and_then(|file| folder_of(self.snapshot, file));
        let pieces = found.map(|found| self.pieces(found)).unwrap_or_default();
        let ask = FimAsk {
            path: relative.as_deref().unwrap_or_default(),
            language: &document.language_id,
            prefix: &text.slice(begin..at),
            suffix: &text.slice(at..at + reach),
            offset: begin.0,
            pieces: &pieces,
            beside: self.route.takes_pieces(),
            comment: document.language.and_then(comment),
            one_line,
            file: &file
                .as_deref()
                .map_or_else(|| document.uri.to_string(), shown),
            line: text.line_of(at) as u32 + 1,
            folder: folder.and_then(Path::to_str),
        };
        let prompt = prompt::completion(&ask, self.route.mode(), budget)?;
        Some(Prompt {
            purpose: self.purpose,
            ..prompt
        })
    }
}

/// What makes a line a comment.
fn comment(language: &Language) -> Option<(&str, &str)> {
    let line = language.line_comment().map(|open| (open, ""));
    line.or_else(|| language.block_comment())
}

/// The file of a URI, else the URI.
fn on_disk(uri: &str) -> String {
    path_of(uri).map_or_else(|| uri.to_owned(), |file| shown(&file))
}

fn shown(file: &Path) -> String {
    file.to_string_lossy().into_owned()
}

/// Whether a file, or a document without one, may be used in a request that came at `since`.
fn may_use(snapshot: &Snapshot, file: &str, since: Instant) -> bool {
    let (policy, folders) = (&snapshot.engine.policy, &snapshot.client.folders);
    policy.verdict_of_since(folders, file, since).is_allowed()
}

/// The path of a workspace file inside its folder; `None` outside of all, and where rules exclude it.
fn inside(snapshot: &Snapshot, key: &str) -> Option<String> {
    folder_of(snapshot, &path_of(key)?)?;
    relative_path(snapshot, key).filter(|_| may_use(snapshot, key, Instant::now()))
}
