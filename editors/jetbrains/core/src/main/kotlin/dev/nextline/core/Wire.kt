package dev.nextline.core

import dev.nextline.protocol.CancelParams
import dev.nextline.protocol.Codes
import dev.nextline.protocol.Fault
import dev.nextline.protocol.Lsp
import java.io.BufferedInputStream
import java.io.EOFException
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.atomic.AtomicLong
import kotlin.concurrent.thread

/** What the agent answered in the place of a result; its message is a sentence for people. */
class Refusal(val fault: Fault) : Exception(fault.message)

/** The other direction: what the agent says and asks. All of it comes from one thread, in the wire's order. */
interface Heard {
    fun notified(method: String, params: Any?)

    /** `null` for a method that nobody here knows. */
    fun asked(method: String, params: Any?): CompletableFuture<out Any?>?

    /** The agent's output ended. */
    fun closed()
}

/** JSON-RPC over a pair of streams. Sending never waits for the other side. */
class Wire(private val input: InputStream, private val output: OutputStream, private val heard: Heard) {
    private val ids = AtomicLong()
    private val open = ConcurrentHashMap<Long, Asked<*>>()
    private val outbox = LinkedBlockingQueue<ByteArray>()
    @Volatile
    private var ended = false

    /** The answer to a request; cancelling it tells the agent. */
    inner class Asked<T>(private val id: Long, private val read: (Any?) -> T) : CompletableFuture<T>() {
        override fun cancel(mayInterrupt: Boolean): Boolean {
            if (open.remove(id) != null) notify(Lsp.CANCEL_REQUEST, CancelParams(id).json())
            return super.cancel(mayInterrupt)
        }

        internal fun settle(message: Map<*, *>) {
            val error = message["error"]
            if (error != null) completeExceptionally(Refusal(Fault.from(error)))
            else try {
                complete(read(message["result"]))
            } catch (wrong: RuntimeException) {
                completeExceptionally(wrong)
            }
        }
    }

    fun start() {
        thread(name = "nextline reader", isDaemon = true) { receive() }
        thread(name = "nextline writer", isDaemon = true) { write() }
    }

    fun <T> request(method: String, params: Any?, read: (Any?) -> T): Asked<T> {
        val id = ids.incrementAndGet()
        val asked = Asked(id, read)
        open[id] = asked
        send(mapOf("jsonrpc" to "2.0", "id" to id, "method" to method, "params" to params))
        if (ended) lost()
        return asked
    }

    fun notify(method: String, params: Any?) = send(mapOf("jsonrpc" to "2.0", "method" to method, "params" to params))

    private fun send(message: Map<String, Any?>) {
        outbox.add(Json.write(message).toByteArray())
    }

    private fun write() {
        try {
            while (true) {
                val body = outbox.take()
                output.write("Content-Length: ${body.size}\r\n\r\n".toByteArray())
                output.write(body)
                if (outbox.isEmpty()) output.flush()
            }
        } catch (_: IOException) {
            // The reader sees the end as well.
        } catch (_: InterruptedException) {
        }
    }

    private fun receive() {
        val from = BufferedInputStream(input, 1 shl 16)
        try {
            while (true) {
                val body = frame(from) ?: break
                take(Json.read(body) as Map<*, *>)
            }
        } catch (_: IOException) {
        } finally {
            ended = true
            lost()
            heard.closed()
        }
    }

    /** The next message's text; `null` at the end. */
    private fun frame(from: InputStream): String? {
        var length = -1
        while (true) {
            val line = line(from) ?: return null
            if (line.isEmpty()) break
            val (name, value) = line.split(':', limit = 2).takeIf { it.size == 2 } ?: continue
            if (name.equals("Content-Length", ignoreCase = true)) length = value.trim().toIntOrNull() ?: -1
        }
        if (length < 0) throw IOException("a message without its length")
        val body = from.readNBytes(length)
        if (body.size < length) throw EOFException()
        return String(body, Charsets.UTF_8)
    }

    private fun line(from: InputStream): String? {
        val found = StringBuilder()
        while (true) {
            when (val byte = from.read()) {
                -1 -> return null
                '\n'.code -> return found.trimEnd('\r').toString()
                else -> found.append(byte.toChar())
            }
        }
    }

    private fun take(message: Map<*, *>) {
        val method = message["method"] as String?
        val id = message["id"]
        when {
            method == null -> open.remove((id as Number).toLong())?.settle(message)
            id == null -> heard.notified(method, message["params"])
            else -> answer(id, method, message["params"])
        }
    }

    private fun answer(id: Any, method: String, params: Any?) {
        val answer = heard.asked(method, params)
        if (answer == null) return refuse(id, Codes.METHOD_NOT_FOUND, "no such method: $method")
        answer.whenComplete { result, error ->
            if (error == null) send(mapOf("jsonrpc" to "2.0", "id" to id, "result" to result))
            else refuse(id, Codes.REQUEST_FAILED, error.message ?: "it failed")
        }
    }

    private fun refuse(id: Any, code: Int, message: String) =
        send(mapOf("jsonrpc" to "2.0", "id" to id, "error" to Fault(code.toLong(), message).json()))

    private fun lost() {
        for (id in open.keys) open.remove(id)?.completeExceptionally(IOException("the agent ended"))
    }
}
