//! The dialect of Copilot's clients, on the connection that standard LSP uses: what they ask beyond it, and in which words.
//!
//! A client is one of them when `initialize` names an editor plugin, or when it asks something that only they ask. It never hears
//! `null`: some of them raise an error on it. There is no account and no sign-in.

mod account;
mod legacy;
mod panel;
pub mod settings;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use nextline_protocol::Fault;
use nextline_protocol::fault::INTERNAL_ERROR;
use nextline_protocol::methods;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::next;
use crate::complete::Trigger;
use crate::door::Turn;

type Handled = BoxFuture<'static, Result<Value, Fault>>;

/// Serves one method: its params, `null` where there are none, to its result.
pub type Handler = fn(Turn, Value) -> Handled;

const TABLE: &[(&str, Handler)] = &[
    (methods::SET_EDITOR_INFO, |_, _| now("OK")),
    (methods::CHECK_STATUS, |_, _| now(account::signed_in("OK"))),
    (methods::SIGN_IN, |_, _| {
        now(account::signed_in("AlreadySignedIn"))
    }),
    (methods::SIGN_IN_INITIATE, |_, _| {
        now(account::signed_in("AlreadySignedIn"))
    }),
    (methods::SIGN_IN_CONFIRM, |_, _| {
        now(account::signed_in("OK"))
    }),
    (methods::SIGN_IN_WITH_TOKEN, |_, _| {
        now(account::signed_in("OK"))
    }),
    (methods::SIGN_OUT, |_, _| now(account::signed_out())),
    (methods::RECORD_CONSENT, |_, _| now("OK")),
    (methods::GET_VERSION, |_, _| now(account::version())),
    (methods::CHECK_FILE_STATUS, |turn, params| {
        now(account::file_status(&turn, &params))
    }),
    (methods::CHECK_QUOTA, |_, _| now(account::quota())),
    (methods::COPILOT_MODELS, |turn, _| {
        now(account::models(&turn))
    }),
    (methods::GET_COMPLETIONS, |turn, params| {
        let params = lenient(params);
        async move { json(legacy::completions(&turn, params, Trigger::Automatic).await) }.boxed()
    }),
    (methods::GET_COMPLETIONS_CYCLING, |turn, params| {
        let params = lenient(params);
        async move { json(legacy::completions(&turn, params, Trigger::Invoked).await) }.boxed()
    }),
    (methods::GET_PANEL_COMPLETIONS, |turn, params| {
        now(panel::solutions(&turn, lenient(params)))
    }),
    (methods::NOTIFY_SHOWN, |turn, params| {
        now(legacy::shown(&turn, &lenient(params)))
    }),
    (methods::NOTIFY_ACCEPTED, |turn, params| {
        now(legacy::accepted(&turn, &lenient(params)))
    }),
    (methods::NOTIFY_REJECTED, |turn, params| {
        now(legacy::rejected(&turn, &lenient(params)))
    }),
    (methods::INLINE_EDIT, |turn, params| {
        let params = lenient(params);
        async move { json(next::inline_edits(&turn, params).await) }.boxed()
    }),
    (methods::PANEL_COMPLETION, |turn, params| {
        let params = lenient(params);
        async move { json(panel::items(&turn, params).await) }.boxed()
    }),
];

/// Who serves a method; `None` if it is not of this dialect.
pub fn handler(method: &str) -> Option<Handler> {
    let row = TABLE.iter().find(|(name, _)| *name == method)?;
    Some(row.1)
}

/// Whether only Copilot's clients send this: the methods under `textDocument/` have found others.
pub fn tells(method: &str) -> bool {
    !method.starts_with("textDocument/") && handler(method).is_some()
}

fn now(result: impl Serialize) -> Handled {
    std::future::ready(json(result)).boxed()
}

fn json(result: impl Serialize) -> Result<Value, Fault> {
    serde_json::to_value(result).map_err(|error| Fault::new(INTERNAL_ERROR, error.to_string()))
}

/// Params that may be absent, an empty list, or anything else: what cannot be read was not said.
fn lenient<T: DeserializeOwned + Default>(params: Value) -> T {
    serde_json::from_value(params).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use nextline_protocol::methods::{COPILOT, Direction};

    use super::*;

    #[test]
    fn every_request_of_the_table_is_served_and_no_other() {
        let asked = |name: &str| {
            COPILOT.iter().any(|method| {
                method.name == name
                    && method.result != "-"
                    && method.direction == Direction::ToServer
            })
        };
        for (name, _) in TABLE {
            assert!(asked(name), "{name} is not in the protocol's table");
        }
        let served = COPILOT.iter().filter(|method| asked(method.name)).count();
        assert_eq!(served, TABLE.len());
        assert!(tells("checkStatus") && tells("copilot/models"));
        assert!(!tells("textDocument/copilotInlineEdit") && !tells("agent/status"));
    }
}
