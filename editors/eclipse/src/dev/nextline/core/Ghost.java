package dev.nextline.core;

import dev.nextline.protocol.Protocol.Commands;
import dev.nextline.protocol.Protocol.DidPartiallyAcceptParams;
import dev.nextline.protocol.Protocol.DidShowParams;
import dev.nextline.protocol.Protocol.Identifier;
import dev.nextline.protocol.Protocol.InlineCompletionContext;
import dev.nextline.protocol.Protocol.InlineCompletionItem;
import dev.nextline.protocol.Protocol.InlineCompletionList;
import dev.nextline.protocol.Protocol.InlineCompletionParams;
import dev.nextline.protocol.Protocol.Methods;
import dev.nextline.protocol.Protocol.Triggers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** The ghost text of one view of a document: what is asked, what of the answer still fits what was typed since, what is taken. On one thread. */
public final class Ghost {
    /** The view: its text and its cursor, as they are now. */
    public interface View {
        String uri();

        CharSequence text();

        /** Offset of the cursor; -1 where nothing may be shown. */
        int caret();

        /** What is shown has changed. */
        void changed();
    }

    private final Agent agent;
    private final View view;
    private final Executor thread;
    private final Set<String> told = new HashSet<>();
    private List<Suggestion> shown = List.of();
    private int index;
    private CompletableFuture<Object> pending;
    /** Not offered again while what is typed goes along with it. */
    private Suggestion dismissed;

    /** @param thread where answers are taken in */
    public Ghost(Agent agent, View view, Executor thread) {
        this.agent = agent;
        this.view = view;
        this.thread = thread;
    }

    /** What is shown ahead of the cursor; {@code null} when nothing is. */
    public String rest() {
        int caret = view.caret();
        return shown.isEmpty() || caret < 0 ? null : shown.get(index).rest(view.text(), caret);
    }

    /** The text or the cursor is another one: what still fits stays. Whether anything does. */
    public boolean follow() {
        if (shown.isEmpty()) return false;
        Suggestion current = shown.get(index);
        List<Suggestion> fitting = new ArrayList<>();
        for (Suggestion each : shown) if (rest(each) != null) fitting.add(each);
        boolean fits = fitting.contains(current);
        shown = fits ? fitting : List.of();
        index = fits ? fitting.indexOf(current) : 0;
        view.changed();
        return fits;
    }

    /** Asks; what was asked before is not wanted any more. */
    public void ask(boolean invoked) {
        ask(invoked, () -> { });
    }

    private void ask(boolean invoked, Runnable then) {
        cancel();
        int caret = view.caret();
        if (caret < 0 || !agent.running()) return;
        if (invoked || dismissed != null && rest(dismissed) == null) dismissed = null;
        long version = agent.documents().version(view.uri());
        var context = new InlineCompletionContext(null, invoked ? Triggers.INVOKED : Triggers.AUTOMATIC);
        var params = new InlineCompletionParams(agent.documents().position(view.uri(), caret), new Identifier(view.uri()), context);
        CompletableFuture<Object> mine = agent.request(Methods.INLINE_COMPLETION, params.json());
        pending = mine;
        mine.whenCompleteAsync((answer, failure) -> {
            if (pending != mine) return;
            pending = null;
            // An answer for another text would be put in the wrong place; the text's change has asked anew.
            if (failure != null || answer == null || agent.documents().version(view.uri()) != version || view.caret() != caret) return;
            offer(InlineCompletionList.from(answer).items(), caret);
            then.run();
        }, thread);
    }

    /** What is on the screen is replaced only by what goes on from it; other suggestions wait to be cycled to. */
    private void offer(List<InlineCompletionItem> items, int caret) {
        String kept = rest();
        List<Suggestion> all = new ArrayList<>();
        Set<String> known = new HashSet<>();
        String unwanted = dismissed == null ? null : rest(dismissed);
        for (InlineCompletionItem item : items) {
            int start = agent.documents().offset(view.uri(), item.range().start());
            int end = agent.documents().offset(view.uri(), item.range().end());
            Suggestion suggestion = new Suggestion(item, start, end, caret, view.text().length());
            String rest = rest(suggestion);
            if (rest == null || unwanted != null && unwanted.startsWith(rest) || !known.add(rest)) continue;
            all.add(suggestion);
        }
        if (kept != null && (all.isEmpty() || !rest(all.get(0)).startsWith(kept))) {
            all.removeIf(each -> rest(each).equals(kept));
            all.add(0, shown.get(index));
        }
        shown = items.isEmpty() ? List.of() : all;
        index = 0;
        view.changed();
        tellShown();
    }

    private void tellShown() {
        if (rest() == null) return;
        InlineCompletionItem item = shown.get(index).item();
        if (told.add(id(item))) agent.tell(Methods.DID_SHOW_COMPLETION, new DidShowParams(item).json());
    }

    /** Takes it away, and what is asked with it. */
    public void clear() {
        cancel();
        if (shown.isEmpty()) return;
        shown = List.of();
        index = 0;
        view.changed();
    }

    /** The person does not want it. */
    public void dismiss() {
        if (rest() == null) return;
        dismissed = shown.get(index);
        agent.execute(Commands.DID_DISMISS, List.of(id(dismissed.item())));
        clear();
    }

    /** Goes on by {@code by} suggestions; the first time others are asked for. */
    public void cycle(int by) {
        if (rest() == null) return;
        if (shown.size() > 1) move(by);
        else ask(true, () -> move(by));
    }

    private void move(int by) {
        if (shown.isEmpty()) return;
        index = Math.floorMod(index + by, shown.size());
        view.changed();
        tellShown();
    }

    /** Puts a text in the place of {@code length} units behind the cursor, and the cursor behind it. */
    public interface Insertion {
        void put(int length, String text);
    }

    /** Puts all that is shown, or its next word, into the text; nothing where nothing is shown. */
    public void accept(boolean word, Insertion insertion) {
        String rest = rest();
        if (rest == null) return;
        cancel();
        Suggestion taken = shown.get(index);
        String part = word ? Suggestion.word(rest) : rest;
        boolean whole = part.length() == rest.length();
        if (whole) shown = List.of();
        insertion.put(whole ? taken.tail() : 0, part);
        if (whole) {
            view.changed();
            agent.execute(taken.item().command().command(), taken.item().command().arguments());
        } else {
            int length = taken.taken(rest.substring(part.length()));
            agent.tell(Methods.DID_PARTIALLY_ACCEPT_COMPLETION, new DidPartiallyAcceptParams(length, taken.item()).json());
            follow();
        }
    }

    private void cancel() {
        if (pending != null) pending.cancel(true);
        pending = null;
    }

    private String rest(Suggestion suggestion) {
        int caret = view.caret();
        return caret < 0 ? null : suggestion.rest(view.text(), caret);
    }

    private static String id(InlineCompletionItem item) {
        return String.valueOf(item.command().arguments().get(0));
    }
}
