//! Where an account delivers to: `/data/foundation/flowservice/targetConnections`.
//!
//! Bucket, folder and file options; or a stream, and what its messages say of segments. A target is saved only when a
//! delivery to it would work: the probe makes the calls of one in the target's own folder.

mod create;
mod delete;
mod get;
mod list;
mod patch;
mod streams;
mod test;

use outflow_connector_kit::Connector;
use outflow_connector_kit::catalog::DeliveryKind;
use outflow_model::flow::{FileOptions, marketing_actions};
use outflow_model::template::FolderTemplate;
use outflow_store::{Document, Reader};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::body::Fields;
use crate::connections::SpecReference;
use crate::context::Api;
use crate::document;
use crate::document::Common;
use crate::error::{ApiError, ApiResult, Problem};
use crate::flows::Enforcement;
use crate::operation::Operation;
use crate::page::Links;
use crate::policy_service::unknown_actions;
use crate::{connections, probe};

pub(crate) use streams::schema as stream_schema;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        list::operation(),
        create::operation(),
        get::operation(),
        patch::operation(),
        delete::operation(),
        test::operation(),
    ]
}

/// A target as it is sent. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "TargetConnection", example = json!({
    "name": "Exports of loyal customers", "baseConnectionId": "69f188b6-af07-4587-8061-e94d34637b41",
    "connectionSpec": {"id": "4fce964d-3f37-408f-9778-e597338a21ee", "version": "1.0"},
    "params": {"mode": "Server-to-server", "bucketName": "exports", "path": "loyal/%SEGMENT_NAME%",
        "fileType": "CSV", "compression": "GZIP", "csvOptions": {"delimiter": ","}}
}))]
pub(crate) struct TargetConnection {
    /// What people call it.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// The account.
    #[serde(rename = "baseConnectionId")]
    base_connection_id: String,
    /// The kind of destination: the account's.
    #[serde(rename = "connectionSpec")]
    connection_spec: Option<SpecReference>,
    /// What the connection spec's `targetSpec` asks for, and what the files are: `fileType` CSV, JSON or PARQUET,
    /// `compression` NONE, GZIP or ZSTD, `csvOptions`. A stream has no files: `includeSegmentNames` and
    /// `includeSegmentTimestamps` say what its messages tell of segments.
    params: Value,
    /// Marketing actions in `enforcementRefs`: what every flow that delivers here uses data for, beside its own.
    policy: Option<Enforcement>,
}

/// A target as it is shown. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ShownTargetConnection")]
pub(crate) struct ShownTargetConnection {
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    target: TargetConnection,
}

/// A list of targets. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "TargetConnections", example = json!({"items": [{
    "id": "94c6fb2e-9431-42fd-aeee-c83e67c43578", "createdAt": 1660922583694_i64, "updatedAt": 1660922584231_i64,
    "createdBy": "admin", "updatedBy": "admin", "sandboxName": "prod", "imsOrgId": "outflow", "version": "\"1\"",
    "etag": "\"1\"", "name": "Exports of loyal customers", "baseConnectionId": "69f188b6-af07-4587-8061-e94d34637b41",
    "connectionSpec": {"id": "4fce964d-3f37-408f-9778-e597338a21ee", "version": "1.0"},
    "params": {"bucketName": "exports", "path": "loyal", "fileType": "CSV", "compression": "GZIP"}
}], "_links": {}}))]
pub(crate) struct TargetConnections {
    /// The targets.
    items: Vec<ShownTargetConnection>,
    /// The next page; left out where one object is asked for.
    #[schema(required = false)]
    _links: Links,
    /// All that match, where it was asked for.
    count: Option<u64>,
    /// True where `count` is not of all.
    #[serde(rename = "countIsPartial")]
    count_is_partial: Option<bool>,
}

/// A target that was read and whose fields are right.
pub(crate) struct Target<'a> {
    pub(crate) connector: &'a dyn Connector,
    /// The connector's account, secrets in clear.
    pub(crate) account: Value,
    /// The connector's target, its folder without macros.
    pub(crate) target: Value,
    /// The body, with what follows from the account.
    pub(crate) body: Map<String, Value>,
}

