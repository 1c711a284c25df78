//! Walking a prepared tree over one batch.

use std::cell::RefCell;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::buffer::NullBuffer;
use arrow::compute::{and_kleene, not, or_kleene};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use outflow_model::Fault;
use outflow_model::rule::Literal;

use super::node::{Kind, Node};
use super::number::Numbers;
use super::{arithmetic, bits, compare, dictionary, pair};

/// What an expression gives for the rows of a batch.
pub(super) enum Value {
    /// The same for every row.
    Constant(Literal),
    /// A field's values or a condition's answers; never dictionary-encoded.
    Array(ArrayRef),
    /// What arithmetic gave.
    Numbers(Numbers),
}

/// The rows that a rule is asked about: its columns, fetched when they are needed.
pub(super) struct Batch<'c> {
    fetch: &'c dyn Fn(usize) -> Result<ArrayRef, Fault>,
    columns: RefCell<Vec<Option<ArrayRef>>>,
    pub(super) rows: usize,
}

impl<'c> Batch<'c> {
    pub(super) fn new(fetch: &'c dyn Fn(usize) -> Result<ArrayRef, Fault>, columns: usize, rows: usize) -> Batch<'c> {
        Batch { fetch, columns: RefCell::new(vec![None; columns]), rows }
    }

    /// A column, fetched when it is first asked for.
    pub(super) fn column(&self, index: usize) -> Result<ArrayRef, Fault> {
        if let Some(column) = self.columns.borrow().get(index).and_then(Clone::clone) {
            return Ok(column);
        }
        let column = (self.fetch)(index)?;
        if let Some(slot) = self.columns.borrow_mut().get_mut(index) {
            *slot = Some(Arc::clone(&column));
        }
        Ok(column)
    }

    /// The answers of a condition.
    pub(super) fn condition(&self, node: &Node) -> Result<BooleanArray, Fault> {
        if let Some(index) = node.sole
            && !matches!(node.kind, Kind::Column(_))
        {
            let column = self.column(index)?;
            if let Some(column) = column.as_any_dictionary_opt()
                && dictionary::worth_it(column)
            {
                return node.memo.mapped(column, |entries| {
                    let fetch = |_: usize| Ok(Arc::clone(entries));
                    Batch::new(&fetch, index + 1, entries.len()).plain(node)
                });
            }
        }
        self.plain(node)
    }

    /// The answers of a condition, row by row.
    pub(super) fn plain(&self, node: &Node) -> Result<BooleanArray, Fault> {
        match &node.kind {
            Kind::Constant(Literal::Boolean(value)) => Ok(BooleanArray::new(bits::constant(*value, self.rows), None)),
            Kind::Column(_) => self.boolean(node),
            Kind::Not(inner) => not(&self.condition(inner)?).map_err(|e| kernel(&e)),
            Kind::And(parts) => self.all(parts),
            Kind::Or(parts) => self.any(parts),
            Kind::Compare(op, left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                match (left, right) {
                    (value, Value::Constant(constant)) => compare::with_constant(*op, &value, &constant, self.rows),
                    (Value::Constant(constant), value) => {
                        compare::with_constant(op.flipped(), &value, &constant, self.rows)
                    }
                    (left, right) => pair::compared(*op, &left, &right),
                }
            }
            Kind::In(value, options) => options.selected(&self.value(value)?, self.rows),
            Kind::Text(value, matcher) => matcher.tested(&self.value(value)?, self.rows),
            Kind::IsNull(inner) => {
                let nulls = self.nulls(inner)?;
                let bits = nulls.map_or_else(|| bits::constant(false, self.rows), |nulls| !nulls.inner());
                Ok(BooleanArray::new(bits, None))
            }
            Kind::Constant(_) | Kind::Negate(_) | Kind::Arithmetic(..) => {
                Err(Fault::internal("the rule asks whether something is true that is no condition"))
            }
        }
    }

    fn boolean(&self, node: &Node) -> Result<BooleanArray, Fault> {
        match self.value(node)? {
            Value::Array(array) if *array.data_type() == DataType::Null => Ok(BooleanArray::new_null(self.rows)),
            Value::Array(array) => match array.as_any().downcast_ref::<BooleanArray>() {
                Some(booleans) => Ok(booleans.clone()),
                None => Err(unexpected("a condition", array.data_type())),
            },
            _ => Err(Fault::internal("a field gave no column")),
        }
    }

    fn all(&self, parts: &[Node]) -> Result<BooleanArray, Fault> {
        let mut all = BooleanArray::new(bits::constant(true, self.rows), None);
        for part in parts {
            all = and_kleene(&all, &self.condition(part)?).map_err(|e| kernel(&e))?;
            if all.null_count() == 0 && !all.has_true() {
                break;
            }
        }
        Ok(all)
    }

    fn any(&self, parts: &[Node]) -> Result<BooleanArray, Fault> {
        let mut any = BooleanArray::new(bits::constant(false, self.rows), None);
        for part in parts {
            any = or_kleene(&any, &self.condition(part)?).map_err(|e| kernel(&e))?;
            if any.null_count() == 0 && !any.has_false() {
                break;
            }
        }
        Ok(any)
    }

    /// What an expression of any type gives.
    fn value(&self, node: &Node) -> Result<Value, Fault> {
        match &node.kind {
            Kind::Constant(literal) => Ok(Value::Constant(literal.clone())),
            Kind::Column(index) => dictionary::decoded(self.column(*index)?).map(Value::Array),
            Kind::Negate(inner) => arithmetic::negated(&self.value(inner)?, self.rows).map(Value::Numbers),
            Kind::Arithmetic(op, left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                arithmetic::computed(*op, &left, &right, self.rows).map(Value::Numbers)
            }
            _ => Ok(Value::Array(Arc::new(self.condition(node)?))),
        }
    }

    /// Which rows have a value.
    fn nulls(&self, node: &Node) -> Result<Option<NullBuffer>, Fault> {
        // A field's nulls need no decoding.
        if let Kind::Column(index) = &node.kind {
            return Ok(self.column(*index)?.logical_nulls());
        }
        Ok(match self.value(node)? {
            Value::Constant(_) => None,
            Value::Array(array) => array.logical_nulls(),
            Value::Numbers(numbers) => numbers.nulls,
        })
    }
}

/// A column whose type cannot be what the rule was checked against.
pub(super) fn unexpected(wanted: &str, found: &DataType) -> Fault {
    Fault::internal(format!("the rule needs {wanted}, but the scan gave a column of type {found}"))
}

/// A kernel that refused its operands.
pub(super) fn kernel(error: &ArrowError) -> Fault {
    // The library's text could quote a value; only its kind is kept.
    let kind = match error {
        ArrowError::InvalidArgumentError(_) => "invalid argument",
        ArrowError::CastError(_) => "cast",
        ArrowError::ComputeError(_) => "compute",
        ArrowError::NotYetImplemented(_) => "not implemented",
        ArrowError::SchemaError(_) => "schema",
        _ => "other",
    };
    Fault::internal(format!("evaluating the rule failed inside the array library ({kind} error)"))
}
