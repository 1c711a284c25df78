//! Constants: numbers, strings, days and instants.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::super::ast::Literal;
use super::super::error::RuleError;
use super::lexer::Token;
use super::parser::Parser;

/// What a day is written like.
const DAY_HINT: &str = "a day is written `date(2026, 11, 22)` or `date(\"2026-11-22\")`";

impl Parser {
    /// A constant, for places where nothing else may stand.
    pub(super) fn constant(&mut self) -> Result<Literal, RuleError> {
        let span = self.span();
        let literal = match self.peek().clone() {
            Token::Sign("-") => {
                self.next();
                return match self.number()? {
                    Some(number) => Ok(number),
                    None => Err(self.unexpected(&["a number"])),
                };
            }
            Token::Integer(n) => Literal::Integer(n),
            Token::Float(n) => Literal::Float(n),
            Token::Text(text) => Literal::String(text),
            Token::Word(word) if word.eq_ignore_ascii_case("true") => Literal::Boolean(true),
            Token::Word(word) if word.eq_ignore_ascii_case("false") => Literal::Boolean(false),
            Token::Word(word) if self.opens_time_literal(&word) => return self.time_literal(),
            Token::Word(_) | Token::Quoted(_) => {
                return Err(RuleError::new("a list holds constants only", span)
                    .hint("compare with fields and moments one by one: `x = a or x = b`"));
            }
            _ => return Err(self.unexpected(&["a constant"])),
        };
        self.next();
        Ok(literal)
    }

    /// The number that comes next, taken negatively: the minus sign is read already.
    pub(super) fn number(&mut self) -> Result<Option<Literal>, RuleError> {
        let negative = match *self.peek() {
            Token::Integer(n) if -n < i128::from(i64::MIN) => {
                return Err(RuleError::new(format!("integers start at {}", i64::MIN), self.span()));
            }
            Token::Integer(n) => Literal::Integer(-n),
            Token::Float(n) => Literal::Float(-n),
            _ => return Ok(None),
        };
        self.next();
        Ok(Some(negative))
    }

    /// Whether `word`, which comes next, starts `date(…)` or `timestamp(…)`.
    pub(super) fn opens_time_literal(&self, word: &str) -> bool {
        (word.eq_ignore_ascii_case("date") || word.eq_ignore_ascii_case("timestamp"))
            && self.ahead(1) == &Token::Sign("(")
    }

    /// `date(2026, 11, 22)`, `date("2026-11-22")` or `timestamp("2026-11-22T06:00:00Z")`.
    pub(super) fn time_literal(&mut self) -> Result<Literal, RuleError> {
        let start = self.span().start;
        let is_day = matches!(self.peek(), Token::Word(word) if word.eq_ignore_ascii_case("date"));
        self.next();
        self.next();
        let literal = match (self.peek().clone(), is_day) {
            (Token::Text(text), true) => day_of(&text).map(Literal::Date),
            (Token::Text(text), false) => instant_of(&text).map(Literal::Timestamp),
            (Token::Integer(year), true) => {
                self.next();
                self.expect(",")?;
                let month = self.small_integer()?;
                self.expect(",")?;
                let Token::Integer(day) = *self.peek() else { return Err(self.unexpected(&["a day of the month"])) };
                i32::try_from(year)
                    .ok()
                    .zip(month)
                    .zip(u32::try_from(day).ok())
                    .and_then(|((year, month), day)| NaiveDate::from_ymd_opt(year, month, day))
                    .filter(date_in_range)
                    .map(Literal::Date)
            }
            (_, true) => return Err(self.unexpected(&["a year", "a string"]).hint(DAY_HINT)),
            (_, false) => return Err(self.unexpected(&["a string"])),
        };
        self.next();
        let end = self.span().end;
        self.expect(")")?;
        literal.ok_or_else(|| {
            if is_day {
                RuleError::new("there is no such day in the years 1 to 9999", start..end).hint(DAY_HINT)
            } else {
                RuleError::new("this is not an instant in the years 1 to 9999", start..end)
                    .hint("an instant is written with its offset from UTC, as in `timestamp(\"2026-11-22T06:00:00Z\")`")
            }
        })
    }

    fn small_integer(&mut self) -> Result<Option<u32>, RuleError> {
        let Token::Integer(n) = *self.peek() else { return Err(self.unexpected(&["a month from 1 to 12"])) };
        self.next();
        Ok(u32::try_from(n).ok())
    }
}

/// Whether a day's year has up to four digits, as ISO 8601 texts do.
pub(in crate::rule) fn date_in_range(day: &NaiveDate) -> bool {
    (1..=9999).contains(&day.year())
}

/// The day that `2026-11-22` spells.
pub(in crate::rule) fn day_of(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    shape.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten().filter(date_in_range)
}

/// The instant that an RFC 3339 text spells. A leap second is the second after it.
pub(in crate::rule) fn instant_of(text: &str) -> Option<DateTime<Utc>> {
    let instant = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    let nanos = instant.timestamp_subsec_nanos();
    let plain =
        DateTime::from_timestamp(instant.timestamp() + i64::from(nanos / 1_000_000_000), nanos % 1_000_000_000)?;
    date_in_range(&plain.date_naive()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_instants_are_iso_texts() {
        assert!(day_of("2026-11-22").is_some());
        for bad in ["2026-02-30", "26-1-1", "0000-01-01", "2026-11-22 ", "+026-11-22", "2026/11/22", "-026-11-22"] {
            assert_eq!(day_of(bad), None, "{bad}");
        }
        assert_eq!(instant_of("2026-11-22T08:00:00+02:00"), instant_of("2026-11-22T06:00:00Z"));
        assert_eq!(instant_of("2016-12-31T23:59:60Z"), instant_of("2017-01-01T00:00:00Z"));
        assert_eq!(instant_of("2026-11-22T06:00:00"), None);
    }
}
