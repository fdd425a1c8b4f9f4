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

/** The first line of ghost text as Eclipse draws what is in a line and not in the text. */
public final class GhostMinings extends AbstractCodeMiningProvider {
    private static final class Mining extends LineContentCodeMining {
        private Mining(int offset, ICodeMiningProvider provider, String label) {
            super(new Position(offset, 1), provider);
            setLabel(label);
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
            return line == null || line.isEmpty() ? List.of() : List.of(new Mining(ghost.caret(), this, line));
        }, Plugin.ui());
    }
}
