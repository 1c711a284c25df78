//! The profile store as a flow's source: `/data/foundation/flowservice/sourceConnections`.

mod create;
mod delete;
mod get;
mod list;
mod patch;

use outflow_connector_kit::catalog::PROFILE_STORE_SPEC_ID;
use outflow_store::{Document, Reader};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::body::Fields;
use crate::connections::SpecReference;
use crate::context::Api;
use crate::document;
use crate::document::Common;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::Links;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![list::operation(), create::operation(), get::operation(), patch::operation(), delete::operation()]
}

/// A source as it is sent. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "SourceConnection", example = json!({
    "name": "Profiles", "connectionSpec": {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"}
}))]
pub(crate) struct SourceConnection {
    /// What people call it.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// Always the profile store.
    #[serde(rename = "connectionSpec")]
    connection_spec: SpecReference,
    /// A connection to the profile store, where a client makes one.
    #[serde(rename = "baseConnectionId")]
    base_connection_id: Option<String>,
    /// Kept and shown.
    data: Option<Value>,
    /// Kept and shown.
    params: Option<Value>,
}

/// A source as it is shown. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ShownSourceConnection")]
pub(crate) struct ShownSourceConnection {
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    source: SourceConnection,
}

/// A list of sources. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "SourceConnections", example = json!({"items": [{
    "id": "f3a5e232-eba3-428b-aa69-921d122d5db5", "createdAt": 1660922583694_i64, "updatedAt": 1660922584231_i64,
    "createdBy": "admin", "updatedBy": "admin", "sandboxName": "prod", "imsOrgId": "outflow", "version": "\"1\"",
    "etag": "\"1\"", "name": "Profiles",
    "connectionSpec": {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"}
}], "_links": {}}))]
pub(crate) struct SourceConnections {
    /// The sources.
    items: Vec<ShownSourceConnection>,
    /// The next page; left out where one object is asked for.
    #[schema(required = false)]
    _links: Links,
    /// All that match, where it was asked for.
    count: Option<u64>,
    /// True where `count` is not of all.
    #[serde(rename = "countIsPartial")]
    count_is_partial: Option<bool>,
}

/// Checks a source's body and adds what follows from it.
///
/// # Errors
/// 400 with every problem.
pub(crate) async fn checked(
    reader: &mut Reader,
    sandbox: &str,
    mut body: Map<String, Value>,
) -> ApiResult<Map<String, Value>> {
    let mut fields = Fields::of(&body);
    fields.name_and_description();
    fields.state();
    let spec_id = fields.needed_inside("connectionSpec", |spec| {
        spec.text("version");
        spec.needed_text("id")
    });
    if spec_id.is_some_and(|id| id != PROFILE_STORE_SPEC_ID) {
        fields.problem("connectionSpec", format!("must be the profile store, {PROFILE_STORE_SPEC_ID}"));
    }
    fields.object("data");
    fields.object("params");
    let base = fields.text("baseConnectionId").map(str::to_owned);
    let is_known = match &base {
        Some(base) => reader.find::<outflow_store::Connection>(sandbox, base).await?.is_some(),
        None => true,
    };
    if !is_known {
        fields.problem("baseConnectionId", "names no connection of this sandbox");
    }
    fields.finish()?;
    body.entry("state").or_insert_with(|| json!("enabled"));
    if let Some(base) = base {
        let inherited = json!({"baseConnection": {"id": base, "connectionSpec": body.get("connectionSpec")}});
        body.insert("inheritedAttributes".into(), inherited);
    }
    Ok(body)
}

/// A source as answers show it.
pub(crate) fn show(api: &Api, document: &Document) -> Value {
    Value::Object(document::shown(api, document))
}
