//! Memory for open pages, which all scans of a run share.
//!
//! Which files are accepted must not depend on the number of threads, so every scan may open a page as large as the whole
//! budget. Pages of up to a thread's share are opened without asking. A larger one is counted, and waits while others
//! that are counted leave no room for it. The first scan in plan order of those under way never waits: it is the one
//! that everybody else may be waiting for.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes for the open pages of a run.
#[derive(Clone)]
pub struct PageBudget(Arc<Shared>);

struct Shared {
    bytes: u64,
    /// What a page may have without being counted.
    share: u64,
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Default)]
struct State {
    /// The scans under way, in plan order.
    scans: BTreeSet<Place>,
    /// How many scans there have been: two of one place are told apart.
    begun: u64,
    /// Bytes of the pages that are counted.
    used: u64,
}

/// A scan's place in plan order: file, row group, and its own number.
type Place = (usize, usize, u64);

impl PageBudget {
    /// A budget of `bytes`, which is also the size of the largest page, for so many `threads` at once.
    pub fn new(bytes: u64, threads: usize) -> PageBudget {
        let share = bytes / threads.max(1) as u64;
        PageBudget(Arc::new(Shared { bytes, share, state: Mutex::default(), moved: Condvar::new() }))
    }

    /// Admits the scan of a row group.
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

/// What a column holds of one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Held {
    /// Its bytes, decompressed.
    Page,
    /// Its levels, decoded.
    Levels,
}

/// One scan's room for pages; given back when it is dropped.
pub(super) struct PageRoom {
    shared: Arc<Shared>,
    place: Place,
    /// What is counted of each column: its largest page so far, for the next one may be as large.
    held: Mutex<HashMap<(String, Held), u64>>,
}

impl PageRoom {
    /// Bytes of the largest page that may be opened.
    pub fn page_bytes_max(&self) -> u64 {
        self.shared.bytes
    }

    /// Makes room for a page of `column`; waits until there is some.
    pub fn take(&self, column: &str, what: Held, bytes: u64) {
        if bytes <= self.shared.share {
            return;
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let before = held.entry((column.to_owned(), what)).or_default();
        let more = bytes.saturating_sub(*before);
        if more == 0 {
            return;
        }
        let mut state = self.shared.state();
        while state.used.saturating_add(more) > self.shared.bytes && state.scans.first() != Some(&self.place) {
            state = self.shared.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.used = state.used.saturating_add(more);
        *before = bytes;
    }
}

impl Drop for PageRoom {
    fn drop(&mut self) {
        let held: u64 = self.held.get_mut().unwrap_or_else(PoisonError::into_inner).values().sum();
        let mut state = self.shared.state();
        state.scans.remove(&self.place);
        state.used = state.used.saturating_sub(held);
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
    fn a_large_page_waits_for_room_and_the_first_scan_never_does() {
        let budget = PageBudget::new(100, 4);
        let (first, second, third) = (budget.admit(0, 0), budget.admit(0, 1), budget.admit(1, 0));
        // A thread's share is free, however often.
        (0..10).for_each(|n| third.take(&format!("c{n}"), Held::Page, 25));
        second.take("a", Held::Page, 80);
        second.take("a", Held::Page, 60);
        std::thread::scope(|scope| {
            let (told, heard) = channel();
            scope.spawn(move || {
                third.take("a", Held::Page, 30);
                told.send(()).unwrap();
                drop(third);
            });
            assert!(heard.recv_timeout(Duration::from_millis(50)).is_err(), "there is room for 20");
            // There is no room for these either.
            first.take("a", Held::Page, 100);
            first.take("a", Held::Levels, 100);
            drop(first);
            assert!(heard.recv_timeout(Duration::from_millis(50)).is_err(), "there is room for 20");
            drop(second);
            heard.recv_timeout(Duration::from_secs(30)).unwrap();
        });
        assert_eq!(budget.0.state().used, 0);
    }

    #[test]
    fn whoever_becomes_the_first_goes_on() {
        let budget = PageBudget::new(100, 4);
        let (first, second) = (budget.admit(0, 0), budget.admit(0, 1));
        first.take("a", Held::Page, 60);
        second.take("a", Held::Page, 40);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| second.take("b", Held::Page, 100));
            drop(first);
            waiting.join().unwrap();
        });
        assert_eq!(budget.0.state().used, 140);
    }
}
