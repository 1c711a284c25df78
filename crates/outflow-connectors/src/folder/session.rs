//! An open folder. All file work runs on blocking threads.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use async_trait::async_trait;
use bytes::Bytes;
use outflow_connector_kit::{
    BodyReader, JournalEntry, ObjectStat, PartBody, PartRequest, Receipt, Session, SessionContext, StagedPart,
    SweepReport,
};
use outflow_model::{Fault, FaultClass};

use super::config::FolderTarget;
use super::fault::{from_io, lost};
use super::{lookup, publish, stage, sweep};
use crate::names;

/// Checks that the folder is there or can be made; it is made when the first part is staged.
pub(super) async fn open(target: &FolderTarget, context: SessionContext) -> Result<FolderSession, Fault> {
    let root = PathBuf::from(&target.path);
    let place = Arc::new(Place { root, context, made_root: AtomicBool::new(false) });
    let session = FolderSession { place };
    session.blocking(Place::require).await?;
    Ok(session)
}

/// A [`Session`] on a folder.
pub(super) struct FolderSession {
    place: Arc<Place>,
}

/// The folder and what its session was opened with, shared with blocking threads.
pub(super) struct Place {
    pub root: PathBuf,
    pub context: SessionContext,
    /// Set when this session made the folder: the one above it then has something to flush too.
    pub made_root: AtomicBool,
}

impl Place {
    /// The folder exists, or the one above it does.
    fn require(&self) -> Result<(), Fault> {
        match std::fs::metadata(&self.root) {
            Ok(found) if found.is_dir() => Ok(()),
            Ok(_) => Err(from_io("open", &self.root, std::io::ErrorKind::NotADirectory.into())),
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(from_io("open", &self.root, e)),
            Err(_) => match self.root.parent().map(std::fs::metadata) {
                Some(Ok(above)) if above.is_dir() => Ok(()),
                _ => Err(Fault::new(FaultClass::Config, "neither the folder nor the folder above it exists")
                    .tried(format!("open {}", self.root.display()))
                    .hint("make the folder, or correct the destination's path")),
            },
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub fn url(&self, path: &Path) -> String {
        // As targets are given: without percent-encoding, for a target may hold macros.
        format!("file://{}", path.display())
    }

    /// How journal entries name this target.
    pub fn target(&self) -> String {
        self.url(&self.root)
    }

    /// The journal entry of `name`'s temporary file.
    pub fn entry(&self, name: &str) -> JournalEntry {
        JournalEntry {
            target: self.target(),
            sink_path: self.path(name).display().to_string(),
            handle: self.path(&names::temporary(name, &self.context.attempt)).display().to_string(),
        }
    }
}

impl FolderSession {
    /// Runs `work` where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Place) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let place = self.place.clone();
        tokio::task::spawn_blocking(move || work(&place)).await.map_err(lost)?
    }
}

#[async_trait]
impl Session for FolderSession {
    fn url(&self, name: &str) -> String {
        self.place.url(&self.place.path(name))
    }

    fn sink_path(&self, name: &str) -> String {
        self.place.path(name).display().to_string()
    }

    async fn stage(&self, request: PartRequest, body: PartBody) -> Result<StagedPart, Fault> {
        names::check(&request.name)?;
        self.blocking(move |place| stage::stage(place, request, body)).await
    }

    async fn publish(&self, part: StagedPart) -> Result<Receipt, Fault> {
        self.blocking(move |place| publish::publish(place, &part)).await
    }

    async fn discard(&self, part: StagedPart) -> Result<(), Fault> {
        self.blocking(move |place| stage::discard(place, &part)).await
    }

    async fn sweep(&self, names: &[String]) -> Result<SweepReport, Fault> {
        let names = names.to_vec();
        self.blocking(move |place| sweep::sweep(place, &names)).await
    }

    async fn stat(&self, name: &str) -> Result<Option<ObjectStat>, Fault> {
        let path = self.place.path(name);
        self.blocking(move |_| lookup::stat(&path)).await
    }

    async fn read(&self, name: &str) -> Result<BodyReader, Fault> {
        let path = self.place.path(name);
        self.blocking(move |_| lookup::read(path)).await
    }

    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Bytes, Fault> {
        let path = self.place.path(name);
        self.blocking(move |_| lookup::read_range(&path, offset, length)).await
    }

    async fn list(&self, folder: &str) -> Result<Vec<(String, ObjectStat)>, Fault> {
        let folder = folder.trim_end_matches('/').to_owned();
        self.blocking(move |place| lookup::list(place, &folder)).await
    }

    async fn close(&self) -> Result<(), Fault> {
        Ok(())
    }
}
