package org.orapool.scenarios;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** A step of a scenario, with its text for reports. */
record Step(String text, Action action) {
    /** What a step does, and what must be known of it before. */
    interface Action {
        void run(World world, Scope scope) throws Failure;

        /** The expectation, if it can have one. */
        default Expect expect() {
            return Expect.SUCCESS;
        }

        /** Whether it looks at anything: a scenario that only does things would pass with any library. */
        default boolean looks() {
            return expect().saysSomething();
        }

        /** The session that it speaks of, or null. */
        default String session() {
            return null;
        }

        /** What of it a driver or a language may lack. */
        default void needs(Set<Format.Need> needs) {}

        /** The steps of threads and callbacks. */
        default List<Step> inner() {
            return List.of();
        }
    }

    static List<Step> readList(Object value) throws Refusal {
        return Fields.asList(value, Step::read);
    }

    static Step read(Object value) throws Refusal {
        Fields fields = new Fields(value);
        String name = fields.onlyName();
        Fields inner = new Fields(fields.take(name));
        try {
            Step step = new Step(fields.text(), readAction(name, inner));
            inner.end();
            return step;
        } catch (Refusal why) {
            throw new Refusal(why.getMessage() + " in " + fields.text());
        }
    }

    private static Action readAction(String name, Fields fields) throws Refusal {
        switch (name) {
            case "create":
                return Create.read(fields);
            case "open":
                return new Open(fields.string("pool"), fields.string("name"), Expect.take(fields, Expect.Kind.PLAIN));
            case "reconfigure":
                return Reconfigure.read(fields);
            case "close":
                return Close.read(fields);
            case "get":
                return Get.read(fields);
            case "release":
            case "set_tag":
                return TagStep.read(name, fields);
            case "check_tag":
                return new CheckTag(fields.string("session"), Bytes.readOrNull(fields.need("tag")));
            case "execute":
                return Execute.read(fields);
            case "query":
                return Query.read(fields);
            case "commit":
            case "rollback":
            case "ping":
                return new Plain(name, fields.string("session"), Expect.take(fields, Expect.Kind.PLAIN));
            case "kill":
                return new Kill(fields.string("session"));
            case "stats":
                return new Stats(pool(fields), Format.Bound.readAll(fields.need("expect")));
            case "wait_until":
                return new WaitUntil(pool(fields), Format.Bound.readAll(fields.need("stats")));
            case "wait_until_closing":
                return new WaitUntilClosing(pool(fields));
            case "calls":
                return Calls.read(fields);
            case "start":
                return Start.read(fields);
            case "await":
                return new Await(fields.string("thread"));
            case "storm":
                return Storm.read(fields);
            default:
                throw new Refusal("unknown step `" + name + "`");
        }
    }

    private static String pool(Fields fields) throws Refusal {
        return fields.string("pool", "p");
    }

    private static List<String> binds(Fields fields) throws Refusal {
        return fields.list("binds", Fields::asStringOrNull);
    }

    /** Creates a pool. Settings that are refused before are refusals of the creation. */
    record Create(String pool, String name, Format.Settings settings, Expect expect) implements Action {
        static Create read(Fields fields) throws Refusal {
            Create create = new Create(
                    Step.pool(fields),
                    fields.string("name", null),
                    Format.Settings.read(fields.need("settings")),
                    Expect.take(fields, Expect.Kind.PLAIN));
            create.settings.checkSizes();
            return create;
        }

        @Override
        public void run(World world, Scope scope) throws Failure {
            Pools.create(world, pool, name, settings, expect);
        }

        @Override
        public void needs(Set<Format.Need> needs) {
            settings.needs(needs);
        }

        @Override
        public List<Step> inner() {
            return settings.callbackSteps();
        }
    }

    /** Opens a pool by its name. */
    record Open(String pool, String name, Expect expect) implements Action {
        @Override
        public void run(World world, Scope scope) throws Failure {
            Pools.open(world, pool, name, expect);
        }
    }

    /** Changes a pool. */
    record Reconfigure(String pool, Format.Settings settings, Expect expect) implements Action {
        static Reconfigure read(Fields fields) throws Refusal {
            Format.Settings settings = Format.Settings.read(fields.need("settings"));
            settings.checkIsChange();
            return new Reconfigure(Step.pool(fields), settings, Expect.take(fields, Expect.Kind.PLAIN));
        }

