//! `agent/chat/*`: a question with what it mentions, its answer as it comes, and what was said before.

use nextline_protocol::Fault;
use nextline_protocol::chat::{
    ChatError, ChatEvent, ChatExportParams, ChatExportResult, ChatGetResult, ChatHappened,
    ChatImportParams, ChatImportResult, ChatListParams, ChatListResult, ChatParams, ChatPlace,
    ChatSendParams, ChatSendResult, ChatStartParams, ChatStartResult, ChatSummary, ChatTurn,
    ContextAccount, ContextItem,
};
use nextline_protocol::fault::{INTERNAL_ERROR, INVALID_PARAMS, REQUEST_FAILED};
use nextline_protocol::methods::CHAT_EVENT;
use serde_json::Value;

use super::{edit, mcp};
use crate::chat::ask::{Ask, Told, ask};
use crate::chat::asked::{self, Question};
use crate::chat::book::keep;
use crate::chat::harmless;
use crate::chat::mentions::Here;
use crate::chat::outcome::Class;
use crate::chat::transcript::{self, Chat};
use crate::chat::{Outcome, Road, Trouble, cody};
use crate::door::{Turn, off_wire};
use crate::edit::make::Lines;
use crate::prompt::Role;
use crate::prompt::talk::Account;
use crate::route::{StopReason, Surface};
use crate::world::Snapshot;

fn unknown(id: &str) -> Fault {
    Fault::new(INVALID_PARAMS, format!("there is no chat {id:?}"))
}

pub(super) fn failed() -> Fault {
    Fault::new(INTERNAL_ERROR, "the chat failed here; the log says where")
}

pub(super) fn road(snapshot: &Snapshot, route: Option<&str>) -> Result<Road, Fault> {
    let found = snapshot.chats.roads.find(
        &snapshot.settings.settings,
        Surface::Chat,
        route,
        snapshot.engine.http(),
    );
    found.map_err(|trouble| edit::fault(&trouble))
}

fn folder(snapshot: &Snapshot) -> Option<String> {
    let folder = snapshot.client.folders.first();
    folder.map(|folder| folder.to_string_lossy().into_owned())
}

pub async fn start(turn: Turn, params: ChatStartParams) -> Result<ChatStartResult, Fault> {
    let road = road(&turn.snapshot, params.route.as_deref())?;
    let chat = Chat::new(params.route, folder(&turn.snapshot));
    let result = ChatStartResult {
        id: chat.id.clone(),
        route: road.route.name().to_owned(),
        model: road.route.model().to_owned(),
    };
    turn.snapshot.chats.open(chat);
    Ok(result)
}

async fn find(turn: &Turn, id: &str) -> Result<Chat, Fault> {
    let (chats, wanted) = (turn.snapshot.chats.clone(), id.to_owned());
    let found = off_wire(move || chats.find(&wanted)).await;
    found.ok_or_else(failed)?.ok_or_else(|| unknown(id))
}

pub(super) fn here(place: ChatPlace) -> Here {
    let selection = place
        .selection
        .filter(|range| range.start != range.end)
        .map(edit::lines);
    let sentence = |one: nextline_protocol::edit::Diagnostic| {
        let source = one
            .source
            .map(|source| format!("{source}: "))
            .unwrap_or_default();
        format!("line {}: {source}{}", one.range.start.line + 1, one.message)
    };
    Here {
        uri: place.text_document.map(|document| document.uri),
        selection: match selection {
            Some(Lines::These(first, last)) => Some((first, last)),
            _ => None,
        },
        diagnostics: place.diagnostics.into_iter().map(sentence).collect(),
    }
}

