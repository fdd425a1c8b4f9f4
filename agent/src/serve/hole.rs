//! A request's body to the hole that it wants filled: what a client has put into a model's template is taken out again.

use serde_json::Value;

use crate::prompt::fim::{Row, rows};

/// A hole in a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hole {
    /// Before it.
    pub prefix: String,
    /// Behind it.
    pub suffix: String,
    /// The file, where the client says it.
    pub path: Option<String>,
}

/// llama.cpp's `/infill`: `prompt` stands between `input_prefix` and the hole.
pub fn of_infill(body: &Value) -> Option<Hole> {
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    Some(Hole {
        prefix: format!("{}{}", text("input_prefix"), text("prompt")),
        suffix: text("input_suffix").to_owned(),
        path: None,
    })
}

/// OpenAI's completions: a prompt with its suffix beside it, or both in the template of some family of models.
pub fn of_completion(body: &Value) -> Option<Hole> {
    let prompt = body["prompt"].as_str().or(body["prompt"][0].as_str())?;
    if let Some(suffix) = body["suffix"].as_str() {
        return Some(Hole {
            prefix: prompt.to_owned(),
            suffix: suffix.to_owned(),
            path: None,
        });
    }
    let undone = rows().iter().find_map(|row| undo(row, prompt));
    Some(undone.unwrap_or_else(|| Hole {
        prefix: prompt.to_owned(),
        ..Hole::default()
    }))
}

/// Takes a prompt apart by the templates of a family; `None` if it was not put together by one.
fn undo(row: &Row, prompt: &str) -> Option<Hole> {
    let by = |template: &str| undo_by(template, row, prompt);
    row.repo.as_deref().and_then(by).or_else(|| by(&row.file))
}

fn undo_by(template: &str, row: &Row, prompt: &str) -> Option<Hole> {
    let (literals, names) = parts(template);
    let (first, marks) = literals.split_first()?;
    if first.is_empty() {
        return None;
    }
    // Other files may stand before it.
    let start = prompt.rfind(first)?;
    let mut hole = Hole {
        path: path_before(row, &prompt[..start]),
        ..Hole::default()
    };
    let mut rest = &prompt[start + first.len()..];
    for (place, (name, mark)) in names.iter().zip(marks.iter().copied()).enumerate() {
        let last = place + 1 == marks.len();
        let bare = mark.trim_end();
        let end = if last && bare.is_empty() {
            rest.len()
        } else if last || *name == "pieces" {
            rest.rfind(bare)?
        } else if bare.is_empty() {
            rest.find(mark)?
        } else {
            rest.find(bare)?
        };
        let value = rest[..end].to_owned();
        match *name {
            "prefix" => hole.prefix = value,
            "suffix" => hole.suffix = value,
            "path" => hole.path = Some(value).filter(|path| is_path(path)),
            _ => {}
        }
        rest = &rest[end..];
        rest = rest.strip_prefix(mark).or(rest.strip_prefix(bare))?;
    }
    Some(hole)
}

/// The literals of a template and the names between them.
fn parts(template: &str) -> (Vec<&str>, Vec<&str>) {
    let mut pieces = template.split('{');
    let mut literals = vec![pieces.next().unwrap_or_default()];
    let mut names = Vec::new();
    for piece in pieces {
        let (name, literal) = piece.split_once('}').unwrap_or((piece, ""));
        names.push(name);
        literals.push(literal);
    }
    (literals, names)
}

/// The path that a template for several files puts on the line above the last one.
fn path_before(row: &Row, before: &str) -> Option<String> {
    let repo = row.repo.as_deref()?;
    let mark = repo.split_once("{path}")?.0.rsplit('}').next()?;
    let line = before.trim_end_matches('\n').rsplit('\n').next()?;
    let path = line.strip_prefix(mark).unwrap_or(line);
    Some(path.to_owned()).filter(|path| is_path(path))
}

fn is_path(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or_default();
    name.contains('.') && !text.contains(['\n', '<', '>', '|', ' ', '\0']) && text.len() < 1000
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_template_is_undone() {
        let (prefix, suffix) = ("fn f() {\n    let a = ", ";\n}\n");
        for row in rows() {
            let fill = |template: &str| {
                let filled = template
                    .replace("{pieces}", "")
                    .replace("{language}", "rust");
                let filled = filled.replace("{path}", "src/a.rs");
                filled
                    .replace("{prefix}", prefix)
                    .replace("{suffix}", suffix)
            };
            for template in std::iter::once(&row.file).chain(&row.repo) {
                let found = of_completion(&json!({ "prompt": fill(template) })).unwrap();
                assert_eq!(
                    (found.prefix.as_str(), found.suffix.as_str()),
                    (prefix, suffix),
                    "{} {template:?}",
                    row.name
                );
            }
        }
    }

    #[test]
    fn bodies_to_holes() {
        let check = |body: Value, prefix: &str, suffix: &str, path: Option<&str>| {
            let found = of_completion(&body).unwrap();
            let expected = Hole {
                prefix: prefix.into(),
                suffix: suffix.into(),
                path: path.map(Into::into),
            };
            assert_eq!(found, expected, "{body}");
        };
        check(json!({ "prompt": "a = " }), "a = ", "", None);
        check(
            json!({ "prompt": ["a = "], "suffix": ";" }),
            "a = ",
            ";",
            None,
        );
        let two = "<|repo_name|>x\n<|file_sep|>b.rs\nfn b() {}\n<|file_sep|>src/a.rs\n<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>";
        check(json!({ "prompt": two }), "a", "b", Some("src/a.rs"));
        check(json!({ "prompt": "<PRE> a <SUF>b <MID>" }), "a", "b", None);
        for none in [json!({}), json!({ "prompt": 3 }), json!({ "prompt": [] })] {
            assert_eq!(of_completion(&none), None);
        }
        let infill = json!({ "input_prefix": "fn f() {\n", "prompt": "    le", "input_suffix": "\n}\n", "input_extra": [], "n_predict": 128 });
        let found = of_infill(&infill).unwrap();
        assert_eq!(
            (found.prefix.as_str(), found.suffix.as_str()),
            ("fn f() {\n    le", "\n}\n")
        );
    }
}
