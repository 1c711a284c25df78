//! Open sets: the messages of one derivation, in a folder of their own.
//!
//! | file | holds |
//! |---|---|
//! | `NNNN.set` | the messages about the profiles of part `NNNN` of the snapshot, in blocks; only of parts that have any |
//! | `NNNN.hashes` | the hashes of these profiles, by which it is told who left |
//! | `set.json` | what the set is; written last, so that a set without it is none |
//! | `acks`, `letters` | what became of the messages |
//!
//! Messages have numbers from 0, in the global order of profiles.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use outflow_connector_kit::Message;
use outflow_model::Fault;
use serde::{Deserialize, Serialize};

use super::blocks::{BlockFile, BlockWriter, records};
use super::disk::{damaged, read_json, write_json};
use super::hashes;

const FILE: &str = "set.json";

const KIND: [u8; 4] = *b"OFST";

const EVENT_ID_BYTES: usize = 32;

/// A file of a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartOfSet {
    /// The part of the snapshot whose profiles it is about.
    pub part: u32,
    /// Messages in it.
    pub messages: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// What changed about the profiles that messages were made for. A profile counts once in each that applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetCounts {
    /// It entered a segment.
    pub entered: u64,
    /// It left one.
    pub left: u64,
    /// A mapped attribute changed.
    pub attributes: u64,
    /// Its identities changed.
    pub identities: u64,
    /// A newer record has the same values.
    pub rewrites: u64,
    /// Nothing did: it was to be sent anew.
    pub resent: u64,
}

/// The messages of one derivation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenSet {
    /// Where it is.
    #[serde(skip)]
    pub folder: PathBuf,
    /// Number of the derivation.
    pub sequence: u64,
    /// The window or run that its messages are of.
    pub run_id: String,
    /// Messages in it.
    pub messages: u64,
    /// Its files, by rising parts.
    pub parts: Vec<PartOfSet>,
    /// What changed.
    pub counts: SetCounts,
}

/// The messages about the profiles of one part, being written. Nothing is on the disk until there is one.
pub struct SetWriter {
    folder: PathBuf,
    part: u32,
    blocks: Option<BlockWriter>,
    record: Vec<u8>,
    hashes: Vec<i64>,
}

impl SetWriter {
    /// Begins the file of `part` in the set's folder, which is there.
    pub fn create(folder: &Path, part: u32) -> SetWriter {
        SetWriter { folder: folder.to_path_buf(), part, blocks: None, record: Vec::new(), hashes: Vec::new() }
    }

    /// Adds the message about the profile `key`, whose hash is `order`, behind all others.
    ///
    /// # Errors
    /// `Input` for a message of hundreds of megabytes, `Internal` for one out of order, `Refused` where the disk does not
    /// take it.
    pub fn add(&mut self, order: i64, key: &str, event_id: &[u8; EVENT_ID_BYTES], body: &[u8]) -> Result<(), Fault> {
        let key_bytes = u32::try_from(key.len()).map_err(|_| Fault::internal("a profile id is too long"))?;
        self.record.clear();
        self.record.extend_from_slice(event_id);
        self.record.extend_from_slice(&key_bytes.to_le_bytes());
        self.record.extend_from_slice(key.as_bytes());
        self.record.extend_from_slice(body);
        let blocks = match &mut self.blocks {
            Some(blocks) => blocks,
            None => {
                let path = part_path(&self.folder, self.part);
                self.blocks.insert(BlockWriter::create(&path, KIND, &self.part.to_le_bytes())?)
            }
        };
        blocks.record(order, &self.record)?;
        self.hashes.push(order);
        Ok(())
    }

    /// Bytes of the file so far.
    pub fn bytes(&self) -> u64 {
        self.blocks.as_ref().map_or(0, BlockWriter::bytes)
    }

    /// Makes the file whole and durable; `None` when there was no message.
    ///
    /// # Errors
    /// `Refused` where the disk does not take it.
    pub fn finish(self) -> Result<Option<PartOfSet>, Fault> {
        let Some(blocks) = self.blocks else { return Ok(None) };
        hashes::write(&self.folder, self.part, &self.hashes)?;
        let summary = blocks.finish()?;
        Ok(Some(PartOfSet { part: self.part, messages: summary.records, bytes: summary.bytes }))
    }
}

