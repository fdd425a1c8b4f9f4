//! What is on the screen of each document, and what became of it: shown, taken, taken in part, dismissed, and still there later.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::cache::Entry;
use super::stem::Place;

/// Offers that may still be told of.
const PAST: usize = 32;
/// Accepted texts that are looked for later.
const TAKEN: usize = 64;
/// How long something was on the screen before its end counts as a person's decision.
const READ: Duration = Duration::from_millis(750);
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
        table.taken.iter().any(due)
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
            let read = now.saturating_duration_since(offer.since) >= READ;
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
mod tests {
    use super::*;
    use crate::complete::Origin;
    use crate::text::Text;

    fn place(drawn: &str) -> Place {
        let text = Text::from(drawn);
        Place::new(1, &text, text.end(), 4)
    }

    fn entry(drawn: &str, text: &str) -> Arc<Entry> {
        let stem = place(drawn).stem();
        Arc::new(Entry::new(stem, 1, text.into(), Origin::Local, None))
    }

    fn here(drawn: &str) -> &'static Place {
        Box::leak(Box::new(place(drawn)))
    }

    fn items(id: &str, entry: &Arc<Entry>) -> Vec<(String, Arc<Entry>)> {
        vec![(id.to_owned(), entry.clone())]
    }

    fn events(news: Vec<News>) -> Vec<Event> {
        news.into_iter().map(|(_, event)| event).collect()
    }

    #[test]
    fn typed_through_is_accepted_and_typed_against_is_dismissed() {
        for (typed, later, expected) in [
            ("let a = fo", 0, None),
            ("let a = foo", 0, Some(Event::Accepted(3))),
            ("let a = foo;", 0, Some(Event::Accepted(3))),
            ("let a = x", 0, Some(Event::Dismissed(false))),
            ("let a = x", 750, Some(Event::Dismissed(true))),
            ("let a", 0, Some(Event::Dismissed(false))),
        ] {
            let offers = Offers::default();
            let now = Instant::now();
            let news = offers.offer("a", items("1", &entry("let a = ", "foo")), now);
            assert_eq!(events(news), [Event::Shown]);
            let then = now + Duration::from_millis(later);
            let (news, taken) = offers.edited("a", || here(typed), then);
            assert_eq!(events(news).first().copied(), expected, "{typed:?}");
            assert_eq!(taken, matches!(expected, Some(Event::Accepted(_))));
            assert_eq!(offers.took("a", then), taken);
        }
    }

    #[test]
    fn another_of_several_is_taken() {
        let offers = Offers::default();
        let now = Instant::now();
        let mut several = items("1", &entry("let a = ", "foo"));
        several.extend(items("2", &entry("let a = ", "bar(1)")));
        offers.offer("a", several, now);
        let (news, taken) = offers.edited("a", || here("let a = bar(1)"), now);
        assert!(taken);
        assert_eq!(events(news), [Event::Accepted(6)]);
        assert!(offers.accepted("2", now).0.is_empty());
    }

    #[test]
    fn everything_is_counted_once() {
        let offers = Offers::default();
        let now = Instant::now();
        let kept = entry("let a = ", "foo");
        offers.offer("a", items("1", &kept), now);
        assert!(
            offers.offer("a", items("2", &kept), now).is_empty(),
            "the rest of the same"
        );
        assert!(events(offers.shown("2")).is_empty(), "it was counted");
        assert_eq!(events(offers.part("1")), [Event::PartlyAccepted]);
        assert!(offers.part("2").is_empty());
        assert_eq!(events(offers.accepted("2", now).0), [Event::Accepted(3)]);
        assert!(offers.accepted("1", now).0.is_empty());
        assert!(offers.shown("nobody's").is_empty());
        // From now on only what the client tells counts.
        let other = entry("let b = ", "bar");
        assert!(offers.offer("a", items("3", &other), now).is_empty());
        assert_eq!(events(offers.shown("3")), [Event::Shown]);
        assert!(offers.shown("3").is_empty());
        assert_eq!(events(offers.dismissed("3")), [Event::Dismissed(true)]);
        assert!(offers.dismissed("3").is_empty());
        let news = events(offers.accepted("3", now).0);
        assert_eq!(news, [Event::Accepted(3), Event::NotDismissed]);
    }

    #[test]
    fn accepted_text_is_looked_for_twice() {
        let offers = Offers::default();
        let now = Instant::now();
        offers.offer("a", items("1", &entry("let a = ", " foo ")), now);
        offers.accepted("1", now);
        let looks = |after: u64| {
            let then = now + Duration::from_secs(after);
            let is_due = offers.is_due(then);
            let due = offers.due(then);
            assert_eq!(is_due, !due.is_empty());
            due.into_iter()
                .map(|(taken, look)| (taken.text, look))
                .collect::<Vec<_>>()
        };
        assert!(looks(29).is_empty());
        assert_eq!(looks(30), [("foo".to_owned(), 0)]);
        assert!(looks(299).is_empty());
        assert_eq!(looks(400), [("foo".to_owned(), 1)]);
        assert!(looks(900).is_empty());
    }
}
