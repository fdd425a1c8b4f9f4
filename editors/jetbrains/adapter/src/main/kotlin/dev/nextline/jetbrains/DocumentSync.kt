package dev.nextline.jetbrains

import com.intellij.openapi.Disposable
import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.command.WriteCommandAction
import com.intellij.openapi.editor.Document
import com.intellij.openapi.editor.EditorFactory
import com.intellij.openapi.editor.event.DocumentEvent
import com.intellij.openapi.editor.event.DocumentListener
import com.intellij.openapi.editor.event.EditorFactoryEvent
import com.intellij.openapi.editor.event.EditorFactoryListener
import com.intellij.openapi.fileEditor.FileDocumentManager
import com.intellij.openapi.fileEditor.FileDocumentManagerListener
import com.intellij.openapi.project.ProjectLocator
import com.intellij.openapi.vfs.LocalFileSystem
import com.intellij.openapi.vfs.VfsUtil
import com.intellij.openapi.vfs.VirtualFile
import com.intellij.openapi.vfs.VirtualFileManager
import com.intellij.openapi.vfs.newvfs.BulkFileListener
import com.intellij.openapi.vfs.newvfs.events.VFileEvent
import dev.nextline.core.DocumentEdit
import dev.nextline.core.Documents
import dev.nextline.core.filePath
import dev.nextline.core.fileUri
import dev.nextline.core.offsets
import dev.nextline.protocol.Position
import java.nio.file.Path
import java.util.concurrent.ConcurrentHashMap

/** The agent knows a document for as long as an editor shows it. */
internal class DocumentSync(private val documents: Documents) : DocumentListener, EditorFactoryListener, FileDocumentManagerListener, BulkFileListener {
    private val known = ConcurrentHashMap<Document, String>()

    fun listen(parent: Disposable) {
        val factory = EditorFactory.getInstance()
        factory.eventMulticaster.addDocumentListener(this, parent)
        factory.addEditorFactoryListener(this, parent)
        val bus = ApplicationManager.getApplication().messageBus.connect(parent)
        bus.subscribe(FileDocumentManagerListener.TOPIC, this)
        bus.subscribe(VirtualFileManager.VFS_CHANGES, this)
        // Where documents change: none does between its text and the listening to it.
        ApplicationManager.getApplication().invokeLater { factory.allEditors.forEach { opened(it.document) } }
    }

    override fun editorCreated(event: EditorFactoryEvent) = opened(event.editor.document)

    override fun editorReleased(event: EditorFactoryEvent) {
        val document = event.editor.document
        if (EditorFactory.getInstance().allEditors.none { it !== event.editor && it.document === document }) closed(document)
    }

    override fun documentChanged(event: DocumentEvent) {
        val uri = known[event.document] ?: return
        val at = position(event.document, event.offset)
        documents.changed(uri, event.offset, at, event.oldFragment, event.newFragment, event.document.immutableCharSequence)
    }

    override fun afterDocumentSaved(document: Document) {
        known[document]?.let(documents::saved)
    }

    /** A file that has another name now is another document. */
    override fun after(events: List<VFileEvent>) {
        for ((document, uri) in known) {
            if (uri(document) == uri) continue
            closed(document)
            opened(document)
        }
    }

    private fun opened(document: Document) {
        if (known.containsKey(document)) return
        val file = FileDocumentManager.getInstance().getFile(document) ?: return
        val uri = uri(file) ?: return
        known[document] = uri
        documents.opened(uri, language(file), document.immutableCharSequence)
    }

    private fun closed(document: Document) {
        known.remove(document)?.let(documents::closed)
    }

    /** Most of the platform's names are LSP's; where one is not, the agent goes by the file's. */
    private fun language(file: VirtualFile): String = file.fileType.name.lowercase()
}

internal fun uri(file: VirtualFile): String? = if (file.isInLocalFileSystem) fileUri(file.path) else null

internal fun uri(document: Document): String? = FileDocumentManager.getInstance().getFile(document)?.let { uri(it) }

internal fun position(document: Document, offset: Int): Position {
    val line = document.getLineNumber(offset)
    return Position(character = offset - document.getLineStartOffset(line), line = line)
}

internal fun offset(document: Document, at: Position): Int {
    if (at.line >= document.lineCount) return document.textLength
    return minOf(document.getLineStartOffset(at.line) + at.character, document.getLineEndOffset(at.line))
}

/** The file of a URI, from the disk if need be. */
internal fun fileOf(uri: String): VirtualFile? = filePath(uri)?.let { LocalFileSystem.getInstance().refreshAndFindFileByPath(it) }

/** Makes edits as one step of undo, in the thread of events; why not, or `null`. */
internal fun land(documents: Documents, edits: List<DocumentEdit>): String? {
    for (edit in edits) {
        val now = documents.version(edit.uri)
        if (edit.version != null && now != null && edit.version != now) return "the text has changed meanwhile"
        if (!edit.create && fileOf(edit.uri) == null) return "there is no file ${edit.uri}"
    }
    val project = edits.firstNotNullOfOrNull { edit -> fileOf(edit.uri)?.let { ProjectLocator.getInstance().guessProjectForFile(it) } }
    var refused: String? = null
    WriteCommandAction.writeCommandAction(project).withName("Nextline").run<RuntimeException> {
        refused = edits.firstNotNullOfOrNull { if (make(it)) null else "${it.uri} is read-only" }
    }
    return refused
}

private fun make(edit: DocumentEdit): Boolean {
    val file = fileOf(edit.uri) ?: filePath(edit.uri)?.let { path ->
        val place = Path.of(path)
        VfsUtil.createDirectoryIfMissing(place.parent.toString())?.createChildData(null, place.fileName.toString())
    }
    val document = file?.let { FileDocumentManager.getInstance().getDocument(it) }
    if (document == null || !document.isWritable) return false
    for ((start, end, text) in offsets(document.immutableCharSequence, edit.edits)) document.replaceString(start, end, text)
    return true
}
