//! Takes the secrets out of a session: each letter of one is another letter of the same width, wherever it stands and however it came
//! there. A key that was typed is spread over as many messages as it has letters, so the documents are written once more.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::event::{Event, Recording, bytes, letters};
use crate::policy::secrets;

/// Lines around a change that are searched: more than any key has.
const AROUND: usize = 80;

/// Takes them out.
pub fn clean(recording: &mut Recording) {
    let mut found = BTreeSet::new();
    for line in &recording.lines {
        match &line.event {
            Event::Client { body } => match serde_json::from_str(body) {
                Ok(message) => in_strings(&message, &mut found),
                Err(_) => note(body, &mut found),
            },
            Event::Server { body } => match serde_json::from_str(body) {
                Ok(message) => in_strings(&message, &mut found),
                Err(_) => note(body, &mut found),
            },
            Event::File { text, .. } => note(text, &mut found),
            Event::Mask { stands_for, .. } => {
                found.insert(stands_for.clone());
            }
            _ => {}
        }
    }
    typed(recording, &mut found);
    recording
        .head_texts()
        .for_each(|text| note(text, &mut found));
    // The longest first: one may be a part of another.
    let mut found: Vec<String> = found
        .into_iter()
        .filter(|secret| !secret.is_empty())
        .collect();
    found.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let hide = |text: &mut String| {
        for secret in &found {
            if text.contains(secret.as_str()) {
                *text = text.replace(secret.as_str(), &stand_in(secret));
            }
            let escaped = self::escaped(secret);
            if escaped != *secret && text.contains(&escaped) {
                *text = text.replace(&escaped, &self::escaped(&stand_in(secret)));
            }
        }
    };
    recording.head_texts().for_each(hide);
    answers(recording, &hide);
    for line in &mut recording.lines {
        match &mut line.event {
            Event::Client { body } | Event::Server { body } => hide(body),
            Event::File { text, .. } => hide(text),
            Event::Mask { stands_for, .. } => *stands_for = stand_in(stands_for),
            _ => {}
        }
    }
}

/// The file's text once more: what looks like a key in it now is none that anybody needs.
pub fn checked(mut text: String) -> String {
    for range in secrets::find(&text).into_iter().rev() {
        let hidden = stand_in(&text[range.clone()]);
        // A stand-in is one letter many times.
        let line = text[range.clone()].contains(['\n', '"', '\\']);
        if !line {
            text.replace_range(range, &hidden);
        }
    }
    text
}

/// As long in bytes, in UTF-16 units and in letters.
fn stand_in(secret: &str) -> String {
    let other = |letter: char| match letter.len_utf8() {
        _ if letter.is_ascii_control() => letter,
        1 => 'x',
        2 => 'é',
        3 => '€',
        _ => '😀',
    };
    secret.chars().map(other).collect()
}

/// As it stands in JSON.
fn escaped(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    json.get(1..json.len().saturating_sub(1))
        .unwrap_or_default()
        .to_owned()
}

fn note(text: &str, found: &mut BTreeSet<String>) {
    for range in secrets::find(text) {
        found.insert(text[range].to_owned());
    }
}

fn in_strings(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => note(text, found),
        Value::Array(list) => list.iter().for_each(|one| in_strings(one, found)),
        Value::Object(fields) => fields.values().for_each(|one| in_strings(one, found)),
        _ => {}
    }
}

/// The bytes of each answer as one text, hidden, and cut again where they were cut.
fn answers(recording: &mut Recording, hide: &impl Fn(&mut String)) {
    let mut whole: HashMap<usize, Vec<u8>> = HashMap::new();
    for line in &recording.lines {
        if let Event::Bytes { ask, bytes: part } = &line.event {
            whole.entry(*ask).or_default().extend(bytes(part));
        }
    }
    let lengths: HashMap<usize, usize> =
        whole.iter().map(|(ask, body)| (*ask, body.len())).collect();
    for body in whole.values_mut() {
        let Ok(text) = std::str::from_utf8(body) else {
            continue;
        };
        let mut hidden = text.to_owned();
        hide(&mut hidden);
        // What a model wrote itself. The same width: nothing moves.
        for range in secrets::find(&hidden).into_iter().rev() {
            let other = stand_in(&hidden[range.clone()]);
            hidden.replace_range(range, &other);
        }
        *body = hidden.into_bytes();
    }
    let mut at: HashMap<usize, usize> = HashMap::new();
    for line in &mut recording.lines {
        if let Event::Bytes { ask, bytes: part } = &mut line.event
            && let Some(body) = whole.get(ask)
        {
            let start = at.entry(*ask).or_default();
            let end = *start + part.chars().count();
            // Where the width changed, by a letter that JSON escapes, the last piece has what is left.
            let rest = body.get(*start..).unwrap_or_default();
            let last = lengths.get(ask).is_some_and(|length| end >= *length);
            *part = letters(match last {
                true => rest,
                false => rest.get(..end - *start).unwrap_or(rest),
            });
            *start = end;
        }
    }
}

