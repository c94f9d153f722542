package org.orapool.scenarios;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a scenario file must keep to beyond its format. */
final class Validation {
    private static final Set<String> GIVEN = Set.of("owner", "callback", "null");

    private Validation() {}

    static void check(Format.ScenarioFile file, Map<String, List<String>> setup) throws Refusal {
        if (file.title().isEmpty() || file.scenarios().isEmpty()) {
            throw new Refusal("a file has a title and scenarios");
        }
        for (Format.Scenario scenario : file.scenarios()) {
            try {
                check(scenario, setup);
            } catch (Refusal why) {
                throw new Refusal(scenario.id() + ": " + why.getMessage());
            }
        }
    }

    private static void check(Format.Scenario scenario, Map<String, List<String>> setup) throws Refusal {
        if (!scenario.id().matches("[A-Za-z0-9-]+")) {
            throw new Refusal("an id is of letters, digits and hyphens");
        }
        if (scenario.title().isEmpty() || scenario.place().isEmpty() || scenario.steps().isEmpty()) {
            throw new Refusal("a scenario has a title, a source and steps");
        }
        for (Format.Setup item : scenario.setup()) {
            if (item.include() != null && !setup.containsKey(item.include())) {
                throw new Refusal("setup.json has no list `" + item.include() + "`");
            }
        }
        if (scenario.pool() != null) {
            scenario.pool().checkSizes();
        }
        List<Step> all = allSteps(scenario);
        checkNames(all);
        if (all.stream().noneMatch(step -> step.action().looks())) {
            throw new Refusal("the scenario checks nothing");
        }
        checkNeeds(scenario, all);
    }

    /** The steps with those of threads and callbacks. */
    private static List<Step> allSteps(Format.Scenario scenario) {
        List<Step> all = new ArrayList<>();
        if (scenario.pool() != null) {
            collect(scenario.pool().callbackSteps(), all);
        }
        collect(scenario.steps(), all);
        return all;
    }

    private static void collect(List<Step> steps, List<Step> all) {
        for (Step step : steps) {
            all.add(step);
            collect(step.action().inner(), all);
        }
    }

    /** Sessions that are spoken of must come from somewhere. */
    private static void checkNames(List<Step> all) throws Refusal {
        Set<String> known = new HashSet<>(GIVEN);
        for (Step step : all) {
            if (step.action() instanceof Step.Get) {
                String name = ((Step.Get) step.action()).as();
                if (GIVEN.contains(name)) {
                    throw new Refusal("`" + name + "` is taken");
                }
                known.add(name);
            }
        }
        for (Step step : all) {
            for (String name : namesOf(step.action())) {
                if (!known.contains(name)) {
                    throw new Refusal("no get gives the session `" + name + "` of " + step.text());
                }
            }
        }
    }

    private static List<String> namesOf(Step.Action action) {
        List<String> names = new ArrayList<>(action.expect().notSameAs());
        if (action.expect().sameAs() != null) {
            names.add(action.expect().sameAs());
        }
        if (action.session() != null) {
            names.add(action.session());
        }
        return names;
    }

    /** `needs` must be what the steps use: a runner without it would else meet a step that it can not do. */
    private static void checkNeeds(Format.Scenario scenario, List<Step> all) throws Refusal {
        Set<Format.Need> used = EnumSet.noneOf(Format.Need.class);
        if (scenario.pool() != null) {
            scenario.pool().needs(used);
        }
        all.forEach(step -> step.action().needs(used));
        Set<Format.Need> named = new HashSet<>(scenario.needs());
        if (!named.equals(used) || named.size() != scenario.needs().size()) {
            throw new Refusal("needs " + scenario.needs() + ", but the steps use " + used);
        }
    }
}
