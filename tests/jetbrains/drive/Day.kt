package dev.nextline.tests

import dev.nextline.core.Agent
import dev.nextline.protocol.AssertTextParams
import dev.nextline.protocol.Identifier
import dev.nextline.protocol.Methods
import java.nio.file.Files
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.random.Random

/** A day of edits by a seed. After each the agent must have the very text. */
class Day(private val agent: Agent, private val buffers: List<Buffer>, seed: Long) {
    private val random = Random(seed)
    private val asked = ArrayDeque<CompletableFuture<String?>>()
    private val kinds = LinkedHashMap<String, Int>()
    private var buffer = buffers.first()
    private var clipboard = "let x = 1;\n    y(\uD83D\uDE00);\n"
    var edits = 0
        private set
    var divergences = 0
        private set

    /** What the first divergence was. */
    var first = ""
        private set

    fun live(wanted: Int): Map<String, Int> {
        for (one in buffers) one.onChange = { compare(one) }
        while (edits < wanted) act()
        for (one in buffers) one.onChange = {}
        while (asked.isNotEmpty()) settle()
        return kinds
    }

    private fun compare(of: Buffer) {
        edits += 1
        val params = AssertTextParams(text = of.text, textDocument = Identifier(of.uri)).json()
        asked.addLast(agent.request(Methods.DEBUG_ASSERT_TEXT, params) { null as String? }.exceptionally { it.message })
        if (asked.size > 200) settle()
    }

    private fun settle() {
        val said = asked.removeFirst().get(60, TimeUnit.SECONDS) ?: return
        if (divergences++ == 0) first = "after edit $edits: $said"
    }

    private fun act() {
        kinds.merge(kind(), 1, Int::plus)
    }

    private fun kind(): String = with(buffer) {
        if (text.length > LONG) return delete(text.length / 2).let { "cut" }
        when (random.nextInt(100)) {
            in 0..54 -> typed().let { "typed" }
            in 55..66 -> erased().let { "erased" }
            in 67..71 -> delete(40).let { "deleted" }
            in 72..76 -> pasted().let { "pasted" }
            in 77..82 -> repeat(1 + random.nextInt(4)) { undo() }.let { "undone" }
            in 83..86 -> repeat(1 + random.nextInt(4)) { redo() }.let { "redone" }
            in 87..90 -> carets().let { "many carets" }
            in 91..92 -> halves().let { "half a pair" }
            in 93..95 -> switched().let { "switched" }
            in 96..97 -> save().let { "saved" }
            98 -> reloaded().let { "reloaded" }
            else -> replace(0, text.length, text.lines().reversed().joinToString("\n")).let { "whole" }
        }
    }

    private fun place(): Int = random.nextInt(buffer.text.length + 1)

    private fun typed() {
        if (random.nextInt(12) == 0) buffer.caret = place()
        repeat(1 + random.nextInt(8)) { buffer.type(WORDS[random.nextInt(WORDS.size)]) }
    }

    /** Backspace takes a whole character. */
    private fun erased() = repeat(1 + random.nextInt(5)) {
        val end = buffer.caret
        if (end > 0) buffer.replace(buffer.text.offsetByCodePoints(end, -1), end, "")
    }

    private fun delete(length: Int) {
        val start = place()
        val end = minOf(start + 1 + random.nextInt(maxOf(length, 1)), buffer.text.length)
        clipboard = buffer.text.substring(start, end).ifEmpty { clipboard }
        buffer.replace(start, end, "")
    }

    /** What other programs put on the clipboard may have any line ends; the editor brings them into its own. */
    private fun pasted() {
        val start = place()
        val end = minOf(start + random.nextInt(10), buffer.text.length)
        buffer.replace(start, end, normal(if (random.nextBoolean()) clipboard.replace("\n", "\r\n") else clipboard))
    }

    private fun carets() = buffer.command {
        val places = List(2 + random.nextInt(4)) { place() }.distinct().sortedDescending()
        val typed = WORDS[random.nextInt(WORDS.size)]
        for (one in places) buffer.replace(one, one, typed)
    }

    /** A program, not a person, may put something between the halves of a pair, or take one of them. */
    private fun halves() {
        val high = buffer.text.indices.filter { buffer.text[it].isHighSurrogate() }
        if (high.isEmpty()) return buffer.type("\uD83D\uDE00")
        val one = high[random.nextInt(high.size)]
        when (random.nextInt(4)) {
            0 -> buffer.replace(one, one + 1, "")
            1 -> buffer.replace(one + 1, minOf(one + 2, buffer.text.length), "")
            2 -> buffer.replace(one + 1, one + 1, "\uDE00")
            else -> buffer.replace(one + 1, one + 1, "x")
        }
    }

    private fun switched() {
        if (random.nextInt(3) == 0) {
            buffer.close()
            buffer.open()
        }
        buffer = buffers[random.nextInt(buffers.size)]
    }

    private fun reloaded() {
        val lines = buffer.text.lines().toMutableList()
        lines.add(random.nextInt(lines.size + 1), "// from outside \uD834\uDD1E")
        val ends = if (random.nextBoolean()) "\r\n" else "\n"
        Files.write(buffer.path, lines.joinToString(ends).toByteArray())
        buffer.reload()
    }

    private companion object {
        /** UTF-16 units above which half of a text is cut. */
        const val LONG = 6000

        val WORDS = listOf(
            "a", "e", " ", "\n", "\n    ", "let ", "self.", "(", ")", "{", "}", ";\n", "é", "e\u0301", "ß", "漢字", "\uD83D\uDE00",
            "\uD834\uDD1E", "\uD83D\uDC69\u200D\uD83D\uDCBB", "\t", "\"", "\\", "\u2028", "\u0085", "fn f() {\n}\n", "\u0000", "\u000c",
        )
    }
}
