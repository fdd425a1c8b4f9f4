//! The files of a workspace on disk: one stock for all who read it, each with open documents of his own on top.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, Weak};

use super::page::{Counts, Cut, Page};
use super::shelf::{self, Part, State};
use super::{Desk, Kept, Limits, Stats, is_code, lock};

/// Bytes of source that wait at most before they become a segment, so that what waits stays small.
const BATCH: usize = 8 << 20;
/// Bytes that a counted name or a definition takes in a segment at most: the name, its end and one posting.
const ROW: usize = 12;

/// The chunks, postings and definitions of the files on disk.
///
/// Locks are taken in the order settling, disk, intake, readers, and the last three for moments only.
#[derive(Debug)]
pub struct Stock {
    limits: Limits,
    disk: Mutex<Vec<Part>>,
    intake: Mutex<Intake>,
    settling: Mutex<()>,
    readers: Mutex<Vec<Weak<Desk>>>,
}

#[derive(Debug, Default)]
struct Intake {
    /// Read, and not yet in a segment.
    waiting: HashMap<Arc<str>, (Arc<Page>, Counts)>,
    bytes: usize,
    held: usize,
    forgotten: HashSet<String>,
    refused: Stats,
}

impl Stock {
    /// Nothing, yet.
    pub fn new(limits: Limits) -> Stock {
        Stock {
            limits,
            disk: Mutex::default(),
            intake: Mutex::default(),
            settling: Mutex::default(),
            readers: Mutex::default(),
        }
    }

    /// A desk reads here from now on, and sees what is on disk.
    pub(super) fn admit(&self, desk: &Arc<Desk>) {
        let _one = lock(&self.settling);
        let mut readers = lock(&self.readers);
        readers.retain(|desk| desk.strong_count() > 0);
        readers.push(Arc::downgrade(desk));
        drop(readers);
        let disk = lock(&self.disk).clone();
        desk.settle(&disk, self.limits.max_file);
    }

    /// Bytes that wait, and what was refused.
    pub(super) fn intake(&self) -> (usize, Stats) {
        let intake = lock(&self.intake);
        (intake.held, intake.refused)
    }

    /// Whether files wait to be settled.
    pub(super) fn is_due(&self) -> bool {
        let intake = lock(&self.intake);
        !(intake.waiting.is_empty() && intake.forgotten.is_empty())
    }

    pub(super) fn learn(&self, key: &str, text: &str) -> Kept {
        let kept = self.take(key, text);
        if kept != Kept::Taken {
            self.forget(key);
            let mut intake = lock(&self.intake);
            let refused = &mut intake.refused;
            *match kept {
                Kept::TooLarge => &mut refused.too_large,
                Kept::Full => &mut refused.full,
                Kept::NotCode | Kept::Taken => &mut refused.not_code,
            } += 1;
        }
        kept
    }

    fn take(&self, key: &str, text: &str) -> Kept {
        if text.len() > self.limits.max_file {
            return Kept::TooLarge;
        }
        if !is_code(key, text) {
            return Kept::NotCode;
        }
        // A full library is not worth the reading of a page that it cannot take.
        let shelved = shelf::held(&lock(&self.disk));
        if shelved + lock(&self.intake).held + text.len() > self.limits.max_held {
            return Kept::Full;
        }
        let (page, counts) = Page::read(key, text, Cut::Looks);
        let rows = counts.len() + page.definitions.len() + page.chunks.len() + 2;
        let held = page.held() + rows * ROW;
        // What is replaced counts until it is gone.
        let mut intake = lock(&self.intake);
        if shelved + intake.held + held > self.limits.max_held {
            return Kept::Full;
        }
        intake.forgotten.remove(key);
        intake.held += held;
        intake.bytes += text.len();
        intake.waiting.insert(key.into(), (Arc::new(page), counts));
        let batch = intake.bytes > BATCH;
        drop(intake);
        if batch {
            self.settle();
        }
        Kept::Taken
    }

    pub(super) fn forget(&self, key: &str) {
        let mut intake = lock(&self.intake);
        intake.waiting.remove(key);
        intake.forgotten.insert(key.to_owned());
    }

    pub(super) fn settle(&self) {
        let _one = lock(&self.settling);
        let (waiting, forgotten) = {
            let mut intake = lock(&self.intake);
            intake.bytes = 0;
            intake.held = 0;
            let waiting = std::mem::take(&mut intake.waiting);
            (waiting, std::mem::take(&mut intake.forgotten))
        };
        let mut disk = lock(&self.disk).clone();
        let gone = waiting.keys().map(|key| &**key);
        for key in gone.chain(forgotten.iter().map(String::as_str)) {
            disk.iter_mut().for_each(|part| part.mark(key, State::Dead));
        }
        if !waiting.is_empty() {
            disk.push(Part::new(waiting.into_values().collect()));
        }
        shelf::merge(&mut disk);
        *lock(&self.disk) = disk.clone();
        let readers: Vec<_> = lock(&self.readers)
            .iter()
            .filter_map(Weak::upgrade)
            .collect();
        for desk in readers {
            desk.settle(&disk, self.limits.max_file);
        }
    }
}
