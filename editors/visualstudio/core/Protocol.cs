// Written by `NEXTLINE_WRITE=1 cargo test -p nextline-protocol bindings` from protocol/src; not to be changed by hand.
using System;
using System.Collections;
using System.Collections.Generic;

namespace Nextline.Protocol
{
    /// <summary>Nextline's own methods, and those of LSP that it answers in its own way.</summary>
    public static class Methods
    {
        /// <summary>A document was opened: its text is the client's from now on.</summary>
        public const string DidOpen = "textDocument/didOpen";
        /// <summary>Edits, incremental or whole.</summary>
        public const string DidChange = "textDocument/didChange";
        /// <summary>A document was closed: the disk has the truth again.</summary>
        public const string DidClose = "textDocument/didClose";
        /// <summary>A document was saved: disk and buffer are equal.</summary>
        public const string DidSave = "textDocument/didSave";
        /// <summary>An item was shown; sent once an id, repeats are ignored.</summary>
        public const string DidShowCompletion = "textDocument/didShowCompletion";
        /// <summary>A part of an item was taken; the length is in UTF-16 units from the start of its insertText.</summary>
        public const string DidPartiallyAcceptCompletion = "textDocument/didPartiallyAcceptCompletion";
        /// <summary>Ghost text (LSP 3.18).</summary>
        public const string InlineCompletion = "textDocument/inlineCompletion";
        /// <summary>The person stopped an edit by its progress.</summary>
        public const string WorkDoneProgressCancel = "window/workDoneProgress/cancel";
        /// <summary>Starts an edit; its events follow.</summary>
        public const string EditStart = "agent/edit/start";
        /// <summary>The edits that follow from what was just done, and why there are none. They are shown, accepted and dismissed by their ids.</summary>
        public const string EditSuggest = "agent/edit/suggest";
        /// <summary>Makes an edit of a block of code from a chat, where it belongs by the tree; no model is asked. It is previewed and accepted as any other.</summary>
        public const string EditApply = "agent/edit/apply";
        /// <summary>Puts an edit, or some of its hunks, into the client's buffer by workspace/applyEdit, over what was typed meanwhile.</summary>
        public const string EditAccept = "agent/edit/accept";
        /// <summary>Declines an edit that is ready.</summary>
        public const string EditReject = "agent/edit/reject";
        /// <summary>Takes an applied edit back, as one step.</summary>
        public const string EditUndo = "agent/edit/undo";
        /// <summary>Asks again, perhaps with a changed instruction; an applied edit is undone first.</summary>
        public const string EditRetry = "agent/edit/retry";
        /// <summary>Stops an edit: its connection is closed and the text stays as it is.</summary>
        public const string EditCancel = "agent/edit/cancel";
        /// <summary>How an edit stands.</summary>
        public const string EditGet = "agent/edit/get";
        /// <summary>Something happened to an edit.</summary>
        public const string EditEvent = "agent/edit/event";
        /// <summary>Starts a chat.</summary>
        public const string ChatStart = "agent/chat/start";
        /// <summary>Says something; the answer comes by events, its end by the result. Cancelling the request hangs up.</summary>
        public const string ChatSend = "agent/chat/send";
        /// <summary>Stops the answer that is under way; what came stays.</summary>
        public const string ChatStop = "agent/chat/stop";
        /// <summary>The chats, the newest first.</summary>
        public const string ChatList = "agent/chat/list";
        /// <summary>A whole chat.</summary>
        public const string ChatGet = "agent/chat/get";
        /// <summary>Forgets a chat.</summary>
        public const string ChatDelete = "agent/chat/delete";
        /// <summary>A whole chat as Markdown or JSON.</summary>
        public const string ChatExport = "agent/chat/export";
        /// <summary>Takes chats over: an export or a history of Cody's, or our own export as JSON.</summary>
        public const string ChatImport = "agent/chat/import";
        /// <summary>Something happened in a chat: more text, never the text before it again.</summary>
        public const string ChatEvent = "agent/chat/event";
        /// <summary>What a message's mentions would add, in tokens, and what would be left out.</summary>
        public const string ContextResolve = "agent/context/resolve";
        /// <summary>Places of the workspace that speak of some words, with their scores.</summary>
        public const string ContextSearch = "agent/context/search";
        /// <summary>What a mention may mean, while it is typed: files, and what MCP servers offer.</summary>
        public const string ContextSuggest = "agent/context/suggest";
        /// <summary>The configured routes with their models.</summary>
        public const string ModelList = "agent/model/list";
        /// <summary>How the agent does. Also sent as a notification when it changes.</summary>
        public const string Status = "agent/status";
        /// <summary>Why the last answer for a document was empty.</summary>
        public const string Why = "agent/why";
        /// <summary>Which pieces of the workspace the last prompt of a document was offered, and why.</summary>
        public const string ContextExplain = "agent/context/explain";
        /// <summary>Exactly what a completion would send, secrets masked; sends nothing.</summary>
        public const string CompletionPreview = "agent/completion/preview";
        /// <summary>The client's buffer and ours may differ: send the whole text by didChange, or close and open.</summary>
        public const string DocumentResync = "agent/document/resync";
        /// <summary>Debug builds: fails with a diff unless our text equals the client's.</summary>
        public const string DebugAssertText = "agent/debug/assertText";
    }

    /// <summary>Other words of LSP.</summary>
    public static class Lsp
    {
        public const string Initialize = "initialize";
        public const string Initialized = "initialized";
        public const string Shutdown = "shutdown";
        public const string Exit = "exit";
        public const string CancelRequest = "$/cancelRequest";
        public const string RegisterCapability = "client/registerCapability";
        public const string DidShowInlineEdit = "textDocument/didShowInlineEdit";
        public const string LogMessage = "window/logMessage";
        public const string ShowMessage = "window/showMessage";
        public const string ShowMessageRequest = "window/showMessageRequest";
        public const string WorkDoneProgressCreate = "window/workDoneProgress/create";
        public const string ApplyEdit = "workspace/applyEdit";
        public const string Configuration = "workspace/configuration";
        public const string DidChangeConfiguration = "workspace/didChangeConfiguration";
        public const string DidChangeWatchedFiles = "workspace/didChangeWatchedFiles";
        public const string DidChangeWorkspaceFolders = "workspace/didChangeWorkspaceFolders";
        public const string ExecuteCommand = "workspace/executeCommand";
    }

    /// <summary>What `workspace/executeCommand` takes.</summary>
    public static class Commands
    {
        public const string DidAccept = "nextline.didAccept";
        public const string DidDismiss = "nextline.didDismiss";
        public const string Snooze = "nextline.snooze";
        public const string Edit = "nextline.edit";
        public const string Doc = "nextline.doc";
        public const string Test = "nextline.test";
        public const string Fix = "nextline.fix";
        public const string Explain = "nextline.explain";
        public const string Command = "nextline.command";
        public const string Trust = "nextline.trust";
        public const string UndoEdit = "nextline.undoEdit";
        public const string Cancel = "nextline.cancel";
    }

    /// <summary>What `agent/edit/start` can be told to do.</summary>
    public static class Verbs
    {
        /// <summary>An instruction on some lines.</summary>
        public const string Edit = "edit";
        /// <summary>A documentation comment.</summary>
        public const string Doc = "doc";
        /// <summary>Unit tests.</summary>
        public const string Test = "test";
        /// <summary>A mend of what a tool complains about.</summary>
        public const string Fix = "fix";
        /// <summary>New text behind the selection.</summary>
        public const string Insert = "insert";
    }

    /// <summary>Codes of faults.</summary>
    public static class Codes
    {
        /// <summary>The request was cancelled.</summary>
        public const int RequestCancelled = -32800;
        /// <summary>The request could not be served now.</summary>
        public const int RequestFailed = -32803;
        /// <summary>No such method.</summary>
        public const int MethodNotFound = -32601;
    }

    /// <summary>LSP `InlineCompletionTriggerKind`.</summary>
    public static class Triggers
    {
        /// <summary>The person asked.</summary>
        public const int Invoked = 1;
        /// <summary>Typing asked.</summary>
        public const int Automatic = 2;
    }

