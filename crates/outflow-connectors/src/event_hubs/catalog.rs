//! The catalog's entry.

use outflow_connector_kit::catalog::{AuthSpec, CatalogEntry, DeliveryKind, GENERIC_FLOW_SPEC_ID, optional, required};

/// What the catalog says of Azure Event Hubs.
pub(super) const ENTRY: CatalogEntry = CatalogEntry {
    connection_spec_id: "bf9f5905-92b7-48bf-bf20-455bc6b60a4e",
    legacy_connection_spec_ids: &[],
    flow_spec_id: GENERIC_FLOW_SPEC_ID,
    description: "Messages about changed profiles, as events in a hub of Azure Event Hubs.",
    category: "Cloud storage",
    connection_type: "EventHub",
    delivery: DeliveryKind::Streaming,
    auth_specs: &[
        AuthSpec {
            name: "Azure EventHub authentication credentials",
            title: "Shared Access Key",
            kind: "KeyBased",
            members: &[
                required("sasKeyName"),
                required("sasKey"),
                required("namespace"),
                optional("endpointUrl"),
                optional("answerSecs"),
            ],
        },
        AuthSpec {
            name: "Shared Access Signature",
            title: "Shared Access Key of one hub",
            kind: "KeyBased",
            members: &[
                required("sasKeyName"),
                required("sasKey"),
                required("namespace"),
                required("eventHubName"),
                optional("endpointUrl"),
                optional("answerSecs"),
            ],
        },
    ],
    target_members: &["eventHubName", "includeSegmentNames", "includeSegmentTimestamps"],
    folder: None,
    guide: super::GUIDE,
    icon_svg: super::ICON_SVG,
};
