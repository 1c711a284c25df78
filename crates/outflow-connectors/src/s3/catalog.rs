//! The catalog's entry.

use outflow_connector_kit::catalog::{AuthSpec, CatalogEntry, DeliveryKind, FolderMember, optional, required};

/// What the catalog says of Amazon S3.
pub(super) const ENTRY: CatalogEntry = CatalogEntry {
    connection_spec_id: "4fce964d-3f37-408f-9778-e597338a21ee",
    legacy_connection_spec_ids: &["4890fc95-5a1f-4983-94bb-e060c08e3f81"],
    flow_spec_id: "269ba276-16fc-47db-92b0-c1049a3c131f",
    description: "Files in a bucket of Amazon S3 or of a store that offers its interface.",
    category: "Cloud storage",
    connection_type: "S3",
    delivery: DeliveryKind::Batch,
    auth_specs: &[
        AuthSpec {
            name: "Access Key",
            title: "Access Key",
            kind: "KeyBased",
            members: &[
                required("s3AccessKey"),
                required("s3SecretKey"),
                optional("sessionToken"),
                optional("endpoint"),
                optional("region"),
                optional("pathStyle"),
            ],
        },
        AuthSpec {
            name: "Assumed Role",
            title: "Assumed Role",
            kind: "KeyBased",
            members: &[
                required("roleArn"),
                optional("externalId"),
                optional("s3AccessKey"),
                optional("s3SecretKey"),
                optional("endpoint"),
                optional("region"),
                optional("pathStyle"),
            ],
        },
    ],
    target_members: &["bucketName", "path"],
    folder: Some(FolderMember { name: "path", must_exist: false }),
    guide: super::GUIDE,
    icon_svg: super::ICON_SVG,
};
