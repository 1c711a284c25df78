//! Who is whose duplicate: the newest of a key's rows stays; rows that tie for it are set aside.

use ahash::{HashMap, RandomState};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use outflow_model::Fault;

use super::records::{Record, RowId};

/// What became of the rows of one partition.
#[derive(Default)]
pub(crate) struct Verdict {
    /// Rows that a newer one stands for.
    pub losers: Vec<RowId>,
    /// Rows of equal key and equal newest time; which of them stays depends on their other columns.
    pub ties: Vec<Vec<RowId>>,
}

struct Group {
    hash: u64,
    key: (usize, usize),
    time: i64,
    row: RowId,
    /// Rows that tie with `row`: a number in the list of ties, or none.
    tied: Option<usize>,
}

/// Groups the records of one partition by their exact key bytes.
pub(crate) struct KeyGroups<'a> {
    hasher: &'a RandomState,
    table: HashTable<usize>,
    groups: Vec<Group>,
    keys: Vec<u8>,
    tied: Vec<Vec<RowId>>,
    losers: Vec<RowId>,
}

impl KeyGroups<'_> {
    /// No groups; `hasher` hashes the keys.
    pub fn new(hasher: &RandomState) -> KeyGroups<'_> {
        KeyGroups {
            hasher,
            table: HashTable::new(),
            groups: Vec::new(),
            keys: Vec::new(),
            tied: Vec::new(),
            losers: Vec::new(),
        }
    }

    /// Adds a record. Equal hashes are confirmed on the key's bytes.
    pub fn add(&mut self, record: Record<'_>) {
        self.add_hashed(self.hasher.hash_one(record.bytes), record);
    }

    fn add_hashed(&mut self, hash: u64, record: Record<'_>) {
        let (groups, keys) = (&self.groups, &self.keys);
        let same = |&g: &usize| {
            let group: &Group = &groups[g];
            group.hash == hash && &keys[group.key.0..group.key.1] == record.bytes
        };
        match self.table.entry(hash, same, |&g| groups[g].hash) {
            Entry::Vacant(place) => {
                place.insert(self.groups.len());
                let from = self.keys.len();
                self.keys.extend_from_slice(record.bytes);
                let key = (from, self.keys.len());
                self.groups.push(Group { hash, key, time: record.time, row: record.row, tied: None });
            }
            Entry::Occupied(found) => {
                let group = &mut self.groups[*found.get()];
                if record.time > group.time {
                    self.losers.push(group.row);
                    if let Some(tied) = group.tied.take() {
                        self.losers.append(&mut self.tied[tied]);
                    }
                    group.time = record.time;
                    group.row = record.row;
                } else if record.time < group.time {
                    self.losers.push(record.row);
                } else {
                    let tied = *group.tied.get_or_insert_with(|| {
                        self.tied.push(Vec::new());
                        self.tied.len() - 1
                    });
                    self.tied[tied].push(record.row);
                }
            }
        }
    }

    /// Who lost and who ties.
    pub fn verdict(mut self) -> Verdict {
        let mut ties = Vec::new();
        for group in &self.groups {
            if let Some(tied) = group.tied {
                let mut rows = std::mem::take(&mut self.tied[tied]);
                rows.push(group.row);
                ties.push(rows);
            }
        }
        Verdict { losers: self.losers, ties }
    }
}

/// Rows joined by shared identities, transitively.
///
/// Only rows that share an identity with another row are held, up to a limit.
pub(crate) struct IdentityGroups {
    number: HashMap<RowId, u32>,
    nodes: Vec<Node>,
    rows_max: usize,
}

struct Node {
    row: RowId,
    time: i64,
    parent: u32,
}

/// Bytes that a row takes: its node (24) and its number (16, and as much again while the table grows to twice its size),
/// then its place by root (8) and in the verdict (8); vectors grow by half of what they hold.
const ROW_BYTES: u64 = 120;

impl IdentityGroups {
    /// Groups that may hold `bytes_max` bytes.
    pub fn new(bytes_max: u64) -> IdentityGroups {
        IdentityGroups { number: HashMap::default(), nodes: Vec::new(), rows_max: (bytes_max / ROW_BYTES) as usize }
    }

