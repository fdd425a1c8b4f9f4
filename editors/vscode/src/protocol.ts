// Written by `NEXTLINE_WRITE=1 cargo test -p nextline-protocol bindings` from protocol/src; not to be changed by hand.

/** Nextline's own methods, and those of LSP that it answers in its own way. */
export const Methods = {
    /** A document was opened: its text is the client's from now on. */
    DidOpen: "textDocument/didOpen",
    /** Edits, incremental or whole. */
    DidChange: "textDocument/didChange",
    /** A document was closed: the disk has the truth again. */
    DidClose: "textDocument/didClose",
    /** A document was saved: disk and buffer are equal. */
    DidSave: "textDocument/didSave",
    /** An item was shown; sent once an id, repeats are ignored. */
    DidShowCompletion: "textDocument/didShowCompletion",
    /** A part of an item was taken; the length is in UTF-16 units from the start of its insertText. */
    DidPartiallyAcceptCompletion: "textDocument/didPartiallyAcceptCompletion",
    /** Ghost text (LSP 3.18). */
    InlineCompletion: "textDocument/inlineCompletion",
    /** The person stopped an edit by its progress. */
    WorkDoneProgressCancel: "window/workDoneProgress/cancel",
    /** Starts an edit; its events follow. */
    EditStart: "agent/edit/start",
    /** The edits that follow from what was just done, and why there are none. They are shown, accepted and dismissed by their ids. */
    EditSuggest: "agent/edit/suggest",
    /** Makes an edit of a block of code from a chat, where it belongs by the tree; no model is asked. It is previewed and accepted as any other. */
    EditApply: "agent/edit/apply",
    /** Puts an edit, or some of its hunks, into the client's buffer by workspace/applyEdit, over what was typed meanwhile. */
    EditAccept: "agent/edit/accept",
    /** Declines an edit that is ready. */
    EditReject: "agent/edit/reject",
    /** Takes an applied edit back, as one step. */
    EditUndo: "agent/edit/undo",
    /** Asks again, perhaps with a changed instruction; an applied edit is undone first. */
    EditRetry: "agent/edit/retry",
    /** Stops an edit: its connection is closed and the text stays as it is. */
    EditCancel: "agent/edit/cancel",
    /** How an edit stands. */
    EditGet: "agent/edit/get",
    /** Something happened to an edit. */
    EditEvent: "agent/edit/event",
    /** Starts a chat. */
    ChatStart: "agent/chat/start",
    /** Says something; the answer comes by events, its end by the result. Cancelling the request hangs up. */
    ChatSend: "agent/chat/send",
    /** Stops the answer that is under way; what came stays. */
    ChatStop: "agent/chat/stop",
    /** The chats, the newest first. */
    ChatList: "agent/chat/list",
    /** A whole chat. */
    ChatGet: "agent/chat/get",
    /** Forgets a chat. */
    ChatDelete: "agent/chat/delete",
    /** A whole chat as Markdown or JSON. */
    ChatExport: "agent/chat/export",
    /** Takes chats over: an export or a history of Cody's, or our own export as JSON. */
    ChatImport: "agent/chat/import",
    /** Something happened in a chat: more text, never the text before it again. */
    ChatEvent: "agent/chat/event",
    /** What a message's mentions would add, in tokens, and what would be left out. */
    ContextResolve: "agent/context/resolve",
    /** Places of the workspace that speak of some words, with their scores. */
    ContextSearch: "agent/context/search",
    /** What a mention may mean, while it is typed: files, and what MCP servers offer. */
    ContextSuggest: "agent/context/suggest",
    /** The configured routes with their models. */
    ModelList: "agent/model/list",
    /** How the agent does. Also sent as a notification when it changes. */
    Status: "agent/status",
    /** Why the last answer for a document was empty. */
    Why: "agent/why",
    /** Which pieces of the workspace the last prompt of a document was offered, and why. */
    ContextExplain: "agent/context/explain",
    /** Exactly what a completion would send, secrets masked; sends nothing. */
    CompletionPreview: "agent/completion/preview",
    /** The client's buffer and ours may differ: send the whole text by didChange, or close and open. */
    DocumentResync: "agent/document/resync",
    /** Debug builds: fails with a diff unless our text equals the client's. */
    DebugAssertText: "agent/debug/assertText",
} as const;

