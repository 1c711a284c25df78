//! What a flow must be before it is saved.

use std::collections::HashMap;

use outflow_connector_kit::Connector;
use outflow_connector_kit::catalog::{DeliveryKind, GENERIC_FLOW_SPEC_ID};
use outflow_model::FieldPath;
use outflow_model::encryption::{given_key, outer_extensions};
use outflow_model::flow::{Activation, FileOptions, FileType, FlowKind, FlowNames, marketing_actions};
use outflow_model::schema::Schema;
use outflow_store::{
    Connection, Document, Flow, ListQuery, Reader, Scope, Segment, SourceConnection, TargetConnection,
};
use serde_json::{Map, Value, json};

use super::twins;
use crate::body::Fields;
use crate::context::Api;
use crate::error::{ApiError, ApiResult, Problem};
use crate::policy_service::unknown_actions;

/// A flow that may be saved.
pub(super) struct Checked {
    /// Its body.
    pub(super) body: Map<String, Value>,
    /// What follows from its connections, and stands beside the body.
    pub(super) details: Value,
    /// The ids of its segments.
    pub(super) segments: Vec<String>,
    /// What is allowed but unwise.
    pub(super) warnings: Vec<Problem>,
}

/// The fields of profiles, against which a flow is checked. Read before a transaction begins, in which nobody else can write.
pub(super) async fn schema(api: &Api, sandbox: &str) -> ApiResult<Option<Schema>> {
    crate::datasets::union_schema(&mut api.store.read().await?, sandbox).await
}

/// Checks a flow's body. `before` is the flow as it is, where it is one that is changed; `schema` the fields of profiles.
///
/// # Errors
/// 400 with every problem.
pub(super) async fn checked(
    api: &Api,
    reader: &mut Reader,
    sandbox: &str,
    before: Option<&Document>,
    mut body: Map<String, Value>,
    schema: Option<&Schema>,
) -> ApiResult<Checked> {
    let id = before.map(|flow| flow.id.as_str());
    let mut fields = Fields::of(&body);
    let shape = check_shape(&mut fields);
    let source = reader.find::<SourceConnection>(sandbox, &shape.source).await?;
    let target = reader.find::<TargetConnection>(sandbox, &shape.target).await?;
    if source.is_none() && !shape.source.is_empty() {
        fields.problem("sourceConnectionIds", "names no source connection of this sandbox");
    }
    let connector = target.as_ref().and_then(|target| api.connector(text_at(&target.body, "/connectionSpec/id")));
    check_kind(&mut fields, &shape, target.as_deref(), connector);
    let kind = connector.map_or(FlowKind::Batch, kind_of);
    let flow = Value::Object(body.clone());
    let activation = Activation::parse(&flow, kind, &api.settings.guardrails);
    let (mut warnings, mut activated) = (Vec::new(), Vec::new());
    if fields.object("policy").is_some() {
        match marketing_actions(&flow) {
            Ok(_) => fields.problems(unknown_actions(reader, sandbox, &flow, before).await?),
            Err(problems) => fields.problems(problems.0.into_iter().map(Problem::from)),
        }
    }
    match activation {
        Err(problems) => fields.problems(problems.0.into_iter().map(Problem::from)),
        Ok(activation) => {
            warnings.extend(activation.check_schedules(api.now()).into_iter().map(Problem::from));
            warnings.extend(activation.warnings.iter().cloned().map(Problem::from));
            activated.extend(activation.segments.iter().map(|segment| segment.id.clone()));
            let segments = check_segments(reader, sandbox, &activation).await?;
            fields.problems(segments.problems);
            if let Some(target) = &target {
                let named = Named {
                    params: target.body.get("params").unwrap_or(&Value::Null),
                    sandbox,
                    is_encrypted: is_encrypted(reader, sandbox, &target.body).await?,
                    name: if shape.name.is_empty() { "-" } else { &shape.name },
                    id,
                    kind,
                };
                fields.problems(check_names(api, &named, &activation, &segments.names));
                let mut unknown = check_paths(schema, &named, &activation);
                if kind == FlowKind::Streaming && !unknown.is_empty() {
                    let refused = refused_paths(api, reader, sandbox, before, &activation).await?;
                    fields.problems(
                        unknown.extract_if(.., |problem| refused.contains(&problem.field)).collect::<Vec<_>>(),
                    );
                }
                warnings.extend(unknown);
                warnings.extend(twins::warnings(api, reader, &named, &target.id, &activation, &segments.names).await?);
            }
        }
    }
    warnings.extend(check_number(api, reader, sandbox, id).await?);
    fields.finish()?;
    body.entry("state").or_insert_with(|| json!("enabled"));
    let details = match (source, target) {
        (Some(source), Some(target)) => json!({"inheritedAttributes": inherited(&source, &target.id, &target.body)}),
        _ => json!({}),
    };
    Ok(Checked { body, details, segments: activated, warnings })
}

