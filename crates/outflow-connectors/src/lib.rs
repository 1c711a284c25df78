//! One folder per kind of destination, and the registry that names them.

mod aws;
pub mod event_hubs;
mod fields;
pub mod folder;
pub mod kinesis;
mod names;
pub mod s3;
pub mod sftp;
mod test_file;

use outflow_connector_kit::{Connector, Erased};

/// Every connector, in the order of the catalog, one line each.
pub fn registry() -> Vec<Box<dyn Connector>> {
    vec![
        Box::new(Erased(s3::S3)),
        Box::new(Erased(sftp::Sftp)),
        Box::new(Erased(kinesis::Kinesis)),
        Box::new(Erased(event_hubs::EventHubs)),
        Box::new(Erased(folder::Folder)),
    ]
}
