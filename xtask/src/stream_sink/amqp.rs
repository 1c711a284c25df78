//! AMQP's values and frames, as far as a hub that takes everything needs them. A value that is only handed back is kept as
//! the bytes that it came in.

use std::io::{Error, ErrorKind, Result};

pub(crate) const OPEN: u8 = 0x10;
pub(crate) const BEGIN: u8 = 0x11;
pub(crate) const ATTACH: u8 = 0x12;
pub(crate) const FLOW: u8 = 0x13;
pub(crate) const TRANSFER: u8 = 0x14;
pub(crate) const DISPOSITION: u8 = 0x15;
pub(crate) const DETACH: u8 = 0x16;
pub(crate) const END: u8 = 0x17;
pub(crate) const CLOSE: u8 = 0x18;
pub(crate) const SASL_MECHANISMS: u8 = 0x40;
pub(crate) const SASL_INIT: u8 = 0x41;
pub(crate) const SASL_OUTCOME: u8 = 0x44;
pub(crate) const ANNOTATIONS: u8 = 0x72;
pub(crate) const PROPERTIES: u8 = 0x73;
pub(crate) const APPLICATION_PROPERTIES: u8 = 0x74;
pub(crate) const DATA: u8 = 0x75;
pub(crate) const VALUE: u8 = 0x77;

/// Length of a frame's head, in bytes.
pub(crate) const HEAD_BYTES: usize = 8;
/// The state of a transfer that was taken.
pub(crate) const ACCEPTED: [u8; 4] = [0, 0x53, 0x24, 0x45];
pub(crate) const NULL: [u8; 1] = [0x40];
pub(crate) const TRUE: [u8; 1] = [0x41];
pub(crate) const FALSE: [u8; 1] = [0x42];

fn malformed() -> Error {
    Error::new(ErrorKind::InvalidData, "this is not AMQP")
}

/// Takes `count` bytes off the front.
fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count).ok_or_else(malformed)?;
    *bytes = rest;
    Ok(taken)
}

fn wide(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// Takes a value off the front; answers its encoding.
pub(crate) fn value<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8]> {
    let before = *bytes;
    let constructor = take(bytes, 1)?[0];
    if constructor == 0 {
        // Neither a descriptor nor what it describes is itself described in anything that is read here.
        for _ in 0..2 {
            if bytes.first() == Some(&0) {
                return Err(malformed());
            }
            value(bytes)?;
        }
    } else {
        let length = match constructor >> 4 {
            4 => 0,
            5 => 1,
            6 => 2,
            7 => 4,
            8 => 8,
            9 => 16,
            0xa | 0xc | 0xe => usize::from(take(bytes, 1)?[0]),
            0xb | 0xd | 0xf => wide(take(bytes, 4)?) as usize,
            _ => return Err(malformed()),
        };
        take(bytes, length)?;
    }
    Ok(&before[..before.len() - bytes.len()])
}

/// The content behind a constructor, and behind a length where there is one.
fn content(encoding: &[u8]) -> &[u8] {
    let head = match encoding.first().map_or(4, |constructor| constructor >> 4) {
        0xa | 0xc | 0xe => 2,
        0xb | 0xd | 0xf => 5,
        _ => 1,
    };
    encoding.get(head..).unwrap_or_default()
}

/// A number without a sign; none where the value is none.
pub(crate) fn number(encoding: &[u8]) -> Option<u32> {
    match encoding.first()? {
        0x43 => Some(0),
        0x50 | 0x52 | 0x53 | 0x60 | 0x70 => Some(wide(content(encoding)) as u32),
        _ => None,
    }
}

/// Whether it is true.
pub(crate) fn is_true(encoding: &[u8]) -> bool {
    encoding == TRUE || encoding == [0x56, 1]
}

/// The bytes of a text, a symbol or a binary; empty where the value is none.
pub(crate) fn bytes(encoding: &[u8]) -> &[u8] {
    match encoding.first() {
        Some(0xa0 | 0xa1 | 0xa3 | 0xb0 | 0xb1 | 0xb3) => content(encoding),
        _ => &[],
    }
}

