//! Any AMQP value: encoding and decoding, bounded in depth and number.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::{CodecError, Decoded};

/// Values in values. Messages of the SDKs need six.
const DEPTH_MAX: usize = 32;
/// Values in one decoded value, so that a frame of 64 KiB cannot become many megabytes.
const ITEMS_MAX: usize = 65_536;

/// One AMQP value. Floating point numbers and decimals are kept as their bits: nobody computes with them here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Value {
    #[default]
    Null,
    Bool(bool),
    Ubyte(u8),
    Ushort(u16),
    Uint(u32),
    Ulong(u64),
    Byte(i8),
    Short(i16),
    Int(i32),
    Long(i64),
    Float(u32),
    Double(u64),
    Decimal32(u32),
    Decimal64(u64),
    Decimal128(u128),
    Char(u32),
    /// Milliseconds since 1970.
    Timestamp(i64),
    Uuid(u128),
    Binary(Bytes),
    String(String),
    Symbol(String),
    List(Vec<Value>),
    Map(Vec<(Value, Value)>),
    /// Values of one type.
    Array(Vec<Value>),
    /// Descriptor and value.
    Described(Box<(Value, Value)>),
}

impl Value {
    /// A symbol.
    pub(crate) fn symbol(text: impl Into<String>) -> Value {
        Value::Symbol(text.into())
    }

    /// A string.
    pub(crate) fn string(text: impl Into<String>) -> Value {
        Value::String(text.into())
    }

    /// A composite value of the specification: fields under a numeric descriptor.
    pub(crate) fn composite(descriptor: u64, fields: Vec<Value>) -> Value {
        Value::Described(Box::new((Value::Ulong(descriptor), Value::List(fields))))
    }

    /// The text of a string or symbol.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Value::String(text) | Value::Symbol(text) => Some(text),
            _ => None,
        }
    }

    /// The value under `key`, a string or symbol, of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Map(pairs) => pairs.iter().find(|(k, _)| k.text() == Some(key)).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value without its descriptor.
    pub(crate) fn described(self) -> Value {
        match self {
            Value::Described(pair) => pair.1,
            other => other,
        }
    }

    /// Appends the encoding.
    pub(crate) fn encode(&self, out: &mut BytesMut) {
        match self {
            Value::Described(pair) => {
                out.put_u8(0x00);
                pair.0.encode(out);
                pair.1.encode(out);
            }
            Value::Null => out.put_u8(0x40),
            Value::Bool(value) => out.put_u8(if *value { 0x41 } else { 0x42 }),
            Value::Uint(0) => out.put_u8(0x43),
            Value::Ulong(0) => out.put_u8(0x44),
            Value::Uint(value @ 1..=255) => out.put_slice(&[0x52, *value as u8]),
            Value::Ulong(value @ 1..=255) => out.put_slice(&[0x53, *value as u8]),
            Value::Int(value @ -128..=127) => out.put_slice(&[0x54, *value as u8]),
            Value::Long(value @ -128..=127) => out.put_slice(&[0x55, *value as u8]),
            Value::Binary(bytes) if bytes.len() < 256 => short(out, 0xa0, bytes),
            Value::String(text) if text.len() < 256 => short(out, 0xa1, text.as_bytes()),
            Value::Symbol(text) if text.len() < 256 => short(out, 0xa3, text.as_bytes()),
            other => {
                out.put_u8(constructor(other));
                body(other, out);
            }
        }
    }

    /// Decodes one value off the front of `input`.
    pub(crate) fn decode(input: &mut Bytes) -> Decoded<Value> {
        let mut items = ITEMS_MAX;
        decode(input, 0, &mut items)
    }
}

fn short(out: &mut BytesMut, constructor: u8, bytes: &[u8]) {
    out.put_slice(&[constructor, bytes.len() as u8]);
    out.put_slice(bytes);
}

/// The constructor of a value's widest encoding, which is what arrays take.
fn constructor(value: &Value) -> u8 {
    match value {
        Value::Described(_) => 0x00,
        Value::Null => 0x40,
        Value::Bool(_) => 0x56,
        Value::Ubyte(_) => 0x50,
        Value::Ushort(_) => 0x60,
        Value::Uint(_) => 0x70,
        Value::Ulong(_) => 0x80,
        Value::Byte(_) => 0x51,
        Value::Short(_) => 0x61,
        Value::Int(_) => 0x71,
        Value::Long(_) => 0x81,
        Value::Float(_) => 0x72,
        Value::Double(_) => 0x82,
        Value::Decimal32(_) => 0x74,
        Value::Decimal64(_) => 0x84,
        Value::Decimal128(_) => 0x94,
        Value::Char(_) => 0x73,
        Value::Timestamp(_) => 0x83,
        Value::Uuid(_) => 0x98,
        Value::Binary(_) => 0xb0,
        Value::String(_) => 0xb1,
        Value::Symbol(_) => 0xb3,
        Value::List(_) => 0xd0,
        Value::Map(_) => 0xd1,
        Value::Array(_) => 0xf0,
    }
}

