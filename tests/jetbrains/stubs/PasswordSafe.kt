package com.intellij.ide.passwordSafe

import com.intellij.credentialStore.CredentialAttributes
import com.intellij.credentialStore.Credentials

abstract class PasswordSafe {
    abstract fun getPassword(attributes: CredentialAttributes): String?

    abstract operator fun set(attributes: CredentialAttributes, credentials: Credentials?)

    companion object {
        @JvmStatic
        val instance: PasswordSafe get() = throw NotImplementedError()
    }
}
