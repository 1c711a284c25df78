//! File names and folders with macros: `%DESTINATION_NAME%_segment%SEGMENT_ID%_%DATETIME(YYYYMMddHHmmss)%`.
//!
//! A [`NameTemplate`] gives the name of a run's file, [`PartNames`] the names of its parts, a [`FolderTemplate`] the
//! folder they go to. Three rules hold for all of them:
//!
//! - A text that is not understood to the last character is refused when it is saved. An unknown macro that became
//!   literal text would make every run write to one name, and lose all files but the last.
//! - What is put in for a macro cannot leave the folder: `/`, `\`, line breaks and control characters in a value become
//!   `_`, and a name that comes out as `.`, `..` or blank is refused. Spaces and other scripts are kept.
//! - A macro is put in once: a percent sign inside a value is only a percent sign.
//!
//! | macro | value |
//! |---|---|
//! | `%DESTINATION_NAME%`, also `%DESTINATION%` | the destination's name |
//! | `%SEGMENT_ID%`, `%SEGMENT_NAME%` | the segment |
//! | `%DATETIME(pattern)%` | the run's clock in UTC, see [`DatePattern`]; `%DATETIME%` alone is `%DATETIME(YYYYMMdd_HHmmss)%` |
//! | `%TIMESTAMP%` | the run's clock in Unix seconds, ten digits; not together with `%DATETIME%` |
//! | `%DESTINATION_INSTANCE_ID%`, `%DESTINATION_INSTANCE_NAME%` | the flow |
//! | `%ORGANIZATION_NAME%`, `%SANDBOX_NAME%` | where the flow lives |
//! | `%%` | a percent sign |
//!
//! Folders know only `%SEGMENT_ID%` and `%SEGMENT_NAME%`, at the end of the path.

mod datetime;
mod folder;
mod lex;
mod name;
mod parts;

pub use datetime::DatePattern;
pub use folder::FolderTemplate;
pub use name::{DEFAULT_TEMPLATE, NameContext, NameTemplate, default_template};
pub use parts::{NAME_BYTES_MAX, PARTS_MAX, PartNames, TEMPORARY_SUFFIX_BYTES};

use std::fmt;

use crate::fault::Fault;

/// One thing that is wrong with a template or with what it renders to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateProblem {
    /// Where in the template, in characters from 1; `None` when it is about the whole.
    pub at: Option<usize>,
    /// What is wrong, in one sentence without a trailing period.
    pub message: String,
    /// What to do. May be empty.
    pub hint: String,
}

impl TemplateProblem {
    fn whole(message: impl Into<String>, hint: impl Into<String>) -> TemplateProblem {
        TemplateProblem { at: None, message: message.into(), hint: hint.into() }
    }

    fn at(at: usize, message: impl Into<String>, hint: impl Into<String>) -> TemplateProblem {
        TemplateProblem { at: Some(at), message: message.into(), hint: hint.into() }
    }

    /// What is wrong, where, and what to do, in one line.
    pub fn advice(&self) -> String {
        if self.hint.is_empty() { self.to_string() } else { format!("{self}; {}", self.hint) }
    }
}

impl fmt::Display for TemplateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.at {
            Some(at) => write!(f, " (character {at})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for TemplateProblem {}

/// The fault that reports every problem of `template` at once. `option` names where the text came from, for example
/// `--name` or `filenameTemplate`.
pub fn template_fault(option: &str, template: &str, problems: &[TemplateProblem]) -> Fault {
    let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let mut hints: Vec<&str> = Vec::new();
    for problem in problems {
        if !problem.hint.is_empty() && !hints.contains(&problem.hint.as_str()) {
            hints.push(&problem.hint);
        }
    }
    Fault::input(messages.join("; ")).tried(format!("{option} {template:?}")).hint(hints.join("; "))
}

/// A value as a part of a file name: it can neither end the name nor start another folder.
fn safe_value(value: &str) -> String {
    value.chars().map(|c| if is_unsafe(c) { '_' } else { c }).collect()
}

/// Whether a character may not stand in a file name: separators of any system, control characters, line breaks.
fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '/' | '\\' | '\u{2028}' | '\u{2029}')
}

/// Whether a whole name means a place other than a file or folder of its own.
fn is_no_name(name: &str) -> bool {
    name.trim().is_empty() || name == "." || name == ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_tells_all_problems_and_each_hint_once() {
        let problems = [
            TemplateProblem::at(3, "one thing", "look it up"),
            TemplateProblem::whole("another", "look it up"),
            TemplateProblem::whole("a third", ""),
        ];
        let fault = template_fault("--name", "a%b", &problems);
        assert_eq!(fault.message, "one thing (character 3); another; a third");
        assert_eq!(fault.tried, "--name \"a%b\"");
        assert_eq!(fault.hint, "look it up");
        assert_eq!(fault.class.exit_status(), 2);
    }

    #[test]
    fn values_lose_separators_and_line_breaks_only() {
        assert_eq!(safe_value("../../x\\y"), ".._.._x_y");
        assert_eq!(safe_value("a\r\nb\0c\u{85}d\u{2028}e"), "a__b_c_d_e");
        assert_eq!(safe_value("Luxury Audience – 東京 100%"), "Luxury Audience – 東京 100%");
    }
}
