//! Which files of this machine may be attached as datasets. Whoever may attach one sees what is in it, so a server never
//! reads its own folder, nor its files elsewhere (keys, settings, certificates), and no others than the operator allows.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use outflow_model::{Fault, FaultClass};
use outflow_profiles::source::{ListedFile, RandomAccess, SourceFile, Storage};

/// A storage that gives only files below some folders.
pub struct Guarded {
    inner: Arc<dyn Storage>,
    roots: Vec<PathBuf>,
    own: Vec<PathBuf>,
}

impl Guarded {
    /// Guards `inner`: files must lie below one of `roots`, and neither be one of `own` nor lie below one of them.
    pub fn new(inner: Arc<dyn Storage>, roots: &[PathBuf], own: &[PathBuf]) -> Guarded {
        let real = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
        Guarded { inner, roots: roots.iter().map(real).collect(), own: own.iter().map(real).collect() }
    }

    /// Whether a file is the server's own, by its place or by a second name for the same file.
    fn is_own(&self, real: &Path) -> bool {
        let same_file = |own: &PathBuf| match (own.metadata(), real.metadata()) {
            (Ok(own), Ok(file)) => (own.dev(), own.ino()) == (file.dev(), file.ino()),
            _ => false,
        };
        self.own.iter().any(|own| real.starts_with(own) || same_file(own))
    }

    /// Files in buckets are guarded by their credentials.
    fn check(&self, url: &str) -> Result<(), Fault> {
        let path = match url.strip_prefix("file://") {
            Some(path) => Path::new(path),
            None if url.contains("://") => return Ok(()),
            None => Path::new(url),
        };
        // A link counts as what it leads to.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let allowed = real.is_absolute() && self.roots.iter().any(|root| real.starts_with(root));
        if allowed && !self.is_own(&real) {
            return Ok(());
        }
        Err(Fault::new(FaultClass::Refused, format!("this server may not read {url}"))
            .tried("datasets.folder_roots")
            .hint("attach files below a folder that the server's settings allow, or have it added there"))
    }
}

impl Storage for Guarded {
    fn handles(&self, pattern: &str) -> bool {
        self.inner.handles(pattern)
    }

    fn list(&self, pattern: &str) -> Result<Vec<ListedFile>, Fault> {
        // The part without wildcards is looked at first, so that a refusal does not tell which files there are.
        let plain = pattern
            .find(['*', '?', '[', '{'])
            .map_or(pattern, |at| pattern[..at].rsplit_once('/').map_or("", |(folder, _)| folder));
        if self.roots != [PathBuf::from("/")] && !plain.is_empty() {
            self.check(plain)?;
        }
        let listed = self.inner.list(pattern)?;
        listed.iter().try_for_each(|file| self.check(&file.url))?;
        Ok(listed)
    }

    fn open(&self, file: &SourceFile) -> Result<Arc<dyn RandomAccess>, Fault> {
        self.check(&file.url)?;
        self.inner.open(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outflow_profiles::source::LocalStorage;

    fn allowed(guarded: &Guarded, path: &Path) -> bool {
        guarded.list(path.to_str().unwrap()).is_ok()
    }

    #[test]
    fn only_files_below_the_roots_and_never_its_own_are_read() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().canonicalize().unwrap();
        for folder in ["lake", "data", "other"] {
            std::fs::create_dir(root.join(folder)).unwrap();
            std::fs::write(root.join(folder).join("a.csv"), "a\n1\n").unwrap();
        }
        std::os::unix::fs::symlink(root.join("data/a.csv"), root.join("lake/link.csv")).unwrap();
        let local: Arc<dyn Storage> = Arc::new(LocalStorage);
        let everywhere = Guarded::new(Arc::clone(&local), &[PathBuf::from("/")], &[root.join("data")]);
        assert!(allowed(&everywhere, &root.join("lake/a.csv")) && allowed(&everywhere, &root.join("other/*.csv")));
        assert!(!allowed(&everywhere, &root.join("data/a.csv")) && !allowed(&everywhere, &root.join("lake/link.csv")));
        assert!(!allowed(&everywhere, &root.join("*/a.csv")));
        let lake = Guarded::new(Arc::clone(&local), &[root.join("lake")], &[root.join("data")]);
        assert!(allowed(&lake, &root.join("lake/a.csv")) && !allowed(&lake, &root.join("other/a.csv")));
        assert!(!allowed(&lake, &root.join("lake/../other/a.csv")));
        let nowhere = Guarded::new(local, &[], &[root.join("data")]);
        assert!(!allowed(&nowhere, &root.join("lake/a.csv")));
    }

    #[test]
    fn a_file_of_the_servers_own_is_not_read_by_any_name() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().canonicalize().unwrap();
        std::fs::write(root.join("keys.csv"), "a\n1\n").unwrap();
        std::fs::write(root.join("keys.csv.2"), "a\n1\n").unwrap();
        std::fs::hard_link(root.join("keys.csv"), root.join("hard.csv")).unwrap();
        std::os::unix::fs::symlink(root.join("keys.csv"), root.join("soft.csv")).unwrap();
        let guarded = Guarded::new(Arc::new(LocalStorage), &[PathBuf::from("/")], &[root.join("keys.csv")]);
        for name in ["keys.csv", "hard.csv", "soft.csv", "*.csv"] {
            assert!(!allowed(&guarded, &root.join(name)), "{name}");
        }
        assert!(allowed(&guarded, &root.join("keys.csv.2")));
    }
}
