//! AWS: who asks, and what its services put around a model's answer.
//!
//! `chain` finds keys as the aws command line does, `sign` binds a request to them, `frames` reads event streams, `converse` and `invoke`
//! are the two forms in which Bedrock is asked.

mod bedrock;
mod chain;
mod converse;
mod files;
pub mod frames;
mod invoke;
pub mod keys;
mod metadata;
mod profile;
pub mod sign;
mod sso;
mod sts;
#[cfg(test)]
mod tests;

pub use bedrock::make;
pub use converse::Converse;
pub use invoke::Invoke;

use reqwest::Url;

use super::error::Failure;
use super::exchange::safe_address;
use super::surroundings::Surroundings;

/// The host of `service` in `region`: partitions have domains of their own.
pub fn host_of(service: &str, region: &str) -> String {
    const DOMAINS: &[(&str, &str)] = &[
        ("cn-", "amazonaws.com.cn"),
        ("eusc-", "amazonaws.eu"),
        ("us-iso-", "c2s.ic.gov"),
        ("us-isob-", "sc2s.sgov.gov"),
        ("us-isof-", "csp.hci.ic.gov"),
        ("eu-isoe-", "cloud.adc-e.uk"),
    ];
    let domain = DOMAINS
        .iter()
        .find(|(front, _)| region.starts_with(front))
        .map_or("amazonaws.com", |(_, domain)| *domain);
    format!("{service}.{region}.{domain}")
}

/// Where `service` answers in `region`. Variables move it as they do for AWS's own tools: `variable`, else the one for all services.
fn endpoint(
    around: &Surroundings,
    variable: &str,
    service: &str,
    region: &str,
) -> Result<Url, Failure> {
    let moved = [variable, "AWS_ENDPOINT_URL"]
        .into_iter()
        .filter(|_| !around.says_yes("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"))
        .find_map(|name| Some((name, around.variable(name)?)));
    match moved {
        Some((name, address)) => safe_address(&address, &format!("`{name}`")),
        None => safe_address(
            &format!("https://{}", host_of(service, region)),
            "the region",
        ),
    }
}
