//! Standard LSP behind `tower_lsp::LspService`: lifecycle, dispatch, shapes.
//!
//! The service's own ids are our turns, so that clients may repeat theirs. A handler finds its turn in a task-local.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use nextline_protocol::Fault;
use nextline_protocol::fault::METHOD_NOT_FOUND;
use nextline_protocol::inline::{InlineCompletionList, InlineCompletionParams};
use nextline_protocol::methods;
use serde_json::{Value, json};
use tower::Service;
use tower_lsp::jsonrpc::{Request, Result};
use tower_lsp::lsp_types::{
    CompletionParams, CompletionResponse, ExecuteCommandParams, InitializeParams, InitializeResult,
};
use tower_lsp::{LanguageServer, LspService};

use super::{inline, popup};
use crate::door::Turn;

tokio::task_local! {
    static TURN: Turn;
}

/// The desk of standard LSP.
pub struct LspDesk {
    service: LspService<Handlers>,
}

struct Handlers;

impl LspDesk {
    /// A desk before `initialize`.
    pub fn new() -> LspDesk {
        let (service, socket) = LspService::build(|_| Handlers)
            .custom_method(methods::INLINE_COMPLETION, Handlers::inline_completion)
            .finish();
        // What we ask of the client goes through the outbox.
        drop(socket);
        LspDesk { service }
    }

    /// Moves the service past its own `initialize`; the facts were read and the answer is given by [`super::hello`].
    pub fn initialize(&mut self) {
        let request = Request::build("initialize")
            .params(json!({"capabilities": {}}))
            .id(0)
            .finish();
        // Resolves at once: the handler awaits nothing.
        let _ = self.service.call(request).now_or_never();
    }

    /// Serves one request.
    pub fn call(
        &mut self,
        turn: Turn,
        id: u64,
        method: &str,
        params: Option<Value>,
    ) -> BoxFuture<'static, std::result::Result<Value, Fault>> {
        let request = Request::build(method.to_owned());
        let request = match params {
            Some(params) => request.params(params),
            None => request,
        };
        let answer = self
            .service
            .call(request.id(i64::try_from(id).unwrap_or_default()).finish());
        let unknown = format!("no such method: {method}");
        let answer = async move {
            match answer.await {
                Ok(Some(response)) => response.into_parts().1.map_err(fault),
                // The service keeps silent about unknown `$/…` methods.
                Ok(None) | Err(_) => Err(Fault::new(METHOD_NOT_FOUND, unknown)),
            }
        };
        TURN.scope(turn, answer).boxed()
    }

    /// The request was answered as cancelled: the service may forget it.
    pub fn abandon(&mut self, id: u64) {
        let _ = self
            .service
            .call(
                Request::build("$/cancelRequest")
                    .params(json!({"id": id}))
                    .finish(),
            )
            .now_or_never();
    }
}

fn fault(error: tower_lsp::jsonrpc::Error) -> Fault {
    Fault {
        code: error.code.code(),
        message: error.message.into_owned(),
        data: error.data,
    }
}

#[tower_lsp::async_trait]
impl LanguageServer for Handlers {
    async fn initialize(&self, _: InitializeParams) -> Result<InitializeResult> {
        Ok(InitializeResult::default())
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        Ok(popup::complete(&TURN.get(), params).await)
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        let turn = TURN.get();
        turn.snapshot
            .engine
            .commanded(&params.command, &params.arguments);
        // Copilot's clients raise an error on `null`.
        Ok(turn.snapshot.client.copilot.then(|| json!("OK")))
    }
}

impl Handlers {
    async fn inline_completion(
        &self,
        params: InlineCompletionParams,
    ) -> Result<Option<InlineCompletionList>> {
        Ok(inline::complete(&TURN.get(), params).await)
    }
}
