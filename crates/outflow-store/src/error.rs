//! What can go wrong, so that the API can answer each with its own status.
//!
//! No message holds text of the database: it may quote values. Of a refused statement the engine's code is kept.

use std::fmt;

use outflow_model::{Fault, FaultClass, Problems};
use sqlx::error::ErrorKind;

/// A document that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What it is, as in messages: `flow`.
    pub noun: &'static str,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// What a change collides with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Another one of the sandbox has the name.
    NameTaken {
        /// What it is.
        noun: &'static str,
        /// The name.
        name: String,
    },
    /// Others depend on it.
    InUse {
        /// What it is.
        noun: &'static str,
        /// Its id.
        id: String,
        /// Who depends on it.
        by: Vec<Reference>,
    },
    /// A run of the same segment of the same flow is under way.
    LiveRun {
        /// The flow.
        flow_id: String,
        /// The segment.
        segment_id: String,
        /// The run, where it could still be asked for.
        run: Option<String>,
    },
    /// It is there already and is made once only.
    Exists {
        /// What it is.
        noun: &'static str,
        /// Its id.
        id: String,
    },
}

/// Why the store did not do what was asked. After any of them a transaction can only be dropped.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is none of that id in the sandbox.
    #[error("there is no {noun} {id}")]
    NotFound {
        /// What it is.
        noun: &'static str,
        /// The id asked for.
        id: String,
    },
    /// It was changed by someone else since it was read.
    #[error("{noun} {id} was changed meanwhile; its etag is now {etag}")]
    Stale {
        /// What it is.
        noun: &'static str,
        /// Its id.
        id: String,
        /// The entity tag it has now, with quotes.
        etag: String,
    },
    /// The worker's lease on the job has run out, was handed back, or belongs to another worker.
    #[error("the lease on job {job} has ended")]
    LeaseLost {
        /// The job.
        job: String,
    },
    /// The change collides with something that is there.
    #[error("{}", conflict_text(.0))]
    Conflict(Conflict),
    /// The request is wrong, by field.
    #[error("{0}")]
    Invalid(Problems),
    /// The client, its secret or its token is not known, or not valid any more.
    #[error("the client, its secret or its token is not valid")]
    Denied,
    /// A key of the key file is missing or wrong, or the key file cannot be used.
    #[error("{0}")]
    Keys(String),
    /// The database's address or login is wrong, or it is not one that Outflow has made.
    #[error("{0}")]
    Database(String),
    /// The database cannot be reached or has no room; it may pass.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Others ask for the same at the moment, and more than wait in line; it passes.
    #[error("{0}; try again in a few seconds")]
    Busy(String),
    /// A defect: a statement that the database refuses, a row that cannot be read.
    #[error("the store met something unexpected: {0}")]
    Internal(String),
}

impl StoreError {
    /// One problem of one field.
    pub(crate) fn invalid(field: impl Into<String>, message: impl Into<String>) -> StoreError {
        StoreError::Invalid(Problems::one(field, message))
    }

    /// A defect.
    pub(crate) fn internal(what: impl Into<String>) -> StoreError {
        StoreError::Internal(what.into())
    }

    /// Whether the same call may succeed later without anyone changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, StoreError::Unavailable(_) | StoreError::Busy(_))
    }
}

fn conflict_text(conflict: &Conflict) -> String {
    match conflict {
        Conflict::NameTaken { noun, name } => format!("there is a {noun} named {name} already"),
        Conflict::InUse { noun, id, by } => format!("{noun} {id} is used by {}", Users(by)),
        Conflict::LiveRun { flow_id, segment_id, .. } if segment_id.is_empty() => {
            format!("a run of flow {flow_id} is under way")
        }
        Conflict::LiveRun { flow_id, segment_id, .. } => {
            format!("a run of segment {segment_id} of flow {flow_id} is under way")
        }
        Conflict::Exists { noun, id } => format!("there is a {noun} {id} already"),
    }
}

/// Most users named in a message; the rest are counted.
const USERS_NAMED_MAX: usize = 10;

struct Users<'a>(&'a [Reference]);

