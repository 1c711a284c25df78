//! `x in [a, b]`.

use ahash::AHashSet;
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray, StringArrayType};
use arrow::buffer::BooleanBuffer;
use arrow::compute::or_kleene;
use arrow::datatypes::DataType;
use outflow_model::Fault;
use outflow_model::rule::{CompareOp, Literal};

use super::bits;
use super::compare::{WholeVisitor, floor_for, visit_whole, with_constant};
use super::condition::{Value, kernel, unexpected};
use super::exact::{Floor, Whole};

/// Up to how many constants are compared one by one: a hash costs about as much as this many comparisons.
const ONE_BY_ONE: usize = 8;

/// The constants of a list.
#[derive(Clone, Debug)]
pub(super) struct Options {
    all: Vec<Literal>,
    /// The strings among them, which are all or none.
    texts: AHashSet<Box<str>>,
}

impl Options {
    pub(super) fn new(options: &[Literal]) -> Options {
        let texts = options.iter().filter_map(|option| match option {
            Literal::String(text) => Some(text.as_str().into()),
            _ => None,
        });
        Options { texts: texts.collect(), all: options.to_vec() }
    }

    /// Which values equal one of the constants; a null is unknown.
    pub(super) fn selected(&self, value: &Value, rows: usize) -> Result<BooleanArray, Fault> {
        let Value::Array(array) = value else { return self.one_by_one(value, rows) };
        match array.data_type() {
            DataType::Null => Ok(BooleanArray::new_null(rows)),
            DataType::Utf8 => self.text(&array.as_string::<i32>(), array),
            DataType::LargeUtf8 => self.text(&array.as_string::<i64>(), array),
            DataType::Utf8View => self.text(&array.as_string_view(), array),
            DataType::Boolean | DataType::Float16 | DataType::Float32 | DataType::Float64 => {
                self.one_by_one(value, rows)
            }
            other => {
                let floors = self.all.iter().map(|option| floor_for(other, option)).collect::<Option<Vec<Floor>>>();
                floors
                    .and_then(|floors| visit_whole(array, Selected(&floors)))
                    .ok_or_else(|| unexpected("something comparable with the constants of a list", other))
            }
        }
    }

    fn text<'a, S: StringArrayType<'a>>(&self, values: &S, array: &ArrayRef) -> Result<BooleanArray, Fault> {
        if self.texts.is_empty() {
            return Err(unexpected("something comparable with the constants of a list", array.data_type()));
        }
        let bits = if self.texts.len() <= ONE_BY_ONE {
            let few: Vec<&str> = self.texts.iter().map(AsRef::as_ref).collect();
            BooleanBuffer::collect_bool(array.len(), |row| few.contains(&values.value(row)))
        } else {
            BooleanBuffer::collect_bool(array.len(), |row| self.texts.contains(values.value(row)))
        };
        Ok(BooleanArray::new(bits, array.nulls().cloned()))
    }

    fn one_by_one(&self, value: &Value, rows: usize) -> Result<BooleanArray, Fault> {
        let mut any = BooleanArray::new(bits::constant(false, rows), None);
        for option in &self.all {
            let equal = with_constant(CompareOp::Equal, value, option, rows)?;
            any = or_kleene(&any, &equal).map_err(|e| kernel(&e))?;
        }
        Ok(any)
    }
}

/// Looks for whole numbers.
struct Selected<'f>(&'f [Floor]);

impl WholeVisitor for Selected<'_> {
    type Output = BooleanArray;

    fn visit<T: ArrowPrimitiveType>(self, array: &PrimitiveArray<T>) -> BooleanArray
    where
        T::Native: Whole,
    {
        let wanted: Vec<T::Native> = self.0.iter().filter_map(|floor| floor.exactly()).collect();
        BooleanArray::new(among(array.values(), wanted), array.nulls().cloned())
    }
}

fn among<T: Whole>(values: &[T], wanted: Vec<T>) -> BooleanBuffer {
    match wanted.as_slice() {
        [] => bits::constant(false, values.len()),
        [only] => bits::pack(values, |v| v == *only),
        few if few.len() <= ONE_BY_ONE => bits::pack(values, |v| few.contains(&v)),
        _ => {
            let wanted: AHashSet<T> = wanted.into_iter().collect();
            bits::pack(values, |v| wanted.contains(&v))
        }
    }
}
