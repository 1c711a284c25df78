//! What became of an open set's messages, kept beside it in the file `acks`.
//!
//! Messages are named by their numbers in the set. Before one is sent, the file says that it may have been; so after a
//! crash those are known that the target cannot have. Settled are those that it accepted, and those that it refuses for
//! good.

use std::path::Path;

use bytes::Buf;
use outflow_model::Fault;
use roaring::RoaringTreemap;

use super::disk::damaged;
use super::frames::{FrameFile, read};
use super::numbers::{read_number, write_number};

const FILE: &str = "acks";

const KIND: &[u8; 8] = b"OFACKS01";

/// Accepted messages whose numbers wait to be kept; with more the file is written at once.
const WAITING_MAX: u64 = 1 << 20;

const ATTEMPTED: u8 = 1;
const ACCEPTED: u8 = 2;
const REFUSED: u8 = 3;
const BYTES: u8 = 4;

/// What became of the messages of a set.
#[derive(Debug)]
pub struct Acks {
    file: Option<FrameFile>,
    kept: Kept,
    /// Accepted and refused since the file was written, and the bytes of the accepted.
    waiting: (RoaringTreemap, RoaringTreemap, u64),
}

/// What the file says.
#[derive(Debug, Default)]
struct Kept {
    attempted: u64,
    accepted: RoaringTreemap,
    refused: RoaringTreemap,
    bytes: u64,
}

impl Acks {
    /// Opens the acknowledgements of the set in `folder`, to add to them. What a crash tore is cut off.
    ///
    /// # Errors
    /// `Unavailable` while another one has them open, `Input` for a damaged file, `Refused` where the disk does not take
    /// it.
    pub fn open(folder: &Path) -> Result<Acks, Fault> {
        let path = folder.join(FILE);
        let mut kept = Kept::default();
        let file = FrameFile::open(&path, KIND, |frame| kept.add(frame, &path).map(|()| true))?;
        Ok(Acks { file: Some(file), kept, waiting: Default::default() })
    }

    /// Reads them, while another one may be adding to them. Nothing can be added.
    ///
    /// # Errors
    /// `Input` for a damaged file.
    pub fn read(folder: &Path) -> Result<Acks, Fault> {
        let path = folder.join(FILE);
        let mut kept = Kept::default();
        read(&path, KIND, |frame| kept.add(frame, &path).map(|()| true))?;
        Ok(Acks { file: None, kept, waiting: Default::default() })
    }

    /// No message of this number or a higher one was ever sent.
    pub fn attempted(&self) -> u64 {
        self.kept.attempted
    }

    /// Whether the message needs no sending any more.
    pub fn is_settled(&self, number: u64) -> bool {
        self.kept.accepted.contains(number) || self.kept.refused.contains(number)
    }

    /// The number of the first message that is not settled.
    pub fn first_open(&self) -> u64 {
        let settled = &self.kept.accepted | &self.kept.refused;
        let (mut all, mut beyond) = (0, settled.max().map_or(0, |last| last.saturating_add(1)));
        while all < beyond {
            let middle = all + (beyond - all).div_ceil(2);
            if settled.contains_range(..middle) { all = middle } else { beyond = middle - 1 }
        }
        all
    }

    /// The messages that the target accepted.
    pub fn accepted(&self) -> &RoaringTreemap {
        &self.kept.accepted
    }

    /// The messages that are refused for good.
    pub fn refused(&self) -> &RoaringTreemap {
        &self.kept.refused
    }

    /// Bytes of the bodies that the target accepted.
    pub fn bytes(&self) -> u64 {
        self.kept.bytes
    }

    /// Keeps that messages below `end` may be sent. When this answers, they may.
    ///
    /// # Errors
    /// `Refused` where the disk does not take it.
    pub fn attempt(&mut self, end: u64) -> Result<(), Fault> {
        if end <= self.kept.attempted {
            return Ok(());
        }
        let mut frame = vec![ATTEMPTED];
        write_number(end, &mut frame);
        self.append(&frame)?;
        self.kept.attempted = end;
        Ok(())
    }

    /// Takes that the target accepted a message with a body of so many bytes; [`sync`](Self::sync) keeps it.
    ///
    /// # Errors
    /// `Refused` where much waits and the disk does not take it.
    pub fn accept(&mut self, number: u64, bytes: u64) -> Result<(), Fault> {
        if self.kept.accepted.insert(number) {
            self.waiting.0.insert(number);
            self.waiting.2 += bytes;
            self.kept.bytes += bytes;
        }
        if self.waiting.0.len() >= WAITING_MAX { self.sync() } else { Ok(()) }
    }

    /// Takes that a message is refused for good; [`sync`](Self::sync) keeps it, and at once all that were refused since
    /// the last one.
    pub fn refuse(&mut self, number: u64) {
        if self.kept.refused.insert(number) {
            self.waiting.1.insert(number);
        }
    }

    /// Keeps what was taken. When this answers it is on the disk.
    ///
    /// # Errors
    /// `Refused` where the disk does not take it.
    pub fn sync(&mut self) -> Result<(), Fault> {
        let (accepted, refused, bytes) = &self.waiting;
        let mut frame = Vec::new();
        put_ranges(ACCEPTED, accepted, &mut frame);
        put_ranges(REFUSED, refused, &mut frame);
        if frame.is_empty() {
            return Ok(());
        }
        frame.push(BYTES);
        write_number(*bytes, &mut frame);
        self.append(&frame)?;
        self.waiting = Default::default();
        Ok(())
    }

