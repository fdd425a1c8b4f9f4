// A chat as its page has it, over the scripted model of tests/tests/visualstudio.rs.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Nextline.Core;
using Nextline.Protocol;

namespace Nextline.Tests
{
    using Map = Dictionary<string, object>;

    /// The page's end of a port.
    sealed class Page
    {
        readonly List<object> posted = new List<object>();
        readonly ChatPort port;
        long asked;

        public Page(TestEditor editor)
        {
            port = new ChatPort(editor.Agent, editor, editor, text =>
            {
                lock (posted)
                {
                    posted.Add(Json.Read(text));
                }
            });
        }

        /// The value at the end of a path.
        public static object At(object json, params string[] names)
        {
            foreach (var name in names)
            {
                json = json is Map members && members.TryGetValue(name, out var value) ? value : null;
            }
            return json;
        }

        public int Count
        {
            get
            {
                lock (posted)
                {
                    return posted.Count;
                }
            }
        }

        public void Say(Map message) => port.Received(Json.Write(message));

        public long Ask(string method, object given)
        {
            Say(new Map { { "id", ++asked }, { "method", method }, { "params", given } });
            return asked;
        }

        /// Waits for a message.
        public object Find(Func<object, bool> good, string what)
        {
            object found = null;
            Driver.Until(() =>
            {
                lock (posted)
                {
                    found = posted.Find(one => good(one));
                }
                return found != null;
            }, what);
            return found;
        }

        public object Answer(long id) => Find(one => Equals(At(one, "id"), id), "an answer to request " + id);

        public object Result(string method, object given)
        {
            var answer = Answer(Ask(method, given));
            Driver.Holds(At(answer, "result") != null, method + ": " + Json.Write(answer));
            return At(answer, "result");
        }

        /// All text that came.
        public string Streamed()
        {
            lock (posted)
            {
                var deltas = posted.Where(one => Equals(At(one, "method"), Methods.ChatEvent) && Equals(At(one, "params", "kind"), "delta"));
                return string.Concat(deltas.Select(one => (string)At(one, "params", "text")));
            }
        }

        public void Put(string question) => port.Say(question);

        public void Close() => port.Dispose();
    }

    static class ChatScenes
    {
        public static void Chat()
        {
            var editor = new TestEditor().Run();
            var page = new Page(editor);
            var buffer = editor.Open("src/sums.rs");
            editor.Here = editor.Agent.Documents.Look(buffer.Uri, document => new ChatPlace
            {
                TextDocument = document.Identifier,
                Selection = document.Range(0, buffer.Text.IndexOf('{')),
            });
            page.Put("Explain it");
            Driver.Same(0, page.Count, "nothing is said before the page is there");
            page.Say(new Map { { "ready", true } });
            page.Find(one => Equals(Page.At(one, "opened"), true), "the page hears that the agent runs");
            page.Find(one => Equals(Page.At(one, "say"), "Explain it"), "the question that waited");
            page.Result(Lsp.Initialize, null);
            var chat = (string)Page.At(page.Result(Methods.ChatStart, new Dictionary<string, object>()), "id");

            // Streamed: the second part is said once the first one is here.
            var sent = page.Ask(Methods.ChatSend, new ChatSendParams { Id = chat, Text = "How to add up? @selection" }.Json());
            Driver.Until(() => page.Streamed().Contains("First part."), "the first part");
            Driver.Holds(!page.Streamed().Contains("Second part."), "too early");
            File.WriteAllText(Path.Combine(Driver.Folder, "go-on"), "");
            Driver.Same("end", Page.At(page.Answer(sent), "result", "stopReason"), "the end");
            Driver.Holds(page.Streamed().EndsWith("Second part."), "all of it: " + page.Streamed());

            // Stopped by the page.
            sent = page.Ask(Methods.ChatSend, new ChatSendParams { Id = chat, Text = "never answer" }.Json());
            Driver.Until(() => File.Exists(Path.Combine(Driver.Folder, "asked")), "the model is asked");
            page.Say(new Map { { "method", Lsp.CancelRequest }, { "params", new Map { { "id", sent } } } });
            Driver.Same((long)Codes.RequestCancelled, Page.At(page.Answer(sent), "error", "code"), "stopped");

            // A block of the answer goes into a file that the page names by its path.
            var block = new EditApplyParams { TextDocument = new Identifier { Uri = "src/other.rs" }, Text = "pub fn four() -> u8 {\n    2 + 2\n}\n" };
            var edit = (string)Page.At(page.Result(Methods.EditApply, block.Json()), "id");
            page.Find(one => Equals(Page.At(one, "params", "id"), edit) && Equals(Page.At(one, "params", "kind"), "ready"), "the page hears of the edit");
            Driver.Same(true, Page.At(page.Result(Methods.EditAccept, new EditParams { Id = edit }.Json()), "applied"), "applied");
            var other = editor.Buffers[Driver.Uri("src/other.rs")];
            Driver.Until(() => other.Text == block.Text, "the block is in the buffer: " + other.Text);

            // What is not the page's business, and what is not there.
            Driver.Same((long)Codes.MethodNotFound, Page.At(page.Answer(page.Ask(Lsp.ExecuteCommand, null)), "error", "code"), "another method");
            block.TextDocument.Uri = "no.rs";
            var refused = page.Answer(page.Ask(Methods.EditApply, block.Json()));
            Driver.Holds(((string)Page.At(refused, "error", "message")).Contains("no.rs"), "no such file");
            editor.Agent.Stop().Wait();
            page.Find(one => Page.At(one, "closed") != null, "the page hears that the agent is gone");
            page.Close();
        }
    }
}
