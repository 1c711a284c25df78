//! The frames of the sign-in that comes before AMQP.

use bytes::{BufMut, Bytes, BytesMut};

use super::fields::Fields;
use super::performative::symbols;
use super::value::Value;
use super::{CodecError, Decoded};

/// What a client begins its sign-in with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Init {
    pub(crate) mechanism: String,
    pub(crate) response: Bytes,
}

/// Appends the offer of `mechanisms`.
pub(crate) fn encode_mechanisms(mechanisms: &[&str], out: &mut BytesMut) {
    out.put_slice(&[0x00, 0x53, 0x40]);
    Value::List(vec![symbols(mechanisms)]).encode(out);
}

/// Appends the end of the sign-in: 0 for success, 1 for wrong credentials.
pub(crate) fn encode_outcome(code: u8, out: &mut BytesMut) {
    out.put_slice(&[0x00, 0x53, 0x44]);
    Value::List(vec![Value::Ubyte(code), Value::Null]).encode(out);
}

/// Decodes a client's first frame.
pub(crate) fn decode_init(input: &mut Bytes) -> Decoded<Init> {
    let Value::Described(pair) = Value::decode(input)? else {
        return Err(CodecError("a sign-in frame is not described"));
    };
    if pair.0 != Value::Ulong(0x41) {
        return Err(CodecError("the sign-in does not begin with sasl-init"));
    }
    let mut fields = Fields::of(pair.1)?;
    let mechanism = fields.text()?.ok_or(CodecError("a sign-in names no mechanism"))?;
    Ok(Init { mechanism, response: fields.binary()?.unwrap_or_default() })
}
