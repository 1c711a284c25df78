//! Reading AMQP's types. Nothing is copied: texts and lists are slices of the frame.

/// Bytes that are not AMQP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(in super::super) struct Malformed(pub &'static str);

const CUT: Malformed = Malformed("a value is cut short");

/// A value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Value<'a> {
    /// Absent.
    Null,
    /// A truth value.
    Bool(bool),
    /// An unsigned integer of any width.
    Unsigned(u64),
    /// A signed integer of any width.
    Signed(i64),
    /// A text or a symbol.
    Text(&'a str),
    /// Bytes.
    Binary(&'a [u8]),
    /// A list.
    List(Fields<'a>),
    /// A map, as keys and values in turn.
    Map(Fields<'a>),
    /// An array, as its elements' constructor and bytes.
    Array(&'a [u8], u32),
    /// A described value: the descriptor's code (0 where it is not a number) and the value's encoding.
    Described(u64, &'a [u8]),
    /// A type that nothing here is made of: numbers with a point, times, ids.
    Other,
}

impl<'a> Value<'a> {
    /// An unsigned integer that fits.
    pub(in super::super) fn u32(self) -> Option<u32> {
        match self {
            Value::Unsigned(number) => u32::try_from(number).ok(),
            _ => None,
        }
    }

    /// An integer.
    pub(in super::super) fn i64(self) -> Option<i64> {
        match self {
            Value::Unsigned(number) => i64::try_from(number).ok(),
            Value::Signed(number) => Some(number),
            _ => None,
        }
    }

    /// A text or symbol.
    pub(in super::super) fn text(self) -> Option<&'a str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is `true`; absent is `false`.
    pub(in super::super) fn is_true(self) -> bool {
        self == Value::Bool(true)
    }
}

/// The elements of a list or map. Fields left out at the end of a list are null.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Fields<'a> {
    reader: Reader<'a>,
    left: u32,
}

impl<'a> Fields<'a> {
    /// The next element, null after the last.
    pub(in super::super) fn field(&mut self) -> Result<Value<'a>, Malformed> {
        if self.left == 0 {
            return Ok(Value::Null);
        }
        self.left -= 1;
        self.reader.value()
    }

    /// Passes over `count` elements.
    pub(in super::super) fn skip(&mut self, count: u32) -> Result<(), Malformed> {
        for _ in 0..count {
            self.field()?;
        }
        Ok(())
    }

    /// Elements that were not read.
    pub(in super::super) fn left(&self) -> u32 {
        self.left
    }
}

/// A position in encoded values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// At the beginning of `bytes`.
    pub(in super::super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    /// What was not read.
    pub(in super::super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(CUT)?;
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self, width: usize) -> Result<u64, Malformed> {
        Ok(self.take(width)?.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    /// The next value.
    ///
    /// # Errors
    /// When the bytes are no value.
    pub(in super::super) fn value(&mut self) -> Result<Value<'a>, Malformed> {
        let constructor = self.take(1)?[0];
        if constructor == 0 {
            return self.described();
        }
        self.primitive(constructor)
    }

    /// Passes over the next value, and answers its encoding.
    fn encoding(&mut self) -> Result<&'a [u8], Malformed> {
        let before = self.rest;
        let constructor = self.take(1)?[0];
        if constructor == 0 {
            // A descriptor that is itself described would nest without bound, and no type of AMQP has one.
            if self.rest.first() == Some(&0) {
                return Err(Malformed("a descriptor is described"));
            }
            self.value()?;
            if self.rest.first() == Some(&0) {
                return Err(Malformed("a described value is described"));
            }
            self.value()?;
        } else {
            self.primitive(constructor)?;
        }
        Ok(&before[..before.len() - self.rest.len()])
    }

    fn described(&mut self) -> Result<Value<'a>, Malformed> {
        if self.rest.first() == Some(&0) {
            return Err(Malformed("a descriptor is described"));
        }
        let code = match self.value()? {
            Value::Unsigned(code) => code,
            _ => 0,
        };
        Ok(Value::Described(code, self.encoding()?))
    }

    fn primitive(&mut self, constructor: u8) -> Result<Value<'a>, Malformed> {
        Ok(match constructor {
            0x40 => Value::Null,
            0x41 => Value::Bool(true),
            0x42 => Value::Bool(false),
            0x43 | 0x44 => Value::Unsigned(0),
            0x45 => Value::List(Fields { reader: Reader::new(&[]), left: 0 }),
            0x56 => Value::Bool(self.number(1)? != 0),
            0x50 | 0x52 | 0x53 => Value::Unsigned(self.number(1)?),
            0x60 => Value::Unsigned(self.number(2)?),
            0x70 => Value::Unsigned(self.number(4)?),
            0x80 => Value::Unsigned(self.number(8)?),
            0x51 | 0x54 | 0x55 => Value::Signed(i64::from(self.number(1)? as u8 as i8)),
            0x61 => Value::Signed(i64::from(self.number(2)? as u16 as i16)),
            0x71 => Value::Signed(i64::from(self.number(4)? as u32 as i32)),
            0x81 => Value::Signed(self.number(8)? as i64),
            0xa0 => Value::Binary(self.sized(1)?),
            0xb0 => Value::Binary(self.sized(4)?),
            0xa1 | 0xa3 => Value::Text(text(self.sized(1)?)?),
            0xb1 | 0xb3 => Value::Text(text(self.sized(4)?)?),
            0xc0 => Value::List(self.compound(1)?),
            0xd0 => Value::List(self.compound(4)?),
            0xc1 => Value::Map(self.compound(1)?),
            0xd1 => Value::Map(self.compound(4)?),
            0xe0 => self.array(1)?,
            0xf0 => self.array(4)?,
            other => {
                let width = match other >> 4 {
                    5 => 1,
                    6 => 2,
                    7 => 4,
                    8 => 8,
                    9 => 16,
                    _ => return Err(Malformed("a value has an unknown constructor")),
                };
                self.take(width)?;
                Value::Other
            }
        })
    }

    fn sized(&mut self, width: usize) -> Result<&'a [u8], Malformed> {
        let length = self.number(width)?;
        self.take(usize::try_from(length).map_err(|_| CUT)?)
    }

    fn compound(&mut self, width: usize) -> Result<Fields<'a>, Malformed> {
        let mut reader = Reader::new(self.sized(width)?);
        let left = u32::try_from(reader.number(width)?).map_err(|_| CUT)?;
        Ok(Fields { reader, left })
    }

    fn array(&mut self, width: usize) -> Result<Value<'a>, Malformed> {
        let mut reader = Reader::new(self.sized(width)?);
        let count = u32::try_from(reader.number(width)?).map_err(|_| CUT)?;
        Ok(Value::Array(reader.rest, count))
    }
}

