//! The names of a file's parts: `name.csv.gz`, `name_2.csv.gz`, `name_3.csv.gz`; `name.csv.gz.gpg` where they are encrypted.

use serde::{Deserialize, Serialize};

use super::{TemplateProblem, is_no_name};
use crate::manifest::manifest_name;

/// The longest name that file systems and SFTP servers take, in bytes. S3 takes longer keys; one rule for all targets
/// keeps a flow portable.
pub const NAME_BYTES_MAX: usize = 255;

/// The most parts of one file. At the 5,000,000 rows of a full part this is more people than there are; it fixes how
/// many digits a name must have room for.
pub const PARTS_MAX: u32 = 10_000;

/// Length of the suffix `.<attempt>.part` that a file has until it is whole; an attempt is 8 hexadecimal digits.
pub const TEMPORARY_SUFFIX_BYTES: usize = ".00000000.part".len();

/// The names of one run's parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartNames {
    stem: String,
    /// With their dots; may be in the case the person wrote.
    extensions: String,
}

impl PartNames {
    /// Names for the rendered `name`. It may already end in the format's extension (in any case, and followed by those of
    /// compression and encryption, or by the first of them); whatever lacks is added. Extensions are given without their
    /// first dot: `csv` for the format, `gz` or `gz.gpg` for what is around it. `is_dated` is
    /// [`NameTemplate::is_dated`](super::NameTemplate::is_dated): a static name also names the manifest.
    ///
    /// # Errors
    /// A name that is only an extension, and one whose longest form (part 10,000 or the manifest, under its temporary
    /// name) is over 255 bytes.
    pub fn new(
        name: &str,
        format_extension: &str,
        outer_extensions: Option<&str>,
        is_dated: bool,
    ) -> Result<PartNames, TemplateProblem> {
        let mut whole = format!(".{format_extension}");
        // Where a name may already end in them: behind the format's, and behind each that follows.
        let mut ends = vec![whole.len()];
        for extension in outer_extensions.into_iter().flat_map(|extensions| extensions.split('.')) {
            whole = format!("{whole}.{extension}");
            ends.push(whole.len());
        }
        let written = ends.iter().rev().find_map(|&end| Some((split_suffix(name, &whole[..end])?, &whole[end..])));
        let (stem, extensions) = match written {
            Some(((stem, written), lacking)) => (stem, format!("{written}{lacking}")),
            None => (name, whole),
        };
        if is_no_name(stem) {
            return Err(TemplateProblem::whole(
                format!("{name:?} names no file: nothing stands before the extension"),
                "give the file a name",
            ));
        }
        let names = PartNames { stem: stem.to_string(), extensions };
        names.check_length(is_dated)?;
        Ok(names)
    }

    /// The name of a part, counted from 1 (0 is taken as 1). The first part has no number.
    pub fn file_name(&self, part: u32) -> String {
        match part {
            0 | 1 => format!("{}{}", self.stem, self.extensions),
            n => format!("{}_{n}{}", self.stem, self.extensions),
        }
    }

    /// The names of the first `parts` parts, at most [`PARTS_MAX`], to be shown before anything is written.
    pub fn preview(&self, parts: u32) -> Vec<String> {
        (1..=parts.min(PARTS_MAX)).map(|n| self.file_name(n)).collect()
    }

    fn check_length(&self, is_dated: bool) -> Result<(), TemplateProblem> {
        let last_part = self.file_name(PARTS_MAX).len();
        let manifest = if is_dated { 0 } else { manifest_name(Some(&self.file_name(1)), None, "").len() };
        let bytes = last_part.max(manifest) + TEMPORARY_SUFFIX_BYTES;
        if bytes <= NAME_BYTES_MAX {
            return Ok(());
        }
        let name = self.stem.len();
        Err(TemplateProblem::whole(
            format!(
                "the file name needs up to {bytes} bytes and the limit is {NAME_BYTES_MAX}: {name} for the name itself, \
                 {} for extensions, part number or manifest, and the temporary suffix",
                bytes - name
            ),
            format!("shorten the name by {} bytes", bytes - NAME_BYTES_MAX),
        ))
    }
}

