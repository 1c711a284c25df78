//! The catalog's entry.

use outflow_connector_kit::catalog::{
    AuthMember, AuthSpec, CatalogEntry, DeliveryKind, GENERIC_FLOW_SPEC_ID, optional, required,
};

/// What the catalog says of Amazon Kinesis.
pub(super) const ENTRY: CatalogEntry = CatalogEntry {
    connection_spec_id: "86043421-563b-46ec-8e6c-e23184711bf6",
    legacy_connection_spec_ids: &[],
    flow_spec_id: GENERIC_FLOW_SPEC_ID,
    description: "Messages to a data stream of Amazon Kinesis, as profiles change.",
    category: "Cloud storage",
    connection_type: "Kinesis",
    delivery: DeliveryKind::Streaming,
    auth_specs: &[
        AuthSpec {
            name: "Aws Kinesis authentication credentials",
            title: "Access Key",
            kind: "KeyBased",
            members: &[
                required("accessKeyId"),
                required("secretKey"),
                optional("sessionToken"),
                optional("region"),
                CONNECTION_URL,
                optional("endpointUrl"),
            ],
        },
        AuthSpec {
            name: "Assumed Role",
            title: "Assumed Role",
            kind: "KeyBased",
            members: &[
                required("roleArn"),
                optional("externalId"),
                optional("accessKeyId"),
                optional("secretKey"),
                optional("region"),
                CONNECTION_URL,
                optional("endpointUrl"),
            ],
        },
    ],
    target_members: &[
        "stream",
        "region",
        "recordBytesMax",
        "requestBytesMax",
        "shardBytesPerSecMax",
        "shardRecordsPerSecMax",
        "includeSegmentNames",
        "includeSegmentTimestamps",
    ],
    folder: None,
    guide: super::GUIDE,
    icon_svg: super::ICON_SVG,
};

/// What older clients call the endpoint.
const CONNECTION_URL: AuthMember = AuthMember { name: "connectionUrl", account: "endpointUrl", required: false };

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn forms_take_the_names_of_older_clients() {
        let params = json!({"accessKeyId": "a", "secretKey": "s", "connectionUrl": "https://kinesis.example.org"});
        let account = ENTRY.account("aws kinesis authentication credentials", &params).unwrap();
        assert_eq!(account["endpointUrl"], "https://kinesis.example.org");
        assert_eq!(ENTRY.account("Assumed Role", &json!({})).unwrap_err()[0].field, "auth.params.roleArn");
    }
}
