package dev.nextline.day;

import dev.nextline.core.Agent;
import dev.nextline.eclipse.ChatView;
import dev.nextline.eclipse.GhostText;
import dev.nextline.eclipse.Plugin;
import dev.nextline.protocol.Protocol.AssertTextParams;
import dev.nextline.protocol.Protocol.Config;
import dev.nextline.protocol.Protocol.DocumentParams;
import dev.nextline.protocol.Protocol.Identifier;
import dev.nextline.protocol.Protocol.Methods;
import dev.nextline.protocol.Protocol.Status;
import dev.nextline.protocol.Protocol.WhyResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.eclipse.core.resources.IFile;
import org.eclipse.core.resources.IMarker;
import org.eclipse.core.resources.IProject;
import org.eclipse.core.resources.IProjectDescription;
import org.eclipse.core.resources.ResourcesPlugin;
import org.eclipse.core.runtime.NullProgressMonitor;
import org.eclipse.equinox.p2.core.IProvisioningAgent;
import org.eclipse.equinox.p2.metadata.IInstallableUnit;
import org.eclipse.equinox.p2.query.QueryUtil;
import org.eclipse.equinox.p2.repository.artifact.IArtifactRepositoryManager;
import org.eclipse.equinox.p2.repository.metadata.IMetadataRepositoryManager;
import org.eclipse.jface.text.IDocument;
import org.eclipse.jface.text.ITextOperationTarget;
import org.eclipse.jface.text.source.ISourceViewer;
import org.eclipse.swt.SWT;
import org.eclipse.swt.browser.Browser;
import org.eclipse.swt.widgets.Composite;
import org.eclipse.swt.widgets.Control;
import org.eclipse.swt.widgets.Label;
import org.eclipse.swt.widgets.Shell;
import org.eclipse.swt.widgets.Text;
import org.eclipse.swt.widgets.ToolBar;
import org.eclipse.ui.IEditorPart;
import org.eclipse.ui.IWorkbenchPage;
import org.eclipse.ui.IWorkbenchWindow;
import org.eclipse.ui.PlatformUI;
import org.eclipse.ui.dialogs.PreferencesUtil;
import org.eclipse.ui.handlers.IHandlerService;
import org.eclipse.ui.ide.IDE;
import org.eclipse.ui.texteditor.ITextEditor;
import org.osgi.framework.FrameworkUtil;

/** What a person does in a day, part by part. */
final class Story {
    private static final String LINE = "let counter = registry.counter(\"requests\");";

    private final Hand hand;
    private final Path folder;
    private final Agent agent = Plugin.get().agent();
    private IProject project;
    private ITextEditor editor;

    Story(Hand hand, Path folder) {
        this.hand = hand;
        this.folder = folder;
    }

    private IWorkbenchWindow window() {
        return PlatformUI.getWorkbench().getWorkbenchWindows()[0];
    }

    private IWorkbenchPage page() {
        return window().getActivePage();
    }

    void begin() throws Exception {
        hand.act(() -> window().getShell().setBounds(window().getShell().getDisplay().getBounds()));
        hand.act(() -> window().getShell().forceActive());
        hand.check("the agent runs", true, hand.until(agent::running, running -> running));
        Plugin.get().settings().store("MOCK_KEY", "a-key-for-tests");
        IProjectDescription description = ResourcesPlugin.getWorkspace().newProjectDescription("project");
        description.setLocationURI(folder.toUri());
        project = ResourcesPlugin.getWorkspace().getRoot().getProject("project");
        project.create(description, new NullProgressMonitor());
        project.open(new NullProgressMonitor());
        hand.check("the project is learnt", true, hand.until(this::learnt, tokens -> tokens > 0) > 0);
    }

    /** Tokens that the embedded model has learnt; none while there is no agent. */
    private long learnt() throws InterruptedException {
        try {
            return Status.from(agent.request(Methods.STATUS, null).get()).local().tokens();
        } catch (ExecutionException e) {
            return 0;
        }
    }

    private void open(String path) {
        IFile file = project.getFile(path);
        editor = hand.ui(() -> (ITextEditor) IDE.openEditor(page(), file).getAdapter(ITextEditor.class));
        hand.until(() -> viewer().getTextWidget().setFocus() && viewer().getTextWidget().isFocusControl(), focus -> focus);
    }

    private ISourceViewer viewer() {
        return (ISourceViewer) editor.getAdapter(ITextOperationTarget.class);
    }

