//! Messages as sections. What the hub does not look at stays bytes, so that a reader gets what was sent.

use bytes::{Bytes, BytesMut};

use super::value::{Value, encoded_bytes};
use super::{CodecError, Decoded};

/// Codes of sections.
pub(crate) mod section {
    /// Delivery annotations: for the next hop only.
    pub(crate) const DELIVERY_ANNOTATIONS: u8 = 0x71;
    /// Message annotations.
    pub(crate) const ANNOTATIONS: u8 = 0x72;
    /// Properties: message id, reply address and the like.
    pub(crate) const PROPERTIES: u8 = 0x73;
    /// Properties of the application.
    pub(crate) const APPLICATION_PROPERTIES: u8 = 0x74;
    /// A body of bytes.
    pub(crate) const DATA: u8 = 0x75;
    /// A body of one value.
    pub(crate) const VALUE: u8 = 0x77;
}

/// A section: its code and its whole encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) code: u8,
    pub(crate) raw: Bytes,
}

impl Section {
    /// Makes a section of a value.
    pub(crate) fn new(code: u8, value: Value) -> Section {
        let mut out = BytesMut::new();
        Value::Described(Box::new((Value::Ulong(u64::from(code)), value))).encode(&mut out);
        Section { code, raw: out.freeze() }
    }

    /// The value.
    pub(crate) fn value(&self) -> Decoded<Value> {
        Ok(Value::decode(&mut self.raw.clone())?.described())
    }
}

/// A message as its sections, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message(pub(crate) Vec<Section>);

impl Message {
    /// Splits `payload` into sections.
    pub(crate) fn decode(mut payload: Bytes) -> Decoded<Message> {
        let mut sections = Vec::new();
        while !payload.is_empty() {
            let raw = payload.split_to(encoded_bytes(&payload)?);
            sections.push(Section { code: section_code(&raw)?, raw });
        }
        Ok(Message(sections))
    }

    /// The encoding.
    pub(crate) fn encode(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(self.0.iter().map(|section| section.raw.len()).sum());
        for section in &self.0 {
            out.extend_from_slice(&section.raw);
        }
        out.freeze()
    }

    /// The value of the first section with this code; null where there is none.
    pub(crate) fn value(&self, code: u8) -> Decoded<Value> {
        self.0.iter().find(|section| section.code == code).map_or(Ok(Value::Null), Section::value)
    }

    /// The bytes of each data section, in order.
    pub(crate) fn data(&self) -> impl Iterator<Item = Decoded<Bytes>> {
        self.0.iter().filter(|section| section.code == section::DATA).map(|section| match section.value()? {
            Value::Binary(bytes) => Ok(bytes),
            _ => Err(CodecError("a data section holds no bytes")),
        })
    }
}

fn section_code(raw: &Bytes) -> Decoded<u8> {
    match raw.as_ref() {
        [0x00, 0x53, code, ..] => Ok(*code),
        [0x00, 0x80, 0, 0, 0, 0, 0, 0, 0, code, ..] => Ok(*code),
        _ => Err(CodecError("a section has no numeric code")),
    }
}
