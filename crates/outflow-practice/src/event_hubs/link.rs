//! Links: what each is for, and attaching them.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::address::Address;
use super::codec::performative::{AmqpError, Attach, SENDER};
use super::codec::value::Value;
use super::intake::Intake;
use super::policies::{Claim, Grant};
use super::store::{Cursor, Start};
use super::{Shared, clock};

/// Messages that a link may have on their way to us.
pub(crate) const CREDIT_MAX: u32 = 300;
/// The only consumer group.
const CONSUMER_GROUP: &str = "$Default";

/// A node that takes requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Cbs,
    Management,
}

/// What a link is for.
pub(crate) enum Kind {
    /// Takes events.
    Intake(Intake),
    /// Gives events.
    Feed {
        cursor: Box<Cursor>,
        /// The next event, which waits until the peer's window has room for it.
        next: Option<Bytes>,
    },
    /// Takes requests.
    Requests(Node),
    /// Gives the replies to them.
    Replies { node: Node, names: Vec<String>, waiting: VecDeque<Bytes> },
    /// Was detached by us; the peer may still send until it knows.
    Gone,
}

/// A message of which not all has come.
pub(crate) struct Partial {
    pub(crate) delivery_id: u32,
    pub(crate) format: u32,
    pub(crate) settled: bool,
    pub(crate) payload: BytesMut,
}

/// A link.
pub(crate) struct Link {
    pub(crate) kind: Kind,
    /// Path of the entity.
    pub(crate) entity: String,
    /// Messages that whoever sends may still send.
    pub(crate) credit: u32,
    pub(crate) delivery_count: u32,
    pub(crate) partial: Option<Partial>,
    /// What we send is settled already.
    pub(crate) presettled: bool,
    /// Transfers that came.
    pub(crate) transfers: u64,
    /// The peer wants its credit used up or given back.
    pub(crate) drain: bool,
}

impl Link {
    /// A link that was refused.
    pub(crate) fn gone() -> Link {
        Link {
            kind: Kind::Gone,
            entity: String::new(),
            credit: 0,
            delivery_count: 0,
            partial: None,
            presettled: false,
            transfers: 0,
            drain: false,
        }
    }

    /// Counts a message that came.
    pub(crate) fn spend(&mut self) {
        self.delivery_count = self.delivery_count.wrapping_add(1);
        self.credit = self.credit.saturating_sub(1);
    }

    /// Whether whoever sends to us is running out of credit.
    pub(crate) fn wants_credit(&self) -> bool {
        matches!(self.kind, Kind::Intake(_) | Kind::Requests(_)) && self.credit <= CREDIT_MAX / 2
    }

    /// The link that the peer asks for, or why it does not get it.
    pub(crate) fn attach(attach: &Attach, shared: &Shared, grants: &[Grant]) -> Result<Link, AmqpError> {
        let source = attach.source.as_ref().and_then(|source| source.address.as_deref());
        let target = attach.target.as_ref().and_then(|target| target.address.as_deref());
        let peer_sends = attach.role == SENDER;
        let address = if peer_sends { target } else { source }.unwrap_or_default();
        let may = |claim: Claim, entity: &str| may(shared, grants, claim, entity);
        let (kind, entity) = match (Address::parse(address), peer_sends) {
            (Address::Cbs, true) => (Kind::Requests(Node::Cbs), String::new()),
            (Address::Management, true) => (Kind::Requests(Node::Management), String::new()),
            (node @ (Address::Cbs | Address::Management), false) => {
                let node = if node == Address::Cbs { Node::Cbs } else { Node::Management };
                let names = target.into_iter().map(str::to_owned).chain([attach.name.clone()]).collect();
                (Kind::Replies { node, names, waiting: VecDeque::new() }, String::new())
            }
            (Address::Hub { hub, partition }, true) => {
                let entity = super::address::path(address).to_owned();
                may(Claim::Send, &entity)?;
                (Kind::Intake(intake(shared, &hub, partition.as_deref())?), entity)
            }
            (Address::Reader { hub, group, partition }, false) => {
                let entity = super::address::path(address).to_owned();
                may(Claim::Listen, &entity)?;
                let filter = attach.source.as_ref().map_or(&Value::Null, |source| &source.filter);
                let cursor = Box::new(feed(shared, &hub, &group, &partition, filter)?);
                (Kind::Feed { cursor, next: None }, entity)
            }
            _ => return Err(AmqpError::new("amqp:not-found", shared.tracking.tracked(&shared.not_found(address)))),
        };
        if matches!(kind, Kind::Intake(_) | Kind::Feed { .. }) {
            fault(shared)?;
        }
        let delivery_count = if peer_sends { attach.initial_delivery_count.unwrap_or(0) } else { 0 };
        Ok(Link { kind, entity, delivery_count, presettled: attach.snd_settle_mode == Some(1), ..Link::gone() })
    }
}