    /// <summary>LSP `DiagnosticSeverity` and `MessageType`.</summary>
    public static class Severities
    {
        public const int Error = 1;
        public const int Warning = 2;
        public const int Information = 3;
        public const int Hint = 4;
    }

    /// <summary>LSP `FileChangeType`.</summary>
    public static class FileChanges
    {
        public const int Created = 1;
        public const int Changed = 2;
        public const int Deleted = 3;
    }

    /// <summary>Keys of `config.toml` that an extension's own page of settings shows.</summary>
    public static class Config
    {
        public const string CompletionEnabled = "completion.enabled";
        public const string CompletionRoute = "completion.route";
        public const string CompletionFallback = "completion.fallback";
        public const string CompletionMode = "completion.mode";
        public const string CompletionMultiline = "completion.multiline";
        public const string LocalConfidence = "local.confidence";
        public const string EditRoute = "edit.route";
        public const string ChatRoute = "chat.route";
    }

    /// <summary>What may be chosen there.</summary>
    public static class Choices
    {
        public const string None = "none";
        public const string Eager = "eager";
        public const string Subtle = "subtle";
        public const string Manual = "manual";
        public const string Auto = "auto";
        public const string Never = "never";
        public const string Always = "always";
    }

    /// <summary>What an extension says of itself, and what it knows of the agent.</summary>
    public static class Client
    {
        /// <summary>The settings' section for LSP, and the member of `experimental`.</summary>
        public const string Section = "nextline";
        /// <summary>What the names of Nextline's own methods begin with.</summary>
        public const string Ours = "agent/";
        /// <summary>The route that asks nobody: the embedded model.</summary>
        public const string Local = "local";
        /// <summary>A regular expression: the names of variables that keys are kept under.</summary>
        public const string KeyName = "[A-Z][A-Z0-9_]*(KEY|TOKEN)[A-Z0-9_]*";
        /// <summary>The `capabilities` of an extension without a library for LSP: JSON.</summary>
        public const string Capabilities = "{\"experimental\":{\"nextline\":{\"newest\":1,\"oldest\":1}},\"general\":{\"positionEncodings\":[\"utf-16\"]},\"textDocument\":{\"inlineCompletion\":{},\"synchronization\":{\"didSave\":true}},\"workspace\":{\"applyEdit\":true,\"configuration\":true,\"didChangeWatchedFiles\":{\"dynamicRegistration\":true},\"workspaceEdit\":{\"documentChanges\":true,\"resourceOperations\":[\"create\"]},\"workspaceFolders\":true}}";
    }

    /// <summary>The versions of the `agent/*` methods that this binding knows, for `capabilities.experimental.nextline`.</summary>
    public static class Versions
    {
        /// <summary>The oldest one.</summary>
        public const int Oldest = 1;
        /// <summary>The newest one.</summary>
        public const int Newest = 1;
    }

    /// <summary>LSP `ApplyWorkspaceEditParams`.</summary>
    public sealed class ApplyWorkspaceEditParams
    {
        /// <summary>What is to be done.</summary>
        public WorkspaceEdit Edit { get; set; }

        public static ApplyWorkspaceEditParams From(object json) => new ApplyWorkspaceEditParams
        {
            Edit = WorkspaceEdit.From(Read.Member(json, "edit")),
        };
    }

