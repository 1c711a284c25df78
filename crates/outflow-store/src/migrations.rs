//! The migrations, in order; one set for every database, but for what only one of them can say.
//!
//! They are listed here and not found by sqlx's macro, which has all of sqlx built a second time, with its TLS, for the
//! machine that compiles.

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use crate::dialect::Dialect;

/// The text of a migration.
enum Sql {
    /// Of the file `VERSION_NAME.sql`.
    Both(&'static str),
    /// Of the files `VERSION_NAME.sqlite.sql` and `VERSION_NAME.postgres.sql`.
    Each { sqlite: &'static str, postgres: &'static str },
}

/// Version, name and text of what is in `migrations/`. A text never changes once a database has seen it: sqlx compares
/// its hash.
const MIGRATIONS: [(i64, &str, Sql); 9] = [
    (1, "first", Sql::Both(include_str!("../migrations/0001_first.sql"))),
    (2, "evaluation_end", Sql::Both(include_str!("../migrations/0002_evaluation_end.sql"))),
    (3, "guess", Sql::Both(include_str!("../migrations/0003_guess.sql"))),
    (4, "stream", Sql::Both(include_str!("../migrations/0004_stream.sql"))),
    (5, "governance", Sql::Both(include_str!("../migrations/0005_governance.sql"))),
    (
        6,
        "append_only",
        Sql::Each {
            sqlite: include_str!("../migrations/0006_append_only.sqlite.sql"),
            postgres: include_str!("../migrations/0006_append_only.postgres.sql"),
        },
    ),
    (7, "session", Sql::Both(include_str!("../migrations/0007_session.sql"))),
    (8, "departure_state", Sql::Both(include_str!("../migrations/0008_departure_state.sql"))),
    (9, "snapshot_records", Sql::Both(include_str!("../migrations/0009_snapshot_records.sql"))),
];

/// What brings a database up to date.
pub(crate) fn migrator(dialect: Dialect) -> Migrator {
    let migration = |(version, name, sql): (i64, &'static str, Sql)| {
        let sql = match (sql, dialect) {
            (Sql::Both(sql), _) => sql,
            (Sql::Each { sqlite, .. }, Dialect::Sqlite) => sqlite,
            (Sql::Each { postgres, .. }, Dialect::Postgres) => postgres,
        };
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(MIGRATIONS.map(migration).into())
}

/// The version of the newest one.
pub(crate) fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, ..)| *version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_listed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let mut found: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        found.sort();
        let files = |(version, name, sql): &(i64, &str, Sql)| match sql {
            Sql::Both(_) => vec![format!("{version:04}_{name}.sql")],
            Sql::Each { .. } => ["postgres", "sqlite"].map(|d| format!("{version:04}_{name}.{d}.sql")).to_vec(),
        };
        let listed: Vec<String> = MIGRATIONS.iter().flat_map(files).collect();
        assert_eq!(found, listed);
    }
}