/// A letter of a document, and the line of the recording, the change in it and the letter of that change that put it there.
#[derive(Clone, Copy)]
struct Letter {
    letter: char,
    from: (usize, usize, usize),
}

/// Writes every document once more, and hides the letters that were a part of a secret at any time.
fn typed(recording: &mut Recording, found: &mut BTreeSet<String>) {
    let mut unit: fn(char) -> usize = wide;
    let mut documents: HashMap<String, Vec<Letter>> = HashMap::new();
    let mut secret: BTreeSet<(usize, usize, usize)> = BTreeSet::new();
    let mut messages: HashMap<usize, Value> = HashMap::new();
    for (number, line) in recording.lines.iter().enumerate() {
        let body = match &line.event {
            Event::Server { body } => {
                if body.contains("\"positionEncoding\":\"utf-8\"") {
                    unit = char::len_utf8;
                } else if body.contains("\"positionEncoding\":\"utf-32\"") {
                    unit = |_| 1;
                }
                continue;
            }
            Event::Client { body } => body,
            _ => continue,
        };
        let Ok(message) = serde_json::from_str::<Value>(body) else {
            continue;
        };
        let document = &message["params"]["textDocument"];
        let uri = document["uri"].as_str().unwrap_or_default().to_owned();
        match message["method"].as_str() {
            Some("textDocument/didOpen") => {
                let text = document["text"].as_str().unwrap_or_default();
                documents.insert(uri, lettered(text, (number, 0)));
            }
            Some("textDocument/didChange") => {
                let text = documents.entry(uri).or_default();
                let changes = message["params"]["contentChanges"].as_array();
                for (which, change) in changes.into_iter().flatten().enumerate() {
                    let new =
                        lettered(change["text"].as_str().unwrap_or_default(), (number, which));
                    let place = |end: &str| index(text, &change["range"][end], unit);
                    let at = match change["range"].is_object() {
                        true => place("start").min(place("end"))..place("end").max(place("start")),
                        false => 0..text.len(),
                    };
                    let near = at.start..at.start + new.len();
                    drop(text.splice(at, new));
                    search(text, near, &mut secret, found);
                }
            }
            _ => continue,
        }
        messages.insert(number, message);
    }
    for (number, which, letter) in secret {
        let Some(message) = messages.get_mut(&number) else {
            continue;
        };
        let text = match message["method"] == "textDocument/didOpen" {
            true => &mut message["params"]["textDocument"]["text"],
            false => &mut message["params"]["contentChanges"][which]["text"],
        };
        let hidden = text.as_str().unwrap_or_default().chars().enumerate();
        let hidden = hidden.map(|(at, one)| match at == letter {
            true => stand_in(one.encode_utf8(&mut [0; 4])),
            false => one.to_string(),
        });
        *text = Value::String(hidden.collect());
        recording.lines[number].event = Event::Client {
            body: message.to_string(),
        };
    }
}

/// The width of a letter where nothing else was agreed on.
fn wide(letter: char) -> usize {
    crate::text::units(letter.encode_utf8(&mut [0; 4]))
}

fn lettered(text: &str, (line, change): (usize, usize)) -> Vec<Letter> {
    let letters = text.chars().enumerate();
    letters
        .map(|(at, letter)| Letter {
            letter,
            from: (line, change, at),
        })
        .collect()
}

