// What the core needs of the editor that it runs in.
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading.Tasks;
using Nextline.Protocol;

namespace Nextline.Core
{
    /// <summary>The editor: Visual Studio, or a test. It may be called on any thread.</summary>
    public interface IEditor
    {
        /// <summary>How the agent is started, with its keys in the environment; null where there is no agent.</summary>
        ProcessStartInfo Command();

        /// <summary>Paths of the folders that are worked in.</summary>
        IList<string> Folders();

        /// <summary>What the person set, by section and key as <c>config.toml</c> has them, and nothing else.</summary>
        Dictionary<string, object> Settings();

        /// <summary>Puts changes into buffers, as one step of undo; null, or why not.</summary>
        Task<string> Apply(IList<FileChange> changes);

        /// <summary>Asks the person to choose an answer; null when they choose none.</summary>
        Task<string> Choose(string question, IList<string> answers);

        /// <summary>Tells the person something that they should see.</summary>
        void Say(string message);

        /// <summary>One line for the log. It holds no source text and no keys.</summary>
        void Log(string line);
    }

    /// <summary>What one file becomes.</summary>
    public sealed class FileChange
    {
        private List<TextEdit> edits = new List<TextEdit>();

        /// <summary>The file.</summary>
        public string Uri { get; private set; }

        /// <summary>It is not there yet.</summary>
        public bool Create { get; private set; }

        /// <summary>The version of its text that the change is of; null for any.</summary>
        public long? Version { get; private set; }

        /// <summary>The replacements for the buffer; null when its text is no longer the one that they were made for. Ask where the buffer cannot change meanwhile.</summary>
        public IList<Replacement> In(Documents documents)
        {
            return documents.Look(Uri, document =>
            {
                if (Version != null && Version != document.Version)
                {
                    return null;
                }
                return edits.ConvertAll(edit =>
                {
                    var start = document.Offset(edit.Range.Start);
                    return new Replacement(start, document.Offset(edit.Range.End) - start, edit.NewText);
                });
            });
        }

        /// <summary>That of a next edit.</summary>
        internal static FileChange Of(SuggestedEdit edit)
        {
            var edits = new List<TextEdit> { new TextEdit { Range = edit.Range, NewText = edit.Text } };
            return new FileChange { Uri = edit.TextDocument.Uri, Version = edit.TextDocument.Version, edits = edits };
        }

        /// <summary>The changes of LSP's <c>WorkspaceEdit</c>.</summary>
        internal static List<FileChange> Of(WorkspaceEdit edit)
        {
            return edit.DocumentChanges.ConvertAll(part => part.Kind != null
                ? new FileChange { Uri = part.Uri, Create = true }
                : new FileChange { Uri = part.TextDocument.Uri, Version = part.TextDocument.Version, edits = part.Edits });
        }
    }
}
