package org.orapool.tests;

import java.util.LinkedHashMap;
import java.util.Map;

/** Runs tests and prints a line for each: {@code ok NAME}, {@code not ok NAME: why}, {@code skip NAME: why}. */
public final class Harness {
    /** A test. Fails by throwing. */
    public interface Test {
        void run() throws Throwable;
    }

    /** Thrown by a test that can not run here. */
    public static final class Skip extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public Skip(String why) {
            super(why);
        }
    }

    private final Map<String, Test> tests = new LinkedHashMap<>();

    public Harness add(String name, Test test) {
        if (tests.put(name, test) != null) {
            throw new IllegalArgumentException("the test " + name + " is there twice");
        }
        return this;
    }

    /** Runs those whose name begins with one of the filters, all without any; whether none failed. */
    public boolean run(String... filters) {
        boolean isAllOk = true;
        for (Map.Entry<String, Test> test : tests.entrySet()) {
            if (isChosen(test.getKey(), filters)) {
                isAllOk &= run(test.getKey(), test.getValue());
            }
        }
        return isAllOk;
    }

    private static boolean isChosen(String name, String... filters) {
        for (String filter : filters) {
            if (name.startsWith(filter)) {
                return true;
            }
        }
        return filters.length == 0;
    }

    private static boolean run(String name, Test test) {
        try {
            test.run();
            System.out.println("ok " + name);
            return true;
        } catch (Skip why) {
            System.out.println("skip " + name + ": " + why.getMessage());
            return true;
        } catch (Throwable why) {
            System.out.println("not ok " + name + ": " + why.toString().replaceAll("\\s*\n\\s*", " / "));
            why.printStackTrace();
            return false;
        } finally {
            System.out.flush();
        }
    }
}
