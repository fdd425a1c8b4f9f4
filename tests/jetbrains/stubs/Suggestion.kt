@file:Suppress("UNUSED_PARAMETER")

package com.intellij.codeInsight.inline.completion.suggestion

import com.intellij.codeInsight.inline.completion.InlineCompletionEvent
import com.intellij.codeInsight.inline.completion.elements.InlineCompletionElement
import com.intellij.openapi.util.UserDataHolderBase
import kotlinx.coroutines.flow.FlowCollector

interface InlineCompletionSuggestion {
    suspend fun getVariants(): List<InlineCompletionVariant>

    object Empty : InlineCompletionSuggestion {
        override suspend fun getVariants(): List<InlineCompletionVariant> = emptyList()
    }
}

interface InlineCompletionVariant {
    class Snapshot(val data: UserDataHolderBase, val elements: List<InlineCompletionElement>, val isActive: Boolean) {
        fun copy(elements: List<InlineCompletionElement>): Snapshot = Snapshot(data, elements, isActive)
    }

    companion object {
        fun build(
            data: UserDataHolderBase = UserDataHolderBase(),
            buildElements: suspend FlowCollector<InlineCompletionElement>.(data: UserDataHolderBase) -> Unit,
        ): InlineCompletionVariant = throw NotImplementedError()
    }
}

interface InlineCompletionSuggestionUpdateManager {
    fun update(event: InlineCompletionEvent, variant: InlineCompletionVariant.Snapshot): UpdateResult

    sealed interface UpdateResult {
        class Changed(val snapshot: InlineCompletionVariant.Snapshot) : UpdateResult

        data object Invalidated : UpdateResult
    }

    interface Adapter : InlineCompletionSuggestionUpdateManager {
        override fun update(event: InlineCompletionEvent, variant: InlineCompletionVariant.Snapshot): UpdateResult = throw NotImplementedError()

        fun onDocumentChange(event: InlineCompletionEvent.DocumentChange, variant: InlineCompletionVariant.Snapshot): UpdateResult = throw NotImplementedError()

        fun onInsertNextWord(event: InlineCompletionEvent.InsertNextWord, variant: InlineCompletionVariant.Snapshot): UpdateResult = throw NotImplementedError()

        fun onInsertNextLine(event: InlineCompletionEvent.InsertNextLine, variant: InlineCompletionVariant.Snapshot): UpdateResult = throw NotImplementedError()
    }
}
