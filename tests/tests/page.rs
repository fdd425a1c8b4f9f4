//! The chat page in a real browser: what it shows, what it fetches, and how it is driven by keys.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nextline_tests::face::routed;
use nextline_tests::{Browser, Face, Scratch, ScriptedRoute, wait};
use serde_json::json;

#[path = "page/corpus.rs"]
mod corpus;
#[path = "page/paint.rs"]
mod paint;

const LAST: &str = "article.answer:last-of-type";
/// The answer is whole.
const DONE: &str =
    "document.querySelector('article.answer') && !document.querySelector('[aria-busy=\"true\"]')";

/// A page that is connected.
fn opened(face: &Face) -> Option<Browser> {
    let mut browser = Browser::start()?;
    browser.resize(1100, 800);
    browser.open(&face.page);
    browser.until("document.activeElement?.tagName === 'TEXTAREA'");
    Some(browser)
}

fn send(browser: &mut Browser, text: &str) {
    browser.value("document.querySelector('textarea').focus()");
    browser.type_text(text);
    browser.press("Enter", 0);
}

/// Nothing was fetched from elsewhere, and nothing went wrong.
fn assert_clean(browser: &mut Browser, face: &Face) {
    // What was logged so far has come when this answer has.
    browser.value("1");
    assert_eq!(browser.console(), Vec::<String>::new());
    for address in browser.addresses() {
        let own = ["http", "ws"].map(|scheme| format!("{scheme}://{}/", face.address));
        let known = own.iter().any(|own| address.starts_with(own)) || address == "about:blank";
        assert!(known, "{address}");
        let bare = address.split('#').next().unwrap();
        assert!(!bare.contains(&face.token), "the token is in {address}");
    }
}

