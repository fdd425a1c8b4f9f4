// Buffers that are open, told to the agent: opened with their first view, closed with their last.
using System.Collections.Generic;
using System.ComponentModel.Composition;
using System.Linq;
using Microsoft.VisualStudio.Text;
using Microsoft.VisualStudio.Text.Editor;
using Microsoft.VisualStudio.Utilities;
using Nextline.Core;

namespace Nextline.VisualStudio
{
    /// <summary>Hears of every view of a document.</summary>
    [Export(typeof(IWpfTextViewCreationListener))]
    [ContentType("text")]
    [TextViewRole(PredefinedTextViewRoles.Document)]
    internal sealed class Views : IWpfTextViewCreationListener
    {
        private readonly Session session;
        private readonly ITextDocumentFactoryService files;

        [ImportingConstructor]
        internal Views(Session session, ITextDocumentFactoryService files)
        {
            this.session = session;
            this.files = files;
        }

        public void TextViewCreated(IWpfTextView view)
        {
            var buffer = view.TextDataModel.DocumentBuffer;
            if (files.TryGetTextDocument(buffer, out var file))
            {
                buffer.Properties.GetOrCreateSingletonProperty(() => new OpenBuffer(session, buffer, file)).Shown(view);
            }
        }
    }

    /// <summary>One buffer. On the main thread.</summary>
    public sealed class OpenBuffer
    {
        private readonly Session session;
        private readonly ITextBuffer buffer;
        private readonly ITextDocument file;
        private int views;

        internal OpenBuffer(Session session, ITextBuffer buffer, ITextDocument file)
        {
            this.session = session;
            this.buffer = buffer;
            this.file = file;
            Name();
        }

        /// <summary>Its name for the agent.</summary>
        public string Uri { get; private set; }

        /// <summary>Its file.</summary>
        public string Path { get; private set; }

        /// <summary>Its text as it is.</summary>
        public string Text => buffer.CurrentSnapshot.GetText();

        /// <summary>That of a buffer; null where the buffer is none of a file.</summary>
        internal static OpenBuffer Of(ITextBuffer buffer)
        {
            return buffer.Properties.TryGetProperty(typeof(OpenBuffer), out OpenBuffer found) ? found : null;
        }

        internal void Shown(IWpfTextView view)
        {
            if (views++ == 0)
            {
                Open();
                buffer.Changed += Changed;
                file.FileActionOccurred += Acted;
            }
            view.GotAggregateFocus += (_, __) => session.Front = view;
            view.Closed += (_, __) =>
            {
                if (ReferenceEquals(session.Front, view))
                {
                    session.Front = null;
                }
                if (--views == 0)
                {
                    buffer.Changed -= Changed;
                    file.FileActionOccurred -= Acted;
                    Close();
                }
            };
        }

        /// <summary>Puts replacements in as one step of undo; false when it cannot be written to.</summary>
        internal bool Put(IEnumerable<Replacement> replacements)
        {
            using (var edit = buffer.CreateEdit())
            {
                foreach (var one in replacements)
                {
                    if (!edit.Replace(one.Start, one.Length, one.Text))
                    {
                        return false;
                    }
                }
                return !ReferenceEquals(edit.Apply(), null) && !edit.Canceled;
            }
        }

        private void Name()
        {
            Path = file.FilePath;
            Uri = new System.Uri(Path, System.UriKind.RelativeOrAbsolute).IsAbsoluteUri ? new System.Uri(Path).AbsoluteUri : "untitled:" + Path;
        }

        private void Open()
        {
            session.Opened(this);
            // The agent knows languages by the names of files.
            session.Agent.Documents.Open(Uri, "", Text);
        }

        private void Close()
        {
            session.Agent.Documents.Close(Uri);
            session.Closed(this);
        }

        private void Changed(object sender, TextContentChangedEventArgs change)
        {
            var replacements = change.Changes.Select(one => new Replacement(one.OldPosition, one.OldLength, one.NewText)).ToList();
            session.Agent.Documents.Change(Uri, replacements, change.Before.Length, () => change.After.GetText());
        }

        private void Acted(object sender, TextDocumentFileActionEventArgs act)
        {
            if (act.FileActionType.HasFlag(FileActionTypes.DocumentRenamed))
            {
                Close();
                Name();
                Open();
            }
            else if (act.FileActionType.HasFlag(FileActionTypes.ContentSavedToDisk))
            {
                session.Agent.Documents.Saved(Uri);
            }
        }
    }
}
