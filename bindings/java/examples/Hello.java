// The first query: java -cp bindings/java/build/orapool.jar bindings/java/examples/Hello.java
//
// ORAPOOL_EXAMPLE_DSN, ORAPOOL_EXAMPLE_USER and ORAPOOL_EXAMPLE_PASSWORD name a database; without them it is the embedded
// engine, a small database inside this process that needs no server.

import org.orapool.OraPool;
import org.orapool.OraPoolAttributes;
import org.orapool.OraSession;
import org.orapool.OraStatement;

public class Hello {
    public static void main(String[] arguments) {
        try (OraPoolAttributes attributes = new OraPoolAttributes()
                        .connectString(setting("DSN", "embedded:demo"))
                        .user(setting("USER", "scott"))
                        .password(setting("PASSWORD", "tiger"));
                OraPool pool = OraPool.create(attributes);
                OraSession session = pool.acquire();
                OraStatement statement = session.prepare("select 'Hello, ' || user || :1 from dual")) {
            statement.bind(1, "! \uD83C\uDF0D").execute();
            while (statement.fetch()) {
                System.out.println(statement.columnText(0));
            }
        }
    }

    private static String setting(String name, String otherwise) {
        String value = System.getenv("ORAPOOL_EXAMPLE_" + name);
        return value == null ? otherwise : value;
    }
}
