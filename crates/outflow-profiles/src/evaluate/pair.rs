//! Two columns side by side.

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::cast;
use arrow::compute::kernels::cmp;
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use outflow_model::Fault;
use outflow_model::rule::CompareOp;

use super::arithmetic;
use super::condition::{Value, kernel, unexpected};
use super::exact::nanoseconds_per_unit;

/// `left op right`; neither is a constant.
pub(super) fn compared(op: CompareOp, left: &Value, right: &Value) -> Result<BooleanArray, Fault> {
    let (Value::Array(a), Value::Array(b)) = (left, right) else {
        return numbers(op, left, right, rows(left).max(rows(right)));
    };
    match (a.data_type(), b.data_type()) {
        (DataType::Null, _) | (_, DataType::Null) => Ok(BooleanArray::new_null(a.len())),
        (DataType::Boolean, DataType::Boolean) => kernel_compared(op, a, b),
        (x, y) if is_text(x) && is_text(y) => same_type(op, a, b, &DataType::LargeUtf8),
        (x, y) if is_bytes(x) && is_bytes(y) => same_type(op, a, b, &DataType::LargeBinary),
        (x, y) if nanoseconds_per_unit(x).is_some() && nanoseconds_per_unit(y).is_some() => times(op, a, b),
        _ => numbers(op, left, right, a.len()),
    }
}

fn rows(value: &Value) -> usize {
    match value {
        Value::Constant(_) => 0,
        Value::Array(array) => array.len(),
        Value::Numbers(numbers) => numbers.len(),
    }
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn is_bytes(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_))
}

/// Compares two columns of texts or of bytes, brought to `common` if their encodings differ.
fn same_type(op: CompareOp, a: &ArrayRef, b: &ArrayRef, common: &DataType) -> Result<BooleanArray, Fault> {
    if a.data_type() == b.data_type() {
        return kernel_compared(op, a, b);
    }
    let a = cast(a, common).map_err(|e| kernel(&e))?;
    let b = cast(b, common).map_err(|e| kernel(&e))?;
    kernel_compared(op, &a, &b)
}

fn kernel_compared(op: CompareOp, a: &ArrayRef, b: &ArrayRef) -> Result<BooleanArray, Fault> {
    match op {
        CompareOp::Equal => cmp::eq(a, b),
        CompareOp::NotEqual => cmp::neq(a, b),
        CompareOp::Less => cmp::lt(a, b),
        CompareOp::LessOrEqual => cmp::lt_eq(a, b),
        CompareOp::Greater => cmp::gt(a, b),
        CompareOp::GreaterOrEqual => cmp::gt_eq(a, b),
    }
    .map_err(|e| kernel(&e))
}

fn times(op: CompareOp, a: &ArrayRef, b: &ArrayRef) -> Result<BooleanArray, Fault> {
    let (left, right) = (nanoseconds(a)?, nanoseconds(b)?);
    let bits = BooleanBuffer::collect_bool(left.len(), |row| op.holds(Some(left[row].cmp(&right[row]))));
    Ok(BooleanArray::new(bits, NullBuffer::union(a.nulls(), b.nulls())))
}

fn nanoseconds(array: &ArrayRef) -> Result<Vec<i128>, Fault> {
    fn scaled<T: ArrowPrimitiveType>(array: &ArrayRef, unit: i128) -> Vec<i128>
    where
        T::Native: Into<i128>,
    {
        array.as_primitive::<T>().values().iter().map(|v| (*v).into() * unit).collect()
    }
    let not_time = || unexpected("dates or timestamps", array.data_type());
    let unit = nanoseconds_per_unit(array.data_type()).ok_or_else(not_time)?;
    Ok(match array.data_type() {
        DataType::Date32 => scaled::<Date32Type>(array, unit),
        DataType::Date64 => scaled::<Date64Type>(array, unit),
        DataType::Timestamp(TimeUnit::Second, _) => scaled::<TimestampSecondType>(array, unit),
        DataType::Timestamp(TimeUnit::Millisecond, _) => scaled::<TimestampMillisecondType>(array, unit),
        DataType::Timestamp(TimeUnit::Microsecond, _) => scaled::<TimestampMicrosecondType>(array, unit),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => scaled::<TimestampNanosecondType>(array, unit),
        _ => return Err(not_time()),
    })
}

fn numbers(op: CompareOp, left: &Value, right: &Value, rows: usize) -> Result<BooleanArray, Fault> {
    let (left, right) = arithmetic::pair(left, right, rows)?;
    let nulls = NullBuffer::union(left.nulls.as_ref(), right.nulls.as_ref());
    let bits = BooleanBuffer::collect_bool(rows, |row| op.holds(left.get(row).order(right.get(row))));
    Ok(BooleanArray::new(bits, nulls))
}
