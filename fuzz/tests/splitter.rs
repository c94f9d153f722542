//! The splitter of scripts, and what tells a statement's kind by its first words.

use orapool_engine::{classify, split_script};
use orapool_fuzz::{deep_text_of, text_of};

fn check(script: &str) {
    let kind = classify(script);
    let Ok(statements) = split_script(script) else {
        assert!(kind.is_err(), "what can be read word by word can be split");
        return;
    };
    let mut rest = script;
    for statement in statements {
        assert!(!statement.trim().is_empty(), "an empty statement");
        let Some(at) = rest.find(statement) else {
            panic!("statements are parts of the script, in its order")
        };
        rest = &rest[at + statement.len()..];
        // Each can be read by itself.
        assert!(classify(statement).is_ok() && split_script(statement).is_ok());
    }
}

#[test]
fn bytes() {
    bolero::check!().for_each(|bytes: &[u8]| check(&String::from_utf8_lossy(bytes)));
}

#[test]
fn words() {
    bolero::check!().with_type::<Vec<u16>>().for_each(|picks| check(&text_of(picks)));
}

#[test]
fn depths() {
    bolero::check!()
        .with_type::<(Vec<u16>, u16)>()
        .with_iterations(200)
        .for_each(|(picks, times)| check(&deep_text_of(picks, *times)));
}
