//! Nested types from flat columns, and the part of a nested type that paths touch.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StructArray, new_null_array};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::{DataType, Field};
use outflow_model::{FieldPath, PathElement};

use super::infer::nullable;

/// `data_type` without the struct fields that none of `rests`, paths inside it, touches.
pub(super) fn cut(data_type: &DataType, rests: &[&[PathElement]]) -> DataType {
    if rests.iter().any(|rest| rest.is_empty()) {
        return data_type.clone();
    }
    match data_type {
        DataType::Struct(fields) => {
            let kept = fields.iter().filter_map(|field| {
                let inside = |rest: &&[PathElement]| matches!(&rest[0], PathElement::Name(n) if n == field.name());
                let inner: Vec<_> = rests.iter().copied().filter(inside).map(|rest| &rest[1..]).collect();
                (!inner.is_empty()).then(|| nullable(field.name(), cut(field.data_type(), &inner)))
            });
            DataType::Struct(kept.collect())
        }
        DataType::List(item) => {
            let inner: Vec<_> = rests.iter().map(|rest| &rest[1..]).collect();
            DataType::List(nullable(item.name(), cut(item.data_type(), &inner)))
        }
        other => other.clone(),
    }
}

/// The array of `field`, which lies below `above`, from columns by path. A struct is null where all its fields are.
pub(super) fn assemble(field: &Field, above: &[PathElement], flat: &[(&FieldPath, ArrayRef)], rows: usize) -> ArrayRef {
    let mut steps = above.to_vec();
    steps.push(PathElement::Name(field.name().clone()));
    if let Some((_, array)) = flat.iter().find(|(path, _)| path.elements() == steps) {
        return Arc::clone(array);
    }
    match field.data_type() {
        DataType::Struct(fields) if flat.iter().any(|(path, _)| path.elements().starts_with(&steps)) => {
            let children: Vec<ArrayRef> = fields.iter().map(|child| assemble(child, &steps, flat, rows)).collect();
            let valid = children.iter().map(|c| c.logical_nulls().map(NullBuffer::into_inner));
            // A child without nulls is valid everywhere, and so is its struct.
            let any = valid.collect::<Option<Vec<BooleanBuffer>>>();
            let any = any.and_then(|masks| masks.into_iter().reduce(|a, b| &a | &b));
            Arc::new(StructArray::new(fields.clone(), children, any.map(NullBuffer::new)))
        }
        other => new_null_array(other, rows),
    }
}
