//! The one thread that writes: it takes what the queue holds in one transaction, and dies with the process.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use super::budget::{Spend, Spent};
use super::entry::{Ended, Sent, sha256};
use super::price::{self, Counted};
use super::queue::Outlet;
use super::store::{Outcome, Store};
use super::{Config, Shared, Today, now};

/// Transactions between two looks for rows that are too old.
const PRUNE: u32 = 256;

/// What the queue carries.
pub enum Message {
    /// A request leaves: its number in this process, its line, its body.
    Sent(u64, Box<Sent>, Vec<u8>),
    /// A request has ended: its number, how, and what it used.
    Ended(u64, Box<Ended>, Counted),
    /// The day's sums are wanted.
    Today,
    /// Answered when everything before it is written.
    Flush(SyncSender<()>),
}

/// A request that is under way.
#[derive(Clone)]
struct Open {
    seq: i64,
    model: String,
}

struct Writer {
    shared: Arc<Shared>,
    store: Option<Store>,
    open: HashMap<u64, Open>,
    since_prune: u32,
}

/// Writes until the queue's other end is gone.
pub fn run(shared: Arc<Shared>, queue: &Outlet) {
    let mut writer = Writer {
        shared,
        store: None,
        open: HashMap::new(),
        since_prune: 0,
    };
    while let Some(batch) = queue.take() {
        writer.take(batch);
    }
}

impl Writer {
    fn take(&mut self, batch: Vec<Message>) {
        let config = self.shared.config();
        let mut waiting = Vec::new();
        let mut lines = Vec::new();
        let mut asked = false;
        for message in batch {
            match message {
                Message::Flush(done) => waiting.push(done),
                Message::Today => asked = true,
                line => lines.push(line),
            }
        }
        let leaving = lines
            .iter()
            .filter(|line| matches!(line, Message::Sent(..)))
            .count() as u64;
        let written = self.write(lines, &config).and_then(|()| {
            if asked || self.shared.counts() {
                let today = self.store()?.today()?;
                self.shared.keep(&today);
            }
            self.prune(&config)
        });
        match written {
            Ok(()) => self.shared.mended(),
            Err(error) => {
                // Opened anew for the next batch: what was wrong may be mended by then.
                self.store = None;
                self.shared.troubled(&error.to_string(), leaving);
            }
        }
        for done in waiting {
            // Whoever waited may have given up.
            let _ = done.send(());
        }
    }

    fn store(&mut self) -> Outcome<&mut Store> {
        if self.store.is_none() {
            self.store = Some(Store::open(&self.shared.folder)?);
        }
        // It was just filled in.
        self.store.as_mut().ok_or(rusqlite::Error::InvalidQuery)
    }

    fn write(&mut self, lines: Vec<Message>, config: &Config) -> Outcome<()> {
        if lines.is_empty() {
            return Ok(());
        }
        // What was begun in a transaction that failed was never begun.
        let mut open = self.open.clone();
        self.append(lines, config, &mut open)?;
        self.open = open;
        Ok(())
    }

    fn append(
        &mut self,
        lines: Vec<Message>,
        config: &Config,
        open: &mut HashMap<u64, Open>,
    ) -> Outcome<()> {
        let mut append = self.store()?.append()?;
        for line in lines {
            match line {
                Message::Sent(number, mut sent, body) => {
                    let secret = sent.surface == super::CREDENTIAL;
                    if !secret {
                        sent.sha256 = sha256(&body);
                    }
                    let kept = config.settings.ledger.bodies && !secret;
                    let seq = append.sent(&mut sent, kept.then_some(body.as_slice()))?;
                    open.insert(
                        number,
                        Open {
                            seq,
                            model: sent.model,
                        },
                    );
                }
                Message::Ended(number, mut ended, counted) => {
                    let Some(begun) = open.remove(&number) else {
                        continue;
                    };
                    ended.sent = begun.seq;
                    let rate = price::rate(&begun.model, &config.settings.models);
                    if refused(&ended) {
                        ended.cost_usd = Some(0.0);
                    } else {
                        let (input, output) = counted.tokens();
                        ended.tokens = (input + output) as i64;
                        ended.cost_usd = rate.map(|rate| rate.cost(&counted));
                        ended.estimated = counted.is_guess();
                    }
                    append.ended(&mut ended)?;
                }
                Message::Today | Message::Flush(_) => {}
            }
        }
        append.done()
    }

    fn prune(&mut self, config: &Config) -> Outcome<()> {
        if self.since_prune == 0 && self.store.is_some() {
            while self.store()?.prune(&config.settings.ledger, now())? {}
        }
        self.since_prune = (self.since_prune + 1) % PRUNE;
        Ok(())
    }
}

/// Whether no model ever saw the request: nobody is paid for it then. What was hung up on may well have been seen.
fn refused(ended: &Ended) -> bool {
    let unreached = ended.status.is_none() && ended.outcome == "network";
    unreached || ended.status.is_some_and(|status| status >= 400)
}

impl Store {
    /// What was spent since local midnight, and when the next one is.
    pub fn today(&self) -> Outcome<Today> {
        let (from, until): (i64, i64) = self.file.query_row(
            "SELECT 1000 * unixepoch('now', 'localtime', 'start of day', 'utc'),
                    1000 * unixepoch('now', 'localtime', 'start of day', '+1 day', 'utc')",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let mut query = self.file.prepare(
            "SELECT route, surface, purpose, repository, model, coalesce(sum(cost_usd), 0.0), sum(tokens),
                    sum(cost_usd IS NULL)
             FROM sent JOIN ended ON ended.sent = sent.seq
             WHERE sent.at >= ?1 AND surface NOT IN ('credential', 'listing') GROUP BY 1, 2, 3, 4, 5",
        )?;
        let rows = query.query_map([from], |row| {
            Ok(Spent {
                on: Spend {
                    route: row.get(0)?,
                    surface: row.get(1)?,
                    purpose: row.get(2)?,
                    repository: row.get(3)?,
                },
                model: row.get(4)?,
                usd: row.get(5)?,
                tokens: row.get(6)?,
                unpriced: row.get(7)?,
            })
        })?;
        Ok(Today {
            until,
            spent: rows.collect::<Outcome<_>>()?,
        })
    }
}

/// The repository that a folder belongs to: the nearest folder above with a mark of version control, else itself.
pub fn repository(folder: &Path) -> String {
    const MARKS: &[&str] = &[".git", ".hg", ".jj", ".svn"];
    let marked = folder
        .ancestors()
        .find(|above| MARKS.iter().any(|mark| above.join(mark).exists()));
    marked.unwrap_or(folder).to_string_lossy().into_owned()
}
