//! Open files and folders of one client.

use std::collections::HashMap;
use std::fs::{File, ReadDir};

use russh_sftp::protocol::StatusCode;
use russh_sftp::server::StatusReply;

/// Handles that a client may hold, advertised with `limits@openssh.com`.
pub(crate) const HANDLES_MAX: usize = 128;

/// What a handle stands for.
pub(crate) enum Opened {
    /// A file.
    File(File),
    /// A folder that is being read.
    Folder(ReadDir),
}

/// The handles of one client.
#[derive(Default)]
pub(crate) struct Handles {
    open: HashMap<String, Opened>,
    given: u64,
}

impl Handles {
    /// Keeps `opened` and answers its handle.
    pub(crate) fn insert(&mut self, opened: Opened) -> Result<String, StatusReply> {
        if self.open.len() >= HANDLES_MAX {
            return Err(StatusCode::Failure.with_message("Too many open handles"));
        }
        self.given += 1;
        let handle = self.given.to_string();
        self.open.insert(handle.clone(), opened);
        Ok(handle)
    }

    /// The file of `handle`.
    pub(crate) fn file(&self, handle: &str) -> Result<&File, StatusReply> {
        match self.open.get(handle) {
            Some(Opened::File(file)) => Ok(file),
            _ => Err(invalid()),
        }
    }

    /// The folder of `handle`.
    pub(crate) fn folder(&mut self, handle: &str) -> Result<&mut ReadDir, StatusReply> {
        match self.open.get_mut(handle) {
            Some(Opened::Folder(listing)) => Ok(listing),
            _ => Err(invalid()),
        }
    }

    /// Forgets `handle`, closing what it stands for.
    pub(crate) fn remove(&mut self, handle: &str) -> Result<(), StatusReply> {
        self.open.remove(handle).map(drop).ok_or_else(invalid)
    }
}

fn invalid() -> StatusReply {
    StatusCode::Failure.with_message("Invalid handle")
}
