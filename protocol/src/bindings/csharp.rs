//! The binding for C# 7: classes that read and write themselves as dictionaries, lists, texts and numbers.

use super::HEAD;
use super::model::{Api, Field, Kind, Shape, Type};
use super::words::capital;

pub fn text(api: &Api) -> String {
    let mut out = format!(
        "// {HEAD}\nusing System;\nusing System.Collections;\nusing System.Collections.Generic;\n\nnamespace Nextline.Protocol\n{{\n"
    );
    for group in &api.groups {
        out += &doc("    ", group.doc);
        out += &format!("    public static class {}\n    {{\n", group.name);
        for constant in &group.constants {
            out += &doc("        ", &constant.doc);
            let kind = if constant.value.is_string() {
                "string"
            } else {
                "int"
            };
            out += &format!(
                "        public const {kind} {} = {};\n",
                constant.name, constant.value
            );
        }
        out += "    }\n\n";
    }
    for kind in &api.types {
        out += &doc("    ", &kind.doc);
        let name = &kind.name;
        match &kind.shape {
            Shape::Record(fields) => out += &class("    ", name, fields, &[], None, kind),
            Shape::Names(names) => {
                out += &format!("    public static class {name}\n    {{\n");
                for (name, about) in names {
                    out += &doc("        ", about);
                    out += &format!(
                        "        public const string {} = {name:?};\n",
                        capital(name)
                    );
                }
                out += "    }\n";
            }
            Shape::Union(shared, cases) => {
                out += &format!("    public abstract class {name}\n    {{\n");
                out += &properties("        ", name, shared);
                out += "\n        public abstract Dictionary<string, object> Json();\n\n";
                for case in cases {
                    out += &doc("        ", &case.doc);
                    out += &class(
                        "        ",
                        &capital(&case.kind),
                        &case.fields,
                        shared,
                        Some((&case.kind, name)),
                        kind,
                    );
                    out.push('\n');
                }
                out += &doc("        ", "null for a kind of another version.");
                out += &format!(
                    "        public static {name} From(object json)\n        {{\n            switch (Read.Member(json, \"kind\") as string)\n            {{\n"
                );
                for case in cases {
                    out += &format!(
                        "                case {:?}: return {}.From(json);\n",
                        case.kind,
                        capital(&case.kind)
                    );
                }
                out += "                default: return null;\n            }\n        }\n    }\n";
            }
        }
        out.push('\n');
    }
    out + SUPPORT
}

/// What the classes share.
const SUPPORT: &str = r#"    internal static class Read
    {
        public static object Member(object json, string name)
        {
            object value;
            return json is IDictionary<string, object> members && members.TryGetValue(name, out value) ? value : null;
        }

        public static T May<T>(object json, Func<object, T> read)
        {
            return json == null ? default(T) : read(json);
        }

        public static List<T> List<T>(object json, Func<object, T> read)
        {
            var list = new List<T>();
            if (json is IEnumerable items)
            {
                foreach (var item in items)
                {
                    list.Add(read(item));
                }
            }
            return list;
        }

        public static Dictionary<string, T> Table<T>(object json, Func<object, T> read)
        {
            var table = new Dictionary<string, T>();
            if (json is IDictionary<string, object> members)
            {
                foreach (var member in members)
                {
                    table[member.Key] = read(member.Value);
                }
            }
            return table;
        }

        public static void Put(Dictionary<string, object> json, string name, object value)
        {
            if (value != null)
            {
                json[name] = value;
            }
        }
    }
}
"#;

fn doc(indent: &str, text: &str) -> String {
    match text {
        "" => String::new(),
        text => {
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            format!("{indent}/// <summary>{text}</summary>\n")
        }
    }
}

/// A property's name: not that of its class.
fn property(class: &str, field: &Field) -> String {
    let name = capital(&field.name);
    if name == class { name + "Value" } else { name }
}

fn properties(indent: &str, class: &str, fields: &[Field]) -> String {
    let mut out = String::new();
    for field in fields {
        out += &doc(indent, &field.doc);
        out += &format!(
            "{indent}public {} {} {{ get; set; }}\n",
            spelled(&field.kind, field.optional),
            property(class, field)
        );
    }
    out
}

