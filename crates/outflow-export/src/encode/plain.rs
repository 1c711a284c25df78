//! Rare types become common ones before they are written as text, so that the encoders know few.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use outflow_model::Fault;

use super::cast_exactly;

/// `column` in types that the text formats write.
pub(crate) fn plain(column: &ArrayRef) -> Result<ArrayRef, Fault> {
    let wanted = plain_type(column.data_type());
    if wanted == *column.data_type() {
        return Ok(Arc::clone(column));
    }
    // What Arrow says of a value that does not fit quotes it.
    cast_exactly(column, &wanted)
        .map_err(|_| Fault::internal(format!("a {} cannot be read as {wanted}", column.data_type())))
}

/// The type that stands for `data_type`, with the same values and the same text.
pub(crate) fn plain_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Float16 => DataType::Float32,
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            DataType::Decimal128(*precision, *scale)
        }
        DataType::BinaryView => DataType::LargeBinary,
        DataType::FixedSizeList(item, _) | DataType::ListView(item) | DataType::List(item) => {
            DataType::List(plain_field(item))
        }
        DataType::LargeListView(item) | DataType::LargeList(item) => DataType::LargeList(plain_field(item)),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(plain_field).collect::<Fields>()),
        DataType::Map(entries, sorted) => DataType::Map(plain_field(entries), *sorted),
        other => other.clone(),
    }
}

fn plain_field(field: &FieldRef) -> FieldRef {
    let wanted = plain_type(field.data_type());
    if wanted == *field.data_type() {
        return Arc::clone(field);
    }
    Arc::new(Field::new(field.name(), wanted, field.is_nullable()))
}

/// Whether the text formats can write values of `data_type`; `Err` names the innermost type that they cannot.
pub(crate) fn is_writable(data_type: &DataType) -> Result<(), DataType> {
    match plain_type(data_type) {
        DataType::List(item) | DataType::LargeList(item) | DataType::Map(item, _) => is_writable(item.data_type()),
        DataType::Struct(fields) => fields.iter().try_for_each(|field| is_writable(field.data_type())),
        DataType::Dictionary(_, value) => is_writable(&value),
        DataType::Decimal256(_, _)
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Duration(_)
        | DataType::Interval(_)
        | DataType::Union(_, _)
        | DataType::RunEndEncoded(_, _) => Err(data_type.clone()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{BinaryViewArray, Decimal64Array, FixedSizeListBuilder, Float32Builder, Int64Array};

    use super::*;
    use crate::encode::{JsonEncoder, RowEncoder};

    #[test]
    fn rare_types_are_written_like_common_ones() {
        let mut lists = FixedSizeListBuilder::new(Float32Builder::new(), 2);
        lists.values().append_slice(&[0.5, 1.0]);
        lists.append(true);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(lists.finish()),
            Arc::new(Decimal64Array::from(vec![1250]).with_precision_and_scale(9, 2).unwrap()),
            Arc::new(BinaryViewArray::from_iter_values([b"ab"])),
            Arc::new(Int64Array::from(vec![7])),
        ];
        assert!(columns.iter().all(|c| is_writable(c.data_type()).is_ok()));
        let columns: Vec<ArrayRef> = columns.iter().map(|c| plain(c).unwrap()).collect();
        let headers = ["l", "d", "b", "i"].map(String::from);
        let encoded = JsonEncoder::new(&headers).encode(&columns, 0).unwrap();
        assert_eq!(String::from_utf8(encoded.bytes).unwrap(), "{\"l\":[0.5,1],\"d\":12.50,\"b\":\"YWI=\",\"i\":7}\n");
    }

    #[test]
    fn what_cannot_be_written_is_named_wherever_it_is() {
        let time = DataType::Time32(arrow::datatypes::TimeUnit::Second);
        let list = DataType::List(Arc::new(Field::new_list_field(time.clone(), true)));
        assert_eq!(is_writable(&DataType::Struct(vec![Field::new("t", list, true)].into())), Err(time));
    }
}
