package dev.nextline.core

import dev.nextline.protocol.DidPartiallyAcceptParams
import dev.nextline.protocol.DidShowParams
import dev.nextline.protocol.Identifier
import dev.nextline.protocol.InlineCompletionContext
import dev.nextline.protocol.InlineCompletionItem
import dev.nextline.protocol.InlineCompletionList
import dev.nextline.protocol.InlineCompletionParams
import dev.nextline.protocol.Methods
import dev.nextline.protocol.Position
import dev.nextline.protocol.SelectedCompletionInfo
import dev.nextline.protocol.Triggers
import java.util.concurrent.CompletableFuture

/** Where ghost text is asked for. */
class Cursor(
    val uri: String,
    val at: Position,
    /** The text of its line. */
    val line: CharSequence,
)

/** A part of ghost text; `there` is what the line has behind the cursor already. */
data class Piece(val text: String, val there: Boolean)

/** Ghost text, and how much of it stands before the cursor. */
class Suggestion internal constructor(val uri: String, val item: InlineCompletionItem, private var taken: Int, val tail: String) {
    private val text = item.insertText.replace("\r\n", "\n")

    /** What is left to insert. */
    val rest: String get() = text.substring(taken)

    /** UTF-16 units of the item's text that stand before the cursor. */
    val length: Int get() = taken

    /** The rest in parts: what the line already has goes away when all of it is taken, or stands in its place. */
    fun pieces(): List<Piece> {
        val at = if (tail.isEmpty()) -1 else rest.lastIndexOf(tail)
        if (at < 0) return listOf(Piece(rest, false))
        return listOf(Piece(rest.substring(0, at), false), Piece(tail, true), Piece(rest.substring(at + tail.length), false)).filter { it.text.isNotEmpty() }
    }

    /** The next word with the blanks before it. */
    fun word(): String = WORD.find(rest)?.value ?: rest

    /** The next line; with the end of the one before, if that is complete. */
    fun line(): String = LINE.find(rest)?.value ?: rest

    /** Goes on behind what was typed; false, and unchanged, where that is something else, or all of it. */
    fun typed(typed: CharSequence): Boolean {
        val fits = rest.length > typed.length && rest.startsWith(typed.toString())
        if (fits) taken += typed.length
        return fits
    }

    internal fun take(part: String) {
        require(rest.startsWith(part))
        taken += part.length
    }

    private companion object {
        val WORD = Regex("""^\s*(?:[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]+)""")
        val LINE = Regex("""^\n?[^\n]*""")
    }
}

/** Asks for ghost text and tells the agent what became of it. */
class Ghost(private val agent: Agent) {
    /** What fits the cursor, the best first; empty where the text has changed meanwhile. Cancelling it cancels the request. */
    fun ask(cursor: Cursor, invoked: Boolean, selected: SelectedCompletionInfo? = null): CompletableFuture<List<Suggestion>> {
        val version = agent.documents.version(cursor.uri) ?: return CompletableFuture.completedFuture(emptyList())
        val context = InlineCompletionContext(selected, if (invoked) Triggers.INVOKED else Triggers.AUTOMATIC)
        val params = InlineCompletionParams(position = cursor.at, textDocument = Identifier(cursor.uri), context = context)
        return agent.request(Methods.INLINE_COMPLETION, params.json()) { answer ->
            val items = if (answer == null) emptyList() else InlineCompletionList.from(answer).items
            val current = agent.documents.version(cursor.uri) == version
            if (current) items.mapNotNull { suggestion(cursor, it) } else emptyList()
        }
    }

    fun shown(suggestion: Suggestion) = agent.notify(Methods.DID_SHOW_COMPLETION, DidShowParams(suggestion.item).json())

    /** A part was taken, the next word or line; the last part takes all. */
    fun took(suggestion: Suggestion, part: String) {
        suggestion.take(part)
        if (suggestion.rest.isEmpty()) return accepted(suggestion)
        agent.notify(Methods.DID_PARTIALLY_ACCEPT_COMPLETION, DidPartiallyAcceptParams(suggestion.length, suggestion.item).json())
    }

    fun accepted(suggestion: Suggestion) {
        agent.execute(suggestion.item.command.command, *suggestion.item.command.arguments.toTypedArray())
    }
}

/** `null` for what is no ghost text at the cursor: a range of other lines, or a text that does not go on from what stands there. */
internal fun suggestion(cursor: Cursor, item: InlineCompletionItem): Suggestion? {
    val (start, end) = item.range.start to item.range.end
    if (start.line != cursor.at.line || end.line != cursor.at.line) return null
    if (cursor.at.character !in start.character..end.character || end.character > cursor.line.length) return null
    val before = cursor.line.subSequence(start.character, cursor.at.character)
    val tail = cursor.line.subSequence(cursor.at.character, end.character).toString()
    if (!item.insertText.startsWith(before) || item.insertText.length == before.length) return null
    return Suggestion(cursor.uri, item, before.length, tail)
}
