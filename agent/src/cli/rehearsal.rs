//! `nextline try`: types a file as a person would, shows the ghost text that an editor would show, and takes what is right.
//!
//! It knows the file's end, so every right suggestion is taken: the saved keys are an upper bound.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};

use super::client::Client;
use super::{Options, code, complain, complete, project_of};
use crate::document::place::uri_of;

/// Typed without a file: a small inventory with the repetition that code has.
const SAMPLE: &str = include_str!("../../samples/inventory.rs");
/// Lines that stand already when the typing starts, as a part of the whole.
const GIVEN: f64 = 0.5;
/// Characters that are typed at most.
const TYPED: usize = 1200;

/// Runs the command.
pub fn run(file: Option<&Path>, options: &Options, out: &mut dyn Write) -> u8 {
    let sample = match file {
        Some(_) => None,
        None => match Sample::lay() {
            Ok(sample) => Some(sample),
            Err(error) => return complain(&format!("the sample could not be laid out: {error}")),
        },
    };
    let file = sample.as_ref().map_or_else(
        || file.unwrap_or(Path::new("")).to_owned(),
        |sample| sample.file.clone(),
    );
    let outcome = complete::read(&file)
        .and_then(|text| Rehearsal::start(&file, &text, options))
        .and_then(|mut rehearsal| rehearsal.play(out).map_err(|error| error.to_string()));
    match outcome {
        Ok(()) => code::OK,
        Err(why) => complain(&why),
    }
}

/// The bundled sample in a folder of its own, removed when dropped.
struct Sample {
    folder: PathBuf,
    file: PathBuf,
}