impl OpenSet {
    /// Reads what the set in `folder` is.
    ///
    /// # Errors
    /// `Input` naming a file that is not there or damaged.
    pub fn load(folder: &Path) -> Result<OpenSet, Fault> {
        let path = folder.join(FILE);
        let mut set: OpenSet = read_json(&path)?;
        set.folder = folder.to_path_buf();
        let messages: u64 = set.parts.iter().map(|part| part.messages).sum();
        if messages != set.messages || !set.parts.is_sorted_by(|one, two| one.part < two.part) {
            return Err(damaged(&path, "its files have other messages than it says"));
        }
        Ok(set)
    }

    /// Makes the set whole: its files are on the disk before.
    ///
    /// # Errors
    /// `Refused` where the disk does not take it.
    pub fn save(&self) -> Result<(), Fault> {
        write_json(&self.folder, FILE, self)
    }

    /// The messages in their order, from that of the number `from`.
    pub fn reader(&self, from: u64) -> SetReader {
        let mut left = from;
        let mut parts = self.parts.clone().into_iter().peekable();
        while let Some(part) = parts.next_if(|part| part.messages <= left) {
            left -= part.messages;
        }
        SetReader {
            folder: self.folder.clone(),
            parts: parts.collect::<Vec<_>>().into_iter(),
            number: from,
            skipped: left,
            open: None,
            block: Box::new(std::iter::empty()),
        }
    }
}

fn part_path(folder: &Path, part: u32) -> PathBuf {
    folder.join(format!("{part:04}.set"))
}

/// The messages of a set in their order. Holds one block; the messages are slices of theirs.
pub struct SetReader {
    folder: PathBuf,
    parts: std::vec::IntoIter<PartOfSet>,
    /// Number of the next message.
    number: u64,
    /// Messages of the next part that are before it.
    skipped: u64,
    open: Option<OpenPart>,
    block: Box<dyn Iterator<Item = Result<Bytes, Fault>> + Send>,
}

struct OpenPart {
    file: BlockFile,
    next_block: usize,
}

impl SetReader {
    /// The next message and its number, of the block that is there; `None` when [`next_block`](Self::next_block) is to be
    /// called.
    ///
    /// # Errors
    /// `Input` naming a damaged file.
    pub fn next_message(&mut self) -> Result<Option<(u64, Message)>, Fault> {
        let Some(record) = self.block.next() else { return Ok(None) };
        let message = message(record?).ok_or_else(|| match &self.open {
            Some(open) => damaged(open.file.path(), "a record is no message"),
            None => Fault::internal("there are messages of no file"),
        })?;
        let number = self.number;
        self.number += 1;
        Ok(Some((number, message)))
    }

    /// Reads the next block, about a MiB; `false` behind the last. `held` gets the block's bytes and gives those of which
    /// the messages are slices.
    ///
    /// # Errors
    /// `Input` naming a file that is not there or damaged.
    pub(crate) fn next_block(&mut self, held: impl FnOnce(Bytes) -> Bytes) -> Result<bool, Fault> {
        self.block = Box::new(std::iter::empty());
        loop {
            if let Some(open) = &mut self.open
                && let Some(entry) = open.file.blocks().get(open.next_block)
            {
                let skipped = self.skipped.saturating_sub(entry.first_record) as usize;
                let block = held(open.file.read(open.next_block)?);
                open.next_block += 1;
                self.skipped = 0;
                self.block = Box::new(records(block).skip(skipped));
                return Ok(true);
            }
            let Some(part) = self.parts.next() else { return Ok(false) };
            self.open = Some(self.open_part(&part)?);
        }
    }

    fn open_part(&self, part: &PartOfSet) -> Result<OpenPart, Fault> {
        let file = BlockFile::open(&part_path(&self.folder, part.part), &KIND)?;
        if file.header() != part.part.to_le_bytes() || file.records() != part.messages {
            return Err(damaged(file.path(), "it has other messages than the set says"));
        }
        let next_block = file.blocks().partition_point(|block| block.end_record() <= self.skipped);
        Ok(OpenPart { file, next_block })
    }
}

