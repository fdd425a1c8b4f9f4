//! Refusals that need no model: every one is a named reason.

use std::time::Instant;

use super::{Ask, Reason, Silence, Trigger, routed};
use crate::document::{COMPLETED_CAP, Document, Misfit};
use crate::settings::Mode;
use crate::text::{Byte, is_word};
use crate::world::Snapshot;

/// Bytes of a line above which nobody typed it.
const LINE_CAP: usize = 20_000;

/// What may stand behind the cursor at the end of a line.
const CLOSERS: &str = ")]};,";

/// Languages without code, off unless `completion.languages` says otherwise (what copilot.vim leaves out).
const OFF: &[&str] = &[
    "yaml",
    "markdown",
    "help",
    "gitcommit",
    "git-commit",
    "gitrebase",
    "git-rebase",
    "hgcommit",
    "svn",
    "cvs",
];

/// Whether a model may be asked at all.
pub fn check(snapshot: &Snapshot, ask: &Ask) -> Result<(), Silence> {
    let completion = &snapshot.settings.settings.completion;
    let document = &ask.document;
    if !completion.enabled {
        return Err(Reason::Disabled.into());
    }
    let invoked = ask.trigger == Trigger::Invoked;
    allowed(snapshot, document, invoked, ask.clock.begun())?;
    if !invoked {
        if completion.mode == Mode::Manual {
            return Err(Reason::Manual.into());
        }
        snapshot.engine.quiet.check(Instant::now())?;
    }
    usable(document)?;
    let line = document.text.line_span(document.text.line_of(ask.at));
    if line.end.0 - line.start.0 > LINE_CAP {
        return Err(Reason::LineTooLong.into());
    }
    if ask.trigger != Trigger::Invoked && in_word(document.text.char_at(ask.at), ask.at, line.end) {
        return Err(Reason::InWord.into());
    }
    if ask.trigger == Trigger::Automatic && completion.mode == Mode::Subtle {
        let rest = document.text.slice(ask.at..line.end);
        if !rest
            .chars()
            .all(|c| c.is_whitespace() || CLOSERS.contains(c))
        {
            return Err(Reason::Subtle.into());
        }
    }
    Ok(())
}

/// Whether something may be suggested in a document, wherever the cursor is.
pub fn may_suggest(snapshot: &Snapshot, document: &Document, invoked: bool) -> Result<(), Silence> {
    allowed(snapshot, document, invoked, Instant::now())?;
    if !invoked {
        snapshot.engine.quiet.check(Instant::now())?;
    }
    usable(document)
}

/// Whether rules and settings let a document be used.
fn allowed(
    snapshot: &Snapshot,
    document: &Document,
    invoked: bool,
    since: Instant,
) -> Result<(), Silence> {
    let completion = &snapshot.settings.settings.completion;
    let folders = &snapshot.client.folders;
    snapshot.engine.may_use(folders, document, since)?;
    let switch = completion.languages.get(&*document.language_id).copied();
    let off = OFF.contains(&&*document.language_id) && !invoked;
    if !switch.unwrap_or(!off) {
        let language = &document.language_id;
        return Err(Reason::LanguageOff.because(format!(
            "completion is off for {language}: `completion.languages.{language}`"
        )));
    }
    if !completion.off_globs.is_empty() {
        let path = routed::relative_path(snapshot, &document.uri);
        if path.is_some_and(|path| snapshot.engine.quiet.off(&path)) {
            return Err(Reason::GlobOff.into());
        }
    }
    Ok(())
}

/// Whether the text of a document is known and of a size.
fn usable(document: &Document) -> Result<(), Silence> {
    if let Some(too_large @ Misfit::TooLarge(_)) = &document.lost {
        return Err(Reason::TooLarge.because(format!("the document is too large: {too_large}")));
    }
    if let Some(lost) = &document.lost {
        return Err(
            Reason::Lost.because(format!("{} ({lost})", Silence::from(Reason::Lost).detail))
        );
    }
    if document.text.len() > COMPLETED_CAP {
        return Err(Reason::TooLarge.into());
    }
    if document.text.is_binary() {
        return Err(Reason::Binary.into());
    }
    Ok(())
}

fn in_word(next: Option<char>, at: Byte, line_end: Byte) -> bool {
    at < line_end && next.is_some_and(is_word)
}
