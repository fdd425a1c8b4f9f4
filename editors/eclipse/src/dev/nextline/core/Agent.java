package dev.nextline.core;

import dev.nextline.protocol.Protocol.ApplyWorkspaceEditParams;
import dev.nextline.protocol.Protocol.ApplyWorkspaceEditResult;
import dev.nextline.protocol.Protocol.Client;
import dev.nextline.protocol.Protocol.ConfigurationItem;
import dev.nextline.protocol.Protocol.ConfigurationParams;
import dev.nextline.protocol.Protocol.DidChangeConfigurationParams;
import dev.nextline.protocol.Protocol.DidChangeWorkspaceFoldersParams;
import dev.nextline.protocol.Protocol.EditEvent;
import dev.nextline.protocol.Protocol.ExecuteCommandParams;
import dev.nextline.protocol.Protocol.Experimental;
import dev.nextline.protocol.Protocol.InitializeParams;
import dev.nextline.protocol.Protocol.InitializeResult;
import dev.nextline.protocol.Protocol.Lsp;
import dev.nextline.protocol.Protocol.MessageActionItem;
import dev.nextline.protocol.Protocol.Methods;
import dev.nextline.protocol.Protocol.ResyncParams;
import dev.nextline.protocol.Protocol.Sections;
import dev.nextline.protocol.Protocol.ShowMessageParams;
import dev.nextline.protocol.Protocol.ShowMessageRequestParams;
import dev.nextline.protocol.Protocol.Status;
import dev.nextline.protocol.Protocol.WorkspaceFolder;
import dev.nextline.protocol.Protocol.WorkspaceFoldersChangeEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The agent's process: started, started again when it ends, and what it says passed on. */
public final class Agent {
    /** Waits before the process is started again, in ms; one that lived for {@code HEALTHY} ms begins anew. */
    private static final long[] WAITS = {0, 1000, 2000, 5000, 10000, 30000};
    private static final long HEALTHY = 60000;
    /** How long a process may take to end by itself, in ms. */
    private static final long PATIENCE = 2000;

