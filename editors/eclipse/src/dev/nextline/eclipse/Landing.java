package dev.nextline.eclipse;

import dev.nextline.protocol.Protocol.ApplyWorkspaceEditResult;
import dev.nextline.protocol.Protocol.DocumentChange;
import dev.nextline.protocol.Protocol.Identifier;
import dev.nextline.protocol.Protocol.TextEdit;
import dev.nextline.protocol.Protocol.WorkspaceEdit;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import org.eclipse.core.filebuffers.FileBuffers;
import org.eclipse.core.filebuffers.ITextFileBuffer;
import org.eclipse.core.filebuffers.ITextFileBufferManager;
import org.eclipse.core.filebuffers.LocationKind;
import org.eclipse.core.resources.IContainer;
import org.eclipse.core.resources.IFile;
import org.eclipse.core.resources.IFolder;
import org.eclipse.core.runtime.CoreException;
import org.eclipse.core.runtime.IPath;
import org.eclipse.core.runtime.NullProgressMonitor;
import org.eclipse.core.runtime.Path;
import org.eclipse.jface.text.BadLocationException;
import org.eclipse.jface.text.IDocument;
import org.eclipse.text.edits.MultiTextEdit;
import org.eclipse.text.edits.ReplaceEdit;
import org.eclipse.text.undo.DocumentUndoManagerRegistry;
import org.eclipse.text.undo.IDocumentUndoManager;

/** Carries out `workspace/applyEdit`: into the buffers of open files, as one step of undo. */
final class Landing {
    private Landing() {}

    static ApplyWorkspaceEditResult apply(WorkspaceEdit edit) {
        try {
            for (DocumentChange change : edit.documentChanges()) {
                if (change.kind() != null) create(change.uri());
                else change(change.textDocument(), change.edits());
            }
            return new ApplyWorkspaceEditResult(true);
        } catch (CoreException | BadLocationException | IOException | IllegalStateException e) {
            return new ApplyWorkspaceEditResult(false, String.valueOf(e.getMessage()));
        }
    }

    private static void create(String uri) throws CoreException, IOException {
        IFile file = Workspace.file(uri);
        if (file == null) {
            java.nio.file.Path path = java.nio.file.Path.of(URI.create(uri));
            Files.createDirectories(path.getParent());
            if (!Files.exists(path)) Files.createFile(path);
        } else if (!file.exists()) {
            make(file.getParent());
            file.create(new ByteArrayInputStream(new byte[0]), false, new NullProgressMonitor());
        }
    }

    private static void make(IContainer folder) throws CoreException {
        if (folder.exists()) return;
        make(folder.getParent());
        ((IFolder) folder).create(false, true, new NullProgressMonitor());
    }

    private static void change(Identifier identifier, List<TextEdit> edits) throws CoreException, BadLocationException {
        String uri = identifier.uri();
        IFile file = Workspace.file(uri);
        IPath path = file == null ? new Path(new File(URI.create(uri)).getPath()) : file.getFullPath();
        LocationKind kind = file == null ? LocationKind.LOCATION : LocationKind.IFILE;
        ITextFileBufferManager manager = FileBuffers.getTextFileBufferManager();
        boolean shown = manager.getTextFileBuffer(path, kind) != null;
        manager.connect(path, kind, new NullProgressMonitor());
        try {
            ITextFileBuffer buffer = manager.getTextFileBuffer(path, kind);
            Long version = identifier.version();
            if (shown && version != null && version != Plugin.get().agent().documents().version(uri)) {
                throw new IllegalStateException("the text was changed meanwhile");
            }
            edit(uri, buffer.getDocument(), edits);
            // What nobody looks at is not left unsaved behind their back.
            if (!shown) buffer.commit(new NullProgressMonitor(), false);
        } finally {
            manager.disconnect(path, kind, new NullProgressMonitor());
        }
    }

    private static void edit(String uri, IDocument document, List<TextEdit> edits) throws BadLocationException {
        MultiTextEdit all = new MultiTextEdit();
        for (TextEdit edit : edits) {
            int from = Plugin.get().agent().documents().offset(uri, edit.range().start());
            int to = Plugin.get().agent().documents().offset(uri, edit.range().end());
            all.addChild(new ReplaceEdit(from, to - from, edit.newText()));
        }
        DocumentUndoManagerRegistry.connect(document);
        IDocumentUndoManager undo = DocumentUndoManagerRegistry.getDocumentUndoManager(document);
        undo.beginCompoundChange();
        try {
            all.apply(document);
        } finally {
            undo.endCompoundChange();
            DocumentUndoManagerRegistry.disconnect(document);
        }
    }
}
