package dev.nextline.core

import dev.nextline.protocol.ChatEvent
import dev.nextline.protocol.ChatPlace
import dev.nextline.protocol.ChatSendParams
import dev.nextline.protocol.Client
import dev.nextline.protocol.Codes
import dev.nextline.protocol.DocumentParams
import dev.nextline.protocol.EditEvent
import dev.nextline.protocol.Fault
import dev.nextline.protocol.Identifier
import dev.nextline.protocol.Lsp
import dev.nextline.protocol.Methods
import dev.nextline.protocol.Status
import java.util.concurrent.CancellationException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import java.util.concurrent.ConcurrentHashMap

/** What the chat's page needs from the editor. */
interface ChatView {
    /** Hands a message to the page: JSON. */
    fun post(message: String)

    /** Where the person is. */
    fun place(): ChatPlace

    /** The URI of the file that a person names by its path, opened so that the agent knows its text; `null` if there is none. */
    fun file(name: String): String?
}

/**
 * The other end of the chat's page, which is that of `nextline serve`. The page speaks JSON-RPC; this passes it on to the agent's process and
 * adds what only the editor knows: the document in front, its selection and its diagnostics.
 */
class Chat(private val agent: Agent, private val view: ChatView) : AutoCloseable {
    private val asked = ConcurrentHashMap<Any, CompletableFuture<*>>()
    private var ready = false

    /** What waits for the page to be there. */
    private var question: String? = null

    private val said = { event: ChatEvent -> post(Methods.CHAT_EVENT, event.json()) }
    private val edited = { event: EditEvent -> post(Methods.EDIT_EVENT, event.json()) }
    private val stands = { status: Status? -> if (status != null) post(Methods.STATUS, status.json()) else post(mapOf("closed" to agent.trouble)) }
    private val started = { post(mapOf("opened" to true)) }

    init {
        agent.onChat.add(said)
        agent.onEdit.add(edited)
        agent.onStatus.add(stands)
        agent.onStart.add(started)
    }

    override fun close() {
        agent.onChat.remove(said)
        agent.onEdit.remove(edited)
        agent.onStatus.remove(stands)
        agent.onStart.remove(started)
    }

    /** Asks this as soon as somebody can answer. */
    @Synchronized
    fun say(text: String) {
        question = text
        if (ready) post(mapOf("say" to text))
    }

    /** A message of the page: JSON. */
    fun received(message: String) {
        val json = Json.read(message) as? Map<*, *> ?: return
        val method = json["method"] as String?
        val id = json["id"]
        val params = json["params"] as? Map<*, *> ?: emptyMap<String, Any?>()
        when {
            json["ready"] == true -> opened()
            json["said"] == true -> synchronized(this) { question = null }
            method == Lsp.CANCEL_REQUEST -> params["id"]?.let { asked[it]?.cancel(true) }
            method != null && id != null -> answer(id, method, members(params))
        }
    }

    @Synchronized
    private fun opened() {
        ready = true
        if (agent.running) post(mapOf("opened" to true))
        question?.let { post(mapOf("say" to it)) }
    }

    private fun answer(id: Any, method: String, params: Map<String, Any?>) {
        val answer = try {
            ask(method, params)
        } catch (wrong: IllegalArgumentException) {
            CompletableFuture.failedFuture(wrong)
        }
        asked[id] = answer
        answer.whenComplete { result, error ->
            asked.remove(id)
            val outcome = if (error == null) "result" to result else "error" to fault(error)
            post(mapOf("jsonrpc" to "2.0", "id" to id, outcome))
        }
    }

    private fun ask(method: String, params: Map<String, Any?>): CompletableFuture<Any?> = when (method) {
        Lsp.INITIALIZE -> CompletableFuture.completedFuture(emptyMap<String, Any>())
        Methods.CHAT_SEND -> agent.request(method, ChatSendParams.from(params).copy(place = view.place()).json()) { it }
        Methods.EDIT_APPLY, Methods.EDIT_START -> {
            val name = DocumentParams.from(params).textDocument.uri
            val uri = requireNotNull(view.file(name)) { "there is no file $name in the open projects" }
            agent.request(method, params + DocumentParams(Identifier(uri)).json()) { it }
        }
        else -> {
            require(method.startsWith(Client.OURS)) { "the page may not ask for $method" }
            agent.request(method, params) { it }
        }
    }

    private fun fault(error: Throwable): Map<String, Any?> {
        val cause = if (error is CompletionException) error.cause ?: error else error
        if (cause is Refusal) return cause.fault.json()
        val code = if (cause is CancellationException) Codes.REQUEST_CANCELLED else Codes.REQUEST_FAILED
        return Fault(code.toLong(), cause.message ?: "it was stopped").json()
    }

    private fun post(method: String, params: Map<String, Any?>) = post(mapOf("jsonrpc" to "2.0", "method" to method, "params" to params))

    private fun post(message: Map<String, Any?>) = view.post(Json.write(message))

    private fun members(json: Map<*, *>): Map<String, Any?> = json.entries.associate { (name, value) -> name as String to value }
}
