package dev.nextline.core;

import dev.nextline.protocol.Protocol.Change;
import dev.nextline.protocol.Protocol.DidChangeParams;
import dev.nextline.protocol.Protocol.DidOpenParams;
import dev.nextline.protocol.Protocol.DocumentParams;
import dev.nextline.protocol.Protocol.Identifier;
import dev.nextline.protocol.Protocol.Item;
import dev.nextline.protocol.Protocol.Methods;
import dev.nextline.protocol.Protocol.Position;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The open documents. They stay when the agent ends, and a new one hears of all of them before anything else. */
public final class Documents {
    private static final class Document {
        private final String language;
        private final Text text;
        private long version = 1;

        private Document(String language, Text text) {
            this.language = language;
            this.text = text;
        }
    }

    private final Map<String, Document> open = new LinkedHashMap<>();
    /** {@code null} while nobody hears. */
    private Connection connection;

    synchronized void attach(Connection to) {
        connection = to;
        open.forEach(this::tellOpen);
    }

    synchronized void detach() {
        connection = null;
    }

    /** @param language what LSP calls the language, or a file's extension; an unknown one is found by the path */
    public synchronized void open(String uri, String language, String text) {
        Document document = new Document(language, new Text(text));
        if (open.containsKey(uri)) close(uri);
        open.put(uri, document);
        tellOpen(uri, document);
    }

    /** Replaces {@code length} UTF-16 units at {@code offset}. */
    public synchronized void change(String uri, int offset, int length, String with) {
        Document document = open.get(uri);
        if (document != null) tellChange(uri, document, document.text.change(offset, length, with));
    }

    /** Tells the whole text again. */
    synchronized void resync(String uri) {
        Document document = open.get(uri);
        if (document != null) tellChange(uri, document, new Change(document.text.toString()));
    }

    public synchronized void save(String uri) {
        if (open.containsKey(uri)) tell(Methods.DID_SAVE, uri);
    }

    public synchronized void close(String uri) {
        if (open.remove(uri) != null) tell(Methods.DID_CLOSE, uri);
    }

    public synchronized boolean isOpen(String uri) {
        return open.containsKey(uri);
    }

    /** The version of an open document's text; -1 of any other. */
    public synchronized long version(String uri) {
        Document document = open.get(uri);
        return document == null ? -1 : document.version;
    }

    public synchronized String text(String uri) {
        Document document = open.get(uri);
        return document == null ? "" : document.text.toString();
    }

    public synchronized Position position(String uri, int offset) {
        Document document = open.get(uri);
        return document == null ? new Position(0, 0) : document.text.position(offset);
    }

    public synchronized int offset(String uri, Position position) {
        Document document = open.get(uri);
        return document == null ? 0 : document.text.offset(position);
    }

    private void tellOpen(String uri, Document document) {
        if (connection == null) return;
        Item item = new Item(document.text.toString(), uri, document.language, document.version);
        connection.tell(Methods.DID_OPEN, new DidOpenParams(item).json());
    }

    private void tellChange(String uri, Document document, Change change) {
        document.version++;
        if (connection == null) return;
        Identifier identifier = new Identifier(uri, document.version);
        connection.tell(Methods.DID_CHANGE, new DidChangeParams(List.of(change), identifier).json());
    }

    private void tell(String method, String uri) {
        if (connection != null) connection.tell(method, new DocumentParams(new Identifier(uri)).json());
    }
}
