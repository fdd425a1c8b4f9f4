package dev.nextline.tests

import dev.nextline.core.Chat
import dev.nextline.core.ChatView
import dev.nextline.core.Cursor
import dev.nextline.core.Edit
import dev.nextline.core.EditView
import dev.nextline.core.Edits
import dev.nextline.core.Ghost
import dev.nextline.core.Json
import dev.nextline.core.NextEdits
import dev.nextline.core.NextView
import dev.nextline.core.Suggestion
import dev.nextline.core.offset
import dev.nextline.core.suggestion
import dev.nextline.protocol.AssertTextParams
import dev.nextline.protocol.ChatPlace
import dev.nextline.protocol.Command
import dev.nextline.protocol.Commands
import dev.nextline.protocol.DocumentParams
import dev.nextline.protocol.EditStartParams
import dev.nextline.protocol.Identifier
import dev.nextline.protocol.InlineCompletionItem
import dev.nextline.protocol.ItemData
import dev.nextline.protocol.Lsp
import dev.nextline.protocol.Methods
import dev.nextline.protocol.Position
import dev.nextline.protocol.Range
import dev.nextline.protocol.SuggestedEdit
import dev.nextline.protocol.Client
import dev.nextline.protocol.Versions
import dev.nextline.protocol.WhyResult
import dev.nextline.protocol.Verbs
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.TimeUnit

/** What a person does, one thing after the other, with the project that tests/tests/jetbrains.rs writes. */
private class Scenes(private val project: Path) {
    private val desk = Desk(project)
    private val agent = desk.agent
    private val ghost = Ghost(agent)
    private val events = CopyOnWriteArrayList<String>()
    private val edits = Edits(agent, desk, object : EditView {
        override fun ready(edit: Edit) {
            events.add("ready ${edit.title}")
        }

        override fun gone(edit: Edit) {
            events.add("gone ${edit.title}")
        }
    })

    fun learnt() {
        until("the project should be learnt") { agent.status?.takeIf { it.local.files > 0 && !it.busy } }
    }

    private fun same(what: String, buffer: Buffer) {
        val params = AssertTextParams(text = buffer.text, textDocument = Identifier(buffer.uri)).json()
        val answer = agent.request(Methods.DEBUG_ASSERT_TEXT, params) { "" }.exceptionally { it.message }
        check("$what: both have the same text", "", answer.get(GUARD, TimeUnit.MILLISECONDS))
    }

    private fun suggestion(buffer: Buffer, invoked: Boolean = false): Suggestion = until("ghost text should come") {
        ghost.ask(buffer.cursor, invoked).get(GUARD, TimeUnit.MILLISECONDS).firstOrNull()
    }

    /** Makes a part of the buffer's text, as the adapter does. */
    private fun take(buffer: Buffer, suggestion: Suggestion, part: String) {
        buffer.type(part)
        ghost.took(suggestion, part)
    }

    fun started() {
        desk.started()
        learnt()
        check("the versions agree", emptyList<String>(), desk.told)
        check("it says its version", true, agent.version.isNotEmpty())
    }

    fun ghost() {
        val buffer = desk.buffer("src/fresh.rs")
        buffer.behind("{\n    ")
        buffer.type("let counter = registry.")
        val whole = "counter(\"requests\");"
        val shown = suggestion(buffer)
        check("ghost text", whole, shown.rest)
        ghost.shown(shown)
        for (letter in "cou") {
            check("$letter is typed through", true, shown.typed(letter.toString()))
            buffer.type(letter.toString())
        }
        check("typed through", whole.drop(3), shown.rest)
        check("another letter does not fit", false, shown.typed("x"))
        check("a word", "nter", shown.word())
        take(buffer, shown, shown.word())
        check("after a word", "(\"requests\");", shown.rest)
        take(buffer, shown, shown.rest)
        check("the line", "    let counter = registry.$whole", buffer.text.lines()[1])
        same("ghost text", buffer)
        buffer.type("\n    counter.")
        val next = suggestion(buffer)
        buffer.type(next.rest)
        ghost.accepted(next)
        check("the next line", "    counter.increment(1);", buffer.text.lines()[2])
        buffer.save()
    }

