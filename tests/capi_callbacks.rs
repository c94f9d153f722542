//! Session callbacks, through the C API: the life of their context, and what other threads do meanwhile.

mod support;

#[path = "c/runner.rs"]
mod runner;

runner::c_tests! {
    "callbacks":
    the_context_is_freed_once,
    the_context_of_what_came_to_nothing,
    another_callback_is_a_conflict,
    others_go_on_while_a_callback_runs,
    a_forced_close_while_a_callback_runs,
    a_forced_close_while_a_failing_callback_runs,
    a_callback_that_closes_its_pool,
    a_failing_callback_costs_its_session,
}
