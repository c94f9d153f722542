//! Which session a get is given, compared with the page that says so (`tag_model/page.rs`): random histories of one
//! thread, and the tables and cases of the page itself.

#[path = "tag_model/history.rs"]
mod history;
#[path = "tag_model/page.rs"]
mod page;
mod support;

use std::sync::atomic::{AtomicUsize, Ordering};

use history::{Get, History, PING_INTERVAL, Setup, Spelling, Step, with_history};
use page::{Callback, Choice, Granted, Model, Outcome, Refusal, Relation, Release, Request, Wanted, Who};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use support::fake_driver::FixupDoes;

// Random histories.

fn setup() -> impl Strategy<Value = Setup> {
    let users = prop_oneof![2 => Just(1usize), 1 => 2usize..=3];
    (1usize..=8, 1usize..=2, users, 1usize..=3, any::<[bool; 3]>()).prop_map(
        |(max, increment, users, classes, [has_fixup, has_callback, keeps_near])| Setup {
            max,
            increment,
            users,
            classes,
            has_fixup,
            has_callback,
            keeps_near,
        },
    )
}

/// Pairs with few keys and values.
fn any_multi_tag() -> impl Strategy<Value = String> {
    let keys = prop::sample::subsequence(vec!["A", "B", "C", "D"], 1..=4).prop_shuffle();
    (keys, prop::collection::vec(prop::bool::weighted(0.3), 4)).prop_map(|(keys, values)| {
        let pairs: Vec<String> =
            keys.iter().zip(values).map(|(key, value)| format!("{key}={}", 1 + u8::from(value))).collect();
        pairs.join(";")
    })
}

/// Any bytes; some look like properties.
fn single_tag() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["CUSTOM", "custom", "A=1", "B=1;A=1", "A=1;B=1", "A=1;;"])
        .prop_map(str::to_owned)
}

fn tag() -> impl Strategy<Value = String> {
    prop_oneof![5 => multi_tag(), 1 => single_tag()]
}

/// Most often one of a few tags that are alike, so that sessions with the right tag are not rare.
fn multi_tag() -> impl Strategy<Value = String> {
    let few = vec!["A=1", "A=1;B=1", "B=1;A=1", "A=1;B=1;C=1", "C=1;A=1;B=1", "A=1;B=2", "B=1"];
    prop_oneof![1 => any_multi_tag(), 1 => prop::sample::select(few).prop_map(str::to_owned)]
}

