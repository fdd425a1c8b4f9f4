package dev.nextline.eclipse;

import java.util.List;
import org.eclipse.jface.resource.ColorRegistry;
import org.eclipse.jface.resource.JFaceResources;
import org.eclipse.swt.SWT;
import org.eclipse.swt.custom.StyledText;
import org.eclipse.swt.events.PaintEvent;
import org.eclipse.swt.events.PaintListener;
import org.eclipse.swt.graphics.Point;

/** The lines of ghost text below the cursor's: code minings of older Eclipses are one line high, so they are painted into a gap above the next line. */
final class GhostLines implements PaintListener {
    /** The colour of code minings, as the person set it. */
    private static final String COLOR = "org.eclipse.ui.editors.inlineAnnotationColor";

    private final StyledText widget;
    private List<String> lines = List.of();
    /** The line above which the gap is; -1 without one. */
    private int gap = -1;

    GhostLines(StyledText widget) {
        this.widget = widget;
        widget.addPaintListener(this);
    }

    /** Shows them below the cursor's line, and what was shown before no more. */
    void show(List<String> wanted) {
        if (wanted.isEmpty() && lines.isEmpty()) return;
        if (gap >= 0 && gap < widget.getLineCount()) widget.setLineVerticalIndent(gap, 0);
        lines = wanted;
        int next = widget.getLineAtOffset(widget.getCaretOffset()) + 1;
        gap = wanted.isEmpty() || next >= widget.getLineCount() ? -1 : next;
        if (gap >= 0) widget.setLineVerticalIndent(gap, wanted.size() * widget.getLineHeight());
        widget.redraw();
    }

    @Override
    public void paintControl(PaintEvent event) {
        if (lines.isEmpty()) return;
        Point caret = widget.getLocationAtOffset(widget.getCaretOffset());
        int left = widget.getLeftMargin() - widget.getHorizontalPixel();
        int height = widget.getLineHeight();
        ColorRegistry colors = JFaceResources.getColorRegistry();
        event.gc.setFont(widget.getFont());
        event.gc.setForeground(colors.hasValueFor(COLOR) ? colors.get(COLOR) : event.display.getSystemColor(SWT.COLOR_DARK_GRAY));
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).replace("\t", " ".repeat(widget.getTabs()));
            event.gc.drawString(line, left, caret.y + (i + 1) * height, true);
        }
    }
}
