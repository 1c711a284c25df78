//! Comparisons of one column with constants, all at once.
//!
//! A **cut** is a value of the column's own type; what it tells apart are the values above it from the others. Every
//! comparison with a constant asks for the values above one cut, or between two. Each value is looked up once among the
//! sorted cuts, which gives its rank: the number of cuts it is above. The rows above the last cut are those of the highest
//! rank, and the rows above each other cut are those above the next one and those of one rank more. So the bitmaps of a
//! thousand comparisons take one search for each value, and for each cut a copy of a bitmap.

use std::cmp::Ordering;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray, new_empty_array};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Float32Type, Float64Type, i256};
use outflow_model::rule::{CompareOp, Literal};

use super::batch::{words_for, words_of};
use crate::evaluate::compare::{WholeVisitor, floor_for, visit_whole};
use crate::evaluate::exact::{Floor, Test, Whole, floor_as_f32, floor_as_f64};

/// More cuts than this are not made: their bitmaps for a batch of 8,192 rows have 4 MiB.
const CUTS_MAX: usize = 4_096;

/// Which values of the column satisfy a comparison. Numbers are those of cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Above {
    Always(bool),
    /// Those above the cut, or all others that have an order.
    Cut(usize, bool),
    /// Those above the first cut and not above the second, or all others.
    Between(usize, usize, bool),
}

/// The comparisons of a column, prepared for one type.
pub(super) struct Cuts {
    values: Values,
    comparisons: Vec<Above>,
}

#[derive(Debug)]
enum Values {
    Whole(Vec<i256>),
    Float(Vec<f64>),
}

/// What a comparison asks before its cuts have numbers.
enum Asked<T> {
    Always(bool),
    Above(T, bool),
    Between(T, T, bool),
}

impl Cuts {
    /// The cuts for `comparisons` with a column of `data_type`; `None` if they cannot be answered so.
    pub fn new(data_type: &DataType, comparisons: &[(CompareOp, Literal)]) -> Option<Cuts> {
        let (values, comparisons) = match data_type {
            DataType::Float32 | DataType::Float64 => {
                let asked = comparisons.iter().map(|(op, constant)| float(data_type, *op, constant));
                numbered(&asked.collect::<Option<Vec<_>>>()?, f64::total_cmp, Values::Float)
            }
            _ => {
                let floors = comparisons.iter().map(|(op, constant)| Some((*op, floor_for(data_type, constant)?)));
                let floors = floors.collect::<Option<Vec<_>>>()?;
                let asked = visit_whole(&new_empty_array(data_type), Floors(&floors))?;
                numbered(&asked, i256::cmp, Values::Whole)
            }
        };
        let cuts = Cuts { values, comparisons };
        (cuts.len() <= CUTS_MAX).then_some(cuts)
    }

    fn len(&self) -> usize {
        match &self.values {
            Values::Whole(values) => values.len(),
            Values::Float(values) => values.len(),
        }
    }

    /// Places the values of a batch; `None` if they are not of the type.
    pub fn place(&self, column: &ArrayRef) -> Option<Placed> {
        let mut ordered = None;
        let ranks = match (&self.values, column.data_type()) {
            (Values::Float(cuts), DataType::Float64) => {
                let values = column.as_primitive::<Float64Type>().values();
                ordered = with_order(values.iter().map(|v| v.is_nan()), values.len());
                ranks(values, column.nulls(), cuts)
            }
            (Values::Float(cuts), DataType::Float32) => {
                let values: Vec<f64> =
                    column.as_primitive::<Float32Type>().values().iter().map(|v| f64::from(*v)).collect();
                ordered = with_order(values.iter().map(|v| v.is_nan()), values.len());
                ranks(&values, column.nulls(), cuts)
            }
            (Values::Float(_), _) => return None,
            (Values::Whole(cuts), _) => visit_whole(column, Ranks(cuts))?,
        };
        let valid = column.nulls().map_or_else(|| words_for(column.len(), true), |nulls| words_of(nulls.inner()));
        let above = above(&ranks, self.len());
        Some(Placed { above, valid, ordered })
    }