impl Sample {
    fn lay() -> std::io::Result<Sample> {
        let folder = std::env::temp_dir().join(format!("nextline-try-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let file = folder.join("inventory.rs");
        std::fs::write(&file, SAMPLE)?;
        Ok(Sample { folder, file })
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        // What stays behind is a kilobyte in the system's temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

struct Rehearsal {
    client: Client,
    uri: String,
    text: String,
    at: usize,
    version: i64,
    tally: Tally,
    colour: bool,
}

#[derive(Default)]
struct Tally {
    typed: usize,
    taken: usize,
    given: usize,
    wrong: usize,
    silences: BTreeMap<String, usize>,
    latencies: Vec<f64>,
}

/// What one cursor was offered.
struct Ghost {
    text: String,
    origin: String,
    confidence: Option<f64>,
    ms: f64,
}

impl Rehearsal {
    fn start(file: &Path, text: &str, options: &Options) -> Result<Rehearsal, String> {
        let file = file
            .canonicalize()
            .map_err(|error| format!("{} cannot be found: {error}", file.display()))?;
        let text = text.replace("\r\n", "\n");
        if text.trim().is_empty() {
            return Err(format!(
                "{} is empty: there is nothing to type",
                file.display()
            ));
        }
        let lines = text.lines().count();
        let skipped = (lines as f64 * GIVEN) as usize;
        let at = text.split_inclusive('\n').take(skipped).map(str::len).sum();
        let mut client = Client::start(&project_of(&file), json!({}), options)?;
        let uri = uri_of(&file);
        client.notify(
            "textDocument/didOpen",
            json!({"textDocument": complete::document(&uri, &file, &text[..at])}),
        )?;
        client.learnt()?;
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Ok(Rehearsal {
            client,
            uri,
            text,
            at,
            version: 1,
            tally: Tally::default(),
            colour,
        })
    }

    fn play(&mut self, out: &mut dyn Write) -> std::io::Result<()> {
        let first = self.text[..self.at].matches('\n').count() + 1;
        let marks = if self.colour {
            "dim = ghost text that was taken"
        } else {
            "«…» = ghost text that was taken"
        };
        writeln!(out, "Typing from line {first}; {marks}.\n")?;
        let end = self.text.len().min(self.at + TYPED);
        let end = self.text[end..]
            .find('\n')
            .map_or(self.text.len(), |more| end + more + 1);
        let mut number = first;
        while self.at < end {
            let line = self.line().map_err(std::io::Error::other)?;
            writeln!(out, "{number:>4} {line}")?;
            number += 1;
        }
        self.sum_up(out)
    }

    /// Types one line; returns it as it is shown.
    fn line(&mut self) -> Result<String, String> {
        let mut shown = String::new();
        let mut notes: Vec<String> = Vec::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(next) = rest.chars().next() else {
                break;
            };
            let end = rest.find('\n').unwrap_or(rest.len());
            if next == '\n' {
                self.put(1)?;
                self.tally.typed += 1;
                break;
            }
            // Nobody waits for ghost text in the indentation.
            let indent = rest[..end].len() - rest[..end].trim_start().len();
            let in_indent = self.text[..self.at].ends_with('\n') && indent > 0;
            if in_indent {
                shown.push_str(&rest[..indent]);
                self.put(indent)?;
                self.tally.typed += indent;
                continue;
            }
            let ghost = self.ask()?;
            let rest = &self.text[self.at..self.at + end];
            match ghost {
                Some(ghost) if rest.starts_with(&ghost.text) => {
                    let sure = ghost
                        .confidence
                        .map(|confidence| format!(" {confidence:.2}"))
                        .unwrap_or_default();
                    notes.push(format!("{:.1} ms {}{sure}", ghost.ms, ghost.origin));
                    shown.push_str(&if self.colour {
                        format!("\x1b[2m{}\x1b[0m", ghost.text)
                    } else {
                        format!("«{}»", ghost.text)
                    });
                    self.tally.taken += 1;
                    self.tally.given += ghost.text.chars().count();
                    self.put(ghost.text.len())?;
                }
                other => {
                    self.tally.wrong += usize::from(other.is_some());
                    shown.push(next);
                    self.put(next.len_utf8())?;
                    self.tally.typed += 1;
                }
            }
        }
        if let Some(last) = notes.last() {
            let more = if notes.len() > 1 {
                format!("{} times, last ", notes.len())
            } else {
                String::new()
            };
            let note = format!("   <- {more}{last}");
            shown.push_str(&if self.colour {
                format!("\x1b[36m{note}\x1b[0m")
            } else {
                note
            });
        }
        Ok(shown)
    }

    /// Puts the next bytes of the file in at the cursor.
    fn put(&mut self, bytes: usize) -> Result<(), String> {
        self.version += 1;
        let position = self.position();
        let text = &self.text[self.at..self.at + bytes];
        self.client.notify(
            "textDocument/didChange",
            json!({
                "textDocument": {"uri": self.uri, "version": self.version},
                "contentChanges": [{"range": {"start": position, "end": position}, "text": text}],
            }),
        )?;
        self.at += bytes;
        Ok(())
    }

    /// The ghost text at the cursor, without what is typed of its word already.
    fn ask(&mut self) -> Result<Option<Ghost>, String> {
        let position = self.position();
        let params = json!({"textDocument": {"uri": self.uri}, "position": position, "context": {"triggerKind": 2}});
        let begun = Instant::now();
        let answer = self
            .client
            .request("textDocument/inlineCompletion", params)?;
        let ms = begun.elapsed().as_secs_f64() * 1000.0;
        self.tally.latencies.push(ms);
        let item = &answer["items"][0];
        let (Some(text), Some(start)) = (
            item["insertText"].as_str(),
            item["range"]["start"]["character"].as_u64(),
        ) else {
            let why = self
                .client
                .request("agent/why", json!({"textDocument": {"uri": self.uri}}))?;
            let reason = why["reason"].as_str().unwrap_or("unknown").to_owned();
            *self.tally.silences.entry(reason).or_default() += 1;
            return Ok(None);
        };
        let typed = (position["character"].as_u64().unwrap_or(start) - start) as usize;
        Ok(Some(Ghost {
            text: text.get(typed..).unwrap_or_default().to_owned(),
            origin: item["data"]["origin"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            confidence: item["data"]["confidence"].as_f64(),
            ms,
        }))
    }

    fn position(&self) -> Value {
        let before = &self.text[..self.at];
        let line = before.matches('\n').count();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        json!({"line": line, "character": self.at - start})
    }

    fn sum_up(&mut self, out: &mut dyn Write) -> std::io::Result<()> {
        let Tally {
            typed,
            taken,
            given,
            wrong,
            silences,
            latencies,
        } = &mut self.tally;
        latencies.sort_by(f64::total_cmp);
        let at = |part: f64| {
            latencies
                .get((latencies.len() as f64 * part) as usize)
                .or(latencies.last())
                .copied()
                .unwrap_or(0.0)
        };
        let keys = *typed + *taken;
        let all = *typed + *given;
        let saved = 100.0 * (1.0 - keys as f64 / all.max(1) as f64);
        writeln!(
            out,
            "\n{all} characters with {keys} keys: {saved:.0} % saved by {taken} suggestions; {wrong} others were not what followed."
        )?;
        writeln!(
            out,
            "Asked {} times: {:.1} ms median, {:.1} ms at the 99th percentile.",
            latencies.len(),
            at(0.5),
            at(0.99)
        )?;
        let silent: Vec<String> = silences
            .iter()
            .map(|(reason, times)| format!("{reason} {times}"))
            .collect();
        if !silent.is_empty() {
            writeln!(out, "Silent because: {}.", silent.join(", "))?;
        }
        Ok(())
    }
}
