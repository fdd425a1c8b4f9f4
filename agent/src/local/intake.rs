//! Files on their way in: which are taken, which are left out and why, and what waits for the next library.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, RwLock};

use super::ask::{Learnt, Limits, Stats};
use super::sheet;
use super::syntax::syntax_of;
use super::words::{Token, Words};

/// Mean bytes a line over which a file counts as minified; hand-written code has 30 to 40.
const MINIFIED: usize = 250;

/// What was learnt since the last `settle`, and the size of all that was ever taken.
#[derive(Debug, Default)]
pub struct Intake {
    waiting: HashMap<String, Vec<Token>>,
    sizes: HashMap<String, u64>,
    total: u64,
    /// By digest: of a very large workspace most files may be left out.
    left_out: HashMap<u64, Learnt>,
}

impl Intake {
    /// Takes a file, or says why not; what was known of it is dropped either way.
    pub fn take(
        &mut self,
        key: &str,
        text: &str,
        limits: &Limits,
        words: &RwLock<Words>,
    ) -> Learnt {
        self.forget(key);
        let size = text.len() as u64;
        let mut fate = fate(key, text, limits.max_file_bytes);
        if fate == Learnt::Taken && self.total + size > limits.max_workspace_bytes {
            fate = Learnt::Full;
        }
        if fate != Learnt::Taken {
            self.left_out.insert(digest(key), fate);
            return fate;
        }
        self.total += size;
        self.sizes.insert(key.to_owned(), size);
        let tokens = sheet::tokens_of(text, syntax_of(key), words);
        self.waiting.insert(key.to_owned(), tokens);
        fate
    }

    /// Forgets a file.
    pub fn forget(&mut self, key: &str) {
        self.waiting.remove(key);
        self.left_out.remove(&digest(key));
        self.total -= self.sizes.remove(key).unwrap_or(0);
    }

    /// Hands over what waits, by key.
    pub fn waiting(&mut self) -> Vec<(Arc<str>, Vec<Token>)> {
        let waiting = std::mem::take(&mut self.waiting);
        let mut waiting: Vec<_> = waiting.into_iter().map(|(k, t)| (k.into(), t)).collect();
        waiting.sort_unstable_by(|a: &(Arc<str>, Vec<Token>), b| a.0.cmp(&b.0));
        waiting
    }

    /// The tokens that wait, to be numbered anew.
    pub fn tokens(&mut self) -> impl Iterator<Item = &mut Vec<Token>> {
        self.waiting.values_mut()
    }

    /// Adds its share to the figures.
    pub fn tell(&self, stats: &mut Stats) {
        stats.waiting = self.waiting.len();
        stats.bytes += self
            .waiting
            .values()
            .map(|t| 4 * t.capacity())
            .sum::<usize>();
        for why in self.left_out.values() {
            match why {
                Learnt::TooLarge => stats.too_large += 1,
                Learnt::Full => stats.full += 1,
                _ => stats.not_code += 1,
            }
        }
    }
}

fn digest(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

fn fate(key: &str, text: &str, max_file_bytes: u64) -> Learnt {
    if text.len() as u64 > max_file_bytes {
        return Learnt::TooLarge;
    }
    if syntax_of(key).prose {
        return Learnt::Prose;
    }
    if text.bytes().take(8192).any(|b| b == 0) {
        return Learnt::Binary;
    }
    let lines = sheet::lines_of(text).count().max(1);
    if text.len() > 4096 && text.len() / lines > MINIFIED {
        return Learnt::Minified;
    }
    Learnt::Taken
}
