//! What a flow may say: `/data/foundation/flowservice/flowSpecs`.

mod get;
mod list;

use outflow_connector_kit::catalog::{GENERIC_FLOW_SPEC_ID, PROFILE_STORE_SPEC_ID};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::context::Api;
use crate::operation::Operation;
use crate::page::Links;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![list::operation(), get::operation()]
}

/// What flows of some kinds may say. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "FlowSpec")]
pub(crate) struct FlowSpec {
    /// The id by which flows name it.
    id: String,
    /// What it is called.
    name: String,
    /// Who provides it.
    #[serde(rename = "providerId")]
    provider_id: String,
    /// Always `1.0`.
    version: String,
    /// Kinds of source connections.
    #[serde(rename = "sourceConnectionSpecIds")]
    source_connection_spec_ids: Vec<String>,
    /// Kinds of target connections, with their older ids.
    #[serde(rename = "targetConnectionSpecIds")]
    target_connection_spec_ids: Vec<String>,
    /// What `transformations` may hold.
    #[serde(rename = "transformationSpecs")]
    transformation_specs: Vec<Value>,
    /// Frequencies of a segment's schedule.
    attributes: Value,
}

/// A list of flow specs. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "FlowSpecs", example = json!({"items": [{
    "id": "269ba276-16fc-47db-92b0-c1049a3c131f", "name": "Amazon S3", "providerId": "outflow", "version": "1.0",
    "sourceConnectionSpecIds": ["8a9c3494-9708-43d7-ae3f-cda01e5030e1"],
    "targetConnectionSpecIds": ["4fce964d-3f37-408f-9778-e597338a21ee"],
    "transformationSpecs": [{"name": "GeneralTransform"}], "attributes": {"isDestinationFlow": true}
}], "_links": {}}))]
pub(crate) struct FlowSpecs {
    /// The specs.
    items: Vec<FlowSpec>,
    /// Always without a next page; left out where one object is asked for.
    #[schema(required = false)]
    _links: Links,
}

/// Every flow spec: one for each kind of destination, and the generic one that older clients name.
pub(crate) fn all(api: &Api) -> Vec<Value> {
    let mut specs = Vec::new();
    let mut generic = Vec::new();
    for connector in api.offered() {
        let entry = connector.catalog();
        let ids = || std::iter::once(entry.connection_spec_id).chain(entry.legacy_connection_spec_ids.iter().copied());
        generic.extend(ids());
        if entry.flow_spec_id != GENERIC_FLOW_SPEC_ID {
            specs.push(spec(entry.flow_spec_id, connector.title(), &ids().collect::<Vec<_>>()));
        }
    }
    specs.push(spec(GENERIC_FLOW_SPEC_ID, "Profiles to a destination", &generic));
    specs
}

fn spec(id: &str, name: &str, targets: &[&str]) -> Value {
    json!({
        "id": id,
        "name": name,
        "providerId": "outflow",
        "version": "1.0",
        "sourceConnectionSpecIds": [PROFILE_STORE_SPEC_ID],
        "targetConnectionSpecIds": targets,
        "transformationSpecs": [{
            "name": "GeneralTransform",
            "spec": {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "type": "object",
                "properties": {
                    "profileSelectors": {"type": "object", "properties": {"selectors": {"type": "array"}}},
                    "segmentSelectors": {"type": "object", "properties": {"selectors": {"type": "array"}}},
                    "mandatoryFields": {"type": "array", "items": {"type": "string"}},
                    "primaryFields": {"type": "array", "items": {"type": "object"}},
                    "streaming": {"type": "object"},
                },
            },
        }],
        "attributes": {
            "isDestinationFlow": true,
            "exportModes": ["DAILY_FULL_EXPORT", "FIRST_FULL_THEN_INCREMENTAL"],
            "frequencies": [
                "ONCE", "DAILY", "WEEKLY", "MONTHLY", "EVERY_3_HOURS", "EVERY_6_HOURS", "EVERY_8_HOURS", "EVERY_12_HOURS"
            ],
            "triggerTypes": ["SCHEDULED", "AFTER_SEGMENT_EVAL"],
        },
    })
}
