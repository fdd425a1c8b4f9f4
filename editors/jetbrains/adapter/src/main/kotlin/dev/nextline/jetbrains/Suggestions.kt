package dev.nextline.jetbrains

import com.intellij.codeInsight.inline.completion.InlineCompletionEvent
import com.intellij.codeInsight.inline.completion.InlineCompletionInsertEnvironment
import com.intellij.codeInsight.inline.completion.InlineCompletionInsertHandler
import com.intellij.codeInsight.inline.completion.InlineCompletionProvider
import com.intellij.codeInsight.inline.completion.InlineCompletionProviderID
import com.intellij.codeInsight.inline.completion.InlineCompletionRequest
import com.intellij.codeInsight.inline.completion.TypingEvent
import com.intellij.codeInsight.inline.completion.elements.InlineCompletionElement
import com.intellij.codeInsight.inline.completion.elements.InlineCompletionGrayTextElement
import com.intellij.codeInsight.inline.completion.elements.InlineCompletionSkipTextElement
import com.intellij.codeInsight.inline.completion.suggestion.InlineCompletionSuggestion
import com.intellij.codeInsight.inline.completion.suggestion.InlineCompletionSuggestionUpdateManager
import com.intellij.codeInsight.inline.completion.suggestion.InlineCompletionSuggestionUpdateManager.UpdateResult
import com.intellij.codeInsight.inline.completion.suggestion.InlineCompletionVariant
import com.intellij.openapi.application.readAction
import com.intellij.openapi.editor.Editor
import com.intellij.openapi.util.Key
import com.intellij.openapi.util.TextRange
import com.intellij.openapi.util.UserDataHolderBase
import dev.nextline.core.Cursor
import dev.nextline.core.Suggestion
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.future.await

private val SUGGESTION = Key.create<Suggestion>("nextline.suggestion")

/** Ghost text, in the platform's own look and with its own keys. What is left of it is the core's to say. */
class Suggestions : InlineCompletionProvider {
    override val id = InlineCompletionProviderID("dev.nextline")
    override val suggestionUpdateManager = Follow()
    override val insertHandler = Inserted()

    override fun isEnabled(event: InlineCompletionEvent) =
        Nextline.instance.agent.running && (event is InlineCompletionEvent.DocumentChange || event is InlineCompletionEvent.DirectCall)

    override suspend fun getSuggestion(request: InlineCompletionRequest): InlineCompletionSuggestion {
        val document = request.document
        val asked = readAction {
            val uri = uri(document) ?: return@readAction null
            val at = position(document, request.endOffset)
            val line = document.getText(TextRange(document.getLineStartOffset(at.line), document.getLineEndOffset(at.line)))
            Nextline.instance.ghost.ask(Cursor(uri, at, line), request.event is InlineCompletionEvent.DirectCall)
        } ?: return InlineCompletionSuggestion.Empty
        val found = try {
            asked.await()
        } catch (stopped: CancellationException) {
            throw stopped
        } catch (_: Exception) {
            // The status bar says what is wrong; ghost text raises no dialog.
            return InlineCompletionSuggestion.Empty
        }
        return Variants(found.mapIndexed { index, suggestion -> variant(suggestion, index == 0) })
    }

    private class Variants(private val variants: List<InlineCompletionVariant>) : InlineCompletionSuggestion {
        override suspend fun getVariants() = variants
    }

    /** The first one is shown as soon as it is there; the platform does not say of the others when they are. */
    private fun variant(suggestion: Suggestion, first: Boolean): InlineCompletionVariant {
        val data = UserDataHolderBase()
        data.putUserData(SUGGESTION, suggestion)
        return InlineCompletionVariant.build(data) {
            elements(suggestion).forEach { emit(it) }
            if (first) Nextline.instance.ghost.shown(suggestion)
        }
    }

    /** What is typed, or taken by word or line, goes from the front. */
    class Follow : InlineCompletionSuggestionUpdateManager.Adapter {
        override fun onDocumentChange(event: InlineCompletionEvent.DocumentChange, variant: InlineCompletionVariant.Snapshot): UpdateResult {
            // What the platform closes by itself stands behind the cursor.
            if (event.typing is TypingEvent.PairedEnclosureInsertion) return UpdateResult.Invalidated
            val suggestion = variant.data.getUserData(SUGGESTION) ?: return UpdateResult.Invalidated
            return if (suggestion.typed(event.typing.typed)) left(variant, suggestion) else UpdateResult.Invalidated
        }

        override fun onInsertNextWord(event: InlineCompletionEvent.InsertNextWord, variant: InlineCompletionVariant.Snapshot) =
            take(event.editor, variant, Suggestion::word)

        override fun onInsertNextLine(event: InlineCompletionEvent.InsertNextLine, variant: InlineCompletionVariant.Snapshot) =
            take(event.editor, variant, Suggestion::line)

        private fun take(editor: Editor, variant: InlineCompletionVariant.Snapshot, part: (Suggestion) -> String): UpdateResult {
            val suggestion = variant.data.getUserData(SUGGESTION)
            if (suggestion == null || !variant.isActive) return UpdateResult.Invalidated
            val text = part(suggestion)
            val offset = editor.caretModel.offset
            editor.document.insertString(offset, text)
            editor.caretModel.moveToOffset(offset + text.length)
            Nextline.instance.ghost.took(suggestion, text)
            if (suggestion.rest.isEmpty()) removeTail(editor, suggestion)
            return left(variant, suggestion)
        }

        private fun left(variant: InlineCompletionVariant.Snapshot, suggestion: Suggestion) = UpdateResult.Changed(variant.copy(elements(suggestion)))
    }

    class Inserted : InlineCompletionInsertHandler {
        override fun afterInsertion(environment: InlineCompletionInsertEnvironment, elements: List<InlineCompletionElement>) {
            val suggestion = environment.getUserData(SUGGESTION) ?: return
            removeTail(environment.editor, suggestion)
            Nextline.instance.ghost.accepted(suggestion)
        }
    }
}

private fun elements(suggestion: Suggestion): List<InlineCompletionElement> = suggestion.pieces().filter { it.text.isNotEmpty() }.map {
    if (it.there) InlineCompletionSkipTextElement(it.text) else InlineCompletionGrayTextElement(it.text)
}

/** What the suggestion replaces behind the cursor goes once all of it stands before it. */
private fun removeTail(editor: Editor, suggestion: Suggestion) {
    val offset = editor.caretModel.offset
    if (editor.document.immutableCharSequence.startsWith(suggestion.tail, offset)) {
        editor.document.deleteString(offset, offset + suggestion.tail.length)
    }
}
