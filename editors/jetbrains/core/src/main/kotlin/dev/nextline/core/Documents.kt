package dev.nextline.core

import dev.nextline.protocol.Change
import dev.nextline.protocol.DidChangeParams
import dev.nextline.protocol.DidOpenParams
import dev.nextline.protocol.DocumentParams
import dev.nextline.protocol.Identifier
import dev.nextline.protocol.Item
import dev.nextline.protocol.Methods
import dev.nextline.protocol.Position
import dev.nextline.protocol.Range

/**
 * The open documents. Whatever happens to the agent, the editor's text is the truth: the last one is kept, a new process gets all of them.
 *
 * Texts are those of JetBrains' documents: `\n` ends a line whatever the file has. They must not change once they were handed over
 * (`Document.immutableCharSequence`).
 */
class Documents {
    private class Open(val language: String, var text: CharSequence) {
        var version = 1L
    }

    private val open = LinkedHashMap<String, Open>()
    private var wire: Wire? = null

    /** A new process: it gets every document as it is. */
    @Synchronized
    internal fun connected(to: Wire) {
        wire = to
        for ((uri, document) in open) sendOpen(uri, document)
    }

    @Synchronized
    internal fun disconnected() {
        wire = null
    }

    @Synchronized
    fun opened(uri: String, language: String, text: CharSequence) {
        val known = open[uri]
        if (known != null) return resync(uri)
        val document = Open(language, text)
        open[uri] = document
        sendOpen(uri, document)
    }

    /**
     * `new` came in the place of `old` at `at`; `after` is the whole text with it. Called in the order of the changes, from whichever
     * thread makes them, and returns at once.
     *
     * @param offset where it begins, in UTF-16 units
     * @param at the same place as line and column
     */
    @Synchronized
    fun changed(uri: String, offset: Int, at: Position, old: CharSequence, new: CharSequence, after: CharSequence) {
        val document = open[uri] ?: return
        document.text = after
        document.version += 1
        if (wire == null) return
        // A pair of surrogates goes whole: half of one is no character for the other side.
        val before = offset > 0 && after[offset - 1].isHighSurrogate()
        val end = offset + new.length
        val behind = end < after.length && after[end].isLowSurrogate()
        val from = if (before) offset - 1 else offset
        val to = if (behind) end + 1 else end
        val start = if (before) Position(character = at.character - 1, line = at.line) else at
        val stop = through(at, old).let { if (behind) Position(character = it.character + 1, line = it.line) else it }
        sendChange(uri, document, Change(text = after.subSequence(from, to).toString(), range = Range(start = start, end = stop)))
    }

    @Synchronized
    fun saved(uri: String) {
        if (uri in open) wire?.notify(Methods.DID_SAVE, DocumentParams(Identifier(uri)).json())
    }

    @Synchronized
    fun closed(uri: String) {
        if (open.remove(uri) != null) wire?.notify(Methods.DID_CLOSE, DocumentParams(Identifier(uri)).json())
    }

    /** The agent doubts its text: it gets the whole one. */
    @Synchronized
    internal fun resync(uri: String) {
        val document = open[uri] ?: return
        document.version += 1
        sendChange(uri, document, Change(text = document.text.toString()))
    }

    /** Which text of a document this is; `null` for one that is not open. */
    @Synchronized
    fun version(uri: String): Long? = open[uri]?.version

    @Synchronized
    fun text(uri: String): CharSequence? = open[uri]?.text

    private fun sendOpen(uri: String, document: Open) {
        val item = Item(text = document.text.toString(), uri = uri, languageId = document.language, version = document.version)
        wire?.notify(Methods.DID_OPEN, DidOpenParams(item).json())
    }

    private fun sendChange(uri: String, document: Open, change: Change) {
        val params = DidChangeParams(contentChanges = listOf(change), textDocument = Identifier(uri, document.version))
        wire?.notify(Methods.DID_CHANGE, params.json())
    }
}

/** The place behind a text that begins at `at`. */
internal fun through(at: Position, text: CharSequence): Position {
    val last = text.lastIndexOf('\n')
    if (last < 0) return Position(character = at.character + text.length, line = at.line)
    return Position(character = text.length - last - 1, line = at.line + text.count { it == '\n' })
}
