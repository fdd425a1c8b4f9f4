//! What goes wrong on a route: typed once, from status codes and typed bodies, said in one sentence with the mend.

use std::fmt;
use std::time::{Duration, SystemTime};

/// The provider is there and does not have the model.
pub const NO_MODEL: &str = "the provider does not know this model; check `model` of this route";

/// The provider does not take the key. What a route says of its own key stands in the place of these words ([`Place::key`]).
pub const NO_KEY: &str = "the key was not accepted; check the key setting of this route";

/// What class a failure is of; decides what is shown, tried again, paused, and the exit code of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No key, an empty key, or the provider does not know it (401, 407).
    Auth,
    /// The key is known and may not do this (403).
    Forbidden,
    /// Too many requests (429); the provider may say when to come back.
    RateLimited {
        /// How long the provider wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// The money or the quota is used up: waiting does not help.
    Quota,
    /// Today's budget is spent; nothing was sent.
    Budget,
    /// A policy keeps the route from being asked; nothing was sent.
    Policy,
    /// The prompt is longer than the model takes.
    TooLong,
    /// The provider is there and cannot answer now (408, 425, 5xx, 529).
    Overloaded,
    /// No connection, no name, no trusted certificate, or the line broke before the answer began.
    Network,
    /// The provider will not do this, however often it is asked (400, 404, 422, …).
    Refused,
    /// The provider's content filter stopped the answer.
    Filtered,
    /// An answer that cannot be read: a web page, a redirect, wrong JSON, too large.
    BadReply,
    /// The answer stopped without the provider's own end mark.
    Cut,
    /// A deadline passed.
    Timeout,
    /// The route rests after failures; nothing was sent.
    Resting {
        /// When it may be asked again; `None` = after its settings changed.
        again_in: Option<Duration>,
    },
    /// This version does not speak the provider's protocol, or not this part of it.
    Unsupported,
    /// The route's settings are wrong; nothing was sent.
    Settings,
}

impl Kind {
    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Auth => "auth",
            Kind::Forbidden => "forbidden",
            Kind::RateLimited { .. } => "rate_limited",
            Kind::Quota => "quota",
            Kind::Budget => "budget",
            Kind::Policy => "policy",
            Kind::TooLong => "too_long",
            Kind::Overloaded => "overloaded",
            Kind::Network => "network",
            Kind::Refused => "refused",
            Kind::Filtered => "filtered",
            Kind::BadReply => "bad_reply",
            Kind::Cut => "cut",
            Kind::Timeout => "timeout",
            Kind::Resting { .. } => "resting",
            Kind::Unsupported => "unsupported",
            Kind::Settings => "settings",
        }
    }

    /// The class that `word` stands for, but for those that come with a time.
    pub(super) fn named(word: &str) -> Option<Kind> {
        const ALL: &[Kind] = &[
            Kind::Auth,
            Kind::Forbidden,
            Kind::RateLimited { retry_after: None },
            Kind::Quota,
            Kind::Budget,
            Kind::TooLong,
            Kind::Overloaded,
            Kind::Network,
            Kind::Refused,
            Kind::Filtered,
            Kind::BadReply,
            Kind::Cut,
            Kind::Timeout,
        ];
        ALL.iter().copied().find(|kind| kind.word() == word)
    }

    /// Whether the provider, not the question, is at fault: such failures in a row open the breaker.
    pub(super) fn is_outage(self) -> bool {
        matches!(
            self,
            Kind::Overloaded | Kind::Network | Kind::Timeout | Kind::Cut | Kind::BadReply
        )
    }
}

/// A failure of a route: what happened, where, and what to do about it. Holds no key, no prompt, no answer and no query of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteError(Box<Facts>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Facts {
    place: Place,
    failure: Failure,
}

/// Which route failed, in the user's own words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The name under `[routes]`.
    pub route: String,
    /// The model, as the settings spell it.
    pub model: String,
    /// Host and port of the route's origin.
    pub host: String,
    /// The setting that decides the host, where it is not `base_url`: a region, a location.
    pub moved_by: Option<String>,
    /// What is said where its key is not taken: where that came from, and the mend.
    pub key: Option<String>,
}

