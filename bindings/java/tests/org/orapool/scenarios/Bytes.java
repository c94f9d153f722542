package org.orapool.scenarios;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/** Bytes that a scenario describes: a text, or made. */
interface Bytes {
    /** The bytes; {@code tags} are there inside a callback alone. */
    byte[] of(Tags tags) throws Failure;

    /** What of it a language may lack. */
    default void needs(Set<Format.Need> needs) {}

    /** The tags that a callback was called with; each may be null. */
    record Tags(byte[] wanted, byte[] actual) {}

    /** The words of {@code argument}. */
    enum Which {
        wanted,
        actual
    }

    static byte[] orNull(Bytes bytes, Tags tags) throws Failure {
        return bytes == null ? null : bytes.of(tags);
    }

    static Bytes readOrNull(Object value) throws Refusal {
        return value == null ? null : read(value);
    }

    static Bytes read(Object value) throws Refusal {
        if (value instanceof String) {
            byte[] plain = ((String) value).getBytes(StandardCharsets.UTF_8);
            return tags -> plain;
        }
        Fields made = new Fields(value);
        String kind = made.onlyName();
        Object what = made.take(kind);
        switch (kind) {
            case "hex":
                return new Hex(Fields.asString(what));
            case "repeat":
                return repeat(what);
            case "join":
                return new Join(Fields.asList(what, Bytes::read));
            case "argument":
                return new Argument(Fields.asWord(what, Which.class));
            default:
                throw new Refusal("unknown bytes `" + kind + "`");
        }
    }

    private static Bytes repeat(Object value) throws Refusal {
        if (!(value instanceof List) || ((List<?>) value).size() != 2 || !(((List<?>) value).get(1) instanceof Long)) {
            throw new Refusal("`repeat` has a text and how often");
        }
        String text = Fields.asString(((List<?>) value).get(0));
        int times = Math.toIntExact((Long) ((List<?>) value).get(1));
        return tags -> text.repeat(times).getBytes(StandardCharsets.UTF_8);
    }

    /** Any bytes. */
    record Hex(String digits) implements Bytes {
        @Override
        public byte[] of(Tags tags) throws Failure {
            try {
                return HexFormat.of().parseHex(digits);
            } catch (IllegalArgumentException none) {
                throw new Failure("`" + digits + "` is not hexadecimal", none);
            }
        }

        @Override
        public void needs(Set<Format.Need> needs) {
            needs.add(Format.Need.raw_tags);
        }
    }

    /** Several behind one another. */
    record Join(List<Bytes> parts) implements Bytes {
        @Override
        public byte[] of(Tags tags) throws Failure {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (Bytes part : parts) {
                all.writeBytes(part.of(tags));
            }
            return all.toByteArray();
        }

        @Override
        public void needs(Set<Format.Need> needs) {
            parts.forEach(part -> part.needs(needs));
        }
    }

    /** Inside a callback: what it was called with. */
    record Argument(Which which) implements Bytes {
        @Override
        public byte[] of(Tags tags) throws Failure {
            if (tags == null) {
                throw new Failure("the scenario uses an argument of a callback outside of one");
            }
            byte[] bytes = which == Which.wanted ? tags.wanted() : tags.actual();
            return bytes == null ? new byte[0] : bytes;
        }
    }

    /** For reports: NULL, or the text with its strange bytes escaped and, if it is long, cut. */
    static String show(byte[] bytes) {
        if (bytes == null) {
            return "NULL";
        }
        StringBuilder text = new StringBuilder("`");
        for (int at = 0; at < Math.min(bytes.length, 120); at++) {
            int one = bytes[at] & 0xff;
            text.append(one >= ' ' && one < 0x7f ? String.valueOf((char) one) : String.format("\\x%02x", one));
        }
        return text + "`" + (bytes.length > 120 ? "… (" + bytes.length + " bytes)" : "");
    }
}
