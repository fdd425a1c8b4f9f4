//! `agent/*` behind `jsonrpsee::RpcModule`: what LSP has no word for. The same module serves other faces.

use std::sync::LazyLock;

use futures_util::future::BoxFuture;
use jsonrpsee::types::{ErrorObjectOwned, Id, Params};
use jsonrpsee::{ConnectionId, Extensions, MethodCallback, RpcModule};
use nextline_protocol::Fault;
use nextline_protocol::document::DocumentParams;
use nextline_protocol::fault::{INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND};
use nextline_protocol::methods;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{chat, context, edit, inline, next, suggest};
use crate::complete::status;
use crate::door::Turn;

/// Bytes of an answer at most.
const ANSWER_CAP: usize = 16 << 20;

/// The desk of `agent/*`. Its module is built for the first request, so that an editor's start does not wait for it.
pub struct AgentDesk {
    module: LazyLock<RpcModule<()>>,
}

impl Default for AgentDesk {
    fn default() -> Self {
        let module = LazyLock::new(module as fn() -> _);
        AgentDesk { module }
    }
}

/// The module with every method of the table that runs on a snapshot.
fn module() -> RpcModule<()> {
    let mut module = RpcModule::new(());
    add(
        &mut module,
        methods::AGENT_STATUS,
        |turn, _: Option<Value>| Box::pin(async move { Ok(status(&turn.snapshot)) }),
    );
    add(
        &mut module,
        methods::AGENT_WHY,
        |turn, params: DocumentParams| {
            Box::pin(async move { Ok(next::why(&turn, &params.text_document.uri)) })
        },
    );
    add(
        &mut module,
        methods::AGENT_CONTEXT_EXPLAIN,
        |turn, params: DocumentParams| {
            Box::pin(async move {
                let engine = &turn.snapshot.engine;
                Ok(engine.explain(&params.text_document.uri))
            })
        },
    );
    add(&mut module, methods::AGENT_PREVIEW, |turn, params| {
        Box::pin(async move { inline::preview(&turn, params).await })
    });
    edits(&mut module);
    chats(&mut module);
    #[cfg(debug_assertions)]
    add(&mut module, methods::AGENT_ASSERT_TEXT, |turn, params| {
        Box::pin(async move { assert_text(&turn, &params) })
    });
    module
}

fn edits(module: &mut RpcModule<()>) {
    add(module, methods::EDIT_START, |turn, params| {
        Box::pin(edit::start(turn, params))
    });
    add(module, methods::EDIT_SUGGEST, |turn, params| {
        Box::pin(next::suggest(turn, params))
    });
    add(module, methods::EDIT_APPLY, |turn, params| {
        Box::pin(edit::apply_block(turn, params))
    });
    add(module, methods::EDIT_ACCEPT, |turn, params| {
        Box::pin(edit::accept(turn, params))
    });
    add(module, methods::EDIT_REJECT, |turn, params| {
        Box::pin(edit::reject(turn, params))
    });
    add(module, methods::EDIT_UNDO, |turn, params| {
        Box::pin(edit::undo(turn, params))
    });
    add(module, methods::EDIT_RETRY, |turn, params| {
        Box::pin(edit::retry(turn, params))
    });
    add(module, methods::EDIT_CANCEL, |turn, params| {
        Box::pin(edit::cancel(turn, params))
    });
    add(module, methods::EDIT_GET, |turn, params| {
        Box::pin(edit::get(turn, params))
    });
}

fn chats(module: &mut RpcModule<()>) {
    add(module, methods::CHAT_START, |turn, params| {
        Box::pin(chat::start(turn, params))
    });
    add(module, methods::CHAT_SEND, |turn, params| {
        Box::pin(chat::send(turn, params))
    });
    add(module, methods::CHAT_STOP, |turn, params| {
        Box::pin(chat::stop(turn, params))
    });
    add(module, methods::CHAT_LIST, |turn, params| {
        Box::pin(chat::list(turn, params))
    });
    add(module, methods::CHAT_GET, |turn, params| {
        Box::pin(chat::get(turn, params))
    });
    add(module, methods::CHAT_DELETE, |turn, params| {
        Box::pin(chat::delete(turn, params))
    });
    add(module, methods::CHAT_EXPORT, |turn, params| {
        Box::pin(chat::export(turn, params))
    });
    add(module, methods::CHAT_IMPORT, |turn, params| {
        Box::pin(chat::import(turn, params))
    });
    add(module, methods::CONTEXT_SEARCH, |turn, params| {
        Box::pin(context::search(turn, params))
    });
    add(module, methods::CONTEXT_RESOLVE, |turn, params| {
        Box::pin(context::resolve(turn, params))
    });
    add(module, methods::CONTEXT_SUGGEST, |turn, params| {
        Box::pin(suggest::names(turn, params))
    });
    add(module, methods::MODEL_LIST, |turn, params| {
        Box::pin(context::models(turn, params))
    });
}

