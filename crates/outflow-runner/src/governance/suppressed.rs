//! The suppression lists of sandboxes, as exports look at them.

use std::sync::Arc;

use outflow_model::Fault;
use outflow_profiles::snapshot::IdentityKeys;
use outflow_store::Reader;

use crate::context::Inner;

/// A suppression list of one revision.
pub(super) struct Suppressed {
    revision: i64,
    keys: Arc<IdentityKeys>,
}

/// The identities on the list of a sandbox. `None` where it is not of this revision any more.
///
/// # Errors
/// Those of the store.
pub(super) async fn suppressed(
    inner: &Inner,
    sandbox: &str,
    revision: i64,
) -> Result<Option<Arc<IdentityKeys>>, Fault> {
    read(inner, &mut inner.store.read().await?, sandbox, revision).await
}

/// The same, as `reader` sees it.
///
/// # Errors
/// Those of the store.
pub(super) async fn read(
    inner: &Inner,
    reader: &mut Reader,
    sandbox: &str,
    revision: i64,
) -> Result<Option<Arc<IdentityKeys>>, Fault> {
    if revision == 0 {
        // Nobody was ever on it.
        return Ok(Some(Arc::default()));
    }
    let lists = &inner.known.suppressed;
    if let Some(list) = lists.get(sandbox).filter(|list| list.revision == revision) {
        return Ok(Some(Arc::clone(&list.keys)));
    }
    let keys = reader.suppression_keys(sandbox).await?;
    // What was added while it was read is on a list of another revision.
    if reader.governance(sandbox).await?.suppression_revision != revision {
        return Ok(None);
    }
    let keys = Arc::new(IdentityKeys::new(keys));
    lists.put(sandbox.to_owned(), Arc::new(Suppressed { revision, keys: Arc::clone(&keys) }), 8 * keys.len());
    Ok(Some(keys))
}