/// Marks what is secret in the lines around a change.
fn search(
    text: &[Letter],
    near: std::ops::Range<usize>,
    secret: &mut BTreeSet<(usize, usize, usize)>,
    found: &mut BTreeSet<String>,
) {
    let ends = |one: &(usize, &Letter)| one.1.letter == '\n';
    let before = text[..near.start].iter().enumerate().rev().filter(ends);
    let start = before.map(|(at, _)| at).nth(AROUND).unwrap_or(0);
    let behind = text[near.end..].iter().enumerate().filter(ends);
    let end = behind
        .map(|(at, _)| near.end + at)
        .nth(AROUND)
        .unwrap_or(text.len());
    let mut window = String::new();
    let mut places = Vec::new();
    for one in &text[start..end] {
        places.push((window.len(), one.from));
        window.push(one.letter);
    }
    for range in secrets::find(&window) {
        found.insert(window[range.clone()].to_owned());
        let inside = places.iter().filter(|(at, _)| range.contains(at));
        secret.extend(inside.map(|(_, from)| *from));
    }
}

/// Where a position is in a document; past an end it is the end.
fn index(text: &[Letter], position: &Value, unit: fn(char) -> usize) -> usize {
    let number =
        |name: &str| usize::try_from(position[name].as_u64().unwrap_or(0)).unwrap_or(usize::MAX);
    let (line, character) = (number("line"), number("character"));
    let (mut at, mut now) = (0, 0);
    while now < line && at < text.len() {
        let pair =
            text[at].letter == '\r' && text.get(at + 1).is_some_and(|next| next.letter == '\n');
        if matches!(text[at].letter, '\n' | '\r') {
            now += 1;
        }
        at += 1 + usize::from(pair);
    }
    let mut units = 0;
    while units < character && at < text.len() && !matches!(text[at].letter, '\n' | '\r') {
        units += unit(text[at].letter);
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::super::event::Line;
    use super::*;
    use crate::settings::Layers;
    use serde_json::json;

    const KEY: &str = "ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lM6";

    fn client(body: Value) -> Line {
        let body = body.to_string();
        Line {
            ms: 0,
            event: Event::Client { body },
        }
    }

    #[test]
    fn a_key_that_was_typed_letter_by_letter_leaves_no_letter_behind() {
        let mut recording = Recording::of(&Layers::default());
        let open = json!({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": "a", "text": "é😀\r\nlet key = \"\";\n"}}});
        recording.lines.push(client(open));
        for (at, letter) in KEY.chars().enumerate() {
            let place = json!({"line": 1, "character": 11 + at});
            recording.lines.push(client(json!({"method": "textDocument/didChange", "params": {
                "textDocument": {"uri": "a"},
                "contentChanges": [{"range": {"start": place, "end": place}, "text": letter.to_string()}]}})));
        }
        let events: String = KEY.chars().map(|one| format!("data: {one}\n\n")).collect();
        let said = Event::Bytes {
            ask: 0,
            bytes: letters(format!("{KEY} é {events}").as_bytes()),
        };
        recording.lines.push(Line { ms: 1, event: said });
        clean(&mut recording);
        for line in &recording.lines[1..=KEY.len()] {
            let Event::Client { body } = &line.event else {
                panic!()
            };
            assert!(body.contains("\"text\":\"x\""), "{body}");
        }
        let text = checked(recording.text());
        assert!(!text.contains("ghp_") && text.contains("let key"), "{text}");
    }

    #[test]
    fn a_secret_is_hidden_wherever_it_stands() {
        let layers = Layers {
            flags: vec![("routes.a.headers.x-api-key".into(), KEY.into())],
            ..Layers::default()
        };
        let mut recording = Recording::of(&layers);
        let secret = "p\"ä😀w1!Qz";
        recording.lines.push(Line {
            ms: 0,
            event: Event::Mask {
                mask: "SECRET_1".into(),
                stands_for: secret.into(),
            },
        });
        let body = json!({"result": format!("a {secret} b {KEY}")}).to_string();
        recording.lines.push(Line {
            ms: 0,
            event: Event::Server { body },
        });
        let file = Event::File {
            path: "/w/a".into(),
            text: format!("{KEY}\n{secret}"),
        };
        recording.lines.push(Line { ms: 0, event: file });
        clean(&mut recording);
        let text = recording.text();
        assert!(!text.contains("ghp_") && !text.contains("w1!Qz"), "{text}");
        let Event::File { text, .. } = &recording.lines[2].event else {
            panic!()
        };
        assert_eq!(
            crate::text::units(text),
            crate::text::units(&format!("{KEY}\n{secret}"))
        );
    }
}
