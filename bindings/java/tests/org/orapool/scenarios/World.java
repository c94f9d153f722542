package org.orapool.scenarios;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.orapool.OraPool;
import org.orapool.OraPoolAttributes;
import org.orapool.OraPoolException;
import org.orapool.OraSession;
import org.orapool.SessionIdentity;

/** All that a running scenario has: its pools, sessions, threads and what its callbacks saw. */
final class World {
    /** A session under its name. It stays here after its release, with what it was. */
    record Loan(OraSession session, SessionIdentity identity, boolean isOut) {}

    /** What a thread does. */
    interface Work {
        void run() throws Failure;
    }

    final Target target;
    final String scenario;
    private final OraPool ownersPool;
    private final OraSession owner;
    /** A session object whose handle is NULL, as that of each callback's session is once the callback is over. */
    private final OraSession none;
    private final Map<String, OraPool> pools = new ConcurrentHashMap<>();
    private final Map<String, Loan> loans = new ConcurrentHashMap<>();
    private final Map<String, CallbackHook> hooks = new ConcurrentHashMap<>();
    private final Map<String, FutureTask<Failure>> threads = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> problems = new ConcurrentLinkedQueue<>();
    private final Map<String, String> positions = new ConcurrentHashMap<>();

    /** With a session of the owner, in a pool of its own, which keeps the database alive. */
    World(Target target, String scenario) throws Failure {
        this.target = target;
        this.scenario = scenario;
        OraSession[] called = new OraSession[1];
        try (OraPoolAttributes attributes = new OraPoolAttributes()) {
            target.connect(attributes, scenario, Map.of());
            attributes.user(Target.OWNER.name()).password(Target.OWNER.password()).sessionsMin(1).sessionsMax(1);
            attributes.sessionCallback((session, wanted, actual) -> called[0] = session);
            ownersPool = OraPool.create(attributes);
            owner = ownersPool.acquire();
        } catch (OraPoolException why) {
            throw new Failure("the owner's session: " + why.getMessage(), why);
        }
        none = called[0];
    }

    OraSession owner() {
        return owner;
    }

    void addPool(String name, OraPool pool) {
        pools.put(name, pool);
    }

    boolean hasPool(String name) {
        return pools.containsKey(name);
    }

    OraPool pool(String name) throws Failure {
        return there(pools.get(name), "the scenario has no pool `" + name + "`");
    }

    void addHook(String pool, CallbackHook hook) {
        hooks.put(pool, hook);
    }

    CallbackHook hook(String pool) throws Failure {
        return there(hooks.get(pool), "the pool `" + pool + "` has no callback");
    }

    /** Takes a session over under its name. A name that still has a loan must not lose it. */
    void addSession(String name, OraSession session) throws Failure {
        Loan former = loans.put(name, new Loan(session, identityOrNull(session), true));
        if (former != null && former.isOut()) {
            throw new Failure("the session `" + name + "` is still on loan");
        }
    }

    private static SessionIdentity identityOrNull(OraSession session) {
        try {
            return session.identity();
        } catch (OraPoolException dead) {
            return null;
        }
    }

    void markReleased(String name) {
        loans.computeIfPresent(name, (same, loan) -> new Loan(loan.session(), loan.identity(), false));
    }

    SessionIdentity identity(String name) throws Failure {
        return there(loan(name).identity(), "the session `" + name + "` did not tell its identity");
    }

    private Loan loan(String name) throws Failure {
        return there(loans.get(name), "the scenario has no session `" + name + "`");
    }

    /** The session behind a name, {@code owner}, {@code callback} and {@code null} among them. */
    OraSession session(String name, Scope scope) throws Failure {
        switch (name) {
            case "null":
                return none;
            case "owner":
                return owner;
            case "callback":
                return there(scope.callback(), "there is a session `callback` inside a callback alone");
            default:
                return loan(name).session();
        }
    }

    void start(String name, Work work) throws Failure {
        FutureTask<Failure> task = task(work);
        if (threads.put(name, task) != null) {
            throw new Failure("the thread `" + name + "` was started before and not awaited");
        }
        daemon("scenario thread " + name, task);
    }

    void await(String name) throws Failure {
        FutureTask<Failure> task = there(threads.remove(name), "there is no thread `" + name + "`");
        join(task);
    }

    /** A task that ends with its failure, or null. */
    static FutureTask<Failure> task(Work work) {
        return new FutureTask<>(() -> {
            try {
                work.run();
                return null;
            } catch (Failure why) {
                return why;
            }
        });
    }

    static void daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    static void join(FutureTask<Failure> task) throws Failure {
        try {
            Failure why = task.get();
            if (why != null) {
                throw why;
            }
        } catch (InterruptedException stopped) {
            throw new Failure("the runner was interrupted", stopped);
        } catch (ExecutionException thrown) {
            throw new Failure("a thread threw " + thrown.getCause(), thrown.getCause());
        }
    }

    void problem(String text) {
        problems.add(text);
    }

    void enter(String thread, String position) {
        positions.put(thread, position);
    }

    void leave(String thread) {
        positions.remove(thread);
    }

    /** What every thread of the scenario is doing. */
    String whereabouts() {
        return String.join("\n", new TreeMap<>(positions).values());
    }

    /** Closes everything and reports what shows only at the end. */
    void finish() throws Failure {
        List<String> found = new ArrayList<>();
        if (!threads.isEmpty()) {
            found.add("the scenario does not await its threads " + threads.keySet());
        }
        pools.values().forEach(World::closeForced);
        closeForced(ownersPool);
        found.addAll(problems);
        hooks.forEach((pool, hook) -> {
            if (hook.timesReleased() != 1) {
                found.add("the callback of the pool `" + pool + "` was released " + hook.timesReleased() + " times");
            }
        });
        if (!found.isEmpty()) {
            throw new Failure(String.join("\n", found));
        }
    }

    private static void closeForced(OraPool pool) {
        try {
            pool.close(OraPool.CloseMode.FORCE);
        } catch (OraPoolException closed) {
            // The scenario has closed it.
        }
    }

    private static <T> T there(T thing, String otherwise) throws Failure {
        if (thing == null) {
            throw new Failure(otherwise);
        }
        return thing;
    }
}