/// Reads a target's body and its account's. `before` is the target as it is, where it is one that is changed.
///
/// # Errors
/// 400 with every problem.
pub(crate) async fn read<'a>(
    api: &'a Api,
    reader: &mut Reader,
    sandbox: &str,
    mut body: Map<String, Value>,
    before: Option<&Document>,
) -> ApiResult<Target<'a>> {
    let mut fields = Fields::of(&body);
    let base_id = check_shape(&mut fields);
    if fields.object("policy").is_some() {
        let target = Value::Object(body.clone());
        match marketing_actions(&target) {
            Ok(_) => fields.problems(unknown_actions(reader, sandbox, &target, before).await?),
            Err(problems) => fields.problems(problems.0.into_iter().map(Problem::from)),
        }
    }
    let base = match &base_id {
        Some(id) => reader.find::<outflow_store::Connection>(sandbox, id).await?,
        None => None,
    };
    let opened = match &base {
        Some(base) => reader.opened::<outflow_store::Connection>(sandbox, &base.id).await?,
        None => Value::Null,
    };
    let account = match &base {
        Some(_) => {
            let empty = Map::new();
            Some(connections::read(api, opened.as_object().unwrap_or(&empty), opened.get("encryption"))?)
        }
        None => None,
    };
    match (&base_id, &account) {
        (Some(_), None) => fields.problem("baseConnectionId", "names no account of this sandbox"),
        (Some(_), Some(account)) if account.connector.is_none() => {
            fields.problem("baseConnectionId", "names the profile store, which is no destination");
        }
        _ => {}
    }
    let named = body.get("connectionSpec").and_then(|spec| spec.get("id")).and_then(Value::as_str);
    let of_account = account.as_ref().and_then(|account| account.connector);
    if let (Some(connector), Some(id)) = (of_account, named)
        && !connector.catalog().is_named(id)
    {
        fields.problem("connectionSpec", "is another kind of destination than the account's");
    }
    // Without an account, the kind that the target itself names says what its params should be.
    let connector = of_account.or_else(|| named.and_then(|id| api.connector(id)));
    let params = body.get("params").cloned().unwrap_or_default();
    let account = account.map(|account| account.account);
    let target = match connector {
        Some(connector) if params.is_object() => check_params(api, connector, account.as_ref(), &params, &mut fields),
        _ => Value::Null,
    };
    fields.finish()?;
    let (Some(connector), Some(account), Some(base)) = (of_account, account, base) else {
        return Err(ApiError::bad_request("the target cannot be read"));
    };
    let spec = base.body.get("connectionSpec").cloned().unwrap_or_default();
    body.entry("connectionSpec").or_insert_with(|| spec.clone());
    body.entry("state").or_insert_with(|| json!("enabled"));
    let inherited = json!({"baseConnection": {"id": base.id, "connectionSpec": spec}});
    body.insert("inheritedAttributes".into(), inherited);
    Ok(Target { connector, account, target, body })
}

fn check_shape(fields: &mut Fields<'_>) -> Option<String> {
    fields.name_and_description();
    let base = fields.needed_text("baseConnectionId").map(str::to_owned);
    fields.inside("connectionSpec", |spec| {
        spec.text("version");
        spec.needed_text("id")
    });
    fields.needed_inside("params", |_| Some(()));
    fields.object("data");
    fields.state();
    base
}

/// What a change may not touch: what was delivered to one kind of destination is not continued at another.
///
/// # Errors
/// 400 where the account is of another kind than before.
fn check_kept(api: &Api, target: &Target<'_>, before: &Document) -> ApiResult<()> {
    let id = before.body.pointer("/connectionSpec/id").and_then(Value::as_str).unwrap_or("");
    if api.connector(id).is_none_or(|connector| connector.id() == target.connector.id()) {
        return Ok(());
    }
    let text = "names an account of another kind of destination; make another target";
    Err(ApiError::invalid(vec![Problem::new("/baseConnectionId", text)]))
}

/// Checks `params`, and answers the connector's target with the folder that is there before any segment's.
fn check_params(
    api: &Api,
    connector: &dyn Connector,
    account: Option<&Value>,
    params: &Value,
    fields: &mut Fields<'_>,
) -> Value {
    let entry = connector.catalog();
    let empty = Map::new();
    let members = params.as_object().unwrap_or(&empty);
    if entry.delivery == DeliveryKind::Batch
        && let Err(problems) = FileOptions::parse(members, "/params")
    {
        fields.problems(problems.0.into_iter().map(|problem| Problem::new(problem.field, problem.message)));
    }
    let target = match entry.target(params) {
        Ok((target, options)) => {
            if entry.delivery == DeliveryKind::Streaming {
                fields.problems(streams::problems(&options));
            }
            target
        }
        Err(problems) => {
            fields.problems(probe::target_problems(problems));
            return Value::Null;
        }
    };
    let target = match entry.folder {
        Some(folder) => before_macros(folder.name, target, fields),
        None => target,
    };
    // The account was checked when it was saved.
    let mut problems = account.map(|account| connector.check(account, &target)).unwrap_or_default();
    for problem in connector.check_target(&target) {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    fields.problems(probe::target_problems(problems));
    if connector.id() == "file" && !is_allowed_folder(api, &target) {
        fields.problem("params", "names a folder that is not below the one that the server may write to");
    }
    target
}

/// The target with its folder cut before the first macro: what a macro names is made by a run.
fn before_macros(folder: &str, mut target: Value, fields: &mut Fields<'_>) -> Value {
    let Some(Value::String(path)) = target.get_mut(folder) else { return target };
    if !path.contains('%') {
        return target;
    }
    if let Err(problems) = FolderTemplate::parse(path) {
        let at = format!("/params/{folder}");
        fields.problems(problems.into_iter().map(|problem| Problem::new(at.clone(), problem.to_string())));
    }
    let kept: Vec<&str> = path.split('/').take_while(|step| !step.contains('%')).collect();
    *path = kept.join("/");
    target
}

fn is_allowed_folder(api: &Api, target: &Value) -> bool {
    let path = target.get("path").and_then(Value::as_str).unwrap_or("");
    api.settings.folder_root.as_deref().is_some_and(|root| probe::is_below(root, std::path::Path::new(path)))
}

/// A target as answers show it.
pub(crate) fn show(api: &Api, document: &Document) -> Value {
    Value::Object(document::shown(api, document))
}
