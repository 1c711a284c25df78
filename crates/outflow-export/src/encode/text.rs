//! The text of values, the same in every text format.
//!
//! Timestamps are RFC 3339 in UTC with `Z` and fractions only as far as needed, dates `YYYY-MM-DD`, integers in full,
//! floats the shortest text that reads back the same, decimals as stored, binary Base64.

use arrow::array::types::{ArrowPrimitiveType, Date32Type};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Date64Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use base64::Engine as _;
use outflow_model::Fault;

/// Text of the non-text scalars of a column.
pub(crate) enum Scalars<'a> {
    Boolean(&'a arrow::array::BooleanArray),
    Integer(Box<dyn Fn(usize) -> i128 + 'a>),
    Float32(&'a [f32]),
    Float64(&'a [f64]),
    Decimal(Vec<String>),
    Days(&'a [i32]),
    /// Days in milliseconds.
    DayMillis(&'a [i64]),
    /// Ticks, and ticks per second.
    Instant(&'a [i64], i64),
    Binary(Box<dyn Fn(usize) -> &'a [u8] + 'a>),
}

fn values<T: ArrowPrimitiveType>(array: &ArrayRef) -> &[T::Native] {
    array.as_primitive::<T>().values()
}

fn integers<T: ArrowPrimitiveType>(array: &ArrayRef) -> Scalars<'_>
where
    T::Native: Into<i128>,
{
    let values = values::<T>(array);
    Scalars::Integer(Box::new(move |row| values[row].into()))
}

/// The accessor for a scalar column that is no text, or `None` for text and nested types.
pub(crate) fn scalars(array: &ArrayRef) -> Result<Option<Scalars<'_>>, Fault> {
    Ok(Some(match array.data_type() {
        DataType::Boolean => Scalars::Boolean(array.as_boolean()),
        DataType::Int8 => integers::<Int8Type>(array),
        DataType::Int16 => integers::<Int16Type>(array),
        DataType::Int32 => integers::<Int32Type>(array),
        DataType::Int64 => integers::<Int64Type>(array),
        DataType::UInt8 => integers::<UInt8Type>(array),
        DataType::UInt16 => integers::<UInt16Type>(array),
        DataType::UInt32 => integers::<UInt32Type>(array),
        DataType::UInt64 => integers::<UInt64Type>(array),
        DataType::Float32 => Scalars::Float32(values::<Float32Type>(array)),
        DataType::Float64 => Scalars::Float64(values::<Float64Type>(array)),
        DataType::Date32 => Scalars::Days(values::<Date32Type>(array)),
        DataType::Date64 => Scalars::DayMillis(values::<Date64Type>(array)),
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => Scalars::Instant(values::<TimestampSecondType>(array), 1),
            TimeUnit::Millisecond => Scalars::Instant(values::<TimestampMillisecondType>(array), 1_000),
            TimeUnit::Microsecond => Scalars::Instant(values::<TimestampMicrosecondType>(array), 1_000_000),
            TimeUnit::Nanosecond => Scalars::Instant(values::<TimestampNanosecondType>(array), 1_000_000_000),
        },
        DataType::Decimal128(_, _) => {
            let decimals = array.as_primitive::<Decimal128Type>();
            Scalars::Decimal((0..array.len()).map(|row| decimals.value_as_string(row)).collect())
        }
        DataType::Binary => {
            let binary = array.as_binary::<i32>();
            Scalars::Binary(Box::new(move |row| binary.value(row)))
        }
        DataType::LargeBinary => {
            let binary = array.as_binary::<i64>();
            Scalars::Binary(Box::new(move |row| binary.value(row)))
        }
        DataType::FixedSizeBinary(_) => {
            let binary = array.as_fixed_size_binary();
            Scalars::Binary(Box::new(move |row| binary.value(row)))
        }
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Dictionary(_, _)
        | DataType::Struct(_)
        | DataType::List(_)
        | DataType::LargeList(_)
        | DataType::Map(_, _)
        | DataType::Null => return Ok(None),
        other => {
            return Err(Fault::input(format!("values of type {other} cannot be written as text"))
                .hint("cast the column in the source, or leave it out"));
        }
    }))
}

impl Scalars<'_> {
    /// Appends the text of row `row`, which is not null.
    pub fn write(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Scalars::Boolean(array) => out.extend_from_slice(if array.value(row) { b"true" } else { b"false" }),
            Scalars::Integer(at) => out.extend_from_slice(itoa::Buffer::new().format(at(row)).as_bytes()),
            Scalars::Float32(values) => {
                let value = values[row];
                write_float(out, f64::from(value), || ryu::Buffer::new().format_finite(value).to_string());
            }
            Scalars::Float64(values) => {
                let value = values[row];
                write_float(out, value, || ryu::Buffer::new().format_finite(value).to_string());
            }
            Scalars::Decimal(texts) => out.extend_from_slice(texts[row].as_bytes()),
            Scalars::Days(days) => write_date(i64::from(days[row]), out),
            Scalars::DayMillis(millis) => write_date(millis[row].div_euclid(86_400_000), out),
            Scalars::Instant(ticks, per_second) => write_instant(ticks[row], *per_second, out),
            Scalars::Binary(at) => {
                out.extend_from_slice(base64::engine::general_purpose::STANDARD.encode(at(row)).as_bytes());
            }
        }
    }

    /// Whether JSON writes this value in quotes.
    pub fn is_quoted_in_json(&self, row: usize) -> bool {
        match self {
            Scalars::Boolean(_) | Scalars::Integer(_) | Scalars::Decimal(_) => false,
            Scalars::Float32(values) => !values[row].is_finite(),
            Scalars::Float64(values) => !values[row].is_finite(),
            Scalars::Days(_) | Scalars::DayMillis(_) | Scalars::Instant(_, _) | Scalars::Binary(_) => true,
        }
    }
}

fn write_float(out: &mut Vec<u8>, value: f64, finite: impl FnOnce() -> String) {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"Infinity" } else { b"-Infinity" });
    } else {
        let text = finite();
        out.extend_from_slice(text.strip_suffix(".0").unwrap_or(&text).as_bytes());
    }
}

