package dev.nextline.eclipse;

import dev.nextline.core.Agent;
import dev.nextline.core.Ghost;
import java.util.List;
import org.eclipse.jface.text.BadLocationException;
import org.eclipse.jface.text.IDocument;
import org.eclipse.jface.text.IRewriteTarget;
import org.eclipse.jface.text.ITextListener;
import org.eclipse.jface.text.ITextViewerExtension;
import org.eclipse.jface.text.TextEvent;
import org.eclipse.jface.text.TextUtilities;
import org.eclipse.jface.text.source.ISourceViewer;
import org.eclipse.jface.text.source.ISourceViewerExtension5;
import org.eclipse.swt.SWT;
import org.eclipse.swt.custom.CaretEvent;
import org.eclipse.swt.custom.CaretListener;
import org.eclipse.swt.custom.StyledText;
import org.eclipse.swt.custom.VerifyKeyListener;
import org.eclipse.swt.events.VerifyEvent;
import org.eclipse.ui.contexts.IContextActivation;
import org.eclipse.ui.contexts.IContextService;
import org.eclipse.ui.texteditor.ITextEditor;

/** The ghost text of one editor: when it is asked for, how keys take it. The first line is drawn by {@link GhostMinings}, more by {@link GhostLines}. */
public final class GhostText implements Ghost.View, ITextListener, CaretListener, VerifyKeyListener, Ghost.Insertion {
    /** Keys that would do something else hold in this context alone: while ghost text is shown. */
    private static final String CONTEXT = Plugin.ID + ".ghost";

    /** A document without a copy of all of it for each key. */
    private record Reading(IDocument document) implements CharSequence {
        @Override
        public int length() {
            return document.getLength();
        }

        @Override
        public char charAt(int at) {
            return subSequence(at, at + 1).charAt(0);
        }

        @Override
        public String subSequence(int from, int to) {
            try {
                return document.get(from, to - from);
            } catch (BadLocationException e) {
                throw new IndexOutOfBoundsException(e.getMessage());
            }
        }
    }

    private final ISourceViewer viewer;
    private final StyledText widget;
    private final ITextEditor editor;
    private final Ghost ghost;
    private final GhostLines lines;
    private IContextActivation active;
    private boolean typed;
    private boolean awaited;

    GhostText(Agent agent, ISourceViewer viewer, ITextEditor editor) {
        this.viewer = viewer;
        this.editor = editor;
        widget = viewer.getTextWidget();
        ghost = new Ghost(agent, this, Plugin.ui());
        lines = new GhostLines(widget);
        viewer.addTextListener(this);
        widget.addCaretListener(this);
        ((ITextViewerExtension) viewer).prependVerifyKeyListener(this);
        widget.addDisposeListener(event -> ghost.clear());
    }

    /** What stands ahead of the cursor; {@code null} when nothing does. */
    public String shown() {
        return ghost.rest();
    }

    /** The first line of it. */
    String firstLine() {
        String rest = ghost.rest();
        return rest == null ? null : rest.lines().findFirst().orElse("");
    }

    /** Asks, because the person wants it. */
    public void trigger() {
        ghost.ask(true);
    }

    public void acceptWord() {
        ghost.accept(true, this);
    }

    public void cycle(int by) {
        ghost.cycle(by);
    }

    @Override
    public String uri() {
        return Plugin.get().workspace().uri(viewer.getDocument());
    }

    @Override
    public CharSequence text() {
        return new Reading(viewer.getDocument());
    }

    @Override
    public int caret() {
        boolean here = !widget.isDisposed() && widget.isFocusControl() && viewer.isEditable() && !widget.getBlockSelection();
        if (!here || uri() == null || widget.getSelectionRanges().length > 2 || widget.getSelectionCount() > 0) return -1;
        return viewer.getSelectedRange().x;
    }

    @Override
    public void changed() {
        if (widget.isDisposed()) return;
        String rest = ghost.rest();
        IContextService contexts = editor.getSite().getService(IContextService.class);
        if (rest != null && active == null) active = contexts.activateContext(CONTEXT);
        if (rest == null && active != null) {
            contexts.deactivateContext(active);
            active = null;
        }
        List<String> all = rest == null ? List.of() : rest.lines().toList();
        lines.show(all.size() < 2 ? List.of() : all.subList(1, all.size()));
        ((ISourceViewerExtension5) viewer).updateCodeMinings();
    }

    @Override
    public void textChanged(TextEvent event) {
        if (event.getDocumentEvent() == null) return;
        typed = true;
        await();
    }

    @Override
    public void caretMoved(CaretEvent event) {
        await();
    }

    /** The cursor follows the text a little later: both are looked at once they are in place. */
    private void await() {
        if (awaited) return;
        awaited = true;
        Plugin.ui().execute(this::settle);
    }

    private void settle() {
        awaited = false;
        if (widget.isDisposed()) return;
        boolean asks = typed;
        typed = false;
        if (ghost.follow()) return;
        if (asks && widget.isFocusControl()) ghost.ask(false);
        else ghost.clear();
    }

    @Override
    public void verifyKey(VerifyEvent event) {
        if (!event.doit || event.stateMask != 0 || ghost.rest() == null) return;
        if (event.keyCode == SWT.ESC) {
            event.doit = false;
            ghost.dismiss();
        } else if (event.keyCode == SWT.TAB && !indents()) {
            event.doit = false;
            ghost.accept(false, this);
        }
    }

    /** Whether Tab would only move the cursor to where the ghost text's own code begins. */
    private boolean indents() {
        int caret = widget.getCaretOffset();
        int start = widget.getOffsetAtLine(widget.getLineAtOffset(caret));
        String before = start == caret ? "" : widget.getTextRange(start, caret - start);
        return before.isBlank() && Character.isWhitespace(ghost.rest().charAt(0));
    }

    /** One undo takes back what was accepted and leaves what was typed. */
    @Override
    public void put(int length, String text) {
        int caret = caret();
        IDocument document = viewer.getDocument();
        IRewriteTarget target = ((ITextViewerExtension) viewer).getRewriteTarget();
        String lines = text.replace("\n", TextUtilities.getDefaultLineDelimiter(document));
        target.beginCompoundChange();
        try {
            document.replace(caret, length, lines);
            viewer.setSelectedRange(caret + lines.length(), 0);
            viewer.revealRange(caret + lines.length(), 0);
        } catch (BadLocationException e) {
            Plugin.get().getLog().error("the ghost text does not fit the text", e);
        } finally {
            target.endCompoundChange();
        }
    }
}