/** Other words of LSP. */
export const Lsp = {
    Initialize: "initialize",
    Initialized: "initialized",
    Shutdown: "shutdown",
    Exit: "exit",
    CancelRequest: "$/cancelRequest",
    RegisterCapability: "client/registerCapability",
    DidShowInlineEdit: "textDocument/didShowInlineEdit",
    LogMessage: "window/logMessage",
    ShowMessage: "window/showMessage",
    ShowMessageRequest: "window/showMessageRequest",
    WorkDoneProgressCreate: "window/workDoneProgress/create",
    ApplyEdit: "workspace/applyEdit",
    Configuration: "workspace/configuration",
    DidChangeConfiguration: "workspace/didChangeConfiguration",
    DidChangeWatchedFiles: "workspace/didChangeWatchedFiles",
    DidChangeWorkspaceFolders: "workspace/didChangeWorkspaceFolders",
    ExecuteCommand: "workspace/executeCommand",
} as const;

/** What `workspace/executeCommand` takes. */
export const Commands = {
    DidAccept: "nextline.didAccept",
    DidDismiss: "nextline.didDismiss",
    Snooze: "nextline.snooze",
    Edit: "nextline.edit",
    Doc: "nextline.doc",
    Test: "nextline.test",
    Fix: "nextline.fix",
    Explain: "nextline.explain",
    Command: "nextline.command",
    Trust: "nextline.trust",
    UndoEdit: "nextline.undoEdit",
    Cancel: "nextline.cancel",
} as const;

/** What `agent/edit/start` can be told to do. */
export const Verbs = {
    /** An instruction on some lines. */
    Edit: "edit",
    /** A documentation comment. */
    Doc: "doc",
    /** Unit tests. */
    Test: "test",
    /** A mend of what a tool complains about. */
    Fix: "fix",
    /** New text behind the selection. */
    Insert: "insert",
} as const;

/** Codes of faults. */
export const Codes = {
    /** The request was cancelled. */
    RequestCancelled: -32800,
    /** The request could not be served now. */
    RequestFailed: -32803,
    /** No such method. */
    MethodNotFound: -32601,
} as const;

/** LSP `InlineCompletionTriggerKind`. */
export const Triggers = {
    /** The person asked. */
    Invoked: 1,
    /** Typing asked. */
    Automatic: 2,
} as const;

/** LSP `DiagnosticSeverity` and `MessageType`. */
export const Severities = {
    Error: 1,
    Warning: 2,
    Information: 3,
    Hint: 4,
} as const;

/** LSP `FileChangeType`. */
export const FileChanges = {
    Created: 1,
    Changed: 2,
    Deleted: 3,
} as const;

/** Keys of `config.toml` that an extension's own page of settings shows. */
export const Config = {
    CompletionEnabled: "completion.enabled",
    CompletionRoute: "completion.route",
    CompletionFallback: "completion.fallback",
    CompletionMode: "completion.mode",
    CompletionMultiline: "completion.multiline",
    LocalConfidence: "local.confidence",
    EditRoute: "edit.route",
    ChatRoute: "chat.route",
} as const;

/** What may be chosen there. */
export const Choices = {
    None: "none",
    Eager: "eager",
    Subtle: "subtle",
    Manual: "manual",
    Auto: "auto",
    Never: "never",
    Always: "always",
} as const;

/** What an extension says of itself, and what it knows of the agent. */
export const Client = {
    /** The settings' section for LSP, and the member of `experimental`. */
    Section: "nextline",
    /** What the names of Nextline's own methods begin with. */
    Ours: "agent/",
    /** The route that asks nobody: the embedded model. */
    Local: "local",
    /** A regular expression: the names of variables that keys are kept under. */
    KeyName: "[A-Z][A-Z0-9_]*(KEY|TOKEN)[A-Z0-9_]*",
    /** The `capabilities` of an extension without a library for LSP: JSON. */
    Capabilities: "{\"experimental\":{\"nextline\":{\"newest\":1,\"oldest\":1}},\"general\":{\"positionEncodings\":[\"utf-16\"]},\"textDocument\":{\"inlineCompletion\":{},\"synchronization\":{\"didSave\":true}},\"workspace\":{\"applyEdit\":true,\"configuration\":true,\"didChangeWatchedFiles\":{\"dynamicRegistration\":true},\"workspaceEdit\":{\"documentChanges\":true,\"resourceOperations\":[\"create\"]},\"workspaceFolders\":true}}",
} as const;

/** The versions of the `agent/*` methods that this binding knows, for `capabilities.experimental.nextline`. */
export const Versions = {
    /** The oldest one. */
    Oldest: 1,
    /** The newest one. */
    Newest: 1,
} as const;