/// What follows the constructor of the widest encoding.
fn body(value: &Value, out: &mut BytesMut) {
    match value {
        Value::Null => {}
        Value::Bool(value) => out.put_u8(u8::from(*value)),
        Value::Ubyte(value) => out.put_u8(*value),
        Value::Ushort(value) => out.put_u16(*value),
        Value::Uint(value) | Value::Float(value) | Value::Decimal32(value) | Value::Char(value) => out.put_u32(*value),
        Value::Ulong(value) | Value::Double(value) | Value::Decimal64(value) => out.put_u64(*value),
        Value::Byte(value) => out.put_i8(*value),
        Value::Short(value) => out.put_i16(*value),
        Value::Int(value) => out.put_i32(*value),
        Value::Long(value) | Value::Timestamp(value) => out.put_i64(*value),
        Value::Decimal128(value) | Value::Uuid(value) => out.put_u128(*value),
        Value::Binary(bytes) => long(out, bytes),
        Value::String(text) | Value::Symbol(text) => long(out, text.as_bytes()),
        Value::List(items) => compound(out, items.len(), |out| items.iter().for_each(|item| item.encode(out))),
        Value::Map(pairs) => compound(out, pairs.len() * 2, |out| {
            for (key, value) in pairs {
                key.encode(out);
                value.encode(out);
            }
        }),
        Value::Array(items) => compound(out, items.len(), |out| array_items(items, out)),
        Value::Described(pair) => body(&pair.1, out),
    }
}

fn long(out: &mut BytesMut, bytes: &[u8]) {
    out.put_u32(bytes.len() as u32);
    out.put_slice(bytes);
}

/// Size, count, and what `fill` appends.
fn compound(out: &mut BytesMut, count: usize, fill: impl FnOnce(&mut BytesMut)) {
    let at = out.len();
    out.put_u32(0);
    out.put_u32(count as u32);
    fill(out);
    let size = (out.len() - at - 4) as u32;
    out[at..at + 4].copy_from_slice(&size.to_be_bytes());
}

fn array_items(items: &[Value], out: &mut BytesMut) {
    let Some(mut first) = items.first() else { return };
    while let Value::Described(pair) = first {
        out.put_u8(0x00);
        pair.0.encode(out);
        first = &pair.1;
    }
    out.put_u8(constructor(first));
    items.iter().for_each(|item| body(item, out));
}

/// Takes `count` bytes off the front.
fn take(input: &mut Bytes, count: usize) -> Decoded<Bytes> {
    if count > input.len() {
        return Err(CodecError("a value is cut short"));
    }
    Ok(input.split_to(count))
}

fn take_u8(input: &mut Bytes) -> Decoded<u8> {
    Ok(take(input, 1)?.get_u8())
}

fn decode(input: &mut Bytes, depth: usize, items: &mut usize) -> Decoded<Value> {
    let constructor = take_u8(input)?;
    decode_as(constructor, input, depth, items)
}

fn decode_as(constructor: u8, input: &mut Bytes, depth: usize, items: &mut usize) -> Decoded<Value> {
    if depth > DEPTH_MAX {
        return Err(CodecError("values are nested too deep"));
    }
    *items = items.checked_sub(1).ok_or(CodecError("there are too many values"))?;
    Ok(match constructor {
        0x00 => {
            let descriptor = decode(input, depth + 1, items)?;
            Value::Described(Box::new((descriptor, decode(input, depth + 1, items)?)))
        }
        0x40..=0x4f => decode_empty(constructor)?,
        0x50..=0x9f => decode_fixed(constructor, input)?,
        0xa0..=0xbf => decode_variable(constructor, input)?,
        0xc0..=0xff => decode_compound(constructor, input, depth, items)?,
        _ => return Err(CodecError("a value has an unknown type")),
    })
}

fn decode_empty(constructor: u8) -> Decoded<Value> {
    Ok(match constructor {
        0x40 => Value::Null,
        0x41 => Value::Bool(true),
        0x42 => Value::Bool(false),
        0x43 => Value::Uint(0),
        0x44 => Value::Ulong(0),
        0x45 => Value::List(Vec::new()),
        _ => return Err(CodecError("a value has an unknown type")),
    })
}

fn decode_fixed(constructor: u8, input: &mut Bytes) -> Decoded<Value> {
    let width = match constructor >> 4 {
        5 => 1,
        6 => 2,
        7 => 4,
        8 => 8,
        _ => 16,
    };
    let mut raw = take(input, width)?;
    Ok(match constructor {
        0x50 => Value::Ubyte(raw.get_u8()),
        0x51 => Value::Byte(raw.get_i8()),
        0x52 => Value::Uint(u32::from(raw.get_u8())),
        0x53 => Value::Ulong(u64::from(raw.get_u8())),
        0x54 => Value::Int(i32::from(raw.get_i8())),
        0x55 => Value::Long(i64::from(raw.get_i8())),
        0x56 => Value::Bool(raw.get_u8() != 0),
        0x60 => Value::Ushort(raw.get_u16()),
        0x61 => Value::Short(raw.get_i16()),
        0x70 => Value::Uint(raw.get_u32()),
        0x71 => Value::Int(raw.get_i32()),
        0x72 => Value::Float(raw.get_u32()),
        0x73 => Value::Char(raw.get_u32()),
        0x74 => Value::Decimal32(raw.get_u32()),
        0x80 => Value::Ulong(raw.get_u64()),
        0x81 => Value::Long(raw.get_i64()),
        0x82 => Value::Double(raw.get_u64()),
        0x83 => Value::Timestamp(raw.get_i64()),
        0x84 => Value::Decimal64(raw.get_u64()),
        0x94 => Value::Decimal128(raw.get_u128()),
        0x98 => Value::Uuid(raw.get_u128()),
        _ => return Err(CodecError("a value has an unknown type")),
    })
}

