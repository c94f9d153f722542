//! Statements, through the C API.

mod support;

#[path = "c/runner.rs"]
mod runner;

runner::c_tests! {
    "statements":
    binds_of_all_types,
    binds_of_nothing_and_of_nonsense,
    binds_are_copied,
    a_bind_with_a_nul_inside,
    sql_by_its_length,
    errors_of_a_prepare,
    errors_of_an_execute,
    positions_that_there_are_not,
    positions_follow_the_text,
    executed_again_and_again,
    statements_side_by_side,
    out_of_sequence,
    an_execution_that_fails,
    names_of_columns,
    columns_of_a_prepare,
    columns_stay_where_they_are,
    whole_numbers,
    numbers_as_text,
    text_as_a_number,
    words_are_no_numbers,
    whole_numbers_in_other_notations,
    a_statement_ends_with_its_loan,
    frees_in_any_order,
    a_late_free_hurts_nobody,
    statements_that_nobody_frees,
    a_call_timeout_of_a_statement,
    a_call_timeout_of_a_fetch,
}
