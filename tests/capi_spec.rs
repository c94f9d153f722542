//! The test cases of the pool's specification, through the C API.

mod support;

#[path = "c/runner.rs"]
mod runner;

runner::c_tests! {
    "spec":
    t01_create_opens_the_minimum,
    t02_growth_by_the_increment,
    t03_growth_ends_at_the_maximum,
    t05_nowait_fails_when_all_are_out,
    t06_forceget_goes_over_the_maximum,
    t07_timedwait_gives_up,
    t09_waiters_are_served_in_order,
    t10_sizes_that_do_not_go_together,
    t10_sizes_that_are_fine,
    t28_the_session_released_last_comes_first,
    t28_a_thread_finds_its_own_first,
    t39_a_ping_finds_the_killed_session,
    t40_without_pings_the_holder_finds_it,
    t41_a_lowered_maximum_counts_at_once,
    t44_aged_sessions_are_closed_and_the_minimum_refilled,
    t45_a_busy_pool_stays_open,
    t47_a_drain_ends_with_the_last_loan,
    t47_a_drain_ends_with_its_time,
    t47_a_drain_for_ever_waits,
    t49_a_homogeneous_pool_takes_no_user,
    t50_a_release_rolls_back,
    t51_a_release_of_what_is_not_on_loan,
    t53_many_threads,
}
