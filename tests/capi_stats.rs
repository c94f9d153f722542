//! Statistics, metrics and errors, through the C API.

mod support;

#[path = "c/runner.rs"]
mod runner;

runner::c_tests! {
    "stats":
    too_small_a_struct,
    a_struct_of_the_right_size,
    a_struct_of_a_later_release,
    the_counters,
    what_does_not_count,
    counters_under_load,
    json,
    json_is_one_object,
    prometheus,
    prometheus_labels,
    metrics_tell_all_counters,
    no_error,
    errors_outlive_their_pool,
    an_error_of_another_thread,
    version_and_instance,
    names_of_statuses,
}
