//! Accounts: `/data/foundation/flowservice/connections`.
//!
//! An account is saved only when its credentials work. Secrets are sealed apart from the body, which has a mask in their
//! place; a change that leaves the mask where it is keeps the secret.

mod compare;
mod create;
mod delete;
mod encryption;
mod get;
mod list;
mod patch;
mod secrets;
mod test;

pub(crate) use encryption::{Encryption, EncryptionKey, specs as encryption_specs};
pub(crate) use secrets::MASK;
pub(crate) use test::TestResult;

use outflow_connector_kit::Connector;
use outflow_connector_kit::catalog::PROFILE_STORE_SPEC_ID;
use outflow_model::encryption::given_key;
use outflow_store::Document;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::body::Fields;
use crate::context::Api;
use crate::document;
use crate::document::Common;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::Links;
use crate::probe;
use crate::probe::{Place, Probe};

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        list::operation(),
        create::operation(),
        get::operation(),
        patch::operation(),
        delete::operation(),
        test::operation(),
        compare::operation(),
    ]
}

/// An id with a version. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "SpecReference", example = json!({"id": "4fce964d-3f37-408f-9778-e597338a21ee", "version": "1.0"}))]
pub(crate) struct SpecReference {
    /// The id.
    id: String,
    /// `1.0`.
    version: Option<String>,
}

/// How to sign in. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Auth")]
pub(crate) struct Auth {
    /// A name of the connection spec's `authSpec`.
    #[serde(rename = "specName")]
    spec_name: String,
    /// What that form asks for. Secrets are shown as `********`.
    params: Value,
}

/// An account as it is sent. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Connection", example = json!({
    "name": "Exports bucket", "description": "The account of the export user",
    "connectionSpec": {"id": "4fce964d-3f37-408f-9778-e597338a21ee", "version": "1.0"},
    "auth": {"specName": "Access Key", "params": {"s3AccessKey": "AKIA…", "s3SecretKey": "…", "region": "eu-west-1"}}
}))]
pub(crate) struct Connection {
    /// What people call it.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// The kind of destination.
    #[serde(rename = "connectionSpec")]
    connection_spec: SpecReference,
    /// How to sign in. The profile store needs none.
    auth: Option<Auth>,
    /// The key that files are encrypted with; without it they are delivered in clear.
    encryption: Option<Encryption>,
}

/// An account as it is shown. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ShownConnection")]
pub(crate) struct ShownConnection {
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    connection: Connection,
}

/// A list of accounts. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Connections", example = json!({"items": [{
    "id": "69f188b6-af07-4587-8061-e94d34637b41", "createdAt": 1668637963851_i64, "updatedAt": 1668637963851_i64,
    "createdBy": "admin", "updatedBy": "admin", "sandboxName": "prod", "imsOrgId": "outflow",
    "version": "\"1\"", "etag": "\"1\"", "name": "Exports bucket", "state": "enabled",
    "connectionSpec": {"id": "4fce964d-3f37-408f-9778-e597338a21ee", "version": "1.0"},
    "auth": {"specName": "Access Key", "params": {"s3AccessKey": "AKIA…", "s3SecretKey": "********"}}
}], "_links": {}}))]
pub(crate) struct Connections {
    /// The accounts.
    items: Vec<ShownConnection>,
    /// The next page; left out where one object is asked for.
    #[schema(required = false)]
    _links: Links,
    /// All that match, where it was asked for.
    count: Option<u64>,
    /// True where `count` is not of all.
    #[serde(rename = "countIsPartial")]
    count_is_partial: Option<bool>,
}

/// What creating or changing an account answers. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ProbedConnection", example = json!({
    "id": "69f188b6-af07-4587-8061-e94d34637b41", "etag": "\"1\"",
    "probe": {"steps": [{"name": "Sign in", "outcome": "passed", "found": ""}]}
}))]
pub(crate) struct Probed {
    /// The object's id.
    id: String,
    /// Its version, in quotes, as `If-Match` takes it.
    etag: String,
    /// What the probe found; missing where nothing was probed.
    probe: Option<Probe>,
    /// Of a changed target: what is unwise for the flows that use it.
    warnings: Option<Vec<crate::error::Problem>>,
    /// Flows that the change of a target paused.
    #[serde(rename = "pausedFlows")]
    paused_flows: Option<Vec<crate::governance::PausedFlow>>,
    /// Of an account whose files are encrypted: what its key is.
    #[serde(rename = "encryptionKey")]
    encryption_key: Option<EncryptionKey>,
}

