package dev.nextline.eclipse;

import dev.nextline.core.Json;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.eclipse.swt.SWT;
import org.eclipse.swt.SWTError;
import org.eclipse.swt.browser.Browser;
import org.eclipse.swt.browser.BrowserFunction;
import org.eclipse.swt.browser.LocationAdapter;
import org.eclipse.swt.browser.LocationEvent;
import org.eclipse.swt.graphics.RGB;
import org.eclipse.swt.layout.GridLayout;
import org.eclipse.swt.program.Program;
import org.eclipse.swt.widgets.Button;
import org.eclipse.swt.widgets.Composite;
import org.eclipse.swt.widgets.Label;
import org.eclipse.ui.part.ViewPart;

/** The view of the chat: SWT's browser with the page in it; where SWT has none, a way to the same page in the system's browser. */
public final class ChatView extends ViewPart {
    static final String ID = Plugin.ID + ".chat";
    /** The page's function that takes a message to Eclipse, and the one that takes one from it. */
    private static final String SEND = "nextlineSend";
    private static final String HEAR = "nextlineHear";
    private static final String SERVED = "page: ";

    private Browser browser;
    private Composite parent;
    private Process served;

    @Override
    public void createPartControl(Composite parent) {
        this.parent = parent;
        try {
            browser = new Browser(parent, SWT.NONE);
        } catch (SWTError e) {
            offer("SWT has no browser here (" + e.getMessage() + "): the chat opens in the system's browser.");
            return;
        }
        new BrowserFunction(browser, SEND) {
            @Override
            public Object function(Object[] given) {
                String text = String.valueOf(given[0]);
                // The page waits for this: what it asked for is answered afterwards.
                Plugin.ui().execute(() -> Plugin.get().chat().received(text));
                return null;
            }
        };
        browser.addLocationListener(new LocationAdapter() {
            @Override
            public void changing(LocationEvent event) {
                // Links of an answer belong into the system's browser.
                if (!event.location.startsWith("http")) return;
                event.doit = false;
                Program.launch(event.location);
            }
        });
        Plugin.get().chat().attach(message -> browser.execute(HEAR + "(" + Json.write(message) + ")"));
        try {
            browser.setText(html(dark(parent.getBackground().getRGB())), true);
        } catch (IOException e) {
            Plugin.say("the chat's page cannot be read: " + e.getMessage());
        }
    }

    /** The browser; {@code null} where SWT has none. */
    public Browser browser() {
        return browser;
    }

    private static boolean dark(RGB background) {
        return background.red + background.green + background.blue < 3 * 128;
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = ChatView.class.getResourceAsStream("/page/" + name)) {
            if (in == null) throw new IOException("there is no " + name + " in this plug-in");
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The page asks nothing of anybody (`swt:` is how SWT calls its functions under GTK), and no text becomes a script: what a model writes is shown as text. */
    private static String html(boolean dark) throws IOException {
        String nonce = Long.toHexString(new SecureRandom().nextLong());
        String policy = "default-src 'none'; script-src 'nonce-%1$s'; style-src 'nonce-%1$s'; connect-src swt:; base-uri 'none'; form-action 'none'; "
                + "require-trusted-types-for 'script'; trusted-types 'none'";
        return """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta http-equiv="Content-Security-Policy" content="%1$s">
                <title>Nextline</title>
                <style nonce="%2$s">%3$s :root { color-scheme: %4$s; }</style>
                </head>
                <body><div id="nextline"></div><script nonce="%2$s">%5$s</script></body>
                </html>""".formatted(policy.formatted(nonce), nonce, resource("style.css"), dark ? "dark" : "light", resource("page.js"));
    }

    private void offer(String sentence) {
        parent.setLayout(new GridLayout());
        new Label(parent, SWT.WRAP).setText(sentence);
        Button button = new Button(parent, SWT.PUSH);
        button.setText("Open the Chat");
        button.addListener(SWT.Selection, event -> serve());
        Plugin.say(sentence);
    }

    /** The agent serves the page itself, for as long as the view is there; its address is said on the first lines of its output. */
    private void serve() {
        String binary = Plugin.get().bridge().binary();
        if (binary == null || served != null && served.isAlive()) return;
        ProcessBuilder builder = new ProcessBuilder(binary, "serve");
        builder.environment().putAll(Plugin.get().bridge().environment());
        Workspace.folders().stream().findFirst().ifPresent(uri -> builder.directory(new File(URI.create(uri))));
        builder.redirectError(ProcessBuilder.Redirect.appendTo(Plugin.get().bridge().log()));
        try {
            served = builder.start();
        } catch (IOException e) {
            Plugin.say("the agent did not start: " + e.getMessage());
            return;
        }
        Process process = served;
        Thread reader = new Thread(() -> {
            try (BufferedReader lines = process.inputReader()) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    String address = line.startsWith(SERVED) ? line.substring(SERVED.length()) : null;
                    if (address != null) Plugin.ui().execute(() -> Program.launch(address));
                }
            } catch (IOException e) {
                Plugin.say("the chat's page cannot be served: " + e.getMessage());
            }
        }, "nextline serves");
        reader.setDaemon(true);
        reader.start();
    }

    @Override
    public void setFocus() {
        if (browser != null) browser.setFocus();
        else parent.setFocus();
    }

    @Override
    public void dispose() {
        Plugin.get().chat().detach();
        if (served != null) served.destroy();
        super.dispose();
    }
}
