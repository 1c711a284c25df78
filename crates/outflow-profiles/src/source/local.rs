//! Files on the local disk.

use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use outflow_model::Fault;

use super::{ListedFile, RandomAccess, SourceFile, Storage, changed};

/// Reads paths, globs and `file://` URLs.
pub struct LocalStorage;

impl Storage for LocalStorage {
    fn handles(&self, pattern: &str) -> bool {
        !pattern.contains("://") || pattern.starts_with("file://")
    }

    fn list(&self, pattern: &str) -> Result<Vec<ListedFile>, Fault> {
        let path = local_path(pattern);
        if Path::new(path).is_file() {
            return Ok(vec![listed(Path::new(path))?]);
        }
        let pattern =
            if Path::new(path).is_dir() { format!("{}/*", path.trim_end_matches('/')) } else { path.to_string() };
        let glob = globset::GlobBuilder::new(&pattern)
            .literal_separator(true)
            .build()
            .map_err(|e| Fault::input(format!("`{pattern}` is not a path or glob")).because(e))?
            .compile_matcher();
        let mut found = Vec::new();
        walk(&literal_root(&pattern), pattern.contains("**"), &mut |path| {
            if glob.is_match(path) {
                found.push(listed(path)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    fn open(&self, file: &SourceFile) -> Result<Arc<dyn RandomAccess>, Fault> {
        let path = PathBuf::from(local_path(&file.url));
        let handle = File::open(&path).map_err(|e| unreadable(&path, e))?;
        let opened = LocalFile { handle, path, pinned: file.clone() };
        opened.check_unchanged()?;
        Ok(Arc::new(opened))
    }
}

struct LocalFile {
    handle: File,
    path: PathBuf,
    pinned: SourceFile,
}

impl RandomAccess for LocalFile {
    fn read_at(&self, offset: u64, length: usize) -> Result<Bytes, Fault> {
        let mut buffer = vec![0; length];
        self.handle.read_exact_at(&mut buffer, offset).map_err(|e| match e.kind() {
            std::io::ErrorKind::UnexpectedEof => changed(&self.pinned.url),
            _ => unreadable(&self.path, e),
        })?;
        Ok(Bytes::from(buffer))
    }

    fn read_ahead_bytes(&self) -> usize {
        0
    }

    fn check_unchanged(&self) -> Result<(), Fault> {
        let of_handle = self.handle.metadata().map_err(|e| unreadable(&self.path, e))?;
        let same = of_handle.len() == self.pinned.bytes && version(&of_handle) == self.pinned.version;
        // The path may by now name another file, of which later parts of the run would read.
        let of_path = std::fs::metadata(&self.path).map_err(|_| changed(&self.pinned.url))?;
        if same && of_path.ino() == of_handle.ino() { Ok(()) } else { Err(changed(&self.pinned.url)) }
    }
}

fn local_path(pattern: &str) -> &str {
    pattern.strip_prefix("file://").unwrap_or(pattern)
}

fn version(metadata: &std::fs::Metadata) -> String {
    format!("{}.{:09}", metadata.mtime(), metadata.mtime_nsec())
}

fn listed(path: &Path) -> Result<ListedFile, Fault> {
    let metadata = std::fs::metadata(path).map_err(|e| unreadable(path, e))?;
    let url = path.to_str().ok_or_else(|| Fault::input(format!("the path {} is not UTF-8", path.display())))?;
    Ok(ListedFile { url: url.to_string(), bytes: metadata.len(), version: version(&metadata) })
}

fn unreadable(path: &Path, e: std::io::Error) -> Fault {
    Fault::input(format!("cannot read {}", path.display())).tried(format!("open {}", path.display())).because(e)
}

/// The folder above the first element of `pattern` that holds a wildcard.
fn literal_root(pattern: &str) -> PathBuf {
    let wild = pattern.find(['*', '?', '[', '{']).unwrap_or(pattern.len());
    match pattern[..wild].rfind('/') {
        Some(0) => PathBuf::from("/"),
        Some(slash) => PathBuf::from(&pattern[..slash]),
        None => PathBuf::from("."),
    }
}

/// Calls `visit` for every file below `folder`. Without `deep`, folders are entered only as deep as the pattern has
/// separators, which the matcher decides; the walk is bounded by 32 levels, deeper trees are refused.
fn walk(folder: &Path, deep: bool, visit: &mut dyn FnMut(&Path) -> Result<(), Fault>) -> Result<(), Fault> {
    walk_level(folder, if deep { 32 } else { 8 }, visit)
}

fn walk_level(folder: &Path, levels: u32, visit: &mut dyn FnMut(&Path) -> Result<(), Fault>) -> Result<(), Fault> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(unreadable(folder, e)),
    };
    for entry in entries {
        let entry = entry.map_err(|e| unreadable(folder, e))?;
        let path = if folder == Path::new(".") { PathBuf::from(entry.file_name()) } else { entry.path() };
        if path.is_dir() {
            if levels > 0 {
                walk_level(&path, levels - 1, visit)?;
            }
        } else {
            visit(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFormat;

    #[test]
    fn globs_stay_in_their_folder_unless_told_otherwise() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().to_str().unwrap();
        std::fs::create_dir(dir.path().join("deep")).unwrap();
        for name in ["a.parquet", "b.parquet", "c.txt", "deep/d.parquet"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        let names = |pattern: &str| {
            let mut found: Vec<String> = LocalStorage
                .list(&format!("{root}/{pattern}"))
                .unwrap()
                .into_iter()
                .map(|f| f.url[root.len() + 1..].to_string())
                .collect();
            found.sort();
            found
        };
        assert_eq!(names("*.parquet"), ["a.parquet", "b.parquet"]);
        assert_eq!(names("**/*.parquet"), ["a.parquet", "b.parquet", "deep/d.parquet"]);
        assert_eq!(names("c.txt"), ["c.txt"]);
        assert!(names("*.csv").is_empty());
    }

    #[test]
    fn a_file_that_grew_or_was_replaced_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.csv");
        std::fs::write(&path, "one").unwrap();
        let l = listed(&path).unwrap();
        let pinned = SourceFile { url: l.url, bytes: l.bytes, version: l.version, format: SourceFormat::Csv };
        let open = LocalStorage.open(&pinned).unwrap();
        assert_eq!(&open.read_at(1, 2).unwrap()[..], b"ne");
        std::fs::write(&path, "longer").unwrap();
        assert!(open.check_unchanged().unwrap_err().message.contains("a.csv has changed"));
        assert!(LocalStorage.open(&pinned).is_err());
    }
}
