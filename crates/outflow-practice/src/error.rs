//! What can go wrong when practice targets start.

use std::io;

/// Why a practice target could not start or be changed. `Display` gives one sentence; `source()` gives the cause.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct PracticeError {
    /// What came back, in one sentence without a trailing period.
    pub message: String,
    /// What was tried and where, for example `bind 0.0.0.0:9000`. May be empty.
    pub tried: String,
    /// What to do next. May be empty.
    pub hint: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl PracticeError {
    pub(crate) fn new(message: impl Into<String>, tried: impl Into<String>, hint: impl Into<String>) -> PracticeError {
        PracticeError { message: message.into(), tried: tried.into(), hint: hint.into(), source: None }
    }

    pub(crate) fn because(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync + 'static>>,
    ) -> PracticeError {
        self.source = Some(source.into());
        self
    }

    /// A file or folder of the data folder could not be used.
    pub(crate) fn file(path: &std::path::Path, what: &str, source: io::Error) -> PracticeError {
        PracticeError::new(
            format!("cannot {what} {}", path.display()),
            format!("{what} {}", path.display()),
            "check that the data folder exists, belongs to you and has room",
        )
        .because(source)
    }
}
