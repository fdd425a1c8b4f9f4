//! Chats of Cody's users, as its export and its history file have them, and our own as JSON.

use serde_json::Value;

use super::transcript::{Chat, now};
use crate::prompt::Role;

/// The chats in a file: a list, one chat, or a history by account.
///
/// # Errors
///
/// One sentence on what it is not.
pub fn chats(text: &str) -> Result<Vec<Chat>, String> {
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| format!("this is no JSON, which an export of chats is: {error}"))?;
    let mut found = Vec::new();
    gather(&value, &mut found, 0);
    match found.is_empty() {
        true => Err(
            "there is no chat in it: an export of Cody's chats, its history or our own export is wanted"
                .into(),
        ),
        false => Ok(found),
    }
}

/// How deep chats lie at most: account, chat, transcript.
const DEEPEST: usize = 4;

fn gather(value: &Value, found: &mut Vec<Chat>, depth: usize) {
    if let Some(chat) = theirs(value).or_else(|| ours(value)) {
        if !chat.turns.is_empty() {
            found.push(chat);
        }
        return;
    }
    if depth == DEEPEST {
        return;
    }
    match value {
        Value::Array(all) => all.iter().for_each(|one| gather(one, found, depth + 1)),
        Value::Object(all) => all.values().for_each(|one| gather(one, found, depth + 1)),
        _ => {}
    }
}

/// A transcript of Cody's: pairs of what the person and the model said.
fn theirs(value: &Value) -> Option<Chat> {
    let pairs = value.get("interactions")?.as_array()?;
    let mut chat = Chat::new(None, None);
    for pair in pairs {
        for (key, role) in [
            ("humanMessage", Role::User),
            ("assistantMessage", Role::Assistant),
        ] {
            let said = &pair[key];
            let text = said["text"]
                .as_str()
                .or_else(|| said["displayText"].as_str());
            if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
                chat.say(role, text);
            }
        }
    }
    for key in ["chatTitle", "customChatTitle"] {
        if let Some(title) = value[key].as_str().filter(|title| !title.is_empty()) {
            chat.title = title.to_owned();
        }
    }
    let last = value["lastInteractionTimestamp"].as_str();
    chat.updated = last.and_then(moment).unwrap_or_else(now);
    Some(chat)
}

/// A chat as we export it.
fn ours(value: &Value) -> Option<Chat> {
    let turns = value.get("turns")?.as_array()?;
    let mut chat = Chat::new(None, None);
    for turn in turns {
        let role = match turn["role"].as_str()? {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            _ => continue,
        };
        chat.say(role, turn["text"].as_str()?);
    }
    if let Some(title) = value["title"].as_str() {
        chat.title = title.to_owned();
    }
    chat.updated = value["updated"].as_u64().unwrap_or_else(now);
    Some(chat)
}

/// Ms since 1970 of `2025-07-01T12:34:56.789Z`.
fn moment(text: &str) -> Option<u64> {
    let (date, time) = text.trim_end_matches('Z').split_once('T')?;
    let mut parts = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    let mut parts = time.splitn(3, ':').map(str::parse::<f64>);
    let (hours, minutes, seconds) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    // Days since 1970, with the year beginning in March.
    let (year, month) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + day
        - 1
        - 719_468;
    let ms = days as f64 * 86_400_000.0 + (hours * 3600.0 + minutes * 60.0 + seconds) * 1000.0;
    (ms >= 0.0).then_some(ms.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEIRS: &str = r#"{"id": "x", "chatTitle": "Slow parser", "lastInteractionTimestamp": "2025-07-01T12:34:56.789Z",
        "interactions": [
            {"humanMessage": {"speaker": "human", "text": "Why?", "contextFiles": []}, "assistantMessage": {"speaker": "assistant", "text": "Because."}},
            {"humanMessage": {"speaker": "human", "text": "And now?"}, "assistantMessage": null}]}"#;

    #[test]
    fn every_form_is_read() {
        for text in [
            THEIRS.to_owned(),
            format!(r#"[{{"chatID": "x", "transcript": {THEIRS}}}]"#),
            format!(r#"{{"https://sourcegraph.example.com/-user": {{"x": {THEIRS}}}}}"#),
            format!(
                r#"{{"chat": {{"https://sourcegraph.example.com/-user": {{"x": {THEIRS}}}}}}}"#
            ),
        ] {
            let found = chats(&text).unwrap();
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(
                (found[0].title.as_str(), found[0].updated),
                ("Slow parser", 1_751_373_296_789)
            );
            let said: Vec<&str> = found[0]
                .turns
                .iter()
                .map(|turn| turn.text.as_str())
                .collect();
            assert_eq!(said, ["Why?", "Because.", "And now?"]);
        }
        let mut own = Chat::new(None, None);
        own.say(Role::User, "Hello");
        own.say(Role::Assistant, "Yes");
        let found = chats(&own.json()).unwrap();
        assert_eq!(
            (&found[0].turns, found[0].updated),
            (&own.turns, own.updated)
        );
        for text in ["{}", "[]", "{\"interactions\": []}", "3"] {
            assert!(chats(text).unwrap_err().contains("no chat"), "{text}");
        }
        assert!(chats("nonsense").unwrap_err().contains("no JSON"));
    }
}
