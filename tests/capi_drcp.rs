//! Pooled servers (DRCP), through the C API on the embedded engine's broker.

mod support;

#[path = "c/runner.rs"]
mod runner;

runner::c_tests! {
    "drcp":
    a_server_for_as_long_as_it_is_needed,
    a_release_rolls_back_first,
    pools_share_by_class,
    the_laboratory,
    classes_and_purities,
    tags_live_on_the_server,
    a_tag_needs_a_server,
    a_loan_parks_its_session,
    a_dedicated_session,
    all_servers_are_busy,
    a_loan_that_thinks_for_too_long,
    the_broker_stops,
    implicit_release,
    a_fixup_after_the_attach,
    many_lines_and_few_servers,
}
