package org.orapool.scenarios;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The format of the scenario files, as {@code tests/scenarios/README.md} has it. It is closed. */
final class Format {
    static final long NUMBER = 1;
    private static final List<String> KINDS = List.of("vendor test", "document", "decision");

    private Format() {}

    /** What a driver or a language may lack. */
    enum Need {
        plsql,
        callback,
        callback_values,
        kill,
        two_users,
        raw_tags,
        knobs,
        threads
    }

    /** Whose credentials are used. */
    enum User {
        none,
        owner,
        second
    }

    /** Get modes. */
    enum GetMode {
        WAIT,
        NOWAIT,
        FORCEGET,
        TIMEDWAIT
    }

    /** Purities. */
    enum Purity {
        DEFAULT,
        NEW,
        SELF
    }

    /** Ways to close. */
    enum CloseMode {
        DEFAULT,
        FORCE
    }

    /** Bits of a get. */
    enum GetBit {
        MATCHANY,
        PURITY_NEW,
        PURITY_SELF,
        MULTIPROPERTY_TAG
    }

    /** Bits of a release. */
    enum ReleaseBit {
        DROPSESS,
        RETAG,
        MULTIPROPERTY_TAG;

        static int bits(List<ReleaseBit> mode) {
            return mode.stream().mapToInt(bit -> 1 << bit.ordinal()).reduce(0, (all, bit) -> all | bit);
        }
    }

    /** Knobs of the embedded engine. */
    enum Knob {
        connect_delay_ms,
        call_delay_ms,
        connect_failures
    }

    /** Statuses by the names of the header. */
    enum StatusName {
        ORAPOOL_SUCCESS(0),
        ORAPOOL_SUCCESS_WITH_INFO(1),
        ORAPOOL_ERROR(-1),
        ORAPOOL_INVALID_HANDLE(-2),
        ORAPOOL_INVALID_ARGUMENT(-3),
        ORAPOOL_TIMEOUT(-4),
        ORAPOOL_CLOSED(-5),
        ORAPOOL_UNSUPPORTED(-6),
        ORAPOOL_CONFLICT(-7),
        ORAPOOL_CALLBACK_FAILED(-8);

        final int value;

        StatusName(int value) {
            this.value = value;
        }
    }

    /** A file. */
    record ScenarioFile(String title, List<Scenario> scenarios) {
        static ScenarioFile read(Object value) throws Refusal {
            Fields fields = new Fields(value);
            Long format = fields.number("format");
            if (format == null || format != NUMBER) {
                throw new Refusal("the format is " + format + ", this runner reads " + NUMBER);
            }
            ScenarioFile file =
                    new ScenarioFile(fields.string("title"), fields.list("scenarios", Scenario::read));
            fields.end();
            return file;
        }
    }

    /** A scenario. */
    record Scenario(
            String id,
            String title,
            String place,
            List<Need> needs,
            List<Setup> setup,
            Settings pool,
            List<Step> steps) {
        static Scenario read(Object value) throws Refusal {
            Fields fields = new Fields(value);
            Fields source = new Fields(fields.need("source"));
            String kind = source.string("kind");
            if (!KINDS.contains(kind)) {
                throw new Refusal("unknown kind of source `" + kind + "`, expected one of " + KINDS);
            }
            String place = source.string("where");
            source.end();
            Scenario scenario = new Scenario(
                    fields.string("id"),
                    fields.string("title"),
                    place,
                    fields.list("needs", need -> Fields.asWord(need, Need.class)),
                    fields.list("setup", Setup::read),
                    Settings.readOrNull(fields.take("pool")),
                    Step.readList(fields.need("steps")));
            fields.end();
            return scenario;
        }
    }

    /** A statement that the owner executes before the pool exists, or a named list of them. */
    record Setup(String sql, String include) {
        static Setup read(Object value) throws Refusal {
            Fields fields = new Fields(value);
            String kind = fields.onlyName();
            Setup setup = new Setup(fields.string("sql", null), fields.string("include", null));
            fields.end();
            if (setup.sql == null && setup.include == null) {
                throw new Refusal("`" + kind + "` is null");
            }
            return setup;
        }
    }

