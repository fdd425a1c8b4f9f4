//! What a model is asked: context in, `Prompt` out. Pure: no async, no files, no clock, no randomness.
//!
//! `fim` fills holes with models that were trained for it (one row of `prompts/fim.toml` = one family), `chat` asks a chat
//! model to do the same, `talk` is a conversation. How a prompt travels is the route's business.

pub mod chat;
pub mod edit;
pub mod fim;
pub mod next;
mod source;
pub mod talk;
mod window;

pub use fim::{Mode, Row};
pub use source::Source;
pub use window::{Shares, shares};

use std::borrow::Cow;
use std::ops::Range;

/// Most stop strings that a prompt carries: the least of what the known providers take.
pub const MAX_STOPS: usize = 4;

/// A question to a model, ready for a route.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prompt {
    /// What is asked.
    pub body: Body,
    /// Strings that end the answer, at most [`MAX_STOPS`]; the answer holds none of them.
    pub stops: Vec<String>,
    /// Most tokens of the answer; `None` leaves it to the provider.
    pub max_tokens: Option<u32>,
    /// What it is for, in a finer word than its surface's, such as `ahead`; empty where that says enough. Never sent.
    pub purpose: &'static str,
    /// The workspace folder that it belongs to. Never sent.
    pub folder: Option<String>,
    /// The parts of files that are in it: exactly what was kept of them. Never sent.
    pub sources: Vec<Source>,
    /// Pictures that are shown with the person's last turn.
    pub images: Vec<Image>,
}

impl Prompt {
    /// Whether the answer ends with its line.
    pub fn is_one_line(&self) -> bool {
        self.stops.iter().any(|stop| stop == "\n")
    }
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// `image/png` and the like.
    pub media: &'static str,
    /// Its bytes in Base64.
    pub data: String,
}

/// The three shapes that a question can have.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// A hole for the provider's own fill-in-the-middle request.
    Hole(Hole),
    /// Raw text to be continued, control tokens of the model's family included.
    Text(String),
    /// A conversation.
    Chat(Vec<Message>),
}

impl Default for Body {
    fn default() -> Self {
        Body::Chat(Vec::new())
    }
}

/// Text before and after the place to fill, already cut to the budget.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Hole {
    /// The file's path as the model shall see it, relative to its workspace.
    pub path: String,
    /// LSP language identifier.
    pub language: String,
    /// Text before the hole.
    pub prefix: String,
    /// Text after the hole.
    pub suffix: String,
    /// Other places worth seeing, the best one first.
    pub pieces: Vec<Piece>,
}

/// Text from elsewhere that helps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Piece {
    /// Where it is from, relative to its workspace.
    pub path: String,
    /// The text, whole lines.
    pub text: String,
    /// The file on disk, else its URI. Never sent.
    pub file: String,
    /// The lines that the text is from, counted from 1. Never sent.
    pub lines: Range<u32>,
    /// Why it may be in a prompt, such as `definition`. Never sent.
    pub rule: Cow<'static, str>,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub text: String,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The rules of the conversation.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// What a completion asks: a place in a text and what surrounds it.
#[derive(Debug, Clone, Copy, Default)]
pub struct FimAsk<'a> {
    /// The file's path as the model shall see it, relative to its workspace.
    pub path: &'a str,
    /// LSP language identifier.
    pub language: &'a str,
    /// Everything before the cursor; cut here.
    pub prefix: &'a str,
    /// Everything after the cursor; cut here.
    pub suffix: &'a str,
    /// Where `prefix` begins in the file, in bytes: where it is cut moves in steps, so that prompts begin alike.
    pub offset: usize,
    /// Other places worth seeing, the best one first; those that do not fit are left out.
    pub pieces: &'a [Piece],
    /// The provider's own hole filling takes pieces beside the hole.
    pub beside: bool,
    /// What makes a line a comment, before and behind it: pieces that can stand nowhere else stand in comments above the prefix.
    pub comment: Option<(&'a str, &'a str)>,
    /// `true` when only the rest of the line is wanted: a line break then ends the answer.
    pub one_line: bool,
    /// The file on disk, else its URI. Never sent.
    pub file: &'a str,
    /// The cursor's line, counted from 1. Never sent.
    pub line: u32,
    /// The workspace folder that the file is in. Never sent.
    pub folder: Option<&'a str>,
}

/// How much may be asked and answered, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Most tokens of the question.
    pub context_tokens: u32,
    /// Most tokens of the answer.
    pub max_tokens: u32,
}

/// The prompt of a completion in the route's way of filling holes; `None` when the route fills none.
pub fn completion(ask: &FimAsk<'_>, mode: &Mode, budget: Budget) -> Option<Prompt> {
    match mode {
        Mode::Native => Some(fim::native(ask, budget)),
        Mode::Template(row) => Some(fim::build(ask, row, budget)),
        Mode::Chat => Some(chat::hole(ask, budget)),
        Mode::Off => None,
    }
}
