package dev.nextline.core;

import dev.nextline.protocol.Protocol.Diagnostic;
import dev.nextline.protocol.Protocol.DidShowInlineEditParams;
import dev.nextline.protocol.Protocol.DocumentChange;
import dev.nextline.protocol.Protocol.EditSuggestParams;
import dev.nextline.protocol.Protocol.EditSuggestResult;
import dev.nextline.protocol.Protocol.Identifier;
import dev.nextline.protocol.Protocol.Lsp;
import dev.nextline.protocol.Protocol.Methods;
import dev.nextline.protocol.Protocol.Position;
import dev.nextline.protocol.Protocol.SuggestedEdit;
import dev.nextline.protocol.Protocol.TextEdit;
import dev.nextline.protocol.Protocol.WorkspaceEdit;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The next edit by one key: jumped to, then taken, and on to the one after it. What follows from what was done is the agent's. */
public final class NextEdits {
    /** Where next edits are shown. Called from the agent's thread. */
    public interface View {
        /** The cursor goes to where the edit begins, and the person sees what it would do. */
        void jump(SuggestedEdit edit);

        /** There is none, and why. */
        void none(String why);
    }

    private final Agent agent;
    private final Editor editor;
    private final View view;
    private volatile SuggestedEdit shown;

    public NextEdits(Agent agent, Editor editor, View view) {
        this.agent = agent;
        this.editor = editor;
        this.view = view;
    }

    /** The key was pressed with the cursor at a place. */
    public CompletableFuture<?> go(String uri, Position at, List<Diagnostic> found) {
        SuggestedEdit edit = shown;
        boolean here = edit != null && edit.textDocument().uri().equals(uri) && edit.range().start().equals(at)
                && edit.textDocument().version() == agent.documents().version(uri);
        if (!here) return ask(uri, at, found, true);
        var change = new DocumentChange(List.of(new TextEdit(edit.text(), edit.range())), null, edit.textDocument(), null);
        return editor.apply(new WorkspaceEdit(List.of(change))).thenCompose(result -> {
            if (!result.applied()) {
                view.none(result.failureReason());
                return CompletableFuture.completedFuture(null);
            }
            agent.execute(edit.command().command(), edit.command().arguments());
            return ask(uri, at, found, false);
        });
    }

    /** @param said whether the person wants to know why there is none */
    private CompletableFuture<Object> ask(String uri, Position at, List<Diagnostic> found, boolean said) {
        shown = null;
        var params = new EditSuggestParams(at, new Identifier(uri), found, true, true);
        return agent.request(Methods.EDIT_SUGGEST, params.json()).handle((answer, failure) -> {
            EditSuggestResult result = failure == null ? EditSuggestResult.from(answer) : new EditSuggestResult(Refusal.sentence(failure), List.of(), null);
            if (!result.edits().isEmpty()) {
                shown = result.edits().get(0);
                agent.tell(Lsp.DID_SHOW_INLINE_EDIT, new DidShowInlineEditParams(shown).json());
                view.jump(shown);
            } else if (said) {
                view.none(result.detail());
            }
            return null;
        });
    }
}
