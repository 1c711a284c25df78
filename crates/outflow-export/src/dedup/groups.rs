//! Who is whose duplicate: the newest of a key's rows stays; rows that tie for it are set aside.

use ahash::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use outflow_model::Fault;

use super::records::{Record, RowId};

/// Takes what is found out about rows, one by one: a key may have any number of them.
pub(crate) trait Verdict {
    /// A newer row stands for `row`.
    fn lose(&mut self, row: RowId);

    /// `row`, of the time `time`, is one of several of which the newest stays, and among equally new ones the one that
    /// their other columns decide on. The number of `group` tells these rows from others.
    fn tie(&mut self, group: RowId, time: i64, row: RowId) -> Result<(), Fault>;
}

struct Group {
    hash: u64,
    key: (usize, usize),
    time: i64,
    row: RowId,
    tie: Tie,
}

/// Whether rows of a group are set aside, and under which row's number.
#[derive(Clone, Copy)]
enum Tie {
    /// None of them.
    None,
    /// The newest so far among them.
    WithNewest(RowId),
    /// Older ones only, which the newest must meet.
    WithoutNewest(RowId),
}

/// Groups the records of one partition by their exact key bytes.
pub(crate) struct KeyGroups<'a> {
    hasher: &'a RandomState,
    table: HashTable<usize>,
    groups: Vec<Group>,
    keys: Vec<u8>,
    bytes_max: u64,
}

/// Bytes of an entry of the table, with its control byte and the places that are free.
const TABLE_ENTRY_BYTES: usize = 11;

impl KeyGroups<'_> {
    /// No groups; `hasher` hashes the keys. Keys are taken until they hold `bytes_max` bytes.
    pub fn new(hasher: &RandomState, bytes_max: u64) -> KeyGroups<'_> {
        KeyGroups { hasher, table: HashTable::new(), groups: Vec::new(), keys: Vec::new(), bytes_max }
    }

    /// Adds a record; `false` when there is no room for its key. Equal hashes are confirmed on the key's bytes.
    pub fn add(&mut self, record: Record<'_>, verdict: &mut impl Verdict) -> Result<bool, Fault> {
        self.add_hashed(self.hasher.hash_one(record.bytes), record, verdict)
    }

    fn add_hashed(&mut self, hash: u64, record: Record<'_>, verdict: &mut impl Verdict) -> Result<bool, Fault> {
        let has_room = self.groups.is_empty() || self.bytes() < self.bytes_max;
        let (groups, keys) = (&self.groups, &self.keys);
        let same = |&g: &usize| {
            let group: &Group = &groups[g];
            group.hash == hash && &keys[group.key.0..group.key.1] == record.bytes
        };
        match self.table.entry(hash, same, |&g| groups[g].hash) {
            Entry::Vacant(_) if !has_room => return Ok(false),
            Entry::Vacant(place) => {
                place.insert(self.groups.len());
                let from = self.keys.len();
                self.keys.extend_from_slice(record.bytes);
                let key = (from, self.keys.len());
                self.groups.push(Group { hash, key, time: record.time, row: record.row, tie: Tie::None });
            }
            Entry::Occupied(found) => self.groups[*found.get()].meet(record.time, record.row, verdict)?,
        }
        Ok(true)
    }

    /// Bytes held. They never become fewer, so that a key which found no room finds none later.
    fn bytes(&self) -> u64 {
        let groups = self.groups.capacity() * size_of::<Group>();
        (groups + self.keys.capacity() + self.table.capacity() * TABLE_ENTRY_BYTES) as u64
    }

    /// Says what the last of the records leave to be said.
    pub fn finish(self, verdict: &mut impl Verdict) -> Result<(), Fault> {
        for group in &self.groups {
            if let Tie::WithoutNewest(number) = group.tie {
                verdict.tie(number, group.time, group.row)?;
            }
        }
        Ok(())
    }
}

