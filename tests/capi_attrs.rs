//! Attributes and text arguments, through the C API.

mod support;

#[path = "c/runner.rs"]
mod runner;

runner::c_tests! {
    "attrs":
    numbers_in_and_out_of_range,
    a_refused_value_changes_nothing,
    attributes_of_the_wrong_kind,
    unknown_attributes,
    text_that_is_not_utf8,
    text_that_is_not_there,
    text_by_its_length,
    text_with_a_nul_inside,
    lengths_that_can_not_be,
    text_that_is_too_long,
    a_pool_does_not_need_its_bag,
    a_get_passes_over_the_rest,
    connect_strings_that_can_not_be_used,
    an_edition,
}