    /// Joins two rows that share an identity.
    pub fn join(&mut self, a: (RowId, i64), b: (RowId, i64)) -> Result<(), Fault> {
        let (a, b) = (self.node(a), self.node(b));
        if self.nodes.len() > self.rows_max {
            return Err(Fault::input(format!(
                "more than {} profiles share identities with each other, which takes more memory than the run has",
                self.rows_max
            ))
            .hint("give it twice the memory with --memory, or deduplicate by an attribute"));
        }
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.nodes[b as usize].parent = a;
        }
        Ok(())
    }

    fn node(&mut self, (row, time): (RowId, i64)) -> u32 {
        *self.number.entry(row).or_insert_with(|| {
            let number = self.nodes.len() as u32;
            self.nodes.push(Node { row, time, parent: number });
            number
        })
    }

    fn root(&mut self, mut node: u32) -> u32 {
        while self.nodes[node as usize].parent != node {
            let parent = self.nodes[node as usize].parent;
            self.nodes[node as usize].parent = self.nodes[parent as usize].parent;
            node = parent;
        }
        node
    }

    /// Who lost and who ties.
    pub fn verdict(mut self) -> Verdict {
        let mut by_root: Vec<(u32, u32)> = (0..self.nodes.len() as u32).map(|node| (self.root(node), node)).collect();
        by_root.sort_unstable();
        let mut verdict = Verdict::default();
        for members in by_root.chunk_by(|a, b| a.0 == b.0) {
            let nodes = || members.iter().map(|&(_, node)| &self.nodes[node as usize]);
            let newest = nodes().map(|n| n.time).max().unwrap_or(i64::MIN);
            verdict.losers.extend(nodes().filter(|n| n.time < newest).map(|n| n.row));
            let tied: Vec<RowId> = nodes().filter(|n| n.time == newest).map(|n| n.row).collect();
            if tied.len() > 1 {
                verdict.ties.push(tied);
            }
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n: usize) -> RowId {
        RowId::new(0, n)
    }

    fn verdict(records: &[(&str, i64)]) -> (Vec<usize>, Vec<Vec<usize>>) {
        let hasher = RandomState::with_seeds(1, 2, 3, 4);
        let mut groups = KeyGroups::new(&hasher);
        for (n, (key, time)) in records.iter().enumerate() {
            // One hash for all: only the bytes tell keys apart.
            groups.add_hashed(1, Record { time: *time, row: row(n), bytes: key.as_bytes() });
        }
        let Verdict { losers, ties } = groups.verdict();
        let mut losers: Vec<usize> = losers.into_iter().map(RowId::row).collect();
        losers.sort_unstable();
        let ties = ties.into_iter().map(|mut t| {
            t.sort_unstable();
            t.into_iter().map(RowId::row).collect()
        });
        (losers, ties.collect())
    }

    #[test]
    fn the_newest_stays_and_equal_hashes_are_not_equal_keys() {
        assert_eq!(verdict(&[("a", 1), ("b", 5), ("a", 3), ("a", 2)]), (vec![0, 3], vec![]));
    }

    #[test]
    fn a_newer_row_beats_a_tie() {
        assert_eq!(verdict(&[("a", 1), ("a", 1), ("a", 2)]), (vec![0, 1], vec![]));
        assert_eq!(verdict(&[("a", 1), ("a", 2), ("a", 2)]), (vec![0], vec![vec![1, 2]]));
    }

    #[test]
    fn identities_join_transitively() {
        let mut groups = IdentityGroups::new(2_000);
        groups.join((row(0), 1), (row(1), 2)).unwrap();
        groups.join((row(2), 9), (row(3), 9)).unwrap();
        groups.join((row(1), 2), (row(2), 9)).unwrap();
        let verdict = groups.verdict();
        assert_eq!(verdict.losers.len(), 2);
        assert_eq!(verdict.ties.len(), 1);
        let mut small = IdentityGroups::new(ROW_BYTES);
        assert!(small.join((row(0), 1), (row(1), 2)).is_err());
    }
}
