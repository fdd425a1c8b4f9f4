//! The file: appended to in transactions, so that several processes write one chain; the oldest rows go when it is too old or too large.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{
    Connection, OpenFlags, OptionalExtension, Params, Transaction, TransactionBehavior, params,
};

use super::entry::{Ended, Part, Sent, link};
use crate::settings;

/// The file in the state directory.
const FILE: &str = "ledger.sqlite";
/// How long another process may hold the file before a write fails.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a locked file is opened again, and after how long.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);
/// The part of the rows that goes when the file is too large.
const CUT: i64 = 10;

/// In one transaction: a reader sees all of the tables or none.
const SCHEMA: &str = "
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS head (key TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sent (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, route TEXT NOT NULL, provider TEXT NOT NULL, origin TEXT NOT NULL,
    model TEXT NOT NULL, surface TEXT NOT NULL, purpose TEXT NOT NULL, repository TEXT, tried INTEGER NOT NULL,
    bytes_out INTEGER NOT NULL, sha256 TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS sent_at ON sent (at);
CREATE TABLE IF NOT EXISTS ended (
    seq INTEGER PRIMARY KEY, sent INTEGER NOT NULL UNIQUE, at INTEGER NOT NULL, outcome TEXT NOT NULL, status INTEGER,
    request_id TEXT, bytes_in INTEGER NOT NULL, input INTEGER, output INTEGER, cached INTEGER, tokens INTEGER NOT NULL,
    first_ms REAL, total_ms REAL NOT NULL, cost_usd REAL, estimated INTEGER NOT NULL, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS source (
    sent INTEGER NOT NULL, place INTEGER NOT NULL, path TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    bytes INTEGER NOT NULL, rule TEXT NOT NULL, PRIMARY KEY (sent, place)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS source_path ON source (path);
CREATE TABLE IF NOT EXISTS body (sent INTEGER PRIMARY KEY, body BLOB NOT NULL);
COMMIT;
";

/// What goes wrong with the file, in the system's words.
pub type Outcome<T> = Result<T, rusqlite::Error>;

/// The ledger's file in a state directory.
pub fn file_in(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// The open file.
pub struct Store {
    pub(super) file: Connection,
}

impl Store {
    /// Opens the file to write it; makes it, for its owner alone, if it is not there.
    pub fn open(folder: &Path) -> Outcome<Store> {
        let refused = |error: std::io::Error| {
            rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN),
                Some(error.to_string()),
            )
        };
        private(folder).map_err(refused)?;
        // Two processes that make the file at once may find it locked before their patience counts.
        let mut tries = TRIES;
        loop {
            tries -= 1;
            match Store::prepare(folder) {
                Err(error) if tries > 0 && is_busy(&error) => std::thread::sleep(PAUSE),
                prepared => return prepared,
            }
        }
    }

    fn prepare(folder: &Path) -> Outcome<Store> {
        let file = Connection::open_with_flags(
            file_in(folder),
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        file.busy_timeout(PATIENCE)?;
        // With a log of its own a reader never waits for a writer, and no keystroke's row waits for the disk: what a loss of power can
        // take is the last rows, never the file.
        file.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        file.pragma_update(None, "journal_mode", "WAL")?;
        file.pragma_update(None, "synchronous", "NORMAL")?;
        file.pragma_update(None, "wal_autocheckpoint", 64)?;
        file.pragma_update(None, "cache_size", -256)?;
        file.execute_batch(SCHEMA)?;
        Ok(Store { file })
    }

    /// Opens the file to read it; `None` if there is none, or if somebody is just making it.
    pub fn read(folder: &Path) -> Outcome<Option<Store>> {
        let path = file_in(folder);
        if !path.exists() {
            return Ok(None);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let file = Connection::open_with_flags(&path, flags)?;
        file.busy_timeout(PATIENCE)?;
        let tables = file.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
            row.get::<_, i64>(0)
        });
        if let Ok(0) = tables {
            return Ok(None);
        }
        if tables.is_err() && !path.with_extension("sqlite-wal").exists() {
            // Nobody can write where this is, so nothing changes under a reader.
            let place = format!("file:{}?immutable=1", escaped(&path));
            let file = Connection::open_with_flags(place, flags | OpenFlags::SQLITE_OPEN_URI)?;
            return Ok(Some(Store { file }));
        }
        Ok(Some(Store { file }))
    }

    /// Begins to append.
    pub fn append(&mut self) -> Outcome<Append<'_>> {
        let file = self
            .file
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (seq, hash) = head(&file, "last")?.unwrap_or_default();
        Ok(Append { file, seq, hash })
    }

    /// Deletes what is older than `settings` say, and the oldest rows while the file is too large. True if something went.
    pub fn prune(&mut self, settings: &settings::Ledger, now: i64) -> Outcome<bool> {
        let oldest = now - i64::from(settings.keep_days) * 86_400_000;
        let file = self
            .file
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let too_old: Option<i64> =
            file.query_row("SELECT max(seq) FROM sent WHERE at < ?1", [oldest], |row| {
                row.get(0)
            })?;
        let mut end = too_old.unwrap_or_default();
        if used(&file)? > i64::from(settings.max_mb) << 20 {
            let (first, last): (i64, i64) = file.query_row(
                "SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM sent",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            end = end.max(first + (last - first) / CUT);
        }
        let cut: Option<(i64, String)> = file
            .query_row(
                "SELECT seq, hash FROM sent WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1",
                [end],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        // The walk of the chain begins behind what went.
        let Some((end, hash)) = cut else {
            return Ok(false);
        };
        keep_head(&file, "first", end, &hash)?;
        file.execute("DELETE FROM sent WHERE seq <= ?1", [end])?;
        file.execute("DELETE FROM ended WHERE seq <= ?1", [end])?;
        file.execute("DELETE FROM source WHERE sent <= ?1", [end])?;
        file.execute("DELETE FROM body WHERE sent <= ?1", [end])?;
        file.commit()?;
        self.file.execute_batch("PRAGMA incremental_vacuum")?;
        Ok(true)
    }

    /// Bytes in use.
    pub fn bytes(&self) -> Outcome<i64> {
        used(&self.file)
    }
}

/// Rows on their way into the file: all of them, or none.
pub struct Append<'a> {
    file: Transaction<'a>,
    seq: i64,
    hash: String,
}

impl Append<'_> {
    /// A request leaves. Its place in the chain is filled in; returns it.
    pub fn sent(&mut self, sent: &mut Sent, body: Option<&[u8]>) -> Outcome<i64> {
        sent.seq = self.seq + 1;
        let hash = link(&self.hash, sent);
        put(
            &self.file,
            "INSERT INTO sent VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                sent.seq,
                sent.at,
                sent.route,
                sent.provider,
                sent.origin,
                sent.model,
                sent.surface,
                sent.purpose,
                sent.repository,
                sent.tried,
                sent.bytes_out,
                sent.sha256,
                hash
            ],
        )?;
        for (place, part) in sent.sources.iter().enumerate() {
            put(
                &self.file,
                "INSERT INTO source VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    sent.seq,
                    place as i64,
                    part.path,
                    part.first,
                    part.last,
                    part.bytes,
                    part.rule
                ],
            )?;
        }
        if let Some(body) = body {
            let row = params![sent.seq, body];
            put(&self.file, "INSERT INTO body VALUES (?1, ?2)", row)?;
        }
        (self.seq, self.hash) = (sent.seq, hash);
        Ok(sent.seq)
    }

    /// A request has ended. Its place in the chain is filled in.
    pub fn ended(&mut self, ended: &mut Ended) -> Outcome<()> {
        ended.seq = self.seq + 1;
        let hash = link(&self.hash, ended);
        put(
            &self.file,
            "INSERT INTO ended VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            params![
                ended.seq,
                ended.sent,
                ended.at,
                ended.outcome,
                ended.status,
                ended.request_id,
                ended.bytes_in,
                ended.input,
                ended.output,
                ended.cached,
                ended.tokens,
                ended.first_ms,
                ended.total_ms,
                ended.cost_usd,
                ended.estimated,
                hash
            ],
        )?;
        (self.seq, self.hash) = (ended.seq, hash);
        Ok(())
    }

    /// Writes all of them.
    pub fn done(self) -> Outcome<()> {
        keep_head(&self.file, "last", self.seq, &self.hash)?;
        self.file.commit()
    }
}

