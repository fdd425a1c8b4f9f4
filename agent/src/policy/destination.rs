//! Who may be asked: a route is measured by the settings before anything of it is sent.

use std::sync::Arc;

use super::bounds::{covers, none_of};
use super::judge::Policy;
use crate::settings;

/// Where a question would go.
#[derive(Debug, Clone, Default)]
pub struct Destination<'a> {
    /// The provider's name.
    pub provider: &'a str,
    /// Scheme, host and port; `None` while it is not known.
    pub origin: Option<String>,
    /// Whether it stays on this machine.
    pub here: bool,
    /// Every name by which a model is asked for.
    pub models: Vec<&'a str>,
    /// The region that would answer, of providers that have such.
    pub region: Option<String>,
}

/// What Bedrock's profiles across regions begin with, and the regions that each may answer from.
const ACROSS: &[(&str, &str)] = &[
    ("us.", "us-*"),
    ("us-gov.", "us-gov-*"),
    ("eu.", "eu-*"),
    ("apac.", "ap-*"),
    ("jp.", "ap-northeast-*"),
    ("au.", "ap-southeast-*"),
    ("ca.", "ca-*"),
    ("sa.", "sa-*"),
    ("global.", "*"),
];

impl Policy {
    /// Whether a destination may be asked, by the settings in force.
    ///
    /// # Errors
    ///
    /// The setting that forbids it, where it stands and the mend, to follow the route's name.
    pub fn admits(&self, to: &Destination<'_>) -> Result<(), String> {
        let rules: Arc<settings::Policy> = self.limits();
        if rules.offline && !to.here {
            return Err(told(
                &rules,
                "offline",
                "nothing beyond this machine is asked",
            ));
        }
        let within = |key: &str, list: &Option<Vec<String>>, what: &str, text: &str| {
            let Some(list) = list else { return Ok(()) };
            if list.iter().any(|pattern| covers(pattern, text)) {
                return Ok(());
            }
            let what = match text {
                "" => format!("it names no {what}, and only those are allowed that {key} names"),
                text => format!("its {what} `{text}` is {}", none_of(list)),
            };
            Err(told(&rules, key, &what))
        };
        within(
            "allow_providers",
            &rules.allow_providers,
            "provider",
            to.provider,
        )?;
        if let Some(origin) = &to.origin {
            let list = rules.allow_origins.as_ref();
            let list = list.map(|list| list.iter().map(|one| plain(one)).collect());
            within("allow_origins", &list, "origin", &plain(origin))?;
        }
        for &model in &to.models {
            within("allow_models", &rules.allow_models, "model", model)?;
        }
        if let Some(region) = &to.region {
            within("allow_regions", &rules.allow_regions, "region", region)?;
            for &model in &to.models {
                let profile = model.rsplit('/').next().unwrap_or(model);
                let across = ACROSS.iter().find(|(head, _)| profile.starts_with(head));
                if let Some((_, regions)) = across {
                    within(
                        "allow_regions",
                        &rules.allow_regions,
                        "model's regions",
                        regions,
                    )?;
                }
            }
        }
        Ok(())
    }
}

/// An origin in lower case, without its scheme's usual port.
fn plain(origin: &str) -> String {
    let origin = origin.trim_end_matches('/').to_lowercase();
    let usual = match origin.starts_with("http:") {
        true => ":80",
        false => ":443",
    };
    origin.strip_suffix(usual).unwrap_or(&origin).to_owned()
}

fn told(rules: &settings::Policy, key: &str, why: &str) -> String {
    let place = match rules.said_by.get(key) {
        Some(origin) => format!(", {origin}"),
        None => String::new(),
    };
    format!(
        "may not be asked: {why} (`policy.{key}`{place}); use another route, or ask who wrote that line"
    )
}

#[cfg(test)]
mod tests {
    use super::super::disk::Disk;
    use super::*;

    #[test]
    fn only_an_offline_policy_keeps_questions_on_the_machine() {
        for (offline, here, admitted) in [
            (false, false, true),
            (false, true, true),
            (true, false, false),
            (true, true, true),
        ] {
            let policy = Policy::over(Box::new(Disk));
            let mut settings = settings::Settings::default();
            settings.policy.offline = offline;
            policy.configure(&settings);
            let to = Destination {
                here,
                ..Destination::default()
            };
            assert_eq!(policy.admits(&to).is_ok(), admitted, "{offline} {here}");
        }
    }
}
