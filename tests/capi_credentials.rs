//! Who logs on and who is refused, through the C API.

mod support;

#[path = "c/runner.rs"]
mod runner;

runner::c_tests! {
    "credentials":
    a_wrong_password_at_create,
    a_wrong_password_at_get,
    a_password_that_changes,
    a_locked_account,
    a_homogeneous_pool_needs_credentials,
    a_pool_needs_a_connect_string,
    a_homogeneous_pool_with_a_proxy,
    a_mixed_pool_starts_empty_and_grows_by_one,
    a_mixed_pool_shrinks_to_nothing,
    a_mixed_pool_of_somebody,
    a_mixed_pool_logs_on_for_others,
    a_mixed_pool_takes_the_proxy_syntax,
    a_mixed_pool_of_nobody,
    a_wrong_password_never_gets_an_idle_session,
    a_wrong_password_at_the_maximum,
    idle_sessions_are_their_users,
    the_pools_own_user_by_name,
    an_idle_session_of_another_makes_room,
    a_released_session_of_another_makes_room,
    a_pool_with_external_authentication,
}
