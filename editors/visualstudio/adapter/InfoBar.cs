// A bar with a sentence and buttons, at the top of a window or below the menus.
using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.VisualStudio.Imaging;
using Microsoft.VisualStudio.Shell;
using Microsoft.VisualStudio.Shell.Interop;

namespace Nextline.VisualStudio
{
    internal sealed class InfoBar : IVsInfoBarUIEvents
    {
        private uint cookie;

        /// <summary>Below the menus; it stays until the person closes it.</summary>
        internal static void OfTheShell(IServiceProvider services, string text)
        {
            ThreadHelper.ThrowIfNotOnUIThread();
            var shell = (IVsShell)services.GetService(typeof(SVsShell));
            shell.GetProperty((int)__VSSPROPID7.VSSPROPID_MainWindowInfoBarHost, out var host);
            new InfoBar().Add(services, host as IVsInfoBarHost, text);
        }

        /// <summary>In the window of a frame.</summary>
        internal static void Of(IServiceProvider services, IVsWindowFrame frame, string text, params KeyValuePair<string, Action>[] acts)
        {
            ThreadHelper.ThrowIfNotOnUIThread();
            frame.GetProperty((int)__VSFPROPID7.VSFPROPID_InfoBarHost, out var host);
            new InfoBar().Add(services, host as IVsInfoBarHost, text, acts);
        }

        private void Add(IServiceProvider services, IVsInfoBarHost host, string text, params KeyValuePair<string, Action>[] acts)
        {
            ThreadHelper.ThrowIfNotOnUIThread();
            var factory = (IVsInfoBarUIFactory)services.GetService(typeof(SVsInfoBarUIFactory));
            if (host == null || factory == null)
            {
                return;
            }
            var buttons = acts.Select(act => new InfoBarButton(act.Key, act.Value));
            var bar = factory.CreateInfoBar(new InfoBarModel(text, buttons, KnownMonikers.StatusInformation, true));
            bar.Advise(this, out cookie);
            host.AddInfoBar(bar);
        }

        public void OnActionItemClicked(IVsInfoBarUIElement bar, IVsInfoBarActionItem item)
        {
            (item.ActionContext as Action)?.Invoke();
        }

        public void OnClosed(IVsInfoBarUIElement bar)
        {
            bar.Unadvise(cookie);
        }
    }
}
