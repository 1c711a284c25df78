//! The beginning of a list of files: what is looked at where reading all would take too long.

use std::sync::Arc;

use outflow_model::Fault;

use super::{ListedFile, PinnedSources, RandomAccess, SourceFile, SourceFormat, Storage};

impl PinnedSources {
    /// The first files: at most `files_max`, with at most `text_bytes_max` bytes of text. Where the first file alone has more
    /// text than that, it ends behind the last record that is whole within it.
    ///
    /// # Errors
    /// `Input` where that file cannot be read, or its first record is longer.
    pub fn head(&self, files_max: usize, text_bytes_max: u64) -> Result<PinnedSources, Fault> {
        let mut left = text_bytes_max;
        let mut files: Vec<(SourceFile, Arc<dyn Storage>)> = Vec::new();
        for (file, storage) in self.files.iter().take(files_max) {
            let is_text = file.format != SourceFormat::Parquet;
            if is_text && file.bytes > left {
                if files.is_empty() {
                    files.push(beginning(file, storage, left)?);
                }
                break;
            }
            left -= if is_text { file.bytes } else { 0 };
            files.push((file.clone(), Arc::clone(storage)));
        }
        Ok(PinnedSources { files })
    }
}

/// The whole records in the first `bytes_max` bytes of a file, as a file.
fn beginning(
    file: &SourceFile,
    storage: &Arc<dyn Storage>,
    bytes_max: u64,
) -> Result<(SourceFile, Arc<dyn Storage>), Fault> {
    let length = usize::try_from(bytes_max).unwrap_or(usize::MAX);
    let bytes = whole_records(&storage.open(file)?.read_at(0, length)?, file.format);
    if bytes == 0 {
        return Err(Fault::input(format!("no record of {} ends within its first {bytes_max} bytes", file.url))
            .tried(format!("read the beginning of {}", file.url))
            .hint("check that the format is the one of the file"));
    }
    let storage = Beginning { whole: file.clone(), storage: Arc::clone(storage) };
    Ok((SourceFile { bytes: bytes as u64, ..file.clone() }, Arc::new(storage)))
}

/// How many bytes are whole records: up to the last line break that stands in no quotes. A quote opens at the start of a
/// cell, or doubles the one before it; elsewhere it is text.
fn whole_records(bytes: &[u8], format: SourceFormat) -> usize {
    let (mut is_quoted, mut may_open) = (false, true);
    let mut end = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let is_quote = *byte == b'"' && format == SourceFormat::Csv;
        if is_quote && (is_quoted || may_open) {
            is_quoted = !is_quoted;
            may_open = !is_quoted;
        } else {
            may_open = matches!(byte, b',' | b'\n');
            if *byte == b'\n' && !is_quoted {
                end = at + 1;
            }
        }
    }
    end
}

/// Where a file lies of which only the beginning is on the list. It is opened, and held to be unchanged, as a whole.
struct Beginning {
    whole: SourceFile,
    storage: Arc<dyn Storage>,
}

impl Storage for Beginning {
    fn handles(&self, pattern: &str) -> bool {
        self.storage.handles(pattern)
    }

    fn list(&self, pattern: &str) -> Result<Vec<ListedFile>, Fault> {
        self.storage.list(pattern)
    }

    fn identity(&self, url: &str) -> String {
        self.storage.identity(url)
    }

    fn open(&self, _file: &SourceFile) -> Result<Arc<dyn RandomAccess>, Fault> {
        self.storage.open(&self.whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::preview;
    use crate::scan::Profiles;
    use crate::source::{LocalStorage, pin};

    fn pinned(folder: &std::path::Path, files: &[(&str, &str)]) -> PinnedSources {
        for (name, content) in files {
            std::fs::write(folder.join(name), content).unwrap();
        }
        pin(&[format!("{}/*", folder.display())], &[Arc::new(LocalStorage)]).unwrap()
    }

    #[test]
    fn so_many_files_and_so_much_text_are_taken() {
        let dir = tempfile::tempdir().unwrap();
        let all = pinned(dir.path(), &[("a.csv", "id\n1\n"), ("b.csv", "id\n22\n"), ("c.csv", "id\n3\n")]);
        let taken = |files, bytes| all.head(files, bytes).unwrap().files().map(|f| f.bytes).collect::<Vec<_>>();
        assert_eq!(taken(10, 100), [5, 6, 5]);
        assert_eq!(taken(2, 100), [5, 6]);
        assert_eq!(taken(10, 11), [5, 6]);
        assert_eq!(taken(10, 10), [5], "the second is left out whole");
        assert_eq!(taken(10, 4), [3], "the first is cut");
        let error = all.head(10, 2).err().unwrap();
        assert!(error.message.contains("a.csv ends within its first 2 bytes"), "{}", error.message);
    }

    #[test]
    fn a_quote_within_a_cell_is_text() {
        fn whole(text: &str) -> &str {
            &text[..whole_records(text.as_bytes(), SourceFormat::Csv)]
        }
        assert_eq!(whole("id,size\n1,6\" pipe\n2,x\n3"), "id,size\n1,6\" pipe\n2,x\n");
        assert_eq!(whole("id,note\n1,\"a \"\"b\"\"\n\"\n2,\"x\n"), "id,note\n1,\"a \"\"b\"\"\n\"\n");
        assert_eq!(whole("\"id\"\n\"1\n"), "\"id\"\n");
    }

    #[test]
    fn a_file_that_is_cut_ends_behind_a_record_and_must_not_change() {
        let dir = tempfile::tempdir().unwrap();
        let text = "id,note\n1,\"two\nlines\"\n2,\"three\n\nlines\"\n3,x\n";
        let cut = pinned(dir.path(), &[("a.csv", text)]).head(1, 35).unwrap();
        let records = preview(&Profiles::open(cut.clone()).unwrap(), 10).unwrap();
        assert_eq!(records.len(), 1, "{records:?}");
        std::fs::write(dir.path().join("a.csv"), format!("{text}4,y\n")).unwrap();
        assert!(Profiles::open(cut).is_err());
    }
}
