// Written by `NEXTLINE_WRITE=1 cargo test -p nextline-protocol bindings` from protocol/src; not to be changed by hand.
package dev.nextline.protocol;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What Nextline speaks beyond LSP. */
public final class Protocol {
    private Protocol() {}

    /** Nextline's own methods, and those of LSP that it answers in its own way. */
    public static final class Methods {
        /** A document was opened: its text is the client's from now on. */
        public static final String DID_OPEN = "textDocument/didOpen";
        /** Edits, incremental or whole. */
        public static final String DID_CHANGE = "textDocument/didChange";
        /** A document was closed: the disk has the truth again. */
        public static final String DID_CLOSE = "textDocument/didClose";
        /** A document was saved: disk and buffer are equal. */
        public static final String DID_SAVE = "textDocument/didSave";
        /** An item was shown; sent once an id, repeats are ignored. */
        public static final String DID_SHOW_COMPLETION = "textDocument/didShowCompletion";
        /** A part of an item was taken; the length is in UTF-16 units from the start of its insertText. */
        public static final String DID_PARTIALLY_ACCEPT_COMPLETION = "textDocument/didPartiallyAcceptCompletion";
        /** Ghost text (LSP 3.18). */
        public static final String INLINE_COMPLETION = "textDocument/inlineCompletion";
        /** The person stopped an edit by its progress. */
        public static final String WORK_DONE_PROGRESS_CANCEL = "window/workDoneProgress/cancel";
        /** Starts an edit; its events follow. */
        public static final String EDIT_START = "agent/edit/start";
        /** The edits that follow from what was just done, and why there are none. They are shown, accepted and dismissed by their ids. */
        public static final String EDIT_SUGGEST = "agent/edit/suggest";
        /** Makes an edit of a block of code from a chat, where it belongs by the tree; no model is asked. It is previewed and accepted as any other. */
        public static final String EDIT_APPLY = "agent/edit/apply";
        /** Puts an edit, or some of its hunks, into the client's buffer by workspace/applyEdit, over what was typed meanwhile. */
        public static final String EDIT_ACCEPT = "agent/edit/accept";
        /** Declines an edit that is ready. */
        public static final String EDIT_REJECT = "agent/edit/reject";
        /** Takes an applied edit back, as one step. */
        public static final String EDIT_UNDO = "agent/edit/undo";
        /** Asks again, perhaps with a changed instruction; an applied edit is undone first. */
        public static final String EDIT_RETRY = "agent/edit/retry";
        /** Stops an edit: its connection is closed and the text stays as it is. */
        public static final String EDIT_CANCEL = "agent/edit/cancel";
        /** How an edit stands. */
        public static final String EDIT_GET = "agent/edit/get";
        /** Something happened to an edit. */
        public static final String EDIT_EVENT = "agent/edit/event";
        /** Starts a chat. */
        public static final String CHAT_START = "agent/chat/start";
        /** Says something; the answer comes by events, its end by the result. Cancelling the request hangs up. */
        public static final String CHAT_SEND = "agent/chat/send";
        /** Stops the answer that is under way; what came stays. */
        public static final String CHAT_STOP = "agent/chat/stop";
        /** The chats, the newest first. */
        public static final String CHAT_LIST = "agent/chat/list";
        /** A whole chat. */
        public static final String CHAT_GET = "agent/chat/get";
        /** Forgets a chat. */
        public static final String CHAT_DELETE = "agent/chat/delete";
        /** A whole chat as Markdown or JSON. */
        public static final String CHAT_EXPORT = "agent/chat/export";
        /** Takes chats over: an export or a history of Cody's, or our own export as JSON. */
        public static final String CHAT_IMPORT = "agent/chat/import";
        /** Something happened in a chat: more text, never the text before it again. */
        public static final String CHAT_EVENT = "agent/chat/event";
        /** What a message's mentions would add, in tokens, and what would be left out. */
        public static final String CONTEXT_RESOLVE = "agent/context/resolve";
        /** Places of the workspace that speak of some words, with their scores. */
        public static final String CONTEXT_SEARCH = "agent/context/search";
        /** What a mention may mean, while it is typed: files, and what MCP servers offer. */
        public static final String CONTEXT_SUGGEST = "agent/context/suggest";
        /** The configured routes with their models. */
        public static final String MODEL_LIST = "agent/model/list";
        /** How the agent does. Also sent as a notification when it changes. */
        public static final String STATUS = "agent/status";
        /** Why the last answer for a document was empty. */
        public static final String WHY = "agent/why";
        /** Which pieces of the workspace the last prompt of a document was offered, and why. */
        public static final String CONTEXT_EXPLAIN = "agent/context/explain";
        /** Exactly what a completion would send, secrets masked; sends nothing. */
        public static final String COMPLETION_PREVIEW = "agent/completion/preview";
        /** The client's buffer and ours may differ: send the whole text by didChange, or close and open. */
        public static final String DOCUMENT_RESYNC = "agent/document/resync";
        /** Debug builds: fails with a diff unless our text equals the client's. */
        public static final String DEBUG_ASSERT_TEXT = "agent/debug/assertText";
    }

    /** Other words of LSP. */
    public static final class Lsp {
        public static final String INITIALIZE = "initialize";
        public static final String INITIALIZED = "initialized";
        public static final String SHUTDOWN = "shutdown";
        public static final String EXIT = "exit";
        public static final String CANCEL_REQUEST = "$/cancelRequest";
        public static final String REGISTER_CAPABILITY = "client/registerCapability";
        public static final String DID_SHOW_INLINE_EDIT = "textDocument/didShowInlineEdit";
        public static final String LOG_MESSAGE = "window/logMessage";
        public static final String SHOW_MESSAGE = "window/showMessage";
        public static final String SHOW_MESSAGE_REQUEST = "window/showMessageRequest";
        public static final String WORK_DONE_PROGRESS_CREATE = "window/workDoneProgress/create";
        public static final String APPLY_EDIT = "workspace/applyEdit";
        public static final String CONFIGURATION = "workspace/configuration";
        public static final String DID_CHANGE_CONFIGURATION = "workspace/didChangeConfiguration";
        public static final String DID_CHANGE_WATCHED_FILES = "workspace/didChangeWatchedFiles";
        public static final String DID_CHANGE_WORKSPACE_FOLDERS = "workspace/didChangeWorkspaceFolders";
        public static final String EXECUTE_COMMAND = "workspace/executeCommand";
    }

    /** What `workspace/executeCommand` takes. */
    public static final class Commands {
        public static final String DID_ACCEPT = "nextline.didAccept";
        public static final String DID_DISMISS = "nextline.didDismiss";
        public static final String SNOOZE = "nextline.snooze";
        public static final String EDIT = "nextline.edit";
        public static final String DOC = "nextline.doc";
        public static final String TEST = "nextline.test";
        public static final String FIX = "nextline.fix";
        public static final String EXPLAIN = "nextline.explain";
        public static final String COMMAND = "nextline.command";
        public static final String TRUST = "nextline.trust";
        public static final String UNDO_EDIT = "nextline.undoEdit";
        public static final String CANCEL = "nextline.cancel";
    }

