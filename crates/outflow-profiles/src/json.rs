//! Rows of Arrow arrays as JSON values, for looking at single profiles.
//!
//! Values have the text that files give them: timestamps RFC 3339 in UTC, integers in full, binary Base64. Decimals are
//! strings, because a JSON number would lose digits.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int64Type, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt64Type,
};
use base64::Engine as _;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::{Map, Value};

use crate::schema::list_item;

/// One row of named columns as an object; columns that are null there are left out.
pub fn object<'a>(columns: impl IntoIterator<Item = (&'a str, &'a ArrayRef)>, row: usize) -> Value {
    let present = columns.into_iter().map(|(name, array)| (name.to_string(), value(array, row)));
    Value::Object(present.filter(|(_, value)| !value.is_null()).collect())
}

/// The value at `row` of `array`. Members of structs that are null are left out, elements of lists and values of maps
/// that are null stay. What JSON and files have no form for is null.
pub fn value(array: &ArrayRef, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Struct(fields) => {
            let members = array.as_struct().columns();
            object(fields.iter().map(|field| field.name().as_str()).zip(members), row)
        }
        DataType::Map(_, _) => {
            let map = array.as_map();
            let offsets = map.value_offsets();
            let entries = offsets[row] as usize..offsets[row + 1] as usize;
            Value::Object(
                entries.map(|entry| (key(map.keys(), entry), value(map.values(), entry))).collect::<Map<_, _>>(),
            )
        }
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            (0..items.len()).map(|item| value(&items, item)).collect()
        }
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let keys = dictionary.normalized_keys();
            value(dictionary.values(), keys[row])
        }
        _ => scalar(array, row).or_else(|| converted(array, row)).unwrap_or(Value::Null),
    }
}

