//! Documents that were parsed before: a list of a thousand flows must not parse a thousand bodies each time.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::Document;
use super::read::Head;

/// Most bytes of bodies, as text, that are kept parsed. Parsed they take about three times as much.
const BODY_BYTES_MAX: usize = 16 << 20;

/// Most documents that are kept.
const DOCUMENTS_MAX: usize = 20_000;

/// Table and id. A document is told by its revision too, by its birth, for an id may be used again after a deletion, and
/// by its sandbox, for some ids are taken once in each.
type Key = (&'static str, String);

struct Entry {
    document: Arc<Document>,
    body_bytes: usize,
}

/// Parsed documents by table and id, the oldest leaving first. Only committed revisions are put into it.
#[derive(Default)]
pub(crate) struct Cache {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: HashMap<Key, Entry>,
    /// In the order in which they came. A key that was replaced stands here once.
    order: VecDeque<Key>,
    body_bytes: usize,
}

impl Cache {
    /// The document where this very revision of it is here.
    pub(super) fn get(&self, table: &'static str, head: &Head) -> Option<Arc<Document>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let document = &state.entries.get(&(table, head.id.clone()))?.document;
        let same = document.revision == head.revision
            && document.created_at.timestamp_micros() == head.born_micros
            && document.sandbox == head.sandbox;
        same.then(|| document.clone())
    }

    /// Keeps a document whose body has `body_bytes` bytes as text. One that is larger than the whole limit is not kept.
    pub(super) fn put(&self, table: &'static str, document: &Arc<Document>, body_bytes: usize) {
        if body_bytes > BODY_BYTES_MAX / 8 {
            return;
        }
        let mut guard = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *guard;
        let key = (table, document.id.clone());
        let entry = Entry { document: document.clone(), body_bytes };
        state.body_bytes += body_bytes;
        match state.entries.insert(key.clone(), entry) {
            Some(old) => state.body_bytes -= old.body_bytes,
            None => state.order.push_back(key),
        }
        while state.body_bytes > BODY_BYTES_MAX || state.entries.len() > DOCUMENTS_MAX {
            let Some(oldest) = state.order.pop_front() else { break };
            if let Some(old) = state.entries.remove(&oldest) {
                state.body_bytes -= old.body_bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::Value;

    use super::*;

    fn document(id: usize, revision: i64) -> Arc<Document> {
        let time = DateTime::from_timestamp_micros(1_000_000).unwrap();
        Arc::new(Document {
            id: id.to_string(),
            sandbox: "prod".to_owned(),
            name: String::new(),
            body: Value::Null,
            version: 1,
            created_at: time,
            created_by: String::new(),
            updated_at: time,
            updated_by: String::new(),
            details: Value::Null,
            revision,
        })
    }

    fn head(sandbox: &str, id: &str, revision: i64, born_micros: i64) -> Head {
        Head { id: id.to_owned(), sandbox: sandbox.to_owned(), revision, born_micros }
    }

    #[test]
    fn only_the_very_revision_is_found() {
        let cache = Cache::default();
        cache.put("flow", &document(1, 4), 10);
        assert!(cache.get("flow", &head("prod", "1", 4, 1_000_000)).is_some());
        assert!(cache.get("flow", &head("prod", "1", 5, 1_000_000)).is_none());
        assert!(cache.get("flow", &head("prod", "1", 4, 2_000_000)).is_none(), "an id that was used again");
        assert!(cache.get("flow", &head("dev", "1", 4, 1_000_000)).is_none(), "the same id elsewhere");
        assert!(cache.get("run", &head("prod", "1", 4, 1_000_000)).is_none());
    }

    #[test]
    fn it_stays_within_its_limits() {
        let cache = Cache::default();
        let body_bytes = BODY_BYTES_MAX / 8;
        for id in 0..20 {
            cache.put("flow", &document(id, 1), body_bytes);
            cache.put("flow", &document(id, 2), body_bytes);
        }
        let state = cache.state.lock().unwrap();
        assert_eq!(state.entries.len(), 8);
        assert_eq!(state.order.len(), 8);
        assert_eq!(state.body_bytes, BODY_BYTES_MAX);
        drop(state);
        assert!(cache.get("flow", &head("prod", "19", 2, 1_000_000)).is_some());
        assert!(cache.get("flow", &head("prod", "0", 2, 1_000_000)).is_none());
        cache.put("flow", &document(99, 1), body_bytes + 1);
        assert!(cache.get("flow", &head("prod", "99", 1, 1_000_000)).is_none());
    }
}