/// Year, month and day of a count of days since 1970-01-01 in the proleptic Gregorian calendar.
fn civil(days: i64) -> (i64, u8, u8) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u8;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 } as u8;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn two(value: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(&[b'0' + value / 10, b'0' + value % 10]);
}

fn write_date(days: i64, out: &mut Vec<u8>) {
    let (year, month, day) = civil(days);
    if (0..=9999).contains(&year) {
        two((year / 100) as u8, out);
        two((year % 100) as u8, out);
    } else {
        // ISO 8601 writes years of more than four digits with a sign.
        out.push(if year < 0 { b'-' } else { b'+' });
        out.extend_from_slice(format!("{:04}", year.abs()).as_bytes());
    }
    out.push(b'-');
    two(month, out);
    out.push(b'-');
    two(day, out);
}

/// Appends an instant of so many ticks, of which a second has `per_second`, a power of ten.
pub(crate) fn write_instant(ticks: i64, per_second: i64, out: &mut Vec<u8>) {
    let seconds = ticks.div_euclid(per_second);
    let fraction = ticks.rem_euclid(per_second);
    write_date(seconds.div_euclid(86_400), out);
    let of_day = seconds.rem_euclid(86_400);
    out.push(b'T');
    two((of_day / 3_600) as u8, out);
    out.push(b':');
    two((of_day / 60 % 60) as u8, out);
    out.push(b':');
    two((of_day % 60) as u8, out);
    if fraction > 0 {
        let digits = per_second.ilog10() as usize;
        let text = format!("{fraction:0digits$}");
        out.push(b'.');
        out.extend_from_slice(text.trim_end_matches('0').as_bytes());
    }
    out.push(b'Z');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn instant(ticks: i64, per_second: i64) -> String {
        let mut out = Vec::new();
        write_instant(ticks, per_second, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn fractions_go_only_as_far_as_needed() {
        assert_eq!(instant(0, 1), "1970-01-01T00:00:00Z");
        assert_eq!(instant(1_500, 1_000), "1970-01-01T00:00:01.5Z");
        assert_eq!(instant(-1, 1_000_000_000), "1969-12-31T23:59:59.999999999Z");
        assert_eq!(instant(1_000_000, 1_000_000), "1970-01-01T00:00:01Z");
        assert_eq!(instant(253_402_300_800, 1), "+10000-01-01T00:00:00Z");
    }

    #[test]
    fn both_kinds_of_dates_are_dates() {
        let days: ArrayRef = std::sync::Arc::new(arrow::array::Date32Array::from(vec![-1]));
        let millis: ArrayRef = std::sync::Arc::new(arrow::array::Date64Array::from(vec![-86_400_000]));
        for array in [days, millis] {
            let mut out = Vec::new();
            scalars(&array).unwrap().unwrap().write(0, &mut out);
            assert_eq!(out, b"1969-12-31");
        }
    }

    #[test]
    fn floats_are_the_shortest_text_that_reads_back() {
        let text = |value: f64| {
            let mut out = Vec::new();
            write_float(&mut out, value, || ryu::Buffer::new().format_finite(value).to_string());
            String::from_utf8(out).unwrap()
        };
        assert_eq!(text(1.0), "1");
        assert_eq!(text(0.1), "0.1");
        assert_eq!(text(-0.0), "-0");
        assert_eq!(text(f64::NAN), "NaN");
        assert_eq!(text(f64::NEG_INFINITY), "-Infinity");
        assert_eq!(text(1e300), "1e300");
    }

    proptest! {
        #[test]
        fn dates_agree_with_chrono(days in -700_000i64..2_900_000) {
            let expected = chrono::DateTime::from_timestamp(days * 86_400, 0).unwrap().date_naive();
            let mut out = Vec::new();
            write_date(days, &mut out);
            prop_assert_eq!(String::from_utf8(out).unwrap(), expected.format("%Y-%m-%d").to_string());
        }
    }
}
