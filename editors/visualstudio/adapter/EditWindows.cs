// Edits as a person sees them: progress that can be cancelled, the difference, and a bar in it with yes, no and again.
using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.VisualStudio.Shell;
using Microsoft.VisualStudio.Shell.Interop;
using Microsoft.VisualStudio.TaskStatusCenter;
using Nextline.Core;
using Task = System.Threading.Tasks.Task;

namespace Nextline.VisualStudio
{
    internal sealed class EditWindows
    {
        private readonly AsyncPackage package;
        private readonly Session session;
        private readonly Dictionary<Edit, IVsWindowFrame> open = new Dictionary<Edit, IVsWindowFrame>();

        internal EditWindows(AsyncPackage package, Session session)
        {
            this.package = package;
            this.session = session;
            session.Edits.Gone += Close;
        }

        /// <summary>Makes an edit with its progress in the task centre, and shows its difference.</summary>
        internal async Task Begin(string title, Func<CancellationToken, Task<Edit>> make)
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            var centre = (IVsTaskStatusCenterService)await package.GetServiceAsync(typeof(SVsTaskStatusCenterService));
            var progress = new TaskProgressData { CanBeCanceled = true, ProgressText = title };
            var handler = centre.PreRegister(new TaskHandlerOptions { Title = "Nextline: " + title }, progress);
            var making = make(handler.UserCancellation);
            handler.RegisterTask(making);
            var edit = await making;
            if (edit != null)
            {
                await Show(edit);
            }
        }

        internal async Task Accept(Edit edit)
        {
            if (edit == null)
            {
                return;
            }
            var refused = await session.Edits.Accept(edit);
            if (refused != null)
            {
                session.Say(refused);
            }
        }

        internal Task Reject(Edit edit)
        {
            return edit == null ? Task.CompletedTask : session.Edits.Reject(edit);
        }

        internal async Task Retry(Edit edit)
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            var instruction = edit == null ? null : Question.Ask("Nextline: ask again", "What to do", edit.Title);
            if (!string.IsNullOrWhiteSpace(instruction))
            {
                await Begin(instruction, cancel => session.Edits.Retry(edit, instruction, cancel));
            }
        }

        private async Task Show(Edit edit)
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            var uri = edit.Preview.TextDocument.Uri;
            var name = Path.GetFileName(new Uri(uri).LocalPath);
            // A file that is not there yet comes from nothing.
            var before = session.Agent.Documents.Look(uri, document => document.Text) ?? (File.Exists(new Uri(uri).LocalPath) ? File.ReadAllText(new Uri(uri).LocalPath) : "");
            var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "nextline-" + Guid.NewGuid().ToString("N"))).FullName;
            var left = Path.Combine(folder, "before-" + name);
            var right = Path.Combine(folder, "after-" + name);
            File.WriteAllText(left, before);
            File.WriteAllText(right, Edits.Patched(before, edit.Preview.Hunks));
            const __VSDIFFSERVICEOPTIONS temporary = __VSDIFFSERVICEOPTIONS.VSDIFFOPT_LeftFileIsTemporary | __VSDIFFSERVICEOPTIONS.VSDIFFOPT_RightFileIsTemporary;
            var service = (IVsDifferenceService)await package.GetServiceAsync(typeof(SVsDifferenceService));
            var frame = service.OpenComparisonWindow2(left, right, name + ": " + edit.Title, edit.Title, name, "Nextline", name, null, (uint)temporary);
            open[edit] = frame;
            var errors = edit.Preview.NewErrors > 0 ? "It would bring " + edit.Preview.NewErrors + " more syntax errors. " : "";
            InfoBar.Of(package, frame, errors + edit.Title, Row("Accept", () => Accept(edit)), Row("Reject", () => Reject(edit)), Row("Ask again …", () => Retry(edit)));
        }

        private KeyValuePair<string, Action> Row(string title, Func<Task> act)
        {
            return new KeyValuePair<string, Action>(title, async () =>
            {
                try
                {
                    await act();
                }
                catch (Exception error) when (error is FaultException || error is IOException)
                {
                    session.Say(error.Message);
                }
            });
        }

        private async void Close(Edit edit)
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            if (open.ContainsKey(edit))
            {
                var frame = open[edit];
                open.Remove(edit);
                frame.CloseFrame((uint)__FRAMECLOSE.FRAMECLOSE_NoSave);
            }
        }
    }
}
