//! Frames: a length, a header, a body. They are cut out of what was received so far, so that reading can be interrupted.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::performative::Performative;
use super::{CodecError, Decoded};

/// The protocol headers that begin the sign-in and then AMQP.
pub(crate) const SASL_HEADER: [u8; 8] = *b"AMQP\x03\x01\x00\x00";
/// See [`SASL_HEADER`].
pub(crate) const AMQP_HEADER: [u8; 8] = *b"AMQP\x00\x01\x00\x00";
/// Largest frame that we take, as the service has it.
pub(crate) const FRAME_MAX_BYTES: u32 = 65_536;
/// Bytes of a frame before its body.
pub(crate) const HEADER_BYTES: usize = 8;

/// A frame's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Amqp,
    Sasl,
}

/// One frame. An empty body keeps the connection alive.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    pub(crate) channel: u16,
    pub(crate) body: Bytes,
}

/// Cuts a frame off the front of `received`; `None` while it is not whole.
pub(crate) fn cut(received: &mut BytesMut) -> Decoded<Option<Frame>> {
    let Some(header) = received.get(..HEADER_BYTES) else { return Ok(None) };
    let size = u32::from_be_bytes([header[0], header[1], header[2], header[3]]);
    if size > FRAME_MAX_BYTES {
        return Err(CodecError("a frame is larger than was agreed"));
    }
    let (size, offset, kind) = (size as usize, usize::from(header[4]) * 4, header[5]);
    if offset < HEADER_BYTES || offset > size {
        return Err(CodecError("a frame has an impossible length"));
    }
    if received.len() < size {
        return Ok(None);
    }
    let channel = u16::from_be_bytes([header[6], header[7]]);
    let mut frame = received.split_to(size).freeze();
    frame.advance(offset);
    let kind = match kind {
        0 => Kind::Amqp,
        1 => Kind::Sasl,
        _ => return Err(CodecError("a frame is of an unknown kind")),
    };
    Ok(Some(Frame { kind, channel, body: frame }))
}

/// Appends a frame whose body `fill` appends.
pub(crate) fn put(kind: Kind, channel: u16, out: &mut BytesMut, fill: impl FnOnce(&mut BytesMut)) {
    let at = out.len();
    out.put_u32(0);
    out.put_slice(&[2, u8::from(kind == Kind::Sasl)]);
    out.put_u16(channel);
    fill(out);
    let size = (out.len() - at) as u32;
    out[at..at + 4].copy_from_slice(&size.to_be_bytes());
}

/// Appends a frame with a performative and a payload.
pub(crate) fn put_performative(channel: u16, performative: Performative, payload: &[u8], out: &mut BytesMut) {
    put(Kind::Amqp, channel, out, |out| {
        performative.encode(out);
        out.put_slice(payload);
    });
}
