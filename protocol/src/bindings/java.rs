//! The binding for Java 17: records that read and write themselves as maps, lists, texts and numbers.

use super::HEAD;
use super::model::{Api, Field, Kind, Shape, Type};
use super::words::{capital, shouted};

pub fn text(api: &Api) -> String {
    let mut out = format!(
        "// {HEAD}\npackage dev.nextline.protocol;\n\nimport java.util.ArrayList;\nimport java.util.LinkedHashMap;\nimport java.util.List;\nimport java.util.Map;\nimport java.util.function.Function;\n\n/** What Nextline speaks beyond LSP. */\npublic final class Protocol {{\n    private Protocol() {{}}\n"
    );
    for group in &api.groups {
        out += &format!(
            "\n    /** {} */\n    public static final class {} {{\n",
            group.doc, group.name
        );
        for constant in &group.constants {
            out += &doc("        ", &constant.doc);
            let kind = if constant.value.is_string() {
                "String"
            } else {
                "int"
            };
            out += &format!(
                "        public static final {kind} {} = {};\n",
                shouted(&constant.name),
                constant.value
            );
        }
        out += "    }\n";
    }
    for kind in &api.types {
        out.push('\n');
        out += &doc("    ", &kind.doc);
        match &kind.shape {
            Shape::Record(fields) => out += &record("    ", &kind.name, fields, None, kind),
            Shape::Names(names) => {
                out += &format!("    public static final class {} {{\n", kind.name);
                for (name, about) in names {
                    out += &doc("        ", about);
                    out += &format!(
                        "        public static final String {} = {name:?};\n",
                        shouted(name)
                    );
                }
                out += "    }\n";
            }
            Shape::Union(shared, cases) => {
                let name = &kind.name;
                out += &format!("    public sealed interface {name} {{\n");
                for field in shared {
                    out += &doc("        ", &field.doc);
                    out += &format!(
                        "        {} {}();\n",
                        spelled(&field.kind, field.optional),
                        field.name
                    );
                }
                out += "\n        Map<String, Object> json();\n";
                for case in cases {
                    out.push('\n');
                    out += &doc("        ", &case.doc);
                    let all = [shared.as_slice(), &case.fields].concat();
                    out += &record(
                        "        ",
                        &capital(&case.kind),
                        &all,
                        Some((&case.kind, name)),
                        kind,
                    );
                }
                out += &format!(
                    "\n        /** {{@code null}} for a kind of another version. */\n        static {name} from(Object json) {{\n            Object kind = members(json).get(\"kind\");\n            return switch (kind instanceof String ? (String) kind : \"\") {{\n"
                );
                for case in cases {
                    out += &format!(
                        "                case {:?} -> {}.from(json);\n",
                        case.kind,
                        capital(&case.kind)
                    );
                }
                out += "                default -> null;\n            };\n        }\n    }\n";
            }
        }
    }
    out + SUPPORT
}

/// What the records share.
const SUPPORT: &str = r#"
    private static Map<?, ?> members(Object json) {
        return json instanceof Map<?, ?> map ? map : Map.of();
    }

    private static <A, T> T may(A json, Function<A, T> read) {
        return json == null ? null : read.apply(json);
    }

    private static <T> List<T> list(Object json, Function<Object, T> read) {
        List<T> list = new ArrayList<>();
        if (json instanceof List<?> items) {
            for (Object item : items) {
                list.add(read.apply(item));
            }
        }
        return list;
    }

    private static <T> Map<String, T> table(Object json, Function<Object, T> read) {
        Map<String, T> table = new LinkedHashMap<>();
        members(json).forEach((name, value) -> table.put((String) name, read.apply(value)));
        return table;
    }

    private static void put(Map<String, Object> json, String name, Object value) {
        if (value != null) {
            json.put(name, value);
        }
    }
}
"#;

fn doc(indent: &str, text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("{indent}/** {} */\n", escaped(text)),
    }
}

/// What javadoc would take for markup is none.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('@', "&#64;")
        .replace("*/", "*&#47;")
}