/// Cuts an ASCII `suffix`, in any case, off `name`.
fn split_suffix<'n>(name: &'n str, suffix: &str) -> Option<(&'n str, &'n str)> {
    let (stem, written) = name.split_at_checked(name.len().checked_sub(suffix.len())?)?;
    written.eq_ignore_ascii_case(suffix).then_some((stem, written))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(name: &str, format: &str, compression: Option<&str>) -> Vec<String> {
        PartNames::new(name, format, compression, true).unwrap().preview(3)
    }

    #[test]
    fn golden_part_names() {
        assert_eq!(names("name", "csv", None), ["name.csv", "name_2.csv", "name_3.csv"]);
        assert_eq!(names("name.csv", "csv", None), ["name.csv", "name_2.csv", "name_3.csv"]);
        assert_eq!(names("name.csv", "csv", Some("gz")), ["name.csv.gz", "name_2.csv.gz", "name_3.csv.gz"]);
        assert_eq!(names("name.csv.gz", "csv", Some("gz")), ["name.csv.gz", "name_2.csv.gz", "name_3.csv.gz"]);
        assert_eq!(names("name.CSV", "csv", Some("zst")), ["name.CSV.zst", "name_2.CSV.zst", "name_3.CSV.zst"]);
        assert_eq!(names("v1.2", "tsv", None), ["v1.2.tsv", "v1.2_2.tsv", "v1.2_3.tsv"]);
        for name in ["name", "name.csv", "name.csv.gz", "name.csv.gz.gpg"] {
            assert_eq!(names(name, "csv", Some("gz.gpg"))[..2], ["name.csv.gz.gpg", "name_2.csv.gz.gpg"], "{name}");
        }
        assert_eq!(names("name.Csv.Gz", "csv", Some("gz.gpg"))[1], "name_2.Csv.Gz.gpg");
        assert_eq!(names("name.csv.gpg", "csv", Some("gpg"))[1], "name_2.csv.gpg");
        assert_eq!(names("name.gpg", "csv", Some("gpg"))[0], "name.gpg.csv.gpg");
        assert_eq!(names("name.csv", "json", None)[1], "name.csv_2.json");
        assert_eq!(names("csv", "csv", None)[0], "csv.csv");
        assert_eq!(names("é", "parquet", None)[0], "é.parquet");
    }

    #[test]
    fn a_bare_extension_is_no_name() {
        for name in [".csv", " .csv", ".csv.gz", "...csv"] {
            assert!(PartNames::new(name, "csv", Some("gz"), true).is_err(), "{name}");
        }
    }

    #[test]
    fn the_longest_name_of_the_run_counts() {
        // 231 + ".csv" + "_10000" + ".00000000.part" = 255.
        assert!(PartNames::new(&"x".repeat(231), "csv", None, true).is_ok());
        let problem = PartNames::new(&"x".repeat(232), "csv", None, true).unwrap_err();
        assert!(problem.message.contains("up to 256 bytes"), "{problem}");
        assert_eq!(problem.hint, "shorten the name by 1 bytes");
        assert!(PartNames::new(&"x".repeat(229), "csv", Some("gz"), true).is_err());
        assert!(PartNames::new(&"x".repeat(227), "csv", Some("gpg"), true).is_ok());
        assert!(PartNames::new(&"x".repeat(228), "csv", Some("gpg"), true).is_err());
        // Two bytes a letter.
        assert!(PartNames::new(&"é".repeat(116), "csv", None, true).is_err());
        // 223 + ".csv" + ".manifest.json" + ".00000000.part" = 255.
        assert!(PartNames::new(&"x".repeat(223), "csv", None, false).is_ok());
        assert!(PartNames::new(&"x".repeat(224), "csv", None, false).is_err());
    }

    proptest! {
        #[test]
        fn parts_have_names_of_their_own_within_the_limit(
            name in "[a-z0-9_. ]{1,230}", gz in any::<bool>(), a in 1..=PARTS_MAX, b in 1..=PARTS_MAX,
        ) {
            let Ok(names) = PartNames::new(&name, "csv", gz.then_some("gz"), true) else { return Ok(()) };
            prop_assert_eq!(a == b, names.file_name(a) == names.file_name(b));
            prop_assert!(names.file_name(a).len() + TEMPORARY_SUFFIX_BYTES <= NAME_BYTES_MAX);
            let extension = if gz { ".csv.gz" } else { ".csv" };
            prop_assert!(names.file_name(a).ends_with(extension));
        }
    }
}