    /** What `agent/edit/start` can be told to do. */
    public static final class Verbs {
        /** An instruction on some lines. */
        public static final String EDIT = "edit";
        /** A documentation comment. */
        public static final String DOC = "doc";
        /** Unit tests. */
        public static final String TEST = "test";
        /** A mend of what a tool complains about. */
        public static final String FIX = "fix";
        /** New text behind the selection. */
        public static final String INSERT = "insert";
    }

    /** Codes of faults. */
    public static final class Codes {
        /** The request was cancelled. */
        public static final int REQUEST_CANCELLED = -32800;
        /** The request could not be served now. */
        public static final int REQUEST_FAILED = -32803;
        /** No such method. */
        public static final int METHOD_NOT_FOUND = -32601;
    }

    /** LSP `InlineCompletionTriggerKind`. */
    public static final class Triggers {
        /** The person asked. */
        public static final int INVOKED = 1;
        /** Typing asked. */
        public static final int AUTOMATIC = 2;
    }

    /** LSP `DiagnosticSeverity` and `MessageType`. */
    public static final class Severities {
        public static final int ERROR = 1;
        public static final int WARNING = 2;
        public static final int INFORMATION = 3;
        public static final int HINT = 4;
    }

    /** LSP `FileChangeType`. */
    public static final class FileChanges {
        public static final int CREATED = 1;
        public static final int CHANGED = 2;
        public static final int DELETED = 3;
    }

    /** Keys of `config.toml` that an extension's own page of settings shows. */
    public static final class Config {
        public static final String COMPLETION_ENABLED = "completion.enabled";
        public static final String COMPLETION_ROUTE = "completion.route";
        public static final String COMPLETION_FALLBACK = "completion.fallback";
        public static final String COMPLETION_MODE = "completion.mode";
        public static final String COMPLETION_MULTILINE = "completion.multiline";
        public static final String LOCAL_CONFIDENCE = "local.confidence";
        public static final String EDIT_ROUTE = "edit.route";
        public static final String CHAT_ROUTE = "chat.route";
    }

    /** What may be chosen there. */
    public static final class Choices {
        public static final String NONE = "none";
        public static final String EAGER = "eager";
        public static final String SUBTLE = "subtle";
        public static final String MANUAL = "manual";
        public static final String AUTO = "auto";
        public static final String NEVER = "never";
        public static final String ALWAYS = "always";
    }

    /** What an extension says of itself, and what it knows of the agent. */
    public static final class Client {
        /** The settings' section for LSP, and the member of `experimental`. */
        public static final String SECTION = "nextline";
        /** What the names of Nextline's own methods begin with. */
        public static final String OURS = "agent/";
        /** The route that asks nobody: the embedded model. */
        public static final String LOCAL = "local";
        /** A regular expression: the names of variables that keys are kept under. */
        public static final String KEY_NAME = "[A-Z][A-Z0-9_]*(KEY|TOKEN)[A-Z0-9_]*";
        /** The `capabilities` of an extension without a library for LSP: JSON. */
        public static final String CAPABILITIES = "{\"experimental\":{\"nextline\":{\"newest\":1,\"oldest\":1}},\"general\":{\"positionEncodings\":[\"utf-16\"]},\"textDocument\":{\"inlineCompletion\":{},\"synchronization\":{\"didSave\":true}},\"workspace\":{\"applyEdit\":true,\"configuration\":true,\"didChangeWatchedFiles\":{\"dynamicRegistration\":true},\"workspaceEdit\":{\"documentChanges\":true,\"resourceOperations\":[\"create\"]},\"workspaceFolders\":true}}";
    }

    /** The versions of the `agent/*` methods that this binding knows, for `capabilities.experimental.nextline`. */
    public static final class Versions {
        /** The oldest one. */
        public static final int OLDEST = 1;
        /** The newest one. */
        public static final int NEWEST = 1;
    }

    /** LSP `ApplyWorkspaceEditParams`. */
    /// edit: What is to be done.
    public record ApplyWorkspaceEditParams(WorkspaceEdit edit) {
        public static ApplyWorkspaceEditParams from(Object json) {
            Map<?, ?> members = members(json);
            return new ApplyWorkspaceEditParams(
                    WorkspaceEdit.from(members.get("edit")));
        }
    }

