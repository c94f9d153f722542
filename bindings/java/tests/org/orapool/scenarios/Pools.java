package org.orapool.scenarios;

import java.time.Duration;
import java.util.List;
import org.orapool.OraPool;
import org.orapool.OraPoolAttributes;
import org.orapool.OraPoolException;
import org.orapool.OraSession;
import org.orapool.AcquireOptions;

/** Pools: made, opened, changed, looked at, closed. */
final class Pools {
    private Pools() {}

    /** Creates a pool. Settings that the bag refuses are refusals of the creation: other languages know no bags. */
    static void create(World world, String pool, String name, Format.Settings settings, Expect expect) throws Failure {
        if (world.hasPool(pool)) {
            throw new Failure("the scenario has a pool `" + pool + "` already");
        }
        expect.check(world.target, Outcome.of(() -> {
            try (OraPoolAttributes attributes = new OraPoolAttributes()) {
                world.target.connect(attributes, world.scenario, settings.knobs());
                logOn(attributes, world.target.person(orOwner(settings.user())), settings.password());
                set(attributes, world.target, settings);
                if (settings.callback() != null) {
                    CallbackHook hook = new CallbackHook(world, pool, settings.callback());
                    attributes.sessionCallback(hook);
                    world.addHook(pool, hook);
                }
                OraPool created =
                        name == null ? OraPool.create(attributes) : OraPool.create(fullName(world, name), attributes);
                world.addPool(pool, created);
                return created.warning();
            }
        }));
    }

    private static Format.User orOwner(Format.User user) {
        return user == null ? Format.User.owner : user;
    }

    static void logOn(OraPoolAttributes attributes, Target.Person person, String password) {
        if (person != null) {
            attributes.user(person.name()).password(password == null ? person.password() : password);
        }
    }

    /** All that the settings name but credentials, knobs and the callback. */
    private static void set(OraPoolAttributes attributes, Target target, Format.Settings settings) {
        whenNamed(settings.min(), min -> attributes.sessionsMin(Math.toIntExact(min)));
        whenNamed(settings.max(), max -> attributes.sessionsMax(Math.toIntExact(max)));
        whenNamed(settings.increment(), more -> attributes.sessionsIncrement(Math.toIntExact(more)));
        whenNamed(settings.getMode(), mode -> attributes.getMode(getMode(mode)));
        whenNamed(settings.waitTimeoutMs(), ms -> attributes.waitTimeout(Duration.ofMillis(ms)));
        whenNamed(settings.waitersMax(), max -> attributes.waitersMax(Math.toIntExact(max)));
        whenNamed(settings.connectsMax(), max -> attributes.connectsMax(Math.toIntExact(max)));
        whenNamed(settings.homogeneous(), attributes::homogeneous);
        whenNamed(settings.purity(), purity -> attributes.purity(purity(purity)));
        whenNamed(settings.idleTimeoutMs(), ms -> attributes.idleTimeout(Duration.ofMillis(ms)));
        whenNamed(settings.lifetimeMaxMs(), ms -> attributes.lifetimeMax(Duration.ofMillis(ms)));
        whenNamed(settings.usesMax(), max -> attributes.usesMax(Math.toIntExact(max)));
        whenNamed(settings.pingIntervalMs(), ms -> attributes.pingInterval(Duration.ofMillis(ms)));
        whenNamed(settings.pingTimeoutMs(), ms -> attributes.pingTimeout(Duration.ofMillis(ms)));
        whenNamed(settings.connectionClass(), attributes::connectionClass);
        whenNamed(settings.fixup(), procedure -> attributes.fixupCallback(target.fillIn(procedure)));
    }

    static <T> void whenNamed(T value, java.util.function.Consumer<T> set) {
        if (value != null) {
            set.accept(value);
        }
    }

    static OraPoolAttributes.GetMode getMode(Format.GetMode mode) {
        return OraPoolAttributes.GetMode.valueOf(mode.name());
    }

    static OraPoolAttributes.Purity purity(Format.Purity purity) {
        return OraPoolAttributes.Purity.valueOf(purity.name());
    }

    static void open(World world, String pool, String name, Expect expect) throws Failure {
        expect.check(
                world.target,
                Outcome.ofPlain(() -> world.addPool(pool, OraPool.open(fullName(world, name)))));
    }

    /** Names of pools are the process's: scenarios must not meet. */
    private static String fullName(World world, String name) {
        return world.scenario + "/" + name;
    }

    static void reconfigure(World world, String pool, Format.Settings settings, Expect expect) throws Failure {
        OraPool changed = world.pool(pool);
        expect.check(world.target, Outcome.ofPlain(() -> {
            try (OraPoolAttributes attributes = new OraPoolAttributes()) {
                set(attributes, world.target, settings);
                changed.reconfigure(attributes);
            }
        }));
    }

    static void close(World world, String pool, Format.CloseMode mode, long drainMs, Expect expect) throws Failure {
        OraPool closed = world.pool(pool);
        expect.check(
                world.target,
                Outcome.ofPlain(
                        () -> closed.close(OraPool.CloseMode.valueOf(mode.name()), Duration.ofMillis(drainMs))));
    }

    static Statistics statistics(World world, String pool) throws Failure {
        OraPool looked = world.pool(pool);
        Statistics[] came = new Statistics[1];
        Outcome.ofPlain(() -> came[0] = new Statistics(looked.stats().asMap())).done(world.target, "the statistics");
        return came[0];
    }

    /** Looks again and again, for half of the time that the watchdog gives; the last look tells what is missing. */
    static void lookUntil(World.Work look) throws Failure {
        long start = System.nanoTime();
        while (true) {
            try {
                look.run();
                return;
            } catch (Failure why) {
                if (System.nanoTime() - start > Runner.LIMIT.toNanos() / 2) {
                    throw new Failure("it never came: " + why.getMessage(), why);
                }
            }
            pause();
        }
    }

    private static void pause() throws Failure {
        try {
            Thread.sleep(1);
        } catch (InterruptedException stopped) {
            throw new Failure("the runner was interrupted", stopped);
        }
    }

    /** A pool that closes or drains refuses gets, and so does the handle that was closed. */
    static void waitUntilClosing(World world, String pool) throws Failure {
        OraPool closing = world.pool(pool);
        List<OraPoolException.Status> refusals =
                List.of(OraPoolException.Status.CLOSED, OraPoolException.Status.INVALID_HANDLE);
        try (OraPoolAttributes nowait = new OraPoolAttributes().getMode(OraPoolAttributes.GetMode.NOWAIT)) {
            lookUntil(() -> {
                Outcome outcome = Outcome.ofPlain(() -> {
                    try (OraSession session = closing.acquire(AcquireOptions.NONE.attributes(nowait))) {
                        session.tag();
                    }
                });
                if (outcome.error() == null || !refusals.contains(outcome.error().status())) {
                    throw new Failure("a get: " + outcome);
                }
            });
        }
    }
}
