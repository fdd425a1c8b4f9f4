// What the agent and the extension say: the log in the output window, the reason in the status bar.
using System;
using System.Collections.Concurrent;
using Microsoft.VisualStudio.Shell;
using Microsoft.VisualStudio.Shell.Interop;

namespace Nextline.VisualStudio
{
    /// <summary>Takes lines on any thread, and from before there is a window.</summary>
    public sealed class LogPane
    {
        /// <summary>Lines that are kept until there is a pane; the oldest ones go.</summary>
        private const int Kept = 500;

        private readonly ConcurrentQueue<string> early = new ConcurrentQueue<string>();
        private volatile IVsOutputWindowPane pane;
        private IVsStatusbar bar;

        /// <summary>The windows are there. On the main thread.</summary>
        public void Attach(IVsOutputWindow window, IVsStatusbar statusbar)
        {
            ThreadHelper.ThrowIfNotOnUIThread();
            bar = statusbar;
            var id = new Guid("6f3b7a0e-61a0-4f0b-9d3a-0d8b3f0a5b11");
            window.CreatePane(ref id, "Nextline", 1, 0);
            window.GetPane(ref id, out var made);
            pane = made;
            while (early.TryDequeue(out var line))
            {
                Line(line);
            }
        }

        /// <summary>One line of the log.</summary>
        public void Line(string line)
        {
            var now = pane;
            if (now != null)
            {
                now.OutputStringThreadSafe(line + "\r\n");
                return;
            }
            early.Enqueue(line);
            while (early.Count > Kept)
            {
                early.TryDequeue(out _);
            }
        }

        /// <summary>Says it in the status bar.</summary>
        public async void Status(string text)
        {
            if (string.IsNullOrEmpty(text))
            {
                return;
            }
            await ThreadHelper.JoinableTaskFactory.SwitchToMainThreadAsync();
            bar?.SetText("Nextline: " + text);
        }

        /// <summary>Brings the log to the front. On the main thread.</summary>
        public void Show()
        {
            ThreadHelper.ThrowIfNotOnUIThread();
            pane?.Activate();
        }
    }
}
