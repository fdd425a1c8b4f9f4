package dev.nextline.eclipse;

import dev.nextline.protocol.Protocol.Verbs;
import java.util.Map;
import java.util.function.Consumer;
import org.eclipse.core.commands.AbstractHandler;
import org.eclipse.core.commands.ExecutionEvent;

/** All commands of the plug-in, by the ends of their ids. */
public final class Act extends AbstractHandler {
    private static final Map<String, Consumer<Plugin>> ACTS = Map.ofEntries(
            act(Verbs.EDIT, plugin -> plugin.edits().ask()),
            act(Verbs.DOC, plugin -> plugin.edits().here(Verbs.DOC)),
            act(Verbs.TEST, plugin -> plugin.edits().here(Verbs.TEST)),
            act(Verbs.FIX, plugin -> plugin.edits().here(Verbs.FIX)),
            act("nextEdit", plugin -> plugin.next()),
            act("acceptEdit", plugin -> plugin.edits().accept()),
            act("rejectEdit", plugin -> plugin.edits().reject()),
            act("retryEdit", plugin -> plugin.edits().retry()),
            act("showEdit", plugin -> plugin.edits().show()),
            act("undoEdit", plugin -> plugin.edits().undo()),
            act("explain", plugin -> plugin.chat().explain()),
            act("chat", plugin -> plugin.chat().open()),
            act("why", plugin -> Trim.why()),
            act("log", plugin -> Trim.log()),
            act("restart", plugin -> plugin.agent().restart()),
            act("trigger", ghost(GhostText::trigger)),
            act("acceptWord", ghost(GhostText::acceptWord)),
            act("next", ghost(ghost -> ghost.cycle(1))),
            act("previous", ghost(ghost -> ghost.cycle(-1))));

    private static Map.Entry<String, Consumer<Plugin>> act(String name, Consumer<Plugin> act) {
        return Map.entry(Plugin.ID + "." + name, act);
    }

    private static Consumer<Plugin> ghost(Consumer<GhostText> act) {
        return plugin -> {
            Views views = plugin.views();
            GhostText ghost = views == null || views.front() == null ? null : views.ghost(Views.viewer(views.front()));
            if (ghost != null) act.accept(ghost);
        };
    }

    @Override
    public Object execute(ExecutionEvent event) {
        ACTS.get(event.getCommand().getId()).accept(Plugin.get());
        return null;
    }
}