    /** What an answer is at a cursor, whatever the agent makes of one. */
    fun fits() {
        val line = "    call()"
        val at = Position(character = 9, line = 3)
        fun got(start: Int, end: Int, text: String, row: Int = 3): Suggestion? {
            val range = Range(start = Position(character = start, line = row), end = Position(character = end, line = row))
            val command = Command(arguments = listOf("1"), command = Commands.DID_ACCEPT, title = "")
            return suggestion(Cursor("file:///a", at, line), InlineCompletionItem(command, ItemData("local"), text, range))
        }
        check("what stands before the cursor is not inserted again", "one);", got(4, 9, "call(one);")?.rest)
        check("what it says instead of that is no ghost text", null, got(4, 9, "cell(one);")?.rest)
        check("nothing new is nothing", null, got(4, 9, "call(")?.rest)
        check("another line", null, got(0, 0, "x", row = 4)?.rest)
        check("not at the cursor", null, got(0, 4, "x")?.rest)
        val tail = got(9, 10, "one, two);")!!
        check("what the line has stays in its place", listOf("one, two", ")", ";"), tail.pieces().map { it.text })
        check("and goes once all is there", ")", tail.tail)
        check("which part is there", listOf(false, true, false), tail.pieces().map { it.there })
        check("a tail that is not in the text", listOf("x"), got(9, 10, "x")!!.pieces().map { it.text })
        val some = got(9, 9, "größe \uD834\uDD1E\n  y1 z")!!
        check("words of other tongues, and characters of two units", listOf("größe", " \uD834\uDD1E", "\n  y1"), List(3) { some.word().also(some::typed) })
        check("the last of it is not typed through: nothing is left to show", false, some.typed(" z"))
    }

    /** The agent lost a text: it is sent whole. */
    fun lost() {
        val buffer = desk.buffers.first { it.path.endsWith("fresh.rs") }
        buffer.behind("increment(1);")
        buffer.type(" // \uD83D\uDE00")
        // In the middle of a character.
        val at = buffer.cursor.at.let { Position(character = it.character - 1, line = it.line) }
        agent.documents.changed(buffer.uri, 0, at, "", "", buffer.text)
        val params = AssertTextParams(text = buffer.text, textDocument = Identifier(buffer.uri)).json()
        until("both should have the same text again") {
            agent.request(Methods.DEBUG_ASSERT_TEXT, params) { true }.exceptionally { false }.get(GUARD, TimeUnit.MILLISECONDS).takeIf { it }
        }
    }

    /** More than a line, from a route that the settings name; and text behind the cursor that goes away. */
    fun lines() {
        desk.settings = mapOf("completion.route" to "mock", "completion.fallback" to "none", "completion.multiline" to "always", "completion.throttle_ms" to 0)
        agent.settingsChanged()
        val buffer = desk.buffer("src/lines.rs")
        buffer.behind("fn lines() {\n    ")
        val shown = suggestion(buffer, true)
        check("two lines", "one();\n    two();", shown.rest)
        check("the first line", "one();", shown.line())
        take(buffer, shown, shown.line())
        check("the second line", "\n    two();", shown.line())
        take(buffer, shown, shown.line())
        check("both lines", "fn lines() {\n    one();\n    two();\n}\n", buffer.text)
        same("lines", buffer)
        desk.settings = emptyMap()
        agent.settingsChanged()
    }

    private fun ask(buffer: Buffer, words: String, instruction: String): Edit {
        buffer.behind(words)
        val at = buffer.cursor.at
        val params = EditStartParams(range = Range(start = at, end = at), textDocument = Identifier(buffer.uri), instruction = instruction, verb = Verbs.EDIT)
        return edits.start(params).get(GUARD, TimeUnit.MILLISECONDS)
    }

    private fun made(edit: Edit) = edit.made.get(GUARD, TimeUnit.MILLISECONDS)

    fun accepted() {
        val buffer = desk.buffer("src/sums.rs")
        val before = buffer.text
        val wanted = before.replace("    2", "    1 * 2")
        val edit = ask(buffer, "    2", "add up")
        made(edit)
        check("an edit is previewed", wanted, edit.patched(buffer.text))
        check("and listed", listOf(edit.id), edits.ready().map { it.id })
        check("and not made yet", before, buffer.text)
        check("an edit is accepted", true, edits.accept(edit).get(GUARD, TimeUnit.MILLISECONDS))
        check("an accepted edit is in the text", wanted, buffer.text)
        same("accepted", buffer)
        buffer.undo()
        check("one undo takes it back", before, buffer.text)
        buffer.redo()
        check("and one redo brings it", wanted, buffer.text)
        buffer.save()
        check("the view was told", listOf("ready add up", "gone add up"), events.toList())
    }

