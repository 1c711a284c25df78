//! What people said of suggested labels: the bodies of `accept` and `refuse`, and what is kept of them.

use std::sync::Arc;

use outflow_governance::suggest::RefusedSuggestion;
use outflow_governance::{Label, SchemaPath};
use outflow_model::json::Node;
use outflow_model::problem::{Findings, Problem};
use outflow_model::schema::Schema;
use outflow_store::{Document, Equals, NewDocument, Reader, Scope, SuggestionDecision, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::policy_service::{invalid, none};

/// Suggestions that one request accepts or refuses.
const NAMED_MAX: usize = 1_000;
/// Decisions that are kept of one dataset.
const DECISIONS_MAX: usize = 10_000;

/// A suggestion that somebody accepts or refuses. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "NamedSuggestion", example = json!({"schemaPath": "/properties/email", "label": "I1"}))]
pub(super) struct NamedSuggestion {
    /// The field.
    #[serde(rename = "schemaPath")]
    schema_path: String,
    /// The label.
    label: String,
}

/// Suggestions that somebody accepts or refuses. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "NamedSuggestions", example = json!({"suggestions": [{"schemaPath": "/properties/email", "label": "I1"}]}))]
pub(super) struct NamedSuggestions {
    /// Which.
    suggestions: Vec<NamedSuggestion>,
}

/// Reads the body `{suggestions[{schemaPath, label}]}`.
///
/// # Errors
/// 400 with every problem.
pub(super) fn read(body: &Value) -> ApiResult<Vec<RefusedSuggestion>> {
    let mut findings = Findings::default();
    let body = Node::at(body, "");
    let list = body.required("suggestions", &mut findings);
    let items = list.and_then(|list| list.items(&mut findings)).unwrap_or_default();
    if items.len() > NAMED_MAX {
        findings.add("/suggestions", format!("names more than {NAMED_MAX}"));
    }
    let mut read = Vec::new();
    for item in items.iter().take(NAMED_MAX) {
        if let Some(named) = read_one(item, &mut findings)
            && !read.contains(&named)
        {
            read.push(named);
        }
    }
    findings.into_result(Some(read)).map(|(read, _)| read).map_err(invalid)
}

fn read_one(item: &Node<'_>, findings: &mut Findings) -> Option<RefusedSuggestion> {
    item.object(findings)?;
    let path = item.required("schemaPath", findings).and_then(|member| {
        SchemaPath::parse(member.text(findings)?).map_err(|problem| findings.add(&member.pointer, problem)).ok()
    });
    let label = item.required("label", findings).and_then(|member| {
        Label::new(member.text(findings)?).map_err(|problem| findings.add(&member.pointer, problem)).ok()
    });
    Some(RefusedSuggestion { schema_path: path?, label: label? })
}

/// Checks that the dataset has the fields.
///
/// # Errors
/// 400 with every problem.
pub(super) fn check(named: &[RefusedSuggestion], schema: &Schema) -> ApiResult<()> {
    let problem = |(number, named): (usize, &RefusedSuggestion)| {
        let field = format!("/suggestions/{number}/schemaPath");
        named.schema_path.check(schema).err().map(|problem| Problem { field, ..problem })
    };
    none(named.iter().enumerate().filter_map(problem).collect())
}

/// What somebody said of a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Decision {
    /// The field got the label.
    Accepted,
    /// It is not suggested again.
    Refused,
}

/// A decision as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    dataset_id: String,
    #[serde(flatten)]
    suggestion: RefusedSuggestion,
    decision: Decision,
}

/// The suggestions of a dataset that were refused.
pub(super) async fn refused(reader: &mut Reader, sandbox: &str, dataset_id: &str) -> ApiResult<Vec<RefusedSuggestion>> {
    let decisions = decisions(reader, sandbox, dataset_id).await?.into_iter();
    let refused = decisions.filter(|(_, kept)| kept.decision == Decision::Refused);
    Ok(refused.map(|(_, kept)| kept.suggestion).collect())
}

/// The decisions about a dataset.
async fn decisions(reader: &mut Reader, sandbox: &str, dataset_id: &str) -> ApiResult<Vec<(Arc<Document>, Kept)>> {
    let equals = vec![Equals { column: "dataset_id", any_of: vec![dataset_id.to_owned()] }];
    let documents = reader.all::<SuggestionDecision>(Scope::Sandbox(sandbox), equals).await?;
    let read = |document: Arc<Document>| {
        let unreadable = |_| ApiError::internal("a decision that was saved cannot be read");
        let kept = serde_json::from_value(document.body.clone()).map_err(unreadable)?;
        Ok((document, kept))
    };
    documents.into_iter().map(read).collect()
}

/// Keeps what `caller` said of suggestions for a dataset; of each the last word counts.
///
/// # Errors
/// 409 where too many are kept; as of the store.
pub(super) async fn decide(
    tx: &mut Tx,
    caller: &Caller,
    dataset: &Document,
    named: &[RefusedSuggestion],
    decision: Decision,
) -> ApiResult<()> {
    let there = decisions(tx, &caller.sandbox, &dataset.id).await?;
    let mut left = DECISIONS_MAX.saturating_sub(there.len());
    for suggestion in named {
        let kept = Kept { dataset_id: dataset.id.clone(), suggestion: suggestion.clone(), decision };
        let name = dataset.name.as_str();
        let body = json!(kept);
        match there.iter().find(|(_, there)| there.suggestion == *suggestion) {
            Some((_, there)) if there.decision == decision => {}
            Some((document, _)) => {
                let change = outflow_store::Change { name: Some(name), body, by: &caller.client };
                let expected = outflow_store::Expected::Version(document.version);
                tx.update::<SuggestionDecision>(&caller.sandbox, &document.id, expected, change).await?;
            }
            None if left == 0 => {
                return Err(ApiError::conflict(format!(
                    "{DECISIONS_MAX} decisions about the dataset are kept already"
                )));
            }
            None => {
                left -= 1;
                let new = NewDocument { id: None, sandbox: &caller.sandbox, name, body, by: &caller.client };
                tx.insert::<SuggestionDecision>(new).await?;
            }
        }
    }
    Ok(())
}