fn class(
    indent: &str,
    name: &str,
    own: &[Field],
    shared: &[Field],
    of: Option<(&str, &str)>,
    ways: &Type,
) -> String {
    let inherits = of
        .map(|(_, union)| format!(" : {union}"))
        .unwrap_or_default();
    let (new, over) = if of.is_some() {
        ("new ", "override ")
    } else {
        ("", "")
    };
    let mut out = format!("{indent}public sealed class {name}{inherits}\n{indent}{{\n");
    let inner = format!("{indent}    ");
    out += &properties(&inner, name, own);
    let fields = [shared, own].concat();
    if ways.read {
        out += &reads(&inner, name, new, &fields);
    }
    if !ways.written {
        return out + &format!("{indent}}}\n");
    }
    out += &format!(
        "\n{inner}public {over}Dictionary<string, object> Json()\n{inner}{{\n{inner}    var json = new Dictionary<string, object>();\n"
    );
    if let Some((kind, _)) = of {
        out += &format!("{inner}    json[\"kind\"] = {kind:?};\n");
    }
    for field in &fields {
        let value = written(&field.kind, &property(name, field), field.optional);
        out += &format!("{inner}    Read.Put(json, {:?}, {value});\n", field.name);
    }
    out + &format!("{inner}    return json;\n{inner}}}\n{indent}}}\n")
}

fn reads(indent: &str, name: &str, new: &str, fields: &[Field]) -> String {
    let mut out = format!(
        "\n{indent}public static {new}{name} From(object json) => new {name}\n{indent}{{\n"
    );
    for field in fields {
        let member = format!("Read.Member(json, {:?})", field.name);
        let value = if field.optional {
            format!(
                "Read.May(({}), item => {})",
                member,
                taken(&field.kind, "item", true, 0)
            )
        } else {
            taken(&field.kind, &member, false, 0)
        };
        out += &format!("{indent}    {} = {value},\n", property(name, field));
    }
    out + &format!("{indent}}};\n")
}

fn spelled(kind: &Kind, optional: bool) -> String {
    let mark = if optional { "?" } else { "" };
    match kind {
        Kind::Text | Kind::Name(_) => "string".into(),
        Kind::Flag => format!("bool{mark}"),
        Kind::Int => format!("int{mark}"),
        Kind::Long => format!("long{mark}"),
        Kind::Number => format!("double{mark}"),
        Kind::Any => "object".into(),
        Kind::Named(name) => name.clone(),
        Kind::List(of) => format!("List<{}>", spelled(of, false)),
        Kind::Table(of) => format!("Dictionary<string, {}>", spelled(of, false)),
    }
}

fn taken(kind: &Kind, from: &str, optional: bool, depth: usize) -> String {
    let part = format!("part{depth}");
    let cast = |word: &str, read: &str| {
        let read = format!("Convert.{read}({from})");
        if optional {
            format!("({word}?){read}")
        } else {
            read
        }
    };
    match kind {
        Kind::Text | Kind::Name(_) => format!("(string){from}"),
        Kind::Flag => cast("bool", "ToBoolean"),
        Kind::Int => cast("int", "ToInt32"),
        Kind::Long => cast("long", "ToInt64"),
        Kind::Number => cast("double", "ToDouble"),
        Kind::Any => from.into(),
        Kind::Named(name) => format!("{name}.From({from})"),
        Kind::List(of) => {
            format!(
                "Read.List({from}, {part} => {})",
                taken(of, &part, false, depth + 1)
            )
        }
        Kind::Table(of) => {
            format!(
                "Read.Table({from}, {part} => {})",
                taken(of, &part, false, depth + 1)
            )
        }
    }
}

fn written(kind: &Kind, of: &str, optional: bool) -> String {
    let mark = if optional { "?" } else { "" };
    match kind {
        Kind::Named(_) => format!("{of}{mark}.Json()"),
        Kind::List(inner) if matches!(**inner, Kind::Named(_)) => {
            let all = format!(
                "Read.List<object>({of}, part => (({})part).Json())",
                spelled(inner, false)
            );
            if optional {
                format!("{of} == null ? null : {all}")
            } else {
                all
            }
        }
        _ => of.into(),
    }
}
