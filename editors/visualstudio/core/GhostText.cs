// What stands in grey behind the cursor: asked for, typed through, taken whole, by word or by line, cycled, dismissed.
using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Nextline.Protocol;

namespace Nextline.Core
{
    /// <summary>One suggestion as it stands in the text now.</summary>
    public sealed class Ghost
    {
        /// <summary>As it came.</summary>
        public InlineCompletionItem Item { get; }

        /// <summary>Its document.</summary>
        public string Uri { get; }

        /// <summary>Where its text goes, in UTF-16 units from the document's start.</summary>
        public int Start { get; }

        /// <summary>How many units behind that place its text replaces.</summary>
        public int Length { get; }

        /// <summary>What is not there yet.</summary>
        public string Text { get; }

        internal Ghost(InlineCompletionItem item, string uri, int start, int length, string text)
        {
            Item = item;
            Uri = uri;
            Start = start;
            Length = length;
            Text = text;
        }

        /// <summary>What is suggested at a cursor: an item without what stands before the cursor already. Null where the two do not go together.</summary>
        internal static Ghost At(int cursor, InlineCompletionItem item, Document document)
        {
            int start = document.Offset(item.Range.Start), end = document.Offset(item.Range.End);
            if (start > cursor || end < cursor || !item.InsertText.StartsWith(document.Text.Substring(start, cursor - start), StringComparison.Ordinal))
            {
                return null;
            }
            var text = item.InsertText.Substring(cursor - start);
            var behind = document.Text.Substring(cursor, end - cursor);
            // What stands behind the cursor and comes again at the end stays where it is.
            if (behind.Length > 0 && text.EndsWith(behind, StringComparison.Ordinal))
            {
                text = text.Substring(0, text.Length - behind.Length);
                end = cursor;
            }
            return text.Length == 0 ? null : new Ghost(item, document.Uri, cursor, end - cursor, text);
        }

        /// <summary>The rest after a replacement; null when it was something else than a part of this from its start, or all of it.</summary>
        internal Ghost After(Replacement done)
        {
            var whole = done.Text.Length == Text.Length;
            var fits = done.Start == Start && (done.Length == 0 && (!whole || Length == 0) || done.Length == Length && whole)
                && done.Text.Length > 0 && Text.StartsWith(done.Text, StringComparison.Ordinal);
            return fits ? new Ghost(Item, Uri, Start + done.Text.Length, whole ? 0 : Length, Text.Substring(done.Text.Length)) : null;
        }
    }

    /// <summary>The ghost text of the editor; there is one at a time.</summary>
    public sealed class GhostText
    {
        private readonly Agent agent;
        private readonly object gate = new object();
        private List<Ghost> shown = new List<Ghost>();
        /// <summary>The next change is a taking, however short.</summary>
        private bool taking;

        /// <summary>Over an agent's documents.</summary>
        public GhostText(Agent agent)
        {
            this.agent = agent;
            agent.Documents.Changed += Changed;
        }

        /// <summary>What is shown; null for nothing.</summary>
        public Ghost Shown
        {
            get
            {
                lock (gate)
                {
                    return shown.Count > 0 ? shown[0] : null;
                }
            }
        }

        /// <summary>
        /// What to show at a cursor, the best first. What is shown there already stays and nobody is asked, unless the person asks. Empty
        /// when there is nothing, or when the text was changed while the agent thought. <paramref name="selected"/> is the entry of an open
        /// popup, which the answers extend.
        /// </summary>
        public async Task<IList<Ghost>> Ask(string uri, int cursor, int trigger, CancellationToken cancel, Func<Document, SelectedCompletionInfo> selected = null)
        {
            lock (gate)
            {
                if (trigger == Triggers.Automatic && selected == null && shown.Count > 0 && shown[0].Uri == uri && shown[0].Start == cursor)
                {
                    return shown.ToArray();
                }
                shown.Clear();
            }
            long asked = 0;
            object answer;
            try
            {
                answer = await agent.Documents.Ask(uri, Methods.InlineCompletion, document =>
                {
                    asked = document.Version;
                    return new InlineCompletionParams
                    {
                        TextDocument = document.Identifier,
                        Position = document.Position(cursor),
                        Context = new InlineCompletionContext { TriggerKind = trigger, SelectedCompletionInfo = selected?.Invoke(document) },
                    }.Json();
                }, cancel).ConfigureAwait(false);
            }
            catch (Exception error) when (error is FaultException || error is IOException || error is OperationCanceledException)
            {
                // Ghost text never raises a dialog: the reason stands in the status.
                return new Ghost[0];
            }
            return agent.Documents.Look(uri, document => asked == document.Version ? Show(answer, cursor, document) : null) ?? new Ghost[0];
        }

