//! What all objects of the store have in common: how they are shown, listed, changed and removed.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use http::StatusCode;
use outflow_model::property::Filters;
use outflow_store::{
    AuditEvent, Change, Conflict, Count, Document, Expected, NewDocument, Noun, Order, Reader, Reference, Scope,
    StoreError, Tx,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::context::Api;
use crate::error::{ApiError, ApiResult, Problem, TOKEN_INVALID, printable};
use crate::etag::{IfMatch, etag};
use crate::page::{ListQuery, Page, Start};
use crate::patch::Patch;

/// How often a change with `If-Match: *` is tried again when others change the object at the same time.
const UNCONDITIONAL_TRIES: u32 = 5;

/// Members that the server sets; what a body or patch says of them is not kept.
pub(crate) const SERVER_MEMBERS: [&str; 13] = [
    "id",
    "createdAt",
    "updatedAt",
    "createdBy",
    "updatedBy",
    "createdClient",
    "updatedClient",
    "sandboxId",
    "sandboxName",
    "imsOrgId",
    "version",
    "etag",
    "pausedFlows",
];

/// What creating and changing answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Created", example = json!({"id": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d", "etag": "\"1\""}))]
pub(crate) struct Created {
    /// The object's id.
    pub(crate) id: String,
    /// Its version, in quotes, as `If-Match` takes it.
    pub(crate) etag: String,
}

impl From<&Document> for Created {
    fn from(document: &Document) -> Created {
        Created { id: document.id.clone(), etag: etag(document.version) }
    }
}

/// Members that every object has beside its own. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Common")]
pub(crate) struct Common {
    /// The object's id.
    id: String,
    /// When it was made, in milliseconds since 1970.
    #[serde(rename = "createdAt")]
    created_at: i64,
    /// When it was last changed, in milliseconds since 1970.
    #[serde(rename = "updatedAt")]
    updated_at: i64,
    /// The client that made it.
    #[serde(rename = "createdBy")]
    created_by: String,
    /// The client that changed it last.
    #[serde(rename = "updatedBy")]
    updated_by: String,
    /// The sandbox it is in.
    #[serde(rename = "sandboxName")]
    sandbox_name: String,
    /// The organisation, as the server is set up.
    #[serde(rename = "imsOrgId")]
    ims_org_id: String,
    /// The same as `etag`.
    version: String,
    /// Its version, in quotes, as `If-Match` takes it.
    etag: String,
}

/// Milliseconds since 1970.
pub(crate) fn millis(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis()
}

/// An object as answers show it: what the server sets, then the body.
pub(crate) fn shown(api: &Api, document: &Document) -> Map<String, Value> {
    let tag = etag(document.version);
    let mut shown = Map::new();
    let mut set = |name: &str, value: Value| {
        shown.insert(name.to_owned(), value);
    };
    set("id", json!(document.id));
    set("createdAt", json!(millis(document.created_at)));
    set("updatedAt", json!(millis(document.updated_at)));
    set("createdBy", json!(document.created_by));
    set("updatedBy", json!(document.updated_by));
    set("createdClient", json!(document.created_by));
    set("updatedClient", json!(document.updated_by));
    set("sandboxId", json!(document.sandbox));
    set("sandboxName", json!(document.sandbox));
    set("imsOrgId", json!(api.settings.organization));
    set("version", json!(tag));
    set("etag", json!(tag));
    // What stands beside the body, such as how far a refresh is, and then the body.
    for members in [&document.details, &document.body].into_iter().filter_map(Value::as_object) {
        shown.extend(
            members
                .iter()
                .filter(|(name, _)| !is_server_member(name))
                .map(|(name, value)| (name.clone(), value.clone())),
        );
    }
    shown
}

/// Whether the server sets the member.
pub(crate) fn is_server_member(name: &str) -> bool {
    SERVER_MEMBERS.contains(&name)
}

/// One object as a list of one, which is how a GET by id answers.
pub(crate) fn one(item: Value) -> Value {
    Value::Object(Map::from_iter([("items".to_owned(), Value::Array(vec![item]))]))
}

/// A body without the members that the server sets.
pub(crate) fn own_members(mut body: Map<String, Value>) -> Map<String, Value> {
    body.retain(|name, _| !is_server_member(name));
    body
}

/// The name of a body that was checked to have one.
pub(crate) fn name_of(body: &Map<String, Value>) -> &str {
    body.get("name").and_then(Value::as_str).unwrap_or("")
}

/// Inserts a new object in a transaction.
pub(crate) async fn insert<N: Noun>(
    tx: &mut Tx,
    caller: &Caller,
    id: Option<String>,
    body: Map<String, Value>,
) -> ApiResult<Arc<Document>> {
    tx.act_as(&caller.client);
    let name = name_of(&body).to_owned();
    let new = NewDocument { id, sandbox: &caller.sandbox, name: &name, body: Value::Object(body), by: &caller.client };
    Ok(tx.insert::<N>(new).await?)
}

/// Objects of a page, before they are shown.
#[derive(Default)]
pub(crate) struct Documents {
    /// The objects.
    pub(crate) documents: Vec<Arc<Document>>,
    /// The store's position of the next page.
    pub(crate) next: Option<String>,
    /// All that match, where it was asked for.
    pub(crate) total: Option<Count>,
}

/// How an object is shown to filters and in answers.
pub(crate) type Show<'a> = &'a (dyn Fn(&Document) -> Value + Send + Sync);

/// A page of objects. Filters see what `show` shows.
pub(crate) async fn documents<N: Noun>(
    reader: &mut Reader,
    sandbox: &str,
    query: &ListQuery,
    filters: &Filters,
    show: Show<'_>,
) -> ApiResult<Documents> {
    let matches = matcher(show, filters, in_body_or_beside);
    let store_query = outflow_store::ListQuery {
        filters: Some(filters),
        matches: Some(&matches),
        limit: query.limit as usize,
        after: query.position.clone(),
        order: order(query.order.as_deref())?,
        ..outflow_store::ListQuery::default()
    };
    let (page, total) = match query.count {
        true => {
            reader.list_counted::<N>(Scope::Sandbox(sandbox), &store_query).await.map(|(page, n)| (page, Some(n)))?
        }
        false => (reader.list::<N>(Scope::Sandbox(sandbox), &store_query).await?, None),
    };
    Ok(Documents { documents: page.items, next: page.next, total })
}

/// A page of a list whose pages are counted.
pub(crate) struct CountedPage {
    /// The objects.
    pub(crate) documents: Vec<Arc<Document>>,
    /// The `start` of the next page.
    pub(crate) next: Option<String>,
    /// All that match.
    pub(crate) total: Count,
}

/// The page of `query` that begins at `start`.
pub(crate) async fn counted<N: Noun>(
    reader: &mut Reader,
    sandbox: &str,
    start: &Start,
    query: outflow_store::ListQuery<'_>,
) -> ApiResult<CountedPage> {
    // Nobody has so many, and the databases count in 63 bits.
    let query = outflow_store::ListQuery { skip: start.skip.min(1 << 40), after: start.position.clone(), ..query };
    let found = reader.list_counted::<N>(Scope::Sandbox(sandbox), &query).await;
    let (found, total) = found.map_err(|error| match error {
        StoreError::Invalid(_) if start.position.is_some() => crate::page::invalid("start", "is not one of this list"),
        error => error.into(),
    })?;
    Ok(CountedPage { next: start.after(&found, total), documents: found.items, total })
}

/// How filters are checked: on the members that they ask for where `stored` has them all, without a copy, and else on what
/// `show` shows.
pub(crate) fn matcher<'a>(
    show: Show<'a>,
    filters: &'a Filters,
    stored: impl for<'d> Fn(&'d Document, &str) -> Option<&'d Value> + Send + Sync + 'a,
) -> impl Fn(&Document) -> bool + Send + Sync + 'a {
    let root = |path: &'a str| path.split(['.', '[']).next().unwrap_or(path);
    let roots: BTreeSet<&str> = filters.0.iter().map(|filter| root(filter.path())).collect();
    let is_of_server = roots.iter().any(|name| is_server_member(name));
    move |document| {
        let is_stored = !is_of_server && roots.iter().all(|name| stored(document, name).is_some());
        match is_stored {
            true => filters.matches_members(|name| stored(document, name)),
            false => filters.matches(&show(document)),
        }
    }
}

