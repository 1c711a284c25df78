//! Which rows are joined, directly or through others, when memory cannot hold all rows that are.
//!
//! Rows are numbered through and cut into ranges, of which one at a time is in memory with a few bytes for each row. A
//! join is an edge between two rows, and waits with the range of the higher one.
//!
//! *Down*, from the last range to the first: edges within the range join its rows. Of the edges that lead from a group of
//! joined rows to lower ranges, the one with the lowest end becomes the group's way down. Every other one is replaced by
//! an edge between its own lower end and that lowest one: the group's way down joins both with the group, so the same
//! rows are joined as before, and the new edge waits with a lower range. An edge is replaced at most once for each range,
//! and there are never more than there were. What is left of a range is one pointer for each row: to the lower end of its
//! group's way down, or, where there is none, to the lowest row of the group.
//!
//! *Up*, from the first range to the last: pointers of the first range lead to the lowest row of all that are joined with
//! theirs, so they are labels. Pointers of each further range lead into ranges whose labels are known by then, or to
//! the lowest row of a group that is joined with no lower one. So two rows have one label exactly if they are joined.

use std::sync::Arc;

use outflow_model::Fault;

use super::numbers::{Ranges, RowNumbers};
use super::records::{Record, RecordWriter, Records, RowId};
use super::spill::{Place, Spill};

/// Bytes held for each row of a range: on the way down its parent and its way down, on the way up two labels.
const ROW_BYTES: u64 = 8;

/// No row has this number.
const NO_ROW: u32 = u32::MAX;

/// Numbers written to disk at once.
const BLOCK_NUMBERS: usize = 16 * 1024;

/// Joins between rows, on their way to disk.
pub(super) struct Edges {
    numbers: RowNumbers,
    ranges: Ranges,
    spill: Arc<Spill>,
    /// An edge as a record: the higher end as the row of a single morsel, the lower end as the time.
    edges: Records,
    /// Rows with an edge, with their times, in the ranges of their numbers; some more than once.
    rows: Records,
}

impl Edges {
    /// No edges; a range takes up to `bytes_max` bytes.
    pub fn new(spill: &Arc<Spill>, numbers: RowNumbers, bytes_max: u64) -> Edges {
        let ranges = Ranges::new(numbers.total(), ROW_BYTES, bytes_max);
        let records = || Records::in_ranges(Arc::clone(spill), ranges.count());
        let (edges, rows) = (records(), records());
        Edges { numbers, ranges, spill: Arc::clone(spill), edges, rows }
    }

