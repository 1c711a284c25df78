//! Batches of rows joined into the smallest form that reads the same, since they wait in memory or on disk.

use std::sync::Arc;

use arrow::array::types::ArrowDictionaryKeyType;
use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, StringArray, StringViewArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::concat;
use arrow::datatypes::{DataType, UInt8Type, UInt16Type};
use outflow_model::Fault;

use super::store::unsound;
use crate::encode::cast_exactly;

/// One array of all `parts`, which are the same column of successive batches.
pub(super) fn join(parts: &[&dyn Array]) -> Result<ArrayRef, Fault> {
    if parts.iter().all(|p| *p.data_type() == DataType::Utf8View)
        && let Some(joined) = join_views(parts)?
    {
        return Ok(joined);
    }
    let parts = unify(parts)?;
    let joined = concat(&parts.iter().map(AsRef::as_ref).collect::<Vec<_>>()).map_err(unsound)?;
    match joined.data_type() {
        DataType::Dictionary(_, _) => narrow(&joined),
        // Copied out of the pages they point into, so that the pages can go.
        DataType::Utf8View => Ok(Arc::new(joined.as_string_view().gc())),
        _ => Ok(joined),
    }
}

/// Batches of one morsel may hold a column as codes in one and as text in another; text is what both can be.
fn unify(parts: &[&dyn Array]) -> Result<Vec<ArrayRef>, Fault> {
    let same = parts.iter().all(|p| p.data_type() == parts[0].data_type());
    let plain = |part: &&dyn Array| match part.data_type() {
        DataType::Dictionary(_, value) if !same => cast_exactly(*part, value).map_err(unsound),
        _ => Ok(part.slice(0, part.len())),
    };
    parts.iter().map(plain).collect()
}

/// A view takes 16 bytes beside the text that it points to, an offset 4. `None` when the text exceeds what offsets
/// of 4 bytes can tell.
fn join_views(parts: &[&dyn Array]) -> Result<Option<ArrayRef>, Fault> {
    let parts: Vec<&StringViewArray> = parts.iter().map(|p| p.as_string_view()).collect();
    let bytes: usize = parts.iter().flat_map(|p| p.lengths()).map(|length| length as usize).sum();
    if i32::try_from(bytes).is_err() {
        return Ok(None);
    }
    let rows = parts.iter().map(|p| p.len()).sum::<usize>();
    let mut text = Vec::with_capacity(bytes);
    let mut ends = Vec::with_capacity(rows + 1);
    ends.push(0);
    for part in &parts {
        for row in 0..part.len() {
            if part.is_valid(row) {
                text.extend_from_slice(part.value(row).as_bytes());
            }
            ends.push(text.len() as i32);
        }
    }
    let nulls = parts
        .iter()
        .any(|p| p.null_count() > 0)
        .then(|| NullBuffer::from_iter(parts.iter().flat_map(|p| (0..p.len()).map(|row| p.is_valid(row)))));
    let joined = StringArray::try_new(OffsetBuffer::new(ends.into()), text.into(), nulls).map_err(unsound)?;
    Ok(Some(Arc::new(joined)))
}

/// Codes take one byte or two where the dictionary is small enough.
fn narrow(array: &ArrayRef) -> Result<ArrayRef, Fault> {
    match array.as_any_dictionary().values().len() {
        0..=256 => with_keys::<UInt8Type>(array),
        257..=65_536 => with_keys::<UInt16Type>(array),
        _ => Ok(Arc::clone(array)),
    }
}

fn with_keys<K: ArrowDictionaryKeyType>(array: &ArrayRef) -> Result<ArrayRef, Fault> {
    let dictionary = array.as_any_dictionary();
    if dictionary.keys().data_type().primitive_width() <= Some(size_of::<K::Native>()) {
        return Ok(Arc::clone(array));
    }
    let keys = cast_exactly(dictionary.keys(), &K::DATA_TYPE).map_err(unsound)?;
    let keys = keys.as_primitive::<K>().clone();
    Ok(Arc::new(DictionaryArray::try_new(keys, Arc::clone(dictionary.values())).map_err(unsound)?))
}

#[cfg(test)]
mod tests {
    use arrow::array::StringDictionaryBuilder;
    use arrow::datatypes::Int32Type;

    use super::*;

    fn texts(array: &ArrayRef) -> Vec<Option<String>> {
        let plain = cast_exactly(array, &DataType::Utf8).unwrap();
        plain.as_string::<i32>().iter().map(|t| t.map(str::to_string)).collect()
    }

    #[test]
    fn views_become_text_with_nulls_and_slices_intact() {
        let long = "much longer than a view holds inline";
        let first = StringViewArray::from(vec![Some("a"), None, Some(long), Some("cut off")]).slice(0, 3);
        let second = StringViewArray::from(vec![Some(""), Some("z")]);
        let joined = join(&[&first, &second]).unwrap();
        assert_eq!(*joined.data_type(), DataType::Utf8);
        let expected = [Some("a"), None, Some(long), Some(""), Some("z")];
        assert_eq!(texts(&joined), expected.map(|t| t.map(str::to_string)));
        assert_eq!(join(&[&second]).unwrap().null_count(), 0);
    }

    #[test]
    fn codes_take_as_few_bytes_as_the_dictionary_allows() {
        for (values, key) in [(3, DataType::UInt8), (256, DataType::UInt8), (257, DataType::UInt16)] {
            let mut builder = StringDictionaryBuilder::<Int32Type>::new();
            let mut expected = Vec::new();
            for i in 0..values {
                builder.append_value(format!("v{i}"));
                expected.push(Some(format!("v{i}")));
            }
            builder.append_null();
            expected.push(None);
            let array = builder.finish();
            let joined = join(&[&array]).unwrap();
            assert_eq!(*joined.data_type(), DataType::Dictionary(Box::new(key), Box::new(DataType::Utf8)));
            assert_eq!(texts(&joined), expected);
        }
    }

    #[test]
    fn codes_beside_text_become_text() {
        let mut builder = StringDictionaryBuilder::<Int32Type>::new();
        builder.append_value("coded");
        let (coded, plain) = (builder.finish(), StringArray::from(vec!["plain"]));
        let joined = join(&[&coded, &plain]).unwrap();
        assert_eq!(texts(&joined), [Some("coded".into()), Some("plain".into())]);
    }
}