/// The account of a question, with what was not even read.
pub fn account(account: Account, refused: Vec<(String, String)>) -> ContextAccount {
    let item = |(name, tokens): (String, usize), reason: &str| ContextItem {
        name,
        tokens,
        reason: reason.to_owned(),
    };
    let full = format!(
        "it does not fit into the {} tokens of a question",
        account.limit
    );
    let left_out = account.left_out.into_iter().map(|one| item(one, &full));
    let refused = refused.into_iter().map(|(name, reason)| ContextItem {
        name,
        tokens: 0,
        reason,
    });
    ContextAccount {
        tokens: account.tokens,
        limit: account.limit,
        kept: account.kept.into_iter().map(|one| item(one, "")).collect(),
        left_out: left_out.chain(refused).collect(),
        forgotten: account.forgotten,
    }
}

/// Ends a chat's answer when its request is no longer waited for.
struct Answering<'a> {
    turn: &'a Turn,
    id: String,
    outcome: Outcome,
    ended: bool,
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.turn.snapshot.chats.end(&self.id, &self.outcome.text);
        }
    }
}

pub async fn send(turn: Turn, params: ChatSendParams) -> Result<ChatSendResult, Fault> {
    let mut chat = find(&turn, &params.id).await?;
    if params.route.is_some() {
        chat.route = params.route;
    }
    let road = road(&turn.snapshot, chat.route.as_deref())?;
    if let Some(place) = params.turn {
        match chat.turns.get(place).map(|turn| turn.role) {
            Some(Role::User) => chat.turns.truncate(place),
            _ => {
                return Err(Fault::new(
                    INVALID_PARAMS,
                    format!("turn {place} is none of the person's"),
                ));
            }
        }
    }
    if params.text.trim().is_empty() {
        return Err(Fault::new(INVALID_PARAMS, "there is no question"));
    }
    let first = chat.turns.is_empty();
    let question = question(&turn, &road, params.text, here(params.place)).await?;
    chat.say(Role::User, &question.text);
    let Some(stop) = turn.snapshot.chats.begin(chat.clone()) else {
        return Err(Fault::new(
            REQUEST_FAILED,
            "the chat is still answering; stop it first",
        ));
    };
    let mut answering = Answering {
        turn: &turn,
        id: chat.id.clone(),
        outcome: Outcome::default(),
        ended: false,
    };
    if first {
        let title = chat.title.clone();
        tell(&turn, &chat.id, ChatHappened::Title { title }).await;
    }
    tokio::select! {
        biased;
        () = stop.cancelled() => {
            answering.outcome.error = Some(Trouble::new(Class::Interrupted, "the answer was stopped"));
        }
        () = converse(&turn, &road, &chat, question, &mut answering.outcome) => {}
    }
    answering.ended = true;
    let outcome = std::mem::take(&mut answering.outcome);
    let answer = if outcome.text.is_empty() {
        &outcome.refusal
    } else {
        &outcome.text
    };
    if let Some(chat) = turn.snapshot.chats.end(&chat.id, answer) {
        // Kept after the answer was seen: a slow disk delays nobody.
        off_wire(move || keep(&chat)).await;
    }
    Ok(result(chat.turns.len(), outcome))
}

/// A message with what it mentions and what goes with it. Pictures are refused here where the route takes none.
pub(super) async fn question(
    turn: &Turn,
    road: &Road,
    text: String,
    here: Here,
) -> Result<Question, Fault> {
    let snapshot = turn.snapshot.clone();
    let question = off_wire(move || asked::question(&snapshot, &text, &here)).await;
    let mut question = question.ok_or_else(failed)?;
    if !road.route.takes_pictures() {
        question.refuse_pictures(road.route.provider());
    }
    Ok(question)
}

async fn tell(turn: &Turn, id: &str, what: ChatHappened) {
    let id = id.to_owned();
    turn.outbox.tell(CHAT_EVENT, ChatEvent { id, what }).await;
}

/// Asks and tells the answer as it comes.
async fn converse(
    turn: &Turn,
    road: &Road,
    chat: &Chat,
    mut question: Question,
    outcome: &mut Outcome,
) {
    mcp::fulfil(turn, &mut question).await;
    let folder = folder(&turn.snapshot);
    let asked = Ask {
        road,
        turns: &chat.turns,
        instructions: &question.instructions,
        found: &question.found,
        folder: folder.as_deref(),
        purpose: "",
    };
    let told = |what| {
        let what = match what {
            Told::Account(told) => ChatHappened::Context {
                account: account(told, question.found.refused.clone()),
            },
            Told::Text(text) => ChatHappened::Delta { text },
        };
        tell(turn, &chat.id, what)
    };
    ask(asked, outcome, told).await;
}

