//! The files of a dataset's definition, and counting what is read of them.

use std::sync::Arc;

use bytes::Bytes;
use outflow_model::Fault;
use outflow_model::dataset::{DatasetFormat, DatasetSource};
use outflow_profiles::source::{ListedFile, PinnedSources, RandomAccess, SourceFile, SourceFormat, Storage, pin_as};

use crate::live::Watch;

/// Pins the files of a dataset's source, read as its format says, and where it says none as their names tell.
///
/// # Errors
/// As [`pin_as`].
pub fn pin_source(source: &DatasetSource, storages: &[Arc<dyn Storage>]) -> Result<PinnedSources, Fault> {
    let format = source.format.map(|format| match format {
        DatasetFormat::Parquet => SourceFormat::Parquet,
        DatasetFormat::Csv => SourceFormat::Csv,
        DatasetFormat::Ndjson => SourceFormat::Ndjson,
    });
    pin_as(&source.urls, storages, format)
}

/// The same storages, which count for a refresh what is read.
pub(crate) fn counted(storages: &[Arc<dyn Storage>], watch: &Arc<Watch>) -> Vec<Arc<dyn Storage>> {
    let counted = |inner: &Arc<dyn Storage>| -> Arc<dyn Storage> {
        Arc::new(Counted { inner: Arc::clone(inner), watch: Arc::clone(watch) })
    };
    storages.iter().map(counted).collect()
}

struct Counted {
    inner: Arc<dyn Storage>,
    watch: Arc<Watch>,
}

impl Storage for Counted {
    fn handles(&self, pattern: &str) -> bool {
        self.inner.handles(pattern)
    }

    fn list(&self, pattern: &str) -> Result<Vec<ListedFile>, Fault> {
        self.inner.list(pattern)
    }

    fn identity(&self, url: &str) -> String {
        self.inner.identity(url)
    }

    fn open(&self, file: &SourceFile) -> Result<Arc<dyn RandomAccess>, Fault> {
        Ok(Arc::new(CountedFile { inner: self.inner.open(file)?, watch: Arc::clone(&self.watch) }))
    }
}

struct CountedFile {
    inner: Arc<dyn RandomAccess>,
    watch: Arc<Watch>,
}

impl RandomAccess for CountedFile {
    fn read_at(&self, offset: u64, length: usize) -> Result<Bytes, Fault> {
        // Finding types reads all of a text file, and asks nobody else whether to go on.
        self.watch.check()?;
        let bytes = self.inner.read_at(offset, length)?;
        self.watch.refreshing.read(bytes.len());
        Ok(bytes)
    }

    fn read_ahead_bytes(&self) -> usize {
        self.inner.read_ahead_bytes()
    }

    fn check_unchanged(&self) -> Result<(), Fault> {
        self.inner.check_unchanged()
    }
}