#[test]
fn a_conversation() {
    let (route, held) = ScriptedRoute::held();
    let folder = Scratch::with(&[("src/lib.rs", "fn slow() {}\n"), ("src/other.rs", "")]);
    let config = routed(&route) + "[models.m]\ninput_usd = 1000.0\noutput_usd = 2000.0\n";
    let face = Face::start(&config, &folder);
    let Some(mut browser) = opened(&face) else {
        return;
    };
    assert_eq!(browser.value("location.hash"), "");
    assert_eq!(browser.text("select option"), "m (mock)");
    let paint =
        browser.value("performance.getEntriesByName('first-contentful-paint')[0]?.startTime");
    eprintln!("first contentful paint: {paint} ms");
    browser.picture("empty-light");

    // A mention, chosen by keys.
    browser.type_text("why is @lib");
    browser.until("!document.querySelector('#mentions').hidden");
    assert_eq!(browser.text("#mentions li"), "src/lib.rs");
    browser.press("Tab", 0);
    browser.type_text("slow?");
    assert_eq!(
        browser.value("document.querySelector('textarea').value"),
        "why is @src/lib.rs slow?"
    );
    browser.press("Enter", 0);
    let mut exchange = held.next();
    assert!(exchange.seen.everything().contains("fn slow() {}"));
    exchange.stream_head();
    exchange.feed("It is **not");
    // Shown while it comes.
    browser.until_text(LAST, "It is");
    assert_eq!(
        browser.value("document.querySelector('.answer').getAttribute('aria-busy')"),
        "true"
    );
    exchange.feed("** slow:\n\n```rust src/lib.rs\nfn slow() -> u32 {\n    1\n}\n```\n\n- one\n- [two](https://example.org/x)\n\n```diff\n-a\n+b\n```\n");
    let usage = json!({ "id": "c", "object": "chunk", "model": "m", "choices": [], "usage": { "prompt_tokens": 1000, "completion_tokens": 250 } });
    exchange.chunk(format!("data: {usage}\n\n").as_bytes());
    exchange.finish();
    browser.until(DONE);
    assert_eq!(browser.text(".answer strong"), "not");
    assert_eq!(
        browser.text(".answer pre code").trim_end(),
        "fn slow() -> u32 {\n    1\n}\n-a\n+b"
    );
    assert_eq!(browser.text(".answer .added").trim(), "+b");
    assert_eq!(browser.text(".answer a"), "two (example.org)");
    assert_eq!(
        browser.value("document.querySelector('.answer a').rel"),
        "noopener noreferrer nofollow"
    );
    let bill = browser.text(".answer .bill");
    assert!(
        bill.contains("1,000 in") && bill.contains("250 out") && bill.contains("$1.50"),
        "{bill}"
    );
    assert!(browser.text(".account").contains("1 mentioned"));
    assert!(browser.text("h1").contains("why is @src/lib.rs slow?"));
    browser.picture("chat-light");
    browser.scheme("dark");
    browser.picture("chat-dark");
    browser.resize(375, 667);
    browser.picture("chat-dark-375");
    let wide = browser.value("document.documentElement.scrollWidth > innerWidth");
    assert_eq!(wide, false, "nothing is wider than a window of 375 pixels");
    browser.scheme("light");
    browser.picture("chat-light-375");
    browser.resize(1100, 800);

    // An earlier question is changed, and asked again.
    browser.press("ArrowUp", 0);
    browser.value("document.querySelector('textarea').select()");
    browser.type_text("and why is it fast?");
    browser.press("Enter", 0);
    let exchange = held.next();
    let asked = exchange.seen.everything();
    assert!(
        asked.contains("and why is it fast?") && !asked.contains("It is **not"),
        "{asked}"
    );
    exchange.answer("Because.");
    browser.until_text(LAST, "Because.");
    browser.until(DONE);
    assert_eq!(browser.text(".question .said"), "and why is it fast?");

    // Stopped by a key: what came stays, and the connection is closed.
    send(&mut browser, "more");
    let mut exchange = held.next();
    exchange.stream_head();
    exchange.feed("A part");
    browser.until_text(LAST, "A part");
    browser.press("Escape", 0);
    browser.until(DONE);
    route.wait_aborted(exchange.number);
    assert!(browser.text(LAST).contains("A part"));
    drop(exchange);

    // What the route says is shown, and the next question goes on.
    send(&mut browser, "again");
    held.next().refuse("401 Unauthorized", &[], "bad key");
    browser.until_text(".trouble", "mock");
    send(&mut browser, "once more");
    let exchange = held.next();
    assert!(
        !exchange.seen.everything().contains("\"again\""),
        "a question without an answer is forgotten"
    );
    exchange.answer("Yes.");
    browser.until_text(LAST, "Yes.");
    assert_clean(&mut browser, &face);
}

#[test]
fn earlier_chats_are_found_opened_and_deleted() {
    let route = ScriptedRoute::instant("An answer.");
    let folder = Scratch::new();
    let face = Face::start(&routed(&route), &folder);
    let Some(mut browser) = opened(&face) else {
        return;
    };
    for question in ["about apples", "about pears"] {
        browser.press("n", 1);
        send(&mut browser, question);
        browser.until_text("article.question", question);
        browser.until_text(LAST, "An answer.");
        browser.until(DONE);
    }
    browser.press("h", 1);
    browser.until_text(".chats", "about apples");
    browser.picture("history-light");
    browser.type_text("apples");
    browser.until("document.querySelectorAll('.chats li').length === 1");
    browser.click(".chats .open", "about apples");
    browser.until_text("article.question", "about apples");
    assert!(browser.text(LAST).contains("An answer."));
    // It goes on where it was.
    send(&mut browser, "and more of them");
    browser.until("document.querySelectorAll('article.answer').length === 2");
    browser.until(DONE);
    let asked = route.requests().last().unwrap().everything();
    assert!(
        asked.contains("about apples") && asked.contains("and more of them"),
        "{asked}"
    );
    // A page that is loaded anew has its token still, and its chats.
    browser.call("Page.reload", json!({}));
    browser.until("document.activeElement?.tagName === 'TEXTAREA'");
    browser.press("h", 1);
    browser.until("document.querySelectorAll('.chats li .open').length === 2");
    browser.resize(375, 667);
    browser.picture("history-light-375");
    browser.click(".chats button", "Delete");
    browser.click(".chats button", "Sure?");
    browser.until("document.querySelectorAll('.chats li .open').length === 1");
    assert_clean(&mut browser, &face);
}

