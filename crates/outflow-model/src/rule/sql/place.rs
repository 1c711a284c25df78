//! From SQL's lines and columns to bytes of the text.

use std::ops::Range;

use sqlparser::ast::{Expr as Sql, Spanned};
use sqlparser::tokenizer::{Location, Span};

/// Places in a text.
pub(super) struct Places<'t> {
    /// The text.
    pub(super) text: &'t str,
    lines: Vec<usize>,
}

impl<'t> Places<'t> {
    pub(super) fn new(text: &'t str) -> Places<'t> {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Places { text, lines: std::iter::once(0).chain(starts).collect() }
    }

    /// The byte at a location; lines and columns (in characters) count from 1, and 0 means unknown.
    fn byte(&self, location: Location) -> Option<usize> {
        let line = usize::try_from(location.line.checked_sub(1)?).ok()?;
        let column = usize::try_from(location.column.checked_sub(1)?).ok()?;
        let start = *self.lines.get(line)?;
        let rest = self.text.get(start..)?;
        Some(rest.char_indices().nth(column).map_or(self.text.len(), |(at, _)| start + at))
    }

    /// The bytes of a span; the whole text if SQL's parser does not know.
    pub(super) fn span(&self, span: Span) -> Range<usize> {
        match (self.byte(span.start), self.byte(span.end)) {
            (Some(start), Some(end)) if start <= end => start..end,
            _ => 0..self.text.len(),
        }
    }

    pub(super) fn of(&self, sql: &Sql) -> Range<usize> {
        self.span(sql.span())
    }

    /// The character at a location.
    pub(super) fn at(&self, location: Location) -> Range<usize> {
        let start = self.byte(location).unwrap_or(self.text.len());
        let width = self.text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        start..start + width
    }

    /// The place that a parser's message names at its end, as in `… at Line: 1, Column: 5`.
    pub(super) fn named_in(&self, message: &str) -> Range<usize> {
        let end = self.text.len()..self.text.len();
        let Some((_, place)) = message.rsplit_once(" at Line: ") else { return end };
        let Some((line, column)) = place.split_once(", Column: ") else { return end };
        match (line.trim().parse(), column.trim().parse()) {
            (Ok(line), Ok(column)) => self.at(Location { line, column }),
            _ => end,
        }
    }
}
