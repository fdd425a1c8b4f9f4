package dev.nextline.core

/** JSON as the bindings take it: maps, lists, strings, booleans, `Long` or `Double`, and `null`. */
object Json {
    fun write(value: Any?): String = StringBuilder().also { write(value, it) }.toString()

    /** Throws `IllegalArgumentException` for what is not JSON. */
    fun read(text: String): Any? = Reader(text).whole()

    private fun write(value: Any?, to: StringBuilder) {
        when (value) {
            null -> to.append("null")
            is CharSequence -> quote(value, to)
            is Boolean, is Number -> to.append(value.toString())
            is Map<*, *> -> {
                to.append('{')
                value.entries.forEachIndexed { index, (name, member) ->
                    if (index > 0) to.append(',')
                    quote(name.toString(), to)
                    to.append(':')
                    write(member, to)
                }
                to.append('}')
            }
            is Iterable<*> -> {
                to.append('[')
                value.forEachIndexed { index, item ->
                    if (index > 0) to.append(',')
                    write(item, to)
                }
                to.append(']')
            }
            else -> throw IllegalArgumentException("no JSON: ${value.javaClass}")
        }
    }

    private fun quote(text: CharSequence, to: StringBuilder) {
        to.append('"')
        for (index in text.indices) {
            val char = text[index]
            when {
                char == '"' || char == '\\' -> to.append('\\').append(char)
                char == '\n' -> to.append("\\n")
                char < ' ' -> to.append("\\u%04x".format(char.code))
                // Half a pair is no character. What stands for it is one UTF-16 unit as well, so that positions stay.
                char.isSurrogate() && !paired(text, index) -> to.append('\uFFFD')
                else -> to.append(char)
            }
        }
        to.append('"')
    }

    private fun paired(text: CharSequence, index: Int): Boolean =
        if (text[index].isHighSurrogate()) index + 1 < text.length && text[index + 1].isLowSurrogate()
        else index > 0 && text[index - 1].isHighSurrogate()

    private class Reader(private val text: String) {
        private var at = 0

        fun whole(): Any? {
            val value = value()
            blanks()
            if (at < text.length) wrong()
            return value
        }

        private fun wrong(): Nothing = throw IllegalArgumentException("not JSON at $at")

        private fun blanks() {
            while (at < text.length && text[at] in " \t\r\n") at++
        }

        private fun peek(): Char {
            blanks()
            return if (at < text.length) text[at] else wrong()
        }

        private fun expect(char: Char) {
            if (peek() != char) wrong()
            at++
        }

        private fun value(): Any? = when (peek()) {
            '{' -> members()
            '[' -> items()
            '"' -> string()
            't' -> word("true", true)
            'f' -> word("false", false)
            'n' -> word("null", null)
            else -> number()
        }

        private fun word(word: String, value: Any?): Any? {
            if (!text.startsWith(word, at)) wrong()
            at += word.length
            return value
        }

        private fun members(): Map<String, Any?> {
            val found = LinkedHashMap<String, Any?>()
            each('{', '}') {
                peek()
                val name = string()
                expect(':')
                found[name] = value()
            }
            return found
        }

        private fun items(): List<Any?> {
            val found = ArrayList<Any?>()
            each('[', ']') { found.add(value()) }
            return found
        }

        private inline fun each(open: Char, close: Char, one: () -> Unit) {
            expect(open)
            if (peek() != close) {
                one()
                while (peek() == ',') {
                    at++
                    one()
                }
            }
            expect(close)
        }

        private fun string(): String {
            expect('"')
            val found = StringBuilder()
            while (true) {
                val char = text.getOrElse(at++) { wrong() }
                if (char == '"') return found.toString()
                found.append(if (char == '\\') escaped() else char)
            }
        }

        private fun escaped(): Char = when (val char = text.getOrElse(at++) { wrong() }) {
            'b' -> '\b'
            'f' -> '\u000c'
            'n' -> '\n'
            'r' -> '\r'
            't' -> '\t'
            'u' -> {
                at += 4
                if (at > text.length) wrong()
                text.substring(at - 4, at).toInt(16).toChar()
            }
            else -> char
        }

        private fun number(): Number {
            val from = at
            while (at < text.length && (text[at].isDigit() || text[at] in "+-.eE")) at++
            val number = text.substring(from, at)
            return number.toLongOrNull() ?: number.toDoubleOrNull() ?: wrong()
        }
    }
}
