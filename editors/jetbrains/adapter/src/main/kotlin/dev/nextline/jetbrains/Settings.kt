package dev.nextline.jetbrains

import com.intellij.openapi.components.PersistentStateComponent
import com.intellij.openapi.components.Service
import com.intellij.openapi.components.State
import com.intellij.openapi.components.Storage
import com.intellij.openapi.components.service
import com.intellij.openapi.options.SearchableConfigurable
import com.intellij.openapi.ui.ComboBox
import com.intellij.ui.components.JBLabel
import com.intellij.ui.components.JBTextField
import com.intellij.util.ui.FormBuilder
import dev.nextline.core.sections
import dev.nextline.protocol.Choices
import dev.nextline.protocol.Client
import dev.nextline.protocol.Config
import javax.swing.JComponent
import javax.swing.JPanel

/** What the person set, and nothing else: a default must not go before the person's own `config.toml`. */
@Service(Service.Level.APP)
@State(name = "Nextline", storages = [Storage("nextline.xml")])
class NextlineSettings : PersistentStateComponent<NextlineSettings.Stored> {
    /** An empty text was not set. */
    class Stored {
        /** The agent's binary; empty for the one in the plugin, else the one on the path. */
        var agentPath = ""
        var enabled = ""
        var route = ""
        var fallback = ""
        var mode = ""
        var multiline = ""
        var confidence = ""
        var editRoute = ""
        var chatRoute = ""

        /** Names of variables whose keys are in the password safe. */
        var keys: MutableList<String> = ArrayList()
    }

    private var stored = Stored()

    override fun getState() = stored

    override fun loadState(state: Stored) {
        stored = state
    }

    fun sections(): Map<String, Any?> = sections(
        FIELDS.associate { field -> field.key to field.get(stored).ifEmpty { null }?.let(field.read) },
    )

    companion object {
        val instance: NextlineSettings get() = service()
    }
}

/** One setting: its key in `config.toml`, and what may be chosen; any text where that is empty. */
internal class Field(
    val key: String,
    val label: String,
    val choices: List<String>,
    val get: (NextlineSettings.Stored) -> String,
    val set: (NextlineSettings.Stored, String) -> Unit,
    val read: (String) -> Any? = { it },
)

internal val FIELDS = listOf(
    Field(Config.COMPLETION_ENABLED, "Ghost text", listOf("true", "false"), { it.enabled }, { to, text -> to.enabled = text }, String::toBooleanStrictOrNull),
    Field(Config.COMPLETION_ROUTE, "Completions from (local, or a route)", emptyList(), { it.route }, { to, text -> to.route = text }),
    Field(Config.COMPLETION_FALLBACK, "When the route fails", listOf(Client.LOCAL, Choices.NONE), { it.fallback }, { to, text -> to.fallback = text }),
    Field(Config.COMPLETION_MODE, "Shown", listOf(Choices.EAGER, Choices.SUBTLE, Choices.MANUAL), { it.mode }, { to, text -> to.mode = text }),
    Field(Config.COMPLETION_MULTILINE, "More than a line", listOf(Choices.AUTO, Choices.NEVER, Choices.ALWAYS), { it.multiline }, { to, text -> to.multiline = text }),
    Field(Config.LOCAL_CONFIDENCE, "The embedded model's confidence (0.3 is eager, 0.7 quiet)", emptyList(), { it.confidence }, { to, text -> to.confidence = text }, String::toDoubleOrNull),
    Field(Config.EDIT_ROUTE, "Edits from (a route)", emptyList(), { it.editRoute }, { to, text -> to.editRoute = text }),
    Field(Config.CHAT_ROUTE, "Chat from (a route)", emptyList(), { it.chatRoute }, { to, text -> to.chatRoute = text }),
)

class SettingsPage : SearchableConfigurable {
    private class Row(val component: JComponent, val get: () -> String, val set: (String) -> Unit)

    private var rows: Map<Field, Row> = emptyMap()
    private var path: JBTextField? = null
    private val stored get() = NextlineSettings.instance.state

    override fun getId() = "dev.nextline.settings"

    override fun getDisplayName() = "Nextline"

    override fun createComponent(): JComponent {
        val form = FormBuilder.createFormBuilder()
        val path = JBTextField()
        this.path = path
        form.addLabeledComponent("The agent's binary (empty: the one in the plugin, else the one on the path)", path)
        rows = FIELDS.associateWith { field ->
            val row = if (field.choices.isEmpty()) text() else choice(field.choices)
            form.addLabeledComponent(field.label, row.component)
            row
        }
        form.addComponent(JBLabel("What is empty is as config.toml has it (\"nextline config path\" says where); routes and all else are there. Keys: Store a Key … in the status bar's menu."))
        reset()
        return form.addComponentFillVertically(JPanel(), 0).panel
    }

    private fun text() = JBTextField().let { Row(it, it::getText, it::setText) }

    private fun choice(choices: List<String>) = ComboBox((listOf("") + choices).toTypedArray()).let { box ->
        Row(box, { box.selectedItem as String }, { box.selectedItem = it })
    }

    override fun isModified() = path?.text != stored.agentPath || rows.any { (field, row) -> row.get() != field.get(stored) }

    override fun apply() {
        val moved = path?.text != stored.agentPath
        stored.agentPath = path?.text.orEmpty()
        rows.forEach { (field, row) -> field.set(stored, row.get().trim()) }
        val agent = Nextline.instance.agent
        if (moved) agent.restart() else agent.settingsChanged()
    }

    override fun reset() {
        path?.text = stored.agentPath
        rows.forEach { (field, row) -> row.set(field.get(stored)) }
    }

    override fun disposeUIResources() {
        path = null
        rows = emptyMap()
    }
}