/// What [`Probed`] describes.
pub(crate) fn probed(document: &Document, probe: Option<Value>) -> Value {
    let mut answer = json!({"id": document.id, "etag": crate::etag::etag(document.version)});
    if let Some(probe) = probe {
        answer["probe"] = probe;
    }
    if let Some(key) = document.body.pointer("/encryption/key") {
        answer["encryptionKey"] = key.clone();
    }
    answer
}

/// An account that was read and whose form is right, with its secrets in clear.
pub(crate) struct Account<'a> {
    /// What connects; none for the profile store, which needs no account.
    pub(crate) connector: Option<&'a dyn Connector>,
    /// The connector's own account.
    pub(crate) account: Value,
    /// Where its members stand in the body.
    pub(crate) place: Place,
    /// Pointers of the body's secrets.
    pub(crate) secrets: Vec<String>,
    /// The body's `encryption` with what its key is, where there is one.
    pub(crate) encryption: Option<Value>,
}

/// Reads an account's body, secrets in clear. `kept` is its `encryption` as it is saved, which is not checked again.
///
/// # Errors
/// 400 with every problem.
pub(crate) fn read<'a>(api: &'a Api, body: &Map<String, Value>, kept: Option<&Value>) -> ApiResult<Account<'a>> {
    let mut fields = Fields::of(body);
    fields.name_and_description();
    fields.state();
    let spec_id = fields.needed_inside("connectionSpec", |spec| {
        spec.text("version");
        spec.needed_text("id")
    });
    if spec_id == Some(PROFILE_STORE_SPEC_ID) {
        // Nothing would say what of it is secret.
        if body.get("auth").is_some_and(is_filled) {
            fields.problem("auth", "is not for the profile store, which needs no account");
        }
        if !matches!(given_key(body.get("encryption")), Ok(None)) {
            fields.problem("encryption", "is for accounts that files are delivered to");
        }
        fields.finish()?;
        return Ok(Account {
            connector: None,
            account: json!({}),
            place: Place::Account(None),
            secrets: Vec::new(),
            encryption: None,
        });
    }
    let connector = spec_id.and_then(|id| api.connector(id));
    let delivery = connector.map(|connector| connector.catalog().delivery);
    let encryption = encryption::read(body, kept, delivery, api.now(), &mut fields);
    if spec_id.is_some() && connector.is_none() {
        fields.problem("connectionSpec", "names no kind of destination on offer; see /connectionSpecs");
    }
    let spec_name = fields.needed_inside("auth", |auth| {
        auth.object("params");
        // A secret beside the form would be stored, and shown, in clear.
        auth.only(&["specName", "params"]);
        auth.needed_text("specName")
    });
    let mut read = match (connector, spec_name) {
        (Some(connector), Some(spec_name)) => account_of(connector, spec_name, body, &mut fields),
        _ => None,
    };
    fields.finish()?;
    if let Some(account) = &mut read {
        account.encryption = encryption;
    }
    read.ok_or_else(|| crate::error::ApiError::bad_request("the account cannot be read"))
}

fn account_of<'a>(
    connector: &'a dyn Connector,
    spec_name: &str,
    body: &Map<String, Value>,
    fields: &mut Fields<'_>,
) -> Option<Account<'a>> {
    let entry = connector.catalog();
    let params = body.get("auth").and_then(|auth| auth.get("params")).unwrap_or(&Value::Null);
    let account = match entry.account(spec_name, params) {
        Ok(account) => account,
        Err(problems) => {
            fields.problems(probe::account_problems(connector, spec_name, problems));
            return None;
        }
    };
    let problems = connector.check_account(&account);
    fields.problems(probe::account_problems(connector, spec_name, problems));
    let secrets = entry.auth_spec(spec_name)?.secrets(&connector.schemas().0);
    let secrets = secrets.into_iter().map(|name| format!("/auth/params/{name}")).collect();
    let place = Place::account(connector, spec_name);
    Some(Account { connector: Some(connector), account, place, secrets, encryption: None })
}

/// Whether a value says anything, however deep.
fn is_filled(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(members) => members.values().any(is_filled),
        Value::Array(items) => items.iter().any(is_filled),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// An account as answers show it.
pub(crate) fn show(api: &Api, document: &Document) -> Value {
    let mut shown = document::shown(api, document);
    shown.entry("state").or_insert_with(|| json!("enabled"));
    Value::Object(shown)
}
