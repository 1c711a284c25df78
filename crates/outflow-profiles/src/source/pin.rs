//! Taking the list of files, once.

use std::sync::Arc;

use outflow_model::Fault;

use super::{ListedFile, RandomAccess, SourceFile, SourceFormat, Storage};

/// More files than this are refused: the list is held in memory and hashed into the run's id.
const FILES_MAX: usize = 100_000;

/// The files of a run, in the order in which their rows are exported.
#[derive(Clone)]
pub struct PinnedSources {
    /// Files with the storage that holds each.
    pub(super) files: Vec<(SourceFile, Arc<dyn Storage>)>,
}

impl PinnedSources {
    /// Files that one storage holds, in order.
    pub(crate) fn new(files: Vec<SourceFile>, storage: &Arc<dyn Storage>) -> PinnedSources {
        PinnedSources { files: files.into_iter().map(|file| (file, Arc::clone(storage))).collect() }
    }

    /// The files, in order.
    pub fn files(&self) -> impl ExactSizeIterator<Item = &SourceFile> {
        self.files.iter().map(|(file, _)| file)
    }

    /// File number `index`.
    pub fn file(&self, index: usize) -> &SourceFile {
        &self.files[index].0
    }

    /// Opens file number `index`; fails when it has changed.
    pub fn open(&self, index: usize) -> Result<Arc<dyn RandomAccess>, Fault> {
        let (file, storage) = &self.files[index];
        storage.open(file)
    }
}

/// Lists what `patterns` name. Within a pattern files are ordered by name, byte by byte; a file named twice counts once.
///
/// # Errors
/// `Input` when a pattern matches nothing, or a file's format cannot be told from its name.
pub fn pin(patterns: &[String], storages: &[Arc<dyn Storage>]) -> Result<PinnedSources, Fault> {
    pin_as(patterns, storages, None)
}

/// Like [`pin`], with the format of all files said instead of told from their names.
///
/// # Errors
/// `Input` when a pattern matches nothing, or, with no `format`, when a file's format cannot be told from its name.
pub fn pin_as(
    patterns: &[String],
    storages: &[Arc<dyn Storage>],
    format: Option<SourceFormat>,
) -> Result<PinnedSources, Fault> {
    let mut files: Vec<(SourceFile, Arc<dyn Storage>)> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for pattern in patterns {
        let storage = storages
            .iter()
            .find(|s| s.handles(pattern))
            .ok_or_else(|| Fault::input(format!("`{pattern}` is not a kind of place that profiles are read from")))?;
        let mut listed = storage.list(pattern)?;
        listed.retain(|file| !is_hidden(&file.url));
        listed.sort_by(|a, b| a.url.cmp(&b.url));
        if listed.is_empty() {
            return Err(Fault::input(format!("no file matches `{pattern}`"))
                .tried(format!("list {pattern}"))
                .hint("check the path; quote globs so that they reach the program as they are"));
        }
        for file in listed {
            if seen.insert(storage.identity(&file.url)) {
                files.push((with_format(file, format)?, Arc::clone(storage)));
            }
        }
    }
    if files.len() > FILES_MAX {
        return Err(Fault::input(format!("{} files match, {FILES_MAX} is the most a run takes", files.len())));
    }
    Ok(PinnedSources { files })
}

/// Files such as `_SUCCESS` and `.crc` lie beside data in many lakes.
fn is_hidden(url: &str) -> bool {
    let name = url.rsplit('/').next().unwrap_or(url);
    name.starts_with(['_', '.'])
}

fn with_format(file: ListedFile, said: Option<SourceFormat>) -> Result<SourceFile, Fault> {
    let lower = file.url.to_ascii_lowercase();
    let format = if let Some(said) = said {
        said
    } else if lower.ends_with(".parquet") {
        SourceFormat::Parquet
    } else if lower.ends_with(".csv") {
        SourceFormat::Csv
    } else if lower.ends_with(".ndjson") || lower.ends_with(".jsonl") || lower.ends_with(".json") {
        SourceFormat::Ndjson
    } else {
        return Err(Fault::input(format!("cannot tell the format of {} from its name", file.url))
            .hint("profiles are read from .parquet, .csv, .ndjson, .jsonl and .json (one object a line)"));
    };
    Ok(SourceFile { url: file.url, bytes: file.bytes, version: file.version, format })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::LocalStorage;

    fn pinned(dir: &std::path::Path, patterns: &[&str]) -> Result<Vec<String>, Fault> {
        let patterns: Vec<String> = patterns.iter().map(|p| format!("{}/{p}", dir.display())).collect();
        let pinned = pin(&patterns, &[Arc::new(LocalStorage)])?;
        Ok(pinned.files().map(|f| f.url.rsplit('/').next().unwrap().to_string()).collect())
    }

    fn name_of(folder: &std::path::Path) -> String {
        folder.file_name().unwrap().to_str().unwrap().to_string()
    }

    #[test]
    fn order_is_by_name_and_no_file_counts_twice() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.parquet", "a.parquet", "_SUCCESS", ".a.parquet.crc"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        assert_eq!(pinned(dir.path(), &["*", "a.parquet"]).unwrap(), ["a.parquet", "b.parquet"]);
        assert_eq!(pinned(dir.path(), &["b.*", "*"]).unwrap(), ["b.parquet", "a.parquet"]);
        std::os::unix::fs::symlink(dir.path().join("a.parquet"), dir.path().join("c.parquet")).unwrap();
        let twice =
            ["*", "./a.parquet", "../", "c.parquet"].map(|p| p.replace("../", &format!("../{}", name_of(dir.path()))));
        let twice: Vec<&str> = twice.iter().map(String::as_str).collect();
        assert_eq!(pinned(dir.path(), &twice).unwrap(), ["a.parquet", "b.parquet"]);
        let named = [dir.path().join("*.parquet").to_str().unwrap().to_string()];
        std::fs::write(dir.path().join("data"), "x").unwrap();
        let unnamed = [dir.path().join("data").to_str().unwrap().to_string()];
        assert!(pin(&unnamed, &[Arc::new(LocalStorage)]).is_err());
        for patterns in [unnamed, named] {
            let said = pin_as(&patterns, &[Arc::new(LocalStorage)], Some(SourceFormat::Ndjson)).unwrap();
            assert!(said.files().all(|file| file.format == SourceFormat::Ndjson));
        }
        assert!(pinned(dir.path(), &["*.csv"]).err().unwrap().message.contains("no file matches"));
    }
}
