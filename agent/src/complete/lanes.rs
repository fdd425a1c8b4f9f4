//! Who answers: what was shown or is known, the embedded model, a route, or several of them.
//!
//! A standard client cannot be told that there is more. So a sure embedded answer is shown at once while the route is asked, and the
//! route's answer comes with the next request: in its place if it goes on from it, else among the others of an invoked request.

use super::cache::Hit;
use super::routed::{self, Spot};
use super::{Ask, Continuation, Origin, Reason, Silence, Trigger, embedded, quiet};
use crate::door::Turn;

/// Most items of an answer.
const ITEMS: usize = 3;

/// Answers a spot, best first; at least one.
pub async fn answer(turn: &Turn, ask: &Ask, spot: &Spot) -> Result<Vec<Continuation>, Silence> {
    let engine = &turn.snapshot.engine;
    let completion = &turn.snapshot.settings.settings.completion;
    let route = Some(completion.route.as_str()).filter(|route| *route != "local");
    let mut hits = engine.stock().memory.find(&spot.place, spot.source);
    // The range of an item is the popup's where it has one.
    hits.retain(|hit| ask.selected.is_none() || hit.rest.over == 0);
    let known = known(&hits, route.is_some() && ask.trigger != Trigger::Popup);
    ask.clock.stage("reuse");
    if let Some(hit) = known.filter(|_| ask.trigger != Trigger::Invoked) {
        return Ok(vec![hit.into()]);
    }
    match (ask.trigger, route) {
        (Trigger::Popup, _) => embedded::answers(turn, ask, spot, 1).await,
        (Trigger::Automatic, route) => {
            quiet::after_edit(engine, &spot.key, ask)?;
            match route {
                None => embedded::answers(turn, ask, spot, 1).await,
                Some(name) => both(turn, ask, spot, name).await.map(|one| vec![one]),
            }
        }
        (Trigger::Invoked, route) => several(turn, ask, spot, route, &hits).await,
    }
}

/// What is shown to someone who types: what was last shown here, or what goes on from it; else what is known. With a route, the
/// embedded model's answers count only once they were shown.
fn known(hits: &[Hit], routed: bool) -> Option<Hit> {
    let by_route = |hit: &&Hit| hit.entry.origin != Origin::Local;
    let shown = hits
        .iter()
        .filter(|hit| hit.entry.shown().is_some())
        .max_by_key(|hit| hit.entry.shown());
    let Some(shown) = shown else {
        return hits.iter().find(|hit| !routed || by_route(hit)).cloned();
    };
    let longer = |hit: &&Hit| {
        hit.rest.text.len() > shown.rest.text.len() && hit.rest.text.starts_with(&shown.rest.text)
    };
    let better = hits.iter().filter(by_route).find(longer);
    Some(better.unwrap_or(shown).clone())
}

/// The embedded answer if it is sure, with the route under way; else the route's.
async fn both(turn: &Turn, ask: &Ask, spot: &Spot, name: &str) -> Result<Continuation, Silence> {
    let completion = &turn.snapshot.settings.settings.completion;
    if completion.fallback == "local"
        && turn.snapshot.settings.settings.local.enabled
        && routed::depart(&turn.snapshot, ask, spot, name).is_ok()
        && let Some(one) = embedded::sure(turn, ask, spot).await
    {
        return Ok(one);
    }
    backed(turn, ask, spot, name).await
}

/// The route's answer, else its fallback's.
async fn backed(turn: &Turn, ask: &Ask, spot: &Spot, name: &str) -> Result<Continuation, Silence> {
    let silence = match routed::answer(turn, ask, spot, name).await {
        Err(silence) if silence.reason.falls_back() => silence,
        settled => return settled,
    };
    let fallback = &turn.snapshot.settings.settings.completion.fallback;
    let second = match fallback.as_str() {
        "none" if silence.reason != Reason::BudgetSpent => Err(silence.clone()),
        // A spent budget leads to the embedded model, whatever a failure leads to.
        "none" | "local" => embedded::answers(turn, ask, spot, 1)
            .await
            .and_then(|found| found.into_iter().next().ok_or(Reason::Unsure.into())),
        name => routed::answer(turn, ask, spot, name).await,
    };
    // The route's failure is what the person can mend.
    second.map_err(|_| silence)
}

