//! An edit at work in an editor: asked for the text of one snapshot, moved to the text as it is when it lands.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nextline_grammars::Language;

use super::block;
use super::layout::{Layout, layout};
use super::make::{self, Lines, Place, Plan};
use super::patch::Patch;
use super::select::Source;
use super::tasks::{Base, Made, Wanted};
use crate::chat::lookup::Around;
use crate::chat::outcome::Class;
use crate::chat::{Outcome, Road, Trouble, lookup};
use crate::document::Document;
use crate::document::place::{key_of, path_of, uri_of};
use crate::door::off_wire;
use crate::index;
use crate::project::instructions::{Instructions, instructions};
use crate::prompt::Prompt;
use crate::prompt::edit::{EditAsk, Verb, edit};
use crate::prompt::talk::{Account, Item};
use crate::route::{Kind, StopReason, Usage};
use crate::text::Text;
use crate::world::Snapshot;

/// How far an edit came.
#[derive(Debug)]
pub enum Step {
    /// It is asked with this; the last is what a person should know of what goes in: a name, and what is with it.
    Asked(Account, Vec<(String, String)>),
    /// So many bytes of the answer came.
    Received(usize),
}

/// Bytes of what the index brings into a question: with a byte a token allowed, less than a third of it.
const RETRIEVED: usize = 16 << 10;

/// What is asked of the model, and of which text.
struct Question {
    account: Account,
    told: Vec<(String, String)>,
    prompt: Prompt,
    plan: Plan,
    target: Base,
    language: Option<&'static Language>,
}

/// Asks for an edit of a document as it is in a snapshot; `say` gets every step. Dropped, the connection is closed.
pub async fn make(
    snapshot: &Snapshot,
    road: &Road,
    wanted: &Arc<Wanted>,
    mut say: impl FnMut(Step),
) -> Result<Made, Trouble> {
    let document = document(snapshot, &wanted.uri)?;
    let mut limit = road.context_tokens();
    let mut outcome;
    let question = loop {
        let (snapshot, wanted, document) = (snapshot.clone(), wanted.clone(), document.clone());
        let question = off_wire(move || question(&snapshot, &wanted, &document, limit));
        let mut question = question.await.unwrap_or_else(|| Err(failed()))?;
        say(Step::Asked(
            std::mem::take(&mut question.account),
            std::mem::take(&mut question.told),
        ));
        let mut received = 0;
        outcome = Outcome::default();
        outcome
            .hear(&road.route, question.prompt.clone(), road.surface, |text| {
                received += text.len();
                say(Step::Received(received));
                true
            })
            .await;
        // Once more with less around it.
        if !(limit == road.context_tokens() && outcome.was_too_long()) {
            break question;
        }
        limit /= 2;
    };
    if let Some(trouble) = outcome.error.take() {
        return Err(trouble);
    }
    if outcome.stop == Some(StopReason::Length) {
        let what = "the answer was cut at the limit of tokens: nothing was changed; select fewer lines, or raise `max_output_tokens` of the route";
        return Err(Trouble::new(Class::Useless, what));
    }
    let made = off_wire(move || -> Result<Made, Trouble> {
        let text = question
            .target
            .text
            .slice(crate::text::Byte(0)..question.target.text.end());
        let source = Source::new(&text, question.language);
        let patch = make::patch(&question.plan, &source, &outcome.text)
            .map_err(|why| Trouble::new(Class::Useless, why.to_string()))?;
        Ok(Made {
            new_errors: make::new_errors(&source, &patch).unwrap_or(0),
            patch,
            base: question.target,
            usage: outcome.usage,
            cost_usd: outcome.cost_usd,
        })
    });
    made.await.unwrap_or_else(|| Err(failed()))
}

fn failed() -> Trouble {
    Trouble::new(Class::Input, "the edit failed here; the log says where")
}

