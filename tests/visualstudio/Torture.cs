// What needs no agent: JSON, lines, words.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Nextline.Core;
using Nextline.Protocol;

namespace Nextline.Tests
{
    static class Torture
    {
        public static void Json()
        {
            // Read and written anew.
            foreach (var same in new[]
            {
                "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "1.5", "\"\"", "[]", "{}", "[[],{}]",
                "{\"a\":{\"b\":[1,null,\"c\"]}}", "\"\\\"\\\\ \\n\\u0000\\u001f\"", "\"\ud83d\ude00 \u2028\u0085\ufeff\"",
            })
            {
                Driver.Same(same, Core.Json.Write(Core.Json.Read(same)), "the same again");
            }
            foreach (var pair in new Dictionary<string, string>
            {
                { " \t\r\n[ 1 ,\n2 ]\t", "[1,2]" },
                { "\"\\u0041\\/\\b\\f\\r\\t\\u00e9\\uD83D\\uDE00\"", "\"A/\\u0008\\u000c\\u000d\\u0009\u00e9\ud83d\ude00\"" },
                { "\"\\ud83d!\"", "\"\ufffd!\"" },
                { "{\"a\":1,\"a\":2}", "{\"a\":2}" },
                { "1e3", "1000" }, { "-0.25E-2", "-0.0025" }, { "9223372036854775808", "9.2233720368547758E+18" }, { "-0", "0" },
            })
            {
                Driver.Same(pair.Value, Core.Json.Write(Core.Json.Read(pair.Key)), pair.Key);
            }
            foreach (var bad in new[]
            {
                "", " ", "nul", "True", "01", "-", "+1", ".5", "1.", "1e", "1e+", "1e999", "0x10", "NaN", "\"", "\"a", "\"\n\"", "\"\\x\"", "\"\\u12g4\"", "\"\\u12", "[", "[1",
                "[1,", "[1,]", "[,1]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}", "1 2", "[] x", "\ufeff1", "'a'", "\"\t\"", "\0",
                new string('[', 100000), string.Concat(Enumerable.Repeat("{\"a\":", 100000)),
            })
            {
                Refused(() => Core.Json.Read(bad), bad.Length > 40 ? "something deep" : bad);
            }
            Refused(() => Core.Json.Write(double.NaN), "NaN");
            Refused(() => Core.Json.Write(new object()), "an object");
            var deep = new List<object>();
            deep.Add(deep);
            Refused(() => Core.Json.Write(deep), "a circle");
            Rounds();
        }

