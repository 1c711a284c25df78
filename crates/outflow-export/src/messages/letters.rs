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
use super::frames::{FrameFile, read, read_from};

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
}

impl Letters {
    /// Opens the letters of the set in `folder`, of which those stay that are about `refused` messages.
    ///
    /// # Errors
    /// As [`FrameFile::open`].
    pub fn open(folder: &Path, refused: &RoaringTreemap) -> Result<Letters, Fault> {
        let path = folder.join(FILE);
        let file = FrameFile::open(&path, KIND, |frame| {
            let letters = parse(frame, &path)?;
            // A frame is written for letters whose refusal is kept together.
            Ok(letters.iter().all(|letter| refused.contains(letter.number)))
        })?;
        Ok(Letters { file, waiting: Vec::new() })
    }

    /// Takes a letter; [`sync`](Self::sync) keeps it. `true` when so much waits that it is to be kept at once.
    pub fn add(&mut self, letter: &Letter) -> Result<bool, Fault> {
        let written = serde_json::to_writer(&mut self.waiting, letter);
        written.map_err(|e| Fault::internal("a letter cannot be written as JSON").because(e))?;
        self.waiting.push(b'\n');
        Ok(self.waiting.len() >= WAITING_BYTES_MAX)
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

/// Shows `visit` each letter of the set in `folder`, in the order in which they were refused. The set may be being sent.
///
/// # Errors
/// `Input` for a damaged file, and those of `visit`.
pub fn visit_letters(folder: &Path, mut visit: impl FnMut(Letter) -> Result<(), Fault>) -> Result<(), Fault> {
    let path = folder.join(FILE);
    read(&path, KIND, |frame| {
        parse(frame, &path)?.into_iter().try_for_each(&mut visit)?;
        Ok(true)
    })?;
    Ok(())
}

/// A place among the letters of a set; without more, the begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LetterPlace {
    /// The byte of the file from which on there is something to read; 0 is the begin.
    pub byte: u64,
    /// Letters from there on that are before it.
    pub passed: u64,
}

/// Up to `limit` letters of the set in `folder` from a place on, in the order in which they were refused, and the place
/// behind them; `None` where there are no more. The set may be being sent.
///
/// # Errors
/// `Input` for a damaged file, and for a place that this never answered.
pub fn read_letters(
    folder: &Path,
    from: LetterPlace,
    limit: usize,
) -> Result<(Vec<Letter>, Option<LetterPlace>), Fault> {
    let path = folder.join(FILE);
    let (mut found, mut next, mut skipped) = (Vec::new(), None, from.passed);
    read_from(&path, KIND, from.byte, |frame, byte| {
        for (number, letter) in parse(frame, &path)?.into_iter().enumerate() {
            if skipped > 0 {
                skipped -= 1;
            } else if found.len() < limit {
                found.push(letter);
            } else {
                next = Some(LetterPlace { byte, passed: number as u64 });
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    Ok((found, next))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn letter(number: u64) -> Letter {
        Letter {
            number,
            profile_id: format!("Email:\"{number}\n"),
            event_id: "0".repeat(32),
            reason: if number.is_multiple_of(2) { LetterReason::Oversize } else { LetterReason::Refused },
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
            let found = all_of(dir.path());
            assert_eq!(found, (0..2 * kept as u64).map(letter).collect::<Vec<_>>(), "cut at {cut}");
        }
        drop(Letters::open(dir.path(), &all).unwrap());
        assert_eq!(all_of(dir.path()).len(), 6);
    }

    #[test]
    fn pages_of_any_size_have_each_letter_once_and_read_none_again() {
        let dir = tempfile::tempdir().unwrap();
        let all: RoaringTreemap = (0..23).collect();
        let mut letters = Letters::open(dir.path(), &all).unwrap();
        for number in 0..23 {
            letters.add(&letter(number)).unwrap();
            if number % 5 == 4 {
                letters.sync().unwrap();
            }
        }
        letters.sync().unwrap();
        let mut frames = BTreeSet::new();
        for limit in [1, 2, 5, 7, 22, 23, 99] {
            let (mut found, mut place) = (Vec::new(), Some(LetterPlace::default()));
            while let Some(from) = place {
                let (page, next) = read_letters(dir.path(), from, limit).unwrap();
                assert!(page.len() == limit || next.is_none());
                found.extend(page);
                // A page begins in the frame in which the one before ended, or behind it.
                assert!(next.is_none_or(|next| next.byte > from.byte || next.passed > from.passed));
                assert!(next.is_none_or(|next| next.passed < 5));
                frames.extend(next.map(|next| next.byte));
                place = next;
            }
            assert_eq!(found, (0..23).map(letter).collect::<Vec<_>>(), "by {limit}");
        }
        assert_eq!(frames.len(), 5);
        let strange = LetterPlace { byte: 9, passed: 0 };
        assert_eq!(read_letters(dir.path(), strange, 9).unwrap_err().class, FaultClass::Input);
        let stop = visit_letters(dir.path(), |_| Err(Fault::internal("stop"))).unwrap_err();
        assert_eq!(stop.class, FaultClass::Internal);
    }

    fn all_of(folder: &Path) -> Vec<Letter> {
        let mut all = Vec::new();
        visit_letters(folder, |letter| {
            all.push(letter);
            Ok(())
        })
        .unwrap();
        all
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
        drop(Letters::open(dir.path(), &refused).unwrap());
        assert_eq!(all_of(dir.path()), [letter(1)]);
    }
}
