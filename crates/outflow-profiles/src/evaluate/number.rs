//! Columns of numbers in their widest forms, for arithmetic and for two columns side by side.

use std::cmp::Ordering;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{
    DataType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type, i256,
};
use outflow_model::Fault;
use outflow_model::rule::Literal;

use super::condition::{Value, kernel, unexpected};
use super::exact::{order_of_int_and_float, power_of_ten, shortest_decimal};

/// Numbers, one for each row; the value under a null means nothing.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    pub(super) values: Plain,
    pub(super) nulls: Option<NullBuffer>,
}

/// Numbers of one kind.
#[derive(Clone, Debug)]
pub(super) enum Plain {
    Int(Vec<i128>),
    /// In units of `10^-scale`.
    Decimal(Vec<i256>, i64),
    Float(Vec<f64>),
}

/// One number.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Int(i128),
    /// In units of `10^-scale`.
    Decimal(i256, i64),
    Float(f64),
}

impl Numbers {
    /// The number in a row, whether or not it is null.
    pub(super) fn get(&self, row: usize) -> Number {
        match &self.values {
            Plain::Int(values) => Number::Int(values[row]),
            Plain::Decimal(values, scale) => Number::Decimal(values[row], *scale),
            Plain::Float(values) => Number::Float(values[row]),
        }
    }

    /// A value's numbers, `rows` of them. `beside_decimal` makes a float constant the decimal that it spells.
    pub(super) fn of(value: &Value, rows: usize, beside_decimal: bool) -> Result<Numbers, Fault> {
        match value {
            Value::Numbers(numbers) => Ok(numbers.clone()),
            Value::Array(array) => Numbers::of_array(array),
            Value::Constant(constant) => {
                let values = match constant {
                    Literal::Integer(n) => Plain::Int(vec![*n; rows]),
                    Literal::Float(n) if beside_decimal => {
                        let (digits, exponent) = shortest_decimal(*n);
                        decimals(std::iter::repeat_n(digits, rows), -exponent)
                    }
                    Literal::Float(n) => Plain::Float(vec![*n; rows]),
                    other => return Err(Fault::internal(format!("the rule computes with `{other}`"))),
                };
                Ok(Numbers { values, nulls: None })
            }
        }
    }

    fn of_array(array: &ArrayRef) -> Result<Numbers, Fault> {
        macro_rules! int {
            ($type:ty) => {
                Plain::Int(natives::<$type>(array).iter().map(|v| i128::from(*v)).collect())
            };
        }
        macro_rules! decimal {
            ($type:ty, $scale:expr) => {
                decimals(natives::<$type>(array).iter().map(|v| i256::from_i128(i128::from(*v))), i64::from(*$scale))
            };
        }
        let values = match array.data_type() {
            DataType::Null => Plain::Int(vec![0; array.len()]),
            DataType::Int8 => int!(Int8Type),
            DataType::Int16 => int!(Int16Type),
            DataType::Int32 => int!(Int32Type),
            DataType::Int64 => int!(Int64Type),
            DataType::UInt8 => int!(UInt8Type),
            DataType::UInt16 => int!(UInt16Type),
            DataType::UInt32 => int!(UInt32Type),
            DataType::UInt64 => int!(UInt64Type),
            DataType::Decimal32(_, scale) => decimal!(Decimal32Type, scale),
            DataType::Decimal64(_, scale) => decimal!(Decimal64Type, scale),
            DataType::Decimal128(_, scale) => decimal!(Decimal128Type, scale),
            DataType::Decimal256(_, scale) => {
                decimals(natives::<Decimal256Type>(array).iter().copied(), i64::from(*scale))
            }
            DataType::Float16 => {
                let wide = arrow::compute::cast(array, &DataType::Float64).map_err(|e| kernel(&e))?;
                Plain::Float(natives::<Float64Type>(&wide).to_vec())
            }
            DataType::Float32 => Plain::Float(natives::<Float32Type>(array).iter().map(|v| f64::from(*v)).collect()),
            DataType::Float64 => Plain::Float(natives::<Float64Type>(array).to_vec()),
            other => return Err(unexpected("numbers", other)),
        };
        Ok(Numbers { values, nulls: array.logical_nulls() })
    }

    pub(super) fn len(&self) -> usize {
        match &self.values {
            Plain::Int(values) => values.len(),
            Plain::Decimal(values, _) => values.len(),
            Plain::Float(values) => values.len(),
        }
    }

    pub(super) fn is_decimal(&self) -> bool {
        matches!(self.values, Plain::Decimal(..))
    }
}

fn natives<T: ArrowPrimitiveType>(array: &ArrayRef) -> &[T::Native] {
    let array: &PrimitiveArray<T> = array.as_primitive();
    array.values()
}

fn decimals(values: impl Iterator<Item = i256>, scale: i64) -> Plain {
    Plain::Decimal(values.collect(), scale)
}

impl Number {
    /// The nearest float.
    pub(super) fn to_float(self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "the nearest float is what is asked for")]
            Number::Int(n) => n as f64,
            Number::Float(n) => n,
            // Text is the exact way from any decimal to its nearest float; such rules are rare.
            Number::Decimal(n, scale) => format!("{n}e{}", -scale).parse().unwrap_or(f64::NAN),
        }
    }

    /// How two numbers are ordered; `None` with NaN.
    pub(super) fn order(self, other: Number) -> Option<Ordering> {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
            (Number::Int(a), Number::Float(b)) => order_of_int_and_float(a, b),
            (Number::Float(a), Number::Int(b)) => order_of_int_and_float(b, a).map(Ordering::reverse),
            (Number::Float(a), decimal) => a.partial_cmp(&decimal.to_float()),
            (decimal, Number::Float(b)) => decimal.to_float().partial_cmp(&b),
            (a, b) => {
                let ((a, a_scale), (b, b_scale)) = (a.digits(), b.digits());
                Some(if a_scale <= b_scale {
                    order_scaled(a, b, b_scale - a_scale)
                } else {
                    order_scaled(b, a, a_scale - b_scale).reverse()
                })
            }
        }
    }

    /// An integer or decimal as digits and a scale.
    pub(super) fn digits(self) -> (i256, i64) {
        match self {
            Number::Int(n) => (i256::from_i128(n), 0),
            Number::Decimal(n, scale) => (n, scale),
            Number::Float(_) => (i256::ZERO, 0),
        }
    }
}

/// How `a * 10^shift` is ordered beside `b`.
fn order_scaled(a: i256, b: i256, shift: i64) -> Ordering {
    if a == i256::ZERO {
        return i256::ZERO.cmp(&b);
    }
    match power_of_ten(shift.unsigned_abs()).and_then(|power| a.checked_mul(power)) {
        Some(scaled) => scaled.cmp(&b),
        // What 256 bits do not hold is farther from zero than anything they hold.
        None if a.is_negative() => Ordering::Less,
        None => Ordering::Greater,
    }
}
