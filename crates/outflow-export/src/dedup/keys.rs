//! Keys and reference times of rows.

use ahash::RandomState;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::{DataType, Int64Type};
use outflow_model::Fault;
use outflow_model::membership::MembershipStatus;

use crate::encode::{Scalars, cast_exactly, codes, scalars};

/// A key column made ready for row by row access.
pub(crate) struct KeyColumn<'a> {
    nulls: Option<arrow::buffer::NullBuffer>,
    kind: Kind<'a>,
}

enum Kind<'a> {
    Text(&'a arrow::array::StringArray),
    View(&'a arrow::array::StringViewArray),
    Large(&'a arrow::array::LargeStringArray),
    Coded(ScalarBuffer<i32>, Box<KeyColumn<'a>>),
    Scalars(Scalars<'a>),
}

impl<'a> KeyColumn<'a> {
    /// Prepares `array`. Structs, lists and maps are no keys; the plan has refused them.
    pub fn new(array: &'a ArrayRef) -> Result<KeyColumn<'a>, Fault> {
        let nulls = array.logical_nulls().filter(|n| n.null_count() > 0);
        let kind = match array.data_type() {
            DataType::Utf8 => Kind::Text(array.as_string()),
            DataType::Utf8View => Kind::View(array.as_string_view()),
            DataType::LargeUtf8 => Kind::Large(array.as_string()),
            DataType::Dictionary(_, _) => {
                Kind::Coded(codes(array)?, Box::new(KeyColumn::new(array.as_any_dictionary().values())?))
            }
            other => Kind::Scalars(
                scalars(array)?.ok_or_else(|| Fault::internal(format!("a {other} was planned as a key")))?,
            ),
        };
        Ok(KeyColumn { nulls, kind })
    }

    /// Appends the key's bytes of `row`; `false` when it is null. Keys compare exactly, so their text is their bytes.
    pub fn write(&self, row: usize, out: &mut Vec<u8>) -> bool {
        if self.nulls.as_ref().is_some_and(|n| n.is_null(row)) {
            return false;
        }
        match &self.kind {
            Kind::Text(array) => out.extend_from_slice(array.value(row).as_bytes()),
            Kind::View(array) => out.extend_from_slice(array.value(row).as_bytes()),
            Kind::Large(array) => out.extend_from_slice(array.value(row).as_bytes()),
            Kind::Coded(keys, values) => return values.write(keys[row] as usize, out),
            Kind::Scalars(scalars) => scalars.write(row, out),
        }
        true
    }
}

/// Appends the key made of all `columns` at `row`; `false` when any of them is null.
pub(crate) fn write_key(columns: &[KeyColumn<'_>], row: usize, out: &mut Vec<u8>) -> bool {
    let Some((last, firsts)) = columns.split_last() else { return false };
    for column in firsts {
        let length_at = out.len();
        out.extend_from_slice(&[0; 4]);
        if !column.write(row, out) {
            return false;
        }
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        let length = (out.len() - length_at - 4) as u32;
        out[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
    }
    last.write(row, out)
}

/// Reference times as numbers that order alike; a null is the oldest.
///
/// # Errors
/// `Input` when one lies outside what 64 bits hold in the unit of `canonical`, the type that all files share.
pub(crate) fn reference_times(array: &ArrayRef, canonical: &DataType) -> Result<Vec<i64>, Fault> {
    let days = |of: &ArrayRef| cast_exactly(&cast_exactly(of, &DataType::Int32)?, &DataType::Int64);
    let numbers = cast_exactly(array, canonical).and_then(|times| match canonical {
        DataType::Date32 => days(&times),
        _ => cast_exactly(&times, &DataType::Int64),
    });
    // What Arrow says of a value that does not fit quotes it.
    let numbers = numbers.map_err(|_| {
        Fault::input(format!("a reference time does not fit the type {canonical}, which all files are read as"))
            .hint("correct it in the source, or choose another column with --newest-by")
    })?;
    Ok(numbers.as_primitive::<Int64Type>().iter().map(|t| t.unwrap_or(i64::MIN)).collect())
}

/// Changes reference times so that whoever left is older than every member: a key that somebody still has, or has by now,
/// has not left. Among those who left, and among members, the order stays.
pub(crate) fn rank_members_first(statuses: &ArrayRef, times: &mut [i64]) -> Result<(), Fault> {
    /// Times before this one, which no profile has, are of those who left.
    const MEMBERS_FROM: i64 = i64::MIN / 2;
    let statuses = KeyColumn::new(statuses)?;
    let mut status = Vec::new();
    for (row, time) in times.iter_mut().enumerate() {
        status.clear();
        let has_left = statuses.write(row, &mut status) && status == MembershipStatus::Exited.as_str().as_bytes();
        *time = if has_left { i64::MIN + (*time).max(0) / 2 } else { (*time).max(MEMBERS_FROM) };
    }
    Ok(())
}

/// The hash that spreads keys over partitions. Seeded per run, so that no one can choose keys that collide.
pub(crate) fn hasher(run_id: &str) -> RandomState {
    let seed = |range: std::ops::Range<usize>| {
        run_id.get(range).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0x0071_F10E)
    };
    RandomState::with_seeds(seed(0..16), seed(16..32), seed(8..24), seed(4..20))
}