/// The route's answer first, then the embedded model's and what else is known here.
async fn several(
    turn: &Turn,
    ask: &Ask,
    spot: &Spot,
    route: Option<&str>,
    hits: &[Hit],
) -> Result<Vec<Continuation>, Silence> {
    let completion = &turn.snapshot.settings.settings.completion;
    let known = hits.iter().find(|hit| hit.entry.origin != Origin::Local);
    let first = match (route, known) {
        (None, _) => None,
        (Some(_), Some(hit)) => Some(Ok(hit.clone().into())),
        (Some(name), None) => Some(backed(turn, ask, spot, name).await),
    };
    let embedded = match route {
        Some(_) if completion.fallback != "local" => None,
        _ => Some(embedded::answers(turn, ask, spot, ITEMS).await),
    };
    let silence = match (&first, &embedded) {
        (Some(Err(silence)), _) | (None, Some(Err(silence))) => Some(silence.clone()),
        _ => None,
    };
    let first = first.and_then(Result::ok);
    let embedded = embedded.and_then(Result::ok).unwrap_or_default();
    let others = hits.iter().cloned().map(Continuation::from);
    let mut found: Vec<Continuation> = Vec::new();
    for one in first.into_iter().chain(embedded).chain(others) {
        if found.len() < ITEMS
            && found
                .iter()
                .all(|other| other.text.trim_end() != one.text.trim_end())
        {
            found.push(one);
        }
    }
    if found.is_empty() {
        return Err(silence.unwrap_or(Reason::Unsure.into()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::complete::cache::{Entry, Memory};
    use crate::complete::stem::Place;
    use crate::text::Text;

    #[test]
    fn what_is_shown_stays_or_grows() {
        // Each answer: by the route?, its text, shown at which turn (0: never).
        type Row = (bool, &'static str, usize);
        let cases: &[(&[Row], bool, Option<&str>)] = &[
            (&[(true, "foo(1)", 0)], true, Some("foo(1)")),
            (&[(false, "foo", 0)], true, None),
            (&[(false, "foo", 0)], false, Some("foo")),
            (
                &[(false, "foo", 1), (true, "foo(1)", 0)],
                true,
                Some("foo(1)"),
            ),
            (&[(false, "foo", 1), (true, "bar(1)", 0)], true, Some("foo")),
            (&[(true, "bar", 1), (true, "foo", 2)], true, Some("foo")),
            (&[(true, "bar", 2), (true, "foo", 1)], true, Some("bar")),
        ];
        for (rows, routed, expected) in cases {
            let memory = Memory::default();
            let text = Text::from("let a = ");
            let place = Place::new(1, &text, text.end(), 2);
            let entries: Vec<_> = rows
                .iter()
                .enumerate()
                .map(|(index, (by_route, text, _))| {
                    let origin = if *by_route {
                        Origin::Route(index.to_string())
                    } else {
                        Origin::Local
                    };
                    let entry = Entry::new(place.stem(), 1, (*text).into(), origin, None);
                    Arc::new(entry)
                })
                .collect();
            entries.iter().for_each(|entry| memory.keep(entry.clone()));
            for turn in 1..=rows.len() {
                for (entry, row) in entries.iter().zip(*rows) {
                    if row.2 == turn {
                        memory.show(entry);
                    }
                }
            }
            let found = known(&memory.find(&place, 1), *routed).map(|hit| hit.rest.text);
            assert_eq!(found.as_deref(), *expected, "{rows:?}");
        }
    }
}
