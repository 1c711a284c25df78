//! Parts: the Parquet files that versions and snapshots are made of.
//!
//! A part holds a contiguous range of the global order: ascending by hash of the profile id, then by the id's bytes. Of
//! `2^n` parts each has the hashes that begin with its number as `n` bits. A part is one row group, named by its content
//! and never changed, so that equal parts are one file, whoever made them.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use aws_lc_rs::digest;
use bytes::Bytes;
use outflow_model::Fault;
use outflow_model::schema::Schema;
use serde::{Deserialize, Serialize};

use crate::scan::{Morsel, Profiles};
use crate::source::{ListedFile, PinnedSources, RandomAccess, SourceFile, SourceFormat, Storage, changed};

/// The column that holds [`hash_of`] the profile id: 64-bit signed integers, never null.
pub const HASH_COLUMN: &str = "_outflow_hash";

/// The column that holds the profile id, `namespace:value` of the primary identity: text, never null.
pub const ID_COLUMN: &str = "_outflow_id";

/// The column that holds the time of the newest record: microseconds UTC, null where no record has one.
pub const TIME_COLUMN: &str = "_outflow_time";

/// The columns that are not part of a profile.
pub(crate) const INTERNAL_COLUMNS: [&str; 3] = [HASH_COLUMN, ID_COLUMN, TIME_COLUMN];

/// The field that holds a profile's identities: `map<string, list<struct<id: string, …>>>`, in every part.
pub const IDENTITY_MAP: &str = "identityMap";

/// The hash that orders profiles: the first eight bytes of the SHA-256 of the profile id, with the first bit flipped so
/// that signed numbers have the order of unsigned ones. It decides which part holds a profile; it never changes.
pub fn hash_of(profile_id: &str) -> i64 {
    let hash = digest::digest(&digest::SHA256, profile_id.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_ref()[..8]);
    from_unsigned(u64::from_be_bytes(first))
}

/// The stored form of an unsigned hash.
pub(crate) fn from_unsigned(hash: u64) -> i64 {
    (hash ^ (1 << 63)) as i64
}

/// The unsigned hash of a stored one.
pub(crate) fn to_unsigned(stored: i64) -> u64 {
    stored as u64 ^ (1 << 63)
}

/// Which of `2^bits` ranges of equal size holds `stored`.
pub(crate) fn range_of(stored: i64, bits: u32) -> usize {
    // A shift by all 64 bits leaves nothing, which Rust says so.
    to_unsigned(stored).checked_shr(64 - bits).unwrap_or(0) as usize
}

/// The least stored hash of range number `range` of `2^bits`; `None` for the range behind the last.
pub(crate) fn start_of(range: usize, bits: u32) -> Option<i64> {
    (range < 1 << bits).then(|| from_unsigned((range as u64).checked_shl(64 - bits).unwrap_or(0)))
}

/// The fields that come before a profile's own.
pub(crate) fn internal_fields() -> [FieldRef; 3] {
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    [
        Arc::new(Field::new(HASH_COLUMN, DataType::Int64, false)),
        Arc::new(Field::new(ID_COLUMN, DataType::Utf8, false)),
        Arc::new(Field::new(TIME_COLUMN, time, true)),
    ]
}

/// One part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// The file, absolute.
    pub file: PathBuf,
    /// Profiles in it.
    pub rows: u64,
    /// Length of the file.
    pub bytes: u64,
    /// Bytes before compression.
    pub content_bytes: u64,
    /// For each top-level field of the schema, how many profiles of the part have a value.
    pub filled: Vec<u64>,
    /// For each field of the schema's tree, how many profiles of the part have a value; parts of earlier releases do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_counts: Option<Vec<u64>>,
    /// What it was made from, where that decides its content: equal origins give equal parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_from: Option<String>,
}

impl Part {
    /// The file's name, which stands for its content.
    pub(crate) fn name(&self) -> &str {
        self.file.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }
}

/// For each field of `schema`, how many profiles of `parts` have a value, by name.
pub(crate) fn filled(schema: &Schema, parts: &[Part]) -> serde_json::Value {
    let sum = |number: usize| parts.iter().filter_map(|part| part.filled.get(number)).sum::<u64>();
    let each = schema.fields.iter().enumerate().map(|(number, field)| (field.name.clone(), sum(number).into()));
    serde_json::Value::Object(each.collect())
}