/// Whether any token allows it, and what the service says when none does.
pub(crate) fn may(shared: &Shared, grants: &[Grant], claim: Claim, entity: &str) -> Result<(), AmqpError> {
    let now_secs = clock::now_millis() / 1000;
    if grants.iter().any(|grant| grant.allows(claim, entity, now_secs)) {
        return Ok(());
    }
    let text = shared.tracking.tracked(&shared.unauthorized(claim, entity));
    Err(AmqpError::new("amqp:unauthorized-access", text))
}

fn fault(shared: &Shared) -> Result<(), AmqpError> {
    let mut refused = Ok(());
    shared.faults.hit(|f| {
        let fault = f.event_hubs.attach_refused.as_mut().filter(|fault| fault.times > 0)?;
        let text =
            shared.tracking.tracked("The service was unable to process the request; please retry the operation.");
        refused = Err(AmqpError::new(fault.condition.clone(), text));
        Some(&mut fault.times)
    });
    refused
}

fn intake(shared: &Shared, name: &str, partition: Option<&str>) -> Result<Intake, AmqpError> {
    let hub = shared
        .store
        .hub(name)
        .ok_or_else(|| AmqpError::new("amqp:not-found", shared.tracking.tracked(&shared.not_found(name))))?;
    let partition = match partition {
        Some(id) => Some(hub.partition(id).ok_or_else(|| no_partition(shared, id, hub.partitions()))?),
        None => None,
    };
    Ok(Intake { hub, partition })
}

fn feed(shared: &Shared, name: &str, group: &str, id: &str, filter: &Value) -> Result<Cursor, AmqpError> {
    let Intake { hub, .. } = intake(shared, name, None)?;
    if !group.eq_ignore_ascii_case(CONSUMER_GROUP) {
        let text = shared.not_found(&format!("{name}/ConsumerGroups/{group}"));
        return Err(AmqpError::new("amqp:not-found", shared.tracking.tracked(&text)));
    }
    let partition = hub.partition(id).ok_or_else(|| no_partition(shared, id, hub.partitions()))?;
    let start = start(filter).map_err(|text| AmqpError::new("amqp:invalid-field", shared.tracking.tracked(text)))?;
    Cursor::open(Arc::clone(&hub), partition, start).map_err(|error| {
        tracing::warn!(%error, "cannot read a partition");
        AmqpError::new(
            "amqp:internal-error",
            shared.tracking.tracked(&format!("The partition is unreadable: {error}.")),
        )
    })
}

fn no_partition(shared: &Shared, id: &str, partitions: usize) -> AmqpError {
    let sentence = format!(
        "The specified partition is invalid for an EventHub partition sender or receiver. It should be between 0 and \
         {}. Parameter name: PartitionId. Actual value: {id}.",
        partitions - 1
    );
    AmqpError::new("com.microsoft:argument-out-of-range", shared.tracking.tracked(&sentence))
}

/// Where a filter says that a reader begins; without one at the first event.
fn start(filter: &Value) -> Result<Start, &'static str> {
    let Value::Map(filters) = filter else { return Ok(Start::First) };
    for (name, value) in filters {
        if name.text() == Some("apache.org:selector-filter:string") {
            let text = value.clone().described();
            return text.text().and_then(Start::parse).ok_or("The selector filter is not supported.");
        }
    }
    Ok(Start::First)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_of_the_sdks_are_understood() {
        let start = |text: &str| {
            let name = Value::symbol("apache.org:selector-filter:string");
            let described = Value::Described(Box::new((Value::Ulong(0x468c_0000_0004), Value::string(text))));
            super::start(&Value::Map(vec![(name, described)]))
        };
        let is = |text: &str| start(&format!("amqp.annotation.x-opt-{text}"));
        assert_eq!(is("offset > '@latest'"), Ok(Start::Latest));
        assert_eq!(is("offset > '-1'"), Ok(Start::Offset { offset: -1, inclusive: false }));
        assert_eq!(is("sequence-number >= '7'"), Ok(Start::Sequence { number: 7, inclusive: true }));
        assert_eq!(is("enqueued-time > '1700'"), Ok(Start::Enqueued { millis: 1700, inclusive: false }));
        assert!(is("offset = '1'").is_err() && start("other").is_err());
        assert_eq!(super::start(&Value::Null), Ok(Start::First));
    }
}