/// A member of an object's body.
pub(crate) fn in_body<'d>(document: &'d Document, name: &str) -> Option<&'d Value> {
    document.body.get(name)
}

/// A member of an object's body, or of what stands beside it.
fn in_body_or_beside<'d>(document: &'d Document, name: &str) -> Option<&'d Value> {
    in_body(document, name).or_else(|| document.details.get(name))
}

/// The same, shown.
pub(crate) async fn list<N: Noun>(api: &Api, sandbox: &str, query: &ListQuery, show: Show<'_>) -> ApiResult<Page> {
    let filters = filters(query)?;
    let mut reader = api.store.read().await?;
    let found = documents::<N>(&mut reader, sandbox, query, &filters, show).await?;
    let items = found.documents.iter().map(|document| show(document)).collect();
    Ok(Page { items, next: found.next, total: found.total })
}

/// The filters of a list.
pub(crate) fn filters(query: &ListQuery) -> ApiResult<Filters> {
    Filters::parse(&query.filters).map_err(|problems| {
        let problems = problems.0.into_iter().map(|problem| Problem::new("property", problem.message));
        ApiError::invalid(problems.collect())
    })
}

/// The order that `orderby` names.
pub(crate) fn order(text: Option<&str>) -> ApiResult<Order> {
    let Some(text) = text else { return Ok(Order::default()) };
    let (is_descending, name) = match text.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, text),
    };
    match (name, is_descending) {
        ("createdAt" | "creationTime", true) => Ok(Order::CreatedDesc),
        ("createdAt" | "creationTime", false) => Ok(Order::CreatedAsc),
        ("updatedAt" | "updateTime", true) => Ok(Order::UpdatedDesc),
        ("updatedAt" | "updateTime", false) => Ok(Order::UpdatedAsc),
        ("name", true) => Ok(Order::NameDesc),
        ("name", false) => Ok(Order::NameAsc),
        _ => Err(crate::page::invalid(
            "orderby",
            "must be createdAt, updatedAt or name, with - before it for the other direction",
        )),
    }
}

