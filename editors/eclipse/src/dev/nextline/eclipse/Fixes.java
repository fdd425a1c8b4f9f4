package dev.nextline.eclipse;

import dev.nextline.protocol.Protocol.Verbs;
import org.eclipse.core.resources.IMarker;
import org.eclipse.core.runtime.CoreException;
import org.eclipse.ui.IMarkerResolution;
import org.eclipse.ui.IMarkerResolutionGenerator2;
import org.eclipse.ui.PartInitException;
import org.eclipse.ui.PlatformUI;
import org.eclipse.ui.ide.IDE;

/** A way to mend any problem that Eclipse has marked in a text: the agent is asked. */
public final class Fixes implements IMarkerResolutionGenerator2 {
    private static final class Fix implements IMarkerResolution {
        @Override
        public String getLabel() {
            return "Fix with Nextline";
        }

        @Override
        public void run(IMarker marker) {
            try {
                IDE.openEditor(PlatformUI.getWorkbench().getActiveWorkbenchWindow().getActivePage(), marker);
                Plugin.get().edits().here(Verbs.FIX);
            } catch (PartInitException e) {
                Plugin.say(e.getMessage());
            }
        }
    }

    @Override
    public IMarkerResolution[] getResolutions(IMarker marker) {
        return hasResolutions(marker) ? new IMarkerResolution[] {new Fix()} : new IMarkerResolution[0];
    }

    @Override
    public boolean hasResolutions(IMarker marker) {
        try {
            return marker.isSubtypeOf(IMarker.PROBLEM) && marker.getAttribute(IMarker.LINE_NUMBER, -1) > 0;
        } catch (CoreException e) {
            return false;
        }
    }
}