/** Params of `agent/debug/assertText`: the client's buffer as the truth. */
export interface AssertTextParams {
    /** Its whole text. */
    text: string;
    /** The document. */
    textDocument: Identifier;
}

/** LSP `TextDocumentContentChangeEvent`: without a range it is the whole text. */
export interface Change {
    /** What replaces it. */
    text: string;
    /** What is replaced. */
    range?: Range | null;
}

/** What went wrong. */
export interface ChatError {
    /** A name that does not change. */
    kind: string;
    /** One sentence for people, with the mend. */
    message: string;
    /** What the provider calls the request. */
    requestId?: string | null;
    /** When it may be asked again, in ms since 1970. */
    retryAt?: number | null;
    /** The provider's status code. */
    status?: number | null;
}

/** Params of the notification `agent/chat/event`. */
export type ChatEvent = {
    /** The chat. */
    id: string;
} & (
    /** More of the answer: Markdown without images and HTML. */
    | {
        kind: "delta";
        /** Never empty. */
        text: string;
    }
    /** What goes in with the question, before it is asked. */
    | {
        kind: "context";
        /** The account. */
        account: ContextAccount;
    }
    /** The chat has a title. */
    | {
        kind: "title";
        /** One line. */
        title: string;
    }
);

/** The kinds of `ChatEvent`. */
export const ChatEventKind = {
    Delta: "delta",
    Context: "context",
    Title: "title",
} as const;

/** Where the person is, for mentions such as `@selection`. */
export interface ChatPlace {
    /** Its diagnostics. */
    diagnostics?: Diagnostic[] | null;
    /** Its selection. */
    selection?: Range | null;
    /** The document in front. */
    textDocument?: Identifier | null;
}

/** Params of `agent/chat/send`. */
export interface ChatSendParams {
    /** The chat. */
    id: string;
    /** What the person says; `@file`, `@file:10-20`, `@symbol`, `@dir/`, `@picture.png`, `@selection`, `@diagnostics`, `@diff` and `@repo` add what they name, and `/name` at the start is a command of the project or the user. */
    text: string;
    /** Where the person is. */
    place?: ChatPlace | null;
    /** Asks this route from now on. */
    route?: string | null;
    /** Resends: the turn (from 0) that the text stands for; it and what follows it are forgotten. */
    turn?: number | null;
}

/** Result of `agent/chat/send`: the end of an answer whose text came by events. */
export interface ChatSendResult {
    /** The number of the answer's turn, from 0. */
    turn: number;
    /** Tokens of the input that were read from the provider's cache. */
    cachedTokens?: number | null;
    /** US dollars; `null` without a price. */
    costUsd?: number | null;
    /** What went wrong; the text that came stays. */
    error?: ChatError | null;
    /** Tokens of all input, cached included; `null` if the provider does not say. */
    inputTokens?: number | null;
    /** Tokens of the answer. */
    outputTokens?: number | null;
    /** `end`, `length`, `stop`, `tool`, `refusal`, `filter`, `cut`, or `null` when it came to no end. */
    stopReason?: string | null;
}

/** LSP `Command`. */
export interface Command {
    /** The suggestion's id. */
    arguments: unknown[];
    /** One of `crate::methods::COMMANDS`. */
    command: string;
    /** For people. */
    title: string;
}

/** What went in, and what did not. */
export interface ContextAccount {
    /** Earlier turns that did not fit. */
    forgotten: number;
    /** What went in. */
    kept: ContextItem[];
    /** What did not, and why. */
    leftOut: ContextItem[];
    /** The most that it may be. */
    limit: number;
    /** Tokens of all that went in, by our own estimate. */
    tokens: number;
}

/** Something that was mentioned. */
export interface ContextItem {
    /** A path, with lines where it is a part; else what was mentioned. */
    name: string;
    /** Tokens, by our own estimate; 0 for what was not read. */
    tokens: number;
    /** Why it was left out; empty for what went in. */
    reason?: string | null;
}

/** LSP `Diagnostic`, as far as it is read. */
export interface Diagnostic {
    /** What. */
    message: string;
    /** Where. */
    range: Range;
    /** 1 error, 2 warning, 3 information, 4 hint. */
    severity?: number | null;
    /** Which tool says so. */
    source?: string | null;
}

/** `textDocument/didChange`. */
export interface DidChangeParams {
    /** Applied one after the other. */
    contentChanges: Change[];
    /** The document, with its version after the change. */
    textDocument: Identifier;
}

