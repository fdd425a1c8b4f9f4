//! What is painted first, and what it waits for.

use nextline_tests::face::routed;
use nextline_tests::{Browser, Face, Scratch, ScriptedRoute};
use serde_json::{Value, json};

use super::assert_clean;

/// Where the parts that a new chat has from the start are, and how they look.
const PARTS: &str = "['.head', '.head button:first-child', 'h1', '.head button:last-child', 'main', 'form', 'textarea', '.bar', '.bar .main'].map((one) => { \
    const part = document.querySelector(one), { x, y, width, height } = part.getBoundingClientRect(), style = getComputedStyle(part); \
    return [one, x, y, width, height, style.color, style.backgroundColor, style.font, part.placeholder ?? '', part.localName === 'button' || one === 'h1' ? part.innerText : '']; })";

fn blocked(browser: &mut Browser, what: &[&str]) {
    browser.call("Network.setBlockedURLs", json!({ "urls": what }));
}

/// The parts in both schemes and in two widths.
fn looks(browser: &mut Browser, name: &str) -> Vec<Value> {
    let mut looks = Vec::new();
    for scheme in ["light", "dark"] {
        for width in [1100, 375] {
            browser.scheme(scheme);
            browser.resize(width, 700);
            browser.picture(&format!("{name}-{scheme}-{width}"));
            looks.push(browser.value(PARTS));
        }
    }
    looks
}

#[test]
fn the_first_answer_holds_what_is_painted_first() {
    let route = ScriptedRoute::instant("Yes.");
    let folder = Scratch::new();
    let face = Face::start(&routed(&route), &folder);
    let Some(mut browser) = Browser::start() else {
        return;
    };
    // Nothing but the document comes.
    blocked(&mut browser, &["*.js", "*.css", "*.svg"]);
    browser.open(&face.page);
    browser.until("performance.getEntriesByName('first-contentful-paint').length === 1");
    let shell = looks(&mut browser, "shell");
    assert_eq!(browser.value("document.styleSheets.length"), 1);
    let live = "[...document.querySelectorAll('button, textarea, select')].filter((one) => !one.closest('[inert]')).length";
    assert_eq!(browser.value(live), 0, "what cannot answer yet is inert");

    // All of it comes, and nothing moves or changes its looks.
    blocked(&mut browser, &[]);
    browser.call("Page.reload", json!({}));
    browser.until("document.activeElement?.tagName === 'TEXTAREA'");
    browser.value("document.activeElement.blur()");
    let chat = looks(&mut browser, "new");
    assert_eq!(shell, chat);
    let blocking = "performance.getEntriesByType('resource').filter((one) => one.renderBlockingStatus === 'blocking').map((one) => one.name)";
    assert_eq!(browser.value(blocking), json!([]));
}

/// The header by which a page is cut off from the one that opened it.
fn cut_off(face: &Face, site: &str) -> bool {
    let headers = [("Authorization", ""), ("Sec-Fetch-Site", site)];
    let (status, head, _) = face.exchange("GET /", &headers, "");
    assert_eq!(status, 200);
    head.contains("cross-origin-opener-policy: same-origin")
}

#[test]
fn no_page_has_a_hold_of_one_that_it_opened() {
    let route = ScriptedRoute::instant("Yes.");
    let folder = Scratch::new();
    let face = Face::start(&routed(&route), &folder);
    for site in ["", "cross-site", "same-site", "same-origin", "None", "x"] {
        assert!(cut_off(&face, site), "{site}");
    }
    // Somebody typed the address.
    assert!(!cut_off(&face, "none"));

    let Some(mut browser) = Browser::start() else {
        return;
    };
    let opened = format!("globalThis.opened = open({}); 1", json!(face.page));
    browser.value(&opened);
    browser.until("opened.closed");
    browser.open(&face.page);
    browser.until("document.activeElement?.tagName === 'TEXTAREA'");
    assert_eq!(browser.value("opener"), Value::Null);
    assert_clean(&mut browser, &face);
}
