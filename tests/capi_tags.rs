//! Tags, through the C API: whose text it is, and what a thread finds again.

mod support;

#[path = "c/runner.rs"]
mod runner;

runner::c_tests! {
    "tags":
    tags_that_are_absent,
    the_text_of_a_tag,
    a_tag_with_nuls,
    a_thread_finds_its_tag_again,
    a_single_tag_is_no_list_of_properties,
    another_thread_changes_the_tag,
    a_waiter_evicts_what_does_not_fit,
    many_threads_and_tags,
}
