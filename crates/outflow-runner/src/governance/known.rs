//! What was read before: rules, activations and labels are parsed once for each of their versions, and the governance of a
//! sandbox is put together once for each of its revisions.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use outflow_governance::DatasetLabels;
use outflow_governance::usage::SegmentRule;
use outflow_profiles::dataset::DatasetVersion;
use outflow_store::Document;
use serde_json::Value;

use super::data::{Records, Version};
use super::facts::FlowFacts;
use super::rules::Rules;
use super::suppressed::Suppressed;
use super::unasked::Asks;

/// Bytes of parsed documents of a kind that are kept, with the documents: some thousands are a few megabytes. With more,
/// those of this look are kept.
const KEPT_BYTES_MAX: usize = 64 << 20;

/// Bytes of the shapes of datasets' versions that are kept, and of what snapshots were merged of.
const SHAPES_BYTES_MAX: usize = 32 << 20;

/// Bytes of the governance of sandboxes that is kept.
const RULES_BYTES_MAX: usize = 64 << 20;

/// Bytes of suppression lists that are kept. A list takes 8 MB at most.
const LISTS_BYTES_MAX: usize = 64 << 20;

/// Bytes of whether sandboxes have consent policies that are kept.
const ASKS_BYTES_MAX: usize = 1 << 20;

/// What an entry takes beside what is told of it.
const ENTRY_BYTES: usize = 256;

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
            records: Kept::new(SHAPES_BYTES_MAX),
            snapshots: Kept::new(SHAPES_BYTES_MAX),
            asks: Kept::new(ASKS_BYTES_MAX),
            rules: Kept::new(RULES_BYTES_MAX),
            suppressed: Kept::new(LISTS_BYTES_MAX),
            ..Known::default()
        }
    }

    /// Remembers the shape of a version that was made just now.
    pub fn remember(&self, version: &DatasetVersion) {
        let records = Records::of(version.clone());
        let weight = records.weight_bytes();
        self.records.put(version.id.clone(), Arc::new(records), weight);
    }
}

/// Values by key, with about what they take; all are forgotten when that is too much. One that is too large by itself is
/// not kept.
pub(super) struct Kept<K, T> {
    known: Mutex<Entries<K, T>>,
    bytes_max: usize,
}

struct Entries<K, T> {
    by_key: HashMap<K, (Arc<T>, usize)>,
    bytes: usize,
}

impl<K, T> Default for Entries<K, T> {
    fn default() -> Entries<K, T> {
        Entries { by_key: HashMap::new(), bytes: 0 }
    }
}

impl<K, T> Default for Kept<K, T> {
    fn default() -> Kept<K, T> {
        Kept { known: Mutex::default(), bytes_max: KEPT_BYTES_MAX }
    }
}

impl<K: std::hash::Hash + Eq, T> Kept<K, T> {
    fn new(bytes_max: usize) -> Kept<K, T> {
        Kept { known: Mutex::default(), bytes_max }
    }

    fn locked(&self) -> MutexGuard<'_, Entries<K, T>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get<Q: std::hash::Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Arc<T>>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.locked().by_key.get(key).map(|(value, _)| Arc::clone(value))
    }

    /// Keeps a value that takes about `bytes`.
    pub fn put(&self, key: K, value: Arc<T>, bytes: usize) {
        let bytes = bytes.saturating_add(ENTRY_BYTES);
        let mut known = self.locked();
        if let Some((_, before)) = known.by_key.remove(&key) {
            known.bytes -= before;
        }
        if bytes > self.bytes_max {
            return;
        }
        if known.bytes + bytes > self.bytes_max {
            *known = Entries::default();
        }
        known.bytes += bytes;
        known.by_key.insert(key, (value, bytes));
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
        // The document, and what was parsed of it, which is much the same once more.
        let bytes = of.iter().flatten().map(|document| 2 * weight_bytes(&document.body)).sum();
        let of = of.iter().map(|document| document.cloned()).collect();
        self.known.put(key, Arc::new((of, Arc::clone(&made))), bytes);
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

/// About what JSON takes in memory.
pub(super) fn weight_bytes(json: &Value) -> usize {
    /// A value, or a member of an object beside its name.
    const NODE_BYTES: usize = 64;
    NODE_BYTES
        + match json {
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(weight_bytes).sum(),
            Value::Object(members) => members.iter().map(|(name, of)| NODE_BYTES + name.len() + weight_bytes(of)).sum(),
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_kept_is_bounded_by_bytes() {
        let kept: Kept<u32, u32> = Kept::new(10 * ENTRY_BYTES);
        for n in 0..3 {
            kept.put(n, Arc::new(n), 2 * ENTRY_BYTES);
        }
        assert_eq!((kept.get(&0).as_deref(), kept.locked().bytes), (Some(&0), 9 * ENTRY_BYTES));
        // In the place of what has the key.
        kept.put(0, Arc::new(7), ENTRY_BYTES);
        assert_eq!((kept.get(&0).as_deref(), kept.locked().bytes), (Some(&7), 8 * ENTRY_BYTES));
        kept.put(3, Arc::new(3), 2 * ENTRY_BYTES);
        assert_eq!((kept.get(&0), kept.get(&3).as_deref(), kept.locked().bytes), (None, Some(&3), 3 * ENTRY_BYTES));
        kept.put(4, Arc::new(4), 10 * ENTRY_BYTES);
        assert_eq!((kept.get(&4), kept.get(&3).as_deref()), (None, Some(&3)), "it would take all by itself");
    }

    #[test]
    fn what_json_takes_grows_with_it() {
        let text = "x".repeat(1_000);
        assert!(weight_bytes(&json!({"a": [text, text]})) > 2_000);
        assert!(weight_bytes(&json!(vec![1; 100])) > 100 * 16);
    }
}
