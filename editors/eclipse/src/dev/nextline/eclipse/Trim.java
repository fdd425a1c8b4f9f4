package dev.nextline.eclipse;

import dev.nextline.core.Refusal;
import dev.nextline.protocol.Protocol.Client;
import dev.nextline.protocol.Protocol.Commands;
import dev.nextline.protocol.Protocol.Config;
import dev.nextline.protocol.Protocol.DocumentParams;
import dev.nextline.protocol.Protocol.Identifier;
import dev.nextline.protocol.Protocol.Methods;
import dev.nextline.protocol.Protocol.Model;
import dev.nextline.protocol.Protocol.ModelListResult;
import dev.nextline.protocol.Protocol.Status;
import dev.nextline.protocol.Protocol.StatusKind;
import dev.nextline.protocol.Protocol.WhyResult;
import java.text.DateFormat;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.core.filesystem.EFS;
import org.eclipse.jface.action.Action;
import org.eclipse.jface.action.IContributionManager;
import org.eclipse.jface.action.MenuManager;
import org.eclipse.jface.action.Separator;
import org.eclipse.swt.SWT;
import org.eclipse.swt.widgets.Composite;
import org.eclipse.swt.widgets.Control;
import org.eclipse.swt.widgets.Menu;
import org.eclipse.swt.widgets.ToolBar;
import org.eclipse.swt.widgets.ToolItem;
import org.eclipse.ui.PartInitException;
import org.eclipse.ui.PlatformUI;
import org.eclipse.ui.dialogs.PreferencesUtil;
import org.eclipse.ui.ide.IDE;
import org.eclipse.ui.menus.WorkbenchWindowControlContribution;

/** The item in the status line: how the agent does, why it is silent, and a menu of what can be done about it. */
public final class Trim extends WorkbenchWindowControlContribution implements Bridge.Listener {
    private static final Map<String, String> MARKS = Map.of(
            StatusKind.NORMAL, "", StatusKind.WARNING, "⚠ ", StatusKind.ERROR, "✖ ", StatusKind.INACTIVE, "⊘ ");

    private ToolBar bar;
    private ToolItem item;

    @Override
    protected Control createControl(Composite parent) {
        bar = new ToolBar(parent, SWT.FLAT);
        item = new ToolItem(bar, SWT.PUSH);
        item.addListener(SWT.Selection, event -> open());
        Plugin.get().bridge().add(this);
        bar.addDisposeListener(event -> Plugin.get().bridge().remove(this));
        status(Plugin.get().bridge().lastStatus());
        return bar;
    }

    @Override
    public boolean isDynamic() {
        return true;
    }

    @Override
    public void status(Status status) {
        if (item.isDisposed()) return;
        String trouble = Plugin.get().agent().trouble();
        if (status == null) {
            item.setText(trouble.isEmpty() ? "… Nextline" : "✖ Nextline");
            item.setToolTipText(trouble.isEmpty() ? "Nextline starts" : trouble);
        } else {
            String mark = status.busy() ? "… " : MARKS.getOrDefault(status.kind(), "");
            item.setText(mark + (Client.LOCAL.equals(status.route()) ? "Nextline" : status.route()));
            String learnt = status.local().enabled() ? status.local().files() + " files learnt" : "";
            item.setToolTipText(joined("\n", status.message(), "Completions: " + status.route(), learnt, status.budget()));
        }
        bar.getParent().layout(true);
        bar.pack();
    }

    private static String joined(String between, String... parts) {
        return Stream.of(parts).filter(Objects::nonNull).filter(part -> !part.isEmpty()).distinct().collect(Collectors.joining(between));
    }

    /** Why the last answer for the document in front was empty; with {@code null} where there is no such document. */
    private static CompletableFuture<WhyResult> reason() {
        Place place = Place.front();
        if (place == null || !Plugin.get().agent().running()) return CompletableFuture.completedFuture(null);
        var params = new DocumentParams(new Identifier(place.uri()));
        return Plugin.get().agent().request(Methods.WHY, params.json()).thenApply(WhyResult::from).exceptionally(failure -> null);
    }