/// The place and the hash of an end of the chain.
pub(super) fn head(file: &Connection, key: &str) -> Outcome<Option<(i64, String)>> {
    file.prepare_cached("SELECT seq, hash FROM head WHERE key = ?1")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

fn keep_head(file: &Connection, key: &str, seq: i64, hash: &str) -> Outcome<()> {
    let row = params![key, seq, hash];
    put(file, "INSERT OR REPLACE INTO head VALUES (?1, ?2, ?3)", row)
}

/// Writes a row by a statement that is parsed once for each connection.
fn put(file: &Connection, statement: &str, row: impl Params) -> Outcome<()> {
    file.prepare_cached(statement)?.execute(row)?;
    Ok(())
}

/// The rows as they are in the file, hashes beside them.
pub(super) fn lines_sent(file: &Connection) -> Outcome<Vec<(Sent, String)>> {
    let mut parts: HashMap<i64, Vec<Part>> = HashMap::new();
    let mut query = file
        .prepare("SELECT sent, path, first, last, bytes, rule FROM source ORDER BY sent, place")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let part = Part {
            path: row.get(1)?,
            first: row.get(2)?,
            last: row.get(3)?,
            bytes: row.get(4)?,
            rule: row.get(5)?,
        };
        parts.entry(row.get(0)?).or_default().push(part);
    }
    let mut query = file.prepare("SELECT * FROM sent ORDER BY seq")?;
    let rows = query.query_map([], |row| {
        let seq = row.get(0)?;
        let sent = Sent {
            seq,
            at: row.get(1)?,
            route: row.get(2)?,
            provider: row.get(3)?,
            origin: row.get(4)?,
            model: row.get(5)?,
            surface: row.get(6)?,
            purpose: row.get(7)?,
            repository: row.get(8)?,
            tried: row.get(9)?,
            bytes_out: row.get(10)?,
            sha256: row.get(11)?,
            sources: parts.remove(&seq).unwrap_or_default(),
        };
        Ok((sent, row.get(12)?))
    })?;
    rows.collect()
}

