package org.orapool.scenarios;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes the fields of an object one by one; {@link #end} refuses what nobody has taken. */
final class Fields {
    /** Reads one value of a list. */
    interface Reader<T> {
        T read(Object value) throws Refusal;
    }

    private final Json.Item item;
    private final Set<String> taken = new HashSet<>();

    Fields(Object value) throws Refusal {
        if (!(value instanceof Json.Item)) {
            throw new Refusal("an object is expected, not " + value);
        }
        item = (Json.Item) value;
    }

    String text() {
        return item.text;
    }

    boolean has(String name) {
        return item.fields.containsKey(name);
    }

    /** The value, which may be null. */
    Object take(String name) {
        taken.add(name);
        return item.fields.get(name);
    }

    Object need(String name) throws Refusal {
        if (!has(name)) {
            throw new Refusal("no `" + name + "` in " + item.text);
        }
        return take(name);
    }

    String string(String name) throws Refusal {
        return asString(need(name));
    }

    String string(String name, String otherwise) throws Refusal {
        return has(name) && item.fields.get(name) != null ? string(name) : optional(name, otherwise);
    }

    Long number(String name) throws Refusal {
        Object value = take(name);
        if (value != null && !(value instanceof Long)) {
            throw new Refusal("`" + name + "` is a number in " + item.text);
        }
        return (Long) value;
    }

    Boolean bool(String name) throws Refusal {
        Object value = take(name);
        if (value != null && !(value instanceof Boolean)) {
            throw new Refusal("`" + name + "` is true or false in " + item.text);
        }
        return (Boolean) value;
    }

    <E extends Enum<E>> E word(String name, Class<E> type) throws Refusal {
        Object value = take(name);
        return value == null ? null : asWord(value, type);
    }

    <T> List<T> list(String name, Reader<T> reader) throws Refusal {
        Object value = take(name);
        return value == null ? List.of() : asList(value, reader);
    }

    /** All fields, whatever they are called. */
    <T> Map<String, T> all(Reader<T> reader) throws Refusal {
        Map<String, T> all = new LinkedHashMap<>();
        for (Map.Entry<String, Object> field : item.fields.entrySet()) {
            all.put(field.getKey(), reader.read(take(field.getKey())));
        }
        return all;
    }

    /** The one field of an object with one. */
    String onlyName() throws Refusal {
        if (item.fields.size() != 1) {
            throw new Refusal("one name is expected in " + item.text);
        }
        return item.fields.keySet().iterator().next();
    }

    void end() throws Refusal {
        for (String name : item.fields.keySet()) {
            if (!taken.contains(name)) {
                throw new Refusal("unknown field `" + name + "` in " + item.text);
            }
        }
    }

    private String optional(String name, String otherwise) {
        taken.add(name);
        return otherwise;
    }

    static String asString(Object value) throws Refusal {
        if (!(value instanceof String)) {
            throw new Refusal("a text is expected, not " + value);
        }
        return (String) value;
    }

    static String asStringOrNull(Object value) throws Refusal {
        return value == null ? null : asString(value);
    }

    static <T> List<T> asList(Object value, Reader<T> reader) throws Refusal {
        if (!(value instanceof List)) {
            throw new Refusal("a list is expected, not " + value);
        }
        List<T> list = new ArrayList<>();
        for (Object each : (List<?>) value) {
            list.add(reader.read(each));
        }
        return list;
    }

    /** A word as the file writes it: the names of the enum are those of the format, letter by letter. */
    static <E extends Enum<E>> E asWord(Object value, Class<E> type) throws Refusal {
        for (E word : type.getEnumConstants()) {
            if (word.name().equals(value)) {
                return word;
            }
        }
        throw new Refusal("unknown word `" + value + "`, expected one of " + List.of(type.getEnumConstants()));
    }
}
