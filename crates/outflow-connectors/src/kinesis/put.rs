//! PutRecords: the body, written by hand, and the answer.
//!
//! A message costs its Base64, which is written straight into the body, and a copy of its key. No value is built for it.

use std::borrow::Cow;

use aws_lc_rs::digest::{SHA256, digest};
use base64_simd::{AsOut as _, STANDARD as BASE64};
use bytes::Bytes;
use outflow_connector_kit::{Fault, Message};
use serde::Deserialize;

use crate::aws::encode::hex;

/// The service's limit for the records of a request.
pub(super) const RECORDS_MAX: usize = 500;

/// The service's limit for a partition key, in characters. They are counted as UTF-16 does, which is never less.
const KEY_CHARACTERS_MAX: usize = 256;

/// The length of a hash that stands for a key, in bytes.
const KEY_HASH_BYTES: usize = 64;

/// A message on its way.
pub(super) struct Record<'m> {
    pub key: Cow<'m, str>,
    pub body: &'m Bytes,
}

impl Record<'_> {
    pub(super) fn new(message: &Message) -> Record<'_> {
        Record { key: partition_key(&message.key), body: &message.body }
    }

    /// What it takes of a request and of a shard, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.key.len() + self.body.len()
    }
}

/// What [`Record::weight`] will be.
pub(super) fn weight(message: &Message) -> usize {
    let key = if plain_key(&message.key).is_some() { message.key.len() } else { KEY_HASH_BYTES };
    key + message.body.len()
}

/// The key as the service takes it: itself, or the SHA-256 of one that is too long or no text, in hexadecimal digits.
fn partition_key(key: &[u8]) -> Cow<'_, str> {
    match plain_key(key) {
        Some(key) => Cow::Borrowed(key),
        None => Cow::Owned(hex(digest(&SHA256, key).as_ref())),
    }
}

fn plain_key(key: &[u8]) -> Option<&str> {
    // A character takes 1 to 4 bytes.
    if key.is_empty() || key.len() > 4 * KEY_CHARACTERS_MAX {
        return None;
    }
    let text = std::str::from_utf8(key).ok()?;
    let fits = key.len() <= KEY_CHARACTERS_MAX || text.encode_utf16().count() <= KEY_CHARACTERS_MAX;
    fits.then_some(text)
}

/// The body of a request with `records`.
pub(super) fn body(stream: &str, records: &[&Record<'_>]) -> Result<Bytes, Fault> {
    let lengths = records.iter().map(|r| RECORD_FRAME + base64_length(r.body.len()) + json_length(&r.key));
    let length = HEAD.len() + stream.len() + AFTER_STREAM.len() + lengths.sum::<usize>() + TAIL.len();
    let mut out = Out { bytes: vec![0; length], at: 0 };
    out.put(HEAD)?;
    // A stream's name needs no escapes: `check` lets none through that would.
    out.put(stream.as_bytes())?;
    out.put(AFTER_STREAM)?;
    for (i, record) in records.iter().enumerate() {
        out.put(if i == 0 { &DATA[1..] } else { DATA })?;
        out.put_base64(record.body)?;
        out.put(KEY)?;
        out.put_text(&record.key)?;
        out.put(END)?;
    }
    out.put(TAIL)?;
    out.bytes.truncate(out.at);
    Ok(out.bytes.into())
}

/// The body of a request whose only record has a hash key above the highest. Whoever may put records is refused for it,
/// and nothing is stored.
pub(super) fn impossible_body(stream: &str) -> Bytes {
    let record =
        r#"{"Data":"","PartitionKey":"outflow-probe","ExplicitHashKey":"340282366920938463463374607431768211456"}"#;
    Bytes::from(format!(r#"{{"StreamName":"{stream}","Records":[{record}]}}"#))
}

const HEAD: &[u8] = br#"{"StreamName":""#;
const AFTER_STREAM: &[u8] = br#"","Records":["#;
const DATA: &[u8] = br#",{"Data":""#;
const KEY: &[u8] = br#"","PartitionKey":""#;
const END: &[u8] = br#""}"#;
const TAIL: &[u8] = b"]}";
const RECORD_FRAME: usize = DATA.len() + KEY.len() + END.len();

fn base64_length(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

/// The length of `text` within a JSON string.
fn json_length(text: &str) -> usize {
    let length = |b: u8| match b {
        b'"' | b'\\' => 2,
        0..0x20 => 6,
        _ => 1,
    };
    text.bytes().map(length).sum()
}

/// A buffer that is filled from its begin.
struct Out {
    bytes: Vec<u8>,
    at: usize,
}

impl Out {
    fn put(&mut self, text: &[u8]) -> Result<(), Fault> {
        let end = self.at + text.len();
        self.bytes.get_mut(self.at..end).ok_or_else(too_short)?.copy_from_slice(text);
        self.at = end;
        Ok(())
    }

    fn put_base64(&mut self, content: &[u8]) -> Result<(), Fault> {
        let end = self.at + base64_length(content.len());
        let room = self.bytes.get_mut(self.at..end).ok_or_else(too_short)?;
        // It wants room that is as long as what comes, or it panics.
        self.at += BASE64.encode(content, room.as_out()).len();
        Ok(())
    }

    fn put_text(&mut self, text: &str) -> Result<(), Fault> {
        if json_length(text) == text.len() {
            return self.put(text.as_bytes());
        }
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => self.put(&[b'\\', byte])?,
                0..0x20 => self.put(format!("\\u{byte:04x}").as_bytes())?,
                _ => self.put(&[byte])?,
            }
        }
        Ok(())
    }
}

fn too_short() -> Fault {
    Fault::internal("a request is longer than was computed")
}

/// What the service says of a request that it took.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutAnswer<'a> {
    #[serde(borrow)]
    pub records: Vec<PutResult<'a>>,
}

/// What it says of one record. Its words are not read: they may quote the record.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutResult<'a> {
    /// Its number in the shard that has it.
    #[serde(borrow, default)]
    pub sequence_number: Option<&'a str>,
    /// The shard that has it.
    #[serde(borrow, default)]
    pub shard_id: Option<&'a str>,
    /// Why it was not taken.
    #[serde(borrow, default)]
    pub error_code: Option<&'a str>,
}

