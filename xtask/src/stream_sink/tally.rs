//! What came in.

use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::io::{BufWriter, Result, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Counts, and the file that messages are recorded in.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    messages: AtomicU64,
    bytes: AtomicU64,
    /// The sum of the messages' hashes, which their order does not change.
    hash: AtomicU64,
    record: Option<Mutex<BufWriter<File>>>,
}

impl Tally {
    /// Records messages where a file is named.
    pub(crate) fn new(record: Option<&Path>) -> Result<Tally> {
        let file = record.map(File::create).transpose()?;
        let record = file.map(|file| Mutex::new(BufWriter::with_capacity(1 << 20, file)));
        Ok(Tally { record, ..Tally::default() })
    }

    /// Whether messages are wanted, and not only their number.
    pub(crate) fn records(&self) -> bool {
        self.record.is_some()
    }

    /// Notes messages that came in so many bytes of the protocol.
    pub(crate) fn count(&self, messages: u64, bytes: u64) {
        self.messages.fetch_add(messages, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Records a message.
    pub(crate) fn message(&self, key: &[u8], body: &[u8]) -> Result<()> {
        let mut hasher = DefaultHasher::new();
        hasher.write(key);
        hasher.write_u8(0);
        hasher.write(body);
        self.hash.fetch_add(hasher.finish(), Ordering::Relaxed);
        let Some(record) = &self.record else { return Ok(()) };
        let mut file = record.lock().unwrap_or_else(PoisonError::into_inner);
        for part in [key, b"\t", body, b"\n"] {
            file.write_all(part)?;
        }
        Ok(())
    }

    /// The counts as JSON. What is recorded is in the file by then.
    pub(crate) fn stats(&self) -> Result<String> {
        if let Some(record) = &self.record {
            record.lock().unwrap_or_else(PoisonError::into_inner).flush()?;
        }
        let [messages, bytes, hash] = [&self.messages, &self.bytes, &self.hash].map(|n| n.load(Ordering::Relaxed));
        Ok(format!(r#"{{"messages":{messages},"bytes":{bytes},"hash":"{hash:016x}"}}"#))
    }
}
