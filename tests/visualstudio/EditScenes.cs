// Edits, over the scripted model of tests/tests/visualstudio.rs.
using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Nextline.Core;
using Nextline.Protocol;

namespace Nextline.Tests
{
    static class EditScenes
    {
        static EditStartParams At(Buffer buffer, Agent agent, string place, string instruction)
        {
            var offset = buffer.Text.IndexOf(place, StringComparison.Ordinal);
            return agent.Documents.Look(buffer.Uri, document => new EditStartParams
            {
                TextDocument = new Identifier { Uri = buffer.Uri },
                Range = document.Range(offset, offset),
                Verb = Verbs.Edit,
                Instruction = instruction,
            });
        }

        public static void Edits()
        {
            var editor = new TestEditor().Run();
            var edits = new Edits(editor.Agent);
            var gone = new List<string>();
            edits.Gone += one => gone.Add(one.Title);
            var buffer = editor.Open("src/sums.rs");
            var text = buffer.Text;
            var doubled = text.Replace("    2\r\n", "    1 * 2\r\n");

            // Previewed and accepted, over what was typed meanwhile; one step of undo takes it back.
            var edit = Driver.Wait(edits.Start(At(buffer, editor.Agent, "    2", "multiply"), CancellationToken.None), "a preview");
            Driver.Same(doubled, Core.Edits.Patched(buffer.Text, edit.Preview.Hunks), "the preview");
            Driver.Same(text, buffer.Text, "a preview changes nothing");
            Driver.Holds(ReferenceEquals(edit, edits.Newest), "the newest edit");
            buffer.Put(0, 0, "// typed\r\n");
            Driver.Same(null, Driver.Wait(edits.Accept(edit), "the acceptance"), "accepted");
            Driver.Until(() => buffer.Text == "// typed\r\n" + doubled, "the edit is in the buffer: " + buffer.Text);
            Driver.Until(() => gone.Count == 1, "it can be accepted no more");
            Driver.Wait(editor.Equal(buffer), "the same text");
            buffer.Undo();
            Driver.Same("// typed\r\n" + text, buffer.Text, "one step of undo");
            buffer.Redo();
            edits.Undo().Wait();
            Driver.Until(() => buffer.Text == "// typed\r\n" + text, "the edit is taken back: " + buffer.Text);
            buffer.Put(0, 10, "");

            // Rejected.
            edit = Driver.Wait(edits.Start(At(buffer, editor.Agent, "    3", "add nothing"), CancellationToken.None), "a second preview");
            edits.Reject(edit).Wait();
            Driver.Until(() => gone.Count == 2 && edits.Newest == null, "it is gone");
            Driver.Same(text, buffer.Text, "rejected");

            // Cancelled while the model is silent.
            var stop = new CancellationTokenSource();
            var waiting = edits.Start(At(buffer, editor.Agent, "    3", "never answer"), stop.Token);
            Driver.Until(() => File.Exists(Path.Combine(Driver.Folder, "asked")), "the model is asked");
            stop.Cancel();
            Driver.Same(null, Driver.Wait(waiting, "the cancelled edit"), "cancelled");
            Driver.Same(text, buffer.Text, "cancelled");

            // Refused, in a sentence.
            Driver.Holds(Fails(edits.Start(At(buffer, editor.Agent, "    3", "be refused"), CancellationToken.None)).Contains("mock"), "the route is named");

            // Asked again.
            edit = Driver.Wait(edits.Start(At(buffer, editor.Agent, "    3", "add nothing"), CancellationToken.None), "a third preview");
            edit = Driver.Wait(edits.Retry(edit, "multiply", CancellationToken.None), "another answer");
            Driver.Holds(edit.Preview.Hunks.Count > 0, "it is previewed");
            edits.Reject(edit).Wait();
            Driver.Wait(editor.Equal(buffer), "the same text");
            editor.Agent.Stop().Wait();
            Driver.Holds(editor.Said.Count == 0, "nothing was shouted: " + string.Join("; ", editor.Said));
        }

        /// A renamed function is followed through, by one key.
        public static void Next()
        {
            var editor = new TestEditor().Run();
            var next = new NextEdits(editor.Agent, editor);
            var given = editor.Open("src/given.rs", "pub fn all_of_it() {}\r\n");
            var uses = editor.Open("src/uses.rs", "fn uses() {\r\n    all_of_it();\r\n    all_of_it();\r\n}\r\n");
            var followed = uses.Text.Replace("all_of_it", "all_of_it_now");
            var end = given.Text.IndexOf("() {}", StringComparison.Ordinal);
            foreach (var letter in "_now")
            {
                given.Put(end++, 0, letter.ToString());
            }
            Func<Buffer, Position, SuggestedEdit> Go = (buffer, at) => Driver.Wait(next.Go(buffer.Uri, at, new List<Diagnostic>()), "a next edit");
            var edit = Go(given, new Position { Line = 0, Character = 17 });
            Driver.Same(uses.Uri, edit.TextDocument.Uri, "the edit of the other file");
            Driver.Same(1L, (long)edit.Range.Start.Line, "the first use");
            Driver.Holds(!uses.Text.Contains("now"), "it is not made yet");
            edit = Go(uses, edit.Range.Start);
            Driver.Holds(uses.Text.Contains("    all_of_it_now();\r\n    all_of_it();"), "the same key makes it: " + uses.Text);
            Driver.Same(2L, (long)edit.Range.Start.Line, "and goes on");
            edit = Go(uses, new Position());
            Driver.Same(2L, (long)edit.Range.Start.Line, "elsewhere the key asks anew");
            Driver.Same(null, Go(uses, edit.Range.Start), "the last one");
            Driver.Same(followed, uses.Text, "followed through");
            Driver.Holds(editor.Said.Count == 0, "nothing is said of that: " + string.Join("; ", editor.Said));
            Driver.Same(null, Go(uses, new Position()), "there is none");
            Driver.Holds(editor.Said.Count == 1 && editor.Said[0].Contains(" "), "and why is said");
            Driver.Wait(editor.Equal(uses), "the same text");
            editor.Agent.Stop().Wait();
        }

        static string Fails<T>(Task<T> task)
        {
            try
            {
                Driver.Wait(task, "a failure");
            }
            catch (AggregateException error)
            {
                return error.InnerException.Message;
            }
            throw new Exception("it did not fail");
        }
    }
}