    /// The way in.
    ///
    /// # Errors
    /// `Input` when there are more rows than numbers of four bytes.
    pub fn writer(&self) -> Result<EdgeWriter<'_>, Fault> {
        if self.numbers.total() >= u64::from(NO_ROW) {
            return Err(Fault::input(format!(
                "{} profiles are selected, and identities that they share can be told of {NO_ROW} at most",
                self.numbers.total()
            ))
            .hint("select fewer profiles, or deduplicate by an attribute"));
        }
        Ok(EdgeWriter { edges: self, writer: self.edges.writer(), rows: self.rows.writer() })
    }

    /// How many rows there are, with and without edges.
    pub fn rows(&self) -> u64 {
        self.numbers.total()
    }

    /// Calls `visit` once for every row that has an edge, with its time and the label that exactly those rows have which
    /// it is joined with. `check` says when to stop.
    pub fn label_all(
        self,
        check: &dyn Fn() -> Result<(), Fault>,
        mut visit: impl FnMut(u32, i64, RowId) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut labels = self.down(check)?;
        for range in 0..self.ranges.count() {
            check()?;
            let found = self.up(range, &labels)?;
            let start = self.ranges.numbers(range).start;
            let mut seen = vec![false; found.len()];
            self.rows.drain(range, |record| {
                let at = (self.numbers.of(record.row) - start) as usize;
                if std::mem::replace(&mut seen[at], true) {
                    return Ok(());
                }
                visit(found[at], record.time, record.row)
            })?;
            labels[range] = self.keep(&found)?;
        }
        Ok(())
    }

    /// Goes down; answers where the pointers of each range are.
    fn down(&self, check: &dyn Fn() -> Result<(), Fault>) -> Result<Vec<Kept>, Fault> {
        let mut pointers: Vec<Kept> = (0..self.ranges.count()).map(|_| Kept::default()).collect();
        let mut writer = self.edges.writer();
        for range in (0..self.ranges.count()).rev() {
            check()?;
            let numbers = self.ranges.numbers(range);
            let mut groups = RangeGroups::new(numbers.start as u32, (numbers.end - numbers.start) as usize);
            self.edges.visit(range, |edge| {
                groups.join(edge.row.row() as u32, edge.time as u32);
                Ok(())
            })?;
            self.edges.drain(range, |edge| {
                let low = edge.time as u32;
                match groups.way_down(edge.row.row() as u32) {
                    Some(way) if way != low && low < groups.start => self.push(&mut writer, low, way),
                    _ => Ok(()),
                }
            })?;
            // What waits belongs to ranges that come next.
            writer.flush()?;
            pointers[range] = self.keep(&groups.into_pointers())?;
        }
        Ok(pointers)
    }

    /// The labels of a range, where those of all lower ones are known.
    fn up(&self, range: usize, labels: &[Kept]) -> Result<Vec<u32>, Fault> {
        let mut found = self.load(&labels[range])?;
        let leads_to = |pointer: u32| self.ranges.of(u64::from(pointer));
        let mut lower = vec![false; range];
        for pointer in &found {
            if let Some(is_led_to) = lower.get_mut(leads_to(*pointer)) {
                *is_led_to = true;
            }
        }
        // A label is never in a higher range than the pointer that it is for, so none is taken for a pointer later.
        for below in (0..range).filter(|below| lower[*below]) {
            let known = self.load(&labels[below])?;
            let start = self.ranges.numbers(below).start as u32;
            for pointer in found.iter_mut().filter(|pointer| leads_to(**pointer) == below) {
                *pointer = known[(*pointer - start) as usize];
            }
        }
        Ok(found)
    }

    fn push(&self, writer: &mut RecordWriter<'_>, a: u32, b: u32) -> Result<(), Fault> {
        let (low, high) = (a.min(b), a.max(b));
        let edge = Record { time: i64::from(low), row: RowId::new(0, high as usize), bytes: &[] };
        writer.push_to(self.ranges.of(u64::from(high)), edge)
    }

    fn keep(&self, numbers: &[u32]) -> Result<Kept, Fault> {
        let block = |numbers: &[u32]| {
            let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
            self.spill.store_in_file(&bytes)
        };
        numbers.chunks(BLOCK_NUMBERS).map(block).collect::<Result<_, _>>().map(Kept)
    }

    fn load(&self, kept: &Kept) -> Result<Vec<u32>, Fault> {
        let mut numbers = Vec::with_capacity(kept.0.len() * BLOCK_NUMBERS);
        for place in &kept.0 {
            let bytes = self.spill.load_from_file(*place)?;
            numbers.extend(bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])));
        }
        Ok(numbers)
    }
}

/// Where the numbers of a range are on disk, block by block.
#[derive(Default)]
struct Kept(Vec<Place>);

/// The way into [`Edges`].
pub(super) struct EdgeWriter<'a> {
    edges: &'a Edges,
    writer: RecordWriter<'a>,
    rows: RecordWriter<'a>,
}

impl EdgeWriter<'_> {
    /// Joins two rows, each with its time.
    pub fn join(&mut self, a: (RowId, i64), b: (RowId, i64)) -> Result<(), Fault> {
        for (row, time) in [a, b] {
            let range = self.edges.ranges.of(self.edges.numbers.of(row));
            self.rows.push_to(range, Record { time, row, bytes: &[] })?;
        }
        let [a, b] = [a, b].map(|(row, _)| self.edges.numbers.of(row) as u32);
        if a == b { Ok(()) } else { self.edges.push(&mut self.writer, a, b) }
    }

    /// Hands the rest over.
    pub fn finish(self) -> Result<(), Fault> {
        self.writer.finish()?;
        self.rows.finish()
    }
}

/// The rows of one range, joined.
struct RangeGroups {
    /// The number of the first row.
    start: u32,
    /// For each row another one of its group, never a later one; itself, where it is the group's first.
    parent: Vec<u32>,
    /// For the first row of a group, the lowest row of lower ranges that the group has an edge to.
    below: Vec<u32>,
}

impl RangeGroups {
    fn new(start: u32, rows: usize) -> RangeGroups {
        RangeGroups { start, parent: (0..rows as u32).collect(), below: vec![NO_ROW; rows] }
    }

