//! Which rows share an identity, directly or through others.
//!
//! Rows that share one are joined as they are found. While those rows fit memory, they are joined there; from then on the
//! joins wait on disk as edges (`components.rs`), and those made so far go there first, so that nothing is lost.

use ahash::HashMap;
use outflow_model::Fault;

use super::components::{EdgeWriter, Edges};
use super::groups::Verdict;
use super::records::{Record, RowId};

/// The first row that has each identity, for as many identities as memory has room for.
pub(super) struct FirstRows {
    rows: HashMap<Vec<u8>, (RowId, i64)>,
    bytes: u64,
    bytes_max: u64,
}

/// Bytes that an identity takes beside its text: row, time, its place in a table that may just be growing, and what an
/// allocator adds to the text.
const IDENTITY_BYTES: u64 = 200;

impl FirstRows {
    /// Nobody yet; identities are taken until they hold `bytes_max` bytes.
    pub fn new(bytes_max: u64) -> FirstRows {
        FirstRows { rows: HashMap::default(), bytes: 0, bytes_max }
    }

    /// Adds a record of an identity and joins its row with the first that had it; `false` when there is no room for it.
    pub fn add(&mut self, record: Record<'_>, joins: &mut Joins<'_>) -> Result<bool, Fault> {
        match self.rows.get(record.bytes) {
            Some(&first) if first.0 != record.row => joins.join(first, (record.row, record.time))?,
            Some(_) => {}
            None if !self.rows.is_empty() && self.bytes >= self.bytes_max => return Ok(false),
            None => {
                self.bytes += IDENTITY_BYTES + record.bytes.len() as u64;
                self.rows.insert(record.bytes.to_vec(), (record.row, record.time));
            }
        }
        Ok(true)
    }
}

/// Rows being joined.
pub(super) struct Joins<'a> {
    memory: IdentityGroups,
    edges: &'a Edges,
    /// The way to disk, once it is needed.
    writer: Option<EdgeWriter<'a>>,
}

impl<'a> Joins<'a> {
    /// Nothing is joined; up to `bytes_max` bytes are held in memory, then everything goes to `edges`.
    pub fn new(edges: &'a Edges, bytes_max: u64) -> Joins<'a> {
        Joins { memory: IdentityGroups::new(bytes_max), edges, writer: None }
    }

    fn join(&mut self, a: (RowId, i64), b: (RowId, i64)) -> Result<(), Fault> {
        if let Some(writer) = &mut self.writer {
            return writer.join(a, b);
        }
        self.memory.join(a, b);
        if self.memory.is_full() {
            let mut writer = self.edges.writer()?;
            std::mem::replace(&mut self.memory, IdentityGroups::new(0)).pour(&mut writer)?;
            self.writer = Some(writer);
        }
        Ok(())
    }

    /// Says who lost and who ties; `false` when that is for the edges to say.
    pub fn finish(self, verdict: &mut impl Verdict) -> Result<bool, Fault> {
        match self.writer {
            Some(writer) => writer.finish().map(|()| false),
            None => self.memory.finish(verdict).map(|()| true),
        }
    }
}

/// Rows joined in memory. Only rows that share an identity with another row are held.
struct IdentityGroups {
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
/// then its place by root (8); vectors grow by half of what they hold.
const ROW_BYTES: u64 = 120;

impl IdentityGroups {
    fn new(bytes_max: u64) -> IdentityGroups {
        IdentityGroups { number: HashMap::default(), nodes: Vec::new(), rows_max: (bytes_max / ROW_BYTES) as usize }
    }

    /// Joins two rows that share an identity.
    fn join(&mut self, a: (RowId, i64), b: (RowId, i64)) {
        let (a, b) = (self.node(a), self.node(b));
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.nodes[b as usize].parent = a;
        }
    }

    fn is_full(&self) -> bool {
        self.nodes.len() > self.rows_max
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

    /// Makes an edge of every join.
    fn pour(self, edges: &mut EdgeWriter<'_>) -> Result<(), Fault> {
        for node in &self.nodes {
            let parent = &self.nodes[node.parent as usize];
            if parent.row != node.row {
                edges.join((parent.row, parent.time), (node.row, node.time))?;
            }
        }
        Ok(())
    }

    /// Says who lost and who ties.
    fn finish(mut self, verdict: &mut impl Verdict) -> Result<(), Fault> {
        let mut by_root: Vec<(u32, u32)> = (0..self.nodes.len() as u32).map(|node| (self.root(node), node)).collect();
        by_root.sort_unstable();
        for members in by_root.chunk_by(|a, b| a.0 == b.0) {
            let nodes = || members.iter().map(|&(_, node)| &self.nodes[node as usize]);
            let newest = nodes().map(|n| n.time).max().unwrap_or(i64::MIN);
            nodes().filter(|n| n.time < newest).for_each(|n| verdict.lose(n.row));
            let tied = || nodes().filter(|n| n.time == newest);
            if tied().nth(1).is_some() {
                let number = members.first().map_or(0, |&(root, _)| root as usize);
                let group = self.nodes[number].row;
                tied().try_for_each(|n| verdict.tie(group, n.time, n.row))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::groups::tests::Found;
    use super::*;

    fn row(n: usize) -> RowId {
        RowId::new(0, n)
    }

    #[test]
    fn identities_join_transitively() {
        let mut groups = IdentityGroups::new(4 * ROW_BYTES);
        groups.join((row(0), 1), (row(1), 2));
        groups.join((row(2), 9), (row(3), 9));
        groups.join((row(1), 2), (row(2), 9));
        assert!(!groups.is_full());
        let mut found = Found::default();
        groups.finish(&mut found).unwrap();
        found.losers.sort_unstable();
        assert_eq!(found.losers, [0, 1]);
        assert_eq!(found.ties.into_values().collect::<Vec<_>>(), [[(9, 2), (9, 3)]]);
    }
}
