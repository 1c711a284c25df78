//! Client paths within one folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder that clients see as `/`. No path leaves it: `..` ends at `/`, and links are not followed.
pub(crate) struct Jail {
    root: PathBuf,
}

impl Jail {
    /// A jail in `root`, a canonical path.
    pub(crate) fn new(root: PathBuf) -> Jail {
        Jail { root }
    }

    /// The folder on disk.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The absolute form of a client's path, without `.`, `..` and doubled slashes. Relative paths start at `/`.
    pub(crate) fn absolute(path: &str) -> String {
        let mut elements: Vec<&str> = Vec::new();
        for element in path.split('/') {
            match element {
                "" | "." => {}
                ".." => drop(elements.pop()),
                other => elements.push(other),
            }
        }
        format!("/{}", elements.join("/"))
    }

    /// Where a client's path is on disk. Refuses as `PermissionDenied` when a folder on the way is a link; whether the
    /// last element is one is for the caller to decide.
    pub(crate) fn locate(&self, path: &str) -> io::Result<PathBuf> {
        if path.contains('\0') {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let absolute = Jail::absolute(path);
        let mut place = self.root.clone();
        let mut elements = absolute.split('/').filter(|e| !e.is_empty()).peekable();
        while let Some(element) = elements.next() {
            place.push(element);
            if elements.peek().is_some() && is_link(&place)? {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
        }
        Ok(place)
    }

    /// As [`Jail::locate`], and refuses when the last element is a link.
    pub(crate) fn locate_no_link(&self, path: &str) -> io::Result<PathBuf> {
        let place = self.locate(path)?;
        match is_link(&place) {
            Ok(true) => Err(io::ErrorKind::PermissionDenied.into()),
            // What is not there yet is no link.
            _ => Ok(place),
        }
    }
}

fn is_link(path: &Path) -> io::Result<bool> {
    fs::symlink_metadata(path).map(|m| m.file_type().is_symlink())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leaves_the_folder() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "x").unwrap();
        let inside = tempfile::tempdir().unwrap();
        let root = inside.path().canonicalize().unwrap();
        std::os::unix::fs::symlink(outside.path(), root.join("link")).unwrap();
        let jail = Jail::new(root.clone());
        for path in ["..", "/..", "../../etc/passwd", "/a/../../..", "a/./../../etc/passwd", "//..//etc/passwd"] {
            match jail.locate(path) {
                Ok(place) => assert!(place.starts_with(&root), "{path} -> {place:?}"),
                Err(e) => assert_eq!(e.kind(), io::ErrorKind::NotFound, "{path}"),
            }
        }
        for path in ["/link/secret", "/upload/../link/secret"] {
            assert_eq!(jail.locate(path).unwrap_err().kind(), io::ErrorKind::PermissionDenied, "{path}");
        }
        assert_eq!(jail.locate_no_link("/link").unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(Jail::absolute("upload/./a//b/../c"), "/upload/a/c");
    }
}
