//! The types on the wire as every binding sees them, read off their JSON Schema.

use serde_json::{Map, Value};

use super::schema;
use super::words::constant;
use crate::edit::verb;
use crate::fault;
use crate::inline::{AUTOMATIC, INVOKED};
use crate::methods::{COMMANDS, METHODS, Method};
use crate::version::{OLDEST, VERSION};

/// Everything that a binding is written from.
pub struct Api {
    /// The schema of every type, by its name.
    pub definitions: Map<String, Value>,
    /// The same as records, names and unions.
    pub types: Vec<Type>,
    /// The rows of the method table.
    pub methods: &'static [Method],
    /// Constants, by group.
    pub groups: Vec<Group>,
}

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

/// One type.
pub struct Type {
    /// `EditStartParams`.
    pub name: String,
    /// For people.
    pub doc: String,
    /// What it looks like.
    pub shape: Shape,
}

/// What a type looks like.
pub enum Shape {
    /// An object.
    Record(Vec<Field>),
    /// One of these texts.
    Names(Vec<(String, String)>),
    /// An object of one of several forms, told apart by its `kind`.
    Union(Vec<Field>, Vec<Case>),
}

/// One form of a union.
pub struct Case {
    /// Its `kind`.
    pub kind: String,
    /// For people.
    pub doc: String,
    /// Beside `kind` and the shared ones.
    pub fields: Vec<Field>,
}

/// One member of an object.
#[derive(Clone)]
pub struct Field {
    /// As JSON has it.
    pub name: String,
    /// For people.
    pub doc: String,
    /// Its type.
    pub kind: Kind,
    /// May be absent or `null`.
    pub optional: bool,
}

/// The type of a member.
#[derive(Clone)]
pub enum Kind {
    Text,
    Flag,
    Int,
    Long,
    Number,
    Any,
    /// A record or a union.
    Named(String),
    /// A text of a type of names.
    Name(String),
    List(Box<Kind>),
    Table(Box<Kind>),
}

/// Words of LSP itself that clients without a library for it say and hear.
const LSP: &[&str] = &[
    "initialize",
    "initialized",
    "shutdown",
    "exit",
    "$/cancelRequest",
    "$/progress",
    "client/registerCapability",
    "textDocument/codeAction",
    "textDocument/codeLens",
    "textDocument/completion",
    // Not LSP's own: next edits that are shown are told by it.
    "textDocument/didShowInlineEdit",
    "window/logMessage",
    "window/showMessage",
    "window/showMessageRequest",
    "window/workDoneProgress/create",
    "workspace/applyEdit",
    "workspace/configuration",
    "workspace/didChangeConfiguration",
    "workspace/didChangeWatchedFiles",
    "workspace/didChangeWorkspaceFolders",
    "workspace/executeCommand",
];

const CODES: &[(&str, i64, &str)] = &[
    (
        "ServerNotInitialized",
        fault::SERVER_NOT_INITIALIZED,
        "A request came before `initialize`.",
    ),
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
    (
        "InvalidParams",
        fault::INVALID_PARAMS,
        "The params have the wrong shape.",
    ),
];

/// Reads everything.
pub fn api() -> Api {
    let definitions = schema::definitions();
    let types = definitions
        .iter()
        .map(|(name, schema)| Type {
            name: name.clone(),
            doc: doc(schema),
            shape: shape(schema, &definitions),
        })
        .collect();
    Api {
        definitions,
        types,
        methods: METHODS,
        groups: groups(),
    }
}

fn groups() -> Vec<Group> {
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
            constants: LSP
                .iter()
                .map(|name| named(name, "", (*name).into()))
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
            name: "Versions",
            doc: "The versions of the `agent/*` methods that this binding knows, for `capabilities.experimental.nextline`.",
            constants: vec![
                named("Oldest", "The oldest one.", OLDEST.into()),
                named("Newest", "The newest one.", VERSION.into()),
            ],
        },
    ]
}

fn doc(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    // Links of Rust's documentation mean nothing elsewhere.
    text.replace("[`", "`")
        .replace("`]", "`")
        .replace('\n', " ")
}

fn shape(schema: &Value, all: &Map<String, Value>) -> Shape {
    if let Some(names) = schema["enum"].as_array() {
        let name = |name: &Value| (name.as_str().unwrap().to_owned(), String::new());
        return Shape::Names(names.iter().map(name).collect());
    }
    let Some(forms) = schema["oneOf"].as_array() else {
        return Shape::Record(fields(schema, all));
    };
    if forms.iter().all(|form| form["const"].is_string()) {
        let name = |form: &Value| (form["const"].as_str().unwrap().to_owned(), doc(form));
        return Shape::Names(forms.iter().map(name).collect());
    }
    let case = |form: &Value| Case {
        kind: form["properties"]["kind"]["const"]
            .as_str()
            .expect("a form without a kind")
            .to_owned(),
        doc: doc(form),
        fields: fields(form, all),
    };
    Shape::Union(fields(schema, all), forms.iter().map(case).collect())
}

/// The members of an object but its `kind`: those that must be there first.
fn fields(schema: &Value, all: &Map<String, Value>) -> Vec<Field> {
    let Some(members) = schema["properties"].as_object() else {
        return Vec::new();
    };
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let members = members
        .iter()
        .filter(|(_, member)| member["const"].is_null());
    let mut found: Vec<Field> = members
        .map(|(name, member)| {
            let (kind, nullable) = kind(member, all);
            Field {
                name: name.clone(),
                doc: doc(member),
                kind,
                optional: nullable || !required.iter().any(|other| other == name),
            }
        })
        .collect();
    found.sort_by_key(|field| field.optional);
    found
}

/// A member's type, and whether it may be `null`.
fn kind(schema: &Value, all: &Map<String, Value>) -> (Kind, bool) {
    if let Some(forms) = schema["anyOf"].as_array() {
        let form = forms.iter().find(|form| form["type"] != "null").unwrap();
        return (kind(form, all).0, true);
    }
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap().to_owned();
        let named = match shape(&all[&name], all) {
            Shape::Names(_) => Kind::Name(name),
            Shape::Record(_) | Shape::Union(..) => Kind::Named(name),
        };
        return (named, false);
    }
    let (word, nullable) = match &schema["type"] {
        Value::Array(words) => {
            let word = words.iter().find(|word| *word != "null");
            (word.and_then(Value::as_str), true)
        }
        word => (word.as_str(), false),
    };
    let of = |inner: &Value| Box::new(kind(inner, all).0);
    let kind = match word {
        None => Kind::Any,
        Some("string") => Kind::Text,
        Some("boolean") => Kind::Flag,
        Some("number") => Kind::Number,
        Some("integer") => match schema["format"].as_str() {
            Some("uint8" | "uint16" | "uint32" | "int32") => Kind::Int,
            _ => Kind::Long,
        },
        // A tuple: all of ours are of one type.
        Some("array") if schema["prefixItems"].is_array() => {
            Kind::List(of(&schema["prefixItems"][0]))
        }
        Some("array") => Kind::List(of(&schema["items"])),
        Some("object") => Kind::Table(of(&schema["additionalProperties"])),
        Some(word) => panic!("no binding knows the type {word}: {schema}"),
    };
    (kind, nullable)
}