/// The body that a patch makes of an object's, without what the server sets and what stands beside it.
///
/// # Errors
/// What [`Patch::apply`] says.
pub(crate) fn patched(api: &Api, document: &Document, patch: &Patch) -> ApiResult<Map<String, Value>> {
    // Clients test and patch what they were shown, so the patch sees that.
    match patch.apply(&Value::Object(shown(api, document)))? {
        Value::Object(body) => Ok(without_details(own_members(body), document)),
        _ => Err(ApiError::bad_request("the result is not a JSON object")),
    }
}

/// A body without what is shown beside the object's.
pub(crate) fn without_details(mut body: Map<String, Value>, document: &Document) -> Map<String, Value> {
    let is_beside = |name: &&String| document.body.get(name.as_str()).is_none();
    for name in document.details.as_object().into_iter().flat_map(Map::keys).filter(is_beside) {
        body.remove(name);
    }
    body
}

/// Removes an object that others may need, under the condition of the request, and tells the runner.
///
/// # Errors
/// 404, 412, and 409 while others need it.
pub(crate) async fn remove<N: Noun>(api: &Api, caller: &Caller, id: &str, condition: &IfMatch) -> ApiResult<()> {
    let mut tx = api.begin(caller).await?;
    delete::<N>(&mut tx, caller, id, condition).await?;
    tx.commit().await?;
    api.runner.wake();
    Ok(())
}

/// The same in a transaction.
///
/// # Errors
/// As [`remove`].
pub(crate) async fn delete<N: Noun>(tx: &mut Tx, caller: &Caller, id: &str, condition: &IfMatch) -> ApiResult<()> {
    tx.act_as(&caller.client);
    let expected = match condition {
        IfMatch::Any => Expected::Any,
        IfMatch::Tags(_) => {
            let version = tx.get::<N>(&caller.sandbox, id).await?.version;
            condition.check(version)?;
            Expected::Version(version)
        }
    };
    Ok(tx.delete::<N>(&caller.sandbox, id, expected).await?)
}

