//! What became of what was shown.

use super::*;
use crate::complete::Origin;
use crate::text::Text;

fn place(drawn: &str) -> Place {
    let text = Text::from(drawn);
    Place::new(1, &text, text.end(), 4)
}

fn entry(drawn: &str, text: &str) -> Arc<Entry> {
    let stem = place(drawn).stem();
    Arc::new(Entry::new(stem, 1, text.into(), Origin::Local, None))
}

fn here(drawn: &str) -> &'static Place {
    Box::leak(Box::new(place(drawn)))
}

fn items(id: &str, entry: &Arc<Entry>) -> Vec<(String, Arc<Entry>)> {
    vec![(id.to_owned(), entry.clone())]
}

fn events(news: Vec<News>) -> Vec<Event> {
    news.into_iter().map(|(_, event)| event).collect()
}

#[test]
fn typed_through_is_accepted_and_typed_against_is_dismissed() {
    for (typed, later, expected) in [
        ("let a = fo", 0, None),
        ("let a = foo", 0, Some(Event::Accepted(3))),
        ("let a = foo;", 0, Some(Event::Accepted(3))),
        ("let a = x", 0, Some(Event::Dismissed(false))),
        ("let a = x", 750, Some(Event::Dismissed(true))),
        ("let a", 0, Some(Event::Dismissed(false))),
    ] {
        let offers = Offers::default();
        let now = Instant::now();
        let news = offers.offer("a", items("1", &entry("let a = ", "foo")), now);
        assert_eq!(events(news), [Event::Shown]);
        let then = now + Duration::from_millis(later);
        let (news, taken) = offers.edited("a", || here(typed), then);
        assert_eq!(events(news).first().copied(), expected, "{typed:?}");
        assert_eq!(taken, matches!(expected, Some(Event::Accepted(_))));
        assert_eq!(offers.took("a", then), taken);
    }
}

#[test]
fn another_of_several_is_taken() {
    let offers = Offers::default();
    let now = Instant::now();
    let mut several = items("1", &entry("let a = ", "foo"));
    several.extend(items("2", &entry("let a = ", "bar(1)")));
    offers.offer("a", several, now);
    let (news, taken) = offers.edited("a", || here("let a = bar(1)"), now);
    assert!(taken);
    assert_eq!(events(news), [Event::Accepted(6)]);
    assert!(offers.accepted("2", now).0.is_empty());
}

#[test]
fn everything_is_counted_once() {
    let offers = Offers::default();
    let now = Instant::now();
    let kept = entry("let a = ", "foo");
    offers.offer("a", items("1", &kept), now);
    assert!(
        offers.offer("a", items("2", &kept), now).is_empty(),
        "the rest of the same"
    );
    assert!(events(offers.shown("2")).is_empty(), "it was counted");
    assert_eq!(events(offers.part("1")), [Event::PartlyAccepted]);
    assert!(offers.part("2").is_empty());
    assert_eq!(events(offers.accepted("2", now).0), [Event::Accepted(3)]);
    assert!(offers.accepted("1", now).0.is_empty());
    assert!(offers.shown("nobody's").is_empty());
    // From now on only what the client tells counts.
    let other = entry("let b = ", "bar");
    assert!(offers.offer("a", items("3", &other), now).is_empty());
    assert_eq!(events(offers.shown("3")), [Event::Shown]);
    assert!(offers.shown("3").is_empty());
    assert_eq!(events(offers.dismissed("3")), [Event::Dismissed(true)]);
    assert!(offers.dismissed("3").is_empty());
    let news = events(offers.accepted("3", now).0);
    assert_eq!(news, [Event::Accepted(3), Event::NotDismissed]);
}

#[test]
fn what_a_client_cleared_is_dismissed_unless_it_comes_back() {
    for (typed, expected) in [
        (None, Some(Event::Dismissed(true))),
        (Some("let a = f"), None),
        (Some("let a = x"), None),
    ] {
        let offers = Offers::default();
        let now = Instant::now();
        offers.offer("a", items("1", &entry("let a = ", "foo")), now);
        offers.cleared("1", now + READ);
        if let Some(typed) = typed {
            let ended = offers.edited("a", || here(typed), now + READ).0;
            assert_eq!(ended.len(), usize::from(typed == "let a = x"));
        }
        assert!(!offers.is_due(now + READ));
        assert!(offers.settle(CLEARED, now + READ).is_empty());
        let later = now + READ + CLEARED;
        assert_eq!(offers.is_due(later), expected.is_some());
        assert_eq!(
            events(offers.settle(CLEARED, later)).first().copied(),
            expected
        );
        assert!(offers.settle(CLEARED, later).is_empty());
    }
}

#[test]
fn accepted_text_is_looked_for_twice() {
    let offers = Offers::default();
    let now = Instant::now();
    offers.offer("a", items("1", &entry("let a = ", " foo ")), now);
    offers.accepted("1", now);
    let looks = |after: u64| {
        let then = now + Duration::from_secs(after);
        let is_due = offers.is_due(then);
        let due = offers.due(then);
        assert_eq!(is_due, !due.is_empty());
        due.into_iter()
            .map(|(taken, look)| (taken.text, look))
            .collect::<Vec<_>>()
    };
    assert!(looks(29).is_empty());
    assert_eq!(looks(30), [("foo".to_owned(), 0)]);
    assert!(looks(299).is_empty());
    assert_eq!(looks(400), [("foo".to_owned(), 1)]);
    assert!(looks(900).is_empty());
}
