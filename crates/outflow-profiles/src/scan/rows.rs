//! Scans of given rows: which of each file, with the status that each has in a segment.
//!
//! A selection takes the place of a rule where it is known already who is a member. It brings two columns that are in no
//! file, the status and the time of the last entry or exit, under the paths that they have in profiles that carry their
//! memberships: ``segmentMembership.ups.`81af-…`.status`` and `.lastQualificationTime`. These paths mean the selection's
//! columns even where the files have fields of that name.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, Int32Array, StringArray, TimestampMicrosecondArray};
use arrow::buffer::{BooleanBuffer, Buffer};
use arrow::datatypes::{DataType, Int32Type, TimeUnit};
use outflow_model::balance::ExclusionReason;
use outflow_model::membership::{MembershipStatus, member_path};
use outflow_model::{Fault, FieldPath};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

use super::Morsel;

/// What a selection is of: with the evaluation's files it decides every row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SelectedMembers {
    /// Id of the evaluation.
    pub evaluation: String,
    /// Id of the segment.
    pub segment: String,
    /// Id of the evaluation since which the selected profiles entered or left; all members where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Whether those who left are selected too.
    pub exits: bool,
}

/// Rows of the files of an evaluation.
#[derive(Clone, Debug)]
pub struct RowSelection {
    members: SelectedMembers,
    /// By number of the file.
    files: Vec<FileRows>,
    /// Profiles that would be selected and are withheld.
    withheld: BTreeMap<ExclusionReason, u64>,
    status_path: FieldPath,
    time_path: FieldPath,
}

/// The selected rows of one file, counted within it.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileRows {
    all: RoaringBitmap,
    kinds: Vec<(RowKind, RoaringBitmap)>,
}

/// What the selected rows of one kind have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowKind {
    pub status: MembershipStatus,
    /// Microseconds since 1970.
    pub time: i64,
}

impl FileRows {
    /// Adds rows that are not there yet.
    pub fn add(&mut self, kind: RowKind, rows: RoaringBitmap) {
        if !rows.is_empty() {
            self.all |= &rows;
            self.kinds.push((kind, rows));
        }
    }
}

impl RowSelection {
    /// A selection of `files`, by their numbers.
    pub(crate) fn new(members: SelectedMembers, files: Vec<FileRows>) -> RowSelection {
        let path = |member| member_path(&members.segment, member);
        let (status_path, time_path) = (path("status"), path("lastQualificationTime"));
        RowSelection { members, files, withheld: BTreeMap::new(), status_path, time_path }
    }

    /// With counts of profiles that would be selected.
    pub(crate) fn without(self, withheld: BTreeMap<ExclusionReason, u64>) -> RowSelection {
        RowSelection { withheld, ..self }
    }

    /// By reason, profiles of the files that would be selected, but are not to be exported. None has the count 0.
    pub fn withheld(&self) -> &BTreeMap<ExclusionReason, u64> {
        &self.withheld
    }

    /// What it is of.
    pub fn members(&self) -> &SelectedMembers {
        &self.members
    }

    /// Profiles that are selected.
    pub fn len(&self) -> u64 {
        self.files.iter().map(|file| file.all.len()).sum()
    }

    /// Whether nobody is selected.
    pub fn is_empty(&self) -> bool {
        self.files.iter().all(|file| file.all.is_empty())
    }

    /// The selected rows of file number `file`, where there is one.
    pub(crate) fn of_file(&self, file: usize) -> Option<&RoaringBitmap> {
        self.files.get(file).map(|file| &file.all)
    }

    /// The path of the column of statuses.
    pub fn status_path(&self) -> &FieldPath {
        &self.status_path
    }

    /// The path of the column of times of the last entry or exit.
    pub fn time_path(&self) -> &FieldPath {
        &self.time_path
    }

