package dev.nextline.tests

import com.sun.net.httpserver.HttpServer
import dev.nextline.core.Agent
import dev.nextline.core.Chat
import dev.nextline.core.ChatView
import dev.nextline.core.DocumentEdit
import dev.nextline.core.Editor
import dev.nextline.core.Json
import dev.nextline.core.Launch
import dev.nextline.core.Page
import dev.nextline.core.PageFile
import dev.nextline.core.Urgency
import dev.nextline.core.sections
import dev.nextline.core.fileUri
import dev.nextline.protocol.ChatPlace
import dev.nextline.protocol.Identifier
import dev.nextline.protocol.Client
import dev.nextline.protocol.PeerInfo
import java.net.InetAddress
import java.net.InetSocketAddress
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CopyOnWriteArrayList

/** Longest wait for what must come, in ms: a guard against hangs. */
const val GUARD = 60_000L

/** One row of the report. */
fun tell(row: Map<String, Any?>) = println(Json.write(row))

fun check(name: String, want: Any?, got: Any?) = tell(mapOf("check" to name, "want" to want, "got" to got))

fun note(name: String, value: Any?) = tell(mapOf("note" to name, "value" to value))

/** Asks until there is an answer. */
fun <T : Any> until(what: String, ask: () -> T?): T {
    val end = System.currentTimeMillis() + GUARD
    while (true) {
        ask()?.let { return it }
        check(System.currentTimeMillis() < end) { "waited in vain: $what" }
        Thread.sleep(10)
    }
}

/** An editor with its buffers, and all that it was told. */
class Desk(val project: Path, command: List<String> = listOf(AGENT, "lsp"), capabilities: String = Client.CAPABILITIES) : Editor {
    val told = CopyOnWriteArrayList<String>()
    val buffers = ArrayList<Buffer>()
    @Volatile
    var settings: Map<String, Any?> = emptyMap()

    /** Waits are shorter than a person's. */
    val agent = Agent(this, { Launch(command) }, capabilities, listOf(0L, 10, 10))
    override val name = PeerInfo("Drive", "1")

    override fun settings() = sections(settings)

    override fun folders() = mapOf(fileUri(project.toString()) to "project")

    override fun apply(edits: List<DocumentEdit>): CompletableFuture<String?> = CompletableFuture.supplyAsync {
        for (edit in edits) {
            val buffer = buffers.find { it.uri == edit.uri } ?: return@supplyAsync "${edit.uri} is not open"
            if (edit.version != null && edit.version != agent.documents.version(edit.uri)) return@supplyAsync "the text has changed"
            buffer.apply(edit.edits)
        }
        null
    }

    override fun choose(message: String, choices: List<String>): CompletableFuture<String?> = CompletableFuture.completedFuture(null)

    override fun tell(urgency: Urgency, message: String) {
        told.add(message)
    }

    override fun log(line: String) = System.err.println(line)

    fun buffer(name: String, language: String = "rust") = Buffer(agent.documents, project.resolve(name), language).also {
        it.open()
        buffers.add(it)
    }

    fun started(): Desk {
        agent.start()
        until("the agent should run") { agent.status }
        return this
    }
}

val AGENT: String = System.getenv("AGENT")

fun main(arguments: Array<String>) {
    val project = Path.of(arguments[1])
    when (arguments[0]) {
        "day" -> day(project, arguments[2].toLong(), arguments[3].toInt())
        "scenes" -> scenes(project, arguments.drop(2))
        "page" -> page(project)
    }
    tell(mapOf("done" to true))
}

/** The chat's page at an address, and its messages as lines: what the chat hands to it goes to standard output, what it says comes by standard input. */
private fun page(project: Path) {
    val desk = Desk(project).started()
    val sums = desk.buffer("src/sums.rs")
    val chat = Chat(desk.agent, object : ChatView {
        override fun post(message: String) = tell(mapOf("post" to message))
        override fun place() = ChatPlace(textDocument = Identifier(sums.uri))
        override fun file(name: String) = sums.uri.takeIf { name == "src/sums.rs" }
    })
    val files = Page { ":root { --page: #123456; }" }
    val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
    server.createContext("/") { exchange ->
        val file = files.file(exchange.requestURI.path.removePrefix("/"))
        exchange.responseHeaders.set("Content-Type", file?.type ?: "text/plain")
        exchange.responseHeaders.set("Content-Security-Policy", PageFile.POLICY)
        exchange.sendResponseHeaders(if (file == null) 404 else 200, file?.text?.size?.toLong() ?: -1)
        exchange.responseBody.use { if (file != null) it.write(file.text) }
    }
    server.start()
    tell(mapOf("address" to "http://127.0.0.1:${server.address.port}/"))
    chat.say("How to add up? @sums.rs")
    generateSequence(::readlnOrNull).forEach(chat::received)
    note("sums", sums.text)
    server.stop(0)
    desk.agent.stop()
}

private fun day(project: Path, seed: Long, edits: Int) {
    val desk = Desk(project).started()
    val buffers = listOf("src/lib.rs", "src/windows.rs", "src/sums.rs").map { desk.buffer(it) }
    val day = Day(desk.agent, buffers, seed)
    note("kinds", day.live(edits))
    note("edits", day.edits)
    check("divergences, of seed $seed", 0, day.divergences)
    check("the first divergence", "", day.first)
    desk.agent.stop()
}
