//! Who stands where: the members of several segments side by side, profile by profile, with columns of their own.
//!
//! Profiles come in the global order, in pieces that are read independently: ranges of hashes, each within one part of the
//! snapshot. With them come profiles that the caller knows, whether they are members or not; and of those that are not in
//! the snapshot any more the caller is told where they would stand. Ghosts are nobody here.

use std::ops::{Range, RangeInclusive};

use arrow::array::{ArrayRef, AsArray, StringViewArray, TimestampMicrosecondArray};
use arrow::buffer::BooleanBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use outflow_model::{Fault, FieldPath};
use roaring::RoaringBitmap;

use super::Evaluation;
use super::bitmap;
use super::file::MembershipFile;
use super::keys::ProfileKeys;
use super::space::{RowSpace, hashes_of, path, unfit};
use crate::scan::{MorselScan, ScanRequest, filter_all};
use crate::snapshot::{HASH_COLUMN, ID_COLUMN, TIME_COLUMN};

/// The members of some segments of an evaluation.
pub struct Standings {
    space: RowSpace,
    memberships: MembershipFile,
    /// What says who is withheld, where anybody may be.
    withheld: Option<(Evaluation, MembershipFile)>,
    segments: Vec<String>,
}

impl Evaluation {
    /// The members of `segments`, side by side.
    ///
    /// # Errors
    /// `Internal` if a segment is not one of this evaluation, `Input` when its files are not there or damaged.
    pub fn standings(&self, segments: &[String]) -> Result<Standings, Fault> {
        segments.iter().try_for_each(|segment| self.check_has(segment))?;
        Ok(Standings {
            space: RowSpace::of_snapshot(&self.snapshot)?,
            memberships: MembershipFile::open(self)?,
            withheld: self.withheld_file()?.map(|file| (self.clone(), file)),
            segments: segments.to_vec(),
        })
    }
}

impl Standings {
    /// Parts of the snapshot, a power of two; 1 where it has none.
    pub fn parts(&self) -> usize {
        self.space.units.len().max(1)
    }

    /// The hashes that profiles of piece number `piece` of `pieces` have. `pieces` is a power of two.
    pub fn hashes(piece: usize, pieces: usize) -> RangeInclusive<i64> {
        hashes_of(piece, pieces)
    }

    /// Profiles of piece number `piece` of `pieces`: members of any of the segments, and those in `known`, which are all of
    /// this piece. `pieces` is a power of two, and not less than [`parts`](Self::parts).
    ///
    /// # Errors
    /// `Input` when files are not there or damaged.
    pub fn read<'s>(
        &self,
        (piece, pieces): (usize, usize),
        columns: &[FieldPath],
        known: &'s ProfileKeys,
    ) -> Result<PieceRows<'s>, Fault> {
        let part = piece / (pieces / self.parts()).max(1);
        let mut rows = PieceRows {
            scan: None,
            hashes: hashes_of(piece, pieces),
            at: 0,
            stood: vec![Vec::new(); self.segments.len()],
            members: Vec::new(),
            withheld: RoaringBitmap::new(),
            known,
            next_known: 0,
        };
        let Some(morsel) = self.space.morsel(part) else { return Ok(rows) };
        let is_member_there = self.stood(part, morsel.rows, &mut rows)?;
        if let Some((evaluation, file)) = &self.withheld {
            rows.withheld = evaluation.withheld_rows(file, part, &self.segments)?;
        }
        if is_member_there || !known.is_empty() {
            let mut paths = vec![path(HASH_COLUMN)?, path(ID_COLUMN)?, path(TIME_COLUMN)?];
            paths.extend_from_slice(columns);
            let request = ScanRequest { columns: paths, ..ScanRequest::default() };
            rows.scan = Some(self.space.profiles.scan(morsel, &request)?);
        }
        Ok(rows)
    }

    /// Reads the bitmaps of a part into `into`; answers whether anybody is a member.
    fn stood(&self, part: usize, rows: u64, into: &mut PieceRows<'_>) -> Result<bool, Fault> {
        let only = match self.segments.as_slice() {
            [] => return Ok(false),
            [only] => Some(only.as_str()),
            _ => None,
        };
        let mut members = RoaringBitmap::new();
        self.memberships.visit(part, only, &mut |segment, time, exited, bytes| {
            let Some(number) = self.segments.iter().position(|own| own == segment) else { return Some(()) };
            let rows_of = bitmap::from_bytes(bytes)?;
            rows_of.max().is_none_or(|last| u64::from(last) < rows).then_some(())?;
            if !exited {
                members |= &rows_of;
            }
            into.stood[number].push(Stood { time, exited, rows: rows_of });
            Some(())
        })?;
        into.members = vec![0; rows.div_ceil(64) as usize];
        members.iter().for_each(|row| into.members[row as usize / 64] |= 1 << (row % 64));
        Ok(!members.is_empty())
    }
}

