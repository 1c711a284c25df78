//! A kept profile is written once for each of its own identities of the namespace.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringBuilder, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::DataType;
use outflow_model::Fault;

use super::store::unsound;
use crate::encode::cast_exactly;

/// Rows for files: the identity first, then the `mapped` columns. The identities' list is the column behind those.
/// Within a profile equal identities count once, in list order; a profile without any gives one row with a null.
pub(crate) fn explode(columns: &[ArrayRef], mapped: usize) -> Result<Vec<ArrayRef>, Fault> {
    let lists = &columns[mapped];
    let rows = lists.len();
    let mut identities = StringBuilder::new();
    let mut indices: Vec<u32> = Vec::with_capacity(rows);
    let list = (*lists.data_type() != DataType::Null).then(|| lists.as_list::<i32>());
    let ids = match list {
        Some(list) => Some(identity_texts(list.values())?),
        None => None,
    };
    for row in 0..rows {
        let before = indices.len();
        if let (Some(list), Some(ids)) = (list, &ids)
            && !list.is_null(row)
        {
            let ids = ids.as_string::<i32>();
            let offsets = list.value_offsets();
            let (from, to) = (offsets[row] as usize, offsets[row + 1] as usize);
            for entry in from..to {
                let repeated =
                    (from..entry).any(|e| !ids.is_null(e) && !ids.is_null(entry) && ids.value(e) == ids.value(entry));
                if !ids.is_null(entry) && !repeated {
                    identities.append_value(ids.value(entry));
                    indices.push(row as u32);
                }
            }
        }
        if indices.len() == before {
            identities.append_null();
            indices.push(row as u32);
        }
    }
    let indices = UInt32Array::from(indices);
    let mut exploded: Vec<ArrayRef> = vec![Arc::new(identities.finish())];
    for column in &columns[..mapped] {
        exploded.push(take(column, &indices, None).map_err(unsound)?);
    }
    Ok(exploded)
}

/// The `id` of every identity, as text.
pub(super) fn identity_texts(items: &ArrayRef) -> Result<ArrayRef, Fault> {
    let id = match items.data_type() {
        DataType::Struct(_) => items.as_struct().column_by_name("id").cloned(),
        _ => None,
    };
    let id = id.ok_or_else(|| Fault::internal("an identity without an `id` was planned"))?;
    cast_exactly(&id, &DataType::Utf8).map_err(unsound)
}
