//! The catalog: `/data/foundation/flowservice/connectionSpecs`.
//!
//! What is on offer follows from the connectors: their forms are JSON Schemas of their own types.

mod get;
mod list;

use std::collections::BTreeMap;

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
    auth_spec: Vec<AuthSpec>,
    /// How files can be encrypted: for the `encryption` of a connection.
    #[serde(rename = "encryptionSpecs")]
    encryption_specs: Vec<SpecForm>,
    /// The form of a target's `params` as JSON Schema in `spec`.
    #[serde(rename = "targetSpec")]
    target_spec: Option<SpecForm>,
    /// Category, connection type, guide and drawing for the catalog.
    attributes: SpecAttributes,
}

/// A way to sign in. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "AuthSpec")]
struct AuthSpec {
    /// What `auth.specName` of a connection names it by.
    name: String,
    /// What people call it.
    title: String,
    /// The kind of credentials.
    r#type: String,
    /// The form as JSON Schema.
    spec: BTreeMap<String, Value>,
}

/// A form. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "SpecForm")]
struct SpecForm {
    /// Its name.
    name: String,
    /// Its kind.
    r#type: String,
    /// The form as JSON Schema.
    spec: BTreeMap<String, Value>,
}

/// What the catalog says of a kind of destination. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "SpecAttributes")]
struct SpecAttributes {
    /// What it is.
    description: String,
    /// Where the catalog shows it.
    category: String,
    /// Its kind, for people.
    #[serde(rename = "connectionType")]
    connection_type: String,
    /// The connector's name on the command line.
    connector: Option<String>,
    /// Whether flows deliver to it.
    #[serde(rename = "isDestination")]
    is_destination: Option<bool>,
    /// Whether flows come from it.
    #[serde(rename = "isSource")]
    is_source: Option<bool>,
    /// Whether it takes files, and not messages.
    #[serde(rename = "isBatch")]
    is_batch: Option<bool>,
    /// The flow spec of its flows.
    #[serde(rename = "flowSpecId")]
    flow_spec_id: Option<String>,
    /// Older ids of the kind.
    #[serde(rename = "legacyIds")]
    legacy_ids: Option<Vec<String>>,
    /// How it is set up, in Markdown.
    guide: Option<String>,
    /// An SVG drawing.
    icon: Option<String>,
}

/// A list of kinds of destination. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ConnectionSpecs", example = json!({"items": [{
    "id": "4fce964d-3f37-408f-9778-e597338a21ee", "name": "Amazon S3", "providerId": "outflow", "version": "1.0",
    "authSpec": [{"name": "Access Key", "title": "Access Key", "type": "KeyBased", "spec": {"type": "object"}}],
    "encryptionSpecs": [],
    "targetSpec": {"name": "User based target", "type": "UserNamespace", "spec": {"type": "object"}},
    "attributes": {"description": "Files in a bucket.", "category": "Cloud storage", "connectionType": "S3"}
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
        .map(|auth| json!({"name": auth.name, "title": auth.title, "type": auth.kind, "spec": auth.schema(&account)}))
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
