// A day of edits, the same for the same seed: after each one the agent's text is compared with the buffer's.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Nextline.Core;
using Nextline.Protocol;

namespace Nextline.Tests
{
    sealed class Day
    {
        /// Comparisons that may be under way at the same time.
        const int Ahead = 64;
        /// UTF-16 units; longer buffers are cut.
        const int Long = 4000;

        static readonly string[] Breaks = { "\r\n", "\r", "\n", "\u2028" };
        readonly Numbers numbers;
        readonly TestEditor editor = new TestEditor().Run();
        readonly List<Buffer> buffers = new List<Buffer>();
        readonly Dictionary<string, int> done = new Dictionary<string, int>();
        Buffer front;
        int cursor;

        Day(ulong seed)
        {
            numbers = new Numbers(seed);
            for (var at = 0; at < Breaks.Length; at++)
            {
                buffers.Add(editor.Open("day" + at + ".rs", string.Concat(Enumerable.Repeat("fn one() -> u8 {" + Breaks[at] + "    \"\ud83d\ude00 \u00e9\".len()" + Breaks[at] + "}" + Breaks[at], 6))));
            }
            front = buffers[0];
        }

        public static void Live(int edits, ulong seed)
        {
            var day = new Day(seed);
            var asked = new Queue<Task<object>>();
            var apart = 0;
            for (var edit = 0; edit < edits; edit++)
            {
                var act = day.Act();
                day.done[act] = day.done.TryGetValue(act, out var before) ? before + 1 : 1;
                asked.Enqueue(day.editor.Equal(day.front));
                while (asked.Count > (edit + 1 < edits ? Ahead : 0))
                {
                    try
                    {
                        Driver.Wait(asked.Dequeue(), "a comparison");
                    }
                    catch (AggregateException error)
                    {
                        apart++;
                        Console.WriteLine("near edit " + edit + " (" + act + "): " + error.InnerException.Message);
                        Driver.Holds(apart < 5, "the texts went apart");
                    }
                }
            }
            day.editor.Agent.Stop().Wait();
            Console.WriteLine(edits + " edits, " + apart + " divergences: " + string.Join(", ", day.done.OrderBy(one => one.Key).Select(one => one.Key + " " + one.Value)));
            Driver.Same(0, apart, "divergences");
            Driver.Holds(day.editor.Logged.TrueForAll(line => !line.StartsWith("resync")), "the agent asked for a text anew");
        }

        string Act()
        {
            if (front.Text.Length > Long)
            {
                front.Put(numbers.Below(front.Text.Length / 2), front.Text.Length / 2, "");
                cursor = 0;
                return "cut";
            }
            cursor = Math.Min(cursor, front.Text.Length);
            switch (numbers.Below(100))
            {
                case 0: return Switch();
                case 1: return Reload();
                case 2: return Close();
                case 3: return Miss();
                case 4: return Ask();
            }
            if (numbers.Below(6) == 0)
            {
                cursor = numbers.Below(front.Text.Length + 1);
            }
            switch (numbers.Below(12))
            {
                case 0: return Erase(-1);
                case 1: return Erase(1);
                case 2: return Select();
                case 3: return Paste();
                case 4: return front.Undo() ? "undo" : Type();
                case 5: return front.Redo() ? "redo" : Type();
                case 6: return Carets();
                case 7: return Break();
                default: return Type();
            }
        }

        string Mark()
        {
            return numbers.Pick("a", "e", "(", ")", "{", ";", " ", "\t", "\u00e9", "e\u0301", "\u4e2d", "\ud83d\ude00", "\ud83d", "\ude00", "\u0085", "\u2029", "\ufeff", "\0");
        }

        string Type()
        {
            Put(0, numbers.Below(4) == 0 ? Mark() : numbers.Pick("l", "et", " x", " = ", "1", ";", "fn ", "self."));
            return "type";
        }

        string Break()
        {
            Put(0, numbers.Pick(Breaks));
            return "break";
        }

        /// One unit, be it a half of a pair or of CRLF, or a pair as the keys take it.
        string Erase(int to)
        {
            var length = numbers.Pick(1, 1, 2);
            if (to < 0)
            {
                cursor = Math.Max(0, cursor - length);
            }
            Put(Math.Min(length, front.Text.Length - cursor), "");
            return to < 0 ? "backspace" : "delete";
        }

        string Select()
        {
            Put(numbers.Below(Math.Min(80, front.Text.Length - cursor + 1)), numbers.Pick("", "x", "{ \ud83d\ude00 }"));
            return "select";
        }

        string Paste()
        {
            var lines = Enumerable.Range(0, 1 + numbers.Below(6)).Select(_ => "    let " + Mark() + " = \"" + Mark() + "\";" + numbers.Pick(Breaks));
            Put(0, string.Concat(lines));
            return "paste";
        }

        /// Several carets at once.
        string Carets()
        {
            var places = Enumerable.Range(0, 2 + numbers.Below(6)).Select(_ => numbers.Below(front.Text.Length + 1)).Distinct().OrderBy(at => at).ToList();
            var text = numbers.Pick("x", "\ud83d\ude00", "\r\n", "\ude00", "");
            var replacements = new List<Replacement>();
            for (var at = 0; at < places.Count; at++)
            {
                var room = (at + 1 < places.Count ? places[at + 1] : front.Text.Length) - places[at];
                replacements.Add(new Replacement(places[at], Math.Min(room, numbers.Below(3)), text));
            }
            front.Change(replacements);
            return "carets";
        }

        string Switch()
        {
            front = buffers[numbers.Below(buffers.Count)];
            cursor = numbers.Below(front.Text.Length + 1);
            return "switch";
        }

        /// The file was changed outside: another text in one change.
        string Reload()
        {
            var lines = front.Text.Split('\n').Where(_ => numbers.Below(8) > 0);
            front.Put(0, front.Text.Length, string.Join("\n", lines) + "// " + numbers.Below(1000));
            return "reload";
        }

        string Close()
        {
            editor.Agent.Documents.Close(front.Uri);
            editor.Agent.Documents.Open(front.Uri, "rust", front.Text);
            return "reopen";
        }

        /// A change that nobody told of; the next one shows it.
        string Miss()
        {
            front.Miss(front.Text + "// missed");
            front.Miss(front.Text.Substring(Math.Min(3, front.Text.Length)));
            Put(0, "m");
            return "missed";
        }

        /// A suggestion is asked for and perhaps hung up on, in the midst of it all.
        string Ask()
        {
            var stop = new CancellationTokenSource();
            var ask = editor.Agent.Documents.Ask(front.Uri, Methods.InlineCompletion, document => new InlineCompletionParams
            {
                TextDocument = document.Identifier,
                Position = document.Position(cursor),
                Context = new InlineCompletionContext { TriggerKind = Triggers.Automatic },
            }.Json(), stop.Token);
            ask.ContinueWith(gone => gone.Exception);
            if (numbers.Below(2) == 0)
            {
                stop.Cancel();
            }
            return "ask";
        }

        void Put(int length, string text)
        {
            cursor = Math.Min(cursor, front.Text.Length);
            front.Put(cursor, length, text);
            cursor += text.Length;
        }
    }
}
