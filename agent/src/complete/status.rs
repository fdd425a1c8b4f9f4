//! What the status line shows, and the event when it changes.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use nextline_protocol::agent::{LocalStatus, Status, StatusKind};
use nextline_protocol::copilot::{DidChangeStatusParams, StatusNotificationParams};
use nextline_protocol::methods;

use crate::door::Turn;
use crate::ledger::Ledger;
use crate::world::Snapshot;

/// How the agent does.
pub fn status(snapshot: &Snapshot) -> Status {
    let engine = &snapshot.engine;
    let settings = &snapshot.settings.settings;
    let learnt = engine.local.stats();
    let route = settings.completion.route.clone();
    let trouble = engine.routes.trouble(&route);
    let breaker = match settings.routes.contains_key(&route) {
        true => Some(engine.routes.breaker(&route).unwrap_or("closed")),
        false => None,
    };
    let snoozed_until = engine.quiet.snoozed(std::time::Instant::now());
    let ledger = Ledger::of_process();
    let budget = ledger.news();
    let worst = snapshot
        .settings
        .notices
        .iter()
        .find(|notice| notice.severity.message_type() <= 2);
    let (kind, message) = if !settings.completion.enabled {
        (
            StatusKind::Inactive,
            "completion is switched off".to_owned(),
        )
    } else if snoozed_until.is_some() {
        (StatusKind::Inactive, "completion is snoozed".to_owned())
    } else if let Some(why) = engine.withheld.active() {
        (StatusKind::Inactive, why)
    } else if let Some(trouble) = &trouble {
        let local = settings.completion.fallback != "none";
        (
            if local {
                StatusKind::Warning
            } else {
                StatusKind::Error
            },
            trouble.clone(),
        )
    } else if let Some(news) = ledger.trouble().or_else(|| budget.clone()) {
        (StatusKind::Warning, news)
    } else if let Some(notice) = worst {
        (StatusKind::Warning, notice.to_string())
    } else {
        (StatusKind::Normal, String::new())
    };
    let in_flight = engine.in_flight.load(Ordering::Relaxed);
    Status {
        busy: in_flight > 0 || engine.walks().under_way(),
        route,
        kind,
        message,
        in_flight,
        snoozed_until,
        budget,
        breaker: breaker.map(str::to_owned),
        local: LocalStatus {
            enabled: settings.local.enabled,
            files: learnt.files as u64,
            tokens: learnt.tokens as u64,
            bytes: learnt.bytes as u64,
            left_out: (learnt.too_large + learnt.full + learnt.not_code) as u64,
        },
    }
}

/// One event for each change of the status line, none for a keystroke.
pub fn tell_status(turn: &Turn) {
    let walking = turn.snapshot.engine.walks().under_way();
    // No event would take back what one said of requests under way.
    let status = Status {
        busy: walking,
        in_flight: 0,
        ..status(&turn.snapshot)
    };
    let now = (status.kind, status.message.clone(), walking);
    let mut told = turn
        .snapshot
        .engine
        .told
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let news = match &*told {
        Some(before) => *before != now,
        None => status.kind != StatusKind::Normal || walking,
    };
    if news {
        *told = Some(now);
        if turn.snapshot.client.copilot {
            in_copilots_words(turn, &status);
        }
        turn.outbox.notify(methods::AGENT_STATUS, status);
    }
}

/// The status of now for one of Copilot's clients, in both of the words that they know.
pub fn tell_copilot(turn: &Turn) {
    in_copilots_words(turn, &status(&turn.snapshot));
}

fn in_copilots_words(turn: &Turn, status: &Status) {
    let outbox = &turn.outbox;
    outbox.notify(
        methods::DID_CHANGE_STATUS,
        DidChangeStatusParams::from(status),
    );
    outbox.notify(
        methods::STATUS_NOTIFICATION,
        StatusNotificationParams::from(status),
    );
}
