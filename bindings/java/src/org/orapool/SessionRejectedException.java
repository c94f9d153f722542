package org.orapool;

/**
 * Thrown by a {@link SessionCallback} that refuses a session with a number of its own. The number is in the message of
 * the get that fails, whichever language made it.
 */
public class SessionRejectedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int CALLBACK_OK = 1;

    private final int value;

    /**
     * @param value what the callback returns to the library: any number but 1, which is its success.
     * @param message why, for people.
     * @throws IllegalArgumentException for 1.
     */
    public SessionRejectedException(int value, String message) {
        super(message);
        if (value == CALLBACK_OK) {
            throw new IllegalArgumentException("1 is the success of a callback; a refusal is any other number");
        }
        this.value = value;
    }

    /** What the callback returns to the library. */
    public int value() {
        return value;
    }
}