        /// Values at random come back equal, through bytes, and a byte too few is never a value of its own.
        static void Rounds()
        {
            var numbers = new Numbers(7);
            for (var round = 0; round < 2000; round++)
            {
                var text = Core.Json.Write(Value(numbers, 4));
                var again = Core.Json.Write(Core.Json.Read(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))));
                Driver.Same(text, again, "round " + round);
                if (text[0] == '{' || text[0] == '[' || text[0] == '"')
                {
                    Refused(() => Core.Json.Read(text.Substring(0, numbers.Below(text.Length))), text);
                }
            }
        }

        static object Value(Numbers numbers, int depth)
        {
            switch (numbers.Below(depth > 0 ? 7 : 5))
            {
                case 0: return null;
                case 1: return numbers.Below(2) == 0;
                case 2: return (long)numbers.Below(int.MaxValue) * numbers.Below(1000) - 5000;
                case 3: return numbers.Below(int.MaxValue) / 1024.0 + 0.5;
                case 4: return Text(numbers, 12);
                case 5: return Enumerable.Range(0, numbers.Below(5)).Select(_ => Value(numbers, depth - 1)).ToList();
                default: return Enumerable.Range(0, numbers.Below(5)).ToDictionary(at => at + Text(numbers, 4), _ => Value(numbers, depth - 1));
            }
        }

        static string Text(Numbers numbers, int most)
        {
            return string.Concat(Enumerable.Range(0, numbers.Below(most)).Select(_ => numbers.Pick("a", "\"", "\\", "\n", "\r", "\0", "\u0007", "\u00e9", "\u2028", "\ud83d\ude00", "\ud83d", "\ude00", "/")));
        }

        /// Lines are those of LSP after every change, and places go there and back.
        public static void Lines()
        {
            var numbers = new Numbers(11);
            var document = new Document("file:///a", "", "a\r\nb\rc\nd\u2028e\u0085f");
            for (var round = 0; round < 20000; round++)
            {
                var start = numbers.Below(document.Text.Length + 1);
                var length = numbers.Below(Math.Min(6, document.Text.Length - start + 1));
                document.Change(new[] { new Replacement(start, length, document.Text.Length > 60 ? "" : Piece(numbers)) });
                var lines = 0;
                var from = 0;
                for (var at = 0; at <= document.Text.Length; at++)
                {
                    if (at > 0 && (document.Text[at - 1] == '\n' || document.Text[at - 1] == '\r' && !(at < document.Text.Length && document.Text[at] == '\n')))
                    {
                        lines++;
                        from = at;
                    }
                    var place = document.Position(at);
                    Driver.Same(lines + ":" + (at - from), place.Line + ":" + place.Character, "round " + round + " at " + at + " of " + Core.Json.Write(document.Text));
                    Driver.Same(at, document.Offset(place), "back again");
                }
            }
        }

        static string Piece(Numbers numbers)
        {
            return string.Concat(Enumerable.Range(0, numbers.Below(4)).Select(_ => numbers.Pick("a", "\n", "\r", "\r\n", "\u2028", "\ud83d\ude00", "\ud83d", "\ude00")));
        }

        /// The first words of texts.
        public static void Words()
        {
            foreach (var row in new[]
            {
                new[] { "foo.bar", "foo" }, new[] { ".bar", "." }, new[] { "  foo(x)", "  foo" }, new[] { "(\"a\")", "(" }, new[] { "-> T", "-" }, new[] { "&&b", "&&" },
                new[] { "a_1 b", "a_1" }, new[] { "\n    x = 1", "\n    x" }, new[] { "\ud83d\ude00x", "\ud83d\ude00" }, new[] { "a\ud83d\ude00", "a" }, new[] { "  ", "  " },
            })
            {
                Driver.Same(row[1], row[0].Substring(0, GhostText.WordOf(row[0])), row[0]);
            }
        }

        /// What an item is at a cursor, and what is left of it after a change.
        public static void Ghosts()
        {
            // The text, its cursor at |, the replaced range from [ to ]; the item; what is shown, and how many units behind the cursor go.
            foreach (var row in new[]
            {
                new[] { "[|]", "a", "a", "0" },
                new[] { "x = [fo|]", "foo()", "o()", "0" },
                new[] { "f([|)]", "a, b)", "a, b", "0" },
                new[] { "f([|)]", "a](b", "a](b", "1" },
                new[] { "[\ud83d\ude00|\r\n]", "\ud83d\ude00!\r\n", "!", "0" },
                new[] { "[fo|]", "bar", null, null },
                new[] { "[fo|]", "fo", null, null },
                new[] { "f|o[x]", "fox", null, null },
            })
            {
                var text = row[0].Replace("|", "").Replace("[", "").Replace("]", "");
                var document = new Document("file:///a", "", text);
                var cursor = row[0].Split('|')[0].Replace("[", "").Replace("]", "").Length;
                var start = row[0].Split('[')[0].Replace("|", "").Length;
                var end = row[0].Split(']')[0].Replace("|", "").Replace("[", "").Length;
                var ghost = Ghost.At(cursor, new InlineCompletionItem { InsertText = row[1], Range = document.Range(start, end) }, document);
                Driver.Same(row[2], ghost?.Text, row[0]);
                Driver.Same(row[3], ghost?.Length.ToString(), row[0]);
            }
            var shown = Ghost.At(1, new InlineCompletionItem { InsertText = "abc", Range = new Document("", "", "x]").Range(1, 2) }, new Document("", "", "x]"));
            Driver.Same("bc", shown.After(new Replacement(1, 0, "a"))?.Text, "typed");
            Driver.Same(1, shown.After(new Replacement(1, 0, "ab"))?.Length, "what goes with the rest");
            Driver.Same("", shown.After(new Replacement(1, 1, "abc"))?.Text, "whole");
            Driver.Same(null, shown.After(new Replacement(1, 0, "abc")), "the end that should go is still there");
            Driver.Same(null, shown.After(new Replacement(1, 0, "x")), "another key");
            Driver.Same(null, shown.After(new Replacement(0, 0, "a")), "elsewhere");
            Driver.Same(null, shown.After(new Replacement(1, 1, "")), "a deletion");
        }

        static void Refused(Action act, string what)
        {
            try
            {
                act();
            }
            catch (FormatException)
            {
                return;
            }
            throw new Exception("taken: " + what);
        }
    }
}