    /// The rows of a batch for which comparison number `number` is `wanted`.
    pub fn rows(&self, placed: &Placed, number: usize, wanted: bool) -> Vec<u64> {
        match self.comparisons[number] {
            Above::Always(answer) if answer == wanted => placed.valid.clone(),
            Above::Always(_) => vec![0; placed.valid.len()],
            Above::Cut(cut, true) if wanted => placed.above(cut).to_vec(),
            Above::Cut(cut, true) => without(&placed.valid, placed.above(cut)),
            Above::Cut(cut, false) if wanted => {
                let not_above = without(&placed.valid, placed.above(cut));
                match &placed.ordered {
                    None => not_above,
                    Some(ordered) => both(&not_above, ordered),
                }
            }
            // What has no order is not above the cut either, and still does not satisfy the comparison.
            Above::Cut(cut, false) => match &placed.ordered {
                None => placed.above(cut).to_vec(),
                Some(ordered) => {
                    let without_order = without(&placed.valid, ordered);
                    let each = placed.above(cut).iter().zip(&without_order);
                    each.map(|(above, nan)| above | nan).collect()
                }
            },
            Above::Between(low, high, inside) => {
                let between = without(placed.above(low), placed.above(high));
                if inside == wanted { between } else { without(&placed.valid, &between) }
            }
        }
    }
}

/// The values of a batch among the cuts.
pub(super) struct Placed {
    /// For each cut, the rows above it.
    above: Vec<u64>,
    /// The rows that have a value.
    valid: Vec<u64>,
    /// The rows whose value is not NaN, where some are.
    ordered: Option<Vec<u64>>,
}

impl Placed {
    fn above(&self, cut: usize) -> &[u64] {
        let words = self.valid.len();
        &self.above[cut * words..(cut + 1) * words]
    }
}

fn both(one: &[u64], two: &[u64]) -> Vec<u64> {
    one.iter().zip(two).map(|(one, two)| one & two).collect()
}

fn without(all: &[u64], some: &[u64]) -> Vec<u64> {
    all.iter().zip(some).map(|(all, some)| all & !some).collect()
}

/// Gives the cuts that are asked for numbers in ascending order.
fn numbered<T: Copy + PartialEq>(
    asked: &[Asked<T>],
    order: impl Fn(&T, &T) -> Ordering,
    values: impl Fn(Vec<T>) -> Values,
) -> (Values, Vec<Above>) {
    let mut cuts: Vec<T> = Vec::new();
    for one in asked {
        match one {
            Asked::Always(_) => {}
            Asked::Above(cut, _) => cuts.push(*cut),
            Asked::Between(low, high, _) => cuts.extend([*low, *high]),
        }
    }
    cuts.sort_unstable_by(&order);
    // Both zeros are one cut, whichever of them is kept.
    cuts.dedup();
    let number = |cut: &T| cuts.iter().position(|c| c == cut);
    let by_order = |cut: &T| cuts.binary_search_by(|c| order(c, cut)).ok().or_else(|| number(cut)).unwrap_or(0);
    let comparisons = asked.iter().map(|one| match one {
        Asked::Always(answer) => Above::Always(*answer),
        Asked::Above(cut, wanted) => Above::Cut(by_order(cut), *wanted),
        Asked::Between(low, high, wanted) => Above::Between(by_order(low), by_order(high), *wanted),
    });
    let comparisons = comparisons.collect();
    (values(cuts), comparisons)
}

/// Asks what comparisons ask of a column of whole numbers.
struct Floors<'f>(&'f [(CompareOp, Floor)]);

impl WholeVisitor for Floors<'_> {
    type Output = Vec<Asked<i256>>;

    fn visit<T: ArrowPrimitiveType>(self, _: &PrimitiveArray<T>) -> Vec<Asked<i256>>
    where
        T::Native: Whole,
    {
        self.0.iter().map(|(op, floor)| whole::<T::Native>(*op, *floor)).collect()
    }
}

fn whole<T: Whole>(op: CompareOp, floor: Floor) -> Asked<i256> {
    let (op, limit) = match floor.test::<T>(op) {
        Test::Always(answer) => return Asked::Always(answer),
        Test::Against(op, limit) => (op, limit.to_wide()),
    };
    // Nothing lies between a whole number and the one before it. Below the least of the type lies nothing at all, so that
    // a cut there is below every value, as it should be.
    let before = limit.checked_sub(i256::ONE).filter(|before| T::from_wide(*before).is_some());
    match (op, before) {
        (CompareOp::Greater, _) => Asked::Above(limit, true),
        (CompareOp::LessOrEqual, _) => Asked::Above(limit, false),
        (CompareOp::GreaterOrEqual, Some(before)) => Asked::Above(before, true),
        (CompareOp::GreaterOrEqual, None) => Asked::Always(true),
        (CompareOp::Less, Some(before)) => Asked::Above(before, false),
        (CompareOp::Less, None) => Asked::Always(false),
        (CompareOp::Equal, Some(before)) => Asked::Between(before, limit, true),
        (CompareOp::Equal, None) => Asked::Above(limit, false),
        (CompareOp::NotEqual, Some(before)) => Asked::Between(before, limit, false),
        (CompareOp::NotEqual, None) => Asked::Above(limit, true),
    }
}

