//! What several test files share.
#![allow(dead_code, missing_docs, reason = "each test file uses a part of it")]

pub mod c_build;
pub mod fake_driver;
pub mod oci_standin;
pub mod valgrind;
