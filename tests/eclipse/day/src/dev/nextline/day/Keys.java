package dev.nextline.day;

import com.sun.jna.NativeLong;
import com.sun.jna.platform.unix.X11;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.swt.SWT;
import org.eclipse.swt.widgets.Display;

/** A keyboard of the X server. SWT can post keys as well, but takes away a reference to the window with each. */
final class Keys {
    /** How long a key may take to arrive, in ms; some arrive where SWT does not see them. */
    private static final long PATIENCE = 1000;
    private static final int SHIFT = 0xffe1;

    /** SWT's names of keys by X's. */
    private static final Map<Integer, Integer> SYMBOLS = Map.ofEntries(
            Map.entry((int) SWT.CR, 0xff0d), Map.entry((int) SWT.TAB, 0xff09), Map.entry((int) SWT.ESC, 0xff1b), Map.entry((int) SWT.BS, 0xff08),
            Map.entry(SWT.ARROW_RIGHT, 0xff53), Map.entry(SWT.END, 0xff57), Map.entry(SWT.CTRL, 0xffe3), Map.entry(SWT.ALT, 0xffe9),
            Map.entry(SWT.SHIFT, SHIFT));

    private final X11.Display server = X11.INSTANCE.XOpenDisplay(null);
    private final Display display;
    private final Semaphore released = new Semaphore(0);

    Keys(Display display) {
        this.display = display;
        display.syncExec(() -> display.addFilter(SWT.KeyUp, event -> released.release()));
    }

    /** Presses and releases a key, or the one of a letter, with modifiers held; it is taken in before this returns. */
    void stroke(int key, int... modifiers) {
        int symbol = SYMBOLS.getOrDefault(key, key);
        byte code = code(symbol);
        boolean shifted = X11.INSTANCE.XKeycodeToKeysym(server, code, 0).intValue() != symbol;
        released.drainPermits();
        if (shifted) fake(code(SHIFT), true);
        for (int modifier : modifiers) fake(code(SYMBOLS.get(modifier)), true);
        fake(code, true);
        fake(code, false);
        for (int modifier : modifiers) fake(code(SYMBOLS.get(modifier)), false);
        if (shifted) fake(code(SHIFT), false);
        X11.INSTANCE.XSync(server, false);
        try {
            released.tryAcquire(1 + modifiers.length + (shifted ? 1 : 0), PATIENCE, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        // What the key has put off is done as well.
        for (int i = 0; i < 3; i++) display.syncExec(() -> { });
    }

    private byte code(int symbol) {
        byte code = X11.INSTANCE.XKeysymToKeycode(server, new X11.KeySym(symbol));
        if (code == 0) throw new IllegalStateException("there is no key for " + symbol);
        return code;
    }

    private void fake(byte code, boolean down) {
        X11.XTest.INSTANCE.XTestFakeKeyEvent(server, code & 0xff, down, new NativeLong(0));
    }
}