impl<'a> PutResult<'a> {
    /// The service's code where the record was not taken.
    pub(super) fn code(&self) -> Option<&'a str> {
        self.error_code.filter(|code| !code.is_empty())
    }

    /// Whether the service says that it has the record.
    pub(super) fn is_stored(&self) -> bool {
        self.code().is_none() && self.sequence_number.is_some_and(|number| !number.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn message(key: &[u8], body: &[u8]) -> Message {
        Message {
            key: Bytes::copy_from_slice(key),
            event_id: Bytes::from_static(b"00000000000000000000000000000000"),
            body: Bytes::copy_from_slice(body),
        }
    }

    #[test]
    fn a_body_is_the_documented_json() {
        let messages = [
            message(b"plain", b"{}"),
            message("q\"\\\n\u{1}\u{7f}ü💧".as_bytes(), b""),
            message(b"\xff\xfe", &[0, 255, 128, 7]),
        ];
        let records: Vec<Record<'_>> = messages.iter().map(Record::new).collect();
        let body = body("audiences", &records.iter().collect::<Vec<_>>()).unwrap();
        let read: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(read["StreamName"], "audiences");
        assert_eq!(read["Records"][0], json!({"Data": "e30=", "PartitionKey": "plain"}));
        assert_eq!(read["Records"][1], json!({"Data": "", "PartitionKey": "q\"\\\n\u{1}\u{7f}ü💧"}));
        assert_eq!(read["Records"][2]["Data"], "AP+ABw==");
        assert_eq!(read["Records"][2]["PartitionKey"].as_str().unwrap().len(), 64);
        let read: Value = serde_json::from_slice(&impossible_body("audiences")).unwrap();
        assert_eq!(read["Records"][0]["ExplicitHashKey"], "340282366920938463463374607431768211456");
    }

    #[test]
    fn keys_of_256_characters_stay_and_longer_ones_are_hashed() {
        for (key, stays) in
            [("x".repeat(256), true), ("x".repeat(257), false), ("ü".repeat(256), true), ("💧".repeat(129), false)]
        {
            let message = message(key.as_bytes(), b"12345");
            let record = Record::new(&message);
            assert_eq!(record.key == key, stays, "{}", key.len());
            assert_eq!(record.weight(), weight(&message));
            // A function of the key alone.
            assert_eq!(record.key, Record::new(&message).key);
        }
    }

    #[test]
    fn an_answer_is_read_without_its_words() {
        let text = r#"{"FailedRecordCount":1,"Records":[{"SequenceNumber":"1","ShardId":"shardId-0"},
            {"ErrorCode":"InternalFailure","ErrorMessage":"it \"quotes\" ada"},
            {"ErrorCode":null,"ShardId":"shardId-1","SequenceNumber":"2"},{},{"ShardId":"shardId-1","SequenceNumber":""}]}"#;
        let answer: PutAnswer<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(
            answer.records.iter().map(|r| r.error_code).collect::<Vec<_>>(),
            [None, Some("InternalFailure"), None, None, None]
        );
        let stored: Vec<bool> = answer.records.iter().map(PutResult::is_stored).collect();
        assert_eq!(stored, [true, false, true, false, false]);
        assert!(!format!("{answer:?}").contains("ada"));
    }
}
