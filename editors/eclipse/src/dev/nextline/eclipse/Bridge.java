package dev.nextline.eclipse;

import dev.nextline.core.Editor;
import dev.nextline.protocol.Protocol.ApplyWorkspaceEditResult;
import dev.nextline.protocol.Protocol.EditEvent;
import dev.nextline.protocol.Protocol.PeerInfo;
import dev.nextline.protocol.Protocol.Status;
import dev.nextline.protocol.Protocol.WorkspaceEdit;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.eclipse.core.runtime.FileLocator;
import org.eclipse.core.runtime.Path;
import org.eclipse.core.runtime.Platform;
import org.eclipse.jface.dialogs.MessageDialog;
import org.eclipse.swt.widgets.Display;
import org.osgi.framework.Bundle;

/** Eclipse as the agent knows it. What the agent says goes to all who listen, on the workbench's thread. */
public final class Bridge implements Editor {
    /** Hears the agent, on the workbench's thread. */
    public interface Listener {
        /** How it does; {@code null} while it does not run. */
        default void status(Status status) {}

        /** It runs, perhaps anew. */
        default void started() {}

        default void happened(EditEvent event) {}

        /** An event of a chat, as it came. */
        default void said(Object event) {}
    }

    /** Bytes of a log that is begun anew. */
    private static final long FULL = 4_000_000;

    private final Settings settings;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile Status last;

    Bridge(Settings settings) {
        this.settings = settings;
    }

    public void add(Listener listener) {
        listeners.add(listener);
    }

    public void remove(Listener listener) {
        listeners.remove(listener);
    }

    /** What the agent said last of itself; {@code null} while it does not run. */
    public Status lastStatus() {
        return last;
    }

    private void tell(Consumer<Listener> what) {
        Plugin.ui().execute(() -> listeners.forEach(what));
    }

    @Override
    public List<String> command() {
        String binary = binary();
        return binary == null ? List.of() : List.of(binary, "lsp");
    }

    /** The binary: the one of the preferences, the one in a fragment of this plug-in, the one on the path. */
    String binary() {
        String given = settings.agentPath();
        if (!given.isEmpty()) return given;
        String name = Platform.OS_WIN32.equals(Platform.getOS()) ? "nextline.exe" : "nextline";
        Bundle bundle = Platform.getBundle(Plugin.ID);
        URL found = FileLocator.find(bundle, new Path("bin/" + name));
        if (found != null) {
            try {
                File file = new File(FileLocator.toFileURL(found).getPath());
                // Unpacking loses who may run it.
                if (file.canExecute() || file.setExecutable(true)) return file.getPath();
            } catch (IOException e) {
                Platform.getLog(bundle).error("the agent of this plug-in cannot be unpacked", e);
            }
        }
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            File file = new File(folder, name);
            if (file.canExecute()) return file.getPath();
        }
        return null;
    }

    @Override
    public Map<String, String> environment() {
        return settings.keys();
    }

    @Override
    public File log() {
        File file = Plugin.get().getStateLocation().append("agent.log").toFile();
        if (file.length() > FULL) file.delete();
        return file;
    }

    @Override
    public PeerInfo about() {
        return new PeerInfo("Eclipse", String.valueOf(Platform.getBundle("org.eclipse.ui.workbench").getVersion()));
    }

    @Override
    public List<String> folders() {
        return Workspace.folders();
    }

    @Override
    public Map<String, Object> settings() {
        return settings.all();
    }

    @Override
    public CompletableFuture<ApplyWorkspaceEditResult> apply(WorkspaceEdit edit) {
        return CompletableFuture.supplyAsync(() -> Landing.apply(edit), Plugin.ui());
    }

    @Override
    public CompletableFuture<String> ask(String message, List<String> titles) {
        List<String> buttons = new ArrayList<>(titles);
        return CompletableFuture.supplyAsync(() -> {
            var dialog = new MessageDialog(Display.getCurrent().getActiveShell(), "Nextline", null, message, MessageDialog.QUESTION, 0, buttons.toArray(String[]::new));
            int chosen = dialog.open();
            return chosen < 0 || chosen >= buttons.size() ? null : buttons.get(chosen);
        }, Plugin.ui());
    }

    @Override
    public void complain(String sentence) {
        Plugin.say(sentence);
    }

    @Override
    public void status(Status status) {
        last = status;
        tell(listener -> listener.status(status));
    }

    @Override
    public void started() {
        tell(Listener::started);
    }

    @Override
    public void happened(EditEvent event) {
        tell(listener -> listener.happened(event));
    }

    @Override
    public void said(Object event) {
        tell(listener -> listener.said(event));
    }
}
