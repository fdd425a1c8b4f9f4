// What Visual Studio loads: the menu, the options, the chat's window, and the session's start and end.
using System;
using System.Runtime.InteropServices;
using System.Threading;
using Microsoft.VisualStudio.ComponentModelHost;
using Microsoft.VisualStudio.Shell;
using Microsoft.VisualStudio.Shell.Events;
using Microsoft.VisualStudio.Shell.Interop;
using Task = System.Threading.Tasks.Task;

namespace Nextline.VisualStudio
{
    /// <summary>Loaded in the background once the shell is there.</summary>
    [PackageRegistration(UseManagedResourcesOnly = true, AllowsBackgroundLoading = true)]
    [Guid(Id)]
    [ProvideAutoLoad(UIContextGuids80.NoSolution, PackageAutoLoadFlags.BackgroundLoad)]
    [ProvideAutoLoad(UIContextGuids80.SolutionExists, PackageAutoLoadFlags.BackgroundLoad)]
    [ProvideMenuResource("Menus.ctmenu", 1)]
    [ProvideOptionPage(typeof(Options), "Nextline", "General", 0, 0, true)]
    [ProvideToolWindow(typeof(ChatWindow))]
    public sealed class NextlinePackage : AsyncPackage
    {
        /// <summary>As in <c>Nextline.vsct</c>.</summary>
        public const string Id = "3f5d4c1e-8a52-4b7a-9d55-5e0b6c9b7f01";

        /// <summary>What the status bar says; null while all is well.</summary>
        private string said;

        /// <summary>What all parts share.</summary>
        public Session Session { get; private set; }

        /// <summary>The previews of edits.</summary>
        internal EditWindows Windows { get; private set; }

        /// <summary>Called by Visual Studio.</summary>
        protected override async Task InitializeAsync(CancellationToken cancel, IProgress<ServiceProgressData> progress)
        {
            await JoinableTaskFactory.SwitchToMainThreadAsync(cancel);
            Session = ((IComponentModel)GetGlobalService(typeof(SComponentModel))).GetService<Session>();
            Session.Pane.Attach((IVsOutputWindow)GetGlobalService(typeof(SVsOutputWindow)), (IVsStatusbar)GetGlobalService(typeof(SVsStatusbar)));
            Windows = new EditWindows(this, Session);
            var options = (Options)GetDialogPage(typeof(Options));
            var path = options.AgentPath;
            options.Changed += async () =>
            {
                if (options.AgentPath == path)
                {
                    Session.Agent.Configure();
                    return;
                }
                path = options.AgentPath;
                await Session.Agent.Restart();
            };
            Session.Agent.Changed += Say;
            SolutionEvents.OnAfterOpenSolution += async (_, __) => await Session.Moved();
            SolutionEvents.OnAfterCloseSolution += async (_, __) => await Session.Moved();
            SolutionEvents.OnAfterOpenFolder += async (_, __) => await Session.Moved();
            new MenuCommands(this).Add(await GetServiceAsync(typeof(System.ComponentModel.Design.IMenuCommandService)) as OleMenuCommandService);
            Session.Start(options);
        }

        /// <summary>Visual Studio ends.</summary>
        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                Session?.Agent.Dispose();
            }
            base.Dispose(disposing);
        }

        /// <summary>The status bar says what is amiss, and once that it is well again.</summary>
        private void Say()
        {
            var status = Session.Agent.Status;
            var text = status == null ? Session.Agent.Trouble : status.Message;
            if (text.Length > 0 ? text != said : said != null && status != null)
            {
                said = text.Length > 0 ? text : null;
                Session.Pane.Status(said ?? "all is well");
            }
        }
    }
}
