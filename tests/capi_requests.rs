//! Requests, gets that no thread waits in, through the C API.

mod support;

#[path = "c/runner.rs"]
mod runner;

runner::c_tests! {
    "requests":
    an_idle_session_serves_at_once,
    a_session_is_made_for_it,
    finish_waits,
    tags_and_how_they_were_found,
    the_bag_may_go,
    a_dead_session_is_replaced,
    more_than_the_maximum,
    first_come_first_served,
    nobody_sleeps_beside_an_idle_session,
    each_has_its_deadline,
    too_many_waiters,
    a_failed_connect_is_told,
    cancelled_in_the_queue,
    cancelled_after_it_has_won,
    what_a_cancelled_one_had_won_serves_who_waits,
    cancelled_while_a_session_is_made,
    cancelled_during_the_ping,
    a_cancel_wakes_the_finish,
    one_finish_wins,
    the_callback_runs_in_the_finish,
    a_callback_that_fails,
    a_cancelled_request_is_not_called_back,
    a_callback_does_not_wait_for_itself,
    the_fixup_comes_before_the_completion,
    a_fixup_that_fails,
    cancelled_after_the_fixup,
    the_socket_tells,
    the_socket_need_not_be_read,
    a_socket_that_comes_late,
    a_loop_that_never_drains,
    each_handle_has_its_own,
    a_pool_with_requests_is_in_use,
    a_forced_close_completes_all,
    requests_outlive_their_handle,
    a_drain_takes_back_what_was_won,
    closed_during_the_ping,
    arguments_that_make_no_sense,
    handles_that_are_none,
    a_storm,
    an_event_loop,
}
