//! The catalog's entry.

use outflow_connector_kit::catalog::{
    AuthMember, AuthSpec, CatalogEntry, DeliveryKind, FolderMember, optional, renamed, required,
};

/// What every form has beside its credentials.
const PORT: AuthMember = optional("port");
const HOST_KEY: AuthMember = optional("hostKey");
const KNOWN_HOSTS: AuthMember = optional("knownHosts");
const LEGACY_ALGORITHMS: AuthMember = optional("legacyAlgorithms");

/// What the catalog says of SFTP.
pub(super) const ENTRY: CatalogEntry = CatalogEntry {
    connection_spec_id: "36965a81-b1c6-401b-99f8-22508f1e6a26",
    legacy_connection_spec_ids: &["64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0"],
    flow_spec_id: "354d6aad-4754-46e4-a576-1b384561c440",
    description: "Files in a folder of an SFTP server.",
    category: "Cloud storage",
    connection_type: "SFTP",
    delivery: DeliveryKind::Batch,
    auth_specs: &[
        AuthSpec {
            name: "SFTP with Password",
            title: "Password",
            kind: "BasicAuthentication",
            members: &[
                required("domain"),
                PORT,
                required("username"),
                required("password"),
                HOST_KEY,
                KNOWN_HOSTS,
                LEGACY_ALGORITHMS,
            ],
        },
        AuthSpec {
            name: "SFTP with SSH Key",
            title: "SSH Key",
            kind: "KeyBased",
            members: &[
                required("domain"),
                PORT,
                required("username"),
                required("sshKey"),
                optional("passphrase"),
                optional("password"),
                HOST_KEY,
                KNOWN_HOSTS,
                LEGACY_ALGORITHMS,
            ],
        },
        AuthSpec {
            name: "Basic Authentication for sftp",
            title: "Password (older form)",
            kind: "BasicAuthentication",
            members: &[
                renamed("host", "domain"),
                PORT,
                AuthMember { name: "userName", account: "username", required: false },
                optional("username"),
                required("password"),
                HOST_KEY,
                KNOWN_HOSTS,
                LEGACY_ALGORITHMS,
            ],
        },
    ],
    target_members: &["remotePath"],
    folder: Some(FolderMember { name: "remotePath", must_exist: true }),
    guide: super::GUIDE,
    icon_svg: super::ICON_SVG,
};
