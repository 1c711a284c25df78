//! An upload under way: journalled before its first part, given up when it is not completed.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use outflow_connector_kit::{Fault, Journal, JournalEntry};

use super::client::Client;
use super::multipart;
use super::object::ObjectMeta;

/// The upload ids of a session's own uploads, which its sweep leaves alone.
pub(super) type ActiveUploads = Mutex<HashSet<String>>;

/// What every upload of a session shares.
pub(super) struct UploadContext {
    pub client: Client,
    pub journal: Arc<dyn Journal>,
    pub active: ActiveUploads,
}

impl UploadContext {
    /// The ids of this session's uploads under way.
    pub(super) fn active(&self) -> MutexGuard<'_, HashSet<String>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A journal entry of this target. An empty `handle` says that an upload was about to begin: if nothing follows, one
    /// may exist whose id nobody recorded.
    pub(super) fn entry(&self, key: &str, handle: &str) -> JournalEntry {
        let target = self.client.address.journal_target();
        JournalEntry { target, sink_path: key.to_owned(), handle: handle.to_owned() }
    }

    /// Strikes an entry out. A failure leaves a stale entry, which a later sweep finds gone at the store.
    fn strike(&self, entry: &JournalEntry) {
        if let Err(fault) = self.journal.end(entry) {
            tracing::warn!(key = entry.sink_path, %fault, "the journal keeps an upload that is gone");
        }
    }

    /// Gives up whatever a listing shows under exactly this key, but for what this session and living attempts of others
    /// have under way. Answers whether nothing that is nobody's can be left.
    pub(super) async fn abort_listed(&self, key: &str) -> Result<bool, Fault> {
        let listed = multipart::list(&self.client, key).await?;
        // Asked after the listing: what it shows of a living attempt is journalled by now.
        let living = self.journal.living(&self.client.address.journal_target())?;
        let mut sure = !listed.more;
        for (_, id) in listed.uploads.iter().filter(|(listed_key, _)| listed_key == key) {
            if living.iter().any(|l| l.covers(key, id)) {
                sure &= living.iter().any(|l| l.entry.handle == *id);
            } else if !self.active().contains(id) {
                multipart::abort(&self.client, key, id).await?;
            }
        }
        Ok(sure)
    }

    /// Cleans up after a request to begin an upload whose answer was lost.
    async fn abort_unknown(&self, key: &str) {
        match self.abort_listed(key).await {
            Ok(true) => self.strike(&self.entry(key, "")),
            // The journal keeps the intent: the next sweep tries again, or says what to set up.
            Ok(false) => tracing::warn!(key, "an upload may remain among those of others"),
            Err(fault) => tracing::warn!(key, %fault, "an upload may remain that cannot be listed"),
        }
    }
}

/// An upload under way. Dropped without [`Upload::completed`] or [`Upload::abort`], it is given up in the background.
pub(super) struct Upload {
    context: Arc<UploadContext>,
    key: String,
    id: String,
    /// An earlier try to begin may have left a second upload.
    unsure: bool,
    over: bool,
}

impl Upload {
    /// Begins an upload, with its intent and then its id in the journal.
    pub(super) async fn begin(context: &Arc<UploadContext>, key: &str, meta: &ObjectMeta<'_>) -> Result<Upload, Fault> {
        let intent = context.entry(key, "");
        context.journal.begin(&intent)?;
        let (id, unsure) = match multipart::create(&context.client, key, meta).await {
            Ok(created) => created,
            Err(failure) => {
                if failure.unsure {
                    context.abort_unknown(key).await;
                } else {
                    context.strike(&intent);
                }
                return Err(failure.into());
            }
        };
        context.active().insert(id.clone());
        let upload = Upload { context: Arc::clone(context), key: key.to_owned(), id, unsure, over: false };
        if let Err(fault) = context.journal.begin(&context.entry(key, &upload.id)) {
            upload.abort().await?;
            return Err(fault);
        }
        if !unsure {
            context.strike(&intent);
        }
        Ok(upload)
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Notes that the upload became an object.
    pub(super) async fn completed(mut self) {
        self.over = true;
        self.context.active().remove(&self.id);
        self.context.strike(&self.context.entry(&self.key, &self.id));
        if self.unsure {
            self.context.abort_unknown(&self.key).await;
        }
    }

    /// Gives the upload up. When that fails the journal keeps it.
    pub(super) async fn abort(mut self) -> Result<(), Fault> {
        self.over = true;
        abort(&self.context, &self.key, &self.id, self.unsure).await
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        // A future that is dropped cannot wait. Where there is no runtime any more, the journal remembers.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (context, key, id) = (Arc::clone(&self.context), self.key.clone(), self.id.clone());
            let unsure = self.unsure;
            runtime.spawn(async move {
                if let Err(fault) = abort(&context, &key, &id, unsure).await {
                    tracing::warn!(key, %fault, "an upload remains until the next sweep");
                }
            });
        }
    }
}

async fn abort(context: &Arc<UploadContext>, key: &str, id: &str, unsure: bool) -> Result<(), Fault> {
    context.active().remove(id);
    multipart::abort(&context.client, key, id).await?;
    context.strike(&context.entry(key, id));
    if unsure {
        context.abort_unknown(key).await;
    }
    Ok(())
}