/// Rows of a part that entered a segment, or left it, at one time.
#[derive(Clone)]
struct Stood {
    time: i64,
    exited: bool,
    rows: RoaringBitmap,
}

/// The profiles of a piece, being read.
pub struct PieceRows<'s> {
    /// `None` where nothing is left to read.
    scan: Option<MorselScan>,
    hashes: RangeInclusive<i64>,
    /// Rows of the part read so far.
    at: u32,
    /// By segment.
    stood: Vec<Vec<Stood>>,
    /// As words of 64 rows of the part.
    members: Vec<u64>,
    /// Rows of the part.
    withheld: RoaringBitmap,
    known: &'s ProfileKeys,
    next_known: usize,
}

/// Some profiles of a piece, in the global order.
#[derive(Debug)]
pub struct StandingBatch {
    /// Profiles of the snapshot that were read for it.
    pub read: u64,
    /// Hash of each profile.
    pub hashes: Vec<i64>,
    /// Id of each profile.
    pub ids: StringViewArray,
    /// The time of each profile's newest record.
    pub times: TimestampMicrosecondArray,
    /// The numbers of those that the caller knows.
    pub known: Vec<Option<u32>>,
    /// The columns that were asked for.
    pub columns: Vec<ArrayRef>,
    /// By segment and profile: since when it is a member, in microseconds since 1970.
    pub memberships: Vec<Vec<Option<i64>>>,
    /// By segment and profile: when it left, where the evaluation tells.
    pub exits: Vec<Vec<Option<i64>>>,
    /// Of each profile, whether it is withheld from any of the segments: nothing but its identities may be told.
    pub withheld: Vec<bool>,
    /// Known profiles that are not in the snapshot, by their numbers. They stand behind those of earlier batches and before
    /// the last profile of this one; in a batch without profiles, before those of later ones.
    pub vanished: Vec<u32>,
}

