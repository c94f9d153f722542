package org.orapool.scenarios;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.orapool.OraPool;

/**
 * Runs the scenarios of {@code tests/scenarios}, as its README has it, on the public classes of the binding.
 *
 * <pre>Runner --driver embedded|oci --scenarios DIR [--client-lib-dir DIR] [--list] [FILE::ID | PREFIX ...]</pre>
 *
 * Prints a line of JSON for each scenario. Exit status: 0 none failed, 1 one failed, 2 the runner could not run.
 */
public final class Runner {
    /** Generous: it must never end a scenario that goes on, on however loaded a machine. */
    static final Duration LIMIT = Duration.ofSeconds(60);

    private Runner() {}

    /** What the command line says. */
    private static final class Options {
        String driver;
        Path scenarios;
        String clientLibDir;
        boolean isList;
        final List<String> filters = new ArrayList<>();

        static Options parse(String[] arguments) throws Refusal {
            Options options = new Options();
            Deque<String> left = new ArrayDeque<>(List.of(arguments));
            while (!left.isEmpty()) {
                String argument = left.poll();
                switch (argument) {
                    case "--driver":
                        options.driver = value(argument, left);
                        break;
                    case "--scenarios":
                        options.scenarios = Path.of(value(argument, left));
                        break;
                    case "--client-lib-dir":
                        options.clientLibDir = value(argument, left);
                        break;
                    case "--list":
                        options.isList = true;
                        break;
                    default:
                        if (argument.startsWith("-")) {
                            throw new Refusal("unknown option " + argument);
                        }
                        options.filters.add(argument);
                }
            }
            if (options.scenarios == null) {
                throw new Refusal("--scenarios DIR is needed");
            }
            return options;
        }

        private static String value(String option, Deque<String> left) throws Refusal {
            if (left.isEmpty()) {
                throw new Refusal(option + " needs a value");
            }
            return left.poll();
        }

        Target target() throws Refusal {
            if ("embedded".equals(driver)) {
                return Target.embedded();
            }
            if ("oci".equals(driver)) {
                return Target.oci(clientLibDir);
            }
            throw new Refusal("--driver is embedded or oci, not " + driver);
        }

        boolean takes(String name) {
            return filters.isEmpty() || filters.stream().anyMatch(name::startsWith);
        }
    }

    /** Runs; see the class. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        int status;
        try {
            status = run(Options.parse(arguments), out);
        } catch (Refusal | UnsatisfiedLinkError why) {
            System.err.println("the runner can not run: " + why.getMessage());
            status = 2;
        }
        out.flush();
        // A scenario that hangs has left threads behind, which must not keep the runner.
        Runtime.getRuntime().halt(status);
    }

    private static int run(Options options, PrintStream out) throws Refusal {
        Target target = options.target();
        Map<String, List<String>> setup = Files.readSetup(options.scenarios);
        List<Files.Found> chosen = Files.readScenarios(options.scenarios, setup).stream()
                .filter(found -> options.takes(found.name()))
                .toList();
        if (chosen.isEmpty()) {
            throw new Refusal("no scenario is called " + options.filters);
        }
        if (options.isList) {
            chosen.forEach(found -> out.println(found.name()));
            return 0;
        }
        // Here, so that a library that is missing is no failure of a scenario.
        OraPool.instanceId();
        boolean isAllPassed = true;
        for (Files.Found found : chosen) {
            isAllPassed &= report(target, setup, found, out);
        }
        return isAllPassed ? 0 : 1;
    }

    private static boolean report(
            Target target, Map<String, List<String>> setup, Files.Found found, PrintStream out) {
        long start = System.nanoTime();
        String detail = "";
        try {
            runScenario(target, setup, found.name(), found.scenario());
        } catch (Failure why) {
            detail = found.scenario().title() + "\n" + why.getMessage();
        }
        long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        out.println("{\"scenario\":" + Json.quoted(found.name()) + ",\"status\":\""
                + (detail.isEmpty() ? "passed" : "failed") + "\",\"ms\":" + ms + ",\"detail\":"
                + Json.quoted(detail) + "}");
        out.flush();
        return detail.isEmpty();
    }

    /** Runs a scenario in a database of its own, which is called after it. */
    static void runScenario(
            Target target, Map<String, List<String>> setup, String name, Format.Scenario scenario) throws Failure {
        AtomicReference<World> shown = new AtomicReference<>();
        Supplier<String> whereabouts = () -> shown.get() == null ? "" : shown.get().whereabouts();
        runWithin(LIMIT, whereabouts, () -> {
            World world = new World(target, name);
            shown.set(world);
            Failure first = null;
            try {
                runParts(world, setup, scenario);
            } catch (Failure why) {
                first = why;
            }
            world.enter("", "the end of the scenario");
            finish(world, first);
        });
    }

    /** What went wrong first, and what showed at the end. */
    private static void finish(World world, Failure first) throws Failure {
        try {
            world.finish();
        } catch (Failure second) {
            throw first == null ? second : new Failure(first.getMessage() + "\n" + second.getMessage(), first);
        }
        if (first != null) {
            throw first;
        }
    }

    private static void runParts(World world, Map<String, List<String>> setup, Format.Scenario scenario)
            throws Failure {
        for (Format.Setup item : scenario.setup()) {
            for (String sql : item.sql() != null ? List.of(item.sql()) : setup.get(item.include())) {
                within("setup: ", () -> Statements.runOwner(world, sql));
            }
        }
        if (scenario.pool() != null) {
            within("the scenario's pool: ", () -> Pools.create(world, "p", null, scenario.pool(), Expect.SUCCESS));
        }
        runSteps(world, scenario.steps(), Scope.TOP);
    }

    /** Runs steps in their order, up to the first that fails. */
    static void runSteps(World world, List<Step> steps, Scope scope) throws Failure {
        for (int at = 0; at < steps.size(); at++) {
            Step step = steps.get(at);
            String position = scope.path() + "step " + (at + 1) + ": " + step.text();
            world.enter(scope.path(), position);
            Scope here = scope.step(at + 1);
            within(position + "\n", () -> step.action().run(world, here));
        }
        world.leave(scope.path());
    }

    private static void within(String where, World.Work work) throws Failure {
        try {
            work.run();
        } catch (Failure why) {
            throw new Failure(where + why.getMessage(), why);
        } catch (RuntimeException thrown) {
            throw new Failure(where + "threw " + thrown, thrown);
        }
    }

    /** Runs work on a thread of its own. One that hangs is left behind with all that it uses. */
    static void runWithin(Duration limit, Supplier<String> whereabouts, World.Work work) throws Failure {
        FutureTask<Failure> task = World.task(work);
        World.daemon("scenario", task);
        try {
            task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            World.join(task);
        } catch (TimeoutException hangs) {
            throw new Failure("hangs for " + limit.toSeconds() + " s in:\n" + whereabouts.get(), hangs);
        } catch (InterruptedException stopped) {
            throw new Failure("the runner was interrupted", stopped);
        } catch (ExecutionException thrown) {
            throw new Failure("the runner threw " + thrown.getCause(), thrown.getCause());
        }
    }
}