    /** Says why there is no ghost text. */
    static void why() {
        String trouble = Plugin.get().agent().trouble();
        reason().thenAccept(why -> {
            if (!trouble.isEmpty()) Plugin.say(trouble);
            else Plugin.say(why == null ? "no document is in front" : joined(": ", why.reason(), why.detail()));
        });
    }

    private void open() {
        Plugin.told(reason().thenAcceptAsync(why -> {
            Menu menu = menu(why).createContextMenu(bar);
            menu.setVisible(true);
        }, Plugin.ui()));
    }

    /** The menu, with the reason in its first row. */
    static MenuManager menu(WhyResult why) {
        Plugin plugin = Plugin.get();
        Status status = plugin.bridge().lastStatus();
        MenuManager menu = new MenuManager();
        String said = joined(" · ", plugin.agent().trouble(), status == null ? "" : status.message(), why == null ? "" : why.detail());
        add(menu, "Why Nothing? " + said, Trim::why);
        if (status != null && status.budget() != null) add(menu, status.budget(), () -> { });
        menu.add(new Separator());
        MenuManager routes = new MenuManager("Switch the Route");
        routes.setRemoveAllWhenShown(true);
        routes.addMenuListener(manager -> routes(manager, status));
        menu.add(routes);
        if (status != null && status.snoozedUntil() != null) {
            String until = DateFormat.getTimeInstance(DateFormat.SHORT).format(new Date(status.snoozedUntil()));
            add(menu, "End the Snooze (until " + until + ")", () -> snooze(0));
        } else {
            MenuManager snooze = new MenuManager("Snooze");
            for (int minutes : new int[] {5, 15, 60, 240}) add(snooze, minutes < 60 ? minutes + " minutes" : minutes / 60 + " h", () -> snooze(minutes));
            menu.add(snooze);
        }
        menu.add(new Separator());
        add(menu, "Chat", plugin.chat()::open);
        add(menu, "Preferences …", () -> PreferencesUtil.createPreferenceDialogOn(null, Preferences.ID, null, null).open());
        add(menu, "Open the Log", Trim::log);
        add(menu, "Restart the Agent" + (plugin.agent().version().isEmpty() ? "" : " (" + plugin.agent().version() + ")"), plugin.agent()::restart);
        return menu;
    }

    private static void add(IContributionManager menu, String text, Runnable act) {
        // An `@` would begin the name of a key.
        menu.add(new Action(text.replace("&", "&&") + "@") {
            @Override
            public void run() {
                act.run();
            }
        });
    }

    private static void routes(IContributionManager menu, Status status) {
        String now = status == null ? "" : status.route();
        route(menu, Client.LOCAL, "the embedded model", now);
        try {
            // The menu is open: it waits, for as long as a menu may.
            Object answer = Plugin.get().agent().request(Methods.MODEL_LIST, null).get(1, TimeUnit.SECONDS);
            List<Model> models = ModelListResult.from(answer).models();
            for (Model model : models) route(menu, model.route(), joined(", ", model.provider(), model.model(), model.trouble()), now);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            add(menu, Refusal.sentence(e), () -> { });
        }
    }

    private static void route(IContributionManager menu, String route, String what, String now) {
        add(menu, (route.equals(now) ? "✓ " : "") + route + " – " + what, () -> Plugin.get().settings().set(Config.COMPLETION_ROUTE, route));
    }

    static void snooze(int minutes) {
        Plugin.told(Plugin.get().agent().execute(Commands.SNOOZE, List.of(minutes)));
    }

    static void log() {
        try {
            var page = PlatformUI.getWorkbench().getActiveWorkbenchWindow().getActivePage();
            IDE.openEditorOnFileStore(page, EFS.getLocalFileSystem().fromLocalFile(Plugin.get().bridge().log()));
        } catch (PartInitException e) {
            Plugin.say(e.getMessage());
        }
    }
}