    private IDocument document() {
        return editor.getDocumentProvider().getDocument(editor.getEditorInput());
    }

    private String text() {
        return hand.ui(() -> document().get());
    }

    /** The cursor to behind a text's first occurrence, as a click would. */
    private void click(String behind) {
        hand.act(() -> viewer().setSelectedRange(document().get().indexOf(behind) + behind.length(), 0));
    }

    private GhostText ghost() {
        return Plugin.get().views().ghost(viewer());
    }

    private String shown() {
        return hand.until(() -> ghost().shown(), Objects::nonNull);
    }

    private String gone() {
        return hand.until(() -> ghost().shown(), Objects::isNull);
    }

    private String saved() throws Exception {
        hand.press('s', SWT.CTRL);
        hand.until(() -> editor.isDirty(), dirty -> !dirty);
        return Files.readString(folder.resolve("src/" + editor.getEditorInput().getName()));
    }

    void ghostText() throws Exception {
        open("src/fresh.rs");
        click("Error> {\n    ");
        hand.type("let counter = reg");
        hand.check("ghost text", "istry.counter(\"requests\");", shown());
        hand.shot("1-ghost-text");
        // Typed through: the same suggestion, a letter shorter.
        hand.type("i");
        hand.check("typed through", "stry.counter(\"requests\");", shown());
        hand.press(SWT.TAB);
        hand.check("nothing is left of it", null, gone());
        String head = "pub fn handle_new(registry: &mut Registry) -> Result<(), Error> {\n    ";
        hand.check("taken with Tab, saved", head + LINE + "\n}\n", saved());
        hand.press('z', SWT.CTRL);
        hand.check("one undo takes the ghost text back, not what was typed", head + "let counter = regi\n}\n", text());
        hand.press('z', SWT.CTRL, SWT.SHIFT);
        hand.press(SWT.END);
        hand.press(SWT.CR);
        hand.type("let counter = reg");
        hand.check("ghost text again", "istry.counter(\"requests\");", shown());
        hand.press(SWT.ARROW_RIGHT, SWT.CTRL);
        hand.check("a word is taken", ".counter(\"requests\");", shown());
        hand.press(SWT.ARROW_RIGHT, SWT.CTRL);
        hand.press(SWT.ARROW_RIGHT, SWT.CTRL);
        hand.check("and another one", "(\"requests\");", shown());
        hand.shot("2-by-word");
        hand.press(SWT.ESC);
        hand.check("declined", null, gone());
        hand.check("by word, saved", head + LINE + "\n    let counter = registry.counter\n}\n", saved());
        hand.press(SWT.TAB);
        hand.check("Tab is Eclipse's own again", head + LINE + "\n    let counter = registry.counter\t\n}\n", text());
    }

    /** A suggestion of a route, over several lines. */
    void lines() throws Exception {
        Plugin.get().settings().set(Config.COMPLETION_ROUTE, "mock");
        open("src/sums.rs");
        click("}\n");
        hand.type("pub fn four() -> u8 {");
        String before = text();
        String more = "\n    let four = 4;\n    four\n}";
        hand.check("several lines", more, hand.until(() -> ghost().shown(), more::equals));
        hand.shot("7-lines");
        hand.press(SWT.TAB);
        hand.check("and taken", before.replace("four() -> u8 {", "four() -> u8 {" + more), text());
        Plugin.get().settings().setAll(Map.of());
    }

    /** Types an instruction into the dialog that a key opens. */
    private void instruct(String instruction) {
        hand.press('e', SWT.CTRL, SWT.ALT);
        hand.until(() -> field() != null && field().setFocus(), there -> there);
        hand.type(instruction);
        hand.check("the instruction is typed", instruction, hand.ui(() -> field().getText()));
    }

    private Text field() {
        Shell shell = PlatformUI.getWorkbench().getDisplay().getActiveShell();
        return shell == null || shell == window().getShell() ? null : find(shell, Text.class);
    }

    private static <C extends Control> C find(Composite in, Class<C> kind) {
        for (Control child : in.getChildren()) {
            if (kind.isInstance(child) && child.isVisible() && (child.getStyle() & SWT.READ_ONLY) == 0) return kind.cast(child);
            C found = child instanceof Composite inner ? find(inner, kind) : null;
            if (found != null) return found;
        }
        return null;
    }

    /** The title of the comparison in front. */
    private String comparison() {
        return hand.until(() -> {
            IEditorPart active = page().getActiveEditor();
            return active == null || active == editor ? null : active.getTitle();
        }, Objects::nonNull);
    }

