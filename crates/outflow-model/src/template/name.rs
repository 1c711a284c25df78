//! The name of a run's file, without part number and extensions.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::lex::{Token, escaped, lex, unknown_macro};
use super::parts::PartNames;
use super::{DatePattern, TemplateProblem, is_no_name, is_unsafe, safe_value};

/// The name a file gets unless told otherwise, for example
/// `Acme_S3_segment12341e18-abcd-49c2-836d-123c88e76c39_20200408061804`.
pub const DEFAULT_TEMPLATE: &str = "%DESTINATION_NAME%_segment%SEGMENT_ID%_%DATETIME(YYYYMMddHHmmss)%";

/// The pattern of a `%DATETIME%` without one.
const DATETIME_DEFAULT: &str = "YYYYMMdd_HHmmss";

/// A file name with macros. See the [module](super) for the macros and their rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTemplate {
    pieces: Vec<Piece>,
}

/// What the macros stand for in one run.
#[derive(Clone, Copy, Debug)]
pub struct NameContext<'a> {
    /// `%DESTINATION_NAME%`.
    pub destination_name: &'a str,
    /// `%SEGMENT_ID%`.
    pub segment_id: &'a str,
    /// `%SEGMENT_NAME%`.
    pub segment_name: &'a str,
    /// `%DESTINATION_INSTANCE_ID%`, where there is a flow.
    pub destination_id: Option<&'a str>,
    /// `%DESTINATION_INSTANCE_NAME%`, where there is a flow.
    pub destination_instance_name: Option<&'a str>,
    /// `%ORGANIZATION_NAME%`, where there is one.
    pub organization_name: Option<&'a str>,
    /// `%SANDBOX_NAME%`, where there is one.
    pub sandbox_name: Option<&'a str>,
    /// The run's clock.
    pub now: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Value(Macro),
    DateTime(DatePattern),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Macro {
    DestinationName,
    SegmentId,
    SegmentName,
    DestinationInstanceId,
    DestinationInstanceName,
    OrganizationName,
    SandboxName,
    Timestamp,
}

const MACROS: [(&str, Macro); 8] = [
    ("DESTINATION_NAME", Macro::DestinationName),
    ("SEGMENT_ID", Macro::SegmentId),
    ("SEGMENT_NAME", Macro::SegmentName),
    ("DESTINATION_INSTANCE_ID", Macro::DestinationInstanceId),
    ("DESTINATION_INSTANCE_NAME", Macro::DestinationInstanceName),
    ("ORGANIZATION_NAME", Macro::OrganizationName),
    ("SANDBOX_NAME", Macro::SandboxName),
    ("TIMESTAMP", Macro::Timestamp),
];

/// The default name, see [`DEFAULT_TEMPLATE`].
pub fn default_template() -> NameTemplate {
    NameTemplate::parse(DEFAULT_TEMPLATE).unwrap_or_else(|_| unreachable!("the default name is a template"))
}

impl NameTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// Every problem of the text, in order of place.
    pub fn parse(text: &str) -> Result<NameTemplate, Vec<TemplateProblem>> {
        let mut problems = Vec::new();
        let mut pieces = Vec::new();
        for token in lex(text, &mut problems) {
            match token {
                Token::Text { at, text } => {
                    check_text(at, &text, &mut problems);
                    pieces.push(Piece::Text(text));
                }
                Token::Macro { at, name, argument } => match piece(at, &name, argument.as_deref()) {
                    Ok(piece) => pieces.push(piece),
                    Err(problem) => problems.push(problem),
                },
            }
        }
        check_whole(&pieces, &mut problems);
        if problems.is_empty() { Ok(NameTemplate { pieces }) } else { Err(problems) }
    }

    /// Whether the name tells one run from the next (`%DATETIME%` or `%TIMESTAMP%`). Such a name must be new at the
    /// target; any other name is static, and a run replaces the file of the run before.
    pub fn is_dated(&self) -> bool {
        self.pieces.iter().any(|p| matches!(p, Piece::DateTime(_) | Piece::Value(Macro::Timestamp)))
    }

    /// Whether the name tells one segment's files from another's.
    pub fn names_segment(&self) -> bool {
        self.pieces.contains(&Piece::Value(Macro::SegmentId))
    }

    /// Whether the name says which destination the files are for, by the destination's name or by the flow.
    pub fn names_destination(&self) -> bool {
        use Macro::{DestinationInstanceId, DestinationInstanceName, DestinationName};
        let wanted = [DestinationName, DestinationInstanceId, DestinationInstanceName];
        wanted.iter().any(|m| self.pieces.contains(&Piece::Value(*m)))
    }

    /// The name in one run: no separator, no control character, not blank, not `.` or `..`.
    ///
    /// # Errors
    /// Macros whose value this run does not have, and a name that is none.
    pub fn render(&self, context: &NameContext<'_>) -> Result<String, Vec<TemplateProblem>> {
        let mut problems = Vec::new();
        let mut name = String::new();
        for piece in &self.pieces {
            let value = match piece {
                Piece::Text(text) => Ok(text.clone()),
                Piece::Value(m) => value(*m, context).map(|v| safe_value(&v)),
                Piece::DateTime(pattern) => pattern.render(context.now).ok_or_else(clock_problem),
            };
            match value {
                Ok(value) => name.push_str(&value),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() && is_no_name(&name) {
            problems.push(TemplateProblem::whole(
                format!("the file name comes out as {name:?}, which names no file"),
                "add some literal text to the name",
            ));
        }
        if problems.is_empty() { Ok(name) } else { Err(problems) }
    }

    /// The names of one run's parts: [`render`](Self::render), then [`PartNames::new`].
    ///
    /// # Errors
    /// As those two.
    pub fn part_names(
        &self,
        context: &NameContext<'_>,
        format_extension: &str,
        outer_extensions: Option<&str>,
    ) -> Result<PartNames, Vec<TemplateProblem>> {
        let name = self.render(context)?;
        PartNames::new(&name, format_extension, outer_extensions, self.is_dated()).map_err(|problem| vec![problem])
    }
}

impl fmt::Display for NameTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => f.write_str(&escaped(text))?,
                Piece::Value(m) => write!(f, "%{}%", macro_name(*m))?,
                Piece::DateTime(pattern) => write!(f, "%DATETIME({pattern})%")?,
            }
        }
        Ok(())
    }
}

