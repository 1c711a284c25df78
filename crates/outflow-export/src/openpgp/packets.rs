//! Packets whose length nobody knows when they begin: their body goes out in chunks, each with its length before it.
//!
//! RFC 9580, sections 4.2.1.4 and 5.13.1.

use aws_lc_rs::cipher::{AES_256, EncryptionContext, StreamingEncryptingKey, UnboundCipherKey};
use aws_lc_rs::digest;
use aws_lc_rs::iv::FixedLength;
use outflow_model::Fault;

/// Bytes of a chunk: a power of two, at least 512. A receiver holds no more of it than it likes.
const CHUNK_BYTES: usize = 1 << CHUNK_EXPONENT;
const CHUNK_EXPONENT: u8 = 16;

/// Plain bytes that are encrypted in one call.
const STEP_BYTES: usize = 1024 * 1024;

/// Length of an AES block, and of the random bytes before the content.
pub(super) const BLOCK_BYTES: usize = 16;

/// Length of an AES-256 key.
pub(super) const KEY_BYTES: usize = 32;

const LITERAL_DATA: u8 = 0xC0 | 11;
const ENCRYPTED_DATA: u8 = 0xC0 | 18;
const MODIFICATION_DETECTION: u8 = 0xC0 | 19;

/// The body of a packet, cut into chunks. The last has a length of its own and is never empty, because some is held back
/// until more comes.
struct Body {
    pending: Vec<u8>,
}

impl Body {
    fn new(beginning: &[u8]) -> Body {
        let mut pending = Vec::with_capacity(CHUNK_BYTES);
        pending.extend_from_slice(beginning);
        Body { pending }
    }

    fn push(&mut self, mut content: &[u8], out: &mut Vec<u8>) {
        while self.pending.len() + content.len() > CHUNK_BYTES {
            let (now, later) = content.split_at(CHUNK_BYTES - self.pending.len());
            content = later;
            out.push(224 + CHUNK_EXPONENT);
            out.append(&mut self.pending);
            out.extend_from_slice(now);
        }
        self.pending.extend_from_slice(content);
    }

    fn finish(self, out: &mut Vec<u8>) {
        let length = self.pending.len();
        match length {
            0..192 => out.push(length as u8),
            192..8384 => {
                let above = length - 192;
                out.extend([(above >> 8) as u8 + 192, above as u8]);
            }
            _ => {
                out.push(255);
                out.extend((length as u32).to_be_bytes());
            }
        }
        out.extend(self.pending);
    }
}

/// A file's content as literal data inside symmetrically encrypted, integrity protected data of version 1.
pub(super) struct EncryptedData {
    literal: Body,
    outer: Body,
    cipher: StreamingEncryptingKey,
    detection: digest::Context,
}

impl EncryptedData {
    /// Begins the packet in `out`. `random` comes before the content, as the format asks.
    pub fn begin(key: &[u8; KEY_BYTES], random: &[u8; BLOCK_BYTES], out: &mut Vec<u8>) -> Result<EncryptedData, Fault> {
        let first = EncryptionContext::Iv128(FixedLength::from([0; BLOCK_BYTES]));
        let cipher = UnboundCipherKey::new(&AES_256, key)
            .and_then(|key| StreamingEncryptingKey::less_safe_cfb128(key, first))
            .map_err(|_| cannot_encrypt())?;
        out.push(ENCRYPTED_DATA);
        let mut data = EncryptedData {
            // Binary, without a name and without a time: both are the file's own to say.
            literal: Body::new(&[b'b', 0, 0, 0, 0, 0]),
            // Version 1.
            outer: Body::new(&[1]),
            cipher,
            detection: digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        };
        let mut plain = random.to_vec();
        plain.extend_from_slice(&random[BLOCK_BYTES - 2..]);
        plain.push(LITERAL_DATA);
        data.encrypt(&plain, out)?;
        Ok(data)
    }

    /// Takes content, and adds to `out` what can leave.
    pub fn push(&mut self, content: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        for step in content.chunks(STEP_BYTES) {
            let mut plain = Vec::with_capacity(step.len() + CHUNK_BYTES + 64);
            self.literal.push(step, &mut plain);
            self.encrypt(&plain, out)?;
        }
        Ok(())
    }

    /// Ends both packets.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        let mut plain = Vec::with_capacity(CHUNK_BYTES + 64);
        std::mem::replace(&mut self.literal, Body { pending: Vec::new() }).finish(&mut plain);
        plain.extend([MODIFICATION_DETECTION, digest::SHA1_OUTPUT_LEN as u8]);
        self.detection.update(&plain);
        plain.extend_from_slice(self.detection.clone().finish().as_ref());
        self.encipher(&plain, out)?;
        self.outer.finish(out);
        Ok(())
    }

    fn encrypt(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        self.detection.update(plain);
        self.encipher(plain, out)
    }

    fn encipher(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        // The cipher asks for room for a block more, and never uses it: in this mode bytes leave as they come.
        let mut room = vec![0; plain.len() + BLOCK_BYTES];
        let done = self.cipher.update(plain, &mut room).map_err(|_| cannot_encrypt())?;
        if done.written().len() != plain.len() {
            return Err(cannot_encrypt());
        }
        self.outer.push(done.written(), out);
        Ok(())
    }
}

fn cannot_encrypt() -> Fault {
    Fault::internal("the content of a file cannot be encrypted")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads a body back, and the lengths of its chunks.
    fn joined(mut framed: &[u8]) -> (Vec<u8>, Vec<usize>) {
        let (mut body, mut lengths) = (Vec::new(), Vec::new());
        loop {
            let (length, header, is_last) = match framed[0] {
                first @ 0..192 => (usize::from(first), 1, true),
                first @ 192..224 => (((usize::from(first) - 192) << 8) + usize::from(framed[1]) + 192, 2, true),
                255 => (u32::from_be_bytes(framed[1..5].try_into().unwrap()) as usize, 5, true),
                first => (1 << (first & 31), 1, false),
            };
            body.extend_from_slice(&framed[header..header + length]);
            lengths.push(length);
            framed = &framed[header + length..];
            if is_last {
                assert!(framed.is_empty(), "something follows the last chunk");
                return (body, lengths);
            }
        }
    }

    #[test]
    fn lengths_are_written_as_the_format_asks() {
        for length in [1, 191, 192, 8383, 8384, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES] {
            let content: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            let (mut body, mut out) = (Body::new(&[]), Vec::new());
            body.push(&content, &mut out);
            body.finish(&mut out);
            let (read, lengths) = joined(&out);
            assert!(read == content, "{length}");
            let (last, others) = lengths.split_last().unwrap();
            assert!(*last > 0 && others.iter().all(|length| *length == CHUNK_BYTES), "{lengths:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn how_the_content_comes_changes_no_byte(
            content in prop::collection::vec(any::<u8>(), 0..200_000), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let sealed = |pieces: &[&[u8]]| {
                let mut out = Vec::new();
                let mut data = EncryptedData::begin(&[1; KEY_BYTES], &[2; BLOCK_BYTES], &mut out).unwrap();
                for piece in pieces {
                    data.push(piece, &mut out).unwrap();
                }
                data.finish(&mut out).unwrap();
                out
            };
            let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(content.len() + 1)).collect();
            ends.push(content.len());
            ends.sort_unstable();
            let mut from = 0;
            let pieces: Vec<&[u8]> = ends.iter().map(|&end| { let piece = &content[from..end]; from = end; piece }).collect();
            prop_assert!(sealed(&pieces) == sealed(&[&content]));
        }
    }
}
