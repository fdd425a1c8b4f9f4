// Edits: an instruction, the preview of what it would change, and the person's yes or no. What is made of it is the agent's.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Nextline.Protocol;

namespace Nextline.Core
{
    /// <summary>One edit.</summary>
    public sealed class Edit
    {
        internal readonly TaskCompletionSource<bool> Known = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The agent's name for it.</summary>
        public string Id { get; internal set; }

        /// <summary>What was asked for.</summary>
        public string Title { get; internal set; }

        /// <summary>What it would change; null until it is ready.</summary>
        public EditPreview Preview { get; internal set; }
    }

    /// <summary>The edits of the editor.</summary>
    public sealed class Edits
    {
        /// <summary>So many edits of others, a chat's say, whose events are kept until their names are known.</summary>
        private const int Strangers = 32;

        private readonly Agent agent;
        private readonly object gate = new object();
        private readonly List<Edit> edits = new List<Edit>();
        private readonly List<KeyValuePair<string, EditEvent>> early = new List<KeyValuePair<string, EditEvent>>();

        /// <summary>An edit is no longer there to be accepted: it was, or it was rejected, or its agent is gone.</summary>
        public event Action<Edit> Gone;

        /// <summary>Over an agent.</summary>
        public Edits(Agent agent)
        {
            this.agent = agent;
            agent.Edited += Hear;
            agent.Changed += () =>
            {
                if (agent.Status == null && agent.Trouble.Length > 0)
                {
                    Lost();
                }
            };
        }

        /// <summary>The newest edit that can be accepted; null when there is none.</summary>
        public Edit Newest
        {
            get
            {
                lock (gate)
                {
                    return edits.LastOrDefault(edit => edit.Preview != null);
                }
            }
        }

        /// <summary>
        /// Starts one. Done when it can be previewed; null when it was cancelled, by the token or elsewhere. A <c>FaultException</c> or an
        /// <c>IOException</c> says in one sentence why it came to nothing.
        /// </summary>
        public Task<Edit> Start(EditStartParams given, CancellationToken cancel)
        {
            var title = string.IsNullOrEmpty(given.Instruction) ? given.Verb : given.Instruction;
            return Begin(title, Methods.EditStart, given.Json(), cancel);
        }

        /// <summary>Asks again, perhaps otherwise, as <see cref="Start"/> does.</summary>
        public Task<Edit> Retry(Edit edit, string instruction, CancellationToken cancel)
        {
            Forget(edit);
            return Begin(instruction, Methods.EditRetry, new EditRetryParams { Id = edit.Id, Instruction = instruction }.Json(), cancel);
        }

        /// <summary>Puts it, or some of its hunks, into the buffer. Answers null, or why not.</summary>
        public async Task<string> Accept(Edit edit, List<long> hunks = null)
        {
            var given = new EditAcceptParams { Id = edit.Id, Hunks = hunks };
            var result = EditAppliedResult.From(await agent.Request(Methods.EditAccept, given.Json()).ConfigureAwait(false));
            return result.Applied ? null : result.Reason ?? "the edit was not applied";
        }

        /// <summary>Declines it.</summary>
        public Task Reject(Edit edit)
        {
            return agent.Request(Methods.EditReject, new EditParams { Id = edit.Id }.Json());
        }

        /// <summary>Takes the edit that was applied last back; what was typed since stays.</summary>
        public Task Undo()
        {
            return agent.Execute(Commands.UndoEdit);
        }

        /// <summary>A text with the hunks in it; they are of whole lines and in the text's order.</summary>
        public static string Patched(string text, IEnumerable<EditHunk> hunks)
        {
            var document = new Document("", "", text);
            var patched = new StringBuilder();
            var from = 0;
            foreach (var hunk in hunks)
            {
                patched.Append(text, from, document.Offset(hunk.Range.Start) - from).Append(hunk.NewText);
                from = document.Offset(hunk.Range.End);
            }
            return patched.Append(text, from, text.Length - from).ToString();
        }

        private async Task<Edit> Begin(string title, string method, object given, CancellationToken cancel)
        {
            var started = EditStartResult.From(await agent.Request(method, given).ConfigureAwait(false));
            var edit = new Edit { Id = started.Id, Title = title };
            lock (gate)
            {
                edits.Add(edit);
                foreach (var one in early.Where(one => one.Key == edit.Id).ToArray())
                {
                    Happened(edit, one.Value);
                    early.Remove(one);
                }
            }
            using (cancel.Register(() => agent.Request(Methods.EditCancel, new EditParams { Id = edit.Id }.Json()).ContinueWith(gone => gone.Exception)))
            {
                return await edit.Known.Task.ConfigureAwait(false) ? edit : null;
            }
        }

        private void Hear(EditEvent happened)
        {
            lock (gate)
            {
                var edit = edits.Find(one => one.Id == happened.Id);
                if (edit != null)
                {
                    Happened(edit, happened);
                    return;
                }
                early.Add(new KeyValuePair<string, EditEvent>(happened.Id, happened));
                if (early.Count > Strangers)
                {
                    early.RemoveAt(0);
                }
            }
        }

        private void Happened(Edit edit, EditEvent happened)
        {
            if (happened is EditEvent.Progress || happened is EditEvent.Context || happened is EditEvent.Again)
            {
                return;
            }
            if (happened is EditEvent.Ready ready)
            {
                edit.Preview = ready.Preview;
                edit.Known.TrySetResult(true);
                return;
            }
            if (happened is EditEvent.Failed failed)
            {
                edit.Known.TrySetException(new FaultException(new Fault { Code = Codes.RequestFailed, Message = failed.Message }));
            }
            edit.Known.TrySetResult(false);
            Forget(edit);
        }

        private void Forget(Edit edit)
        {
            lock (gate)
            {
                if (!edits.Remove(edit))
                {
                    return;
                }
            }
            if (edit.Preview != null)
            {
                Gone?.Invoke(edit);
            }
        }

        /// <summary>A new process knows nothing of the old one's edits.</summary>
        private void Lost()
        {
            Edit[] all;
            lock (gate)
            {
                all = edits.ToArray();
                early.Clear();
            }
            foreach (var edit in all)
            {
                edit.Known.TrySetException(new IOException("the agent ended before the edit was there"));
                Forget(edit);
            }
        }
    }
}