    /// The type of a column that the selection brings; `None` for all other paths.
    pub fn arrow_type(&self, path: &FieldPath) -> Option<DataType> {
        if *path == self.status_path {
            Some(DataType::Utf8)
        } else if *path == self.time_path {
            Some(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())))
        } else {
            None
        }
    }

    /// The selected rows of `morsel`; `wanted` are the paths of the columns that are asked for.
    ///
    /// # Errors
    /// `Internal` if the morsel is of other profiles than the selection.
    pub(super) fn of_morsel(&self, morsel: Morsel, wanted: &[FieldPath]) -> Result<MorselRows, Fault> {
        let stranger = || Fault::internal("the selected rows are not rows of these profiles");
        let file = self.files.get(morsel.file).filter(|_| morsel.group == 0).ok_or_else(stranger)?;
        let rows = usize::try_from(morsel.rows).map_err(|_| stranger())?;
        if file.all.max().is_some_and(|last| last as usize >= rows) {
            return Err(stranger());
        }
        let mut selected = MorselRows { bits: bits(&file.all, rows), at: 0, statuses: None, times: None };
        if file.all.is_empty() {
            return Ok(selected);
        }
        if wanted.contains(&self.status_path) {
            let mut statuses = vec![0i32; rows];
            for (kind, of_kind) in &file.kinds {
                of_kind.iter().for_each(|row| statuses[row as usize] = code(kind.status));
            }
            selected.statuses = Some(statuses);
        }
        if wanted.contains(&self.time_path) {
            let mut times = vec![0i64; rows];
            for (kind, of_kind) in &file.kinds {
                of_kind.iter().for_each(|row| times[row as usize] = kind.time);
            }
            selected.times = Some(times);
        }
        Ok(selected)
    }
}

/// The statuses as a dictionary's entries, in the order of [`code`].
const STATUSES: [MembershipStatus; 3] =
    [MembershipStatus::Realized, MembershipStatus::Existing, MembershipStatus::Exited];

fn code(status: MembershipStatus) -> i32 {
    match status {
        MembershipStatus::Realized => 0,
        MembershipStatus::Existing => 1,
        MembershipStatus::Exited => 2,
    }
}

fn bits(rows: &RoaringBitmap, length: usize) -> BooleanBuffer {
    let mut words = vec![0u64; length.div_ceil(64)];
    rows.iter().for_each(|row| words[row as usize / 64] |= 1 << (row % 64));
    BooleanBuffer::new(Buffer::from_vec(words), 0, length)
}

/// The selected rows of a morsel, handed out batch by batch.
pub(super) struct MorselRows {
    bits: BooleanBuffer,
    /// Rows handed out so far.
    at: usize,
    /// By row of the morsel, where they are asked for.
    statuses: Option<Vec<i32>>,
    times: Option<Vec<i64>>,
}

/// The part of a selection that belongs to one batch.
pub(super) struct BatchRows {
    pub selected: BooleanBuffer,
    pub status: Option<ArrayRef>,
    pub time: Option<ArrayRef>,
}

impl MorselRows {
    /// Whether no row of the morsel is selected.
    pub fn is_empty(&self) -> bool {
        self.bits.count_set_bits() == 0
    }

    /// What belongs to the next `rows` rows.
    pub fn next(&mut self, rows: usize) -> Result<BatchRows, Fault> {
        let stranger = || Fault::internal("the selected rows end before those of their file");
        let (from, to) = (self.at, self.at + rows);
        if to > self.bits.len() {
            return Err(stranger());
        }
        self.at = to;
        let status = self.statuses.as_ref().map(|codes| {
            let names = StringArray::from_iter_values(STATUSES.map(MembershipStatus::as_str));
            DictionaryArray::<Int32Type>::try_new(Int32Array::from(codes[from..to].to_vec()), Arc::new(names))
                .map(|array| Arc::new(array) as ArrayRef)
        });
        let time = self.times.as_ref().map(|times| {
            Arc::new(TimestampMicrosecondArray::from(times[from..to].to_vec()).with_timezone("UTC")) as ArrayRef
        });
        let status = status.transpose().map_err(|e| Fault::internal("statuses make no column").because(e))?;
        Ok(BatchRows { selected: self.bits.slice(from, rows), status, time })
    }
}
