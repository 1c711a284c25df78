//! The pattern inside `%DATETIME(…)%`.

use std::fmt::{self, Write};

use chrono::{DateTime, Datelike, Timelike, Utc};

use super::is_unsafe;

/// A date and time pattern such as `YYYYMMdd_HHmmss`; always UTC.
///
/// | letters | value |
/// |---|---|
/// | `YYYY`, `yyyy` | calendar year, four digits |
/// | `MM` | month; right after `HH` (separators aside) it is minutes, as in `MMDDYYYY_HHMMSS` |
/// | `DD`, `dd` | day of the month |
/// | `HH` | hour, 00 to 23 |
/// | `mm` | minutes; only right after `HH`, so that a `yyyymmdd` meant as a date is refused |
/// | `ss`, `SS` | seconds |
/// | `SSS` | milliseconds |
///
/// A field stands at most once. Every other letter is refused; a literal letter goes in single quotes:
/// `YYYYMMdd'T'HHmmss'Z'`. Digits, spaces and `- _ . , : + =` stand for themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatePattern {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Field(Field),
    Literal(char),
}

const HINT_HERE: &str = "the fields are YYYY MM dd HH mm ss SSS, as in %DATETIME(YYYYMMdd_HHmmss)%";

impl DatePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong and what to do, each in one sentence.
    pub fn parse(text: &str) -> Result<DatePattern, (String, String)> {
        let chars: Vec<char> = text.chars().collect();
        let mut parts: Vec<Part> = Vec::new();
        let mut i = 0;
        while i < chars.len() {
            let c = chars[i];
            let run = chars[i..].iter().take_while(|next| **next == c).count();
            i += match c {
                '\'' => quoted(&chars[i + 1..], &mut parts)?,
                'A'..='Z' | 'a'..='z' => {
                    push_fields(c, run, &mut parts)?;
                    run
                }
                '0'..='9' | ' ' | '-' | '_' | '.' | ',' | ':' | '+' | '=' => {
                    parts.push(Part::Literal(c));
                    1
                }
                _ => {
                    let message = format!("{c:?} cannot stand in a date pattern");
                    return Err((message, "put literal text outside the macro".into()));
                }
            };
        }
        if !parts.iter().any(|p| matches!(p, Part::Field(_))) {
            return Err(("the date pattern has no date or time in it".into(), HINT_HERE.into()));
        }
        Ok(DatePattern { text: text.to_string(), parts })
    }

    /// The text of `now`, or `None` when its year has not four digits.
    pub fn render(&self, now: DateTime<Utc>) -> Option<String> {
        if !(0..=9999).contains(&now.year()) {
            return None;
        }
        let mut out = String::new();
        for part in &self.parts {
            // Writing to a String cannot fail.
            let _ = match part {
                Part::Literal(c) => out.write_char(*c),
                Part::Field(Field::Year) => write!(out, "{:04}", now.year()),
                Part::Field(Field::Month) => write!(out, "{:02}", now.month()),
                Part::Field(Field::Day) => write!(out, "{:02}", now.day()),
                Part::Field(Field::Hour) => write!(out, "{:02}", now.hour()),
                Part::Field(Field::Minute) => write!(out, "{:02}", now.minute()),
                Part::Field(Field::Second) => write!(out, "{:02}", now.second()),
                Part::Field(Field::Millisecond) => write!(out, "{:03}", now.timestamp_subsec_millis().min(999)),
            };
        }
        Some(out)
    }
}

impl fmt::Display for DatePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Takes the text up to the closing quote; returns how many characters both quotes and the text are.
fn quoted(rest: &[char], parts: &mut Vec<Part>) -> Result<usize, (String, String)> {
    let Some(length) = rest.iter().position(|c| *c == '\'') else {
        return Err((
            "a single quote in the date pattern is never closed".into(),
            "literal letters go in single quotes, as in YYYYMMdd'T'HHmmss".into(),
        ));
    };
    if let Some(c) = rest[..length].iter().find(|c| is_unsafe(**c)) {
        return Err((format!("{c:?} cannot stand in a file name"), "leave it out of the date pattern".into()));
    }
    parts.extend(rest[..length].iter().copied().map(Part::Literal));
    Ok(length + 2)
}