/// Profiles over parts. The parts of a group have one schema, so one footer of each group is read and nothing else.
///
/// Each part that has rows is one morsel, in order: `morsel.file` is the part's number, counted over all groups. The
/// internal columns are not in the schema of profiles; scans that ask for them get them.
///
/// # Errors
/// `input` when a file is not there or not what it was, or when groups contradict each other's types.
pub fn open_parts(groups: &[&[Part]]) -> Result<Profiles, Fault> {
    let mut files = Vec::new();
    let mut morsels = Vec::new();
    let mut examples = Vec::new();
    for group in groups {
        if !group.is_empty() {
            examples.push(files.len());
        }
        for part in *group {
            if part.rows > 0 {
                morsels.push(Morsel { file: files.len(), group: 0, rows: part.rows, bytes: part.content_bytes });
            }
            files.push(source(part)?);
        }
    }
    let storage: Arc<dyn Storage> = Arc::new(PartStorage);
    Profiles::known(PinnedSources::new(files, &storage), morsels, &examples, &INTERNAL_COLUMNS)
}

fn source(part: &Part) -> Result<SourceFile, Fault> {
    let url = part.file.to_str();
    let url = url.ok_or_else(|| Fault::input(format!("the path {} is not UTF-8", part.file.display())))?;
    Ok(SourceFile {
        url: url.to_string(),
        bytes: part.bytes,
        version: part.name().to_string(),
        format: SourceFormat::Parquet,
    })
}

/// Files that nobody changes: the name says what is in them, and the length that they are whole.
struct PartStorage;

impl Storage for PartStorage {
    fn handles(&self, _pattern: &str) -> bool {
        false
    }

    fn list(&self, pattern: &str) -> Result<Vec<ListedFile>, Fault> {
        Err(Fault::internal(format!("parts are not listed: {pattern}")))
    }

    fn open(&self, file: &SourceFile) -> Result<Arc<dyn RandomAccess>, Fault> {
        let opened = OpenPart { file: open_file(Path::new(&file.url))?, pinned: file.clone() };
        opened.check_unchanged()?;
        Ok(Arc::new(opened))
    }
}

/// Opens a part's file.
pub(crate) fn open_file(path: &Path) -> Result<File, Fault> {
    File::open(path).map_err(|e| {
        Fault::input(format!("the data file {} cannot be read", path.display()))
            .tried(format!("open {}", path.display()))
            .hint("restore the file from a backup, or refresh the datasets and evaluate the segments again")
            .because(e)
    })
}

struct OpenPart {
    file: File,
    pinned: SourceFile,
}

impl RandomAccess for OpenPart {
    fn read_at(&self, offset: u64, length: usize) -> Result<Bytes, Fault> {
        let mut buffer = vec![0; length];
        self.file.read_exact_at(&mut buffer, offset).map_err(|e| changed(&self.pinned.url).because(e))?;
        Ok(Bytes::from(buffer))
    }

    fn read_ahead_bytes(&self) -> usize {
        0
    }

    fn check_unchanged(&self) -> Result<(), Fault> {
        let same = self.file.metadata().is_ok_and(|metadata| metadata.len() == self.pinned.bytes);
        if same { Ok(()) } else { Err(changed(&self.pinned.url)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_stay_what_they_are() {
        // The SHA-256 of "abc" begins so.
        assert_eq!(to_unsigned(hash_of("abc")), 0xba78_16bf_8f01_cfea);
        assert_eq!(from_unsigned(to_unsigned(-5)), -5);
        assert!(from_unsigned(0) < from_unsigned(1) && from_unsigned(1) < from_unsigned(u64::MAX));
    }

    #[test]
    fn ranges_are_the_first_bits() {
        for (hash, bits, range) in [(u64::MAX, 0, 0), (u64::MAX, 3, 7), (0, 3, 0), (1 << 63, 1, 1), (1 << 62, 2, 1)] {
            assert_eq!(range_of(from_unsigned(hash), bits), range, "{hash:x} {bits}");
        }
        assert_eq!(start_of(0, 0), Some(i64::MIN));
        assert_eq!(start_of(1, 0), None);
        assert_eq!(start_of(4, 3), Some(0));
        assert_eq!(start_of(8, 3), None);
    }
}