        @Override
        public void run(World world, Scope scope) throws Failure {
            Pools.reconfigure(world, pool, settings, expect);
        }
    }

    /** Closes a pool. */
    record Close(String pool, Format.CloseMode mode, long drainMs, Expect expect) implements Action {
        static Close read(Fields fields) throws Refusal {
            String pool = Step.pool(fields);
            Format.CloseMode mode = fields.word("mode", Format.CloseMode.class);
            Long drain = fields.number("drain_ms");
            return new Close(
                    pool,
                    mode == null ? Format.CloseMode.DEFAULT : mode,
                    drain == null ? 0 : drain,
                    Expect.take(fields, Expect.Kind.PLAIN));
        }

        @Override
        public void run(World world, Scope scope) throws Failure {
            Pools.close(world, pool, mode, drainMs, expect);
        }
    }

    /** Gets a session. */
    record Get(
            String as, String pool, Bytes tag, List<Format.GetBit> mode, Format.GetAttrs attrs, Expect expect)
            implements Action {
        static Get read(Fields fields) throws Refusal {
            return new Get(
                    fields.string("as"),
                    Step.pool(fields),
                    Bytes.readOrNull(fields.take("tag")),
                    fields.list("mode", bit -> Fields.asWord(bit, Format.GetBit.class)),
                    Format.GetAttrs.read(fields.take("attrs")),
                    Expect.take(fields, Expect.Kind.GET));
        }

        @Override
        public void run(World world, Scope scope) throws Failure {
            Sessions.get(world, this, scope);
        }

        @Override
        public void needs(Set<Format.Need> needs) {
            if (tag != null) {
                tag.needs(needs);
            }
            if (attrs.user() == Format.User.second) {
                needs.add(Format.Need.two_users);
            }
        }
    }

    /** Releases a session, or says what its state is. */
    record TagStep(boolean isRelease, String session, Bytes tag, List<Format.ReleaseBit> mode, Expect expect)
            implements Action {
        static TagStep read(String name, Fields fields) throws Refusal {
            return new TagStep(
                    name.equals("release"),
                    fields.string("session"),
                    Bytes.readOrNull(fields.take("tag")),
                    fields.list("mode", bit -> Fields.asWord(bit, Format.ReleaseBit.class)),
                    Expect.take(fields, Expect.Kind.PLAIN));
        }

        @Override
        public void run(World world, Scope scope) throws Failure {
            if (isRelease) {
                Sessions.release(world, this, scope);
            } else {
                Sessions.setTag(world, this, scope);
            }
        }

        @Override
        public void needs(Set<Format.Need> needs) {
            if (tag != null) {
                tag.needs(needs);
            }
        }
    }

    /** Compares a session's tag. */
    record CheckTag(String session, Bytes tag) implements Action {
        @Override
        public void run(World world, Scope scope) throws Failure {
            Sessions.checkTag(world, session, tag, scope);
        }

        @Override
        public boolean looks() {
            return true;
        }
    }

    /** Executes a statement. */
    record Execute(String session, String sql, List<String> binds, Expect expect) implements Action {
        static Execute read(Fields fields) throws Refusal {
            return new Execute(
                    fields.string("session"),
                    fields.string("sql"),
                    Step.binds(fields),
                    Expect.take(fields, Expect.Kind.EXECUTE));
        }

        @Override
        public void run(World world, Scope scope) throws Failure {
            Statements.execute(world, this, scope);
        }
    }

    /** Compares the rows of a query. */
    record Query(String session, String sql, List<String> binds, List<List<String>> rows) implements Action {
        static Query read(Fields fields) throws Refusal {
            fields.need("rows");
            return new Query(
                    fields.string("session"),
                    fields.string("sql"),
                    Step.binds(fields),
                    fields.list("rows", row -> Fields.asList(row, Fields::asStringOrNull)));
        }

        @Override
        public void run(World world, Scope scope) throws Failure {
            Findings findings = new Findings();
            findings.equal("rows", Statements.query(world, world.session(session, scope), sql, binds), rows);
            findings.fail("");
        }

        @Override
        public boolean looks() {
            return true;
        }
    }