fn wanted() -> impl Strategy<Value = Wanted> {
    prop_oneof![
        5 => multi_tag().prop_map(|text| Wanted { text, is_multi: true }),
        1 => single_tag().prop_map(|text| Wanted { text, is_multi: false }),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    let who =
        (prop_oneof![3 => Just(0usize), 1 => 0usize..3], prop_oneof![3 => Just(0usize), 1 => 0usize..3]);
    (who, prop::option::weighted(0.75, wanted()), any::<bool>(), prop::bool::weighted(0.08)).prop_map(
        |((user, class), tag, match_any, purity_new)| Request {
            who: Who { user, class },
            tag,
            match_any,
            purity_new,
        },
    )
}

fn fixup_does() -> impl Strategy<Value = FixupDoes> {
    prop_oneof![
        12 => Just(FixupDoes::Works),
        2 => Just(FixupDoes::Begins),
        1 => Just(FixupDoes::Raises),
        2 => Just(FixupDoes::Dies),
    ]
}

fn callback_does() -> impl Strategy<Value = Callback> {
    prop_oneof![
        8 => Just(Callback::Succeeds),
        3 => prop::option::weighted(0.8, multi_tag()).prop_map(Callback::SetsTag),
        1 => Just(Callback::Fails),
    ]
}

fn get() -> impl Strategy<Value = Get> {
    (request(), [fixup_does(), fixup_does()], callback_does(), any::<[bool; 2]>()).prop_map(
        |(request, fixups, callback, [user_is_upper, purity_is_attribute])| Get {
            request,
            fixups: fixups.to_vec(),
            callback,
            spelling: Spelling { user_is_upper, purity_is_attribute },
        },
    )
}

fn release() -> impl Strategy<Value = Release> {
    prop_oneof![
        4 => Just(Release::Default),
        5 => tag().prop_map(|tag| Release::Retag(Some(tag))),
        1 => Just(Release::Retag(None)),
        1 => Just(Release::Drop),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let loan = any::<usize>;
    prop_oneof![
        24 => get().prop_map(Step::Get),
        20 => (loan(), release(), prop::bool::weighted(0.8))
            .prop_map(|(loan, how, is_multi)| Step::Release { loan, how, is_multi }),
        1 => Just(Step::ReleaseAll),
        2 => (loan(), prop::option::weighted(0.8, multi_tag())).prop_map(|(loan, tag)| Step::SetTag { loan, tag }),
        1 => loan().prop_map(|loan| Step::Use { loan }),
        1 => loan().prop_map(|loan| Step::KillBusy { loan }),
        1 => loan().prop_map(|session| Step::KillIdle { session }),
        2 => (1u64..PING_INTERVAL).prop_map(|ms| Step::Advance { ms }),
    ]
}

/// Within what the pool has: as a homogeneous pool knows no other user.
fn within(setup: &Setup, step: &Step) -> Step {
    let mut step = step.clone();
    if let Step::Get(get) = &mut step {
        get.request.who.user %= setup.users;
        get.request.who.class %= setup.classes;
    }
    step
}

/// How often each rule decided in all the histories, so that none passes because it never did.
#[derive(Default)]
struct Coverage {
    gets: AtomicUsize,
    rules: [AtomicUsize; 9],
}

impl Coverage {
    const NAMES: [&'static str; 9] = ["EQ", "SET", "SUP", "UNT", "PART", "NONE", "grow", "replace", "full"];

    fn add(&self, model: &Model) {
        self.gets.fetch_add(model.chosen.len(), Ordering::Relaxed);
        for (relation, choice) in &model.chosen {
            let rule = match (choice, relation) {
                (Choice::Grow, _) => 6,
                (Choice::Replace, _) => 7,
                (Choice::Full, _) | (_, None) => 8,
                (_, Some(Relation::Eq)) => 0,
                (_, Some(Relation::Set)) => 1,
                (_, Some(Relation::Sup)) => 2,
                (_, Some(Relation::Unt)) => 3,
                (_, Some(Relation::Part)) => 4,
                (_, Some(Relation::None)) => 5,
            };
            self.rules[rule].fetch_add(1, Ordering::Relaxed);
        }
    }

    fn check(&self, cases: u32) {
        let rules =
            Self::NAMES.iter().zip(&self.rules).map(|(name, count)| (*name, count.load(Ordering::Relaxed)));
        let rules: Vec<_> = rules.collect();
        println!("{cases} histories, {} gets: {rules:?}", self.gets.load(Ordering::Relaxed));
        let seldom = rules.iter().find(|(_, count)| *count < cases as usize / 4);
        assert!(seldom.is_none(), "decided too seldom to be tested: {seldom:?}");
    }
}

#[test]
fn a_get_is_given_the_session_that_the_page_says() {
    let config =
        ProptestConfig { max_shrink_iters: 4000, failure_persistence: None, ..ProptestConfig::default() };
    let cases = config.cases;
    let coverage = Coverage::default();
    let histories = (setup(), prop::collection::vec(step(), 1..300));
    let result = TestRunner::new(config).run(&histories, |(setup, steps)| {
        let model = with_history(&setup, |history| {
            steps.iter().for_each(|step| history.run(&within(&setup, step)));
        });
        coverage.add(&model);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    coverage.check(cases);
}

// The tables of the page.

/// 4.8, of which rows 21 and 22 need another get mode and a tag that can not be made. Idle sessions: the most recently
/// used first, and their places in the row are their numbers. PL/SQL runs: with this actual tag.
const DECISIONS: &str = "
    #   R           Idle             max ANY PLSQL  chosen  found retTag      PL/SQL-runs native
    1   -           none             4   0   no     new     0     -           no          runs
    2   -           -                4   0   no     1       0     -           no          no
    3   -           A=1              4   0/1 any    new     0     -           no          runs
    4   -           A=1              1   0   any    replace 0     -           no          runs
    5   A=1         A=1              4   0   any    1       1     A=1         no          no
    6   A=1;B=2     B=2;A=1          4   0   any    1       1     B=2;A=1     no          no
    7   A=1         -                4   0   no     1       0     -           no          runs
    8   A=1         -                4   0   yes    1       1     A=1         -           no
    9   A=1         none             4   0   yes    new     1     A=1         -           runs
    10  A=2         A=1              4   0   no     new     0     -           no          runs
    11  A=2         A=1              4   0   yes    new     1     A=2         -           runs
    12  A=2         A=1              1   0   no     replace 0     -           no          runs
    13  A=2         A=1              4   1   no     1       0     A=1         no          runs
    14  A=2         A=1              4   1   yes    1       1     A=2         A=1         no
    15  A=1         A=1;B=2          4   0   no     new     0     -           no          runs
    15  A=1         A=1;B=2          4   0   yes    new     1     A=1         -           runs
    16  A=1         A=1;B=2          4   1   any    1       1     A=1;B=2     no          no
    17  A=1;B=2     -,A=1;B=3        4   1   no     1       0     -           no          runs
    18  A=1;B=2     A=9,A=1;B=3      4   1   yes    2       1     A=1;B=2     A=1;B=3     no
    19  A=1;B=2;C=3 B=2;C=3,A=1      4   1   no     2       0     A=1         no          runs
";

/// 4.6 and 4.7: each step before the one behind it, and what decides among equals.
const CHOICES: &str = "
    step    R           Idle                    max ANY PLSQL  chosen  found retTag      PL/SQL-runs native
    EQ-MRU  A=1         -,A=1,A=1               3   0/1 any    2       1     A=1         no          no
    1-2     A=1;B=1     B=1;A=1,A=1;B=1         2   0/1 any    2       1     A=1;B=1     no          no
    1-3     A=1         A=1;B=1,A=1             2   1   any    2       1     A=1         no          no
    1-4     A=1         -,A=1                   2   0/1 any    2       1     A=1         no          no
    1-5     A=1;B=1     A=1,A=1;B=1             2   1   any    2       1     A=1;B=1     no          no
    SET-MRU A=1;B=1     A=1,B=1;A=1,B=1;A=1     3   0/1 any    2       1     B=1;A=1     no          no
    2-3     A=1;B=1     A=1;B=1;C=1,B=1;A=1     2   1   any    2       1     B=1;A=1     no          no
    2-4     A=1;B=1     -,B=1;A=1               2   0/1 any    2       1     B=1;A=1     no          no
    2-5     A=1;B=1     A=1,B=1;A=1             2   1   any    2       1     B=1;A=1     no          no
    SUP-few A=1         A=1;B=1;C=1,A=1;D=1     2   1   any    2       1     A=1;D=1     no          no
    SUP-MRU A=1         -,C=1;A=1,A=1;B=1       3   1   any    2       1     C=1;A=1     no          no
    SUP-ANY A=1         A=1;B=1,-               2   0   no     2       0     -           no          runs
    3-4     A=1         -,A=1;B=1               2   1   any    2       1     A=1;B=1     no          no
    3-5     A=1;B=1     A=1,A=1;C=1;B=1         2   1   any    2       1     A=1;C=1;B=1 no          no
    UNT-MRU A=1         B=1,-,-                 3   0/1 no     2       0     -           no          runs
    NUL-MRU -           B=1,-,-                 3   0/1 any    2       0     -           no          no
    4-5     A=1;B=1     A=1,-                   2   1   no     2       0     -           no          runs
    4-6     A=1         A=2,-                   4   0/1 no     2       0     -           no          runs
    5-6     A=1;B=1     B=1                     4   1   no     1       0     B=1         no          runs
    5-6     A=1         C=1                     4   1   no     1       0     C=1         no          runs
    PART    A=1;B=1     C=1,B=1                 2   1   no     2       0     B=1         no          runs
    left    A=1;B=1;C=1 B=1;C=1,A=1;B=2         2   1   no     2       0     A=1;B=2     no          runs
    second  A=1;B=1;C=1 A=1;C=1,A=1;B=1;D=1     2   1   no     2       0     A=1;B=1;D=1 no          runs
    few     A=1;B=1     A=1;C=1;D=1,A=1;D=1     2   1   no     2       0     A=1;D=1     no          runs
    few     A=1         B=1;C=1,D=1             2   1   no     2       0     D=1         no          runs
    P-MRU   A=1;B=1     B=1,A=1;C=1,A=1;D=1     3   1   no     2       0     A=1;C=1     no          runs
    N-MRU   A=1         B=1,C=1                 2   1   no     1       0     B=1         no          runs
    6-7     A=1         A=2,A=3                 3   0   no     new     0     -           no          runs
    7       A=1         A=2,A=3                 2   0   no     replace 0     -           no          runs
    7       -           A=2,A=3                 2   0/1 any    replace 0     -           no          runs
    merge   A=1;B=1     D=1;B=2;C=1             2   1   yes    1       1     A=1;B=1;D=1;C=1 D=1;B=2;C=1 no
    order   A=1;B=1     B=1;C=2                 2   1   yes    1       1     A=1;B=1;C=2 B=1;C=2     no
";

fn text_in(cell: &str) -> Option<String> {
    (cell != "-").then(|| cell.to_owned())
}

fn flags_in<'a>(cell: &str, yes: &'a [&str]) -> &'a [bool] {
    match cell {
        _ if yes.contains(&cell) => &[true],
        "0/1" | "any" => &[false, true],
        _ => &[false],
    }
}

fn multi(text: Option<&str>, match_any: bool) -> Get {
    let tag = text.map(|text| Wanted { text: text.to_owned(), is_multi: true });
    let request = Request { tag, match_any, ..Request::default() };
    Get { request, fixups: Vec::new(), callback: Callback::Succeeds, spelling: Spelling::default() }
}

/// Makes idle sessions with these tags, the most recently used first; their places are their numbers.
fn make_idle(history: &mut History<'_>, tags: &[Option<String>]) {
    for _ in tags {
        history.get(&multi(None, false)).result.unwrap();
    }
    for (at, tag) in tags.iter().enumerate().rev() {
        history.release(at, &Release::Retag(tag.clone()), true);
    }
    history.check();
}

/// Has the library do what a row says, beside the model.
fn check_row(row: &str, match_any: bool, has_fixup: bool) {
    let cells: Vec<&str> = row.split_whitespace().collect();
    let [_, wanted, idle, max, _, _, chosen, found, ret_tag, fixup, native] = cells[..] else {
        panic!("not a row: {row}");
    };
    let idle: Vec<_> = idle.split(',').filter(|tag| *tag != "none").map(text_in).collect();
    let wanted = text_in(wanted);
    let tag = text_in(ret_tag);
    let number = chosen.parse().unwrap_or(idle.len() + 1);
    let is_new = matches!(chosen, "new" | "replace");
    let granted = Granted { number, is_new, found: found == "1", tag: tag.clone() };
    let expected = Outcome {
        result: Ok(granted),
        fixups: (fixup != "no").then(|| (wanted.clone(), text_in(fixup))).into_iter().collect(),
        callbacks: (native == "runs").then(|| (wanted.clone(), tag)).into_iter().collect(),
    };
    with_history(&Setup::of(max.parse().unwrap()).with_fixup(has_fixup).with_callback(), |history| {
        make_idle(history, &idle);
        let outcome = history.get(&multi(wanted.as_deref(), match_any));
        assert_eq!(outcome, expected, "{row}");
        history.check();
        let evictions = u64::from(chosen == "replace");
        assert_eq!(history.pool.stats().evictions, evictions, "{row}");
        assert_eq!(history.model.open(), idle.len() + usize::from(chosen == "new"), "{row}");
    });
}

fn check_table(table: &str) {
    for row in table.lines().map(str::trim).filter(|row| !row.is_empty()).skip(1) {
        let cell = |at: usize| row.split_whitespace().nth(at).unwrap();
        for match_any in flags_in(cell(4), &["1"]) {
            for has_fixup in flags_in(cell(5), &["yes"]) {
                check_row(row, *match_any, *has_fixup);
            }
        }
    }
}

#[test]
fn gets_come_to_what_the_decision_table_says() {
    check_table(DECISIONS);
}

#[test]
fn each_step_of_the_selection_goes_before_the_next() {
    check_table(CHOICES);
}

/// T11 and T12: nine sessions with tags of their own, and a tenth tag takes the place of the one used first.
#[test]
fn nine_tags_are_found_again_and_a_tenth_replaces_the_oldest() {
    with_history(&Setup::of(9), |history| {
        let tags: Vec<String> = (1..=9).map(|number| format!("SCHEMA=HR{number}")).collect();
        for tag in &tags {
            assert!(history.get(&multi(None, false)).result.unwrap().is_new);
            history.release(0, &Release::Retag(Some(tag.clone())), true);
        }
        for (at, tag) in tags.iter().enumerate() {
            let granted = history.get(&multi(Some(tag), false)).result.unwrap();
            let expected = Granted { number: at + 1, is_new: false, found: true, tag: Some(tag.clone()) };
            assert_eq!(granted, expected);
            history.release(0, &Release::Default, false);
        }
        let granted = history.get(&multi(Some("DOES_NOT_EXIST=1"), false)).result.unwrap();
        assert_eq!(granted, Granted { number: 10, is_new: true, found: false, tag: None });
        history.check();
        assert_eq!((history.pool.stats().open, history.pool.stats().evictions), (9, 1));
        assert!(!history.numbers.values().any(|number| *number == 1), "the least recently used has gone");
    });
}

/// T26 and 4.1: a single tag is the bytes, whatever they look like, and finds what has the same (4.3).
#[test]
fn single_tags_are_compared_as_bytes() {
    let found = |wanted: Wanted, tag: &str, is_multi: bool| {
        let mut found = None;
        with_history(&Setup::of(2), |history| {
            history.get(&multi(None, false)).result.unwrap();
            history.release(0, &Release::Retag(Some(tag.to_owned())), is_multi);
            let mut get = multi(None, false);
            get.request.tag = Some(wanted);
            found = Some(history.get(&get).result.unwrap().found);
            history.check();
        });
        found.unwrap()
    };
    let single = |text: &str| Wanted { text: text.to_owned(), is_multi: false };
    let multi = |text: &str| Wanted { text: text.to_owned(), is_multi: true };
    assert!(found(single("CUSTOM"), "CUSTOM", false));
    assert!(!found(single("CUSTOM"), "custom", false));
    assert!(found(single("A=1;B=2"), "A=1;B=2", true));
    assert!(!found(single("A=1;B=2"), "B=2;A=1", true));
    assert!(!found(single("A=1;B=2"), "B=2;A=1", false));
    assert!(found(multi("A=1;B=2"), "A=1;B=2", false));
    assert!(found(multi("A=1;B=2"), "B=2;A=1", false), "SET needs both to parse, not to be called so");
    assert!(!found(multi("A=1"), "a=1", true), "T32");
}

/// 2.7: PURITY_NEW passes over used sessions whatever their tag, and takes one that nobody has had, grows, or replaces.
#[test]
fn purity_new_is_stronger_than_a_tag() {
    let mut pure = multi(Some("A=1"), true);
    pure.request.purity_new = true;
    with_history(&Setup { increment: 2, ..Setup::of(3) }, |history| {
        history.get(&multi(None, false)).result.unwrap();
        history.release(0, &Release::Retag(Some("A=1".to_owned())), true);
        // The second is the one that growth made beside the first.
        for (number, open) in [(2, 2), (3, 3), (4, 3)] {
            history.check();
            let granted = history.get(&pure).result.unwrap();
            assert_eq!(granted, Granted { number, is_new: true, found: false, tag: None });
            assert_eq!(history.pool.stats().open, open);
        }
        assert_eq!(history.get(&pure).result, Err(Refusal::Full));
        assert_eq!(history.pool.stats().evictions, 1);
    });
}

/// ODPI 3902: a session that nobody has had and that came last goes before a used one, and before one with a part.
#[test]
fn a_session_never_had_is_as_recent_as_its_connect() {
    with_history(&Setup { increment: 2, ..Setup::of(4) }, |history| {
        history.get(&multi(None, false)).result.unwrap();
        history.check();
        history.get(&multi(None, false)).result.unwrap();
        history.release(1, &Release::Retag(Some("A=1".to_owned())), true);
        history.release(0, &Release::Default, false);
        // At 3 of 4 sessions after this growth, one of them never had.
        let untagged = history.get(&multi(None, false)).result.unwrap();
        let grown = history.get(&multi(None, false)).result.unwrap();
        history.check();
        assert!(!untagged.is_new && grown.is_new);
        assert!(history.get(&multi(Some("A=1;B=1"), true)).result.unwrap().is_new);
        history.check();
    });
}

/// 2.6, 2.7 and 4.7 (7): sessions of others are not handed out, and one of theirs makes room at the maximum.
#[test]
fn others_sessions_make_room_and_are_not_handed_out() {
    let of = |user, class| {
        let mut get = multi(None, true);
        get.request.who = Who { user, class };
        get
    };
    let setup = Setup { users: 3, classes: 3, ..Setup::of(2) };
    with_history(&setup, |history| {
        for (number, get) in [of(0, 0), of(1, 0), of(2, 0), of(0, 1), of(0, 2)].iter().enumerate() {
            assert_eq!(history.get(get).result.unwrap().number, number + 1);
            history.release(0, &Release::Default, false);
            history.check();
        }
        assert_eq!((history.pool.stats().open, history.pool.stats().evictions), (2, 3));
        assert_eq!(history.get(&of(0, 1)).result.unwrap().number, 4);
        history.check();
    });
}

/// T23.
#[test]
fn with_a_fix_up_procedure_a_single_tag_is_refused() {
    with_history(&Setup::of(1).with_fixup(true), |history| {
        for text in ["CUSTOM", "A=1"] {
            let mut get = multi(None, false);
            get.request.tag = Some(Wanted { text: text.to_owned(), is_multi: false });
            assert_eq!(history.get(&get).result, Err(Refusal::NotMultiProperty));
            history.check();
        }
        assert!(history.get(&multi(None, false)).result.is_ok());
    });
}

/// 4.8 row 24 and 5.4: the session of a fix-up that failed is gone; one that was lost is looked for again, once.
#[test]
fn a_failed_fix_up_drops_the_session() {
    let get = |fixups: &[FixupDoes]| Get { fixups: fixups.to_vec(), ..multi(Some("A=1"), false) };
    let open_after = |get: &Get, idle: usize| {
        let mut outcome = None;
        with_history(&Setup::of(3).with_fixup(true).with_callback(), |history| {
            make_idle(history, &vec![None; idle]);
            let result = history.get(get).result;
            history.check();
            outcome = Some((result.map(|granted| granted.number), history.pool.stats().open));
        });
        outcome.unwrap()
    };
    let failed = |cause| Err(Refusal::FixupFailed { cause });
    assert_eq!(open_after(&get(&[FixupDoes::Raises]), 1), (failed(2248), 0));
    assert_eq!(
        open_after(&get(&[FixupDoes::Dies]), 0),
        (failed(3113), 0),
        "on a new session the error counts"
    );
    assert_eq!(open_after(&get(&[FixupDoes::Dies]), 1), (Ok(2), 1));
    assert_eq!(open_after(&get(&[FixupDoes::Dies]), 2), (Ok(2), 1));
    assert_eq!(open_after(&get(&[FixupDoes::Dies, FixupDoes::Dies]), 3), (failed(3113), 1));
    assert_eq!(open_after(&get(&[FixupDoes::Dies, FixupDoes::Raises]), 1), (failed(2248), 0));
}

/// T36: the callback's own tag finds the session again, and counts as no match of the get that it ran in.
#[test]
fn a_callback_that_sets_the_tag_is_asked_once_for_each_tag() {
    let get =
        |tag: &str| Get { callback: Callback::SetsTag(Some(tag.to_owned())), ..multi(Some(tag), false) };
    with_history(&Setup::of(4).with_callback(), |history| {
        let first = history.get(&get("A=1"));
        assert_eq!(first.callbacks, [(Some("A=1".to_owned()), None)]);
        let granted = first.result.unwrap();
        assert_eq!((granted.found, granted.tag.as_deref()), (false, Some("A=1")));
        history.release(0, &Release::Default, false);
        let second = history.get(&get("A=1"));
        assert_eq!((second.callbacks.len(), second.result.unwrap().found), (0, true));
        assert_eq!(history.get(&get("A=2")).callbacks, [(Some("A=2".to_owned()), None)]);
        history.check();
        assert_eq!(history.pool.stats().open, 2);
    });
}

/// 7.3: a dead session that a ping finds is passed over, and the selection starts again with the next best.
#[test]
fn a_session_that_does_not_answer_gives_way_to_the_next_best() {
    with_history(&Setup::of(3), |history| {
        make_idle(history, &["A=1", "A=1", "B=1"].map(|tag| Some(tag.to_owned())));
        history.run(&Step::KillIdle { session: 2 });
        history.run(&Step::Advance { ms: PING_INTERVAL });
        assert_eq!(history.get(&multi(Some("A=1"), false)).result.unwrap().number, 2);
        history.check();
        assert_eq!((history.pool.stats().open, history.pool.stats().ping_failures), (2, 1));
    });
}