/** `textDocument/didOpen`. */
export interface DidOpenParams {
    /** The document with its text. */
    textDocument: Item;
}

/** Params of `textDocument/didPartiallyAcceptCompletion`. */
export interface DidPartiallyAcceptParams {
    /** UTF-16 units of `insertText` that were taken, from its start. */
    acceptedLength: number;
    /** As it came; only its command's id is read. */
    item: InlineCompletionItem;
}

/** Params of `textDocument/didShowCompletion`. */
export interface DidShowParams {
    /** As it came; only its command's id is read. */
    item: InlineCompletionItem;
}

/** Params that name one document: `didClose`, `didSave`, `agent/why`. */
export interface DocumentParams {
    /** The document. */
    textDocument: Identifier;
}

/** Params of `agent/edit/accept`. */
export interface EditAcceptParams {
    /** The edit. */
    id: string;
    /** The hunks that are wanted, by their numbers in the preview from 0; all if it is absent. */
    hunks?: number[] | null;
}

/** Result of `agent/edit/accept` and `agent/edit/undo`. */
export interface EditAppliedResult {
    /** The client has changed its buffer. */
    applied: boolean;
    /** Why not, in one sentence; `null` if it has. */
    reason?: string | null;
}

/** Params of `agent/edit/apply`. */
export interface EditApplyParams {
    /** A block of code, as it stands in a chat. */
    text: string;
    /** The document; it must be open. */
    textDocument: Identifier;
    /** The lines that it replaces; where it is absent, what the block defines says where it goes. */
    range?: Range | null;
}

/** Params of the notification `agent/edit/event`. */
export type EditEvent = {
    /** The edit. */
    id: string;
} & (
    /** The model is at work: bytes of its answer so far. */
    | {
        kind: "progress";
        /** Bytes. */
        received: number;
    }
    /** What goes in with the question, before it is asked. */
    | {
        kind: "context";
        /** The account. */
        account: ContextAccount;
    }
    /** The text was changed where the edit is: it is asked once more. */
    | {
        kind: "again";
    }
    /** It can be seen and accepted. */
    | {
        kind: "ready";
        /** What it changes. */
        preview: EditPreview;
    }
    /** The client has it in its buffer. */
    | {
        kind: "applied";
    }
    /** It was taken back. */
    | {
        kind: "undone";
    }
    /** It was declined. */
    | {
        kind: "rejected";
    }
    /** It was stopped. */
    | {
        kind: "cancelled";
    }
    /** It came to nothing. */
    | {
        kind: "failed";
        /** One sentence for people, with the mend. */
        message: string;
        /** A name that does not change. */
        reason: string;
    }
);

/** The kinds of `EditEvent`. */
export const EditEventKind = {
    Progress: "progress",
    Context: "context",
    Again: "again",
    Ready: "ready",
    Applied: "applied",
    Undone: "undone",
    Rejected: "rejected",
    Cancelled: "cancelled",
    Failed: "failed",
} as const;

/** Whole lines that are replaced. */
export interface EditHunk {
    /** What shall stand there. */
    newText: string;
    /** What stands there. */
    oldText: string;
    /** Where; empty for an insertion. */
    range: Range;
}

/** Params of `agent/edit/reject`, `undo`, `cancel` and `get`. */
export interface EditParams {
    /** The edit. */
    id: string;
}

/** What an edit would change, in the text of one version. */
export interface EditPreview {
    /** The same as a unified diff. */
    diff: string;
    /** In the text's order. */
    hunks: EditHunk[];
    /** Syntax errors that the text would have more than now. */
    newErrors: number;
    /** The document and the version that the ranges are of. */
    textDocument: Identifier;
}

/** Params of `agent/edit/retry`. */
export interface EditRetryParams {
    /** The edit. */
    id: string;
    /** The changed instruction; the same one if it is absent. */
    instruction?: string | null;
}

/** Params of `agent/edit/start`. */
export interface EditStartParams {
    /** The selection; empty for what is around the cursor. */
    range: Range;
    /** The document; it must be open. */
    textDocument: Identifier;
    /** What tools complain about in the range. */
    diagnostics?: Diagnostic[] | null;
    /** What is to be done, in words. */
    instruction?: string | null;
    /** Asks this route instead of `edit.route`. */
    route?: string | null;
    /** One of `verb::ALL`: `edit`, `doc`, `test`, `fix` or `insert` (behind the selection); `edit` if it is not said. */
    verb?: string | null;
}