    /// <summary>LSP `ApplyWorkspaceEditResult`.</summary>
    public sealed class ApplyWorkspaceEditResult
    {
        /// <summary>It was done.</summary>
        public bool Applied { get; set; }
        /// <summary>Why not.</summary>
        public string FailureReason { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "applied", Applied);
            Read.Put(json, "failureReason", FailureReason);
            return json;
        }
    }

    /// <summary>Params of `agent/debug/assertText`: the client's buffer as the truth.</summary>
    public sealed class AssertTextParams
    {
        /// <summary>Its whole text.</summary>
        public string Text { get; set; }
        /// <summary>The document.</summary>
        public Identifier TextDocument { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "text", Text);
            Read.Put(json, "textDocument", TextDocument.Json());
            return json;
        }
    }

    /// <summary>LSP `CancelParams`.</summary>
    public sealed class CancelParams
    {
        /// <summary>The request.</summary>
        public long Id { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "id", Id);
            return json;
        }
    }

    /// <summary>LSP `TextDocumentContentChangeEvent`: without a range it is the whole text.</summary>
    public sealed class Change
    {
        /// <summary>What replaces it.</summary>
        public string Text { get; set; }
        /// <summary>What is replaced.</summary>
        public Range Range { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "text", Text);
            Read.Put(json, "range", Range?.Json());
            return json;
        }
    }

    /// <summary>What went wrong.</summary>
    public sealed class ChatError
    {
        /// <summary>A name that does not change.</summary>
        public string Kind { get; set; }
        /// <summary>One sentence for people, with the mend.</summary>
        public string Message { get; set; }
        /// <summary>What the provider calls the request.</summary>
        public string RequestId { get; set; }
        /// <summary>When it may be asked again, in ms since 1970.</summary>
        public long? RetryAt { get; set; }
        /// <summary>The provider's status code.</summary>
        public int? Status { get; set; }

        public static ChatError From(object json) => new ChatError
        {
            Kind = (string)Read.Member(json, "kind"),
            Message = (string)Read.Member(json, "message"),
            RequestId = Read.May((Read.Member(json, "requestId")), item => (string)item),
            RetryAt = Read.May((Read.Member(json, "retryAt")), item => (long?)Convert.ToInt64(item)),
            Status = Read.May((Read.Member(json, "status")), item => (int?)Convert.ToInt32(item)),
        };
    }

    /// <summary>Params of the notification `agent/chat/event`.</summary>
    public abstract class ChatEvent
    {
        /// <summary>The chat.</summary>
        public string Id { get; set; }

        public abstract Dictionary<string, object> Json();

        /// <summary>More of the answer: Markdown without images and HTML.</summary>
        public sealed class Delta : ChatEvent
        {
            /// <summary>Never empty.</summary>
            public string Text { get; set; }

            public static new Delta From(object json) => new Delta
            {
                Id = (string)Read.Member(json, "id"),
                Text = (string)Read.Member(json, "text"),
            };

            public override Dictionary<string, object> Json()
            {
                var json = new Dictionary<string, object>();
                json["kind"] = "delta";
                Read.Put(json, "id", Id);
                Read.Put(json, "text", Text);
                return json;
            }
        }

        /// <summary>What goes in with the question, before it is asked.</summary>
        public sealed class Context : ChatEvent
        {
            /// <summary>The account.</summary>
            public ContextAccount Account { get; set; }

            public static new Context From(object json) => new Context
            {
                Id = (string)Read.Member(json, "id"),
                Account = ContextAccount.From(Read.Member(json, "account")),
            };

            public override Dictionary<string, object> Json()
            {
                var json = new Dictionary<string, object>();
                json["kind"] = "context";
                Read.Put(json, "id", Id);
                Read.Put(json, "account", Account.Json());
                return json;
            }
        }

        /// <summary>The chat has a title.</summary>
        public sealed class Title : ChatEvent
        {
            /// <summary>One line.</summary>
            public string TitleValue { get; set; }

            public static new Title From(object json) => new Title
            {
                Id = (string)Read.Member(json, "id"),
                TitleValue = (string)Read.Member(json, "title"),
            };

            public override Dictionary<string, object> Json()
            {
                var json = new Dictionary<string, object>();
                json["kind"] = "title";
                Read.Put(json, "id", Id);
                Read.Put(json, "title", TitleValue);
                return json;
            }
        }

        /// <summary>null for a kind of another version.</summary>
        public static ChatEvent From(object json)
        {
            switch (Read.Member(json, "kind") as string)
            {
                case "delta": return Delta.From(json);
                case "context": return Context.From(json);
                case "title": return Title.From(json);
                default: return null;
            }
        }
    }

    /// <summary>Where the person is, for mentions such as `@selection`.</summary>
    public sealed class ChatPlace
    {
        /// <summary>Its diagnostics.</summary>
        public List<Diagnostic> Diagnostics { get; set; }
        /// <summary>Its selection.</summary>
        public Range Selection { get; set; }
        /// <summary>The document in front.</summary>
        public Identifier TextDocument { get; set; }

        public static ChatPlace From(object json) => new ChatPlace
        {
            Diagnostics = Read.May((Read.Member(json, "diagnostics")), item => Read.List(item, part0 => Diagnostic.From(part0))),
            Selection = Read.May((Read.Member(json, "selection")), item => Range.From(item)),
            TextDocument = Read.May((Read.Member(json, "textDocument")), item => Identifier.From(item)),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "diagnostics", Diagnostics == null ? null : Read.List<object>(Diagnostics, part => ((Diagnostic)part).Json()));
            Read.Put(json, "selection", Selection?.Json());
            Read.Put(json, "textDocument", TextDocument?.Json());
            return json;
        }
    }

    /// <summary>Params of `agent/chat/send`.</summary>
    public sealed class ChatSendParams
    {
        /// <summary>The chat.</summary>
        public string Id { get; set; }
        /// <summary>What the person says; `@file`, `@file:10-20`, `@symbol`, `@dir/`, `@picture.png`, `@selection`, `@diagnostics`, `@diff` and `@repo` add what they name, and `/name` at the start is a command of the project or the user.</summary>
        public string Text { get; set; }
        /// <summary>Where the person is.</summary>
        public ChatPlace Place { get; set; }
        /// <summary>Asks this route from now on.</summary>
        public string Route { get; set; }
        /// <summary>Resends: the turn (from 0) that the text stands for; it and what follows it are forgotten.</summary>
        public long? Turn { get; set; }

        public static ChatSendParams From(object json) => new ChatSendParams
        {
            Id = (string)Read.Member(json, "id"),
            Text = (string)Read.Member(json, "text"),
            Place = Read.May((Read.Member(json, "place")), item => ChatPlace.From(item)),
            Route = Read.May((Read.Member(json, "route")), item => (string)item),
            Turn = Read.May((Read.Member(json, "turn")), item => (long?)Convert.ToInt64(item)),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "id", Id);
            Read.Put(json, "text", Text);
            Read.Put(json, "place", Place?.Json());
            Read.Put(json, "route", Route);
            Read.Put(json, "turn", Turn);
            return json;
        }
    }

    /// <summary>Result of `agent/chat/send`: the end of an answer whose text came by events.</summary>
    public sealed class ChatSendResult
    {
        /// <summary>The number of the answer's turn, from 0.</summary>
        public long Turn { get; set; }
        /// <summary>Tokens of the input that were read from the provider's cache.</summary>
        public long? CachedTokens { get; set; }
        /// <summary>US dollars; `null` without a price.</summary>
        public double? CostUsd { get; set; }
        /// <summary>What went wrong; the text that came stays.</summary>
        public ChatError Error { get; set; }
        /// <summary>Tokens of all input, cached included; `null` if the provider does not say.</summary>
        public long? InputTokens { get; set; }
        /// <summary>Tokens of the answer.</summary>
        public long? OutputTokens { get; set; }
        /// <summary>`end`, `length`, `stop`, `tool`, `refusal`, `filter`, `cut`, or `null` when it came to no end.</summary>
        public string StopReason { get; set; }

        public static ChatSendResult From(object json) => new ChatSendResult
        {
            Turn = Convert.ToInt64(Read.Member(json, "turn")),
            CachedTokens = Read.May((Read.Member(json, "cachedTokens")), item => (long?)Convert.ToInt64(item)),
            CostUsd = Read.May((Read.Member(json, "costUsd")), item => (double?)Convert.ToDouble(item)),
            Error = Read.May((Read.Member(json, "error")), item => ChatError.From(item)),
            InputTokens = Read.May((Read.Member(json, "inputTokens")), item => (long?)Convert.ToInt64(item)),
            OutputTokens = Read.May((Read.Member(json, "outputTokens")), item => (long?)Convert.ToInt64(item)),
            StopReason = Read.May((Read.Member(json, "stopReason")), item => (string)item),
        };
    }

    /// <summary>LSP `Command`.</summary>
    public sealed class Command
    {
        /// <summary>The suggestion's id.</summary>
        public List<object> Arguments { get; set; }
        /// <summary>One of `crate::methods::COMMANDS`.</summary>
        public string CommandValue { get; set; }
        /// <summary>For people.</summary>
        public string Title { get; set; }

        public static Command From(object json) => new Command
        {
            Arguments = Read.List(Read.Member(json, "arguments"), part0 => part0),
            CommandValue = (string)Read.Member(json, "command"),
            Title = (string)Read.Member(json, "title"),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "arguments", Arguments);
            Read.Put(json, "command", CommandValue);
            Read.Put(json, "title", Title);
            return json;
        }
    }

    /// <summary>LSP `ConfigurationItem`.</summary>
    public sealed class ConfigurationItem
    {
        /// <summary>`Client.Section` is ours.</summary>
        public string Section { get; set; }

        public static ConfigurationItem From(object json) => new ConfigurationItem
        {
            Section = Read.May((Read.Member(json, "section")), item => (string)item),
        };
    }

    /// <summary>LSP `ConfigurationParams`.</summary>
    public sealed class ConfigurationParams
    {
        /// <summary>The answer has a value for each.</summary>
        public List<ConfigurationItem> Items { get; set; }

        public static ConfigurationParams From(object json) => new ConfigurationParams
        {
            Items = Read.List(Read.Member(json, "items"), part0 => ConfigurationItem.From(part0)),
        };
    }

    /// <summary>What went in, and what did not.</summary>
    public sealed class ContextAccount
    {
        /// <summary>Earlier turns that did not fit.</summary>
        public long Forgotten { get; set; }
        /// <summary>What went in.</summary>
        public List<ContextItem> Kept { get; set; }
        /// <summary>What did not, and why.</summary>
        public List<ContextItem> LeftOut { get; set; }
        /// <summary>The most that it may be.</summary>
        public long Limit { get; set; }
        /// <summary>Tokens of all that went in, by our own estimate.</summary>
        public long Tokens { get; set; }

        public static ContextAccount From(object json) => new ContextAccount
        {
            Forgotten = Convert.ToInt64(Read.Member(json, "forgotten")),
            Kept = Read.List(Read.Member(json, "kept"), part0 => ContextItem.From(part0)),
            LeftOut = Read.List(Read.Member(json, "leftOut"), part0 => ContextItem.From(part0)),
            Limit = Convert.ToInt64(Read.Member(json, "limit")),
            Tokens = Convert.ToInt64(Read.Member(json, "tokens")),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "forgotten", Forgotten);
            Read.Put(json, "kept", Read.List<object>(Kept, part => ((ContextItem)part).Json()));
            Read.Put(json, "leftOut", Read.List<object>(LeftOut, part => ((ContextItem)part).Json()));
            Read.Put(json, "limit", Limit);
            Read.Put(json, "tokens", Tokens);
            return json;
        }
    }

    /// <summary>Something that was mentioned.</summary>
    public sealed class ContextItem
    {
        /// <summary>A path, with lines where it is a part; else what was mentioned.</summary>
        public string Name { get; set; }
        /// <summary>Tokens, by our own estimate; 0 for what was not read.</summary>
        public long Tokens { get; set; }
        /// <summary>Why it was left out; empty for what went in.</summary>
        public string Reason { get; set; }

        public static ContextItem From(object json) => new ContextItem
        {
            Name = (string)Read.Member(json, "name"),
            Tokens = Convert.ToInt64(Read.Member(json, "tokens")),
            Reason = Read.May((Read.Member(json, "reason")), item => (string)item),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "name", Name);
            Read.Put(json, "tokens", Tokens);
            Read.Put(json, "reason", Reason);
            return json;
        }
    }

    /// <summary>LSP `Diagnostic`, as far as it is read.</summary>
    public sealed class Diagnostic
    {
        /// <summary>What.</summary>
        public string Message { get; set; }
        /// <summary>Where.</summary>
        public Range Range { get; set; }
        /// <summary>1 error, 2 warning, 3 information, 4 hint.</summary>
        public int? Severity { get; set; }
        /// <summary>Which tool says so.</summary>
        public string Source { get; set; }

        public static Diagnostic From(object json) => new Diagnostic
        {
            Message = (string)Read.Member(json, "message"),
            Range = Range.From(Read.Member(json, "range")),
            Severity = Read.May((Read.Member(json, "severity")), item => (int?)Convert.ToInt32(item)),
            Source = Read.May((Read.Member(json, "source")), item => (string)item),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "message", Message);
            Read.Put(json, "range", Range.Json());
            Read.Put(json, "severity", Severity);
            Read.Put(json, "source", Source);
            return json;
        }
    }

    /// <summary>LSP `DidChangeConfigurationParams`.</summary>
    public sealed class DidChangeConfigurationParams
    {
        /// <summary>The settings.</summary>
        public Sections Settings { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "settings", Settings.Json());
            return json;
        }
    }

    /// <summary>`textDocument/didChange`.</summary>
    public sealed class DidChangeParams
    {
        /// <summary>Applied one after the other.</summary>
        public List<Change> ContentChanges { get; set; }
        /// <summary>The document, with its version after the change.</summary>
        public Identifier TextDocument { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "contentChanges", Read.List<object>(ContentChanges, part => ((Change)part).Json()));
            Read.Put(json, "textDocument", TextDocument.Json());
            return json;
        }
    }

    /// <summary>LSP `DidChangeWatchedFilesParams`.</summary>
    public sealed class DidChangeWatchedFilesParams
    {
        /// <summary>What happened.</summary>
        public List<FileEvent> Changes { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "changes", Read.List<object>(Changes, part => ((FileEvent)part).Json()));
            return json;
        }
    }

    /// <summary>LSP `DidChangeWorkspaceFoldersParams`.</summary>
    public sealed class DidChangeWorkspaceFoldersParams
    {
        /// <summary>What changed.</summary>
        public WorkspaceFoldersChangeEvent Event { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "event", Event.Json());
            return json;
        }
    }

    /// <summary>`textDocument/didOpen`.</summary>
    public sealed class DidOpenParams
    {
        /// <summary>The document with its text.</summary>
        public Item TextDocument { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "textDocument", TextDocument.Json());
            return json;
        }
    }

    /// <summary>Params of `textDocument/didPartiallyAcceptCompletion`.</summary>
    public sealed class DidPartiallyAcceptParams
    {
        /// <summary>UTF-16 units of `insertText` that were taken, from its start.</summary>
        public int AcceptedLength { get; set; }
        /// <summary>As it came; only its command's id is read.</summary>
        public InlineCompletionItem Item { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "acceptedLength", AcceptedLength);
            Read.Put(json, "item", Item.Json());
            return json;
        }
    }

    /// <summary>Params of `textDocument/didShowInlineEdit`.</summary>
    public sealed class DidShowInlineEditParams
    {
        /// <summary>As it came.</summary>
        public SuggestedEdit Item { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "item", Item.Json());
            return json;
        }
    }

    /// <summary>Params of `textDocument/didShowCompletion`.</summary>
    public sealed class DidShowParams
    {
        /// <summary>As it came; only its command's id is read.</summary>
        public InlineCompletionItem Item { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "item", Item.Json());
            return json;
        }
    }

    /// <summary>LSP `CreateFile` where there is a kind, else `TextDocumentEdit`.</summary>
    public sealed class DocumentChange
    {
        /// <summary>All of them are of the text before any.</summary>
        public List<TextEdit> Edits { get; set; }
        /// <summary>What is done with the file.</summary>
        public string Kind { get; set; }
        /// <summary>The document, with the version that the edits are for.</summary>
        public Identifier TextDocument { get; set; }
        /// <summary>The file.</summary>
        public string Uri { get; set; }

        public static DocumentChange From(object json) => new DocumentChange
        {
            Edits = Read.May((Read.Member(json, "edits")), item => Read.List(item, part0 => TextEdit.From(part0))),
            Kind = Read.May((Read.Member(json, "kind")), item => (string)item),
            TextDocument = Read.May((Read.Member(json, "textDocument")), item => Identifier.From(item)),
            Uri = Read.May((Read.Member(json, "uri")), item => (string)item),
        };
    }

    /// <summary>Params that name one document: `didClose`, `didSave`, `agent/why`.</summary>
    public sealed class DocumentParams
    {
        /// <summary>The document.</summary>
        public Identifier TextDocument { get; set; }

        public static DocumentParams From(object json) => new DocumentParams
        {
            TextDocument = Identifier.From(Read.Member(json, "textDocument")),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "textDocument", TextDocument.Json());
            return json;
        }
    }

    /// <summary>Params of `agent/edit/accept`.</summary>
    public sealed class EditAcceptParams
    {
        /// <summary>The edit.</summary>
        public string Id { get; set; }
        /// <summary>The hunks that are wanted, by their numbers in the preview from 0; all if it is absent.</summary>
        public List<long> Hunks { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "id", Id);
            Read.Put(json, "hunks", Hunks);
            return json;
        }
    }

    /// <summary>Result of `agent/edit/accept` and `agent/edit/undo`.</summary>
    public sealed class EditAppliedResult
    {
        /// <summary>The client has changed its buffer.</summary>
        public bool Applied { get; set; }
        /// <summary>Why not, in one sentence; `null` if it has.</summary>
        public string Reason { get; set; }

        public static EditAppliedResult From(object json) => new EditAppliedResult
        {
            Applied = Convert.ToBoolean(Read.Member(json, "applied")),
            Reason = Read.May((Read.Member(json, "reason")), item => (string)item),
        };
    }

    /// <summary>Params of `agent/edit/apply`.</summary>
    public sealed class EditApplyParams
    {
        /// <summary>A block of code, as it stands in a chat.</summary>
        public string Text { get; set; }
        /// <summary>The document; it must be open.</summary>
        public Identifier TextDocument { get; set; }
        /// <summary>The lines that it replaces; where it is absent, what the block defines says where it goes.</summary>
        public Range Range { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "text", Text);
            Read.Put(json, "textDocument", TextDocument.Json());
            Read.Put(json, "range", Range?.Json());
            return json;
        }
    }

    /// <summary>Params of the notification `agent/edit/event`.</summary>
    public abstract class EditEvent
    {
        /// <summary>The edit.</summary>
        public string Id { get; set; }

        public abstract Dictionary<string, object> Json();

        /// <summary>The model is at work: bytes of its answer so far.</summary>
        public sealed class Progress : EditEvent
        {
            /// <summary>Bytes.</summary>
            public long Received { get; set; }

            public static new Progress From(object json) => new Progress
            {
                Id = (string)Read.Member(json, "id"),
                Received = Convert.ToInt64(Read.Member(json, "received")),
            };

            public override Dictionary<string, object> Json()
            {
                var json = new Dictionary<string, object>();
                json["kind"] = "progress";
                Read.Put(json, "id", Id);
                Read.Put(json, "received", Received);
                return json;
            }
        }

        /// <summary>What goes in with the question, before it is asked.</summary>
        public sealed class Context : EditEvent
        {
            /// <summary>The account.</summary>
            public ContextAccount Account { get; set; }

            public static new Context From(object json) => new Context
            {
                Id = (string)Read.Member(json, "id"),
                Account = ContextAccount.From(Read.Member(json, "account")),
            };

            public override Dictionary<string, object> Json()
            {
                var json = new Dictionary<string, object>();
                json["kind"] = "context";
                Read.Put(json, "id", Id);
                Read.Put(json, "account", Account.Json());
                return json;
            }
        }

        /// <summary>The text was changed where the edit is: it is asked once more.</summary>
        public sealed class Again : EditEvent
        {

            public static new Again From(object json) => new Again
            {
                Id = (string)Read.Member(json, "id"),
            };

            public override Dictionary<string, object> Json()
            {
                var json = new Dictionary<string, object>();
                json["kind"] = "again";
                Read.Put(json, "id", Id);
                return json;
            }
        }

        /// <summary>It can be seen and accepted.</summary>
        public sealed class Ready : EditEvent
        {
            /// <summary>What it changes.</summary>
            public EditPreview Preview { get; set; }

            public static new Ready From(object json) => new Ready
            {
                Id = (string)Read.Member(json, "id"),
                Preview = EditPreview.From(Read.Member(json, "preview")),
            };

            public override Dictionary<string, object> Json()
            {
                var json = new Dictionary<string, object>();
                json["kind"] = "ready";
                Read.Put(json, "id", Id);
                Read.Put(json, "preview", Preview.Json());
                return json;
            }
        }

        /// <summary>The client has it in its buffer.</summary>
        public sealed class Applied : EditEvent
        {

            public static new Applied From(object json) => new Applied
            {
                Id = (string)Read.Member(json, "id"),
            };

            public override Dictionary<string, object> Json()
            {
                var json = new Dictionary<string, object>();
                json["kind"] = "applied";
                Read.Put(json, "id", Id);
                return json;
            }
        }

        /// <summary>It was taken back.</summary>
        public sealed class Undone : EditEvent
        {

            public static new Undone From(object json) => new Undone
            {
                Id = (string)Read.Member(json, "id"),
            };

            public override Dictionary<string, object> Json()
            {
                var json = new Dictionary<string, object>();
                json["kind"] = "undone";
                Read.Put(json, "id", Id);
                return json;
            }
        }

        /// <summary>It was declined.</summary>
        public sealed class Rejected : EditEvent
        {

            public static new Rejected From(object json) => new Rejected
            {
                Id = (string)Read.Member(json, "id"),
            };

            public override Dictionary<string, object> Json()
            {
                var json = new Dictionary<string, object>();
                json["kind"] = "rejected";
                Read.Put(json, "id", Id);
                return json;
            }
        }

        /// <summary>It was stopped.</summary>
        public sealed class Cancelled : EditEvent
        {

            public static new Cancelled From(object json) => new Cancelled
            {
                Id = (string)Read.Member(json, "id"),
            };

            public override Dictionary<string, object> Json()
            {
                var json = new Dictionary<string, object>();
                json["kind"] = "cancelled";
                Read.Put(json, "id", Id);
                return json;
            }
        }

        /// <summary>It came to nothing.</summary>
        public sealed class Failed : EditEvent
        {
            /// <summary>One sentence for people, with the mend.</summary>
            public string Message { get; set; }
            /// <summary>A name that does not change.</summary>
            public string Reason { get; set; }

            public static new Failed From(object json) => new Failed
            {
                Id = (string)Read.Member(json, "id"),
                Message = (string)Read.Member(json, "message"),
                Reason = (string)Read.Member(json, "reason"),
            };

            public override Dictionary<string, object> Json()
            {
                var json = new Dictionary<string, object>();
                json["kind"] = "failed";
                Read.Put(json, "id", Id);
                Read.Put(json, "message", Message);
                Read.Put(json, "reason", Reason);
                return json;
            }
        }

        /// <summary>null for a kind of another version.</summary>
        public static EditEvent From(object json)
        {
            switch (Read.Member(json, "kind") as string)
            {
                case "progress": return Progress.From(json);
                case "context": return Context.From(json);
                case "again": return Again.From(json);
                case "ready": return Ready.From(json);
                case "applied": return Applied.From(json);
                case "undone": return Undone.From(json);
                case "rejected": return Rejected.From(json);
                case "cancelled": return Cancelled.From(json);
                case "failed": return Failed.From(json);
                default: return null;
            }
        }
    }

    /// <summary>Whole lines that are replaced.</summary>
    public sealed class EditHunk
    {
        /// <summary>What shall stand there.</summary>
        public string NewText { get; set; }
        /// <summary>What stands there.</summary>
        public string OldText { get; set; }
        /// <summary>Where; empty for an insertion.</summary>
        public Range Range { get; set; }

        public static EditHunk From(object json) => new EditHunk
        {
            NewText = (string)Read.Member(json, "newText"),
            OldText = (string)Read.Member(json, "oldText"),
            Range = Range.From(Read.Member(json, "range")),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "newText", NewText);
            Read.Put(json, "oldText", OldText);
            Read.Put(json, "range", Range.Json());
            return json;
        }
    }

    /// <summary>Params of `agent/edit/reject`, `undo`, `cancel` and `get`.</summary>
    public sealed class EditParams
    {
        /// <summary>The edit.</summary>
        public string Id { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "id", Id);
            return json;
        }
    }

    /// <summary>What an edit would change, in the text of one version.</summary>
    public sealed class EditPreview
    {
        /// <summary>The same as a unified diff.</summary>
        public string Diff { get; set; }
        /// <summary>In the text's order.</summary>
        public List<EditHunk> Hunks { get; set; }
        /// <summary>Syntax errors that the text would have more than now.</summary>
        public long NewErrors { get; set; }
        /// <summary>The document and the version that the ranges are of.</summary>
        public Identifier TextDocument { get; set; }

        public static EditPreview From(object json) => new EditPreview
        {
            Diff = (string)Read.Member(json, "diff"),
            Hunks = Read.List(Read.Member(json, "hunks"), part0 => EditHunk.From(part0)),
            NewErrors = Convert.ToInt64(Read.Member(json, "newErrors")),
            TextDocument = Identifier.From(Read.Member(json, "textDocument")),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "diff", Diff);
            Read.Put(json, "hunks", Read.List<object>(Hunks, part => ((EditHunk)part).Json()));
            Read.Put(json, "newErrors", NewErrors);
            Read.Put(json, "textDocument", TextDocument.Json());
            return json;
        }
    }

    /// <summary>Params of `agent/edit/retry`.</summary>
    public sealed class EditRetryParams
    {
        /// <summary>The edit.</summary>
        public string Id { get; set; }
        /// <summary>The changed instruction; the same one if it is absent.</summary>
        public string Instruction { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "id", Id);
            Read.Put(json, "instruction", Instruction);
            return json;
        }
    }

    /// <summary>Params of `agent/edit/start`.</summary>
    public sealed class EditStartParams
    {
        /// <summary>The selection; empty for what is around the cursor.</summary>
        public Range Range { get; set; }
        /// <summary>The document; it must be open.</summary>
        public Identifier TextDocument { get; set; }
        /// <summary>What tools complain about in the range.</summary>
        public List<Diagnostic> Diagnostics { get; set; }
        /// <summary>What is to be done, in words.</summary>
        public string Instruction { get; set; }
        /// <summary>Asks this route instead of `edit.route`.</summary>
        public string Route { get; set; }
        /// <summary>One of `verb::ALL`: `edit`, `doc`, `test`, `fix` or `insert` (behind the selection); `edit` if it is not said.</summary>
        public string Verb { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "range", Range.Json());
            Read.Put(json, "textDocument", TextDocument.Json());
            Read.Put(json, "diagnostics", Diagnostics == null ? null : Read.List<object>(Diagnostics, part => ((Diagnostic)part).Json()));
            Read.Put(json, "instruction", Instruction);
            Read.Put(json, "route", Route);
            Read.Put(json, "verb", Verb);
            return json;
        }
    }

    /// <summary>Result of `agent/edit/start` and `agent/edit/retry`.</summary>
    public sealed class EditStartResult
    {
        /// <summary>Names the edit in everything that follows.</summary>
        public string Id { get; set; }

        public static EditStartResult From(object json) => new EditStartResult
        {
            Id = (string)Read.Member(json, "id"),
        };
    }

    /// <summary>Params of `agent/edit/suggest`.</summary>
    public sealed class EditSuggestParams
    {
        /// <summary>The cursor.</summary>
        public Position Position { get; set; }
        /// <summary>The document; it must be open.</summary>
        public Identifier TextDocument { get; set; }
        /// <summary>What tools complain about in the document.</summary>
        public List<Diagnostic> Diagnostics { get; set; }
        /// <summary>The person asked, and did not merely pause.</summary>
        public bool? Invoked { get; set; }
        /// <summary>Edits in other open documents are wanted too; they come behind those of this one.</summary>
        public bool? Others { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "position", Position.Json());
            Read.Put(json, "textDocument", TextDocument.Json());
            Read.Put(json, "diagnostics", Diagnostics == null ? null : Read.List<object>(Diagnostics, part => ((Diagnostic)part).Json()));
            Read.Put(json, "invoked", Invoked);
            Read.Put(json, "others", Others);
            return json;
        }
    }

    /// <summary>Result of `agent/edit/suggest`.</summary>
    public sealed class EditSuggestResult
    {
        /// <summary>The same as one sentence for people, with the mend where there is one; else empty.</summary>
        public string Detail { get; set; }
        /// <summary>In the order in which somebody at the cursor meets them; none overlaps another of its document.</summary>
        public List<SuggestedEdit> Edits { get; set; }
        /// <summary>Why there is none: a name that does not change; `null` while there is one.</summary>
        public string Reason { get; set; }

        public static EditSuggestResult From(object json) => new EditSuggestResult
        {
            Detail = (string)Read.Member(json, "detail"),
            Edits = Read.List(Read.Member(json, "edits"), part0 => SuggestedEdit.From(part0)),
            Reason = Read.May((Read.Member(json, "reason")), item => (string)item),
        };
    }

    /// <summary>LSP `ExecuteCommandParams`.</summary>
    public sealed class ExecuteCommandParams
    {
        /// <summary>Its arguments.</summary>
        public List<object> Arguments { get; set; }
        /// <summary>One of `Commands`.</summary>
        public string Command { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "arguments", Arguments);
            Read.Put(json, "command", Command);
            return json;
        }
    }

    /// <summary>LSP's `experimental`.</summary>
    public sealed class Experimental
    {
        /// <summary>The version that both speak; absent from agents that are older than such answers.</summary>
        public VersionAnswer Nextline { get; set; }

        public static Experimental From(object json) => new Experimental
        {
            Nextline = Read.May((Read.Member(json, "nextline")), item => VersionAnswer.From(item)),
        };
    }

    /// <summary>A JSON-RPC error object.</summary>
    public sealed class Fault
    {
        /// <summary>One of this module's numbers.</summary>
        public long Code { get; set; }
        /// <summary>One sentence for people.</summary>
        public string Message { get; set; }
        /// <summary>More, for programs.</summary>
        public object Data { get; set; }

        public static Fault From(object json) => new Fault
        {
            Code = Convert.ToInt64(Read.Member(json, "code")),
            Message = (string)Read.Member(json, "message"),
            Data = Read.May((Read.Member(json, "data")), item => item),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "code", Code);
            Read.Put(json, "message", Message);
            Read.Put(json, "data", Data);
            return json;
        }
    }

    /// <summary>LSP `FileEvent`.</summary>
    public sealed class FileEvent
    {
        /// <summary>One of `FileChanges`.</summary>
        public int Type { get; set; }
        /// <summary>The file.</summary>
        public string Uri { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "type", Type);
            Read.Put(json, "uri", Uri);
            return json;
        }
    }

    /// <summary>LSP `TextDocumentIdentifier`, with the version that some clients add.</summary>
    public sealed class Identifier
    {
        /// <summary>The document's URI as the client spells it.</summary>
        public string Uri { get; set; }
        /// <summary>The version that the client speaks of.</summary>
        public long? Version { get; set; }

        public static Identifier From(object json) => new Identifier
        {
            Uri = (string)Read.Member(json, "uri"),
            Version = Read.May((Read.Member(json, "version")), item => (long?)Convert.ToInt64(item)),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "uri", Uri);
            Read.Put(json, "version", Version);
            return json;
        }
    }

    /// <summary>LSP `InitializeParams`, as far as it is said.</summary>
    public sealed class InitializeParams
    {
        /// <summary>`Client.Capabilities` as JSON.</summary>
        public object Capabilities { get; set; }
        /// <summary>The editor.</summary>
        public PeerInfo ClientInfo { get; set; }
        /// <summary>What the person set, by section and key as in `config.toml`.</summary>
        public object InitializationOptions { get; set; }
        /// <summary>The editor's process; the agent ends with it.</summary>
        public long ProcessId { get; set; }
        /// <summary>The folders that are worked in.</summary>
        public List<WorkspaceFolder> WorkspaceFolders { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "capabilities", Capabilities);
            Read.Put(json, "clientInfo", ClientInfo.Json());
            Read.Put(json, "initializationOptions", InitializationOptions);
            Read.Put(json, "processId", ProcessId);
            Read.Put(json, "workspaceFolders", Read.List<object>(WorkspaceFolders, part => ((WorkspaceFolder)part).Json()));
            return json;
        }
    }

    /// <summary>LSP `InitializeResult`, as far as it is read.</summary>
    public sealed class InitializeResult
    {
        /// <summary>What the agent can do.</summary>
        public ServerCapabilities Capabilities { get; set; }
        /// <summary>The agent.</summary>
        public PeerInfo ServerInfo { get; set; }

        public static InitializeResult From(object json) => new InitializeResult
        {
            Capabilities = ServerCapabilities.From(Read.Member(json, "capabilities")),
            ServerInfo = Read.May((Read.Member(json, "serverInfo")), item => PeerInfo.From(item)),
        };
    }

    /// <summary>LSP `InlineCompletionContext`.</summary>
    public sealed class InlineCompletionContext
    {
        /// <summary>The popup's selected entry, which items must extend.</summary>
        public SelectedCompletionInfo SelectedCompletionInfo { get; set; }
        /// <summary>1 = invoked, 2 = automatic; anything else counts as automatic.</summary>
        public int? TriggerKind { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "selectedCompletionInfo", SelectedCompletionInfo?.Json());
            Read.Put(json, "triggerKind", TriggerKind);
            return json;
        }
    }

    /// <summary>LSP `InlineCompletionItem`, with a plain string and a range on one line.</summary>
    public sealed class InlineCompletionItem
    {
        /// <summary>Run by the client after the insertion.</summary>
        public Command Command { get; set; }
        /// <summary>What a curious client may show.</summary>
        public ItemData Data { get; set; }
        /// <summary>Replaces `range`.</summary>
        public string InsertText { get; set; }
        /// <summary>On the cursor's line; starts where the replaced word starts.</summary>
        public Range Range { get; set; }

        public static InlineCompletionItem From(object json) => new InlineCompletionItem
        {
            Command = Command.From(Read.Member(json, "command")),
            Data = ItemData.From(Read.Member(json, "data")),
            InsertText = (string)Read.Member(json, "insertText"),
            Range = Range.From(Read.Member(json, "range")),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "command", Command.Json());
            Read.Put(json, "data", Data.Json());
            Read.Put(json, "insertText", InsertText);
            Read.Put(json, "range", Range.Json());
            return json;
        }
    }

    /// <summary>LSP `InlineCompletionList`.</summary>
    public sealed class InlineCompletionList
    {
        /// <summary>Best first.</summary>
        public List<InlineCompletionItem> Items { get; set; }

        public static InlineCompletionList From(object json) => new InlineCompletionList
        {
            Items = Read.List(Read.Member(json, "items"), part0 => InlineCompletionItem.From(part0)),
        };
    }

    /// <summary>Params of the request. The standard's, and what Copilot's clients add to them.</summary>
    public sealed class InlineCompletionParams
    {
        /// <summary>The cursor.</summary>
        public Position Position { get; set; }
        /// <summary>The document.</summary>
        public Identifier TextDocument { get; set; }
        /// <summary>Why it is asked; absent from some clients.</summary>
        public InlineCompletionContext Context { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "position", Position.Json());
            Read.Put(json, "textDocument", TextDocument.Json());
            Read.Put(json, "context", Context?.Json());
            return json;
        }
    }

    /// <summary>LSP `TextDocumentItem`.</summary>
    public sealed class Item
    {
        /// <summary>The whole text.</summary>
        public string Text { get; set; }
        /// <summary>The document's URI as the client spells it.</summary>
        public string Uri { get; set; }
        /// <summary>LSP language identifier; empty if the client knows none.</summary>
        public string LanguageId { get; set; }
        /// <summary>Absent from some clients.</summary>
        public long? Version { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "text", Text);
            Read.Put(json, "uri", Uri);
            Read.Put(json, "languageId", LanguageId);
            Read.Put(json, "version", Version);
            return json;
        }
    }

    /// <summary>What is known of an item beside the standard's fields.</summary>
    public sealed class ItemData
    {
        /// <summary>`local`, or the route's name.</summary>
        public string Origin { get; set; }
        /// <summary>The embedded model's own probability (0 to 1) that the text is right.</summary>
        public double? Confidence { get; set; }

        public static ItemData From(object json) => new ItemData
        {
            Origin = (string)Read.Member(json, "origin"),
            Confidence = Read.May((Read.Member(json, "confidence")), item => (double?)Convert.ToDouble(item)),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "origin", Origin);
            Read.Put(json, "confidence", Confidence);
            return json;
        }
    }

    /// <summary>What the embedded model holds.</summary>
    public sealed class LocalStatus
    {
        /// <summary>Bytes of memory held.</summary>
        public long Bytes { get; set; }
        /// <summary>`local.enabled`.</summary>
        public bool Enabled { get; set; }
        /// <summary>Workspace files learnt.</summary>
        public long Files { get; set; }
        /// <summary>Files that a limit or a rule left out.</summary>
        public long LeftOut { get; set; }
        /// <summary>Their tokens.</summary>
        public long Tokens { get; set; }

        public static LocalStatus From(object json) => new LocalStatus
        {
            Bytes = Convert.ToInt64(Read.Member(json, "bytes")),
            Enabled = Convert.ToBoolean(Read.Member(json, "enabled")),
            Files = Convert.ToInt64(Read.Member(json, "files")),
            LeftOut = Convert.ToInt64(Read.Member(json, "leftOut")),
            Tokens = Convert.ToInt64(Read.Member(json, "tokens")),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "bytes", Bytes);
            Read.Put(json, "enabled", Enabled);
            Read.Put(json, "files", Files);
            Read.Put(json, "leftOut", LeftOut);
            Read.Put(json, "tokens", Tokens);
            return json;
        }
    }

    /// <summary>LSP `MessageActionItem`.</summary>
    public sealed class MessageActionItem
    {
        /// <summary>What the person chooses.</summary>
        public string Title { get; set; }

        public static MessageActionItem From(object json) => new MessageActionItem
        {
            Title = (string)Read.Member(json, "title"),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "title", Title);
            return json;
        }
    }

    /// <summary>One route with its model.</summary>
    public sealed class Model
    {
        /// <summary>The model, as the provider spells it.</summary>
        public string ModelValue { get; set; }
        /// <summary>The provider.</summary>
        public string Provider { get; set; }
        /// <summary>The name under `[routes]`.</summary>
        public string Route { get; set; }
        /// <summary>The surfaces that use it: `completion`, `edit`, `chat`.</summary>
        public List<string> UsedFor { get; set; }
        /// <summary>Why it cannot be asked, in one sentence; `null` when it can.</summary>
        public string Trouble { get; set; }

        public static Model From(object json) => new Model
        {
            ModelValue = (string)Read.Member(json, "model"),
            Provider = (string)Read.Member(json, "provider"),
            Route = (string)Read.Member(json, "route"),
            UsedFor = Read.List(Read.Member(json, "usedFor"), part0 => (string)part0),
            Trouble = Read.May((Read.Member(json, "trouble")), item => (string)item),
        };
    }

    /// <summary>Result of `agent/model/list`.</summary>
    public sealed class ModelListResult
    {
        /// <summary>The configured routes.</summary>
        public List<Model> Models { get; set; }

        public static ModelListResult From(object json) => new ModelListResult
        {
            Models = Read.List(Read.Member(json, "models"), part0 => Model.From(part0)),
        };
    }

    /// <summary>Why no next edit was suggested.</summary>
    public sealed class NextSilence
    {
        /// <summary>One sentence for people, with the mend where there is one.</summary>
        public string Detail { get; set; }
        /// <summary>A name that does not change.</summary>
        public string Reason { get; set; }

        public static NextSilence From(object json) => new NextSilence
        {
            Detail = (string)Read.Member(json, "detail"),
            Reason = (string)Read.Member(json, "reason"),
        };
    }

    /// <summary>LSP's `clientInfo` and `serverInfo`.</summary>
    public sealed class PeerInfo
    {
        /// <summary>Its name.</summary>
        public string Name { get; set; }
        /// <summary>Its version.</summary>
        public string Version { get; set; }

        public static PeerInfo From(object json) => new PeerInfo
        {
            Name = (string)Read.Member(json, "name"),
            Version = Read.May((Read.Member(json, "version")), item => (string)item),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "name", Name);
            Read.Put(json, "version", Version);
            return json;
        }
    }

    /// <summary>LSP `Position`: from 0, `character` in the negotiated encoding's unit.</summary>
    public sealed class Position
    {
        /// <summary>Column, from 0.</summary>
        public int Character { get; set; }
        /// <summary>Line, from 0.</summary>
        public int Line { get; set; }

        public static Position From(object json) => new Position
        {
            Character = Convert.ToInt32(Read.Member(json, "character")),
            Line = Convert.ToInt32(Read.Member(json, "line")),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "character", Character);
            Read.Put(json, "line", Line);
            return json;
        }
    }

    /// <summary>LSP `Range`: half open.</summary>
    public sealed class Range
    {
        /// <summary>Place after the last.</summary>
        public Position End { get; set; }
        /// <summary>First place.</summary>
        public Position Start { get; set; }

        public static Range From(object json) => new Range
        {
            End = Position.From(Read.Member(json, "end")),
            Start = Position.From(Read.Member(json, "start")),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "end", End.Json());
            Read.Put(json, "start", Start.Json());
            return json;
        }
    }

    /// <summary>Params of the notification `agent/document/resync`: the client's buffer and ours may differ.</summary>
    public sealed class ResyncParams
    {
        /// <summary>What did not fit.</summary>
        public string Reason { get; set; }
        /// <summary>The document.</summary>
        public string Uri { get; set; }

        public static ResyncParams From(object json) => new ResyncParams
        {
            Reason = (string)Read.Member(json, "reason"),
            Uri = (string)Read.Member(json, "uri"),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "reason", Reason);
            Read.Put(json, "uri", Uri);
            return json;
        }
    }

    /// <summary>The settings by LSP's sections.</summary>
    public sealed class Sections
    {
        /// <summary>By section and key as in `config.toml`.</summary>
        public object Nextline { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "nextline", Nextline);
            return json;
        }
    }

    /// <summary>LSP `SelectedCompletionInfo`.</summary>
    public sealed class SelectedCompletionInfo
    {
        /// <summary>What the popup's entry would replace.</summary>
        public Range Range { get; set; }
        /// <summary>What it would insert.</summary>
        public string Text { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "range", Range.Json());
            Read.Put(json, "text", Text);
            return json;
        }
    }

    /// <summary>LSP `ServerCapabilities`, as far as they are read.</summary>
    public sealed class ServerCapabilities
    {
        /// <summary>Beyond LSP.</summary>
        public Experimental Experimental { get; set; }

        public static ServerCapabilities From(object json) => new ServerCapabilities
        {
            Experimental = Read.May((Read.Member(json, "experimental")), item => Experimental.From(item)),
        };
    }

    /// <summary>LSP `ShowMessageParams` and `LogMessageParams`.</summary>
    public sealed class ShowMessageParams
    {
        /// <summary>For people.</summary>
        public string Message { get; set; }
        /// <summary>One of `Severities`.</summary>
        public int Type { get; set; }

        public static ShowMessageParams From(object json) => new ShowMessageParams
        {
            Message = (string)Read.Member(json, "message"),
            Type = Convert.ToInt32(Read.Member(json, "type")),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "message", Message);
            Read.Put(json, "type", Type);
            return json;
        }
    }

    /// <summary>LSP `ShowMessageRequestParams`.</summary>
    public sealed class ShowMessageRequestParams
    {
        /// <summary>The question.</summary>
        public string Message { get; set; }
        /// <summary>The answers.</summary>
        public List<MessageActionItem> Actions { get; set; }

        public static ShowMessageRequestParams From(object json) => new ShowMessageRequestParams
        {
            Message = (string)Read.Member(json, "message"),
            Actions = Read.May((Read.Member(json, "actions")), item => Read.List(item, part0 => MessageActionItem.From(part0))),
        };
    }

    /// <summary>How the agent does: result of `agent/status` and params of its notification.</summary>
    public sealed class Status
    {
        /// <summary>True while a route or the index is at work; in the notification while the index is.</summary>
        public bool Busy { get; set; }
        /// <summary>Requests to routes that are under way; 0 in the notification, which does not come for each of them.</summary>
        public long InFlight { get; set; }
        /// <summary>`Normal`, `Warning`, `Error` or `Inactive`.</summary>
        public string Kind { get; set; }
        /// <summary>What the embedded model has learnt.</summary>
        public LocalStatus Local { get; set; }
        /// <summary>One sentence for people; empty when all is well.</summary>
        public string Message { get; set; }
        /// <summary>`completion.route`.</summary>
        public string Route { get; set; }
        /// <summary>`closed`, `open` or `probing`; absent without a route.</summary>
        public string Breaker { get; set; }
        /// <summary>What there is to say about today's budgets; absent when they have room.</summary>
        public string Budget { get; set; }
        /// <summary>When ghost text comes back by itself, in ms since 1970; absent unless it is snoozed.</summary>
        public long? SnoozedUntil { get; set; }

        public static Status From(object json) => new Status
        {
            Busy = Convert.ToBoolean(Read.Member(json, "busy")),
            InFlight = Convert.ToInt64(Read.Member(json, "inFlight")),
            Kind = (string)Read.Member(json, "kind"),
            Local = LocalStatus.From(Read.Member(json, "local")),
            Message = (string)Read.Member(json, "message"),
            Route = (string)Read.Member(json, "route"),
            Breaker = Read.May((Read.Member(json, "breaker")), item => (string)item),
            Budget = Read.May((Read.Member(json, "budget")), item => (string)item),
            SnoozedUntil = Read.May((Read.Member(json, "snoozedUntil")), item => (long?)Convert.ToInt64(item)),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "busy", Busy);
            Read.Put(json, "inFlight", InFlight);
            Read.Put(json, "kind", Kind);
            Read.Put(json, "local", Local.Json());
            Read.Put(json, "message", Message);
            Read.Put(json, "route", Route);
            Read.Put(json, "breaker", Breaker);
            Read.Put(json, "budget", Budget);
            Read.Put(json, "snoozedUntil", SnoozedUntil);
            return json;
        }
    }

    /// <summary>The colour of a status line.</summary>
    public static class StatusKind
    {
        /// <summary>All is well.</summary>
        public const string Normal = "Normal";
        /// <summary>Something degraded; completions go on.</summary>
        public const string Warning = "Warning";
        /// <summary>The configured route does not answer.</summary>
        public const string Error = "Error";
        /// <summary>Nothing is completed here.</summary>
        public const string Inactive = "Inactive";
    }

    /// <summary>One suggested edit.</summary>
    public sealed class SuggestedEdit
    {
        /// <summary>Run by the client after the edit.</summary>
        public Command Command { get; set; }
        /// <summary>Comes back in `textDocument/didShowInlineEdit` and in the commands `nextline.didAccept` and `nextline.didDismiss`.</summary>
        public string Id { get; set; }
        /// <summary>What it follows from: `rename`, `signature`, `repeat`, `import` or `rewrite`.</summary>
        public string Kind { get; set; }
        /// <summary>Who made it: `local`, or a route's name.</summary>
        public string Origin { get; set; }
        /// <summary>What goes; empty for an insertion.</summary>
        public Range Range { get; set; }
        /// <summary>What comes in its place.</summary>
        public string Text { get; set; }
        /// <summary>The document and the version that the range is of.</summary>
        public Identifier TextDocument { get; set; }

        public static SuggestedEdit From(object json) => new SuggestedEdit
        {
            Command = Command.From(Read.Member(json, "command")),
            Id = (string)Read.Member(json, "id"),
            Kind = (string)Read.Member(json, "kind"),
            Origin = (string)Read.Member(json, "origin"),
            Range = Range.From(Read.Member(json, "range")),
            Text = (string)Read.Member(json, "text"),
            TextDocument = Identifier.From(Read.Member(json, "textDocument")),
        };

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "command", Command.Json());
            Read.Put(json, "id", Id);
            Read.Put(json, "kind", Kind);
            Read.Put(json, "origin", Origin);
            Read.Put(json, "range", Range.Json());
            Read.Put(json, "text", Text);
            Read.Put(json, "textDocument", TextDocument.Json());
            return json;
        }
    }

    /// <summary>LSP `TextEdit`.</summary>
    public sealed class TextEdit
    {
        /// <summary>What comes.</summary>
        public string NewText { get; set; }
        /// <summary>What goes.</summary>
        public Range Range { get; set; }

        public static TextEdit From(object json) => new TextEdit
        {
            NewText = (string)Read.Member(json, "newText"),
            Range = Range.From(Read.Member(json, "range")),
        };
    }

    /// <summary>What we answer.</summary>
    public sealed class VersionAnswer
    {
        /// <summary>Which of the two to update, in one sentence; `null` when they agree.</summary>
        public string Message { get; set; }
        /// <summary>The version that both speak; `null` when there is none.</summary>
        public int? Version { get; set; }

        public static VersionAnswer From(object json) => new VersionAnswer
        {
            Message = Read.May((Read.Member(json, "message")), item => (string)item),
            Version = Read.May((Read.Member(json, "version")), item => (int?)Convert.ToInt32(item)),
        };
    }

    /// <summary>Result of `agent/why`: why the last answer for the document was empty.</summary>
    public sealed class WhyResult
    {
        /// <summary>One sentence for people, with the mend where there is one.</summary>
        public string Detail { get; set; }
        /// <summary>Why there was no next edit the last time that one was asked for; absent while there was one.</summary>
        public NextSilence Next { get; set; }
        /// <summary>A name that does not change; `null` while nothing was refused.</summary>
        public string Reason { get; set; }
        /// <summary>When, in ms since 1970; `null` while nothing was refused.</summary>
        public long? Since { get; set; }
        /// <summary>Milliseconds by stage of the document's last request.</summary>
        public Dictionary<string, double> Timings { get; set; }

        public static WhyResult From(object json) => new WhyResult
        {
            Detail = (string)Read.Member(json, "detail"),
            Next = Read.May((Read.Member(json, "next")), item => NextSilence.From(item)),
            Reason = Read.May((Read.Member(json, "reason")), item => (string)item),
            Since = Read.May((Read.Member(json, "since")), item => (long?)Convert.ToInt64(item)),
            Timings = Read.May((Read.Member(json, "timings")), item => Read.Table(item, part0 => Convert.ToDouble(part0))),
        };
    }

    /// <summary>LSP `WorkspaceEdit`.</summary>
    public sealed class WorkspaceEdit
    {
        /// <summary>One after the other.</summary>
        public List<DocumentChange> DocumentChanges { get; set; }

        public static WorkspaceEdit From(object json) => new WorkspaceEdit
        {
            DocumentChanges = Read.List(Read.Member(json, "documentChanges"), part0 => DocumentChange.From(part0)),
        };
    }

    /// <summary>LSP `WorkspaceFolder`.</summary>
    public sealed class WorkspaceFolder
    {
        /// <summary>For people.</summary>
        public string Name { get; set; }
        /// <summary>Where it is.</summary>
        public string Uri { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "name", Name);
            Read.Put(json, "uri", Uri);
            return json;
        }
    }

    /// <summary>LSP `WorkspaceFoldersChangeEvent`.</summary>
    public sealed class WorkspaceFoldersChangeEvent
    {
        /// <summary>New ones.</summary>
        public List<WorkspaceFolder> Added { get; set; }
        /// <summary>Those that are gone.</summary>
        public List<WorkspaceFolder> Removed { get; set; }

        public Dictionary<string, object> Json()
        {
            var json = new Dictionary<string, object>();
            Read.Put(json, "added", Read.List<object>(Added, part => ((WorkspaceFolder)part).Json()));
            Read.Put(json, "removed", Read.List<object>(Removed, part => ((WorkspaceFolder)part).Json()));
            return json;
        }
    }

    internal static class Read
    {
        public static object Member(object json, string name)
        {
            object value;
            return json is IDictionary<string, object> members && members.TryGetValue(name, out value) ? value : null;
        }

        public static T May<T>(object json, Func<object, T> read)
        {
            return json == null ? default(T) : read(json);
        }

        public static List<T> List<T>(object json, Func<object, T> read)
        {
            var list = new List<T>();
            if (json is IEnumerable items)
            {
                foreach (var item in items)
                {
                    list.Add(read(item));
                }
            }
            return list;
        }

        public static Dictionary<string, T> Table<T>(object json, Func<object, T> read)
        {
            var table = new Dictionary<string, T>();
            if (json is IDictionary<string, object> members)
            {
                foreach (var member in members)
                {
                    table[member.Key] = read(member.Value);
                }
            }
            return table;
        }

        public static void Put(Dictionary<string, object> json, string name, object value)
        {
            if (value != null)
            {
                json[name] = value;
            }
        }
    }
}
