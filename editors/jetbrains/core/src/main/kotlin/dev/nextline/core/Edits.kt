package dev.nextline.core

import dev.nextline.protocol.Commands
import dev.nextline.protocol.EditAcceptParams
import dev.nextline.protocol.EditAppliedResult
import dev.nextline.protocol.EditEvent
import dev.nextline.protocol.EditParams
import dev.nextline.protocol.EditPreview
import dev.nextline.protocol.EditRetryParams
import dev.nextline.protocol.EditStartParams
import dev.nextline.protocol.EditStartResult
import dev.nextline.protocol.Methods
import dev.nextline.protocol.TextEdit
import dev.nextline.protocol.Verbs
import java.util.concurrent.CompletableFuture

/** An edit: asked for, then ready to be looked at, then accepted or not. */
class Edit internal constructor(val id: String, val title: String) {
    /** What it would change, once it is ready. */
    @Volatile
    var preview: EditPreview? = null
        internal set

    /** The model is done with it: it is ready, or came to nothing. */
    val made = CompletableFuture<Unit>()

    /** What the text would be. */
    fun patched(text: CharSequence): String = patched(text, preview?.hunks.orEmpty().map { TextEdit(it.newText, it.range) })
}

/** What becomes of edits, for whoever shows them. Called from the agent's thread. */
interface EditView {
    fun ready(edit: Edit)

    /** It is not there any more: applied, rejected, or failed, which was told. */
    fun gone(edit: Edit)
}

/** Edits: an instruction, the difference that it would make, and the person's yes or no. What is made of it is the agent's. */
class Edits(private val agent: Agent, private val editor: Editor, private val view: EditView) {
    private val edits = LinkedHashMap<String, Edit>()

    /** Events that came before the answer that names their edit. */
    private val early = LinkedHashMap<String, MutableList<EditEvent>>()

    init {
        agent.onEdit.add(::heard)
        agent.onStart.add { synchronized(edits) { edits.keys.toList() }.forEach(::forget) }
    }

    /** Those that can be accepted, the newest last. */
    fun ready(): List<Edit> = synchronized(edits) { edits.values.filter { it.preview != null } }

    fun start(params: EditStartParams): CompletableFuture<Edit> =
        begin(params.instruction?.ifEmpty { null } ?: params.verb ?: Verbs.EDIT, agent.request(Methods.EDIT_START, params.json(), EditStartResult::from))

    /** All of it, or one hunk by its place; true if it is in the document. */
    fun accept(edit: Edit, hunk: Int? = null): CompletableFuture<Boolean> {
        val params = EditAcceptParams(edit.id, hunk?.let { listOf(it.toLong()) })
        return told(agent.request(Methods.EDIT_ACCEPT, params.json(), EditAppliedResult::from).thenApply { result ->
            if (!result.applied) editor.tell(Urgency.WARNING, result.reason ?: "the edit was not applied")
            result.applied
        }, false)
    }

    fun reject(edit: Edit): CompletableFuture<Unit> = told(agent.request(Methods.EDIT_REJECT, EditParams(edit.id).json()) { }, Unit)

    /** Stops one that is not ready yet. */
    fun cancel(edit: Edit): CompletableFuture<Unit> = told(agent.request(Methods.EDIT_CANCEL, EditParams(edit.id).json()) { }, Unit)

    fun retry(edit: Edit, instruction: String): CompletableFuture<Edit> {
        forget(edit.id)
        return begin(instruction, agent.request(Methods.EDIT_RETRY, EditRetryParams(edit.id, instruction).json(), EditStartResult::from))
    }

    /** Takes the last applied edit back; what was typed since stays. */
    fun undo(): CompletableFuture<Any?> = told(agent.execute(Commands.UNDO_EDIT), null)

    private fun begin(title: String, asked: CompletableFuture<EditStartResult>): CompletableFuture<Edit> {
        val begun = asked.thenApply { Edit(it.id, title) }
        begun.whenComplete { edit, error ->
            if (error != null) return@whenComplete say(error)
            val missed = synchronized(edits) {
                edits[edit.id] = edit
                early.remove(edit.id).orEmpty()
            }
            missed.forEach(::heard)
        }
        return begun
    }

    private fun heard(event: EditEvent) {
        val edit = synchronized(edits) {
            edits[event.id] ?: run {
                // One of the chat's, or one whose name is still on its way.
                val events = early.getOrPut(event.id) { ArrayList() }
                events.add(event)
                if (events.size > EARLY) events.removeAt(0)
                if (early.size > EARLY) early.remove(early.keys.first())
                null
            }
        } ?: return
        when (event) {
            is EditEvent.Progress, is EditEvent.Context, is EditEvent.Again -> return
            is EditEvent.Ready -> {
                edit.preview = event.preview
                if (event.preview.newErrors > 0) editor.tell(Urgency.WARNING, "the edit would bring ${event.preview.newErrors} more syntax errors")
                view.ready(edit)
            }
            else -> {
                if (event is EditEvent.Failed) editor.tell(Urgency.ERROR, event.message)
                forget(edit.id)
            }
        }
        edit.made.complete(Unit)
    }

    private fun forget(id: String) {
        val edit = synchronized(edits) { edits.remove(id) } ?: return
        edit.made.complete(Unit)
        view.gone(edit)
    }

    /** What went wrong is said, and `instead` comes in its place. */
    private fun <T> told(asked: CompletableFuture<T>, instead: T): CompletableFuture<T> =
        asked.exceptionally { error ->
            say(error)
            instead
        }

    private fun say(error: Throwable) = editor.tell(Urgency.ERROR, (error.cause ?: error).message ?: error.toString())

    private companion object {
        const val EARLY = 32
    }
}