fn document(snapshot: &Snapshot, uri: &str) -> Result<Arc<Document>, Trouble> {
    let wrong = |why: &str| Trouble::new(Class::Input, format!("{uri} {why}"));
    let document = snapshot.document(uri).ok_or_else(|| wrong("is not open"))?;
    match &document.lost {
        Some(_) => Err(wrong(
            "is not known as the editor has it; save it, or close and open it",
        )),
        None => Ok(document.clone()),
    }
}

/// The workspace folder of a file, else its own folder.
pub fn folder_of(snapshot: &Snapshot, file: &Path) -> PathBuf {
    let folders = &snapshot.client.folders;
    let around = folders.iter().filter(|folder| file.starts_with(folder));
    let nearest = around.max_by_key(|folder| folder.as_os_str().len());
    nearest
        .cloned()
        .unwrap_or_else(|| file.parent().unwrap_or(file).to_owned())
}

/// Why the text of a file may not leave, if it may not: without any workspace folder a file was opened by itself.
pub fn forbidden(snapshot: &Snapshot, file: &Path) -> Option<Trouble> {
    let real = file.canonicalize().ok()?;
    let folders = &snapshot.client.folders;
    let folder = match super::target::folder_of(folders, file) {
        None if folders.is_empty() => folder_of(snapshot, file),
        folder => folder.cloned().unwrap_or_default(),
    };
    let why = match folder.as_os_str().is_empty() {
        true => "it lies outside every workspace folder; open its folder".into(),
        false => index::forbids(&folder.canonicalize().unwrap_or(folder), &real)?,
    };
    Some(Trouble::new(
        Class::Policy,
        format!("{} does not leave this machine: {why}", file.display()),
    ))
}

fn question(
    snapshot: &Snapshot,
    wanted: &Wanted,
    document: &Arc<Document>,
    context_tokens: u32,
) -> Result<Question, Trouble> {
    let wrong = |why: String| Trouble::new(Class::Input, why);
    let path = path_of(&document.uri);
    if let Some(trouble) = path.as_deref().and_then(|path| forbidden(snapshot, path)) {
        return Err(trouble);
    }
    let text = document
        .text
        .slice(crate::text::Byte(0)..document.text.end());
    let source = Source::new(&text, document.language);
    let plan = make::plan(wanted.verb, &source, wanted.lines).map_err(wrong)?;
    let folder = path.as_deref().map(|path| folder_of(snapshot, path));
    let relative = match (&path, &folder) {
        (Some(path), Some(folder)) => path
            .strip_prefix(folder)
            .unwrap_or(path)
            .to_string_lossy()
            .replace('\\', "/"),
        _ => document.uri.to_string(),
    };
    let layout = match (wanted.verb, &folder) {
        (Verb::Test, Some(folder)) => {
            Some(tests_of(snapshot, folder, &relative, document.language).map_err(wrong)?)
        }
        _ => None,
    };
    let mut items = wanted.items.clone();
    if let (Some(layout), Some(folder)) = (&layout, &folder) {
        items.extend(layout.items(folder));
    }
    items.extend(around(
        snapshot,
        document,
        &text,
        &plan.shown,
        context_tokens,
    ));
    let project = match (&folder, &path) {
        (Some(folder), Some(path)) => instructions(folder, Some(path), &snapshot.settings.settings),
        _ => Instructions::default(),
    };
    let instruction = match &layout {
        Some(layout) => layout.instruction(&wanted.instruction),
        None => wanted.instruction.clone(),
    };
    let ask = EditAsk {
        verb: wanted.verb,
        path: &relative,
        language: &document.language_id,
        before: &text[..plan.shown.start],
        selection: &text[plan.shown.clone()],
        after: &text[plan.shown.end..],
        instruction: &instruction,
        complaints: &wanted.complaints,
        items: &items,
        instructions: &project.items,
        context_tokens,
        file: &path.as_deref().map_or_else(
            || document.uri.to_string(),
            |path| path.to_string_lossy().into_owned(),
        ),
        folder: folder.as_deref().and_then(Path::to_str),
    };
    let (prompt, account) = edit(&ask).ok_or_else(|| {
        let what = format!("the selected lines are more than the {context_tokens} tokens of a question; select fewer, or raise `context_tokens` of the route");
        Trouble::new(Class::Route(Kind::TooLong), what)
    })?;
    let own = || Base {
        uri: document.uri.to_string(),
        serial: Some(document.serial),
        mark: document.journal.mark(),
        text: document.text.clone(),
        new_file: false,
    };
    let elsewhere = layout
        .zip(folder)
        .and_then(|(layout, folder)| Some((folder.join(layout.file.as_ref()?), layout)));
    let (plan, target, language) = match elsewhere {
        Some((file, layout)) => {
            let plan = Plan {
                shown: 0..0,
                place: Place::Tests {
                    inside: layout.inside,
                },
            };
            (
                plan,
                elsewhere_base(snapshot, &file, &layout),
                Language::by_path(&file),
            )
        }
        None => (plan, own(), document.language),
    };
    Ok(Question {
        account,
        told: project.told,
        prompt,
        plan,
        target,
        language,
    })
}

