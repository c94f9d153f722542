package org.orapool;

/** How a session goes back. Immutable: each method gives a changed copy. Start from {@link #NONE}. */
public final class ReleaseOptions {
    /** The session keeps its tag and stays in the pool. */
    public static final ReleaseOptions NONE = new ReleaseOptions(null, 0);

    private static final int DROPSESS = 1;
    private static final int RETAG = 2;
    private static final int MULTIPROPERTY_TAG = 4;

    final byte[] tag;
    final int mode;

    private ReleaseOptions(byte[] tag, int mode) {
        this.tag = tag;
        this.mode = mode;
    }

    /** The session has this single tag from now on; null or empty: none. */
    public ReleaseOptions tag(String tag) {
        return tag(Text.utf8(tag));
    }

    /** As {@link #tag(String)}, in any bytes. */
    public ReleaseOptions tag(byte[] tag) {
        return new ReleaseOptions(copy(tag), (mode & ~MULTIPROPERTY_TAG) | RETAG);
    }

    /** The session has these properties {@code name=value;name=value} as its tag from now on; null or empty: none. */
    public ReleaseOptions properties(String properties) {
        return properties(Text.utf8(properties));
    }

    /** As {@link #properties(String)}, in UTF-8. */
    public ReleaseOptions properties(byte[] properties) {
        return new ReleaseOptions(copy(properties), mode | RETAG | MULTIPROPERTY_TAG);
    }

    /** Closes the session instead of keeping it, whatever else is asked for. */
    public ReleaseOptions drop() {
        return new ReleaseOptions(tag, mode | DROPSESS);
    }

    /** A tag and bits ORAPOOL_SESSRLS_* as the header has them, for bits that are newer than this binding. */
    public static ReleaseOptions ofBits(byte[] tag, int bits) {
        return new ReleaseOptions(copy(tag), bits);
    }

    private static byte[] copy(byte[] bytes) {
        return bytes == null ? null : bytes.clone();
    }
}
