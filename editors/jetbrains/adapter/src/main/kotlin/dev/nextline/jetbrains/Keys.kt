package dev.nextline.jetbrains

import com.intellij.credentialStore.CredentialAttributes
import com.intellij.credentialStore.Credentials
import com.intellij.credentialStore.generateServiceName
import com.intellij.ide.passwordSafe.PasswordSafe
import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.project.Project
import com.intellij.openapi.ui.InputValidator
import com.intellij.openapi.ui.Messages
import com.intellij.openapi.ui.popup.JBPopupFactory
import dev.nextline.core.keyName

/** Keys of routes in the IDE's password safe. The agent gets them as variables of its process; a route names its own by `api_key_env`. */
internal object Keys {
    private val names get() = NextlineSettings.instance.state.keys

    private fun attributes(name: String) = CredentialAttributes(generateServiceName("Nextline", name))

    fun environment(): Map<String, String> =
        names.mapNotNull { name -> PasswordSafe.instance.getPassword(attributes(name))?.let { name to it } }.toMap()

    fun store(project: Project) {
        val valid = object : InputValidator {
            override fun checkInput(text: String) = keyName(text)
            override fun canClose(text: String) = keyName(text)
        }
        val what = "The variable that the route reads: its api_key_env, or its vendor's usual one\n(capitals, digits and _, with KEY or TOKEN in the name)"
        val name = Messages.showInputDialog(project, what, "Nextline: Store a Key", null, "ANTHROPIC_API_KEY", valid) ?: return
        val key = Messages.showPasswordDialog(project, name, "Nextline: Store a Key", null) ?: return
        if (name !in names) names.add(name)
        keep(name, Credentials(name, key))
    }

    fun forget() {
        JBPopupFactory.getInstance().createPopupChooserBuilder(names.toList()).setTitle("Nextline: Forget a Key").setItemChosenCallback { name ->
            names.remove(name)
            keep(name, null)
        }.createPopup().showInFocusCenter()
    }

    /** The safe may take its time, and ask for its own password. */
    private fun keep(name: String, key: Credentials?) {
        ApplicationManager.getApplication().executeOnPooledThread {
            PasswordSafe.instance.set(attributes(name), key)
            Nextline.instance.agent.restart()
        }
    }
}
