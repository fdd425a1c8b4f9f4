//! The ways to a token, in the order in which Azure's own libraries try them; `AZURE_TOKEN_CREDENTIALS` narrows it.

use futures_util::future::BoxFuture;

use super::super::bearer::Bearer;
use super::super::credential::Fetched;
use super::super::error::{Failure, Kind};
use super::super::surroundings::Surroundings;
use super::{Wanted, application, managed, none, tools};

/// What a way came to.
pub enum Tried {
    /// It is not set up here; the next one may be. What is missing, in one clause.
    Absent(&'static str),
    /// A token, or what is wrong with what is set up.
    Here(Fetched<Bearer>),
}

/// One way. Where: for programs of their own (`prod`), or for people (`dev`).
struct Way {
    name: &'static str,
    group: &'static str,
    take: for<'a> fn(&'a Wanted) -> BoxFuture<'a, Tried>,
}

const WAYS: &[Way] = &[
    Way {
        name: "EnvironmentCredential",
        group: "prod",
        take: application::own,
    },
    Way {
        name: "WorkloadIdentityCredential",
        group: "prod",
        take: application::federated,
    },
    Way {
        name: "ManagedIdentityCredential",
        group: "prod",
        take: managed::identity,
    },
    Way {
        name: "AzureCliCredential",
        group: "dev",
        take: tools::az,
    },
    Way {
        name: "AzureDeveloperCliCredential",
        group: "dev",
        take: tools::azd,
    },
];

/// A token by the first way that is set up here.
pub async fn fetch(wanted: &Wanted) -> Fetched<Bearer> {
    let ways = chosen(&wanted.around)?;
    let mut missing = Vec::new();
    for way in &ways {
        match (way.take)(wanted).await {
            Tried::Here(found) => return found,
            Tried::Absent(what) => missing.push(what),
        }
    }
    Err(none(&format!(
        "{}; run `az login`, set AZURE_OPENAI_API_KEY, or AZURE_CLIENT_SECRET with `tenant_id` and `client_id` of this route",
        missing.join(", ")
    )))
}

fn chosen(around: &Surroundings) -> Result<Vec<&'static Way>, Failure> {
    let Some(choice) = around.variable("AZURE_TOKEN_CREDENTIALS") else {
        return Ok(WAYS.iter().collect());
    };
    let fits = |way: &&Way| {
        way.name.eq_ignore_ascii_case(&choice) || way.group.eq_ignore_ascii_case(&choice)
    };
    let ways: Vec<_> = WAYS.iter().filter(fits).collect();
    if ways.is_empty() {
        let names: Vec<_> = WAYS.iter().map(|way| way.name).collect();
        let what = format!(
            "`AZURE_TOKEN_CREDENTIALS` names no way to a token; known are prod, dev, {}",
            names.join(", ")
        );
        return Err(Failure::new(Kind::Settings, what));
    }
    Ok(ways)
}
