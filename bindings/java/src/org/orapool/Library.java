package org.orapool;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Finds liborapool.so, once in a process: the one that ORAPOOL_LIBRARY names; else one that is loaded already, by
 * another runtime of the process, because sharing its pools is what the library is for; else the jar's own; else the
 * system's.
 */
final class Library {
    private static final String VARIABLE = "ORAPOOL_LIBRARY";
    private static final String SONAME = "liborapool.so.0";
    private static final String GLUE = "liborapool_jni.so";
    private static final String CARRIED = "liborapool.so";

    private static final ReentrantLock LOCK = new ReentrantLock();
    private static volatile boolean isLoaded;
    private static boolean isGlueLoaded;

    private Library() {}

    /** Loads glue and library if that has not been done. A failure is thrown at each call, and tried anew by the next. */
    static void load() {
        if (isLoaded) {
            return;
        }
        LOCK.lock();
        try {
            if (!isGlueLoaded) {
                loadGlue();
                isGlueLoaded = true;
            }
            if (!isLoaded) {
                loadLibrary(System.getenv(VARIABLE));
                isLoaded = true;
            }
        } finally {
            LOCK.unlock();
        }
    }

    private static String folder() {
        String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return "native/linux-" + (machine.equals("amd64") ? "x86_64" : machine) + "/";
    }

    private static void loadGlue() {
        Path file = unpack(GLUE);
        if (file == null) {
            throw new UnsatisfiedLinkError("orapool's jar has no " + folder() + GLUE + ", its glue for this machine ("
                    + System.getProperty("os.name") + ", " + System.getProperty("os.arch")
                    + "); build the jar on such a machine: make -C bindings/java");
        }
        try {
            System.load(file.toString());
        } finally {
            delete(file);
        }
    }

    private static void loadLibrary(String named) {
        if (named != null && !named.isEmpty()) {
            String why = tryFile(named, false);
            if (why == null) {
                return;
            }
            throw notFound(List.of(VARIABLE + "=" + named + ": " + why
                    + " (while the variable is set nothing else is tried)"));
        }
        List<String> tried = new ArrayList<>();
        tried.add(VARIABLE + " is not set");
        if (tryFile(SONAME, true) == null || tryCarried(tried)) {
            return;
        }
        String why = tryFile(SONAME, false);
        if (why != null) {
            tried.add("the system's " + SONAME + ": " + why);
            throw notFound(tried);
        }
    }

    private static boolean tryCarried(List<String> tried) {
        Path file = unpack(CARRIED);
        if (file == null) {
            tried.add("the jar carries none (it was built without)");
            return false;
        }
        try {
            String why = tryFile(file.toString(), false);
            if (why != null) {
                tried.add("the jar's own, unpacked to " + file + ": " + why);
            }
            return why == null;
        } finally {
            delete(file);
        }
    }

    private static String tryFile(String path, boolean onlyIfLoaded) {
        return Text.of(Native.load(Text.utf8(path), onlyIfLoaded));
    }

    private static UnsatisfiedLinkError notFound(List<String> tried) {
        return new UnsatisfiedLinkError("liborapool.so can not be loaded. It is looked for in this order: the file that "
                + VARIABLE + " names, the copy that the jar carries, the system's " + SONAME + ". What was tried: "
                + String.join("; ", tried));
    }

    /** A file of the jar as a file of the system; null if the jar has none. */
    private static Path unpack(String name) {
        try (InputStream packed = Library.class.getResourceAsStream(folder() + name)) {
            if (packed == null) {
                return null;
            }
            Path file = Files.createTempFile("orapool-", "-" + name);
            Files.copy(packed, file, StandardCopyOption.REPLACE_EXISTING);
            return file;
        } catch (IOException why) {
            UnsatisfiedLinkError error = new UnsatisfiedLinkError("the jar's " + name + " can not be unpacked to "
                    + System.getProperty("java.io.tmpdir") + " (-Djava.io.tmpdir names another folder): " + why);
            error.initCause(why);
            throw error;
        }
    }

    /** A loaded library needs its file no more. */
    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException stays) {
            file.toFile().deleteOnExit();
        }
    }
}
