// Signatures of the shell's assemblies (Microsoft.VisualStudio.Shell.15.0, .Shell.Framework, .Interop, .Threading, EnvDTE), by hand from
// the public documentation, as far as the adapter names them.
#pragma warning disable 67, 649, 169
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.ComponentModel.Design;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.VisualStudio
{
    public static class ErrorHandler
    {
        public static bool Succeeded(int hr) { throw null; }
    }

    public static class VSConstants
    {
        public enum MessageBoxResult
        {
            IDYES = 6,
            IDNO = 7,
        }
    }
}

namespace Microsoft.VisualStudio.Threading
{
    public class JoinableTaskFactory
    {
        public MainThreadAwaitable SwitchToMainThreadAsync(CancellationToken cancellationToken = default(CancellationToken)) { throw null; }

        public struct MainThreadAwaitable
        {
            public MainThreadAwaiter GetAwaiter() { throw null; }
        }

        public struct MainThreadAwaiter : INotifyCompletion
        {
            public bool IsCompleted { get { throw null; } }
            public void OnCompleted(Action continuation) { throw null; }
            public void GetResult() { throw null; }
        }
    }
}

namespace Microsoft.VisualStudio.ComponentModelHost
{
    public interface SComponentModel { }

    public interface IComponentModel
    {
        T GetService<T>() where T : class;
    }
}

namespace Microsoft.VisualStudio.Imaging.Interop
{
    public struct ImageMoniker { }
}

namespace Microsoft.VisualStudio.Imaging
{
    using Microsoft.VisualStudio.Imaging.Interop;

    public static class KnownMonikers
    {
        public static ImageMoniker StatusInformation { get { throw null; } }
    }
}

namespace Microsoft.VisualStudio.TaskStatusCenter
{
    public interface SVsTaskStatusCenterService { }

    public interface ITaskHandler
    {
        CancellationToken UserCancellation { get; }
        void RegisterTask(Task task);
    }

    public struct TaskHandlerOptions
    {
        public string Title { get; set; }
    }

    public struct TaskProgressData
    {
        public bool CanBeCanceled { get; set; }
        public string ProgressText { get; set; }
    }

    public interface IVsTaskStatusCenterService
    {
        ITaskHandler PreRegister(TaskHandlerOptions options, TaskProgressData data);
    }
}

namespace Microsoft.VisualStudio.Shell.Events
{
    public class OpenSolutionEventArgs : EventArgs { }

    public class FolderEventArgs : EventArgs { }

    public sealed class SolutionEvents
    {
        public static event EventHandler<OpenSolutionEventArgs> OnAfterOpenSolution;
        public static event EventHandler OnAfterCloseSolution;
        public static event EventHandler<FolderEventArgs> OnAfterOpenFolder;
    }
}

namespace Microsoft.VisualStudio.Shell
{
    using Microsoft.VisualStudio.Imaging.Interop;
    using Microsoft.VisualStudio.Shell.Interop;
    using Microsoft.VisualStudio.Threading;

    public interface SVsServiceProvider : IServiceProvider { }

    public sealed class ServiceProgressData { }

    [Flags]
    public enum PackageAutoLoadFlags
    {
        None = 0,
        SkipWhenUIContextRulesActive = 1,
        BackgroundLoad = 2,
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class PackageRegistrationAttribute : Attribute
    {
        public bool UseManagedResourcesOnly { get; set; }
        public bool AllowsBackgroundLoading { get; set; }
    }

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public sealed class ProvideAutoLoadAttribute : Attribute
    {
        public ProvideAutoLoadAttribute(string cmdUiContextGuid, PackageAutoLoadFlags flags) { }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class ProvideMenuResourceAttribute : Attribute
    {
        public ProvideMenuResourceAttribute(string resourceID, int version) { }
    }

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public sealed class ProvideOptionPageAttribute : Attribute
    {
        public ProvideOptionPageAttribute(Type pageType, string categoryName, string pageName, short categoryResourceID, short pageNameResourceID, bool supportsAutomation) { }
    }

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public sealed class ProvideToolWindowAttribute : Attribute
    {
        public ProvideToolWindowAttribute(Type toolType) { }
    }

    public static class ThreadHelper
    {
        public static JoinableTaskFactory JoinableTaskFactory { get { throw null; } }
        public static void ThrowIfNotOnUIThread([CallerMemberName] string callerMemberName = "") { throw null; }
    }

    public abstract class Package : IServiceProvider
    {
        object IServiceProvider.GetService(Type serviceType) { throw null; }
        protected virtual void Dispose(bool disposing) { }
        public static object GetGlobalService(Type serviceType) { throw null; }
        public DialogPage GetDialogPage(Type dialogPageType) { throw null; }
    }

    public abstract class AsyncPackage : Package
    {
        public JoinableTaskFactory JoinableTaskFactory { get { throw null; } }
        protected virtual Task InitializeAsync(CancellationToken cancellationToken, IProgress<ServiceProgressData> progress) { throw null; }
        public Task<object> GetServiceAsync(Type serviceType) { throw null; }
        public Task<ToolWindowPane> ShowToolWindowAsync(Type toolWindowType, int id, bool create, CancellationToken cancellationToken) { throw null; }
    }

    public class WindowPane : IDisposable
    {
        protected virtual void Dispose(bool disposing) { }
        public void Dispose() { }
    }

    public class ToolWindowPane : WindowPane
    {
        protected ToolWindowPane(IServiceProvider provider) { }
        public string Caption { get; set; }
        public virtual object Content { get; set; }
        public object Package { get; set; }
        public virtual void OnToolWindowCreated() { }
    }

    public class DialogPage : Component
    {
        protected virtual void OnApply(PageApplyEventArgs e) { }

        protected class PageApplyEventArgs : CancelEventArgs { }
    }

    public class OleMenuCommand : MenuCommand
    {
        public OleMenuCommand(EventHandler invokeHandler, CommandID id) : base(invokeHandler, id) { }
    }

    public class OleMenuCommandService
    {
        public virtual void AddCommand(MenuCommand command) { throw null; }
    }

    public static class VsShellUtilities
    {
        public static void OpenDocument(IServiceProvider provider, string fullPath) { throw null; }
        public static int ShowMessageBox(IServiceProvider serviceProvider, string message, string title, OLEMSGICON icon, OLEMSGBUTTON msgButton, OLEMSGDEFBUTTON defaultButton) { throw null; }
    }

    public class InfoBarActionItem : IVsInfoBarActionItem
    {
        public object ActionContext { get { throw null; } }
    }

    public class InfoBarButton : InfoBarActionItem
    {
        public InfoBarButton(string text, object actionContext) { }
    }

    public class InfoBarModel : IVsInfoBar
    {
        public InfoBarModel(string text, IEnumerable<IVsInfoBarActionItem> actionItems, ImageMoniker image, bool isCloseButtonVisible) { }
    }
}

namespace Microsoft.VisualStudio.Shell.Interop
{
    public static class UIContextGuids80
    {
        public const string NoSolution = "{ADFC4E64-0397-11D1-9F4E-00A0C911004F}";
        public const string SolutionExists = "{F1536EF8-92EC-443C-9ED7-FDADF150DA82}";
    }

