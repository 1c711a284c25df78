//! One folder per destination kind, and the list of them.

pub mod folder;
mod names;
pub mod sftp;

use outflow_connector_kit::{Connector, Erased};

/// Every kind of destination, one line each.
pub fn registry() -> Vec<Box<dyn Connector>> {
    vec![Box::new(Erased(sftp::Sftp)), Box::new(Erased(folder::Folder))]
}
