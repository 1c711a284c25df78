//! The catalog: `/data/foundation/flowservice/connectionSpecs`.
//!
//! What is on offer follows from the connectors: their forms are JSON Schemas of their own types.

mod get;
mod list;

use outflow_connector_kit::Connector;
use outflow_connector_kit::catalog::{DeliveryKind, PROFILE_STORE_SPEC_ID};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::connections::encryption_specs;
use crate::context::Api;
use crate::operation::Operation;
use crate::page::Links;
use crate::target_connections::stream_schema;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![list::operation(), get::operation()]
}

/// A kind of destination on offer. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ConnectionSpec")]
pub(crate) struct ConnectionSpec {
    /// The id by which connections name it.
    id: String,
    /// The name on the catalog card.
    name: String,
    /// Who provides it.
    #[serde(rename = "providerId")]
    provider_id: String,
    /// Always `1.0`.
    version: String,
    /// Ways to sign in, each with its form as JSON Schema in `spec`.
    #[serde(rename = "authSpec")]
    auth_spec: Vec<Value>,
    /// How files can be encrypted: for the `encryption` of a connection.
    #[serde(rename = "encryptionSpecs")]
    encryption_specs: Vec<Value>,
    /// The form of a target's `params` as JSON Schema in `spec`.
    #[serde(rename = "targetSpec")]
    target_spec: Option<Value>,
    /// Category, connection type, guide and drawing for the catalog.
    attributes: Value,
}

/// A list of kinds of destination. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ConnectionSpecs", example = json!({"items": [{
    "id": "4fce964d-3f37-408f-9778-e597338a21ee", "name": "Amazon S3", "providerId": "outflow", "version": "1.0",
    "authSpec": [{"name": "Access Key", "type": "KeyBased", "spec": {"type": "object"}}],
    "encryptionSpecs": [],
    "targetSpec": {"name": "User based target", "type": "UserNamespace", "spec": {"type": "object"}},
    "attributes": {"category": "Cloud storage", "connectionType": "S3"}
}], "_links": {}}))]
pub(crate) struct ConnectionSpecs {
    /// The kinds.
    items: Vec<ConnectionSpec>,
    /// Always without a next page; left out where one object is asked for.
    #[schema(required = false)]
    _links: Links,
}

/// Everything on offer, the profile store first.
fn all(api: &Api) -> Vec<Value> {
    let connectors = api.offered().map(|connector| spec(connector, connector.catalog().connection_spec_id));
    std::iter::once(profile_store()).chain(connectors).collect()
}

/// The one that `id` names, today's id or an older one.
fn named(api: &Api, id: &str) -> Option<Value> {
    if id == PROFILE_STORE_SPEC_ID {
        return Some(profile_store());
    }
    api.connector(id).map(|connector| spec(connector, id))
}

fn spec(connector: &dyn Connector, id: &str) -> Value {
    let entry = connector.catalog();
    let (account, target) = connector.schemas();
    let auth: Vec<Value> = entry
        .auth_specs
        .iter()
        .map(|auth| json!({"name": auth.name, "type": auth.kind, "spec": auth.schema(&account)}))
        .collect();
    let is_batch = entry.delivery == DeliveryKind::Batch;
    let target = if is_batch { target } else { stream_schema(target) };
    json!({
        "id": id,
        "name": connector.title(),
        "providerId": "outflow",
        "version": "1.0",
        "authSpec": auth,
        "encryptionSpecs": encryption_specs(entry.delivery),
        "targetSpec": {"name": "User based target", "type": "UserNamespace", "spec": target},
        "attributes": {
            "description": entry.description,
            "category": entry.category,
            "connector": connector.id(),
            "connectionType": entry.connection_type,
            "isDestination": true,
            "isBatch": is_batch,
            "flowSpecId": entry.flow_spec_id,
            "legacyIds": entry.legacy_connection_spec_ids,
            "guide": entry.guide,
            "icon": entry.icon_svg,
        },
    })
}

fn profile_store() -> Value {
    json!({
        "id": PROFILE_STORE_SPEC_ID,
        "name": "Profile store",
        "providerId": "outflow",
        "version": "1.0",
        "authSpec": [],
        "encryptionSpecs": [],
        "attributes": {
            "description": "The merged profiles of the attached datasets, the source of every flow.",
            "category": "Profiles",
            "connectionType": "Profile store",
            "isSource": true,
        },
    })
}
