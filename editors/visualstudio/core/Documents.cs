// The open documents, kept equal on both sides: opened, changed, closed, and opened anew in a new process.
using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Nextline.Protocol;

namespace Nextline.Core
{
    /// <summary>All open documents. Safe for several threads: what is sent stands on the wire in the order in which it happened here.</summary>
    public sealed class Documents
    {
        private readonly object gate = new object();
        private readonly Dictionary<string, Document> open = new Dictionary<string, Document>();
        private Connection agent;

        /// <summary>A document was changed by these replacements. Under the lock: take no other one.</summary>
        public event Action<Document, IList<Replacement>> Changed;

        /// <summary>A buffer was opened, or opened anew with another text.</summary>
        public void Open(string uri, string language, string text)
        {
            lock (gate)
            {
                if (open.ContainsKey(uri))
                {
                    Close(uri);
                }
                var document = open[uri] = new Document(uri, language, text);
                agent?.Notify(Methods.DidOpen, document.Opened().Json());
            }
        }

        /// <summary>
        /// A buffer was changed: all replacements count in its text before any of them. <paramref name="length"/>, its length before, shows
        /// a change that was missed: then <paramref name="whole"/> gives the text as it is now, and the mirror is set anew.
        /// </summary>
        public void Change(string uri, IList<Replacement> replacements, int length, Func<string> whole)
        {
            lock (gate)
            {
                if (!open.TryGetValue(uri, out var document))
                {
                    return;
                }
                var changes = document.Text.Length == length ? document.Change(replacements) : document.Reset(whole());
                agent?.Notify(Methods.DidChange, changes.Json());
                Changed?.Invoke(document, replacements);
            }
        }

        /// <summary>A buffer was saved.</summary>
        public void Saved(string uri)
        {
            lock (gate)
            {
                if (open.ContainsKey(uri))
                {
                    agent?.Notify(Methods.DidSave, Named(uri));
                }
            }
        }

        /// <summary>A buffer was closed: the disk has the truth.</summary>
        public void Close(string uri)
        {
            lock (gate)
            {
                if (open.Remove(uri))
                {
                    agent?.Notify(Methods.DidClose, Named(uri));
                }
            }
        }

        /// <summary>Asks something about a document at exactly this text; null when it is not open or nobody answers.</summary>
        public Task<object> Ask(string uri, string method, Func<Document, Dictionary<string, object>> given, CancellationToken cancel)
        {
            lock (gate)
            {
                return agent != null && open.TryGetValue(uri, out var document)
                    ? agent.Request(method, given(document), cancel)
                    : Task.FromResult<object>(null);
            }
        }

        /// <summary>Reads a document under the lock; the default when it is not open.</summary>
        public T Look<T>(string uri, Func<Document, T> look)
        {
            lock (gate)
            {
                return open.TryGetValue(uri, out var document) ? look(document) : default(T);
            }
        }

        /// <summary>A new process: it hears of every open document, then of every change.</summary>
        internal void Attach(Connection connection)
        {
            lock (gate)
            {
                agent = connection;
                foreach (var document in open.Values)
                {
                    agent.Notify(Methods.DidOpen, document.Opened().Json());
                }
            }
        }

        /// <summary>The process is gone.</summary>
        internal void Detach()
        {
            lock (gate)
            {
                agent = null;
            }
        }

        /// <summary>The agent asks for the whole text.</summary>
        internal void Resync(string uri)
        {
            lock (gate)
            {
                if (open.TryGetValue(uri, out var document))
                {
                    agent?.Notify(Methods.DidClose, Named(uri));
                    agent?.Notify(Methods.DidOpen, document.Opened().Json());
                }
            }
        }

        private static Dictionary<string, object> Named(string uri)
        {
            return new DocumentParams { TextDocument = new Identifier { Uri = uri } }.Json();
        }
    }
}
