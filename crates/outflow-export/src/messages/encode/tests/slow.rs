//! Messages made the slow way: a tree of values for each row.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int64Type, TimestampMicrosecondType, UInt64Type,
};
use base64::Engine as _;
use chrono::{DateTime, Utc};
use outflow_model::PathElement;
use serde_json::{Map, Number, Value, json};

use super::columns::Case;
use super::*;

/// Stands where nothing is.
const ABSENT: &str = "\u{10FFFF} absent";

pub(super) fn message(case: &Case, row: usize, segments: &[SegmentTold], memberships: &[Membership]) -> Value {
    let mut root = json!({});
    for (path, column) in case.mapping.iter().zip(&case.columns) {
        put(&mut root, path.elements(), value(column, row).unwrap_or_else(|| ABSENT.into()));
    }
    let mut root = pruned(root);
    if root == ABSENT {
        root = json!({});
    }
    let Value::Object(mut message) = root else { panic!("a message is an object") };
    message.insert("identityMap".into(), identities(case.columns.last().unwrap(), row));
    let mut ups = Map::new();
    for membership in memberships {
        let segment = &segments[membership.segment];
        let time = DateTime::<Utc>::from_timestamp_micros(membership.time_micros).unwrap();
        let status = if membership.exited { "exited" } else { "realized" };
        let mut told = json!({"lastQualificationTime": instant(time), "status": status});
        if let Some(name) = &segment.name {
            told["name"] = name.as_str().into();
        }
        if let Some(times) = &segment.timestamps {
            told["createdAt"] = times.created_at_millis.into();
            told["updatedAt"] = times.updated_at_millis.into();
            told["mappingCreatedAt"] = times.mapping_created_at_millis.into();
            told["mappingUpdatedAt"] = times.mapping_updated_at_millis.into();
        }
        ups.insert(segment.id.clone(), told);
    }
    message.insert("segmentMembership".into(), json!({"ups": ups}));
    message.insert("profileId".into(), "profile".into());
    let sequence = row as u64 + 1;
    let event_id = event_id("flow", "profile", sequence);
    message.insert("eventId".into(), std::str::from_utf8(&event_id).unwrap().into());
    message.insert("sequence".into(), sequence.into());
    message.insert("runId".into(), "run".into());
    Value::Object(message)
}

fn put(at: &mut Value, steps: &[PathElement], value: Value) {
    match steps.first() {
        None => *at = value,
        Some(PathElement::Name(name)) => {
            if !at.is_object() {
                *at = json!({});
            }
            let members = at.as_object_mut().unwrap();
            put(members.entry(name.clone()).or_insert(Value::Null), &steps[1..], value);
        }
        Some(PathElement::Index(index)) => {
            if !at.is_array() {
                *at = json!([]);
            }
            let elements = at.as_array_mut().unwrap();
            while elements.len() <= *index as usize {
                elements.push(ABSENT.into());
            }
            put(&mut elements[*index as usize], &steps[1..], value);
        }
    }
}

/// Without what is absent, and without what held nothing else.
fn pruned(value: Value) -> Value {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let members = members.into_iter().map(|(name, value)| (name, pruned(value)));
            let members: Map<String, Value> = members.filter(|(_, value)| value != ABSENT).collect();
            if members.is_empty() { ABSENT.into() } else { Value::Object(members) }
        }
        Value::Array(elements) if !elements.is_empty() => {
            let mut elements: Vec<Value> = elements.into_iter().map(pruned).collect();
            while elements.last().is_some_and(|last| last == ABSENT) {
                elements.pop();
            }
            for element in &mut elements {
                if element == ABSENT {
                    *element = Value::Null;
                }
            }
            if elements.is_empty() { ABSENT.into() } else { Value::Array(elements) }
        }
        other => other,
    }
}

fn identities(column: &ArrayRef, row: usize) -> Value {
    let Some(Value::Object(namespaces)) = value(column, row) else { return json!({}) };
    let mut namespaces: Vec<(String, Value)> = namespaces.into_iter().filter(|(_, list)| *list != json!([])).collect();
    namespaces.sort_by(|one, two| one.0.cmp(&two.0));
    Value::Object(namespaces.into_iter().collect())
}

