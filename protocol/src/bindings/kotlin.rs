//! The binding for Kotlin: data classes that read and write themselves as maps, lists, texts and numbers, whatever library parses JSON.

use super::HEAD;
use super::model::{Api, Field, Kind, Shape, Type};
use super::words::{capital, shouted};

pub fn text(api: &Api) -> String {
    let mut out =
        format!("// {HEAD}\n@file:Suppress(\"unused\")\n\npackage dev.nextline.protocol\n");
    for group in &api.groups {
        out.push('\n');
        out += &doc("", group.doc);
        out += &format!("object {} {{\n", group.name);
        for constant in &group.constants {
            out += &doc("    ", &constant.doc);
            let name = shouted(&constant.name);
            let value = constant.value.to_string().replace('$', "\\$");
            out += &format!("    const val {name} = {value}\n");
        }
        out += "}\n";
    }
    for kind in &api.types {
        out.push('\n');
        out += &doc("", &kind.doc);
        out += &match &kind.shape {
            Shape::Record(fields) => record(kind, fields),
            Shape::Names(names) => {
                let mut body = format!("object {} {{\n", kind.name);
                for (name, about) in names {
                    body += &doc("    ", about);
                    body += &format!("    const val {} = {name:?}\n", shouted(name));
                }
                body + "}\n"
            }
            Shape::Union(shared, cases) => {
                let cases: Vec<_> = cases
                    .iter()
                    .map(|case| {
                        (
                            case.kind.as_str(),
                            case.doc.as_str(),
                            case.fields.as_slice(),
                        )
                    })
                    .collect();
                union(&kind.name, shared, &cases)
            }
        };
    }
    out + SUPPORT
}

/// What the classes share.
const SUPPORT: &str = r#"
private fun members(json: Any?): Map<*, *> = json as? Map<*, *> ?: emptyMap<String, Any?>()

private fun <T> list(json: Any?, read: (Any?) -> T): List<T> = (json as? List<*> ?: emptyList<Any?>()).map(read)

private fun <T> table(json: Any?, read: (Any?) -> T): Map<String, T> = members(json).entries.associate { (name, value) -> name as String to read(value) }

private fun present(vararg members: Pair<String, Any?>): Map<String, Any?> = members.filter { it.second != null }.toMap()
"#;

fn doc(indent: &str, text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!(
            "{indent}/** {} */\n",
            text.replace("*/", "* /").replace("/*", "/ *")
        ),
    }
}

fn record(kind: &Type, fields: &[Field]) -> String {
    let name = &kind.name;
    let mut parts = Vec::new();
    if kind.written {
        let members = written(fields, None);
        parts.push(format!(
            "    fun json(): Map<String, Any?> = present({members})\n"
        ));
    }
    if kind.read {
        let read = read(name, fields);
        parts.push(format!(
            "    companion object {{\n        fun from(json: Any?): {name} = {read}\n    }}\n"
        ));
    }
    let parameters = parameters("    ", fields, &[]);
    format!(
        "data class {name}(\n{parameters}) {{\n{}}}\n",
        parts.join("\n")
    )
}

fn union(name: &str, shared: &[Field], cases: &[(&str, &str, &[Field])]) -> String {
    let mut out = format!("sealed class {name} {{\n");
    for field in shared {
        out += &doc("    ", &field.doc);
        out += &format!("    abstract val {}: {}\n", field.name, typed(field));
    }
    out += "\n    abstract fun json(): Map<String, Any?>\n";
    for (kind, about, fields) in cases {
        let all = [shared, fields].concat();
        out.push('\n');
        out += &doc("    ", about);
        out += &format!(
            "    data class {}(\n{}    ) : {name}() {{\n        override fun json(): Map<String, Any?> = present({})\n    }}\n",
            capital(kind),
            parameters("        ", &all, shared),
            written(&all, Some(kind)),
        );
    }
    out += &format!(
        "\n    companion object {{\n        /** `null` for a kind of another version. */\n        fun from(json: Any?): {name}? = when (members(json)[\"kind\"]) {{\n"
    );
    for (kind, _, fields) in cases {
        let all = [shared, fields].concat();
        out += &format!("            {kind:?} -> {}\n", read(&capital(kind), &all));
    }
    out + "            else -> null\n        }\n    }\n}\n"
}

