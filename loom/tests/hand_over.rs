//! Under every order of steps: no session is lost, none is given twice, no waiter sleeps beside an idle session.
//! A waiter that would sleep for ever is found by loom as a deadlock.

use loom::thread;
use orapool_loom::model::Model;

#[test]
fn a_waiter_and_the_short_release_never_miss_each_other() {
    loom::model(|| {
        let (model, loan) = Model::with_loan();
        let other = model.clone();
        let waiter = thread::spawn(move || other.wait(1));
        assert!(model.put(loan));
        assert_eq!(waiter.join().unwrap(), loan + 1);
    });
}

#[test]
fn an_overtaken_waiter_is_told_of_the_next_release() {
    loom::model(|| {
        let (model, loan) = Model::with_loan();
        let other = model.clone();
        let waiter = thread::spawn(move || other.wait(1));
        assert!(model.put(loan));
        if let Some(again) = model.take() {
            assert!(model.put(again));
        }
        assert!(waiter.join().unwrap() > loan);
    });
}

#[test]
fn two_waiters_share_one_session() {
    let mut builder = loom::model::Builder::new();
    // Three threads in the slow path are more than can be tried without a bound on preemptions.
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let (model, loan) = Model::with_loan();
        let waiters: Vec<_> = (1..3)
            .map(|id| {
                let model = model.clone();
                thread::spawn(move || {
                    let loan = model.wait(id);
                    assert!(model.put(loan));
                })
            })
            .collect();
        assert!(model.put(loan));
        for waiter in waiters {
            waiter.join().unwrap();
        }
        assert!(model.is_idle());
    });
}

#[test]
fn a_waiter_that_gives_up_loses_no_session() {
    loom::model(|| {
        let (model, loan) = Model::with_loan();
        let other = model.clone();
        let waiter = thread::spawn(move || other.wait_in_vain(1));
        model.hand_over(loan);
        let got = waiter.join().unwrap();
        assert_ne!(got.is_some(), model.is_idle(), "the session is the waiter's or idle");
    });
}

#[test]
fn a_waiter_that_gives_up_leaves_the_session_to_the_next() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let (model, loan) = Model::with_loan();
        let (hasty, patient) = (model.clone(), model.clone());
        let hasty = thread::spawn(move || {
            if let Some(loan) = hasty.wait_in_vain(1) {
                assert!(hasty.put(loan));
            }
        });
        let patient = thread::spawn(move || patient.wait(2));
        assert!(model.put(loan));
        hasty.join().unwrap();
        assert!(patient.join().unwrap() > loan);
    });
}

#[test]
fn of_two_releases_of_one_loan_one_wins() {
    loom::model(|| {
        let (model, loan) = Model::with_loan();
        let other = model.clone();
        let second = thread::spawn(move || other.put(loan));
        let first = model.put(loan);
        let taken = model.take();
        let second = second.join().unwrap();
        assert_ne!(first, second);
        assert!(taken.is_some() || model.is_idle());
    });
}
