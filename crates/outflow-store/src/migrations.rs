//! The migrations, in order; one set for every database.
//!
//! They are listed here and not found by sqlx's macro, which has all of sqlx built a second time, with its TLS, for the
//! machine that compiles.

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Version, name and text of each file in `migrations/`, whose name is `VERSION_NAME.sql`. A text never changes once a
/// database has seen it: sqlx compares its hash.
const FILES: [(i64, &str, &str); 4] = [
    (1, "first", include_str!("../migrations/0001_first.sql")),
    (2, "evaluation_end", include_str!("../migrations/0002_evaluation_end.sql")),
    (3, "guess", include_str!("../migrations/0003_guess.sql")),
    (4, "stream", include_str!("../migrations/0004_stream.sql")),
];

/// What brings a database up to date.
pub(crate) fn migrator() -> Migrator {
    let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(FILES.map(migration).into())
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
        let listed: Vec<String> = FILES.iter().map(|(version, name, _)| format!("{version:04}_{name}.sql")).collect();
        assert_eq!(found, listed);
    }
}
