package dev.nextline.eclipse;

import dev.nextline.core.Agent;
import dev.nextline.core.Json;
import dev.nextline.core.Refusal;
import dev.nextline.protocol.Protocol.ChatPlace;
import dev.nextline.protocol.Protocol.ChatSendParams;
import dev.nextline.protocol.Protocol.Client;
import dev.nextline.protocol.Protocol.DocumentParams;
import dev.nextline.protocol.Protocol.EditEvent;
import dev.nextline.protocol.Protocol.Fault;
import dev.nextline.protocol.Protocol.Identifier;
import dev.nextline.protocol.Protocol.Lsp;
import dev.nextline.protocol.Protocol.Methods;
import dev.nextline.protocol.Protocol.Status;
import java.io.File;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.eclipse.core.resources.IFile;
import org.eclipse.core.resources.IProject;
import org.eclipse.core.resources.ResourcesPlugin;
import org.eclipse.core.runtime.CoreException;
import org.eclipse.core.runtime.Path;
import org.eclipse.ui.IWorkbenchPage;
import org.eclipse.ui.PartInitException;
import org.eclipse.ui.PlatformUI;
import org.eclipse.ui.ide.IDE;

/**
 * The chat: the same page as the browser's, in a view. The page speaks JSON-RPC; this passes it on to the agent's process and adds what only
 * Eclipse knows: the document in front, its selection and its problems. On the workbench's thread.
 */
public final class Chat implements Bridge.Listener {
    private final Agent agent;
    private final Map<Object, CompletableFuture<Object>> asked = new HashMap<>();
    /** Takes messages to the page; {@code null} while there is none. */
    private Consumer<Object> page;
    /** What waits for the page to be there. */
    private String question;

    Chat(Agent agent) {
        this.agent = agent;
    }

    /** Shows the view. */
    public void open() {
        try {
            IWorkbenchPage front = PlatformUI.getWorkbench().getActiveWorkbenchWindow().getActivePage();
            front.showView(ChatView.ID);
        } catch (PartInitException e) {
            Plugin.say(e.getMessage());
        }
    }

    /** Asks about the selection, or about what is around the cursor. */
    public void explain() {
        Place place = Place.front();
        if (place == null) return;
        IFile file = Workspace.file(place.uri());
        String name = file == null ? place.uri() : file.getProjectRelativePath().toString();
        question = "Explain @" + name + ":" + place.lines();
        open();
        say();
    }

    void attach(Consumer<Object> to) {
        page = to;
    }

    void detach() {
        page = null;
        asked.values().forEach(answer -> answer.cancel(true));
        asked.clear();
    }

    private void post(Object message) {
        if (page != null) page.accept(message);
    }

    private void say() {
        if (question != null) post(Map.of("say", question));
    }

    @Override
    public void said(Object event) {
        post(Map.of("jsonrpc", "2.0", "method", Methods.CHAT_EVENT, "params", event));
    }

    @Override
    public void happened(EditEvent event) {
        post(Map.of("jsonrpc", "2.0", "method", Methods.EDIT_EVENT, "params", event.json()));
    }

    @Override
    public void status(Status status) {
        if (status == null) post(Map.of("closed", agent.trouble()));
        else post(Map.of("jsonrpc", "2.0", "method", Methods.STATUS, "params", status.json()));
    }

    @Override
    public void started() {
        post(Map.of("opened", true));
    }

    /** Takes in a message of the page. */
    void received(String text) {
        Map<?, ?> message = (Map<?, ?>) Json.parse(text);
        Object id = message.get("id");
        if (message.containsKey("ready")) {
            if (agent.running()) started();
            say();
        } else if (message.containsKey("said")) {
            question = null;
        } else if (Lsp.CANCEL_REQUEST.equals(message.get("method"))) {
            CompletableFuture<Object> answer = asked.get(((Map<?, ?>) message.get("params")).get("id"));
            if (answer != null) answer.cancel(true);
        } else if (id != null) {
            CompletableFuture<Object> answer = answer((String) message.get("method"), (Map<?, ?>) message.get("params"));
            asked.put(id, answer);
            answer.whenCompleteAsync((result, failure) -> {
                asked.remove(id);
                Map<String, Object> reply = new LinkedHashMap<>(Map.of("jsonrpc", "2.0", "id", id));
                reply.put(failure == null ? "result" : "error", failure == null ? result : new Fault(0, Refusal.sentence(failure), null).json());
                post(reply);
            }, Plugin.ui());
        }
    }

    private CompletableFuture<Object> answer(String method, Map<?, ?> params) {
        Map<Object, Object> given = new LinkedHashMap<>(params == null ? Map.of() : params);
        switch (method) {
            case Lsp.INITIALIZE -> {
                return CompletableFuture.completedFuture(Map.of());
            }
            case Methods.CHAT_SEND -> {
                ChatSendParams send = ChatSendParams.from(params);
                given.putAll(new ChatSendParams(send.id(), send.text(), place(), send.route(), send.turn()).json());
            }
            case Methods.EDIT_START, Methods.EDIT_APPLY -> {
                try {
                    // A person names files by their paths.
                    String name = DocumentParams.from(params).textDocument().uri();
                    given.putAll(new DocumentParams(new Identifier(opened(name))).json());
                } catch (CoreException | Refusal e) {
                    return CompletableFuture.failedFuture(e);
                }
            }
            default -> {
                if (!method.startsWith(Client.OURS)) return CompletableFuture.failedFuture(new Refusal(0, "the page may not ask for " + method));
            }
        }
        return agent.request(method, given);
    }

    private static ChatPlace place() {
        Place place = Place.front();
        if (place == null) return new ChatPlace(null, null, null);
        return new ChatPlace(place.diagnostics(false), place.length() == 0 ? null : place.range(), new Identifier(place.uri()));
    }

    /** The URI of a file of the workspace, in an editor: the agent knows it as an open document, and the person sees what becomes of it. */
    private static String opened(String name) throws CoreException {
        for (IProject project : ResourcesPlugin.getWorkspace().getRoot().getProjects()) {
            boolean absolute = new File(name).isAbsolute();
            IFile file = absolute ? ResourcesPlugin.getWorkspace().getRoot().getFileForLocation(new Path(name)) : project.getFile(name);
            if (file == null || !file.exists()) continue;
            IDE.openEditor(PlatformUI.getWorkbench().getActiveWorkbenchWindow().getActivePage(), file, false);
            return Workspace.uri(file.getLocation());
        }
        throw new Refusal(0, "there is no file " + name + " in this workspace");
    }
}
