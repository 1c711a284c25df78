//! Tables of profile records, read where they lie: `/data/foundation/datasets`.

mod create;
mod delete;
mod get;
mod inspect;
mod list;
mod patch;
mod preview;
mod refresh;
mod schema;
mod shown;
mod tree;
mod union;

use std::path::PathBuf;

use outflow_model::dataset::{DatasetDefinition, DatasetSource};
use outflow_model::schema::Schema;
use outflow_model::{Fault, FaultClass};
use outflow_profiles::dataset::{DatasetSpec, IdentitySpec};
use outflow_profiles::scan::Profiles;
use outflow_profiles::snapshot::Snapshot;
use outflow_profiles::source::{PinnedSources, SourceFormat};
use outflow_runner::pin_source;
use outflow_store::{Document, Reader};
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;

use crate::context::Api;
use crate::document;
use crate::error::{ApiError, ApiResult, Problem};
use crate::operation::Operation;

pub(crate) use preview::{ROWS_MAX, first_records};
pub(crate) use schema::known_schema;
use shown::{Dataset, Datasets, Refreshing};
pub(crate) use tree::tree;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        list::operation(),
        create::operation(),
        inspect::operation(),
        get::operation(),
        patch::operation(),
        delete::operation(),
        schema::operation(),
        preview::operation(),
        refresh::operation(),
        union::operation(),
    ]
}

/// Members that the server shows beside a dataset's own; what a body says of them is not kept.
const SHOWN_BESIDE: [&str; 2] = ["refresh", "counts"];

/// Bytes of text files up to which their types are found while a client waits: they must be read whole.
const TEXT_BYTES_MAX: u64 = 64 << 20;

/// A dataset as answers show it.
fn show(api: &Api, document: &Document) -> Value {
    Value::Object(document::shown(api, document))
}

/// The fields of a sandbox's merged profiles; none before the first refresh.
pub(crate) async fn union_schema(reader: &mut Reader, sandbox: &str) -> ApiResult<Option<Schema>> {
    Ok(snapshot(reader, sandbox).await?.map(|snapshot| snapshot.schema))
}

/// Whether a sandbox's merged profiles are of everything that is attached: nothing is still to be read or merged.
pub(crate) async fn is_all_read(reader: &mut Reader, sandbox: &str) -> ApiResult<bool> {
    let Some(snapshot) = reader.current_snapshot(sandbox).await? else { return Ok(false) };
    let mut merged = Vec::new();
    for (dataset, version) in reader.current_versions(sandbox).await? {
        let state = dataset.details.pointer("/refresh/state").and_then(Value::as_str);
        match version {
            Some(version) if !matches!(state, Some("queued" | "processing")) => merged.push(version.id),
            _ => return Ok(false),
        }
    }
    Ok(snapshot.body.get("versions") == Some(&json!(merged)))
}

/// A sandbox's merged profiles; none before the first refresh.
pub(crate) async fn snapshot(reader: &mut Reader, sandbox: &str) -> ApiResult<Option<Snapshot>> {
    let Some(row) = reader.current_snapshot(sandbox).await? else { return Ok(None) };
    let path = PathBuf::from(row.path);
    Ok(Some(blocking(move || Snapshot::load(&path)).await?))
}

/// Does what blocks where nobody else waits for it.
pub(crate) async fn blocking<T, F>(work: F) -> ApiResult<T>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Fault> + Send + 'static,
{
    let done = tokio::task::spawn_blocking(work).await;
    // What a panic says may quote a value.
    Ok(done.map_err(|_| ApiError::internal("a blocking task panicked"))??)
}

/// One of the few that may look into files at a time.
pub(crate) struct Turn {
    _permit: OwnedSemaphorePermit,
}

/// Waits for a turn to look into files, as long as a probe may take.
///
/// # Errors
/// 503 where others take longer than that.
pub(crate) async fn turn(api: &Api) -> ApiResult<Turn> {
    match tokio::time::timeout(api.probe_timeout(), api.looks().acquire_owned()).await {
        Ok(Ok(permit)) => Ok(Turn { _permit: permit }),
        Ok(Err(_)) => Err(ApiError::internal("nobody may look into files any more")),
        Err(_) => Err(ApiError::busy("the server looks into other files, and those do not answer; try again later")),
    }
}

