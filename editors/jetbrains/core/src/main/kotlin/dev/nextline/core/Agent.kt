package dev.nextline.core

import dev.nextline.protocol.ApplyWorkspaceEditParams
import dev.nextline.protocol.ApplyWorkspaceEditResult
import dev.nextline.protocol.ChatEvent
import dev.nextline.protocol.Client
import dev.nextline.protocol.ConfigurationParams
import dev.nextline.protocol.DidChangeConfigurationParams
import dev.nextline.protocol.DidChangeWorkspaceFoldersParams
import dev.nextline.protocol.EditEvent
import dev.nextline.protocol.ExecuteCommandParams
import dev.nextline.protocol.InitializeParams
import dev.nextline.protocol.InitializeResult
import dev.nextline.protocol.Lsp
import dev.nextline.protocol.MessageActionItem
import dev.nextline.protocol.Methods
import dev.nextline.protocol.PeerInfo
import dev.nextline.protocol.ResyncParams
import dev.nextline.protocol.Sections
import dev.nextline.protocol.Severities
import dev.nextline.protocol.ShowMessageParams
import dev.nextline.protocol.ShowMessageRequestParams
import dev.nextline.protocol.Status
import dev.nextline.protocol.WorkspaceFolder
import dev.nextline.protocol.WorkspaceFoldersChangeEvent
import java.io.IOException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.ScheduledFuture
import java.util.concurrent.ScheduledThreadPoolExecutor
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

/** How a process is started. */
class Launch(
    /** The binary and its arguments. */
    val command: List<String>,
    /** Variables beside those of this process. */
    val environment: Map<String, String> = emptyMap(),
)

/** What the agent needs from the editor. Called from the agent's own thread, which must not be made to wait. */
interface Editor {
    /** Name and version, for the agent's log. */
    val name: PeerInfo

    /** What the person set, by section and key as `config.toml` has them. */
    fun settings(): Map<String, Any?>

    /** The open projects' folders: URI to name. */
    fun folders(): Map<String, String>

    /** Makes all of the edits as one step of undo, or none; the answer is why not, or `null`. */
    fun apply(edits: List<DocumentEdit>): CompletableFuture<String?>

    /** Asks the person; the answer is one of `choices`, or `null`. */
    fun choose(message: String, choices: List<String>): CompletableFuture<String?>

    fun tell(urgency: Urgency, message: String)

    fun log(line: String)
}

enum class Urgency { INFORMATION, WARNING, ERROR }

