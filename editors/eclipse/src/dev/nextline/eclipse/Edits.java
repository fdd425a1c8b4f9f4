package dev.nextline.eclipse;

import dev.nextline.core.Agent;
import dev.nextline.core.Refusal;
import dev.nextline.core.Text;
import dev.nextline.protocol.Protocol.Commands;
import dev.nextline.protocol.Protocol.EditAcceptParams;
import dev.nextline.protocol.Protocol.EditAppliedResult;
import dev.nextline.protocol.Protocol.EditEvent;
import dev.nextline.protocol.Protocol.EditParams;
import dev.nextline.protocol.Protocol.EditPreview;
import dev.nextline.protocol.Protocol.EditRetryParams;
import dev.nextline.protocol.Protocol.EditStartParams;
import dev.nextline.protocol.Protocol.EditStartResult;
import dev.nextline.protocol.Protocol.Identifier;
import dev.nextline.protocol.Protocol.Methods;
import dev.nextline.protocol.Protocol.Verbs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.eclipse.compare.CompareUI;
import org.eclipse.core.runtime.IProgressMonitor;
import org.eclipse.core.runtime.IStatus;
import org.eclipse.core.runtime.Status;
import org.eclipse.core.runtime.jobs.Job;
import org.eclipse.jface.dialogs.InputDialog;
import org.eclipse.jface.window.Window;
import org.eclipse.ui.IEditorPart;
import org.eclipse.ui.IWorkbenchPage;
import org.eclipse.ui.PlatformUI;

/** Edits: an instruction, the comparison of what it would change, the person's yes or no. What is made of it is the agent's. On the workbench's thread. */
public final class Edits implements Bridge.Listener {
    /** Events of edits that are nobody's here (yet), at most. */
    private static final int EARLY = 32;
    /** How often a job looks whether it was cancelled, in ms. */
    private static final long LOOK = 100;

    private static final class Edit {
        private final String id;
        private final String title;
        private final CompletableFuture<Void> made = new CompletableFuture<>();
        private EditPreview preview;
        private Comparison comparison;

        private Edit(String id, String title) {
            this.id = id;
            this.title = title;
        }
    }

    private final Agent agent;
    private final Map<String, Edit> edits = new LinkedHashMap<>();
    /** Events that came before the answer that names their edit. */
    private final Map<String, List<EditEvent>> early = new LinkedHashMap<>();

    Edits(Agent agent) {
        this.agent = agent;
    }

    /** Asks what to do with the selection, or with what is around the cursor. */
    public void ask() {
        Place place = Place.front();
        if (place == null) return;
        String what = place.length() == 0 ? "What to do with what is around the cursor:" : "What to do with the selection:";
        String instruction = instruction(what, "");
        if (instruction != null) start(Verbs.EDIT, instruction, place);
    }

    /** Starts an edit at the cursor. */
    public void here(String verb) {
        Place place = Place.front();
        if (place != null) start(verb, null, place);
    }

    private void start(String verb, String instruction, Place place) {
        var params = new EditStartParams(place.range(), new Identifier(place.uri()), place.diagnostics(true), instruction, null, verb);
        begin(instruction != null ? instruction : verb, () -> agent.request(Methods.EDIT_START, params.json()));
    }

    private static String instruction(String what, String before) {
        var dialog = new InputDialog(PlatformUI.getWorkbench().getActiveWorkbenchWindow().getShell(), "Nextline", what, before, text -> text.isBlank() ? "" : null);
        return dialog.open() == Window.OK ? dialog.getValue().trim() : null;
    }

    /** Asks the agent for an edit, and shows that it is at work until it is made. */
    private void begin(String title, Supplier<CompletableFuture<Object>> ask) {
        Job job = new Job("Nextline: " + title) {
            @Override
            protected IStatus run(IProgressMonitor monitor) {
                monitor.beginTask(title, IProgressMonitor.UNKNOWN);
                CompletableFuture<Edit> started = Plugin.told(ask.get()).thenApplyAsync(result -> began(EditStartResult.from(result).id(), title), Plugin.ui());
                CompletableFuture<Void> made = started.thenCompose(edit -> edit.made);
                while (!made.isDone()) {
                    if (monitor.isCanceled()) {
                        started.thenAccept(edit -> agent.request(Methods.EDIT_CANCEL, new EditParams(edit.id).json()));
                        return Status.CANCEL_STATUS;
                    }
                    try {
                        made.get(LOOK, TimeUnit.MILLISECONDS);
                    } catch (TimeoutException | ExecutionException e) {
                        // Looked at above; a failure was said.
                    } catch (InterruptedException e) {
                        return Status.CANCEL_STATUS;
                    }
                }
                return Status.OK_STATUS;
            }
        };
        job.schedule();
    }

