//! What a scenario uses that a driver or a language may lack.

use std::collections::BTreeSet;

use super::errors::{Checked, failure};
use super::format::{Capability, Made, NumberedStep, Scenario, Settings, Step, Text, UserName};

/// `needs` must be what the steps use: a runner without it would else meet a step that it can not do.
pub fn check_needs(scenario: &Scenario, all: &[&NumberedStep]) -> Checked {
    let named = scenario.needs.iter().copied().collect::<BTreeSet<_>>();
    let mut used = BTreeSet::new();
    scenario.pool.iter().for_each(|settings| settings_need(settings, &mut used));
    all.iter().for_each(|step| step_needs(&step.step, &mut used));
    if named == used && named.len() == scenario.needs.len() {
        Ok(())
    } else {
        failure(format!("needs {named:?}, but the steps use {used:?}"))
    }
}

fn settings_need(settings: &Settings, used: &mut BTreeSet<Capability>) {
    let mut note = |is_used: bool, capability| {
        if is_used {
            used.insert(capability);
        }
    };
    note(settings.fixup.is_some(), Capability::Plsql);
    note(settings.callback.is_some(), Capability::Callback);
    note(settings.user == Some(UserName::Second), Capability::TwoUsers);
    note(!settings.knobs.is_empty(), Capability::Knobs);
    let mut runs = settings.callback.iter().flat_map(|callback| &callback.runs);
    note(runs.any(|run| !(0..=1).contains(&run.returns)), Capability::CallbackValues);
}

fn step_needs(step: &Step, used: &mut BTreeSet<Capability>) {
    match step {
        Step::Create { settings, .. } => settings_need(settings, used),
        Step::Get { tag, attrs, .. } => {
            text_needs(tag.as_ref(), used);
            if attrs.user == Some(UserName::Second) {
                used.insert(Capability::TwoUsers);
            }
        }
        Step::Release { tag, .. } | Step::SetTag { tag, .. } => text_needs(tag.as_ref(), used),
        Step::Kill { .. } => {
            used.insert(Capability::Kill);
        }
        Step::Start { .. } | Step::Storm { .. } => {
            used.insert(Capability::Threads);
        }
        _ => {}
    }
}

fn text_needs(text: Option<&Text>, used: &mut BTreeSet<Capability>) {
    match text {
        Some(Text::Made(Made::Hex(_))) => {
            used.insert(Capability::RawTags);
        }
        Some(Text::Made(Made::Join(parts))) => parts.iter().for_each(|part| text_needs(Some(part), used)),
        _ => {}
    }
}
