package dev.nextline.eclipse;

import dev.nextline.core.Json;
import dev.nextline.protocol.Protocol.Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.equinox.security.storage.StorageException;
import org.eclipse.jface.dialogs.InputDialog;
import org.eclipse.jface.layout.GridDataFactory;
import org.eclipse.jface.layout.GridLayoutFactory;
import org.eclipse.jface.preference.PreferencePage;
import org.eclipse.jface.viewers.ArrayContentProvider;
import org.eclipse.jface.viewers.ColumnLabelProvider;
import org.eclipse.jface.viewers.EditingSupport;
import org.eclipse.jface.viewers.CellEditor;
import org.eclipse.jface.viewers.TableViewer;
import org.eclipse.jface.viewers.TableViewerColumn;
import org.eclipse.jface.viewers.TextCellEditor;
import org.eclipse.jface.window.Window;
import org.eclipse.swt.SWT;
import org.eclipse.swt.widgets.Button;
import org.eclipse.swt.widgets.Composite;
import org.eclipse.swt.widgets.Control;
import org.eclipse.swt.widgets.Label;
import org.eclipse.swt.widgets.Text;
import org.eclipse.ui.IWorkbench;
import org.eclipse.ui.IWorkbenchPreferencePage;

/** The preferences: the agent's binary, its settings as it describes them itself, the keys in the secure storage. */
public final class Preferences extends PreferencePage implements IWorkbenchPreferencePage {
    static final String ID = Plugin.ID + ".preferences";
    private static final String TEXT = "string";

    /** One setting: where it stands in `config.toml`, what it is, and what was typed; empty while it is not set. */
    private static final class Row {
        private final String section;
        private final String key;
        private final Map<?, ?> schema;
        private String typed = "";

        private Row(String section, String key, Map<?, ?> schema) {
            this.section = section;
            this.key = key;
            this.schema = schema;
        }

        private String name() {
            return key == null ? section : section + "." + key;
        }

        private boolean isText() {
            return TEXT.equals(schema.get("type"));
        }

        /** What was typed as a value; text needs no quotes. */
        private Object value() {
            if (isText()) return typed;
            Object value = Json.parse(typed);
            boolean fits = switch (String.valueOf(schema.get("type"))) {
                case "boolean" -> value instanceof Boolean;
                case "integer" -> value instanceof Long;
                case "number" -> value instanceof Number;
                case "array" -> value instanceof List<?>;
                case "object" -> value instanceof Map<?, ?>;
                default -> true;
            };
            if (!fits) throw new IllegalArgumentException();
            return value;
        }

        private String wrong() {
            List<?> choices = schema.get("enum") instanceof List<?> list ? list : null;
            try {
                if (!typed.isEmpty() && choices != null && !choices.contains(value())) return name() + " is one of " + choices;
                if (!typed.isEmpty()) value();
                return null;
            } catch (IllegalArgumentException e) {
                return name() + " is written as JSON, and of the type " + schema.get("type");
            }
        }
    }

    private final List<Row> rows = new ArrayList<>();
    private Text agent;
    private TableViewer table;

    public Preferences() {
        setDescription("Only what is set here is handed to the agent; it goes before config.toml.");
        noDefaultAndApplyButton();
    }

    @Override
    public void init(IWorkbench workbench) {}

    @Override
    protected Control createContents(Composite parent) {
        Composite all = new Composite(parent, SWT.NONE);
        GridLayoutFactory.fillDefaults().numColumns(2).applyTo(all);
        new Label(all, SWT.NONE).setText("The agent (empty: the one of this plug-in, else the one on the path):");
        agent = new Text(all, SWT.BORDER);
        agent.setText(Plugin.get().settings().agentPath());
        GridDataFactory.fillDefaults().grab(true, false).applyTo(agent);
        table(all);
        keys(all);
        return all;
    }

    private void table(Composite all) {
        table = new TableViewer(all, SWT.BORDER | SWT.FULL_SELECTION);
        table.getTable().setHeaderVisible(true);
        table.setContentProvider(ArrayContentProvider.getInstance());
        GridDataFactory.fillDefaults().grab(true, true).span(2, 1).hint(500, 260).applyTo(table.getTable());
        column("Setting", 200).setLabelProvider(ColumnLabelProvider.createTextProvider(row -> ((Row) row).name()));
        TableViewerColumn value = column("Value", 160);
        value.setLabelProvider(ColumnLabelProvider.createTextProvider(row -> ((Row) row).typed));
        column("Default", 90).setLabelProvider(ColumnLabelProvider.createTextProvider(row -> shown(((Row) row).schema.get("default"))));
        column("What It Does", 400).setLabelProvider(ColumnLabelProvider.createTextProvider(row -> String.valueOf(((Row) row).schema.get("description"))));
        value.setEditingSupport(new EditingSupport(table) {
            @Override
            protected CellEditor getCellEditor(Object row) {
                return new TextCellEditor(table.getTable());
            }

            @Override
            protected boolean canEdit(Object row) {
                return true;
            }

            @Override
            protected Object getValue(Object row) {
                return ((Row) row).typed;
            }

            @Override
            protected void setValue(Object row, Object typed) {
                ((Row) row).typed = String.valueOf(typed).trim();
                table.update(row, null);
                String wrong = rows.stream().map(Row::wrong).filter(each -> each != null).findFirst().orElse(null);
                setErrorMessage(wrong);
                setValid(wrong == null);
            }
        });
        try {
            read();
        } catch (IOException | IllegalArgumentException | InterruptedException e) {
            setErrorMessage("The agent does not say which settings it has: " + e.getMessage());
        }
        table.setInput(rows);
    }