    fun next() {
        val buffer = desk.buffer("src/more.rs")
        val other = desk.buffer("src/uses.rs")
        val seen = CopyOnWriteArrayList<String>()
        val next = NextEdits(agent, desk, object : NextView {
            override fun jump(edit: SuggestedEdit) {
                seen.add("${edit.textDocument.uri.substringAfterLast('/')} ${edit.range.start.line} ${edit.text}")
                desk.buffers.first { it.uri == edit.textDocument.uri }.let { it.caret = offset(it.text, edit.range.start) }
            }

            override fun none(why: String) {
                seen.add(why)
            }
        })
        fun go(at: Buffer) = next.go(at.uri, at.cursor.at, emptyList()).get(GUARD, TimeUnit.MILLISECONDS)
        buffer.behind("pub fn all_of_it")
        buffer.letters("_now")
        go(buffer)
        check("the cursor goes to the next edit", listOf("uses.rs 1 all_of_it_now"), seen.toList())
        check("which is not made yet", false, "now" in other.text)
        go(other)
        check("the same key makes it, and goes on", true, "all_of_it_now()" in other.text && seen.last() == "uses.rs 2 all_of_it_now")
        other.caret = 0
        go(other)
        check("elsewhere the key asks anew", "uses.rs 2 all_of_it_now", seen.last())
        go(other)
        check("both are made", "fn uses() {\n    all_of_it_now();\n    all_of_it_now();\n}\n", other.text)
        go(other)
        check("then there is none, and the reason is said", true, seen.last().contains(' ') && !seen.last().startsWith("uses.rs"))
        same("next", other)
    }

    fun rejected() {
        val buffer = desk.buffers.first { it.path.endsWith("sums.rs") }
        val before = buffer.text
        val edit = ask(buffer, "    3", "add nothing")
        made(edit)
        edits.reject(edit).get(GUARD, TimeUnit.MILLISECONDS)
        until("the edit should be gone") { events.find { it == "gone add nothing" } }
        check("a rejected edit leaves the text", before, buffer.text)
        check("and none is ready", 0, edits.ready().size)
    }

    fun cancelled() {
        val buffer = desk.buffers.first { it.path.endsWith("sums.rs") }
        val before = buffer.text
        val edit = ask(buffer, "    3", "take for ever")
        edits.cancel(edit).get(GUARD, TimeUnit.MILLISECONDS)
        made(edit)
        check("a cancelled edit leaves the text", before, buffer.text)
        check("and has no preview", null, edit.preview)
        check("nothing was complained of", emptyList<String>(), desk.told)
    }

    /** What the page of the chat would see. */
    fun chat() {
        val heard = CopyOnWriteArrayList<Map<*, *>>()
        val sums = desk.buffers.first { it.path.endsWith("sums.rs") }
        val chat = Chat(agent, object : ChatView {
            override fun post(message: String) {
                heard.add(Json.read(message) as Map<*, *>)
            }

            override fun place() = ChatPlace(textDocument = Identifier(sums.uri))
            override fun file(name: String) = if (name == "src/sums.rs") sums.uri else null
        })
        fun ask(id: Int, method: String, params: Map<String, Any?>) = chat.received(Json.write(mapOf("jsonrpc" to "2.0", "id" to id, "method" to method, "params" to params)))
        fun answer(id: Int) = until("answer $id") { heard.find { it["id"] == id.toLong() } }
        chat.say("later")
        chat.received("""{"ready": true}""")
        check("the page is told that it may ask", true, heard.any { it["opened"] == true })
        check("and what waits", true, heard.any { it["say"] == "later" })
        ask(1, Lsp.INITIALIZE, emptyMap())
        answer(1)
        ask(2, Methods.CHAT_START, emptyMap())
        val id = (answer(2)["result"] as Map<*, *>)["id"]
        ask(3, Methods.CHAT_SEND, mapOf("id" to id, "text" to "How to add up? @sums.rs"))
        fun said() = heard.filter { it["method"] == Methods.CHAT_EVENT }.mapNotNull { (it["params"] as Map<*, *>)["text"] as String? }.joinToString("")
        until("the first part") { said().takeIf { "First part." in it } }
        check("it is not whole yet", null, heard.find { it["id"] == 3L })
        // The scripted model waits for this file.
        Files.writeString(project.resolveSibling("go-on"), "")
        check("the answer ended well", null, (answer(3)["result"] as Map<*, *>)["error"])
        check("the second part", true, "Second part." in said())
        ask(4, Methods.EDIT_APPLY, mapOf("textDocument" to mapOf("uri" to "src/sums.rs"), "text" to "pub fn two() -> u8 {\n    1 + 1\n}\n"))
        check("a block of the chat becomes an edit", true, (answer(4)["result"] as Map<*, *>)["id"] is String)
        ask(5, Methods.EDIT_APPLY, mapOf("textDocument" to mapOf("uri" to "src/none.rs"), "text" to ""))
        check("a file that is not there is named", true, "src/none.rs" in (answer(5)["error"] as Map<*, *>)["message"].toString())
        ask(6, Lsp.SHUTDOWN, emptyMap())
        check("the page does not end the agent", true, "may not" in (answer(6)["error"] as Map<*, *>)["message"].toString())
    }

