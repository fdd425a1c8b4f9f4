// Ghost text: of the embedded model, and of a scripted route whose answer has lines, pairs and a bracket that stands there already.
using System;
using System.Threading;
using Nextline.Core;
using Nextline.Protocol;

namespace Nextline.Tests
{
    static class GhostScenes
    {
        const string Line = "    let counter = registry.";
        const string Rest = "counter(\"requests\");";

        static Ghost Ask(GhostText ghosts, Buffer buffer, int cursor, int trigger)
        {
            var found = Driver.Wait(ghosts.Ask(buffer.Uri, cursor, trigger, CancellationToken.None), "ghost text");
            return found.Count > 0 ? found[0] : null;
        }

        static void Take(Buffer buffer, Replacement? taken)
        {
            Driver.Holds(taken != null, "there is nothing to take");
            buffer.Put(taken.Value);
        }

        /// Typed through, then by word, then by line; another one whole; a third one dismissed.
        public static void Learnt()
        {
            var editor = new TestEditor().Run();
            Driver.Until(() => editor.Agent.Status != null && editor.Agent.Status.Local.Files > 0, "the project is learnt");
            var ghosts = new GhostText(editor.Agent);
            var before = "pub fn handle_new(registry: &mut Registry) -> Result<(), Error> {\r\n";
            var buffer = editor.Open("src/fresh.rs", before + "\r\n}\r\n");
            var cursor = before.Length;
            foreach (var key in Line)
            {
                buffer.Put(cursor++, 0, key.ToString());
            }
            Driver.Same(Rest, Ask(ghosts, buffer, cursor, Triggers.Automatic)?.Text, "ghost text");
            ghosts.Displayed(ghosts.Shown);
            foreach (var key in "cou")
            {
                buffer.Put(cursor++, 0, key.ToString());
            }
            var shown = ghosts.Shown;
            Driver.Same(Rest.Substring(3), shown?.Text, "typed through");
            Driver.Holds(ReferenceEquals(shown, Ask(ghosts, buffer, cursor, Triggers.Automatic)), "it was asked for again while it stood there");
            Take(buffer, ghosts.Word());
            Driver.Same(before + Line + "counter\r\n}\r\n", buffer.Text, "a word");
            Take(buffer, ghosts.Line());
            Driver.Same(before + Line + Rest + "\r\n}\r\n", buffer.Text, "the line");
            Driver.Same(null, ghosts.Shown, "nothing is left");
            Driver.Wait(editor.Equal(buffer), "the same text");

            // Once more from the start, and whole.
            var end = buffer.Text.LastIndexOf('}');
            buffer.Put(end, 0, Line + "\r\n");
            Driver.Same(Rest, Ask(ghosts, buffer, end + Line.Length, Triggers.Invoked)?.Text, "ghost text again");
            ghosts.Displayed(ghosts.Shown);
            Take(buffer, ghosts.All());
            Driver.Same(before + Line + Rest + "\r\n" + Line + Rest + "\r\n}\r\n", buffer.Text, "whole");
            Driver.Wait(editor.Equal(buffer), "the same text");

            // Another key than the suggested one takes it off, and Esc does.
            end = buffer.Text.LastIndexOf('}');
            buffer.Put(end, 0, Line + "\r\n");
            end += Line.Length;
            Driver.Same(Rest, Ask(ghosts, buffer, end, Triggers.Invoked)?.Text, "ghost text a third time");
            buffer.Put(end, 0, "x");
            Driver.Same(null, ghosts.Shown, "another key");
            buffer.Put(end, 1, "");
            Driver.Same(Rest, Ask(ghosts, buffer, end, Triggers.Invoked)?.Text, "ghost text a fourth time");
            ghosts.Dismiss();
            Driver.Same(null, ghosts.Shown, "dismissed");
            Driver.Same(null, ghosts.All(), "nothing to take");
            editor.Agent.Stop().Wait();
        }

        /// The route answers three lines with a pair in them.
        public static void Pieces()
        {
            var editor = new TestEditor().Run();
            var ghosts = new GhostText(editor.Agent);
            const string before = "fn f() -> Smile {\n    ", after = "\n}\n";
            var buffer = editor.Open("src/pieces.rs", before + after);
            var ghost = Ask(ghosts, buffer, before.Length, Triggers.Invoked);
            Driver.Holds(ghost != null, "nothing was suggested: " + Driver.Wait(editor.Agent.Why(buffer.Uri), "why"));
            const string first = "let a = smile(\"\ud83d\ude00\");", second = "\n    let b = a.wide();", third = "\n    b";
            Driver.Same(first + second + third, ghost.Text, "the route's words");
            var there = before;
            foreach (var word in new[] { "let", " a", " =", " smile", "(", "\"", "\ud83d\ude00", "\"" })
            {
                Take(buffer, ghosts.Word());
                there += word;
                Driver.Same(there + after, buffer.Text, "a word");
            }
            Take(buffer, ghosts.Line());
            Driver.Same(before + first + after, buffer.Text, "the rest of the line");
            Take(buffer, ghosts.Line());
            Driver.Same(before + first + second + after, buffer.Text, "the next line");
            Driver.Same(third, ghosts.Shown?.Text, "the last line is left");
            Take(buffer, ghosts.All());
            Driver.Same(before + first + second + third + after, buffer.Text, "all of it");
            Driver.Same(null, ghosts.Shown, "nothing is left");
            Driver.Wait(editor.Equal(buffer), "the same text");
            editor.Agent.Stop().Wait();
        }
    }
}
