package dev.nextline.core;

import dev.nextline.protocol.Protocol.CancelParams;
import dev.nextline.protocol.Protocol.Codes;
import dev.nextline.protocol.Protocol.Fault;
import dev.nextline.protocol.Protocol.Lsp;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/** JSON-RPC over a pair of streams. Whoever sends never waits for the other end to read. */
public final class Connection {
    /** The other end of it, as it is heard here: on one thread, in the order of the wire. */
    public interface Peer {
        void heard(String method, Object params);

        CompletableFuture<Object> asked(String method, Object params);

        /** Nothing more comes; once. */
        void closed();
    }

    /** An answer that is to come. Cancelling it tells the other end. */
    public final class Reply extends CompletableFuture<Object> {
        private final long id;

        private Reply(long id) {
            this.id = id;
        }

        @Override
        public boolean cancel(boolean interrupt) {
            boolean cancelled = super.cancel(interrupt);
            if (cancelled) tell(Lsp.CANCEL_REQUEST, new CancelParams(id).json());
            return cancelled;
        }
    }

    /** Ends the writer's queue. */
    private static final byte[] END = {};

    private final InputStream in;
    private final OutputStream out;
    private final Peer peer;
    private final BlockingQueue<byte[]> outbox = new LinkedBlockingQueue<>();
    private final Map<Long, Reply> asked = new ConcurrentHashMap<>();
    private final AtomicLong last = new AtomicLong();
    private volatile boolean closed;

    public Connection(InputStream in, OutputStream out, Peer peer) {
        this.in = new BufferedInputStream(in);
        this.out = out;
        this.peer = peer;
    }

    /** Begins to read and to write. */
    public void open() {
        run("nextline reads", this::read);
        run("nextline writes", this::write);
    }

    private static void run(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    public Reply request(String method, Object params) {
        Reply reply = new Reply(last.incrementAndGet());
        asked.put(reply.id, reply);
        reply.whenComplete((result, failure) -> asked.remove(reply.id));
        send(message("id", reply.id, "method", method, "params", params));
        if (closed) reply.completeExceptionally(new Refusal(0, "the agent ended"));
        return reply;
    }

    public void tell(String method, Object params) {
        send(message("method", method, "params", params));
    }

    /** What was sent before still goes out. */
    public void close() {
        outbox.add(END);
    }

    private static Map<String, Object> message(Object... members) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("jsonrpc", "2.0");
        for (int i = 0; i < members.length; i += 2) message.put((String) members[i], members[i + 1]);
        return message;
    }

    private void send(Map<String, Object> message) {
        outbox.add(Json.write(message).getBytes(StandardCharsets.UTF_8));
    }

    private void write() {
        try (out) {
            for (byte[] body = outbox.take(); body != END; body = outbox.take()) {
                out.write(("Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                out.write(body);
                if (outbox.isEmpty()) out.flush();
            }
        } catch (IOException | InterruptedException e) {
            // The reader sees the end as well, and says so.
        }
    }

    private void read() {
        try (in) {
            for (String text = body(); text != null; text = body()) take(Json.parse(text));
        } catch (IOException | IllegalArgumentException e) {
            // The end, one way or another.
        }
        closed = true;
        close();
        asked.values().forEach(reply -> reply.completeExceptionally(new Refusal(0, "the agent ended")));
        peer.closed();
    }

    /** The next message; {@code null} at the end. */
    private String body() throws IOException {
        int length = -1;
        for (String line = line(); line != null; line = line()) {
            if (line.isEmpty()) {
                byte[] body = in.readNBytes(Math.max(length, 0));
                if (body.length < length) throw new EOFException();
                return new String(body, StandardCharsets.UTF_8);
            }
            int colon = line.indexOf(':');
            if (line.substring(0, Math.max(colon, 0)).equalsIgnoreCase("Content-Length")) length = Integer.parseInt(line.substring(colon + 1).trim());
        }
        return null;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) return null;
            if (c != '\r') line.append((char) c);
        }
        return line.toString();
    }

    private void take(Object json) {
        if (!(json instanceof Map<?, ?> message)) return;
        Object id = message.get("id");
        if (!(message.get("method") instanceof String method)) {
            Reply reply = id instanceof Long number ? asked.get(number) : null;
            if (reply == null) return;
            if (message.get("error") != null) reply.completeExceptionally(new Refusal(Fault.from(message.get("error"))));
            else reply.complete(message.get("result"));
        } else if (id == null) {
            peer.heard(method, message.get("params"));
        } else {
            answer(id, method, message.get("params"));
        }
    }

    private void answer(Object id, String method, Object params) {
        CompletableFuture<Object> answer = peer.asked(method, params);
        if (answer == null) answer = CompletableFuture.failedFuture(new Refusal(Codes.METHOD_NOT_FOUND, "no such method: " + method));
        answer.whenComplete((result, failure) -> {
            if (failure == null) send(message("id", id, "result", result));
            else send(message("id", id, "error", fault(failure).json()));
        });
    }

    private static Fault fault(Throwable failure) {
        Throwable cause = failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof Refusal refusal ? refusal.fault() : new Fault(Codes.REQUEST_FAILED, Refusal.sentence(failure), null);
    }
}
