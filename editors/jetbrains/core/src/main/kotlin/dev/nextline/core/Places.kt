package dev.nextline.core

import dev.nextline.protocol.Position
import dev.nextline.protocol.TextEdit
import dev.nextline.protocol.WorkspaceEdit
import java.net.URI

/** What `workspace/applyEdit` wants of one document. `version` is what the edits are for, where it is said. */
data class DocumentEdit(val uri: String, val version: Long?, val edits: List<TextEdit>, val create: Boolean)

/** Where an offset in UTF-16 units is. */
fun position(text: CharSequence, offset: Int): Position {
    val before = text.subSequence(0, offset)
    return Position(line = before.count { it == '\n' }, character = offset - 1 - before.lastIndexOf('\n'))
}

/** The offset of a position; one behind the end of its line is the line's end. */
fun offset(text: CharSequence, at: Position): Int {
    var start = 0
    repeat(at.line) {
        val next = text.indexOf('\n', start)
        if (next < 0) return text.length
        start = next + 1
    }
    val end = text.indexOf('\n', start).let { if (it < 0) text.length else it }
    return minOf(start + at.character, end)
}

/** The edits as offsets, the last one first, so that each can be made without moving the others. */
fun offsets(text: CharSequence, edits: List<TextEdit>): List<Triple<Int, Int, String>> =
    edits.map { Triple(offset(text, it.range.start), offset(text, it.range.end), it.newText.replace("\r\n", "\n").replace('\r', '\n')) }
        .withIndex().sortedWith(compareByDescending<IndexedValue<Triple<Int, Int, String>>> { it.value.first }.thenByDescending { it.index })
        .map { it.value }

fun patched(text: CharSequence, edits: List<TextEdit>): String {
    val patched = StringBuilder(text)
    for ((start, end, new) in offsets(text, edits)) patched.replace(start, end, new)
    return patched.toString()
}

/** LSP's edit by documents; one that is to be created is the one of the edits that follow. */
fun documentEdits(edit: WorkspaceEdit): List<DocumentEdit> {
    val found = LinkedHashMap<String, DocumentEdit>()
    for (change in edit.documentChanges) {
        val uri = change.textDocument?.uri ?: change.uri ?: continue
        val before = found[uri]
        val edits = before?.edits.orEmpty() + change.edits.orEmpty()
        found[uri] = DocumentEdit(uri, change.textDocument?.version, edits, before?.create ?: (change.kind != null))
    }
    return found.values.toList()
}

/** The URI of a path with `/` between its parts. */
fun fileUri(path: String): String = URI("file", "", if (path.startsWith("/")) path else "/$path", null).toASCIIString()

/** The path of a `file:` URI, with `/` between its parts; `null` for another URI. */
fun filePath(uri: String): String? {
    val path = URI(uri).takeIf { it.scheme == "file" }?.path ?: return null
    return if (Regex("/[A-Za-z]:.*").matches(path)) path.substring(1) else path
}
