//! What was read before: rules, activations and labels are parsed once for each of their versions, and the governance of a
//! sandbox is put together once for each of its revisions.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use outflow_governance::DatasetLabels;
use outflow_governance::usage::SegmentRule;
use outflow_store::Document;

use super::data::{Records, Version};
use super::facts::FlowFacts;
use super::rules::Rules;
use super::suppressed::Suppressed;
use super::unasked::Asks;

/// Parsed documents of a kind that are kept; a thousand take a few megabytes. With more, those of this look are kept.
const KEPT_MAX: usize = 20_000;

/// Versions of datasets whose shape is kept.
const VERSIONS_MAX: usize = 2_000;

/// Sandboxes whose governance is kept.
const SANDBOXES_MAX: usize = 100;

/// Sandboxes whose suppression lists are kept. A list takes 8 MB at most.
const LISTS_MAX: usize = 8;

/// What is known.
#[derive(Default)]
pub(crate) struct Known {
    /// Segments, by id.
    pub(super) segments: Parsed<SegmentRule>,
    /// Flows, by id. With its target, for which the flow is parsed.
    pub(super) flows: Parsed<FlowFacts>,
    /// Labels, by dataset.
    pub(super) labels: Parsed<DatasetLabels>,
    /// The shape of datasets' versions, which never change.
    pub(super) records: Kept<String, Records>,
    /// What snapshots were merged of, by sandbox and snapshot.
    pub(super) snapshots: Kept<String, Vec<Version>>,
    /// The governance of sandboxes, by their names; only what is committed.
    pub(super) rules: Kept<String, Rules>,
    /// Whether sandboxes have consent policies, by their names; only what is committed.
    pub(super) asks: Kept<String, Asks>,
    /// The suppression lists of sandboxes, by their names.
    pub(super) suppressed: Kept<String, Suppressed>,
}

impl Known {
    pub fn new() -> Known {
        Known {
            records: Kept::new(VERSIONS_MAX),
            rules: Kept::new(SANDBOXES_MAX),
            asks: Kept::new(SANDBOXES_MAX),
            suppressed: Kept::new(LISTS_MAX),
            ..Known::default()
        }
    }
}

/// Values by key; all are forgotten when there are too many.
pub(super) struct Kept<K, T> {
    known: Mutex<HashMap<K, Arc<T>>>,
    max: usize,
}

impl<K, T> Default for Kept<K, T> {
    fn default() -> Kept<K, T> {
        Kept { known: Mutex::default(), max: KEPT_MAX }
    }
}

impl<K: std::hash::Hash + Eq, T> Kept<K, T> {
    fn new(max: usize) -> Kept<K, T> {
        Kept { known: Mutex::default(), max }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<K, Arc<T>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get<Q: std::hash::Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Arc<T>>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.locked().get(key).cloned()
    }

    pub fn put(&self, key: K, value: Arc<T>) {
        let mut known = self.locked();
        if known.len() >= self.max {
            known.clear();
        }
        known.insert(key, value);
    }
}

/// The documents that something was parsed of.
type Origins = Vec<Option<Arc<Document>>>;

/// What was parsed of documents. It counts as long as they are the very same: a transaction that is not committed may have
/// written others under the same version.
pub(super) struct Parsed<T> {
    known: Kept<String, (Origins, Arc<T>)>,
}

impl<T> Default for Parsed<T> {
    fn default() -> Parsed<T> {
        Parsed { known: Kept::default() }
    }
}

impl<T> Parsed<T> {
    /// What `of` say, the first of which is what this is kept under; `make` reads it where it is not known.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn of<E>(&self, of: &[Option<&Arc<Document>>], make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        let key = of.first().copied().flatten().map_or_else(String::new, |d| format!("{}/{}", d.sandbox, d.id));
        if let Some(known) = self.known.get(&key)
            && known.0.len() == of.len()
            && known.0.iter().zip(of).all(|(known, asked)| are_same(known.as_ref(), *asked))
        {
            return Ok(Arc::clone(&known.1));
        }
        let made = Arc::new(make()?);
        let of = of.iter().map(|document| document.cloned()).collect();
        self.known.put(key, Arc::new((of, Arc::clone(&made))));
        Ok(made)
    }

    /// The same, of one document that can always be read.
    pub fn of_one(&self, of: &Arc<Document>, make: impl FnOnce() -> T) -> Arc<T> {
        match self.of(&[Some(of)], || Ok::<T, Infallible>(make())) {
            Ok(made) => made,
            Err(never) => match never {},
        }
    }
}

fn are_same(one: Option<&Arc<Document>>, other: Option<&Arc<Document>>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => Arc::ptr_eq(one, other) || (one.name == other.name && one.body == other.body),
        _ => false,
    }
}
