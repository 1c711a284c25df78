//! `+ - * / %` and the unary minus.

use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::i256;
use outflow_model::Fault;
use outflow_model::rule::ArithmeticOp;

use super::condition::Value;
use super::exact::power_of_ten;
use super::number::{Number, Numbers, Plain};

/// `left op right`, row by row.
pub(super) fn computed(op: ArithmeticOp, left: &Value, right: &Value, rows: usize) -> Result<Numbers, Fault> {
    let (left, right) = pair(left, right, rows)?;
    let nulls = NullBuffer::union(left.nulls.as_ref(), right.nulls.as_ref());
    let fits = |row: usize| nulls.as_ref().is_none_or(|n| n.is_valid(row));
    let floats =
        op == ArithmeticOp::Divide || matches!(left.values, Plain::Float(_)) || matches!(right.values, Plain::Float(_));
    if floats {
        let answers = (0..rows)
            .map(|row| fits(row).then(|| float(op, left.get(row).to_float(), right.get(row).to_float())).flatten());
        let (values, nulls) = unzip(answers, 0.0);
        return Ok(Numbers { values: Plain::Float(values), nulls });
    }
    if let (Plain::Int(a), Plain::Int(b)) = (&left.values, &right.values) {
        let answers = a.iter().zip(b).enumerate().map(|(row, (a, b))| fits(row).then(|| int(op, *a, *b)).flatten());
        let (values, nulls) = unzip(answers, 0);
        return Ok(Numbers { values: Plain::Int(values), nulls });
    }
    let (left_scale, right_scale) = (scale(&left), scale(&right));
    let result_scale = match op {
        ArithmeticOp::Multiply => left_scale + right_scale,
        _ => left_scale.max(right_scale),
    };
    let answers = (0..rows).map(|row| fits(row).then(|| decimal(op, left.get(row), right.get(row))).flatten());
    let (values, nulls) = unzip(answers, i256::ZERO);
    Ok(Numbers { values: Plain::Decimal(values, result_scale), nulls })
}

/// `-value`, row by row.
pub(super) fn negated(value: &Value, rows: usize) -> Result<Numbers, Fault> {
    let numbers = Numbers::of(value, rows, false)?;
    let fits = |row: usize| numbers.nulls.as_ref().is_none_or(|n| n.is_valid(row));
    let (values, nulls) = match &numbers.values {
        Plain::Float(values) => {
            return Ok(Numbers { values: Plain::Float(values.iter().map(|v| -v).collect()), nulls: numbers.nulls });
        }
        Plain::Int(values) => {
            let answers = values.iter().enumerate().map(|(row, v)| fits(row).then(|| v.checked_neg()).flatten());
            let (values, nulls) = unzip(answers, 0);
            (Plain::Int(values), nulls)
        }
        Plain::Decimal(values, scale) => {
            let answers = values.iter().enumerate().map(|(row, v)| fits(row).then(|| v.checked_neg()).flatten());
            let (values, nulls) = unzip(answers, i256::ZERO);
            (Plain::Decimal(values, *scale), nulls)
        }
    };
    Ok(Numbers { values, nulls })
}

/// Both sides as numbers; a float constant beside a decimal is a decimal.
pub(super) fn pair(left: &Value, right: &Value, rows: usize) -> Result<(Numbers, Numbers), Fault> {
    let is_constant = |value: &Value| matches!(value, Value::Constant(_));
    if is_constant(left) {
        let right = Numbers::of(right, rows, false)?;
        return Ok((Numbers::of(left, rows, right.is_decimal())?, right));
    }
    let left = Numbers::of(left, rows, false)?;
    let right = Numbers::of(right, rows, left.is_decimal())?;
    Ok((left, right))
}

fn unzip<T: Copy>(answers: impl Iterator<Item = Option<T>>, filler: T) -> (Vec<T>, Option<NullBuffer>) {
    let answers: Vec<Option<T>> = answers.collect();
    let valid = BooleanBuffer::collect_bool(answers.len(), |row| answers[row].is_some());
    let nulls = Some(NullBuffer::new(valid)).filter(|n| n.null_count() > 0);
    (answers.into_iter().map(|a| a.unwrap_or(filler)).collect(), nulls)
}

fn int(op: ArithmeticOp, a: i128, b: i128) -> Option<i128> {
    match op {
        ArithmeticOp::Add => a.checked_add(b),
        ArithmeticOp::Subtract => a.checked_sub(b),
        ArithmeticOp::Multiply => a.checked_mul(b),
        // The least number has no negative, and its remainder by -1 is 0 all the same.
        ArithmeticOp::Remainder if b == -1 => Some(0),
        ArithmeticOp::Remainder => a.checked_rem(b),
        ArithmeticOp::Divide => None,
    }
}

fn float(op: ArithmeticOp, a: f64, b: f64) -> Option<f64> {
    let result = match op {
        ArithmeticOp::Add => a + b,
        ArithmeticOp::Subtract => a - b,
        ArithmeticOp::Multiply => a * b,
        ArithmeticOp::Divide | ArithmeticOp::Remainder if b == 0.0 => return None,
        ArithmeticOp::Divide => a / b,
        ArithmeticOp::Remainder => a % b,
    };
    (!result.is_infinite() || !a.is_finite() || !b.is_finite()).then_some(result)
}

fn decimal(op: ArithmeticOp, a: Number, b: Number) -> Option<i256> {
    let ((a, a_scale), (b, b_scale)) = (a.digits(), b.digits());
    if op == ArithmeticOp::Multiply {
        return a.checked_mul(b);
    }
    let common = a_scale.max(b_scale);
    let (a, b) = (raised(a, common - a_scale)?, raised(b, common - b_scale)?);
    match op {
        ArithmeticOp::Add => a.checked_add(b),
        ArithmeticOp::Subtract => a.checked_sub(b),
        ArithmeticOp::Remainder if b == i256::MINUS_ONE => Some(i256::ZERO),
        ArithmeticOp::Remainder => a.checked_rem(b),
        ArithmeticOp::Multiply | ArithmeticOp::Divide => None,
    }
}

fn raised(digits: i256, shift: i64) -> Option<i256> {
    if digits == i256::ZERO {
        return Some(digits);
    }
    digits.checked_mul(power_of_ten(shift.unsigned_abs())?)
}

fn scale(numbers: &Numbers) -> i64 {
    match &numbers.values {
        Plain::Decimal(_, scale) => *scale,
        Plain::Int(_) | Plain::Float(_) => 0,
    }
}
