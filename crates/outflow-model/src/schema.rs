//! The shape of profiles: field names and types, nested.

use serde::{Deserialize, Serialize};

/// The type of a field. Widths that rules and files do not tell apart are one variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FieldType {
    /// `true` or `false`.
    Boolean,
    /// A whole number of up to 64 bits, signed or not.
    Integer,
    /// A floating-point number.
    Float,
    /// A decimal number with `scale` digits after the point.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the point.
        scale: i8,
    },
    /// UTF-8 text.
    String,
    /// Bytes.
    Binary,
    /// A day.
    Date,
    /// An instant; UTC unless the source says otherwise.
    Timestamp,
    /// Named fields.
    Struct(Vec<Field>),
    /// Elements of one type.
    List(Box<FieldType>),
    /// Entries from text keys to values of one type.
    Map(Box<FieldType>),
}

impl FieldType {
    /// Whether a value of this type fits one CSV cell.
    pub fn is_scalar(&self) -> bool {
        !matches!(self, FieldType::Struct(_) | FieldType::List(_) | FieldType::Map(_))
    }

    /// The name that errors, manifests and `profiles show` use.
    pub fn name(&self) -> String {
        match self {
            FieldType::Boolean => "boolean".into(),
            FieldType::Integer => "integer".into(),
            FieldType::Float => "float".into(),
            FieldType::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
            FieldType::String => "string".into(),
            FieldType::Binary => "binary".into(),
            FieldType::Date => "date".into(),
            FieldType::Timestamp => "timestamp".into(),
            FieldType::Struct(_) => "struct".into(),
            FieldType::List(t) => format!("list<{}>", t.name()),
            FieldType::Map(t) => format!("map<string,{}>", t.name()),
        }
    }
}

/// A named field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The name as the source has it.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub field_type: FieldType,
}

/// The top-level fields of a profile, in source order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// Top-level fields.
    pub fields: Vec<Field>,
}
