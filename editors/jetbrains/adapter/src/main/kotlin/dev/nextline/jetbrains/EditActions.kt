package dev.nextline.jetbrains

import com.intellij.codeInsight.daemon.impl.HighlightInfo
import com.intellij.codeInsight.daemon.impl.DaemonCodeAnalyzerEx
import com.intellij.codeInsight.intention.IntentionAction
import com.intellij.lang.annotation.HighlightSeverity
import com.intellij.openapi.actionSystem.ActionUpdateThread
import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.actionSystem.CommonDataKeys
import com.intellij.openapi.editor.Document
import com.intellij.openapi.editor.Editor
import com.intellij.openapi.project.DumbAware
import com.intellij.openapi.project.DumbAwareAction
import com.intellij.openapi.project.Project
import com.intellij.openapi.ui.Messages
import com.intellij.psi.PsiFile
import dev.nextline.protocol.Diagnostic
import dev.nextline.protocol.EditStartParams
import dev.nextline.protocol.Identifier
import dev.nextline.protocol.Range
import dev.nextline.protocol.Severities
import dev.nextline.protocol.Verbs

/** Starts an edit of the selection, or of what is around the cursor. */
internal fun startEdit(project: Project, editor: Editor, verb: String) {
    val uri = uri(editor.document) ?: return
    val instruction = if (verb == Verbs.EDIT) {
        val what = if (editor.selectionModel.hasSelection()) "the selection" else "what is around the cursor"
        Messages.showInputDialog(project, "What to do with $what", "Nextline: Edit", null) ?: return
    } else ""
    val range = selection(editor)
    val found = diagnostics(project, editor.document, editor.selectionModel.selectionStart, editor.selectionModel.selectionEnd)
    val params = EditStartParams(range = range, textDocument = Identifier(uri), diagnostics = found, instruction = instruction, verb = verb)
    following(project, instruction.ifEmpty { verb }, Nextline.instance.edits.start(params))
}

internal fun selection(editor: Editor) = Range(
    start = position(editor.document, editor.selectionModel.selectionStart),
    end = position(editor.document, editor.selectionModel.selectionEnd),
)

/** What the IDE's inspections and compilers complain of between two offsets, in LSP's terms. */
internal fun diagnostics(project: Project, document: Document, start: Int, end: Int): List<Diagnostic> {
    val found = ArrayList<Diagnostic>()
    DaemonCodeAnalyzerEx.processHighlights(document, project, HighlightSeverity.WARNING, start, end) { info: HighlightInfo ->
        val description = info.description
        if (description != null) {
            val range = Range(start = position(document, info.startOffset), end = position(document, info.endOffset))
            found.add(Diagnostic(message = description, range = range, severity = if (info.severity >= HighlightSeverity.ERROR) Severities.ERROR else Severities.WARNING))
        }
        found.size < 50
    }
    return found
}

/** Acts on the text in front. */
abstract class OnText : DumbAwareAction() {
    abstract fun on(project: Project, editor: Editor)

    override fun getActionUpdateThread() = ActionUpdateThread.BGT

    override fun update(event: AnActionEvent) {
        val editor = event.getData(CommonDataKeys.EDITOR)
        event.presentation.isEnabledAndVisible = event.project != null && editor != null && uri(editor.document) != null
    }

    override fun actionPerformed(event: AnActionEvent) {
        on(event.project ?: return, event.getData(CommonDataKeys.EDITOR) ?: return)
    }
}

abstract class EditAction(private val verb: String) : OnText() {
    override fun on(project: Project, editor: Editor) = startEdit(project, editor, verb)
}

class Instruct : EditAction(Verbs.EDIT)

class WriteDoc : EditAction(Verbs.DOC)

class WriteTests : EditAction(Verbs.TEST)

class Fix : EditAction(Verbs.FIX)

class UndoEdit : DumbAwareAction() {
    override fun getActionUpdateThread() = ActionUpdateThread.BGT

    override fun actionPerformed(event: AnActionEvent) {
        Nextline.instance.edits.undo()
    }
}

/** Acts on the newest edit that is ready. */
abstract class Answer(private val answer: (dev.nextline.core.Edit) -> Unit) : DumbAwareAction() {
    override fun getActionUpdateThread() = ActionUpdateThread.BGT

    override fun update(event: AnActionEvent) {
        event.presentation.isEnabled = Nextline.instance.edits.ready().isNotEmpty()
    }

    override fun actionPerformed(event: AnActionEvent) = Nextline.instance.edits.ready().lastOrNull()?.let(answer) ?: Unit
}

class AcceptEdit : Answer({ Nextline.instance.edits.accept(it) })

class RejectEdit : Answer({ Nextline.instance.edits.reject(it) })

/** The same in the menu of the light bulb. */
abstract class Intention(private val title: String) : IntentionAction, DumbAware {
    override fun getText() = title

    override fun getFamilyName() = "Nextline"

    override fun isAvailable(project: Project, editor: Editor?, file: PsiFile?) = editor != null && uri(editor.document) != null

    override fun startInWriteAction() = false
}

abstract class EditIntention(title: String, private val verb: String) : Intention(title) {
    override fun invoke(project: Project, editor: Editor?, file: PsiFile?) {
        startEdit(project, editor ?: return, verb)
    }
}

class InstructIntention : EditIntention("Nextline: edit …", Verbs.EDIT)

class DocIntention : EditIntention("Nextline: document this", Verbs.DOC)

class TestsIntention : EditIntention("Nextline: write tests for this", Verbs.TEST)

class FixIntention : EditIntention("Nextline: fix this", Verbs.FIX)

class ExplainIntention : Intention("Nextline: explain this") {
    override fun invoke(project: Project, editor: Editor?, file: PsiFile?) {
        explain(project, editor ?: return)
    }
}
