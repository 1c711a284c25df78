//! What is wrong with a body that somebody sent: every problem at once, by field.
//!
//! A field is named by the JSON Pointer that leads to it in the body (`/identities/0/path`; empty for the whole), so that
//! a form shows a problem where it was made. Messages say what is wrong and what would be right; they never hold a
//! profile's value or a secret.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::rule::RuleErrors;

/// One thing that is wrong with, or worth knowing about, a field of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// JSON Pointer into the body; empty when it is about the whole.
    pub field: String,
    /// What is wrong and what would be right, without a trailing period.
    pub message: String,
    /// Inside a text of several lines: the line, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column in characters, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What is there and looks alike, nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<String>,
}

impl Problem {
    /// A problem of `field` (a JSON Pointer).
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem { field: field.into(), message: message.into(), ..Problem::default() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)?;
        match self.near.first() {
            Some(near) => write!(f, " (did you mean `{near}`?)"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with a body. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// One problem of `field`.
    pub fn one(field: impl Into<String>, message: impl Into<String>) -> Problems {
        Problems(vec![Problem::new(field, message)])
    }

    /// The problems of a rule whose text stands at `field`, each with its place in the text.
    pub fn of_rule(field: &str, errors: &RuleErrors, source: &str) -> Problems {
        let problem = |error: &crate::rule::RuleError| {
            let (line, column) = error.place(source);
            let mut message = error.message.clone();
            if !error.expected.is_empty() {
                message.push_str(&format!("; expected {}", error.expected.join(", ")));
            }
            if !error.hint.is_empty() {
                message.push_str(&format!("; {}", error.hint));
            }
            let near = error.near.clone();
            Problem { field: field.to_string(), message, line: Some(line), column: Some(column), near }
        };
        Problems(errors.0.iter().map(problem).collect())
    }

    /// All of them as an input fault; `tried` says what was read.
    pub fn fault(&self, tried: impl Into<String>) -> Fault {
        Fault::input(self.to_string()).tried(tried)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            let separator = if i > 0 { "; " } else { "" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// What a reading of a body found: problems, for which it is refused, and warnings, with which it is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Why it is refused.
    pub problems: Vec<Problem>,
    /// What is worth knowing.
    pub warnings: Vec<Problem>,
}

impl Findings {
    /// Adds a problem.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem::new(field, message));
    }

    /// Adds a warning.
    pub fn warn(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.warnings.push(Problem::new(field, message));
    }

    /// `value` with the warnings, unless there are problems.
    ///
    /// # Errors
    /// The problems, all of them. A `value` that is not there although nothing is wrong is a problem of the whole body.
    pub fn into_result<T>(self, value: Option<T>) -> Result<(T, Vec<Problem>), Problems> {
        match value {
            Some(value) if self.problems.is_empty() => Ok((value, self.warnings)),
            None if self.problems.is_empty() => Err(Problems::one("", "the body cannot be read")),
            _ => Err(Problems(self.problems)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::parse_pql;

    #[test]
    fn all_problems_are_told_with_their_fields() {
        let mut findings = Findings::default();
        findings.add("/name", "is missing");
        findings.add("", "is no object");
        findings.warn("/schedule", "never seen");
        let problems = findings.into_result(Some(1)).unwrap_err();
        assert_eq!(problems.to_string(), "/name: is missing; is no object");
        let fault = problems.fault("the flow");
        assert_eq!((fault.class.exit_status(), fault.tried.as_str()), (2, "the flow"));
    }

    #[test]
    fn a_reading_without_a_value_never_passes() {
        assert!(Findings::default().into_result::<u8>(None).is_err());
        assert_eq!(Findings::default().into_result(Some(7)), Ok((7, Vec::new())));
    }

    #[test]
    fn a_rule_says_line_and_column() {
        let source = "a = 1\nand b ==";
        let problems = Problems::of_rule("/expression/value", &parse_pql(source).unwrap_err(), source);
        assert_eq!(problems.0[0].field, "/expression/value");
        assert_eq!(problems.0[0].line, Some(2));
        assert!(problems.to_string().starts_with("/expression/value: line 2, column "), "{problems}");
    }
}
