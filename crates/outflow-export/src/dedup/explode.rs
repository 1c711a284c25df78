//! A kept profile is written once for each of its own identities of the namespace.

use std::ops::Range;
use std::sync::Arc;

use ahash::HashSet;
use arrow::array::{Array, ArrayRef, AsArray, ListArray, StringBuilder, UInt32Array, new_null_array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field};
use outflow_model::Fault;

use super::store::unsound;
use crate::encode::cast_exactly;

/// Rows for files: the identity first, then the `mapped` columns. The identities' list is the column behind those; what
/// is behind it comes last.
/// Within a profile equal identities count once, in list order; a profile without any gives one row with a null.
pub(crate) fn explode(columns: &[ArrayRef], mapped: usize) -> Result<Vec<ArrayRef>, Fault> {
    let lists = &columns[mapped];
    let identities = Identities::new(lists)?;
    let mut texts = StringBuilder::new();
    let mut indices: Vec<u32> = Vec::with_capacity(lists.len());
    let mut seen: HashSet<&str> = HashSet::default();
    for row in 0..lists.len() {
        let before = indices.len();
        if let Some(identities) = &identities {
            let ids = identities.ids.as_string::<i32>();
            seen.clear();
            for entry in identities.of(row).filter(|&entry| ids.is_valid(entry)) {
                if seen.insert(ids.value(entry)) {
                    texts.append_value(ids.value(entry));
                    indices.push(row as u32);
                }
            }
        }
        if indices.len() == before {
            texts.append_null();
            indices.push(row as u32);
        }
    }
    let indices = UInt32Array::from(indices);
    let mut exploded: Vec<ArrayRef> = vec![Arc::new(texts.finish())];
    for column in columns[..mapped].iter().chain(&columns[mapped + 1..]) {
        exploded.push(take(column, &indices, None).map_err(unsound)?);
    }
    Ok(exploded)
}

/// The identities of a batch of profiles.
pub(super) struct Identities {
    lists: ListArray,
    /// The `id` of every identity, as text; null where it has none.
    pub ids: ArrayRef,
}

impl Identities {
    /// The identities in `lists`, lists of any kind; `None` for a column that is all null.
    pub fn new(lists: &ArrayRef) -> Result<Option<Identities>, Fault> {
        let item = match lists.data_type() {
            DataType::Null => return Ok(None),
            DataType::List(item)
            | DataType::LargeList(item)
            | DataType::FixedSizeList(item, _)
            | DataType::ListView(item)
            | DataType::LargeListView(item) => item,
            other => return Err(Fault::internal(format!("a {other} was planned as a list of identities"))),
        };
        let plain = DataType::List(Arc::new(Field::new_list_field(item.data_type().clone(), true)));
        let lists = cast_exactly(lists, &plain).map_err(unsound)?.as_list::<i32>().clone();
        let items = lists.values();
        let id = match items.data_type() {
            DataType::Struct(_) => items.as_struct().column_by_name("id").cloned(),
            _ => None,
        };
        let ids = match id {
            Some(id) => cast_exactly(&id, &DataType::Utf8).map_err(unsound)?,
            None => new_null_array(&DataType::Utf8, items.len()),
        };
        Ok(Some(Identities { lists, ids }))
    }

    /// The entries of `ids` that are the identities of profile `row`.
    pub fn of(&self, row: usize) -> Range<usize> {
        if self.lists.is_null(row) {
            return 0..0;
        }
        let offsets = self.lists.value_offsets();
        offsets[row] as usize..offsets[row + 1] as usize
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringArray, StructArray};
    use arrow::buffer::OffsetBuffer;
    use arrow::datatypes::Fields;

    use super::*;

    fn lists(member: &str) -> ArrayRef {
        let ids: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), Some("b"), Some("a"), None]));
        let fields = Fields::from(vec![Field::new(member, DataType::Utf8, true)]);
        let items = StructArray::new(fields.clone(), vec![ids], None);
        let item = Arc::new(Field::new_list_field(DataType::Struct(fields), true));
        Arc::new(ListArray::new(item, OffsetBuffer::from_lengths([3, 0, 1]), Arc::new(items), None))
    }

    fn exploded(lists: &ArrayRef) -> Vec<(Option<String>, i64)> {
        let mapped: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let columns = explode(&[mapped, Arc::clone(lists)], 1).unwrap();
        let numbers = columns[1].as_primitive::<arrow::datatypes::Int64Type>();
        let ids = columns[0].as_string::<i32>();
        ids.iter().map(|t| t.map(str::to_string)).zip(numbers.values().iter().copied()).collect()
    }

    #[test]
    fn a_profile_is_written_once_for_each_of_its_identities_in_any_kind_of_list() {
        let list = lists("id");
        let expected = [(Some("a".into()), 1), (Some("b".into()), 1), (None, 2), (None, 3)];
        assert_eq!(exploded(&list), expected);
        let DataType::List(item) = list.data_type() else { unreachable!() };
        let large = cast_exactly(&list, &DataType::LargeList(Arc::clone(item))).unwrap();
        assert_eq!(exploded(&large), expected);
    }

    #[test]
    fn identities_without_an_id_are_none() {
        assert_eq!(exploded(&lists("primary")), [(None, 1), (None, 2), (None, 3)]);
        assert_eq!(exploded(&new_null_array(&DataType::Null, 3)), [(None, 1), (None, 2), (None, 3)]);
    }
}
