package dev.nextline.jetbrains

import com.intellij.ide.actions.RevealFileAction
import com.intellij.notification.NotificationType
import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.application.PathManager
import com.intellij.openapi.fileEditor.FileEditorManager
import com.intellij.openapi.options.ShowSettingsUtil
import com.intellij.openapi.project.DumbAwareAction
import com.intellij.openapi.project.Project
import com.intellij.openapi.ui.popup.JBPopupFactory
import com.intellij.openapi.wm.StatusBar
import com.intellij.openapi.wm.StatusBarWidget
import com.intellij.openapi.wm.StatusBarWidgetFactory
import com.intellij.util.Consumer
import dev.nextline.protocol.Client
import dev.nextline.protocol.Commands
import dev.nextline.protocol.DocumentParams
import dev.nextline.protocol.Identifier
import dev.nextline.protocol.Methods
import dev.nextline.protocol.ModelListResult
import dev.nextline.protocol.Status
import dev.nextline.protocol.StatusKind
import dev.nextline.protocol.WhyResult
import java.awt.event.MouseEvent
import java.nio.file.Path

class StatusWidgetFactory : StatusBarWidgetFactory {
    override fun getId() = StatusWidget.ID

    override fun getDisplayName() = "Nextline"

    override fun createWidget(project: Project): StatusBarWidget = StatusWidget(project)
}

/** How the agent does, why it is silent, and a menu of what can be done about it. */
class StatusWidget(private val project: Project) : StatusBarWidget, StatusBarWidget.TextPresentation {
    private var bar: StatusBar? = null
    private val agent = Nextline.instance.agent
    private val changed = { _: Status? -> ApplicationManager.getApplication().invokeLater { bar?.updateWidget(ID) } }

    override fun ID() = ID

    override fun getPresentation() = this

    override fun install(statusBar: StatusBar) {
        bar = statusBar
        agent.onStatus.add(changed)
    }

    override fun dispose() {
        agent.onStatus.remove(changed)
        bar = null
    }

    override fun getText(): String {
        val status = agent.status ?: return if (agent.trouble.isEmpty()) "Nextline …" else "✗ Nextline"
        val mark = when {
            status.busy -> "… "
            status.kind == StatusKind.WARNING -> "! "
            status.kind == StatusKind.ERROR -> "✗ "
            status.kind == StatusKind.INACTIVE -> "○ "
            else -> ""
        }
        return mark + if (status.route == Client.LOCAL) "Nextline" else status.route
    }

    override fun getTooltipText(): String {
        val status = agent.status ?: return agent.trouble.ifEmpty { "Nextline starts" }
        val learnt = if (status.local.enabled) "${status.local.files} files learnt" else ""
        return listOf(status.message, "Completions: ${status.route}", learnt, status.budget.orEmpty()).filter { it.isNotEmpty() }.joinToString(" · ")
    }

    override fun getAlignment() = 0f

    override fun getClickConsumer() = Consumer<MouseEvent> { menu(project) }

    companion object {
        const val ID = "dev.nextline.status"
    }
}

private class Row(val label: String, val run: () -> Unit) {
    override fun toString() = label
}

internal fun menu(project: Project) {
    val agent = Nextline.instance.agent
    val snoozed = agent.status?.snoozedUntil != null
    pick(
        "Nextline" + if (agent.version.isEmpty()) "" else " ${agent.version}",
        listOf(
            Row("Why Nothing?") { why(project) },
            Row("Switch the Route … (${agent.status?.route ?: "nobody"})") { route() },
            if (snoozed) Row("End the Snooze") { agent.execute(Commands.SNOOZE, 0) } else Row("Snooze …") { snooze() },
            Row("Chat") { openChat(project) },
            Row("Store a Key …") { Keys.store(project) },
            Row("Forget a Key …") { Keys.forget() },
            Row("Settings …") { ShowSettingsUtil.getInstance().showSettingsDialog(project, SettingsPage::class.java) },
            Row("Show the Log") { RevealFileAction.openFile(Path.of(PathManager.getLogPath(), "idea.log")) },
            Row("Restart the Agent") { agent.restart() },
        ),
    )
}

private fun pick(title: String, rows: List<Row>) = JBPopupFactory.getInstance().createPopupChooserBuilder(rows)
    .setTitle(title).setItemChosenCallback { it.run() }.createPopup().showInFocusCenter()

private fun later(run: () -> Unit) = ApplicationManager.getApplication().invokeLater(run)

internal fun why(project: Project) {
    val agent = Nextline.instance.agent
    val uri = FileEditorManager.getInstance(project).selectedTextEditor?.let { uri(it.document) }
    fun say(words: String) = later { Nextline.notification(words, NotificationType.INFORMATION).notify(project) }
    if (agent.trouble.isNotEmpty()) return say(agent.trouble)
    if (uri == null) return say("no document is in front")
    agent.request(Methods.WHY, DocumentParams(Identifier(uri)).json(), WhyResult::from).thenAccept { why ->
        say(listOfNotNull(why.reason, why.detail).filter { it.isNotEmpty() }.joinToString(": "))
    }
}

private fun snooze() = pick("Nextline: no ghost text for", listOf(5, 15, 60, 240).map { minutes ->
    val label = if (minutes < 60) "$minutes minutes" else if (minutes == 60) "1 hour" else "${minutes / 60} hours"
    Row(label) { Nextline.instance.agent.execute(Commands.SNOOZE, minutes) }
})

private fun route() {
    val agent = Nextline.instance.agent
    agent.request(Methods.MODEL_LIST, emptyMap(), ModelListResult::from).thenAccept { found ->
        val rows = found.models.map { model ->
            val about = listOf(model.provider, model.model, model.trouble.orEmpty()).filter { it.isNotEmpty() }.joinToString(", ")
            model.route to "${model.route}  $about"
        }
        later {
            pick("Nextline: completions from", (listOf(Client.LOCAL to "${Client.LOCAL}  the embedded model") + rows).map { (name, label) ->
                Row(label) {
                    NextlineSettings.instance.state.route = name
                    agent.settingsChanged()
                }
            })
        }
    }
}

class Menu : DumbAwareAction() {
    override fun actionPerformed(event: AnActionEvent) {
        menu(event.project ?: return)
    }
}

class Why : DumbAwareAction() {
    override fun actionPerformed(event: AnActionEvent) {
        why(event.project ?: return)
    }
}

class Restart : DumbAwareAction() {
    override fun actionPerformed(event: AnActionEvent) = Nextline.instance.agent.restart()
}