#[test]
fn edits_are_shown_as_diffs_and_taken_or_not() {
    let before = "fn one() -> u32 {\n    1\n}\n\nfn two() -> u32 {\n    2\n}\n";
    let route =
        ScriptedRoute::new(
            |exchange| match exchange.seen.everything().contains("make it three") {
                true => exchange.answer("```rust\nfn two() -> u32 {\n    3\n}\n```"),
                false => exchange.answer("So:\n\n```rust\nfn one() -> u32 {\n    11\n}\n```"),
            },
        );
    let folder = Scratch::with(&[("src/lib.rs", before)]);
    let face = Face::start(&routed(&route), &folder);
    let text = || std::fs::read_to_string(folder.path().join("src/lib.rs")).unwrap();
    let Some(mut browser) = opened(&face) else {
        return;
    };
    send(&mut browser, "/edit src/lib.rs:5-7 make it three");
    browser.until_text(".edit .added", "3");
    assert_eq!(
        (browser.text(".edit .removed").trim(), text()),
        ("-    2", before.to_owned())
    );
    browser.picture("edit-light");
    browser.click(".edit button", "Reject");
    browser.until_text(".edit", "Rejected");
    browser.click(".edit button", "Retry");
    browser.click(".edit button", "Accept");
    browser.until_text(".edit", "Applied");
    assert_eq!(text(), before.replace("    2", "    3"));
    browser.click(".edit button", "Undo");
    browser.until_text(".edit", "Taken back");
    assert_eq!(text(), before);
    // A block of an answer goes where its names are.
    send(&mut browser, "what about @src/lib.rs ?");
    browser.until(DONE);
    browser.click(".answer button", "Apply");
    assert_eq!(browser.value("document.activeElement.value"), "src/lib.rs");
    browser.press("Enter", 0);
    browser.click(".edit button", "Accept");
    wait::until("the block is written", || {
        (text() == before.replace("    1", "    11")).then_some(())
    });
    // What cannot be is said.
    send(&mut browser, "/edit src/none.rs make it three");
    browser.until_text(".notice", "src/none.rs is no file of the workspace");
    assert_clean(&mut browser, &face);
}

#[test]
fn who_has_no_token_gets_a_door_and_who_was_cut_off_comes_back() {
    let route = ScriptedRoute::instant("Here.");
    let folder = Scratch::new();
    let face = Face::start(&routed(&route), &folder);
    let Some(mut browser) = Browser::start() else {
        return;
    };
    browser.open(&format!("http://{}/", face.address));
    browser.until_text(".door", "paste the token");
    browser.picture("door-light");
    browser.type_text(&face.token);
    browser.press("Enter", 0);
    browser.until("document.activeElement?.tagName === 'TEXTAREA'");
    send(&mut browser, "are you there?");
    browser.until_text(LAST, "Here.");
    browser.until(DONE);
    // The same port again, with the chats that were kept.
    let address = face.address.clone();
    let home = face.stop();
    browser.until_text(".status", "lost");
    let face = Face::start_in(home, &routed(&route), &folder, &["--listen", &address]);
    browser.until("document.querySelector('.status').textContent === ''");
    send(&mut browser, "and now?");
    browser.until("document.querySelectorAll('article.answer').length === 2");
    browser.until(DONE);
    assert!(route.requests()[1].everything().contains("are you there?"));
    // Another home has another token.
    let other = Face::start(&routed(&route), &folder);
    browser.open(&format!("http://{}/#token={}", other.address, face.token));
    browser.until_text(".door", "not the one");
}

/// A listener that should hear nothing, and how often it was called.
fn elsewhere() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, called) = (
        listener.local_addr().unwrap().port(),
        Arc::new(AtomicUsize::new(0)),
    );
    let counted = called.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 16]);
        }
    });
    (port, called)
}

