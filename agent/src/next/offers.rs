//! What is offered and what became of it: shown, accepted, dismissed; who waits for the newest answer; and why there was none.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nextline_protocol::methods;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Ask, Found, Suggestion};
use crate::complete::{Event, News, Origin, Silence};
use crate::document::Document;
use crate::document::place::key_of;

/// Offers that may still be told of.
const PAST: usize = 200;
/// Edits that were dismissed and are not offered again.
const DECLINED: usize = 64;
/// How ids begin, so that they are told from those of completions.
const MARK: &str = "nx-";

/// An edit that was offered.
#[derive(Debug, Clone)]
struct Offer {
    id: String,
    key: String,
    origin: String,
    edit: Edit,
    /// The text of the document's length and the edit's span then.
    length: usize,
    span: Range<usize>,
    shown: bool,
    fate: Option<bool>,
}

/// What is remembered of an edit that was dismissed: what it changes, wherever that stands meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit {
    serial: u64,
    old: String,
    new: String,
    /// The line that it is on, as it read.
    line: String,
}

#[derive(Default)]
struct State {
    newest: HashMap<String, CancellationToken>,
    offers: VecDeque<Offer>,
    declined: VecDeque<Edit>,
    why: HashMap<String, Silence>,
    /// What a route made of the text of a document, by its changes and the cursor's line.
    rewrites: HashMap<String, (u64, u64, usize, Option<Found>)>,
}

/// The next edits of all documents. One for the process.
#[derive(Default)]
pub struct Offers {
    state: Mutex<State>,
    ids: AtomicU64,
}

impl Edit {
    fn of(found: &Found) -> Edit {
        let text = &found.document.text;
        let line = text.line_span(text.line_of(crate::text::Byte(found.span.start)));
        Edit {
            serial: found.document.serial,
            old: text.bytes(found.span.clone()),
            new: found.text.clone(),
            line: text.slice(line).trim().to_owned(),
        }
    }
}

impl Offers {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request; the one before it for the same document is no longer waited for.
    pub fn enter(&self, key: &str) -> CancellationToken {
        let token = CancellationToken::new();
        if let Some(before) = self.state().newest.insert(key.to_owned(), token.clone()) {
            before.cancel();
        }
        token
    }

    /// Gives edits their ids, and remembers them.
    pub fn offer(&self, (found, origin): (Vec<Found>, Origin)) -> Vec<Suggestion> {
        let mut state = self.state();
        let offered = found.into_iter().map(|found| {
            let id = format!(
                "{MARK}{}-{}",
                std::process::id(),
                self.ids.fetch_add(1, Ordering::Relaxed)
            );
            state.offers.push_back(Offer {
                id: id.clone(),
                key: key_of(&found.document.uri),
                origin: counted_as(&origin),
                edit: Edit::of(&found),
                length: found.document.text.len(),
                span: found.span.clone(),
                shown: false,
                fate: None,
            });
            Suggestion {
                id,
                found,
                origin: origin.clone(),
            }
        });
        let offered = offered.collect();
        let old = state.offers.len().saturating_sub(PAST);
        state.offers.drain(..old);
        offered
    }

    /// What a route has answered for this text and this line; the inner `None` where it had nothing to say.
    pub fn known(&self, ask: &Ask) -> Option<Option<Found>> {
        let (serial, mark, line) = place(ask);
        let state = self.state();
        let known = state.rewrites.get(&key_of(&ask.document.uri))?;
        let same = (known.0, known.1, known.2) == (serial, mark, line);
        let of_now = |found: Found| Found {
            document: ask.document.clone(),
            ..found
        };
        same.then(|| known.3.clone().map(of_now))
    }

    /// Keeps what a route has answered.
    pub fn learn(&self, ask: &Ask, found: Option<Found>) {
        let (serial, mark, line) = place(ask);
        let key = key_of(&ask.document.uri);
        self.state()
            .rewrites
            .insert(key, (serial, mark, line, found));
    }

    /// Whether the person has dismissed this very edit.
    pub fn declined(&self, found: &Found) -> bool {
        let edit = Edit::of(found);
        self.state().declined.contains(&edit)
    }

