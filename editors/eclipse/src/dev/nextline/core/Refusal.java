package dev.nextline.core;

import dev.nextline.protocol.Protocol.Fault;

/** What the other end answered in the place of a result; its message is one sentence for people. */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Fault fault;

    public Refusal(long code, String message) {
        this(new Fault(code, message, null));
    }

    Refusal(Fault fault) {
        super(fault.message());
        this.fault = fault;
    }

    public Fault fault() {
        return fault;
    }

    /** The sentence behind whatever a future failed with. */
    public static String sentence(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && !(cause instanceof Refusal)) cause = cause.getCause();
        return cause.getMessage() != null ? cause.getMessage() : cause.getClass().getSimpleName();
    }
}