impl Iterator for SetReader {
    type Item = Result<(u64, Message), Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.next_message() {
                Ok(None) => match self.next_block(|block| block) {
                    Ok(true) => {}
                    Ok(false) => return None,
                    Err(fault) => return Some(Err(fault)),
                },
                found => return found.transpose(),
            }
        }
    }
}

/// The message of a record: event id, length of the key, key, body.
fn message(mut record: Bytes) -> Option<Message> {
    if record.len() < EVENT_ID_BYTES + 4 {
        return None;
    }
    let event_id = record.split_to(EVENT_ID_BYTES);
    let key_bytes = u32::from_le_bytes(record.split_to(4).as_ref().try_into().ok()?) as usize;
    if record.len() < key_bytes {
        return None;
    }
    let key = record.split_to(key_bytes);
    Some(Message { key, event_id, body: record })
}

#[cfg(test)]
mod tests {
    use super::*;
    use outflow_model::FaultClass;

    fn body(number: u64) -> Vec<u8> {
        // Large enough for several blocks a part, and nothing that is shorter when it is compressed.
        let noise = (0..30_000_u64).map(|i| (number.wrapping_mul(31).wrapping_add(i * i * 2_654_435_761) >> 7) as u8);
        noise.collect()
    }

    fn set(folder: &Path, parts: &[(u32, u64)]) -> OpenSet {
        let mut number = 0;
        let mut written = Vec::new();
        for (part, messages) in parts {
            let mut writer = SetWriter::create(folder, *part);
            for order in 0..*messages {
                let key = format!("k{number}");
                writer.add(order as i64, &key, &[b'0' + number as u8 % 10; 32], &body(number)).unwrap();
                number += 1;
            }
            written.extend(writer.finish().unwrap());
        }
        let set = OpenSet {
            folder: folder.to_path_buf(),
            sequence: 3,
            run_id: "r".into(),
            messages: number,
            parts: written,
            counts: SetCounts { entered: number, ..SetCounts::default() },
        };
        set.save().unwrap();
        set
    }

    #[test]
    fn messages_are_read_from_any_number_on() {
        let dir = tempfile::tempdir().unwrap();
        let written = set(dir.path(), &[(0, 70), (2, 0), (3, 1), (9, 40)]);
        let read = OpenSet::load(dir.path()).unwrap();
        assert_eq!(read, written);
        assert_eq!(read.parts.iter().map(|part| part.part).collect::<Vec<_>>(), [0, 3, 9]);
        assert!(!part_path(dir.path(), 2).exists());
        for from in (0..=112).step_by(7).chain([69, 70, 71, 110, 111]) {
            let found: Vec<(u64, Message)> = read.reader(from).map(Result::unwrap).collect();
            assert_eq!(found.len() as u64, 111_u64.saturating_sub(from), "from {from}");
            for (number, message) in found.iter().step_by(9) {
                assert_eq!(message.key, format!("k{number}"));
                assert_eq!(message.event_id[..], [b'0' + *number as u8 % 10; 32]);
                assert_eq!(message.body, body(*number));
            }
            assert!(found.iter().map(|(number, _)| *number).eq(from..111_u64.max(from)));
        }
    }

    #[test]
    fn a_cut_set_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let written = set(dir.path(), &[(0, 2), (1, 2)]);
        let path = part_path(dir.path(), 1);
        let bytes = std::fs::read(&path).unwrap();
        for cut in (0..bytes.len()).step_by(997).chain([bytes.len() - 1]) {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let fault = written.reader(1).find_map(Result::err).unwrap();
            assert_eq!(fault.class, FaultClass::Input, "cut at {cut}");
            assert!(fault.message.contains("0001.set"));
        }
        let text = std::fs::read(dir.path().join(FILE)).unwrap();
        for cut in 0..text.len() {
            std::fs::write(dir.path().join(FILE), &text[..cut]).unwrap();
            assert_eq!(OpenSet::load(dir.path()).unwrap_err().class, FaultClass::Input, "cut at {cut}");
        }
    }
}