/// A failure before it is known which route it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The class.
    pub kind: Kind,
    /// What happened, to follow the route's name, with the mend.
    pub what: String,
    /// The status code of the answer, if there was one.
    pub status: Option<u16>,
    /// What the provider calls this request.
    pub request_id: Option<Box<str>>,
    /// The provider's own name of the error.
    pub code: Option<Box<str>>,
    /// When the answer was made, by the provider's clock.
    pub date: Option<SystemTime>,
    /// Whether the same request may be sent again, and the provider's own wish about it.
    pub retry: Retry,
}

/// Whether the same request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It would fail in the same way.
    Never,
    /// After a back-off of our own.
    Soon,
    /// After the time that the provider named.
    After(Duration),
}

impl Failure {
    /// A failure that is final.
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Failure {
            kind,
            what: what.into(),
            status: None,
            request_id: None,
            code: None,
            date: None,
            retry: Retry::Never,
        }
    }

    /// The same, worth another try.
    pub fn again(self) -> Self {
        Failure {
            retry: Retry::Soon,
            ..self
        }
    }

    /// The failure as the user sees it.
    pub fn at(mut self, place: &Place) -> RouteError {
        // What is to be mended there is called by its own name, but for an address that is to be set.
        if let Some(key) = &place.moved_by
            && !self.what.contains("set `base_url`")
        {
            self.what = self.what.replace("`base_url`", &format!("`{key}`"));
        }
        if let Some(key) = &place.key {
            self.what = self.what.replace(NO_KEY, key);
        }
        RouteError(Box::new(Facts {
            place: place.clone(),
            failure: self,
        }))
    }
}

impl RouteError {
    /// The class.
    pub fn kind(&self) -> Kind {
        self.0.failure.kind
    }

    /// The name under `[routes]`.
    pub fn route(&self) -> &str {
        &self.0.place.route
    }

    /// The model, as the settings spell it.
    pub fn model(&self) -> &str {
        &self.0.place.model
    }

    /// Host and port of the route's origin; empty when the settings hold no address.
    pub fn host(&self) -> &str {
        &self.0.place.host
    }

    /// The status code of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.failure.status
    }

    /// Whether the provider said that it does not have the model, whatever the status.
    pub(super) fn is_of_model(&self) -> bool {
        self.0.failure.what == NO_MODEL
    }

    /// How long the provider wants to be left alone, if it says so.
    pub fn retry_after(&self) -> Option<Duration> {
        match (self.0.failure.retry, self.0.failure.kind) {
            (Retry::After(wish), _) => Some(wish),
            (_, Kind::RateLimited { retry_after }) => retry_after,
            (_, Kind::Resting { again_in }) => again_in,
            _ => None,
        }
    }

    /// What the provider calls this request.
    pub fn request_id(&self) -> Option<&str> {
        self.0.failure.request_id.as_deref()
    }
}

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Facts {
            place: Place {
                route, model, host, ..
            },
            failure,
            ..
        } = &*self.0;
        write!(f, "route `{route}`")?;
        match (model.is_empty(), host.is_empty()) {
            (false, false) => write!(f, " ({model} at {host})")?,
            (true, false) => write!(f, " ({host})")?,
            (false, true) => write!(f, " ({model})")?,
            (true, true) => {}
        }
        if let Some(status) = failure.status {
            write!(f, " answered {status}:")?;
        }
        write!(f, " {}", failure.what)?;
        if let Some(id) = &failure.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for RouteError {}

#[cfg(test)]
mod tests {
    use super::super::classify::classify;
    use super::*;

