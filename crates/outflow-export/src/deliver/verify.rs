//! Verification: read every file of a manifest again and compare.

use async_trait::async_trait;
use aws_lc_rs::digest;
use outflow_connector_kit::BodyReader;
use outflow_model::manifest::{Manifest, ManifestFile};
use outflow_model::{Fault, FaultClass};
use serde::Serialize;

/// A manifest longer than this is not one: 10,000 parts take about 3 MiB.
const MANIFEST_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A place from which files can be read by name: the target, or a folder with copies.
#[async_trait]
pub trait FileSource: Send + Sync {
    /// Reads `name`.
    async fn read(&self, name: &str) -> Result<BodyReader, Fault>;
}

/// What verification found of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// Its name in the manifest.
    pub name: String,
    /// Whether length and hash are what the manifest says.
    pub matches: bool,
    /// Length found, in bytes.
    pub bytes: u64,
    /// SHA-256 found, in hexadecimal.
    pub sha256: String,
    /// What differs, or why it could not be read; empty when it matches.
    pub problem: String,
}

/// Reads and parses the manifest called `name`.
///
/// # Errors
/// `Input` when there is none or it is not a manifest; the faults of reading.
pub async fn read_manifest(source: &dyn FileSource, name: &str) -> Result<Manifest, Fault> {
    let mut reader = source.read(name).await?;
    let mut text = Vec::new();
    while let Some(piece) = reader.next().await? {
        text.extend_from_slice(&piece);
        if text.len() > MANIFEST_BYTES_MAX {
            return Err(Fault::input(format!("{name} is longer than any manifest")));
        }
    }
    serde_json::from_slice(&text).map_err(|e| {
        Fault::input(format!("{name} is not a manifest"))
            .hint("give the URL of a manifest-….json or ….manifest.json that a run has written")
            .because(e)
    })
}

/// Reads every file of `files` again. Goes on after a mismatch, so that all are told. `read_bytes` hears of every piece,
/// and may end it.
///
/// # Errors
/// Faults that say nothing of a file: unreachable, credentials; what `read_bytes` ends it with.
pub async fn verify_files(
    source: &dyn FileSource,
    files: &[ManifestFile],
    read_bytes: &(dyn Fn(u64) -> Result<(), Fault> + Sync),
) -> Result<Vec<Checked>, Fault> {
    let mut found = Vec::with_capacity(files.len());
    for file in files {
        found.push(verify_one(source, file, read_bytes).await?);
    }
    Ok(found)
}

async fn verify_one(
    source: &dyn FileSource,
    file: &ManifestFile,
    read_bytes: &(dyn Fn(u64) -> Result<(), Fault> + Sync),
) -> Result<Checked, Fault> {
    let mut checked =
        Checked { name: file.name.clone(), matches: false, bytes: 0, sha256: String::new(), problem: String::new() };
    let mut reader = match source.read(&file.name).await {
        Ok(reader) => reader,
        Err(fault) if fault.class == FaultClass::Input => {
            checked.problem = format!("it cannot be read: {}", outflow_model::fault::chain(&fault));
            return Ok(checked);
        }
        Err(fault) => return Err(fault),
    };
    let mut hasher = digest::Context::new(&digest::SHA256);
    while let Some(piece) = reader.next().await? {
        hasher.update(&piece);
        checked.bytes += piece.len() as u64;
        read_bytes(piece.len() as u64)?;
    }
    checked.sha256 = crate::plan::hex(hasher.finish().as_ref());
    if checked.bytes != file.bytes {
        checked.problem = format!("it has {} bytes, the manifest says {}", checked.bytes, file.bytes);
    } else if !checked.sha256.eq_ignore_ascii_case(&file.sha256) {
        checked.problem = format!("its SHA-256 is {}, the manifest says {}", checked.sha256, file.sha256);
    } else {
        checked.matches = true;
    }
    Ok(checked)
}

/// The verification fault for what does not match, if anything.
pub(crate) fn mismatch(checked: &[Checked]) -> Option<Fault> {
    let bad: Vec<String> =
        checked.iter().filter(|c| !c.matches).map(|c| format!("{}: {}", c.name, c.problem)).collect();
    (!bad.is_empty()).then(|| {
        Fault::new(FaultClass::Verification, format!("the far end differs: {}", bad.join("; ")))
            .hint("run the export again; if it happens twice, something at the target changes files")
    })
}
