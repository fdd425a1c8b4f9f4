import dev.nextline.core.Agent;
import dev.nextline.core.Editor;
import dev.nextline.core.Ghost;
import dev.nextline.core.Refusal;
import dev.nextline.protocol.Protocol.ApplyWorkspaceEditResult;
import dev.nextline.protocol.Protocol.AssertTextParams;
import dev.nextline.protocol.Protocol.EditEvent;
import dev.nextline.protocol.Protocol.Identifier;
import dev.nextline.protocol.Protocol.Methods;
import dev.nextline.protocol.Protocol.PeerInfo;
import dev.nextline.protocol.Protocol.Status;
import dev.nextline.protocol.Protocol.WorkspaceEdit;
import java.io.File;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A day of the plug-in's core with a real agent and no Eclipse: random edits of several documents, each followed by the question whether both
 * ends have the same text; ghost text typed through, taken whole and by word, declined; the process killed in between.
 *
 * <pre>java Day AGENT PROJECT LOG EDITS SEED</pre>
 *
 * Prints one line of counts at its end; anything wrong is an exception.
 */
public final class Day implements Editor {
    private static final String[] PIECES = {
        "a", "x", " ", "    ", "\n", "\r\n", "\r", "\n\n", "é", "ß", "\u2028", "中文", "😀", "👩‍👩‍👧", "\ud83d", "\ude00", "\t", "{", "}", "\"", "\\", "\0",
        "let x = 1;\n", "fn f() {\r\n    g();\r\n}\r\n", "// 😀\r", "", "",
    };
    private static final String FRESH = "pub fn handle_new(registry: &mut Registry) -> Result<(), Error> {\r\n    \r\n}\r\n";
    private static final int LONGEST = 4000;

    private final List<String> command;
    private final File log;
    private final String folder;
    private final Agent agent = new Agent(this);
    private volatile int starts;

    private Day(String[] given) {
        command = List.of(given[0], "lsp");
        folder = new File(given[1]).toURI().toString();
        log = new File(given[2]);
    }

    public static void main(String[] given) throws Exception {
        Day day = new Day(given);
        Agent agent = day.agent;
        agent.restart();
        day.until("the agent should start", () -> agent.running());
        int checks = day.edits(agent, Integer.parseInt(given[3]), new Random(Long.parseLong(given[4])));
        int taken = day.ghosts(agent, new Random(Long.parseLong(given[4])));
        agent.stop();
        System.out.println(checks + " checks, " + taken + " suggestions, " + day.starts + " starts");
    }

    /** A document as an editor has it. */
    private final class Buffer {
        private final String uri;
        private final Agent agent;
        private final StringBuilder text = new StringBuilder();

        private Buffer(Agent agent, String name, String text) {
            this.agent = agent;
            this.uri = folder + name;
            this.text.append(text);
            agent.documents().open(uri, "", text);
        }

        private void change(int from, int length, String with) {
            agent.documents().change(uri, from, length, with);
            text.replace(from, from + length, with);
        }

        private void check() throws Exception {
            var params = new AssertTextParams(text.toString(), new Identifier(uri));
            agent.request(Methods.DEBUG_ASSERT_TEXT, params.json()).get();
        }
    }

    private int edits(Agent agent, int edits, Random random) throws Exception {
        Buffer[] buffers = {new Buffer(agent, "a.rs", ""), new Buffer(agent, "b.ts", "one\r\ntwo\r\n"), new Buffer(agent, "c.txt", "😀\r\r\n\n")};
        int checks = 0;
        for (int i = 1; i <= edits; i++) {
            Buffer buffer = buffers[random.nextInt(buffers.length)];
            int size = buffer.text.length();
            int from = random.nextInt(size + 1);
            int length = random.nextInt(3) > 0 ? 0 : Math.min(size - from, size > LONGEST ? size : random.nextInt(12));
            buffer.change(from, length, PIECES[random.nextInt(PIECES.length)]);
            buffer.check();
            checks++;
            if (i == edits / 3 || i == edits / 2) {
                kill(agent);
                for (Buffer each : buffers) each.check();
            }
        }
        for (Buffer buffer : buffers) agent.documents().close(buffer.uri);
        return checks;
    }

    /** The process is killed by force; what is typed before the next one is there is not lost. */
    private void kill(Agent agent) throws Exception {
        int before = starts;
        ProcessHandle.of(agent.pid()).orElseThrow().destroyForcibly();
        until("the agent should be started again", () -> starts > before && agent.running());
    }