impl PieceRows<'_> {
    /// The next profiles; `None` at the end. The last batch may have nothing but those that vanished.
    ///
    /// # Errors
    /// `Input` when files are damaged.
    pub fn next_batch(&mut self) -> Result<Option<StandingBatch>, Fault> {
        while let Some(scan) = &mut self.scan {
            let Some(selected) = scan.next_batch()? else {
                self.scan = None;
                break;
            };
            let batch = self.batch(&selected.columns, selected.read)?;
            if batch.hashes.is_empty() && batch.vanished.is_empty() {
                continue;
            }
            return Ok(Some(batch));
        }
        let rest = self.next_known..self.known.len();
        self.next_known = self.known.len();
        if rest.is_empty() {
            return Ok(None);
        }
        let none = vec![Vec::new(); self.stood.len()];
        Ok(Some(StandingBatch {
            read: 0,
            hashes: Vec::new(),
            ids: StringViewArray::new_null(0),
            times: TimestampMicrosecondArray::new_null(0),
            known: Vec::new(),
            columns: Vec::new(),
            memberships: none.clone(),
            exits: none,
            withheld: Vec::new(),
            vanished: rest.map(|number| number as u32).collect(),
        }))
    }

    /// What is told of the next `read` rows of the part. `columns` are hashes, ids, times, and those that were asked for.
    fn batch(&mut self, columns: &[ArrayRef], read: u64) -> Result<StandingBatch, Fault> {
        let misfit = || Fault::internal("a part has internal columns of other types");
        let all_hashes = columns[0].as_primitive_opt::<Int64Type>().ok_or_else(misfit)?.values();
        let all_ids = cast(&columns[1], &DataType::Utf8View).map_err(|e| unfit(&e))?;
        let from = all_hashes.partition_point(|hash| hash < self.hashes.start());
        let to = all_hashes.partition_point(|hash| hash <= self.hashes.end());
        let first = self.at;
        self.at += all_hashes.len() as u32;
        if to < all_hashes.len() {
            self.scan = None;
        }
        let mut chosen = Chosen::default();
        self.choose(all_hashes, all_ids.as_string_view(), from..to, first, &mut chosen);
        let kept = chosen.hashes.len();
        let mut wanted = vec![all_ids];
        wanted.extend(columns[2..].iter().map(ArrayRef::clone));
        if kept < all_hashes.len() {
            let mask = BooleanBuffer::collect_bool(all_hashes.len(), |row| chosen.places[row] != u32::MAX);
            wanted = filter_all(&wanted, mask)?;
        }
        let mut wanted = wanted.into_iter();
        let (Some(ids), Some(times)) = (wanted.next(), wanted.next()) else { return Err(misfit()) };
        let rows = first + from as u32..first + to as u32;
        let times = times.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(misfit)?.clone();
        Ok(StandingBatch {
            read,
            ids: ids.as_string_view().clone(),
            times,
            columns: wanted.collect(),
            memberships: self.spread(&rows, first, &chosen, false),
            exits: self.spread(&rows, first, &chosen, true),
            withheld: chosen.withheld,
            hashes: chosen.hashes,
            known: chosen.known,
            vanished: chosen.vanished,
        })
    }

    /// Chooses among rows of a batch whose first is row number `first` of the part.
    fn choose(&mut self, hashes: &[i64], ids: &StringViewArray, rows: Range<usize>, first: u32, chosen: &mut Chosen) {
        chosen.places = vec![u32::MAX; hashes.len()];
        for row in rows {
            let hash = hashes[row];
            let known = self.known_at(hash, ids, row, &mut chosen.vanished);
            let at = first as usize + row;
            let is_member = self.members.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1);
            if is_member || known.is_some() {
                chosen.places[row] = chosen.hashes.len() as u32;
                chosen.hashes.push(hash);
                chosen.known.push(known);
                chosen.withheld.push(self.withheld.contains(at as u32));
            }
        }
    }

    /// The number of the known profile that is this row; those before it that are no row are added to `vanished`.
    fn known_at(&mut self, hash: i64, ids: &StringViewArray, row: usize, vanished: &mut Vec<u32>) -> Option<u32> {
        while self.next_known < self.known.len() && self.known.hash(self.next_known) <= hash {
            let number = self.next_known as u32;
            if self.known.hash(self.next_known) == hash {
                // Equal hashes are confirmed on the ids.
                match self.known.at(self.next_known).1.as_bytes().cmp(ids.value(row).as_bytes()) {
                    std::cmp::Ordering::Less => {}
                    std::cmp::Ordering::Equal => {
                        self.next_known += 1;
                        return Some(number);
                    }
                    std::cmp::Ordering::Greater => return None,
                }
            }
            vanished.push(number);
            self.next_known += 1;
        }
        None
    }

    /// By segment, the times of the chosen rows that are members, or left. `rows` are those of the part that the batch has
    /// in this piece, `first` is the first of the batch.
    fn spread(&self, rows: &Range<u32>, first: u32, chosen: &Chosen, exited: bool) -> Vec<Vec<Option<i64>>> {
        let of_segment = |stood: &Vec<Stood>| {
            let mut times = vec![None; chosen.hashes.len()];
            for one in stood.iter().filter(|one| one.exited == exited) {
                for row in one.rows.range(rows.clone()) {
                    let place = chosen.places[(row - first) as usize];
                    if let Some(time) = times.get_mut(place as usize) {
                        *time = Some(one.time);
                    }
                }
            }
            times
        };
        self.stood.iter().map(of_segment).collect()
    }
}

/// The rows of a batch that are told of.
#[derive(Default)]
struct Chosen {
    hashes: Vec<i64>,
    known: Vec<Option<u32>>,
    withheld: Vec<bool>,
    /// For each row read, its place among the chosen; `u32::MAX` where it is none.
    places: Vec<u32>,
    vanished: Vec<u32>,
}
