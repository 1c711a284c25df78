//! Embeds the built console: writes the list of its files, each with its bytes, for the library to include.
//!
//! Whoever builds needs no Node: without a built console the list is empty, and the pages say how to build it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Where the console's own build leaves its files, seen from this crate.
const BUILT: &str = "../../ui/dist";

/// Files like those, for tests: they must not depend on whether the console was built.
const FIXTURE: &str = "fixture";

fn main() -> io::Result<()> {
    let own = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    let built = own.join(BUILT);
    // Cargo takes a folder that is missing for one that has changed, and would build this crate, and the program with it,
    // every time. Where it cannot be made, it does.
    drop(fs::create_dir_all(&built));
    for (folder, list) in [(built, "built.rs"), (own.join(FIXTURE), "fixture.rs")] {
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut files = Vec::new();
        if folder.is_dir() {
            collect(&folder, &folder, &mut files)?;
        }
        fs::write(out.join(list), listed(files))?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "Cargo tells a build script everything by the environment")]
fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(io::Error::other)
}

/// Every file below `folder`, with its path below `root`; but hidden ones, which are notes of the console's build.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(below) = path.strip_prefix(root) {
            let name = below.to_str().ok_or_else(|| io::Error::other("a file's name is no text"))?;
            files.push((name.to_owned(), path.canonicalize()?));
        }
    }
    Ok(())
}

/// An array of names and bytes, ordered by name.
fn listed(mut files: Vec<(String, PathBuf)>) -> String {
    files.sort();
    let mut text = String::from("&[\n");
    for (name, path) in files {
        // Writing to a text does not fail.
        let _ = writeln!(text, "({name:?}, include_bytes!({:?})),", path.display().to_string());
    }
    text.push(']');
    text
}
