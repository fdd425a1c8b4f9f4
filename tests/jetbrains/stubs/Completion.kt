// Inline completion as the platform's documentation has it, of 2024.3.
@file:Suppress("unused", "UNUSED_PARAMETER")

package com.intellij.codeInsight.inline.completion

import com.intellij.codeInsight.inline.completion.elements.InlineCompletionElement
import com.intellij.codeInsight.inline.completion.suggestion.InlineCompletionSuggestion
import com.intellij.codeInsight.inline.completion.suggestion.InlineCompletionSuggestionUpdateManager
import com.intellij.openapi.editor.Document
import com.intellij.openapi.editor.Editor
import com.intellij.openapi.util.TextRange
import com.intellij.openapi.util.UserDataHolderBase
import com.intellij.psi.PsiFile

@JvmInline
value class InlineCompletionProviderID(val id: String)

sealed interface TypingEvent {
    val typed: String

    class PairedEnclosureInsertion(override val typed: String) : TypingEvent
}

interface InlineCompletionEvent {
    class DirectCall(val editor: Editor) : InlineCompletionEvent

    class DocumentChange(val typing: TypingEvent, val editor: Editor) : InlineCompletionEvent

    sealed class PartialAccept(val editor: Editor) : InlineCompletionEvent

    class InsertNextWord(editor: Editor) : PartialAccept(editor)

    class InsertNextLine(editor: Editor) : PartialAccept(editor)
}

class InlineCompletionRequest(
    val event: InlineCompletionEvent,
    val file: PsiFile,
    val editor: Editor,
    val document: Document,
    val startOffset: Int,
    val endOffset: Int,
) : UserDataHolderBase()

class InlineCompletionInsertEnvironment(val editor: Editor, val file: PsiFile, val insertedRange: TextRange) : UserDataHolderBase()

interface InlineCompletionInsertHandler {
    fun afterInsertion(environment: InlineCompletionInsertEnvironment, elements: List<InlineCompletionElement>)
}

interface InlineCompletionProvider {
    val id: InlineCompletionProviderID
    val insertHandler: InlineCompletionInsertHandler get() = throw NotImplementedError()
    val suggestionUpdateManager: InlineCompletionSuggestionUpdateManager get() = throw NotImplementedError()

    suspend fun getSuggestion(request: InlineCompletionRequest): InlineCompletionSuggestion

    fun isEnabled(event: InlineCompletionEvent): Boolean
}
