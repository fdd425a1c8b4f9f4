@file:Suppress("UNUSED_PARAMETER")

package com.intellij.credentialStore

fun generateServiceName(subsystemName: String, key: String): String = throw NotImplementedError()
