//! What a derivation writes of a piece: its told rows, and its messages.

use std::path::Path;

use outflow_model::Fault;

use super::super::body::{Membership, MessageParts, event_id, write_message};
use super::super::outbox::{PartOfSet, SetWriter};
use super::super::told::{ToldPart, ToldRow, ToldWriter};
use super::Derivation;

/// The files of a piece.
pub(super) struct Output {
    told: ToldWriter,
    set: SetWriter,
    body: Vec<u8>,
}

impl Output {
    pub fn new(told_folder: &Path, set_folder: &Path, piece: usize, sequence: u64) -> Result<Output, Fault> {
        let part = u32::try_from(piece).map_err(|_| Fault::internal("there are too many pieces"))?;
        Ok(Output {
            told: ToldWriter::new(told_folder, piece, sequence),
            set: SetWriter::create(set_folder, part),
            body: Vec::new(),
        })
    }

    /// Adds a row behind all others.
    pub fn tell(&mut self, row: &ToldRow<'_>) -> Result<(), Fault> {
        self.told.add(row)
    }

    /// Adds the message about a profile behind all others. Answers by how many bytes the set's file grew:
    /// below zero where messages that waited were compressed.
    pub fn send(
        &mut self,
        derivation: &Derivation<'_>,
        (hash, id): (i64, &str),
        (attributes, identities): (&[u8], &[u8]),
        memberships: &[Membership],
    ) -> Result<i64, Fault> {
        let event_id = event_id(derivation.flow_id, id, derivation.sequence);
        let parts = MessageParts {
            attributes,
            identities,
            memberships,
            profile_id: id,
            event_id: &event_id,
            sequence: derivation.sequence,
            run_id: derivation.run_id,
        };
        self.body.clear();
        write_message(derivation.shape, &parts, &mut self.body);
        let before = self.set.bytes();
        self.set.add(hash, id, &event_id, &self.body)?;
        Ok(self.set.bytes() as i64 - before as i64)
    }

    /// Makes the files durable.
    pub fn finish(self) -> Result<(ToldPart, Option<PartOfSet>), Fault> {
        Ok((self.told.finish()?, self.set.finish()?))
    }
}