/// What the index knows that helps with some lines of a document: a quarter of the question at most.
fn around(
    snapshot: &Snapshot,
    document: &Document,
    text: &str,
    shown: &Range<usize>,
    context_tokens: u32,
) -> Vec<Item> {
    let settings = &snapshot.settings.settings.context;
    let library = snapshot.engine.gathered.library();
    let Some(library) = library.filter(|_| settings.enabled) else {
        return Vec::new();
    };
    let key = key_of(&document.uri);
    let room = (context_tokens as usize).min(RETRIEVED);
    let (before, after) = (&text[..shown.end], &text[shown.end..]);
    let ask = Around {
        key: &key,
        before,
        after,
        shown: (before.len(), after.len()),
    };
    let found = lookup::around(snapshot, &library, &ask, room);
    // Without an index there is the file alone.
    found.unwrap_or_default().iter().map(lookup::item).collect()
}

/// The text of a test file: the editor's where it is open there.
fn elsewhere_base(snapshot: &Snapshot, file: &Path, layout: &Layout) -> Base {
    let uri = uri_of(file);
    match snapshot
        .document(&uri)
        .filter(|document| document.lost.is_none())
    {
        Some(document) => Base {
            uri: document.uri.to_string(),
            serial: Some(document.serial),
            mark: document.journal.mark(),
            text: document.text.clone(),
            new_file: false,
        },
        None => Base {
            uri,
            serial: None,
            mark: 0,
            text: Text::from(layout.text.as_str()),
            new_file: !file.exists(),
        },
    }
}

fn tests_of(
    snapshot: &Snapshot,
    folder: &Path,
    relative: &str,
    language: Option<&'static Language>,
) -> Result<Layout, String> {
    let read = |path: &str| {
        let file = folder.join(path);
        if path.ends_with('/') {
            return file.is_dir().then(String::new);
        }
        if forbidden(snapshot, &file).is_some() {
            return None;
        }
        match snapshot.document(&uri_of(&file)) {
            Some(open) => Some(open.text.slice(crate::text::Byte(0)..open.text.end())),
            None => std::fs::read_to_string(&file).ok(),
        }
    };
    let found = language.and_then(|language| layout(language.id(), relative, &read));
    found.ok_or_else(|| format!("where tests of {relative} go is not known: this language has no row; use an edit of a test file"))
}