    private TableViewerColumn column(String title, int width) {
        TableViewerColumn column = new TableViewerColumn(table, SWT.NONE);
        column.getColumn().setText(title);
        column.getColumn().setWidth(width);
        return column;
    }

    private static String shown(Object value) {
        if (value == null) return "";
        return value instanceof String text ? text : Json.write(value);
    }

    /** The agent's own schema, and what is set of it. */
    private void read() throws IOException, InterruptedException {
        String binary = Plugin.get().bridge().binary();
        if (binary == null) throw new IOException("there is none");
        Process process = new ProcessBuilder(binary, "config", "schema").redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        Map<?, ?> sections = (Map<?, ?>) ((Map<?, ?>) Json.parse(text)).get("properties");
        Map<String, Object> set = Plugin.get().settings().all();
        sections.forEach((section, schema) -> {
            Map<?, ?> table = (Map<?, ?>) schema;
            if (table.get("properties") instanceof Map<?, ?> keys) keys.forEach((key, leaf) -> rows.add(new Row((String) section, (String) key, (Map<?, ?>) leaf)));
            else rows.add(new Row((String) section, null, table));
        });
        for (Row row : rows) {
            Object value = row.key == null ? set.get(row.section) : set.get(row.section) instanceof Map<?, ?> keys ? keys.get(row.key) : null;
            row.typed = shown(value);
        }
    }

    private void keys(Composite all) {
        Composite bar = new Composite(all, SWT.NONE);
        GridLayoutFactory.fillDefaults().numColumns(3).applyTo(bar);
        GridDataFactory.fillDefaults().span(2, 1).applyTo(bar);
        Label label = new Label(bar, SWT.NONE);
        Runnable show = () -> {
            label.setText("Keys in the secure storage: " + String.join(", ", Plugin.get().settings().keyNames()) + " ");
            bar.getParent().layout(true, true);
        };
        show.run();
        button(bar, "Store a Key …", () -> {
            String name = ask("The variable that the route reads: its api_key_env, or its vendor's usual one", false);
            String key = name == null ? null : ask(name, true);
            if (key != null) store(name, key, show);
        });
        button(bar, "Forget a Key …", () -> {
            String name = ask("The variable whose key is forgotten", false);
            if (name != null) store(name, null, show);
        });
    }

    private static void button(Composite bar, String text, Runnable act) {
        Button button = new Button(bar, SWT.PUSH);
        button.setText(text);
        button.addListener(SWT.Selection, event -> act.run());
    }

    /** Asks for the name of a variable, or for a secret. */
    private String ask(String what, boolean secret) {
        var dialog = new InputDialog(getShell(), "Nextline", what, "", text -> {
            if (secret) return text.isEmpty() ? "" : null;
            return text.matches(Client.KEY_NAME) ? null : "Capitals, digits and _, with KEY or TOKEN in the name";
        }) {
            @Override
            protected int getInputTextStyle() {
                return super.getInputTextStyle() | (secret ? SWT.PASSWORD : SWT.NONE);
            }
        };
        return dialog.open() == Window.OK ? dialog.getValue() : null;
    }

    private void store(String name, String key, Runnable then) {
        try {
            Plugin.get().settings().store(name, key);
            then.run();
        } catch (StorageException | IOException e) {
            setErrorMessage("The secure storage did not take the key: " + e.getMessage());
        }
    }

    @Override
    public boolean performOk() {
        if (rows.isEmpty()) {
            Plugin.get().settings().setAgentPath(agent.getText().trim());
            return true;
        }
        Map<String, Object> set = new LinkedHashMap<>();
        for (Row row : rows) {
            if (row.typed.isEmpty()) continue;
            if (row.key == null) {
                set.put(row.section, row.value());
            } else {
                @SuppressWarnings("unchecked")
                Map<String, Object> keys = (Map<String, Object>) set.computeIfAbsent(row.section, name -> new LinkedHashMap<String, Object>());
                keys.put(row.key, row.value());
            }
        }
        Plugin.get().settings().setAll(set);
        Plugin.get().settings().setAgentPath(agent.getText().trim());
        return true;
    }
}