/// A described value off the front: the code of what it is, and its encoding.
pub(crate) fn described<'a>(bytes: &mut &'a [u8]) -> Result<(u8, &'a [u8])> {
    if take(bytes, 1)? != [0] {
        return Err(malformed());
    }
    let descriptor = value(bytes)?;
    let code = descriptor.last().copied().filter(|_| matches!(descriptor[0], 0x53 | 0x80)).unwrap_or(0);
    Ok((code, value(bytes)?))
}

/// The elements of a list or a map, which may be described.
pub(crate) fn elements(encoding: &[u8]) -> Result<Vec<&[u8]>> {
    let mut rest = encoding;
    if rest.first() == Some(&0) {
        return elements(described(&mut rest)?.1);
    }
    let count_bytes = match encoding.first() {
        Some(0xc0 | 0xc1) => 1,
        Some(0xd0 | 0xd1) => 4,
        _ => return Ok(Vec::new()),
    };
    let mut rest = content(encoding);
    take(&mut rest, count_bytes)?;
    let mut elements = Vec::with_capacity(16);
    while !rest.is_empty() {
        elements.push(value(&mut rest)?);
    }
    Ok(elements)
}

/// A field of a list, null where the list ends before it.
pub(crate) fn field<'a>(fields: &[&'a [u8]], number: usize) -> &'a [u8] {
    fields.get(number).copied().unwrap_or(&NULL)
}

/// Encodes an unsigned number of four bytes.
pub(crate) fn uint(number: u32) -> Vec<u8> {
    [&[0x70][..], &number.to_be_bytes()].concat()
}

/// Encodes a text.
pub(crate) fn text(text: &str) -> Vec<u8> {
    sized(0xb1, text.as_bytes())
}

/// Encodes what has a length of four bytes.
pub(crate) fn sized(constructor: u8, content: &[u8]) -> Vec<u8> {
    [&[constructor][..], &(content.len() as u32).to_be_bytes(), content].concat()
}

/// Encodes a list (`0xd0`), a map (`0xd1`) or, with its elements' constructor in front of them, an array (`0xf0`).
pub(crate) fn compound(constructor: u8, count: usize, elements: &[u8]) -> Vec<u8> {
    sized(constructor, &[&(count as u32).to_be_bytes()[..], elements].concat())
}

/// Encodes a list with a descriptor.
pub(crate) fn list(code: u8, fields: &[&[u8]]) -> Vec<u8> {
    [&[0, 0x53, code][..], &compound(0xd0, fields.len(), &fields.concat())].concat()
}

/// Writes a frame: `kind` is 0 for AMQP itself and 1 for signing in.
pub(crate) fn frame(out: &mut Vec<u8>, kind: u8, channel: u16, body: &[u8]) {
    out.extend_from_slice(&((body.len() + HEAD_BYTES) as u32).to_be_bytes());
    out.extend_from_slice(&[2, kind]);
    out.extend_from_slice(&channel.to_be_bytes());
    out.extend_from_slice(body);
}

/// A frame that was read.
pub(crate) struct Frame<'a> {
    pub(crate) channel: u16,
    /// Empty in a sign of life.
    pub(crate) body: &'a [u8],
}

/// Takes a frame off the front; none while not all of it is there.
pub(crate) fn next_frame<'a>(bytes: &mut &'a [u8]) -> Result<Option<Frame<'a>>> {
    let Some(head) = bytes.get(..HEAD_BYTES) else { return Ok(None) };
    let size = wide(&head[..4]) as usize;
    let offset = usize::from(head[4]) * 4;
    if offset < HEAD_BYTES || size < offset {
        return Err(malformed());
    }
    let Some(frame) = bytes.get(..size) else { return Ok(None) };
    *bytes = &bytes[size..];
    Ok(Some(Frame { channel: wide(&head[6..8]) as u16, body: &frame[offset..] }))
}
