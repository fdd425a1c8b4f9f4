// Written by `NEXTLINE_WRITE=1 cargo test -p nextline-protocol bindings` from protocol/src; not to be changed by hand.
@file:Suppress("unused")

package dev.nextline.protocol

/** Nextline's own methods, and those of LSP that it answers in its own way. */
object Methods {
    /** A document was opened: its text is the client's from now on. */
    const val DID_OPEN = "textDocument/didOpen"
    /** Edits, incremental or whole. */
    const val DID_CHANGE = "textDocument/didChange"
    /** A document was closed: the disk has the truth again. */
    const val DID_CLOSE = "textDocument/didClose"
    /** A document was saved: disk and buffer are equal. */
    const val DID_SAVE = "textDocument/didSave"
    /** An item was shown; sent once an id, repeats are ignored. */
    const val DID_SHOW_COMPLETION = "textDocument/didShowCompletion"
    /** A part of an item was taken; the length is in UTF-16 units from the start of its insertText. */
    const val DID_PARTIALLY_ACCEPT_COMPLETION = "textDocument/didPartiallyAcceptCompletion"
    /** Ghost text (LSP 3.18). */
    const val INLINE_COMPLETION = "textDocument/inlineCompletion"
    /** The person stopped an edit by its progress. */
    const val WORK_DONE_PROGRESS_CANCEL = "window/workDoneProgress/cancel"
    /** Starts an edit; its events follow. */
    const val EDIT_START = "agent/edit/start"
    /** The edits that follow from what was just done, and why there are none. They are shown, accepted and dismissed by their ids. */
    const val EDIT_SUGGEST = "agent/edit/suggest"
    /** Makes an edit of a block of code from a chat, where it belongs by the tree; no model is asked. It is previewed and accepted as any other. */
    const val EDIT_APPLY = "agent/edit/apply"
    /** Puts an edit, or some of its hunks, into the client's buffer by workspace/applyEdit, over what was typed meanwhile. */
    const val EDIT_ACCEPT = "agent/edit/accept"
    /** Declines an edit that is ready. */
    const val EDIT_REJECT = "agent/edit/reject"
    /** Takes an applied edit back, as one step. */
    const val EDIT_UNDO = "agent/edit/undo"
    /** Asks again, perhaps with a changed instruction; an applied edit is undone first. */
    const val EDIT_RETRY = "agent/edit/retry"
    /** Stops an edit: its connection is closed and the text stays as it is. */
    const val EDIT_CANCEL = "agent/edit/cancel"
    /** How an edit stands. */
    const val EDIT_GET = "agent/edit/get"
    /** Something happened to an edit. */
    const val EDIT_EVENT = "agent/edit/event"
    /** Starts a chat. */
    const val CHAT_START = "agent/chat/start"
    /** Says something; the answer comes by events, its end by the result. Cancelling the request hangs up. */
    const val CHAT_SEND = "agent/chat/send"
    /** Stops the answer that is under way; what came stays. */
    const val CHAT_STOP = "agent/chat/stop"
    /** The chats, the newest first. */
    const val CHAT_LIST = "agent/chat/list"
    /** A whole chat. */
    const val CHAT_GET = "agent/chat/get"
    /** Forgets a chat. */
    const val CHAT_DELETE = "agent/chat/delete"
    /** A whole chat as Markdown or JSON. */
    const val CHAT_EXPORT = "agent/chat/export"
    /** Takes chats over: an export or a history of Cody's, or our own export as JSON. */
    const val CHAT_IMPORT = "agent/chat/import"
    /** Something happened in a chat: more text, never the text before it again. */
    const val CHAT_EVENT = "agent/chat/event"
    /** What a message's mentions would add, in tokens, and what would be left out. */
    const val CONTEXT_RESOLVE = "agent/context/resolve"
    /** Places of the workspace that speak of some words, with their scores. */
    const val CONTEXT_SEARCH = "agent/context/search"
    /** What a mention may mean, while it is typed: files, and what MCP servers offer. */
    const val CONTEXT_SUGGEST = "agent/context/suggest"
    /** The configured routes with their models. */
    const val MODEL_LIST = "agent/model/list"
    /** How the agent does. Also sent as a notification when it changes. */
    const val STATUS = "agent/status"
    /** Why the last answer for a document was empty. */
    const val WHY = "agent/why"
    /** Which pieces of the workspace the last prompt of a document was offered, and why. */
    const val CONTEXT_EXPLAIN = "agent/context/explain"
    /** Exactly what a completion would send, secrets masked; sends nothing. */
    const val COMPLETION_PREVIEW = "agent/completion/preview"
    /** The client's buffer and ours may differ: send the whole text by didChange, or close and open. */
    const val DOCUMENT_RESYNC = "agent/document/resync"
    /** Debug builds: fails with a diff unless our text equals the client's. */
    const val DEBUG_ASSERT_TEXT = "agent/debug/assertText"
}

/** Other words of LSP. */
object Lsp {
    const val INITIALIZE = "initialize"
    const val INITIALIZED = "initialized"
    const val SHUTDOWN = "shutdown"
    const val EXIT = "exit"
    const val CANCEL_REQUEST = "\$/cancelRequest"
    const val REGISTER_CAPABILITY = "client/registerCapability"
    const val DID_SHOW_INLINE_EDIT = "textDocument/didShowInlineEdit"
    const val LOG_MESSAGE = "window/logMessage"
    const val SHOW_MESSAGE = "window/showMessage"
    const val SHOW_MESSAGE_REQUEST = "window/showMessageRequest"
    const val WORK_DONE_PROGRESS_CREATE = "window/workDoneProgress/create"
    const val APPLY_EDIT = "workspace/applyEdit"
    const val CONFIGURATION = "workspace/configuration"
    const val DID_CHANGE_CONFIGURATION = "workspace/didChangeConfiguration"
    const val DID_CHANGE_WATCHED_FILES = "workspace/didChangeWatchedFiles"
    const val DID_CHANGE_WORKSPACE_FOLDERS = "workspace/didChangeWorkspaceFolders"
    const val EXECUTE_COMMAND = "workspace/executeCommand"
}

/** What `workspace/executeCommand` takes. */
object Commands {
    const val DID_ACCEPT = "nextline.didAccept"
    const val DID_DISMISS = "nextline.didDismiss"
    const val SNOOZE = "nextline.snooze"
    const val EDIT = "nextline.edit"
    const val DOC = "nextline.doc"
    const val TEST = "nextline.test"
    const val FIX = "nextline.fix"
    const val EXPLAIN = "nextline.explain"
    const val COMMAND = "nextline.command"
    const val TRUST = "nextline.trust"
    const val UNDO_EDIT = "nextline.undoEdit"
    const val CANCEL = "nextline.cancel"
}