/** Result of `agent/edit/start` and `agent/edit/retry`. */
export interface EditStartResult {
    /** Names the edit in everything that follows. */
    id: string;
}

/** Params of `agent/edit/suggest`. */
export interface EditSuggestParams {
    /** The cursor. */
    position: Position;
    /** The document; it must be open. */
    textDocument: Identifier;
    /** What tools complain about in the document. */
    diagnostics?: Diagnostic[] | null;
    /** The person asked, and did not merely pause. */
    invoked?: boolean | null;
    /** Edits in other open documents are wanted too; they come behind those of this one. */
    others?: boolean | null;
}

/** Result of `agent/edit/suggest`. */
export interface EditSuggestResult {
    /** The same as one sentence for people, with the mend where there is one; else empty. */
    detail: string;
    /** In the order in which somebody at the cursor meets them; none overlaps another of its document. */
    edits: SuggestedEdit[];
    /** Why there is none: a name that does not change; `null` while there is one. */
    reason?: string | null;
}

/** A JSON-RPC error object. */
export interface Fault {
    /** One of this module's numbers. */
    code: number;
    /** One sentence for people. */
    message: string;
    /** More, for programs. */
    data?: unknown | null;
}

/** LSP `TextDocumentIdentifier`, with the version that some clients add. */
export interface Identifier {
    /** The document's URI as the client spells it. */
    uri: string;
    /** The version that the client speaks of. */
    version?: number | null;
}

/** LSP `InlineCompletionContext`. */
export interface InlineCompletionContext {
    /** The popup's selected entry, which items must extend. */
    selectedCompletionInfo?: SelectedCompletionInfo | null;
    /** 1 = invoked, 2 = automatic; anything else counts as automatic. */
    triggerKind?: number | null;
}

/** LSP `InlineCompletionItem`, with a plain string and a range on one line. */
export interface InlineCompletionItem {
    /** Run by the client after the insertion. */
    command: Command;
    /** What a curious client may show. */
    data: ItemData;
    /** Replaces `range`. */
    insertText: string;
    /** On the cursor's line; starts where the replaced word starts. */
    range: Range;
}

/** LSP `InlineCompletionList`. */
export interface InlineCompletionList {
    /** Best first. */
    items: InlineCompletionItem[];
}

/** Params of the request. The standard's, and what Copilot's clients add to them. */
export interface InlineCompletionParams {
    /** The cursor. */
    position: Position;
    /** The document. */
    textDocument: Identifier;
    /** Why it is asked; absent from some clients. */
    context?: InlineCompletionContext | null;
}

/** LSP `TextDocumentItem`. */
export interface Item {
    /** The whole text. */
    text: string;
    /** The document's URI as the client spells it. */
    uri: string;
    /** LSP language identifier; empty if the client knows none. */
    languageId?: string | null;
    /** Absent from some clients. */
    version?: number | null;
}

/** What is known of an item beside the standard's fields. */
export interface ItemData {
    /** `local`, or the route's name. */
    origin: string;
    /** The embedded model's own probability (0 to 1) that the text is right. */
    confidence?: number | null;
}

/** What the embedded model holds. */
export interface LocalStatus {
    /** Bytes of memory held. */
    bytes: number;
    /** `local.enabled`. */
    enabled: boolean;
    /** Workspace files learnt. */
    files: number;
    /** Files that a limit or a rule left out. */
    leftOut: number;
    /** Their tokens. */
    tokens: number;
}

/** One route with its model. */
export interface Model {
    /** The model, as the provider spells it. */
    model: string;
    /** The provider. */
    provider: string;
    /** The name under `[routes]`. */
    route: string;
    /** The surfaces that use it: `completion`, `edit`, `chat`. */
    usedFor: string[];
    /** Why it cannot be asked, in one sentence; `null` when it can. */
    trouble?: string | null;
}

/** Result of `agent/model/list`. */
export interface ModelListResult {
    /** The configured routes. */
    models: Model[];
}

/** Why no next edit was suggested. */
export interface NextSilence {
    /** One sentence for people, with the mend where there is one. */
    detail: string;
    /** A name that does not change. */
    reason: string;
}

/** LSP `Position`: from 0, `character` in the negotiated encoding's unit. */
export interface Position {
    /** Column, from 0. */
    character: number;
    /** Line, from 0. */
    line: number;
}

/** LSP `Range`: half open. */
export interface Range {
    /** Place after the last. */
    end: Position;
    /** First place. */
    start: Position;
}

/** Params of the notification `agent/document/resync`: the client's buffer and ours may differ. */
export interface ResyncParams {
    /** What did not fit. */
    reason: string;
    /** The document. */
    uri: string;
}

