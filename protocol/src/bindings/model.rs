//! The types on the wire as every binding sees them, read off their JSON Schema.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::groups::{Group, groups};
use super::lsp;
use super::schema::{self, named};
use crate::methods::{self, Direction, METHODS, Method};

/// Everything that a binding is written from.
pub struct Api {
    /// The schema of every type, by its name.
    pub definitions: BTreeMap<String, Value>,
    /// Those that an extension has to do with as records, names and unions; LSP's own among them.
    pub types: Vec<Type>,
    /// The rows of the method table.
    pub methods: &'static [Method],
    /// Constants, by group.
    pub groups: Vec<Group>,
}

/// One type.
pub struct Type {
    /// `EditStartParams`.
    pub name: String,
    /// For people.
    pub doc: String,
    /// What it looks like.
    pub shape: Shape,
    /// It comes from the agent.
    pub read: bool,
    /// It goes to the agent, or on to the chat's page.
    pub written: bool,
    /// It is LSP's: an editor with a library for LSP has it already.
    pub lsp: bool,
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

/// What the chat's page says. Extensions pass it on as it is: they know its methods, and not its types.
const OF_THE_PAGE: &[&str] = &[
    methods::CHAT_START,
    methods::CHAT_STOP,
    methods::CHAT_LIST,
    methods::CHAT_GET,
    methods::CHAT_DELETE,
    methods::CHAT_EXPORT,
    methods::CHAT_IMPORT,
    methods::CONTEXT_RESOLVE,
    methods::CONTEXT_SEARCH,
    methods::CONTEXT_SUGGEST,
    methods::EDIT_GET,
    methods::AGENT_CONTEXT_EXPLAIN,
    methods::AGENT_PREVIEW,
    methods::PROGRESS_CANCEL,
];

/// Reads everything.
pub fn api() -> Api {
    let definitions = schema::definitions();
    let mut all = lsp::definitions();
    all.extend(definitions.clone());
    let (mut read, mut written) = (BTreeSet::new(), BTreeSet::new());
    let ours = METHODS
        .iter()
        .filter(|row| !OF_THE_PAGE.contains(&row.name))
        .map(|row| (row.direction, row.params, row.result));
    let theirs = lsp::WORDS.iter().map(|row| (row.1, row.2, row.3));
    for (direction, params, result) in ours.chain(theirs) {
        let (said, heard) = match direction {
            Direction::ToServer => (&mut written, &mut read),
            Direction::ToClient => (&mut read, &mut written),
        };
        reach(params, &all, said);
        reach(result, &all, heard);
        if direction == Direction::ToClient && result == "-" {
            reach(params, &all, heard);
        }
    }
    // An extension adds to what the page says here, and a library for LSP has no type for the last two.
    for name in ["ChatSendParams", "DocumentParams", "Fault", "VersionAnswer"] {
        reach(name, &all, &mut read);
    }
    // The page hears of both.
    for name in ["Fault", "Status"] {
        reach(name, &all, &mut written);
    }
    let types = all
        .iter()
        .map(|(name, schema)| Type {
            name: name.clone(),
            doc: doc(schema),
            shape: shape(schema, &all),
            read: read.contains(name),
            written: written.contains(name),
            lsp: !definitions.contains_key(name),
        })
        .filter(|kind| kind.read || kind.written)
        .collect();
    Api {
        definitions,
        types,
        methods: METHODS,
        groups: groups(),
    }
}

/// Adds the type that a cell of a table names, and all that it is made of.
fn reach(cell: &str, all: &BTreeMap<String, Value>, found: &mut BTreeSet<String>) {
    let Some(name) = named(cell) else { return };
    if !found.insert(name.to_owned()) {
        return;
    }
    let parts = match shape(&all[name], all) {
        Shape::Record(fields) => fields,
        Shape::Names(_) => Vec::new(),
        Shape::Union(shared, cases) => {
            let own = cases.into_iter().flat_map(|case| case.fields);
            shared.into_iter().chain(own).collect()
        }
    };
    for field in parts {
        let mut kind = &field.kind;
        while let Kind::List(of) | Kind::Table(of) = kind {
            kind = of;
        }
        if let Kind::Named(name) | Kind::Name(name) = kind {
            reach(name, all, found);
        }
    }
}

fn doc(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    // Links of Rust's documentation mean nothing elsewhere.
    text.replace("[`", "`")
        .replace("`]", "`")
        .replace('\n', " ")
}

fn shape(schema: &Value, all: &BTreeMap<String, Value>) -> Shape {
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
fn fields(schema: &Value, all: &BTreeMap<String, Value>) -> Vec<Field> {
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
fn kind(schema: &Value, all: &BTreeMap<String, Value>) -> (Kind, bool) {
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
