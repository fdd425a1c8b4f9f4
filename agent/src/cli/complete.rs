//! `nextline complete FILE:LINE:COL`: one completion, through the server.

use std::io::Write;
use std::path::{Path, PathBuf};

use nextline_grammars::Language;
use serde_json::{Value, json};

use super::client::Client;
use super::{Options, code, complain, forbids, project_of};
use crate::document::place::uri_of;
use crate::text::Text;

/// Bytes of a file that is read at all.
const READ_CAP: u64 = 64 << 20;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The place, with line and column from 1 as editors show them.
    #[arg(value_name = "FILE:LINE:COL")]
    place: String,
    /// Print text, range, origin, reason and timings as JSON.
    #[arg(long)]
    json: bool,
    /// Also print which pieces of the workspace the prompt was offered: from where, with which score, at how many tokens.
    #[arg(long)]
    explain: bool,
    /// Ask this route instead of `completion.route`.
    #[arg(long, value_name = "R")]
    route: Option<String>,
    /// Print exactly what would be sent, and send nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments, options: &Options, out: &mut dyn Write) -> u8 {
    let Some((file, line, column)) = place(&arguments.place) else {
        complain(&format!(
            "{:?} is no place: FILE:LINE:COL is wanted, with line and column from 1",
            arguments.place
        ));
        return code::USAGE;
    };
    if let Some(route) = arguments.route.as_deref().filter(|route| *route != "local") {
        let settings = options.layers().load().settings;
        if !settings.routes.contains_key(route) {
            let known: Vec<&str> = settings.routes.keys().map(String::as_str).collect();
            let known = if known.is_empty() {
                "no route is configured".into()
            } else {
                format!("configured: {}", known.join(", "))
            };
            complain(&format!(
                "there is no route {route:?} ({known}; `[routes.{route}]` in the configuration makes one)"
            ));
            return code::USAGE;
        }
    }
    let outcome = read(&file).and_then(|text| ask(&file, &text, line, column, arguments, options));
    match outcome {
        Ok(answer) => match writeln!(
            out,
            "{}",
            if arguments.json {
                answer.to_string()
            } else if arguments.dry_run {
                request(&answer)
            } else {
                human(&answer)
            }
        ) {
            Ok(()) => code::OK,
            Err(_) => code::FAILED,
        },
        Err(why) => complain(&why),
    }
}

fn place(place: &str) -> Option<(PathBuf, u32, u32)> {
    let (rest, column) = place.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    let (line, column) = (line.parse().ok()?, column.parse().ok()?);
    (line > 0 && column > 0 && !file.is_empty()).then(|| (PathBuf::from(file), line, column))
}

/// The text of a file, or one sentence on why it has none.
pub fn read(file: &Path) -> Result<String, String> {
    let shown = file.display();
    let metadata =
        std::fs::metadata(file).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    if metadata.is_dir() {
        return Err(format!("{shown} is a folder; name a file"));
    }
    if metadata.len() > READ_CAP {
        return Err(format!(
            "{shown} has {} MB; files over {} MB are not read",
            metadata.len() >> 20,
            READ_CAP >> 20
        ));
    }
    let bytes = std::fs::read(file).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    if bytes.iter().take(8000).any(|byte| *byte == 0) {
        return Err(format!("{shown} is a binary file; only text is completed"));
    }
    String::from_utf8(bytes).map_err(|error| {
        format!(
            "{shown} is not UTF-8 (byte {}); convert it, for example with iconv",
            error.utf8_error().valid_up_to()
        )
    })
}

fn ask(
    file: &Path,
    text: &str,
    line: u32,
    column: u32,
    arguments: &Arguments,
    options: &Options,
) -> Result<Value, String> {
    let given = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let file = file
        .canonicalize()
        .map_err(|error| format!("{} cannot be found: {error}", file.display()))?;
    // The agent sees only what a link points to.
    if given != file
        && let Some(why) = forbids(&given)
    {
        return Err(format!(
            "{} does not leave this machine: {why}",
            given.display()
        ));
    }
    let settings = match &arguments.route {
        Some(route) => json!({"completion": {"route": route}}),
        None => json!({}),
    };
    let mut client = Client::start(&project_of(&file), settings, options)?;
    let uri = uri_of(&file);
    client.notify(
        "textDocument/didOpen",
        json!({"textDocument": document(&uri, &file, text)}),
    )?;
    client.learnt()?;
    let position = json!({"line": line - 1, "character": byte_column(text, line - 1, column - 1)});
    let params =
        json!({"textDocument": {"uri": uri}, "position": position, "context": {"triggerKind": 1}});
    if arguments.dry_run {
        return client.request("agent/completion/preview", params);
    }
    let answer = client.request("textDocument/inlineCompletion", params)?;
    let why = client.request("agent/why", json!({"textDocument": {"uri": uri}}))?;
    let explained = match arguments.explain {
        true => client.request(
            "agent/context/explain",
            json!({"textDocument": {"uri": uri}}),
        )?,
        false => Value::Null,
    };
    let item = &answer["items"][0];
    Ok(json!({
        "context": explained,
        "text": item["insertText"],
        "range": item["range"],
        "origin": item["data"]["origin"],
        "confidence": item["data"]["confidence"],
        "reason": why["reason"],
        "detail": if why["reason"].is_null() { Value::Null } else { why["detail"].clone() },
        "timings": why["timings"],
    }))
}

