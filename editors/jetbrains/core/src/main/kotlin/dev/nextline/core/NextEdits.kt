package dev.nextline.core

import dev.nextline.protocol.Diagnostic
import dev.nextline.protocol.DidShowInlineEditParams
import dev.nextline.protocol.EditSuggestParams
import dev.nextline.protocol.EditSuggestResult
import dev.nextline.protocol.Identifier
import dev.nextline.protocol.Lsp
import dev.nextline.protocol.Methods
import dev.nextline.protocol.Position
import dev.nextline.protocol.SuggestedEdit
import dev.nextline.protocol.TextEdit
import java.util.concurrent.CompletableFuture

/** Where next edits are shown. Called from the agent's thread. */
interface NextView {
    /** The cursor goes to where the edit begins, and the person sees what it would do. */
    fun jump(edit: SuggestedEdit)

    /** There is none, and why. */
    fun none(why: String)
}

/** The next edit by one key: jumped to, then taken, and on to the one after it. What follows from what was done is the agent's. */
class NextEdits(private val agent: Agent, private val editor: Editor, private val view: NextView) {
    @Volatile
    private var shown: SuggestedEdit? = null

    /** The key was pressed with the cursor at a place. */
    fun go(uri: String, at: Position, found: List<Diagnostic>): CompletableFuture<Unit> {
        val edit = shown?.takeIf { it.textDocument.uri == uri && it.range.start == at && it.textDocument.version == agent.documents.version(uri) }
            ?: return ask(uri, at, found, true)
        val change = DocumentEdit(uri, edit.textDocument.version, listOf(TextEdit(edit.text, edit.range)), false)
        return editor.apply(listOf(change)).thenCompose { refused ->
            if (refused != null) return@thenCompose CompletableFuture.completedFuture(view.none(refused))
            agent.execute(edit.command.command, *edit.command.arguments.toTypedArray())
            ask(uri, through(at, edit.text), found, false)
        }
    }

    /** @param said whether the person wants to know why there is none */
    private fun ask(uri: String, at: Position, found: List<Diagnostic>, said: Boolean): CompletableFuture<Unit> {
        shown = null
        val params = EditSuggestParams(position = at, textDocument = Identifier(uri), diagnostics = found, invoked = true, others = true)
        return agent.request(Methods.EDIT_SUGGEST, params.json(), EditSuggestResult::from).handle { result, error ->
            val edit = result?.edits?.firstOrNull()
            if (edit != null) {
                shown = edit
                agent.notify(Lsp.DID_SHOW_INLINE_EDIT, DidShowInlineEditParams(edit).json())
                view.jump(edit)
            } else if (said) {
                view.none(result?.detail ?: error.message.orEmpty())
            }
        }
    }
}
