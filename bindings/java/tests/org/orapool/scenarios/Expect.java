package org.orapool.scenarios;

import java.util.List;

/** What must come of a call. Compared is what is named. */
record Expect(
        Format.StatusName status,
        Long code,
        Long causeCode,
        List<String> messageContains,
        Boolean sessionDead,
        Boolean isTransient,
        Boolean found,
        boolean namesTag,
        Bytes tag,
        Boolean isNew,
        String sameAs,
        List<String> notSameAs,
        Long rows) {
    /** The steps differ in what can be expected of them. */
    enum Kind {
        PLAIN,
        GET,
        EXECUTE
    }

    static final Expect SUCCESS =
            new Expect(null, null, null, List.of(), null, null, null, false, null, null, null, List.of(), null);

    static Expect take(Fields step, Kind kind) throws Refusal {
        if (!step.has("expect")) {
            return SUCCESS;
        }
        Fields fields = new Fields(step.take("expect"));
        Expect expect = new Expect(
                fields.word("status", Format.StatusName.class),
                fields.number("code"),
                fields.number("cause_code"),
                fields.list("message_contains", Fields::asString),
                fields.bool("session_dead"),
                fields.bool("transient"),
                fields.bool("found"),
                fields.has("tag"),
                Bytes.readOrNull(fields.take("tag")),
                fields.bool("is_new"),
                fields.string("same_as", null),
                fields.list("not_same_as", Fields::asString),
                fields.number("rows"));
        fields.end();
        expect.check(kind);
        return expect;
    }

    /** A failure names its number; what only a success has, and what only some calls have, is named nowhere else. */
    private void check(Kind kind) throws Refusal {
        boolean isFailure = expectedStatus().value < 0;
        if (expectedStatus() != Format.StatusName.ORAPOOL_SUCCESS && code == null) {
            throw new Refusal("whoever expects an error or a warning names its code");
        }
        if (namesSession() && (kind != Kind.GET || isFailure)) {
            throw new Refusal("only a get that succeeds has found, tag, is_new, same_as and not_same_as");
        }
        if (rows != null && (kind != Kind.EXECUTE || isFailure)) {
            throw new Refusal("only an execute that succeeds has rows");
        }
    }

    private boolean namesSession() {
        return found != null || namesTag || isNew != null || sameAs != null || !notSameAs.isEmpty();
    }

    boolean saysSomething() {
        return status != null || namesSession() || rows != null;
    }

    Format.StatusName expectedStatus() {
        return status == null ? Format.StatusName.ORAPOOL_SUCCESS : status;
    }

    /** Checks status, error and the rules of every call. */
    void check(Target target, Outcome outcome) throws Failure {
        Findings findings = new Findings();
        if (outcome.status() != expectedStatus().value) {
            findings.note("status: expected " + expectedStatus() + " (" + expectedStatus().value + "), came "
                    + outcome.status());
        }
        findings.equal("code", (long) outcome.code(), code == null ? 0L : code);
        if (causeCode != null) {
            findings.equal("cause_code", (long) outcome.causeCode(), causeCode);
        }
        for (String part : messageContains) {
            if (!outcome.message().contains(part)) {
                findings.note("message: expected to find `" + part + "` in `" + outcome.message() + "`");
            }
        }
        if (sessionDead != null) {
            findings.equal("session_dead", outcome.isSessionDead(), sessionDead);
        }
        if (isTransient != null) {
            findings.equal("transient", outcome.isTransient(), isTransient);
        }
        outcome.flaws(target).forEach(flaw -> findings.note("a rule of the interface is broken: " + flaw));
        findings.fail("\ncame: " + outcome);
    }
}
