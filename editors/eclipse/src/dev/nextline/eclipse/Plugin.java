package dev.nextline.eclipse;

import dev.nextline.core.Agent;
import dev.nextline.core.NextEdits;
import dev.nextline.core.Refusal;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.eclipse.core.runtime.IStatus;
import org.eclipse.core.runtime.Status;
import org.eclipse.jface.layout.GridDataFactory;
import org.eclipse.jface.layout.GridLayoutFactory;
import org.eclipse.jface.notifications.NotificationPopup;
import org.eclipse.swt.SWT;
import org.eclipse.swt.widgets.Composite;
import org.eclipse.swt.widgets.Control;
import org.eclipse.swt.widgets.Display;
import org.eclipse.swt.widgets.Label;
import org.eclipse.ui.IStartup;
import org.eclipse.ui.PlatformUI;
import org.eclipse.ui.plugin.AbstractUIPlugin;
import org.osgi.framework.BundleContext;

/** The parts, put together once the workbench is there, and ended with it. */
public final class Plugin extends AbstractUIPlugin {
    public static final String ID = "dev.nextline.eclipse";
    /** How long a notification stays, in ms. */
    private static final long SHOWN = 12000;
    /** Pixels of its text. */
    private static final int WIDE = 370;

    private static Plugin plugin;

    private final Settings settings = new Settings();
    private final Bridge bridge = new Bridge(settings);
    private final Agent agent = new Agent(bridge);
    private final Workspace workspace = new Workspace(agent);
    private final Edits edits = new Edits(agent);
    private final Chat chat = new Chat(agent);
    private final NextEdits next = new NextEdits(agent, bridge, new NextShown());
    private Views views;

    @Override
    public void start(BundleContext context) throws Exception {
        super.start(context);
        plugin = this;
    }

    /** The workbench is there: what Eclipse calls with its first window. */
    public static final class Startup implements IStartup {
        @Override
        public void earlyStartup() {
            ui().execute(() -> plugin.begin());
        }
    }

    private void begin() {
        if (views != null) return;
        bridge.add(edits);
        bridge.add(chat);
        workspace.watch();
        views = new Views(agent);
        settings.onChange(agent::configured, agent::restart);
        agent.restart();
    }

    @Override
    public void stop(BundleContext context) throws Exception {
        workspace.close();
        agent.stop();
        super.stop(context);
    }

    public static Plugin get() {
        return plugin;
    }

    public Agent agent() {
        return agent;
    }

    public Bridge bridge() {
        return bridge;
    }

    public Settings settings() {
        return settings;
    }

    public Workspace workspace() {
        return workspace;
    }

    public Edits edits() {
        return edits;
    }

    public Chat chat() {
        return chat;
    }

    /** Goes to the next edit, or makes the one at the cursor. */
    public void next() {
        Place place = Place.front();
        if (place != null) next.go(place.uri(), place.range().start(), place.diagnostics(false));
    }

    /** The views of texts; {@code null} before the workbench is there. */
    public Views views() {
        return views;
    }

    /** The thread of the workbench. */
    public static Executor ui() {
        return work -> {
            Display display = PlatformUI.getWorkbench().getDisplay();
            if (!display.isDisposed()) display.asyncExec(work);
        };
    }

    /** Tells the person, without a dialog that has to be answered. */
    public static void say(String sentence) {
        plugin.getLog().log(new Status(IStatus.INFO, ID, sentence));
        ui().execute(() -> {
            if (PlatformUI.isWorkbenchRunning() && !PlatformUI.getWorkbench().isClosing()) {
                NotificationPopup.forDisplay(Display.getCurrent()).title("Nextline", true).content(parent -> wrapped(parent, sentence)).delay(SHOWN).open();
            }
        });
    }

    private static Control wrapped(Composite parent, String sentence) {
        Composite all = new Composite(parent, SWT.NONE);
        GridLayoutFactory.fillDefaults().applyTo(all);
        Label label = new Label(all, SWT.WRAP);
        label.setText(sentence.replace("&", "&&"));
        GridDataFactory.fillDefaults().hint(WIDE, SWT.DEFAULT).applyTo(label);
        return all;
    }

    /** What a request failed with is said. */
    public static <T> CompletableFuture<T> told(CompletableFuture<T> answer) {
        answer.whenComplete((result, failure) -> {
            if (failure != null && !answer.isCancelled()) say(Refusal.sentence(failure));
        });
        return answer;
    }
}
