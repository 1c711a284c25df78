//! Names of parts and of their temporary files, for connectors that keep files in folders.
//!
//! A part on its way is `NAME.<attempt>.part` beside its final name, where `<attempt>` is eight hexadecimal digits. The
//! pattern is how a sweep tells leftovers from a user's files. An old file that makes room for a new one is
//! `NAME.old<5 of the attempt's digits>.part` for that moment: no longer than a temporary name.

use aws_lc_rs::digest::{Context, SHA256};
use outflow_model::{Fault, FaultClass};

/// Most file systems allow no longer name, in bytes.
const NAME_BYTES_MAX: usize = 255;
/// The contract's limit of one listing.
pub(crate) const LISTED_MAX: usize = 100_000;
/// Deeper folders are no destination's doing; a cycle of mounts or links must end.
pub(crate) const DEPTH_MAX: usize = 32;
const SUFFIX: &str = ".part";
/// Stands for the first of the digits where the file before is put aside.
const OLD: &str = "old";
const ATTEMPT_DIGITS: usize = 8;

/// SHA-256 of `content`.
pub(crate) fn sha256(content: &[u8]) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    hash.update(content);
    finished(hash)
}

/// The sum of a finished SHA-256.
pub(crate) fn finished(hash: Context) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(hash.finish().as_ref());
    sum
}

/// Refuses names that are empty, leave the folder, or are too long for a temporary name.
///
/// # Errors
/// `Input`, naming the name.
pub(crate) fn check(name: &str) -> Result<(), Fault> {
    let suffix_bytes = 1 + ATTEMPT_DIGITS + SUFFIX.len();
    let problem = name.split('/').find_map(|part| match part {
        "" => Some("has an empty part"),
        "." | ".." => Some("has a part that is a step, not a name"),
        _ if part.contains('\0') => Some("has a NUL character"),
        _ if part.len() + suffix_bytes > NAME_BYTES_MAX => Some("is longer than 255 bytes with its temporary suffix"),
        _ => None,
    });
    match problem {
        None => Ok(()),
        Some(problem) => Err(Fault::input(format!("the file name {name:?} {problem}"))
            .hint("use folder and file names separated by single slashes, below the destination's folder")),
    }
}

/// The name that a part has until it is published, in the same folder.
pub(crate) fn temporary(name: &str, attempt: &str) -> String {
    format!("{name}.{attempt}{SUFFIX}")
}

/// The final name that a temporary file stands for, or `None` when `file` is no temporary file.
pub(crate) fn final_name(file: &str) -> Option<&str> {
    parsed(file).map(|(name, _)| name)
}

/// The name that the file before has while a part takes its place, in the same folder. It is a temporary name too, and as
/// long as one.
pub(crate) fn aside(name: &str, attempt: &str) -> String {
    temporary(name, &format!("{OLD}{}", attempt.get(OLD.len()..).unwrap_or(attempt)))
}

/// The final name of a file that was put aside, or `None` when `file` is none.
pub(crate) fn set_aside(file: &str) -> Option<&str> {
    parsed(file).filter(|(_, is_aside)| *is_aside).map(|(name, _)| name)
}

/// The final name that a temporary file stands for, and whether it is the file before, put aside.
fn parsed(file: &str) -> Option<(&str, bool)> {
    let (name, attempt) = file.strip_suffix(SUFFIX)?.rsplit_once('.')?;
    let old = attempt.strip_prefix(OLD);
    let is_attempt = attempt.len() == ATTEMPT_DIGITS && old.unwrap_or(attempt).bytes().all(|b| b.is_ascii_hexdigit());
    (is_attempt && !name.is_empty()).then_some((name, old.is_some()))
}

/// What a person is told of a leftover that cannot be removed. It is no reason to deliver nothing.
pub(crate) fn stays(path: &str, fault: &Fault) -> String {
    format!("{path}, which a lost attempt left, cannot be removed: {}; remove it by hand", fault.message)
}

/// The folder of `name` ("" for the destination's own) and the file name.
pub(crate) fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or(("", name))
}

/// `names` by folder: which final names to look for in each, in order of first appearance.
pub(crate) fn by_folder(names: &[String]) -> Vec<(&str, Vec<&str>)> {
    let mut folders: Vec<(&str, Vec<&str>)> = Vec::new();
    for name in names {
        let (folder, file) = split(name);
        match folders.iter_mut().find(|(f, _)| *f == folder) {
            Some((_, files)) => files.push(file),
            None => folders.push((folder, vec![file])),
        }
    }
    folders
}

/// The fault of a body that closes without its end mark. Whoever closed it knows why, and reports that first.
pub(crate) fn cut_off(bytes: u64) -> Fault {
    Fault::new(FaultClass::Interrupted, format!("the content was cut off after {bytes} bytes"))
}

/// The fault of an end mark that does not fit what came before it.
pub(crate) fn miscounted(claimed: u64, came: u64) -> Fault {
    Fault::internal(format!("the content's end says {claimed} bytes, but {came} came"))
}

/// The fault of a listing beyond the contract's limit.
pub(crate) fn too_many(folder: &str) -> Fault {
    Fault::input(format!("there are more than {LISTED_MAX} files"))
        .tried(format!("list {folder}"))
        .hint("name a folder further down")
}

/// The fault of a name that must be new and holds other bytes.
pub(crate) fn taken(url: &str) -> Fault {
    Fault::new(FaultClass::Refused, "the name is taken by a file with other content")
        .tried(format!("publish {url}"))
        .hint("move the other file away, or choose another file name; it was not touched")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_names_are_told_from_users_files() {
        assert_eq!(final_name(&temporary("a.csv", "0123abcd")), Some("a.csv"));
        for other in
            ["a.csv", "a.csv.part", "a.csv.0123abc.part", "a.csv.0123abcg.part", ".0123abcd.part", "x.0123abcd.parts"]
        {
            assert_eq!(final_name(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_put_aside_is_temporary_and_known_for_what_it_is() {
        let name = aside("a.csv", "0123abcd");
        assert_eq!((final_name(&name), set_aside(&name)), (Some("a.csv"), Some("a.csv")));
        assert_eq!(name.len(), temporary("a.csv", "0123abcd").len());
        for other in [temporary("a.csv", "0123abcd"), aside("", "0123abcd"), "a.csv.old".to_owned()] {
            assert_eq!(set_aside(&other), None, "{other}");
        }
    }

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        for bad in ["", "/a", "a/", "a//b", "../a", "a/..", "./a", "a\0"] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
        for good in ["a", "a/b.csv", "..a", "a..b", " "] {
            assert!(check(good).is_ok(), "{good:?}");
        }
        assert!(check(&"x".repeat(241)).is_ok());
        assert!(check(&"x".repeat(242)).is_err());
    }

    #[test]
    fn names_are_grouped_by_folder() {
        let names = ["a/x", "y", "a/z"].map(str::to_owned);
        assert_eq!(by_folder(&names), [("a", vec!["x", "z"]), ("", vec!["y"])]);
    }
}
