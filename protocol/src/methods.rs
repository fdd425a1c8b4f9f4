//! One row for each method that we speak beyond plain LSP, and for those of LSP that the door must know.

/// Who sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The editor.
    ToServer,
    /// The agent.
    ToClient,
}

/// Where it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ordering {
    /// On the wire's task, in wire order: it changes the world.
    InOrder,
    /// Off it, on a snapshot of its place on the wire.
    Snapshot,
}

/// One method.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// On the wire.
    pub name: &'static str,
    /// Who sends it.
    pub direction: Direction,
    /// The type of its params, `()` for none.
    pub params: &'static str,
    /// The type of its result, `-` for a notification.
    pub result: &'static str,
    /// Where it runs.
    pub ordering: Ordering,
    /// What it is for.
    pub doc: &'static str,
}

macro_rules! methods {
    ($table:ident: $what:literal; $($constant:ident = $name:literal, $direction:ident, $params:literal => $result:literal, $ordering:ident, $doc:literal;)*) => {
        $(#[doc = $doc] pub const $constant: &str = $name;)*
        #[doc = $what]
        pub const $table: &[Method] = &[$(Method {
            name: $name,
            direction: Direction::$direction,
            params: $params,
            result: $result,
            ordering: Ordering::$ordering,
            doc: $doc,
        }),*];
    };
}

methods! {
    METHODS: "Our own methods, and those of LSP.";
    DID_OPEN = "textDocument/didOpen", ToServer, "DidOpenParams" => "-", InOrder, "A document was opened: its text is the client's from now on.";
    DID_CHANGE = "textDocument/didChange", ToServer, "DidChangeParams" => "-", InOrder, "Edits, incremental or whole.";
    DID_CLOSE = "textDocument/didClose", ToServer, "DocumentParams" => "-", InOrder, "A document was closed: the disk has the truth again.";
    DID_SAVE = "textDocument/didSave", ToServer, "DocumentParams" => "-", InOrder, "A document was saved: disk and buffer are equal.";
    DID_SHOW = "textDocument/didShowCompletion", ToServer, "DidShowParams" => "-", InOrder, "An item was shown; sent once an id, repeats are ignored.";
    DID_PARTIALLY_ACCEPT = "textDocument/didPartiallyAcceptCompletion", ToServer, "DidPartiallyAcceptParams" => "-", InOrder, "A part of an item was taken; the length is in UTF-16 units from the start of its insertText.";
    INLINE_COMPLETION = "textDocument/inlineCompletion", ToServer, "InlineCompletionParams" => "InlineCompletionList | null", Snapshot, "Ghost text (LSP 3.18).";
    PROGRESS_CANCEL = "window/workDoneProgress/cancel", ToServer, "ProgressParams" => "-", InOrder, "The person stopped an edit by its progress.";
    EDIT_START = "agent/edit/start", ToServer, "EditStartParams" => "EditStartResult", Snapshot, "Starts an edit; its events follow.";
    EDIT_SUGGEST = "agent/edit/suggest", ToServer, "EditSuggestParams" => "EditSuggestResult", Snapshot, "The edits that follow from what was just done, and why there are none. They are shown, accepted and dismissed by their ids.";
    EDIT_APPLY = "agent/edit/apply", ToServer, "EditApplyParams" => "EditStartResult", Snapshot, "Makes an edit of a block of code from a chat, where it belongs by the tree; no model is asked. It is previewed and accepted as any other.";
    EDIT_ACCEPT = "agent/edit/accept", ToServer, "EditAcceptParams" => "EditAppliedResult", Snapshot, "Puts an edit, or some of its hunks, into the client's buffer by workspace/applyEdit, over what was typed meanwhile.";
    EDIT_REJECT = "agent/edit/reject", ToServer, "EditParams" => "null", Snapshot, "Declines an edit that is ready.";
    EDIT_UNDO = "agent/edit/undo", ToServer, "EditParams" => "EditAppliedResult", Snapshot, "Takes an applied edit back, as one step.";
    EDIT_RETRY = "agent/edit/retry", ToServer, "EditRetryParams" => "EditStartResult", Snapshot, "Asks again, perhaps with a changed instruction; an applied edit is undone first.";
    EDIT_CANCEL = "agent/edit/cancel", ToServer, "EditParams" => "null", Snapshot, "Stops an edit: its connection is closed and the text stays as it is.";
    EDIT_GET = "agent/edit/get", ToServer, "EditParams" => "EditGetResult", Snapshot, "How an edit stands.";
    EDIT_EVENT = "agent/edit/event", ToClient, "EditEvent" => "-", InOrder, "Something happened to an edit.";
    CHAT_START = "agent/chat/start", ToServer, "ChatStartParams" => "ChatStartResult", Snapshot, "Starts a chat.";
    CHAT_SEND = "agent/chat/send", ToServer, "ChatSendParams" => "ChatSendResult", Snapshot, "Says something; the answer comes by events, its end by the result. Cancelling the request hangs up.";
    CHAT_STOP = "agent/chat/stop", ToServer, "ChatParams" => "null", Snapshot, "Stops the answer that is under way; what came stays.";
    CHAT_LIST = "agent/chat/list", ToServer, "ChatListParams" => "ChatListResult", Snapshot, "The chats, the newest first.";
    CHAT_GET = "agent/chat/get", ToServer, "ChatParams" => "ChatGetResult", Snapshot, "A whole chat.";
    CHAT_DELETE = "agent/chat/delete", ToServer, "ChatParams" => "null", Snapshot, "Forgets a chat.";
    CHAT_EXPORT = "agent/chat/export", ToServer, "ChatExportParams" => "ChatExportResult", Snapshot, "A whole chat as Markdown or JSON.";
    CHAT_IMPORT = "agent/chat/import", ToServer, "ChatImportParams" => "ChatImportResult", Snapshot, "Takes chats over: an export or a history of Cody's, or our own export as JSON.";
    CHAT_EVENT = "agent/chat/event", ToClient, "ChatEvent" => "-", InOrder, "Something happened in a chat: more text, never the text before it again.";
    CONTEXT_RESOLVE = "agent/context/resolve", ToServer, "ContextResolveParams" => "ContextAccount", Snapshot, "What a message's mentions would add, in tokens, and what would be left out.";
    CONTEXT_SEARCH = "agent/context/search", ToServer, "ContextSearchParams" => "ContextSearchResult", Snapshot, "Places of the workspace that speak of some words, with their scores.";
    CONTEXT_SUGGEST = "agent/context/suggest", ToServer, "ContextSuggestParams" => "ContextSuggestResult", Snapshot, "What a mention may mean, while it is typed: files, and what MCP servers offer.";
    MODEL_LIST = "agent/model/list", ToServer, "()" => "ModelListResult", Snapshot, "The configured routes with their models.";
    AGENT_STATUS = "agent/status", ToServer, "()" => "Status", Snapshot, "How the agent does. Also sent as a notification when it changes.";
    AGENT_WHY = "agent/why", ToServer, "DocumentParams" => "WhyResult", Snapshot, "Why the last answer for a document was empty.";
    AGENT_CONTEXT_EXPLAIN = "agent/context/explain", ToServer, "DocumentParams" => "ContextExplainResult", Snapshot, "Which pieces of the workspace the last prompt of a document was offered, and why.";
    AGENT_PREVIEW = "agent/completion/preview", ToServer, "InlineCompletionParams" => "PreviewResult", Snapshot, "Exactly what a completion would send, secrets masked; sends nothing.";
    AGENT_RESYNC = "agent/document/resync", ToClient, "ResyncParams" => "-", InOrder, "The client's buffer and ours may differ: send the whole text by didChange, or close and open.";
    AGENT_ASSERT_TEXT = "agent/debug/assertText", ToServer, "AssertTextParams" => "null", Snapshot, "Debug builds: fails with a diff unless our text equals the client's.";
}

/// LSP: the client changes its buffers.
pub const APPLY_EDIT: &str = "workspace/applyEdit";
/// LSP: the person is asked.
pub const SHOW_MESSAGE_REQUEST: &str = "window/showMessageRequest";

methods! {
    COPILOT: "The dialect of Copilot's clients: what they ask and hear beyond the rows of [`METHODS`].";
    SET_EDITOR_INFO = "setEditorInfo", ToServer, "{ editorInfo, editorPluginInfo, editorConfiguration? }" => "\"OK\"", InOrder, "An older client says who it is.";
    CHECK_STATUS = "checkStatus", ToServer, "{ options? }" => "{ status, user }", Snapshot, "Whether somebody is signed in: there is no account, so always.";
    SIGN_IN = "signIn", ToServer, "()" => "{ status, user }", Snapshot, "There is no account: signed in already.";
    SIGN_IN_INITIATE = "signInInitiate", ToServer, "()" => "{ status, user }", Snapshot, "There is no account: signed in already.";
    SIGN_IN_CONFIRM = "signInConfirm", ToServer, "{ userCode }" => "{ status, user }", Snapshot, "There is no account: signed in.";
    SIGN_IN_WITH_TOKEN = "signInWithGithubToken", ToServer, "{ user, githubToken }" => "{ status, user }", Snapshot, "There is no account: the token is not read.";
    SIGN_OUT = "signOut", ToServer, "()" => "{ status }", Snapshot, "There is no account to leave.";
    RECORD_CONSENT = "recordTelemetryConsent", ToServer, "()" => "\"OK\"", Snapshot, "Nothing is reported, whatever is consented to.";
    GET_VERSION = "getVersion", ToServer, "()" => "{ version, buildType, runtimeVersion }", Snapshot, "Our own version.";
    CHECK_FILE_STATUS = "checkFileStatus", ToServer, "{ uri }" => "{ status }", Snapshot, "Whether a file may be completed.";
    CHECK_QUOTA = "checkQuota", ToServer, "()" => "{ chat, completions, premiumInteractions, resetDate, copilotPlan }", Snapshot, "We ration nothing; a route's own limits are its provider's.";
    COPILOT_MODELS = "copilot/models", ToServer, "()" => "Model[]", Snapshot, "The routes and the embedded model.";
    GET_COMPLETIONS = "getCompletions", ToServer, "DocParams" => "CompletionsResult", Snapshot, "Ghost text as whole lines: the best one.";
    GET_COMPLETIONS_CYCLING = "getCompletionsCycling", ToServer, "DocParams" => "CompletionsResult", Snapshot, "Ghost text as whole lines: several.";
    GET_PANEL_COMPLETIONS = "getPanelCompletions", ToServer, "DocParams" => "PanelResult", Snapshot, "Several completions for a panel; they follow as notifications.";
    NOTIFY_SHOWN = "notifyShown", ToServer, "NotifyParams" => "\"OK\"", Snapshot, "A completion was shown.";
    NOTIFY_ACCEPTED = "notifyAccepted", ToServer, "NotifyParams" => "\"OK\"", Snapshot, "A completion, or a part of it, was taken.";
    NOTIFY_REJECTED = "notifyRejected", ToServer, "NotifyParams" => "\"OK\"", Snapshot, "Completions went off the screen.";
    INLINE_EDIT = "textDocument/copilotInlineEdit", ToServer, "TextDocumentPositionParams" => "InlineEditResult", Snapshot, "Next edits.";
    PANEL_COMPLETION = "textDocument/copilotPanelCompletion", ToServer, "PanelCompletionParams" => "PanelItems", Snapshot, "Several completions for a panel, by $/progress where a token is given.";
    DID_FOCUS = "textDocument/didFocus", ToServer, "{ textDocument? }" => "-", InOrder, "Another document is looked at.";
    DID_SHOW_INLINE_EDIT = "textDocument/didShowInlineEdit", ToServer, "{ item }" => "-", InOrder, "A next edit was shown.";
    DID_CHANGE_STATUS = "didChangeStatus", ToClient, "DidChangeStatusParams" => "-", InOrder, "How the agent does.";
    STATUS_NOTIFICATION = "statusNotification", ToClient, "StatusNotificationParams" => "-", InOrder, "The same for older clients.";
    LOG_MESSAGE = "LogMessage", ToClient, "{ level, message, metadataStr, extra }" => "-", InOrder, "window/logMessage once more, for clients that introduced themselves by setEditorInfo.";
    PANEL_SOLUTION = "PanelSolution", ToClient, "PanelSolutionParams" => "-", InOrder, "One completion for a panel.";
    PANEL_SOLUTIONS_DONE = "PanelSolutionsDone", ToClient, "PanelSolutionsDoneParams" => "-", InOrder, "No more completions for a panel.";
}

/// LSP: a command of ours is run.
pub const EXECUTE_COMMAND: &str = "workspace/executeCommand";

/// Command of `workspace/executeCommand`: an item was accepted; its id.
pub const DID_ACCEPT: &str = "nextline.didAccept";
/// Command: an item was dismissed by hand; its id.
pub const DID_DISMISS: &str = "nextline.didDismiss";
/// Command: no automatic ghost text for so many minutes; 0 ends it, 5 if it is not said.
pub const SNOOZE: &str = "nextline.snooze";

/// Command: an edit by an instruction; `[uri, range, instruction]`.
pub const EDIT: &str = "nextline.edit";
/// Command: a doc comment; `[uri, range]`.
pub const DOC: &str = "nextline.doc";
/// Command: unit tests; `[uri, range]`.
pub const TEST: &str = "nextline.test";
/// Command: a mend of diagnostics; `[uri, range, diagnostics]`.
pub const FIX: &str = "nextline.fix";
/// Command: an explanation; `[uri, range]`. Its result is Markdown.
pub const EXPLAIN: &str = "nextline.explain";
/// Command: one of the project's or the user's own; `[uri, range, name]`. The answer of one that asks is its result, as Markdown.
pub const COMMAND: &str = "nextline.command";
/// Command: shows the instructions and commands of the workspace that nobody said yes to, and asks for a yes.
pub const TRUST: &str = "nextline.trust";
/// Command: the last applied edit, or the one with this id, is taken back.
pub const UNDO_EDIT: &str = "nextline.undoEdit";
/// Command: the edit with this id, or every one under way, is stopped.
pub const CANCEL: &str = "nextline.cancel";

/// What `executeCommandProvider` lists.
pub const COMMANDS: &[&str] = &[
    DID_ACCEPT,
    DID_DISMISS,
    SNOOZE,
    EDIT,
    DOC,
    TEST,
    FIX,
    EXPLAIN,
    COMMAND,
    TRUST,
    UNDO_EDIT,
    CANCEL,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let all: Vec<&Method> = METHODS.iter().chain(COPILOT).collect();
        for (index, method) in all.iter().enumerate() {
            assert!(
                all[..index].iter().all(|other| other.name != method.name),
                "{} twice",
                method.name
            );
            assert!(method.doc.ends_with('.'), "{}", method.name);
        }
    }

    #[test]
    fn names_are_in_style() {
        for method in METHODS {
            let (namespace, rest) = method.name.split_once('/').unwrap();
            assert!(
                ["textDocument", "window", "agent"].contains(&namespace),
                "{}",
                method.name
            );
            assert!(
                rest.chars()
                    .all(|character| character.is_ascii_alphabetic() || character == '/'),
                "{}",
                method.name
            );
        }
    }

    #[test]
    fn every_method_of_ours_stands_on_a_page() {
        let pages = concat!(env!("CARGO_MANIFEST_DIR"), "/pages");
        let mut text = String::new();
        for page in std::fs::read_dir(pages).unwrap().flatten() {
            text += &std::fs::read_to_string(page.path()).unwrap();
        }
        for method in METHODS {
            let ours = method.name.starts_with("agent/");
            let named = text.contains(&format!("`{}`", method.name));
            assert!(!ours || named, "{} is on no page of {pages}", method.name);
        }
    }
}
