package org.orapool.scenarios;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.orapool.OraPoolAttributes;

/** What the scenarios run against: a driver, and where each scenario has its database. */
record Target(String driver, String before, String clientLibDir) {
    /** A user of the databases. */
    record Person(String name, String password) {}

    static final Person OWNER = new Person("scott", "tigerSecret9");
    static final Person SECOND = new Person("blake", "lionSecret9");

    /** The engine inside the library. */
    static Target embedded() {
        return new Target("embedded", "embedded:", null);
    }

    /** The same engine behind the stand-in for Oracle's client library, in this folder; null: where the system looks. */
    static Target oci(String clientLibDir) {
        return new Target("oci", "//standin/", clientLibDir);
    }

    void connect(OraPoolAttributes attributes, String scenario, Map<String, Long> knobs) {
        attributes.connectString(connectString(scenario, knobs));
        if (driver.equals("oci")) {
            attributes.driver(driver);
        }
        if (clientLibDir != null) {
            attributes.clientLibDir(clientLibDir);
        }
    }

    private String connectString(String scenario, Map<String, Long> knobs) {
        String keys = knobs.entrySet().stream()
                .map(knob -> knob.getKey() + "=" + knob.getValue())
                .collect(Collectors.joining("&"));
        return before + "scenario_" + scenario.replaceAll("[^A-Za-z0-9]", "_") + (keys.isEmpty() ? "" : "?" + keys);
    }

    List<String> passwords() {
        return List.of(OWNER.password(), SECOND.password());
    }

    /** Null for nobody. */
    Person person(Format.User user) {
        switch (user) {
            case owner:
                return OWNER;
            case second:
                return SECOND;
            default:
                return null;
        }
    }

    /** A text of a scenario with the users' names in it. */
    String fillIn(String text) {
        return text.replace("${owner}", OWNER.name()).replace("${second}", SECOND.name());
    }
}
