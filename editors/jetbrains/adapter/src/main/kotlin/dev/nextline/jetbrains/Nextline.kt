package dev.nextline.jetbrains

import com.intellij.ide.plugins.PluginManagerCore
import com.intellij.notification.NotificationAction
import com.intellij.notification.NotificationGroupManager
import com.intellij.notification.NotificationType
import com.intellij.openapi.Disposable
import com.intellij.openapi.application.ApplicationInfo
import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.components.Service
import com.intellij.openapi.components.service
import com.intellij.openapi.diagnostic.Logger
import com.intellij.openapi.extensions.PluginId
import com.intellij.openapi.project.ProjectManager
import com.intellij.util.EnvironmentUtil
import dev.nextline.core.Agent
import dev.nextline.core.DocumentEdit
import dev.nextline.core.Edits
import dev.nextline.core.Editor
import dev.nextline.core.Ghost
import dev.nextline.core.Launch
import dev.nextline.core.NextEdits
import dev.nextline.core.Urgency
import dev.nextline.core.binary
import dev.nextline.core.fileUri
import dev.nextline.protocol.PeerInfo
import java.util.concurrent.CompletableFuture

private const val ID = "dev.nextline"

/** The agent of all windows: one process, for as long as the IDE runs. */
@Service(Service.Level.APP)
class Nextline : Disposable, Editor {
    private val log = Logger.getInstance("#dev.nextline")
    val agent = Agent(this, ::launch)
    val ghost = Ghost(agent)
    val edits = Edits(agent, this, Previews())
    val next = NextEdits(agent, this, NextShown())

    init {
        DocumentSync(agent.documents).listen(this)
        agent.start()
    }

    override fun dispose() = agent.stop()

    private fun launch(): Launch? {
        // What a shell would set: an IDE that was started from a desktop has less.
        val environment = EnvironmentUtil.getEnvironmentMap()
        val beside = PluginManagerCore.getPlugin(PluginId.getId(ID))?.pluginPath?.resolve("bin")
        val command = binary(NextlineSettings.instance.state.agentPath, beside, environment["PATH"].orEmpty()) ?: return null
        return Launch(listOf(command, "lsp"), environment + Keys.environment())
    }

    override val name get() = ApplicationInfo.getInstance().let { PeerInfo(it.fullApplicationName, it.build.asString()) }

    override fun settings() = NextlineSettings.instance.sections()

    override fun folders() = ProjectManager.getInstance().openProjects.mapNotNull { project -> project.basePath?.let { fileUri(it) to project.name } }.toMap()

    override fun apply(edits: List<DocumentEdit>): CompletableFuture<String?> {
        val landed = CompletableFuture<String?>()
        ApplicationManager.getApplication().invokeLater {
            try {
                landed.complete(land(agent.documents, edits))
            } catch (error: Exception) {
                landed.completeExceptionally(error)
            }
        }
        return landed
    }

    override fun choose(message: String, choices: List<String>): CompletableFuture<String?> {
        val chosen = CompletableFuture<String?>()
        val notification = notification(message, NotificationType.WARNING)
        for (choice in choices) {
            notification.addAction(NotificationAction.createSimpleExpiring(choice) { chosen.complete(choice) })
        }
        notification.whenExpired { chosen.complete(null) }
        notification.notify(null)
        return chosen
    }

    override fun tell(urgency: Urgency, message: String) {
        val type = when (urgency) {
            Urgency.ERROR -> NotificationType.ERROR
            Urgency.WARNING -> NotificationType.WARNING
            Urgency.INFORMATION -> NotificationType.INFORMATION
        }
        notification(message, type).notify(null)
    }

    override fun log(line: String) = log.info(line)

    companion object {
        val instance: Nextline get() = service()

        fun notification(message: String, type: NotificationType) =
            NotificationGroupManager.getInstance().getNotificationGroup("Nextline").createNotification("Nextline", message, type)
    }
}
