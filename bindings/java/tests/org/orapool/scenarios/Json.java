package org.orapool.scenarios;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON, strictly: a name that stands twice in an object is an error, because one of the two checks would vanish.
 * That, and the text of each object for reports, is what readers made for other ends do not give.
 *
 * <p>Values are {@link Item}s, lists, strings, longs, booleans and null.
 */
final class Json {
    /** An object, with the text that it was read from. */
    static final class Item {
        final Map<String, Object> fields = new LinkedHashMap<>();
        String text;
    }

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    static Object read(String text) throws Refusal {
        Json json = new Json(text);
        Object value = json.value();
        if (json.peek() != '\0' || json.at < text.length()) {
            throw json.refusal("there is more behind the value");
        }
        return value;
    }

    private Object value() throws Refusal {
        switch (peek()) {
            case '{':
                return object();
            case '[':
                return list();
            case '"':
                return string();
            case 't':
                return word("true", Boolean.TRUE);
            case 'f':
                return word("false", Boolean.FALSE);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private Item object() throws Refusal {
        int start = at;
        Item item = new Item();
        take('{');
        while (peek() != '}') {
            if (!item.fields.isEmpty()) {
                take(',');
            }
            String name = string();
            take(':');
            Object value = value();
            if (item.fields.containsKey(name)) {
                throw refusal("duplicate name `" + name + "`");
            }
            item.fields.put(name, value);
        }
        take('}');
        item.text = text.substring(start, at).strip().replaceAll("\\s+", " ");
        return item;
    }

    private List<Object> list() throws Refusal {
        List<Object> list = new ArrayList<>();
        take('[');
        while (peek() != ']') {
            if (!list.isEmpty()) {
                take(',');
            }
            list.add(value());
        }
        take(']');
        return list;
    }

    private String string() throws Refusal {
        take('"');
        StringBuilder string = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            char letter = text.charAt(at++);
            if (letter < ' ') {
                throw refusal("a control character in a string");
            }
            string.append(letter == '\\' ? escaped() : letter);
        }
        if (at == text.length()) {
            throw refusal("a string that does not end");
        }
        at++;
        return string.toString();
    }

    private char escaped() throws Refusal {
        if (at == text.length()) {
            throw refusal("a string that does not end");
        }
        char letter = text.charAt(at++);
        int plain = "\"\\/bfnrt".indexOf(letter);
        if (plain >= 0) {
            return "\"\\/\b\f\n\r\t".charAt(plain);
        }
        if (letter != 'u' || at + 4 > text.length()) {
            throw refusal("an escape that is none");
        }
        try {
            char unit = (char) Integer.parseInt(text.substring(at, at + 4), 16);
            at += 4;
            return unit;
        } catch (NumberFormatException noDigits) {
            throw refusal("an escape that is none");
        }
    }

    private Object word(String word, Object value) throws Refusal {
        if (!text.startsWith(word, at)) {
            throw refusal("no value");
        }
        at += word.length();
        return value;
    }

    private Long number() throws Refusal {
        int start = at;
        while (at < text.length() && "-0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        try {
            return Long.valueOf(text.substring(start, at));
        } catch (NumberFormatException none) {
            throw refusal("no value; numbers are whole");
        }
    }

    /** The next character that is no blank; NUL at the end. */
    private char peek() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private void take(char wanted) throws Refusal {
        if (peek() != wanted) {
            throw refusal("expected `" + wanted + "`");
        }
        at++;
    }

    private Refusal refusal(String why) {
        int line = (int) text.substring(0, Math.min(at, text.length())).lines().count();
        return new Refusal(why + " in line " + line);
    }

    /** A string as JSON. */
    static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        text.chars().forEach(unit -> {
            if (unit == '"' || unit == '\\') {
                json.append('\\').append((char) unit);
            } else if (unit < ' ') {
                json.append(String.format("\\u%04x", unit));
            } else {
                json.append((char) unit);
            }
        });
        return json.append('"').toString();
    }
}
