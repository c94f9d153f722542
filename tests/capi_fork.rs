//! Forked children and the ends of processes, through the C API.

mod support;

#[path = "c/runner.rs"]
mod runner;

runner::c_tests! {
    "fork":
    a_child_before_the_first_use,
    exits_with_loans_out,
    a_child,
    the_statistics_of_a_child,
    a_grandchild,
    a_child_begins_anew,
    a_grandchild_begins_anew,
    a_line_of_children_has_an_end,
    a_server_that_forks_its_workers,
    forks_amid_work,
    threads_that_end,
}
