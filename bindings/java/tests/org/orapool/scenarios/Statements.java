package org.orapool.scenarios;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.orapool.OraSession;
import org.orapool.OraStatement;
import org.orapool.SessionIdentity;

/** Statements of a session. */
final class Statements {
    private Statements() {}

    static void execute(World world, Step.Execute step, Scope scope) throws Failure {
        OraSession session = world.session(step.session(), scope);
        String sql = world.target.fillIn(step.sql());
        long[] rows = new long[1];
        step.expect().check(world.target, Outcome.ofPlain(() -> rows[0] = execute(session, sql, step.binds())));
        if (step.expect().rows() != null) {
            Findings findings = new Findings();
            findings.equal("rows", rows[0], step.expect().rows());
            findings.fail("");
        }
    }

    private static long execute(OraSession session, String sql, List<String> binds) {
        if (binds.isEmpty()) {
            return session.execute(sql);
        }
        try (OraStatement statement = prepare(session, sql, binds)) {
            return statement.execute();
        }
    }

    private static OraStatement prepare(OraSession session, String sql, List<String> binds) {
        OraStatement statement = session.prepare(sql);
        for (int at = 0; at < binds.size(); at++) {
            statement.bind(at + 1, binds.get(at));
        }
        return statement;
    }

    static List<List<String>> query(World world, OraSession session, String sql, List<String> binds) throws Failure {
        List<List<String>> rows = new ArrayList<>();
        String filled = world.target.fillIn(sql);
        Outcome.ofPlain(() -> {
            try (OraStatement statement = prepare(session, filled, binds)) {
                statement.execute();
                while (statement.fetch()) {
                    List<String> row = new ArrayList<>();
                    for (int column = 0; column < statement.columnCount(); column++) {
                        row.add(statement.columnText(column));
                    }
                    rows.add(row);
                }
            }
        }).done(world.target, filled);
        return rows;
    }

    /** Commits, rolls back or pings. */
    static Outcome plain(OraSession session, String name) throws Failure {
        return Outcome.ofPlain(() -> {
            switch (name) {
                case "commit":
                    session.commit();
                    break;
                case "rollback":
                    session.rollback();
                    break;
                default:
                    session.ping();
            }
        });
    }

    /** Runs a statement of the scenario's own doing. */
    static void runOwner(World world, String sql) throws Failure {
        String filled = world.target.fillIn(sql);
        Outcome.ofPlain(() -> world.owner().execute(filled)).done(world.target, filled);
    }

    static void kill(World world, String name) throws Failure {
        SessionIdentity identity = world.identity(name);
        runOwner(world, "alter system kill session '" + identity.sid() + "," + identity.serial() + "'");
    }

    /** The rows that the fix-up procedures of setup.json wrote; removes them. */
    static List<Bytes.Tags> takeFixupLog(World world) throws Failure {
        List<Bytes.Tags> log = new ArrayList<>();
        for (List<String> row :
                query(world, world.owner(), "select desired, actual from fixup_log order by id", List.of())) {
            log.add(new Bytes.Tags(bytes(row.get(0)), bytes(row.get(1))));
        }
        runOwner(world, "delete from fixup_log");
        runOwner(world, "commit");
        return log;
    }

    private static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }
}
