//! The messages of an open set that are refused for good, with the reason, kept beside it in the file `letters`.
//!
//! A letter is on the disk before the acknowledgements say that its message is refused. A crash between the two leaves a
//! letter about a message that goes out once more; whoever opens the file to write removes it.

use std::path::Path;

use chrono::{DateTime, Utc};
use outflow_model::{Fault, FaultClass};
use roaring::RoaringTreemap;
use serde::{Deserialize, Serialize};

use super::disk::damaged;
use super::frames::{FrameFile, read};

const FILE: &str = "letters";

const KIND: &[u8; 8] = b"OFLTRS01";

/// Bytes that wait to be kept; with more the file is written at once.
const WAITING_BYTES_MAX: usize = 1 << 20;

/// Why a message is refused for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LetterReason {
    /// It is larger than the target takes, and was not sent.
    Oversize,
    /// The target refused it.
    Refused,
}

/// A message that is refused for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Letter {
    /// Its number in the set.
    pub number: u64,
    /// The profile that it is about.
    pub profile_id: String,
    /// Its event id.
    pub event_id: String,
    /// Why.
    pub reason: LetterReason,
    /// The fault's class.
    pub class: FaultClass,
    /// What the target said.
    pub message: String,
    /// Bytes of its body.
    pub bytes: u64,
    /// When it was refused.
    pub at: DateTime<Utc>,
}

/// The letters of a set, to add to.
#[derive(Debug)]
pub(crate) struct Letters {
    file: FrameFile,
    /// JSON lines.
    waiting: Vec<u8>,
    oversize: u64,
}

impl Letters {
    /// Opens the letters of the set in `folder`, of which those stay that are about `refused` messages.
    ///
    /// # Errors
    /// As [`FrameFile::open`].
    pub fn open(folder: &Path, refused: &RoaringTreemap) -> Result<Letters, Fault> {
        let path = folder.join(FILE);
        let mut oversize = 0;
        let file = FrameFile::open(&path, KIND, |frame| {
            let letters = parse(frame, &path)?;
            // A frame is written for letters whose refusal is kept together.
            if !letters.iter().all(|letter| refused.contains(letter.number)) {
                return Ok(false);
            }
            oversize += letters.iter().filter(|letter| letter.reason == LetterReason::Oversize).count() as u64;
            Ok(true)
        })?;
        Ok(Letters { file, waiting: Vec::new(), oversize })
    }

    /// Takes a letter; [`sync`](Self::sync) keeps it. `true` when so much waits that it is to be kept at once.
    pub fn add(&mut self, letter: &Letter) -> Result<bool, Fault> {
        let written = serde_json::to_writer(&mut self.waiting, letter);
        written.map_err(|e| Fault::internal("a letter cannot be written as JSON").because(e))?;
        self.waiting.push(b'\n');
        self.oversize += u64::from(letter.reason == LetterReason::Oversize);
        Ok(self.waiting.len() >= WAITING_BYTES_MAX)
    }

    /// Letters about messages that are too large.
    pub fn oversize(&self) -> u64 {
        self.oversize
    }

    /// Keeps what was taken. When this answers it is on the disk.
    pub fn sync(&mut self) -> Result<(), Fault> {
        if !self.waiting.is_empty() {
            self.file.append(&self.waiting)?;
            self.waiting.clear();
        }
        Ok(())
    }
}

fn parse(frame: &[u8], path: &Path) -> Result<Vec<Letter>, Fault> {
    let lines = frame.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let letters = lines.map(serde_json::from_slice).collect::<Result<Vec<Letter>, _>>();
    // What serde_json says of a line may quote it.
    letters.map_err(|_| damaged(path, "a line is no letter"))
}

/// Up to `limit` letters of the set in `folder`, in the order in which they were refused, without the first `start`. The
/// set may be being sent.
///
/// # Errors
/// `Input` for a damaged file.
pub fn read_letters(folder: &Path, start: u64, limit: usize) -> Result<Vec<Letter>, Fault> {
    let path = folder.join(FILE);
    let (mut passed, mut found) = (0, Vec::new());
    read(&path, KIND, |frame| {
        for letter in parse(frame, &path)? {
            if passed >= start && found.len() < limit {
                found.push(letter);
            }
            passed += 1;
        }
        Ok(found.len() < limit)
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(number: u64) -> Letter {
        Letter {
            number,
            profile_id: format!("Email:\"{number}\n"),
            event_id: "0".repeat(32),
            reason: if number % 2 == 0 { LetterReason::Oversize } else { LetterReason::Refused },
            class: FaultClass::Refused,
            message: "no".into(),
            bytes: number,
            at: DateTime::from_timestamp(number as i64, 0).unwrap(),
        }
    }

    #[test]
    fn letters_of_a_file_cut_anywhere_are_those_that_were_kept() {
        let dir = tempfile::tempdir().unwrap();
        let all: RoaringTreemap = (0..6).collect();
        let mut letters = Letters::open(dir.path(), &all).unwrap();
        let path = dir.path().join(FILE);
        let mut lengths = Vec::new();
        for pair in [[0, 1], [2, 3], [4, 5]] {
            pair.iter().for_each(|number| assert!(!letters.add(&letter(*number)).unwrap()));
            letters.sync().unwrap();
            lengths.push(std::fs::metadata(&path).unwrap().len());
        }
        drop(letters);
        let bytes = std::fs::read(&path).unwrap();
        for cut in 0..=bytes.len() {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let kept = lengths.iter().filter(|length| **length <= cut as u64).count();
            let found = read_letters(dir.path(), 0, 9).unwrap();
            assert_eq!(found, (0..2 * kept as u64).map(letter).collect::<Vec<_>>(), "cut at {cut}");
        }
        assert_eq!(read_letters(dir.path(), 1, 3).unwrap(), [1, 2, 3].map(letter));
        assert_eq!(Letters::open(dir.path(), &all).unwrap().oversize(), 3);
    }

    #[test]
    fn a_letter_whose_message_goes_out_again_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let mut refused = RoaringTreemap::new();
        let mut letters = Letters::open(dir.path(), &refused).unwrap();
        letters.add(&letter(1)).unwrap();
        letters.sync().unwrap();
        refused.insert(1);
        letters.add(&letter(2)).unwrap();
        letters.sync().unwrap();
        drop(letters);
        assert_eq!(Letters::open(dir.path(), &refused).unwrap().oversize(), 0);
        assert_eq!(read_letters(dir.path(), 0, 9).unwrap(), [letter(1)]);
    }
}