    public enum OLEMSGICON { OLEMSGICON_QUERY = 2 }

    public enum OLEMSGBUTTON { OLEMSGBUTTON_YESNO = 4 }

    public enum OLEMSGDEFBUTTON { OLEMSGDEFBUTTON_SECOND = 1 }

    public enum __VSSPROPID7 { VSSPROPID_MainWindowInfoBarHost = -9069 }

    public enum __VSFPROPID7 { VSFPROPID_InfoBarHost = -5039 }

    public enum __FRAMECLOSE { FRAMECLOSE_NoSave = 0 }

    public enum __VSDIFFSERVICEOPTIONS
    {
        VSDIFFOPT_DoNotShow = 1,
        VSDIFFOPT_DetectBinaryFiles = 2,
        VSDIFFOPT_LeftFileIsTemporary = 16,
        VSDIFFOPT_RightFileIsTemporary = 32,
    }

    public interface SVsSolution { }

    public interface IVsSolution
    {
        int GetSolutionInfo(out string pbstrSolutionDirectory, out string pbstrSolutionFile, out string pbstrUserOptsFile);
    }

    public interface SVsShell { }

    public interface IVsShell
    {
        int GetProperty(int propid, out object pvar);
    }

    public interface SVsOutputWindow { }

    public interface IVsOutputWindow
    {
        int GetPane(ref Guid rguidPane, out IVsOutputWindowPane ppPane);
        int CreatePane(ref Guid rguidPane, string pszPaneName, int fInitVisible, int fClearWithSolution);
    }

    public interface IVsOutputWindowPane
    {
        int Activate();
        int OutputStringThreadSafe(string pszOutputString);
    }

    public interface SVsStatusbar { }

    public interface IVsStatusbar
    {
        int SetText(string pszText);
    }

    public interface IVsWindowFrame
    {
        int CloseFrame(uint grfSaveOptions);
        int GetProperty(int propid, out object pvar);
    }

    public interface SVsDifferenceService { }

    public interface IVsDifferenceService
    {
        IVsWindowFrame OpenComparisonWindow2(
            string leftFileMoniker, string rightFileMoniker, string caption, string Tooltip, string leftLabel, string rightLabel, string inlineLabel, string roles, uint grfDiffOptions);
    }

    public interface IVsInfoBar { }

    public interface IVsInfoBarActionItem
    {
        object ActionContext { get; }
    }

    public interface IVsUIElement { }

    public interface IVsInfoBarUIElement : IVsUIElement
    {
        int Advise(IVsInfoBarUIEvents eventSink, out uint cookie);
        int Unadvise(uint cookie);
    }

    public interface IVsInfoBarUIEvents
    {
        void OnClosed(IVsInfoBarUIElement infoBarUIElement);
        void OnActionItemClicked(IVsInfoBarUIElement infoBarUIElement, IVsInfoBarActionItem actionItem);
    }

    public interface SVsInfoBarUIFactory { }

    public interface IVsInfoBarUIFactory
    {
        IVsInfoBarUIElement CreateInfoBar(IVsInfoBar infoBar);
    }

    public interface IVsInfoBarHost
    {
        void AddInfoBar(IVsUIElement uiElement);
    }
}

namespace EnvDTE
{
    public interface DTE { }
}

namespace EnvDTE80
{
    public enum vsBuildErrorLevel
    {
        vsBuildErrorLevelLow = 1,
        vsBuildErrorLevelMedium = 2,
        vsBuildErrorLevelHigh = 4,
    }

    public interface ErrorItem
    {
        string Description { get; }
        string FileName { get; }
        int Line { get; }
        int Column { get; }
        vsBuildErrorLevel ErrorLevel { get; }
    }

    public interface ErrorItems
    {
        int Count { get; }
        ErrorItem Item(object index);
    }

    public interface ErrorList
    {
        ErrorItems ErrorItems { get; }
    }

    public interface ToolWindows
    {
        ErrorList ErrorList { get; }
    }

    public interface DTE2
    {
        ToolWindows ToolWindows { get; }
    }
}