    /// An answer was given.
    pub fn speaks(&self, key: &str) {
        self.state().why.remove(key);
    }

    /// Nothing was answered; that somebody asked again explains nothing.
    pub fn is_silent(&self, key: &str, silence: &Silence) {
        if silence.reason != crate::complete::Reason::Superseded {
            self.state().why.insert(key.to_owned(), silence.clone());
        }
    }

    /// Why the last answer for a document was empty, if it was.
    pub fn why(&self, uri: &str) -> Option<Silence> {
        self.state().why.get(&key_of(uri)).cloned()
    }

    /// A client says that it shows an edit: the params of its notification.
    pub fn shown(&self, params: Option<&str>) -> Vec<News> {
        let params: Value = params
            .and_then(|params| serde_json::from_str(params).ok())
            .unwrap_or_default();
        let id = params["item"]["command"]["arguments"][0]
            .as_str()
            .unwrap_or_default();
        let mut state = self.state();
        let mut open = state.offers.iter_mut();
        let Some(offer) = open.find(|offer| offer.id == id && !offer.shown) else {
            return Vec::new();
        };
        offer.shown = true;
        vec![(offer.origin.clone(), Event::Shown)]
    }

    /// A client ran one of our commands; `None` if it was about none of these edits.
    pub fn commanded(&self, command: &str, arguments: &[Value]) -> Option<Vec<News>> {
        let id = arguments
            .first()
            .and_then(Value::as_str)
            .filter(|id| id.starts_with(MARK))?;
        let mut state = self.state();
        let accepted = command == methods::DID_ACCEPT;
        let dismissed = command == methods::DID_DISMISS;
        let offer = state.offers.iter_mut().find(|offer| offer.id == id);
        let Some(offer) = offer.filter(|offer| (accepted || dismissed) && offer.fate.is_none())
        else {
            return Some(Vec::new());
        };
        let news = offer.ends(accepted);
        let edit = offer.edit.clone();
        if dismissed {
            state.decline(edit);
        }
        Some(news)
    }

    /// The text was changed: an offer that is in it now was accepted, whoever put it there.
    pub fn edited(&self, key: &str, document: &Document) -> Vec<News> {
        let mut state = self.state();
        let open = state
            .offers
            .iter_mut()
            .rev()
            .filter(|offer| offer.key == key && offer.fate.is_none());
        let mut news = Vec::new();
        for offer in open {
            let end = offer.span.start + offer.edit.new.len();
            let length = offer.length - offer.span.len() + offer.edit.new.len();
            let there = document.text.len() == length
                && document.text.bytes(offer.span.start..end) == offer.edit.new;
            if there && document.serial == offer.edit.serial {
                news = offer.ends(true);
                break;
            }
        }
        news
    }

    /// A document was closed.
    pub fn forget(&self, key: &str) {
        let mut state = self.state();
        state.why.remove(key);
        state.rewrites.remove(key);
        state.offers.retain(|offer| offer.key != key);
        if let Some(waiting) = state.newest.remove(key) {
            waiting.cancel();
        }
    }
}

impl State {
    fn decline(&mut self, edit: Edit) {
        self.declined.push_back(edit);
        let old = self.declined.len().saturating_sub(DECLINED);
        self.declined.drain(..old);
    }
}

impl Offer {
    /// Accepted, or dismissed. One that nobody said is shown was seen all the same.
    fn ends(&mut self, accepted: bool) -> Vec<News> {
        self.fate = Some(accepted);
        let mut news = Vec::new();
        if !std::mem::replace(&mut self.shown, true) {
            news.push((self.origin.clone(), Event::Shown));
        }
        let event = match accepted {
            true => Event::Accepted(self.edit.new.chars().count()),
            false => Event::Dismissed(true),
        };
        news.push((self.origin.clone(), event));
        news
    }
}

fn place(ask: &Ask) -> (u64, u64, usize) {
    let document = &ask.document;
    (
        document.serial,
        document.journal.mark(),
        document.text.line_of(ask.at),
    )
}

/// The name under which an origin's next edits are counted, apart from its completions.
fn counted_as(origin: &Origin) -> String {
    format!("next {origin}")
}
