// Ghost text by Visual Studio's own proposals: it draws them, types through them and takes them by its own keys.
using System.Collections.Generic;
using System.ComponentModel.Composition;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.VisualStudio.Commanding;
using Microsoft.VisualStudio.Language.Proposals;
using Microsoft.VisualStudio.Text;
using Microsoft.VisualStudio.Text.Editor;
using Microsoft.VisualStudio.Text.Editor.Commanding.Commands;
using Microsoft.VisualStudio.Utilities;
using Nextline.Protocol;

namespace Nextline.VisualStudio
{
    /// <summary>One source for each view of a document.</summary>
    [Export(typeof(ProposalSourceProviderBase))]
    [Name("Nextline")]
    [Order(Before = "Highest Priority")]
    [ContentType("text")]
    internal sealed class ProposalSourceProvider : ProposalSourceProviderBase
    {
        private readonly Session session;

        [ImportingConstructor]
        internal ProposalSourceProvider(Session session)
        {
            this.session = session;
        }

        public override Task<ProposalSourceBase> GetProposalSourceAsync(ITextView view, CancellationToken cancel)
        {
            var source = view.Roles.Contains(PredefinedTextViewRoles.Document) ? new ProposalSource(session, view) : null;
            return Task.FromResult<ProposalSourceBase>(source);
        }
    }

    internal sealed class ProposalSource : ProposalSourceBase
    {
        private readonly Session session;
        private readonly ITextView view;

        internal ProposalSource(Session session, ITextView view)
        {
            this.session = session;
            this.view = view;
        }

        public override async Task<ProposalCollectionBase> RequestProposalsAsync(
            VirtualSnapshotPoint caret, CompletionState completionState, ProposalScenario scenario, char triggeringCharacter, CancellationToken cancel)
        {
            var snapshot = caret.Position.Snapshot;
            var buffer = ReferenceEquals(snapshot.TextBuffer, view.TextDataModel.DocumentBuffer) ? OpenBuffer.Of(snapshot.TextBuffer) : null;
            // Looking around is no typing, and a caret behind the end of its line has no place in the text.
            if (buffer == null || scenario == ProposalScenario.CaretMove || caret.IsInVirtualSpace)
            {
                return null;
            }
            var asked = scenario == ProposalScenario.ExplicitInvocation;
            var found = await session.Ghosts.Ask(buffer.Uri, caret.Position.Position, asked ? Triggers.Invoked : Triggers.Automatic, cancel, Selected(completionState)).ConfigureAwait(false);
            if (found.Count == 0)
            {
                if (asked)
                {
                    session.Pane.Status(await session.Agent.Why(buffer.Uri).ConfigureAwait(false));
                }
                return null;
            }
            var proposals = new List<ProposalBase>();
            foreach (var ghost in found)
            {
                // Of another text than that of the caret: the next request comes with it.
                if (ghost.Start + ghost.Length > snapshot.Length)
                {
                    return null;
                }
                var edits = new[] { new ProposedEdit(new SnapshotSpan(snapshot, ghost.Start, ghost.Length), ghost.Text) };
                var proposal = Proposal.TryCreateProposal("Nextline", edits, caret, completionState, ProposalFlags.SingleTabToAccept | ProposalFlags.MoveCaretToEnd);
                if (proposal != null)
                {
                    proposals.Add(proposal);
                }
            }
            session.Ghosts.Displayed(found[0]);
            return new ProposalCollection("Nextline", proposals);
        }

        private static System.Func<Core.Document, SelectedCompletionInfo> Selected(CompletionState state)
        {
            if (state == null || state.IsSoftSelection || string.IsNullOrEmpty(state.SelectedItem))
            {
                return null;
            }
            var span = state.ApplicableToSpan;
            return document => new SelectedCompletionInfo { Range = document.Range(span.Start.Position, span.End.Position), Text = state.SelectedItem };
        }
    }

    /// <summary>Esc tells the agent that what was shown is not wanted, and does what it always does.</summary>
    [Export(typeof(ICommandHandler))]
    [Name("Nextline Escape")]
    [ContentType("text")]
    [TextViewRole(PredefinedTextViewRoles.Document)]
    internal sealed class Escape : ICommandHandler<EscapeKeyCommandArgs>
    {
        private readonly Session session;

        [ImportingConstructor]
        internal Escape(Session session)
        {
            this.session = session;
        }

        public string DisplayName => "Nextline: dismiss the ghost text";

        public CommandState GetCommandState(EscapeKeyCommandArgs args)
        {
            return CommandState.Unspecified;
        }

        public bool ExecuteCommand(EscapeKeyCommandArgs args, CommandExecutionContext context)
        {
            session.Ghosts.Dismiss();
            return false;
        }
    }
}
