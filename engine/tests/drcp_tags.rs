//! Tags of pooled server sessions: which one of several a wish gets.

mod support;

use orapool_engine::{AttachWish, Attached, Instance, Purity, Session};
use support::{drcp, get, instance, log_on, run};

/// Leaves a free session with each of these tags, the last one used last.
fn tagged(tags: &[Option<&str>]) -> Instance {
    let instance = instance();
    let mut sessions: Vec<Session> = tags.iter().map(|_| drcp(&instance, Some("C"))).collect();
    for (session, tag) in sessions.iter_mut().zip(tags) {
        run(session, &["begin null; end;"]);
        session.set_server_tag(*tag);
    }
    sessions.iter_mut().for_each(|session| session.detach().expect("detach"));
    instance
}

fn wish<'a>(tag: &'a str, flags: &str) -> AttachWish<'a> {
    AttachWish {
        tag: Some(tag),
        multiproperty: flags.contains('m'),
        match_any: flags.contains('a'),
        ..AttachWish::default()
    }
}

fn attach(instance: &Instance, wish: &AttachWish<'_>) -> Attached {
    let mut session = drcp(instance, Some("C"));
    let attached = session.attach(wish).expect("attach");
    assert_eq!(session.server_tag(), attached.tag);
    attached
}

#[test]
fn the_ranks() {
    // Free sessions, the wish and its flags (m: many properties, a: match any), and what it gets: ! for found, + for new.
    let cases: &[(&[Option<&str>], &str, &str, &str)] = &[
        (&[Some("A"), Some("B"), None], "A", "", "!A"),
        (&[Some("A"), None], "B", "", ""),
        (&[Some("A")], "B", "", "+"),
        (&[Some("A")], "B", "a", "A"),
        (&[Some("A"), None], "B", "a", ""),
        (&[Some("b=2;a=1"), Some("a=1;b=2"), None], "a=1;b=2", "m", "!a=1;b=2"),
        (&[Some("b=2;a=1"), None], "a=1;b=2", "m", "!b=2;a=1"),
        (&[Some("b=2;a=1"), None], "a=1;b=2", "", ""),
        (&[Some("a=1;b=2;c=3"), None], "a=1;b=2", "m", ""),
        (&[Some("a=1;b=2;c=3"), None], "a=1;b=2", "ma", "!a=1;b=2;c=3"),
        (&[Some("c=3;b=2;a=1"), Some("b=2;a=1")], "a=1;b=2", "ma", "!b=2;a=1"),
        (&[Some("a=1"), Some("b=2;c=3"), Some("x=1")], "a=1;b=2;c=3", "ma", "a=1"),
        (&[Some("a=1;c=3"), Some("a=1;b=2"), Some("b=2;c=3")], "a=1;b=2;c=3", "ma", "a=1;b=2"),
        (&[Some("a=1"), None], "a=1;b=2", "ma", ""),
        (&[Some("x=1"), Some("y=1")], "a=1", "ma", "y=1"),
        (&[Some("a=2")], "a=1", "m", "+"),
        (&[Some("a=1;x=1"), Some("a=1;y=1")], "a=1", "ma", "!a=1;y=1"),
    ];
    for (free, tag, flags, expected) in cases {
        let attached = attach(&tagged(free), &wish(tag, flags));
        let sign = match (attached.found, attached.is_new) {
            (true, _) => "!",
            (false, true) => "+",
            (false, false) => "",
        };
        let got = format!("{sign}{}", attached.tag.unwrap_or_default());
        assert_eq!(got, *expected, "{free:?} for {tag} {flags}");
    }
}

#[test]
fn no_wish_no_tag() {
    let instance = tagged(&[Some("A")]);
    let mut session = drcp(&instance, Some("C"));
    run(&mut session, &["begin null; end;"]);
    assert!(session.last_attach_is_new());
    assert_eq!(session.server_tag(), None);
    let any = AttachWish { match_any: true, ..AttachWish::default() };
    assert!(attach(&instance, &any).is_new);
    let fresh = AttachWish { purity: Some(Purity::New), ..wish("A", "a") };
    let attached = attach(&instance, &fresh);
    assert!(attached.is_new && !attached.found && attached.tag.is_none());
}

#[test]
fn a_full_pool_rebuilds_what_does_not_fit() {
    let instance = tagged(&[Some("A")]);
    instance.configure_broker(&[("minsize", 1), ("maxsize", 1)]).expect("configure");
    run(&mut drcp(&instance, Some("D")), &["begin null; end;"]);
    let attached = attach(&instance, &wish("A", ""));
    assert_eq!(attached, Attached { is_new: true, ..Attached::default() });
}

#[test]
fn a_tag_can_be_taken_off() {
    let instance = tagged(&[Some("A")]);
    let mut session = drcp(&instance, Some("C"));
    assert!(session.attach(&wish("A", "")).expect("attach").found);
    let tags = "select tag from v$cpool_conn_info where tag is not null";
    assert_eq!(get(&mut log_on(&instance), tags), "A");
    assert!(session.attach(&wish("A", "")).expect("attached already").found);
    session.set_server_tag(None);
    session.detach().expect("detach");
    session.set_server_tag(Some("B"));
    assert!(!session.attach(&AttachWish::default()).expect("attach").is_new);
    assert_eq!(session.server_tag(), None);
}
