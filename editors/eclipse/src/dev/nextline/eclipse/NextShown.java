package dev.nextline.eclipse;

import dev.nextline.core.NextEdits;
import dev.nextline.protocol.Protocol.SuggestedEdit;
import java.net.URI;
import org.eclipse.core.filesystem.EFS;
import org.eclipse.core.runtime.CoreException;
import org.eclipse.jface.text.ITextViewer;
import org.eclipse.ui.IWorkbenchPage;
import org.eclipse.ui.PlatformUI;
import org.eclipse.ui.ide.IDE;

/** The cursor at the next edit, and a sentence on what the same key would do there. */
final class NextShown implements NextEdits.View {
    @Override
    public void jump(SuggestedEdit edit) {
        Plugin.ui().execute(() -> {
            String uri = edit.textDocument().uri();
            try {
                IWorkbenchPage page = PlatformUI.getWorkbench().getActiveWorkbenchWindow().getActivePage();
                IDE.openEditorOnFileStore(page, EFS.getStore(URI.create(uri)));
            } catch (CoreException e) {
                Plugin.say(e.getMessage());
                return;
            }
            ITextViewer viewer = Plugin.get().views().front() == null ? null : Views.viewer(Plugin.get().views().front());
            if (viewer == null || !uri.equals(Plugin.get().workspace().uri(viewer.getDocument()))) return;
            int start = Plugin.get().agent().documents().offset(uri, edit.range().start());
            viewer.setSelectedRange(start, 0);
            viewer.revealRange(start, 0);
            Plugin.say("The next edit is at the cursor, and the same key makes it: " + edit.text().strip());
        });
    }

    @Override
    public void none(String why) {
        Plugin.say(why);
    }
}