impl Serialize for NameTemplate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NameTemplate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<NameTemplate, D::Error> {
        let text = String::deserialize(deserializer)?;
        NameTemplate::parse(&text).map_err(|problems| {
            let advice: Vec<String> = problems.iter().map(TemplateProblem::advice).collect();
            serde::de::Error::custom(advice.join("; "))
        })
    }
}

fn piece(at: usize, name: &str, argument: Option<&str>) -> Result<Piece, TemplateProblem> {
    if name == "DATETIME" {
        return match DatePattern::parse(argument.unwrap_or(DATETIME_DEFAULT)) {
            Ok(pattern) => Ok(Piece::DateTime(pattern)),
            Err((message, hint)) => Err(TemplateProblem::at(at, message, hint)),
        };
    }
    let wanted = if name == "DESTINATION" { "DESTINATION_NAME" } else { name };
    let Some((_, found)) = MACROS.iter().find(|(known, _)| *known == wanted) else {
        let known: Vec<&str> = MACROS.iter().map(|(known, _)| *known).chain(["DATETIME"]).collect();
        return Err(unknown_macro(at, name, &known));
    };
    match argument {
        None => Ok(Piece::Value(*found)),
        Some(_) => {
            Err(TemplateProblem::at(at, format!("%{name}% takes nothing in parentheses"), format!("write %{name}%")))
        }
    }
}

fn check_text(at: usize, text: &str, problems: &mut Vec<TemplateProblem>) {
    let Some(i) = text.chars().position(is_unsafe) else { return };
    let found = text.chars().nth(i).unwrap_or('/');
    let hint = match found {
        '/' | '\\' => "this is the name of a file; its folder belongs in the target's path",
        _ => "leave control characters and line breaks out",
    };
    problems.push(TemplateProblem::at(at + i, format!("{found:?} cannot stand in a file name"), hint));
}

fn check_whole(pieces: &[Piece], problems: &mut Vec<TemplateProblem>) {
    let has = |wanted: fn(&Piece) -> bool| pieces.iter().any(wanted);
    if has(|p| matches!(p, Piece::DateTime(_))) && has(|p| matches!(p, Piece::Value(Macro::Timestamp))) {
        problems.push(TemplateProblem::whole(
            "%DATETIME% and %TIMESTAMP% exclude each other",
            "both are the run's clock: keep one",
        ));
    }
    let literal: Option<String> = pieces
        .iter()
        .map(|p| match p {
            Piece::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    // A name with a problem already said is not called empty on top.
    if problems.is_empty() && literal.is_some_and(|name| is_no_name(&name)) {
        problems.push(TemplateProblem::whole("the file name is empty, `.` or `..`", "give the file a name"));
    }
}

fn value(wanted: Macro, context: &NameContext<'_>) -> Result<String, TemplateProblem> {
    let known = match wanted {
        Macro::DestinationName => Some(context.destination_name),
        Macro::SegmentId => Some(context.segment_id),
        Macro::SegmentName => Some(context.segment_name),
        Macro::DestinationInstanceId => context.destination_id,
        Macro::DestinationInstanceName => context.destination_instance_name,
        Macro::OrganizationName => context.organization_name,
        Macro::SandboxName => context.sandbox_name,
        Macro::Timestamp => {
            let seconds = context.now.timestamp();
            // Ten digits, so that names sort by time.
            return if (0..=9_999_999_999).contains(&seconds) {
                Ok(format!("{seconds:010}"))
            } else {
                Err(clock_problem())
            };
        }
    };
    known.map(str::to_string).ok_or_else(|| {
        let name = macro_name(wanted);
        TemplateProblem::whole(format!("%{name}% has no value in this run"), format!("take %{name}% out of the name"))
    })
}

fn clock_problem() -> TemplateProblem {
    TemplateProblem::whole(
        "the run's clock does not fit the file name",
        "use a time from 1970-01-01T00:00:00Z to 2286-11-20T17:46:39Z",
    )
}

fn macro_name(wanted: Macro) -> &'static str {
    MACROS.iter().find(|(_, m)| *m == wanted).map_or("", |(name, _)| name)
}

#[cfg(test)]
mod tests;
