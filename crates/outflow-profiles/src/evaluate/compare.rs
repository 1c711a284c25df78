//! A column beside a constant.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, LargeStringArray, PrimitiveArray, Scalar, StringArray,
    StringViewArray,
};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::kernels::cmp;
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use outflow_model::Fault;
use outflow_model::rule::{CompareOp, Literal};

use super::bits;
use super::condition::{Value, kernel, unexpected};
use super::exact::{Floor, Test, Whole, constants, floor_as_f32, floor_as_f64, floor_of_number, floor_of_time};
use super::number::{Numbers, Plain};

/// What is done with a column of whole numbers once its type is known.
pub(super) trait WholeVisitor {
    /// What comes of it.
    type Output;

    fn visit<T: ArrowPrimitiveType>(self, array: &PrimitiveArray<T>) -> Self::Output
    where
        T::Native: Whole;
}

/// Hands a column of integers, decimals, dates or timestamps to `visitor`; `None` for other columns.
pub(super) fn visit_whole<V: WholeVisitor>(array: &dyn Array, visitor: V) -> Option<V::Output> {
    macro_rules! visit {
        ($type:ty) => {
            Some(visitor.visit(array.as_primitive::<$type>()))
        };
    }
    match array.data_type() {
        DataType::Int8 => visit!(Int8Type),
        DataType::Int16 => visit!(Int16Type),
        DataType::Int32 => visit!(Int32Type),
        DataType::Int64 => visit!(Int64Type),
        DataType::UInt8 => visit!(UInt8Type),
        DataType::UInt16 => visit!(UInt16Type),
        DataType::UInt32 => visit!(UInt32Type),
        DataType::UInt64 => visit!(UInt64Type),
        DataType::Decimal32(..) => visit!(Decimal32Type),
        DataType::Decimal64(..) => visit!(Decimal64Type),
        DataType::Decimal128(..) => visit!(Decimal128Type),
        DataType::Decimal256(..) => visit!(Decimal256Type),
        DataType::Date32 => visit!(Date32Type),
        DataType::Date64 => visit!(Date64Type),
        DataType::Timestamp(TimeUnit::Second, _) => visit!(TimestampSecondType),
        DataType::Timestamp(TimeUnit::Millisecond, _) => visit!(TimestampMillisecondType),
        DataType::Timestamp(TimeUnit::Microsecond, _) => visit!(TimestampMicrosecondType),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => visit!(TimestampNanosecondType),
        _ => None,
    }
}

/// A constant in the unit of a column of whole numbers; `None` if the column is none or the constant does not fit it.
pub(super) fn floor_for(data_type: &DataType, constant: &Literal) -> Option<Floor> {
    match data_type {
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => floor_of_number(constant, i64::from(*scale)),
        integer if integer.is_integer() => floor_of_number(constant, 0),
        other => floor_of_time(constant, other),
    }
}

/// `value op constant`.
pub(super) fn with_constant(
    op: CompareOp,
    value: &Value,
    constant: &Literal,
    rows: usize,
) -> Result<BooleanArray, Fault> {
    match value {
        Value::Constant(left) => match constants(op, left, constant) {
            Some(answer) => Ok(BooleanArray::new(bits::constant(answer, rows), None)),
            None => Err(Fault::internal(format!("the rule compares `{left}` with `{constant}`"))),
        },
        Value::Numbers(numbers) => numbers_with_constant(op, numbers, constant),
        Value::Array(array) => column_with_constant(op, array, constant),
    }
}

fn column_with_constant(op: CompareOp, array: &ArrayRef, constant: &Literal) -> Result<BooleanArray, Fault> {
    let data_type = array.data_type();
    let misfit = || unexpected(&format!("something comparable with `{constant}`"), data_type);
    match (data_type, constant) {
        (DataType::Null, _) => Ok(BooleanArray::new_null(array.len())),
        (DataType::Boolean, Literal::Boolean(wanted)) => boolean(op, array.as_boolean(), *wanted),
        (DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View, Literal::String(text)) => {
            text_order(op, array, text)
        }
        (DataType::Float16, _) => {
            let wide = arrow::compute::cast(array, &DataType::Float32).map_err(|e| kernel(&e))?;
            column_with_constant(op, &wide, constant)
        }
        (DataType::Float32, _) => {
            let (wide, exact) = floor_as_f64(constant).ok_or_else(misfit)?;
            let (floor, equal) = floor_as_f32(wide);
            let values = array.as_primitive::<Float32Type>();
            Ok(BooleanArray::new(floats(op, values.values(), floor, exact && equal), values.nulls().cloned()))
        }
        (DataType::Float64, _) => {
            let (floor, exact) = floor_as_f64(constant).ok_or_else(misfit)?;
            let values = array.as_primitive::<Float64Type>();
            Ok(BooleanArray::new(floats(op, values.values(), floor, exact), values.nulls().cloned()))
        }
        _ => {
            let floor = floor_for(data_type, constant).ok_or_else(misfit)?;
            visit_whole(array, Compared { op, floor }).ok_or_else(misfit)
        }
    }
}

