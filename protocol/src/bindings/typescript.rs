//! The binding for TypeScript: types and constants, no code. Those of LSP come from the library of VS Code.

use super::HEAD;
use super::model::{Api, Field, Kind, Shape};
use super::schema::named;
use super::words::capital;
use crate::methods::{Direction, Method};

pub fn text(api: &Api) -> String {
    let mut out = format!("// {HEAD}\n");
    for group in &api.groups {
        out += &format!("\n/** {} */\nexport const {} = {{\n", group.doc, group.name);
        for constant in &group.constants {
            out += &doc("    ", &constant.doc);
            out += &format!("    {}: {},\n", constant.name, constant.value);
        }
        out += "} as const;\n";
    }
    for kind in api.types.iter().filter(|kind| !kind.lsp) {
        out.push('\n');
        out += &doc("", &kind.doc);
        match &kind.shape {
            Shape::Record(fields) => {
                out += &format!("export interface {} {{\n", kind.name);
                out += &members("    ", fields);
                out += "}\n";
            }
            Shape::Names(names) => {
                let name = &kind.name;
                let names = names
                    .iter()
                    .map(|(name, about)| (name.as_str(), about.as_str()));
                out += &constants(name, names);
                out += &format!("export type {name} = (typeof {name})[keyof typeof {name}];\n");
            }
            Shape::Union(shared, cases) => {
                out += &format!("export type {} = {{\n", kind.name);
                out += &members("    ", shared);
                out += "} & (\n";
                for case in cases {
                    out += &doc("    ", &case.doc);
                    out += &format!("    | {{\n        kind: {:?};\n", case.kind);
                    out += &members("        ", &case.fields);
                    out += "    }\n";
                }
                out += ");\n\n";
                let kinds = cases.iter().map(|case| (case.kind.as_str(), ""));
                out += &format!("/** The kinds of `{}`. */\n", kind.name);
                out += &constants(&format!("{}Kind", kind.name), kinds);
            }
        }
    }
    out += &table(
        api,
        "Requests of the client: params and result.",
        "Requests",
        |row| row.direction == Direction::ToServer && row.result != "-",
    );
    out += &table(api, "Notifications of the client.", "Notices", |row| {
        row.direction == Direction::ToServer && row.result == "-"
    });
    out += &table(api, "Notifications of the agent.", "Events", |row| {
        row.direction == Direction::ToClient
    });
    out
}

/// A type that maps the methods' names to their params, and to their results where they have one.
fn table(api: &Api, about: &str, name: &str, wanted: fn(&Method) -> bool) -> String {
    let mut out = format!("\n/** {about} */\nexport interface {name} {{\n");
    let known =
        |cell| named(cell).is_none_or(|name| api.types.iter().any(|kind| kind.name == name));
    let typed = |row: &&Method| wanted(row) && known(row.params) && known(row.result);
    for row in api.methods.iter().filter(typed) {
        let params = named(row.params).unwrap_or("null");
        out += &match row.result {
            "-" => format!("    {:?}: {params};\n", row.name),
            result => {
                let nullable = result.ends_with(" | null");
                let result = named(result).unwrap_or("null");
                let or = if nullable { " | null" } else { "" };
                format!("    {:?}: [{params}, {result}{or}];\n", row.name)
            }
        };
    }
    out + "}\n"
}

/// Texts as the members of a constant.
fn constants<'a>(name: &str, texts: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = format!("export const {name} = {{\n");
    for (text, about) in texts {
        out += &doc("    ", about);
        out += &format!("    {}: {text:?},\n", capital(text));
    }
    out + "} as const;\n"
}

fn doc(indent: &str, text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("{indent}/** {text} */\n"),
    }
}

fn members(indent: &str, fields: &[Field]) -> String {
    let mut out = String::new();
    for field in fields {
        out += &doc(indent, &field.doc);
        let (mark, or) = if field.optional {
            ("?", " | null")
        } else {
            ("", "")
        };
        out += &format!(
            "{indent}{}{mark}: {}{or};\n",
            field.name,
            spelled(&field.kind)
        );
    }
    out
}

fn spelled(kind: &Kind) -> String {
    match kind {
        Kind::Text => "string".into(),
        Kind::Flag => "boolean".into(),
        Kind::Int | Kind::Long | Kind::Number => "number".into(),
        Kind::Any => "unknown".into(),
        Kind::Named(name) | Kind::Name(name) => name.clone(),
        Kind::List(of) => format!("{}[]", spelled(of)),
        Kind::Table(of) => format!("{{ [name: string]: {} }}", spelled(of)),
    }
}