/// Writes a changed body over the version that it was made from, or answers the object as it is where nothing changes.
pub(crate) async fn update<N: Noun>(
    tx: &mut Tx,
    caller: &Caller,
    document: &Arc<Document>,
    body: Map<String, Value>,
) -> ApiResult<Arc<Document>> {
    if document.body.as_object() == Some(&body) {
        return Ok(Arc::clone(document));
    }
    tx.act_as(&caller.client);
    let name = name_of(&body).to_owned();
    let change = Change { name: Some(&name), body: Value::Object(body), by: &caller.client };
    Ok(tx.update::<N>(&caller.sandbox, &document.id, Expected::Version(document.version), change).await?)
}

/// Records that the secrets of an object were changed, where nothing else was: its body, which has masks in their places,
/// does not tell.
pub(crate) async fn record_secrets(
    tx: &mut Tx,
    caller: &Caller,
    noun: &str,
    before: &Document,
    after: &Document,
) -> ApiResult<()> {
    if (&before.name, &before.body) != (&after.name, &after.body) {
        return Ok(());
    }
    tx.act_as(&caller.client);
    let (object_id, object_name) = (after.id.as_str(), after.name.as_str());
    let event = AuditEvent { action: "updated", noun, object_id, object_name, detail: json!({"changed": "secrets"}) };
    tx.audit(&caller.sandbox, event).await?;
    Ok(())
}

/// Tries `change` until nobody else was faster, where the caller does not mind which version is changed.
pub(crate) async fn retrying<T, F>(condition: &IfMatch, mut change: impl FnMut() -> F) -> ApiResult<T>
where
    F: Future<Output = ApiResult<T>>,
{
    let mut tries = 1;
    loop {
        match change().await {
            Err(error) if error.is_stale() && *condition == IfMatch::Any && tries < UNCONDITIONAL_TRIES => tries += 1,
            answer => return answer,
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> ApiError {
        match error {
            StoreError::NotFound { noun, id } => ApiError::not_found(noun, &id),
            StoreError::Stale { .. } => ApiError::stale(),
            StoreError::LeaseLost { .. } => ApiError::conflict("somebody else does this at the moment"),
            StoreError::Conflict(conflict) => conflict.into(),
            StoreError::Invalid(problems) => ApiError::invalid(problems.0.into_iter().map(Problem::from).collect()),
            StoreError::Denied => {
                let text = "the client is unknown or its secret is wrong";
                ApiError::access(StatusCode::UNAUTHORIZED, TOKEN_INVALID, text)
            }
            error @ StoreError::Busy(_) => ApiError::busy(error.to_string()),
            StoreError::Unavailable(text) => ApiError::unavailable("the database does not answer at the moment", text),
            error => ApiError::internal(error.to_string()),
        }
    }
}

impl From<Conflict> for ApiError {
    fn from(conflict: Conflict) -> ApiError {
        match conflict {
            Conflict::NameTaken { noun, name } => {
                ApiError::conflict(format!("there is a {noun} named {} already", printable(&name)))
            }
            Conflict::InUse { noun, id, by } => in_use(noun, &id, &by),
            Conflict::LiveRun { segment_id, .. } => {
                ApiError::conflict(format!("a run of segment {segment_id} in this flow is going on"))
            }
            Conflict::Exists { noun, id } => ApiError::conflict(format!("there is a {noun} {id} already")),
        }
    }
}

impl From<outflow_model::problem::Problem> for Problem {
    fn from(problem: outflow_model::problem::Problem) -> Problem {
        let near = problem.near.first().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let place = match (problem.line, problem.column) {
            (Some(line), Some(column)) => format!("line {line}, column {column}: "),
            _ => String::new(),
        };
        Problem::new(problem.field, format!("{place}{}{near}", problem.message))
    }
}

/// The refusal to remove what others refer to, naming them.
fn in_use(noun: &str, id: &str, by: &[Reference]) -> ApiError {
    let names: Vec<String> = by.iter().map(|user| format!("{} {} ({})", user.noun, user.name, user.id)).collect();
    let users: Vec<Value> =
        by.iter().map(|user| json!({"noun": user.noun, "id": user.id, "name": user.name})).collect();
    ApiError::conflict(format!("the {noun} {id} is used by {}", names.join(", ")))
        .hint("Remove those first.")
        .with("usedBy", Value::Array(users))
}