/** The agent's process: started, started again when it ends, and what it says passed on. */
class Agent(
    private val editor: Editor,
    /** How to start it, asked each time; `null` where there is none to be found. */
    private val launch: () -> Launch?,
    private val capabilities: String = Client.CAPABILITIES,
    /** Waits before it is started again, in ms. */
    private val waits: List<Long> = listOf(0, 1000, 2000, 5000, 10000, 30000),
) {
    val documents = Documents()

    /** Called with `null` when it does not run. */
    val onStatus = CopyOnWriteArrayList<(Status?) -> Unit>()
    val onEdit = CopyOnWriteArrayList<(EditEvent) -> Unit>()
    val onChat = CopyOnWriteArrayList<(ChatEvent) -> Unit>()

    /** It runs, perhaps anew: a new process knows nothing of the old one's edits. */
    val onStart = CopyOnWriteArrayList<() -> Unit>()

    /** How it does; `null` while it does not run. */
    @Volatile
    var status: Status? = null
        private set

    /** Why it does not run, in one sentence. */
    @Volatile
    var trouble = ""
        private set

    @Volatile
    var version = ""
        private set

    /** @property folders those that it was told of */
    private class Running(val process: Process, var folders: Map<String, String>) {
        lateinit var wire: Wire
        var since = System.nanoTime()
        @Volatile
        var ready = false
    }

    // What starts and ends processes runs here, one after the other; after the stop nothing does.
    private val turns = ScheduledThreadPoolExecutor(1, { Thread(it, "nextline agent").apply { isDaemon = true } }, ThreadPoolExecutor.DiscardPolicy())
    @Volatile
    private var current: Running? = null
    private var failures = 0
    private var again: ScheduledFuture<*>? = null

    val running: Boolean get() = current?.ready == true

    /** The process, for its id. */
    val process: ProcessHandle? get() = current?.process?.toHandle()

    fun start() {
        turns.execute { begin() }
    }

    fun restart() {
        turns.execute {
            failures = 0
            end()
            begin()
        }
    }

    /** Ends the process in its own way, and by force if it does not. Nothing is started any more. */
    fun stop() {
        turns.submit { end() }.get()
        turns.shutdown()
    }

    /** Asks the agent. Cancelling what comes back cancels the request. */
    fun <T> request(method: String, params: Map<String, Any?>?, read: (Any?) -> T): CompletableFuture<T> {
        val running = current?.takeIf { it.ready }
            ?: return CompletableFuture.failedFuture(IOException(trouble.ifEmpty { "the agent does not run" }))
        return running.wire.request(method, params, read)
    }

    fun notify(method: String, params: Map<String, Any?>) {
        current?.takeIf { it.ready }?.wire?.notify(method, params)
    }

    fun execute(command: String, vararg arguments: Any?): CompletableFuture<Any?> =
        request(Lsp.EXECUTE_COMMAND, ExecuteCommandParams(arguments.toList(), command).json()) { it }

    fun settingsChanged() = notify(Lsp.DID_CHANGE_CONFIGURATION, DidChangeConfigurationParams(Sections(editor.settings())).json())

    /** Projects were opened or closed. */
    fun foldersChanged() {
        turns.execute { current?.takeIf { it.ready }?.let(::tellFolders) }
    }

    private fun tellFolders(running: Running) {
        val now = editor.folders()
        val event = WorkspaceFoldersChangeEvent(added = folders(now - running.folders.keys), removed = folders(running.folders - now.keys))
        if (now.keys != running.folders.keys) running.wire.notify(Lsp.DID_CHANGE_WORKSPACE_FOLDERS, DidChangeWorkspaceFoldersParams(event).json())
        running.folders = now
    }

    private fun begin() {
        again?.cancel(false)
        if (current != null) return
        val launch = launch() ?: return broken("there is no agent: install the plugin with one, put nextline on the path, or name it in the settings")
        val process = try {
            val builder = ProcessBuilder(launch.command)
            builder.environment().putAll(launch.environment)
            builder.start()
        } catch (error: IOException) {
            return broken("the agent did not start: ${error.message}")
        }
        val running = Running(process, editor.folders())
        running.wire = Wire(process.inputStream, process.outputStream, From(running))
        current = running
        thread(name = "nextline log", isDaemon = true) { process.errorStream.bufferedReader().forEachLine(editor::log) }
        // Asked before anything is heard: an answer may be quick.
        running.wire.request(Lsp.INITIALIZE, hello(running), InitializeResult::from).whenComplete { answer, error ->
            if (error == null) greeted(running, answer) else editor.log("initialize: ${error.message}")
        }
        running.wire.start()
    }

    private fun broken(why: String) {
        trouble = why
        editor.tell(Urgency.ERROR, why)
        say(null)
    }

    private fun hello(running: Running) = InitializeParams(
        capabilities = Json.read(capabilities),
        clientInfo = editor.name,
        initializationOptions = editor.settings(),
        processId = ProcessHandle.current().pid(),
        workspaceFolders = folders(running.folders),
    ).json()

    private fun folders(of: Map<String, String>) = of.map { (uri, name) -> WorkspaceFolder(name = name, uri = uri) }

    private fun greeted(running: Running, answer: InitializeResult) {
        version = answer.serverInfo?.version.orEmpty()
        val agreed = answer.capabilities.experimental?.nextline
        val message = if (agreed == null) "the agent is older than this plugin: update the agent" else agreed.message
        if (message != null) editor.tell(Urgency.ERROR, message)
        running.wire.notify(Lsp.INITIALIZED, emptyMap<String, Any>())
        // Whoever finds it running may ask about a document: it has them all by then.
        documents.connected(running.wire)
        running.ready = true
        trouble = ""
        foldersChanged()
        onStart.forEach { it() }
        request(Methods.STATUS, emptyMap(), Status::from).thenAccept(::say)
    }

    private fun say(now: Status?) {
        status = now
        onStatus.forEach { it(now) }
    }

    private fun end() {
        again?.cancel(false)
        val running = current ?: return
        current = null
        documents.disconnected()
        if (running.ready) {
            val asked = running.wire.request(Lsp.SHUTDOWN, null) { it }
            runCatching { asked.get(PATIENCE, TimeUnit.MILLISECONDS) }
            running.wire.notify(Lsp.EXIT, null)
        }
        if (!running.process.waitFor(PATIENCE, TimeUnit.MILLISECONDS)) running.process.destroyForcibly()
        say(null)
    }

    /** It ended by itself: it is started again, later and later, and the person hears of it once it seems to be in vain. */
    private fun ended(running: Running) {
        if (running !== current) return
        current = null
        documents.disconnected()
        running.process.destroyForcibly()
        if (System.nanoTime() - running.since > HEALTHY) failures = 0
        val wait = waits[minOf(failures, waits.size - 1)]
        failures += 1
        trouble = if (wait > 0) "the agent ended; it is started again in ${wait / 1000} s" else "the agent ended; it is started again"
        editor.log(trouble)
        say(null)
        if (failures == waits.size) editor.tell(Urgency.ERROR, "the agent ended $failures times in a row; what it said last is in the log")
        again = turns.schedule({ begin() }, wait, TimeUnit.MILLISECONDS)
    }

    private inner class From(private val running: Running) : Heard {
        override fun notified(method: String, params: Any?) {
            when (method) {
                Methods.STATUS -> say(Status.from(params))
                Methods.EDIT_EVENT -> EditEvent.from(params)?.let { event -> onEdit.forEach { it(event) } }
                Methods.CHAT_EVENT -> ChatEvent.from(params)?.let { event -> onChat.forEach { it(event) } }
                Methods.DOCUMENT_RESYNC -> documents.resync(ResyncParams.from(params).uri)
                Lsp.SHOW_MESSAGE -> ShowMessageParams.from(params).let { editor.tell(urgency(it.type), it.message) }
                Lsp.LOG_MESSAGE -> editor.log(ShowMessageParams.from(params).message)
            }
        }

        override fun asked(method: String, params: Any?): CompletableFuture<out Any?>? = when (method) {
            Lsp.CONFIGURATION -> {
                val items = ConfigurationParams.from(params).items
                CompletableFuture.completedFuture(items.map { if (it.section == Client.SECTION) editor.settings() else null })
            }
            Lsp.APPLY_EDIT -> editor.apply(documentEdits(ApplyWorkspaceEditParams.from(params).edit)).thenApply { refused ->
                ApplyWorkspaceEditResult(refused == null, refused).json()
            }
            Lsp.SHOW_MESSAGE_REQUEST -> {
                val question = ShowMessageRequestParams.from(params)
                val titles = question.actions.orEmpty().map { it.title }
                editor.choose(question.message, titles).thenApply { title -> title?.let { MessageActionItem(it).json() } }
            }
            Lsp.REGISTER_CAPABILITY, Lsp.WORK_DONE_PROGRESS_CREATE -> CompletableFuture.completedFuture(null)
            else -> null
        }

        override fun closed() {
            turns.execute { ended(running) }
        }
    }

    private companion object {
        /** A process that lived for so long begins anew with its waits, in ns. */
        const val HEALTHY = 60_000_000_000L

        /** How long its end may take, in ms. */
        const val PATIENCE = 2000L

        fun urgency(type: Int) = when (type) {
            Severities.ERROR -> Urgency.ERROR
            Severities.WARNING -> Urgency.WARNING
            else -> Urgency.INFORMATION
        }
    }
}
