//! The constants of every binding, by what they are of.

use serde_json::Value;

use super::lsp;
use super::schema::sorted;
use super::words::constant;
use crate::config::{CHOICES, KEY_NAME, LOCAL, OURS, SECTION, SETTINGS};
use crate::edit::verb;
use crate::fault;
use crate::inline::{AUTOMATIC, INVOKED};
use crate::methods::{COMMANDS, METHODS};
use crate::version::{OLDEST, VERSION};

/// Constants of one kind.
pub struct Group {
    /// `Methods`, say.
    pub name: &'static str,
    /// For people.
    pub doc: &'static str,
    /// Them.
    pub constants: Vec<Constant>,
}

/// One constant.
pub struct Constant {
    /// `EditStart`.
    pub name: String,
    /// For people; may be empty.
    pub doc: String,
    /// A JSON text or number.
    pub value: Value,
}

const CODES: &[(&str, i64, &str)] = &[
    (
        "RequestCancelled",
        fault::REQUEST_CANCELLED,
        "The request was cancelled.",
    ),
    (
        "RequestFailed",
        fault::REQUEST_FAILED,
        "The request could not be served now.",
    ),
    ("MethodNotFound", fault::METHOD_NOT_FOUND, "No such method."),
];

/// All of them.
pub fn groups() -> Vec<Group> {
    let named = |name: &str, doc: &str, value: Value| Constant {
        name: constant(name),
        doc: doc.to_owned(),
        value,
    };
    let methods = METHODS
        .iter()
        .map(|method| named(method.name, method.doc, method.name.into()));
    let commands = COMMANDS
        .iter()
        .map(|command| named(command, "", (*command).into()));
    vec![
        Group {
            name: "Methods",
            doc: "Nextline's own methods, and those of LSP that it answers in its own way.",
            constants: methods.collect(),
        },
        Group {
            name: "Lsp",
            doc: "Other words of LSP.",
            constants: lsp::WORDS
                .iter()
                .map(|row| named(row.0, "", row.0.into()))
                .collect(),
        },
        Group {
            name: "Commands",
            doc: "What `workspace/executeCommand` takes.",
            constants: commands.collect(),
        },
        Group {
            name: "Verbs",
            doc: "What `agent/edit/start` can be told to do.",
            constants: verb::ALL
                .iter()
                .map(|(name, doc)| named(name, doc, (*name).into()))
                .collect(),
        },
        Group {
            name: "Codes",
            doc: "Codes of faults.",
            constants: CODES
                .iter()
                .map(|(name, code, doc)| named(name, doc, (*code).into()))
                .collect(),
        },
        Group {
            name: "Triggers",
            doc: "LSP `InlineCompletionTriggerKind`.",
            constants: vec![
                named("Invoked", "The person asked.", INVOKED.into()),
                named("Automatic", "Typing asked.", AUTOMATIC.into()),
            ],
        },
        Group {
            name: "Severities",
            doc: "LSP `DiagnosticSeverity` and `MessageType`.",
            constants: lsp::SEVERITIES
                .iter()
                .map(|(name, value)| named(name, "", (*value).into()))
                .collect(),
        },
        Group {
            name: "FileChanges",
            doc: "LSP `FileChangeType`.",
            constants: lsp::FILE_CHANGES
                .iter()
                .map(|(name, value)| named(name, "", (*value).into()))
                .collect(),
        },
        Group {
            name: "Config",
            doc: "Keys of `config.toml` that an extension's own page of settings shows.",
            constants: SETTINGS
                .iter()
                .map(|key| named(key, "", (*key).into()))
                .collect(),
        },
        Group {
            name: "Choices",
            doc: "What may be chosen there.",
            constants: CHOICES
                .iter()
                .map(|choice| named(choice, "", (*choice).into()))
                .collect(),
        },
        Group {
            name: "Client",
            doc: "What an extension says of itself, and what it knows of the agent.",
            constants: vec![
                named(
                    "Section",
                    "The settings' section for LSP, and the member of `experimental`.",
                    SECTION.into(),
                ),
                named(
                    "Ours",
                    "What the names of Nextline's own methods begin with.",
                    OURS.into(),
                ),
                named(
                    "Local",
                    "The route that asks nobody: the embedded model.",
                    LOCAL.into(),
                ),
                named(
                    "KeyName",
                    "A regular expression: the names of variables that keys are kept under.",
                    KEY_NAME.into(),
                ),
                named(
                    "Capabilities",
                    "The `capabilities` of an extension without a library for LSP: JSON.",
                    sorted(lsp::capabilities()).to_string().into(),
                ),
            ],
        },
        Group {
            name: "Versions",
            doc: "The versions of the `agent/*` methods that this binding knows, for `capabilities.experimental.nextline`.",
            constants: vec![
                named("Oldest", "The oldest one.", OLDEST.into()),
                named("Newest", "The newest one.", VERSION.into()),
            ],
        },
    ]
}