fn float(data_type: &DataType, op: CompareOp, constant: &Literal) -> Option<Asked<f64>> {
    let (mut floor, mut exact) = floor_as_f64(constant)?;
    let is_narrow = *data_type == DataType::Float32;
    if is_narrow {
        let (narrow, equal) = floor_as_f32(floor);
        (floor, exact) = (f64::from(narrow), exact && equal);
    }
    // Among the floats of 32 bits nothing lies between two neighbours of 64 bits either.
    let before = floor.next_down();
    Some(match (op, exact) {
        (CompareOp::Greater, _) | (CompareOp::GreaterOrEqual, false) => Asked::Above(floor, true),
        (CompareOp::LessOrEqual, _) | (CompareOp::Less, false) => Asked::Above(floor, false),
        (CompareOp::GreaterOrEqual, true) => Asked::Above(before, true),
        (CompareOp::Less, true) => Asked::Above(before, false),
        (CompareOp::Equal, true) => Asked::Between(before, floor, true),
        (CompareOp::NotEqual, true) => Asked::Between(before, floor, false),
        (CompareOp::Equal, false) => Asked::Always(false),
        (CompareOp::NotEqual, false) => Asked::Always(true),
    })
}

struct Ranks<'c>(&'c [i256]);

impl WholeVisitor for Ranks<'_> {
    type Output = Vec<u16>;

    fn visit<T: ArrowPrimitiveType>(self, array: &PrimitiveArray<T>) -> Vec<u16>
    where
        T::Native: Whole,
    {
        // Each cut is a number of the column's type.
        let cuts: Vec<T::Native> = self.0.iter().filter_map(|cut| T::Native::from_wide(*cut)).collect();
        ranks(array.values(), array.nulls(), &cuts)
    }
}

/// How many cuts each value is above; 0 for a null and for NaN.
fn ranks<T: Copy + PartialOrd>(values: &[T], nulls: Option<&NullBuffer>, cuts: &[T]) -> Vec<u16> {
    // At most CUTS_MAX, which 16 bits hold.
    let mut ranks: Vec<u16> = values.iter().map(|value| cuts.partition_point(|cut| *value > *cut) as u16).collect();
    if let Some(nulls) = nulls.filter(|nulls| nulls.null_count() > 0) {
        for (row, rank) in ranks.iter_mut().enumerate() {
            *rank = if nulls.is_valid(row) { *rank } else { 0 };
        }
    }
    ranks
}

/// For each cut, the rows above it.
fn above(ranks: &[u16], cuts: usize) -> Vec<u64> {
    const NONE: u32 = u32::MAX;
    let words = ranks.len().div_ceil(64);
    // The rows of each rank as a chain.
    let mut last = vec![NONE; cuts + 1];
    let mut before = vec![NONE; ranks.len()];
    for (row, rank) in ranks.iter().enumerate() {
        let last = &mut last[usize::from(*rank)];
        before[row] = std::mem::replace(last, row as u32);
    }
    let mut above = vec![0u64; cuts * words];
    let mut higher = vec![0u64; words];
    for cut in (0..cuts).rev() {
        let mut row = last[cut + 1];
        while row != NONE {
            higher[row as usize / 64] |= 1 << (row % 64);
            row = before[row as usize];
        }
        above[cut * words..(cut + 1) * words].copy_from_slice(&higher);
    }
    above
}

/// The rows that are not NaN, if any is.
fn with_order(nan: impl Iterator<Item = bool>, rows: usize) -> Option<Vec<u64>> {
    let mut ordered = words_for(rows, true);
    let mut any = false;
    for (row, is_nan) in nan.enumerate().filter(|(_, is_nan)| *is_nan) {
        ordered[row / 64] &= !(u64::from(is_nan) << (row % 64));
        any = true;
    }
    any.then_some(ordered)
}
