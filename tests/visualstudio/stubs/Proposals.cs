// Signatures of Microsoft.VisualStudio.Language.Proposals, by hand from the public documentation, as far as the adapter names them.
using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.VisualStudio.Text;
using Microsoft.VisualStudio.Text.Editor;

namespace Microsoft.VisualStudio.Threading
{
    public interface IAsyncDisposable
    {
        Task DisposeAsync();
    }
}

namespace Microsoft.VisualStudio.Language.Proposals
{
    public enum ProposalScenario
    {
        Completion = 0,
        TypeChar = 1,
        Return = 2,
        CaretMove = 3,
        DivergedProposal = 4,
        CompletedProposal = 5,
        ExplicitInvocation = 6,
        Backspace = 7,
        CompletionAccepted = 8,
    }

    [Flags]
    public enum ProposalFlags
    {
        None = 0,
        SingleTabToAccept = 1,
        QueueProposalRequestOnCommit = 2,
        ShowCommitHighlight = 4,
        SimulateBraceCompletion = 8,
        MoveCaretToEnd = 16,
        DisableInIntelliSense = 32,
        FormatAfterCommit = 64,
    }

    public class CompletionState
    {
        public readonly SnapshotSpan ApplicableToSpan;
        public readonly bool IsSoftSelection;
        public readonly string SelectedItem = null;
    }

    public class ProposedEdit
    {
        public ProposedEdit(SnapshotSpan span, string replacementText) { }
    }

    public abstract class ProposalBase { }

    public class Proposal : ProposalBase
    {
        public static ProposalBase TryCreateProposal(
            string description, IReadOnlyList<ProposedEdit> edits, VirtualSnapshotPoint caret, CompletionState completionState = null, ProposalFlags flags = ProposalFlags.None,
            Func<bool> commitAction = null, string proposalId = null, string acceptText = null, string nextText = null, NormalizedSnapshotSpanCollection scope = null)
        {
            throw null;
        }
    }

    public abstract class ProposalCollectionBase
    {
        public abstract string SourceName { get; }
        public abstract IReadOnlyList<ProposalBase> Proposals { get; }
    }

    public class ProposalCollection : ProposalCollectionBase
    {
        public ProposalCollection(string sourceName, IReadOnlyList<ProposalBase> proposals) { }
        public override string SourceName { get { throw null; } }
        public override IReadOnlyList<ProposalBase> Proposals { get { throw null; } }
    }

    public abstract class ProposalSourceBase : Microsoft.VisualStudio.Threading.IAsyncDisposable
    {
        public abstract Task<ProposalCollectionBase> RequestProposalsAsync(
            VirtualSnapshotPoint caret, CompletionState completionState, ProposalScenario scenario, char triggeringCharacter, CancellationToken cancel);
        public virtual Task DisposeAsync() { throw null; }
    }

    public abstract class ProposalSourceProviderBase
    {
        public abstract Task<ProposalSourceBase> GetProposalSourceAsync(ITextView view, CancellationToken cancel);
    }
}
