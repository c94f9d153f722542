import org.orapool.AcquireOptions;
import org.orapool.OraPool;
import org.orapool.OraPoolAttributes;
import org.orapool.OraPoolException;
import org.orapool.OraSession;
import org.orapool.OraStatement;
import org.orapool.ReleaseOptions;

/** What Java does in lesson 10, with the pool that the C program created. */
public final class SharedPool {
    private SharedPool() {}

    static void work(String name, long instance, String wanted, String language) {
        try (OraPool pool = OraPool.open(name)) {
            OraSession session = pool.acquire(AcquireOptions.NONE.properties(wanted));
            System.out.printf("  Java:   instance %s, session %d, wanted %s, found %d, its language is %s%n",
                    Long.toUnsignedString(OraPool.instanceId()), session.identity().sid(), wanted,
                    session.isFound() ? 1 : 0, languageOf(session));
            if (OraPool.instanceId() != instance) {
                throw new IllegalStateException("Java has loaded another copy of the library");
            }
            if (!session.isFound()) {
                throw new IllegalStateException("nobody left a session tagged " + wanted);
            }
            session.execute("alter session set nls_language = '" + language + "'");
            session.release(ReleaseOptions.NONE.properties("LANGUAGE=" + language));
        }
    }

    private static String languageOf(OraSession session) {
        try (OraStatement statement = session.prepare("select sys_context('userenv', 'lang') from dual")) {
            statement.execute();
            statement.fetch();
            return statement.columnText(0);
        }
    }

    static void meetTheLimit(String name) {
        try (OraPool pool = OraPool.open(name);
                OraPoolAttributes nowait = new OraPoolAttributes().getMode(OraPoolAttributes.GetMode.NOWAIT)) {
            pool.acquire(AcquireOptions.NONE.attributes(nowait)).release();
        } catch (OraPoolException refusal) {
            if (refusal.status() != OraPoolException.Status.TIMEOUT) {
                throw refusal;
            }
            System.out.println("  Java:   " + refusal.getMessage());
            return;
        }
        throw new IllegalStateException("Java got a session that the pool should not have had");
    }
}
