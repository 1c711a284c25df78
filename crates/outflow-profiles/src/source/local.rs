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
        let mut found = Vec::new();
        if Path::new(path).is_dir() {
            for (path, is_folder) in entries(Path::new(path))? {
                if !is_folder {
                    found.push(listed(&path)?);
                }
            }
            return Ok(found);
        }
        let walk = Walk::new(path)?;
        walk.level(&walk.root, 0, &mut |path| {
            found.push(listed(path)?);
            Ok(())
        })?;
        Ok(found)
    }

    fn identity(&self, url: &str) -> String {
        let path = local_path(url);
        // A file that is gone by now is told when it is opened.
        std::fs::canonicalize(path).map_or_else(|_| path.to_string(), |real| real.to_string_lossy().into_owned())
    }

    fn open(&self, file: &SourceFile) -> Result<Arc<dyn RandomAccess>, Fault> {
        let path = PathBuf::from(local_path(&file.url));
        let handle = File::open(&path).map_err(|e| unreadable(&path, e))?;
        let opened = LocalFile { handle, path, pinned: file.clone() };
        opened.check_unchanged()?;
        Ok(Arc::new(opened))
    }
}

fn matcher(pattern: &str) -> Result<globset::GlobMatcher, Fault> {
    let glob = globset::GlobBuilder::new(pattern).literal_separator(true).build();
    let glob = glob.map_err(|e| Fault::input(format!("`{pattern}` is not a path or glob")).because(e))?;
    Ok(glob.compile_matcher())
}