#[test]
fn no_text_of_a_model_fetches_anything() {
    let (port, called) = elsewhere();
    let texts: Vec<String> = corpus::TEXTS
        .iter()
        .map(|text| text.replace("EVIL", &format!("127.0.0.1:{port}")))
        .collect();
    let answers = texts.clone();
    let (count, asked) = (texts.len(), AtomicUsize::new(0));
    let route = ScriptedRoute::new(move |mut exchange| {
        let at = asked.fetch_add(1, Ordering::SeqCst);
        exchange.stream_head();
        // All at once first, then every text by itself, in pieces.
        match at {
            0 => exchange.feed(&answers.join("\n\n")),
            _ => {
                let letters: Vec<char> = answers[(at - 1) % count].chars().collect();
                for part in letters.chunks(5) {
                    exchange.feed(&part.iter().collect::<String>());
                }
            }
        }
        exchange.finish();
    });
    let folder = Scratch::new();
    let face = Face::start(&routed(&route), &folder);
    let Some(mut browser) = opened(&face) else {
        return;
    };
    // The person's own words are no HTML either, and neither is a title.
    let question = format!("<img src=http://127.0.0.1:{port}/own onerror=alert(1)>");
    for number in 0..=count {
        send(&mut browser, &question);
        browser.until(&format!(
            "document.querySelectorAll('article.answer').length === {}",
            number + 1
        ));
        browser.until(DONE);
    }
    browser.picture("corpus-light");
    browser.press("h", 1);
    browser.until_text(".chats", "onerror");
    // Again from the history.
    browser.press("n", 1);
    browser.click(".chats .open", "onerror");
    browser.until(&format!(
        "document.querySelectorAll('article.answer').length === {}",
        count + 1
    ));
    let made = browser.value("[...new Set([...document.querySelectorAll('main *')].map((one) => one.localName))].join(' ')");
    let known = "article h2 div footer button p a span strong em del code pre figure header ul ol li blockquote table thead tbody tr th td hr br h3 h4 h5 h6 details summary";
    for name in made.as_str().unwrap().split(' ') {
        assert!(known.split(' ').any(|one| one == name), "an element {name}");
    }
    let attributes = "[...document.querySelectorAll('main *')].flatMap((one) => [...one.attributes]).map((one) => one.name)";
    let attributes = browser.value(&format!("[...new Set({attributes})].filter((name) => /^on|src|style|background|poster/.test(name)).join(' ')"));
    assert_eq!(attributes, "");
    let schemes = browser.value("[...new Set([...document.querySelectorAll('main a')].map((one) => one.protocol))].sort().join(' ')");
    assert_eq!(schemes, "http: https:");
    let marked = browser.value("[...document.querySelectorAll('main a')].every((one) => one.rel.includes('noopener') && one.rel.includes('noreferrer'))");
    assert_eq!(marked, true);
    // Links are followed by hand alone: a pointer over them is no hand.
    browser.value("document.querySelector('main a').dispatchEvent(new MouseEvent('mouseover', { bubbles: true }))");
    assert_clean(&mut browser, &face);
    assert_eq!(called.load(Ordering::SeqCst), 0, "something was fetched");

    // The listener would hear it; and what a script might try, the policy refuses.
    let evil = format!("http://127.0.0.1:{port}/");
    let tried = browser.value(&format!(
        "fetch({}).then(() => 'fetched', () => 'refused')",
        json!(evil)
    ));
    assert_eq!(
        (tried, called.load(Ordering::SeqCst)),
        (json!("refused"), 0)
    );
    let html = browser.value("(() => { try { document.body.innerHTML = '<b>x</b>'; return 'taken'; } catch { return 'refused'; } })()");
    assert_eq!(html, "refused");
    drop(std::net::TcpStream::connect(("127.0.0.1", port)).unwrap());
    wait::until("the listener hears", || {
        (called.load(Ordering::SeqCst) == 1).then_some(())
    });
}
