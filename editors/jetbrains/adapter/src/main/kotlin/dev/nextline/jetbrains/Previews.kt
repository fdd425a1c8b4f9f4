package dev.nextline.jetbrains

import com.intellij.diff.DiffContentFactory
import com.intellij.diff.DiffDialogHints
import com.intellij.diff.DiffManager
import com.intellij.diff.requests.SimpleDiffRequest
import com.intellij.diff.util.DiffUserDataKeys
import com.intellij.icons.AllIcons
import com.intellij.notification.Notification
import com.intellij.notification.NotificationAction
import com.intellij.notification.NotificationType
import com.intellij.openapi.actionSystem.AnAction
import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.fileEditor.FileDocumentManager
import com.intellij.openapi.progress.ProgressIndicator
import com.intellij.openapi.progress.ProgressManager
import com.intellij.openapi.progress.Task
import com.intellij.openapi.project.DumbAwareAction
import com.intellij.openapi.project.Project
import com.intellij.openapi.project.ProjectLocator
import com.intellij.openapi.ui.Messages
import com.intellij.openapi.ui.WindowWrapper
import com.intellij.openapi.ui.popup.JBPopupFactory
import dev.nextline.core.Edit
import dev.nextline.core.EditView
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import java.util.function.Supplier
import javax.swing.Icon

/** Shows what edits would change, in the platform's own comparison; a notification stays for as long as one waits for its answer. */
internal class Previews : EditView {
    private class Shown(val notification: Notification) {
        var window: WindowWrapper? = null
    }

    // Of the thread of events.
    private val shown = HashMap<String, Shown>()

    override fun ready(edit: Edit) = later {
        val notification = Nextline.notification("${edit.title}: ready", NotificationType.INFORMATION)
        notification.addAction(NotificationAction.createSimple("Accept") { Nextline.instance.edits.accept(edit) })
        notification.addAction(NotificationAction.createSimple("Reject") { Nextline.instance.edits.reject(edit) })
        notification.addAction(NotificationAction.createSimple("Show") { show(edit) })
        shown[edit.id] = Shown(notification)
        notification.notify(null)
        show(edit)
    }

    override fun gone(edit: Edit) = later {
        val gone = shown.remove(edit.id)
        gone?.notification?.expire()
        gone?.window?.close()
    }

    private fun show(edit: Edit) {
        val preview = edit.preview ?: return
        val file = fileOf(preview.textDocument.uri)
        val document = file?.let { FileDocumentManager.getInstance().getDocument(it) }
        val project = file?.let { ProjectLocator.getInstance().guessProjectForFile(it) }
        val contents = DiffContentFactory.getInstance()
        val type = file?.fileType
        val before = if (document == null) contents.createEmpty() else contents.create(project, document, file)
        val after = contents.create(project, edit.patched(document?.immutableCharSequence ?: ""), type)
        val name = preview.textDocument.uri.substringAfterLast('/')
        val request = SimpleDiffRequest("$name: ${edit.title}", before, after, "Now", "Nextline")
        request.putUserData(DiffUserDataKeys.CONTEXT_ACTIONS, actions(project, edit))
        val hints = DiffDialogHints(WindowWrapper.Mode.FRAME, null) { shown[edit.id]?.window = it }
        DiffManager.getInstance().showDiff(project, request, hints)
    }

    private fun actions(project: Project?, edit: Edit): List<AnAction> {
        val edits = Nextline.instance.edits
        val hunks = edit.preview?.hunks.orEmpty()
        return listOfNotNull(
            action("Accept", AllIcons.Actions.Checked) { edits.accept(edit) },
            action("Reject", AllIcons.Actions.Cancel) { edits.reject(edit) },
            action("Ask Again …", AllIcons.Actions.Refresh) {
                val instruction = Messages.showInputDialog(project, "What to do", "Nextline: Ask Again", null, edit.title, null)
                if (instruction != null) following(project, edit.title, edits.retry(edit, instruction))
            },
            if (hunks.size < 2) null else action("Accept One Part …", AllIcons.Actions.ListChanges) {
                val parts = hunks.map { "Line ${it.range.start.line + 1}: ${it.newText.lineSequence().first().trim()}" }
                JBPopupFactory.getInstance().createPopupChooserBuilder(parts)
                    .setItemChosenCallback { edits.accept(edit, parts.indexOf(it)) }.createPopup().showInFocusCenter()
            },
        )
    }

    private fun action(title: String, icon: Icon, run: () -> Unit) = object : DumbAwareAction(Supplier { title }, icon) {
        override fun actionPerformed(event: AnActionEvent) = run()
    }

    private fun later(run: () -> Unit) = ApplicationManager.getApplication().invokeLater(run)
}

/** Shows that an edit is being made, and lets the person stop it. */
internal fun following(project: Project?, title: String, begun: CompletableFuture<Edit>) {
    val made = begun.thenCompose { it.made }
    val task = object : Task.Backgroundable(project, "Nextline: $title", true) {
        override fun run(indicator: ProgressIndicator) {
            while (!indicator.isCanceled) {
                try {
                    made.get(100, TimeUnit.MILLISECONDS)
                    return
                } catch (_: TimeoutException) {
                } catch (_: ExecutionException) {
                    // It was told.
                    return
                }
            }
            begun.thenAccept { Nextline.instance.edits.cancel(it) }
        }
    }
    ProgressManager.getInstance().run(task)
}
