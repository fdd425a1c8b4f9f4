// One document as the agent has it: its text, its lines by LSP's rules, its version.
using System;
using System.Collections.Generic;
using Nextline.Protocol;
using Range = Nextline.Protocol.Range;

namespace Nextline.Core
{
    /// <summary>A part of a text and what takes its place, in UTF-16 units of the text before the change.</summary>
    public struct Replacement
    {
        /// <summary>Where it begins.</summary>
        public readonly int Start;

        /// <summary>How many units go.</summary>
        public readonly int Length;

        /// <summary>What comes.</summary>
        public readonly string Text;

        /// <summary><paramref name="length"/> units from <paramref name="start"/> become <paramref name="text"/>.</summary>
        public Replacement(int start, int length, string text)
        {
            Start = start;
            Length = length;
            Text = text;
        }
    }

    /// <summary>
    /// The mirror of a buffer. Visual Studio's lines also end at NEL, U+2028 and U+2029, LSP's do not, so lines are counted here. Not for
    /// several threads: <see cref="Documents"/> has the lock.
    /// </summary>
    public sealed class Document
    {
        /// <summary>Where each line begins, in UTF-16 units.</summary>
        private readonly List<int> starts = new List<int>();

        /// <summary>Where it is.</summary>
        public string Uri { get; }

        /// <summary>LSP's language identifier.</summary>
        public string Language { get; }

        /// <summary>As the buffer has it, halves of surrogate pairs included.</summary>
        public string Text { get; private set; }

        /// <summary>Grows with every change.</summary>
        public long Version { get; private set; }

        /// <summary>A document that was just opened.</summary>
        public Document(string uri, string language, string text)
        {
            Uri = uri;
            Language = language;
            Text = text;
            Version = 1;
            starts.Add(0);
            Scan(0, text.Length, starts);
        }

        /// <summary>The name and version for a message.</summary>
        public Identifier Identifier => new Identifier { Uri = Uri, Version = Version };

        /// <summary>What <c>didOpen</c> says.</summary>
        public DidOpenParams Opened()
        {
            return new DidOpenParams { TextDocument = new Item { Uri = Uri, LanguageId = Language, Version = Version, Text = Json.Whole(Text) } };
        }

        /// <summary>Puts all replacements in, which count in the text before any of them and do not overlap; answers what <c>didChange</c> says.</summary>
        public DidChangeParams Change(IEnumerable<Replacement> replacements)
        {
            var ordered = new List<Replacement>(replacements);
            ordered.Sort((one, other) => one.Start.CompareTo(other.Start));
            var changes = new List<Change>();
            // From the last to the first: what stands before one is still where it was.
            for (var at = ordered.Count - 1; at >= 0; at--)
            {
                changes.Add(Change(ordered[at]));
            }
            Version++;
            return new DidChangeParams { TextDocument = Identifier, ContentChanges = changes };
        }

        /// <summary>Another text in the place of this one.</summary>
        public DidChangeParams Reset(string text)
        {
            return Change(new[] { new Replacement(0, Text.Length, text) });
        }

        /// <summary>The line and column of an offset.</summary>
        public Position Position(int offset)
        {
            var line = LineOf(offset);
            return new Position { Line = line, Character = offset - starts[line] };
        }

        /// <summary>The offset of a line and column; what is beyond a line or the text is at its end.</summary>
        public int Offset(Position position)
        {
            if (position.Line >= starts.Count)
            {
                return Text.Length;
            }
            var end = position.Line + 1 < starts.Count ? starts[position.Line + 1] : Text.Length;
            return Math.Min(starts[position.Line] + position.Character, end);
        }

        /// <summary>The range between two offsets.</summary>
        public Range Range(int start, int end)
        {
            return new Range { Start = Position(start), End = Position(end) };
        }

        private Change Change(Replacement replacement)
        {
            int start = replacement.Start, end = start + replacement.Length;
            var text = replacement.Text;
            // LSP has no place between the two of CRLF, and the agent's text no halves of surrogate pairs: they travel together.
            if (start > 0 && (char.IsHighSurrogate(Text[start - 1]) || WithinBreak(start)))
            {
                start--;
                text = Text[start] + text;
            }
            if (end < Text.Length && (char.IsLowSurrogate(Text[end]) || WithinBreak(end)))
            {
                text += Text[end];
                end++;
            }
            var change = new Change { Range = Range(start, end), Text = Json.Whole(text) };
            Splice(start, end, text);
            return change;
        }

        private bool WithinBreak(int offset)
        {
            return offset > 0 && offset < Text.Length && Text[offset - 1] == '\r' && Text[offset] == '\n';
        }

        private void Splice(int start, int end, string text)
        {
            Text = string.Concat(Text.Substring(0, start), text, Text.Substring(end));
            var by = text.Length - (end - start);
            // A break at the edge may have become one with its neighbour, or two: the lines around are looked at anew.
            var first = LineOf(Math.Max(0, start - 1));
            var next = starts.FindIndex(first, at => at > end + 1);
            next = next < 0 ? starts.Count : next;
            var until = next < starts.Count ? starts[next] + by : Text.Length;
            var fresh = new List<int>();
            Scan(starts[first], until, fresh);
            // The start of the line behind is found again.
            if (next < starts.Count && fresh.Count > 0 && fresh[fresh.Count - 1] == until)
            {
                fresh.RemoveAt(fresh.Count - 1);
            }
            for (var at = next; at < starts.Count; at++)
            {
                starts[at] += by;
            }
            starts.RemoveRange(first + 1, next - first - 1);
            starts.InsertRange(first + 1, fresh);
        }

        /// <summary>Adds where lines begin behind the breaks between two offsets.</summary>
        private void Scan(int from, int until, List<int> found)
        {
            for (var at = from; at < until; at++)
            {
                if (Text[at] == '\n' || Text[at] == '\r' && !(at + 1 < Text.Length && Text[at + 1] == '\n'))
                {
                    found.Add(at + 1);
                }
            }
        }

        private int LineOf(int offset)
        {
            var found = starts.BinarySearch(offset);
            return found >= 0 ? found : ~found - 1;
        }
    }
}
