//! Where a value comes from, and what there is to say about it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Who set a value, lowest first. A project's file stands apart: it may only narrow what the others said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The defaults.
    BuiltIn,
    /// The machine's policy file.
    Machine,
    /// The user's file.
    User,
    /// `initializationOptions`.
    Start,
    /// The section `nextline` of the editor's configuration.
    Editor,
    /// `NEXTLINE_…` variables.
    Environment,
    /// Command line flags.
    Flags,
    /// A project's untrusted file.
    Project,
}

impl Layer {
    /// The layer in words.
    pub fn name(self) -> &'static str {
        match self {
            Layer::BuiltIn => "built in",
            Layer::Machine => "machine policy",
            Layer::User => "user file",
            Layer::Start => "initializationOptions",
            Layer::Editor => "editor configuration",
            Layer::Environment => "environment",
            Layer::Flags => "flag",
            Layer::Project => "project file",
        }
    }
}

/// The place of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who set it.
    pub layer: Layer,
    /// The file, for the layers that are files.
    pub file: Option<Arc<Path>>,
    /// Line from 1; 0 where there is no line.
    pub line: u32,
    /// Column from 1, in characters; 0 where there is no column.
    pub column: u32,
}

impl Origin {
    /// The place of what no file holds.
    pub const fn of(layer: Layer) -> Origin {
        Origin {
            layer,
            file: None,
            line: 0,
            column: 0,
        }
    }

    /// The beginning of a file.
    pub fn file(layer: Layer, file: Arc<Path>) -> Origin {
        Origin {
            layer,
            file: Some(file),
            line: 0,
            column: 0,
        }
    }

    /// The file's path, if a file holds the value.
    pub fn path(&self) -> Option<PathBuf> {
        self.file.as_deref().map(Path::to_path_buf)
    }
}

/// `file:line:column`, as far as known, else the layer's name.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{}", file.display())?,
            None => f.write_str(self.layer.name())?,
        }
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        Ok(())
    }
}

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something was not taken as written, on purpose.
    Warning,
    /// Something is wrong and was left out.
    Error,
}

impl Severity {
    /// LSP `MessageType`: 1 error, 2 warning, 3 info.
    pub fn message_type(self) -> u8 {
        3 - self as u8
    }

    /// The severity in one word.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One thing to say about the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub severity: Severity,
    /// Where it is.
    pub origin: Origin,
    /// The dotted key; empty when the whole file is meant.
    pub key: String,
    /// What is wrong and the mend, in one sentence, without the value of a secret.
    pub message: String,
}

/// `file:line:column: error: key: message` on one line.
impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: ", self.origin, self.severity.name())?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

/// A key's parts joined by dots; parts that TOML would quote are quoted.
pub fn dotted<S: AsRef<str>>(path: &[S]) -> String {
    let mut out = String::new();
    for part in path {
        let part = part.as_ref();
        if !out.is_empty() {
            out.push('.');
        }
        if !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        {
            out.push_str(part);
        } else {
            out.push_str(&format!("{part:?}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_are_told_the_same_severity() {
        for (severity, number) in [
            (Severity::Error, 1),
            (Severity::Warning, 2),
            (Severity::Info, 3),
        ] {
            assert_eq!(severity.message_type(), number, "{severity:?}");
        }
    }
}
