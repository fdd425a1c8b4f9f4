// The chat: the same page as the browser's, in a window of Visual Studio. It is read from this extension's folder, and loads nothing from anywhere.
using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Windows;
using System.Windows.Controls;
using Microsoft.VisualStudio.Shell;
using Microsoft.Web.WebView2.Core;
using Microsoft.Web.WebView2.Wpf;
using Nextline.Core;

namespace Nextline.VisualStudio
{
    /// <summary>The window.</summary>
    [Guid("d0c4a8a7-0c5b-4a1b-9a8e-2f6f1c3e7a55")]
    public sealed class ChatWindow : ToolWindowPane
    {
        /// <summary>A name that is nobody's: the folder stands behind it.</summary>
        private const string Host = "nextline.invalid";

        private readonly Grid grid = new Grid();
        private WebView2 view;
        private ChatPort port;
        /// <summary>What waits for the port to be there.</summary>
        private string question;

        /// <summary>By Visual Studio.</summary>
        public ChatWindow() : base(null)
        {
            Caption = "Nextline Chat";
            Content = grid;
        }

        /// <summary>Asks this as soon as somebody can answer. On the main thread.</summary>
        public void Say(string what)
        {
            if (port == null)
            {
                question = what;
                return;
            }
            port.Say(what);
        }

        /// <summary>By Visual Studio, once.</summary>
        public override async void OnToolWindowCreated()
        {
            base.OnToolWindowCreated();
            var session = ((NextlinePackage)Package).Session;
            try
            {
                view = new WebView2();
                grid.Children.Add(view);
                var kept = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "Nextline", "WebView2");
                await view.EnsureCoreWebView2Async(await CoreWebView2Environment.CreateAsync(null, kept));
            }
            catch (Exception error) when (error is WebView2RuntimeNotFoundException || error is COMException || error is IOException)
            {
                var said = "The chat needs the WebView2 runtime, which is not here: install it, or run “nextline serve” and open its page. (" + error.Message + ")";
                grid.Children.Clear();
                grid.Children.Add(new TextBlock { Text = said, TextWrapping = TextWrapping.Wrap, Margin = new Thickness(12) });
                return;
            }
            var core = view.CoreWebView2;
            core.Settings.AreDevToolsEnabled = core.Settings.AreDefaultContextMenusEnabled = false;
            var folder = Path.Combine(Path.GetDirectoryName(typeof(ChatWindow).Assembly.Location), "page");
            core.SetVirtualHostNameToFolderMapping(Host, folder, CoreWebView2HostResourceAccessKind.Deny);
            core.NavigationStarting += (_, to) => to.Cancel = !to.Uri.StartsWith("https://" + Host + "/", StringComparison.Ordinal);
            core.NewWindowRequested += (_, asked) =>
            {
                asked.Handled = true;
                if (asked.Uri.StartsWith("https://", StringComparison.Ordinal) || asked.Uri.StartsWith("http://", StringComparison.Ordinal))
                {
                    Process.Start(new ProcessStartInfo(asked.Uri) { UseShellExecute = true });
                }
            };
            port = new ChatPort(session.Agent, session, session, Post);
            core.WebMessageReceived += async (_, message) => await port.Received(message.TryGetWebMessageAsString());
            if (question != null)
            {
                port.Say(question);
            }
            core.Navigate("https://" + Host + "/window.html");
        }

        /// <summary>By Visual Studio, at the end.</summary>
        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                port?.Dispose();
                view?.Dispose();
            }
            base.Dispose(disposing);
        }

        private async void Post(string message)
        {
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            view.CoreWebView2?.PostWebMessageAsString(message);
        }
    }
}
