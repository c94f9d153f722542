import java.util.Arrays;
import java.util.Locale;
import org.orapool.OraPool;
import org.orapool.OraPoolAttributes;

/** What a get and a release cost from Java: one thread, one session, nothing to wait for. Prints a line of JSON. */
public class GetRelease {
    private static final int PAIRS = 500_000;
    private static final int WARM_UP = 10;
    private static final int ROUNDS = 15;

    public static void main(String[] arguments) {
        try (OraPoolAttributes attributes = new OraPoolAttributes()
                        .connectString("embedded:bench")
                        .user("scott")
                        .password("tiger");
                OraPool pool = OraPool.create(attributes)) {
            for (int round = 0; round < WARM_UP; round++) {
                measure(pool);
            }
            double[] rounds = new double[ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                rounds[round] = measure(pool);
            }
            // The median: other programs of the machine make single rounds slower, and none faster.
            Arrays.sort(rounds);
            System.out.printf(Locale.ROOT, "{\"language\":\"java\",\"ns_per_pair\":%.1f}%n", rounds[ROUNDS / 2]);
        }
    }

    private static double measure(OraPool pool) {
        long start = System.nanoTime();
        for (int pair = 0; pair < PAIRS; pair++) {
            pool.acquire().close();
        }
        return (System.nanoTime() - start) / (double) PAIRS;
    }
}
