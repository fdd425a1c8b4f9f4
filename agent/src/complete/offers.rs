//! What is on the screen of each document, and what became of it: shown, taken, taken in part, dismissed, and still there later.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Engine;
use super::cache::Entry;
use super::stem::Place;

/// Offers that may still be told of.
const PAST: usize = 32;
/// Accepted texts that are looked for later.
const TAKEN: usize = 64;
/// How long something was on the screen before its end counts as a person's decision.
const READ: Duration = Duration::from_millis(750);
/// How long what a client cleared may stay away and come back: it clears at each keystroke and shows the rest anew.
pub const CLEARED: Duration = Duration::from_secs(1);
/// When accepted text is looked for, first and last.
pub const LATER: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(300)];

/// What happened to an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It came on the screen.
    Shown,
    /// All of it was taken; so many characters.
    Accepted(usize),
    /// A part of it was taken.
    PartlyAccepted,
    /// It went unused; `true` if the person had time to read it or said so.
    Dismissed(bool),
    /// It was counted as dismissed, and was accepted.
    NotDismissed,
}

/// An event and whose offer it was.
pub type News = (String, Event);

struct Offer {
    key: String,
    /// Items by their ids, newest last.
    items: Vec<(String, Arc<Entry>)>,
    since: Instant,
    counted: bool,
    part: bool,
    /// When the client cleared it.
    cleared: Option<Instant>,
    fate: Option<bool>,
}

/// Accepted text, to be looked for.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The document's key.
    pub key: String,
    /// What was accepted.
    pub text: String,
    /// Who wrote it.
    pub origin: String,
    at: Instant,
    looks: usize,
}

#[derive(Default)]
struct Table {
    screens: HashMap<String, Offer>,
    past: VecDeque<Offer>,
    taken: VecDeque<Taken>,
    /// The edit of each document that took an offer.
    edits: HashMap<String, Instant>,
    /// Whether this client says what it shows.
    tells: bool,
}

/// The offers of all documents.
#[derive(Default)]
pub struct Offers(Mutex<Table>);

impl Offers {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Items were answered, the first of them to be shown.
    pub fn offer(&self, key: &str, items: Vec<(String, Arc<Entry>)>, now: Instant) -> Vec<News> {
        let mut table = self.table();
        let mut news = Vec::new();
        let Some((_, entry)) = items.first().cloned() else {
            return news;
        };
        if let Some(screen) = table.screens.get_mut(key) {
            let same = |(_, known): &(String, Arc<Entry>)| {
                let grown = entry.stem == known.stem && entry.text.starts_with(&known.text);
                Arc::ptr_eq(known, &entry) || grown
            };
            if screen.items.iter().any(same) {
                screen.cleared = None;
                screen.items.extend(items);
                let old = screen.items.len().saturating_sub(PAST);
                screen.items.drain(..old);
                return news;
            }
            news.extend(table.end(key, now));
        }
        let counted = !table.tells;
        if counted {
            news.push((entry.origin.to_string(), Event::Shown));
        }
        let offer = Offer {
            key: key.to_owned(),
            items,
            since: now,
            counted,
            part: false,
            cleared: None,
            fate: None,
        };
        table.screens.insert(key.to_owned(), offer);
        news
    }

    /// The client showed an item.
    pub fn shown(&self, id: &str) -> Vec<News> {
        let mut table = self.table();
        table.tells = true;
        let event = |offer: &mut Offer| {
            (!std::mem::replace(&mut offer.counted, true)).then_some(Event::Shown)
        };
        table.told(id, event)
    }

    /// The client took a part of an item.
    pub fn part(&self, id: &str) -> Vec<News> {
        let event = |offer: &mut Offer| {
            (!std::mem::replace(&mut offer.part, true)).then_some(Event::PartlyAccepted)
        };
        self.table().told(id, event)
    }

    /// The client took an item. With the key of its document.
    pub fn accepted(&self, id: &str, now: Instant) -> (Vec<News>, Option<String>) {
        let mut table = self.table();
        let Some((offer, entry)) = table.find(id) else {
            return (Vec::new(), None);
        };
        let key = offer.key.clone();
        let before = offer.fate.replace(true);
        let mut news = Vec::new();
        if before != Some(true) {
            news.push(table.take(&key, &entry, now));
        }
        if before == Some(false) {
            news.push((entry.origin.to_string(), Event::NotDismissed));
        }
        let on_screen = |offer: &Offer| offer.items.iter().any(|(known, _)| known == id);
        if table.screens.get(&key).is_some_and(on_screen)
            && let Some(offer) = table.screens.remove(&key)
        {
            table.pass(offer);
        }
        (news, Some(key))
    }

    /// The person dismissed an item.
    pub fn dismissed(&self, id: &str) -> Vec<News> {
        let event = |offer: &mut Offer| {
            let first = offer.fate.is_none();
            offer.fate.get_or_insert(false);
            first.then_some(Event::Dismissed(true))
        };
        self.table().told(id, event)
    }

    /// The client cleared an item from the screen.
    pub fn cleared(&self, id: &str, now: Instant) {
        if let Some((offer, _)) = self.table().find(id) {
            offer.cleared.get_or_insert(now);
        }
    }

