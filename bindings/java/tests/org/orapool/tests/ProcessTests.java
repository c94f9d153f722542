package org.orapool.tests;

import static org.orapool.tests.Support.equal;
import static org.orapool.tests.Support.isTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.orapool.OraPool;

/** What a whole process does: how it ends, and where it finds the library. */
final class ProcessTests {
    private static final String VARIABLE = "ORAPOOL_LIBRARY";

    private ProcessTests() {}

    static void addTo(Harness harness) {
        endsWell(harness, "main_returns_with_loans", 0);
        endsWell(harness, "exit_with_loans", 0);
        endsWell(harness, "exit_while_threads_wait", 0);
        endsWell(harness, "exit_in_a_callback", 0);
        endsWell(harness, "exit_while_threads_work", 0);
        endsWell(harness, "garbage_in_any_order", 0);
        endsWell(harness, "exit_with_requests", 0);
        endsWell(harness, "an_uncaught_exception", 1);
        harness.add("library::the_variable_names_it", ProcessTests::variableNamesIt);
        harness.add("library::the_jar_carries_it", ProcessTests::jarCarriesIt);
        harness.add("library::one_that_is_loaded_is_shared", ProcessTests::loadedIsShared);
        harness.add("library::not_where_the_variable_says", ProcessTests::notWhereTheVariableSays);
        harness.add("library::none_names_all_places", ProcessTests::noneNamesAllPlaces);
        harness.add("library::another_library_is_refused", ProcessTests::anotherLibrary);
        harness.add("library::another_version_is_refused", ProcessTests::anotherVersion);
    }

    private record Ended(int status, String output) {}

    private static void endsWell(Harness harness, String program, int status) {
        harness.add("process::" + program, () -> {
            if (program.contains("requests")) {
                needRequests();
            }
            Ended ended = run(System.getProperty("java.class.path"), System.getenv(VARIABLE), "-Xcheck:jni", program);
            equal(ended.status(), status);
            equal(ended.output(), "");
        });
    }

    private static void needRequests() throws Exception {
        try (OraPool pool = Support.pool(1)) {
            pool.acquireAsync().get(60, TimeUnit.SECONDS).close();
        } catch (org.orapool.OraPoolException missing) {
            throw new Harness.Skip(missing.getMessage());
        }
    }

    /** Runs one of the programs; a null variable is unset. */
    private static Ended run(String classPath, String library, String flag, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flag, "-XX:+UseSerialGC", "-cp", classPath));
        if (Runtime.version().feature() >= 24) {
            command.add(1, "--enable-native-access=ALL-UNNAMED");
        }
        command.add(Programs.class.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove(VARIABLE);
        if (library != null) {
            builder.environment().put(VARIABLE, library);
        }
        Process process = builder.start();
        process.getOutputStream().close();
        try {
            return new Ended(waitFor(process), text(process.getInputStream()));
        } finally {
            process.destroyForcibly();
        }
    }

    private static int waitFor(Process process) throws InterruptedException {
        isTrue(process.waitFor(120, TimeUnit.SECONDS), "the process hangs");
        return process.exitValue();
    }

    private static String text(InputStream output) throws IOException {
        return new String(output.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String where(String classPath, String library) throws Exception {
        Ended ended = run(classPath, library, "-Xshare:auto", "where");
        isTrue(ended.status() == 0, ended.output());
        return ended.output().strip();
    }

    private static String variable() {
        String library = System.getenv(VARIABLE);
        if (library == null) {
            throw new Harness.Skip(VARIABLE + " is not set");
        }
        return library;
    }

    private static void variableNamesIt() throws Exception {
        equal(where(System.getProperty("java.class.path"), variable()), variable());
    }

    private static void jarCarriesIt() throws Exception {
        if (OraPool.class.getResource(resources() + "liborapool.so") == null) {
            throw new Harness.Skip("the jar was built without the library");
        }
        String path = where(System.getProperty("java.class.path"), null);
        isTrue(path.endsWith("-liborapool.so"), path);
        isTrue(!Files.exists(Path.of(path)), "what was unpacked is deleted: " + path);
    }

    private static String resources() {
        String machine = System.getProperty("os.arch");
        return "native/linux-" + (machine.equals("amd64") ? "x86_64" : machine) + "/";
    }

    private static void loadedIsShared() throws Exception {
        Ended ended =
                run(System.getProperty("java.class.path"), null, "-Xshare:auto", "where_after_another", variable());
        equal(ended.output().strip(), variable());
    }

    private static void notWhereTheVariableSays() throws Exception {
        Ended ended = run(System.getProperty("java.class.path"), "/no/such/library.so", "-Xshare:auto", "where");
        equal(ended.status(), 1);
        isTrue(ended.output().contains("ORAPOOL_LIBRARY=/no/such/library.so"), ended.output());
    }

    /** Classes and glue without the library, on a system that has none. */
    private static void noneNamesAllPlaces() throws Exception {
        Path folder = Files.createTempDirectory("orapool-test-");
        try {
            copyClasses(folder);
            Ended ended = run(
                    folder + ":" + System.getProperty("java.class.path").replaceAll("[^:]*orapool[^:]*\\.jar", ""),
                    null,
                    "-Xshare:auto",
                    "twice_not_found");
            String[] lines = ended.output().strip().split("\n");
            if (lines[0].equals("found")) {
                throw new Harness.Skip("this system has a liborapool.so.0");
            }
            equal(lines.length, 2);
            equal(lines[0], lines[1]);
            for (String place : new String[] {"ORAPOOL_LIBRARY", "the jar carries", "liborapool.so.0"}) {
                isTrue(lines[0].contains(place), lines[0]);
            }
        } finally {
            delete(folder);
        }
    }

    private static void copyClasses(Path folder) throws Exception {
        Path classes = Path.of(System.getProperty("orapool.test.classes"));
        try (Stream<Path> all = Files.walk(classes)) {
            for (Path each : all.filter(path -> !path.endsWith("liborapool.so")).toList()) {
                Path to = folder.resolve(classes.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(each, to);
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    private static void anotherLibrary() throws Exception {
        Ended ended = run(System.getProperty("java.class.path"), "libc.so.6", "-Xshare:auto", "where");
        equal(ended.status(), 1);
        isTrue(ended.output().contains("no orapool library"), ended.output());
    }

    private static void anotherVersion() throws Exception {
        String other = System.getProperty("orapool.test.other_version");
        if (other == null) {
            throw new Harness.Skip("orapool.test.other_version names no library");
        }
        Ended ended = run(System.getProperty("java.class.path"), other, "-Xshare:auto", "where");
        equal(ended.status(), 1);
        isTrue(ended.output().contains("it is version 0.2.7, and this binding is for 0.1"), ended.output());
    }
}
