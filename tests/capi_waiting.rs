//! Gets that wait, and a database that refuses or is slow, through the C API.

mod support;

#[path = "c/runner.rs"]
mod runner;

runner::c_tests! {
    "waiting":
    a_raised_maximum_serves_who_waits,
    a_part_of_the_minimum,
    a_part_of_the_minimum_is_always_told,
    a_part_of_the_minimum_that_is_made_good,
    nothing_of_the_minimum,
    a_failed_connect_is_told_once,
    failed_connects_reach_those_who_asked,
    a_timeout_tells_no_old_connect_error,
    a_timeout_tells_the_last_connect_error,
    a_deadline_before_the_connect,
    a_connect_left_behind_serves_the_next,
    nobody_waits_for_the_connects_of_others,
    nowait_claims_a_connect_that_nobody_waits_for,
    everybody_waits_for_its_own_connect,
    a_deadline_of_0_waits_for_no_loan,
    a_connect_has_a_limit,
    a_close_calls_off_connects,
    a_release_serves_who_waits_for_a_connect,
    too_many_waiters,
    no_waiters_at_all,
    each_get_may_have_its_mode,
    a_deadline_whatever_the_mode,
    waits_are_measured,
    a_timeout_tells_who_has_the_session,
    a_release_wakes_a_waiter,
    a_drop_serves_a_waiter,
}