    #[test]
    fn a_message_names_place_status_and_mend_and_nothing_of_the_body() {
        let place = Place {
            route: "fast".into(),
            model: "m".into(),
            host: "127.0.0.1:8080".into(),
            ..Place::default()
        };
        let mut failure = classify(
            Some(401),
            None,
            br#"{"error":{"message":"bad key sk-secret"}}"#,
        );
        failure.request_id = Some("req_1".into());
        let error = failure.at(&place);
        assert_eq!(
            error.to_string(),
            "route `fast` (m at 127.0.0.1:8080) answered 401: the key was not accepted; check the key setting of this route (request req_1)"
        );
        assert!(!format!("{error:?}").contains("secret"));
        assert_eq!(
            (error.host(), error.is_of_model()),
            ("127.0.0.1:8080", false)
        );
        let unknown = classify(Some(400), None, br#"{"error":{"code":"model_not_found"}}"#);
        assert!(unknown.at(&place).is_of_model());
        let far = Place {
            moved_by: Some("region".into()),
            ..place
        };
        let error = classify(Some(404), None, b"").at(&far).to_string();
        assert!(error.contains("check `model` and `region`"), "{error}");
    }

    #[test]
    fn a_class_has_one_word_and_most_words_one_class() {
        let after = Some(Duration::from_secs(1));
        for (kind, word, named, outage) in [
            (Kind::Auth, "auth", true, false),
            (Kind::Forbidden, "forbidden", true, false),
            (
                Kind::RateLimited { retry_after: None },
                "rate_limited",
                true,
                false,
            ),
            (
                Kind::RateLimited { retry_after: after },
                "rate_limited",
                false,
                false,
            ),
            (Kind::Quota, "quota", true, false),
            (Kind::Budget, "budget", true, false),
            (Kind::Policy, "policy", false, false),
            (Kind::TooLong, "too_long", true, false),
            (Kind::Overloaded, "overloaded", true, true),
            (Kind::Network, "network", true, true),
            (Kind::Refused, "refused", true, false),
            (Kind::Filtered, "filtered", true, false),
            (Kind::BadReply, "bad_reply", true, true),
            (Kind::Cut, "cut", true, true),
            (Kind::Timeout, "timeout", true, true),
            (Kind::Resting { again_in: None }, "resting", false, false),
            (Kind::Unsupported, "unsupported", false, false),
            (Kind::Settings, "settings", false, false),
        ] {
            assert_eq!((kind.word(), kind.is_outage()), (word, outage));
            assert_eq!(Kind::named(word) == Some(kind), named, "{word}");
        }
        assert_eq!(Kind::named("answered"), None);
    }

    #[test]
    fn a_message_holds_as_much_of_its_place_as_is_known() {
        let place = |model: &str, host: &str| Place {
            route: "r".into(),
            model: model.into(),
            host: host.into(),
            moved_by: Some("region".into()),
            key: Some("renew it".into()),
        };
        let failure = |what: &str| Failure::new(Kind::Auth, what);
        for (place, failure, wanted) in [
            (place("m", "h"), failure("no"), "route `r` (m at h) no"),
            (place("", "h"), failure("no"), "route `r` (h) no"),
            (place("m", ""), failure("no"), "route `r` (m) no"),
            (place("", ""), failure("no"), "route `r` no"),
            (place("", ""), failure(NO_KEY), "route `r` renew it"),
            (
                place("", ""),
                failure("check `base_url`"),
                "route `r` check `region`",
            ),
            (
                place("", ""),
                failure("set `base_url`"),
                "route `r` set `base_url`",
            ),
            (
                Place {
                    route: "r".into(),
                    ..Place::default()
                },
                failure(NO_KEY),
                "route `r` the key was not accepted; check the key setting of this route",
            ),
            (
                Place {
                    route: "r".into(),
                    ..Place::default()
                },
                failure("check `base_url`"),
                "route `r` check `base_url`",
            ),
        ] {
            let error = failure.at(&place);
            assert_eq!(error.to_string(), wanted);
            assert_eq!(
                (error.route(), error.model(), error.host()),
                ("r", &*place.model, &*place.host)
            );
        }
    }

    #[test]
    fn how_long_a_provider_wants_to_be_left_alone_is_where_it_said_so() {
        let (one, two) = (Duration::from_secs(1), Duration::from_secs(2));
        for (kind, retry, wanted) in [
            (Kind::Overloaded, Retry::After(one), Some(one)),
            (Kind::Overloaded, Retry::Soon, None),
            (
                Kind::RateLimited {
                    retry_after: Some(two),
                },
                Retry::After(one),
                Some(one),
            ),
            (
                Kind::RateLimited {
                    retry_after: Some(two),
                },
                Retry::Soon,
                Some(two),
            ),
            (Kind::RateLimited { retry_after: None }, Retry::Soon, None),
            (
                Kind::Resting {
                    again_in: Some(two),
                },
                Retry::Never,
                Some(two),
            ),
            (Kind::Resting { again_in: None }, Retry::Never, None),
        ] {
            let mut failure = Failure::new(kind, "");
            failure.retry = retry;
            assert_eq!(failure.at(&Place::default()).retry_after(), wanted);
        }
        let again = Failure::new(Kind::Network, "").again();
        assert_eq!(again.retry, Retry::Soon);
    }
}
