//! What becomes of a transfer: faults first, then the events are stored.

use std::sync::Arc;

use bytes::Bytes;

use super::codec::message::{Message, section};
use super::codec::performative::{AmqpError, Outcome};
use super::codec::value::Value;
use super::codec::{CodecError, Decoded};
use super::store::{Event, Hub};
use super::{Shared, clock};

/// Format of a message whose data sections are messages.
const BATCH_FORMAT: u32 = 0x8001_3700;
/// Sections that the service does not hand on: the header and delivery annotations.
const NOT_KEPT: [u8; 2] = [0x70, section::DELIVERY_ANNOTATIONS];

/// A link's way to a hub.
#[derive(Clone)]
pub(crate) struct Intake {
    pub(crate) hub: Arc<Hub>,
    /// The partition that the link was attached to.
    pub(crate) partition: Option<usize>,
}

/// What is done about a transfer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Settle(Outcome),
    /// Nothing is said.
    Silence,
    Detach(AmqpError),
    Close(AmqpError),
    /// The connection is reset.
    Drop,
}

/// How many transfers there were, this one included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    pub(crate) of_link: u64,
    pub(crate) of_connection: u64,
    pub(crate) of_all: u64,
}

impl Intake {
    /// Judges a transfer and stores it where nothing speaks against it.
    pub(crate) fn take(&self, shared: &Shared, format: u32, payload: Bytes, counts: Counts) -> Verdict {
        if let Some(verdict) = fault_before(shared, counts) {
            return verdict;
        }
        let (events, key) = match read_events(format, payload) {
            Ok(read) => read,
            Err(error) => {
                let text = shared.tracking.tracked(&format!("The message cannot be read: {error}."));
                return Verdict::Settle(Outcome::Rejected(AmqpError::new("amqp:decode-error", text)));
            }
        };
        let partition = self.partition.unwrap_or_else(|| self.hub.choose(key.as_deref()));
        if let Err(error) = self.hub.append(partition, &events, clock::now_millis()) {
            tracing::warn!(%error, "cannot store events");
            let text = shared.tracking.tracked(&format!("The events cannot be stored: {error}."));
            return Verdict::Settle(Outcome::Rejected(AmqpError::new("amqp:internal-error", text)));
        }
        let hit = |which: fn(&mut super::EventHubsFaults) -> Option<&mut u64>| {
            shared.faults.hit(|f| which(&mut f.event_hubs))
        };
        if hit(|f| f.stored_not_settled.as_mut().map(|fault| &mut fault.times)) {
            return Verdict::Silence;
        }
        if hit(|f| f.answer_lost.as_mut().map(|fault| &mut fault.times)) {
            return Verdict::Drop;
        }
        Verdict::Settle(Outcome::Accepted)
    }
}

/// The fault that hits this transfer before it is stored.
fn fault_before(shared: &Shared, counts: Counts) -> Option<Verdict> {
    const UNABLE: &str = "The service was unable to process the request; please retry the operation.";
    let mut found = None;
    shared.faults.hit(|f| {
        let f = &mut f.event_hubs;
        let error = |condition: &str, text: &str| AmqpError::new(condition, shared.tracking.tracked(text));
        if let Some(fault) = f.connection_drop.as_mut().filter(|c| c.times > 0 && counts.of_connection > c.after) {
            found = Some(Verdict::Drop);
            return Some(&mut fault.times);
        }
        if let Some(fault) = f.connection_close.as_mut().filter(|c| c.times > 0 && counts.of_connection > c.after) {
            found = Some(Verdict::Close(error("amqp:connection:forced", "The connection was closed by the service.")));
            return Some(&mut fault.times);
        }
        if let Some(fault) = f.detach.as_mut().filter(|c| c.times > 0 && counts.of_link > c.after) {
            found = Some(Verdict::Detach(error("amqp:link:detach-forced", "The link was detached by the service.")));
            return Some(&mut fault.times);
        }
        let busy = |every: u64| counts.of_all.is_multiple_of(every.max(1));
        if let Some(fault) = f.server_busy.as_mut().filter(|b| b.times > 0 && busy(b.every)) {
            found = Some(Verdict::Settle(Outcome::Rejected(shared.busy())));
            return Some(&mut fault.times);
        }
        if let Some(fault) = f.reject.as_mut().filter(|r| r.times > 0) {
            found = Some(Verdict::Settle(Outcome::Rejected(error(&fault.condition, UNABLE))));
            return Some(&mut fault.times);
        }
        if let Some(fault) = f.release.as_mut().filter(|t| t.times > 0) {
            found = Some(Verdict::Settle(Outcome::Released));
            return Some(&mut fault.times);
        }
        let fault = f.modify.as_mut().filter(|t| t.times > 0)?;
        found = Some(Verdict::Settle(Outcome::Modified { failed: true }));
        Some(&mut fault.times)
    });
    found
}

/// The events of a transfer, and the key that chooses their partition.
fn read_events(format: u32, payload: Bytes) -> Decoded<(Vec<Event>, Option<String>)> {
    let outer = Message::decode(payload)?;
    let key = partition_key(&outer)?;
    if format != BATCH_FORMAT {
        return Ok((vec![event(outer, None)?], key));
    }
    let mut events = Vec::new();
    for data in outer.data() {
        events.push(event(Message::decode(data?)?, key.as_ref())?);
    }
    if events.is_empty() {
        return Err(CodecError("a batch holds no events"));
    }
    let key = key.or_else(|| events[0].partition_key.clone());
    Ok((events, key))
}

fn event(mut message: Message, batch_key: Option<&String>) -> Decoded<Event> {
    let partition_key = partition_key(&message)?.or_else(|| batch_key.cloned());
    message.0.retain(|section| !NOT_KEPT.contains(&section.code));
    Ok(Event { partition_key, message })
}

fn partition_key(message: &Message) -> Decoded<Option<String>> {
    let annotations = message.value(section::ANNOTATIONS)?;
    Ok(annotations.get("x-opt-partition-key").and_then(Value::text).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::super::codec::message::Section;
    use super::*;

    fn annotated(key: &str) -> Section {
        let pair = (Value::symbol("x-opt-partition-key"), Value::string(key));
        Section::new(section::ANNOTATIONS, Value::Map(vec![pair]))
    }

    fn data(bytes: Bytes) -> Section {
        Section::new(section::DATA, Value::Binary(bytes))
    }

    #[test]
    fn a_batch_is_its_messages_and_hands_its_key_on() {
        let inner = Message(vec![Section::new(0x70, Value::List(vec![])), data(Bytes::from_static(b"a"))]).encode();
        let keyed = Message(vec![annotated("own"), data(Bytes::from_static(b"b"))]).encode();
        let batch = Message(vec![annotated("k"), data(inner), data(keyed)]);
        let (events, key) = read_events(BATCH_FORMAT, batch.encode()).unwrap();
        assert_eq!(key.as_deref(), Some("k"));
        let keys: Vec<_> = events.iter().map(|event| event.partition_key.as_deref()).collect();
        assert_eq!(keys, [Some("k"), Some("own")]);
        assert_eq!(events[0].message.0.len(), 1, "the header is not kept");
        assert!(read_events(BATCH_FORMAT, Bytes::new()).is_err());
        assert!(read_events(BATCH_FORMAT, Message(vec![data(Bytes::from_static(b"x"))]).encode()).is_err());
        assert_eq!(read_events(0, batch.encode()).unwrap().0.len(), 1);
    }
}