/// A length of one byte (even high digit of the constructor) or four.
fn take_length(constructor: u8, input: &mut Bytes) -> Decoded<usize> {
    if (constructor >> 4) & 1 == 0 { Ok(usize::from(take_u8(input)?)) } else { Ok(take(input, 4)?.get_u32() as usize) }
}

fn decode_variable(constructor: u8, input: &mut Bytes) -> Decoded<Value> {
    let length = take_length(constructor, input)?;
    let raw = take(input, length)?;
    let text = |raw: &Bytes| std::str::from_utf8(raw).map(str::to_owned).map_err(|_| CodecError("a text is not UTF-8"));
    Ok(match constructor & 0x0f {
        0 => Value::Binary(raw),
        1 => Value::String(text(&raw)?),
        3 => Value::Symbol(text(&raw)?),
        _ => return Err(CodecError("a value has an unknown type")),
    })
}

fn decode_compound(constructor: u8, input: &mut Bytes, depth: usize, items: &mut usize) -> Decoded<Value> {
    // Lists and maps are 0xc and 0xd, arrays 0xe and 0xf; of both the second has lengths of four bytes.
    let size = take_length(constructor, input)?;
    let mut inner = take(input, size)?;
    let count = take_length(constructor, &mut inner)?;
    // What is not an array takes a byte a value at least, so the room that is asked for is bounded by what was sent.
    if count > *items || (constructor < 0xe0 && count > inner.len()) {
        return Err(CodecError("there are too many values"));
    }
    Ok(match constructor {
        0xc0 | 0xd0 => Value::List(sequence(count, || decode(&mut inner, depth + 1, items))?),
        0xc1 | 0xd1 if count % 2 == 0 => Value::Map(sequence(count / 2, || {
            let key = decode(&mut inner, depth + 1, items)?;
            Ok((key, decode(&mut inner, depth + 1, items)?))
        })?),
        0xe0 | 0xf0 => decode_array(count, &mut inner, depth, items)?,
        _ => return Err(CodecError("a value has an unknown type")),
    })
}

fn sequence<T>(count: usize, mut next: impl FnMut() -> Decoded<T>) -> Decoded<Vec<T>> {
    // Grows with what is really there.
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(next()?);
    }
    Ok(all)
}

fn decode_array(count: usize, inner: &mut Bytes, depth: usize, items: &mut usize) -> Decoded<Value> {
    if count == 0 {
        return Ok(Value::Array(Vec::new()));
    }
    let mut descriptors = Vec::new();
    let mut constructor = take_u8(inner)?;
    while constructor == 0x00 {
        if depth + descriptors.len() > DEPTH_MAX {
            return Err(CodecError("values are nested too deep"));
        }
        descriptors.push(decode(inner, depth + 1, items)?);
        constructor = take_u8(inner)?;
    }
    let depth = depth + 1 + descriptors.len();
    Ok(Value::Array(sequence(count, || {
        let value = decode_as(constructor, inner, depth, items)?;
        Ok(descriptors
            .iter()
            .rev()
            .fold(value, |value, descriptor| Value::Described(Box::new((descriptor.clone(), value)))))
    })?))
}

/// How many bytes the value at the front of `input` takes, without looking into it.
pub(crate) fn encoded_bytes(input: &[u8]) -> Decoded<usize> {
    const CUT: CodecError = CodecError("a value is cut short");
    let mut at = 0;
    // A descriptor is a value of its own, and so may have one.
    let mut values = 1_usize;
    while values > 0 {
        let constructor = *input.get(at).ok_or(CUT)?;
        at += 1;
        if constructor == 0x00 {
            values += 1;
            continue;
        }
        values -= 1;
        at += match constructor >> 4 {
            4 => 0,
            5 => 1,
            6 => 2,
            7 => 4,
            8 => 8,
            9 => 16,
            0xa | 0xc | 0xe => 1 + usize::from(*input.get(at).ok_or(CUT)?),
            0xb | 0xd | 0xf => {
                let length = input.get(at..at + 4).ok_or(CUT)?;
                4 + u32::from_be_bytes([length[0], length[1], length[2], length[3]]) as usize
            }
            _ => return Err(CodecError("a value has an unknown type")),
        };
        if at > input.len() {
            return Err(CUT);
        }
    }
    Ok(at)
}
