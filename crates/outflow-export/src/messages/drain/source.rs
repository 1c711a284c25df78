//! Messages that were never sent, a block at a time, and a count of the bytes that messages take.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use outflow_connector_kit::Message;
use outflow_model::Fault;

use super::at_the_disk;
use crate::messages::acks::Acks;
use crate::messages::outbox::{OpenSet, SetReader};

/// Bytes that a block is taken for before it is read.
const BLOCK_BYTES: u64 = 1 << 20;

/// Bytes of buffers that messages are slices of.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter(Arc<AtomicU64>);

/// A buffer that is counted as long as a slice of it is left.
struct Held {
    bytes: Bytes,
    meter: Meter,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.meter.0.fetch_sub(self.bytes.len() as u64, Ordering::Relaxed);
    }
}

impl Meter {
    /// The bytes there are.
    pub fn held_bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// `bytes`, counted.
    pub fn hold(&self, bytes: Bytes) -> Bytes {
        self.0.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Bytes::from_owner(Held { bytes, meter: self.clone() })
    }

    /// The message in a buffer of its own, so that it keeps no block in memory.
    pub fn apart(&self, message: &Message) -> Message {
        let mut bytes = Vec::with_capacity(message.key.len() + message.event_id.len() + message.body.len());
        bytes.extend_from_slice(&message.key);
        bytes.extend_from_slice(&message.event_id);
        bytes.extend_from_slice(&message.body);
        let mut body = self.hold(Bytes::from(bytes));
        let key = body.split_to(message.key.len());
        let event_id = body.split_to(message.event_id.len());
        Message { key, event_id, body }
    }
}

/// The messages of a set that are not settled, in their order.
pub(super) struct Source {
    reader: SetReader,
    /// The next message.
    next: Option<(u64, Message)>,
    is_at_end: bool,
    meter: Meter,
}

impl Source {
    pub fn open(set: &OpenSet, acks: &Acks, meter: &Meter) -> Source {
        Source { reader: set.reader(acks.first_open()), next: None, is_at_end: false, meter: meter.clone() }
    }

    /// The next message and its number. `None` at the end, and where a block would have to be read but may not:
    /// `memory_bytes_max` is `None` when one may be read whatever there is.
    pub fn peek(&mut self, acks: &Acks, memory_bytes_max: Option<u64>) -> Result<Option<&(u64, Message)>, Fault> {
        while self.next.is_none() && !self.is_at_end {
            match self.reader.next_message()? {
                Some((number, _)) if acks.is_settled(number) => {}
                Some(found) => self.next = Some(found),
                None => {
                    let bytes = self.meter.held_bytes() + BLOCK_BYTES;
                    if memory_bytes_max.is_some_and(|max| bytes > max) {
                        return Ok(None);
                    }
                    let meter = self.meter.clone();
                    let reader = &mut self.reader;
                    self.is_at_end = !at_the_disk(|| reader.next_block(|block| meter.hold(block)))?;
                }
            }
        }
        Ok(self.next.as_ref())
    }

    /// Takes what [`peek`](Self::peek) showed.
    pub fn take(&mut self) -> Option<(u64, Message)> {
        self.next.take()
    }

    /// Whether there are no more messages.
    pub fn is_at_end(&self) -> bool {
        self.is_at_end && self.next.is_none()
    }
}
