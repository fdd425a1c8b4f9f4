//! What an edit from a shell made of a file: printed as a diff, or written.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use nextline_grammars::Language;
use serde_json::{Value, json};

use super::edit::{Arguments, input_trouble, policy};
use super::{answer, code, complain};
use crate::chat::outcome::Class;
use crate::chat::{Outcome, Trouble};
use crate::edit::disk::{self, Written};
use crate::edit::make::{self, Plan};
use crate::edit::patch::Patch;
use crate::edit::select::Source;
use crate::edit::target;
use crate::settings::state_dir;

/// A change that was made of an answer.
pub struct Change {
    /// As the user named it, or where the tests go.
    pub shown: String,
    /// The file.
    pub path: PathBuf,
    /// `None` for a new file.
    pub before: Option<String>,
    /// What changes.
    pub patch: Patch,
    /// Syntax errors that it adds.
    pub new_errors: usize,
}

/// Prints a change, or why there is none; the exit code.
pub fn report(
    change: Option<&Change>,
    applied: bool,
    outcome: &Outcome,
    arguments: &Arguments,
    out: &mut dyn Write,
) -> u8 {
    let diff = change.map(|change| {
        change
            .patch
            .unified(change.before.as_deref().unwrap_or_default(), &change.shown)
    });
    let printed = if arguments.json {
        let mut object = answer::object(outcome);
        object["file"] = change.map_or(Value::Null, |change| json!(change.shown));
        object["diff"] = json!(diff);
        object["applied"] = json!(applied);
        Some(object.to_string() + "\n")
    } else {
        diff.filter(|_| arguments.diff || !arguments.apply)
            .map(shown)
    };
    let printed = printed.is_none_or(|text| {
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .is_ok()
    });
    if let Some(trouble) = &outcome.error {
        complain(&trouble.message);
        return answer::code_of(trouble);
    }
    if let Some(change) = change {
        if change.new_errors > 0 {
            eprintln!(
                "nextline: {} has {} syntax errors more after this edit than before",
                change.shown, change.new_errors
            );
        }
        if applied {
            eprintln!(
                "nextline: {} was changed; `nextline undo` takes it back",
                change.shown
            );
        }
    }
    if printed { code::OK } else { code::FAILED }
}

/// A diff as it is, and for a terminal without what could steer it.
fn shown(diff: String) -> String {
    if !std::io::stdout().is_terminal() {
        return diff;
    }
    let printable = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    diff.chars().filter(printable).collect()
}

/// Makes the change of an answer.
///
/// # Errors
///
/// The file must not be written, or the answer is of no use.
pub fn changed(
    plan: &Plan,
    before: Option<String>,
    answer: &str,
    path: PathBuf,
    shown: String,
    arguments: &Arguments,
    folder: &Path,
) -> Result<Change, Trouble> {
    if arguments.apply {
        target::admitted(folder, &path, arguments.yes).map_err(|refusal| policy(&refusal))?;
    }
    let language = Language::by_path(&path);
    let source = Source::new(before.as_deref().unwrap_or_default(), language);
    let patch = make::patch(plan, &source, answer)
        .map_err(|why| Trouble::new(Class::Useless, why.to_string()))?;
    let new_errors = make::new_errors(&source, &patch).unwrap_or(0);
    Ok(Change {
        shown,
        path,
        before,
        patch,
        new_errors,
    })
}

/// Writes a change to disk.
///
/// # Errors
///
/// One sentence on why it is not written.
pub fn apply(change: &Change) -> Result<(), Trouble> {
    let before = change.before.as_deref();
    let written = Written {
        path: change.path.clone(),
        before: before.map(|text| text.as_bytes().to_vec()),
        after: change.patch.apply(before.unwrap_or_default()).into_bytes(),
    };
    let warning = disk::apply(state_dir().as_deref(), &[written]).map_err(input_trouble)?;
    if let Some(warning) = warning {
        eprintln!("nextline: {warning}");
    }
    Ok(())
}
