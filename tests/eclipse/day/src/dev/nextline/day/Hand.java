package dev.nextline.day;

import dev.nextline.core.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.eclipse.swt.SWT;
import org.eclipse.swt.graphics.GC;
import org.eclipse.swt.graphics.Image;
import org.eclipse.swt.graphics.ImageData;
import org.eclipse.swt.graphics.ImageLoader;
import org.eclipse.swt.widgets.Display;
import org.eclipse.ui.PlatformUI;

/** Keys, looks and a report: what a person at the workbench has. Called from a thread of its own. */
final class Hand {
    /** How long anything may take, in ms. */
    private static final long PATIENCE = 30000;

    private final Path report;
    private final Path shots;
    private final Display display = PlatformUI.getWorkbench().getDisplay();
    private final Keys keys = new Keys(display);

    Hand(Path report, Path shots) {
        this.report = report;
        this.shots = shots;
    }

    /** One row of the report: {@code name, value, name, value …}. */
    void tell(Object... members) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 0; i < members.length; i += 2) row.put((String) members[i], members[i + 1]);
        try {
            Files.writeString(report, Json.write(row) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    void check(String what, Object want, Object got) {
        tell("check", what, "want", want, "got", got);
    }

    void note(String what, Object value) {
        tell("note", what, "value", value);
    }

    /** On the workbench's thread. */
    <T> T ui(Callable<T> ask) {
        try {
            return display.<T, Exception>syncCall(ask::call);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    void act(Runnable act) {
        display.syncExec(act);
    }

    /** Asks on the workbench's thread until the answer is good; the last one, if time is over. */
    <T> T until(Callable<T> ask, Predicate<T> good) {
        long end = System.currentTimeMillis() + PATIENCE;
        while (true) {
            T got = ui(ask);
            if (good.test(got) || System.currentTimeMillis() > end) return got;
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Types letters as keys; each is taken in before the next one. */
    void type(String text) {
        for (char c : text.toCharArray()) keys.stroke(c == '\n' ? SWT.CR : c);
    }

    /** Presses a key, with the modifiers held. */
    void press(int key, int... modifiers) {
        keys.stroke(key, modifiers);
    }

    /** Keeps a picture of the screen. */
    void shot(String name) {
        act(() -> {
            while (display.readAndDispatch()) { }
            var bounds = display.getBounds();
            Image image = new Image(display, bounds);
            GC gc = new GC(display);
            gc.copyArea(image, 0, 0);
            gc.dispose();
            ImageLoader loader = new ImageLoader();
            loader.data = new ImageData[] {image.getImageData()};
            loader.save(shots.resolve(name + ".png").toString(), SWT.IMAGE_PNG);
            image.dispose();
        });
    }
}
