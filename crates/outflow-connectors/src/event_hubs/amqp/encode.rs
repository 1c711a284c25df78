//! Writing AMQP's types.

/// A list of fields, written one after the other.
#[derive(Default)]
pub(in super::super) struct List {
    bytes: Vec<u8>,
    count: u32,
}

impl List {
    /// With a field absent.
    #[must_use]
    pub(in super::super) fn null(self) -> List {
        self.raw(&[0x40])
    }

    /// With a truth value.
    #[must_use]
    pub(in super::super) fn bool(self, value: bool) -> List {
        self.raw(&[if value { 0x41 } else { 0x42 }])
    }

    /// With an unsigned integer of one byte.
    #[must_use]
    pub(in super::super) fn ubyte(self, value: u8) -> List {
        self.raw(&[0x50, value])
    }

    /// With an unsigned integer of two bytes.
    #[must_use]
    pub(in super::super) fn ushort(self, value: u16) -> List {
        let [a, b] = value.to_be_bytes();
        self.raw(&[0x60, a, b])
    }

    /// With an unsigned integer of four bytes.
    #[must_use]
    pub(in super::super) fn uint(mut self, value: u32) -> List {
        uint(&mut self.bytes, value);
        self.count += 1;
        self
    }

    /// With a text.
    #[must_use]
    pub(in super::super) fn text(mut self, value: &str) -> List {
        text(&mut self.bytes, value.as_bytes());
        self.count += 1;
        self
    }

    /// With a symbol.
    #[must_use]
    pub(in super::super) fn symbol(mut self, value: &str) -> List {
        symbol(&mut self.bytes, value);
        self.count += 1;
        self
    }

    /// With a described list.
    #[must_use]
    pub(in super::super) fn described(mut self, code: u8, fields: &List) -> List {
        fields.describe(code, &mut self.bytes);
        self.count += 1;
        self
    }

    /// With one value that is encoded already.
    #[must_use]
    pub(in super::super) fn raw(mut self, encoding: &[u8]) -> List {
        self.bytes.extend_from_slice(encoding);
        self.count += 1;
        self
    }

    /// Writes it as the described type with the code.
    pub(in super::super) fn describe(&self, code: u8, out: &mut Vec<u8>) {
        out.extend_from_slice(&[0, 0x53, code]);
        compound(out, [0xc0, 0xd0], self.bytes.len(), self.count);
        out.extend_from_slice(&self.bytes);
    }

    /// Writes it as a described map: its fields are keys and values in turn.
    pub(in super::super) fn describe_map(&self, code: u8, out: &mut Vec<u8>) {
        out.extend_from_slice(&[0, 0x53, code]);
        compound(out, [0xc1, 0xd1], self.bytes.len(), self.count);
        out.extend_from_slice(&self.bytes);
    }
}

/// The head of a list or map of `length` bytes: `kinds` are the constructors of the short and the long form.
pub(in super::super) fn compound(out: &mut Vec<u8>, kinds: [u8; 2], length: usize, count: u32) {
    if length < 255 && count < 256 {
        out.extend_from_slice(&[kinds[0], length as u8 + 1, count as u8]);
    } else {
        out.push(kinds[1]);
        out.extend_from_slice(&(length as u32 + 4).to_be_bytes());
        out.extend_from_slice(&count.to_be_bytes());
    }
}

/// Bytes that [`compound`] writes.
pub(in super::super) fn compound_bytes(length: usize) -> usize {
    if length < 255 { 3 } else { 9 }
}

/// An unsigned integer of four bytes, in its shortest form.
pub(in super::super) fn uint(out: &mut Vec<u8>, value: u32) {
    match value {
        0 => out.push(0x43),
        1..=255 => out.extend_from_slice(&[0x52, value as u8]),
        _ => {
            out.push(0x70);
            out.extend_from_slice(&value.to_be_bytes());
        }
    }
}

/// A text of UTF-8.
pub(in super::super) fn text(out: &mut Vec<u8>, value: &[u8]) {
    sized(out, [0xa1, 0xb1], value);
}

/// A symbol.
pub(in super::super) fn symbol(out: &mut Vec<u8>, value: &str) {
    sized(out, [0xa3, 0xb3], value.as_bytes());
}

/// Bytes.
pub(in super::super) fn binary(out: &mut Vec<u8>, value: &[u8]) {
    sized(out, [0xa0, 0xb0], value);
}

/// Bytes that a text, symbol or binary of `length` bytes takes.
pub(in super::super) fn sized_bytes(length: usize) -> usize {
    length + if length < 256 { 2 } else { 5 }
}

fn sized(out: &mut Vec<u8>, kinds: [u8; 2], value: &[u8]) {
    if value.len() < 256 {
        out.extend_from_slice(&[kinds[0], value.len() as u8]);
    } else {
        out.push(kinds[1]);
        out.extend_from_slice(&(value.len() as u32).to_be_bytes());
    }
    out.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_taken_where_they_fit() {
        let mut out = Vec::new();
        List::default().uint(0).uint(255).uint(256).null().bool(true).describe(0x10, &mut out);
        assert_eq!(out, [0, 0x53, 0x10, 0xc0, 11, 5, 0x43, 0x52, 255, 0x70, 0, 0, 1, 0, 0x40, 0x41]);
    }

    #[test]
    fn long_forms_are_taken_where_they_must() {
        let mut out = Vec::new();
        List::default().text(&"x".repeat(300)).describe(0x10, &mut out);
        assert_eq!(out[..17], [0, 0x53, 0x10, 0xd0, 0, 0, 1, 53, 0, 0, 0, 1, 0xb1, 0, 0, 1, 44]);
        assert_eq!(out.len(), 3 + compound_bytes(305) + sized_bytes(300));
        let mut edge = Vec::new();
        compound(&mut edge, [0xc0, 0xd0], 254, 1);
        assert_eq!(edge, [0xc0, 255, 1]);
    }
}