    /** Commits, rolls back or pings. */
    record Plain(String name, String session, Expect expect) implements Action {
        @Override
        public void run(World world, Scope scope) throws Failure {
            expect.check(world.target, Statements.plain(world.session(session, scope), name));
        }
    }

    /** Ends a session from another one. */
    record Kill(String session) implements Action {
        @Override
        public void run(World world, Scope scope) throws Failure {
            Statements.kill(world, session);
        }

        @Override
        public void needs(Set<Format.Need> needs) {
            needs.add(Format.Need.kill);
        }
    }

    /** Compares the statistics. */
    record Stats(String pool, Map<String, Format.Bound> numbers) implements Action {
        @Override
        public void run(World world, Scope scope) throws Failure {
            Statistics statistics = Pools.statistics(world, pool);
            statistics.check(numbers);
            statistics.checkSums();
        }

        @Override
        public boolean looks() {
            return true;
        }
    }

    /** Looks until the numbers are so. */
    record WaitUntil(String pool, Map<String, Format.Bound> numbers) implements Action {
        @Override
        public void run(World world, Scope scope) throws Failure {
            Pools.lookUntil(() -> Pools.statistics(world, pool).check(numbers));
        }

        @Override
        public boolean looks() {
            return true;
        }
    }

    /** Gets and releases until the pool refuses because it closes. */
    record WaitUntilClosing(String pool) implements Action {
        @Override
        public void run(World world, Scope scope) throws Failure {
            Pools.waitUntilClosing(world, pool);
        }

        @Override
        public boolean looks() {
            return true;
        }
    }

    /** Compares what callbacks were called with. */
    record Calls(String pool, List<Format.Call> calledBack, List<Format.Call> fixup) implements Action {
        static Calls read(Fields fields) throws Refusal {
            Object calledBack = fields.take("native");
            Object fixup = fields.take("fixup");
            if (calledBack == null && fixup == null) {
                throw new Refusal("the step checks nothing");
            }
            return new Calls(Step.pool(fields), readCalls(calledBack), readCalls(fixup));
        }

        private static List<Format.Call> readCalls(Object value) throws Refusal {
            return value == null ? null : Fields.asList(value, Format.Call::read);
        }

        @Override
        public void run(World world, Scope scope) throws Failure {
            if (calledBack != null) {
                CallbackHook.check("native callback", world.hook(pool).takeCalls(), calledBack);
            }
            if (fixup != null) {
                CallbackHook.check("PL/SQL fix-up", Statements.takeFixupLog(world), fixup);
            }
        }

        @Override
        public boolean looks() {
            return true;
        }
    }

    /** Does steps on a thread. */
    record Start(String thread, List<Step> inner) implements Action {
        static Start read(Fields fields) throws Refusal {
            Start start = new Start(fields.string("thread"), Step.readList(fields.need("steps")));
            if (start.inner.isEmpty()) {
                throw new Refusal("a thread has steps");
            }
            return start;
        }

        @Override
        public void run(World world, Scope scope) throws Failure {
            world.start(thread, () -> Runner.runSteps(world, inner, scope.thread(thread)));
        }

        @Override
        public void needs(Set<Format.Need> needs) {
            needs.add(Format.Need.threads);
        }
    }

    /** Waits for a thread. */
    record Await(String thread) implements Action {
        @Override
        public void run(World world, Scope scope) throws Failure {
            world.await(thread);
        }
    }

    /** Many threads that get and release with tags. */
    record Storm(String pool, int threads, int rounds, List<Bytes> tags) implements Action {
        static Storm read(Fields fields) throws Refusal {
            Long threads = fields.number("threads");
            Long rounds = fields.number("rounds");
            Storm storm = new Storm(
                    Step.pool(fields),
                    threads == null ? 0 : Math.toIntExact(threads),
                    rounds == null ? 0 : Math.toIntExact(rounds),
                    fields.list("tags", Bytes::read));
            if (storm.threads < 1 || storm.rounds < 1 || storm.tags.isEmpty()) {
                throw new Refusal("a storm has threads, rounds and tags");
            }
            return storm;
        }

        @Override
        public void run(World world, Scope scope) throws Failure {
            Sessions.storm(world, this);
        }

        @Override
        public boolean looks() {
            return true;
        }

        @Override
        public void needs(Set<Format.Need> needs) {
            needs.add(Format.Need.threads);
        }
    }
}
