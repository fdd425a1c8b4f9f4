//! What clients of one process have in common: what was learnt of a workspace, its index and recent answers.
//!
//! It belongs to those whose folders are the same, and all settings that decide what is read of them. Open documents, offers, silences,
//! chats, routes and their keys are each client's own.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::cache::Memory;
use super::gathered;
use crate::index::Walks;
use crate::index::library;
use crate::local::{self, Limits};
use crate::settings::Settings;

/// What was read of one workspace.
pub struct Stock {
    pub(super) local: Arc<local::Stock>,
    /// For prompts, where a route may need it. Of a client alone `gathered` makes one when it is wanted.
    pub(super) index: Option<Arc<library::Stock>>,
    pub(super) walks: Arc<Walks>,
    pub(super) memory: Memory,
    fed: AtomicBool,
}

impl Stock {
    /// Nothing, yet. What is over a limit never reaches the embedded model: `index` holds the settings' limits.
    pub(super) fn new(index: Option<library::Limits>) -> Stock {
        let limits = Limits {
            max_workspace_bytes: u64::MAX,
            max_file_bytes: crate::document::COMPLETED_CAP as u64,
        };
        Stock {
            local: Arc::new(local::Stock::new(limits)),
            index: index.map(|limits| Arc::new(library::Stock::new(limits))),
            walks: Arc::default(),
            memory: Memory::default(),
            fed: AtomicBool::new(false),
        }
    }

    /// True for the one caller who shall read the workspace.
    pub(super) fn wants_feeding(&self) -> bool {
        !self.fed.swap(true, Ordering::Relaxed)
    }
}

/// Every workspace of one process that several clients share. A stock lives as long as somebody reads it.
#[derive(Default)]
pub struct Commons(Mutex<HashMap<String, Weak<Stock>>>);

impl Commons {
    /// The stock of these folders under these settings.
    pub(super) fn stock(&self, folders: &[PathBuf], settings: &Settings) -> Arc<Stock> {
        let mut folders = folders.to_vec();
        folders.sort();
        folders.dedup();
        let index = gathered::limits(settings);
        let reading = (&settings.local, &settings.context, &settings.policy);
        let key = format!("{folders:?} {index:?} {reading:?}");
        let mut stocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stocks.retain(|_, stock| stock.strong_count() > 0);
        if let Some(stock) = stocks.get(&key).and_then(Weak::upgrade) {
            return stock;
        }
        let stock = Arc::new(Stock::new(index));
        stocks.insert(key, Arc::downgrade(&stock));
        stock
    }
}
