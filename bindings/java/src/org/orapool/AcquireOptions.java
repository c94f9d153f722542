package org.orapool;

/**
 * What a get asks for. Immutable: each method gives a changed copy. Start from {@link #NONE}:
 *
 * <pre>{@code pool.acquire(AcquireOptions.NONE.properties("TZ=UTC").matchAny())}</pre>
 */
public final class AcquireOptions {
    /** A get that asks for nothing: any untagged session, as the pool's attributes say. */
    public static final AcquireOptions NONE = new AcquireOptions(null, 0, null);

    private static final int MATCHANY = 0x20;
    private static final int PURITY_NEW = 0x40;
    private static final int PURITY_SELF = 0x80;
    private static final int MULTIPROPERTY_TAG = 0x400;

    final byte[] tag;
    final int mode;
    final OraPoolAttributes attributes;

    private AcquireOptions(byte[] tag, int mode, OraPoolAttributes attributes) {
        this.tag = tag;
        this.mode = mode;
        this.attributes = attributes;
    }

    /** The state that the session should have, as a single tag; null or empty: none. */
    public AcquireOptions tag(String tag) {
        return tag(Text.utf8(tag));
    }

    /** As {@link #tag(String)}, in any bytes. */
    public AcquireOptions tag(byte[] tag) {
        return new AcquireOptions(copy(tag), mode & ~MULTIPROPERTY_TAG, attributes);
    }

    /** The state that the session should have, as properties {@code name=value;name=value}, the most important first. */
    public AcquireOptions properties(String properties) {
        return properties(Text.utf8(properties));
    }

    /** As {@link #properties(String)}, in UTF-8. */
    public AcquireOptions properties(byte[] properties) {
        return new AcquireOptions(copy(properties), mode | MULTIPROPERTY_TAG, attributes);
    }

    /** A session with another tag serves as well, when there is none with the one asked for and none without. */
    public AcquireOptions matchAny() {
        return modeBits(MATCHANY);
    }

    /** A session that nobody has had, whatever the attributes say. */
    public AcquireOptions purityNew() {
        return modeBits(PURITY_NEW);
    }

    /** Whatever others of the same user and class left, whatever the attributes say. */
    public AcquireOptions puritySelf() {
        return modeBits(PURITY_SELF);
    }

    /**
     * What sets the get apart: user, password, class, purity, edition, context, get mode, wait limit; the others are
     * passed over. The bag is used anew by each get, so one may serve many; null is none.
     */
    public AcquireOptions attributes(OraPoolAttributes attributes) {
        return new AcquireOptions(tag, mode, attributes);
    }

    /** More bits ORAPOOL_SESSGET_* of the header, for those that are newer than this binding. */
    public AcquireOptions modeBits(int bits) {
        return new AcquireOptions(tag, mode | bits, attributes);
    }

    private static byte[] copy(byte[] bytes) {
        return bytes == null ? null : bytes.clone();
    }
}
