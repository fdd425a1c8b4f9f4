//! The keys that requests are signed with, and the forms in which they are handed out.

use std::time::SystemTime;

use serde::Deserialize;

use super::super::credential::{Fetched, Fresh};
use super::super::date;
use super::super::error::{Failure, Kind};
use crate::secret::Secret;

/// A pair of keys, with the token of its session if it has one.
pub struct Keys {
    /// The key's public half; it stands in signatures.
    pub id: String,
    /// The half that nobody sees.
    pub secret: Secret,
    /// Goes along with requests, for keys that end.
    pub token: Option<Secret>,
    /// Whether looking again may bring others. Variables of a process stay as they are.
    pub may_change: bool,
}

/// Keys as JSON has them. Names differ a little between those who hand them out.
#[derive(Deserialize)]
pub struct Document {
    #[serde(rename = "AccessKeyId", alias = "accessKeyId")]
    id: Option<String>,
    #[serde(rename = "SecretAccessKey", alias = "secretAccessKey")]
    secret: Option<String>,
    #[serde(rename = "SessionToken", alias = "sessionToken", alias = "Token")]
    token: Option<String>,
    #[serde(rename = "Expiration", alias = "expiration", alias = "expiresAt")]
    until: Option<Moment>,
}

/// A moment: a text, or milliseconds since 1970.
#[derive(Deserialize)]
#[serde(untagged)]
enum Moment {
    Text(String),
    Milliseconds(u64),
}

impl Keys {
    /// Keys from texts; none where one of the halves is missing.
    pub fn of(id: Option<String>, secret: Option<String>, token: Option<String>) -> Option<Keys> {
        let full = |text: &String| !text.is_empty();
        Some(Keys {
            id: id.filter(full)?,
            secret: Secret::new(secret.filter(full)?),
            token: token.filter(full).map(Secret::new),
            may_change: true,
        })
    }
}

impl Document {
    /// The keys in it; `from` names who handed them out, for the sentence that says that something is missing.
    pub fn keys(self, from: &str) -> Fetched<Keys> {
        let life = match self.until {
            None => None,
            Some(moment) => Some(date::left(moment.read().ok_or_else(|| incomplete(from))?)),
        };
        let value = Keys::of(self.id, self.secret, self.token).ok_or_else(|| incomplete(from))?;
        Ok(Fresh { value, life })
    }
}

impl Moment {
    fn read(&self) -> Option<SystemTime> {
        match self {
            Moment::Text(text) => date::parse(text),
            Moment::Milliseconds(moment) => date::at(moment / 1000),
        }
    }
}

/// An answer without keys in it.
pub fn incomplete(from: &str) -> Failure {
    Failure::new(
        Kind::Auth,
        format!(
            "has no AWS credentials: {from} answered without a complete pair of keys; check it with the aws command line"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_keys_is_read() {
        for (text, id, token, life) in [
            (
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s"}"#,
                "A",
                false,
                None,
            ),
            (
                r#"{"Code":"Success","AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":"2015-08-30T12:36:00Z"}"#,
                "A",
                true,
                Some(0),
            ),
            (
                r#"{"accessKeyId":"A","secretAccessKey":"s","sessionToken":"t","expiration":4102444799000}"#,
                "A",
                true,
                Some(1),
            ),
        ] {
            let document: Document = serde_json::from_str(text).expect(text);
            let fresh = document
                .keys("it")
                .unwrap_or_else(|failure| panic!("{}", failure.what));
            assert_eq!(fresh.value.id, id);
            assert_eq!(fresh.value.token.is_some(), token);
            assert_eq!(fresh.life.map(|life| life.as_secs().min(1)), life);
        }
        for text in [
            r#"{"AccessKeyId":"A"}"#,
            r#"{"AccessKeyId":"A","SecretAccessKey":""}"#,
            r#"{"AccessKeyId":"A","SecretAccessKey":"s","Expiration":"tomorrow"}"#,
        ] {
            let keys = serde_json::from_str::<Document>(text)
                .expect(text)
                .keys("it");
            assert!(
                keys.is_err_and(|failure| failure.what.contains("it answered")),
                "{text}"
            );
        }
    }
}
