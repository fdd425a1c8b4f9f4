//! Calls and lists of parameters, as the trees of all languages have them.

use nextline_grammars::{Node, Role};

use crate::document::Document;
use crate::text::is_word;

/// What calls: parts of kinds.
const CALLS: &[&str] = &[
    "call",
    "invocation",
    "new_expression",
    "object_creation",
    "constructor",
];
/// Fields of a call that hold what is called.
const CALLEES: &[&str] = &["function", "name", "method", "constructor", "type"];

/// A parameter as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, else all of it.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// What is called, and where its name stands.
pub struct Callee {
    /// Its name.
    pub text: String,
    /// Where that begins.
    pub at: usize,
}

/// A call's name and arguments, if a node is a call.
pub fn call<'d>(document: &Document, node: Node<'d>) -> Option<(Callee, Vec<Node<'d>>)> {
    if !CALLS.iter().any(|part| node.kind().contains(part)) {
        return None;
    }
    let list = arguments_of(node)?;
    let callee = CALLEES
        .iter()
        .find_map(|field| node.child_by_field_name(field))
        .or_else(|| node.named_child(0))?;
    // The last word before the arguments: `a.b::<T>.c` calls `c`.
    let mut name = callee;
    if let Some(inner) = callee.child_by_field_name("function") {
        name = inner;
    }
    while let Some(last) = ["field", "name", "property", "attribute"]
        .iter()
        .find_map(|field| name.child_by_field_name(field))
    {
        name = last;
    }
    let mut cursor = list.walk();
    let arguments: Vec<Node<'d>> = list
        .named_children(&mut cursor)
        .filter(|child| !child.is_extra())
        .collect();
    let text = document.text.bytes(name.byte_range());
    let spread = |one: &Node<'_>| {
        one.kind().contains("spread")
            || one.kind().contains("splat")
            || one.kind().contains("keyword")
            || one.kind().contains("block")
    };
    let plain = !list.has_error() && !arguments.iter().any(spread);
    (plain && !text.is_empty()).then(|| {
        (
            Callee {
                text,
                at: name.start_byte(),
            },
            arguments,
        )
    })
}

pub fn arguments_of(call: Node<'_>) -> Option<Node<'_>> {
    call.child_by_field_name("arguments").or_else(|| {
        let mut cursor = call.walk();
        call.children(&mut cursor)
            .find(|child| child.kind().contains("argument") && child.kind() != "type_arguments")
    })
}

/// A list with other items: what stands between them stays as far as it goes.
pub fn rewritten(
    document: &Document,
    list: Node<'_>,
    items: &[Node<'_>],
    texts: &[String],
) -> Option<String> {
    let open = list.child(0)?;
    let gap = match items {
        [first, second, ..] => document.text.bytes(first.end_byte()..second.start_byte()),
        _ => ", ".to_owned(),
    };
    let (head, tail) = match (items.first(), items.last()) {
        (Some(first), Some(last)) => (
            list.start_byte()..first.start_byte(),
            last.end_byte()..list.end_byte(),
        ),
        _ => (
            list.start_byte()..open.end_byte(),
            open.end_byte()..list.end_byte(),
        ),
    };
    let (head, tail) = (document.text.bytes(head), document.text.bytes(tail));
    let tail = if texts.is_empty() {
        tail.trim_start_matches(',').to_owned()
    } else {
        tail
    };
    Some(format!("{head}{}{tail}", texts.join(&gap)))
}

/// The nearest list of parameters that holds some bytes.
pub fn list_around(root: Node<'_>, start: usize, end: usize) -> Option<Node<'_>> {
    let mut node = root.descendant_for_byte_range(start, end);
    while let Some(here) = node {
        let parent = here.parent()?;
        if list_of(parent).is_some_and(|list| list.id() == here.id())
            && here.start_byte() < start
            && end < here.end_byte()
        {
            return Some(here);
        }
        node = Some(parent);
    }
    None
}

/// The list of parameters of a function.
pub fn list_of(function: Node<'_>) -> Option<Node<'_>> {
    let list = function.child_by_field_name("parameters").or_else(|| {
        let mut cursor = function.walk();
        function.children(&mut cursor).find(|child| {
            child.kind().ends_with("_parameters") && child.kind() != "type_parameters"
        })
    });
    // A closure has no name to be called by.
    list.filter(|list| list.child(0).is_some_and(|open| open.kind() == "("))
}

pub fn function_name(document: &Document, list: Node<'_>) -> Option<String> {
    let function = list.parent()?;
    let name = function
        .child_by_field_name("name")
        .or_else(|| function.child_by_field_name("declarator"))?;
    let text = document.text.bytes(name.byte_range());
    text.chars().all(is_word).then_some(text)
}

pub fn parameters(document: &Document, list: Node<'_>) -> Vec<Parameter> {
    let mut cursor = list.walk();
    let children = list
        .named_children(&mut cursor)
        .filter(|child| !child.is_extra() && !child.kind().contains("attribute"));
    let read = |node: Node<'_>| {
        let text = document.text.bytes(node.byte_range());
        let syntax = document.syntax();
        let declared = syntax.map(|syntax| {
            syntax.names(node.byte_range(), |span| {
                span.start >= node.start_byte() && span.end <= node.end_byte()
            })
        });
        let name = declared
            .into_iter()
            .flatten()
            .find(|name| name.role == Role::Declared);
        let name = name.map_or_else(
            || text.clone(),
            |name| document.text.bytes(name.node.byte_range()),
        );
        Parameter { name, text }
    };
    children.map(read).collect()
}

/// What a method is called on, written as its first parameter: `&'a mut self`, `self: Box<Self>`, `cls`.
pub fn is_receiver(parameter: &Parameter) -> bool {
    let written = parameter.text.split(':').next().unwrap_or_default();
    let last = written.rsplit(|c: char| !is_word(c)).next();
    last.is_some_and(|word| ["self", "cls"].contains(&word))
}
