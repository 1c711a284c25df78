//! The fields of a composite value, taken one after the other; those that are missing at the end are null.

use bytes::Bytes;

use super::value::Value;
use super::{CodecError, Decoded};

const WRONG: CodecError = CodecError("a field has the wrong type");

/// Fields that are still to be taken.
pub(crate) struct Fields(std::vec::IntoIter<Value>);

impl Fields {
    /// The fields of `value`, a list with or without descriptor.
    pub(crate) fn of(value: Value) -> Decoded<Fields> {
        match value.described() {
            Value::List(fields) => Ok(Fields(fields.into_iter())),
            _ => Err(CodecError("fields are not a list")),
        }
    }

    /// The next field, whatever it is.
    pub(crate) fn any(&mut self) -> Value {
        self.0.next().unwrap_or(Value::Null)
    }

    /// Leaves `count` fields out.
    pub(crate) fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.0.next();
        }
    }

    fn take<T>(&mut self, read: impl FnOnce(Value) -> Option<T>) -> Decoded<Option<T>> {
        match self.any() {
            Value::Null => Ok(None),
            value => read(value).map(Some).ok_or(WRONG),
        }
    }

    /// A boolean; null is `false`.
    pub(crate) fn flag(&mut self) -> Decoded<bool> {
        Ok(self
            .take(|value| match value {
                Value::Bool(value) => Some(value),
                _ => None,
            })?
            .unwrap_or(false))
    }

    /// An unsigned number of any width that fits.
    pub(crate) fn number<T: TryFrom<u64>>(&mut self) -> Decoded<Option<T>> {
        self.take(|value| {
            let number = match value {
                Value::Ubyte(number) => u64::from(number),
                Value::Ushort(number) => u64::from(number),
                Value::Uint(number) => u64::from(number),
                Value::Ulong(number) => number,
                _ => return None,
            };
            T::try_from(number).ok()
        })
    }

    /// A number that must be there.
    pub(crate) fn required<T: TryFrom<u64>>(&mut self) -> Decoded<T> {
        self.number()?.ok_or(CodecError("a field is missing"))
    }

    /// A string or symbol.
    pub(crate) fn text(&mut self) -> Decoded<Option<String>> {
        self.take(|value| match value {
            Value::String(text) | Value::Symbol(text) => Some(text),
            _ => None,
        })
    }

    /// Bytes.
    pub(crate) fn binary(&mut self) -> Decoded<Option<Bytes>> {
        self.take(|value| match value {
            Value::Binary(bytes) => Some(bytes),
            _ => None,
        })
    }
}

/// A number that may be null.
pub(crate) fn uint(value: Option<u32>) -> Value {
    value.map_or(Value::Null, Value::Uint)
}

/// A number that may be null.
pub(crate) fn ulong(value: Option<u64>) -> Value {
    value.map_or(Value::Null, Value::Ulong)
}

/// A string that may be null.
pub(crate) fn string(value: Option<String>) -> Value {
    value.map_or(Value::Null, Value::String)
}

/// A symbol that may be null.
pub(crate) fn symbol(value: Option<String>) -> Value {
    value.map_or(Value::Null, Value::Symbol)
}

/// Bytes that may be null.
pub(crate) fn binary(value: Option<Bytes>) -> Value {
    value.map_or(Value::Null, Value::Binary)
}
