//! Constants beside columns of whole numbers, exactly.
//!
//! Integers, decimals, dates and timestamps are stored as whole numbers of some unit. A constant is turned into the greatest whole
//! number of that unit not above it; every comparison then is one between whole numbers, however wide the constant.

use std::cmp::Ordering;
use std::hash::Hash;

use arrow::datatypes::{DataType, TimeUnit, i256};
use chrono::{DateTime, NaiveTime, Utc};
use outflow_model::rule::{CompareOp, Literal};

/// The greatest whole number of a unit that is not above a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Floor {
    /// Below everything that 256 bits hold.
    Under,
    /// The number, and whether it is the constant itself.
    At(i256, bool),
    /// Above everything that 256 bits hold.
    Over,
}

/// A comparison with a whole number, or its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test<T> {
    Always(bool),
    Against(CompareOp, T),
}

/// A whole number as a column stores it.
pub(super) trait Whole: Copy + Ord + Hash {
    /// The same number, if this type holds it.
    fn from_wide(wide: i256) -> Option<Self>;

    /// The same number in the widest type.
    fn to_wide(self) -> i256;
}

macro_rules! whole {
    ($($native:ty),*) => {
        $(impl Whole for $native {
            fn from_wide(wide: i256) -> Option<$native> {
                wide.to_i128().and_then(|n| <$native>::try_from(n).ok())
            }

            fn to_wide(self) -> i256 {
                i256::from_i128(i128::from(self))
            }
        })*
    };
}

whole!(i8, i16, i32, i64, u8, u16, u32, u64, i128);

impl Whole for i256 {
    fn from_wide(wide: i256) -> Option<i256> {
        Some(wide)
    }

    fn to_wide(self) -> i256 {
        self
    }
}

impl Floor {
    /// The comparison `x op constant` for whole numbers of type `T`.
    pub(super) fn test<T: Whole>(self, op: CompareOp) -> Test<T> {
        // How every value of the column is ordered beside a constant that its type cannot hold.
        let beyond = |order: Ordering| Test::Always(op.holds(Some(order)));
        match self {
            Floor::Under => beyond(Ordering::Greater),
            Floor::Over => beyond(Ordering::Less),
            Floor::At(wide, exact) => match (T::from_wide(wide), exact) {
                (None, _) if wide.is_negative() => beyond(Ordering::Greater),
                (None, _) => beyond(Ordering::Less),
                (Some(floor), true) => Test::Against(op, floor),
                (Some(floor), false) => match op {
                    CompareOp::Equal => Test::Always(false),
                    CompareOp::NotEqual => Test::Always(true),
                    CompareOp::Less | CompareOp::LessOrEqual => Test::Against(CompareOp::LessOrEqual, floor),
                    CompareOp::Greater | CompareOp::GreaterOrEqual => Test::Against(CompareOp::Greater, floor),
                },
            },
        }
    }

    /// The number itself, if the constant is one that `T` holds.
    pub(super) fn exactly<T: Whole>(self) -> Option<T> {
        match self {
            Floor::At(wide, true) => T::from_wide(wide),
            _ => None,
        }
    }

    /// `digits * 10^exponent`, floored.
    fn of_power(digits: i256, exponent: i64) -> Floor {
        if digits == i256::ZERO {
            return Floor::At(i256::ZERO, true);
        }
        let negative = digits.is_negative();
        let power = power_of_ten(exponent.unsigned_abs());
        if exponent >= 0 {
            return match power.and_then(|p| digits.checked_mul(p)) {
                Some(product) => Floor::At(product, true),
                None if negative => Floor::Under,
                None => Floor::Over,
            };
        }
        let below_zero = if negative { i256::MINUS_ONE } else { i256::ZERO };
        match power {
            None => Floor::At(below_zero, false),
            Some(power) => {
                let (quotient, rest) = (digits.wrapping_div(power), digits.wrapping_rem(power));
                if rest == i256::ZERO {
                    Floor::At(quotient, true)
                } else {
                    Floor::At(quotient.wrapping_add(below_zero), false)
                }
            }
        }
    }
}

