//! Whole ledgers in a folder of their own.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::Connection;

use super::*;

struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        // One of its own each time: the thread of a ledger that is gone may still close its file.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = format!("nextline-ledger-{name}-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(folder);
        // A run that was killed may have left one.
        let _ = std::fs::remove_dir_all(&path);
        Place(path)
    }

    fn change(&self, sql: &str) {
        let file = Connection::open(file_in(&self.0)).expect("the file");
        file.execute_batch(sql).expect("a change");
    }

    fn walked(&self) -> Walked {
        walk(&self.0).expect("readable").expect("a ledger")
    }

    fn rows(&self) -> Vec<serde_json::Value> {
        listed(&self.0, 100, None)
            .expect("readable")
            .expect("a ledger")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn source(path: &str) -> Source {
    Source {
        path: path.into(),
        lines: 3..8,
        bytes: 40,
        rule: "cursor".into(),
    }
}

fn request<'a>(sources: &'a [Source], body: &'a [u8]) -> Request<'a> {
    Request {
        route: "fast",
        provider: "openai",
        origin: "https://api.openai.com:443",
        model: "gpt-4.1",
        surface: "completion",
        purpose: "",
        folder: None,
        tried: 1,
        sources,
        body,
    }
}

/// One good request.
fn one(ledger: &Ledger, path: &str, body: &[u8]) {
    let row = ledger.begin(&request(&[source(path)], body));
    row.answered(200, Some("req-1"));
    row.received(100);
    row.used(Some(1000), Some(100), None);
    row.done();
}

fn settled(ledger: &Ledger) {
    ledger.flush(Duration::from_secs(60));
}

fn settings(text: &str) -> Settings {
    let value: toml::Value = toml::from_str(text).expect("TOML");
    value.try_into().expect("settings")
}

#[test]
fn a_request_has_its_row_and_its_end() {
    let place = Place::new("row");
    let ledger = Ledger::new(&place.0);
    one(&ledger, "/w/a.rs", b"abc");
    drop(ledger.begin(&request(&[], &[b'x'; 35])));
    ledger
        .begin(&request(&[], &[b'x'; 35]))
        .failed("overloaded", Some(503), None);
    settled(&ledger);
    let rows = place.rows();
    let first = &rows[2];
    assert_eq!(first["bytes_out"], 3);
    assert_eq!(
        first["sha256"],
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(
        (&first["outcome"], &first["status"], &first["bytes_in"]),
        (&"answered".into(), &200.into(), &100.into())
    );
    assert_eq!(first["request_id"], "req-1");
    assert_eq!(
        (&first["input_tokens"], &first["output_tokens"]),
        (&1000.into(), &100.into())
    );
    assert_eq!(first["cost_usd"], 0.0028);
    assert_eq!(first["sources"][0]["lines"], serde_json::json!([3, 7]));
    assert!(
        first["body"].is_null(),
        "bodies are kept only where they are asked for"
    );
    assert_eq!(rows[1]["outcome"], "cancelled");
    assert_eq!(
        (&rows[1]["cost_usd"], &rows[1]["estimated"]),
        (&0.00002.into(), &true.into()),
        "ten tokens by a guess"
    );
    assert_eq!(rows[0]["cost_usd"], 0.0, "what was refused costs nothing");
    assert_eq!(
        (&rows[0]["outcome"], &rows[0]["status"]),
        (&"overloaded".into(), &503.into())
    );
    assert_eq!(
        place.walked(),
        Walked::Whole {
            lines: 6,
            requests: 3
        }
    );
    #[cfg(unix)]
    for (path, wanted) in [(place.0.clone(), 0o700), (file_in(&place.0), 0o600)] {
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(&path).expect("there").permissions(),
        );
        assert_eq!(mode & 0o777, wanted, "{}", path.display());
    }
}

#[test]
fn any_change_breaks_the_chain_at_its_line() {
    for (sql, line) in [
        ("UPDATE sent SET bytes_out = 2 WHERE seq = 3", 3),
        ("UPDATE ended SET cost_usd = 0 WHERE seq = 4", 4),
        ("UPDATE source SET path = '/w/x.rs' WHERE sent = 5", 5),
        ("DELETE FROM source WHERE sent = 1", 1),
        ("DELETE FROM sent WHERE seq = 3", 3),
        ("DELETE FROM ended WHERE seq = 6", 6),
        (
            "DELETE FROM sent WHERE seq = 5; DELETE FROM ended WHERE seq = 6",
            5,
        ),
        ("UPDATE head SET hash = 'x'", 1),
        ("UPDATE body SET body = x'00' WHERE sent = 3", 3),
    ] {
        let place = Place::new("chain");
        let ledger = Ledger::new(&place.0);
        ledger.configure(&settings("[ledger]\nbodies = true"));
        for path in ["/w/a.rs", "/w/b.rs", "/w/c.rs"] {
            one(&ledger, path, path.as_bytes());
        }
        settled(&ledger);
        assert_eq!(place.rows()[0]["body"], "/w/c.rs");
        assert!(matches!(place.walked(), Walked::Whole { lines: 6, .. }));
        place.change(sql);
        match place.walked() {
            Walked::Broken { seq, .. } if line != 1 || !sql.contains("head") => {
                assert_eq!(seq, line, "{sql}")
            }
            Walked::Broken { .. } => {}
            whole => panic!("{sql}: {whole:?}"),
        }
    }
}

#[test]
fn files_and_folders_are_found_and_their_namesakes_are_not() {
    let place = Place::new("files");
    let ledger = Ledger::new(&place.0);
    for path in ["/w/src/a.rs", "/w/src/b.rs", "/w/src_x/a.rs", "/v/src/a.rs"] {
        one(&ledger, path, b"x");
    }
    settled(&ledger);
    for (file, count) in [
        ("/w/src/a.rs", 1),
        ("/w/src", 2),
        ("/w/src/", 2),
        ("/w", 3),
        ("/w/src/a", 0),
        ("/w/s%", 0),
    ] {
        let found = listed(&place.0, 100, Some(&[file.to_owned()]))
            .expect("readable")
            .expect("a ledger");
        assert_eq!(found.len(), count, "{file}");
    }
}

#[test]
fn what_is_too_old_or_too_much_goes_and_the_chain_stays_whole() {
    let place = Place::new("prune");
    let ledger = Ledger::new(&place.0);
    for _ in 0..50 {
        one(&ledger, "/w/a.rs", &[b'x'; 100]);
    }
    settled(&ledger);
    let mut store = store::Store::open(&place.0).expect("the file");
    let keep = settings("[ledger]\nkeep_days = 1").ledger;
    assert!(!store.prune(&keep, now()).expect("pruned"));
    place.change("UPDATE sent SET at = at - 2 * 86400000 WHERE seq <= 50");
    assert!(store.prune(&keep, now()).expect("pruned"));
    // The changed rows are gone, and what was behind them still fits.
    assert!(
        matches!(place.walked(), Walked::Whole { .. }),
        "{:?}",
        place.walked()
    );
    assert!(place.rows().len() < 50 && !place.rows().is_empty());

    ledger.configure(&settings("[ledger]\nbodies = true\nmax_mb = 1"));
    for _ in 0..30 {
        one(&ledger, "/w/a.rs", &[b'x'; 100_000]);
    }
    settled(&ledger);
    let full = settings("[ledger]\nmax_mb = 1").ledger;
    while store.prune(&full, now()).expect("pruned") {}
    assert!(store.bytes().expect("bytes") <= 1 << 20);
    assert!(matches!(place.walked(), Walked::Whole { .. }));
}

#[test]
fn several_writers_make_one_chain() {
    let place = Place::new("many");
    let ledgers: Vec<Ledger> = (0..4).map(|_| Ledger::new(&place.0)).collect();
    std::thread::scope(|scope| {
        for ledger in &ledgers {
            scope.spawn(|| {
                for _ in 0..50 {
                    one(ledger, "/w/a.rs", b"x");
                }
                settled(ledger);
            });
        }
    });
    assert_eq!(
        place.walked(),
        Walked::Whole {
            lines: 400,
            requests: 200
        }
    );
}

#[test]
fn a_ledger_that_cannot_be_written_is_said_and_mended() {
    let place = Place::new("broken");
    std::fs::write(&place.0, "a file in its place").expect("written");
    let ledger = Ledger::new(&place.0);
    one(&ledger, "/w/a.rs", b"x");
    settled(&ledger);
    let news = ledger.trouble().expect("trouble");
    assert!(
        news.contains("cannot be written") && news.contains("1 requests"),
        "{news}"
    );
    std::fs::remove_file(&place.0).expect("removed");
    one(&ledger, "/w/a.rs", b"x");
    settled(&ledger);
    assert_eq!(ledger.trouble(), None);
    assert_eq!(place.rows().len(), 1);
}

#[test]
fn a_file_that_is_just_being_made_is_an_empty_ledger() {
    let place = Place::new("begun");
    std::fs::create_dir_all(&place.0).expect("made");
    std::fs::write(file_in(&place.0), "").expect("written");
    assert!(listed(&place.0, 100, None).expect("readable").is_none());
    assert!(walk(&place.0).expect("readable").is_none());
}

#[test]
fn nothing_is_written_where_nobody_wants_it() {
    let place = Place::new("off");
    let ledger = Ledger::new(&place.0);
    ledger.configure(&settings("[ledger]\nenabled = false"));
    one(&ledger, "/w/a.rs", b"x");
    settled(&ledger);
    assert!(!place.0.exists());
    ledger.configure(&settings(
        "[ledger]\nenabled = false\n[budget]\ndaily_usd = 1.0",
    ));
    assert!(ledger.news().expect("news").contains("not kept"));
    one(&Ledger::default(), "/w/a.rs", b"x");
}

#[test]
fn budgets_count_what_all_processes_spent() {
    let place = Place::new("budget");
    let other = Ledger::new(&place.0);
    let ledger = Ledger::new(&place.0);
    // Each request costs $0.0028.
    ledger.configure(&settings("[budget]\ndaily_usd = 0.007"));
    ledger.wait(Duration::from_secs(60));
    let spend = ledger.spend("fast", "completion", "", None);
    assert_eq!((ledger.news(), ledger.spent(&spend)), (None, None));
    one(&other, "/w/a.rs", b"x");
    settled(&other);
    one(&ledger, "/w/a.rs", b"x");
    settled(&ledger);
    assert!(
        ledger
            .news()
            .expect("80 %")
            .starts_with("80 % of today's budget is spent")
    );
    assert_eq!(ledger.spent(&spend), None);
    one(&ledger, "/w/a.rs", b"x");
    settled(&ledger);
    assert!(
        ledger
            .spent(&spend)
            .expect("spent")
            .contains("raise `budget.daily_usd`")
    );
    assert!(ledger.steer(&spend).is_err());
    let (groups, total) = costs(&place.0, GROUPS[0], &Since(None))
        .expect("readable")
        .expect("a ledger");
    assert_eq!(
        (groups.len(), total.requests, total.unpriced_requests),
        (1, 3, 0)
    );
    assert!((total.cost_usd.expect("priced") - 0.0084).abs() < 1e-9);
}

#[test]
fn a_repository_is_the_folder_with_the_mark() {
    let place = Place::new("repository");
    std::fs::create_dir_all(place.0.join("repo/.git")).expect("made");
    std::fs::create_dir_all(place.0.join("repo/a/b")).expect("made");
    let name = |path: &Path| writer::repository(path);
    let root = place.0.join("repo").to_string_lossy().into_owned();
    assert_eq!(name(&place.0.join("repo/a/b")), root);
    assert_eq!(name(&place.0.join("repo")), root);
}
