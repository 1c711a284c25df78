//! Holding up whoever reads: a file that is a pipe for a while, and a place of datasets that waits.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};

use outflow_model::Fault;
use outflow_profiles::source::{ListedFile, LocalStorage, RandomAccess, SourceFile, Storage};

use crate::world::until;

/// A file whose next reader is held up. Others read it as it was once that reader is there.
pub struct HeldFile {
    path: PathBuf,
    aside: PathBuf,
    opening: std::thread::JoinHandle<File>,
}

impl HeldFile {
    /// Puts a pipe in the file's place.
    pub fn new(path: &Path) -> HeldFile {
        let aside = path.with_extension("aside");
        std::fs::rename(path, &aside).unwrap();
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
        let pipe = path.to_owned();
        // This waits for a reader.
        let opening = std::thread::spawn(move || File::options().write(true).open(pipe).unwrap());
        HeldFile { path: path.to_owned(), aside, opening }
    }

    /// Waits until somebody reads.
    pub async fn reached(self) -> HeldReader {
        until("the file is read", async || self.opening.is_finished()).await;
        let pipe = self.opening.join().unwrap();
        let content = std::fs::read(&self.aside).unwrap();
        std::fs::rename(&self.aside, &self.path).unwrap();
        HeldReader { pipe, content }
    }
}

/// A reader that is held up.
pub struct HeldReader {
    pipe: File,
    content: Vec<u8>,
}

impl HeldReader {
    /// Gives the reader what it asked for.
    pub fn release(mut self) {
        self.pipe.write_all(&self.content).unwrap();
    }
}

#[derive(Default)]
struct State {
    armed: bool,
    waiting: bool,
    fault: Option<Fault>,
}

/// Local files whose next listing is held up when it has been taken.
#[derive(Default)]
pub struct HeldStorage {
    state: Mutex<State>,
    changed: Condvar,
}

impl HeldStorage {
    pub fn new() -> Arc<HeldStorage> {
        Arc::default()
    }

    /// Holds up the next listing.
    pub fn hold(&self) {
        self.state.lock().unwrap().armed = true;
    }

    /// Waits until a listing is held up.
    pub async fn reached(&self) {
        until("files are listed", async || self.state.lock().unwrap().waiting).await;
    }

    /// Lets the listing go on, or fail.
    pub fn release(&self, fault: Option<Fault>) {
        let mut state = self.state.lock().unwrap();
        (state.waiting, state.fault) = (false, fault);
        self.changed.notify_all();
    }
}

impl Storage for HeldStorage {
    fn handles(&self, pattern: &str) -> bool {
        LocalStorage.handles(pattern)
    }

    fn list(&self, pattern: &str) -> Result<Vec<ListedFile>, Fault> {
        let listed = LocalStorage.list(pattern)?;
        let mut state = self.state.lock().unwrap();
        if std::mem::take(&mut state.armed) {
            state.waiting = true;
            let mut state = self.changed.wait_while(state, |state| state.waiting).unwrap();
            if let Some(fault) = state.fault.take() {
                return Err(fault);
            }
        }
        Ok(listed)
    }

    fn identity(&self, url: &str) -> String {
        LocalStorage.identity(url)
    }

    fn open(&self, file: &SourceFile) -> Result<Arc<dyn RandomAccess>, Fault> {
        LocalStorage.open(file)
    }
}