    private Edit began(String id, String title) {
        Edit edit = new Edit(id, title);
        edits.put(id, edit);
        List<EditEvent> waiting = early.remove(id);
        if (waiting != null) waiting.forEach(this::happened);
        return edit;
    }

    /** A new process knows nothing of the old one's edits. */
    @Override
    public void started() {
        List.copyOf(edits.keySet()).forEach(this::forget);
    }

    @Override
    public void happened(EditEvent event) {
        String id = String.valueOf(event.json().get("id"));
        Edit edit = edits.get(id);
        if (edit == null) {
            early.computeIfAbsent(id, name -> new ArrayList<>()).add(event);
            if (early.size() > EARLY) early.remove(early.keySet().iterator().next());
        } else if (event instanceof EditEvent.Ready ready) {
            edit.preview = ready.preview();
            edit.made.complete(null);
            if (edit.preview.newErrors() > 0) Plugin.say("the edit would bring " + edit.preview.newErrors() + " more syntax errors");
            show(edit);
        } else if (event instanceof EditEvent.Failed failed) {
            forget(id);
            Plugin.say(failed.message());
        } else if (event instanceof EditEvent.Applied || event instanceof EditEvent.Undone || event instanceof EditEvent.Rejected || event instanceof EditEvent.Cancelled) {
            forget(id);
        }
    }

    private void forget(String id) {
        Edit edit = edits.remove(id);
        if (edit == null) return;
        edit.made.complete(null);
        if (edit.comparison != null) edit.comparison.close();
    }

    /** Shows the comparison of the newest edit that is ready, again. */
    public void show() {
        Edit edit = front();
        if (edit != null) show(edit);
    }

    private void show(Edit edit) {
        IWorkbenchPage page = PlatformUI.getWorkbench().getActiveWorkbenchWindow().getActivePage();
        IEditorPart open = edit.comparison == null ? null : page.findEditor(edit.comparison);
        if (open != null) {
            page.activate(open);
            return;
        }
        String uri = edit.preview.textDocument().uri();
        String before = agent.documents().isOpen(uri) ? agent.documents().text(uri) : Workspace.onDisk(uri);
        edit.comparison = new Comparison(this, edit.title, uri, before, new Text(before).patched(edit.preview.hunks()), edit.preview.hunks());
        CompareUI.openCompareEditor(edit.comparison, true);
    }

    /** The edit that the person looks at: that of the comparison in front, else the newest. */
    private Edit front() {
        IEditorPart editor = PlatformUI.getWorkbench().getActiveWorkbenchWindow().getActivePage().getActiveEditor();
        Edit found = null;
        for (Edit edit : edits.values()) {
            if (edit.preview == null) continue;
            if (editor != null && editor.getEditorInput() == edit.comparison) return edit;
            found = edit;
        }
        return found;
    }

    /** Accepts the edit in front: what the person chose of its changes. */
    public void accept() {
        Edit edit = front();
        if (edit == null) return;
        List<Long> hunks = edit.comparison == null ? null : edit.comparison.chosen();
        agent.request(Methods.EDIT_ACCEPT, new EditAcceptParams(edit.id, hunks).json()).whenComplete((answer, failure) -> {
            EditAppliedResult result = failure == null ? EditAppliedResult.from(answer) : new EditAppliedResult(false, Refusal.sentence(failure));
            if (!result.applied()) Plugin.say(result.reason() != null ? result.reason() : "the edit was not applied");
        });
    }

    public void reject() {
        Edit edit = front();
        if (edit != null) Plugin.told(agent.request(Methods.EDIT_REJECT, new EditParams(edit.id).json()));
    }

    /** Asks again, perhaps otherwise. */
    public void retry() {
        Edit edit = front();
        String instruction = edit == null ? null : instruction("Ask again:", edit.title);
        if (instruction == null) return;
        forget(edit.id);
        begin(instruction, () -> agent.request(Methods.EDIT_RETRY, new EditRetryParams(edit.id, instruction).json()));
    }

    /** The last applied edit is taken back, what was typed since stays. */
    public void undo() {
        Plugin.told(agent.execute(Commands.UNDO_EDIT, List.of()));
    }
}