fn parameters(indent: &str, fields: &[Field], inherited: &[Field]) -> String {
    let mut out = String::new();
    for field in fields {
        out += &doc(indent, &field.doc);
        let over = if inherited.iter().any(|other| other.name == field.name) {
            "override "
        } else {
            ""
        };
        let absent = if field.optional { " = null" } else { "" };
        out += &format!(
            "{indent}{over}val {}: {}{absent},\n",
            field.name,
            typed(field)
        );
    }
    out
}

fn typed(field: &Field) -> String {
    let spelled = spelled(&field.kind);
    if field.optional && !spelled.ends_with('?') {
        spelled + "?"
    } else {
        spelled
    }
}

fn spelled(kind: &Kind) -> String {
    match kind {
        Kind::Text | Kind::Name(_) => "String".into(),
        Kind::Flag => "Boolean".into(),
        Kind::Int => "Int".into(),
        Kind::Long => "Long".into(),
        Kind::Number => "Double".into(),
        Kind::Any => "Any?".into(),
        Kind::Named(name) => name.clone(),
        Kind::List(of) => format!("List<{}>", spelled(of)),
        Kind::Table(of) => format!("Map<String, {}>", spelled(of)),
    }
}

fn written(fields: &[Field], kind: Option<&str>) -> String {
    let kind = kind.map(|kind| format!("\"kind\" to {kind:?}"));
    let members = fields.iter().map(|field| {
        let value = value(&field.kind, &field.name, field.optional);
        format!("{:?} to {value}", field.name)
    });
    kind.into_iter()
        .chain(members)
        .collect::<Vec<_>>()
        .join(", ")
}

fn value(kind: &Kind, of: &str, optional: bool) -> String {
    let mark = if optional { "?" } else { "" };
    match kind {
        Kind::Named(_) => format!("{of}{mark}.json()"),
        Kind::List(inner) if plain(inner) => of.into(),
        Kind::Table(inner) if plain(inner) => of.into(),
        Kind::List(inner) => format!(
            "{of}{mark}.map {{ item -> {} }}",
            value(inner, "item", false)
        ),
        Kind::Table(inner) => format!(
            "{of}{mark}.mapValues {{ item -> {} }}",
            value(inner, "item.value", false)
        ),
        _ => of.into(),
    }
}

/// Its values are JSON as they are.
fn plain(kind: &Kind) -> bool {
    match kind {
        Kind::Named(_) => false,
        Kind::List(of) | Kind::Table(of) => plain(of),
        _ => true,
    }
}

fn read(name: &str, fields: &[Field]) -> String {
    let members = fields.iter().map(|field| {
        let member = format!("members[{:?}]", field.name);
        let taken = if field.optional && !matches!(field.kind, Kind::Any) {
            format!(
                "{member}?.let {{ member -> {} }}",
                taken(&field.kind, "member")
            )
        } else {
            taken(&field.kind, &member)
        };
        format!("{} = {taken}", field.name)
    });
    let members = members.collect::<Vec<_>>().join(", ");
    format!("members(json).let {{ members -> {name}({members}) }}")
}

fn taken(kind: &Kind, from: &str) -> String {
    match kind {
        Kind::Text | Kind::Name(_) => format!("{from} as String"),
        Kind::Flag => format!("{from} as Boolean"),
        Kind::Int => format!("({from} as Number).toInt()"),
        Kind::Long => format!("({from} as Number).toLong()"),
        Kind::Number => format!("({from} as Number).toDouble()"),
        Kind::Any => from.into(),
        Kind::Named(name) => format!("{name}.from({from})"),
        Kind::List(of) => format!("list({from}) {{ item -> {} }}", taken(of, "item")),
        Kind::Table(of) => format!("table({from}) {{ item -> {} }}", taken(of, "item")),
    }
}