    private final Editor editor;
    private final Documents documents = new Documents();
    private final ScheduledExecutorService turns = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "nextline agent");
        thread.setDaemon(true);
        return thread;
    });
    private Process process;
    private Connection connection;
    /** The folders that this process was told of. */
    private List<String> told = List.of();
    private ScheduledFuture<?> next;
    private int failures;
    private long since;
    private volatile Connection ready;
    private volatile String trouble = "";
    private volatile String version = "";

    public Agent(Editor editor) {
        this.editor = editor;
    }

    public Documents documents() {
        return documents;
    }

    /** Why it does not run, in one sentence; empty while it does. */
    public String trouble() {
        return trouble;
    }

    /** The process's own version; empty before the first one. */
    public String version() {
        return version;
    }

    public boolean running() {
        return ready != null;
    }

    /** The process's id; -1 while there is none. */
    public synchronized long pid() {
        return process == null ? -1 : process.pid();
    }

    /** Starts the process, or ends it and starts another; nobody waits for that. */
    public void restart() {
        turns.execute(() -> {
            stop();
            failures = 0;
            start();
        });
    }

    /** Ends the process in order. */
    public synchronized void stop() {
        if (next != null) next.cancel(false);
        next = null;
        Connection old = connection;
        Process ending = process;
        connection = null;
        process = null;
        hush();
        if (old == null) return;
        old.request(Lsp.SHUTDOWN, null);
        old.tell(Lsp.EXIT, null);
        old.close();
        try {
            if (!ending.waitFor(PATIENCE, TimeUnit.MILLISECONDS)) ending.destroyForcibly();
        } catch (InterruptedException e) {
            ending.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Asks the agent; its faults are {@link Refusal}s. */
    public CompletableFuture<Object> request(String method, Object params) {
        Connection to = ready;
        if (to != null) return to.request(method, params);
        return CompletableFuture.failedFuture(new Refusal(0, trouble.isEmpty() ? "the agent does not run yet" : trouble));
    }

    /** Says something to the agent; nothing happens while it does not run. */
    public void tell(String method, Object params) {
        Connection to = ready;
        if (to != null) to.tell(method, params);
    }

    public CompletableFuture<Object> execute(String command, List<Object> given) {
        return request(Lsp.EXECUTE_COMMAND, new ExecuteCommandParams(given, command).json());
    }

    /** The settings were changed. */
    public void configured() {
        tell(Lsp.DID_CHANGE_CONFIGURATION, new DidChangeConfigurationParams(new Sections(editor.settings())).json());
    }

    /** Folders were opened or closed; while the process starts, it is told once it runs. */
    public void foldersChanged() {
        turns.execute(this::tellFolders);
    }

    private synchronized void tellFolders() {
        if (ready == null) return;
        List<String> now = editor.folders();
        List<WorkspaceFolder> added = without(now, told);
        List<WorkspaceFolder> removed = without(told, now);
        told = now;
        if (added.isEmpty() && removed.isEmpty()) return;
        var event = new WorkspaceFoldersChangeEvent(added, removed);
        tell(Lsp.DID_CHANGE_WORKSPACE_FOLDERS, new DidChangeWorkspaceFoldersParams(event).json());
    }

    private static List<WorkspaceFolder> without(List<String> uris, List<String> others) {
        return uris.stream().filter(uri -> !others.contains(uri)).map(Agent::folder).toList();
    }

    private synchronized void start() {
        if (connection != null) return;
        List<String> command = editor.command();
        if (command.isEmpty()) {
            fail("there is no agent beside this plug-in: install the plug-in for your platform, or name the agent in the preferences");
            return;
        }
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(editor.environment());
        builder.redirectError(ProcessBuilder.Redirect.appendTo(editor.log()));
        try {
            process = builder.start();
        } catch (IOException e) {
            fail("the agent did not start: " + e.getMessage());
            return;
        }
        since = System.currentTimeMillis();
        Heard heard = new Heard();
        connection = heard.connection = new Connection(process.getInputStream(), process.getOutputStream(), heard);
        Connection mine = connection;
        // Asked before anything is heard: an answer may be quick.
        mine.request(Lsp.INITIALIZE, hello()).whenComplete((answer, failure) -> {
            if (failure == null) greeted(mine, InitializeResult.from(answer));
        });
        mine.open();
    }

    private void fail(String sentence) {
        trouble = sentence;
        editor.status(null);
        editor.complain(sentence);
    }

    private Map<String, Object> hello() {
        told = editor.folders();
        long own = ProcessHandle.current().pid();
        return new InitializeParams(Json.parse(Client.CAPABILITIES), editor.about(), editor.settings(), own, without(told, List.of())).json();
    }

    private static WorkspaceFolder folder(String uri) {
        String path = uri.replaceAll("/+$", "");
        return new WorkspaceFolder(path.substring(path.lastIndexOf('/') + 1), uri);
    }

    private void greeted(Connection by, InitializeResult answer) {
        synchronized (this) {
            if (by != connection) return;
            if (answer.serverInfo() != null) version = answer.serverInfo().version();
            by.tell(Lsp.INITIALIZED, Map.of());
            documents.attach(by);
            trouble = "";
            ready = by;
        }
        foldersChanged();
        Experimental theirs = answer.capabilities().experimental();
        boolean old = theirs == null || theirs.nextline() == null;
        String message = old ? "the agent is older than this plug-in: update the agent" : theirs.nextline().message();
        if (message != null) editor.complain(message);
        editor.started();
        request(Methods.STATUS, null).thenAccept(status -> editor.status(Status.from(status)));
    }

    private void hush() {
        ready = null;
        documents.detach();
    }

    /** The process ended by itself: it is started again, later and later, and the person hears of it once it seems to be in vain. */
    private synchronized void ended(Connection which) {
        if (which != connection) return;
        connection = null;
        process.destroyForcibly();
        process = null;
        hush();
        if (System.currentTimeMillis() - since > HEALTHY) failures = 0;
        long wait = WAITS[Math.min(failures, WAITS.length - 1)];
        failures++;
        trouble = wait == 0 ? "the agent ended; it is started again" : "the agent ended; it is started again in " + wait / 1000 + " s";
        next = turns.schedule(this::start, wait, TimeUnit.MILLISECONDS);
        editor.status(null);
        if (failures == WAITS.length) editor.complain("the agent ended " + failures + " times in a row. What it said last is in the log.");
    }

    /** What one process says. */
    private final class Heard implements Connection.Peer {
        private Connection connection;

        @Override
        public void heard(String method, Object params) {
            switch (method) {
                case Methods.STATUS -> editor.status(Status.from(params));
                case Methods.CHAT_EVENT -> editor.said(params);
                case Methods.DOCUMENT_RESYNC -> documents.resync(ResyncParams.from(params).uri());
                case Lsp.SHOW_MESSAGE -> editor.complain(ShowMessageParams.from(params).message());
                case Methods.EDIT_EVENT -> {
                    EditEvent event = EditEvent.from(params);
                    if (event != null) editor.happened(event);
                }
                default -> { }
            }
        }

        @Override
        public CompletableFuture<Object> asked(String method, Object params) {
            return switch (method) {
                case Lsp.CONFIGURATION -> CompletableFuture.completedFuture(sections(ConfigurationParams.from(params)));
                case Lsp.APPLY_EDIT -> editor.apply(ApplyWorkspaceEditParams.from(params).edit()).thenApply(ApplyWorkspaceEditResult::json);
                case Lsp.SHOW_MESSAGE_REQUEST -> question(ShowMessageRequestParams.from(params));
                case Lsp.REGISTER_CAPABILITY, Lsp.WORK_DONE_PROGRESS_CREATE -> CompletableFuture.completedFuture(null);
                default -> null;
            };
        }

        @Override
        public void closed() {
            ended(connection);
        }

        private List<Object> sections(ConfigurationParams params) {
            List<Object> found = new ArrayList<>();
            for (ConfigurationItem item : params.items()) found.add(Client.SECTION.equals(item.section()) ? editor.settings() : null);
            return found;
        }

        private CompletableFuture<Object> question(ShowMessageRequestParams params) {
            List<MessageActionItem> answers = params.actions() == null ? List.of() : params.actions();
            List<String> titles = answers.stream().map(MessageActionItem::title).toList();
            return editor.ask(params.message(), titles).thenApply(title -> title == null ? null : new MessageActionItem(title).json());
        }
    }
}
