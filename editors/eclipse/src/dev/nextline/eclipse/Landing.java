package dev.nextline.eclipse;

import dev.nextline.protocol.Protocol.Range;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
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

    /** LSP's {@code ApplyWorkspaceEditResult}. */
    static Map<String, Object> apply(Map<?, ?> params) {
        try {
            for (Object change : (List<?>) ((Map<?, ?>) params.get("edit")).get("documentChanges")) {
                Map<?, ?> members = (Map<?, ?>) change;
                if (members.containsKey("kind")) create((String) members.get("uri"));
                else change((Map<?, ?>) members.get("textDocument"), (List<?>) members.get("edits"));
            }
            return Map.of("applied", true);
        } catch (CoreException | BadLocationException | IOException | IllegalStateException e) {
            return Map.of("applied", false, "failureReason", String.valueOf(e.getMessage()));
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

    private static void change(Map<?, ?> identifier, List<?> edits) throws CoreException, BadLocationException {
        String uri = (String) identifier.get("uri");
        IFile file = Workspace.file(uri);
        IPath path = file == null ? new Path(new File(URI.create(uri)).getPath()) : file.getFullPath();
        LocationKind kind = file == null ? LocationKind.LOCATION : LocationKind.IFILE;
        ITextFileBufferManager manager = FileBuffers.getTextFileBufferManager();
        boolean shown = manager.getTextFileBuffer(path, kind) != null;
        manager.connect(path, kind, new NullProgressMonitor());
        try {
            ITextFileBuffer buffer = manager.getTextFileBuffer(path, kind);
            Object version = identifier.get("version");
            if (shown && version != null && ((Number) version).longValue() != Plugin.get().agent().documents().version(uri)) {
                throw new IllegalStateException("the text was changed meanwhile");
            }
            edit(uri, buffer.getDocument(), edits);
            // What nobody looks at is not left unsaved behind their back.
            if (!shown) buffer.commit(new NullProgressMonitor(), false);
        } finally {
            manager.disconnect(path, kind, new NullProgressMonitor());
        }
    }

    private static void edit(String uri, IDocument document, List<?> edits) throws BadLocationException {
        MultiTextEdit all = new MultiTextEdit();
        for (Object edit : edits) {
            Map<?, ?> members = (Map<?, ?>) edit;
            Range range = Range.from(members.get("range"));
            int from = Plugin.get().agent().documents().offset(uri, range.start());
            int to = Plugin.get().agent().documents().offset(uri, range.end());
            all.addChild(new ReplaceEdit(from, to - from, (String) members.get("newText")));
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
