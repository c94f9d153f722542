package org.orapool;

import java.time.Duration;
import java.util.Objects;

/** Durations as the library's milliseconds. */
final class Times {
    private Times() {}

    /** Rounded up: a wait of less than a millisecond is not a wait of none. */
    static long millis(Duration time) {
        Objects.requireNonNull(time, "a duration is needed; OraPoolAttributes.FOREVER is for no limit");
        try {
            long millis = time.toMillis();
            return time.isNegative() || time.minusMillis(millis).isZero() ? millis : Math.addExact(millis, 1);
        } catch (ArithmeticException tooLong) {
            throw new IllegalArgumentException(
                    "the duration " + time + " is too long; OraPoolAttributes.FOREVER is for no limit", tooLong);
        }
    }
}