/** What `agent/edit/start` can be told to do. */
object Verbs {
    /** An instruction on some lines. */
    const val EDIT = "edit"
    /** A documentation comment. */
    const val DOC = "doc"
    /** Unit tests. */
    const val TEST = "test"
    /** A mend of what a tool complains about. */
    const val FIX = "fix"
    /** New text behind the selection. */
    const val INSERT = "insert"
}

/** Codes of faults. */
object Codes {
    /** The request was cancelled. */
    const val REQUEST_CANCELLED = -32800
    /** The request could not be served now. */
    const val REQUEST_FAILED = -32803
    /** No such method. */
    const val METHOD_NOT_FOUND = -32601
}

/** LSP `InlineCompletionTriggerKind`. */
object Triggers {
    /** The person asked. */
    const val INVOKED = 1
    /** Typing asked. */
    const val AUTOMATIC = 2
}

/** LSP `DiagnosticSeverity` and `MessageType`. */
object Severities {
    const val ERROR = 1
    const val WARNING = 2
    const val INFORMATION = 3
    const val HINT = 4
}

/** LSP `FileChangeType`. */
object FileChanges {
    const val CREATED = 1
    const val CHANGED = 2
    const val DELETED = 3
}

/** Keys of `config.toml` that an extension's own page of settings shows. */
object Config {
    const val COMPLETION_ENABLED = "completion.enabled"
    const val COMPLETION_ROUTE = "completion.route"
    const val COMPLETION_FALLBACK = "completion.fallback"
    const val COMPLETION_MODE = "completion.mode"
    const val COMPLETION_MULTILINE = "completion.multiline"
    const val LOCAL_CONFIDENCE = "local.confidence"
    const val EDIT_ROUTE = "edit.route"
    const val CHAT_ROUTE = "chat.route"
}

/** What may be chosen there. */
object Choices {
    const val NONE = "none"
    const val EAGER = "eager"
    const val SUBTLE = "subtle"
    const val MANUAL = "manual"
    const val AUTO = "auto"
    const val NEVER = "never"
    const val ALWAYS = "always"
}

/** What an extension says of itself, and what it knows of the agent. */
object Client {
    /** The settings' section for LSP, and the member of `experimental`. */
    const val SECTION = "nextline"
    /** What the names of Nextline's own methods begin with. */
    const val OURS = "agent/"
    /** The route that asks nobody: the embedded model. */
    const val LOCAL = "local"
    /** A regular expression: the names of variables that keys are kept under. */
    const val KEY_NAME = "[A-Z][A-Z0-9_]*(KEY|TOKEN)[A-Z0-9_]*"
    /** The `capabilities` of an extension without a library for LSP: JSON. */
    const val CAPABILITIES = "{\"experimental\":{\"nextline\":{\"newest\":1,\"oldest\":1}},\"general\":{\"positionEncodings\":[\"utf-16\"]},\"textDocument\":{\"inlineCompletion\":{},\"synchronization\":{\"didSave\":true}},\"workspace\":{\"applyEdit\":true,\"configuration\":true,\"didChangeWatchedFiles\":{\"dynamicRegistration\":true},\"workspaceEdit\":{\"documentChanges\":true,\"resourceOperations\":[\"create\"]},\"workspaceFolders\":true}}"
}

/** The versions of the `agent/ *` methods that this binding knows, for `capabilities.experimental.nextline`. */
object Versions {
    /** The oldest one. */
    const val OLDEST = 1
    /** The newest one. */
    const val NEWEST = 1
}

/** LSP `ApplyWorkspaceEditParams`. */
data class ApplyWorkspaceEditParams(
    /** What is to be done. */
    val edit: WorkspaceEdit,
) {
    companion object {
        fun from(json: Any?): ApplyWorkspaceEditParams = members(json).let { members -> ApplyWorkspaceEditParams(edit = WorkspaceEdit.from(members["edit"])) }
    }
}

/** LSP `ApplyWorkspaceEditResult`. */
data class ApplyWorkspaceEditResult(
    /** It was done. */
    val applied: Boolean,
    /** Why not. */
    val failureReason: String? = null,
) {
    fun json(): Map<String, Any?> = present("applied" to applied, "failureReason" to failureReason)
}

/** Params of `agent/debug/assertText`: the client's buffer as the truth. */
data class AssertTextParams(
    /** Its whole text. */
    val text: String,
    /** The document. */
    val textDocument: Identifier,
) {
    fun json(): Map<String, Any?> = present("text" to text, "textDocument" to textDocument.json())
}

/** LSP `CancelParams`. */
data class CancelParams(
    /** The request. */
    val id: Long,
) {
    fun json(): Map<String, Any?> = present("id" to id)
}

/** LSP `TextDocumentContentChangeEvent`: without a range it is the whole text. */
data class Change(
    /** What replaces it. */
    val text: String,
    /** What is replaced. */
    val range: Range? = null,
) {
    fun json(): Map<String, Any?> = present("text" to text, "range" to range?.json())
}

/** What went wrong. */
data class ChatError(
    /** A name that does not change. */
    val kind: String,
    /** One sentence for people, with the mend. */
    val message: String,
    /** What the provider calls the request. */
    val requestId: String? = null,
    /** When it may be asked again, in ms since 1970. */
    val retryAt: Long? = null,
    /** The provider's status code. */
    val status: Int? = null,
) {
    companion object {
        fun from(json: Any?): ChatError = members(json).let { members -> ChatError(kind = members["kind"] as String, message = members["message"] as String, requestId = members["requestId"]?.let { member -> member as String }, retryAt = members["retryAt"]?.let { member -> (member as Number).toLong() }, status = members["status"]?.let { member -> (member as Number).toInt() }) }
    }
}

/** Params of the notification `agent/chat/event`. */
sealed class ChatEvent {
    /** The chat. */
    abstract val id: String

    abstract fun json(): Map<String, Any?>

    /** More of the answer: Markdown without images and HTML. */
    data class Delta(
        /** The chat. */
        override val id: String,
        /** Never empty. */
        val text: String,
    ) : ChatEvent() {
        override fun json(): Map<String, Any?> = present("kind" to "delta", "id" to id, "text" to text)
    }

    /** What goes in with the question, before it is asked. */
    data class Context(
        /** The chat. */
        override val id: String,
        /** The account. */
        val account: ContextAccount,
    ) : ChatEvent() {
        override fun json(): Map<String, Any?> = present("kind" to "context", "id" to id, "account" to account.json())
    }