/// The edit that a block of code makes of a document; the error is one sentence.
pub fn made_of_block(
    document: &Document,
    block: &str,
    selected: Option<Lines>,
) -> Result<Made, String> {
    let text = document
        .text
        .slice(crate::text::Byte(0)..document.text.end());
    let source = Source::new(&text, document.language);
    let selected = selected
        .map(|lines| make::span(&source, lines))
        .transpose()?;
    let patch = block::patch(&source, block, selected).map_err(|why| why.to_string())?;
    Ok(Made {
        new_errors: make::new_errors(&source, &patch).unwrap_or(0),
        usage: Usage::default(),
        cost_usd: None,
        patch,
        base: Base {
            uri: document.uri.to_string(),
            serial: Some(document.serial),
            mark: document.journal.mark(),
            text: document.text.clone(),
            new_file: false,
        },
    })
}

/// Why a patch cannot land.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stuck {
    /// The document was closed or opened again.
    #[error("the document was closed meanwhile")]
    Closed,
    /// The text was changed there.
    #[error("the text was changed where the edit changes it; ask again")]
    Changed,
}

/// The patch in the text as it is in a snapshot, and that text.
pub fn land(
    snapshot: &Snapshot,
    base: &Base,
    patch: &Patch,
) -> Result<(Patch, Text, Option<i64>), Stuck> {
    let Some(serial) = base.serial else {
        // Not open when it was made: the file on disk is the base, unless it was opened since.
        return match snapshot.document(&base.uri) {
            None => Ok((patch.clone(), base.text.clone(), None)),
            Some(open) if open.lost.is_none() && open.text.rope() == base.text.rope() => {
                Ok((patch.clone(), base.text.clone(), open.version))
            }
            Some(_) => Err(Stuck::Changed),
        };
    };
    let document = snapshot.document(&base.uri).ok_or(Stuck::Closed)?;
    if document.serial != serial || document.lost.is_some() {
        return Err(Stuck::Closed);
    }
    let changes = document.journal.since(base.mark).ok_or(Stuck::Changed)?;
    let text = base.text.slice(crate::text::Byte(0)..base.text.end());
    let patch = patch.rebase(&text, &changes).map_err(|_| Stuck::Changed)?;
    Ok((patch, document.text.clone(), document.version))
}

/// The lines of a question after the changes since: where to ask again.
pub fn moved_lines(snapshot: &Snapshot, base: &Base, lines: Lines) -> Option<Lines> {
    let (Lines::These(first, last), Some(_)) = (lines, base.serial) else {
        return Some(lines);
    };
    let document = snapshot.document(&base.uri)?;
    let changes = document.journal.since(base.mark)?;
    let start = |line: usize| base.text.line_span(line).start.0;
    let (mut from, mut to) = (start(first - 1), base.text.line_span(last - 1).end.0);
    for change in changes {
        let shift = |at: usize| (at + change.new_end).saturating_sub(change.old_end);
        if change.old_end <= from && change.start < from || change.old_end < from {
            (from, to) = (shift(from), shift(to));
        } else if change.start <= to {
            from = from.min(change.start);
            to = shift(to.max(change.old_end));
        }
    }
    let line = |at: usize| document.text.line_of(crate::text::Byte(at)) + 1;
    Some(Lines::These(line(from), line(to.max(from))))
}

/// The patch in another text of the same file, such as the editor's a while later.
pub fn carry(base: &Text, patch: &Patch, now: &str) -> Result<Patch, Stuck> {
    let base = base.slice(crate::text::Byte(0)..base.end());
    let changes = Patch::between(&base, 0..base.len(), now).as_changes();
    patch.rebase(&base, &changes).map_err(|_| Stuck::Changed)
}

/// The patch that takes a landed one back out of the text as it is.
pub fn take_back(before: &Text, patch: &Patch, now: &Text) -> Result<Patch, Stuck> {
    let whole = |text: &Text| text.slice(crate::text::Byte(0)..text.end());
    let (before, now) = (whole(before), whole(now));
    let after = patch.apply(&before);
    let inverse = patch.inverse(&before);
    let changes = Patch::between(&after, 0..after.len(), &now).as_changes();
    inverse.rebase(&after, &changes).map_err(|_| Stuck::Changed)
}
