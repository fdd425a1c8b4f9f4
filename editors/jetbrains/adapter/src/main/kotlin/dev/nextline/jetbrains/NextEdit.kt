package dev.nextline.jetbrains

import com.intellij.codeInsight.hint.HintManager
import com.intellij.notification.NotificationType
import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.editor.Editor
import com.intellij.openapi.editor.ScrollType
import com.intellij.openapi.fileEditor.FileEditorManager
import com.intellij.openapi.fileEditor.OpenFileDescriptor
import com.intellij.openapi.project.Project
import com.intellij.openapi.project.ProjectLocator
import dev.nextline.core.NextView
import dev.nextline.protocol.SuggestedEdit

/** The cursor at the next edit, with a hint of what the same key would do there. */
internal class NextShown : NextView {
    override fun jump(edit: SuggestedEdit) = ApplicationManager.getApplication().invokeLater {
        val file = fileOf(edit.textDocument.uri) ?: return@invokeLater
        val project = ProjectLocator.getInstance().guessProjectForFile(file) ?: return@invokeLater
        val editors = FileEditorManager.getInstance(project)
        val editor = editors.openTextEditor(OpenFileDescriptor(project, file), true) ?: return@invokeLater
        editor.caretModel.moveToOffset(offset(editor.document, edit.range.start))
        editor.scrollingModel.scrollToCaret(ScrollType.MAKE_VISIBLE)
        val start = offset(editor.document, edit.range.start)
        val gone = editor.document.immutableCharSequence.subSequence(start, offset(editor.document, edit.range.end))
        HintManager.getInstance().showInformationHint(editor, "Next edit, with the same key: $gone → ${edit.text}")
    }

    override fun none(why: String) = Nextline.notification(why, NotificationType.INFORMATION).notify(null)
}

class NextEdit : OnText() {
    override fun on(project: Project, editor: Editor) {
        val uri = uri(editor.document) ?: return
        val found = diagnostics(project, editor.document, 0, editor.document.textLength)
        Nextline.instance.next.go(uri, position(editor.document, editor.caretModel.offset), found)
    }
}
