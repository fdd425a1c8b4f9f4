//! What was decided on a file, and which rule of which file and line did it.

use std::fmt;
use std::path::PathBuf;

/// What was decided on a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may be used.
    Allowed {
        /// Why: `workspace`, `single file` (opened without a folder) or `unsaved` (it has no place on disk).
        rule: &'static str,
    },
    /// Nothing of it may be used.
    Excluded(Box<Excluded>),
}

/// The rule that excludes a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excluded {
    /// Whose rule it is.
    pub rule: Rule,
    /// The file that holds the rule; `None` for what is built in or set.
    pub file: Option<PathBuf>,
    /// Its line, counted from 1.
    pub line: Option<u32>,
    /// The line's text, or the built-in pattern; empty where there is none.
    pub pattern: String,
    /// What the rule speaks of: the file, a folder that it is in, or what a link leads to.
    pub what: PathBuf,
    /// Why the rule's own file cannot be followed, in a clause: until that is mended it excludes everything.
    pub fault: Option<String>,
}

/// Whose rule excludes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// An ignore file's or a setting's, by its usual name.
    List(&'static str),
    /// Files with such names are secret.
    Secret,
    /// A setting lets only others in, by the last name of its key; `pattern` holds the clause that says why.
    Bound(&'static str),
    /// It lies outside every workspace folder.
    Outside,
    /// It is no path that can be judged: a circle of links, a stream of a file, bytes that are no name.
    Path,
}

impl Rule {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Rule::List(name) => name,
            Rule::Secret => "secret",
            Rule::Bound(name) => name,
            Rule::Outside => "outside",
            Rule::Path => "path",
        }
    }
}

impl Verdict {
    /// The rule that excludes, if one does.
    pub fn excluded(self) -> Option<Excluded> {
        match self {
            Verdict::Allowed { .. } => None,
            Verdict::Excluded(why) => Some(*why),
        }
    }

    /// Whether it may be used.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Verdict::Allowed { .. })
    }
}

impl From<Box<Excluded>> for Verdict {
    fn from(why: Box<Excluded>) -> Self {
        Verdict::Excluded(why)
    }
}

/// One sentence: what is excluded, by which line of which file, and the mend.
impl fmt::Display for Excluded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.what.display();
        let place = match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("{}, line {line}", file.display()),
            (Some(file), None) => file.display().to_string(),
            (None, _) => format!("the setting `{}`", self.rule.name()),
        };
        if let Some(fault) = &self.fault {
            let line = match self.pattern.is_empty() {
                true => String::new(),
                false => format!(" (`{}`)", self.pattern.escape_debug()),
            };
            return write!(
                f,
                "{place}{line}: the rule cannot be read: {fault}; until it is mended everything below {what} is excluded"
            );
        }
        match self.rule {
            Rule::List(_) if self.pattern.is_empty() => {
                write!(
                    f,
                    "{what} is excluded: {place} is empty, which excludes all of its folder"
                )
            }
            Rule::List(_) => write!(
                f,
                "{what} is excluded by `{}` ({place})",
                self.pattern.escape_debug()
            ),
            Rule::Secret => write!(
                f,
                "{what} is excluded: files like `{}` hold secrets (built in)",
                self.pattern
            ),
            Rule::Bound(key) => {
                write!(f, "{what} is excluded: {} (`policy.{key}`", self.pattern)?;
                match self.file {
                    Some(_) => write!(f, ", {place})"),
                    None => write!(f, ")"),
                }
            }
            Rule::Outside => write!(
                f,
                "{what} is excluded: it lies outside every workspace folder; open its folder"
            ),
            Rule::Path => write!(f, "{what} is excluded: it is no path that can be judged"),
        }
    }
}