    /** The chat has a title. */
    data class Title(
        /** The chat. */
        override val id: String,
        /** One line. */
        val title: String,
    ) : ChatEvent() {
        override fun json(): Map<String, Any?> = present("kind" to "title", "id" to id, "title" to title)
    }

    companion object {
        /** `null` for a kind of another version. */
        fun from(json: Any?): ChatEvent? = when (members(json)["kind"]) {
            "delta" -> members(json).let { members -> Delta(id = members["id"] as String, text = members["text"] as String) }
            "context" -> members(json).let { members -> Context(id = members["id"] as String, account = ContextAccount.from(members["account"])) }
            "title" -> members(json).let { members -> Title(id = members["id"] as String, title = members["title"] as String) }
            else -> null
        }
    }
}

/** Where the person is, for mentions such as `@selection`. */
data class ChatPlace(
    /** Its diagnostics. */
    val diagnostics: List<Diagnostic>? = null,
    /** Its selection. */
    val selection: Range? = null,
    /** The document in front. */
    val textDocument: Identifier? = null,
) {
    fun json(): Map<String, Any?> = present("diagnostics" to diagnostics?.map { item -> item.json() }, "selection" to selection?.json(), "textDocument" to textDocument?.json())

    companion object {
        fun from(json: Any?): ChatPlace = members(json).let { members -> ChatPlace(diagnostics = members["diagnostics"]?.let { member -> list(member) { item -> Diagnostic.from(item) } }, selection = members["selection"]?.let { member -> Range.from(member) }, textDocument = members["textDocument"]?.let { member -> Identifier.from(member) }) }
    }
}

/** Params of `agent/chat/send`. */
data class ChatSendParams(
    /** The chat. */
    val id: String,
    /** What the person says; `@file`, `@file:10-20`, `@symbol`, `@dir/`, `@picture.png`, `@selection`, `@diagnostics`, `@diff` and `@repo` add what they name, and `/name` at the start is a command of the project or the user. */
    val text: String,
    /** Where the person is. */
    val place: ChatPlace? = null,
    /** Asks this route from now on. */
    val route: String? = null,
    /** Resends: the turn (from 0) that the text stands for; it and what follows it are forgotten. */
    val turn: Long? = null,
) {
    fun json(): Map<String, Any?> = present("id" to id, "text" to text, "place" to place?.json(), "route" to route, "turn" to turn)

    companion object {
        fun from(json: Any?): ChatSendParams = members(json).let { members -> ChatSendParams(id = members["id"] as String, text = members["text"] as String, place = members["place"]?.let { member -> ChatPlace.from(member) }, route = members["route"]?.let { member -> member as String }, turn = members["turn"]?.let { member -> (member as Number).toLong() }) }
    }
}

/** Result of `agent/chat/send`: the end of an answer whose text came by events. */
data class ChatSendResult(
    /** The number of the answer's turn, from 0. */
    val turn: Long,
    /** Tokens of the input that were read from the provider's cache. */
    val cachedTokens: Long? = null,
    /** US dollars; `null` without a price. */
    val costUsd: Double? = null,
    /** What went wrong; the text that came stays. */
    val error: ChatError? = null,
    /** Tokens of all input, cached included; `null` if the provider does not say. */
    val inputTokens: Long? = null,
    /** Tokens of the answer. */
    val outputTokens: Long? = null,
    /** `end`, `length`, `stop`, `tool`, `refusal`, `filter`, `cut`, or `null` when it came to no end. */
    val stopReason: String? = null,
) {
    companion object {
        fun from(json: Any?): ChatSendResult = members(json).let { members -> ChatSendResult(turn = (members["turn"] as Number).toLong(), cachedTokens = members["cachedTokens"]?.let { member -> (member as Number).toLong() }, costUsd = members["costUsd"]?.let { member -> (member as Number).toDouble() }, error = members["error"]?.let { member -> ChatError.from(member) }, inputTokens = members["inputTokens"]?.let { member -> (member as Number).toLong() }, outputTokens = members["outputTokens"]?.let { member -> (member as Number).toLong() }, stopReason = members["stopReason"]?.let { member -> member as String }) }
    }
}

/** LSP `Command`. */
data class Command(
    /** The suggestion's id. */
    val arguments: List<Any?>,
    /** One of `crate::methods::COMMANDS`. */
    val command: String,
    /** For people. */
    val title: String,
) {
    fun json(): Map<String, Any?> = present("arguments" to arguments, "command" to command, "title" to title)

    companion object {
        fun from(json: Any?): Command = members(json).let { members -> Command(arguments = list(members["arguments"]) { item -> item }, command = members["command"] as String, title = members["title"] as String) }
    }
}

/** LSP `ConfigurationItem`. */
data class ConfigurationItem(
    /** `Client.Section` is ours. */
    val section: String? = null,
) {
    companion object {
        fun from(json: Any?): ConfigurationItem = members(json).let { members -> ConfigurationItem(section = members["section"]?.let { member -> member as String }) }
    }
}

/** LSP `ConfigurationParams`. */
data class ConfigurationParams(
    /** The answer has a value for each. */
    val items: List<ConfigurationItem>,
) {
    companion object {
        fun from(json: Any?): ConfigurationParams = members(json).let { members -> ConfigurationParams(items = list(members["items"]) { item -> ConfigurationItem.from(item) }) }
    }
}

/** What went in, and what did not. */
data class ContextAccount(
    /** Earlier turns that did not fit. */
    val forgotten: Long,
    /** What went in. */
    val kept: List<ContextItem>,
    /** What did not, and why. */
    val leftOut: List<ContextItem>,
    /** The most that it may be. */
    val limit: Long,
    /** Tokens of all that went in, by our own estimate. */
    val tokens: Long,
) {
    fun json(): Map<String, Any?> = present("forgotten" to forgotten, "kept" to kept.map { item -> item.json() }, "leftOut" to leftOut.map { item -> item.json() }, "limit" to limit, "tokens" to tokens)

    companion object {
        fun from(json: Any?): ContextAccount = members(json).let { members -> ContextAccount(forgotten = (members["forgotten"] as Number).toLong(), kept = list(members["kept"]) { item -> ContextItem.from(item) }, leftOut = list(members["leftOut"]) { item -> ContextItem.from(item) }, limit = (members["limit"] as Number).toLong(), tokens = (members["tokens"] as Number).toLong()) }
    }
}

