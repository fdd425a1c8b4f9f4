//! How long an answer may take: by surface, unless the route says otherwise.

use std::time::Duration;

use tokio::time::Instant;

use super::Surface;
use crate::settings::Timeouts;

/// Longest time without content, however many signs of life arrive, where signs of life count.
const SILENCE: Duration = Duration::from_secs(120);

/// The four limits of one ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the first piece of content.
    pub first: Duration,
    /// Between two pieces of content.
    pub idle: Duration,
    /// In all, further tries included; `None` = until the user stops it.
    pub total: Option<Duration>,
    /// Whether comments, pings and thoughts push the limits out, up to two minutes without content.
    pub lenient: bool,
}

impl Deadlines {
    /// The limits of `surface`, with what the route's own settings say instead.
    pub fn of(surface: Surface, own: &Timeouts) -> Self {
        let (connect, first, idle, total) = match surface {
            Surface::Completion => (1000, 4000, 2000, Some(7000)),
            Surface::Edit | Surface::Chat => (5000, 30_000, 30_000, None),
        };
        let ms = |own: Option<u64>, default| Duration::from_millis(own.unwrap_or(default));
        Deadlines {
            connect: ms(own.connect_ms, connect),
            first: ms(own.first_byte_ms, first),
            idle: ms(own.idle_ms, idle),
            total: own.total_ms.or(total).map(Duration::from_millis),
            lenient: surface != Surface::Completion,
        }
    }
}

/// What has arrived when.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    started: Instant,
    tried: Instant,
    sign: Option<Instant>,
    content: Option<Instant>,
}

/// Which limit was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// No content at all.
    First(Duration),
    /// Content, then none.
    Idle(Duration),
    /// The time in all.
    Total(Duration),
}

impl Progress {
    /// An ask that begins now.
    pub fn start(now: Instant) -> Self {
        Progress {
            started: now,
            tried: now,
            sign: None,
            content: None,
        }
    }

    /// Another request of the same ask.
    pub fn try_again(&mut self, now: Instant) {
        *self = Progress {
            tried: now,
            ..Progress {
                started: self.started,
                ..Progress::start(now)
            }
        };
    }

    /// Whether the time in all is not over after `wait`.
    pub fn allows(&self, wait: Duration, limits: &Deadlines) -> bool {
        limits
            .total
            .is_none_or(|total| Instant::now() + wait < self.started + total)
    }

    /// How long the last request has taken until `now`.
    pub fn tried_for(&self, now: Instant) -> Duration {
        now - self.tried
    }

    /// Bytes came that hold nothing to show.
    pub fn sign(&mut self, now: Instant) {
        self.sign = Some(now);
    }

    /// Content came.
    pub fn content(&mut self, now: Instant) {
        self.content = Some(now);
        self.sign = Some(now);
    }

