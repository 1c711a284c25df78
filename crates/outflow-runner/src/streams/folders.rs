//! The numbered folders of a stream.

use std::path::{Path, PathBuf};

use outflow_model::{Fault, FaultClass};

use super::StreamState;

/// The folder of all streams below a sandbox's data folder.
pub(crate) const STREAMS: &str = "streams";

/// Where a stream's folders are.
#[derive(Clone, Debug)]
pub(crate) struct Folders {
    root: PathBuf,
}

impl Folders {
    /// Those of a flow below its sandbox's data folder. Nothing is made.
    pub fn new(sandbox_folder: &Path, flow: &str) -> Folders {
        Folders { root: sandbox_folder.join(STREAMS).join(flow) }
    }

    /// The folder with this number.
    pub fn numbered(&self, number: u64) -> PathBuf {
        self.root.join(format!("{number:08}"))
    }

    /// Where its told state is.
    pub fn told(&self, number: u64) -> PathBuf {
        self.numbered(number).join("told")
    }

    /// Where its set is.
    pub fn set(&self, number: u64) -> PathBuf {
        self.numbered(number).join("set")
    }

    /// Makes the folder with this number, empty. What is there is of somebody who took no number.
    ///
    /// # Errors
    /// `Refused` when it cannot be made.
    pub fn make(&self, number: u64) -> Result<PathBuf, Fault> {
        let folder = self.numbered(number);
        let cannot = |e: std::io::Error| {
            Fault::new(FaultClass::Refused, "a folder of the server's data cannot be made")
                .tried(format!("create {}", folder.display()))
                .hint("give the server's user the right to write below its data folder, and room")
                .because(e)
        };
        match std::fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(cannot(e)),
            _ => {}
        }
        std::fs::create_dir_all(&folder).map_err(cannot)?;
        // Whoever names it counts on its being there after a power cut: it, the flow's folder, that of all streams, and the
        // sandbox's, which has that one.
        for made in folder.ancestors().take(4) {
            std::fs::File::open(made).and_then(|opened| opened.sync_all()).map_err(cannot)?;
        }
        Ok(folder)
    }

    /// The numbers of the folders that are there.
    pub fn there(&self) -> Vec<u64> {
        let entries = std::fs::read_dir(&self.root).into_iter().flatten().flatten();
        entries.filter_map(|entry| number_of(&entry.path())).collect()
    }
}

/// The number of a stream's folder; `None` for what is none.
pub(crate) fn number_of(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    let sound = name.len() >= 8 && name.bytes().all(|b| b.is_ascii_digit());
    sound.then(|| name.parse().ok()).flatten()
}

/// Removes what `state` does not name: folders, and in those that it names, sets that were closed. `state` was read under
/// a lease that lived, so no folder that was taken by then and is not named in it will ever be. What cannot be removed is
/// left to the janitor.
pub(crate) fn tidy(folders: &Folders, state: &StreamState) {
    let named = state.named();
    for number in folders.there().into_iter().filter(|number| *number <= state.folders) {
        if !named.contains(&number) {
            remove(&folders.numbered(number));
            continue;
        }
        if state.open.as_ref().is_some_and(|open| open.folder == number) {
            continue;
        }
        if state.told.iter().chain(&state.elsewhere).all(|told| told.folder != number) {
            remove(&folders.told(number));
        }
        let set = folders.set(number);
        if state.letters.iter().any(|letters| letters.folder == number) {
            let entries = std::fs::read_dir(&set).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).filter(|path| is_sent(path)).for_each(|path| remove(&path));
        } else {
            remove(&set);
        }
    }
}

/// Whether a file of a closed set holds messages, whom they are about, or acknowledgements: of no use any more.
fn is_sent(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "set" || extension == "hashes")
        || path.file_name().is_some_and(|name| name == "acks")
}

fn remove(path: &Path) {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    if let Err(error) = removed
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "a stream's file that counts no more could not be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::{LetterFolder, Open, Told};

    #[test]
    fn what_is_not_named_goes_and_what_was_taken_later_stays() {
        let data = outflow_testkit::temp_dir();
        let folders = Folders::new(data.path(), "f");
        for number in 1..=6 {
            folders.make(number).unwrap();
            for (folder, file) in [("told", "told.json"), ("set", "0000.set"), ("set", "letters"), ("set", "acks")] {
                let folder = folders.numbered(number).join(folder);
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(folder.join(file), "x").unwrap();
            }
        }
        let state = StreamState {
            folders: 5,
            told: Some(Told { folder: 3, ..Told::default() }),
            open: Some(Open { folder: 4, ..Open::default() }),
            letters: vec![LetterFolder { folder: 2, ..LetterFolder::default() }],
            ..StreamState::default()
        };
        tidy(&folders, &state);
        let there = |number: u64, file: &str| folders.numbered(number).join(file).exists();
        let mut numbers = folders.there();
        numbers.sort_unstable();
        assert_eq!(numbers, [2, 3, 4, 6]);
        assert!(there(2, "set/letters") && !there(2, "set/0000.set") && !there(2, "set/acks") && !there(2, "told"));
        assert!(there(3, "told/told.json") && !there(3, "set"));
        assert!(there(4, "told/told.json") && there(4, "set/0000.set") && there(4, "set/acks"));
        assert!(there(6, "set/acks"));
        // Making it again leaves nothing of what was there.
        folders.make(4).unwrap();
        assert!(!there(4, "set"));
    }

    #[test]
    fn only_numbers_are_folders_of_streams() {
        for (name, number) in
            [("00000012", Some(12)), ("123456789", Some(123_456_789)), ("12", None), ("0000001x", None)]
        {
            assert_eq!(number_of(&Path::new("/d").join(name)), number);
        }
    }
}
