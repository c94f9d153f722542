//! Connect strings: those of the embedded engine, and what those of Oracle say of pooled servers (DRCP).

mod descriptor;
mod easy_connect;
mod embedded;
mod fault;
mod net;
mod pooling;
mod tns_names;

pub use embedded::EmbeddedTarget;
pub use net::NetTarget;
pub use pooling::{PoolBoundary, Pooling, ServerPurity, check_connection_class};
