//! How the last requests of a route ended, whichever process made them.

use std::path::Path;
use std::time::Duration;

use super::now;
use super::store::{Outcome, Store};

/// The end of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// Milliseconds since 1970.
    pub at: i64,
    /// [`super::ANSWERED`], or what failed.
    pub outcome: String,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
}

impl Last {
    /// How long ago that was.
    pub fn ago(&self) -> Duration {
        Duration::from_millis(u64::try_from(now() - self.at).unwrap_or(0))
    }
}

/// The ends of at most `most` requests of `route`, oldest first: those that we hung up on say nothing and are left out. Empty without a
/// ledger.
pub fn latest(folder: &Path, route: &str, most: u32) -> Outcome<Vec<Last>> {
    let Some(store) = Store::read(folder)? else {
        return Ok(Vec::new());
    };
    let mut query = store.file.prepare(
        "SELECT e.at, e.outcome, e.status FROM sent s JOIN ended e ON e.sent = s.seq
         WHERE s.route = ?1 AND s.surface NOT IN ('credential', 'listing') AND e.outcome <> 'cancelled'
         ORDER BY s.seq DESC LIMIT ?2",
    )?;
    let rows = query.query_map((route, most), |row| {
        Ok(Last {
            at: row.get(0)?,
            outcome: row.get(1)?,
            status: row.get(2)?,
        })
    })?;
    let mut found = rows.collect::<Outcome<Vec<Last>>>()?;
    found.reverse();
    Ok(found)
}
