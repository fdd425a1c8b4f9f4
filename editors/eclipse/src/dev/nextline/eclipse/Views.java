package dev.nextline.eclipse;

import dev.nextline.core.Agent;
import java.util.Map;
import java.util.WeakHashMap;
import org.eclipse.jface.text.ITextOperationTarget;
import org.eclipse.jface.text.ITextViewer;
import org.eclipse.jface.text.source.ISourceViewer;
import org.eclipse.ui.IPartListener2;
import org.eclipse.ui.IWindowListener;
import org.eclipse.ui.IWorkbenchPage;
import org.eclipse.ui.IWorkbenchPart;
import org.eclipse.ui.IWorkbenchPartReference;
import org.eclipse.ui.IWorkbenchWindow;
import org.eclipse.ui.PlatformUI;
import org.eclipse.ui.texteditor.ITextEditor;

/** The text editors of all windows: each gets its ghost text when it is shown, and the last one in front is known. */
public final class Views implements IPartListener2, IWindowListener {
    private final Agent agent;
    private final Map<ITextViewer, GhostText> ghosts = new WeakHashMap<>();
    private ITextEditor front;

    Views(Agent agent) {
        this.agent = agent;
        PlatformUI.getWorkbench().addWindowListener(this);
        for (IWorkbenchWindow window : PlatformUI.getWorkbench().getWorkbenchWindows()) windowOpened(window);
    }

    /** The ghost text of a viewer; {@code null} of one that is no editor's. */
    public GhostText ghost(ITextViewer viewer) {
        return ghosts.get(viewer);
    }

    /** The text editor that was in front last: a view or a comparison takes the focus away from it. {@code null} if there is none. */
    public ITextEditor front() {
        return front;
    }

    static ISourceViewer viewer(ITextEditor editor) {
        return editor.getAdapter(ITextOperationTarget.class) instanceof ISourceViewer viewer ? viewer : null;
    }

    private void look(IWorkbenchPartReference reference) {
        IWorkbenchPart part = reference.getPart(false);
        ITextEditor editor = part == null ? null : part.getAdapter(ITextEditor.class);
        ISourceViewer viewer = editor == null ? null : viewer(editor);
        if (viewer == null || Plugin.get().workspace().uri(viewer.getDocument()) == null) return;
        ghosts.computeIfAbsent(viewer, each -> new GhostText(agent, viewer, editor));
        front = editor;
    }

    @Override
    public void windowOpened(IWorkbenchWindow window) {
        window.getPartService().addPartListener(this);
        IWorkbenchPage page = window.getActivePage();
        if (page != null && page.getActivePartReference() != null) look(page.getActivePartReference());
    }

    @Override
    public void windowClosed(IWorkbenchWindow window) {
        window.getPartService().removePartListener(this);
    }

    @Override
    public void windowActivated(IWorkbenchWindow window) {}

    @Override
    public void windowDeactivated(IWorkbenchWindow window) {}

    @Override
    public void partOpened(IWorkbenchPartReference reference) {
        look(reference);
    }

    @Override
    public void partActivated(IWorkbenchPartReference reference) {
        look(reference);
    }

    @Override
    public void partClosed(IWorkbenchPartReference reference) {
        IWorkbenchPart part = reference.getPart(false);
        if (front != null && part != null && part.getAdapter(ITextEditor.class) == front) front = null;
    }
}