    /// When patience ends if nothing more arrives, and which limit that is.
    pub fn limit(&self, limits: &Deadlines) -> (Instant, Passed) {
        let by_content = match self.content {
            None => (self.tried, limits.first, Passed::First(limits.first)),
            Some(at) => (at, limits.idle, Passed::Idle(limits.idle)),
        };
        let (mut at, mut passed) = (by_content.0 + by_content.1, by_content.2);
        if let (true, Some(sign)) = (limits.lenient, self.sign) {
            let silence = by_content.0 + SILENCE.max(by_content.1);
            at = (sign + limits.idle).max(at).min(silence);
            if at == silence {
                passed = Passed::Idle(SILENCE.max(by_content.1));
            }
        }
        match limits.total {
            Some(total) if self.started + total < at => {
                (self.started + total, Passed::Total(total))
            }
            _ => (at, passed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_go_by_surface_and_the_route_overrides() {
        let none = Timeouts::default();
        let typing = Deadlines::of(Surface::Completion, &none);
        assert_eq!(
            (typing.connect, typing.first, typing.idle, typing.total),
            (ms(1000), ms(4000), ms(2000), Some(ms(7000)))
        );
        let chat = Deadlines::of(Surface::Chat, &none);
        assert_eq!(
            (chat.connect, chat.first, chat.idle, chat.total),
            (ms(5000), ms(30_000), ms(30_000), None)
        );
        let own = Timeouts {
            connect_ms: Some(1),
            first_byte_ms: Some(2),
            idle_ms: Some(3),
            total_ms: Some(4),
        };
        for surface in [Surface::Completion, Surface::Edit] {
            let limits = Deadlines::of(surface, &own);
            assert_eq!(
                (limits.connect, limits.first, limits.idle, limits.total),
                (ms(1), ms(2), ms(3), Some(ms(4)))
            );
        }
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Signs (`s`) and content (`c`) at milliseconds; then the limit in milliseconds after the start.
    #[test]
    fn signs_of_life_help_chat_only() {
        let (typing, chat) = (Surface::Completion, Surface::Chat);
        for (surface, history, limit) in [
            (typing, &[][..], 4000),
            (typing, &[('s', 3000)], 4000),
            (typing, &[('c', 1000)], 3000),
            (typing, &[('c', 1000), ('s', 2000)], 3000),
            (
                typing,
                &[('c', 1000), ('c', 2500), ('c', 4400), ('c', 6300)],
                7000,
            ),
            (chat, &[], 30_000),
            (chat, &[('s', 20_000)], 50_000),
            (
                chat,
                &[('s', 20_000), ('s', 49_000), ('s', 78_000), ('s', 107_000)],
                120_000,
            ),
            (chat, &[('c', 20_000), ('s', 40_000)], 70_000),
            (chat, &[('c', 20_000), ('s', 139_000)], 140_000),
        ] {
            let start = Instant::now();
            let mut progress = Progress::start(start);
            for (what, at) in history {
                match what {
                    's' => progress.sign(start + ms(*at)),
                    _ => progress.content(start + ms(*at)),
                }
            }
            let (at, _) = progress.limit(&Deadlines::of(surface, &Timeouts::default()));
            assert_eq!(at - start, ms(limit), "{surface:?} {history:?}");
        }
    }

    #[test]
    fn the_limit_that_ends_it_is_named() {
        let own = |first: u64, idle: u64, total: Option<u64>| Timeouts {
            first_byte_ms: Some(first),
            idle_ms: Some(idle),
            total_ms: total,
            ..Timeouts::default()
        };
        let long = SILENCE.as_millis() as u64;
        for (surface, own, history, at, passed) in [
            (
                Surface::Completion,
                own(50, 20, Some(100)),
                &[][..],
                50,
                Passed::First(ms(50)),
            ),
            (
                Surface::Completion,
                own(50, 20, Some(100)),
                &[('c', 30)],
                50,
                Passed::Idle(ms(20)),
            ),
            (
                Surface::Completion,
                own(50, 20, Some(100)),
                &[('c', 90)],
                100,
                Passed::Total(ms(100)),
            ),
            // What comes first; of two at once the nearer one.
            (
                Surface::Completion,
                own(50, 20, Some(50)),
                &[],
                50,
                Passed::First(ms(50)),
            ),
            (
                Surface::Completion,
                own(50, 20, Some(49)),
                &[],
                49,
                Passed::Total(ms(49)),
            ),
            (
                Surface::Chat,
                own(50, 20, None),
                &[('s', 40)],
                60,
                Passed::First(ms(50)),
            ),
            (
                Surface::Chat,
                own(50, 20, None),
                &[('s', 10)],
                50,
                Passed::First(ms(50)),
            ),
            (
                Surface::Chat,
                own(50, 20, None),
                &[('s', long)],
                long,
                Passed::Idle(SILENCE),
            ),
            (
                Surface::Chat,
                own(50, 20, None),
                &[('c', 10), ('s', long + 9)],
                long + 10,
                Passed::Idle(SILENCE),
            ),
            // Who wants to wait longer without a sign does.
            (
                Surface::Chat,
                own(long + 5, 20, None),
                &[('s', 7)],
                long + 5,
                Passed::Idle(ms(long + 5)),
            ),
        ] {
            let start = Instant::now();
            let mut progress = Progress::start(start);
            for (what, at) in history {
                match what {
                    's' => progress.sign(start + ms(*at)),
                    _ => progress.content(start + ms(*at)),
                }
            }
            let found = progress.limit(&Deadlines::of(surface, &own));
            assert_eq!(
                (found.0 - start, found.1),
                (ms(at), passed),
                "{surface:?} {history:?}"
            );
        }
    }

    #[test]
    fn another_try_has_its_own_patience_within_the_time_in_all() {
        let start = Instant::now();
        let limits = Deadlines::of(Surface::Completion, &Timeouts::default());
        let mut progress = Progress::start(start);
        progress.content(start + ms(100));
        progress.try_again(start + ms(1000));
        assert_eq!(progress.limit(&limits).0 - start, ms(5000));
        progress.try_again(start + ms(4000));
        assert_eq!(
            progress.limit(&limits),
            (start + ms(7000), Passed::Total(ms(7000)))
        );
        let mut long = Progress::start(Instant::now());
        assert!(long.allows(ms(6000), &limits) && !long.allows(ms(7001), &limits));
        let endless = Deadlines::of(Surface::Chat, &Timeouts::default());
        assert!(long.allows(ms(1_000_000), &endless));
        long.try_again(Instant::now() + ms(60_000));
        assert!(!long.allows(ms(7001), &limits), "the first start counts");
    }
}
