//! Our own stand-in for Oracle's client library: the OCI calls that ODPI-C makes, on the embedded engine.
//!
//! It is built as `liborapool_oci_standin.so` and loaded under the name `libclntsh.so`. What it adds to a client library are a log of the
//! calls, faults on demand, and checks that find what a program does wrong with its handles; `README.md` says how to use them.
//!
//! Handles are numbers that were never addresses and are never given twice. So a handle that was freed is told from one that never was,
//! and nothing that a caller passes as a handle is ever read as memory.

mod attributes;
mod auth;
mod binds;
mod checks;
mod columns;
mod connect;
mod control;
mod core;
mod database;
mod dates;
mod defines;
mod drcp;
mod errors;
mod exports;
mod faults;
mod guard;
mod handles;
mod interned;
mod log;
mod memory;
mod numbers;
mod objects;
mod pool;
mod scan;
mod service;
mod statement;
