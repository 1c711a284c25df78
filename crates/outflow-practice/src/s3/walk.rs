//! The keys of a bucket in S3's order (by UTF-8 bytes), read folder by folder, without holding them all.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use s3s::S3Result;

use super::errors::io_error;
use super::key_path;

/// Calls `visit` for each key of the bucket in `folder` that starts with `prefix` and comes after `after`, in order,
/// until it breaks. Links and names that no key has are passed over.
pub(crate) fn walk(
    folder: &Path,
    prefix: &str,
    after: &str,
    visit: &mut dyn FnMut(String) -> S3Result<ControlFlow<()>>,
) -> S3Result<()> {
    walk_folder(folder, "", prefix, after, visit).map(|_| ())
}

fn walk_folder(
    folder: &Path,
    base: &str,
    prefix: &str,
    after: &str,
    visit: &mut dyn FnMut(String) -> S3Result<ControlFlow<()>>,
) -> S3Result<ControlFlow<()>> {
    for (name, key, is_folder) in entries(folder, base)? {
        if is_folder {
            let may_match = key.starts_with(prefix) || prefix.starts_with(&key);
            let may_follow = key.as_str() > after || after.starts_with(&key);
            if may_match && may_follow && walk_folder(&folder.join(name), &key, prefix, after, visit)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        } else if key.starts_with(prefix) && key.as_str() > after && visit(key)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// File name, key (with a final `/` for folders) and whether it is a folder, in the order of the keys.
fn entries(folder: &Path, base: &str) -> S3Result<Vec<(String, String, bool)>> {
    let mut found = Vec::new();
    let listing = match fs::read_dir(folder) {
        Ok(listing) => listing,
        // Removed since it was seen.
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        Err(e) => return Err(io_error(e)),
    };
    for entry in listing {
        let entry = entry.map_err(io_error)?;
        let kind = entry.file_type().map_err(io_error)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let Some(element) = key_path::decode_element(&name) else { continue };
        if kind.is_dir() {
            found.push((name, format!("{base}{element}/"), true));
        } else if kind.is_file() {
            found.push((name, format!("{base}{element}"), false));
        }
    }
    found.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_byte_order_and_from_where_asked() {
        let folder = tempfile::tempdir().unwrap();
        let mut keys = vec!["a.b", "a/b", "a/b.c", "a//x", "a b/ü+%&", "b", "a/c/d", "z/", "Ü", "a-b/c"];
        for key in &keys {
            let path = folder.path().join(key_path::encode(key));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        keys.sort_unstable();
        let collect = |prefix: &str, after: &str| {
            let mut seen = Vec::new();
            walk(folder.path(), prefix, after, &mut |key| {
                seen.push(key);
                Ok(ControlFlow::Continue(()))
            })
            .unwrap();
            seen
        };
        assert_eq!(collect("", ""), keys);
        for (at, key) in keys.iter().enumerate() {
            assert_eq!(collect("", key), keys[at + 1..], "after {key}");
        }
        assert_eq!(collect("a/", ""), ["a//x", "a/b", "a/b.c", "a/c/d"]);
        assert_eq!(collect("a/b", ""), ["a/b", "a/b.c"]);
    }
}
