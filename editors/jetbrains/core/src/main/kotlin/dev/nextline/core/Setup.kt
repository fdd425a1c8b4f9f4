package dev.nextline.core

import dev.nextline.protocol.Client
import java.io.File
import java.nio.file.Files
import java.nio.file.Path

/** The agent's binary: the one that was named, the one beside the plugin, the one on the path; `null` if there is none. */
fun binary(named: String, beside: Path?, path: String): String? {
    if (named.isNotEmpty()) return named
    val name = if (File.separatorChar == '\\') "nextline.exe" else "nextline"
    val folders = listOfNotNull(beside) + path.split(File.pathSeparatorChar).filter { it.isNotEmpty() }.map { Path.of(it) }
    return folders.map { it.resolve(name) }.firstOrNull { Files.isRegularFile(it) }?.toString()
}

/** Settings such as `completion.route` to their values, by section and key as `config.toml` has them. What is `null` was not set. */
fun sections(settings: Map<String, Any?>): Map<String, Any?> {
    val found = LinkedHashMap<String, MutableMap<String, Any?>>()
    for ((key, value) in settings) {
        if (value == null) continue
        val (section, name) = key.split('.', limit = 2)
        found.getOrPut(section) { LinkedHashMap() }[name] = value
    }
    return found
}

/** Whether a route's key can be kept under this name: it becomes a variable of the agent's process. */
fun keyName(name: String): Boolean = Regex(Client.KEY_NAME).matches(name)
