package dev.nextline.eclipse;

import dev.nextline.protocol.Protocol.Diagnostic;
import dev.nextline.protocol.Protocol.Range;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.eclipse.core.resources.IMarker;
import org.eclipse.jface.text.IDocument;
import org.eclipse.jface.text.ITextSelection;
import org.eclipse.jface.text.Position;
import org.eclipse.jface.text.source.Annotation;
import org.eclipse.jface.text.source.IAnnotationModel;
import org.eclipse.ui.texteditor.ITextEditor;
import org.eclipse.ui.texteditor.MarkerAnnotation;

/** Where the person is: a document, the selection, and the problems that Eclipse has marked. Offsets count UTF-16 units. */
record Place(ITextEditor editor, String uri, int offset, int length) {
    private static final String EDITORS = "Eclipse";

    /** The place of the text editor that was in front last; {@code null} where there is none. */
    static Place front() {
        ITextEditor editor = Plugin.get().views() == null ? null : Plugin.get().views().front();
        if (editor == null || editor.getDocumentProvider() == null) return null;
        String uri = Plugin.get().workspace().uri(document(editor));
        if (uri == null || !(editor.getSelectionProvider().getSelection() instanceof ITextSelection selection)) return null;
        return new Place(editor, uri, selection.getOffset(), selection.getLength());
    }

    private static IDocument document(ITextEditor editor) {
        return editor.getDocumentProvider().getDocument(editor.getEditorInput());
    }

    Range range() {
        return range(offset, length);
    }

    private Range range(int from, int units) {
        var documents = Plugin.get().agent().documents();
        return new Range(documents.position(uri, from + units), documents.position(uri, from));
    }

    /** The lines of the selection or the cursor, from 1. */
    String lines() {
        Range range = range();
        int first = range.start().line() + 1;
        int last = range.end().line() + 1;
        return first == last ? String.valueOf(first) : first + "-" + last;
    }

    /** Problems of the document, where they are in its text as it is now; with {@code touching}, those of the selection's lines alone. */
    List<Diagnostic> diagnostics(boolean touching) {
        IAnnotationModel model = editor.getDocumentProvider().getAnnotationModel(editor.getEditorInput());
        List<Diagnostic> found = new ArrayList<>();
        if (model == null) return found;
        Range here = range();
        for (Iterator<Annotation> all = model.getAnnotationIterator(); all.hasNext(); ) {
            Annotation annotation = all.next();
            Position position = model.getPosition(annotation);
            if (!(annotation instanceof MarkerAnnotation marked) || position == null || marked.isMarkedDeleted()) continue;
            IMarker marker = marked.getMarker();
            int severity = marker.getAttribute(IMarker.SEVERITY, -1);
            if (severity < 0) continue;
            Range range = range(position.getOffset(), position.getLength());
            boolean touches = range.start().line() <= here.end().line() && range.end().line() >= here.start().line();
            // LSP counts from the error down, Eclipse from the information up.
            if (touches || !touching) found.add(new Diagnostic(marker.getAttribute(IMarker.MESSAGE, ""), range, 3 - severity, EDITORS));
        }
        return found;
    }
}
