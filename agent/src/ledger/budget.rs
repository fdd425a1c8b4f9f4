//! What a day may cost: the shares that are spent, and the route that a spent budget leads to. Pure.

use crate::settings::{Budget, Limit, Settings};

/// The share of a budget that is worth a word.
const TELLING: f64 = 0.8;

/// What was spent today on one kind of request, by all processes of this user.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spent {
    /// What it was spent on.
    pub on: Spend,
    /// The model.
    pub model: String,
    /// US dollars, of the requests with a price.
    pub usd: f64,
    /// Tokens, input and output.
    pub tokens: i64,
    /// Requests whose price is not known.
    pub unpriced: i64,
}

/// What a request counts towards.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spend {
    /// The name under `[routes]`.
    pub route: String,
    /// `completion`, `edit`, `chat` or `credential`.
    pub surface: String,
    /// The same, or finer.
    pub purpose: String,
    /// The folder of the repository that is worked in.
    pub repository: Option<String>,
}

/// What a limit is set on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope<'a> {
    All,
    Route(&'a str),
    Purpose(&'a str),
    Repository(&'a str),
}

impl Scope<'_> {
    fn holds(self, on: &Spend) -> bool {
        match self {
            Scope::All => true,
            Scope::Route(name) => on.route == name,
            Scope::Purpose(name) => on.surface == name || on.purpose == name,
            Scope::Repository(name) => on.repository.as_deref().is_some_and(|folder| {
                let last = folder.rsplit(['/', '\\']).next();
                folder == name.trim_end_matches(['/', '\\']) || last == Some(name)
            }),
        }
    }

    fn name(self) -> String {
        match self {
            Scope::All => "today's budget".into(),
            Scope::Route(name) => format!("today's budget of route `{name}`"),
            Scope::Purpose(name) => format!("today's budget of purpose `{name}`"),
            Scope::Repository(name) => format!("today's budget of repository `{name}`"),
        }
    }

    fn key(self, measure: &str) -> String {
        match self {
            Scope::All => format!("budget.{measure}"),
            Scope::Route(name) => format!("budget.route.{name}.{measure}"),
            Scope::Purpose(name) => format!("budget.purpose.{name}.{measure}"),
            Scope::Repository(name) => format!("budget.repository.\"{name}\".{measure}"),
        }
    }
}

fn scopes(budget: &Budget) -> Vec<(Scope<'_>, Limit)> {
    let mut found = vec![(Scope::All, budget.all)];
    found.extend(
        budget
            .route
            .iter()
            .map(|(name, limit)| (Scope::Route(name), *limit)),
    );
    found.extend(
        budget
            .purpose
            .iter()
            .map(|(name, limit)| (Scope::Purpose(name), *limit)),
    );
    found.extend(
        budget
            .repository
            .iter()
            .map(|(name, limit)| (Scope::Repository(name), *limit)),
    );
    found.retain(|(_, limit)| *limit != Limit::default());
    found
}

/// Whether any limit is set.
pub fn is_set(budget: &Budget) -> bool {
    !scopes(budget).is_empty()
}

/// A limit and how much of it is spent: 1 = all.
struct Level {
    share: f64,
    /// `$4.10 of $5.00`.
    of: String,
    name: String,
    key: String,
}

fn levels(budget: &Budget, today: &[Spent], counts: impl Fn(Scope<'_>) -> bool) -> Vec<Level> {
    let mut found = Vec::new();
    for (scope, limit) in scopes(budget)
        .into_iter()
        .filter(|(scope, _)| counts(*scope))
    {
        let rows = || today.iter().filter(|row| scope.holds(&row.on));
        if let Some(most) = limit.daily_usd {
            let usd: f64 = rows().map(|row| row.usd).sum();
            found.push(Level {
                share: share(usd, most),
                of: format!("{} of {}", dollars(usd), dollars(most)),
                name: scope.name(),
                key: scope.key("daily_usd"),
            });
        }
        if let Some(most) = limit.daily_tokens {
            let tokens: i64 = rows().map(|row| row.tokens).sum();
            found.push(Level {
                share: share(tokens as f64, most as f64),
                of: format!("{tokens} of {most} tokens"),
                name: scope.name(),
                key: scope.key("daily_tokens"),
            });
        }
    }
    found
}

/// A budget of nothing is spent from the start. Sums of cents are not exact: the ninth digit is nobody's money.
fn share(spent: f64, most: f64) -> f64 {
    match most > 0.0 {
        true => (spent / most * 1e9).round() / 1e9,
        false => 1.0,
    }
}

/// US dollars for people.
pub fn dollars(usd: f64) -> String {
    if usd == 0.0 || usd >= 0.01 {
        format!("${usd:.2}")
    } else {
        format!("${usd:.6}")
    }
}

/// Why `on` may cost nothing more today, in one sentence; `None` if it may. The route that spent budgets lead to is held by its own
/// limit alone.
pub fn spent(budget: &Budget, today: &[Spent], on: &Spend) -> Option<String> {
    let refuge = budget.degrade_to.as_deref() == Some(&on.route);
    let levels = levels(budget, today, |scope| {
        scope.holds(on) && (!refuge || matches!(scope, Scope::Route(_)))
    });
    let full = levels.into_iter().find(|level| level.share >= 1.0)?;
    Some(format!(
        "{} is spent: {}; raise `{}` or wait until tomorrow",
        full.name, full.of, full.key
    ))
}

/// The route that should be asked in the place of `on.route`: itself, else the one that spent budgets lead to; else the sentence that
/// says which budget is spent.
pub fn steer(settings: &Settings, today: &[Spent], on: &Spend) -> Result<String, String> {
    let budget = &settings.budget;
    let Some(why) = spent(budget, today, on) else {
        return Ok(on.route.clone());
    };
    let refuge = budget.degrade_to.as_ref().filter(|name| {
        let there = Spend {
            route: (*name).clone(),
            ..on.clone()
        };
        **name != on.route
            && settings.routes.contains_key(*name)
            && spent(budget, today, &there).is_none()
    });
    refuge.cloned().ok_or(why)
}

/// What there is to say about today's budgets, in one sentence: what is spent, what soon will be, what cannot be counted.
pub fn news(budget: &Budget, today: &[Spent]) -> Option<String> {
    let levels = levels(budget, today, |_| true);
    let fullest = levels
        .into_iter()
        .filter(|level| level.share >= TELLING)
        .max_by(|one, other| one.share.total_cmp(&other.share));
    if let Some(level) = fullest {
        let then = match &budget.degrade_to {
            Some(name) => format!("route `{name}` is asked instead, then the embedded model"),
            None => "the embedded model completes, chat and edits wait".into(),
        };
        return Some(if level.share >= 1.0 {
            format!("{} is spent: {}; {then}", level.name, level.of)
        } else {
            let percent = (level.share * 100.0).floor();
            format!("{percent} % of {} is spent: {}", level.name, level.of)
        });
    }
    let usd = scopes(budget)
        .into_iter()
        .filter(|(_, limit)| limit.daily_usd.is_some());
    let scopes: Vec<Scope<'_>> = usd.map(|(scope, _)| scope).collect();
    let free = today
        .iter()
        .find(|row| row.unpriced > 0 && scopes.iter().any(|scope| scope.holds(&row.on)))?;
    Some(format!(
        "no price is known for model `{}`, so no budget in dollars holds it and only its tokens are counted; set `[models.\"{}\"]` or \
         `budget.daily_tokens`",
        free.model, free.model
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(route: &str, surface: &str, repository: &str, usd: f64, tokens: i64) -> Spent {
        Spent {
            on: Spend {
                route: route.into(),
                surface: surface.into(),
                purpose: surface.into(),
                repository: Some(repository.into()),
            },
            model: "m".into(),
            usd,
            tokens,
            unpriced: i64::from(usd == 0.0),
        }
    }

    fn settings(text: &str) -> Settings {
        let routes = "[routes.fast]\nprovider=\"ollama\"\nmodel=\"m\"\n[routes.cheap]\nprovider=\"ollama\"\nmodel=\"m\"\n";
        let layers = crate::settings::Layers {
            user: Some(crate::settings::ConfigFile {
                path: std::path::Path::new("u.toml").into(),
                text: Ok(format!("{routes}{text}")),
            }),
            ..Default::default()
        };
        let loaded = layers.load();
        assert!(loaded.notices.is_empty(), "{:?}", loaded.notices);
        loaded.settings
    }

    #[test]
    fn limits_hold_what_they_are_set_on() {
        let today = [
            row("fast", "completion", "/w/one", 1.0, 100),
            row("fast", "chat", "/w/two", 3.0, 50),
            row("cheap", "completion", "/w/one", 0.0, 1000),
        ];
        for (text, on, wanted) in [
            ("", &today[0], Ok("fast")),
            ("[budget]\ndaily_usd = 4.01", &today[0], Ok("fast")),
            (
                "[budget]\ndaily_usd = 4",
                &today[0],
                Err("today's budget is spent: $4.00 of $4.00; raise `budget.daily_usd`"),
            ),
            ("[budget]\ndaily_usd = 0", &today[0], Err("$4.00 of $0.00")),
            (
                "[budget]\ndaily_tokens = 1150",
                &today[0],
                Err("1150 of 1150 tokens; raise `budget.daily_tokens`"),
            ),
            ("[budget.route.fast]\ndaily_usd = 4", &today[2], Ok("cheap")),
            (
                "[budget.route.fast]\ndaily_usd = 4",
                &today[0],
                Err("of route `fast` is spent"),
            ),
            (
                "[budget.purpose.chat]\ndaily_usd = 3",
                &today[0],
                Ok("fast"),
            ),
            (
                "[budget.purpose.chat]\ndaily_usd = 3",
                &today[1],
                Err("of purpose `chat`"),
            ),
            (
                "[budget.repository.\"/w/two\"]\ndaily_usd = 3",
                &today[1],
                Err("`/w/two`"),
            ),
            (
                "[budget.repository.two]\ndaily_usd = 3",
                &today[1],
                Err("`two`"),
            ),
            (
                "[budget.repository.two]\ndaily_usd = 3",
                &today[0],
                Ok("fast"),
            ),
            (
                "[budget]\ndaily_usd = 4\ndegrade_to = \"cheap\"",
                &today[0],
                Ok("cheap"),
            ),
            (
                "[budget]\ndaily_usd = 4\ndegrade_to = \"cheap\"\n[budget.route.cheap]\ndaily_tokens = 1000",
                &today[0],
                Err("today's budget is spent"),
            ),
        ] {
            let found = steer(&settings(text), &today, &on.on);
            match (&found, wanted) {
                (Ok(found), Ok(wanted)) => assert_eq!(found, wanted, "{text}"),
                (Err(found), Err(wanted)) => assert!(found.contains(wanted), "{text}: {found}"),
                _ => panic!("{text}: {found:?}"),
            }
        }
    }

    #[test]
    fn news_begin_at_eighty_percent_and_name_what_has_no_price() {
        let today = [row("fast", "chat", "/w", 4.0, 10)];
        let free = [row("fast", "chat", "/w", 0.0, 10)];
        for (text, today, wanted) in [
            ("", &today, None),
            ("[budget]\ndaily_usd = 5.01", &today, None),
            (
                "[budget]\ndaily_usd = 5",
                &today,
                Some("80 % of today's budget is spent: $4.00 of $5.00"),
            ),
            (
                "[budget]\ndaily_usd = 4",
                &today,
                Some(
                    "today's budget is spent: $4.00 of $4.00; the embedded model completes, chat and edits wait",
                ),
            ),
            (
                "[budget]\ndaily_usd = 4\ndegrade_to = \"cheap\"",
                &today,
                Some(
                    "today's budget is spent: $4.00 of $4.00; route `cheap` is asked instead, then the embedded model",
                ),
            ),
            ("[budget]\ndaily_tokens = 100", &free, None),
            (
                "[budget]\ndaily_usd = 4",
                &free,
                Some(
                    "no price is known for model `m`, so no budget in dollars holds it and only its tokens are counted; set `[models.\"m\"]` or `budget.daily_tokens`",
                ),
            ),
        ] {
            let found = news(&settings(text).budget, today);
            assert_eq!(found.as_deref(), wanted, "{text}");
        }
    }
}