/** Something that was mentioned. */
data class ContextItem(
    /** A path, with lines where it is a part; else what was mentioned. */
    val name: String,
    /** Tokens, by our own estimate; 0 for what was not read. */
    val tokens: Long,
    /** Why it was left out; empty for what went in. */
    val reason: String? = null,
) {
    fun json(): Map<String, Any?> = present("name" to name, "tokens" to tokens, "reason" to reason)

    companion object {
        fun from(json: Any?): ContextItem = members(json).let { members -> ContextItem(name = members["name"] as String, tokens = (members["tokens"] as Number).toLong(), reason = members["reason"]?.let { member -> member as String }) }
    }
}

/** LSP `Diagnostic`, as far as it is read. */
data class Diagnostic(
    /** What. */
    val message: String,
    /** Where. */
    val range: Range,
    /** 1 error, 2 warning, 3 information, 4 hint. */
    val severity: Int? = null,
    /** Which tool says so. */
    val source: String? = null,
) {
    fun json(): Map<String, Any?> = present("message" to message, "range" to range.json(), "severity" to severity, "source" to source)

    companion object {
        fun from(json: Any?): Diagnostic = members(json).let { members -> Diagnostic(message = members["message"] as String, range = Range.from(members["range"]), severity = members["severity"]?.let { member -> (member as Number).toInt() }, source = members["source"]?.let { member -> member as String }) }
    }
}

/** LSP `DidChangeConfigurationParams`. */
data class DidChangeConfigurationParams(
    /** The settings. */
    val settings: Sections,
) {
    fun json(): Map<String, Any?> = present("settings" to settings.json())
}

/** `textDocument/didChange`. */
data class DidChangeParams(
    /** Applied one after the other. */
    val contentChanges: List<Change>,
    /** The document, with its version after the change. */
    val textDocument: Identifier,
) {
    fun json(): Map<String, Any?> = present("contentChanges" to contentChanges.map { item -> item.json() }, "textDocument" to textDocument.json())
}

/** LSP `DidChangeWatchedFilesParams`. */
data class DidChangeWatchedFilesParams(
    /** What happened. */
    val changes: List<FileEvent>,
) {
    fun json(): Map<String, Any?> = present("changes" to changes.map { item -> item.json() })
}

/** LSP `DidChangeWorkspaceFoldersParams`. */
data class DidChangeWorkspaceFoldersParams(
    /** What changed. */
    val event: WorkspaceFoldersChangeEvent,
) {
    fun json(): Map<String, Any?> = present("event" to event.json())
}

/** `textDocument/didOpen`. */
data class DidOpenParams(
    /** The document with its text. */
    val textDocument: Item,
) {
    fun json(): Map<String, Any?> = present("textDocument" to textDocument.json())
}

/** Params of `textDocument/didPartiallyAcceptCompletion`. */
data class DidPartiallyAcceptParams(
    /** UTF-16 units of `insertText` that were taken, from its start. */
    val acceptedLength: Int,
    /** As it came; only its command's id is read. */
    val item: InlineCompletionItem,
) {
    fun json(): Map<String, Any?> = present("acceptedLength" to acceptedLength, "item" to item.json())
}

/** Params of `textDocument/didShowInlineEdit`. */
data class DidShowInlineEditParams(
    /** As it came. */
    val item: SuggestedEdit,
) {
    fun json(): Map<String, Any?> = present("item" to item.json())
}

/** Params of `textDocument/didShowCompletion`. */
data class DidShowParams(
    /** As it came; only its command's id is read. */
    val item: InlineCompletionItem,
) {
    fun json(): Map<String, Any?> = present("item" to item.json())
}

/** LSP `CreateFile` where there is a kind, else `TextDocumentEdit`. */
data class DocumentChange(
    /** All of them are of the text before any. */
    val edits: List<TextEdit>? = null,
    /** What is done with the file. */
    val kind: String? = null,
    /** The document, with the version that the edits are for. */
    val textDocument: Identifier? = null,
    /** The file. */
    val uri: String? = null,
) {
    companion object {
        fun from(json: Any?): DocumentChange = members(json).let { members -> DocumentChange(edits = members["edits"]?.let { member -> list(member) { item -> TextEdit.from(item) } }, kind = members["kind"]?.let { member -> member as String }, textDocument = members["textDocument"]?.let { member -> Identifier.from(member) }, uri = members["uri"]?.let { member -> member as String }) }
    }
}

/** Params that name one document: `didClose`, `didSave`, `agent/why`. */
data class DocumentParams(
    /** The document. */
    val textDocument: Identifier,
) {
    fun json(): Map<String, Any?> = present("textDocument" to textDocument.json())

    companion object {
        fun from(json: Any?): DocumentParams = members(json).let { members -> DocumentParams(textDocument = Identifier.from(members["textDocument"])) }
    }
}

/** Params of `agent/edit/accept`. */
data class EditAcceptParams(
    /** The edit. */
    val id: String,
    /** The hunks that are wanted, by their numbers in the preview from 0; all if it is absent. */
    val hunks: List<Long>? = null,
) {
    fun json(): Map<String, Any?> = present("id" to id, "hunks" to hunks)
}

/** Result of `agent/edit/accept` and `agent/edit/undo`. */
data class EditAppliedResult(
    /** The client has changed its buffer. */
    val applied: Boolean,
    /** Why not, in one sentence; `null` if it has. */
    val reason: String? = null,
) {
    companion object {
        fun from(json: Any?): EditAppliedResult = members(json).let { members -> EditAppliedResult(applied = members["applied"] as Boolean, reason = members["reason"]?.let { member -> member as String }) }
    }
}

/** Params of `agent/edit/apply`. */
data class EditApplyParams(
    /** A block of code, as it stands in a chat. */
    val text: String,
    /** The document; it must be open. */
    val textDocument: Identifier,
    /** The lines that it replaces; where it is absent, what the block defines says where it goes. */
    val range: Range? = null,
) {
    fun json(): Map<String, Any?> = present("text" to text, "textDocument" to textDocument.json(), "range" to range?.json())
}

/** Params of the notification `agent/edit/event`. */
sealed class EditEvent {
    /** The edit. */
    abstract val id: String

    abstract fun json(): Map<String, Any?>

    /** The model is at work: bytes of its answer so far. */
    data class Progress(
        /** The edit. */
        override val id: String,
        /** Bytes. */
        val received: Long,
    ) : EditEvent() {
        override fun json(): Map<String, Any?> = present("kind" to "progress", "id" to id, "received" to received)
    }

    /** What goes in with the question, before it is asked. */
    data class Context(
        /** The edit. */
        override val id: String,
        /** The account. */
        val account: ContextAccount,
    ) : EditEvent() {
        override fun json(): Map<String, Any?> = present("kind" to "context", "id" to id, "account" to account.json())
    }

