package org.orapool;

import java.nio.charset.StandardCharsets;

/** Strings to UTF-8 and back. Real UTF-8: JNI's own has other bytes for NUL and for what lies beyond the first plane. */
final class Text {
    private Text() {}

    /** The bytes, or null for null. {@code getBytes} would make a question mark of half a surrogate pair. */
    static byte[] utf8(String text) {
        if (text == null) {
            return null;
        }
        checkSurrogates(text);
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The text, or null for null. What is no UTF-8 becomes U+FFFD. */
    static String of(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private static void checkSurrogates(String text) {
        for (int at = 0; at < text.length(); at++) {
            if (!Character.isSurrogate(text.charAt(at))) {
                continue;
            }
            if (!Character.isHighSurrogate(text.charAt(at))
                    || at + 1 == text.length()
                    || !Character.isLowSurrogate(text.charAt(at + 1))) {
                throw new IllegalArgumentException(
                        "the text has half a surrogate pair at index " + at + ", which is no character");
            }
            at++;
        }
    }
}
