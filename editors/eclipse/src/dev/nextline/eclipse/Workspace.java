package dev.nextline.eclipse;

import dev.nextline.core.Agent;
import dev.nextline.protocol.Protocol.DidChangeWatchedFilesParams;
import dev.nextline.protocol.Protocol.FileChanges;
import dev.nextline.protocol.Protocol.FileEvent;
import dev.nextline.protocol.Protocol.Lsp;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.core.filebuffers.FileBuffers;
import org.eclipse.core.filebuffers.IFileBuffer;
import org.eclipse.core.filebuffers.IFileBufferListener;
import org.eclipse.core.filebuffers.ITextFileBuffer;
import org.eclipse.core.filebuffers.ITextFileBufferManager;
import org.eclipse.core.resources.IFile;
import org.eclipse.core.resources.IProject;
import org.eclipse.core.resources.IResource;
import org.eclipse.core.resources.IResourceChangeEvent;
import org.eclipse.core.resources.IResourceDelta;
import org.eclipse.core.resources.ResourcesPlugin;
import org.eclipse.core.runtime.CoreException;
import org.eclipse.core.runtime.IPath;
import org.eclipse.core.runtime.Platform;
import org.eclipse.jface.text.DocumentEvent;
import org.eclipse.jface.text.IDocument;
import org.eclipse.jface.text.IDocumentListener;

/** Files, texts and folders as Eclipse has them, told to the agent. */
public final class Workspace implements IFileBufferListener, IDocumentListener {
    private final Agent agent;
    private final Map<IDocument, String> uris = new ConcurrentHashMap<>();

    Workspace(Agent agent) {
        this.agent = agent;
    }

    void watch() {
        ITextFileBufferManager manager = FileBuffers.getTextFileBufferManager();
        manager.addFileBufferListener(this);
        for (IFileBuffer buffer : manager.getFileBuffers()) bufferCreated(buffer);
        ResourcesPlugin.getWorkspace().addResourceChangeListener(this::changed, IResourceChangeEvent.POST_CHANGE);
    }

    void close() {
        FileBuffers.getTextFileBufferManager().removeFileBufferListener(this);
        uris.keySet().forEach(document -> document.removeDocumentListener(this));
    }

    /** URIs of the open projects. */
    static List<String> folders() {
        List<String> found = new ArrayList<>();
        for (IProject project : ResourcesPlugin.getWorkspace().getRoot().getProjects()) {
            if (project.isOpen() && project.getLocation() != null) found.add(uri(project.getLocation()));
        }
        return found;
    }

    /** The URI by which the agent knows a document; {@code null} where it knows none. */
    public String uri(IDocument document) {
        return document == null ? null : uris.get(document);
    }

    static String uri(IPath location) {
        String uri = location.toFile().toPath().toUri().toString();
        return uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
    }

    /** The file of a URI in this workspace; {@code null} where there is none. */
    static IFile file(String uri) {
        IFile[] files = ResourcesPlugin.getWorkspace().getRoot().findFilesForLocationURI(URI.create(uri));
        return files.length == 0 ? null : files[0];
    }

    /** The text of a file that no editor shows; empty where there is none yet. */
    static String onDisk(String uri) {
        try {
            return Files.readString(Path.of(URI.create(uri)));
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void bufferCreated(IFileBuffer buffer) {
        if (!(buffer instanceof ITextFileBuffer text) || buffer.getFileStore() == null || !"file".equals(buffer.getFileStore().toURI().getScheme())) return;
        String uri = uriOf(buffer);
        IDocument document = text.getDocument();
        if (uris.put(document, uri) != null) return;
        String name = uri.substring(uri.lastIndexOf('/') + 1);
        // The extension: the agent finds the language by it, or by the path.
        String extension = name.contains(".") ? name.substring(name.lastIndexOf('.') + 1) : "";
        document.addDocumentListener(this);
        agent.documents().open(uri, extension, document.get());
    }

    private static String uriOf(IFileBuffer buffer) {
        return Path.of(buffer.getFileStore().toURI()).toUri().toString();
    }

    @Override
    public void bufferDisposed(IFileBuffer buffer) {
        if (!(buffer instanceof ITextFileBuffer text)) return;
        text.getDocument().removeDocumentListener(this);
        String uri = uris.remove(text.getDocument());
        if (uri != null) agent.documents().close(uri);
    }

    @Override
    public void dirtyStateChanged(IFileBuffer buffer, boolean dirty) {
        String uri = buffer instanceof ITextFileBuffer text ? uris.get(text.getDocument()) : null;
        if (uri != null && !dirty) agent.documents().save(uri);
    }

    @Override
    public void documentAboutToBeChanged(DocumentEvent event) {
        String uri = uris.get(event.getDocument());
        if (uri != null) agent.documents().change(uri, event.getOffset(), event.getLength(), event.getText() == null ? "" : event.getText());
    }

    private void changed(IResourceChangeEvent event) {
        List<FileEvent> changes = new ArrayList<>();
        try {
            event.getDelta().accept(delta -> {
                int kind = switch (delta.getKind()) {
                    case IResourceDelta.ADDED -> FileChanges.CREATED;
                    case IResourceDelta.REMOVED -> FileChanges.DELETED;
                    default -> (delta.getFlags() & IResourceDelta.CONTENT) != 0 ? FileChanges.CHANGED : 0;
                };
                IPath location = delta.getResource().getType() == IResource.FILE && kind != 0 ? delta.getResource().getLocation() : null;
                if (location != null) changes.add(new FileEvent(kind, uri(location)));
                return true;
            });
        } catch (CoreException e) {
            Platform.getLog(getClass()).error("changed files are not known to the agent", e);
        }
        agent.foldersChanged();
        if (!changes.isEmpty()) agent.tell(Lsp.DID_CHANGE_WATCHED_FILES, new DidChangeWatchedFilesParams(changes).json());
    }

    @Override
    public void documentChanged(DocumentEvent event) {}

    @Override
    public void bufferContentAboutToBeReplaced(IFileBuffer buffer) {}

    @Override
    public void bufferContentReplaced(IFileBuffer buffer) {}

    @Override
    public void stateChanging(IFileBuffer buffer) {}

    @Override
    public void stateValidationChanged(IFileBuffer buffer, boolean validated) {}

    @Override
    public void underlyingFileMoved(IFileBuffer buffer, IPath path) {}

    @Override
    public void underlyingFileDeleted(IFileBuffer buffer) {}

    @Override
    public void stateChangeFailed(IFileBuffer buffer) {}
}
