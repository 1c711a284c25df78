//! Memory for what scans hold of their files, which all scans of a run share: open pages, and records of text files.
//!
//! A scan holds one page of each column that it reads, and the column's dictionary. What is counted of a column is the
//! largest of each so far, for the next one may be as large. Up to a thread's share a scan holds without asking. What it
//! holds beyond that is taken from a pool, and a scan waits while there is no room in it: with many columns of large pages
//! fewer threads read at a time. The first scan in plan order of those under way never waits: it is the one that everybody
//! else may be waiting for. Which files are accepted must not depend on the number of threads, so every scan may hold as
//! much as any other, and what needs more than that is refused, with the figure.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes for what the scans of a run hold open.
#[derive(Clone)]
pub struct PageBudget(Arc<Shared>);

struct Shared {
    /// The largest page.
    page_bytes: u64,
    /// What one scan may hold at a time.
    scan_bytes: u64,
    /// What a scan may hold without being counted.
    share: u64,
    /// What scans may hold beyond their shares, all together.
    pool: u64,
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Default)]
struct State {
    /// The scans under way, in plan order.
    scans: BTreeSet<Place>,
    /// How many scans there have been: two of one place are told apart.
    begun: u64,
    /// Bytes that are taken from the pool.
    used: u64,
}

/// A scan's place in plan order: file, row group, and its own number.
type Place = (usize, usize, u64);

impl PageBudget {
    /// A budget for pages of up to `bytes`, and so many `threads` at once. The shares of the threads are as much together,
    /// and so is the pool; one scan may hold four times as much.
    pub fn new(bytes: u64, threads: usize) -> PageBudget {
        PageBudget(Arc::new(Shared {
            page_bytes: bytes,
            scan_bytes: bytes.saturating_mul(4),
            share: bytes / threads.max(1) as u64,
            pool: bytes,
            state: Mutex::default(),
            moved: Condvar::new(),
        }))
    }

    /// Admits the scan of a row group, or of a text file.
    pub(super) fn admit(&self, file: usize, group: usize) -> PageRoom {
        let mut state = self.0.state();
        state.begun += 1;
        let place = (file, group, state.begun);
        state.scans.insert(place);
        drop(state);
        PageRoom { shared: Arc::clone(&self.0), place, held: Mutex::default() }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// The bytes of a page, decompressed.
    Page,
    /// Those of its dictionary.
    Dictionary,
    /// A page's levels, decoded.
    Levels,
    /// Of a text file, a record being read.
    Record,
}

/// One scan's room; given back when it is dropped.
pub(super) struct PageRoom {
    shared: Arc<Shared>,
    place: Place,
    held: Mutex<Holding>,
}

/// What one scan holds: of each column the largest so far, and the sum.
#[derive(Default)]
struct Holding {
    columns: Vec<(String, Held, u64)>,
    total: u64,
}

impl Holding {
    fn of(&mut self, column: &str, what: Held) -> &mut u64 {
        let found = self.columns.iter().position(|(name, kind, _)| *kind == what && name == column);
        let at = found.unwrap_or_else(|| {
            self.columns.push((column.to_owned(), what, 0));
            self.columns.len() - 1
        });
        &mut self.columns[at].2
    }
}

impl PageRoom {
    /// Bytes of the largest page that may be opened.
    pub fn page_bytes_max(&self) -> u64 {
        self.shared.page_bytes
    }

    /// Bytes that one scan may hold at a time.
    pub fn scan_bytes_max(&self) -> u64 {
        self.shared.scan_bytes
    }

    /// Makes room for so many bytes of `column`; waits until there is some.
    ///
    /// # Errors
    /// What the scan would hold, where that is more than one may.
    pub fn take(&self, column: &str, what: Held, bytes: u64) -> Result<(), u64> {
        let mut holding = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *holding.of(column, what);
        let Some(more) = bytes.checked_sub(before).filter(|more| *more > 0) else { return Ok(()) };
        let total = holding.total.saturating_add(more);
        if total > self.shared.scan_bytes && what != Held::Record {
            return Err(total);
        }
        self.shared.grow(self.place, holding.total, total);
        *holding.of(column, what) = bytes;
        holding.total = total;
        Ok(())
    }
}

impl Shared {
    /// What of a scan's bytes is taken from the pool.
    fn counted(&self, total: u64) -> u64 {
        total.saturating_sub(self.share)
    }

    /// Takes what a scan that held `before` bytes needs to hold `total`.
    fn grow(&self, place: Place, before: u64, total: u64) {
        let more = self.counted(total) - self.counted(before);
        if more == 0 {
            return;
        }
        let mut state = self.state();
        while state.used.saturating_add(more) > self.pool && state.scans.first() != Some(&place) {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.used = state.used.saturating_add(more);
    }
}

impl Drop for PageRoom {
    fn drop(&mut self) {
        let total = self.held.get_mut().unwrap_or_else(PoisonError::into_inner).total;
        let mut state = self.shared.state();
        state.scans.remove(&self.place);
        state.used = state.used.saturating_sub(self.shared.counted(total));
        drop(state);
        self.shared.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_beyond_a_share_waits_for_room_and_the_first_scan_never_does() {
        // A pool of 100, and 25 for each of four scans.
        let budget = PageBudget::new(100, 4);
        let (first, second, third) = (budget.admit(0, 0), budget.admit(0, 1), budget.admit(1, 0));
        let take = |scan: &PageRoom, column: &str, bytes| scan.take(column, Held::Page, bytes).unwrap();
        take(&second, "a", 80);
        take(&second, "a", 60);
        take(&second, "b", 30);
        assert_eq!(budget.0.state().used, 85);
        // A share is free.
        (0..5).for_each(|n| take(&third, &format!("c{n}"), 5));
        assert_eq!(budget.0.state().used, 85);
        std::thread::scope(|scope| {
            let (told, heard) = channel();
            scope.spawn(move || {
                take(&third, "a", 16);
                told.send(()).unwrap();
                drop(third);
            });
            assert!(heard.recv_timeout(Duration::from_millis(50)).is_err(), "there is room for 15");
            // There is no room for these either.
            take(&first, "a", 100);
            first.take("a", Held::Levels, 100).unwrap();
            drop(first);
            assert!(heard.recv_timeout(Duration::from_millis(50)).is_err(), "there is room for 15");
            drop(second);
            heard.recv_timeout(Duration::from_secs(30)).unwrap();
        });
        assert_eq!(budget.0.state().used, 0);
    }

    #[test]
    fn whoever_becomes_the_first_goes_on() {
        let budget = PageBudget::new(100, 4);
        let (first, second) = (budget.admit(0, 0), budget.admit(0, 1));
        first.take("a", Held::Page, 125).unwrap();
        second.take("a", Held::Page, 25).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| second.take("b", Held::Page, 100).unwrap());
            drop(first);
            waiting.join().unwrap();
        });
        assert_eq!(budget.0.state().used, 100);
    }

    #[test]
    fn many_columns_are_refused_together_whatever_the_threads() {
        for threads in [1, 8] {
            let scan = PageBudget::new(100, threads).admit(0, 0);
            for n in 0..4 {
                scan.take(&format!("c{n}"), Held::Page, 60).unwrap();
                scan.take(&format!("c{n}"), Held::Dictionary, 40).unwrap();
            }
            assert_eq!(scan.take("more", Held::Page, 1), Err(401));
            // The next page of a column is in the place of the one before.
            scan.take("c0", Held::Page, 60).unwrap();
            assert_eq!(scan.take("c0", Held::Page, 70), Err(410));
        }
    }
}