    fn append(&mut self, frame: &[u8]) -> Result<(), Fault> {
        match &mut self.file {
            Some(file) => file.append(frame),
            None => Err(Fault::internal("acknowledgements are being read only")),
        }
    }
}

impl Kept {
    fn add(&mut self, frame: &[u8], path: &Path) -> Result<(), Fault> {
        self.take(frame).ok_or_else(|| damaged(path, "a frame holds something else"))
    }

    fn take(&mut self, mut frame: &[u8]) -> Option<()> {
        while frame.has_remaining() {
            match frame.get_u8() {
                ATTEMPTED => self.attempted = self.attempted.max(read_number(&mut frame)?),
                ACCEPTED => ranges(&mut frame, &mut self.accepted)?,
                REFUSED => ranges(&mut frame, &mut self.refused)?,
                BYTES => self.bytes = self.bytes.checked_add(read_number(&mut frame)?)?,
                _ => return None,
            }
        }
        Some(())
    }
}

/// Appends the numbers as ranges: how many, then for each the gap before it and its length.
fn put_ranges(tag: u8, numbers: &RoaringTreemap, out: &mut Vec<u8>) {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, end)) if *end == number => *end += 1,
            _ => ranges.push((number, number + 1)),
        }
    }
    if ranges.is_empty() {
        return;
    }
    out.push(tag);
    write_number(ranges.len() as u64, out);
    let mut at = 0;
    for (from, end) in ranges {
        write_number(from - at, out);
        write_number(end - from, out);
        at = end;
    }
}

fn ranges(from: &mut &[u8], into: &mut RoaringTreemap) -> Option<()> {
    let mut at = 0_u64;
    for _ in 0..read_number(from)? {
        let begin = at.checked_add(read_number(from)?)?;
        at = begin.checked_add(read_number(from)?)?;
        into.insert_range(begin..at);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn of_a_file_cut_anywhere_nothing_is_there_that_was_not_kept() {
        let dir = tempfile::tempdir().unwrap();
        let mut acks = Acks::open(dir.path()).unwrap();
        let mut states = vec![(0, 0, 0, 0)];
        let file = dir.path().join(FILE);
        let mut lengths = vec![0];
        let mut mark = |acks: &Acks| {
            states.push((acks.attempted(), acks.accepted().len(), acks.refused().len(), acks.bytes()));
            lengths.push(std::fs::metadata(&file).unwrap().len());
        };
        acks.attempt(20_000).unwrap();
        mark(&acks);
        (0..500).for_each(|number| acks.accept(number, 3).unwrap());
        acks.sync().unwrap();
        mark(&acks);
        acks.accept(700, 1).unwrap();
        acks.refuse(501);
        acks.refuse(501);
        acks.sync().unwrap();
        acks.sync().unwrap();
        mark(&acks);
        acks.attempt(u64::MAX).unwrap();
        mark(&acks);
        acks.accept(9, 0).unwrap();
        drop(acks);
        let bytes = std::fs::read(&file).unwrap();
        for cut in 0..=bytes.len() {
            std::fs::write(&file, &bytes[..cut]).unwrap();
            let expected = lengths.iter().rposition(|length| *length <= cut as u64).unwrap();
            for acks in [Acks::read(dir.path()).unwrap(), Acks::open(dir.path()).unwrap()] {
                let found = (acks.attempted(), acks.accepted().len(), acks.refused().len(), acks.bytes());
                assert_eq!(found, states[expected], "cut at {cut}");
            }
        }
        let acks = Acks::read(dir.path()).unwrap();
        assert!(acks.is_settled(0) && acks.is_settled(501) && acks.is_settled(700) && !acks.is_settled(500));
    }

    #[test]
    fn the_first_open_one_is_behind_those_that_are_settled() {
        let dir = tempfile::tempdir().unwrap();
        let mut acks = Acks::open(dir.path()).unwrap();
        assert_eq!(acks.first_open(), 0);
        acks.accept(1, 0).unwrap();
        assert_eq!(acks.first_open(), 0);
        acks.refuse(0);
        assert_eq!(acks.first_open(), 2);
        acks.kept.accepted.insert_range(2..10_000_000);
        assert_eq!(acks.first_open(), 10_000_000);
        acks.kept.accepted.insert_range(10_000_001..20_000_000);
        assert_eq!(acks.first_open(), 10_000_000);
        acks.kept.accepted.remove(70_000);
        assert_eq!(acks.first_open(), 70_000);
    }

    proptest! {
        #[test]
        fn any_numbers_come_back(accepted in prop::collection::btree_set(any::<u64>(), 0..50), from in 0..u64::MAX - 9) {
            let mut numbers: RoaringTreemap = accepted.into_iter().filter(|n| *n < u64::MAX).collect();
            numbers.insert_range(from..from + 9);
            let mut frame = Vec::new();
            put_ranges(ACCEPTED, &numbers, &mut frame);
            let mut kept = Kept::default();
            kept.take(&frame).unwrap();
            prop_assert_eq!(kept.accepted, numbers);
            for cut in 0..frame.len() {
                let _ = Kept::default().take(&frame[..cut]);
            }
        }
    }
}
