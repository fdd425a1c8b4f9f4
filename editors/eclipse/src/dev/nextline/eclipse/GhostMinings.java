package dev.nextline.eclipse;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.core.runtime.IProgressMonitor;
import org.eclipse.jface.text.ITextViewer;
import org.eclipse.jface.text.Position;
import org.eclipse.jface.text.codemining.AbstractCodeMiningProvider;
import org.eclipse.jface.text.codemining.ICodeMining;
import org.eclipse.jface.text.codemining.ICodeMiningProvider;
import org.eclipse.jface.text.codemining.LineContentCodeMining;
import org.eclipse.swt.custom.StyledText;
import org.eclipse.swt.graphics.Color;
import org.eclipse.swt.graphics.GC;
import org.eclipse.swt.graphics.Point;

/** The first line of ghost text as Eclipse draws what is in a line and not in the text. */
public final class GhostMinings extends AbstractCodeMiningProvider {
    private static final class Mining extends LineContentCodeMining {
        private final GhostText ghost;

        private Mining(GhostText ghost, ICodeMiningProvider provider) {
            super(new Position(ghost.caret(), 1), provider);
            this.ghost = ghost;
        }

        /** What is shown now: the minings themselves are renewed a little after each key. */
        @Override
        public String getLabel() {
            String line = ghost.firstLine();
            return line == null ? "" : line;
        }

        /** Behind the end of a line Eclipse leaves a gap, and ghost text goes on where the cursor is. */
        @Override
        public Point draw(GC gc, StyledText widget, Color color, int x, int y) {
            int caret = widget.getCaretOffset();
            int line = widget.getLineAtOffset(caret);
            boolean end = caret == widget.getOffsetAtLine(line) + widget.getLine(line).length();
            return super.draw(gc, widget, color, end ? widget.getLocationAtOffset(caret).x : x, y);
        }

        @Override
        public boolean isResolved() {
            return true;
        }
    }

    @Override
    public CompletableFuture<List<? extends ICodeMining>> provideCodeMinings(ITextViewer viewer, IProgressMonitor monitor) {
        return CompletableFuture.supplyAsync(() -> {
            Views views = Plugin.get().views();
            GhostText ghost = views == null ? null : views.ghost(viewer);
            String line = ghost == null ? null : ghost.firstLine();
            return line == null || line.isEmpty() ? List.of() : List.of(new Mining(ghost, this));
        }, Plugin.ui());
    }
}