    /// Takes an edge from `high`, a row of the range, to `low`, which may be in a lower one.
    fn join(&mut self, high: u32, low: u32) {
        let high = self.first(high - self.start);
        if low < self.start {
            let below = &mut self.below[high as usize];
            *below = (*below).min(low);
            return;
        }
        let low = self.first(low - self.start);
        if high != low {
            let (first, other) = (high.min(low), high.max(low));
            self.parent[other as usize] = first;
            self.below[first as usize] = self.below[first as usize].min(self.below[other as usize]);
        }
    }

    /// The first row of a group, counted within the range.
    fn first(&mut self, mut row: u32) -> u32 {
        while self.parent[row as usize] != row {
            let parent = self.parent[row as usize];
            self.parent[row as usize] = self.parent[parent as usize];
            row = parent;
        }
        row
    }

    /// Where the group of `row`, which is in the range, leads down to.
    fn way_down(&mut self, row: u32) -> Option<u32> {
        let first = self.first(row - self.start);
        Some(self.below[first as usize]).filter(|below| *below != NO_ROW)
    }

    /// The pointer of each row.
    fn into_pointers(self) -> Vec<u32> {
        let mut pointers = self.below;
        for row in 0..pointers.len() {
            let parent = self.parent[row] as usize;
            pointers[row] = match pointers[parent] {
                // Only the first row of a group comes here, before the others, which are given its pointer.
                NO_ROW => self.start + parent as u32,
                pointer => pointer,
            };
        }
        pointers
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The label of each of `rows` rows, of which `per_morsel` are in a morsel, with so many bytes of memory.
    fn labels(rows: usize, per_morsel: usize, edges: &[(usize, usize)], bytes: u64) -> Vec<Option<u32>> {
        let dir = tempfile::tempdir().unwrap();
        let spill = Arc::new(Spill::new(dir.path(), bytes).unwrap());
        let sizes = (0..rows).step_by(per_morsel).map(|first| per_morsel.min(rows - first));
        let all = Edges::new(&spill, RowNumbers::new(sizes), bytes);
        let row = |n: usize| (RowId::new(n / per_morsel, n % per_morsel), n as i64 * 10);
        let mut writer = all.writer().unwrap();
        edges.iter().for_each(|(a, b)| writer.join(row(*a), row(*b)).unwrap());
        writer.finish().unwrap();
        let mut labels = vec![None; rows];
        all.label_all(&|| Ok(()), |label, time, row| {
            let n = row.morsel() * per_morsel + row.row();
            assert_eq!(time, n as i64 * 10);
            assert_eq!(labels[n].replace(label), None, "a row is told twice");
            Ok(())
        })
        .unwrap();
        labels
    }

    /// The lowest row that each is joined with, as plain code finds it.
    fn expected(rows: usize, edges: &[(usize, usize)]) -> Vec<Option<u32>> {
        let mut lowest: Vec<usize> = (0..rows).collect();
        loop {
            let before = lowest.clone();
            for &(a, b) in edges {
                let low = lowest[a].min(lowest[b]);
                (lowest[a], lowest[b]) = (low, low);
            }
            if before == lowest {
                break;
            }
        }
        let has_edge = |n: &usize| edges.iter().any(|(a, b)| a == n || b == n);
        (0..rows).map(|n| has_edge(&n).then(|| lowest[n] as u32)).collect()
    }

    #[test]
    fn chains_and_stars_are_joined_through_many_ranges() {
        let rows = 200;
        let chain: Vec<(usize, usize)> = (1..rows).map(|n| (n - 1, n)).collect();
        let star: Vec<(usize, usize)> = (0..rows).map(|n| (137, n)).filter(|(a, b)| a != b).collect();
        // Steps of 77 go through every range again and again.
        let jumps: Vec<(usize, usize)> = (1..rows).map(|n| ((n - 1) * 77 % rows, n * 77 % rows)).collect();
        for edges in [chain, star, jumps] {
            for bytes in [0, 8, 24, 200, 100_000] {
                assert_eq!(labels(rows, 13, &edges, bytes), vec![Some(0); rows], "{bytes}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn labels_are_those_of_plain_code_whatever_the_memory(
            rows in 1_usize..120,
            per_morsel in 1_usize..40,
            ends in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..150),
            bytes in prop::sample::select(vec![0_u64, 8, 16, 40, 200, 10_000]),
        ) {
            let edges: Vec<(usize, usize)> = ends.iter().map(|(a, b)| (a.index(rows), b.index(rows))).collect();
            prop_assert_eq!(labels(rows, per_morsel, &edges, bytes), expected(rows, &edges));
        }
    }
}
