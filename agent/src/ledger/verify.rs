//! The walk of the chain: the first line that does not fit is named.

use std::path::Path;

use super::entry::{link, sha256};
use super::store::{Outcome, Store, head, lines_ended, lines_sent};

/// What the walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Walked {
    /// Every line fits the one before it: so many lines, of so many requests.
    Whole {
        /// Lines of the chain.
        lines: i64,
        /// Requests among them.
        requests: i64,
    },
    /// The first line that does not.
    Broken {
        /// Its place in the chain.
        seq: i64,
        /// What is wrong, to follow "line N".
        what: String,
    },
}

/// Walks the chain in a state directory; `None` if there is no ledger.
pub fn walk(folder: &Path) -> Outcome<Option<Walked>> {
    Store::read(folder)?.map(|store| store.walk()).transpose()
}

impl Store {
    fn walk(&self) -> Outcome<Walked> {
        // One moment of the file, whatever is appended meanwhile.
        let file = self.file.unchecked_transaction()?;
        let (start, mut hash) = head(&file, "first")?.unwrap_or_default();
        let (sent, ended) = (lines_sent(&file)?, lines_ended(&file)?);
        let requests = sent.len() as i64;
        let (mut sent, mut ended) = (sent.into_iter().peekable(), ended.into_iter().peekable());
        let mut seq = start;
        let broken = |seq, what: &str| {
            Ok(Walked::Broken {
                seq,
                what: what.to_owned(),
            })
        };
        loop {
            let (found, expected, own) = match (sent.peek(), ended.peek()) {
                (None, None) => break,
                (Some((one, _)), Some((two, _))) if two.seq < one.seq => end(&mut ended, &hash),
                (None, Some(_)) => end(&mut ended, &hash),
                (Some(_), _) => match sent.next() {
                    Some((one, own)) => (one.seq, link(&hash, &one), own),
                    None => break,
                },
            };
            if found != seq + 1 {
                return broken(seq + 1, "is missing");
            }
            if expected != own {
                return broken(found, "was changed, or something before it was");
            }
            (seq, hash) = (found, own);
        }
        match head(&file, "last")? {
            Some((last, _)) if last > seq => return broken(seq + 1, "is missing"),
            Some((last, own)) if last < seq || own != hash => {
                return broken(seq, "is not the last one that was written");
            }
            None if seq > start => {
                return broken(seq, "is the last one, and nothing says any more which was");
            }
            _ => {}
        }
        let mut query = file
            .prepare("SELECT sent, body, sha256 FROM body JOIN sent ON seq = sent ORDER BY sent")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let body: Vec<u8> = row.get(1)?;
            if sha256(&body) != row.get::<_, String>(2)? {
                return broken(row.get(0)?, "has a body that is not the one that was sent");
            }
        }
        Ok(Walked::Whole {
            lines: seq - start,
            requests,
        })
    }
}

type Ends = std::iter::Peekable<std::vec::IntoIter<(super::entry::Ended, String)>>;

/// The next end: its place, the hash that it should have, the one that it has.
fn end(ended: &mut Ends, hash: &str) -> (i64, String, String) {
    match ended.next() {
        Some((one, own)) => (one.seq, link(hash, &one), own),
        None => Default::default(),
    }
}
