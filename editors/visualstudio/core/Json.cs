// JSON as the generated protocol classes read and write it: dictionaries, lists, texts, numbers, truths and null.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Nextline.Core
{
    /// <summary>Reads and writes JSON. Objects are <c>Dictionary&lt;string, object&gt;</c>, arrays <c>List&lt;object&gt;</c>, numbers <c>long</c> or <c>double</c>.</summary>
    public static class Json
    {
        /// <summary>Deeper than any message; a stack ends the process, and a bad message must not.</summary>
        private const int Deepest = 512;

        private static readonly Regex Halves = new Regex(@"[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]", RegexOptions.Compiled);

        /// <summary>The value of a whole text. A <c>FormatException</c> says where it is none.</summary>
        public static object Read(string text)
        {
            var reader = new Reader(text);
            var value = reader.Value(0);
            reader.End();
            return value;
        }

        /// <summary>The text of a value, on one line. A half of a surrogate pair alone becomes U+FFFD, which is as long.</summary>
        public static string Write(object value)
        {
            var text = new StringBuilder();
            Write(text, value, 0);
            return text.ToString();
        }

        /// <summary>A text that every encoding can hold: halves of surrogate pairs alone become U+FFFD. Lengths stay.</summary>
        public static string Whole(string text)
        {
            return Halves.Replace(text, "\ufffd");
        }

        private static void Write(StringBuilder text, object value, int depth)
        {
            if (depth > Deepest)
            {
                throw new FormatException("JSON is nested too deeply");
            }
            if (value == null)
            {
                text.Append("null");
            }
            else if (value is string said)
            {
                WriteText(text, said);
            }
            else if (value is bool truth)
            {
                text.Append(truth ? "true" : "false");
            }
            else if (value is double real)
            {
                if (double.IsNaN(real) || double.IsInfinity(real))
                {
                    throw new FormatException("JSON has no number for " + real);
                }
                text.Append(real.ToString("R", CultureInfo.InvariantCulture));
            }
            else if (value is int || value is long)
            {
                text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
            }
            else if (value is IDictionary members)
            {
                WriteMembers(text, members, depth);
            }
            else if (value is IEnumerable items)
            {
                WriteItems(text, items, depth);
            }
            else
            {
                throw new FormatException("JSON has no word for " + value.GetType());
            }
        }

        private static void WriteItems(StringBuilder text, IEnumerable items, int depth)
        {
            text.Append('[');
            var first = true;
            foreach (var item in items)
            {
                text.Append(first ? "" : ",");
                first = false;
                Write(text, item, depth + 1);
            }
            text.Append(']');
        }

        private static void WriteMembers(StringBuilder text, IDictionary members, int depth)
        {
            text.Append('{');
            var first = true;
            foreach (DictionaryEntry member in members)
            {
                text.Append(first ? "" : ",");
                first = false;
                WriteText(text, (string)member.Key);
                text.Append(':');
                Write(text, member.Value, depth + 1);
            }
            text.Append('}');
        }

        private static void WriteText(StringBuilder text, string said)
        {
            text.Append('"');
            foreach (var unit in Whole(said))
            {
                if (unit == '"' || unit == '\\')
                {
                    text.Append('\\').Append(unit);
                }
                else if (unit == '\n')
                {
                    text.Append("\\n");
                }
                else if (unit < ' ')
                {
                    text.Append("\\u").Append(((int)unit).ToString("x4", CultureInfo.InvariantCulture));
                }
                else
                {
                    text.Append(unit);
                }
            }
            text.Append('"');
        }

        private sealed class Reader
        {
            private static readonly Regex Numbers = new Regex(@"\G-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", RegexOptions.Compiled);

            private readonly string text;
            private int at;

            internal Reader(string text)
            {
                this.text = text;
            }

            internal object Value(int depth)
            {
                if (depth > Deepest)
                {
                    throw Wrong("nested too deeply");
                }
                Space();
                switch (Peek())
                {
                    case '{': return Members(depth);
                    case '[': return Items(depth);
                    case '"': return Text();
                    case 't': return Word("true", true);
                    case 'f': return Word("false", false);
                    case 'n': return Word("null", null);
                    default: return Number();
                }
            }

            internal void End()
            {
                Space();
                if (at < text.Length)
                {
                    throw Wrong("something behind the value");
                }
            }

            private Dictionary<string, object> Members(int depth)
            {
                var members = new Dictionary<string, object>();
                Each('}', () =>
                {
                    Space();
                    var name = Text();
                    Space();
                    Take(':');
                    members[name] = Value(depth + 1);
                });
                return members;
            }

            private List<object> Items(int depth)
            {
                var items = new List<object>();
                Each(']', () => items.Add(Value(depth + 1)));
                return items;
            }

            private void Each(char end, Action one)
            {
                at++;
                Space();
                for (var first = true; Peek() != end; first = false)
                {
                    if (!first)
                    {
                        Take(',');
                    }
                    one();
                    Space();
                }
                at++;
            }

            private string Text()
            {
                Take('"');
                var from = at;
                while (at < text.Length && text[at] != '"' && text[at] != '\\' && text[at] >= ' ')
                {
                    at++;
                }
                // Most texts have nothing to unfold.
                if (Peek() == '"')
                {
                    return text.Substring(from, at++ - from);
                }
                var said = new StringBuilder(text, from, at - from, Math.Max(16, 2 * (at - from)));
                for (;;)
                {
                    var unit = Peek();
                    if (unit < ' ')
                    {
                        throw Wrong("a text that does not end");
                    }
                    at++;
                    if (unit == '"')
                    {
                        return said.ToString();
                    }
                    said.Append(unit == '\\' ? Escaped() : unit);
                }
            }

            private char Escaped()
            {
                var unit = Peek();
                at++;
                switch (unit)
                {
                    case '"':
                    case '\\':
                    case '/': return unit;
                    case 'b': return '\b';
                    case 'f': return '\f';
                    case 'n': return '\n';
                    case 'r': return '\r';
                    case 't': return '\t';
                    case 'u':
                        var code = 0;
                        for (var end = at + 4; at < end; at++)
                        {
                            var digit = "0123456789abcdef".IndexOf(char.ToLowerInvariant(Peek()));
                            if (digit < 0)
                            {
                                throw Wrong("a bad escape");
                            }
                            code = 16 * code + digit;
                        }
                        return (char)code;
                    default: throw Wrong("a bad escape");
                }
            }

            private object Word(string word, object value)
            {
                if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0)
                {
                    throw Wrong("no value");
                }
                at += word.Length;
                return value;
            }

            private object Number()
            {
                var found = Numbers.Match(text, at);
                at += found.Length;
                var whole = !found.Groups[1].Success && !found.Groups[2].Success;
                if (whole && long.TryParse(found.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
                {
                    return number;
                }
                if (double.TryParse(found.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && !double.IsInfinity(real))
                {
                    return real;
                }
                throw Wrong("no value");
            }

            private void Space()
            {
                while (at < text.Length && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t'))
                {
                    at++;
                }
            }

            private char Peek()
            {
                return at < text.Length ? text[at] : '\0';
            }

            private void Take(char unit)
            {
                if (Peek() != unit)
                {
                    throw Wrong("no " + unit);
                }
                at++;
            }

            private FormatException Wrong(string what)
            {
                return new FormatException("not JSON at " + at + ": " + what);
            }
        }
    }
}
