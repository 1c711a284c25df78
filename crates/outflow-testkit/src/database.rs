//! A database for one test, of either kind, that goes away with the value.

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

use crate::servers::PostgresParams;

/// Numbers the databases of this process.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// An empty database of one test.
pub struct TestDatabase {
    url: String,
    held: Held,
}

enum Held {
    Folder(TempDir),
    Postgres { params: PostgresParams, name: String },
}

impl TestDatabase {
    /// An SQLite file, which is not there yet, in a folder of its own.
    ///
    /// # Panics
    /// Where the system gives no folder.
    pub fn sqlite() -> TestDatabase {
        let folder = crate::temp_dir();
        TestDatabase { url: format!("sqlite://{}/outflow.db", folder.path().display()), held: Held::Folder(folder) }
    }

    /// A database of the PostgreSQL server.
    ///
    /// # Panics
    /// Where the server is not up, or refuses.
    pub fn postgres() -> TestDatabase {
        let params = crate::servers::postgres();
        let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        run(&params, "createdb", &[&name]);
        let PostgresParams { host, port, user, password, .. } = &params;
        let url = format!("postgres://{user}:{password}@{host}:{port}/{name}");
        TestDatabase { url, held: Held::Postgres { params, name } }
    }

    /// Where it is, with the password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder of an SQLite file, whose every byte a test may look at.
    pub fn folder(&self) -> Option<&std::path::Path> {
        match &self.held {
            Held::Folder(folder) => Some(folder.path()),
            Held::Postgres { .. } => None,
        }
    }

    /// Everything that a PostgreSQL database holds, as SQL text.
    ///
    /// # Panics
    /// Where it is no PostgreSQL database, or the server refuses.
    pub fn dump(&self) -> String {
        match &self.held {
            Held::Folder(_) => panic!("an SQLite file is read as it is"),
            Held::Postgres { params, name } => run(params, "pg_dump", &["--inserts", name]),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Held::Postgres { params, name } = &self.held {
            // A database left behind goes with the server's next start, and a panic in a drop would hide the test's
            // own.
            drop(command(params, "dropdb", &["--force", name]).output());
        }
    }
}

fn command(params: &PostgresParams, program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(params.bin.join(program));
    command.args(["--host", &params.host, "--port", &params.port.to_string(), "--username", &params.user]);
    command.args(args).env("PGPASSWORD", &params.password);
    command
}

fn run(params: &PostgresParams, program: &str, args: &[&str]) -> String {
    match command(params, program, args).output() {
        Ok(done) if done.status.success() => String::from_utf8_lossy(&done.stdout).into_owned(),
        Ok(done) => panic!("{program} failed: {}", String::from_utf8_lossy(&done.stderr)),
        Err(error) => panic!("{program} cannot be started: {error}"),
    }
}