    private boolean back() {
        return hand.until(() -> page().getActiveEditor() == editor, in -> in);
    }

    void edits() throws Exception {
        open("src/sums.rs");
        String before = text();
        String after = before.replace("    2\n", "    1 * 2\n");
        click("    2");
        instruct("as a product");
        hand.press(SWT.CR);
        hand.check("the comparison", "sums.rs: as a product", comparison());
        hand.check("nothing is changed yet", before, text());
        hand.shot("3-comparison");
        hand.press(SWT.CR, SWT.CTRL);
        hand.check("the comparison is closed", true, back());
        hand.check("accepted", after, hand.until(() -> document().get(), after::equals));
        hand.press('z', SWT.CTRL);
        hand.check("one undo takes the edit back", before, hand.until(() -> document().get(), before::equals));
        hand.press('z', SWT.CTRL, SWT.SHIFT);
        hand.check("accepted, saved", after, saved());
        click("    3");
        instruct("add nothing");
        hand.press(SWT.CR);
        hand.check("another comparison", "sums.rs: add nothing", comparison());
        hand.press(SWT.BS, SWT.CTRL);
        hand.check("that one is closed as well", true, back());
        hand.check("rejected", after, text());
        IMarker marker = project.getFile("src/sums.rs").createMarker(IMarker.PROBLEM);
        marker.setAttributes(Map.of(IMarker.SEVERITY, IMarker.SEVERITY_ERROR, IMarker.MESSAGE, "three is too many", IMarker.LINE_NUMBER, 6,
                IMarker.CHAR_START, after.indexOf("    3") + 4, IMarker.CHAR_END, after.indexOf("    3") + 5));
        click("    3");
        command("fix");
        hand.check("a fix of what Eclipse has marked", "sums.rs: fix", comparison());
        command("rejectEdit");
        hand.check("and that one", true, back());
    }

    private int caret() {
        return hand.ui(() -> viewer().getSelectedRange().x);
    }

    /** A renamed variable is followed through, by one key. */
    void next() throws Exception {
        open("src/next.rs");
        String after = text().replace("count", "counter");
        click("let count");
        hand.type("er");
        hand.press('n', SWT.CTRL, SWT.ALT);
        int use = after.indexOf("counter * 2");
        hand.check("the cursor is at the next edit", use, hand.until(this::caret, at -> at == use));
        hand.check("which is not made yet", true, text().contains("count * 2"));
        hand.shot("8-next-edit");
        hand.press('n', SWT.CTRL, SWT.ALT);
        int last = after.lastIndexOf("counter");
        hand.check("the same key makes it and goes on", last, hand.until(this::caret, at -> at == last));
        hand.press('n', SWT.CTRL, SWT.ALT);
        hand.check("followed through", after, hand.until(() -> document().get(), after::equals));
        hand.check("and saved", after, saved());
    }

