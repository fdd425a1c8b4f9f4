// Signatures of WPF, WebView2 and MEF's attributes, by hand from the public documentation, as far as the adapter names them: Mono has none of them.
#pragma warning disable 67, 649, 169
using System;
using System.Collections;
using System.Threading.Tasks;

namespace System.ComponentModel.Composition
{
    [AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
    public class ExportAttribute : Attribute
    {
        public ExportAttribute() { }
        public ExportAttribute(Type contractType) { }
    }

    [AttributeUsage(AttributeTargets.All)]
    public class ImportAttribute : Attribute
    {
        public ImportAttribute() { }
        public ImportAttribute(Type contractType) { }
    }

    [AttributeUsage(AttributeTargets.Constructor)]
    public class ImportingConstructorAttribute : Attribute { }
}

namespace System.Windows
{
    public enum SizeToContent { Manual, Width, Height, WidthAndHeight }

    public enum WindowStartupLocation { Manual, CenterScreen, CenterOwner }

    public enum HorizontalAlignment { Left, Center, Right, Stretch }

    public enum TextWrapping { WrapWithOverflow, NoWrap, Wrap }

    public delegate void RoutedEventHandler(object sender, RoutedEventArgs e);

    public class RoutedEventArgs : EventArgs { }

    public struct Thickness
    {
        public Thickness(double uniformLength) { }
        public Thickness(double left, double top, double right, double bottom) { }
    }

    public class UIElement
    {
        public bool Focus() { throw null; }
    }

    public class FrameworkElement : UIElement
    {
        public Thickness Margin { get; set; }
        public double Width { get; set; }
        public double MinWidth { get; set; }
        public HorizontalAlignment HorizontalAlignment { get; set; }
        public event RoutedEventHandler Loaded;
    }

    public class Window : Controls.Control
    {
        public string Title { get; set; }
        public object Content { get; set; }
        public SizeToContent SizeToContent { get; set; }
        public WindowStartupLocation WindowStartupLocation { get; set; }
        public bool? DialogResult { get; set; }
    }
}

namespace System.Windows.Controls
{
    public class Control : FrameworkElement { }

    public class UIElementCollection
    {
        public int Add(UIElement element) { throw null; }
        public void Clear() { throw null; }
    }

    public class Panel : FrameworkElement
    {
        public UIElementCollection Children { get { throw null; } }
    }

    public class StackPanel : Panel { }

    public class Grid : Panel { }

    public class TextBlock : FrameworkElement
    {
        public string Text { get; set; }
        public TextWrapping TextWrapping { get; set; }
    }

    public class TextBox : Control
    {
        public string Text { get; set; }
        public void SelectAll() { throw null; }
    }

    public class PasswordBox : Control
    {
        public string Password { get; set; }
    }

    public class Button : Control
    {
        public object Content { get; set; }
        public bool IsDefault { get; set; }
        public event RoutedEventHandler Click;
    }
}

namespace Microsoft.VisualStudio.PlatformUI
{
    public class DialogWindow : System.Windows.Window
    {
        public bool HasMinimizeButton { get; set; }
        public bool HasMaximizeButton { get; set; }
        public bool? ShowModal() { throw null; }
    }
}

namespace Microsoft.Web.WebView2.Core
{
    public class WebView2RuntimeNotFoundException : Exception { }

    public enum CoreWebView2HostResourceAccessKind { Deny, Allow, DenyCors }

    public class CoreWebView2EnvironmentOptions { }

    public class CoreWebView2Environment
    {
        public static Task<CoreWebView2Environment> CreateAsync(string browserExecutableFolder = null, string userDataFolder = null, CoreWebView2EnvironmentOptions options = null) { throw null; }
    }

    public class CoreWebView2Settings
    {
        public bool AreDevToolsEnabled { get; set; }
        public bool AreDefaultContextMenusEnabled { get; set; }
    }

    public class CoreWebView2NavigationStartingEventArgs : EventArgs
    {
        public string Uri { get { throw null; } }
        public bool Cancel { get; set; }
    }

    public class CoreWebView2NewWindowRequestedEventArgs : EventArgs
    {
        public string Uri { get { throw null; } }
        public bool Handled { get; set; }
    }

    public class CoreWebView2WebMessageReceivedEventArgs : EventArgs
    {
        public string TryGetWebMessageAsString() { throw null; }
    }

    public class CoreWebView2
    {
        public CoreWebView2Settings Settings { get { throw null; } }
        public event EventHandler<CoreWebView2NavigationStartingEventArgs> NavigationStarting;
        public event EventHandler<CoreWebView2NewWindowRequestedEventArgs> NewWindowRequested;
        public event EventHandler<CoreWebView2WebMessageReceivedEventArgs> WebMessageReceived;
        public void Navigate(string uri) { throw null; }
        public void PostWebMessageAsString(string webMessageAsString) { throw null; }
        public void SetVirtualHostNameToFolderMapping(string hostName, string folderPath, CoreWebView2HostResourceAccessKind accessKind) { throw null; }
    }
}

namespace Microsoft.Web.WebView2.Wpf
{
    using Microsoft.Web.WebView2.Core;

    public class WebView2 : System.Windows.FrameworkElement, IDisposable
    {
        public CoreWebView2 CoreWebView2 { get { throw null; } }
        public Task EnsureCoreWebView2Async(CoreWebView2Environment environment = null) { throw null; }
        public void Dispose() { }
    }
}