impl fmt::Display for Users<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, user) in self.0.iter().take(USERS_NAMED_MAX).enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{} {} ({})", user.noun, user.name, user.id)?;
        }
        match self.0.len().saturating_sub(USERS_NAMED_MAX) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Fault {
        let class = match &error {
            StoreError::NotFound { .. } | StoreError::Invalid(_) => FaultClass::Input,
            StoreError::Stale { .. } | StoreError::Conflict(_) => FaultClass::Refused,
            StoreError::LeaseLost { .. } => FaultClass::Interrupted,
            StoreError::Denied => FaultClass::Credentials,
            StoreError::Keys(_) | StoreError::Database(_) => FaultClass::Config,
            StoreError::Unavailable(_) => FaultClass::Unavailable,
            StoreError::Busy(_) => FaultClass::Throttled,
            StoreError::Internal(_) => FaultClass::Internal,
        };
        Fault::new(class, error.to_string())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> StoreError {
        match error {
            sqlx::Error::Database(refusal) => {
                let code = refusal.code().unwrap_or_default().into_owned();
                from_code(&code)
            }
            sqlx::Error::Io(e) => StoreError::Unavailable(e.kind().to_string()),
            sqlx::Error::Tls(_) => StoreError::Database("no encrypted connection to the database".to_owned()),
            sqlx::Error::PoolTimedOut => StoreError::Unavailable("no connection became free in time".to_owned()),
            sqlx::Error::PoolClosed => StoreError::Unavailable("the store is closed".to_owned()),
            sqlx::Error::WorkerCrashed => StoreError::Unavailable("a connection broke down".to_owned()),
            sqlx::Error::Protocol(_) => StoreError::Unavailable("the connection broke down".to_owned()),
            sqlx::Error::Configuration(_) => StoreError::Database("the database URL is not usable".to_owned()),
            sqlx::Error::ColumnDecode { index, .. } => StoreError::internal(format!("column {index} cannot be read")),
            sqlx::Error::Migrate(e) => from_migration(*e),
            other => StoreError::internal(variant(&other)),
        }
    }
}

/// SQLite's codes are numbers, whose low byte is the kind; PostgreSQL's have five characters, two of them the class.
fn from_code(code: &str) -> StoreError {
    if code.len() == 5 {
        return match code {
            "22021" | "22P05" => StoreError::invalid("", "a text holds a NUL character"),
            "3D000" => StoreError::Database("the database of the URL does not exist".to_owned()),
            "28P01" | "28000" => StoreError::Database("the database refuses the login".to_owned()),
            "42501" => StoreError::Database("the database user may not do what the store needs".to_owned()),
            _ => match code.get(..2).unwrap_or_default() {
                "08" | "53" | "57" | "58" | "40" | "55" => StoreError::Unavailable(format!("SQLSTATE {code}")),
                _ => StoreError::internal(format!("SQLSTATE {code}")),
            },
        };
    }
    match code.parse::<u32>().map(|c| c & 0xff) {
        Ok(5 | 6) => StoreError::Unavailable("another process holds the database file".to_owned()),
        Ok(13) => StoreError::Unavailable("the disk of the database file is full".to_owned()),
        Ok(10) => StoreError::Unavailable(format!("the database file cannot be read or written (SQLite code {code})")),
        Ok(8 | 14) => StoreError::Database("the database file cannot be opened for writing".to_owned()),
        Ok(11 | 26) => StoreError::Database("the database file is damaged or not a database".to_owned()),
        _ => StoreError::internal(format!("SQLite code {code}")),
    }
}

fn from_migration(error: sqlx::migrate::MigrateError) -> StoreError {
    use sqlx::migrate::MigrateError;
    match error {
        MigrateError::Execute(e) | MigrateError::ExecuteMigration(e, _) => e.into(),
        MigrateError::VersionMissing(_) | MigrateError::VersionNotPresent(_) | MigrateError::VersionTooNew(..) => {
            StoreError::Database("the database was made by a newer release".to_owned())
        }
        MigrateError::VersionMismatch(_) | MigrateError::Dirty(_) => {
            StoreError::Database("the database was not made by this program".to_owned())
        }
        _ => StoreError::internal("the migrations cannot run"),
    }
}

/// The kind of a driver's error, without its text.
fn variant(error: &sqlx::Error) -> String {
    let text = format!("{error:?}");
    text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_owned()
}

/// Whether a unique index refused it.
pub(crate) fn is_unique_violation(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(e) if e.kind() == ErrorKind::UniqueViolation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_engines_say_whose_move_is_next() {
        let class = |code: &str| Fault::from(from_code(code)).class;
        assert_eq!(class("5"), FaultClass::Unavailable);
        assert_eq!(class("517"), FaultClass::Unavailable);
        assert_eq!(class("13"), FaultClass::Unavailable);
        assert_eq!(class("14"), FaultClass::Config);
        assert_eq!(class("1"), FaultClass::Internal);
        assert_eq!(class("53300"), FaultClass::Unavailable);
        assert_eq!(class("40P01"), FaultClass::Unavailable);
        assert_eq!(class("57P01"), FaultClass::Unavailable);
        assert_eq!(class("28P01"), FaultClass::Config);
        assert_eq!(class("42P01"), FaultClass::Internal);
        assert_eq!(class("22021"), FaultClass::Input);
    }

    #[test]
    fn users_are_named_and_the_rest_counted() {
        let by = (0..12)
            .map(|n| Reference { noun: "flow", id: format!("id{n}"), name: format!("name{n}") })
            .collect::<Vec<_>>();
        let text = StoreError::Conflict(Conflict::InUse { noun: "connection", id: "c".to_owned(), by }).to_string();
        assert!(text.starts_with("connection c is used by flow name0 (id0), flow name1 (id1)"), "{text}");
        assert!(text.ends_with("and 2 more"), "{text}");
    }
}
