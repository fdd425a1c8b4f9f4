@file:Suppress("UNUSED_PARAMETER", "RedundantSuspendModifier")

package com.intellij.openapi.application

suspend fun <T> readAction(action: () -> T): T = throw NotImplementedError()