        private IList<Ghost> Show(object answer, int cursor, Document document)
        {
            var found = new List<Ghost>();
            foreach (var item in InlineCompletionList.From(answer).Items)
            {
                var ghost = Ghost.At(cursor, item, document);
                if (ghost != null)
                {
                    found.Add(ghost);
                }
            }
            lock (gate)
            {
                shown = found;
                taking = false;
                return shown.ToArray();
            }
        }

        /// <summary>It is on the screen.</summary>
        public void Displayed(Ghost ghost)
        {
            agent.Notify(Methods.DidShowCompletion, new DidShowParams { Item = ghost.Item }.Json());
        }

        /// <summary>The change that takes all of it. The buffer makes it, and tells <see cref="Documents"/> as of any other.</summary>
        public Replacement? All()
        {
            return Take(text => text.Length);
        }

        /// <summary>The change that takes the next word: spaces, then letters and digits or one kind of mark.</summary>
        public Replacement? Word()
        {
            return Take(WordOf);
        }

        /// <summary>The change that takes the rest of the line, or the next one.</summary>
        public Replacement? Line()
        {
            return Take(text =>
            {
                var from = 0;
                while (from < text.Length && (text[from] == '\r' || text[from] == '\n'))
                {
                    from++;
                }
                var end = text.IndexOfAny(new[] { '\r', '\n' }, from);
                return end < 0 ? text.Length : end;
            });
        }

        /// <summary>The person wants none of it.</summary>
        public void Dismiss()
        {
            Ghost gone;
            lock (gate)
            {
                gone = shown.Count > 0 ? shown[0] : null;
                shown.Clear();
            }
            if (gone != null)
            {
                Tell(agent.Execute(Commands.DidDismiss, gone.Item.Command.Arguments.ToArray()));
            }
        }

        private Replacement? Take(Func<string, int> length)
        {
            lock (gate)
            {
                if (shown.Count == 0)
                {
                    return null;
                }
                var ghost = shown[0];
                taking = true;
                var taken = length(ghost.Text);
                return new Replacement(ghost.Start, taken == ghost.Text.Length ? ghost.Length : 0, ghost.Text.Substring(0, taken));
            }
        }

        /// <summary>Typing through keeps the rest; anything else takes it off.</summary>
        private void Changed(Document document, IList<Replacement> done)
        {
            Ghost ghost = null;
            Ghost rest = null;
            lock (gate)
            {
                if (shown.Count == 0 || shown[0].Uri != document.Uri)
                {
                    return;
                }
                var left = new List<Ghost>();
                foreach (var one in done.Count == 1 ? shown : left)
                {
                    var after = one.After(done[0]);
                    if (after == null)
                    {
                        continue;
                    }
                    // The editor may have cycled by itself: the first one that fits is the one on the screen.
                    ghost = ghost ?? one;
                    rest = rest ?? after;
                    if (after.Text.Length > 0 && rest.Text.Length > 0)
                    {
                        left.Add(after);
                    }
                }
                // More than one unit at once is not typed, whoever put it in.
                var taken = rest != null && (taking || done[0].Text.Length > 1);
                taking = false;
                shown = left;
                if (!taken)
                {
                    return;
                }
            }
            if (rest.Text.Length == 0)
            {
                Tell(agent.Execute(ghost.Item.Command.CommandValue, ghost.Item.Command.Arguments.ToArray()));
                return;
            }
            var units = rest.Start - document.Offset(ghost.Item.Range.Start);
            agent.Notify(Methods.DidPartiallyAcceptCompletion, new DidPartiallyAcceptParams { Item = ghost.Item, AcceptedLength = units }.Json());
        }

        /// <summary>How many UTF-16 units the next word has, with the spaces before it.</summary>
        public static int WordOf(string text)
        {
            var at = 0;
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }
            var letters = at < text.Length && Letter(text[at]);
            for (var first = at; at < text.Length && !char.IsWhiteSpace(text[at]); at++)
            {
                if (at > first && (Letter(text[at]) != letters || !letters && text[at] != text[first]))
                {
                    // Never between the halves of a pair.
                    return char.IsLowSurrogate(text[at]) ? at + 1 : at;
                }
            }
            return at;
        }

        private static bool Letter(char unit)
        {
            return char.IsLetterOrDigit(unit) || unit == '_';
        }

        /// <summary>Counts are not worth a word to the person.</summary>
        private static void Tell(Task<object> said)
        {
            said.ContinueWith(gone => gone.Exception, TaskContinuationOptions.OnlyOnFaulted);
        }
    }
}