    /** What a pool is created with. What is null is not set. */
    record Settings(
            Long min,
            Long max,
            Long increment,
            GetMode getMode,
            Long waitTimeoutMs,
            Long waitersMax,
            Long connectsMax,
            Boolean homogeneous,
            User user,
            String password,
            String connectionClass,
            Purity purity,
            Long idleTimeoutMs,
            Long lifetimeMaxMs,
            Long usesMax,
            Long pingIntervalMs,
            Long pingTimeoutMs,
            String fixup,
            List<Run> callback,
            Map<String, Long> knobs) {
        static Settings readOrNull(Object value) throws Refusal {
            return value == null ? null : read(value);
        }

        static Settings read(Object value) throws Refusal {
            Fields fields = new Fields(value);
            Settings settings = new Settings(
                    fields.number("min"),
                    fields.number("max"),
                    fields.number("increment"),
                    fields.word("get_mode", GetMode.class),
                    fields.number("wait_timeout_ms"),
                    fields.number("waiters_max"),
                    fields.number("connects_max"),
                    fields.bool("homogeneous"),
                    fields.word("user", User.class),
                    fields.string("password", null),
                    fields.string("connection_class", null),
                    fields.word("purity", Purity.class),
                    fields.number("idle_timeout_ms"),
                    fields.number("lifetime_max_ms"),
                    fields.number("uses_max"),
                    fields.number("ping_interval_ms"),
                    fields.number("ping_timeout_ms"),
                    fields.string("fixup", null),
                    readCallback(fields.take("callback")),
                    readKnobs(fields.take("knobs")));
            fields.end();
            return settings;
        }

        private static List<Run> readCallback(Object value) throws Refusal {
            if (value == null) {
                return null;
            }
            Fields fields = new Fields(value);
            fields.need("runs");
            List<Run> runs = fields.list("runs", Run::read);
            fields.end();
            return runs;
        }

        private static Map<String, Long> readKnobs(Object value) throws Refusal {
            if (value == null) {
                return Map.of();
            }
            Map<String, Long> knobs = new Fields(value).all(Settings::readKnob);
            for (String name : knobs.keySet()) {
                Fields.asWord(name, Knob.class);
            }
            return knobs;
        }

        private static Long readKnob(Object value) throws Refusal {
            if (!(value instanceof Long) || (Long) value < 0) {
                throw new Refusal("a knob is a number, not " + value);
            }
            return (Long) value;
        }

        /** A pool's size must be seen in its scenario. */
        void checkSizes() throws Refusal {
            if (min == null || max == null) {
                throw new Refusal("a pool names its min and max");
            }
        }

        void checkIsChange() throws Refusal {
            if (user != null || password != null || !knobs.isEmpty() || callback != null) {
                throw new Refusal("a reconfiguration changes no user, knob or callback");
            }
        }

        void needs(Set<Need> needs) {
            if (fixup != null) {
                needs.add(Need.plsql);
            }
            if (callback != null) {
                needs.add(Need.callback);
                if (callback.stream().anyMatch(run -> run.returns() != 0 && run.returns() != 1)) {
                    needs.add(Need.callback_values);
                }
            }
            if (user == User.second) {
                needs.add(Need.two_users);
            }
            if (!knobs.isEmpty()) {
                needs.add(Need.knobs);
            }
        }

        List<Step> callbackSteps() {
            List<Step> steps = new ArrayList<>();
            if (callback != null) {
                callback.forEach(run -> steps.addAll(run.steps()));
            }
            return steps;
        }
    }

    /** One run of a callback: what it does with its session, and what it returns. */
    record Run(List<Step> steps, int returns) {
        static Run read(Object value) throws Refusal {
            Fields fields = new Fields(value);
            List<Step> steps = fields.has("steps") ? Step.readList(fields.take("steps")) : List.of();
            Long returns = fields.number("returns");
            fields.end();
            return new Run(steps, returns == null ? 1 : Math.toIntExact(returns));
        }
    }

    /** What sets a get apart. */
    record GetAttrs(
            User user,
            String password,
            String connectionClass,
            Purity purity,
            GetMode getMode,
            Long waitTimeoutMs) {
        static final GetAttrs NONE = new GetAttrs(null, null, null, null, null, null);

        static GetAttrs read(Object value) throws Refusal {
            if (value == null) {
                return NONE;
            }
            Fields fields = new Fields(value);
            GetAttrs attrs = new GetAttrs(
                    fields.word("user", User.class),
                    fields.string("password", null),
                    fields.string("connection_class", null),
                    fields.word("purity", Purity.class),
                    fields.word("get_mode", GetMode.class),
                    fields.number("wait_timeout_ms"));
            fields.end();
            return attrs;
        }
    }

    /** A number of the statistics: the very number, or a lower bound. */
    record Bound(long number, boolean isAtLeast) {
        static Bound read(Object value) throws Refusal {
            if (value instanceof Long) {
                return new Bound((Long) value, false);
            }
            Fields fields = new Fields(value);
            Long number = fields.number("at_least");
            fields.end();
            if (number == null) {
                throw new Refusal("a number, or at_least, is expected in " + fields.text());
            }
            return new Bound(number, true);
        }

        static Map<String, Bound> readAll(Object value) throws Refusal {
            Map<String, Bound> all = new Fields(value).all(Bound::read);
            if (all.isEmpty()) {
                throw new Refusal("the step names no number");
            }
            for (String name : all.keySet()) {
                if (!Statistics.NAMES.contains(name)) {
                    throw new Refusal("there is no number `" + name + "` in the statistics");
                }
            }
            return all;
        }
    }

    /** One run of a callback as it is expected. */
    record Call(Bytes wanted, Bytes actual) {
        static Call read(Object value) throws Refusal {
            List<Bytes> pair = Fields.asList(value, Bytes::readOrNull);
            if (pair.size() != 2) {
                throw new Refusal("a call is a pair of tags");
            }
            return new Call(pair.get(0), pair.get(1));
        }
    }
}
