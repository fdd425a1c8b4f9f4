package dev.nextline.jetbrains

import com.intellij.util.ui.JBUI
import com.intellij.util.ui.UIUtil
import dev.nextline.core.Page
import dev.nextline.core.PageFile
import org.cef.browser.CefBrowser
import org.cef.browser.CefFrame
import org.cef.callback.CefCallback
import org.cef.handler.CefRequestHandlerAdapter
import org.cef.handler.CefResourceHandler
import org.cef.handler.CefResourceHandlerAdapter
import org.cef.handler.CefResourceRequestHandler
import org.cef.handler.CefResourceRequestHandlerAdapter
import org.cef.misc.BoolRef
import org.cef.misc.IntRef
import org.cef.misc.StringRef
import org.cef.network.CefRequest
import org.cef.network.CefResponse
import java.awt.Color

/** The page's files, out of the plugin; nothing else is loaded, from nowhere. */
internal class PageFiles : CefRequestHandlerAdapter() {
    private val page = Page(::theme)

    override fun getResourceRequestHandler(
        browser: CefBrowser?, frame: CefFrame?, request: CefRequest, navigation: Boolean, download: Boolean, initiator: String?, disableDefault: BoolRef?,
    ): CefResourceRequestHandler = object : CefResourceRequestHandlerAdapter() {
        override fun getResourceHandler(browser: CefBrowser?, frame: CefFrame?, request: CefRequest): CefResourceHandler {
            val address = request.url
            return Answer(if (address.startsWith(ADDRESS)) page.file(address.removePrefix(ADDRESS)) else null)
        }
    }

    private class Answer(private val file: PageFile?) : CefResourceHandlerAdapter() {
        private var sent = 0

        override fun processRequest(request: CefRequest, callback: CefCallback): Boolean {
            if (file == null) callback.cancel() else callback.Continue()
            return file != null
        }

        override fun getResponseHeaders(response: CefResponse, length: IntRef, redirect: StringRef) {
            response.status = 200
            response.mimeType = file!!.type
            response.setHeaderByName("Content-Security-Policy", PageFile.POLICY, true)
            length.set(file.text.size)
        }

        override fun readResponse(out: ByteArray, size: Int, read: IntRef, callback: CefCallback): Boolean {
            val some = minOf(size, file!!.text.size - sent)
            read.set(some)
            if (some <= 0) return false
            file.text.copyInto(out, 0, sent, sent + some)
            sent += some
            return true
        }
    }

    companion object {
        /** A name that no network has. */
        const val ADDRESS = "https://nextline.invalid/"

        /** The IDE's own colours and letters. */
        private fun theme(): String {
            fun css(color: Color) = "#%02x%02x%02x".format(color.red, color.green, color.blue)
            val font = JBUI.Fonts.label()
            return ":root { color-scheme: ${if (UIUtil.isUnderDarcula()) "dark" else "light"}; --page: ${css(UIUtil.getPanelBackground())}; " +
                "--text: ${css(UIUtil.getLabelForeground())}; --faint: ${css(UIUtil.getContextHelpForeground())}; " +
                "--raised: ${css(UIUtil.getTextFieldBackground())}; --line: ${css(JBUI.CurrentTheme.CustomFrameDecorations.separatorForeground())}; " +
                "font: ${font.size}px/1.5 \"${font.family}\", sans-serif; } body { padding: 0; }"
        }
    }
}
