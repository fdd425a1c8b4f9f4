package dev.nextline.tests

import dev.nextline.core.Cursor
import dev.nextline.core.Documents
import dev.nextline.core.fileUri
import dev.nextline.core.offsets
import dev.nextline.core.position
import dev.nextline.protocol.TextEdit
import java.nio.file.Files
import java.nio.file.Path

/**
 * A document as JetBrains' editors have them: `\n` alone ends a line whatever the file has, changes are heard of after they were made, with the
 * old fragment and the new one, and an undo takes back a whole command.
 */
class Buffer(private val documents: Documents, val path: Path, private val language: String = "rust") {
    private class Change(val offset: Int, val old: String, val new: String)

    private val undone = ArrayDeque<List<Change>>()
    private val done = ArrayDeque<List<Change>>()
    private var command: MutableList<Change>? = null

    /** What it called the file's line ends on loading; they come back on saving. */
    private var separator = "\n"
    val uri = fileUri(path.toString())
    var text = load()
        private set
    var caret = 0

    /** Called after each change, with the agent told of it. */
    var onChange: () -> Unit = {}

    private fun load(): String {
        val raw = Files.readString(path)
        separator = if ("\r\n" in raw) "\r\n" else "\n"
        return normal(raw)
    }

    fun open() = documents.opened(uri, language, text)

    fun close() = documents.closed(uri)

    /** Several changes that one undo takes back. */
    fun <T> command(act: () -> T): T {
        val changes = ArrayList<Change>()
        command = changes
        try {
            return act()
        } finally {
            command = null
            if (changes.isNotEmpty()) {
                done.addLast(changes)
                undone.clear()
            }
        }
    }

    fun replace(start: Int, end: Int, new: String) {
        require('\r' !in new) { "a document holds \\n only" }
        val change = Change(start, text.substring(start, end), new)
        if (change.old == new) return
        make(change)
        command?.add(change) ?: run { done.addLast(listOf(change)); undone.clear() }
    }

    private fun make(change: Change) {
        val at = position(text, change.offset)
        text = text.replaceRange(change.offset, change.offset + change.old.length, change.new)
        caret = change.offset + change.new.length
        documents.changed(uri, change.offset, at, change.old, change.new, text)
        onChange()
    }

    fun type(typed: String) = command { replace(caret, caret, typed) }

    /** Letter by letter, as a person does; at once it would be a paste. */
    fun letters(typed: String) = typed.codePoints().forEach { type(Character.toString(it)) }

    fun undo() {
        val changes = done.removeLastOrNull() ?: return
        changes.asReversed().forEach { make(Change(it.offset, it.new, it.old)) }
        undone.addLast(changes)
    }

    fun redo() {
        val changes = undone.removeLastOrNull() ?: return
        changes.forEach { make(it) }
        done.addLast(changes)
    }

    fun apply(edits: List<TextEdit>) = command { for ((start, end, new) in offsets(text, edits)) replace(start, end, new) }

    fun save() {
        // A file holds characters: half of a pair becomes something else in it.
        Files.write(path, text.replace("\n", separator).toByteArray())
        documents.saved(uri)
    }

    /** The file was changed by somebody else: the differing middle is replaced, and there is nothing to undo any more. */
    fun reload() {
        val now = load()
        val before = text.commonPrefixWith(now).length
        val behind = minOf(text.commonSuffixWith(now).length, minOf(text.length, now.length) - before)
        val change = Change(before, text.substring(before, text.length - behind), now.substring(before, now.length - behind))
        if (change.old != change.new) make(change)
        done.clear()
        undone.clear()
    }

    val cursor: Cursor
        get() {
            val at = position(text, caret)
            val start = caret - at.character
            return Cursor(uri, at, text.substring(start, text.indexOf('\n', start).let { if (it < 0) text.length else it }))
        }

    /** Puts the caret behind the first occurrence. */
    fun behind(words: String) {
        caret = text.indexOf(words).also { require(it >= 0) { "no $words in $path" } } + words.length
    }
}

fun normal(text: String) = text.replace("\r\n", "\n").replace('\r', '\n')