struct Compared {
    op: CompareOp,
    floor: Floor,
}

impl WholeVisitor for Compared {
    type Output = BooleanArray;

    fn visit<T: ArrowPrimitiveType>(self, array: &PrimitiveArray<T>) -> BooleanArray
    where
        T::Native: Whole,
    {
        BooleanArray::new(whole(self.op, array.values(), self.floor), array.nulls().cloned())
    }
}

/// `value op constant` for whole numbers.
fn whole<T: Whole>(op: CompareOp, values: &[T], floor: Floor) -> BooleanBuffer {
    match floor.test::<T>(op) {
        Test::Always(answer) => bits::constant(answer, values.len()),
        Test::Against(op, limit) => match op {
            CompareOp::Equal => bits::pack(values, |v| v == limit),
            CompareOp::NotEqual => bits::pack(values, |v| v != limit),
            CompareOp::Less => bits::pack(values, |v| v < limit),
            CompareOp::LessOrEqual => bits::pack(values, |v| v <= limit),
            CompareOp::Greater => bits::pack(values, |v| v > limit),
            CompareOp::GreaterOrEqual => bits::pack(values, |v| v >= limit),
        },
    }
}

/// `value op constant` for floats, where `floor` is the greatest float not above the constant, and `exact` if it is the
/// constant itself. NaN satisfies only `!=`, as IEEE 754 has it.
fn floats<T: Copy + PartialOrd>(op: CompareOp, values: &[T], floor: T, exact: bool) -> BooleanBuffer {
    match (op, exact) {
        (CompareOp::Equal, true) => bits::pack(values, |v| v == floor),
        (CompareOp::Equal, false) => bits::constant(false, values.len()),
        (CompareOp::NotEqual, true) => bits::pack(values, |v| v != floor),
        (CompareOp::NotEqual, false) => bits::constant(true, values.len()),
        (CompareOp::Less, true) => bits::pack(values, |v| v < floor),
        (CompareOp::Less, false) | (CompareOp::LessOrEqual, _) => bits::pack(values, |v| v <= floor),
        (CompareOp::Greater, _) | (CompareOp::GreaterOrEqual, false) => bits::pack(values, |v| v > floor),
        (CompareOp::GreaterOrEqual, true) => bits::pack(values, |v| v >= floor),
    }
}

fn boolean(op: CompareOp, array: &BooleanArray, wanted: bool) -> Result<BooleanArray, Fault> {
    match (op, wanted) {
        (CompareOp::Equal, true) | (CompareOp::NotEqual, false) => Ok(array.clone()),
        (CompareOp::Equal, false) | (CompareOp::NotEqual, true) => {
            Ok(BooleanArray::new(!array.values(), array.nulls().cloned()))
        }
        _ => Err(Fault::internal("the rule orders booleans")),
    }
}

fn text_order(op: CompareOp, array: &ArrayRef, text: &str) -> Result<BooleanArray, Fault> {
    let constant: ArrayRef = match array.data_type() {
        DataType::Utf8 => Arc::new(StringArray::from_iter_values([text])),
        DataType::LargeUtf8 => Arc::new(LargeStringArray::from_iter_values([text])),
        _ => Arc::new(StringViewArray::from_iter_values([text])),
    };
    let constant = Scalar::new(constant);
    match op {
        CompareOp::Equal => cmp::eq(array, &constant),
        CompareOp::NotEqual => cmp::neq(array, &constant),
        CompareOp::Less => cmp::lt(array, &constant),
        CompareOp::LessOrEqual => cmp::lt_eq(array, &constant),
        CompareOp::Greater => cmp::gt(array, &constant),
        CompareOp::GreaterOrEqual => cmp::gt_eq(array, &constant),
    }
    .map_err(|e| kernel(&e))
}

fn numbers_with_constant(op: CompareOp, numbers: &Numbers, constant: &Literal) -> Result<BooleanArray, Fault> {
    let misfit = || Fault::internal(format!("the rule compares a number with `{constant}`"));
    let answers = match &numbers.values {
        Plain::Int(values) => whole(op, values, floor_of_number(constant, 0).ok_or_else(misfit)?),
        Plain::Decimal(values, scale) => whole(op, values, floor_of_number(constant, *scale).ok_or_else(misfit)?),
        Plain::Float(values) => {
            let (floor, exact) = floor_as_f64(constant).ok_or_else(misfit)?;
            floats(op, values, floor, exact)
        }
    };
    let nulls: Option<NullBuffer> = numbers.nulls.clone();
    Ok(BooleanArray::new(answers, nulls))
}