impl AgentDesk {
    /// Serves one request.
    pub async fn call(
        &self,
        turn: Turn,
        method: &str,
        params: Option<&RawValue>,
    ) -> Result<Value, Fault> {
        let Some(MethodCallback::Async(handler)) = self.module.method(method) else {
            return Err(Fault::new(
                METHOD_NOT_FOUND,
                format!("no such method: {method}"),
            ));
        };
        let mut extensions = Extensions::new();
        extensions.insert(turn);
        let params = Params::new(params.map(RawValue::get)).into_owned();
        let response = handler(
            Id::Number(0),
            params,
            ConnectionId(0),
            ANSWER_CAP,
            extensions,
        )
        .await;
        #[derive(serde::Deserialize)]
        struct Answer {
            result: Option<Value>,
            error: Option<Fault>,
        }
        match serde_json::from_str::<Answer>(response.as_json().get()) {
            Ok(Answer {
                error: Some(fault), ..
            }) => Err(fault),
            Ok(Answer { result, .. }) => Ok(result.unwrap_or_default()),
            Err(error) => Err(Fault::new(INTERNAL_ERROR, error.to_string())),
        }
    }
}

type Handled<R> = BoxFuture<'static, Result<R, Fault>>;

/// Registers a method whose handler gets its turn and its typed params.
fn add<P, R>(module: &mut RpcModule<()>, name: &'static str, handler: fn(Turn, P) -> Handled<R>)
where
    P: DeserializeOwned + Send + 'static,
    R: Serialize + Send + Clone + 'static,
{
    let registered = module.register_async_method(name, move |params, _, extensions| async move {
        let parsed = params
            .parse::<P>()
            .map_err(|error| Fault::new(INVALID_PARAMS, error.message().to_owned()));
        let turn = extensions.get::<Turn>().cloned();
        let outcome = match (parsed, turn) {
            (Ok(params), Some(turn)) => handler(turn, params).await,
            (Err(fault), _) => Err(fault),
            (_, None) => Err(Fault::new(INTERNAL_ERROR, "no turn")),
        };
        outcome.map_err(|fault| {
            let code = i32::try_from(fault.code).unwrap_or(INTERNAL_ERROR as i32);
            ErrorObjectOwned::owned(code, fault.message, fault.data)
        })
    });
    debug_assert!(registered.is_ok(), "{name} twice");
}

/// Fails with the first place where our text differs from the client's.
#[cfg(debug_assertions)]
fn assert_text(
    turn: &Turn,
    params: &nextline_protocol::agent::AssertTextParams,
) -> Result<(), Fault> {
    use crate::text::Byte;
    use nextline_protocol::fault::REQUEST_FAILED;
    let uri = &params.text_document.uri;
    let Some(document) = turn.snapshot.document(uri) else {
        return Err(Fault::new(REQUEST_FAILED, format!("{uri} is not open")));
    };
    if let Some(lost) = &document.lost {
        return Err(Fault::new(REQUEST_FAILED, format!("{uri} is lost: {lost}")));
    }
    let ours = document.text.slice(Byte(0)..document.text.end());
    if ours == params.text {
        return Ok(());
    }
    let at = ours
        .bytes()
        .zip(params.text.bytes())
        .take_while(|(ours, theirs)| ours == theirs)
        .count();
    let around = |text: &str| {
        let bytes = &text.as_bytes()[at.saturating_sub(20)..(at + 20).min(text.len())];
        String::from_utf8_lossy(bytes).into_owned()
    };
    let (ours, theirs) = (around(&ours), around(&params.text));
    Err(Fault::new(
        REQUEST_FAILED,
        format!("{uri} differs at byte {at}: ours {ours:?}, the client's {theirs:?}"),
    ))
}
