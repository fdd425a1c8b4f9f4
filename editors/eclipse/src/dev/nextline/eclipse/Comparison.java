package dev.nextline.eclipse;

import dev.nextline.protocol.Protocol.EditHunk;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.compare.CompareConfiguration;
import org.eclipse.compare.CompareEditorInput;
import org.eclipse.compare.IEncodedStreamContentAccessor;
import org.eclipse.compare.ITypedElement;
import org.eclipse.compare.structuremergeviewer.DiffNode;
import org.eclipse.core.runtime.IProgressMonitor;
import org.eclipse.swt.SWT;
import org.eclipse.swt.graphics.Image;
import org.eclipse.swt.layout.GridData;
import org.eclipse.swt.layout.GridLayout;
import org.eclipse.swt.layout.RowLayout;
import org.eclipse.swt.widgets.Button;
import org.eclipse.swt.widgets.Composite;
import org.eclipse.swt.widgets.Control;
import org.eclipse.ui.IEditorPart;
import org.eclipse.ui.IWorkbenchPage;
import org.eclipse.ui.IWorkbenchPart;
import org.eclipse.ui.IWorkbenchWindow;
import org.eclipse.ui.PlatformUI;
import org.eclipse.ui.contexts.IContextService;

/** An edit in Eclipse's compare editor: the text as it is beside the text as it would be, and what can be done with it above. */
final class Comparison extends CompareEditorInput {
    /** Keys that accept and reject hold in this context alone: while an edit is looked at. */
    private static final String CONTEXT = Plugin.ID + ".edit";

    /** One side. */
    private record Side(String name, String text) implements ITypedElement, IEncodedStreamContentAccessor {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public Image getImage() {
            return null;
        }

        @Override
        public String getType() {
            return name.contains(".") ? name.substring(name.lastIndexOf('.') + 1) : ITypedElement.TEXT_TYPE;
        }

        @Override
        public InputStream getContents() {
            return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String getCharset() {
            return "UTF-8";
        }
    }

    private final Edits edits;
    private final String name;
    private final String before;
    private final String after;
    private final List<EditHunk> hunks;
    private final List<Button> choices = new ArrayList<>();

    Comparison(Edits edits, String title, String uri, String before, String after, List<EditHunk> hunks) {
        super(new CompareConfiguration());
        this.edits = edits;
        this.name = uri.substring(uri.lastIndexOf('/') + 1);
        this.before = before;
        this.after = after;
        this.hunks = hunks;
        setTitle(name + ": " + title);
        getCompareConfiguration().setLeftLabel(name);
        getCompareConfiguration().setRightLabel("as it would be");
        getCompareConfiguration().setLeftEditable(false);
        getCompareConfiguration().setRightEditable(false);
    }

    /** The changes that the person wants, by their places in the preview; {@code null} for all. */
    List<Long> chosen() {
        List<Long> chosen = new ArrayList<>();
        for (int i = 0; i < choices.size(); i++) if (choices.get(i).getSelection()) chosen.add((long) i);
        return chosen.size() == choices.size() ? null : chosen;
    }

    void close() {
        for (IWorkbenchWindow window : PlatformUI.getWorkbench().getWorkbenchWindows()) {
            for (IWorkbenchPage page : window.getPages()) {
                IEditorPart editor = page.findEditor(this);
                if (editor != null) page.closeEditor(editor, false);
            }
        }
    }

    @Override
    protected Object prepareInput(IProgressMonitor monitor) {
        return new DiffNode(new Side(name, before), new Side(name, after));
    }

    @Override
    public Control createContents(Composite parent) {
        Composite all = new Composite(parent, SWT.NONE);
        GridLayout layout = new GridLayout();
        layout.marginWidth = layout.marginHeight = layout.verticalSpacing = 0;
        all.setLayout(layout);
        Composite bar = new Composite(all, SWT.NONE);
        bar.setLayout(new RowLayout());
        button(bar, SWT.PUSH, "Accept", edits::accept);
        button(bar, SWT.PUSH, "Reject", edits::reject);
        button(bar, SWT.PUSH, "Ask Again …", edits::retry);
        for (int i = 0; hunks.size() > 1 && i < hunks.size(); i++) {
            Button choice = button(bar, SWT.CHECK, "from line " + (hunks.get(i).range().start().line() + 1), () -> { });
            choice.setSelection(true);
            choices.add(choice);
        }
        Control comparison = super.createContents(all);
        comparison.setLayoutData(new GridData(SWT.FILL, SWT.FILL, true, true));
        IWorkbenchPart part = getWorkbenchPart();
        if (part != null) part.getSite().getService(IContextService.class).activateContext(CONTEXT);
        return all;
    }

    private static Button button(Composite bar, int style, String text, Runnable act) {
        Button button = new Button(bar, style);
        button.setText(text);
        button.addListener(SWT.Selection, event -> act.run());
        return button;
    }
}
