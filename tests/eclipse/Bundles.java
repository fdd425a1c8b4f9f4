import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes a folder of OSGi bundles of Debian's jars: those that are bundles are copied, the others are given a manifest.
 *
 * <pre>java Bundles.java FOLDER-OF-JARS PLUGINS</pre>
 */
final class Bundles {
    /** Plain jars by their names' beginnings: the bundle's name and the version of its packages. */
    private static final Map<String, List<String>> PLAIN = Map.of(
            "bcpg-", List.of("bcpg", "1.72.0"),
            "bcprov-", List.of("bcprov", "1.72.0"),
            "batik-constants.", List.of("org.apache.batik.constants", "1.16.0"),
            "osgi.cmpn-", List.of("osgi.cmpn", "0.0.0"),
            "sac.", List.of("org.w3c.css.sac", "1.3.1"),
            "atinject-jsr330-api-", List.of("javax.inject", "1.0.0"),
            "geronimo-annotation-", List.of("javax.annotation", "1.3.5"));

    /** Bundles whose manifests do not fit: SWT's has an old version, the others want more than is needed. */
    private static final Map<String, String> ANEW = Map.of("org.eclipse.swt", "3.122.0", "org.apache.commons.jxpath", "1.3.0",
            "org.apache.batik.util", "1.12.0", "org.apache.batik.i18n", "1.12.0", "org.apache.batik.css", "1.12.0");

    /** Bundles by their names' beginnings that the workbench does without. */
    private static final List<String> LEFT_OUT = List.of("org.apache.batik.", "com.ibm.icu.", "org.w3c.css.sac");
    private static final List<String> KEPT = List.of("org.apache.batik.css", "org.apache.batik.util", "org.apache.batik.i18n");

    /** Packages of the compendium and their versions; that of components is Felix's own. */
    private static final Map<String, String> SERVICES = Map.of(
            "org.osgi.service.cm", "1.6.0", "org.osgi.service.device", "1.1.0", "org.osgi.service.event", "1.4.0",
            "org.osgi.service.metatype", "1.4.0", "org.osgi.service.prefs", "1.1.2", "org.osgi.service.provisioning", "1.2.0",
            "org.osgi.service.upnp", "1.2.0", "org.osgi.service.useradmin", "1.1.0", "org.osgi.service.wireadmin", "1.0.0");
    private static final Map<String, String> WORDS = Map.of("org.osgi.util.promise", "1.1.0", "org.osgi.util.function", "1.1.0");

    private final Path plugins;

    private Bundles(Path plugins) {
        this.plugins = plugins;
    }

    public static void main(String[] given) throws IOException {
        var bundles = new Bundles(Path.of(given[1]));
        try (Stream<Path> found = Files.list(Path.of(given[0]))) {
            for (Path jar : found.filter(path -> path.toString().endsWith(".jar") && !Files.isSymbolicLink(path)).toList()) bundles.take(jar);
        }
        // Bundles that others require by name; what they would export is the compendium's.
        for (var service : SERVICES.entrySet()) bundles.empty(service.getKey(), service.getValue(), "osgi.cmpn");
        bundles.empty("org.osgi.service.component", "1.5.0", "org.apache.felix.scr");
    }

    private void take(Path path) throws IOException {
        try (JarFile jar = new JarFile(path.toFile())) {
            String file = path.getFileName().toString();
            Manifest manifest = jar.getManifest();
            String name = manifest == null ? null : manifest.getMainAttributes().getValue("Bundle-SymbolicName");
            if (name == null || file.equals("sac.jar")) {
                for (var plain : PLAIN.entrySet()) {
                    if (file.startsWith(plain.getKey())) wrap(jar, plain.getValue().get(0), plain.getValue().get(1));
                }
                return;
            }
            name = name.split(";")[0].trim();
            if (LEFT_OUT.stream().anyMatch(name::startsWith) && !KEPT.contains(name)) return;
            if (ANEW.containsKey(name)) wrap(jar, name, ANEW.get(name));
            else Files.copy(path, plugins.resolve(name + ".jar"));
        }
    }

    /** A bundle that exports all its packages and takes from others what there is. */
    private void wrap(JarFile jar, String name, String version) throws IOException {
        Set<String> packages = new TreeSet<>();
        List<JarEntry> entries = jar.stream().filter(entry -> !entry.isDirectory() && !entry.getName().startsWith("META-INF/")).toList();
        for (JarEntry entry : entries) {
            int end = entry.getName().lastIndexOf('/');
            if (entry.getName().endsWith(".class") && end > 0) packages.add(entry.getName().substring(0, end).replace('/', '.'));
        }
        packages.removeIf(each -> each.startsWith("org.osgi.service.component"));
        String exports = packages.stream().map(each -> each + ";version=\"" + version(each, version) + "\"").collect(Collectors.joining(","));
        Manifest manifest = manifest(name, version.equals("0.0.0") ? "1.0.0" : version);
        manifest.getMainAttributes().putValue("Export-Package", exports);
        manifest.getMainAttributes().putValue("DynamicImport-Package", "*");
        try (var out = new JarOutputStream(Files.newOutputStream(plugins.resolve(name + ".jar")), manifest)) {
            for (JarEntry entry : entries) {
                out.putNextEntry(new JarEntry(entry.getName()));
                try (InputStream in = jar.getInputStream(entry)) {
                    in.transferTo(out);
                }
            }
        }
    }

    private static String version(String name, String otherwise) {
        return SERVICES.getOrDefault(name, WORDS.getOrDefault(name, otherwise));
    }

    private void empty(String name, String version, String of) throws IOException {
        Manifest manifest = manifest(name, version);
        manifest.getMainAttributes().putValue("Require-Bundle", of + ";visibility:=reexport");
        new JarOutputStream(Files.newOutputStream(plugins.resolve(name + ".jar")), manifest).close();
    }

    private static Manifest manifest(String name, String version) {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", name);
        main.putValue("Bundle-Version", version);
        return manifest;
    }
}
