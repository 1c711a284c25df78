//! What is wrong with a rule, and where.

use std::fmt;
use std::ops::Range;

use crate::fault::Fault;

/// One thing wrong with a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleError {
    /// What is wrong, in one sentence without a trailing period.
    pub message: String,
    /// Where, in bytes of the rule's text. Empty at the end of the text means that something is missing there.
    pub span: Range<usize>,
    /// What could have stood there, as it is written.
    pub expected: Vec<String>,
    /// Field names that are there and look alike, nearest first, as whole paths.
    pub near: Vec<String>,
    /// What to write instead. May be empty.
    pub hint: String,
}

impl RuleError {
    /// An error at `span`; add the rest with the methods below.
    pub fn new(message: impl Into<String>, span: Range<usize>) -> RuleError {
        RuleError { message: message.into(), span, ..RuleError::default() }
    }

    /// Says what could have stood there.
    #[must_use]
    pub fn expected(mut self, expected: &[&str]) -> RuleError {
        self.expected = expected.iter().map(ToString::to_string).collect();
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> RuleError {
        self.hint = hint.into();
        self
    }

    /// Line and column of the place in `source`, in characters, both counted from 1.
    pub fn place(&self, source: &str) -> (usize, usize) {
        let place = Place::of(&self.span, source);
        (place.line, place.column)
    }

    /// The error with the line it is in and a mark under its place.
    pub fn render(&self, source: &str) -> String {
        let place = Place::of(&self.span, source);
        let number = place.line.to_string();
        let margin = " ".repeat(number.len());
        let mut out = format!("line {}, column {}: {}\n", place.line, place.column, self.message);
        out.push_str(&format!("{number} | {}\n", place.excerpt));
        out.push_str(&format!("{margin} | {}{}\n", place.indent, "^".repeat(place.width)));
        if !self.expected.is_empty() {
            out.push_str(&format!("{margin} = expected {}\n", any_of(&self.expected)));
        }
        if !self.near.is_empty() {
            let quoted: Vec<String> = self.near.iter().map(|n| format!("`{n}`")).collect();
            out.push_str(&format!("{margin} = did you mean {}?\n", any_of(&quoted)));
        }
        if !self.hint.is_empty() {
            out.push_str(&format!("{margin} = {}\n", self.hint));
        }
        out
    }
}

/// Everything wrong with a rule, in the order of its text. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleErrors(pub Vec<RuleError>);

impl RuleErrors {
    /// Every error with the line it is in, a mark under its place, what was expected and names that look alike.
    /// `source` is the text that was parsed. Ends in a line end.
    pub fn render(&self, source: &str) -> String {
        let parts: Vec<String> = self.0.iter().map(|e| e.render(source)).collect();
        parts.join("\n")
    }

    /// The errors as an input fault: the first in the message, all of them, rendered, in what was tried.
    pub fn fault(&self, source: &str) -> Fault {
        let message = match self.0.as_slice() {
            [] => "the rule is refused".to_string(),
            [only] => format!("the rule is refused: {}", only.message),
            [first, rest @ ..] => format!("the rule is refused: {} (and {} more)", first.message, rest.len()),
        };
        let hint = self.0.first().map_or(String::new(), |first| match first.near.first() {
            Some(near) => format!("did you mean `{near}`?"),
            None => first.hint.clone(),
        });
        Fault::input(message).tried(self.render(source).trim_end().to_string()).hint(hint)
    }
}

impl From<RuleError> for RuleErrors {
    fn from(error: RuleError) -> RuleErrors {
        RuleErrors(vec![error])
    }
}

impl fmt::Display for RuleErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            let separator = if i > 0 { "; " } else { "" };
            write!(f, "{separator}{}", error.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for RuleErrors {}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn any_of(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

/// How much of a long line an excerpt shows on each side of the mark, and how long a mark grows, in characters: a
/// terminal's width in all.
const EXCERPT_CHARS: usize = 40;

struct Place {
    line: usize,
    column: usize,
    excerpt: String,
    indent: String,
    width: usize,
}

impl Place {
    fn of(span: &Range<usize>, source: &str) -> Place {
        let start = floor_boundary(source, span.start);
        let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |at| start + at);
        let end = floor_boundary(source, span.end).clamp(start, line_end);
        let before: Vec<char> = source[line_start..start].chars().collect();
        let marked = source[start..end].chars().count().clamp(1, EXCERPT_CHARS * 2);
        let after: Vec<char> = source[start..line_end].trim_end_matches('\r').chars().collect();
        let cut_before = before.len().saturating_sub(EXCERPT_CHARS);
        let shown_after = after.len().min(marked + EXCERPT_CHARS);
        let lead = if cut_before > 0 { "…" } else { "" };
        let tail = if shown_after < after.len() { "…" } else { "" };
        let shown_before: String = before[cut_before..].iter().collect();
        let shown: String = after[..shown_after].iter().collect();
        // A tab keeps its width under itself, so that the mark stands where the eye looks.
        let indent = format!("{lead}{shown_before}").chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        Place {
            line: source[..start].matches('\n').count() + 1,
            column: before.len() + 1,
            excerpt: format!("{lead}{shown_before}{shown}{tail}"),
            indent,
            width: marked,
        }
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_stands_under_its_place_whatever_comes_before() {
        let source = "a = 1\nand ü\t= €";
        let error = RuleError::new("no", 15..18);
        assert_eq!(&source[15..18], "€");
        assert_eq!(error.render(source), "line 2, column 9: no\n2 | and ü\t= €\n  |      \t  ^\n");
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let source = format!("{}x{}", "a".repeat(500), "b".repeat(500));
        let rendered = RuleError::new("no", 500..501).render(&source);
        assert_eq!(
            rendered,
            format!("line 1, column 501: no\n1 | …{}x{}…\n  | {}^\n", "a".repeat(40), "b".repeat(40), " ".repeat(41))
        );
    }

    #[test]
    fn spans_outside_the_text_do_not_panic() {
        let rendered = RuleError::new("no", 5..900).render("é");
        assert_eq!(rendered, "line 1, column 2: no\n1 | é\n  |  ^\n");
    }
}
