//! What tests of several crates share: the servers they deliver to, a proxy that breaks connections on request,
//! independent clients in Python, GnuPG, certificates, databases of their own, fixed times and temporary folders.
//!
//! Only tests import this crate. Its functions panic where a library would return an error: a test has nothing better to
//! do. Servers are started by `scripts/servers/up`, which `make test` and `scripts/servers/with COMMAND` do; their
//! parameters come through the environment (`OUTFLOW_TEST_*`).

pub mod clock;
pub mod database;
pub mod faults;
pub mod gpg;
pub mod python;
pub mod random;
pub mod servers;
pub mod tls;

use tempfile::TempDir;

/// A new empty folder that goes away with the value.
///
/// # Panics
/// Where the system gives none.
pub fn temp_dir() -> TempDir {
    tempfile::Builder::new()
        .prefix("outflow-test-")
        .tempdir()
        .unwrap_or_else(|error| panic!("cannot make a temporary folder: {error}"))
}
