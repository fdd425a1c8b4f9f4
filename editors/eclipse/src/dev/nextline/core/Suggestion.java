package dev.nextline.core;

import dev.nextline.protocol.Protocol.InlineCompletionItem;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One suggestion: what it puts where, and how much of it is still ahead of the cursor. Offsets count UTF-16 units. */
public final class Suggestion {
    /** The next word with the blanks before it. */
    private static final Pattern WORD = Pattern.compile("\\s*(?:[\\w]+|[^\\w\\s]+)", Pattern.UNICODE_CHARACTER_CLASS);

    private final InlineCompletionItem item;
    private final String insert;
    private final int start;
    /** Units behind the cursor that go when it is taken. */
    private final int tail;
    /** Units of the document behind the cursor, when it was asked for. */
    private final int after;

    /**
     * @param start where the item's range begins
     * @param end where it ends
     * @param caret where the cursor was
     * @param length of the document
     */
    Suggestion(InlineCompletionItem item, int start, int end, int caret, int length) {
        this.item = item;
        this.insert = item.insertText().replaceAll("\r\n?", "\n");
        this.start = start;
        this.tail = Math.max(end - caret, 0);
        this.after = length - caret;
    }

    public InlineCompletionItem item() {
        return item;
    }

    /** Units behind the cursor that go when all of it is taken. */
    public int tail() {
        return tail;
    }

    /** What is left to insert while what was typed goes along with it; {@code null} when it does not, or nothing is left. */
    public String rest(CharSequence text, int caret) {
        if (caret < start || text.length() - caret != after) return null;
        String typed = text.subSequence(start, caret).toString().replaceAll("\r\n?", "\n");
        return insert.startsWith(typed) && typed.length() < insert.length() ? insert.substring(typed.length()) : null;
    }

    /** UTF-16 units of the item's text that stand before the cursor once {@code left} is all that is ahead of it. */
    int taken(String left) {
        return insert.length() - left.length();
    }

    /** The next word of a rest, with the blanks before it. */
    public static String word(String rest) {
        Matcher matcher = WORD.matcher(rest);
        return matcher.lookingAt() ? matcher.group() : rest;
    }
}
