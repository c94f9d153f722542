//! Handles that are no good in every function of the C API, and releases that race.

mod support;

#[path = "c/runner.rs"]
mod runner;

runner::c_tests! {
    "handles":
    null_everywhere,
    garbage_everywhere,
    nearly_right_everywhere,
    foreign_everywhere,
    stale_everywhere,
    a_former_loan,
    a_pool_that_was_just_closed,
    results_with_nowhere_to_go,
    results_that_nobody_wants,
    unknown_bits_everywhere,
    native_handles,
    a_release_on_another_thread,
    releases_that_race,
    a_session_inside_a_call,
}
