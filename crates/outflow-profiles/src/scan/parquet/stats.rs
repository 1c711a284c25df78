//! What a row group's footer says of a column's values, as far as it can be relied on.

use arrow::datatypes::{DataType, TimeUnit};
use chrono::{DateTime, NaiveDate};
use outflow_model::FieldPath;
use outflow_model::rule::Literal;
use parquet::basic::ColumnOrder;
use parquet::file::statistics::Statistics;

use super::file::{Access, ParquetFile};
use crate::evaluate::ColumnStats;

impl ParquetFile {
    /// What is known of `path` in row group `group`; `None` for values inside lists and maps, of which the footer knows
    /// only all together.
    pub fn stats(&self, group: usize, path: &FieldPath) -> Option<ColumnStats> {
        let metadata = self.metadata.metadata();
        let row_group = metadata.row_group(group);
        let rows = row_group.num_rows().max(0) as u64;
        let (leaf, data_type) = match self.access(path) {
            Access::Missing => return Some(ColumnStats { min: None, max: None, null_count: Some(rows), rows }),
            Access::Flat { leaf, data_type } => (leaf, data_type),
            Access::Entry { .. } | Access::General { .. } => return None,
        };
        let stats = row_group.column(leaf).statistics()?;
        let null_count = stats.null_count_opt().filter(|nulls| *nulls <= rows);
        let (min, max) = if ordered(stats, metadata.file_metadata().column_order(leaf), &data_type) {
            bounds(stats, &data_type)
        } else {
            (None, None)
        };
        Some(ColumnStats { min, max, null_count, rows })
    }
}

/// Whether the bounds are in the order in which rules compare. Bounds in the deprecated fields were ordered by writers
/// as signed numbers or bytes, whatever the type: only signed integers agree with that.
fn ordered(stats: &Statistics, order: ColumnOrder, data_type: &DataType) -> bool {
    let signed = data_type.is_signed_integer() || matches!(data_type, DataType::Date32 | DataType::Timestamp(_, _));
    match order {
        ColumnOrder::TYPE_DEFINED_ORDER(_) => signed || !stats.is_min_max_deprecated(),
        ColumnOrder::UNDEFINED => signed,
        ColumnOrder::UNKNOWN => false,
    }
}

/// The least and the greatest value, or texts around them.
fn bounds(stats: &Statistics, data_type: &DataType) -> (Option<Literal>, Option<Literal>) {
    match (stats, data_type) {
        (Statistics::Boolean(s), DataType::Boolean) => both(s.min_opt(), s.max_opt(), |b| Some(Literal::Boolean(*b))),
        (Statistics::Int32(s), DataType::UInt8 | DataType::UInt16 | DataType::UInt32) => {
            both(s.min_opt(), s.max_opt(), |n| Some(Literal::Integer(i128::from(*n as u32))))
        }
        (Statistics::Int64(s), DataType::UInt64) => {
            both(s.min_opt(), s.max_opt(), |n| Some(Literal::Integer(i128::from(*n as u64))))
        }
        (Statistics::Int32(s), t) if t.is_signed_integer() => {
            both(s.min_opt(), s.max_opt(), |n| Some(Literal::Integer(i128::from(*n))))
        }
        (Statistics::Int64(s), t) if t.is_signed_integer() => {
            both(s.min_opt(), s.max_opt(), |n| Some(Literal::Integer(i128::from(*n))))
        }
        (Statistics::Int32(s), DataType::Date32) => {
            both(s.min_opt(), s.max_opt(), |n| NaiveDate::from_epoch_days(*n).map(Literal::Date))
        }
        (Statistics::Int64(s), DataType::Timestamp(unit, _)) => {
            both(s.min_opt(), s.max_opt(), |n| instant(*n, *unit).map(Literal::Timestamp))
        }
        (Statistics::Float(s), DataType::Float32) => {
            floats(s.min_opt().copied().map(f64::from), s.max_opt().copied().map(f64::from))
        }
        (Statistics::Double(s), DataType::Float64) => floats(s.min_opt().copied(), s.max_opt().copied()),
        (Statistics::ByteArray(s), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => {
            let text =
                |bytes: &parquet::data_type::ByteArray| bytes.as_utf8().ok().map(|t| Literal::String(t.to_string()));
            both(s.min_opt(), s.max_opt(), text)
        }
        _ => (None, None),
    }
}

fn both<T>(
    min: Option<&T>,
    max: Option<&T>,
    literal: impl Fn(&T) -> Option<Literal>,
) -> (Option<Literal>, Option<Literal>) {
    (min.and_then(&literal), max.and_then(&literal))
}

/// Some writers let NaN into the bounds, which then bound nothing.
fn floats(min: Option<f64>, max: Option<f64>) -> (Option<Literal>, Option<Literal>) {
    match (min, max) {
        (Some(min), Some(max)) if !min.is_nan() && !max.is_nan() => {
            (Some(Literal::Float(min)), Some(Literal::Float(max)))
        }
        _ => (None, None),
    }
}

fn instant(ticks: i64, unit: TimeUnit) -> Option<DateTime<chrono::Utc>> {
    match unit {
        TimeUnit::Second => DateTime::from_timestamp(ticks, 0),
        TimeUnit::Millisecond => DateTime::from_timestamp_millis(ticks),
        TimeUnit::Microsecond => DateTime::from_timestamp_micros(ticks),
        TimeUnit::Nanosecond => Some(DateTime::from_timestamp_nanos(ticks)),
    }
}
