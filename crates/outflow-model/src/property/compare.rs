//! Comparing a JSON value with a text of a filter.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveTime, Utc};
use serde_json::{Number, Value};

use crate::json::day_of;

/// Whether `value` is what `text` says.
pub(super) fn is_equal(value: &Value, text: &str) -> bool {
    match value {
        Value::String(string) => string == text,
        Value::Number(number) => order_of_number(number, text) == Some(Ordering::Equal),
        Value::Bool(boolean) => text.eq_ignore_ascii_case(if *boolean { "true" } else { "false" }),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// How `value` compares with `text`, where both are numbers or both are times.
pub(super) fn order(value: &Value, text: &str) -> Option<Ordering> {
    match value {
        Value::Number(number) => {
            order_of_number(number, text).or_else(|| Some(number.as_i64()?.cmp(&instant_of(text)?.timestamp_millis())))
        }
        Value::String(string) => order_of_text(string, text),
        Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn order_of_text(string: &str, text: &str) -> Option<Ordering> {
    match (instant_of(string), instant_of(text)) {
        (Some(instant), Some(other)) => Some(instant.cmp(&other)),
        (Some(instant), None) => Some(instant.timestamp_millis().cmp(&text.parse().ok()?)),
        // A number that is written as a text, as epoch seconds often are.
        (None, _) => order_of_number(&number_of(string)?, text),
    }
}

fn order_of_number(number: &Number, text: &str) -> Option<Ordering> {
    let other = number_of(text)?;
    match (whole(number), whole(&other)) {
        (Some(number), Some(other)) => Some(number.cmp(&other)),
        _ => number.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

fn whole(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// A number as JSON writes it; a sign before it and zeros in front are taken too.
fn number_of(text: &str) -> Option<Number> {
    let text = text.trim();
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.into());
    }
    if let Ok(whole) = text.parse::<u64>() {
        return Some(whole.into());
    }
    let is_number = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    Number::from_f64(text.parse().ok().filter(|_| is_number)?)
}

/// An RFC 3339 time, or the midnight of a day.
fn instant_of(text: &str) -> Option<DateTime<Utc>> {
    if let Some(day) = day_of(text) {
        return Some(day.and_time(NaiveTime::MIN).and_utc());
    }
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.with_timezone(&Utc))
}
