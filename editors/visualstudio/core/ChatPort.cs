// The chat's page speaks JSON-RPC; this passes it on to the agent's process and adds what only the editor knows: the document in front, its
// selection and its diagnostics, and where a file is that a person named by its path.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Nextline.Protocol;

namespace Nextline.Core
{
    using Map = Dictionary<string, object>;

    /// <summary>What the chat asks of the editor. It may be called on any thread.</summary>
    public interface IChatEditor
    {
        /// <summary>Where the person is; empty when no document is in front.</summary>
        Task<ChatPlace> Place();

        /// <summary>Opens a file in a buffer.</summary>
        Task Open(string path);
    }

    /// <summary>Between one page and the agent.</summary>
    public sealed class ChatPort : IDisposable
    {
        private readonly Agent agent;
        private readonly IEditor editor;
        private readonly IChatEditor place;
        private readonly Action<string> post;
        private readonly ConcurrentDictionary<long, CancellationTokenSource> asked = new ConcurrentDictionary<long, CancellationTokenSource>();
        private bool ready;
        /// <summary>What waits for the page to be there.</summary>
        private string question;

        /// <summary><paramref name="post"/> gives the page a message; on any thread.</summary>
        public ChatPort(Agent agent, IEditor editor, IChatEditor place, Action<string> post)
        {
            this.agent = agent;
            this.editor = editor;
            this.place = place;
            this.post = post;
            agent.Chatted += Chatted;
            agent.Edited += Edited;
            agent.Started += Opened;
            agent.Changed += Changed;
        }

        /// <summary>The page is gone.</summary>
        public void Dispose()
        {
            agent.Chatted -= Chatted;
            agent.Edited -= Edited;
            agent.Started -= Opened;
            agent.Changed -= Changed;
            foreach (var one in asked.Values)
            {
                one.Cancel();
            }
        }

        /// <summary>Types this into the page and sends it, as soon as somebody can answer.</summary>
        public void Say(string question)
        {
            this.question = question;
            Ask();
        }

        /// <summary>The page said something.</summary>
        public async Task Received(string text)
        {
            var message = Json.Read(text);
            var method = Read.Member(message, "method") as string;
            var given = Read.Member(message, "params");
            if (Read.Member(message, "ready") != null)
            {
                ready = true;
                if (agent.Status != null || agent.Trouble.Length == 0 && agent.Version.Length > 0)
                {
                    Opened();
                }
                Ask();
            }
            else if (method == Lsp.CancelRequest && Read.Member(given, "id") is long stopped)
            {
                if (asked.TryGetValue(stopped, out var source))
                {
                    source.Cancel();
                }
            }
            else if (method != null && Read.Member(message, "id") is long id)
            {
                var reply = new Map { { "jsonrpc", "2.0" }, { "id", id } };
                using (var source = asked[id] = new CancellationTokenSource())
                {
                    try
                    {
                        reply["result"] = await Answer(method, given, source.Token).ConfigureAwait(false);
                    }
                    catch (OperationCanceledException)
                    {
                        reply["error"] = new Fault { Code = Codes.RequestCancelled, Message = "it was stopped" }.Json();
                    }
                    catch (FaultException fault)
                    {
                        reply["error"] = fault.Fault.Json();
                    }
                    catch (IOException error)
                    {
                        reply["error"] = new Fault { Code = Codes.RequestFailed, Message = error.Message }.Json();
                    }
                    asked.TryRemove(id, out _);
                }
                Post(reply);
            }
        }

        private async Task<object> Answer(string method, object given, CancellationToken cancel)
        {
            switch (method)
            {
                case Lsp.Initialize:
                    // The process has been greeted already.
                    return new Map();
                case Methods.ChatSend:
                    var send = ChatSendParams.From(given);
                    send.Place = await place.Place().ConfigureAwait(false);
                    return await agent.Request(method, send.Json(), cancel).ConfigureAwait(false);
                case Methods.EditApply:
                case Methods.EditStart:
                    var named = new Map((Map)given);
                    var path = Find(DocumentParams.From(given).TextDocument.Uri);
                    await place.Open(path).ConfigureAwait(false);
                    foreach (var member in new DocumentParams { TextDocument = new Identifier { Uri = Agent.UriOf(path) } }.Json())
                    {
                        named[member.Key] = member.Value;
                    }
                    return await agent.Request(method, named, cancel).ConfigureAwait(false);
            }
            if (!method.StartsWith(Client.Ours, StringComparison.Ordinal))
            {
                throw Connection.Unknown(method);
            }
            return await agent.Request(method, given, cancel).ConfigureAwait(false);
        }

        /// <summary>A file by its path in the folders that are worked in.</summary>
        private string Find(string name)
        {
            foreach (var folder in editor.Folders())
            {
                var path = Path.GetFullPath(Path.Combine(folder, name));
                if (File.Exists(path))
                {
                    return path;
                }
            }
            throw new IOException("there is no file " + name + " here");
        }

        private void Ask()
        {
            if (ready && question != null)
            {
                Post(new Map { { "say", question } });
                question = null;
            }
        }

        private void Opened()
        {
            Post(new Map { { "opened", true } });
        }

        private void Changed()
        {
            if (agent.Status != null)
            {
                Post(Notification(Methods.Status, agent.Status.Json()));
            }
            else if (agent.Trouble.Length > 0)
            {
                Post(new Map { { "closed", agent.Trouble } });
            }
        }

        private void Chatted(ChatEvent happened)
        {
            Post(Notification(Methods.ChatEvent, happened.Json()));
        }

        private void Edited(EditEvent happened)
        {
            Post(Notification(Methods.EditEvent, happened.Json()));
        }

        private static Map Notification(string method, object given)
        {
            return new Map { { "jsonrpc", "2.0" }, { "method", method }, { "params", given } };
        }

        private void Post(Map message)
        {
            if (ready)
            {
                post(Json.Write(message));
            }
        }
    }
}
