//! Columns that wait, in the smallest form that reads the same.

use std::sync::Arc;

use arrow::array::types::ArrowDictionaryKeyType;
use arrow::array::{Array, ArrayBuilder, ArrayRef, AsArray, DictionaryArray, StringBuilder, StringViewArray};
use arrow::compute::concat;
use arrow::datatypes::{DataType, UInt8Type, UInt16Type};
use outflow_model::Fault;

use super::store::unsound;
use crate::encode::cast_exactly;

/// One column of successive batches.
///
/// Views are copied out at once: a single one of them keeps the whole page that it points into, and takes 16 bytes
/// beside its text where an offset takes 4.
#[derive(Default)]
pub(super) struct Gathered {
    parts: Vec<ArrayRef>,
    text: StringBuilder,
    bytes: usize,
}

impl Gathered {
    /// Adds the next batch's column.
    pub fn push(&mut self, column: ArrayRef) {
        match column.data_type() {
            DataType::Utf8View => self.push_views(column.as_string_view()),
            _ => {
                self.end_text();
                self.bytes += match column.data_type() {
                    DataType::Dictionary(_, _) => 4 * column.len(),
                    _ => column.get_buffer_memory_size(),
                };
                self.parts.push(column);
            }
        }
    }

    fn push_views(&mut self, views: &StringViewArray) {
        let bytes: usize = views.lengths().map(|length| length as usize).sum();
        self.bytes += bytes + 4 * views.len();
        if i32::try_from(self.text.values_slice().len() + bytes).is_err() {
            // More text than offsets of 4 bytes can tell: it stays as views, which are not so small.
            self.end_text();
            self.parts.push(Arc::new(views.gc()));
            return;
        }
        for text in views {
            self.text.append_option(text);
        }
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            self.parts.push(Arc::new(self.text.finish()));
        }
    }

    /// About how many bytes are held, dictionaries not counted.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// One array of everything, and nothing is left.
    pub fn take(&mut self) -> Result<ArrayRef, Fault> {
        self.end_text();
        self.bytes = 0;
        let parts = unify(std::mem::take(&mut self.parts))?;
        let joined = match parts.as_slice() {
            [only] => Arc::clone(only),
            many => concat(&many.iter().map(AsRef::as_ref).collect::<Vec<_>>()).map_err(unsound)?,
        };
        match joined.data_type() {
            DataType::Dictionary(_, _) => narrow(&joined),
            _ => Ok(joined),
        }
    }
}

/// Batches of one morsel may hold a column as codes in one and as text in another; text is what all can be.
fn unify(parts: Vec<ArrayRef>) -> Result<Vec<ArrayRef>, Fault> {
    if parts.iter().all(|p| p.data_type() == parts[0].data_type()) {
        return Ok(parts);
    }
    let plain: Vec<ArrayRef> = parts
        .into_iter()
        .map(|part| match part.data_type() {
            DataType::Dictionary(_, value) => cast_exactly(&part, value).map_err(unsound),
            _ => Ok(part),
        })
        .collect::<Result<_, _>>()?;
    if plain.iter().all(|p| p.data_type() == plain[0].data_type()) {
        return Ok(plain);
    }
    plain.iter().map(|part| cast_exactly(part, &DataType::LargeUtf8).map_err(unsound)).collect()
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
    use arrow::array::{StringArray, StringDictionaryBuilder};
    use arrow::datatypes::Int32Type;

    use super::*;

    fn gathered(parts: Vec<ArrayRef>) -> ArrayRef {
        let mut gathered = Gathered::default();
        parts.into_iter().for_each(|part| gathered.push(part));
        gathered.take().unwrap()
    }

    fn texts(array: &ArrayRef) -> Vec<Option<String>> {
        let plain = cast_exactly(array, &DataType::Utf8).unwrap();
        plain.as_string::<i32>().iter().map(|t| t.map(str::to_string)).collect()
    }

    fn coded(values: &[&str]) -> ArrayRef {
        let mut builder = StringDictionaryBuilder::<Int32Type>::new();
        values.iter().for_each(|v| builder.append_value(v));
        Arc::new(builder.finish())
    }

    #[test]
    fn views_become_text_with_nulls_and_slices_intact() {
        let long = "much longer than a view holds inline";
        let first = StringViewArray::from(vec![Some("a"), None, Some(long), Some("cut off")]).slice(0, 3);
        let second = StringViewArray::from(vec![Some(""), Some("z")]);
        let joined = gathered(vec![Arc::new(first), Arc::new(second.clone())]);
        assert_eq!(*joined.data_type(), DataType::Utf8);
        let expected = [Some("a"), None, Some(long), Some(""), Some("z")];
        assert_eq!(texts(&joined), expected.map(|t| t.map(str::to_string)));
        assert_eq!(gathered(vec![Arc::new(second)]).null_count(), 0);
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
            let joined = gathered(vec![Arc::new(builder.finish())]);
            assert_eq!(*joined.data_type(), DataType::Dictionary(Box::new(key), Box::new(DataType::Utf8)));
            assert_eq!(texts(&joined), expected);
        }
    }

    #[test]
    fn codes_beside_any_kind_of_text_become_text_in_order() {
        let view: ArrayRef = Arc::new(StringViewArray::from(vec!["view"]));
        let plain: ArrayRef = Arc::new(StringArray::from(vec!["plain"]));
        let large = cast_exactly(&plain, &DataType::LargeUtf8).unwrap();
        let joined = gathered(vec![Arc::clone(&view), coded(&["x", "y"]), plain, large, view]);
        let expected = ["view", "x", "y", "plain", "plain", "view"];
        assert_eq!(texts(&joined), expected.map(|t| Some(t.to_string())));
    }
}