/// 10 to the `n`, if 256 bits hold it.
pub(super) fn power_of_ten(n: u64) -> Option<i256> {
    let n = u32::try_from(n).ok().filter(|n| *n <= 76)?;
    i256::from_i128(10).checked_pow(n)
}

/// A constant number in units of `10^-scale`; `None` for what is no number.
pub(super) fn floor_of_number(constant: &Literal, scale: i64) -> Option<Floor> {
    match constant {
        Literal::Integer(n) => Some(Floor::of_power(i256::from_i128(*n), scale)),
        Literal::Float(n) => {
            let (digits, exponent) = shortest_decimal(*n);
            Some(Floor::of_power(digits, exponent.saturating_add(scale)))
        }
        _ => None,
    }
}

/// The decimal `digits * 10^exponent` that a float's shortest text spells.
pub(super) fn shortest_decimal(float: f64) -> (i256, i64) {
    let text = format!("{float:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let fraction = mantissa.split_once('.').map_or(0, |(_, f)| f.len());
    // A shortest text has at most 17 digits and an exponent of three: neither parse fails for a finite number.
    let digits: i128 = mantissa.replace('.', "").parse().unwrap_or(0);
    let exponent: i64 = exponent.parse().unwrap_or(0);
    (i256::from_i128(digits), exponent - i64::try_from(fraction).unwrap_or(0))
}

/// A constant time in the units that a column of `data_type` stores; `None` if one of them is no time.
pub(super) fn floor_of_time(constant: &Literal, data_type: &DataType) -> Option<Floor> {
    let unit = nanoseconds_per_unit(data_type)?;
    let nanoseconds = nanoseconds(instant(constant)?);
    let floor = i256::from_i128(nanoseconds.div_euclid(unit));
    Some(Floor::At(floor, nanoseconds.rem_euclid(unit) == 0))
}

/// How long the unit of a date or timestamp column is; `None` for other columns.
pub(super) fn nanoseconds_per_unit(data_type: &DataType) -> Option<i128> {
    Some(match data_type {
        DataType::Date32 => 86_400_000_000_000,
        DataType::Date64 | DataType::Timestamp(TimeUnit::Millisecond, _) => 1_000_000,
        DataType::Timestamp(TimeUnit::Second, _) => 1_000_000_000,
        DataType::Timestamp(TimeUnit::Microsecond, _) => 1_000,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => 1,
        _ => return None,
    })
}

/// Nanoseconds since 1970.
pub(super) fn nanoseconds(instant: DateTime<Utc>) -> i128 {
    i128::from(instant.timestamp()) * 1_000_000_000 + i128::from(instant.timestamp_subsec_nanos())
}

/// The greatest 64-bit float that is not above a constant number, and whether it is the constant itself.
pub(super) fn floor_as_f64(constant: &Literal) -> Option<(f64, bool)> {
    match constant {
        Literal::Float(n) => Some((*n, true)),
        Literal::Integer(n) => {
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                reason = "the loss is corrected below"
            )]
            let (near, back) = (*n as f64, (*n as f64) as i128);
            Some(if back > *n { (near.next_down(), false) } else { (near, back == *n) })
        }
        _ => None,
    }
}

/// The greatest 32-bit float that is not above a 64-bit one, and whether they are equal.
pub(super) fn floor_as_f32(wide: f64) -> (f32, bool) {
    #[expect(clippy::cast_possible_truncation, reason = "the loss is corrected below")]
    let near = wide as f32;
    if f64::from(near) > wide { (near.next_down(), false) } else { (near, f64::from(near) == wide) }
}

/// How an integer is ordered beside a float; `None` for NaN.
pub(super) fn order_of_int_and_float(int: i128, float: f64) -> Option<Ordering> {
    // 2 to the 127th: the first float beyond 128 bits.
    const LIMIT: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;
    if float.is_nan() {
        return None;
    }
    if float >= LIMIT {
        return Some(Ordering::Less);
    }
    if float < -LIMIT {
        return Some(Ordering::Greater);
    }
    #[expect(clippy::cast_possible_truncation, reason = "the float is within the range and whole")]
    let whole = float.trunc() as i128;
    Some(int.cmp(&whole).then_with(|| 0.0f64.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal)))
}

