//! JSON Schema (draft 2020-12) of every type that the method table names.

use std::collections::BTreeMap;

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::HEAD;
use super::model::Api;
use crate::agent::*;
use crate::chat::*;
use crate::document::*;
use crate::edit::*;
use crate::fault::Fault;
use crate::inline::*;
use crate::methods::{Direction, METHODS};
use crate::next::*;
use crate::version::*;

macro_rules! definitions {
    ($($root:ident),* $(,)?) => {
        /// The schemas, by the names of their types.
        pub fn definitions() -> BTreeMap<String, Value> {
            definitions_of(|generator| { $(generator.subschema_for::<$root>();)* })
        }
    };
}

/// The schemas of the types that a generator was told, and of those that they are made of.
pub fn definitions_of(tell: impl FnOnce(&mut SchemaGenerator)) -> BTreeMap<String, Value> {
    let mut generator = SchemaGenerator::default();
    tell(&mut generator);
    let definitions = generator.take_definitions(true).into_iter();
    definitions
        .map(|(name, schema)| (name, sorted(schema)))
        .collect()
}

definitions!(
    AssertTextParams,
    ChatEvent,
    ChatExportParams,
    ChatExportResult,
    ChatGetResult,
    ChatImportParams,
    ChatImportResult,
    ChatListParams,
    ChatListResult,
    ChatParams,
    ChatSendParams,
    ChatSendResult,
    ChatStartParams,
    ChatStartResult,
    ContextAccount,
    ContextExplainResult,
    ContextResolveParams,
    ContextSearchParams,
    ContextSearchResult,
    ContextSuggestParams,
    ContextSuggestResult,
    DidChangeParams,
    DidOpenParams,
    DidPartiallyAcceptParams,
    DidShowParams,
    DocumentParams,
    EditAcceptParams,
    EditAppliedResult,
    EditApplyParams,
    EditEvent,
    EditGetResult,
    EditParams,
    EditRetryParams,
    EditStartParams,
    EditStartResult,
    EditSuggestParams,
    EditSuggestResult,
    Fault,
    InlineCompletionList,
    InlineCompletionParams,
    ModelListResult,
    PreviewResult,
    ProgressParams,
    ResyncParams,
    Status,
    VersionAnswer,
    VersionOffer,
    WhyResult,
);

/// The types that a cell of the method table names: none for `()`, `-` and `null`.
pub fn named(cell: &str) -> Option<&str> {
    let name = cell.strip_suffix(" | null").unwrap_or(cell);
    (!["()", "-", "null"].contains(&name)).then_some(name)
}

/// The whole document: the methods with their params and results, and the types.
pub fn text(api: &Api) -> String {
    let reference = |cell: &str| {
        let reference = named(cell).map(|name| json!({"$ref": format!("#/$defs/{name}")}));
        match (reference, cell.ends_with(" | null")) {
            (Some(reference), true) => json!({"anyOf": [reference, {"type": "null"}]}),
            (Some(reference), false) => reference,
            (None, _) => json!({"type": "null"}),
        }
    };
    let methods: BTreeMap<String, Value> = api
        .methods
        .iter()
        .map(|method| {
            let mut row = json!({
                "description": method.doc,
                "from": if method.direction == Direction::ToServer { "client" } else { "agent" },
                "params": reference(method.params),
            });
            if method.result != "-" {
                row["result"] = reference(method.result);
            }
            (method.name.to_owned(), row)
        })
        .collect();
    let whole = json!({
        "$comment": HEAD,
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What Nextline speaks beyond LSP",
        "version": VERSION,
        "methods": methods,
        "$defs": api.definitions,
    });
    format!("{:#}\n", sorted(whole))
}

/// The same with the members of every object by name, whatever order this build's maps keep.
pub fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.into_iter().collect();
            let members = members.into_iter();
            Value::Object(
                members
                    .map(|(name, member)| (name, sorted(member)))
                    .collect(),
            )
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        plain => plain,
    }
}

#[test]
fn every_row_names_types_that_are_there() {
    let definitions = definitions();
    for method in METHODS {
        for cell in [method.params, method.result] {
            if let Some(name) = named(cell) {
                assert!(
                    definitions.contains_key(name),
                    "{}: {name} is not in the list of {}; name it there and derive `schemars::JsonSchema` for it in tests",
                    method.name,
                    file!()
                );
            }
        }
    }
}
