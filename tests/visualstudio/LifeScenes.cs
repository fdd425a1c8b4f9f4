// The process: killed, crashing, of another version; and the reason why a file gets nothing.
using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using Nextline.Core;
using Nextline.Protocol;

namespace Nextline.Tests
{
    static class LifeScenes
    {
        /// Killed by force in the midst of typing: started again, and what was typed meanwhile is there.
        public static void Killed()
        {
            var editor = new TestEditor(0, 0, 0, 0, 0, 0, 0).Run();
            var edits = new Edits(editor.Agent);
            var buffers = new[] { editor.Open("src/sums.rs"), editor.Open("src/other.rs") };
            for (var round = 1; round <= 3; round++)
            {
                var first = editor.Pid();
                buffers[0].Put(0, 0, "// before " + round + "\r\n");
                Driver.Wait(editor.Equal(buffers[0]), "the same text");
                Process.GetProcessById(first).Kill();
                var typed = 0;
                Driver.Until(() =>
                {
                    buffers[typed % 2].Put(buffers[typed % 2].Text.Length, 0, "// \ud83d\ude00 " + typed++ + "\r\n");
                    return Volatile.Read(ref editor.Starts) == round + 1;
                }, "it is started again");
                Driver.Holds(editor.Pid() != first, "it is another process");
                foreach (var buffer in buffers)
                {
                    Driver.Wait(editor.Equal(buffer), "the same text after the crash");
                }
            }
            Driver.Holds(editor.Agent.Trouble.Length == 0 && editor.Said.Count == 0, "nobody was told: " + string.Join("; ", editor.Said));

            // An edit that was under way says so.
            var offset = buffers[0].Text.IndexOf("    2", StringComparison.Ordinal);
            var waiting = edits.Start(editor.Agent.Documents.Look(buffers[0].Uri, document => new EditStartParams
            {
                TextDocument = document.Identifier,
                Range = document.Range(offset, offset),
                Instruction = "never answer",
            }), CancellationToken.None);
            Driver.Until(() => File.Exists(Path.Combine(Driver.Folder, "asked")), "the model is asked");
            Process.GetProcessById(editor.Pid()).Kill();
            try
            {
                Driver.Wait(waiting, "the edit");
                throw new Exception("the edit should have failed");
            }
            catch (AggregateException error)
            {
                Driver.Holds(error.InnerException is IOException && error.InnerException.Message.Length > 0, "a sentence: " + error.InnerException);
            }
            Driver.Until(() => Volatile.Read(ref editor.Starts) == 5, "it is started again");
            editor.Agent.Stop().Wait();
            Driver.Holds(Gone(editor.Pid()), "it is gone");
        }

        static bool Gone(int pid)
        {
            try
            {
                return Process.GetProcessById(pid).HasExited;
            }
            catch (ArgumentException)
            {
                return true;
            }
        }

        /// An agent that ends at once is started again, later and later; the person hears of it once, and it goes on as soon as it can.
        public static void Crashes()
        {
            var editor = new TestEditor(0, 1, 2, 3);
            var good = editor.Binary;
            editor.Binary = "/bin/false";
            editor.Agent.Start();
            var buffer = editor.Open("src/sums.rs");
            Driver.Until(() => editor.Heard("ended 4 times in a row"), "the person hears of it");
            Driver.Holds(editor.Agent.Trouble.StartsWith("the agent ended"), editor.Agent.Trouble);
            Driver.Holds(Failed(() => editor.Agent.Request(Methods.Status, null).Wait()).Contains("the agent ended"), "a request says why");
            editor.Binary = "/no/such/agent";
            Driver.Until(() => editor.Agent.Trouble.StartsWith("the agent did not start"), "it is not there");
            editor.Binary = good;
            Driver.Until(() => Volatile.Read(ref editor.Starts) == 1, "it runs");
            buffer.Put(0, 0, "// kept\r\n");
            Driver.Wait(editor.Equal(buffer), "the same text");
            Driver.Same(1, editor.Said.Count, "said once");
            editor.Agent.Restart().Wait();
            Driver.Until(() => Volatile.Read(ref editor.Starts) == 2, "it is started anew");
            Driver.Wait(editor.Equal(buffer), "the same text");
            editor.Agent.Dispose();
        }

        static string Failed(Action act)
        {
            try
            {
                act();
            }
            catch (AggregateException error)
            {
                return error.InnerException.Message;
            }
            throw new Exception("it did not fail");
        }

        /// A file that holds secrets by its name: nothing is suggested, and the reason names it.
        public static void Excluded()
        {
            var editor = new TestEditor().Run();
            var ghosts = new GhostText(editor.Agent);
            var buffer = editor.Open(".env");
            var found = Driver.Wait(ghosts.Ask(buffer.Uri, buffer.Text.Length, Triggers.Invoked, CancellationToken.None), "ghost text");
            Driver.Same(0, found.Count, "nothing is suggested");
            var why = Driver.Wait(editor.Agent.Why(buffer.Uri), "why");
            Driver.Holds(why.Contains(".env"), why);
            editor.Agent.Stop().Wait();
        }

        /// Another version is said in one sentence that names what to update.
        public static void Versions()
        {
            Said(0, 0, "update the extension");
            Said(90, 91, "update the agent");
            Said(Protocol.Versions.Oldest, Protocol.Versions.Newest, null);
        }

        static void Said(int oldest, int newest, string word)
        {
            var editor = new TestEditor();
            var ours = "\"newest\":" + Protocol.Versions.Newest + ",\"oldest\":" + Protocol.Versions.Oldest;
            Driver.Holds(Client.Capabilities.Contains(ours), Client.Capabilities);
            editor.Agent.Capabilities = Client.Capabilities.Replace(ours, "\"newest\":" + newest + ",\"oldest\":" + oldest);
            editor.Run();
            Driver.Same(word == null ? 0 : 1, editor.Said.Count, "sentences");
            Driver.Holds(word == null || editor.Said[0].EndsWith(word), string.Join("; ", editor.Said));
            Driver.Holds(editor.Agent.Version.Length > 0, "its version");
            editor.Agent.Stop().Wait();
        }
    }
}
