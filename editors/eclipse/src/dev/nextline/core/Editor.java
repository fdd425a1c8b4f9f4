package dev.nextline.core;

import dev.nextline.protocol.Protocol.ApplyWorkspaceEditResult;
import dev.nextline.protocol.Protocol.EditEvent;
import dev.nextline.protocol.Protocol.PeerInfo;
import dev.nextline.protocol.Protocol.Status;
import dev.nextline.protocol.Protocol.WorkspaceEdit;
import java.io.File;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** What the agent needs of the editor that it runs in. All is called on threads of the agent. */
public interface Editor {
    /** The command that starts the agent; empty, with nothing started, where there is none. */
    List<String> command();

    /** Variables for the process, keys among them. */
    Map<String, String> environment();

    /** What the process says beside the wire is added to it. */
    File log();

    /** The editor's own name and version. */
    PeerInfo about();

    /** URIs of the folders that are worked in. */
    List<String> folders();

    /** What the person set, by section and key, as in `config.toml`; nothing else. */
    Map<String, Object> settings();

    /** Carries out an edit; answers whether it is done. */
    CompletableFuture<ApplyWorkspaceEditResult> apply(WorkspaceEdit edit);

    /** Asks the person; answers the chosen title, or {@code null}. */
    CompletableFuture<String> ask(String message, List<String> titles);

    /** Tells the person something that has to be seen. */
    void complain(String sentence);

    /** How the agent does; {@code null} while it does not run, and {@link Agent#trouble} says why. */
    void status(Status status);

    /** It runs, perhaps anew: what an earlier process knew is forgotten, but for the documents. */
    void started();

    void happened(EditEvent event);

    /** An event of a chat, as it came. */
    void said(Object event);
}