/// Looks into the files of a dataset, as far as that takes a bounded time. None where they are more text than is read
/// while a client waits.
///
/// # Errors
/// As of [`look_at`].
async fn look<T, F>(api: &Api, turn: Turn, source: &DatasetSource, work: F) -> ApiResult<Option<T>>
where
    T: Send + 'static,
    F: FnOnce(&Profiles) -> Result<T, Fault> + Send + 'static,
{
    let looked = look_at(api, turn, source, move |pinned| {
        let text_bytes: u64 =
            pinned.files().filter(|file| file.format != SourceFormat::Parquet).map(|file| file.bytes).sum();
        if text_bytes > TEXT_BYTES_MAX {
            return Ok(None);
        }
        work(&Profiles::open(pinned)?).map(Some)
    });
    looked.await
}

/// Lists the files of a dataset, and does something with the list.
///
/// # Errors
/// `Unavailable` after the time of a probe; else what listing the files or `work` says.
async fn look_at<T, F>(api: &Api, turn: Turn, source: &DatasetSource, work: F) -> ApiResult<T>
where
    T: Send + 'static,
    F: FnOnce(PinnedSources) -> Result<T, Fault> + Send + 'static,
{
    let (source, here, wait) = (source.clone(), Api::clone(api), api.probe_timeout());
    let looked = blocking(move || {
        // Held as long as the thread works, even where nobody waits for it any more.
        let _turn = turn;
        work(pin_source(&source, &here.storages)?)
    });
    tokio::time::timeout(wait, looked).await.unwrap_or_else(|_| {
        let text = format!("the files could not be looked at within {} seconds", wait.as_secs());
        let fault = Fault::new(FaultClass::Unavailable, text);
        Err(fault.hint("check that the place they are in answers, then try again").into())
    })
}

/// What looking into files says, as the request's fault: what the far end does is none of the server's, and nothing is
/// attached.
fn about_urls(error: ApiError) -> ApiError {
    match error.log_text().is_none() {
        true => error.with_status(http::StatusCode::BAD_REQUEST).about("/source/urls"),
        false => error,
    }
}

/// The same for a dataset that was never refreshed.
///
/// # Errors
/// 409 where its files are too large to look into, or do not answer; else what looking into them says.
async fn look_before_refresh<T, F>(api: &Api, source: &DatasetSource, work: F) -> ApiResult<T>
where
    T: Send + 'static,
    F: FnOnce(&Profiles) -> Result<T, Fault> + Send + 'static,
{
    let unavailable = |error: ApiError| match error.is_unavailable() {
        true => error.with_status(http::StatusCode::CONFLICT),
        false => error,
    };
    look(api, turn(api).await?, source, work).await.map_err(unavailable)?.ok_or_else(|| {
        let text = format!(
            "the dataset is not refreshed yet, and its files hold more than the {} MiB of text that are read while a \
             client waits",
            TEXT_BYTES_MAX >> 20
        );
        ApiError::conflict(text).hint("Wait for its refresh, which `refresh` of the dataset tells of.")
    })
}

/// Checks a definition against what its files hold, as far as that takes a bounded time: what is left out here, the
/// refresh finds.
///
/// # Errors
/// 400 with every problem.
async fn check_files(api: &Api, definition: &DatasetDefinition) -> ApiResult<()> {
    let opened = look(api, turn(api).await?, &definition.source, |profiles| Ok(profiles.schema().clone())).await;
    let Some(schema) = opened.map_err(about_urls)? else { return Ok(()) };
    let problems = spec_of(definition).check(&schema).err().unwrap_or_default();
    if problems.is_empty() {
        return Ok(());
    }
    let pointer = |member: &str| format!("/{}", member.replace('[', "/").replace(']', "").replace('.', "/"));
    let problems = problems.into_iter().map(|problem| Problem::new(pointer(&problem.member), problem.message));
    Err(ApiError::invalid(problems.collect()))
}

/// A definition as the reading of profiles takes it.
fn spec_of(definition: &DatasetDefinition) -> DatasetSpec {
    let identity = |identity: &outflow_model::dataset::DatasetIdentity| IdentitySpec {
        path: identity.path.clone(),
        namespace: identity.namespace.clone(),
        primary: identity.primary,
    };
    DatasetSpec {
        name: definition.name.clone(),
        identities: definition.identities.iter().map(identity).collect(),
        timestamp: definition.timestamp.clone(),
    }
}

/// Reads a dataset's body.
fn read(body: &serde_json::Map<String, Value>) -> ApiResult<DatasetDefinition> {
    DatasetDefinition::parse(&Value::Object(body.clone()))
        .map_err(|problems| ApiError::invalid(problems.0.into_iter().map(Problem::from).collect()))
}
