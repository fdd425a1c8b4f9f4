//! The file: one JSON object a line, the first of which says what the session ran with.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::settings::{ConfigFile, Layers};

/// The form of the file; another one is not read.
const FORM: u32 = 1;

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The client said something; the body of its frame.
    Client {
        /// JSON, as it came.
        body: String,
    },
    /// The client was told something.
    Server {
        /// JSON, as it left.
        body: String,
    },
    /// A route was asked.
    Asked {
        /// Which request, from 0.
        ask: usize,
        /// SHA-256 of its body; what was sent is in nobody's recording.
        digest: String,
    },
    /// The head of its answer.
    Head {
        /// Which request.
        ask: usize,
        /// The status code.
        status: u16,
        /// The headers that an answer is read by.
        headers: Vec<(String, String)>,
    },
    /// Bytes of its answer.
    Bytes {
        /// Which request.
        ask: usize,
        /// As Latin-1: a letter a byte.
        bytes: String,
    },
    /// The end of its answer.
    End {
        /// Which request.
        ask: usize,
        /// Whether the line broke.
        cut: bool,
    },
    /// No answer came.
    Silent {
        /// Which request.
        ask: usize,
        /// Why.
        what: String,
    },
    /// The clock was read, in ms since 1970.
    Clock {
        /// What it showed.
        now: u64,
    },
    /// A file of the workspace was read, for the first time or with another text than before.
    File {
        /// Where it is.
        path: PathBuf,
        /// What it held.
        text: String,
    },
    /// A secret left as its mask.
    Mask {
        /// The mask.
        mask: String,
        /// In a file, what stands in the place of the secret.
        stands_for: String,
    },
}

/// What happened when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Ms since the session began.
    pub ms: u64,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// What the session ran with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Head {
    nextline: u32,
    version: String,
    process: u32,
    policy: Option<String>,
    user: Option<String>,
    environment: Vec<(String, String)>,
    flags: Vec<(String, String)>,
}

/// A whole session.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recording {
    head: Head,
    /// What happened, in its order.
    pub lines: Vec<Line>,
}

/// Why a file is no recording.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The system says no.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A line that is none of a recording.
    #[error("line {0} is no part of a recording; name a file that `nextline --record FILE` wrote")]
    Line(usize),
    /// Another form.
    #[error("its form is {0}, and this version reads form {form}; use the version that wrote it", form = FORM)]
    Form(u32),
}

impl Recording {
    /// A session that begins with these settings.
    pub fn of(layers: &Layers) -> Recording {
        let text =
            |file: &Option<ConfigFile>| file.as_ref().and_then(|file| file.text.clone().ok());
        Recording {
            head: Head {
                nextline: FORM,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                process: std::process::id(),
                policy: text(&layers.policy),
                user: text(&layers.user),
                environment: layers.environment.clone(),
                flags: layers.flags.clone(),
            },
            lines: Vec::new(),
        }
    }

    /// The number of its process.
    pub(super) fn process(&self) -> u32 {
        self.head.process
    }

    /// The settings that it ran with.
    pub fn layers(&self) -> Layers {
        let file = |name: &str, text: &Option<String>| {
            text.as_ref().map(|text| ConfigFile {
                path: Path::new(name).into(),
                text: Ok(text.clone()),
            })
        };
        Layers {
            policy: file("recorded/policy.toml", &self.head.policy),
            user: file("recorded/config.toml", &self.head.user),
            environment: self.head.environment.clone(),
            flags: self.head.flags.clone(),
            ..Layers::default()
        }
    }

    /// Every text of the settings.
    pub(super) fn head_texts(&mut self) -> impl Iterator<Item = &mut String> {
        let head = &mut self.head;
        let files = head.policy.iter_mut().chain(head.user.iter_mut());
        let pairs = head.environment.iter_mut().chain(head.flags.iter_mut());
        files.chain(pairs.map(|(_, value)| value))
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// What keeps it from being one.
    pub fn read(path: &Path) -> Result<Recording, Unreadable> {
        Recording::of_text(&std::fs::read_to_string(path)?)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// What keeps it from being one.
    pub fn of_text(text: &str) -> Result<Recording, Unreadable> {
        let mut lines = text.lines();
        let head = lines
            .next()
            .and_then(|line| serde_json::from_str::<Head>(line).ok());
        let head = head.ok_or(Unreadable::Line(1))?;
        if head.nextline != FORM {
            return Err(Unreadable::Form(head.nextline));
        }
        let read = |(number, line): (usize, &str)| {
            serde_json::from_str(line).map_err(|_| Unreadable::Line(number + 2))
        };
        let lines = lines.enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Recording { head, lines })
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let line = |value: serde_json::Result<String>| value.unwrap_or_default() + "\n";
        let head = line(serde_json::to_string(&self.head));
        let lines = self
            .lines
            .iter()
            .map(|one| line(serde_json::to_string(one)));
        std::iter::once(head).chain(lines).collect()
    }
}

/// The bodies of whole frames.
pub fn bodies(mut framed: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let split = framed.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&framed[..split]).ok()?;
        let length: usize = head.strip_prefix("Content-Length: ")?.parse().ok()?;
        let body = framed.get(split + 4..split + 4 + length)?;
        framed = &framed[split + 4 + length..];
        Some(body)
    })
}

/// Bytes as letters.
pub fn letters(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Letters as bytes.
pub fn bytes(letters: &str) -> Vec<u8> {
    letters
        .chars()
        .map(|letter| u8::try_from(letter).unwrap_or(b'?'))
        .collect()
}
