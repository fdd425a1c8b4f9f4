package dev.nextline.core;

import dev.nextline.protocol.Protocol.Change;
import dev.nextline.protocol.Protocol.EditHunk;
import dev.nextline.protocol.Protocol.Position;
import dev.nextline.protocol.Protocol.Range;
import java.util.List;

/** A document's text as the agent has it. Offsets and characters count UTF-16 units; {@code \n}, {@code \r\n} and {@code \r} end lines. */
public final class Text {
    private final StringBuilder text;
    /** A line that is known, so that the next one nearby is found without counting from the beginning. */
    private int line;
    private int start;

    public Text(String text) {
        this.text = new StringBuilder(text);
    }

    /** Replaces {@code length} units at {@code offset}, and answers what LSP calls that. */
    public Change change(int offset, int length, String with) {
        int from = offset;
        int to = offset + length;
        // LSP has no position within a line's end or a surrogate pair: what touches one is told with all of it.
        while (from > 0 && Character.isSurrogate(text.charAt(from - 1))) from--;
        while (to < text.length() && Character.isSurrogate(text.charAt(to))) to++;
        if (from > 0 && text.charAt(from - 1) == '\r') from--;
        if (to < text.length() && text.charAt(to) == '\n') to++;
        String whole = text.substring(from, offset) + with + text.substring(offset + length, to);
        // The end first: what is remembered afterwards lies before the change.
        Position end = position(to);
        Range range = new Range(end, position(from));
        text.replace(from, to, whole);
        return new Change(whole, range);
    }

    public Position position(int offset) {
        while (start > offset) {
            line--;
            start = before(start);
        }
        for (int next = after(start); next >= 0 && next <= offset; next = after(start)) {
            line++;
            start = next;
        }
        return new Position(offset - start, line);
    }

    /** The offset of a position; of one that is not there, the nearest. */
    public int offset(Position position) {
        while (line > position.line()) {
            line--;
            start = before(start);
        }
        while (line < position.line()) {
            int next = after(start);
            if (next < 0) return text.length();
            line++;
            start = next;
        }
        int end = start;
        while (end < text.length() && end - start < position.character() && !ends(end)) end++;
        return end;
    }

    /** The text with hunks in it; they are in the text's order. */
    public String patched(List<EditHunk> hunks) {
        StringBuilder patched = new StringBuilder(text);
        for (int i = hunks.size() - 1; i >= 0; i--) {
            Range range = hunks.get(i).range();
            patched.replace(offset(range.start()), offset(range.end()), hunks.get(i).newText());
        }
        return patched.toString();
    }

    @Override
    public String toString() {
        return text.toString();
    }

    private boolean ends(int at) {
        return text.charAt(at) == '\n' || text.charAt(at) == '\r';
    }

    /** Where the next line begins; -1 on the last one. */
    private int after(int start) {
        for (int at = start; at < text.length(); at++) {
            if (text.charAt(at) == '\n') return at + 1;
            if (text.charAt(at) == '\r') return at + 1 < text.length() && text.charAt(at + 1) == '\n' ? at + 2 : at + 1;
        }
        return -1;
    }

    private int before(int start) {
        int at = start - 1;
        if (at > 0 && text.charAt(at) == '\n' && text.charAt(at - 1) == '\r') at--;
        while (at > 0 && !ends(at - 1)) at--;
        return at;
    }
}
