package dev.nextline.jetbrains

import com.intellij.openapi.Disposable
import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.application.ReadAction
import com.intellij.openapi.components.Service
import com.intellij.openapi.components.service
import com.intellij.openapi.editor.Editor
import com.intellij.openapi.fileEditor.FileDocumentManager
import com.intellij.openapi.fileEditor.FileEditorManager
import com.intellij.openapi.project.DumbAware
import com.intellij.openapi.project.DumbAwareAction
import com.intellij.openapi.project.Project
import com.intellij.openapi.util.Disposer
import com.intellij.openapi.wm.ToolWindow
import com.intellij.openapi.wm.ToolWindowFactory
import com.intellij.openapi.wm.ToolWindowManager
import com.intellij.ui.components.JBLabel
import com.intellij.ui.content.ContentFactory
import com.intellij.ui.jcef.JBCefApp
import com.intellij.ui.jcef.JBCefBrowser
import com.intellij.ui.jcef.JBCefBrowserBase
import com.intellij.ui.jcef.JBCefJSQuery
import dev.nextline.core.Chat
import dev.nextline.core.ChatView
import dev.nextline.core.Json
import dev.nextline.core.fileUri
import dev.nextline.protocol.ChatPlace
import dev.nextline.protocol.Identifier
import org.cef.browser.CefBrowser
import org.cef.browser.CefFrame
import org.cef.handler.CefLoadHandlerAdapter
import java.nio.file.Files
import java.nio.file.Path

private const val WINDOW = "Nextline"

class ChatWindow : ToolWindowFactory, DumbAware {
    override fun createToolWindowContent(project: Project, toolWindow: ToolWindow) {
        val component = if (JBCefApp.isSupported()) project.service<ChatPanel>().browser.component
        else JBLabel("This IDE runs without its browser (JCEF); \"nextline serve\" has the same chat for any other.")
        toolWindow.contentManager.addContent(ContentFactory.getInstance().createContent(component, null, false))
    }
}

/** The chat's page in a project's window: the same as that of `nextline serve`. */
@Service(Service.Level.PROJECT)
class ChatPanel(private val project: Project) : ChatView, Disposable {
    val browser = JBCefBrowser()
    private val query = JBCefJSQuery.create(browser as JBCefBrowserBase)
    private val chat = Chat(Nextline.instance.agent, this)

    init {
        Disposer.register(this, browser)
        Disposer.register(this, query)
        Disposer.register(this, chat::close)
        query.addHandler { message ->
            chat.received(message)
            null
        }
        val loaded = object : CefLoadHandlerAdapter() {
            override fun onLoadEnd(browser: CefBrowser, frame: CefFrame, status: Int) {
                if (frame.isMain) run("window.nextline.connect((text) => { ${query.inject("text")} })")
            }
        }
        browser.jbCefClient.addRequestHandler(PageFiles(), browser.cefBrowser)
        browser.jbCefClient.addLoadHandler(loaded, browser.cefBrowser)
        browser.loadURL(PageFiles.ADDRESS)
    }

    override fun dispose() = Unit

    fun say(text: String) = chat.say(text)

    override fun post(message: String) = run("window.nextline?.heard(${Json.write(message)})")

    private fun run(script: String) = browser.cefBrowser.executeJavaScript(script, PageFiles.ADDRESS, 0)

    override fun place(): ChatPlace = ReadAction.compute<ChatPlace, RuntimeException> {
        val editor = FileEditorManager.getInstance(project).selectedTextEditor
        val uri = editor?.let { uri(it.document) } ?: return@compute ChatPlace()
        val chosen = if (editor.selectionModel.hasSelection()) selection(editor) else null
        ChatPlace(diagnostics(project, editor.document, 0, editor.document.textLength), chosen, Identifier(uri))
    }

    override fun file(name: String): String? {
        val path = Path.of(name).let { if (it.isAbsolute) it else Path.of(project.basePath ?: return null).resolve(it) }
        if (!Files.isRegularFile(path)) return null
        val uri = fileUri(path.toString().replace('\\', '/'))
        // The agent knows open documents, and hears of those that an editor shows.
        val opened = fileOf(uri) ?: return null
        ApplicationManager.getApplication().invokeAndWait {
            FileEditorManager.getInstance(project).openFile(opened, false)
        }
        return uri
    }
}

internal fun explain(project: Project, editor: Editor) {
    val file = FileDocumentManager.getInstance().getFile(editor.document) ?: return
    val name = project.basePath?.let { file.path.removePrefix("$it/") } ?: file.path
    val range = selection(editor)
    val lines = if (range.start == range.end) "${range.start.line + 1}" else "${range.start.line + 1}-${range.end.line + 1}"
    ToolWindowManager.getInstance(project).getToolWindow(WINDOW)?.activate {
        project.service<ChatPanel>().say("Explain @$name:$lines")
    }
}

internal fun openChat(project: Project) = ToolWindowManager.getInstance(project).getToolWindow(WINDOW)?.activate(null) ?: Unit

class Explain : OnText() {
    override fun on(project: Project, editor: Editor) = explain(project, editor)
}

class OpenChat : DumbAwareAction() {
    override fun actionPerformed(event: AnActionEvent) {
        openChat(event.project ?: return)
    }
}