impl Group {
    /// Another row of the same key.
    fn meet(&mut self, time: i64, row: RowId, verdict: &mut impl Verdict) -> Result<(), Fault> {
        if time < self.time {
            verdict.lose(row);
            return Ok(());
        }
        if time > self.time {
            match self.tie {
                // It is set aside already, and loses there.
                Tie::WithNewest(number) => self.tie = Tie::WithoutNewest(number),
                Tie::None | Tie::WithoutNewest(_) => verdict.lose(self.row),
            }
            (self.time, self.row) = (time, row);
            return Ok(());
        }
        let number = match self.tie {
            Tie::WithNewest(number) => number,
            Tie::None => {
                verdict.tie(self.row, self.time, self.row)?;
                self.row
            }
            Tie::WithoutNewest(number) => {
                verdict.tie(number, self.time, self.row)?;
                number
            }
        };
        self.tie = Tie::WithNewest(number);
        verdict.tie(number, time, row)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn row(n: usize) -> RowId {
        RowId::new(0, n)
    }

    /// What was found out: rows that lost, and groups of rows that tie, with their times.
    #[derive(Default)]
    pub(in crate::dedup) struct Found {
        pub losers: Vec<usize>,
        pub ties: BTreeMap<u64, Vec<(i64, usize)>>,
    }

    impl Verdict for Found {
        fn lose(&mut self, row: RowId) {
            self.losers.push(row.row());
        }

        fn tie(&mut self, group: RowId, time: i64, row: RowId) -> Result<(), Fault> {
            self.ties.entry(group.number()).or_default().push((time, row.row()));
            Ok(())
        }
    }

    /// Keeps nothing.
    struct Nobody;

    impl Verdict for Nobody {
        fn lose(&mut self, _: RowId) {}

        fn tie(&mut self, _: RowId, _: i64, _: RowId) -> Result<(), Fault> {
            Ok(())
        }
    }

    /// The rows that lost, and of rows that tie the newest ones; the older ones among them have lost, too.
    fn verdict(records: &[(&str, i64)]) -> (Vec<usize>, Vec<Vec<usize>>) {
        let hasher = RandomState::with_seeds(1, 2, 3, 4);
        let mut groups = KeyGroups::new(&hasher, u64::MAX);
        let mut found = Found::default();
        for (n, (key, time)) in records.iter().enumerate() {
            // One hash for all: only the bytes tell keys apart.
            let record = Record { time: *time, row: row(n), bytes: key.as_bytes() };
            assert!(groups.add_hashed(1, record, &mut found).unwrap());
        }
        groups.finish(&mut found).unwrap();
        let mut ties = Vec::new();
        for rows in found.ties.values_mut() {
            let newest = rows.iter().max().unwrap().0;
            found.losers.extend(rows.iter().filter(|(time, _)| *time < newest).map(|(_, row)| *row));
            rows.retain(|(time, _)| *time == newest);
            rows.sort_unstable();
            ties.push(rows.iter().map(|(_, row)| *row).collect());
        }
        found.losers.sort_unstable();
        (found.losers, ties)
    }

    #[test]
    fn the_newest_stays_and_equal_hashes_are_not_equal_keys() {
        assert_eq!(verdict(&[("a", 1), ("b", 5), ("a", 3), ("a", 2)]), (vec![0, 3], vec![]));
    }

    #[test]
    fn a_newer_row_beats_a_tie() {
        assert_eq!(verdict(&[("a", 1), ("a", 1), ("a", 2)]), (vec![0, 1], vec![vec![2]]));
        assert_eq!(verdict(&[("a", 1), ("a", 2), ("a", 2)]), (vec![0], vec![vec![1, 2]]));
        assert_eq!(verdict(&[("a", 1), ("a", 1), ("a", 2), ("a", 2)]), (vec![0, 1], vec![vec![2, 3]]));
        let twice = [("a", 1), ("a", 1), ("a", 2), ("a", 2), ("a", 1), ("a", 3), ("a", 4)];
        assert_eq!(verdict(&twice), (vec![0, 1, 2, 3, 4, 5], vec![vec![6]]));
    }

    #[test]
    fn a_full_table_takes_the_keys_that_it_has() {
        let hasher = RandomState::with_seeds(1, 2, 3, 4);
        let mut groups = KeyGroups::new(&hasher, 1);
        let mut found = Found::default();
        let mut add = |n, key: &[u8]| groups.add(Record { time: 0, row: row(n), bytes: key }, &mut found).unwrap();
        assert_eq!([add(0, b"a"), add(1, b"b"), add(2, b"a"), add(3, b"b")], [true, false, true, false]);
    }

    #[test]
    fn a_million_rows_of_one_key_take_no_more_than_one() {
        let hasher = RandomState::with_seeds(1, 2, 3, 4);
        let mut groups = KeyGroups::new(&hasher, 1 << 20);
        for n in 0..1_000_000_i64 {
            let record = Record { time: n / 3, row: row(n as usize), bytes: b"" };
            assert!(groups.add(record, &mut Nobody).unwrap());
        }
        assert!(groups.bytes() < 1_000, "{}", groups.bytes());
    }
}
