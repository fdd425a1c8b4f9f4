// One for all of Visual Studio: the agent, what belongs to it, and Visual Studio as the core wants it.
using System;
using System.Collections.Generic;
using System.ComponentModel.Composition;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.VisualStudio;
using Microsoft.VisualStudio.Shell;
using Microsoft.VisualStudio.Shell.Interop;
using Microsoft.VisualStudio.Text;
using Microsoft.VisualStudio.Text.Editor;
using Nextline.Core;
using Nextline.Protocol;
using Range = Nextline.Protocol.Range;
using Task = System.Threading.Tasks.Task;

namespace Nextline.VisualStudio
{
    /// <summary>Where the person is: a buffer, and what is selected there.</summary>
    public sealed class Place
    {
        /// <summary>The buffer.</summary>
        public OpenBuffer Buffer { get; }

        /// <summary>The selection; the cursor where it is empty.</summary>
        public Range Selection { get; }

        /// <summary>Nothing is selected.</summary>
        public bool Empty { get; }

        internal Place(OpenBuffer buffer, Range selection, bool empty)
        {
            Buffer = buffer;
            Selection = selection;
            Empty = empty;
        }
    }

    /// <summary>What the parts of the extension share. Buffers tell it of themselves before the package is loaded; the agent starts with the package.</summary>
    [Export]
    public sealed class Session : IEditor, IChatEditor
    {
        private readonly IServiceProvider services;
        private readonly Dictionary<string, OpenBuffer> buffers = new Dictionary<string, OpenBuffer>();
        private volatile string folder = "";
        private volatile Options options;

        /// <summary>The agent.</summary>
        public Agent Agent { get; }

        /// <summary>What is shown in grey.</summary>
        public GhostText Ghosts { get; }

        /// <summary>The edits.</summary>
        public Edits Edits { get; }

        /// <summary>The next edits.</summary>
        public NextEdits Next { get; }

        /// <summary>The pane of the output window.</summary>
        public LogPane Pane { get; } = new LogPane();

        /// <summary>The view of a document that had the focus last; null when there is none.</summary>
        public IWpfTextView Front { get; internal set; }

        /// <summary>By Visual Studio's composition.</summary>
        [ImportingConstructor]
        public Session([Import(typeof(SVsServiceProvider))] IServiceProvider services)
        {
            this.services = services;
            Agent = new Agent(this);
            Ghosts = new GhostText(Agent);
            Edits = new Edits(Agent);
            Next = new NextEdits(Agent, this);
        }

        /// <summary>Starts the agent with what is set. On the main thread.</summary>
        public void Start(Options given)
        {
            ThreadHelper.ThrowIfNotOnUIThread();
            options = given;
            folder = Worked();
            Agent.Start();
        }

        /// <summary>Another solution or folder was opened: the agent works there from now on.</summary>
        public async Task Moved()
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            var now = Worked();
            if (now != folder)
            {
                folder = now;
                await Agent.Restart();
            }
        }

        internal void Opened(OpenBuffer buffer)
        {
            buffers[buffer.Uri] = buffer;
        }

        internal void Closed(OpenBuffer buffer)
        {
            buffers.Remove(buffer.Uri);
        }

        /// <summary>Puts a change of ghost text into its buffer. On the main thread.</summary>
        public void Take(Replacement? taken)
        {
            ThreadHelper.ThrowIfNotOnUIThread();
            var ghost = Ghosts.Shown;
            if (taken != null && ghost != null && buffers.TryGetValue(ghost.Uri, out var buffer))
            {
                buffer.Put(new[] { taken.Value });
            }
        }

        /// <summary>Where the person is; null when no document is in front. On the main thread.</summary>
        public Place Here()
        {
            ThreadHelper.ThrowIfNotOnUIThread();
            var view = Front;
            var buffer = view == null || view.IsClosed ? null : OpenBuffer.Of(view.TextDataModel.DocumentBuffer);
            if (buffer == null)
            {
                return null;
            }
            var span = view.Selection.StreamSelectionSpan.SnapshotSpan;
            int start = span.Start.Position, end = span.End.Position;
            return Agent.Documents.Look(buffer.Uri, document => new Place(buffer, document.Range(start, end), start == end));
        }

