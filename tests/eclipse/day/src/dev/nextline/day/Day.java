package dev.nextline.day;

import java.nio.file.Path;
import org.eclipse.swt.SWT;
import org.eclipse.ui.IStartup;
import org.eclipse.ui.PlatformUI;

/** Drives the plug-in in the real workbench, and writes what was seen. The project is the one that tests/tests/eclipse.rs writes. */
public final class Day implements IStartup {
    @Override
    public void earlyStartup() {
        Thread thread = new Thread(this::run, "day");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        Hand hand = new Hand(Path.of(System.getenv("REPORT")), Path.of(System.getenv("SHOTS")));
        try {
            Story story = new Story(hand, Path.of(System.getenv("PROJECT")));
            story.begin();
            story.ghostText();
            story.edits();
            story.chat();
            story.crash();
            story.excluded();
            story.site(Path.of(System.getenv("SITE")));
            hand.tell("done", true);
        } catch (Throwable e) {
            hand.shot("failed");
            StringBuilder where = new StringBuilder(String.valueOf(e));
            for (StackTraceElement element : e.getStackTrace()) if (element.getClassName().startsWith("dev.nextline")) where.append(" | ").append(element);
            hand.tell("failed", where.toString());
        }
        hand.act(() -> PlatformUI.getWorkbench().getActiveWorkbenchWindow().getActivePage().closeAllEditors(false));
        hand.act(() -> PlatformUI.getWorkbench().close());
    }
}
