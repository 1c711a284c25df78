//! How objects are shown: their own members, and those that the service has for all of them.

use outflow_store::Document;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::Base;
use crate::context::Api;
use crate::document::{is_server_member, millis};
use crate::error::{ApiError, ApiResult};
use crate::etag::etag;

/// Bytes of a custom object at most. All of a sandbox are in memory at times.
const OBJECT_BYTES_MAX: usize = 64 << 10;

/// Members of custom objects that the server sets, beside those of every object.
const SERVICE_MEMBERS: [&str; 6] = ["created", "createdUser", "updated", "updatedUser", "imsOrg", "_links"];

/// Where an object is found. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "SelfLinks", example = json!({"self": {"href": "https://outflow.example/data/foundation/dulepolicy/labels/core/C1"}}))]
pub(crate) struct SelfLinks {
    /// Its address.
    #[serde(rename = "self")]
    itself: SelfLink,
}

/// An address. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "SelfLink")]
struct SelfLink {
    /// The address.
    href: String,
}

/// What every custom object has beside its own members. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Custom")]
pub(crate) struct Custom {
    /// The organisation, as the server is set up.
    #[serde(rename = "imsOrg")]
    ims_org: String,
    /// The sandbox it is in.
    #[serde(rename = "sandboxName")]
    sandbox_name: String,
    /// When it was made, in milliseconds since 1970.
    created: i64,
    /// The client that made it.
    #[serde(rename = "createdClient")]
    created_client: String,
    /// The same.
    #[serde(rename = "createdUser")]
    created_user: String,
    /// When it was last changed, in milliseconds since 1970.
    updated: i64,
    /// The client that changed it last.
    #[serde(rename = "updatedClient")]
    updated_client: String,
    /// The same.
    #[serde(rename = "updatedUser")]
    updated_user: String,
    /// Its version, in quotes, as `If-Match` takes it.
    etag: String,
    /// Where it is found.
    _links: SelfLinks,
}

/// A custom object, found at `href`, as answers show it.
pub(crate) fn custom(api: &Api, document: &Document, href: &str) -> Map<String, Value> {
    let mut shown = document.body.as_object().cloned().unwrap_or_default();
    let mut set = |name: &str, value: Value| {
        shown.insert(name.to_owned(), value);
    };
    set("imsOrg", json!(api.settings.organization));
    set("sandboxName", json!(document.sandbox));
    set("created", json!(millis(document.created_at)));
    set("createdClient", json!(document.created_by));
    set("createdUser", json!(document.created_by));
    set("updated", json!(millis(document.updated_at)));
    set("updatedClient", json!(document.updated_by));
    set("updatedUser", json!(document.updated_by));
    set("etag", json!(etag(document.version)));
    set("_links", json!({"self": {"href": href}}));
    shown
}

/// A core object `id` of the list at `path` as answers show it.
pub(crate) fn core(base: &Base, path: &str, id: &str, own: &impl Serialize) -> Map<String, Value> {
    let mut shown = match json!(own) {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    shown.insert("imsOrg".to_owned(), json!("core"));
    shown.insert("_links".to_owned(), json!({"self": {"href": base.object(path, id)}}));
    shown
}

/// A body without the members that the server sets.
///
/// # Errors
/// 400 where the rest is too large.
pub(crate) fn own_members(mut body: Map<String, Value>) -> ApiResult<Map<String, Value>> {
    body.retain(|name, _| !is_server_member(name) && !SERVICE_MEMBERS.contains(&name.as_str()));
    let bytes = json!(body).to_string().len();
    if bytes > OBJECT_BYTES_MAX {
        return Err(ApiError::bad_request(format!("the object has {bytes} bytes; it may have {OBJECT_BYTES_MAX}")));
    }
    Ok(body)
}