/// A target that is not there, and a flow of another kind than its target's.
fn check_kind(fields: &mut Fields<'_>, shape: &Shape, target: Option<&Document>, connector: Option<&dyn Connector>) {
    match (target, connector) {
        (None, _) if shape.target.is_empty() => {}
        (None, _) => fields.problem("targetConnectionIds", "names no target connection of this sandbox"),
        (Some(_), None) => fields.problem("targetConnectionIds", "names a kind of destination that is not on offer"),
        (Some(_), Some(connector)) if !shape.flow_spec.is_empty() && !is_spec_of(connector, &shape.flow_spec) => {
            let text = format!("must be {} or {GENERIC_FLOW_SPEC_ID}", connector.catalog().flow_spec_id);
            fields.problem("flowSpec", text);
        }
        _ => {}
    }
}

struct Shape {
    name: String,
    flow_spec: String,
    source: String,
    target: String,
}

fn check_shape(fields: &mut Fields<'_>) -> Shape {
    let name = fields.name_and_description().unwrap_or("").to_owned();
    let flow_spec = fields.needed_inside("flowSpec", |spec| {
        spec.text("version");
        spec.needed_text("id")
    });
    let mut one = |name: &str| match fields.texts(name).as_deref() {
        Some([id]) => (*id).to_owned(),
        Some(_) => {
            fields.problem(name, "must name exactly one connection");
            String::new()
        }
        None => {
            if fields.get(name).is_none() {
                fields.problem(name, "is missing");
            }
            String::new()
        }
    };
    let (source, target) = (one("sourceConnectionIds"), one("targetConnectionIds"));
    fields.state();
    Shape { name, flow_spec: flow_spec.unwrap_or("").to_owned(), source, target }
}

fn is_spec_of(connector: &dyn Connector, flow_spec: &str) -> bool {
    flow_spec == GENERIC_FLOW_SPEC_ID || flow_spec == connector.catalog().flow_spec_id
}

pub(super) fn kind_of(connector: &dyn Connector) -> FlowKind {
    match connector.catalog().delivery {
        DeliveryKind::Batch => FlowKind::Batch,
        DeliveryKind::Streaming => FlowKind::Streaming,
    }
}

/// Activated segments as they are saved.
pub(super) struct Segments {
    problems: Vec<Problem>,
    /// Name of each activated segment, by its id.
    pub(super) names: HashMap<String, String>,
}

pub(super) async fn check_segments(reader: &mut Reader, sandbox: &str, activation: &Activation) -> ApiResult<Segments> {
    let ids: Vec<String> = activation.segments.iter().map(|segment| segment.id.clone()).collect();
    let known = reader.get_many::<Segment>(sandbox, &ids).await?;
    let names: HashMap<String, String> =
        known.iter().map(|segment| (segment.id.clone(), segment.name.clone())).collect();
    let problems = activation
        .segments
        .iter()
        .filter(|segment| !names.contains_key(&segment.id))
        .map(|segment| Problem::new(format!("{}/id", segment.pointer), "names no segment of this sandbox"))
        .collect();
    Ok(Segments { problems, names })
}

/// What file names depend on besides the segment.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    /// Whether there are files at all.
    pub(super) kind: FlowKind,
    /// The target's.
    pub(super) params: &'a Value,
    pub(super) sandbox: &'a str,
    pub(super) is_encrypted: bool,
    pub(super) name: &'a str,
    pub(super) id: Option<&'a str>,
}

/// Whether the target's account has a key that files are encrypted with.
pub(super) async fn is_encrypted(reader: &mut Reader, sandbox: &str, target: &Value) -> ApiResult<bool> {
    let account = reader.find::<Connection>(sandbox, text_at(target, "/baseConnectionId")).await?;
    Ok(account.is_some_and(|account| has_key(account.body.get("encryption"))))
}

/// Whether an account's `encryption` holds a key.
pub(crate) fn has_key(encryption: Option<&Value>) -> bool {
    !matches!(given_key(encryption), Ok(None))
}

