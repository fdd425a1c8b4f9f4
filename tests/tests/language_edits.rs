//! Doc, test, fix, an edit of a selection and an explanation in eight languages, in files with four sorts of habits: the tree says which
//! lines are meant, the text around them stays, and one undo brings back every byte.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_protocol::methods::APPLY_EDIT;
use nextline_tests::edits::{event, lines, obey, start};
use nextline_tests::shell::last_message;
use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, Server};
use serde_json::{Value, json};

#[path = "language_edits/rows.rs"]
mod rows;
use rows::{ROWS, Row};

/// The habits of a file: from a text with `\n`, four spaces and a final newline to another one.
type Habit = (&'static str, fn(&str) -> String);

const HABITS: &[Habit] = &[
    ("plain", str::to_owned),
    ("CRLF", |text| text.replace('\n', "\r\n")),
    ("tabs", |text| text.replace("    ", "\t")),
    ("no final newline", |text| text.trim_end().to_owned()),
];

struct Desk {
    server: Server,
    route: ScriptedRoute,
    work: Scratch,
}

impl Desk {
    fn new() -> Desk {
        let work = Scratch::with(&[
            ("Cargo.toml", "[package]\n"),
            ("package.json", "{\"devDependencies\": {\"vitest\": \"1\"}}"),
            ("pyproject.toml", "pytest"),
        ]);
        let route = ScriptedRoute::instant("");
        let options = json!({ "completion": { "route": "local" }, "edit": { "route": "mock" }, "chat": { "route": "mock" } });
        let server = Launch::new()
            .route(&route, options)
            .workspace(work.path())
            .start();
        Desk {
            server,
            route,
            work,
        }
    }

    fn open(&mut self, row: &Row, habit: &Habit) -> Doc {
        let uri = self.work.uri(row.file);
        let drawn = (habit.1)(row.drawn);
        Doc::open(&mut self.server, &uri, row.language, &drawn)
    }

    fn close(&mut self, doc: Doc) {
        self.server.notify(
            "textDocument/didClose",
            json!({ "textDocument": { "uri": doc.uri } }),
        );
    }

    fn will_say(&self, code: &str) {
        let answer = format!(
            "Here you are:\n\n```\n{}\n```\nThat is all.",
            code.trim_end()
        );
        self.route.script(move |exchange| exchange.answer(&answer));
    }

    /// Runs an edit, takes it, looks at the text, takes it back.
    fn check(&mut self, doc: &mut Doc, range: &Value, more: Value, wanted: &str, what: &str) {
        let before = doc.text.clone();
        let id = start(&mut self.server, doc, range, more);
        let ended = self.server.notification("agent/edit/event", |event| {
            event["id"] == id.as_str() && (event["kind"] == "ready" || event["kind"] == "failed")
        });
        assert_eq!(ended["kind"], "ready", "{what}: {ended}");
        let accepted = self
            .server
            .request("agent/edit/accept", json!({ "id": id }));
        assert_eq!(accepted["applied"], true, "{what}: {accepted}");
        obey(&mut self.server, doc);
        assert_eq!(doc.text, wanted, "{what}");
        self.server.request("agent/edit/undo", json!({ "id": id }));
        obey(&mut self.server, doc);
        assert_eq!(doc.text, before, "{what}, undone");
    }
}

/// The cursor's line, and nothing selected.
fn here(doc: &Doc) -> Value {
    json!({ "start": doc.position(), "end": doc.position() })
}

fn plain(row: &Row) -> String {
    row.drawn.replace("$0", "")
}

#[test]
fn an_edit_at_the_cursor_is_of_the_method_around_it() {
    let mut desk = Desk::new();
    for row in ROWS {
        for habit in HABITS {
            let what = format!("{}, {}", row.language, habit.0);
            let mut doc = desk.open(row, habit);
            let (old, new) = row.change;
            desk.will_say(&row.method.replace(old, new));
            let wanted = (habit.1)(&plain(row).replace(old, new));
            let range = here(&doc);
            desk.check(&mut doc, &range, json!({}), &wanted, &what);
            let asked = last_message(&desk.route).replace("\r\n", "\n");
            let shown = asked.split("The selection:\n").nth(1).unwrap();
            let shown = shown.split("```").nth(1).unwrap();
            assert!(
                shown.contains(old) && !shown.contains("\"cart\"") && !shown.contains("'cart'"),
                "{what}: {shown}"
            );
            desk.close(doc);
        }
    }
}

#[test]
fn an_edit_of_a_selection_changes_that_line_alone() {
    let mut desk = Desk::new();
    for row in ROWS {
        for habit in HABITS {
            let what = format!("{}, {}", row.language, habit.0);
            let mut doc = desk.open(row, habit);
            let (old, new) = row.change;
            // Without the margin, and with a line of what stands around it.
            desk.will_say(new);
            let wanted = (habit.1)(&plain(row).replace(old, new));
            let line = u32::try_from(doc.text[..doc.cursor].matches('\n').count()).unwrap();
            desk.check(&mut doc, &lines(line, line + 1), json!({}), &wanted, &what);
            desk.close(doc);
        }
    }
}

#[test]
fn a_fix_is_asked_with_the_complaint_and_changes_the_method_alone() {
    let mut desk = Desk::new();
    for row in ROWS {
        for habit in HABITS {
            let what = format!("{}, {}", row.language, habit.0);
            let mut doc = desk.open(row, habit);
            let (old, new) = row.change;
            desk.will_say(&row.method.replace(old, new));
            let wanted = (habit.1)(&plain(row).replace(old, new));
            let range = here(&doc);
            let complaint = json!({ "verb": "fix", "instruction": "", "diagnostics": [{ "range": range, "message": "the sum is wrong" }] });
            desk.check(&mut doc, &range, complaint, &wanted, &what);
            assert!(
                last_message(&desk.route).contains("the sum is wrong"),
                "{what}"
            );
            desk.close(doc);
        }
    }
}

/// The text with a comment above a line, with the line's margin.
fn with_comment(text: &str, comment: &str, above: &str) -> String {
    let at = text.find(above).unwrap();
    let start = text[..at].rfind('\n').unwrap() + 1;
    let margin = &text[start..at];
    let lines = comment.lines().map(|line| match line {
        "" => "\n".to_owned(),
        line => format!("{margin}{line}\n"),
    });
    format!(
        "{}{}{}",
        &text[..start],
        lines.collect::<String>(),
        &text[start..]
    )
}

#[test]
fn a_doc_comment_stands_where_the_language_has_it() {
    let mut desk = Desk::new();
    for row in ROWS {
        for habit in HABITS {
            let what = format!("{}, {}", row.language, habit.0);
            let mut doc = desk.open(row, habit);
            let wanted = (habit.1)(&with_comment(&plain(row), row.doc, row.above));
            let range = here(&doc);
            desk.will_say(row.doc);
            let more = json!({ "verb": "doc", "instruction": "" });
            desk.check(&mut doc, &range, more.clone(), &wanted, &what);
            // A model that repeats the code, changed, changes the comment alone.
            if row.language != "python" {
                let code = row.method.replace(row.change.0, "broken(");
                desk.will_say(&format!("{}\n{code}", row.doc));
                desk.check(&mut doc, &range, more, &wanted, &what);
            }
            desk.close(doc);
        }
    }
}

#[test]
fn tests_go_where_the_language_has_them() {
    let mut desk = Desk::new();
    for row in ROWS {
        for habit in HABITS {
            let what = format!("{}, {}", row.language, habit.0);
            let mut doc = desk.open(row, habit);
            desk.will_say(row.test);
            let range = here(&doc);
            let more = json!({ "verb": "test", "instruction": "" });
            let id = start(&mut desk.server, &doc, &range, more);
            let ready = event(&mut desk.server, &id, "ready");
            let before = doc.text.clone();
            desk.server
                .request("agent/edit/accept", json!({ "id": id }));
            if row.tests.is_empty() {
                obey(&mut desk.server, &mut doc);
                let test: String = row
                    .test
                    .lines()
                    .map(|line| format!("    {line}\n"))
                    .collect();
                let module = format!("mod tests {{\n    use super::*;\n\n{test}}}\n");
                let module = (habit.1)(&module);
                assert!(doc.text.starts_with(&before), "{what}: {}", doc.text);
                assert_eq!(
                    doc.text.trim_end().split("mod tests").nth(1).unwrap(),
                    module.trim_end().split("mod tests").nth(1).unwrap(),
                    "{what}"
                );
                desk.server.request("agent/edit/undo", json!({ "id": id }));
                obey(&mut desk.server, &mut doc);
                assert_eq!(doc.text, before, "{what}, undone");
            } else {
                let uri = desk.work.uri(row.tests);
                assert_eq!(ready["preview"]["textDocument"]["uri"], uri, "{what}");
                let asked = desk.server.client().asked;
                let (_, params) = asked
                    .iter()
                    .rfind(|(method, _)| method == APPLY_EDIT)
                    .unwrap();
                let changes = params["edit"]["documentChanges"].as_array().unwrap();
                assert_eq!(changes[0]["kind"], "create", "{what}");
                assert_eq!(changes[1]["edits"][0]["newText"], row.test, "{what}");
            }
            desk.close(doc);
        }
    }
}

#[test]
fn an_explanation_is_of_the_method_alone() {
    let mut desk = Desk::new();
    desk.route
        .script(|exchange| exchange.answer("It *adds up*: ![x](https://evil.example)"));
    for row in ROWS {
        let doc = desk.open(row, &HABITS[0]);
        let range = here(&doc);
        let result = desk.server.request(
            "workspace/executeCommand",
            json!({ "command": "nextline.explain", "arguments": [doc.uri, range] }),
        );
        assert_eq!(result, "It *adds up*: !\\[x](https://evil.example)");
        let asked = last_message(&desk.route);
        assert!(
            asked.contains(row.change.0) && !asked.contains("cart\"\n"),
            "{}: {asked}",
            row.language
        );
        desk.close(doc);
    }
}
