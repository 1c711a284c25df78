//! An evaluation: what there is to know of it without reading its bitmaps.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use outflow_model::Fault;
use serde::{Deserialize, Serialize};

use super::exclusion::{Permitted, WithheldCounts};
use super::file::{MEMBERSHIP_FILE, MembershipFile, WITHHELD_FILE};
use crate::folder::Folder;
use crate::scan::Profiles;
use crate::snapshot::{Part, Snapshot, open_parts};

/// The file that says what an evaluation is. It is written last: where it is, the others are.
const EVALUATION_FILE: &str = "evaluation.json";

/// The folder of all evaluations below the data folder.
pub(super) const EVALUATIONS: &str = "evaluations";

/// How many profiles have which status in a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentCounts {
    /// The segment.
    pub id: String,
    /// Members that entered with this evaluation.
    pub realized: u64,
    /// Members that were members before.
    pub existing: u64,
    /// Profiles that left with this evaluation, those that vanished among them.
    pub exited: u64,
}

impl SegmentCounts {
    /// Profiles in the segment.
    pub fn members(&self) -> u64 {
        self.realized + self.existing
    }
}

/// Membership of some segments over one snapshot at one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluation {
    /// A hash of what it was made from.
    pub id: String,
    /// When it was. Later than every evaluation that it was compared with.
    pub time: DateTime<Utc>,
    /// The profiles that the rules were asked about.
    pub snapshot: Snapshot,
    /// Its segments, as they were given.
    pub segments: Vec<SegmentCounts>,
    /// Where its files are, absolute.
    pub folder: PathBuf,
    /// Profiles that are not in the snapshot any more, in the global order.
    pub(super) ghosts: Vec<GhostPart>,
    /// For each row group of the file of memberships, the number of the file whose rows it tells of.
    pub(super) groups: Vec<usize>,
    /// Who is withheld from its segments, by segment and exclusion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<WithheldCounts>,
    /// What it was made from, where profiles may be withheld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) permitted: Option<Permitted>,
}

/// A part of ghosts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GhostPart {
    pub part: Part,
    pub first_hash: i64,
    pub last_hash: i64,
}

impl Evaluation {
    /// Reads the evaluation in `folder`.
    ///
    /// # Errors
    /// `Input` when it is not there or not whole.
    pub fn load(folder: &Path) -> Result<Evaluation, Fault> {
        let path = folder.join(EVALUATION_FILE);
        let text = std::fs::read(&path).map_err(|e| unreadable(&path).because(e))?;
        serde_json::from_slice(&text).map_err(|e| unreadable(&path).because(e))
    }

    /// Writes the file that says what it is.
    pub(super) fn save(&self, folder: &Folder) -> Result<(), Fault> {
        let text = serde_json::to_vec(self).map_err(|e| Fault::internal("an evaluation has no text").because(e))?;
        folder.write(&format!("{EVALUATIONS}/{}", self.id), EVALUATION_FILE, &text)?;
        Ok(())
    }

    /// The file that says what it is, which [`load`](Self::load) reads.
    pub fn manifest(&self) -> PathBuf {
        self.folder.join(EVALUATION_FILE)
    }

    /// Its own files. Those of its snapshot are the snapshot's.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let ghosts = self.ghosts.iter().map(|ghost| ghost.part.file.clone());
        let withheld = self.permitted.as_ref().map(|_| self.folder.join(WITHHELD_FILE));
        ghosts.chain([self.folder.join(MEMBERSHIP_FILE)]).chain(withheld).chain([self.manifest()])
    }

    /// The counts of a segment, if it is one of this evaluation.
    pub fn counts(&self, segment: &str) -> Option<&SegmentCounts> {
        self.segments.iter().find(|counts| counts.id == segment)
    }

    /// Profiles of earlier evaluations that are not in the snapshot any more.
    pub fn ghosts(&self) -> u64 {
        self.ghosts.iter().map(|ghost| ghost.part.rows).sum()
    }

    /// The profiles of the row space: those of the snapshot, then the ghosts. A ghost has its identities; every other
    /// field is null.
    ///
    /// # Errors
    /// `Input` when files are not there or not what they were.
    pub fn open(&self) -> Result<Profiles, Fault> {
        let ghosts: Vec<Part> = self.ghosts.iter().map(|ghost| ghost.part.clone()).collect();
        open_parts(&[&self.snapshot.parts, &ghosts])
    }

    /// Whether what it refers to is there: its membership, and every part, as long as it was. What is in them is not read.
    ///
    /// # Errors
    /// `Input` naming the first file that is not.
    pub fn check(&self) -> Result<(), Fault> {
        MembershipFile::open(self)?;
        self.withheld_file()?;
        for part in self.snapshot.parts.iter().chain(self.ghosts.iter().map(|ghost| &ghost.part)) {
            let metadata = std::fs::metadata(&part.file).map_err(|e| unreadable(&part.file).because(e))?;
            if metadata.len() != part.bytes {
                return Err(unreadable(&part.file).because(format!(
                    "it has {} bytes, not {}",
                    metadata.len(),
                    part.bytes
                )));
            }
        }
        Ok(())
    }

    /// Files of the row space.
    pub(super) fn spaces(&self) -> usize {
        self.snapshot.parts.len() + self.ghosts.len()
    }
}

/// The fault of a file of an evaluation that is not there or damaged.
pub(super) fn unreadable(path: &Path) -> Fault {
    Fault::input(format!("the evaluation's file {} cannot be read", path.display()))
        .tried(format!("read {}", path.display()))
        .hint("restore the file from a backup, or evaluate the segments again")
}