fn record(
    indent: &str,
    name: &str,
    fields: &[Field],
    of: Option<(&str, &str)>,
    ways: &Type,
) -> String {
    let mut out = String::new();
    let parameters = |fields: &[Field]| {
        let parameter =
            |field: &Field| format!("{} {}", spelled(&field.kind, field.optional), field.name);
        fields.iter().map(parameter).collect::<Vec<_>>().join(", ")
    };
    for field in fields.iter().filter(|field| !field.doc.is_empty()) {
        out += &format!("{indent}/// {}: {}\n", field.name, field.doc);
    }
    let implements = of
        .map(|(_, union)| format!(" implements {union}"))
        .unwrap_or_default();
    out += &format!(
        "{indent}public record {name}({}){implements} {{\n",
        parameters(fields)
    );
    let required: Vec<Field> = fields
        .iter()
        .filter(|field| !field.optional)
        .cloned()
        .collect();
    if ways.written && required.len() < fields.len() {
        let given = fields
            .iter()
            .map(|field| if field.optional { "null" } else { &field.name });
        let given = given.collect::<Vec<_>>().join(", ");
        out += &format!(
            "{indent}    /** Without what may be absent. */\n{indent}    public {name}({}) {{\n{indent}        this({given});\n{indent}    }}\n\n",
            parameters(&required)
        );
    }
    if ways.read {
        out += &reads(indent, name, fields);
    }
    if !ways.written {
        return out + &format!("{indent}}}\n");
    }
    if ways.read {
        out.push('\n');
    }
    out += &format!(
        "{indent}    public Map<String, Object> json() {{\n{indent}        Map<String, Object> json = new LinkedHashMap<>();\n"
    );
    if let Some((kind, _)) = of {
        out += &format!("{indent}        json.put(\"kind\", {kind:?});\n");
    }
    for field in fields {
        let value = match (plain(&field.kind), field.optional) {
            (true, _) => field.name.clone(),
            (false, true) => {
                format!(
                    "may({}, item -> {})",
                    field.name,
                    written(&field.kind, "item")
                )
            }
            (false, false) => written(&field.kind, &field.name),
        };
        out += &format!("{indent}        put(json, {:?}, {value});\n", field.name);
    }
    out + &format!("{indent}        return json;\n{indent}    }}\n{indent}}}\n")
}

fn reads(indent: &str, name: &str, fields: &[Field]) -> String {
    let read = fields.iter().map(|field| {
        let member = format!("members.get({:?})", field.name);
        if field.optional {
            format!("may({member}, item -> {})", taken(&field.kind, "item", 0))
        } else {
            taken(&field.kind, &member, 0)
        }
    });
    let read = read
        .map(|read| format!("\n{indent}                {read}"))
        .collect::<Vec<_>>()
        .join(",");
    format!(
        "{indent}    public static {name} from(Object json) {{\n{indent}        Map<?, ?> members = members(json);\n{indent}        return new {name}({read});\n{indent}    }}\n"
    )
}

/// A type; `boxed` where it may be `null` or stands in a list.
fn spelled(kind: &Kind, boxed: bool) -> String {
    match (kind, boxed) {
        (Kind::Text | Kind::Name(_), _) => "String".into(),
        (Kind::Flag, false) => "boolean".into(),
        (Kind::Flag, true) => "Boolean".into(),
        (Kind::Int, false) => "int".into(),
        (Kind::Int, true) => "Integer".into(),
        (Kind::Long, false) => "long".into(),
        (Kind::Long, true) => "Long".into(),
        (Kind::Number, false) => "double".into(),
        (Kind::Number, true) => "Double".into(),
        (Kind::Any, _) => "Object".into(),
        (Kind::Named(name), _) => name.clone(),
        (Kind::List(of), _) => format!("List<{}>", spelled(of, true)),
        (Kind::Table(of), _) => format!("Map<String, {}>", spelled(of, true)),
    }
}

fn taken(kind: &Kind, from: &str, depth: usize) -> String {
    let item = format!("part{depth}");
    match kind {
        Kind::Text | Kind::Name(_) => format!("(String) {from}"),
        Kind::Flag => format!("(Boolean) {from}"),
        Kind::Int => format!("((Number) {from}).intValue()"),
        Kind::Long => format!("((Number) {from}).longValue()"),
        Kind::Number => format!("((Number) {from}).doubleValue()"),
        Kind::Any => from.into(),
        Kind::Named(name) => format!("{name}.from({from})"),
        Kind::List(of) => format!("list({from}, {item} -> {})", taken(of, &item, depth + 1)),
        Kind::Table(of) => format!("table({from}, {item} -> {})", taken(of, &item, depth + 1)),
    }
}

fn written(kind: &Kind, of: &str) -> String {
    match kind {
        Kind::Named(_) => format!("{of}.json()"),
        Kind::List(inner) => format!(
            "list({of}, part -> (({}) part).json())",
            spelled(inner, true)
        ),
        Kind::Table(inner) => format!(
            "table({of}, part -> (({}) part).json())",
            spelled(inner, true)
        ),
        _ => of.into(),
    }
}

/// Its values are JSON as they are; lists of lists of records there are none.
fn plain(kind: &Kind) -> bool {
    match kind {
        Kind::Named(_) => false,
        Kind::List(of) | Kind::Table(of) => plain(of),
        _ => true,
    }
}