/// LSP `TextDocumentItem` of a file.
pub fn document(uri: &str, file: &Path, text: &str) -> Value {
    let language = Language::by_path(file).map_or("plaintext", Language::id);
    json!({"uri": uri, "languageId": language, "version": 1, "text": text})
}

/// Columns as editors show them count characters; the client counts bytes.
fn byte_column(text: &str, line: u32, column: u32) -> usize {
    let text = Text::from(text);
    let line = text.slice(text.line_span(line as usize));
    line.char_indices()
        .nth(column as usize)
        .map_or(line.len(), |(at, _)| at)
}

/// The pieces of a prompt, one a line.
fn explained(context: &Value) -> String {
    let Some(pieces) = context["pieces"].as_array() else {
        return String::new();
    };
    let tokens = |piece: &Value| piece["tokens"].as_u64().unwrap_or_default();
    let all: u64 = pieces.iter().map(tokens).sum();
    let mut text = match (pieces.len(), context["foundNothingNew"].as_bool()) {
        (0, _) => "\n  no piece of the workspace".to_owned(),
        (count, quiet) => {
            let quiet = match quiet {
                Some(true) => "; the file itself defines nearly all that it names",
                _ => "",
            };
            format!("\n  {count} pieces of the workspace, about {all} tokens{quiet}:")
        }
    };
    for piece in pieces {
        let [source, path] = ["source", "path"].map(|key| piece[key].as_str().unwrap_or_default());
        let [start, end] =
            ["startLine", "endLine"].map(|key| piece[key].as_u64().unwrap_or_default());
        let score = piece["score"].as_f64().unwrap_or_default();
        let tokens = tokens(piece);
        text.push_str(&format!(
            "\n    {source:<10} {score:>7.2} {tokens:>5} tokens  {path}:{start}-{end}"
        ));
    }
    if context["late"].as_bool() == Some(true) {
        text.push_str("\n    time was up before everything was looked at: `context.patience_ms`");
    }
    text
}

/// A request that is not sent, as it would be on the wire.
fn request(preview: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if preview["route"] == "local" {
        return "nothing would be sent: the embedded model completes".into();
    }
    let mut lines = vec![format!(
        "{} {}",
        text(&preview["method"]),
        text(&preview["url"])
    )];
    let headers = preview["headers"].as_array().into_iter().flatten();
    lines.extend(headers.map(|header| format!("{}: {}", text(&header[0]), text(&header[1]))));
    lines.extend([String::new(), text(&preview["body"])]);
    lines.join("\n")
}

fn human(answer: &Value) -> String {
    let timings = answer["timings"].as_object().map(|timings| {
        let stages: Vec<String> = timings
            .iter()
            .map(|(stage, ms)| format!("{stage} {ms} ms"))
            .collect();
        stages.join(", ")
    });
    let timings = timings
        .filter(|timings| !timings.is_empty())
        .map(|timings| format!("\n  {timings}"))
        .unwrap_or_default();
    let timings = format!("{timings}{}", explained(&answer["context"]));
    match answer["text"].as_str() {
        Some(text) => {
            let origin = answer["origin"].as_str().unwrap_or_default();
            let confidence = answer["confidence"]
                .as_f64()
                .map(|confidence| format!(" {confidence:.2}"))
                .unwrap_or_default();
            format!("{text}\n  from {origin}{confidence}{timings}")
        }
        None => {
            let text = |key: &str| answer[key].as_str().unwrap_or("nothing");
            format!(
                "nothing to show: {} ({}){timings}",
                text("detail"),
                text("reason")
            )
        }
    }
}
