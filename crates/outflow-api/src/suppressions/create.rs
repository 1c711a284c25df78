//! `POST /suppressions`.

use std::collections::BTreeSet;

use axum::Json as Answer;
use axum::extract::State;
use outflow_model::json::Node;
use outflow_model::problem::Findings;
use outflow_store::{Dataset, ListQuery, NewSuppression, Reader, Scope, SuppressionKey};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{REASON_CHARS_MAX, check, hashed, read_list};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::error::{ApiResult, Problem, printable};
use crate::identity::IdentityBody;
use crate::operation::Operation;

/// Pages of datasets that are asked for their namespaces.
const DATASET_PAGES_MAX: usize = 10;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// Who is to be in no export. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "NewSuppressions", example = json!({
    "identities": [{"namespace": "Email", "id": "ada@example.org"}], "reason": "Objected on 2026-11-25"
}))]
struct NewSuppressions {
    /// What identifies them: any identity of a profile leaves the whole profile out. At most 10,000.
    identities: Vec<IdentityBody>,
    /// Why, for people: at most 255 characters, and nothing that identifies anybody.
    reason: Option<String>,
}

/// What adding answers.
#[derive(Serialize, ToSchema)]
#[schema(title = "SuppressionsAdded", example = json!({"added": 1, "known": 0}))]
struct Added {
    /// How many were not in the list.
    added: u64,
    /// How many were.
    known: u64,
    /// Namespaces that no dataset has, by place: likely a slip, and nobody is left out by those.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    warnings: Vec<Problem>,
}

/// Keep people out of all exports
///
/// From the next export on, in files and in messages, whatever segments and consent say. To a stream that was told of them
/// an exit is sent, without attributes. Of each identity only a hash is kept.
#[utoipa::path(
    post,
    path = "/data/core/ups/suppressions",
    tag = "suppressions",
    request_body = NewSuppressions,
    responses((status = 200, description = "They are in the list, which has at most 1,000,000.", body = Added))
)]
async fn create(State(api): State<Api>, caller: Caller, JsonObject(body): JsonObject) -> ApiResult<Answer<Added>> {
    let body = Value::Object(body);
    let root = Node::at(&body, "");
    let mut findings = Findings::default();
    root.required("identities", &mut findings);
    let identities = read_list(&root, "identities", &mut findings, hashed);
    let reason = reason(&root, &mut findings);
    check(findings)?;
    let warnings = {
        let mut reader = api.store.read().await?;
        warnings(&mut reader, &caller.sandbox, &root, &identities).await?
    };
    let new: Vec<NewSuppression> = identities
        .into_iter()
        .map(|(namespace, key)| NewSuppression { key, namespace, reason: reason.clone() })
        .collect();
    let mut tx = api.begin(&caller).await?;
    let added = tx.suppress(&caller.sandbox, &new).await?;
    tx.commit().await?;
    api.runner.wake();
    Ok(Answer(Added { added, known: (new.len() as u64).saturating_sub(added), warnings }))
}

fn reason(root: &Node<'_>, findings: &mut Findings) -> String {
    let Some(member) = root.member("reason") else { return String::new() };
    let reason = member.text(findings).unwrap_or_default();
    if reason.chars().count() > REASON_CHARS_MAX {
        findings.add(&member.pointer, format!("has more than {REASON_CHARS_MAX} characters"));
    }
    if reason.chars().any(char::is_control) {
        findings.add(&member.pointer, "holds control characters");
    }
    reason.to_owned()
}

/// Namespaces of the request that no dataset declares.
async fn warnings(
    reader: &mut Reader,
    sandbox: &str,
    root: &Node<'_>,
    identities: &[(String, SuppressionKey)],
) -> ApiResult<Vec<Problem>> {
    let mut missing: BTreeSet<&str> = identities.iter().map(|(namespace, _)| namespace.as_str()).collect();
    let mut query = ListQuery { limit: 100, ..ListQuery::default() };
    for _ in 0..DATASET_PAGES_MAX {
        let page = reader.list::<Dataset>(Scope::Sandbox(sandbox), &query).await?;
        for dataset in &page.items {
            let declared = dataset.body.get("identities").and_then(Value::as_array).into_iter().flatten();
            declared.filter_map(|identity| identity.get("namespace")?.as_str()).for_each(|namespace| {
                missing.remove(namespace);
            });
        }
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    let items = root.member("identities").and_then(|list| list.value.as_array()).into_iter().flatten().enumerate();
    let namespaces = items.filter_map(|(index, item)| Some((index, item.get("namespace")?.as_str()?)));
    // One place of each is enough to say so.
    let odd = namespaces.filter(|(_, namespace)| missing.remove(namespace));
    let told = |namespace: &str| {
        let namespace = printable(namespace);
        format!("{namespace} is no namespace that a dataset declares; names are compared as they are written")
    };
    let problem = |(index, of): (usize, &str)| Problem::new(format!("/identities/{index}/namespace"), told(of));
    Ok(odd.map(problem).collect())
}