fn push_fields(letter: char, run: usize, parts: &mut Vec<Part>) -> Result<(), (String, String)> {
    let previous = parts.iter().rev().find_map(|p| match p {
        Part::Field(field) => Some(*field),
        Part::Literal(_) => None,
    });
    let after_hour = previous == Some(Field::Hour);
    let fields: &[Field] = match (letter, run) {
        ('Y' | 'y', 4) => &[Field::Year],
        ('M', 2) if after_hour => &[Field::Minute],
        ('M', 2) => &[Field::Month],
        ('D' | 'd', 2) => &[Field::Day],
        ('H', 2) => &[Field::Hour],
        ('m', 2) if after_hour => &[Field::Minute],
        ('s' | 'S', 2) => &[Field::Second],
        ('S', 3) => &[Field::Millisecond],
        ('S', 5) => &[Field::Second, Field::Millisecond],
        _ => return Err(refusal(letter, run)),
    };
    for field in fields {
        if parts.contains(&Part::Field(*field)) {
            return Err((format!("the date pattern has the {} twice", name(*field)), HINT_HERE.into()));
        }
        parts.push(Part::Field(*field));
    }
    Ok(())
}

fn refusal(letter: char, run: usize) -> (String, String) {
    let letters: String = std::iter::repeat_n(letter, run).collect();
    let hint = match letter {
        'm' if run == 2 => "mm is minutes and stands right after HH; the month is MM",
        'h' => "hours are HH, 00 to 23",
        'Y' | 'y' => "years have four digits: YYYY",
        _ => HINT_HERE,
    };
    (format!("`{letters}` means nothing here in a date pattern"), hint.into())
}

fn name(field: Field) -> &'static str {
    match field {
        Field::Year => "year",
        Field::Month => "month",
        Field::Day => "day",
        Field::Hour => "hour",
        Field::Minute => "minutes",
        Field::Second => "seconds",
        Field::Millisecond => "milliseconds",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(pattern: &str) -> String {
        let now = "2020-04-08T06:18:04.075Z".parse().unwrap();
        DatePattern::parse(pattern).unwrap().render(now).unwrap()
    }

    #[test]
    fn patterns_of_the_reference_render() {
        assert_eq!(rendered("YYYYMMdd_HHmmss"), "20200408_061804");
        assert_eq!(rendered("YYYYMMddHHmmss"), "20200408061804");
        assert_eq!(rendered("YYYYMMDD_HHMMSS"), "20200408_061804");
        assert_eq!(rendered("MMDDYYYY_HHMMSS"), "04082020_061804");
        assert_eq!(rendered("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"), "2020-04-08T06:18:04.075Z");
        assert_eq!(rendered("HHMMSSSSS"), "061804075");
        assert_eq!(rendered("HHmmss MM"), "061804 04");
        assert_eq!(rendered("HH"), "06");
    }

    #[test]
    fn what_is_not_sure_is_refused_with_a_way_out() {
        let refused = |pattern: &str, hint: &str| {
            let (message, found) = DatePattern::parse(pattern).unwrap_err();
            assert!(found.contains(hint), "{pattern}: {message} / {found}");
        };
        refused("", "YYYY");
        refused("--", "YYYY");
        refused("yyyymmdd", "the month is MM");
        refused("YYYYMMddhhmmss", "hours are HH");
        refused("YYMMdd", "four digits");
        refused("YYYYMMMdd", "YYYY MM dd");
        refused("YYYYMMddZ", "YYYY MM dd");
        refused("YYYY/MM/dd", "outside the macro");
        refused("YYYY(MM", "outside the macro");
        refused("YYYY'T", "single quotes");
        refused("YYYY'/'MM", "leave it out");
        refused("YYYYMMddMM", "YYYY MM dd");
    }

    #[test]
    fn years_beyond_four_digits_do_not_render() {
        let far = DateTime::<Utc>::MAX_UTC;
        assert_eq!(DatePattern::parse("YYYY").unwrap().render(far), None);
    }
}
