package dev.nextline.day;

import java.nio.file.Path;
import org.eclipse.ui.IStartup;
import org.eclipse.ui.PlatformUI;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.launch.Framework;

/** Drives the plug-in in the real workbench, and writes what was seen. The project is the one that tests/tests/eclipse.rs writes. */
public final class Day implements IStartup {
    /** How long the plug-ins may take to stop, in ms. */
    private static final long STOPPING = 10000;

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
            story.next();
            story.chat();
            story.crash();
            story.lines();
            story.excluded();
            story.site(Path.of(System.getenv("SITE")));
            hand.tell("done", true);
        } catch (Throwable e) {
            hand.shot("failed");
            StringBuilder where = new StringBuilder(String.valueOf(e));
            for (StackTraceElement element : e.getStackTrace()) if (element.getClassName().startsWith("dev.nextline")) where.append(" | ").append(element);
            hand.tell("failed", where.toString());
        }
        hand.act(() -> PlatformUI.getWorkbench().getWorkbenchWindows()[0].getActivePage().closeAllEditors(false));
        hand.act(() -> PlatformUI.getWorkbench().close());
        end();
    }

    /** Stops all plug-ins and the process: without Eclipse's own launcher nobody else does. */
    private static void end() {
        try {
            Framework framework = (Framework) FrameworkUtil.getBundle(Day.class).getBundleContext().getBundle(0);
            framework.stop();
            framework.waitForStop(STOPPING);
        } catch (BundleException | InterruptedException e) {
            System.err.println(e);
        }
        System.exit(0);
    }
}