/// Whether `left op right` holds of two constants; `None` if they cannot be compared.
pub(super) fn constants(op: CompareOp, left: &Literal, right: &Literal) -> Option<bool> {
    let order = match (left, right) {
        (Literal::Boolean(a), Literal::Boolean(b)) => a.cmp(b),
        (Literal::String(a), Literal::String(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Literal::Integer(a), Literal::Integer(b)) => a.cmp(b),
        (Literal::Float(a), Literal::Float(b)) => return Some(op.holds(a.partial_cmp(b))),
        (Literal::Float(_), Literal::Integer(_)) => return constants(op.flipped(), right, left),
        (Literal::Integer(a), Literal::Float(_)) => {
            return floor_of_number(right, 0).map(|floor| match floor.test::<i128>(op) {
                Test::Always(answer) => answer,
                Test::Against(op, floor) => op.holds(Some(a.cmp(&floor))),
            });
        }
        (Literal::Date(_) | Literal::Timestamp(_), Literal::Date(_) | Literal::Timestamp(_)) => {
            instant(left)?.cmp(&instant(right)?)
        }
        _ => return None,
    };
    Some(op.holds(Some(order)))
}

/// The instant of a constant day or instant.
fn instant(constant: &Literal) -> Option<DateTime<Utc>> {
    match constant {
        Literal::Date(day) => Some(day.and_time(NaiveTime::MIN).and_utc()),
        Literal::Timestamp(instant) => Some(*instant),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(n: i128, exact: bool) -> Option<Floor> {
        Some(Floor::At(i256::from_i128(n), exact))
    }

    #[test]
    fn floors_go_down_on_both_sides_of_zero() {
        assert_eq!(floor_of_number(&Literal::Float(1.5), 0), at(1, false));
        assert_eq!(floor_of_number(&Literal::Float(-1.5), 0), at(-2, false));
        assert_eq!(floor_of_number(&Literal::Float(4.1), 2), at(410, true));
        assert_eq!(floor_of_number(&Literal::Float(1e-300), 2), at(0, false));
        assert_eq!(floor_of_number(&Literal::Float(-1e-300), 2), at(-1, false));
        assert_eq!(floor_of_number(&Literal::Float(-1e300), 0), Some(Floor::Under));
        assert_eq!(floor_of_number(&Literal::Integer(12_345), -2), at(123, false));
        assert_eq!(
            floor_of_number(&Literal::Integer(3), 76),
            Some(Floor::At(power_of_ten(76).unwrap().wrapping_mul(i256::from_i128(3)), true))
        );
        assert_eq!(floor_of_number(&Literal::Integer(9), 76), Some(Floor::Over));
        assert_eq!(floor_of_number(&Literal::Float(-0.0), 3), at(0, true));
    }

    #[test]
    fn floats_around_integers_that_they_do_not_hold() {
        let odd = (1i128 << 53) + 1;
        assert_eq!(floor_as_f64(&Literal::Integer(odd)), Some((9_007_199_254_740_992.0, false)));
        assert_eq!(floor_as_f64(&Literal::Integer(odd + 2)), Some((9_007_199_254_740_994.0, false)));
        assert_eq!(floor_as_f64(&Literal::Integer(-odd)), Some((-9_007_199_254_740_994.0, false)));
        assert_eq!(floor_as_f64(&Literal::Integer(5)), Some((5.0, true)));
        assert_eq!(floor_as_f32(1e300), (f32::MAX, false));
        assert_eq!(floor_as_f32(-1e300), (f32::NEG_INFINITY, false));
        assert_eq!(order_of_int_and_float(odd, 9_007_199_254_740_992.0), Some(Ordering::Greater));
        assert_eq!(order_of_int_and_float(-1, -1.5), Some(Ordering::Greater));
        assert_eq!(order_of_int_and_float(1, 1.5), Some(Ordering::Less));
        assert_eq!(order_of_int_and_float(i128::MAX, f64::INFINITY), Some(Ordering::Less));
        assert_eq!(order_of_int_and_float(0, f64::NAN), None);
    }
}
