// The commands of the menu, by the numbers of Nextline.vsct.
using System;
using System.ComponentModel.Design;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.VisualStudio.Shell;
using Nextline.Core;
using Nextline.Protocol;
using Range = Nextline.Protocol.Range;
using Task = System.Threading.Tasks.Task;

namespace Nextline.VisualStudio
{
    internal sealed class MenuCommands
    {
        private static readonly Guid Set = new Guid("9c1b8f0a-2b36-4f7e-8b7c-0f8a4f6d2c11");

        /// <summary>Minutes.</summary>
        private const int Snooze = 60;

        private readonly NextlinePackage package;
        private readonly Session session;

        internal MenuCommands(NextlinePackage package)
        {
            this.package = package;
            session = package.Session;
        }

        internal void Add(OleMenuCommandService menu)
        {
            var windows = package.Windows;
            Add(menu, 0x0100, Ask);
            Add(menu, 0x0101, () => Begin(Verbs.Doc, ""));
            Add(menu, 0x0102, () => Begin(Verbs.Test, ""));
            Add(menu, 0x0103, () => Begin(Verbs.Fix, ""));
            Add(menu, 0x0104, Explain);
            Add(menu, 0x0105, Chat);
            Add(menu, 0x0106, () => windows.Accept(session.Edits.Newest));
            Add(menu, 0x0107, () => windows.Reject(session.Edits.Newest));
            Add(menu, 0x0108, () => windows.Retry(session.Edits.Newest));
            Add(menu, 0x0109, () => session.Edits.Undo());
            Add(menu, 0x0112, Next);
            Add(menu, 0x010a, () => Take(session.Ghosts.Word()));
            Add(menu, 0x010b, () => Take(session.Ghosts.Line()));
            Add(menu, 0x010c, Why);
            Add(menu, 0x010d, () => session.Agent.Execute(Commands.Snooze, session.Agent.Status?.SnoozedUntil == null ? Snooze : 0));
            Add(menu, 0x010e, StoreKey);
            Add(menu, 0x010f, ForgetKey);
            Add(menu, 0x0110, () => session.Agent.Restart());
            Add(menu, 0x0111, Log);
        }

        private void Add(OleMenuCommandService menu, int number, Func<Task> act)
        {
            menu.AddCommand(new OleMenuCommand(async (_, __) => await Told(act), new CommandID(Set, number)));
        }

        /// <summary>What went wrong is said; nothing is thrown into Visual Studio.</summary>
        private async Task Told(Func<Task> act)
        {
            try
            {
                await act();
            }
            catch (Exception error) when (error is FaultException || error is IOException || error is OperationCanceledException)
            {
                session.Say(error.Message);
            }
        }

        private async Task Ask()
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            var here = session.Here();
            if (here == null)
            {
                return;
            }
            var instruction = Question.Ask("Nextline: edit", here.Empty ? "What to do with what is around the cursor" : "What to do with the selection", "");
            if (!string.IsNullOrWhiteSpace(instruction))
            {
                await Begin(Verbs.Edit, instruction);
            }
        }

        private async Task Begin(string verb, string instruction)
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            var here = session.Here();
            if (here == null)
            {
                return;
            }
            var given = new EditStartParams
            {
                TextDocument = new Identifier { Uri = here.Buffer.Uri },
                Range = here.Selection,
                Verb = verb,
                Instruction = instruction,
                Diagnostics = session.Complaints(here.Buffer.Path).FindAll(one => Touch(one.Range, here.Selection)),
            };
            await package.Windows.Begin(instruction.Length > 0 ? instruction : verb, cancel => session.Edits.Start(given, cancel));
        }

        /// <summary>The error list knows lines; a column of it is one of the screen's.</summary>
        private static bool Touch(Range one, Range other)
        {
            return one.Start.Line <= other.End.Line && one.End.Line >= other.Start.Line;
        }

        private async Task Next()
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            var here = session.Here();
            var edit = here == null ? null : await session.Next.Go(here.Buffer.Uri, here.Selection.Start, session.Complaints(here.Buffer.Path));
            if (edit != null)
            {
                await session.Jump(edit);
            }
        }

        private async Task Explain()
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            var here = session.Here();
            if (here == null)
            {
                return;
            }
            var folders = ((IEditor)session).Folders();
            var path = here.Buffer.Path;
            var name = folders.Count > 0 && path.StartsWith(folders[0], StringComparison.OrdinalIgnoreCase)
                ? path.Substring(folders[0].Length).TrimStart('\\', '/').Replace('\\', '/')
                : path;
            int first = here.Selection.Start.Line + 1, last = here.Selection.End.Line + 1;
            var window = await Window();
            window.Say("Explain @" + name + ":" + first + (last > first ? "-" + last : ""));
        }

        private async Task Chat()
        {
            await Window();
        }

        private async Task<ChatWindow> Window()
        {
            return (ChatWindow)await package.ShowToolWindowAsync(typeof(ChatWindow), 0, true, CancellationToken.None);
        }

        private async Task Take(Replacement? taken)
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            session.Take(taken);
        }

        private async Task Why()
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            var here = session.Here();
            var why = here == null ? "no document is in front" : await session.Agent.Why(here.Buffer.Uri);
            session.Say(why.Length > 0 ? why : "nothing was refused");
        }

        private async Task StoreKey()
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            var name = Question.Ask("Nextline: store a key", "The variable that the route reads: its api_key_env, or its vendor's usual one", "ANTHROPIC_API_KEY");
            var key = string.IsNullOrWhiteSpace(name) ? null : Question.Secret("Nextline: " + name);
            if (!string.IsNullOrEmpty(key))
            {
                await Kept(Keys.Store(name.Trim(), key));
            }
        }

        private async Task ForgetKey()
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            var names = string.Join(", ", Keys.All().ConvertAll(one => one.Key));
            var name = Question.Ask("Nextline: forget a key", names.Length > 0 ? "One of " + names : "No key is kept", "");
            if (!string.IsNullOrWhiteSpace(name))
            {
                await Kept(Keys.Forget(name.Trim()));
            }
        }

        /// <summary>A process has the keys that it was started with.</summary>
        private Task Kept(bool well)
        {
            return well ? session.Agent.Restart() : throw new IOException("the Windows Credential Manager refused");
        }

        private async Task Log()
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            session.Pane.Show();
        }
    }
}
