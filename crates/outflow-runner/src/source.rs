//! The files of a dataset's definition.

use std::sync::Arc;

use outflow_model::Fault;
use outflow_model::dataset::{DatasetFormat, DatasetSource};
use outflow_profiles::source::{PinnedSources, SourceFormat, Storage, pin_as};

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
