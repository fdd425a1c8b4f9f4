package dev.nextline.eclipse;

import dev.nextline.core.Json;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.core.runtime.Platform;
import org.eclipse.core.runtime.preferences.IEclipsePreferences;
import org.eclipse.core.runtime.preferences.InstanceScope;
import org.eclipse.equinox.security.storage.ISecurePreferences;
import org.eclipse.equinox.security.storage.SecurePreferencesFactory;
import org.eclipse.equinox.security.storage.StorageException;
import org.osgi.service.prefs.BackingStoreException;

/** What the person set here, and nothing else: a default of ours must not go before their own `config.toml`. Keys are in the secure storage. */
public final class Settings {
    private static final String AGENT = "agentPath";
    private static final String SETTINGS = "settings";
    private static final String KEYS = Plugin.ID + "/keys";

    private Runnable changed = () -> { };
    private Runnable moved = () -> { };

    /** @param moved what only a new process takes in was changed */
    void onChange(Runnable changed, Runnable moved) {
        this.changed = changed;
        this.moved = moved;
    }

    private static IEclipsePreferences node() {
        return InstanceScope.INSTANCE.getNode(Plugin.ID);
    }

    /** The agent's binary; empty for the one of this plug-in, else the one on the path. */
    public String agentPath() {
        return node().get(AGENT, "");
    }

    /** The settings by section and key, as `config.toml` has them. */
    @SuppressWarnings("unchecked")
    public Map<String, Object> all() {
        try {
            return (Map<String, Object>) Json.parse(node().get(SETTINGS, "{}"));
        } catch (IllegalArgumentException e) {
            return new LinkedHashMap<>();
        }
    }

    public void setAgentPath(String path) {
        if (path.equals(agentPath())) return;
        put(AGENT, path);
        moved.run();
    }

    public void setAll(Map<String, Object> settings) {
        if (settings.equals(all())) return;
        put(SETTINGS, Json.write(settings));
        changed.run();
    }

    /** Sets what is a key of a section, as {@code Config} has them. */
    @SuppressWarnings("unchecked")
    public void set(String setting, Object value) {
        Map<String, Object> all = all();
        String[] parts = setting.split("\\.");
        ((Map<String, Object>) all.computeIfAbsent(parts[0], name -> new LinkedHashMap<String, Object>())).put(parts[1], value);
        setAll(all);
    }

    private void put(String key, String value) {
        node().put(key, value);
        try {
            node().flush();
        } catch (BackingStoreException e) {
            Platform.getLog(getClass()).error("the preferences cannot be written", e);
        }
    }

    /** Keys of routes by the names of the variables that the agent gets them as. */
    Map<String, String> keys() {
        Map<String, String> found = new LinkedHashMap<>();
        // The storage is not opened, and no password asked for, while nothing is in it.
        ISecurePreferences root = SecurePreferencesFactory.getDefault();
        if (root == null || !root.nodeExists(KEYS)) return found;
        ISecurePreferences node = root.node(KEYS);
        for (String name : node.keys()) {
            try {
                found.put(name, node.get(name, ""));
            } catch (StorageException e) {
                Platform.getLog(getClass()).error("the key " + name + " cannot be read from the secure storage", e);
            }
        }
        return found;
    }

    String[] keyNames() {
        ISecurePreferences root = SecurePreferencesFactory.getDefault();
        return root == null || !root.nodeExists(KEYS) ? new String[0] : root.node(KEYS).keys();
    }

    /** Stores a key under the name of its variable; {@code null} forgets it. The agent is started anew with it. */
    public void store(String name, String key) throws StorageException, IOException {
        ISecurePreferences node = SecurePreferencesFactory.getDefault().node(KEYS);
        if (key == null) node.remove(name);
        else node.put(name, key, true);
        node.flush();
        moved.run();
    }
}
