package org.orapool.scenarios;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Reading the scenario files. */
final class Files {
    private static final String SETUP_FILE = "setup.json";

    /** A scenario and its name, {@code file::id}. */
    record Found(String name, Format.Scenario scenario) {}

    private Files() {}

    /** The lists of statements that scenarios include by name. */
    static Map<String, List<String>> readSetup(Path folder) throws Refusal {
        Path path = folder.resolve(SETUP_FILE);
        return in(path, () -> new Fields(Json.read(read(path))).all(list -> Fields.asList(list, Files::statement)));
    }

    /** A statement, in one line or in several. */
    private static String statement(Object value) throws Refusal {
        return value instanceof List
                ? String.join("\n", Fields.asList(value, Fields::asString))
                : Fields.asString(value);
    }

    /** Every scenario of the folder, checked. */
    static List<Found> readScenarios(Path folder, Map<String, List<String>> setup) throws Refusal {
        List<Found> all = new ArrayList<>();
        for (Path path : paths(folder)) {
            String name = path.getFileName().toString();
            String group = name.substring(0, name.length() - ".json".length());
            for (Format.Scenario scenario : in(path, () -> readFile(read(path), setup)).scenarios()) {
                all.add(new Found(group + "::" + scenario.id(), scenario));
            }
        }
        checkIds(all);
        return all;
    }

    static Format.ScenarioFile readFile(String text, Map<String, List<String>> setup) throws Refusal {
        Format.ScenarioFile file = Format.ScenarioFile.read(Json.read(text));
        Validation.check(file, setup);
        return file;
    }

    private static List<Path> paths(Path folder) throws Refusal {
        try (Stream<Path> entries = java.nio.file.Files.list(folder)) {
            List<Path> paths = entries.filter(path -> path.toString().endsWith(".json"))
                    .filter(path -> !path.endsWith(SETUP_FILE))
                    .sorted()
                    .toList();
            if (paths.isEmpty()) {
                throw new Refusal(folder + " has no scenarios");
            }
            return paths;
        } catch (IOException why) {
            throw new Refusal(folder + ": " + why);
        }
    }

    private static String read(Path path) throws Refusal {
        try {
            return java.nio.file.Files.readString(path);
        } catch (IOException why) {
            throw new Refusal(why.toString());
        }
    }

    /** What reads a file. */
    private interface Reading<T> {
        T read() throws Refusal;
    }

    private static <T> T in(Path path, Reading<T> reading) throws Refusal {
        try {
            return reading.read();
        } catch (Refusal why) {
            throw new Refusal(path + ": " + why.getMessage());
        }
    }

    /** Names of databases must be told apart without case. */
    private static void checkIds(List<Found> all) throws Refusal {
        Set<String> seen = new HashSet<>();
        for (Found found : all) {
            if (!seen.add(found.name().toLowerCase(Locale.ROOT))) {
                throw new Refusal(found.name() + " is there twice");
            }
        }
    }
}
