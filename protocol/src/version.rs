//! Which version of the `agent/*` methods both ends speak: said by both in `initialize`, under `capabilities.experimental.nextline`.

use serde::{Deserialize, Serialize};

/// The newest version of the `agent/*` methods that we speak.
pub const VERSION: u32 = 1;
/// The oldest one that we still speak.
pub const OLDEST: u32 = 1;

/// What a client says: the versions that it speaks. A client that says nothing is taken at its word later.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionOffer {
    /// The oldest one.
    pub oldest: u32,
    /// The newest one.
    pub newest: u32,
}

/// What we answer.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionAnswer {
    /// The version that both speak; `null` when there is none.
    pub version: Option<u32>,
    /// Which of the two to update, in one sentence; `null` when they agree.
    pub message: Option<String>,
}

/// The newest version that both ends speak, or the sentence that says which one to update.
pub fn agree(offer: Option<VersionOffer>) -> VersionAnswer {
    let offer = offer.unwrap_or(VersionOffer {
        oldest: OLDEST,
        newest: VERSION,
    });
    let message = if offer.newest < OLDEST {
        let newest = offer.newest;
        Some(format!(
            "the editor's extension speaks version {newest} of Nextline's protocol and the agent only {OLDEST} and newer: update the extension"
        ))
    } else if offer.oldest > VERSION {
        let oldest = offer.oldest;
        Some(format!(
            "the editor's extension speaks version {oldest} and newer of Nextline's protocol and the agent only {VERSION} and older: update the agent"
        ))
    } else {
        None
    };
    VersionAnswer {
        version: message.is_none().then_some(offer.newest.min(VERSION)),
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_common_version_is_spoken_or_one_end_is_named() {
        for (offer, version, word) in [
            (None, Some(VERSION), ""),
            (Some((1, 1)), Some(1), ""),
            (Some((1, 9)), Some(VERSION), ""),
            (Some((0, 0)), None, "update the extension"),
            (Some((VERSION + 1, VERSION + 2)), None, "update the agent"),
        ] {
            let offer = offer.map(|(oldest, newest)| VersionOffer { oldest, newest });
            let answer = agree(offer);
            assert_eq!(answer.version, version);
            assert!(answer.message.unwrap_or_default().ends_with(word));
        }
    }
}
