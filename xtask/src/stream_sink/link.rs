//! Links of a hub: one takes messages, two make a node that answers requests.

use std::io::Result;

use crate::amqp::{
    ANNOTATIONS, APPLICATION_PROPERTIES, DATA, NULL, PROPERTIES, VALUE, bytes, compound, described, elements, field,
    list, text,
};
use crate::tally::Tally;

/// Partitions that the hub claims to have.
const PARTITIONS: usize = 4;
/// The format of a transfer that holds several messages, each as a section of data.
const BATCH_FORMAT: u32 = 0x8001_3700;
const PARTITION_KEY: &[u8] = b"x-opt-partition-key";

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Takes messages.
    Intake,
    /// Takes requests to `$cbs`, where tokens are put, or to `$management`.
    Requests(Node),
    /// Gives the answers to them.
    Answers(Node),
}

/// A node that answers requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Tokens,
    Management,
}

/// A link.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) kind: Kind,
    /// What the client calls its end of a link for answers.
    pub(crate) name: Vec<u8>,
    /// Messages that whoever sends may still send.
    pub(crate) credit: u32,
    pub(crate) delivery_count: u32,
    /// The delivery of which not all has come.
    pub(crate) partial: Option<Partial>,
    /// Answers that wait for credit.
    pub(crate) waiting: Vec<Vec<u8>>,
}

/// A delivery of which not all has come.
#[derive(Debug)]
pub(crate) struct Partial {
    pub(crate) delivery: u32,
    pub(crate) format: u32,
    pub(crate) settled: bool,
    pub(crate) payload: Vec<u8>,
}

impl Link {
    /// By the address that a client attaches to; `sends` tells whether the client sends.
    pub(crate) fn new(address: &[u8], sends: bool, name: &[u8]) -> Link {
        let node = match address {
            address if address.ends_with(b"$cbs") => Some(Node::Tokens),
            address if address.ends_with(b"$management") => Some(Node::Management),
            _ => None,
        };
        let kind = match node {
            Some(node) if sends => Kind::Requests(node),
            Some(node) => Kind::Answers(node),
            None => Kind::Intake,
        };
        Link { kind, name: name.to_vec(), credit: 0, delivery_count: 0, partial: None, waiting: Vec::new() }
    }
}

/// Notes the messages of a delivery.
pub(crate) fn take(payload: &[u8], format: u32, tally: &Tally) -> Result<()> {
    if format != BATCH_FORMAT {
        tally.count(1, payload.len() as u64);
        return if tally.records() { record(payload, tally) } else { Ok(()) };
    }
    let (mut rest, mut count) = (payload, 0);
    while !rest.is_empty() {
        let (section, content) = described(&mut rest)?;
        if section == DATA {
            count += 1;
            if tally.records() {
                record(bytes(content), tally)?;
            }
        }
    }
    tally.count(count, payload.len() as u64);
    Ok(())
}

/// Records a message.
fn record(message: &[u8], tally: &Tally) -> Result<()> {
    let (mut rest, mut key, mut body) = (message, &[][..], &[][..]);
    while !rest.is_empty() {
        match described(&mut rest)? {
            (ANNOTATIONS, map) => {
                let map = elements(map)?;
                let found = map.chunks(2).find(|pair| bytes(pair[0]) == PARTITION_KEY);
                key = found.map_or(&[][..], |pair| bytes(field(pair, 1)));
            }
            (DATA, content) => body = bytes(content),
            _ => {}
        }
    }
    tally.message(key, body)
}

/// The answer to a request, and the name of the link that it is for, empty where the request does not say.
pub(crate) fn answer(node: Node, request: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let (mut rest, mut id, mut reply_to) = (request, &NULL[..], &[][..]);
    while !rest.is_empty() {
        if let (PROPERTIES, properties) = described(&mut rest)? {
            let fields = elements(properties)?;
            (id, reply_to) = (field(&fields, 0), bytes(field(&fields, 4)));
        }
    }
    let (status, body) = match node {
        Node::Tokens => (202_i32, NULL.to_vec()),
        Node::Management => (200, hub_properties()),
    };
    let code = [&[0x71][..], &status.to_be_bytes()].concat();
    // Clients differ in the names that they look for.
    let details = map(&[
        ("status-code", code.clone()),
        ("statusCode", code),
        ("status-description", text("OK")),
        ("statusDescription", text("OK")),
    ]);
    let sections = [
        list(PROPERTIES, &[&NULL, &NULL, &NULL, &NULL, &NULL, id]),
        [&[0, 0x53, APPLICATION_PROPERTIES][..], &details].concat(),
        [&[0, 0x53, VALUE][..], &body].concat(),
    ];
    Ok((sections.concat(), reply_to.to_vec()))
}

fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let elements: Vec<Vec<u8>> = pairs.iter().flat_map(|(name, value)| [text(name), value.clone()]).collect();
    compound(0xd1, elements.len(), &elements.concat())
}

fn hub_properties() -> Vec<u8> {
    // The elements of an array have their constructor once, in front of the first.
    let ids = (0..PARTITIONS).flat_map(|number| text(&number.to_string())[1..].to_vec());
    let ids = compound(0xf0, PARTITIONS, &[0xb1].into_iter().chain(ids).collect::<Vec<u8>>());
    map(&[
        ("name", text("bench")),
        ("type", text("com.microsoft:eventhub")),
        ("created_at", [&[0x83][..], &1_767_225_600_000_i64.to_be_bytes()].concat()),
        ("partition_count", [&[0x71][..], &(PARTITIONS as i32).to_be_bytes()].concat()),
        ("partition_ids", ids),
        ("georeplication_factor", [&[0x71][..], &1_i32.to_be_bytes()].concat()),
    ])
}
