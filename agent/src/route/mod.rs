//! The roads to models: a prompt out, a stream of deltas in. The only room that opens a network connection.
//!
//! `answer` drives one ask; `client`, `key`, `retry`, `deadline`, `breaker` and `error` are the policy that every provider shares;
//! `shape` is the seam to the files that hold nothing but what one wire family looks like; `routes.toml` has one row for each vendor.

mod answer;
mod anthropic;
mod aws;
mod bearer;
mod breaker;
mod classify;
mod client;
mod credential;
pub mod date;
mod deadline;
mod delta;
mod der;
mod entra;
mod error;
mod exchange;
mod fetch;
#[cfg(test)]
pub(crate) mod fuzzed;
mod gateway;
mod gemini;
mod google;
mod json;
mod jwt;
mod key;
mod keyring;
mod line_out;
mod llama_cpp;
mod names;
mod network;
mod ollama;
mod openai;
mod pictures;
mod probe;
mod program;
mod record;
pub mod relay;
mod reply;
mod request;
mod responses;
mod retry;
mod setup;
mod shape;
mod sourcegraph;
mod sse;
mod surroundings;
mod talk;
#[cfg(test)]
mod tests;
mod tgi;
mod tls;
mod told;
mod unveil;
mod vendors;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};

use reqwest::Url;
use reqwest::header::HeaderMap;

pub use answer::Answer;
pub use client::Http;
pub use credential::Standing;
pub use delta::{Delta, StopReason, Usage};
pub use error::{Kind, RouteError};
pub use keyring::Owner as KeyOwner;
pub use probe::Life;
pub use record::Preview;

use breaker::Breaker;
use credential::Credential;
use error::{Failure, Place};
use setup::Setup;
use surroundings::Surroundings;
use tokio::time::Instant;
use vendors::Vendor;

use crate::ledger::{self, Last};
use crate::policy::{Cleared, Veil};
use crate::prompt::Prompt;
use crate::prompt::fim::Mode;
use crate::settings::Route as Settings;

/// Where the program `name` lies: on the search path, but never below the current directory.
pub fn program(name: &str) -> Option<std::path::PathBuf> {
    Surroundings::new(&Http::default(), &Settings::default()).program(name)
}

/// What a route's answer is for; decides its patience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// Ghost text, while someone types.
    Completion,
    /// An edit that someone asked for.
    Edit,
    /// A conversation.
    Chat,
}

/// A configured route. Clones share its key, its breaker and its connections; settings that change make a new one.
#[derive(Clone)]
pub struct Route(Arc<Inner>);

struct Inner {
    place: Place,
    vendor: &'static Vendor,
    /// What every path is below of; blanks in it are filled when a request is made.
    base: String,
    headers: HeaderMap,
    credential: Arc<dyn Credential>,
    settings: Settings,
    mode: Mode,
    http: Http,
    breaker: Breaker,
    budget: retry::Budget,
    /// Whether the server says that this model fills holes, where it can be asked.
    holes: credential::Kept<bool>,
    /// Set when the provider turned out not to fill holes with this model.
    no_holes: AtomicBool,
    /// Whether the last line was here before anybody could type on: the next one is asked for in one piece then, which is less work for
    /// both sides and has its tokens counted. A slower one is streamed, to be given up as soon as it says what nobody types.
    quick: AtomicBool,
    /// The host that was asked, where the settings leave a part of it open.
    asked: OnceLock<String>,
    /// The address that was asked last, as text and read.
    last: Mutex<Option<(String, Url)>>,
}

impl Inner {
    /// How errors name the route, with the host as far as it is known.
    fn place(&self) -> Place {
        let mut place = self.place.clone();
        if place.host.contains('{') {
            place.host = self.asked.get().cloned().unwrap_or_default();
        }
        place
    }
}

impl Route {
    /// The route `name` as `settings` describe it. Opens no connection, reads no key and no file; whatever is wrong with the settings is
    /// said here, in one sentence.
    pub fn new(name: &str, settings: &Settings, http: &Http) -> Result<Route, RouteError> {
        let Setup {
            place,
            vendor,
            base,
            credential,
            headers,
            mode,
        } = setup::check(name, settings, http)?;
        Ok(Route(Arc::new(Inner {
            place,
            vendor,
            base,
            headers,
            credential,
            settings: settings.clone(),
            mode,
            http: http.clone(),
            breaker: Breaker::default(),
            budget: retry::Budget::default(),
            holes: credential::Kept::default(),
            no_holes: AtomicBool::new(false),
            quick: AtomicBool::new(false),
            asked: OnceLock::new(),
            last: Mutex::default(),
        })))
    }