    fun excluded() {
        val buffer = desk.buffer(".env", "plaintext")
        buffer.caret = buffer.text.length
        buffer.type("TOKEN=")
        check("no ghost text in .env", 0, ghost.ask(buffer.cursor, true).get(GUARD, TimeUnit.MILLISECONDS).size)
        val why = agent.request(Methods.WHY, DocumentParams(Identifier(buffer.uri)).json(), WhyResult::from).get(GUARD, TimeUnit.MILLISECONDS)
        note("why", "${why.reason}: ${why.detail}")
        buffer.close()
        desk.buffers.remove(buffer)
    }

    fun killed() {
        val buffer = desk.buffers.first { it.path.endsWith("fresh.rs") }
        buffer.behind("increment(1);")
        // Not saved: only the editor has it.
        buffer.type(" // kept")
        val before = agent.process!!
        before.destroyForcibly()
        // Typed while nobody listens.
        buffer.letters(" \uD83D\uDE00 gone on")
        until("another process should run") { agent.process?.takeIf { it.pid() != before.pid() && agent.running } }
        same("killed", buffer)
        for (one in desk.buffers) same("killed: ${one.path.fileName}", one)
        learnt()
        buffer.caret = buffer.text.length
        buffer.letters("\npub fn handle_last(registry: &mut Registry) -> Result<(), Error> {\n    let counter = registry.")
        check("ghost text after a crash", "counter(\"requests\");", suggestion(buffer).rest)
        check("nobody was troubled", emptyList<String>(), desk.told)
        repeat(3) {
            val now = until("a process") { agent.process?.takeIf { agent.running } }
            now.destroyForcibly()
            until<Boolean>("it should end") { true.takeIf { agent.process?.pid() != now.pid() } }
        }
        until("three ends in a row should be told") { desk.told.find { "3 times in a row" in it || "4 times" in it } }
        until("and it is started again") { true.takeIf { agent.running } }
        same("killed often", buffer)
    }

    fun stopped() {
        val process = agent.process!!
        agent.stop()
        check("it ends", false, process.isAlive)
        val said = ghost.ask(desk.buffers.first().cursor, true).handle { _, error -> error?.message }.get()
        check("who asks then hears so", true, said != null)
    }

    fun versions() {
        for ((oldest, newest, word) in listOf(Triple(90, 91, "update the agent"), Triple(0, 0, "update the extension"))) {
            val said = """"newest":${Versions.NEWEST},"oldest":${Versions.OLDEST}"""
            check("the versions are said", true, said in Client.CAPABILITIES)
            val capabilities = Client.CAPABILITIES.replace(said, """"newest":$newest,"oldest":$oldest""")
            val other = Desk(project, capabilities = capabilities).started()
            val answer = until("the versions should be told of") { other.told.firstOrNull() }
            check("version $newest: one sentence", true, answer.endsWith(word) && other.told.size == 1)
            other.agent.stop()
        }
        val answer = """{"jsonrpc":"2.0","id":1,"result":{"capabilities":{}}}"""
        val script = "printf 'Content-Length: ${answer.length}\\r\\n\\r\\n%s' '$answer'; exec cat >/dev/null"
        val old = Desk(project, listOf("sh", "-c", script))
        old.agent.start()
        check("an agent that knows no versions", "the agent is older than this plugin: update the agent", until("a word") { old.told.firstOrNull() })
        old.agent.stop()
        val none = Desk(project, listOf("/nowhere/nextline"))
        none.agent.start()
        check("no agent: one sentence", true, until("a word") { none.told.firstOrNull() }.startsWith("the agent did not start: "))
        none.agent.stop()
    }

    val all: Map<String, () -> Unit> = linkedMapOf(
        "started" to ::started, "ghost" to ::ghost, "fits" to ::fits, "lost" to ::lost, "lines" to ::lines, "accepted" to ::accepted, "rejected" to ::rejected, "cancelled" to ::cancelled, "next" to ::next,
        "chat" to ::chat, "excluded" to ::excluded, "killed" to ::killed, "stopped" to ::stopped, "versions" to ::versions,
    )
}

fun scenes(project: Path, wanted: List<String>) {
    for ((name, scene) in Scenes(project).all) {
        if (wanted.isNotEmpty() && name !in wanted) continue
        try {
            scene()
        } catch (error: Exception) {
            check("$name comes to its end", "", error.toString() + error.stackTrace.take(6).joinToString(" "))
        }
    }
}
