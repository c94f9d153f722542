//! Names, handles, closing and changing of pools, through the C API.

mod support;

#[path = "c/runner.rs"]
mod runner;

runner::c_tests! {
    "pools":
    several_handles_of_one_pool,
    a_loan_outlives_its_handle,
    create_or_open_with_the_same_attributes,
    create_or_open_with_other_attributes,
    create_or_open_after_a_change,
    create_new_on_a_name_that_is_taken,
    pools_without_a_name,
    names_of_all_kinds,
    creates_that_race,
    the_database_goes_with_its_last_pool,
    a_forced_close_is_for_all,
    what_a_forced_close_left_in_any_order,
    a_forced_close_wakes_who_waits,
    a_forced_close_breaks_calls,
    a_forced_close_rolls_back,
    a_forced_close_amid_work,
    closes_that_race,
    a_pool_that_drains,
    a_drain_of_a_handle_that_is_not_the_last,
    a_change_of_sizes,
    a_lowered_maximum_closes_what_is_idle,
    a_change_that_is_refused,
    what_can_be_changed,
    a_change_of_modes_and_times,
}
