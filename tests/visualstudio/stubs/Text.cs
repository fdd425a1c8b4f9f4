// Signatures of the editor's assemblies (Microsoft.VisualStudio.Text.*, .Utilities, .CoreUtility), by hand from the public documentation,
// and no more of them than the adapter names. Nothing here does anything: the adapter is compiled against it, and not run.
#pragma warning disable 67, 649, 169
using System;
using System.Collections.Generic;

namespace Microsoft.VisualStudio.Utilities
{
    [AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
    public sealed class ContentTypeAttribute : Attribute
    {
        public ContentTypeAttribute(string name) { }
    }

    [AttributeUsage(AttributeTargets.All)]
    public sealed class NameAttribute : Attribute
    {
        public NameAttribute(string name) { }
    }

    [AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
    public sealed class OrderAttribute : Attribute
    {
        public string Before { get; set; }
        public string After { get; set; }
    }

    public class PropertyCollection
    {
        public T GetOrCreateSingletonProperty<T>(Func<T> creator) where T : class { throw null; }
        public bool TryGetProperty<TProperty>(object key, out TProperty property) { throw null; }
    }

    public interface IPropertyOwner
    {
        PropertyCollection Properties { get; }
    }
}

namespace Microsoft.VisualStudio.Text
{
    using Microsoft.VisualStudio.Utilities;

    public struct Span
    {
        public int Start { get { throw null; } }
        public int End { get { throw null; } }
    }

    public struct SnapshotPoint
    {
        public SnapshotPoint(ITextSnapshot snapshot, int position) { }
        public int Position { get { throw null; } }
        public ITextSnapshot Snapshot { get { throw null; } }
    }

    public struct SnapshotSpan
    {
        public SnapshotSpan(ITextSnapshot snapshot, int start, int length) { }
        public SnapshotPoint Start { get { throw null; } }
        public SnapshotPoint End { get { throw null; } }
    }

    public struct VirtualSnapshotPoint
    {
        public SnapshotPoint Position { get { throw null; } }
        public bool IsInVirtualSpace { get { throw null; } }
        public int VirtualSpaces { get { throw null; } }
    }

    public struct VirtualSnapshotSpan
    {
        public SnapshotSpan SnapshotSpan { get { throw null; } }
    }

    public class NormalizedSnapshotSpanCollection { }

    public interface ITextSnapshot
    {
        ITextBuffer TextBuffer { get; }
        int Length { get; }
        string GetText();
    }

    public interface ITextChange
    {
        int OldPosition { get; }
        int OldLength { get; }
        string NewText { get; }
    }

    public interface INormalizedTextChangeCollection : IList<ITextChange> { }

    public class TextContentChangedEventArgs : EventArgs
    {
        public ITextSnapshot Before { get { throw null; } }
        public ITextSnapshot After { get { throw null; } }
        public INormalizedTextChangeCollection Changes { get { throw null; } }
    }

    public interface ITextBufferEdit : IDisposable
    {
        bool Canceled { get; }
        ITextSnapshot Apply();
        bool Replace(int startPosition, int charsToReplace, string replaceWith);
    }

    public interface ITextEdit : ITextBufferEdit { }

    public interface ITextBuffer : IPropertyOwner
    {
        ITextSnapshot CurrentSnapshot { get; }
        ITextEdit CreateEdit();
        event EventHandler<TextContentChangedEventArgs> Changed;
    }

    public interface ITextDataModel
    {
        ITextBuffer DocumentBuffer { get; }
    }

    [Flags]
    public enum FileActionTypes
    {
        ContentSavedToDisk = 1,
        ContentLoadedFromDisk = 2,
        DocumentRenamed = 4,
    }

    public class TextDocumentFileActionEventArgs : EventArgs
    {
        public FileActionTypes FileActionType { get { throw null; } }
        public string FilePath { get { throw null; } }
    }

    public interface ITextDocument : IDisposable
    {
        string FilePath { get; }
        event EventHandler<TextDocumentFileActionEventArgs> FileActionOccurred;
    }

    public interface ITextDocumentFactoryService
    {
        bool TryGetTextDocument(ITextBuffer textBuffer, out ITextDocument textDocument);
    }
}

namespace Microsoft.VisualStudio.Text.Editor
{
    using Microsoft.VisualStudio.Utilities;

    public static class PredefinedTextViewRoles
    {
        public const string Document = "DOCUMENT";
    }

    [AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
    public sealed class TextViewRoleAttribute : Attribute
    {
        public TextViewRoleAttribute(string role) { }
    }

    public interface ITextViewRoleSet
    {
        bool Contains(string textViewRole);
    }

    public interface ITextSelection
    {
        VirtualSnapshotSpan StreamSelectionSpan { get; }
    }

    public struct CaretPosition { }

    public interface ITextCaret
    {
        CaretPosition MoveTo(SnapshotPoint bufferPosition);
        void EnsureVisible();
    }

    public interface ITextView : IPropertyOwner
    {
        ITextCaret Caret { get; }
        ITextSnapshot TextSnapshot { get; }
        ITextDataModel TextDataModel { get; }
        ITextSelection Selection { get; }
        ITextViewRoleSet Roles { get; }
        bool IsClosed { get; }
        event EventHandler Closed;
        event EventHandler GotAggregateFocus;
    }

    public interface IWpfTextView : ITextView { }

    public interface IWpfTextViewCreationListener
    {
        void TextViewCreated(IWpfTextView textView);
    }
}

namespace Microsoft.VisualStudio.Commanding
{
    public struct CommandState
    {
        public static CommandState Unspecified { get { throw null; } }
    }

    public sealed class CommandExecutionContext { }

    public abstract class CommandArgs { }

    public interface INamed
    {
        string DisplayName { get; }
    }

    public interface ICommandHandler { }

    public interface ICommandHandler<T> : ICommandHandler, INamed where T : CommandArgs
    {
        CommandState GetCommandState(T args);
        bool ExecuteCommand(T args, CommandExecutionContext executionContext);
    }
}

namespace Microsoft.VisualStudio.Text.Editor.Commanding.Commands
{
    using Microsoft.VisualStudio.Commanding;

    public sealed class EscapeKeyCommandArgs : CommandArgs { }
}