/// Keys of objects are texts, whatever the keys of the map are.
fn key(keys: &ArrayRef, entry: usize) -> String {
    match value(keys, entry) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn scalar(array: &ArrayRef, row: usize) -> Option<Value> {
    Some(match array.data_type() {
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(row).into(),
        DataType::Float32 => {
            // The shortest text that reads back as this float, which its value as a double would not be.
            let float = array.as_primitive::<Float32Type>().value(row);
            if float.is_finite() {
                ryu::Buffer::new().format_finite(float).parse::<f64>().map_or(Value::Null, Value::from)
            } else {
                number(f64::from(float))
            }
        }
        DataType::Float64 => number(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, _) => array.as_primitive::<Decimal128Type>().value_as_string(row).into(),
        DataType::Decimal256(_, _) => array.as_primitive::<Decimal256Type>().value_as_string(row).into(),
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::Binary => {
            base64::engine::general_purpose::STANDARD.encode(array.as_binary::<i32>().value(row)).into()
        }
        DataType::Date32 => {
            NaiveDate::from_epoch_days(array.as_primitive::<Date32Type>().value(row))?.to_string().into()
        }
        DataType::Timestamp(unit, _) => {
            let instant = match unit {
                TimeUnit::Second => {
                    DateTime::from_timestamp(array.as_primitive::<TimestampSecondType>().value(row), 0)?
                }
                TimeUnit::Millisecond => {
                    DateTime::from_timestamp_millis(array.as_primitive::<TimestampMillisecondType>().value(row))?
                }
                TimeUnit::Microsecond => {
                    DateTime::from_timestamp_micros(array.as_primitive::<TimestampMicrosecondType>().value(row))?
                }
                TimeUnit::Nanosecond => {
                    DateTime::from_timestamp_nanos(array.as_primitive::<TimestampNanosecondType>().value(row))
                }
            };
            instant_text(instant).into()
        }
        _ => return None,
    })
}

/// Types that have a near relative among those that [`scalar`] knows.
fn converted(array: &ArrayRef, row: usize) -> Option<Value> {
    let relative = match array.data_type() {
        t if t.is_signed_integer() => DataType::Int64,
        t if t.is_unsigned_integer() => DataType::UInt64,
        DataType::Float16 => DataType::Float32,
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => DataType::Binary,
        DataType::Decimal32(p, s) | DataType::Decimal64(p, s) => DataType::Decimal128(*p, *s),
        DataType::Date64 => DataType::Date32,
        DataType::RunEndEncoded(_, values) => values.data_type().clone(),
        other => DataType::List(list_item(other)?.clone()),
    };
    if relative == *array.data_type() {
        return None;
    }
    Some(value(&cast(&array.slice(row, 1), &relative).ok()?, 0))
}

fn number(float: f64) -> Value {
    if float.is_nan() {
        "NaN".into()
    } else if float.is_infinite() {
        if float > 0.0 { "Infinity".into() } else { "-Infinity".into() }
    } else {
        float.into()
    }
}

/// RFC 3339 in UTC with the fraction that is there.
fn instant_text(instant: DateTime<Utc>) -> String {
    let text = instant.to_rfc3339_opts(SecondsFormat::Nanos, true);
    let (seconds, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = fraction.trim_end_matches('Z').trim_end_matches('0');
    if digits.is_empty() { format!("{}Z", seconds.trim_end_matches('Z')) } else { format!("{seconds}.{digits}Z") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        BinaryArray, Decimal128Array, Float32Array, Int16Array, LargeStringArray, StringDictionaryBuilder,
        TimestampMillisecondArray, UInt64Array,
    };
    use arrow::datatypes::Int8Type;
    use std::sync::Arc;

    #[test]
    fn scalars_have_the_text_of_files() {
        let mut coded = StringDictionaryBuilder::<Int8Type>::new();
        coded.append_value("b");
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("small", Arc::new(Int16Array::from(vec![-3]))),
            ("large", Arc::new(UInt64Array::from(vec![u64::MAX]))),
            ("float", Arc::new(Float32Array::from(vec![0.1]))),
            ("none", Arc::new(Float32Array::from(vec![f32::NAN]))),
            ("null", Arc::new(Float32Array::from(vec![None]))),
            ("decimal", Arc::new(Decimal128Array::from(vec![1230]).with_precision_and_scale(10, 2).unwrap())),
            ("text", Arc::new(LargeStringArray::from(vec!["é\n"]))),
            ("coded", Arc::new(coded.finish())),
            ("binary", Arc::new(BinaryArray::from(vec![&b"\x00\xff"[..]]))),
            ("time", Arc::new(TimestampMillisecondArray::from(vec![1_500]).with_timezone("Europe/Berlin"))),
            ("whole", Arc::new(TimestampMillisecondArray::from(vec![-1_000]))),
        ];
        let found = object(columns.iter().map(|(name, array)| (*name, array)), 0);
        let expected = serde_json::json!({
            "small": -3, "large": u64::MAX, "float": 0.1, "none": "NaN", "decimal": "12.30", "text": "é\n",
            "coded": "b", "binary": "AP8=", "time": "1970-01-01T00:00:01.5Z", "whole": "1969-12-31T23:59:59Z",
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn nesting_is_kept() {
        let text = r#"{"m":{"a":[{"id":"1"},null],"b":null}}"#;
        let schema = {
            let item = DataType::Struct(vec![arrow::datatypes::Field::new("id", DataType::Utf8, true)].into());
            let list = DataType::List(Arc::new(arrow::datatypes::Field::new("element", item, true)));
            let pair = vec![
                arrow::datatypes::Field::new("key", DataType::Utf8, false),
                arrow::datatypes::Field::new("value", list, true),
            ];
            let entries = arrow::datatypes::Field::new("entries", DataType::Struct(pair.into()), false);
            let map = DataType::Map(Arc::new(entries), false);
            Arc::new(arrow::datatypes::Schema::new(vec![arrow::datatypes::Field::new("m", map, true)]))
        };
        let mut reader = arrow::json::ReaderBuilder::new(schema).build(text.as_bytes()).unwrap();
        let batch = reader.next().unwrap().unwrap();
        assert_eq!(object([("m", batch.column(0))], 0), serde_json::from_str::<Value>(text).unwrap());
    }
}
