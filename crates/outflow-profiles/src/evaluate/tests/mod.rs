//! Rules over batches, against a reader of single rows and against tables.

mod columns;
mod many;
mod random;
mod reference;
mod rules;
mod tables;

use arrow::array::{ArrayRef, BooleanArray};
use chrono::{DateTime, Utc};
use outflow_model::rule::{BoundRule, bind, parse_pql};
use outflow_model::schema::{Field, FieldType, Schema};

use super::Evaluator;

/// Two fields of each kind that rules tell apart.
fn schema() -> Schema {
    let field = |name: &str, field_type| Field { name: name.into(), field_type };
    let decimal = FieldType::Decimal { precision: 9, scale: 2 };
    Schema {
        fields: vec![
            field("b", FieldType::Boolean),
            field("c", FieldType::Boolean),
            field("i", FieldType::Integer),
            field("j", FieldType::Integer),
            field("f", FieldType::Float),
            field("g", FieldType::Float),
            field("d", decimal.clone()),
            field("e", decimal),
            field("s", FieldType::String),
            field("r", FieldType::String),
            field("t", FieldType::Timestamp),
            field("u", FieldType::Date),
            field("l", FieldType::List(Box::new(FieldType::String))),
            field("y", FieldType::Binary),
            field("z", FieldType::Binary),
        ],
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-22T06:30:00Z".parse().unwrap()
}

fn rule(text: &str) -> BoundRule {
    let parsed = parse_pql(text).unwrap_or_else(|e| panic!("{}", e.render(text)));
    bind(&parsed, &schema(), now()).unwrap_or_else(|e| panic!("{}", e.render(text)))
}

/// A rule's answers over columns by name.
fn answers(text: &str, columns: &[(&str, ArrayRef)]) -> Vec<Option<bool>> {
    let rows = columns.first().map_or(3, |(_, array)| array.len());
    let find = |path: &outflow_model::FieldPath| {
        columns.iter().find(|(name, _)| *name == path.to_string()).map(|(_, array)| ArrayRef::clone(array))
    };
    let selected: BooleanArray = Evaluator::new(&rule(text)).unwrap().select(&find, rows).unwrap();
    selected.iter().collect()
}
