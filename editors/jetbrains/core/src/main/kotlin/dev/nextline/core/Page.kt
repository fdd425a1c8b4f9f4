package dev.nextline.core

/** A file of the chat's page, its type, and what the page may do. */
class PageFile(val text: ByteArray, val type: String) {
    companion object {
        /** Nothing but to run its own files: it fetches nothing, and no text becomes HTML or a script. */
        const val POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; " +
            "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    }
}

/** The chat's page: the files of `nextline serve` that are packed beside this class, with a port of the editor's own. */
class Page(
    /** The editor's colours and letters: CSS. */
    private val theme: () -> String,
) {
    /** The file of a path without its leading `/`; `null` if there is none. */
    fun file(path: String): PageFile? = when {
        path.isEmpty() -> PageFile(PAGE.toByteArray(), "text/html")
        path == "theme.css" -> PageFile(theme().toByteArray(), "text/css")
        !NAME.matches(path) -> null
        else -> javaClass.getResourceAsStream("/page/$path")?.use { PageFile(it.readAllBytes(), if (path.endsWith(".js")) "text/javascript" else "text/css") }
    }

    private companion object {
        val NAME = Regex("[a-z]+\\.(js|css)")
        const val PAGE = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Nextline</title>" +
            "<link rel=\"stylesheet\" href=\"style.css\"><link rel=\"stylesheet\" href=\"theme.css\"></head>" +
            "<body><div id=\"nextline\"></div><script type=\"module\" src=\"editor.js\"></script></body></html>"
    }
}
