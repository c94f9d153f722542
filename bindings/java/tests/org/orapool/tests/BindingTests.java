package org.orapool.tests;

/** All tests of the classes: {@code BindingTests [PREFIX ...]}. */
public final class BindingTests {
    private BindingTests() {}

    public static void main(String[] filters) {
        Harness harness = new Harness();
        AttributeTests.addTo(harness);
        PoolTests.addTo(harness);
        SessionTests.addTo(harness);
        StatementTests.addTo(harness);
        CallbackTests.addTo(harness);
        ForgottenTests.addTo(harness);
        AsyncTests.addTo(harness);
        // Java 17 has none; run-tests.sh runs these on a later one.
        if (Runtime.version().feature() >= 21) {
            VirtualThreadTests.addTo(harness);
        }
        ProcessTests.addTo(harness);
        System.exit(harness.run(filters) ? 0 : 1);
    }
}