/** LSP `SelectedCompletionInfo`. */
export interface SelectedCompletionInfo {
    /** What the popup's entry would replace. */
    range: Range;
    /** What it would insert. */
    text: string;
}

/** How the agent does: result of `agent/status` and params of its notification. */
export interface Status {
    /** True while a route or the index is at work; in the notification while the index is. */
    busy: boolean;
    /** Requests to routes that are under way; 0 in the notification, which does not come for each of them. */
    inFlight: number;
    /** `Normal`, `Warning`, `Error` or `Inactive`. */
    kind: StatusKind;
    /** What the embedded model has learnt. */
    local: LocalStatus;
    /** One sentence for people; empty when all is well. */
    message: string;
    /** `completion.route`. */
    route: string;
    /** `closed`, `open` or `probing`; absent without a route. */
    breaker?: string | null;
    /** What there is to say about today's budgets; absent when they have room. */
    budget?: string | null;
    /** When ghost text comes back by itself, in ms since 1970; absent unless it is snoozed. */
    snoozedUntil?: number | null;
}

/** The colour of a status line. */
export const StatusKind = {
    /** All is well. */
    Normal: "Normal",
    /** Something degraded; completions go on. */
    Warning: "Warning",
    /** The configured route does not answer. */
    Error: "Error",
    /** Nothing is completed here. */
    Inactive: "Inactive",
} as const;
export type StatusKind = (typeof StatusKind)[keyof typeof StatusKind];

/** One suggested edit. */
export interface SuggestedEdit {
    /** Run by the client after the edit. */
    command: Command;
    /** Comes back in `textDocument/didShowInlineEdit` and in the commands `nextline.didAccept` and `nextline.didDismiss`. */
    id: string;
    /** What it follows from: `rename`, `signature`, `repeat`, `import` or `rewrite`. */
    kind: string;
    /** Who made it: `local`, or a route's name. */
    origin: string;
    /** What goes; empty for an insertion. */
    range: Range;
    /** What comes in its place. */
    text: string;
    /** The document and the version that the range is of. */
    textDocument: Identifier;
}

/** What we answer. */
export interface VersionAnswer {
    /** Which of the two to update, in one sentence; `null` when they agree. */
    message?: string | null;
    /** The version that both speak; `null` when there is none. */
    version?: number | null;
}

/** Result of `agent/why`: why the last answer for the document was empty. */
export interface WhyResult {
    /** One sentence for people, with the mend where there is one. */
    detail: string;
    /** Why there was no next edit the last time that one was asked for; absent while there was one. */
    next?: NextSilence | null;
    /** A name that does not change; `null` while nothing was refused. */
    reason?: string | null;
    /** When, in ms since 1970; `null` while nothing was refused. */
    since?: number | null;
    /** Milliseconds by stage of the document's last request. */
    timings?: { [name: string]: number } | null;
}

/** Requests of the client: params and result. */
export interface Requests {
    "textDocument/inlineCompletion": [InlineCompletionParams, InlineCompletionList | null];
    "agent/edit/start": [EditStartParams, EditStartResult];
    "agent/edit/suggest": [EditSuggestParams, EditSuggestResult];
    "agent/edit/apply": [EditApplyParams, EditStartResult];
    "agent/edit/accept": [EditAcceptParams, EditAppliedResult];
    "agent/edit/reject": [EditParams, null];
    "agent/edit/undo": [EditParams, EditAppliedResult];
    "agent/edit/retry": [EditRetryParams, EditStartResult];
    "agent/edit/cancel": [EditParams, null];
    "agent/chat/send": [ChatSendParams, ChatSendResult];
    "agent/model/list": [null, ModelListResult];
    "agent/status": [null, Status];
    "agent/why": [DocumentParams, WhyResult];
    "agent/debug/assertText": [AssertTextParams, null];
}

/** Notifications of the client. */
export interface Notices {
    "textDocument/didOpen": DidOpenParams;
    "textDocument/didChange": DidChangeParams;
    "textDocument/didClose": DocumentParams;
    "textDocument/didSave": DocumentParams;
    "textDocument/didShowCompletion": DidShowParams;
    "textDocument/didPartiallyAcceptCompletion": DidPartiallyAcceptParams;
}

/** Notifications of the agent. */
export interface Events {
    "agent/edit/event": EditEvent;
    "agent/chat/event": ChatEvent;
    "agent/document/resync": ResyncParams;
}
