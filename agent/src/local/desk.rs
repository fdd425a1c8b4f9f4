//! The open documents: the few that are asked about each with tokens of its own, the others together on a shelf.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use ropey::Rope;

use super::library::{Library, Reader};
use super::sheet::{self, Sheet};
use super::syntax::syntax_of;
use super::words::{Token, Words};

/// Other documents that are counted as they are now; the rest counts as of the last `settle`.
const NEIGHBOURS: usize = 6;
/// Text of other documents that one question may have to lex (bytes): about a millisecond.
const LAZILY: usize = 32 << 10;

/// A document's tokens, shared with the questions that read them.
#[derive(Debug, Clone)]
pub struct Page(Arc<Mutex<Arc<Sheet>>>);

impl Page {
    fn new(key: &str) -> Page {
        Page(Arc::new(Mutex::new(Arc::new(Sheet::new(syntax_of(key))))))
    }

    /// The tokens of `rope`, whatever text was read before: two questions at once both get their own.
    pub fn read(&self, rope: &Rope, words: &RwLock<Words>) -> Arc<Sheet> {
        let mut sheet = super::lock(&self.0);
        if !sheet.is_of(rope) {
            let mut words = words.write().unwrap_or_else(PoisonError::into_inner);
            Arc::make_mut(&mut sheet).sync(rope, &mut words);
        }
        Arc::clone(&sheet)
    }
}

#[derive(Debug)]
struct Open {
    rope: Rope,
    page: Option<Page>,
    used: u64,
}

/// All open documents.
#[derive(Debug, Default)]
pub struct Desk {
    open: HashMap<String, Open>,
    clock: u64,
    shelf: Arc<Library>,
    shelved: HashMap<String, Rope>,
    /// Documents that the shelf was built of, those closed since included.
    built: usize,
}

/// What one question looks at.
#[derive(Debug)]
pub struct Seen {
    /// The asked document.
    pub own: Page,
    /// Those used last, with their texts.
    pub others: Vec<(Page, Rope)>,
    /// The rest.
    pub shelf: Arc<Library>,
}

impl Desk {
    /// A document is open or has changed.
    pub fn open(&mut self, key: &str, text: &Rope) {
        self.clock += 1;
        let clock = self.clock;
        let fresh = || Open {
            rope: text.clone(),
            page: None,
            used: clock,
        };
        let open = self.open.entry(key.to_owned()).or_insert_with(fresh);
        if !open.rope.is_instance(text) {
            open.rope = text.clone();
            open.used = clock;
        }
    }

    /// A document was closed.
    pub fn close(&mut self, key: &str) {
        self.open.remove(key);
        self.shelf.kill(key);
        if self.shelved.remove(key).is_some() && self.shelved.is_empty() {
            self.shelf = Arc::default();
        }
        if self.open.is_empty() {
            self.open = HashMap::new();
        }
    }

    /// Forgets all tokens, but not the texts: the vocabulary is numbered anew.
    pub fn clear(&mut self) {
        self.shelf = Arc::default();
        self.shelved = HashMap::new();
        self.built = 0;
        for open in self.open.values_mut() {
            open.page = None;
        }
    }

    /// Looks up what a question about `key` reads, and hides the copies that these stand for.
    pub fn see(&mut self, key: &str, text: &Rope, library: &Library, reader: Reader) -> Seen {
        self.clock += 1;
        // A document that was never opened is answered all the same, but not kept.
        let mut own = Page::new(key);
        if let Some(open) = self.open.get_mut(key) {
            open.used = self.clock;
            open.rope = text.clone();
            own = open.page.get_or_insert(own).clone();
        }
        let mut near: Vec<(&String, &mut Open)> =
            self.open.iter_mut().filter(|(k, _)| *k != key).collect();
        near.sort_unstable_by(|a, b| b.1.used.cmp(&a.1.used).then_with(|| a.0.cmp(b.0)));
        let mut left = LAZILY;
        let mut others = Vec::new();
        let mut hidden = vec![key];
        for (key, open) in near.into_iter().take(NEIGHBOURS) {
            let shelved = self.shelved.get(key);
            if open.page.is_none() {
                let size = open.rope.len_bytes();
                let same = shelved.is_some_and(|r| r.is_instance(&open.rope));
                if same || size > left || syntax_of(key).prose {
                    continue;
                }
                left -= size;
            }
            let page = open.page.get_or_insert_with(|| Page::new(key)).clone();
            others.push((page, open.rope.clone()));
            hidden.push(key);
        }
        for key in hidden {
            library.hide(key, reader);
            self.shelf.hide(key, reader);
        }
        Seen {
            own,
            others,
            shelf: Arc::clone(&self.shelf),
        }
    }

    /// The texts that belong on the shelf, if it does not hold just these. Documents that nobody asked about for long
    /// lose their own tokens.
    pub fn due(&mut self) -> Option<HashMap<String, Rope>> {
        let mut used: Vec<u64> = self.open.values().map(|o| o.used).collect();
        used.sort_unstable_by(|a, b| b.cmp(a));
        let least = used.get(NEIGHBOURS).copied().unwrap_or(0);
        let mut due = HashMap::new();
        for (key, open) in &mut self.open {
            if open.used < least {
                open.page = None;
            }
            if open.page.is_none() && !syntax_of(key).prose {
                due.insert(key.clone(), open.rope.clone());
            }
        }
        let held = |(k, r): (&String, &Rope)| self.shelved.get(k).is_some_and(|s| s.is_instance(r));
        let same =
            due.len() == self.built && self.shelved.len() == self.built && due.iter().all(held);
        (!same).then_some(due)
    }

    /// Puts a shelf of `texts` in place.
    pub fn put(&mut self, shelf: Library, texts: HashMap<String, Rope>, reader: Reader) {
        self.built = texts.len();
        self.shelved = texts;
        self.shelf = Arc::new(shelf);
        let open = &self.open;
        let shelf = &self.shelf;
        self.shelved.retain(|key, _| {
            match open.get(key) {
                Some(open) if open.page.is_none() => {}
                Some(_) => shelf.hide(key, reader),
                None => shelf.kill(key),
            }
            open.contains_key(key)
        });
    }

    /// The open documents, and whether their tokens are known here.
    pub fn keys(&self) -> impl Iterator<Item = (&str, bool)> {
        self.open
            .iter()
            .map(|(k, o)| (k.as_str(), o.page.is_some() || self.shelved.contains_key(k)))
    }

    /// Tokens and bytes held.
    pub fn holds(&self) -> (usize, usize) {
        let (mut tokens, mut bytes) = (self.shelf.tokens(), self.shelf.bytes());
        for page in self.open.values().filter_map(|o| o.page.as_ref()) {
            let sheet = super::lock(&page.0);
            tokens += sheet.tokens().len();
            bytes += sheet.bytes();
        }
        (tokens, bytes)
    }
}

/// Sorts texts into one library of their own, in the vocabulary of `library`.
pub fn shelf(texts: &HashMap<String, Rope>, library: &Library, max_file_bytes: u64) -> Library {
    let mut files: Vec<(Arc<str>, Vec<Token>)> = Vec::new();
    for (key, rope) in texts {
        if rope.len_bytes() as u64 <= max_file_bytes {
            let text = Cow::from(rope.slice(..));
            let tokens = sheet::tokens_of(&text, syntax_of(key), &library.words);
            files.push((Arc::from(key.as_str()), tokens));
        }
    }
    files.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    Library::of(Arc::clone(&library.words)).with(files)
}
