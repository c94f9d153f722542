//! Loans, and the lives and deaths of sessions, through the C API.

mod support;

#[path = "c/runner.rs"]
mod runner;

runner::c_tests! {
    "sessions":
    identity_and_newness,
    rows_of_a_statement,
    commit_and_rollback,
    alter_session_outlives_the_loan,
    a_drop_closes_the_session,
    a_drop_is_made_good_to_the_minimum,
    a_call_timeout_ends_with_the_loan,
    a_call_timeout_does_not_hurt_the_release,
    waiting_for_a_lock,
    a_break_of_a_running_call,
    a_break_of_a_waiting_call,
    a_break_with_no_call_running,
    breaks_do_not_reach_the_next_holder,
    a_session_killed_while_idle,
    a_session_killed_while_busy,
    a_session_killed_inside_a_call,
    all_idle_sessions_dead,
    a_ping_has_a_limit,
    a_ping_ends_with_the_deadline,
    purity_new,
    purity_new_takes_a_session_that_nobody_had,
    purity_by_bit_and_attribute,
    purity_new_waits,
    connection_classes,
    the_pools_own_class,
    the_idle_timeout,
    the_last_use,
    the_last_use_of_an_untouched_session,
    the_lifetime_of_idle_sessions,
    a_leak_is_counted_once,
}
