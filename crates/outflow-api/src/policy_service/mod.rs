//! What the nouns of the Policy Service (`/data/foundation/dulepolicy`) have in common: addresses, how objects are shown,
//! lists, and which labels and marketing actions there are.
//!
//! Core objects come with the product and are the same in every sandbox; custom ones are documents of a sandbox. A sandbox
//! has at most [`OBJECTS_MAX`] of a kind: every judgement of a flow looks at all of them, and so does a list.

mod base;
mod known;
mod page;
mod policies;
mod shown;

use std::sync::Arc;

use axum::Json as Answer;
use outflow_model::problem::Problems;
use outflow_store::{Document, ListQuery, NewDocument, Noun, Reader, Scope, Tx};
use serde_json::{Map, Value};

use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::{ApiError, ApiResult, Problem};
use crate::etag::IfMatch;
use crate::page::Parameters;

pub(crate) use base::Base;
pub(crate) use known::{Known, unknown_actions};
pub(crate) use page::{Listing, PageInfo, PageLinks, PolicyListParameters};
pub(crate) use policies::{ENABLED_ID, Policies, show_custom as show_policy};
pub(crate) use shown::{Custom, SelfLinks, core, custom, own_members};

/// The most custom objects of one kind in a sandbox.
pub(crate) const OBJECTS_MAX: u64 = 1_000;

/// All documents of a kind in a sandbox, the oldest first.
///
/// # Errors
/// As of the store.
pub(crate) async fn all<N: Noun>(reader: &mut Reader, sandbox: &str) -> ApiResult<Vec<Arc<Document>>> {
    Ok(reader.all::<N>(Scope::Sandbox(sandbox), Vec::new()).await?)
}

/// A page of a sandbox's custom objects of a kind, of the list at `path`; `show` says how answers show one.
///
/// # Errors
/// 400 with the parameter that is wrong; as of the store.
pub(crate) async fn list<N: Noun>(
    api: &Api,
    caller: &Caller,
    parameters: &Parameters,
    (base, path): (&Base, &str),
    show: impl Fn(&Document) -> Value,
) -> ApiResult<Answer<Value>> {
    let listing = Listing::read(parameters)?;
    let documents = all::<N>(&mut api.store.read().await?, &caller.sandbox).await?;
    let items = documents.iter().map(|document| show(document)).collect();
    Ok(Answer(listing.page(items, parameters, base, path)))
}

/// Makes a custom object, where the sandbox has room for one more.
///
/// # Errors
/// 409 where it has not; as of the store.
pub(crate) async fn insert<N: Noun>(
    tx: &mut Tx,
    caller: &Caller,
    id: Option<&str>,
    body: Map<String, Value>,
) -> ApiResult<Arc<Document>> {
    let there = tx.count::<N>(Scope::Sandbox(&caller.sandbox), &ListQuery::default()).await?.documents;
    if there >= OBJECTS_MAX {
        let text = format!("the sandbox has {there} objects of the kind {}, which is as many as it may have", N::TITLE);
        return Err(ApiError::conflict(text));
    }
    document::insert::<N>(tx, caller, id.map(str::to_owned), body).await
}

/// Puts a custom object at its name: made where there is none, else replaced. Says whether it was made.
///
/// # Errors
/// 412 where the condition does not hold; as of the store.
pub(crate) async fn put<N: Noun>(
    api: &Api,
    caller: &Caller,
    name: &str,
    condition: &IfMatch,
    body: &Map<String, Value>,
) -> ApiResult<(Arc<Document>, bool)> {
    document::retrying(condition, || put_once::<N>(api, caller, name, condition, body)).await
}

async fn put_once<N: Noun>(
    api: &Api,
    caller: &Caller,
    name: &str,
    condition: &IfMatch,
    body: &Map<String, Value>,
) -> ApiResult<(Arc<Document>, bool)> {
    let mut tx = api.begin(caller).await?;
    let saved = match tx.find::<N>(&caller.sandbox, name).await? {
        Some(document) => {
            condition.check(document.version)?;
            (document::update::<N>(&mut tx, caller, &document, body.clone()).await?, false)
        }
        None if *condition == IfMatch::Any => (insert::<N>(&mut tx, caller, Some(name), body.clone()).await?, true),
        None => return Err(ApiError::stale()),
    };
    tx.commit().await?;
    Ok(saved)
}

/// Puts what a sandbox, or another object of it, has one of.
///
/// # Errors
/// As of the store.
pub(crate) async fn put_only<N: Noun>(
    tx: &mut Tx,
    caller: &Caller,
    (id, name): (&str, &str),
    there: Option<&Arc<Document>>,
    body: Map<String, Value>,
) -> ApiResult<Arc<Document>> {
    let Some(document) = there else {
        let body = Value::Object(body);
        let new = NewDocument { id: Some(id.to_owned()), sandbox: &caller.sandbox, name, body, by: &caller.client };
        return Ok(tx.insert::<N>(new).await?);
    };
    if document.body.as_object() == Some(&body) {
        return Ok(Arc::clone(document));
    }
    let change = outflow_store::Change { name: Some(name), body: Value::Object(body), by: &caller.client };
    let expected = outflow_store::Expected::Version(document.version);
    Ok(tx.update::<N>(&caller.sandbox, id, expected, change).await?)
}

/// The refusal of a body, with every problem.
pub(crate) fn invalid(problems: Problems) -> ApiError {
    ApiError::invalid(problems.0.into_iter().map(Problem::from).collect())
}

/// Goes on where there is no problem.
///
/// # Errors
/// 400 with all of them.
pub(crate) fn none(problems: Vec<outflow_model::problem::Problem>) -> ApiResult<()> {
    if problems.is_empty() { Ok(()) } else { Err(invalid(Problems(problems))) }
}

#[cfg(test)]
mod tests;
