//! The catalog's entry.

use outflow_connector_kit::catalog::{AuthSpec, CatalogEntry, DeliveryKind, FolderMember};

/// What the catalog says of local folders.
pub(super) const ENTRY: CatalogEntry = CatalogEntry {
    connection_spec_id: "0b7f4b0e-6a57-4d0c-9c55-3f7f7c1d2a61",
    legacy_connection_spec_ids: &[],
    flow_spec_id: "5d1a3c52-0a0b-4a8e-8f0e-8a4f4a5b9c17",
    description: "Files in a folder of the machine that runs Outflow, or of a file system that is mounted there.",
    category: "Local",
    connection_type: "Folder",
    delivery: DeliveryKind::Batch,
    auth_specs: &[AuthSpec { name: "None", title: "None", kind: "None", members: &[] }],
    target_members: &["path"],
    folder: Some(FolderMember { name: "path", must_exist: true }),
    guide: super::GUIDE,
    icon_svg: super::ICON_SVG,
};
