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
import dev.nextline.core.Verb
import dev.nextline.protocol.Diagnostic
import dev.nextline.protocol.EditStartParams
import dev.nextline.protocol.Identifier
import dev.nextline.protocol.Range

/** Starts an edit of the selection, or of what is around the cursor. */
internal fun startEdit(project: Project, editor: Editor, verb: Verb) {
    val uri = uri(editor.document) ?: return
    val instruction = if (verb == Verb.EDIT) {
        val what = if (editor.selectionModel.hasSelection()) "the selection" else "what is around the cursor"
        Messages.showInputDialog(project, "What to do with $what", "Nextline: Edit", null) ?: return
    } else ""
    val range = selection(editor)
    val found = diagnostics(project, editor.document, editor.selectionModel.selectionStart, editor.selectionModel.selectionEnd)
    val params = EditStartParams(range = range, textDocument = Identifier(uri), diagnostics = found, instruction = instruction, verb = verb.word)
    following(project, instruction.ifEmpty { verb.word }, Nextline.instance.edits.start(params))
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
            found.add(Diagnostic(message = description, range = range, severity = if (info.severity >= HighlightSeverity.ERROR) 1 else 2))
        }
        found.size < 50
    }
    return found
}

abstract class EditAction(private val verb: Verb) : DumbAwareAction() {
    override fun getActionUpdateThread() = ActionUpdateThread.BGT

    override fun update(event: AnActionEvent) {
        val editor = event.getData(CommonDataKeys.EDITOR)
        event.presentation.isEnabledAndVisible = event.project != null && editor != null && uri(editor.document) != null
    }

    override fun actionPerformed(event: AnActionEvent) {
        startEdit(event.project ?: return, event.getData(CommonDataKeys.EDITOR) ?: return, verb)
    }
}

class Instruct : EditAction(Verb.EDIT)

class WriteDoc : EditAction(Verb.DOC)

class WriteTests : EditAction(Verb.TEST)

class Fix : EditAction(Verb.FIX)

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

abstract class EditIntention(title: String, private val verb: Verb) : Intention(title) {
    override fun invoke(project: Project, editor: Editor?, file: PsiFile?) {
        startEdit(project, editor ?: return, verb)
    }
}

class InstructIntention : EditIntention("Nextline: edit …", Verb.EDIT)

class DocIntention : EditIntention("Nextline: document this", Verb.DOC)

class TestsIntention : EditIntention("Nextline: write tests for this", Verb.TEST)

class FixIntention : EditIntention("Nextline: fix this", Verb.FIX)

class ExplainIntention : Intention("Nextline: explain this") {
    override fun invoke(project: Project, editor: Editor?, file: PsiFile?) {
        explain(project, editor ?: return)
    }
}