    /// What was cleared longer ago than `age` was dismissed.
    pub fn settle(&self, age: Duration, now: Instant) -> Vec<News> {
        let mut table = self.table();
        let old = |offer: &Offer| {
            offer
                .cleared
                .is_some_and(|at| now.saturating_duration_since(at) >= age)
        };
        let keys = table.screens.iter().filter(|(_, offer)| old(offer));
        let keys: Vec<String> = keys.map(|(key, _)| key.clone()).collect();
        keys.iter().flat_map(|key| table.end(key, now)).collect()
    }

    /// The text was changed; `place` is where the cursor must be, `true` if all of what was shown is there now.
    pub fn edited<'p>(
        &self,
        key: &str,
        place: impl FnOnce() -> &'p Place,
        now: Instant,
    ) -> (Vec<News>, bool) {
        let mut table = self.table();
        let Some(screen) = table.screens.get_mut(key) else {
            return (Vec::new(), false);
        };
        let place = place();
        let typed = |entry: &Arc<Entry>| Some(place.typed(&entry.stem)?.text);
        let items = || screen.items.iter().rev().map(|(_, entry)| entry);
        let whole = |entry: &&Arc<Entry>| {
            typed(entry).is_some_and(|typed| typed.starts_with(entry.text.as_str()))
        };
        let goes_on =
            |entry: &Arc<Entry>| typed(entry).is_some_and(|typed| entry.text.starts_with(&typed));
        if let Some(entry) = items().find(whole).cloned() {
            screen.fate = Some(true);
            let news = table.take(key, &entry, now);
            table.edits.insert(key.to_owned(), now);
            if let Some(offer) = table.screens.remove(key) {
                table.pass(offer);
            }
            (vec![news], true)
        } else if items().any(goes_on) {
            screen.cleared = None;
            (Vec::new(), false)
        } else {
            (table.end(key, now), false)
        }
    }

    /// Whether the edit at `at` was the taking of an offer.
    pub fn took(&self, key: &str, at: Instant) -> bool {
        self.table().edits.get(key) == Some(&at)
    }

    /// The document was closed.
    pub fn forget(&self, key: &str) -> Vec<News> {
        let mut table = self.table();
        table.edits.remove(key);
        table.end(key, Instant::now())
    }

    /// Whether there is accepted text to be looked for now.
    pub fn is_due(&self, now: Instant) -> bool {
        let table = self.table();
        let due = |taken: &Taken| {
            LATER
                .get(taken.looks)
                .is_some_and(|later| now >= taken.at + *later)
        };
        let cleared = |offer: &Offer| offer.cleared.is_some_and(|at| now >= at + CLEARED);
        table.taken.iter().any(due) || table.screens.values().any(cleared)
    }

    /// Accepted texts that are to be looked for now, with which look it is.
    pub fn due(&self, now: Instant) -> Vec<(Taken, usize)> {
        let mut table = self.table();
        let mut due = Vec::new();
        for taken in &mut table.taken {
            while taken.looks < LATER.len() && now >= taken.at + LATER[taken.looks] {
                due.push((taken.clone(), taken.looks));
                taken.looks += 1;
            }
        }
        table.taken.retain(|taken| taken.looks < LATER.len());
        due
    }
}

impl Engine {
    /// A client took an item off the screen without saying why: dismissed, unless the same is shown again or typed along soon.
    pub fn cleared(&self, id: &str) {
        self.offers.cleared(id, Instant::now());
    }

    /// Counts what went off the screen longer ago than `age` and did not come back.
    pub fn settle(&self, age: Duration) {
        self.note(self.offers.settle(age, Instant::now()));
    }
}

impl Table {
    fn find(&mut self, id: &str) -> Option<(&mut Offer, Arc<Entry>)> {
        let mut all = self.screens.values_mut().chain(&mut self.past);
        all.find_map(|offer| {
            let entry = offer.items.iter().find(|(known, _)| known == id);
            let entry = entry.map(|(_, entry)| entry.clone())?;
            Some((offer, entry))
        })
    }

    fn told(&mut self, id: &str, event: impl FnOnce(&mut Offer) -> Option<Event>) -> Vec<News> {
        let Some((offer, entry)) = self.find(id) else {
            return Vec::new();
        };
        let event = event(offer);
        let news = event.map(|event| (entry.origin.to_string(), event));
        news.into_iter().collect()
    }

    fn take(&mut self, key: &str, entry: &Entry, now: Instant) -> News {
        let origin = entry.origin.to_string();
        self.taken.push_back(Taken {
            key: key.to_owned(),
            text: entry.text.trim().to_owned(),
            origin: origin.clone(),
            at: now,
            looks: 0,
        });
        if self.taken.len() > TAKEN {
            self.taken.pop_front();
        }
        (origin, Event::Accepted(entry.text.chars().count()))
    }

    /// What is on the screen goes.
    fn end(&mut self, key: &str, now: Instant) -> Vec<News> {
        let Some(mut offer) = self.screens.remove(key) else {
            return Vec::new();
        };
        let mut news = Vec::new();
        if offer.fate.is_none() && !offer.part && offer.counted {
            offer.fate = Some(false);
            let gone = offer.cleared.unwrap_or(now);
            let read = gone.saturating_duration_since(offer.since) >= READ;
            if let Some((_, entry)) = offer.items.first() {
                news.push((entry.origin.to_string(), Event::Dismissed(read)));
            }
        }
        self.pass(offer);
        news
    }

    fn pass(&mut self, offer: Offer) {
        self.past.push_front(offer);
        self.past.truncate(PAST);
    }
}

#[cfg(test)]
mod tests;