fn result(turn: usize, outcome: Outcome) -> ChatSendResult {
    let error = |trouble: Trouble| ChatError {
        kind: trouble.class.word().to_owned(),
        message: trouble.message,
        status: trouble.status,
        request_id: trouble.request_id,
        retry_at: trouble.retry_at,
    };
    ChatSendResult {
        turn,
        stop_reason: outcome.stop.map(|stop| StopReason::word(stop).to_owned()),
        input_tokens: outcome.usage.input,
        output_tokens: outcome.usage.output,
        cached_tokens: outcome.usage.cached,
        cost_usd: outcome.cost_usd,
        error: outcome.error.map(error),
    }
}

pub async fn stop(turn: Turn, params: ChatParams) -> Result<Value, Fault> {
    turn.snapshot.chats.stop(&params.id);
    Ok(Value::Null)
}

pub async fn list(turn: Turn, params: ChatListParams) -> Result<ChatListResult, Fault> {
    let chats = turn.snapshot.chats.clone();
    let found = off_wire(move || chats.list(&params.query, params.limit))
        .await
        .ok_or_else(failed)?;
    let summary = |one: crate::chat::history::Summary| ChatSummary {
        id: one.id,
        title: one.title,
        updated: one.updated,
        turns: one.turns,
    };
    Ok(ChatListResult {
        chats: found.into_iter().map(summary).collect(),
    })
}

pub async fn get(turn: Turn, params: ChatParams) -> Result<ChatGetResult, Fault> {
    let chat = find(&turn, &params.id).await?;
    let said = |turn: &crate::prompt::Message| ChatTurn {
        role: transcript::role(turn.role).to_owned(),
        // What the person wrote is the person's; what the model wrote goes to a renderer.
        text: match turn.role {
            Role::Assistant => harmless::whole(&turn.text),
            _ => turn.text.clone(),
        },
    };
    Ok(ChatGetResult {
        turns: chat.turns.iter().map(said).collect(),
        id: chat.id,
        title: chat.title,
    })
}

pub async fn delete(turn: Turn, params: ChatParams) -> Result<Value, Fault> {
    let (chats, id) = (turn.snapshot.chats.clone(), params.id.clone());
    match off_wire(move || chats.delete(&id))
        .await
        .ok_or_else(failed)?
    {
        true => Ok(Value::Null),
        false => Err(unknown(&params.id)),
    }
}

pub async fn export(turn: Turn, params: ChatExportParams) -> Result<ChatExportResult, Fault> {
    let chat = find(&turn, &params.id).await?;
    let text = match params.format.as_str() {
        "markdown" => chat.markdown(),
        "json" => chat.json(),
        other => {
            return Err(Fault::new(
                INVALID_PARAMS,
                format!("there is no format {other:?}: markdown and json are known"),
            ));
        }
    };
    Ok(ChatExportResult { text })
}

pub async fn import(turn: Turn, params: ChatImportParams) -> Result<ChatImportResult, Fault> {
    let read = off_wire(move || {
        let chats = cody::chats(&params.text)?;
        chats.iter().for_each(keep);
        Ok(chats)
    });
    let read: Result<Vec<Chat>, String> = read.await.ok_or_else(failed)?;
    let taken = read.map_err(|why| Fault::new(INVALID_PARAMS, why))?;
    let summary = |chat: &Chat| ChatSummary {
        id: chat.id.clone(),
        title: chat.title.clone(),
        updated: chat.updated,
        turns: chat.turns.len(),
    };
    let chats = taken.iter().map(summary).collect();
    for chat in taken {
        turn.snapshot.chats.open(chat);
    }
    Ok(ChatImportResult { chats })
}