/// File names that come out too long, or hold a macro that has no value here.
pub(super) fn check_names(
    api: &Api,
    named: &Named<'_>,
    activation: &Activation,
    segments: &HashMap<String, String>,
) -> Vec<Problem> {
    let Named { kind, params, sandbox, is_encrypted, name, id } = *named;
    if kind == FlowKind::Streaming {
        return Vec::new();
    }
    let Some(options) = file_options(params) else {
        return vec![Problem::new("/targetConnectionIds", "names a target whose file options are wrong")];
    };
    let names = FlowNames {
        destination_name: name,
        // Every id is as long as this one.
        flow_id: id.unwrap_or("00000000-0000-4000-8000-000000000000"),
        flow_name: name,
        organization_name: Some(&api.settings.organization),
        sandbox_name: sandbox,
    };
    let segment_name = |id: &str| segments.get(id).cloned();
    let outer = outer_extensions(options.compression_extension(), is_encrypted);
    let problems = activation.check_names(&names, &segment_name, options.extension(), outer.as_deref());
    problems.into_iter().map(Problem::from).collect()
}

/// Paths that lead nowhere, as far as profiles are known. Data may come later, so that is no reason to refuse a flow of files.
/// Messages hold lists and objects as they are.
pub(super) fn check_paths(schema: Option<&Schema>, named: &Named<'_>, activation: &Activation) -> Vec<Problem> {
    let options = file_options(named.params).filter(|_| named.kind == FlowKind::Batch);
    let is_text = options.is_some_and(|options| matches!(options.file_type, FileType::Csv(_)));
    let problems = schema.map(|schema| activation.check_paths(schema, is_text)).unwrap_or_default();
    problems.into_iter().map(Problem::from).collect()
}

/// The places of attributes that a flow to a stream may not name where profiles lack them, for one of them stops all its
/// messages: those that it did not name before, once everything that is attached is read.
async fn refused_paths(
    api: &Api,
    reader: &mut Reader,
    sandbox: &str,
    before: Option<&Document>,
    activation: &Activation,
) -> ApiResult<Vec<String>> {
    if !crate::datasets::is_all_read(reader, sandbox).await? {
        return Ok(Vec::new());
    }
    let before = before.and_then(|flow| api.runner.activation_of(flow, FlowKind::Streaming));
    let is_new = |path: &FieldPath| !before.iter().any(|before| before.mapping.iter().any(|row| row.path == *path));
    let new = activation.mapping.iter().filter(|row| is_new(&row.path));
    Ok(new.map(|row| format!("{}/path", row.pointer)).collect())
}

/// What the files of a target are.
fn file_options(params: &Value) -> Option<FileOptions> {
    FileOptions::parse(params.as_object()?, "/params").ok()
}

async fn check_number(api: &Api, reader: &mut Reader, sandbox: &str, id: Option<&str>) -> ApiResult<Option<Problem>> {
    let flows = reader.count::<Flow>(Scope::Sandbox(sandbox), &ListQuery::default()).await?;
    let flows = usize::try_from(flows.documents).unwrap_or(usize::MAX).saturating_add(usize::from(id.is_none()));
    Ok(api.settings.guardrails.check_flows(flows).map(Problem::from))
}

/// The connections of a flow with their kinds, as filters and lists use them.
pub(super) fn inherited(source: &Document, target_id: &str, target_body: &Value) -> Value {
    let of = |id: &str, body: &Value| {
        let mut inherited = Map::new();
        inherited.insert("id".into(), json!(id));
        inherited.insert("connectionSpec".into(), body.get("connectionSpec").cloned().unwrap_or_default());
        if let Some(base) = body.pointer("/inheritedAttributes/baseConnection") {
            inherited.insert("baseConnection".into(), base.clone());
        }
        Value::Object(inherited)
    };
    json!({
        "properties": {"isDestinationFlow": true},
        "sourceConnections": [of(&source.id, &source.body)],
        "targetConnections": [of(target_id, target_body)],
    })
}

pub(super) fn text_at<'a>(body: &'a Value, pointer: &str) -> &'a str {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}

/// What a change may not touch: it would be another destination, whose incremental state is not this one's.
pub(super) fn check_kept(body: &Map<String, Value>, before: &Document) -> ApiResult<()> {
    let mut problems = Vec::new();
    for name in ["sourceConnectionIds", "targetConnectionIds"] {
        if body.get(name) != before.body.get(name) {
            problems.push(Problem::new(format!("/{name}"), "cannot be changed; make another flow"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(ApiError::invalid(problems)) }
}