    /** The text was changed where the edit is: it is asked once more. */
    data class Again(
        /** The edit. */
        override val id: String,
    ) : EditEvent() {
        override fun json(): Map<String, Any?> = present("kind" to "again", "id" to id)
    }

    /** It can be seen and accepted. */
    data class Ready(
        /** The edit. */
        override val id: String,
        /** What it changes. */
        val preview: EditPreview,
    ) : EditEvent() {
        override fun json(): Map<String, Any?> = present("kind" to "ready", "id" to id, "preview" to preview.json())
    }

    /** The client has it in its buffer. */
    data class Applied(
        /** The edit. */
        override val id: String,
    ) : EditEvent() {
        override fun json(): Map<String, Any?> = present("kind" to "applied", "id" to id)
    }

    /** It was taken back. */
    data class Undone(
        /** The edit. */
        override val id: String,
    ) : EditEvent() {
        override fun json(): Map<String, Any?> = present("kind" to "undone", "id" to id)
    }

    /** It was declined. */
    data class Rejected(
        /** The edit. */
        override val id: String,
    ) : EditEvent() {
        override fun json(): Map<String, Any?> = present("kind" to "rejected", "id" to id)
    }

    /** It was stopped. */
    data class Cancelled(
        /** The edit. */
        override val id: String,
    ) : EditEvent() {
        override fun json(): Map<String, Any?> = present("kind" to "cancelled", "id" to id)
    }

    /** It came to nothing. */
    data class Failed(
        /** The edit. */
        override val id: String,
        /** One sentence for people, with the mend. */
        val message: String,
        /** A name that does not change. */
        val reason: String,
    ) : EditEvent() {
        override fun json(): Map<String, Any?> = present("kind" to "failed", "id" to id, "message" to message, "reason" to reason)
    }

    companion object {
        /** `null` for a kind of another version. */
        fun from(json: Any?): EditEvent? = when (members(json)["kind"]) {
            "progress" -> members(json).let { members -> Progress(id = members["id"] as String, received = (members["received"] as Number).toLong()) }
            "context" -> members(json).let { members -> Context(id = members["id"] as String, account = ContextAccount.from(members["account"])) }
            "again" -> members(json).let { members -> Again(id = members["id"] as String) }
            "ready" -> members(json).let { members -> Ready(id = members["id"] as String, preview = EditPreview.from(members["preview"])) }
            "applied" -> members(json).let { members -> Applied(id = members["id"] as String) }
            "undone" -> members(json).let { members -> Undone(id = members["id"] as String) }
            "rejected" -> members(json).let { members -> Rejected(id = members["id"] as String) }
            "cancelled" -> members(json).let { members -> Cancelled(id = members["id"] as String) }
            "failed" -> members(json).let { members -> Failed(id = members["id"] as String, message = members["message"] as String, reason = members["reason"] as String) }
            else -> null
        }
    }
}

/** Whole lines that are replaced. */
data class EditHunk(
    /** What shall stand there. */
    val newText: String,
    /** What stands there. */
    val oldText: String,
    /** Where; empty for an insertion. */
    val range: Range,
) {
    fun json(): Map<String, Any?> = present("newText" to newText, "oldText" to oldText, "range" to range.json())

    companion object {
        fun from(json: Any?): EditHunk = members(json).let { members -> EditHunk(newText = members["newText"] as String, oldText = members["oldText"] as String, range = Range.from(members["range"])) }
    }
}

/** Params of `agent/edit/reject`, `undo`, `cancel` and `get`. */
data class EditParams(
    /** The edit. */
    val id: String,
) {
    fun json(): Map<String, Any?> = present("id" to id)
}

/** What an edit would change, in the text of one version. */
data class EditPreview(
    /** The same as a unified diff. */
    val diff: String,
    /** In the text's order. */
    val hunks: List<EditHunk>,
    /** Syntax errors that the text would have more than now. */
    val newErrors: Long,
    /** The document and the version that the ranges are of. */
    val textDocument: Identifier,
) {
    fun json(): Map<String, Any?> = present("diff" to diff, "hunks" to hunks.map { item -> item.json() }, "newErrors" to newErrors, "textDocument" to textDocument.json())

    companion object {
        fun from(json: Any?): EditPreview = members(json).let { members -> EditPreview(diff = members["diff"] as String, hunks = list(members["hunks"]) { item -> EditHunk.from(item) }, newErrors = (members["newErrors"] as Number).toLong(), textDocument = Identifier.from(members["textDocument"])) }
    }
}

/** Params of `agent/edit/retry`. */
data class EditRetryParams(
    /** The edit. */
    val id: String,
    /** The changed instruction; the same one if it is absent. */
    val instruction: String? = null,
) {
    fun json(): Map<String, Any?> = present("id" to id, "instruction" to instruction)
}

/** Params of `agent/edit/start`. */
data class EditStartParams(
    /** The selection; empty for what is around the cursor. */
    val range: Range,
    /** The document; it must be open. */
    val textDocument: Identifier,
    /** What tools complain about in the range. */
    val diagnostics: List<Diagnostic>? = null,
    /** What is to be done, in words. */
    val instruction: String? = null,
    /** Asks this route instead of `edit.route`. */
    val route: String? = null,
    /** One of `verb::ALL`: `edit`, `doc`, `test`, `fix` or `insert` (behind the selection); `edit` if it is not said. */
    val verb: String? = null,
) {
    fun json(): Map<String, Any?> = present("range" to range.json(), "textDocument" to textDocument.json(), "diagnostics" to diagnostics?.map { item -> item.json() }, "instruction" to instruction, "route" to route, "verb" to verb)
}

/** Result of `agent/edit/start` and `agent/edit/retry`. */
data class EditStartResult(
    /** Names the edit in everything that follows. */
    val id: String,
) {
    companion object {
        fun from(json: Any?): EditStartResult = members(json).let { members -> EditStartResult(id = members["id"] as String) }
    }
}

/** Params of `agent/edit/suggest`. */
data class EditSuggestParams(
    /** The cursor. */
    val position: Position,
    /** The document; it must be open. */
    val textDocument: Identifier,
    /** What tools complain about in the document. */
    val diagnostics: List<Diagnostic>? = null,
    /** The person asked, and did not merely pause. */
    val invoked: Boolean? = null,
    /** Edits in other open documents are wanted too; they come behind those of this one. */
    val others: Boolean? = null,
) {
    fun json(): Map<String, Any?> = present("position" to position.json(), "textDocument" to textDocument.json(), "diagnostics" to diagnostics?.map { item -> item.json() }, "invoked" to invoked, "others" to others)
}