    /** LSP `ApplyWorkspaceEditResult`. */
    /// applied: It was done.
    /// failureReason: Why not.
    public record ApplyWorkspaceEditResult(boolean applied, String failureReason) {
        /** Without what may be absent. */
        public ApplyWorkspaceEditResult(boolean applied) {
            this(applied, null);
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "applied", applied);
            put(json, "failureReason", failureReason);
            return json;
        }
    }

    /** Params of `agent/debug/assertText`: the client's buffer as the truth. */
    /// text: Its whole text.
    /// textDocument: The document.
    public record AssertTextParams(String text, Identifier textDocument) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "text", text);
            put(json, "textDocument", textDocument.json());
            return json;
        }
    }

    /** LSP `CancelParams`. */
    /// id: The request.
    public record CancelParams(long id) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "id", id);
            return json;
        }
    }

    /** LSP `TextDocumentContentChangeEvent`: without a range it is the whole text. */
    /// text: What replaces it.
    /// range: What is replaced.
    public record Change(String text, Range range) {
        /** Without what may be absent. */
        public Change(String text) {
            this(text, null);
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "text", text);
            put(json, "range", may(range, item -> item.json()));
            return json;
        }
    }

    /** What went wrong. */
    /// kind: A name that does not change.
    /// message: One sentence for people, with the mend.
    /// requestId: What the provider calls the request.
    /// retryAt: When it may be asked again, in ms since 1970.
    /// status: The provider's status code.
    public record ChatError(String kind, String message, String requestId, Long retryAt, Integer status) {
        public static ChatError from(Object json) {
            Map<?, ?> members = members(json);
            return new ChatError(
                    (String) members.get("kind"),
                    (String) members.get("message"),
                    may(members.get("requestId"), item -> (String) item),
                    may(members.get("retryAt"), item -> ((Number) item).longValue()),
                    may(members.get("status"), item -> ((Number) item).intValue()));
        }
    }

    /** Params of the notification `agent/chat/event`. */
    public sealed interface ChatEvent {
        /** The chat. */
        String id();

        Map<String, Object> json();

        /** More of the answer: Markdown without images and HTML. */
        /// id: The chat.
        /// text: Never empty.
        public record Delta(String id, String text) implements ChatEvent {
            public static Delta from(Object json) {
                Map<?, ?> members = members(json);
                return new Delta(
                        (String) members.get("id"),
                        (String) members.get("text"));
            }

            public Map<String, Object> json() {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("kind", "delta");
                put(json, "id", id);
                put(json, "text", text);
                return json;
            }
        }

        /** What goes in with the question, before it is asked. */
        /// id: The chat.
        /// account: The account.
        public record Context(String id, ContextAccount account) implements ChatEvent {
            public static Context from(Object json) {
                Map<?, ?> members = members(json);
                return new Context(
                        (String) members.get("id"),
                        ContextAccount.from(members.get("account")));
            }

            public Map<String, Object> json() {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("kind", "context");
                put(json, "id", id);
                put(json, "account", account.json());
                return json;
            }
        }

        /** The chat has a title. */
        /// id: The chat.
        /// title: One line.
        public record Title(String id, String title) implements ChatEvent {
            public static Title from(Object json) {
                Map<?, ?> members = members(json);
                return new Title(
                        (String) members.get("id"),
                        (String) members.get("title"));
            }

            public Map<String, Object> json() {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("kind", "title");
                put(json, "id", id);
                put(json, "title", title);
                return json;
            }
        }

        /** {@code null} for a kind of another version. */
        static ChatEvent from(Object json) {
            Object kind = members(json).get("kind");
            return switch (kind instanceof String ? (String) kind : "") {
                case "delta" -> Delta.from(json);
                case "context" -> Context.from(json);
                case "title" -> Title.from(json);
                default -> null;
            };
        }
    }

    /** Where the person is, for mentions such as `&#64;selection`. */
    /// diagnostics: Its diagnostics.
    /// selection: Its selection.
    /// textDocument: The document in front.
    public record ChatPlace(List<Diagnostic> diagnostics, Range selection, Identifier textDocument) {
        /** Without what may be absent. */
        public ChatPlace() {
            this(null, null, null);
        }

        public static ChatPlace from(Object json) {
            Map<?, ?> members = members(json);
            return new ChatPlace(
                    may(members.get("diagnostics"), item -> list(item, part0 -> Diagnostic.from(part0))),
                    may(members.get("selection"), item -> Range.from(item)),
                    may(members.get("textDocument"), item -> Identifier.from(item)));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "diagnostics", may(diagnostics, item -> list(item, part -> ((Diagnostic) part).json())));
            put(json, "selection", may(selection, item -> item.json()));
            put(json, "textDocument", may(textDocument, item -> item.json()));
            return json;
        }
    }

    /** Params of `agent/chat/send`. */
    /// id: The chat.
    /// text: What the person says; `@file`, `@file:10-20`, `@symbol`, `@dir/`, `@picture.png`, `@selection`, `@diagnostics`, `@diff` and `@repo` add what they name, and `/name` at the start is a command of the project or the user.
    /// place: Where the person is.
    /// route: Asks this route from now on.
    /// turn: Resends: the turn (from 0) that the text stands for; it and what follows it are forgotten.
    public record ChatSendParams(String id, String text, ChatPlace place, String route, Long turn) {
        /** Without what may be absent. */
        public ChatSendParams(String id, String text) {
            this(id, text, null, null, null);
        }

        public static ChatSendParams from(Object json) {
            Map<?, ?> members = members(json);
            return new ChatSendParams(
                    (String) members.get("id"),
                    (String) members.get("text"),
                    may(members.get("place"), item -> ChatPlace.from(item)),
                    may(members.get("route"), item -> (String) item),
                    may(members.get("turn"), item -> ((Number) item).longValue()));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "id", id);
            put(json, "text", text);
            put(json, "place", may(place, item -> item.json()));
            put(json, "route", route);
            put(json, "turn", turn);
            return json;
        }
    }

    /** Result of `agent/chat/send`: the end of an answer whose text came by events. */
    /// turn: The number of the answer's turn, from 0.
    /// cachedTokens: Tokens of the input that were read from the provider's cache.
    /// costUsd: US dollars; `null` without a price.
    /// error: What went wrong; the text that came stays.
    /// inputTokens: Tokens of all input, cached included; `null` if the provider does not say.
    /// outputTokens: Tokens of the answer.
    /// stopReason: `end`, `length`, `stop`, `tool`, `refusal`, `filter`, `cut`, or `null` when it came to no end.
    public record ChatSendResult(long turn, Long cachedTokens, Double costUsd, ChatError error, Long inputTokens, Long outputTokens, String stopReason) {
        public static ChatSendResult from(Object json) {
            Map<?, ?> members = members(json);
            return new ChatSendResult(
                    ((Number) members.get("turn")).longValue(),
                    may(members.get("cachedTokens"), item -> ((Number) item).longValue()),
                    may(members.get("costUsd"), item -> ((Number) item).doubleValue()),
                    may(members.get("error"), item -> ChatError.from(item)),
                    may(members.get("inputTokens"), item -> ((Number) item).longValue()),
                    may(members.get("outputTokens"), item -> ((Number) item).longValue()),
                    may(members.get("stopReason"), item -> (String) item));
        }
    }

    /** LSP `Command`. */
    /// arguments: The suggestion's id.
    /// command: One of `crate::methods::COMMANDS`.
    /// title: For people.
    public record Command(List<Object> arguments, String command, String title) {
        public static Command from(Object json) {
            Map<?, ?> members = members(json);
            return new Command(
                    list(members.get("arguments"), part0 -> part0),
                    (String) members.get("command"),
                    (String) members.get("title"));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "arguments", arguments);
            put(json, "command", command);
            put(json, "title", title);
            return json;
        }
    }

    /** LSP `ConfigurationItem`. */
    /// section: `Client.Section` is ours.
    public record ConfigurationItem(String section) {
        public static ConfigurationItem from(Object json) {
            Map<?, ?> members = members(json);
            return new ConfigurationItem(
                    may(members.get("section"), item -> (String) item));
        }
    }

    /** LSP `ConfigurationParams`. */
    /// items: The answer has a value for each.
    public record ConfigurationParams(List<ConfigurationItem> items) {
        public static ConfigurationParams from(Object json) {
            Map<?, ?> members = members(json);
            return new ConfigurationParams(
                    list(members.get("items"), part0 -> ConfigurationItem.from(part0)));
        }
    }

    /** What went in, and what did not. */
    /// forgotten: Earlier turns that did not fit.
    /// kept: What went in.
    /// leftOut: What did not, and why.
    /// limit: The most that it may be.
    /// tokens: Tokens of all that went in, by our own estimate.
    public record ContextAccount(long forgotten, List<ContextItem> kept, List<ContextItem> leftOut, long limit, long tokens) {
        public static ContextAccount from(Object json) {
            Map<?, ?> members = members(json);
            return new ContextAccount(
                    ((Number) members.get("forgotten")).longValue(),
                    list(members.get("kept"), part0 -> ContextItem.from(part0)),
                    list(members.get("leftOut"), part0 -> ContextItem.from(part0)),
                    ((Number) members.get("limit")).longValue(),
                    ((Number) members.get("tokens")).longValue());
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "forgotten", forgotten);
            put(json, "kept", list(kept, part -> ((ContextItem) part).json()));
            put(json, "leftOut", list(leftOut, part -> ((ContextItem) part).json()));
            put(json, "limit", limit);
            put(json, "tokens", tokens);
            return json;
        }
    }

    /** Something that was mentioned. */
    /// name: A path, with lines where it is a part; else what was mentioned.
    /// tokens: Tokens, by our own estimate; 0 for what was not read.
    /// reason: Why it was left out; empty for what went in.
    public record ContextItem(String name, long tokens, String reason) {
        /** Without what may be absent. */
        public ContextItem(String name, long tokens) {
            this(name, tokens, null);
        }

        public static ContextItem from(Object json) {
            Map<?, ?> members = members(json);
            return new ContextItem(
                    (String) members.get("name"),
                    ((Number) members.get("tokens")).longValue(),
                    may(members.get("reason"), item -> (String) item));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "name", name);
            put(json, "tokens", tokens);
            put(json, "reason", reason);
            return json;
        }
    }

    /** LSP `Diagnostic`, as far as it is read. */
    /// message: What.
    /// range: Where.
    /// severity: 1 error, 2 warning, 3 information, 4 hint.
    /// source: Which tool says so.
    public record Diagnostic(String message, Range range, Integer severity, String source) {
        /** Without what may be absent. */
        public Diagnostic(String message, Range range) {
            this(message, range, null, null);
        }

        public static Diagnostic from(Object json) {
            Map<?, ?> members = members(json);
            return new Diagnostic(
                    (String) members.get("message"),
                    Range.from(members.get("range")),
                    may(members.get("severity"), item -> ((Number) item).intValue()),
                    may(members.get("source"), item -> (String) item));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "message", message);
            put(json, "range", range.json());
            put(json, "severity", severity);
            put(json, "source", source);
            return json;
        }
    }

    /** LSP `DidChangeConfigurationParams`. */
    /// settings: The settings.
    public record DidChangeConfigurationParams(Sections settings) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "settings", settings.json());
            return json;
        }
    }

    /** `textDocument/didChange`. */
    /// contentChanges: Applied one after the other.
    /// textDocument: The document, with its version after the change.
    public record DidChangeParams(List<Change> contentChanges, Identifier textDocument) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "contentChanges", list(contentChanges, part -> ((Change) part).json()));
            put(json, "textDocument", textDocument.json());
            return json;
        }
    }

    /** LSP `DidChangeWatchedFilesParams`. */
    /// changes: What happened.
    public record DidChangeWatchedFilesParams(List<FileEvent> changes) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "changes", list(changes, part -> ((FileEvent) part).json()));
            return json;
        }
    }

    /** LSP `DidChangeWorkspaceFoldersParams`. */
    /// event: What changed.
    public record DidChangeWorkspaceFoldersParams(WorkspaceFoldersChangeEvent event) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "event", event.json());
            return json;
        }
    }

    /** `textDocument/didOpen`. */
    /// textDocument: The document with its text.
    public record DidOpenParams(Item textDocument) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "textDocument", textDocument.json());
            return json;
        }
    }

    /** Params of `textDocument/didPartiallyAcceptCompletion`. */
    /// acceptedLength: UTF-16 units of `insertText` that were taken, from its start.
    /// item: As it came; only its command's id is read.
    public record DidPartiallyAcceptParams(int acceptedLength, InlineCompletionItem item) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "acceptedLength", acceptedLength);
            put(json, "item", item.json());
            return json;
        }
    }

    /** Params of `textDocument/didShowInlineEdit`. */
    /// item: As it came.
    public record DidShowInlineEditParams(SuggestedEdit item) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "item", item.json());
            return json;
        }
    }

    /** Params of `textDocument/didShowCompletion`. */
    /// item: As it came; only its command's id is read.
    public record DidShowParams(InlineCompletionItem item) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "item", item.json());
            return json;
        }
    }

    /** LSP `CreateFile` where there is a kind, else `TextDocumentEdit`. */
    /// edits: All of them are of the text before any.
    /// kind: What is done with the file.
    /// textDocument: The document, with the version that the edits are for.
    /// uri: The file.
    public record DocumentChange(List<TextEdit> edits, String kind, Identifier textDocument, String uri) {
        public static DocumentChange from(Object json) {
            Map<?, ?> members = members(json);
            return new DocumentChange(
                    may(members.get("edits"), item -> list(item, part0 -> TextEdit.from(part0))),
                    may(members.get("kind"), item -> (String) item),
                    may(members.get("textDocument"), item -> Identifier.from(item)),
                    may(members.get("uri"), item -> (String) item));
        }
    }

    /** Params that name one document: `didClose`, `didSave`, `agent/why`. */
    /// textDocument: The document.
    public record DocumentParams(Identifier textDocument) {
        public static DocumentParams from(Object json) {
            Map<?, ?> members = members(json);
            return new DocumentParams(
                    Identifier.from(members.get("textDocument")));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "textDocument", textDocument.json());
            return json;
        }
    }

    /** Params of `agent/edit/accept`. */
    /// id: The edit.
    /// hunks: The hunks that are wanted, by their numbers in the preview from 0; all if it is absent.
    public record EditAcceptParams(String id, List<Long> hunks) {
        /** Without what may be absent. */
        public EditAcceptParams(String id) {
            this(id, null);
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "id", id);
            put(json, "hunks", hunks);
            return json;
        }
    }

    /** Result of `agent/edit/accept` and `agent/edit/undo`. */
    /// applied: The client has changed its buffer.
    /// reason: Why not, in one sentence; `null` if it has.
    public record EditAppliedResult(boolean applied, String reason) {
        public static EditAppliedResult from(Object json) {
            Map<?, ?> members = members(json);
            return new EditAppliedResult(
                    (Boolean) members.get("applied"),
                    may(members.get("reason"), item -> (String) item));
        }
    }

    /** Params of `agent/edit/apply`. */
    /// text: A block of code, as it stands in a chat.
    /// textDocument: The document; it must be open.
    /// range: The lines that it replaces; where it is absent, what the block defines says where it goes.
    public record EditApplyParams(String text, Identifier textDocument, Range range) {
        /** Without what may be absent. */
        public EditApplyParams(String text, Identifier textDocument) {
            this(text, textDocument, null);
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "text", text);
            put(json, "textDocument", textDocument.json());
            put(json, "range", may(range, item -> item.json()));
            return json;
        }
    }

    /** Params of the notification `agent/edit/event`. */
    public sealed interface EditEvent {
        /** The edit. */
        String id();

        Map<String, Object> json();

        /** The model is at work: bytes of its answer so far. */
        /// id: The edit.
        /// received: Bytes.
        public record Progress(String id, long received) implements EditEvent {
            public static Progress from(Object json) {
                Map<?, ?> members = members(json);
                return new Progress(
                        (String) members.get("id"),
                        ((Number) members.get("received")).longValue());
            }

            public Map<String, Object> json() {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("kind", "progress");
                put(json, "id", id);
                put(json, "received", received);
                return json;
            }
        }

        /** What goes in with the question, before it is asked. */
        /// id: The edit.
        /// account: The account.
        public record Context(String id, ContextAccount account) implements EditEvent {
            public static Context from(Object json) {
                Map<?, ?> members = members(json);
                return new Context(
                        (String) members.get("id"),
                        ContextAccount.from(members.get("account")));
            }

            public Map<String, Object> json() {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("kind", "context");
                put(json, "id", id);
                put(json, "account", account.json());
                return json;
            }
        }

        /** The text was changed where the edit is: it is asked once more. */
        /// id: The edit.
        public record Again(String id) implements EditEvent {
            public static Again from(Object json) {
                Map<?, ?> members = members(json);
                return new Again(
                        (String) members.get("id"));
            }

            public Map<String, Object> json() {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("kind", "again");
                put(json, "id", id);
                return json;
            }
        }

        /** It can be seen and accepted. */
        /// id: The edit.
        /// preview: What it changes.
        public record Ready(String id, EditPreview preview) implements EditEvent {
            public static Ready from(Object json) {
                Map<?, ?> members = members(json);
                return new Ready(
                        (String) members.get("id"),
                        EditPreview.from(members.get("preview")));
            }

            public Map<String, Object> json() {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("kind", "ready");
                put(json, "id", id);
                put(json, "preview", preview.json());
                return json;
            }
        }

        /** The client has it in its buffer. */
        /// id: The edit.
        public record Applied(String id) implements EditEvent {
            public static Applied from(Object json) {
                Map<?, ?> members = members(json);
                return new Applied(
                        (String) members.get("id"));
            }

            public Map<String, Object> json() {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("kind", "applied");
                put(json, "id", id);
                return json;
            }
        }

        /** It was taken back. */
        /// id: The edit.
        public record Undone(String id) implements EditEvent {
            public static Undone from(Object json) {
                Map<?, ?> members = members(json);
                return new Undone(
                        (String) members.get("id"));
            }

            public Map<String, Object> json() {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("kind", "undone");
                put(json, "id", id);
                return json;
            }
        }

        /** It was declined. */
        /// id: The edit.
        public record Rejected(String id) implements EditEvent {
            public static Rejected from(Object json) {
                Map<?, ?> members = members(json);
                return new Rejected(
                        (String) members.get("id"));
            }

            public Map<String, Object> json() {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("kind", "rejected");
                put(json, "id", id);
                return json;
            }
        }

        /** It was stopped. */
        /// id: The edit.
        public record Cancelled(String id) implements EditEvent {
            public static Cancelled from(Object json) {
                Map<?, ?> members = members(json);
                return new Cancelled(
                        (String) members.get("id"));
            }

            public Map<String, Object> json() {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("kind", "cancelled");
                put(json, "id", id);
                return json;
            }
        }

        /** It came to nothing. */
        /// id: The edit.
        /// message: One sentence for people, with the mend.
        /// reason: A name that does not change.
        public record Failed(String id, String message, String reason) implements EditEvent {
            public static Failed from(Object json) {
                Map<?, ?> members = members(json);
                return new Failed(
                        (String) members.get("id"),
                        (String) members.get("message"),
                        (String) members.get("reason"));
            }

            public Map<String, Object> json() {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("kind", "failed");
                put(json, "id", id);
                put(json, "message", message);
                put(json, "reason", reason);
                return json;
            }
        }

        /** {@code null} for a kind of another version. */
        static EditEvent from(Object json) {
            Object kind = members(json).get("kind");
            return switch (kind instanceof String ? (String) kind : "") {
                case "progress" -> Progress.from(json);
                case "context" -> Context.from(json);
                case "again" -> Again.from(json);
                case "ready" -> Ready.from(json);
                case "applied" -> Applied.from(json);
                case "undone" -> Undone.from(json);
                case "rejected" -> Rejected.from(json);
                case "cancelled" -> Cancelled.from(json);
                case "failed" -> Failed.from(json);
                default -> null;
            };
        }
    }

    /** Whole lines that are replaced. */
    /// newText: What shall stand there.
    /// oldText: What stands there.
    /// range: Where; empty for an insertion.
    public record EditHunk(String newText, String oldText, Range range) {
        public static EditHunk from(Object json) {
            Map<?, ?> members = members(json);
            return new EditHunk(
                    (String) members.get("newText"),
                    (String) members.get("oldText"),
                    Range.from(members.get("range")));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "newText", newText);
            put(json, "oldText", oldText);
            put(json, "range", range.json());
            return json;
        }
    }

    /** Params of `agent/edit/reject`, `undo`, `cancel` and `get`. */
    /// id: The edit.
    public record EditParams(String id) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "id", id);
            return json;
        }
    }

    /** What an edit would change, in the text of one version. */
    /// diff: The same as a unified diff.
    /// hunks: In the text's order.
    /// newErrors: Syntax errors that the text would have more than now.
    /// textDocument: The document and the version that the ranges are of.
    public record EditPreview(String diff, List<EditHunk> hunks, long newErrors, Identifier textDocument) {
        public static EditPreview from(Object json) {
            Map<?, ?> members = members(json);
            return new EditPreview(
                    (String) members.get("diff"),
                    list(members.get("hunks"), part0 -> EditHunk.from(part0)),
                    ((Number) members.get("newErrors")).longValue(),
                    Identifier.from(members.get("textDocument")));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "diff", diff);
            put(json, "hunks", list(hunks, part -> ((EditHunk) part).json()));
            put(json, "newErrors", newErrors);
            put(json, "textDocument", textDocument.json());
            return json;
        }
    }

    /** Params of `agent/edit/retry`. */
    /// id: The edit.
    /// instruction: The changed instruction; the same one if it is absent.
    public record EditRetryParams(String id, String instruction) {
        /** Without what may be absent. */
        public EditRetryParams(String id) {
            this(id, null);
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "id", id);
            put(json, "instruction", instruction);
            return json;
        }
    }

    /** Params of `agent/edit/start`. */
    /// range: The selection; empty for what is around the cursor.
    /// textDocument: The document; it must be open.
    /// diagnostics: What tools complain about in the range.
    /// instruction: What is to be done, in words.
    /// route: Asks this route instead of `edit.route`.
    /// verb: One of `verb::ALL`: `edit`, `doc`, `test`, `fix` or `insert` (behind the selection); `edit` if it is not said.
    public record EditStartParams(Range range, Identifier textDocument, List<Diagnostic> diagnostics, String instruction, String route, String verb) {
        /** Without what may be absent. */
        public EditStartParams(Range range, Identifier textDocument) {
            this(range, textDocument, null, null, null, null);
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "range", range.json());
            put(json, "textDocument", textDocument.json());
            put(json, "diagnostics", may(diagnostics, item -> list(item, part -> ((Diagnostic) part).json())));
            put(json, "instruction", instruction);
            put(json, "route", route);
            put(json, "verb", verb);
            return json;
        }
    }

    /** Result of `agent/edit/start` and `agent/edit/retry`. */
    /// id: Names the edit in everything that follows.
    public record EditStartResult(String id) {
        public static EditStartResult from(Object json) {
            Map<?, ?> members = members(json);
            return new EditStartResult(
                    (String) members.get("id"));
        }
    }

    /** Params of `agent/edit/suggest`. */
    /// position: The cursor.
    /// textDocument: The document; it must be open.
    /// diagnostics: What tools complain about in the document.
    /// invoked: The person asked, and did not merely pause.
    /// others: Edits in other open documents are wanted too; they come behind those of this one.
    public record EditSuggestParams(Position position, Identifier textDocument, List<Diagnostic> diagnostics, Boolean invoked, Boolean others) {
        /** Without what may be absent. */
        public EditSuggestParams(Position position, Identifier textDocument) {
            this(position, textDocument, null, null, null);
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "position", position.json());
            put(json, "textDocument", textDocument.json());
            put(json, "diagnostics", may(diagnostics, item -> list(item, part -> ((Diagnostic) part).json())));
            put(json, "invoked", invoked);
            put(json, "others", others);
            return json;
        }
    }

    /** Result of `agent/edit/suggest`. */
    /// detail: The same as one sentence for people, with the mend where there is one; else empty.
    /// edits: In the order in which somebody at the cursor meets them; none overlaps another of its document.
    /// reason: Why there is none: a name that does not change; `null` while there is one.
    public record EditSuggestResult(String detail, List<SuggestedEdit> edits, String reason) {
        public static EditSuggestResult from(Object json) {
            Map<?, ?> members = members(json);
            return new EditSuggestResult(
                    (String) members.get("detail"),
                    list(members.get("edits"), part0 -> SuggestedEdit.from(part0)),
                    may(members.get("reason"), item -> (String) item));
        }
    }

    /** LSP `ExecuteCommandParams`. */
    /// arguments: Its arguments.
    /// command: One of `Commands`.
    public record ExecuteCommandParams(List<Object> arguments, String command) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "arguments", arguments);
            put(json, "command", command);
            return json;
        }
    }

    /** LSP's `experimental`. */
    /// nextline: The version that both speak; absent from agents that are older than such answers.
    public record Experimental(VersionAnswer nextline) {
        public static Experimental from(Object json) {
            Map<?, ?> members = members(json);
            return new Experimental(
                    may(members.get("nextline"), item -> VersionAnswer.from(item)));
        }
    }

    /** A JSON-RPC error object. */
    /// code: One of this module's numbers.
    /// message: One sentence for people.
    /// data: More, for programs.
    public record Fault(long code, String message, Object data) {
        /** Without what may be absent. */
        public Fault(long code, String message) {
            this(code, message, null);
        }

        public static Fault from(Object json) {
            Map<?, ?> members = members(json);
            return new Fault(
                    ((Number) members.get("code")).longValue(),
                    (String) members.get("message"),
                    may(members.get("data"), item -> item));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "code", code);
            put(json, "message", message);
            put(json, "data", data);
            return json;
        }
    }

    /** LSP `FileEvent`. */
    /// type: One of `FileChanges`.
    /// uri: The file.
    public record FileEvent(int type, String uri) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "type", type);
            put(json, "uri", uri);
            return json;
        }
    }

    /** LSP `TextDocumentIdentifier`, with the version that some clients add. */
    /// uri: The document's URI as the client spells it.
    /// version: The version that the client speaks of.
    public record Identifier(String uri, Long version) {
        /** Without what may be absent. */
        public Identifier(String uri) {
            this(uri, null);
        }

        public static Identifier from(Object json) {
            Map<?, ?> members = members(json);
            return new Identifier(
                    (String) members.get("uri"),
                    may(members.get("version"), item -> ((Number) item).longValue()));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "uri", uri);
            put(json, "version", version);
            return json;
        }
    }

    /** LSP `InitializeParams`, as far as it is said. */
    /// capabilities: `Client.Capabilities` as JSON.
    /// clientInfo: The editor.
    /// initializationOptions: What the person set, by section and key as in `config.toml`.
    /// processId: The editor's process; the agent ends with it.
    /// workspaceFolders: The folders that are worked in.
    public record InitializeParams(Object capabilities, PeerInfo clientInfo, Object initializationOptions, long processId, List<WorkspaceFolder> workspaceFolders) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "capabilities", capabilities);
            put(json, "clientInfo", clientInfo.json());
            put(json, "initializationOptions", initializationOptions);
            put(json, "processId", processId);
            put(json, "workspaceFolders", list(workspaceFolders, part -> ((WorkspaceFolder) part).json()));
            return json;
        }
    }

    /** LSP `InitializeResult`, as far as it is read. */
    /// capabilities: What the agent can do.
    /// serverInfo: The agent.
    public record InitializeResult(ServerCapabilities capabilities, PeerInfo serverInfo) {
        public static InitializeResult from(Object json) {
            Map<?, ?> members = members(json);
            return new InitializeResult(
                    ServerCapabilities.from(members.get("capabilities")),
                    may(members.get("serverInfo"), item -> PeerInfo.from(item)));
        }
    }

    /** LSP `InlineCompletionContext`. */
    /// selectedCompletionInfo: The popup's selected entry, which items must extend.
    /// triggerKind: 1 = invoked, 2 = automatic; anything else counts as automatic.
    public record InlineCompletionContext(SelectedCompletionInfo selectedCompletionInfo, Integer triggerKind) {
        /** Without what may be absent. */
        public InlineCompletionContext() {
            this(null, null);
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "selectedCompletionInfo", may(selectedCompletionInfo, item -> item.json()));
            put(json, "triggerKind", triggerKind);
            return json;
        }
    }

    /** LSP `InlineCompletionItem`, with a plain string and a range on one line. */
    /// command: Run by the client after the insertion.
    /// data: What a curious client may show.
    /// insertText: Replaces `range`.
    /// range: On the cursor's line; starts where the replaced word starts.
    public record InlineCompletionItem(Command command, ItemData data, String insertText, Range range) {
        public static InlineCompletionItem from(Object json) {
            Map<?, ?> members = members(json);
            return new InlineCompletionItem(
                    Command.from(members.get("command")),
                    ItemData.from(members.get("data")),
                    (String) members.get("insertText"),
                    Range.from(members.get("range")));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "command", command.json());
            put(json, "data", data.json());
            put(json, "insertText", insertText);
            put(json, "range", range.json());
            return json;
        }
    }

    /** LSP `InlineCompletionList`. */
    /// items: Best first.
    public record InlineCompletionList(List<InlineCompletionItem> items) {
        public static InlineCompletionList from(Object json) {
            Map<?, ?> members = members(json);
            return new InlineCompletionList(
                    list(members.get("items"), part0 -> InlineCompletionItem.from(part0)));
        }
    }

    /** Params of the request. The standard's, and what Copilot's clients add to them. */
    /// position: The cursor.
    /// textDocument: The document.
    /// context: Why it is asked; absent from some clients.
    public record InlineCompletionParams(Position position, Identifier textDocument, InlineCompletionContext context) {
        /** Without what may be absent. */
        public InlineCompletionParams(Position position, Identifier textDocument) {
            this(position, textDocument, null);
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "position", position.json());
            put(json, "textDocument", textDocument.json());
            put(json, "context", may(context, item -> item.json()));
            return json;
        }
    }

    /** LSP `TextDocumentItem`. */
    /// text: The whole text.
    /// uri: The document's URI as the client spells it.
    /// languageId: LSP language identifier; empty if the client knows none.
    /// version: Absent from some clients.
    public record Item(String text, String uri, String languageId, Long version) {
        /** Without what may be absent. */
        public Item(String text, String uri) {
            this(text, uri, null, null);
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "text", text);
            put(json, "uri", uri);
            put(json, "languageId", languageId);
            put(json, "version", version);
            return json;
        }
    }

    /** What is known of an item beside the standard's fields. */
    /// origin: `local`, or the route's name.
    /// confidence: The embedded model's own probability (0 to 1) that the text is right.
    public record ItemData(String origin, Double confidence) {
        /** Without what may be absent. */
        public ItemData(String origin) {
            this(origin, null);
        }

        public static ItemData from(Object json) {
            Map<?, ?> members = members(json);
            return new ItemData(
                    (String) members.get("origin"),
                    may(members.get("confidence"), item -> ((Number) item).doubleValue()));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "origin", origin);
            put(json, "confidence", confidence);
            return json;
        }
    }

    /** What the embedded model holds. */
    /// bytes: Bytes of memory held.
    /// enabled: `local.enabled`.
    /// files: Workspace files learnt.
    /// leftOut: Files that a limit or a rule left out.
    /// tokens: Their tokens.
    public record LocalStatus(long bytes, boolean enabled, long files, long leftOut, long tokens) {
        public static LocalStatus from(Object json) {
            Map<?, ?> members = members(json);
            return new LocalStatus(
                    ((Number) members.get("bytes")).longValue(),
                    (Boolean) members.get("enabled"),
                    ((Number) members.get("files")).longValue(),
                    ((Number) members.get("leftOut")).longValue(),
                    ((Number) members.get("tokens")).longValue());
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "bytes", bytes);
            put(json, "enabled", enabled);
            put(json, "files", files);
            put(json, "leftOut", leftOut);
            put(json, "tokens", tokens);
            return json;
        }
    }

    /** LSP `MessageActionItem`. */
    /// title: What the person chooses.
    public record MessageActionItem(String title) {
        public static MessageActionItem from(Object json) {
            Map<?, ?> members = members(json);
            return new MessageActionItem(
                    (String) members.get("title"));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "title", title);
            return json;
        }
    }

    /** One route with its model. */
    /// model: The model, as the provider spells it.
    /// provider: The provider.
    /// route: The name under `[routes]`.
    /// usedFor: The surfaces that use it: `completion`, `edit`, `chat`.
    /// trouble: Why it cannot be asked, in one sentence; `null` when it can.
    public record Model(String model, String provider, String route, List<String> usedFor, String trouble) {
        public static Model from(Object json) {
            Map<?, ?> members = members(json);
            return new Model(
                    (String) members.get("model"),
                    (String) members.get("provider"),
                    (String) members.get("route"),
                    list(members.get("usedFor"), part0 -> (String) part0),
                    may(members.get("trouble"), item -> (String) item));
        }
    }

    /** Result of `agent/model/list`. */
    /// models: The configured routes.
    public record ModelListResult(List<Model> models) {
        public static ModelListResult from(Object json) {
            Map<?, ?> members = members(json);
            return new ModelListResult(
                    list(members.get("models"), part0 -> Model.from(part0)));
        }
    }

    /** Why no next edit was suggested. */
    /// detail: One sentence for people, with the mend where there is one.
    /// reason: A name that does not change.
    public record NextSilence(String detail, String reason) {
        public static NextSilence from(Object json) {
            Map<?, ?> members = members(json);
            return new NextSilence(
                    (String) members.get("detail"),
                    (String) members.get("reason"));
        }
    }

    /** LSP's `clientInfo` and `serverInfo`. */
    /// name: Its name.
    /// version: Its version.
    public record PeerInfo(String name, String version) {
        /** Without what may be absent. */
        public PeerInfo(String name) {
            this(name, null);
        }

        public static PeerInfo from(Object json) {
            Map<?, ?> members = members(json);
            return new PeerInfo(
                    (String) members.get("name"),
                    may(members.get("version"), item -> (String) item));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "name", name);
            put(json, "version", version);
            return json;
        }
    }

    /** LSP `Position`: from 0, `character` in the negotiated encoding's unit. */
    /// character: Column, from 0.
    /// line: Line, from 0.
    public record Position(int character, int line) {
        public static Position from(Object json) {
            Map<?, ?> members = members(json);
            return new Position(
                    ((Number) members.get("character")).intValue(),
                    ((Number) members.get("line")).intValue());
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "character", character);
            put(json, "line", line);
            return json;
        }
    }

    /** LSP `Range`: half open. */
    /// end: Place after the last.
    /// start: First place.
    public record Range(Position end, Position start) {
        public static Range from(Object json) {
            Map<?, ?> members = members(json);
            return new Range(
                    Position.from(members.get("end")),
                    Position.from(members.get("start")));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "end", end.json());
            put(json, "start", start.json());
            return json;
        }
    }

    /** Params of the notification `agent/document/resync`: the client's buffer and ours may differ. */
    /// reason: What did not fit.
    /// uri: The document.
    public record ResyncParams(String reason, String uri) {
        public static ResyncParams from(Object json) {
            Map<?, ?> members = members(json);
            return new ResyncParams(
                    (String) members.get("reason"),
                    (String) members.get("uri"));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "reason", reason);
            put(json, "uri", uri);
            return json;
        }
    }

    /** The settings by LSP's sections. */
    /// nextline: By section and key as in `config.toml`.
    public record Sections(Object nextline) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "nextline", nextline);
            return json;
        }
    }

    /** LSP `SelectedCompletionInfo`. */
    /// range: What the popup's entry would replace.
    /// text: What it would insert.
    public record SelectedCompletionInfo(Range range, String text) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "range", range.json());
            put(json, "text", text);
            return json;
        }
    }

    /** LSP `ServerCapabilities`, as far as they are read. */
    /// experimental: Beyond LSP.
    public record ServerCapabilities(Experimental experimental) {
        public static ServerCapabilities from(Object json) {
            Map<?, ?> members = members(json);
            return new ServerCapabilities(
                    may(members.get("experimental"), item -> Experimental.from(item)));
        }
    }

    /** LSP `ShowMessageParams` and `LogMessageParams`. */
    /// message: For people.
    /// type: One of `Severities`.
    public record ShowMessageParams(String message, int type) {
        public static ShowMessageParams from(Object json) {
            Map<?, ?> members = members(json);
            return new ShowMessageParams(
                    (String) members.get("message"),
                    ((Number) members.get("type")).intValue());
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "message", message);
            put(json, "type", type);
            return json;
        }
    }

    /** LSP `ShowMessageRequestParams`. */
    /// message: The question.
    /// actions: The answers.
    public record ShowMessageRequestParams(String message, List<MessageActionItem> actions) {
        public static ShowMessageRequestParams from(Object json) {
            Map<?, ?> members = members(json);
            return new ShowMessageRequestParams(
                    (String) members.get("message"),
                    may(members.get("actions"), item -> list(item, part0 -> MessageActionItem.from(part0))));
        }
    }

    /** How the agent does: result of `agent/status` and params of its notification. */
    /// busy: True while a route or the index is at work; in the notification while the index is.
    /// inFlight: Requests to routes that are under way; 0 in the notification, which does not come for each of them.
    /// kind: `Normal`, `Warning`, `Error` or `Inactive`.
    /// local: What the embedded model has learnt.
    /// message: One sentence for people; empty when all is well.
    /// route: `completion.route`.
    /// breaker: `closed`, `open` or `probing`; absent without a route.
    /// budget: What there is to say about today's budgets; absent when they have room.
    /// snoozedUntil: When ghost text comes back by itself, in ms since 1970; absent unless it is snoozed.
    public record Status(boolean busy, long inFlight, String kind, LocalStatus local, String message, String route, String breaker, String budget, Long snoozedUntil) {
        /** Without what may be absent. */
        public Status(boolean busy, long inFlight, String kind, LocalStatus local, String message, String route) {
            this(busy, inFlight, kind, local, message, route, null, null, null);
        }

        public static Status from(Object json) {
            Map<?, ?> members = members(json);
            return new Status(
                    (Boolean) members.get("busy"),
                    ((Number) members.get("inFlight")).longValue(),
                    (String) members.get("kind"),
                    LocalStatus.from(members.get("local")),
                    (String) members.get("message"),
                    (String) members.get("route"),
                    may(members.get("breaker"), item -> (String) item),
                    may(members.get("budget"), item -> (String) item),
                    may(members.get("snoozedUntil"), item -> ((Number) item).longValue()));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "busy", busy);
            put(json, "inFlight", inFlight);
            put(json, "kind", kind);
            put(json, "local", local.json());
            put(json, "message", message);
            put(json, "route", route);
            put(json, "breaker", breaker);
            put(json, "budget", budget);
            put(json, "snoozedUntil", snoozedUntil);
            return json;
        }
    }

    /** The colour of a status line. */
    public static final class StatusKind {
        /** All is well. */
        public static final String NORMAL = "Normal";
        /** Something degraded; completions go on. */
        public static final String WARNING = "Warning";
        /** The configured route does not answer. */
        public static final String ERROR = "Error";
        /** Nothing is completed here. */
        public static final String INACTIVE = "Inactive";
    }

    /** One suggested edit. */
    /// command: Run by the client after the edit.
    /// id: Comes back in `textDocument/didShowInlineEdit` and in the commands `nextline.didAccept` and `nextline.didDismiss`.
    /// kind: What it follows from: `rename`, `signature`, `repeat`, `import` or `rewrite`.
    /// origin: Who made it: `local`, or a route's name.
    /// range: What goes; empty for an insertion.
    /// text: What comes in its place.
    /// textDocument: The document and the version that the range is of.
    public record SuggestedEdit(Command command, String id, String kind, String origin, Range range, String text, Identifier textDocument) {
        public static SuggestedEdit from(Object json) {
            Map<?, ?> members = members(json);
            return new SuggestedEdit(
                    Command.from(members.get("command")),
                    (String) members.get("id"),
                    (String) members.get("kind"),
                    (String) members.get("origin"),
                    Range.from(members.get("range")),
                    (String) members.get("text"),
                    Identifier.from(members.get("textDocument")));
        }

        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "command", command.json());
            put(json, "id", id);
            put(json, "kind", kind);
            put(json, "origin", origin);
            put(json, "range", range.json());
            put(json, "text", text);
            put(json, "textDocument", textDocument.json());
            return json;
        }
    }

    /** LSP `TextEdit`. */
    /// newText: What comes.
    /// range: What goes.
    public record TextEdit(String newText, Range range) {
        public static TextEdit from(Object json) {
            Map<?, ?> members = members(json);
            return new TextEdit(
                    (String) members.get("newText"),
                    Range.from(members.get("range")));
        }
    }

    /** What we answer. */
    /// message: Which of the two to update, in one sentence; `null` when they agree.
    /// version: The version that both speak; `null` when there is none.
    public record VersionAnswer(String message, Integer version) {
        public static VersionAnswer from(Object json) {
            Map<?, ?> members = members(json);
            return new VersionAnswer(
                    may(members.get("message"), item -> (String) item),
                    may(members.get("version"), item -> ((Number) item).intValue()));
        }
    }

    /** Result of `agent/why`: why the last answer for the document was empty. */
    /// detail: One sentence for people, with the mend where there is one.
    /// next: Why there was no next edit the last time that one was asked for; absent while there was one.
    /// reason: A name that does not change; `null` while nothing was refused.
    /// since: When, in ms since 1970; `null` while nothing was refused.
    /// timings: Milliseconds by stage of the document's last request.
    public record WhyResult(String detail, NextSilence next, String reason, Long since, Map<String, Double> timings) {
        public static WhyResult from(Object json) {
            Map<?, ?> members = members(json);
            return new WhyResult(
                    (String) members.get("detail"),
                    may(members.get("next"), item -> NextSilence.from(item)),
                    may(members.get("reason"), item -> (String) item),
                    may(members.get("since"), item -> ((Number) item).longValue()),
                    may(members.get("timings"), item -> table(item, part0 -> ((Number) part0).doubleValue())));
        }
    }

    /** LSP `WorkspaceEdit`. */
    /// documentChanges: One after the other.
    public record WorkspaceEdit(List<DocumentChange> documentChanges) {
        public static WorkspaceEdit from(Object json) {
            Map<?, ?> members = members(json);
            return new WorkspaceEdit(
                    list(members.get("documentChanges"), part0 -> DocumentChange.from(part0)));
        }
    }

    /** LSP `WorkspaceFolder`. */
    /// name: For people.
    /// uri: Where it is.
    public record WorkspaceFolder(String name, String uri) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "name", name);
            put(json, "uri", uri);
            return json;
        }
    }

    /** LSP `WorkspaceFoldersChangeEvent`. */
    /// added: New ones.
    /// removed: Those that are gone.
    public record WorkspaceFoldersChangeEvent(List<WorkspaceFolder> added, List<WorkspaceFolder> removed) {
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            put(json, "added", list(added, part -> ((WorkspaceFolder) part).json()));
            put(json, "removed", list(removed, part -> ((WorkspaceFolder) part).json()));
            return json;
        }
    }

    private static Map<?, ?> members(Object json) {
        return json instanceof Map<?, ?> map ? map : Map.of();
    }

    private static <A, T> T may(A json, Function<A, T> read) {
        return json == null ? null : read.apply(json);
    }

    private static <T> List<T> list(Object json, Function<Object, T> read) {
        List<T> list = new ArrayList<>();
        if (json instanceof List<?> items) {
            for (Object item : items) {
                list.add(read.apply(item));
            }
        }
        return list;
    }

    private static <T> Map<String, T> table(Object json, Function<Object, T> read) {
        Map<String, T> table = new LinkedHashMap<>();
        members(json).forEach((name, value) -> table.put((String) name, read.apply(value)));
        return table;
    }

    private static void put(Map<String, Object> json, String name, Object value) {
        if (value != null) {
            json.put(name, value);
        }
    }
}