    private void command(String name) {
        hand.act(() -> {
            try {
                window().getService(IHandlerService.class).executeCommand(Plugin.ID + "." + name, null);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    void chat() throws Exception {
        click("    3");
        command("explain");
        ChatView view = hand.until(() -> (ChatView) page().findView(Plugin.ID + ".chat"), Objects::nonNull);
        hand.check("the chat's view", true, view != null);
        Browser browser = hand.ui(view::browser);
        hand.note("browser", browser == null ? "none" : hand.ui(browser::getBrowserType));
        if (browser == null) return;
        String first = hand.until(() -> answer(browser), text -> text.contains("First part."));
        hand.check("the answer's first part, before the second one is there", true, first.contains("First part.") && !first.contains("Second part."));
        Files.createFile(Path.of(System.getenv("SHOTS"), "go-on"));
        hand.check("the second one", true, hand.until(() -> answer(browser), text -> text.contains("Second part.")).contains("Second part."));
        hand.note("question", hand.ui(() -> browser.evaluate("return document.querySelector('.question')?.textContent ?? ''")));
        hand.check("nothing of it became an element", 0.0, hand.ui(() -> browser.evaluate("return document.querySelectorAll('.answer img, .answer script').length")));
        hand.shot("4-chat");
    }

    private static String answer(Browser browser) {
        return String.valueOf(browser.evaluate("return document.querySelector('.answer')?.textContent ?? ''"));
    }

    void crash() throws Exception {
        open("src/fresh.rs");
        long pid = agent.pid();
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        hand.press(SWT.END, SWT.CTRL);
        hand.type("// typed on\n");
        hand.check("another process", true, hand.until(() -> agent.running() && agent.pid() != pid, anew -> anew));
        var params = new AssertTextParams(text(), new Identifier(Plugin.get().workspace().uri(document())));
        hand.check("both have the same text", null, agent.request(Methods.DEBUG_ASSERT_TEXT, params.json()).get());
        hand.until(this::learnt, tokens -> tokens > 0);
        hand.type("pub fn handle_more(registry: &mut Registry) -> Result<(), Error> {\n    let counter = reg");
        hand.check("ghost text of the new process", "istry.counter(\"requests\");", shown());
        hand.press(SWT.TAB);
        hand.check("saved after the crash", true, saved().endsWith("// typed on\npub fn handle_more(registry: &mut Registry) -> Result<(), Error> {\n    " + LINE));
    }

    void excluded() throws Exception {
        open("secret/keys.rs");
        hand.press(SWT.END, SWT.CTRL);
        hand.type("let counter = reg");
        String uri = Plugin.get().workspace().uri(document());
        WhyResult why = hand.until(() -> WhyResult.from(agent.request(Methods.WHY, new DocumentParams(new Identifier(uri)).json()).get()), result -> result.reason() != null);
        hand.check("nothing is shown", null, hand.ui(() -> ghost().shown()));
        hand.note("why", why.detail());
        hand.note("trim", hand.until(() -> trim(window().getShell()), text -> text != null && text.contains("⊘")));
        command("why");
        hand.note("said", hand.until(() -> said(), text -> text.contains("cursorignore")));
        hand.shot("5-excluded");
        hand.act(() -> PreferencesUtil.createPreferenceDialogOn(window().getShell(), Plugin.ID + ".preferences", null, null).getShell().open());
        hand.shot("6-preferences");
        hand.act(() -> PlatformUI.getWorkbench().getDisplay().getActiveShell().close());
    }

    /** The text of the item in the status line. */
    private static String trim(Composite in) {
        for (Control child : in.getChildren()) {
            if (child instanceof ToolBar bar && bar.getItemCount() > 0 && bar.getItem(0).getText().contains("Nextline")) return bar.getItem(0).getText();
            String found = child instanceof Composite inner ? trim(inner) : null;
            if (found != null) return found;
        }
        return null;
    }

    /** What stands in the notifications. */
    private static String said() {
        StringBuilder all = new StringBuilder();
        for (Shell shell : PlatformUI.getWorkbench().getDisplay().getShells()) gather(shell, all);
        return all.toString();
    }

    private static void gather(Composite in, StringBuilder all) {
        for (Control child : in.getChildren()) {
            if (child instanceof Label label) all.append(label.getText()).append('\n');
            if (child instanceof Composite inner) gather(inner, all);
        }
    }

    /** The update site is one that p2 reads, and everything that it asks of Eclipse is here. */
    void site(Path site) throws Exception {
        var context = FrameworkUtil.getBundle(Story.class).getBundleContext();
        IProvisioningAgent provisioning = context.getService(context.getServiceReference(IProvisioningAgent.class));
        var metadata = provisioning.getService(IMetadataRepositoryManager.class).loadRepository(site.toUri(), new NullProgressMonitor());
        var artifacts = provisioning.getService(IArtifactRepositoryManager.class).loadRepository(site.toUri(), new NullProgressMonitor());
        int missing = 0;
        for (IInstallableUnit unit : metadata.query(QueryUtil.createIUAnyQuery(), null).toSet()) {
            for (var artifact : unit.getArtifacts()) if (!artifacts.contains(artifact)) missing++;
            for (var need : unit.getRequirements()) {
                boolean own = metadata.query(QueryUtil.createMatchQuery(need.getMatches()), null).iterator().hasNext();
                if (!own && need.getFilter() == null && !here(need.toString())) {
                    hand.note("needs", need.toString());
                    missing++;
                }
            }
        }
        hand.check("what the update site has is whole", 0L, (long) missing);
        hand.check("its feature", false, metadata.query(QueryUtil.createIUQuery("dev.nextline.feature.feature.group"), null).isEmpty());
    }

    private static boolean here(String need) {
        for (var bundle : FrameworkUtil.getBundle(Story.class).getBundleContext().getBundles()) {
            if (need.contains(bundle.getSymbolicName())) return true;
        }
        return false;
    }
}