/** Result of `agent/edit/suggest`. */
data class EditSuggestResult(
    /** The same as one sentence for people, with the mend where there is one; else empty. */
    val detail: String,
    /** In the order in which somebody at the cursor meets them; none overlaps another of its document. */
    val edits: List<SuggestedEdit>,
    /** Why there is none: a name that does not change; `null` while there is one. */
    val reason: String? = null,
) {
    companion object {
        fun from(json: Any?): EditSuggestResult = members(json).let { members -> EditSuggestResult(detail = members["detail"] as String, edits = list(members["edits"]) { item -> SuggestedEdit.from(item) }, reason = members["reason"]?.let { member -> member as String }) }
    }
}

/** LSP `ExecuteCommandParams`. */
data class ExecuteCommandParams(
    /** Its arguments. */
    val arguments: List<Any?>,
    /** One of `Commands`. */
    val command: String,
) {
    fun json(): Map<String, Any?> = present("arguments" to arguments, "command" to command)
}

/** LSP's `experimental`. */
data class Experimental(
    /** The version that both speak; absent from agents that are older than such answers. */
    val nextline: VersionAnswer? = null,
) {
    companion object {
        fun from(json: Any?): Experimental = members(json).let { members -> Experimental(nextline = members["nextline"]?.let { member -> VersionAnswer.from(member) }) }
    }
}

/** A JSON-RPC error object. */
data class Fault(
    /** One of this module's numbers. */
    val code: Long,
    /** One sentence for people. */
    val message: String,
    /** More, for programs. */
    val data: Any? = null,
) {
    fun json(): Map<String, Any?> = present("code" to code, "message" to message, "data" to data)

    companion object {
        fun from(json: Any?): Fault = members(json).let { members -> Fault(code = (members["code"] as Number).toLong(), message = members["message"] as String, data = members["data"]) }
    }
}

/** LSP `FileEvent`. */
data class FileEvent(
    /** One of `FileChanges`. */
    val type: Int,
    /** The file. */
    val uri: String,
) {
    fun json(): Map<String, Any?> = present("type" to type, "uri" to uri)
}

/** LSP `TextDocumentIdentifier`, with the version that some clients add. */
data class Identifier(
    /** The document's URI as the client spells it. */
    val uri: String,
    /** The version that the client speaks of. */
    val version: Long? = null,
) {
    fun json(): Map<String, Any?> = present("uri" to uri, "version" to version)

    companion object {
        fun from(json: Any?): Identifier = members(json).let { members -> Identifier(uri = members["uri"] as String, version = members["version"]?.let { member -> (member as Number).toLong() }) }
    }
}

/** LSP `InitializeParams`, as far as it is said. */
data class InitializeParams(
    /** `Client.Capabilities` as JSON. */
    val capabilities: Any?,
    /** The editor. */
    val clientInfo: PeerInfo,
    /** What the person set, by section and key as in `config.toml`. */
    val initializationOptions: Any?,
    /** The editor's process; the agent ends with it. */
    val processId: Long,
    /** The folders that are worked in. */
    val workspaceFolders: List<WorkspaceFolder>,
) {
    fun json(): Map<String, Any?> = present("capabilities" to capabilities, "clientInfo" to clientInfo.json(), "initializationOptions" to initializationOptions, "processId" to processId, "workspaceFolders" to workspaceFolders.map { item -> item.json() })
}

/** LSP `InitializeResult`, as far as it is read. */
data class InitializeResult(
    /** What the agent can do. */
    val capabilities: ServerCapabilities,
    /** The agent. */
    val serverInfo: PeerInfo? = null,
) {
    companion object {
        fun from(json: Any?): InitializeResult = members(json).let { members -> InitializeResult(capabilities = ServerCapabilities.from(members["capabilities"]), serverInfo = members["serverInfo"]?.let { member -> PeerInfo.from(member) }) }
    }
}

/** LSP `InlineCompletionContext`. */
data class InlineCompletionContext(
    /** The popup's selected entry, which items must extend. */
    val selectedCompletionInfo: SelectedCompletionInfo? = null,
    /** 1 = invoked, 2 = automatic; anything else counts as automatic. */
    val triggerKind: Int? = null,
) {
    fun json(): Map<String, Any?> = present("selectedCompletionInfo" to selectedCompletionInfo?.json(), "triggerKind" to triggerKind)
}

/** LSP `InlineCompletionItem`, with a plain string and a range on one line. */
data class InlineCompletionItem(
    /** Run by the client after the insertion. */
    val command: Command,
    /** What a curious client may show. */
    val data: ItemData,
    /** Replaces `range`. */
    val insertText: String,
    /** On the cursor's line; starts where the replaced word starts. */
    val range: Range,
) {
    fun json(): Map<String, Any?> = present("command" to command.json(), "data" to data.json(), "insertText" to insertText, "range" to range.json())

    companion object {
        fun from(json: Any?): InlineCompletionItem = members(json).let { members -> InlineCompletionItem(command = Command.from(members["command"]), data = ItemData.from(members["data"]), insertText = members["insertText"] as String, range = Range.from(members["range"])) }
    }
}

/** LSP `InlineCompletionList`. */
data class InlineCompletionList(
    /** Best first. */
    val items: List<InlineCompletionItem>,
) {
    companion object {
        fun from(json: Any?): InlineCompletionList = members(json).let { members -> InlineCompletionList(items = list(members["items"]) { item -> InlineCompletionItem.from(item) }) }
    }
}

/** Params of the request. The standard's, and what Copilot's clients add to them. */
data class InlineCompletionParams(
    /** The cursor. */
    val position: Position,
    /** The document. */
    val textDocument: Identifier,
    /** Why it is asked; absent from some clients. */
    val context: InlineCompletionContext? = null,
) {
    fun json(): Map<String, Any?> = present("position" to position.json(), "textDocument" to textDocument.json(), "context" to context?.json())
}

/** LSP `TextDocumentItem`. */
data class Item(
    /** The whole text. */
    val text: String,
    /** The document's URI as the client spells it. */
    val uri: String,
    /** LSP language identifier; empty if the client knows none. */
    val languageId: String? = null,
    /** Absent from some clients. */
    val version: Long? = null,
) {
    fun json(): Map<String, Any?> = present("text" to text, "uri" to uri, "languageId" to languageId, "version" to version)
}