    private int ghosts(Agent agent, Random random) throws Exception {
        until("the project should be learnt", () -> Status.from(agent.request(Methods.STATUS, null).get()).local().tokens() > 0);
        Buffer buffer = new Buffer(agent, "src/fresh.rs", FRESH);
        ExecutorService thread = Executors.newSingleThreadExecutor(work -> {
            Thread made = new Thread(work);
            made.setDaemon(true);
            return made;
        });
        int[] caret = {buffer.text.indexOf("    ") + 4};
        int[] changes = {0};
        Ghost ghost = new Ghost(agent, new Ghost.View() {
            @Override
            public String uri() {
                return buffer.uri;
            }

            @Override
            public CharSequence text() {
                return buffer.text;
            }

            @Override
            public int caret() {
                return caret[0];
            }

            @Override
            public void changed() {
                changes[0]++;
            }
        }, thread);
        Ghost.Insertion insertion = (length, text) -> {
            String typed = text.replace("\n", "\r\n");
            buffer.change(caret[0], length, typed);
            caret[0] += typed.length();
        };
        int taken = 0;
        for (int i = 0; i < 40; i++) {
            // Typed as a person would: the start of a line that the project has many of.
            insert(thread, insertion, ghost, "let counter = reg");
            until("ghost text should come", () -> on(thread, ghost::rest) != null);
            String rest = on(thread, ghost::rest);
            String before = on(thread, buffer.text::toString);
            int at = caret[0];
            String expected = before.substring(0, at) + rest.replace("\n", "\r\n") + before.substring(at);
            switch (random.nextInt(4)) {
                case 0 -> on(thread, () -> run(() -> ghost.accept(false, insertion)));
                case 1 -> {
                    while (on(thread, ghost::rest) != null) on(thread, () -> run(() -> ghost.accept(true, insertion)));
                }
                case 2 -> {
                    // Typed through, letter by letter: no other text may come up on the way.
                    for (char c : rest.toCharArray()) {
                        on(thread, () -> run(() -> insertion.put(0, String.valueOf(c))));
                        boolean fits = on(thread, ghost::follow);
                        String left = on(thread, ghost::rest);
                        check(fits == (left != null) && (left == null || rest.endsWith(left)), "typed through: " + left);
                    }
                }
                default -> {
                    on(thread, () -> run(ghost::dismiss));
                    expected = before;
                }
            }
            check(buffer.text.toString().equals(expected), "taken otherwise than shown:\n" + buffer.text + "\ninstead of\n" + expected);
            check(on(thread, ghost::rest) == null, "something is shown still");
            buffer.check();
            taken++;
            // Half a line that nobody finished would be learnt as well.
            on(thread, () -> run(() -> {
                buffer.change(0, buffer.text.length(), FRESH);
                caret[0] = FRESH.indexOf("    ") + 4;
                ghost.clear();
            }));
        }
        check(changes[0] > 0, "the view heard of nothing");
        return taken;
    }

    private void insert(ExecutorService thread, Ghost.Insertion insertion, Ghost ghost, String typed) throws Exception {
        for (char c : typed.toCharArray()) {
            on(thread, () -> run(() -> {
                insertion.put(0, String.valueOf(c));
                if (!ghost.follow()) ghost.ask(true);
            }));
        }
    }

    private static Object run(Runnable act) {
        act.run();
        return null;
    }

    private static <T> T on(ExecutorService thread, Callable<T> ask) throws Exception {
        return thread.submit(ask).get();
    }

    private static void check(boolean well, String otherwise) {
        if (!well) throw new IllegalStateException(otherwise);
    }

    private void until(String what, Callable<Boolean> good) throws Exception {
        long end = System.nanoTime() + 30_000_000_000L;
        while (!good.call()) {
            check(System.nanoTime() < end, what);
            Thread.sleep(2);
        }
    }

    @Override
    public List<String> command() {
        return command;
    }

    @Override
    public Map<String, String> environment() {
        return Map.of();
    }

    @Override
    public File log() {
        return log;
    }

    @Override
    public PeerInfo about() {
        return new PeerInfo("day", "1");
    }

    /** The project is opened while the agent starts: after it was greeted, before it takes what is told. */
    @Override
    public List<String> folders() {
        return agent.running() ? List.of(folder) : List.of();
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of();
    }

    @Override
    public CompletableFuture<ApplyWorkspaceEditResult> apply(WorkspaceEdit edit) {
        return CompletableFuture.failedFuture(new Refusal(0, "nothing is edited here"));
    }

    @Override
    public CompletableFuture<String> ask(String message, List<String> titles) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void complain(String sentence) {
        System.err.println(sentence);
    }

    @Override
    public void status(Status status) {}

    @Override
    public void started() {
        starts++;
    }

    @Override
    public void happened(EditEvent event) {}

    @Override
    public void said(Object event) {}
}