        /// <summary>The cursor goes to an edit, and a bar says what the same key would do there.</summary>
        internal async Task Jump(SuggestedEdit edit)
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            VsShellUtilities.OpenDocument(services, new Uri(edit.TextDocument.Uri).LocalPath);
            var buffer = Front == null ? null : OpenBuffer.Of(Front.TextDataModel.DocumentBuffer);
            if (buffer == null || buffer.Uri != edit.TextDocument.Uri)
            {
                return;
            }
            var start = Agent.Documents.Look(buffer.Uri, document => document.Offset(edit.Range.Start));
            Front.Caret.MoveTo(new SnapshotPoint(Front.TextSnapshot, start));
            Front.Caret.EnsureVisible();
            Say("the next edit is at the cursor, and the same key makes it: " + edit.Text.Trim());
        }

        /// <summary>What the error list says of a file. On the main thread.</summary>
        public List<Diagnostic> Complaints(string path)
        {
            ThreadHelper.ThrowIfNotOnUIThread();
            return ErrorList.Of(services, path);
        }

        ProcessStartInfo IEditor.Command()
        {
            var path = options?.AgentPath;
            if (string.IsNullOrWhiteSpace(path))
            {
                var own = Path.Combine(Path.GetDirectoryName(typeof(Session).Assembly.Location), "bin", "nextline.exe");
                var all = new[] { own }.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(one => Path.Combine(one, "nextline.exe")));
                path = all.FirstOrDefault(File.Exists);
            }
            if (path == null)
            {
                return null;
            }
            var command = new ProcessStartInfo(path, "lsp");
            foreach (var key in Keys.All())
            {
                command.EnvironmentVariables[key.Key] = key.Value;
            }
            return command;
        }

        IList<string> IEditor.Folders()
        {
            return folder.Length > 0 ? new[] { folder } : new string[0];
        }

        Dictionary<string, object> IEditor.Settings()
        {
            return options?.Settings() ?? new Dictionary<string, object>();
        }

        async Task<string> IEditor.Apply(IList<FileChange> changes)
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            foreach (var change in changes)
            {
                var path = new Uri(change.Uri).LocalPath;
                if (change.Create)
                {
                    Directory.CreateDirectory(Path.GetDirectoryName(path));
                    File.Open(path, FileMode.OpenOrCreate).Dispose();
                    continue;
                }
                if (!buffers.ContainsKey(change.Uri))
                {
                    VsShellUtilities.OpenDocument(services, path);
                }
                if (!buffers.ContainsKey(change.Uri))
                {
                    return path + " could not be opened";
                }
                var replacements = change.In(Agent.Documents);
                if (replacements == null)
                {
                    return "the text was changed meanwhile";
                }
                if (!buffers[change.Uri].Put(replacements))
                {
                    return path + " cannot be written to";
                }
            }
            return null;
        }

        async Task<string> IEditor.Choose(string question, IList<string> answers)
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            var text = question + "\r\n\r\n" + string.Join("\r\n", answers.Take(1).Select(answer => "Yes: " + answer));
            var chosen = VsShellUtilities.ShowMessageBox(
                services, text, "Nextline", OLEMSGICON.OLEMSGICON_QUERY, OLEMSGBUTTON.OLEMSGBUTTON_YESNO, OLEMSGDEFBUTTON.OLEMSGDEFBUTTON_SECOND);
            return chosen == (int)VSConstants.MessageBoxResult.IDYES ? answers.FirstOrDefault() : null;
        }

        /// <summary>Tells the person something, in a bar below the menus.</summary>
        public async void Say(string message)
        {
            Pane.Line(message);
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            InfoBar.OfTheShell(services, "Nextline: " + message);
        }

        void IEditor.Log(string line)
        {
            Pane.Line(line);
        }

        async Task<ChatPlace> IChatEditor.Place()
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            var here = Here();
            return here == null ? new ChatPlace() : new ChatPlace
            {
                TextDocument = new Identifier { Uri = here.Buffer.Uri },
                Selection = here.Empty ? null : here.Selection,
                Diagnostics = Complaints(here.Buffer.Path),
            };
        }

        async Task IChatEditor.Open(string path)
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            VsShellUtilities.OpenDocument(services, path);
        }

        /// <summary>The folder of the solution, or the one that was opened as such.</summary>
        private string Worked()
        {
            ThreadHelper.ThrowIfNotOnUIThread();
            var solution = (IVsSolution)services.GetService(typeof(SVsSolution));
            return solution != null && ErrorHandler.Succeeded(solution.GetSolutionInfo(out var found, out _, out _)) ? found ?? "" : "";
        }
    }
}