/** What is known of an item beside the standard's fields. */
data class ItemData(
    /** `local`, or the route's name. */
    val origin: String,
    /** The embedded model's own probability (0 to 1) that the text is right. */
    val confidence: Double? = null,
) {
    fun json(): Map<String, Any?> = present("origin" to origin, "confidence" to confidence)

    companion object {
        fun from(json: Any?): ItemData = members(json).let { members -> ItemData(origin = members["origin"] as String, confidence = members["confidence"]?.let { member -> (member as Number).toDouble() }) }
    }
}

/** What the embedded model holds. */
data class LocalStatus(
    /** Bytes of memory held. */
    val bytes: Long,
    /** `local.enabled`. */
    val enabled: Boolean,
    /** Workspace files learnt. */
    val files: Long,
    /** Files that a limit or a rule left out. */
    val leftOut: Long,
    /** Their tokens. */
    val tokens: Long,
) {
    fun json(): Map<String, Any?> = present("bytes" to bytes, "enabled" to enabled, "files" to files, "leftOut" to leftOut, "tokens" to tokens)

    companion object {
        fun from(json: Any?): LocalStatus = members(json).let { members -> LocalStatus(bytes = (members["bytes"] as Number).toLong(), enabled = members["enabled"] as Boolean, files = (members["files"] as Number).toLong(), leftOut = (members["leftOut"] as Number).toLong(), tokens = (members["tokens"] as Number).toLong()) }
    }
}

/** LSP `MessageActionItem`. */
data class MessageActionItem(
    /** What the person chooses. */
    val title: String,
) {
    fun json(): Map<String, Any?> = present("title" to title)

    companion object {
        fun from(json: Any?): MessageActionItem = members(json).let { members -> MessageActionItem(title = members["title"] as String) }
    }
}

/** One route with its model. */
data class Model(
    /** The model, as the provider spells it. */
    val model: String,
    /** The provider. */
    val provider: String,
    /** The name under `[routes]`. */
    val route: String,
    /** The surfaces that use it: `completion`, `edit`, `chat`. */
    val usedFor: List<String>,
    /** Why it cannot be asked, in one sentence; `null` when it can. */
    val trouble: String? = null,
) {
    companion object {
        fun from(json: Any?): Model = members(json).let { members -> Model(model = members["model"] as String, provider = members["provider"] as String, route = members["route"] as String, usedFor = list(members["usedFor"]) { item -> item as String }, trouble = members["trouble"]?.let { member -> member as String }) }
    }
}

/** Result of `agent/model/list`. */
data class ModelListResult(
    /** The configured routes. */
    val models: List<Model>,
) {
    companion object {
        fun from(json: Any?): ModelListResult = members(json).let { members -> ModelListResult(models = list(members["models"]) { item -> Model.from(item) }) }
    }
}

/** Why no next edit was suggested. */
data class NextSilence(
    /** One sentence for people, with the mend where there is one. */
    val detail: String,
    /** A name that does not change. */
    val reason: String,
) {
    companion object {
        fun from(json: Any?): NextSilence = members(json).let { members -> NextSilence(detail = members["detail"] as String, reason = members["reason"] as String) }
    }
}

/** LSP's `clientInfo` and `serverInfo`. */
data class PeerInfo(
    /** Its name. */
    val name: String,
    /** Its version. */
    val version: String? = null,
) {
    fun json(): Map<String, Any?> = present("name" to name, "version" to version)

    companion object {
        fun from(json: Any?): PeerInfo = members(json).let { members -> PeerInfo(name = members["name"] as String, version = members["version"]?.let { member -> member as String }) }
    }
}

/** LSP `Position`: from 0, `character` in the negotiated encoding's unit. */
data class Position(
    /** Column, from 0. */
    val character: Int,
    /** Line, from 0. */
    val line: Int,
) {
    fun json(): Map<String, Any?> = present("character" to character, "line" to line)

    companion object {
        fun from(json: Any?): Position = members(json).let { members -> Position(character = (members["character"] as Number).toInt(), line = (members["line"] as Number).toInt()) }
    }
}

/** LSP `Range`: half open. */
data class Range(
    /** Place after the last. */
    val end: Position,
    /** First place. */
    val start: Position,
) {
    fun json(): Map<String, Any?> = present("end" to end.json(), "start" to start.json())

    companion object {
        fun from(json: Any?): Range = members(json).let { members -> Range(end = Position.from(members["end"]), start = Position.from(members["start"])) }
    }
}

/** Params of the notification `agent/document/resync`: the client's buffer and ours may differ. */
data class ResyncParams(
    /** What did not fit. */
    val reason: String,
    /** The document. */
    val uri: String,
) {
    fun json(): Map<String, Any?> = present("reason" to reason, "uri" to uri)

    companion object {
        fun from(json: Any?): ResyncParams = members(json).let { members -> ResyncParams(reason = members["reason"] as String, uri = members["uri"] as String) }
    }
}

/** The settings by LSP's sections. */
data class Sections(
    /** By section and key as in `config.toml`. */
    val nextline: Any?,
) {
    fun json(): Map<String, Any?> = present("nextline" to nextline)
}

/** LSP `SelectedCompletionInfo`. */
data class SelectedCompletionInfo(
    /** What the popup's entry would replace. */
    val range: Range,
    /** What it would insert. */
    val text: String,
) {
    fun json(): Map<String, Any?> = present("range" to range.json(), "text" to text)
}

/** LSP `ServerCapabilities`, as far as they are read. */
data class ServerCapabilities(
    /** Beyond LSP. */
    val experimental: Experimental? = null,
) {
    companion object {
        fun from(json: Any?): ServerCapabilities = members(json).let { members -> ServerCapabilities(experimental = members["experimental"]?.let { member -> Experimental.from(member) }) }
    }
}

/** LSP `ShowMessageParams` and `LogMessageParams`. */
data class ShowMessageParams(
    /** For people. */
    val message: String,
    /** One of `Severities`. */
    val type: Int,
) {
    fun json(): Map<String, Any?> = present("message" to message, "type" to type)

    companion object {
        fun from(json: Any?): ShowMessageParams = members(json).let { members -> ShowMessageParams(message = members["message"] as String, type = (members["type"] as Number).toInt()) }
    }
}

/** LSP `ShowMessageRequestParams`. */
data class ShowMessageRequestParams(
    /** The question. */
    val message: String,
    /** The answers. */
    val actions: List<MessageActionItem>? = null,
) {
    companion object {
        fun from(json: Any?): ShowMessageRequestParams = members(json).let { members -> ShowMessageRequestParams(message = members["message"] as String, actions = members["actions"]?.let { member -> list(member) { item -> MessageActionItem.from(item) } }) }
    }
}