/// Tells which keys of a bucket match `pattern`, by the rules that local paths follow.
///
/// # Errors
/// `Input` when the pattern is not a glob.
pub fn key_matcher(pattern: &str) -> Result<impl Fn(&str) -> bool + use<>, Fault> {
    let matcher = matcher(pattern)?;
    Ok(move |key: &str| matcher.is_match(key))
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

/// Levels of folders below a `**`; deeper trees are refused.
const LEVELS_MAX: usize = 32;

/// The files that a glob matches. Only folders that can hold one are entered.
struct Walk {
    /// The folder above the first wildcard.
    root: PathBuf,
    matches: globset::GlobMatcher,
    /// What the folders of each level below the root must match, as far as the pattern says so.
    folders: Vec<globset::GlobMatcher>,
    /// Whether there is a `**`, below which any folder may hold a match.
    deep: bool,
    pattern: String,
}

impl Walk {
    fn new(pattern: &str) -> Result<Walk, Fault> {
        // Paths are found without it.
        let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
        let matches = matcher(pattern)?;
        let root = literal_root(pattern);
        let first = match pattern.find(['*', '?', '[', '{']) {
            Some(wild) => pattern[..wild].rfind('/').map_or(0, |slash| slash + 1),
            None => pattern.len(),
        };
        let mut folders = Vec::new();
        let mut deep = false;
        for (at, _) in pattern.char_indices().filter(|(at, c)| *c == '/' && *at >= first) {
            let folder = &pattern[..at];
            // A separator inside braces or brackets cuts the pattern where it cannot be cut: below, any folder may do.
            let is_inside = folder.matches(['{', '[']).count() != folder.matches(['}', ']']).count();
            if folder.contains("**") || is_inside {
                deep = true;
                break;
            }
            folders.push(matcher(folder)?);
        }
        deep |= pattern.contains("**");
        Ok(Walk { root, matches, folders, deep, pattern: pattern.to_string() })
    }

    /// Calls `visit` for every file in `folder`, which is `depth` levels below the root, and below it that matches.
    fn level(
        &self,
        folder: &Path,
        depth: usize,
        visit: &mut dyn FnMut(&Path) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        for (path, is_folder) in entries(folder)? {
            if !is_folder {
                if self.matches.is_match(&path) {
                    visit(&path)?;
                }
                continue;
            }
            let can_hold = match self.folders.get(depth) {
                Some(folder) => folder.is_match(&path),
                None => self.deep,
            };
            if !can_hold {
                continue;
            }
            if depth >= LEVELS_MAX + self.folders.len() {
                return Err(Fault::input(format!("{} lies more than {LEVELS_MAX} folders deep", path.display()))
                    .tried(format!("list {}", self.pattern))
                    .hint("name the folders that hold the files, or look for a link that leads back"));
            }
            self.level(&path, depth + 1, visit)?;
        }
        Ok(())
    }
}

/// What is in `folder`, each with whether it is a folder; nothing when there is no such folder.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, bool)>, Fault> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(unreadable(folder, e)),
    };
    let each = entries.map(|entry| {
        let entry = entry.map_err(|e| unreadable(folder, e))?;
        let path = if folder == Path::new(".") { PathBuf::from(entry.file_name()) } else { entry.path() };
        let is_folder = path.is_dir();
        Ok((path, is_folder))
    });
    each.collect()
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

    fn names(root: &str, pattern: &str) -> Result<Vec<String>, Fault> {
        let mut found: Vec<String> = LocalStorage
            .list(&format!("{root}/{pattern}"))?
            .into_iter()
            .map(|f| f.url[root.len() + 1..].to_string())
            .collect();
        found.sort();
        Ok(found)
    }

    #[test]
    fn only_folders_that_can_match_are_entered() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().to_str().unwrap();
        for folder in ["y=1/m=1/d=1", "y=2/m=1/d=1", "lost+found"] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
            std::fs::write(dir.path().join(folder).join("a.csv"), "x").unwrap();
        }
        // A link that leads back: whoever enters it comes to no end.
        std::os::unix::fs::symlink(dir.path(), dir.path().join("loop")).unwrap();
        assert_eq!(names(root, "y=*/m=1/*/a.csv").unwrap(), ["y=1/m=1/d=1/a.csv", "y=2/m=1/d=1/a.csv"]);
        assert_eq!(names(root, "y=[2]/*/d=?/*.csv").unwrap(), ["y=2/m=1/d=1/a.csv"]);
        assert_eq!(names(root, "y=1/**/*.csv").unwrap(), ["y=1/m=1/d=1/a.csv"]);
        assert_eq!(names(root, "{y=1,y=2}/*/*/*.csv").unwrap(), ["y=1/m=1/d=1/a.csv", "y=2/m=1/d=1/a.csv"]);
        assert_eq!(names(root, "y=1/{m=1/d=1,m=2}/*.csv").unwrap(), ["y=1/m=1/d=1/a.csv"]);
        assert!(names(root, "*.csv").unwrap().is_empty());
        let fault = names(root, "**/*.csv").unwrap_err();
        assert!(fault.message.contains("more than 32 folders deep"), "{}", fault.message);
    }

    #[test]
    fn deep_trees_are_read_as_deep_as_the_pattern_says() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().to_str().unwrap();
        let deep = (0..12).map(|n| n.to_string()).collect::<Vec<_>>().join("/");
        std::fs::create_dir_all(dir.path().join(&deep)).unwrap();
        std::fs::write(dir.path().join(&deep).join("a.csv"), "x").unwrap();
        assert_eq!(names(root, &format!("{}*.csv", "*/".repeat(12))).unwrap(), [format!("{deep}/a.csv")]);
        assert_eq!(names(root, "**/*.csv").unwrap(), [format!("{deep}/a.csv")]);
    }

    #[test]
    fn a_folder_is_what_it_is_called() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().to_str().unwrap();
        for folder in ["[2024]", "2", "a*"] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
            std::fs::write(dir.path().join(folder).join("a.csv"), "x").unwrap();
        }
        assert_eq!(names(root, "[2024]").unwrap(), ["[2024]/a.csv"]);
        assert_eq!(names(root, "[2024]/").unwrap(), ["[2024]/a.csv"]);
        assert_eq!(names(root, "[2024]/*").unwrap(), ["2/a.csv"]);
        assert_eq!(names(root, "a*").unwrap(), ["a*/a.csv"]);
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
