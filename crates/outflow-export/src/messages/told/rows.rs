//! Rows of the told state: many of them side by side in little memory, and each as a record of a file.
//!
//! A record has flags, the hash of the profile id, those of attributes and identities, the time of the newest record if
//! there was one, the id, the memberships, and what was last known if it is kept here. Counts, lengths and places of
//! segments are written in seven bits a byte, the lowest first.

use std::ops::RangeInclusive;

use bytes::Buf;
use outflow_profiles::membership::ProfileKeys;

use super::super::numbers::{read_number, write_number};

const DUE: u8 = 1;
const TIMED: u8 = 2;
const WITH_LAST: u8 = 4;

/// Stands for the time of a membership whose end the target refused: it lasts for the far end, and is told to be over with
/// the next message about the profile, of which it is no reason.
pub(crate) const EXIT_REFUSED: i64 = i64::MIN;

/// What the far end has been told of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ToldRow<'a> {
    pub hash: i64,
    pub id: &'a str,
    /// Fingerprint of its attributes.
    pub attributes: u128,
    /// Fingerprint of its identities.
    pub identities: u128,
    /// The time of its newest record, in microseconds since 1970.
    pub time: Option<i64>,
    /// The segments that it is in for the far end, in ascending order, and since when.
    pub memberships: &'a [(u32, i64)],
    /// It is to be sent, whatever has changed.
    pub due: bool,
    /// Its attributes and identities as messages have them, where no snapshot does.
    pub last: Option<(&'a [u8], &'a [u8])>,
}

impl ToldRow<'_> {
    /// Appends the row as a record.
    pub fn write(&self, into: &mut Vec<u8>) {
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        into.push(flag(self.due, DUE) | flag(self.time.is_some(), TIMED) | flag(self.last.is_some(), WITH_LAST));
        into.extend_from_slice(&self.hash.to_le_bytes());
        into.extend_from_slice(&self.attributes.to_le_bytes());
        into.extend_from_slice(&self.identities.to_le_bytes());
        if let Some(time) = self.time {
            into.extend_from_slice(&time.to_le_bytes());
        }
        write_bytes(self.id.as_bytes(), into);
        write_number(self.memberships.len() as u64, into);
        for (segment, time) in self.memberships {
            write_number(u64::from(*segment), into);
            into.extend_from_slice(&time.to_le_bytes());
        }
        if let Some((attributes, identities)) = self.last {
            write_bytes(attributes, into);
            write_bytes(identities, into);
        }
    }
}

fn write_bytes(bytes: &[u8], into: &mut Vec<u8>) {
    write_number(bytes.len() as u64, into);
    into.extend_from_slice(bytes);
}

fn read_bytes<'b>(from: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = usize::try_from(read_number(from)?).ok()?;
    let (bytes, rest) = from.split_at_checked(length)?;
    *from = rest;
    Some(bytes)
}

/// Rows of a piece of the global order.
#[derive(Debug, Default)]
pub(crate) struct ToldRows {
    keys: ProfileKeys,
    fixed: Vec<Fixed>,
    memberships: Vec<(u32, i64)>,
    /// Where attributes and identities are kept, by rising numbers of rows.
    lasts: Vec<(u32, LastAt)>,
}

/// Where a record of a state is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RecordAt {
    /// Its file, by the number of the piece.
    pub part: u32,
    /// The block of the file.
    pub block: u32,
    /// The record of the block.
    pub record: u32,
}

/// Where what is last known of a profile is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LastAt {
    pub part: u32,
    pub block: u32,
    pub record: u32,
    /// The byte of the record.
    byte: u32,
}

/// Attributes and identities that a record keeps.
pub(super) fn last_of(record: &[u8], at: LastAt) -> Option<(&[u8], &[u8])> {
    let mut from = record.get(at.byte as usize..)?;
    let last = (read_bytes(&mut from)?, read_bytes(&mut from)?);
    from.is_empty().then_some(last)
}

/// What has one size in every row.
#[derive(Clone, Copy, Debug)]
struct Fixed {
    attributes: u128,
    identities: u128,
    time: Option<i64>,
    /// Where its memberships end.
    memberships: usize,
    due: bool,
}

impl ToldRows {
    /// Takes all rows out; their memory is kept for others.
    pub fn clear(&mut self) {
        self.keys.clear();
        self.fixed.clear();
        self.memberships.clear();
        self.lasts.clear();
    }

    /// The profiles.
    pub fn keys(&self) -> &ProfileKeys {
        &self.keys
    }

    /// Profiles.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Row number `number`, which is below [`len`](Self::len), without what is last known.
    pub fn at(&self, number: usize) -> ToldRow<'_> {
        let (hash, id) = self.keys.at(number);
        let fixed = &self.fixed[number];
        let from = number.checked_sub(1).map_or(0, |before| self.fixed[before].memberships);
        ToldRow {
            hash,
            id,
            attributes: fixed.attributes,
            identities: fixed.identities,
            time: fixed.time,
            memberships: &self.memberships[from..fixed.memberships],
            due: fixed.due,
            last: None,
        }
    }

    /// Where what is last known of row number `number` is, if it is kept.
    pub(super) fn last_at(&self, number: usize) -> Option<LastAt> {
        let at = self.lasts.binary_search_by_key(&(number as u32), |(of, _)| *of).ok()?;
        Some(self.lasts[at].1)
    }

    /// Adds the row of a record that stands `at` a place, if its hash is among `hashes`. `places` gives each of its segments another number, or
    /// none; `None` is answered where the record is no row.
    pub fn push_record(
        &mut self,
        record: &[u8],
        at: RecordAt,
        hashes: &RangeInclusive<i64>,
        places: &[Option<u32>],
    ) -> Option<()> {
        let from = &mut &*record;
        let flags = from.try_get_u8().ok()?;
        let hash = from.try_get_i64_le().ok()?;
        if !hashes.contains(&hash) {
            return Some(());
        }
        let attributes = from.try_get_u128_le().ok()?;
        let identities = from.try_get_u128_le().ok()?;
        let time = if flags & TIMED > 0 { Some(from.try_get_i64_le().ok()?) } else { None };
        let id = std::str::from_utf8(read_bytes(from)?).ok()?;
        if self.len() > 0 && self.keys.at(self.len() - 1) >= (hash, id) {
            return None;
        }
        let first = self.memberships.len();
        for _ in 0..read_number(from)? {
            let segment = usize::try_from(read_number(from)?).ok()?;
            let time = from.try_get_i64_le().ok()?;
            if let Some(place) = places.get(segment)? {
                self.memberships.push((*place, time));
            }
        }
        self.memberships[first..].sort_unstable();
        if flags & WITH_LAST > 0 {
            let byte = u32::try_from(record.len() - from.len()).ok()?;
            let at = LastAt { part: at.part, block: at.block, record: at.record, byte };
            read_bytes(from)?;
            read_bytes(from)?;
            self.lasts.push((self.len() as u32, at));
        }
        let due = flags & DUE > 0;
        self.fixed.push(Fixed { attributes, identities, time, memberships: self.memberships.len(), due });
        self.keys.push(hash, id);
        from.is_empty().then_some(())
    }
}