/// The elements of a field that may be one symbol or an array of them.
pub(in super::super) fn symbols(value: Value<'_>) -> Result<Vec<&str>, Malformed> {
    match value {
        Value::Text(text) => Ok(vec![text]),
        Value::Array(bytes, count) => {
            let mut reader = Reader::new(bytes);
            let width = match reader.take(1)?[0] {
                0xa3 => 1,
                0xb3 => 4,
                _ => return Err(Malformed("an array of symbols has other elements")),
            };
            // Each element takes a byte or more, so that a large count ends with the bytes.
            (0..count).map(|_| text(reader.sized(width)?)).collect()
        }
        _ => Ok(Vec::new()),
    }
}

fn text(bytes: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(bytes).map_err(|_| Malformed("a text is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_end_with_nulls() {
        let mut fields = match Reader::new(&[0xc0, 5, 2, 0x52, 7, 0xa1, 0]).value() {
            Ok(Value::List(fields)) => fields,
            other => panic!("{other:?}"),
        };
        assert_eq!(fields.field(), Ok(Value::Unsigned(7)));
        assert_eq!(fields.field(), Ok(Value::Text("")));
        assert_eq!(fields.field(), Ok(Value::Null));
    }

    #[test]
    fn signs_are_kept() {
        assert_eq!(Reader::new(&[0x54, 0xff]).value(), Ok(Value::Signed(-1)));
        assert_eq!(Reader::new(&[0x71, 0, 0, 0, 202]).value(), Ok(Value::Signed(202)));
    }

    #[test]
    fn described_values_keep_their_encoding() {
        let value = Reader::new(&[0, 0x53, 0x24, 0x45, 0x99]).value();
        assert_eq!(value, Ok(Value::Described(0x24, &[0x45])));
        let named = Reader::new(&[0, 0xa3, 1, b'x', 0x40]).value();
        assert_eq!(named, Ok(Value::Described(0, &[0x40])));
    }

    #[test]
    fn symbols_come_alone_or_in_arrays() {
        let array = [0xe0, 6, 2, 0xa3, 1, b'A', 1, b'B'];
        assert_eq!(symbols(Reader::new(&array).value().unwrap()), Ok(vec!["A", "B"]));
        assert_eq!(symbols(Value::Text("A")), Ok(vec!["A"]));
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let mut state = 1_u32;
        for _ in 0..20_000 {
            let bytes: Vec<u8> = (0..24)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as u8
                })
                .collect();
            let mut reader = Reader::new(&bytes);
            while !reader.rest().is_empty() && reader.value().is_ok() {}
        }
        assert!(Reader::new(&[0; 64]).value().is_err());
    }
}
