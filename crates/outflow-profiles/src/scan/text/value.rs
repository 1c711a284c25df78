//! Scalars as this product writes them, and no other way.
//!
//! Each function answers only for the one text that writing its value gives, so that reading and writing again never
//! changes a text: `007`, `1.50` and `2026-1-2` stay strings.

use chrono::NaiveDate;

/// An instant: seconds since 1970-01-01T00:00:00Z and nanoseconds of the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instant {
    seconds: i64,
    nanos: u32,
}

impl Instant {
    /// Microseconds since 1970, if the instant is a whole number of them.
    pub fn micros(self) -> Option<i64> {
        let whole = self.nanos.is_multiple_of(1_000);
        whole.then(|| self.seconds * 1_000_000 + i64::from(self.nanos / 1_000))
    }

    /// Nanoseconds since 1970, if 64 bits hold them (years 1677 to 2262).
    pub fn nanos(self) -> Option<i64> {
        let nanos = i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanos);
        i64::try_from(nanos).ok()
    }
}

/// A truth value.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A whole number in full: no plus, no leading zero, no `-0`.
pub(super) fn integer<T: std::str::FromStr>(text: &str) -> Option<T> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading = digits.starts_with('0') && text != "0";
    if leading || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// A float as the shortest text that reads back the same.
pub(super) fn float(text: &str) -> Option<f64> {
    match text {
        "NaN" => return Some(f64::NAN),
        "Infinity" => return Some(f64::INFINITY),
        "-Infinity" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    // The longest shortest text has 24 bytes; others are not worth parsing.
    if text.len() > 24 || !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        return None;
    }
    let value: f64 = text.parse().ok().filter(|v: &f64| v.is_finite())?;
    let mut buffer = ryu::Buffer::new();
    let written = buffer.format_finite(value);
    (written.strip_suffix(".0").unwrap_or(written) == text).then_some(value)
}

/// A day as days since 1970-01-01.
pub(super) fn date(text: &str) -> Option<i32> {
    if text.len() != 10 {
        return None;
    }
    day(text.as_bytes()).map(|day| day.to_epoch_days())
}

fn day(text: &[u8]) -> Option<NaiveDate> {
    if text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let year = number(&text[..4])?;
    NaiveDate::from_ymd_opt(year as i32, number(&text[5..7])?, number(&text[8..10])?)
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
}

/// An instant in UTC with `Z` and a fraction, if any, that does not end in zero.
pub(super) fn instant(text: &str) -> Option<Instant> {
    let text = text.as_bytes();
    let (&zone, text) = text.split_last()?;
    if zone != b'Z' || text.len() < 19 || text[10] != b'T' || text[13] != b':' || text[16] != b':' {
        return None;
    }
    let day = day(&text[..10])?;
    let (hour, minute, second) = (number(&text[11..13])?, number(&text[14..16])?, number(&text[17..19])?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let nanos = match text[19..].split_first() {
        None => 0,
        Some((b'.', digits)) if (1..=9).contains(&digits.len()) && digits.last() != Some(&b'0') => {
            number(digits)? * 10u32.pow(9 - digits.len() as u32)
        }
        Some(_) => return None,
    };
    let seconds = i64::from(day.to_epoch_days()) * 86_400 + i64::from(hour * 3_600 + minute * 60 + second);
    Some(Instant { seconds, nanos })
}

/// The number that a JSON literal spells, if a 64-bit float holds it: the literal is what some writer of floats gives for
/// it, the shortest text or all 17 digits, in any notation.
pub(super) fn json_float(literal: &str) -> Option<f64> {
    let value: f64 = literal.parse().ok().filter(|v: &f64| v.is_finite())?;
    let spelled = decimal(literal);
    let shortest = decimal(ryu::Buffer::new().format_finite(value));
    (spelled == shortest || spelled == decimal(&format!("{value:.16e}"))).then_some(value)
}

/// Sign, digits without zeros at either end, and the exponent of the point before them.
fn decimal(literal: &str) -> (bool, String, i64) {
    let negative = literal.starts_with('-');
    let literal = literal.trim_start_matches('-');
    let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0');
    let zeros = digits.len() - significant.len();
    let significant = significant.trim_end_matches('0');
    if significant.is_empty() {
        return (negative, String::new(), 0);
    }
    let exponent: i64 = exponent.parse().unwrap_or(i64::MAX / 2);
    (negative, significant.to_string(), exponent + whole.len() as i64 - zeros as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_one_text_of_a_value_is_that_value() {
        for text in ["0", "-1", "9223372036854775807", "-9223372036854775808"] {
            assert!(integer::<i64>(text).is_some(), "{text}");
        }
        for text in ["007", "+1", "-0", "", "-", "1 ", "9223372036854775808", "1_0", "٣"] {
            assert!(integer::<i64>(text).is_none(), "{text}");
        }
        for text in ["1", "0.1", "-0", "1e300", "1.5e-7", "NaN", "-Infinity"] {
            assert!(float(text).is_some(), "{text}");
        }
        for text in ["1.0", "1.50", ".5", "1e5", "1E300", "inf", "nan", "+1", "0.10000000000000001", ""] {
            assert!(float(text).is_none(), "{text}");
        }
        for text in ["1970-01-01", "0000-01-01", "9999-12-31", "2024-02-29"] {
            assert!(date(text).is_some(), "{text}");
        }
        for text in ["2023-02-29", "2023-2-09", "20230209", "2023-02-09 ", "+10000-01-01", "１９７０-01"] {
            assert!(date(text).is_none(), "{text}");
        }
        assert_eq!(instant("1970-01-01T00:00:01.5Z").unwrap().micros(), Some(1_500_000));
        assert_eq!(instant("1969-12-31T23:59:59.999999999Z").unwrap().nanos(), Some(-1));
        assert_eq!(instant("1969-12-31T23:59:59.999999999Z").unwrap().micros(), None);
        assert_eq!(instant("9999-12-31T23:59:59Z").unwrap().nanos(), None);
        for text in [
            "1970-01-01T00:00:00.0Z",
            "1970-01-01T00:00:00.10Z",
            "1970-01-01T00:00:00+00:00",
            "1970-01-01 00:00:00Z",
            "1970-01-01T24:00:00Z",
            "1970-01-01T00:00:60Z",
            "1970-01-01T00:00:00.0000000001Z",
            "1970-01-01T00:00:00.Z",
            "Z",
        ] {
            assert!(instant(text).is_none(), "{text}");
        }
    }

    #[test]
    fn json_numbers_are_floats_when_nothing_is_lost() {
        for text in ["1.50", "1e5", "0.1", "0.10000000000000001", "-0.0", "1E-7", "100", "9007199254740992"] {
            assert!(json_float(text).is_some(), "{text}");
        }
        for text in ["9007199254740993", "1e400", "0.1000000000000000055", "12345678901234567.89"] {
            assert!(json_float(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_a_float_is_written_as_is_read_back(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
            let mut buffer = ryu::Buffer::new();
            let text = buffer.format_finite(value);
            let text = text.strip_suffix(".0").unwrap_or(text);
            prop_assert_eq!(float(text).map(f64::to_bits), Some(value.to_bits()));
            prop_assert_eq!(json_float(text).map(f64::to_bits), Some(value.to_bits()));
        }
    }
}