    /// The name under `[routes]`.
    pub fn name(&self) -> &str {
        &self.0.place.route
    }

    /// The model, as the settings spell it.
    pub fn model(&self) -> &str {
        &self.0.place.model
    }

    /// The provider's name.
    pub fn provider(&self) -> &str {
        &self.0.vendor.name
    }

    /// Host and port of the route's origin.
    pub fn host(&self) -> &str {
        &self.0.place.host
    }

    /// How the route fills holes: what `prompt::completion` needs to know.
    pub fn mode(&self) -> &Mode {
        &self.0.mode
    }

    /// Whether the provider's own hole filling takes pieces of other files beside the hole.
    pub fn takes_pieces(&self) -> bool {
        self.0.vendor.hole_pieces
    }

    /// Whether a question to it may show pictures; whether the model sees them is the model's matter.
    pub fn takes_pictures(&self) -> bool {
        let mut kinds = self.0.vendor.chat.iter();
        kinds.any(|kind| shape::named(&kind.shape).is_some_and(|shape| shape.pictures().is_some()))
    }

    /// Tokens of context that a prompt may have, as the settings say.
    pub fn context_tokens(&self) -> Option<u32> {
        self.0.settings.context_tokens
    }

    /// Whose key the keyring would keep for it.
    pub fn key_owner(&self) -> KeyOwner {
        KeyOwner {
            route: self.name().to_owned(),
            origin: setup::origin(&self.0.base),
        }
    }

    /// What is known of its credential without asking for it.
    pub fn standing(&self) -> Standing {
        self.0.credential.standing()
    }

    /// Why completions are paused until the route's settings change, in one clause; `None` when they are not.
    pub fn paused(&self) -> Option<&'static str> {
        self.0.breaker.paused()
    }

    /// What a policy has against asking it, in one sentence; `None` where nothing, as far as is known without looking for a region.
    pub fn forbidden(&self) -> Option<RouteError> {
        let failure = self.0.admitted(None).err()?;
        Some(failure.at(&self.0.place()))
    }

    /// What its breaker does: `closed`; `open` while completions rest or are paused; `probing` while one of them looks again.
    pub fn breaker(&self) -> &'static str {
        self.0.breaker.word(Instant::now())
    }

    /// Puts the breaker where a process would have it in which the route's requests ended like this, oldest first. Refused keys are left
    /// out: whether they still are is not known.
    pub fn replay(&self, ends: &[Last]) {
        let now = Instant::now();
        for end in ends {
            let Some(at) = now.checked_sub(end.ago()) else {
                continue;
            };
            match Kind::named(&end.outcome) {
                None if end.outcome == ledger::ANSWERED => self.0.breaker.succeeded(),
                None | Some(Kind::Auth | Kind::Forbidden) => {}
                Some(kind) => {
                    let mut failure = Failure::new(kind, "");
                    failure.status = end.status;
                    self.0.breaker.failed(&failure, at);
                }
            }
        }
    }

    /// Asks what policy cleared. Nothing is sent before the answer is polled; see [`Answer`] for how it ends.
    pub fn stream(&self, cleared: Cleared, surface: Surface) -> Answer {
        let (prompt, veil) = cleared.open();
        unveil::unveil(answer::ask(self.0.clone(), prompt, surface), veil)
    }

    /// Exactly what `stream` would send, secrets masked; asks for no key and sends nothing. What the settings leave open of the address
    /// (a region, a project) is looked for where a request would look for it.
    pub async fn preview(&self, prompt: &Prompt, surface: Surface) -> Result<Preview, RouteError> {
        let mut prompt = prompt.clone();
        Veil::over(&mut prompt);
        match self.0.unsent(&prompt, surface).await {
            Ok((mut unsent, _)) => {
                self.0.credential.mask(&mut unsent.headers);
                Ok(Preview::of(&unsent))
            }
            Err(failure) => Err(failure.at(&self.0.place())),
        }
    }
}