/// The value of a row; nothing for null, and for a struct that has nothing.
fn value(array: &ArrayRef, row: usize) -> Option<Value> {
    if array.logical_nulls().is_some_and(|nulls| nulls.is_null(row)) {
        return None;
    }
    let items = |items: ArrayRef| {
        let item = |row| {
            let is_null = items.logical_nulls().is_some_and(|nulls| nulls.is_null(row));
            let is_struct = matches!(items.data_type(), DataType::Struct(_));
            value(&items, row).unwrap_or(if is_struct && !is_null { json!({}) } else { Value::Null })
        };
        Value::Array((0..items.len()).map(item).collect())
    };
    Some(match array.data_type() {
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(row).into(),
        t if t.is_integer() => cast(array, &DataType::Int64).unwrap().as_primitive::<Int64Type>().value(row).into(),
        DataType::Float32 => {
            let float = array.as_primitive::<Float32Type>().value(row);
            // Of two shortest texts as near as each other any is right; this says which one it is.
            let text = |float: f32| ryu::Buffer::new().format_finite(float).parse().unwrap();
            number(if float.is_finite() { text(float) } else { f64::from(float) })
        }
        DataType::Float64 => number(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, _) => {
            serde_json::from_str(&array.as_primitive::<Decimal128Type>().value_as_string(row)).unwrap()
        }
        DataType::Date32 => {
            let day = array.as_primitive::<Date32Type>().value_as_date(row).unwrap();
            day.format("%Y-%m-%d").to_string().into()
        }
        DataType::Timestamp(_, _) => {
            let micros = DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, None);
            let micros = cast(array, &micros).unwrap().as_primitive::<TimestampMicrosecondType>().value(row);
            instant(DateTime::from_timestamp_micros(micros).unwrap()).into()
        }
        DataType::Binary => {
            base64::engine::general_purpose::STANDARD.encode(array.as_binary::<i32>().value(row)).into()
        }
        DataType::Struct(fields) => {
            let mut members = Map::new();
            for (field, column) in fields.iter().zip(array.as_struct().columns()) {
                members.extend(value(column, row).map(|value| (field.name().clone(), value)));
            }
            if members.is_empty() {
                return None;
            }
            Value::Object(members)
        }
        DataType::List(_) => items(array.as_list::<i32>().value(row)),
        DataType::Map(_, _) => {
            let entries = array.as_map().value(row);
            let keys = entries.column(0).as_string::<i32>();
            let entry = |n: usize| value(entries.column(1), n).map(|value| (keys.value(n).to_string(), value));
            Value::Object((0..entries.len()).filter_map(entry).collect())
        }
        _ => cast(array, &DataType::Utf8).unwrap().as_string::<i32>().value(row).into(),
    })
}

fn number(float: f64) -> Value {
    match Number::from_f64(float) {
        Some(number) => Value::Number(number),
        None if float.is_nan() => "NaN".into(),
        None => if float > 0.0 { "Infinity" } else { "-Infinity" }.into(),
    }
}

fn instant(time: DateTime<Utc>) -> String {
    let text = time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
    format!("{}Z", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Whether two values have the same members in the same order. What is read of a float may be off by its last bit.
pub(super) fn is_same(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Object(one), Value::Object(two)) => {
            let mut pairs = one.iter().zip(two);
            one.len() == two.len() && pairs.all(|((n1, v1), (n2, v2))| n1 == n2 && is_same(v1, v2))
        }
        (Value::Array(one), Value::Array(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| is_same(one, two))
        }
        (Value::Number(one), Value::Number(two)) if one.is_f64() || two.is_f64() => {
            let (one, two) = (one.as_f64().unwrap(), two.as_f64().unwrap());
            one == two || (one - two).abs() <= 1e-14 * one.abs().max(two.abs())
        }
        _ => one == two,
    }
}