/// The same of the ends.
pub(super) fn lines_ended(file: &Connection) -> Outcome<Vec<(Ended, String)>> {
    let mut query = file.prepare("SELECT * FROM ended ORDER BY seq")?;
    let rows = query.query_map([], |row| {
        let ended = Ended {
            seq: row.get(0)?,
            sent: row.get(1)?,
            at: row.get(2)?,
            outcome: row.get(3)?,
            status: row.get(4)?,
            request_id: row.get(5)?,
            bytes_in: row.get(6)?,
            input: row.get(7)?,
            output: row.get(8)?,
            cached: row.get(9)?,
            tokens: row.get(10)?,
            first_ms: row.get(11)?,
            total_ms: row.get(12)?,
            cost_usd: row.get(13)?,
            estimated: row.get(14)?,
        };
        Ok((ended, row.get(15)?))
    })?;
    rows.collect()
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
    )
}

fn used(file: &Connection) -> Outcome<i64> {
    file.query_row(
        "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
        [],
        |row| row.get(0),
    )
}

/// A path in a `file:` URI of SQLite's.
fn escaped(path: &Path) -> String {
    let path = path.to_string_lossy().replace('\\', "/");
    path.replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23")
}

/// Makes the folder and the file for their owner alone. One that is there is not opened: closing it would let go of every lock that this
/// process holds on it (POSIX `fcntl`).
fn private(folder: &Path) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create_new(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        only_owner(folder, 0o700)?;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    fs::create_dir_all(folder)?;
    let file = file_in(folder);
    match options.open(&file) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    #[cfg(unix)]
    only_owner(&file, 0o600)?;
    Ok(())
}

/// Takes the rights of everybody else away.
#[cfg(unix)]
fn only_owner(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}
