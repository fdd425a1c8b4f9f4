import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes one script of the chat page's modules: a page that is set as a text has no address to load others from.
 *
 * <pre>java Page.java FOLDER-OF-MODULES MAIN.js > page.js</pre>
 */
final class Page {
    private static final Pattern IMPORT = Pattern.compile("^import (\\{[^}]*\\}) from '\\./([\\w]+)\\.js';$", Pattern.MULTILINE);
    private static final Pattern EXPORT = Pattern.compile("^export ((?:async )?(?:function|class|const) (\\w+))", Pattern.MULTILINE);

    private final Path folder;
    /** Modules by their names, those that others need first. */
    private final Map<String, String> made = new LinkedHashMap<>();

    private Page(Path folder) {
        this.folder = folder;
    }

    public static void main(String[] given) throws IOException {
        Page page = new Page(Path.of(given[0]));
        String main = page.inlined(Files.readString(Path.of(given[1])));
        StringBuilder all = new StringBuilder("'use strict';\n");
        page.made.forEach((name, text) -> all.append("const $").append(name).append(" = (() => {\n").append(text).append("})();\n"));
        String script = all.append("(() => {\n").append(main).append("})();\n").toString();
        // It stands in a page.
        if (script.contains("</script") || script.contains("\nimport ") || script.contains("\nexport ")) throw new IOException("a module has what cannot be put into one script");
        System.out.print(script);
    }

    /** A module whose imports are constants, and the modules that it needs with it. */
    private String inlined(String text) throws IOException {
        Matcher imports = IMPORT.matcher(text);
        while (imports.find()) {
            String name = imports.group(2);
            if (!made.containsKey(name)) {
                String module = inlined(Files.readString(folder.resolve(name + ".js")));
                made.put(name, module);
            }
        }
        StringJoiner exports = new StringJoiner(", ", "return { ", " };\n");
        exports.setEmptyValue("");
        Matcher exported = EXPORT.matcher(text);
        while (exported.find()) exports.add(exported.group(2));
        return EXPORT.matcher(IMPORT.matcher(text).replaceAll("const $1 = \\$$2;")).replaceAll("$1") + exports;
    }
}
