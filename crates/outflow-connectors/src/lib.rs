//! One folder per kind of destination, and the registry that names them.

use outflow_connector_kit::{Connector, Erased};

pub mod s3;

/// Every connector, in the order of the catalog.
pub fn registry() -> Vec<Box<dyn Connector>> {
    vec![Box::new(Erased(s3::S3))]
}