/** How the agent does: result of `agent/status` and params of its notification. */
data class Status(
    /** True while a route or the index is at work; in the notification while the index is. */
    val busy: Boolean,
    /** Requests to routes that are under way; 0 in the notification, which does not come for each of them. */
    val inFlight: Long,
    /** `Normal`, `Warning`, `Error` or `Inactive`. */
    val kind: String,
    /** What the embedded model has learnt. */
    val local: LocalStatus,
    /** One sentence for people; empty when all is well. */
    val message: String,
    /** `completion.route`. */
    val route: String,
    /** `closed`, `open` or `probing`; absent without a route. */
    val breaker: String? = null,
    /** What there is to say about today's budgets; absent when they have room. */
    val budget: String? = null,
    /** When ghost text comes back by itself, in ms since 1970; absent unless it is snoozed. */
    val snoozedUntil: Long? = null,
) {
    fun json(): Map<String, Any?> = present("busy" to busy, "inFlight" to inFlight, "kind" to kind, "local" to local.json(), "message" to message, "route" to route, "breaker" to breaker, "budget" to budget, "snoozedUntil" to snoozedUntil)

    companion object {
        fun from(json: Any?): Status = members(json).let { members -> Status(busy = members["busy"] as Boolean, inFlight = (members["inFlight"] as Number).toLong(), kind = members["kind"] as String, local = LocalStatus.from(members["local"]), message = members["message"] as String, route = members["route"] as String, breaker = members["breaker"]?.let { member -> member as String }, budget = members["budget"]?.let { member -> member as String }, snoozedUntil = members["snoozedUntil"]?.let { member -> (member as Number).toLong() }) }
    }
}

/** The colour of a status line. */
object StatusKind {
    /** All is well. */
    const val NORMAL = "Normal"
    /** Something degraded; completions go on. */
    const val WARNING = "Warning"
    /** The configured route does not answer. */
    const val ERROR = "Error"
    /** Nothing is completed here. */
    const val INACTIVE = "Inactive"
}

/** One suggested edit. */
data class SuggestedEdit(
    /** Run by the client after the edit. */
    val command: Command,
    /** Comes back in `textDocument/didShowInlineEdit` and in the commands `nextline.didAccept` and `nextline.didDismiss`. */
    val id: String,
    /** What it follows from: `rename`, `signature`, `repeat`, `import` or `rewrite`. */
    val kind: String,
    /** Who made it: `local`, or a route's name. */
    val origin: String,
    /** What goes; empty for an insertion. */
    val range: Range,
    /** What comes in its place. */
    val text: String,
    /** The document and the version that the range is of. */
    val textDocument: Identifier,
) {
    fun json(): Map<String, Any?> = present("command" to command.json(), "id" to id, "kind" to kind, "origin" to origin, "range" to range.json(), "text" to text, "textDocument" to textDocument.json())

    companion object {
        fun from(json: Any?): SuggestedEdit = members(json).let { members -> SuggestedEdit(command = Command.from(members["command"]), id = members["id"] as String, kind = members["kind"] as String, origin = members["origin"] as String, range = Range.from(members["range"]), text = members["text"] as String, textDocument = Identifier.from(members["textDocument"])) }
    }
}

/** LSP `TextEdit`. */
data class TextEdit(
    /** What comes. */
    val newText: String,
    /** What goes. */
    val range: Range,
) {
    companion object {
        fun from(json: Any?): TextEdit = members(json).let { members -> TextEdit(newText = members["newText"] as String, range = Range.from(members["range"])) }
    }
}

/** What we answer. */
data class VersionAnswer(
    /** Which of the two to update, in one sentence; `null` when they agree. */
    val message: String? = null,
    /** The version that both speak; `null` when there is none. */
    val version: Int? = null,
) {
    companion object {
        fun from(json: Any?): VersionAnswer = members(json).let { members -> VersionAnswer(message = members["message"]?.let { member -> member as String }, version = members["version"]?.let { member -> (member as Number).toInt() }) }
    }
}

/** Result of `agent/why`: why the last answer for the document was empty. */
data class WhyResult(
    /** One sentence for people, with the mend where there is one. */
    val detail: String,
    /** Why there was no next edit the last time that one was asked for; absent while there was one. */
    val next: NextSilence? = null,
    /** A name that does not change; `null` while nothing was refused. */
    val reason: String? = null,
    /** When, in ms since 1970; `null` while nothing was refused. */
    val since: Long? = null,
    /** Milliseconds by stage of the document's last request. */
    val timings: Map<String, Double>? = null,
) {
    companion object {
        fun from(json: Any?): WhyResult = members(json).let { members -> WhyResult(detail = members["detail"] as String, next = members["next"]?.let { member -> NextSilence.from(member) }, reason = members["reason"]?.let { member -> member as String }, since = members["since"]?.let { member -> (member as Number).toLong() }, timings = members["timings"]?.let { member -> table(member) { item -> (item as Number).toDouble() } }) }
    }
}

/** LSP `WorkspaceEdit`. */
data class WorkspaceEdit(
    /** One after the other. */
    val documentChanges: List<DocumentChange>,
) {
    companion object {
        fun from(json: Any?): WorkspaceEdit = members(json).let { members -> WorkspaceEdit(documentChanges = list(members["documentChanges"]) { item -> DocumentChange.from(item) }) }
    }
}

/** LSP `WorkspaceFolder`. */
data class WorkspaceFolder(
    /** For people. */
    val name: String,
    /** Where it is. */
    val uri: String,
) {
    fun json(): Map<String, Any?> = present("name" to name, "uri" to uri)
}

/** LSP `WorkspaceFoldersChangeEvent`. */
data class WorkspaceFoldersChangeEvent(
    /** New ones. */
    val added: List<WorkspaceFolder>,
    /** Those that are gone. */
    val removed: List<WorkspaceFolder>,
) {
    fun json(): Map<String, Any?> = present("added" to added.map { item -> item.json() }, "removed" to removed.map { item -> item.json() })
}

private fun members(json: Any?): Map<*, *> = json as? Map<*, *> ?: emptyMap<String, Any?>()

private fun <T> list(json: Any?, read: (Any?) -> T): List<T> = (json as? List<*> ?: emptyList<Any?>()).map(read)

private fun <T> table(json: Any?, read: (Any?) -> T): Map<String, T> = members(json).entries.associate { (name, value) -> name as String to read(value) }

private fun present(vararg members: Pair<String, Any?>): Map<String, Any?> = members.filter { it.second != null }.toMap()
