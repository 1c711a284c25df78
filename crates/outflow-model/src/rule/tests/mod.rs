//! What rules mean, as their users meet it.

mod errors;
mod occurs;
mod properties;
mod sql;
mod syntax;
mod types;

use chrono::{DateTime, Utc};

use super::{BoundRule, Expr, bind, parse_pql};
use crate::schema::{Field, FieldType, Schema};

fn pql(text: &str) -> Expr {
    parse_pql(text).unwrap_or_else(|e| panic!("{}", e.render(text)))
}

fn field(name: &str, field_type: FieldType) -> Field {
    Field { name: name.into(), field_type }
}

/// One field of each type.
fn schema() -> Schema {
    Schema {
        fields: vec![
            field("active", FieldType::Boolean),
            field("age", FieldType::Integer),
            field("score", FieldType::Float),
            field("balance", FieldType::Decimal { precision: 10, scale: 2 }),
            field("email", FieldType::String),
            field("token", FieldType::Binary),
            field("born", FieldType::Date),
            field("seen", FieldType::Timestamp),
            field("tags", FieldType::List(Box::new(FieldType::String))),
            field("loyalty", FieldType::Struct(vec![field("points", FieldType::Integer)])),
            field("consents", FieldType::Map(Box::new(FieldType::String))),
        ],
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-22T06:30:00Z".parse().unwrap()
}

fn bound(text: &str) -> BoundRule {
    bind(&pql(text), &schema(), now()).unwrap_or_else(|e| panic!("{}", e.render(text)))
}
