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
use tower_lsp::jsonrpc::{Error, Request, Result};
use tower_lsp::lsp_types::{
    CodeActionOrCommand, CodeActionParams, CodeActionResponse, CodeLens, CodeLensParams,
    CompletionItem, CompletionItemKind, CompletionList, CompletionParams, CompletionResponse,
    CompletionTextEdit, Documentation, ExecuteCommandParams, InitializeParams, InitializeResult,
    Position, Range, TextEdit,
};
use tower_lsp::{LanguageServer, LspService};

use super::{command, inline, lens, popup};
use crate::complete;
use crate::door::Turn;

tokio::task_local! {
    static TURN: Turn;
}

/// The desk of standard LSP. Its service is built for the first request, so that an editor's start does not wait for it.
#[derive(Default)]
pub struct LspDesk {
    service: Option<LspService<Handlers>>,
}

struct Handlers;

/// The service, past its own `initialize`: the facts were read and the answer is given by [`super::hello`].
fn service() -> LspService<Handlers> {
    let (mut service, socket) = LspService::build(|_| Handlers)
        .custom_method(methods::INLINE_COMPLETION, Handlers::inline_completion)
        .finish();
    // What we ask of the client goes through the outbox.
    drop(socket);
    let request = Request::build("initialize")
        .params(json!({"capabilities": {}}))
        .id(0)
        .finish();
    // Resolves at once: the handler awaits nothing.
    let _ = service.call(request).now_or_never();
    service
}

impl LspDesk {
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
            .get_or_insert_with(service)
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
        let request = Request::build("$/cancelRequest").params(json!({"id": id}));
        if let Some(service) = &mut self.service {
            let _ = service.call(request.finish()).now_or_never();
        }
    }
}

fn error(fault: Fault) -> Error {
    Error {
        code: tower_lsp::jsonrpc::ErrorCode::ServerError(fault.code),
        message: fault.message.into(),
        data: fault.data,
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
        let place = params.text_document_position;
        let position = nextline_protocol::document::Position {
            line: place.position.line,
            character: place.position.character,
        };
        let uri = place.text_document.uri.as_str();
        let Some(entry) = popup::complete(&TURN.get(), uri, position).await else {
            return Ok(None);
        };
        let items = entry.into_iter().map(item).collect();
        Ok(Some(CompletionResponse::List(CompletionList {
            is_incomplete: true,
            items,
        })))
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let turn = TURN.get();
        let at = |position: Position| nextline_protocol::document::Position {
            line: position.line,
            character: position.character,
        };
        let range = nextline_protocol::document::Range {
            start: at(params.range.start),
            end: at(params.range.end),
        };
        let context = serde_json::to_value(&params.context).unwrap_or_default();
        let found =
            command::actions(&turn, params.text_document.uri.as_str(), range, &context).await;
        let found = found
            .into_iter()
            .filter_map(|action| serde_json::from_value(action).ok());
        Ok(Some(found.map(CodeActionOrCommand::CodeAction).collect()))
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        let found = lens::lenses(&TURN.get(), params.text_document.uri.as_str()).await;
        let found = found
            .into_iter()
            .filter_map(|lens| serde_json::from_value(lens).ok());
        Ok(Some(found.collect()))
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        let turn = TURN.get();
        if !methods::COMMANDS.contains(&params.command.as_str()) {
            return Err(Error::invalid_params(format!(
                "no such command: {}",
                params.command
            )));
        }
        if command::known(&params.command) {
            let result = command::run(&turn, &params.command, &params.arguments).await;
            return result.map(Some).map_err(error);
        }
        let engine = &turn.snapshot.engine;
        let of_next = turn
            .snapshot
            .next
            .commanded(&params.command, &params.arguments);
        if let Some(news) = of_next {
            engine.count(news);
        } else if let Some(key) = engine.commanded(&params.command, &params.arguments) {
            complete::ahead(&turn.snapshot, &key);
        }
        complete::tell_status(&turn);
        // Copilot's clients raise an error on `null`.
        Ok(turn.snapshot.client.copilot.then(|| json!("OK")))
    }
}

/// LSP `CompletionItem` of an entry.
fn item(entry: popup::Entry) -> CompletionItem {
    let at = |position: nextline_protocol::document::Position| Position {
        line: position.line,
        character: position.character,
    };
    let range = Range {
        start: at(entry.range.start),
        end: at(entry.range.end),
    };
    CompletionItem {
        label: entry.label,
        kind: Some(CompletionItemKind::TEXT),
        detail: Some("Nextline".into()),
        documentation: Some(Documentation::String(entry.text.clone())),
        // After every other server's entries.
        sort_text: Some("\u{10ffff}".into()),
        filter_text: Some(entry.text.clone()),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit {
            range,
            new_text: entry.text,
        })),
        ..CompletionItem::default()
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
