//! Publishing: one request makes the object visible, another looks whether it is what was sent.

use std::sync::atomic::Ordering;

use outflow_connector_kit::{Evidence, Fault, FaultClass, NameRule, ObjectStat, PartRequest, Receipt, StagedPart};

use super::client::Client;
use super::errors::Failure;
use super::multipart::{self, composite_etag};
use super::object::{self, ObjectMeta, Proof};
use super::reader;
use super::stage::Staged;
use crate::aws::encode::hex;

/// What is published, apart from its content.
struct Wanted<'a> {
    key: &'a str,
    request: &'a PartRequest,
    bytes: u64,
    sha256: [u8; 32],
    /// The entity tag that the object will have where tags are MD5.
    etag: Option<String>,
}

/// Whether an object holds what is to be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Equal(Evidence),
    Different,
}

/// Makes `part` visible under `key` and verifies it. A fault leaves no upload.
pub(super) async fn publish(client: &Client, key: &str, url: String, part: StagedPart) -> Result<Receipt, Fault> {
    let StagedPart { request, bytes, sha256, state } = part;
    let staged =
        state.downcast::<Staged>().map_err(|_| Fault::internal("this part was staged by another connector"))?;
    let etag = match &*staged {
        Staged::Held { payload, .. } => Some(hex(&payload.md5().await)),
        Staged::Uploaded { parts, .. } => composite_etag(parts),
    };
    let wanted = Wanted { key, request: &request, bytes, sha256, etag };
    let receipt =
        |evidence, adopted| Receipt { name: request.name.clone(), url: url.clone(), bytes, evidence, adopted };
    let outcome = match adopt(client, &wanted).await {
        Ok(Some(evidence)) => Ok(receipt(evidence, true)),
        Ok(None) => {
            return commit(client, &wanted, *staged).await.map(|(evidence, adopted)| receipt(evidence, adopted));
        }
        Err(fault) => Err(fault),
    };
    if let Staged::Uploaded { upload, .. } = *staged {
        keep_first(&outcome, upload.abort().await)?;
    }
    outcome
}

/// A failure to clean up must not hide the fault that led there; the journal still knows the upload.
fn keep_first<T>(outcome: &Result<T, Fault>, cleanup: Result<(), Fault>) -> Result<(), Fault> {
    match (outcome, cleanup) {
        (Err(_), Err(fault)) => {
            tracing::warn!(%fault, "an upload remains until the next sweep");
            Ok(())
        }
        (_, cleanup) => cleanup,
    }
}

/// Looks at what is there already. `Some` when it holds the same bytes, a fault when the name must be new and is taken.
async fn adopt(client: &Client, wanted: &Wanted<'_>) -> Result<Option<Evidence>, Fault> {
    let there = match object::head(client, wanted.key).await {
        Ok(Some(there)) => there,
        Ok(None) => return Ok(None),
        // Without s3:ListBucket a missing object is "denied": the write itself will tell.
        Err(failure) if failure.status == 403 => return Ok(None),
        Err(failure) => return Err(failure.into()),
    };
    match (compare(client, wanted, &there).await, wanted.request.name_rule) {
        (Ok(Held::Equal(evidence)), _) => Ok(Some(evidence)),
        (Ok(Held::Different), NameRule::MustBeNew) => Err(taken(client, wanted)),
        (_, NameRule::Replace) => Ok(None),
        (Err(fault), NameRule::MustBeNew) => Err(fault),
    }
}

/// Compares an object with what is to be published: by length, then by entity tag, then by its whole content.
async fn compare(client: &Client, wanted: &Wanted<'_>, there: &ObjectStat) -> Result<Held, Fault> {
    if there.bytes != wanted.bytes {
        return Ok(Held::Different);
    }
    if wanted.etag.as_deref() == Some(there.version.as_str()) {
        return Ok(Held::Equal(Evidence::ETag));
    }
    let single = |etag: &str| !etag.contains('-');
    let md5_etags = client.learned().md5_etags.load(Ordering::Relaxed);
    if md5_etags && wanted.etag.as_deref().is_some_and(single) && single(&there.version) {
        return Ok(Held::Different);
    }
    let (bytes, sha256) = reader::hash(client, wanted.key).await?;
    let equal = bytes == wanted.bytes && sha256 == wanted.sha256;
    Ok(if equal { Held::Equal(Evidence::ReadBack) } else { Held::Different })
}

fn taken(client: &Client, wanted: &Wanted<'_>) -> Fault {
    let place = client.address.place(wanted.key);
    Fault::new(FaultClass::Refused, format!("name taken: {place} exists with other content"))
        .tried(format!("PUT {place} at {}, only if new", client.address.endpoint()))
        .hint("Nothing was overwritten. Remove or rename the object, or use a name that is not taken.")
}

/// Makes the content visible and says how it was verified, and whether it was there already.
async fn commit(client: &Client, wanted: &Wanted<'_>, staged: Staged) -> Result<(Evidence, bool), Fault> {
    let must_be_new = wanted.request.name_rule == NameRule::MustBeNew;
    match staged {
        Staged::Held { payload, _memory } => {
            let meta = ObjectMeta { content_type: &wanted.request.content_type, run_id: &wanted.request.run_id };
            let sent = object::put(client, wanted.key, &meta, &payload, wanted.sha256, must_be_new).await;
            match sent {
                Ok(stored) => Ok((verify(client, wanted, stored.proof).await?, false)),
                Err(failure) => resolve(client, wanted, failure).await,
            }
        }
        Staged::Uploaded { upload, parts } => {
            let proof = parts.iter().map(|part| part.stored.proof).min().unwrap_or(Proof::None);
            match multipart::complete(client, wanted.key, upload.id(), &parts, must_be_new).await {
                Ok(()) => {
                    upload.completed().await;
                    Ok((verify(client, wanted, proof).await?, false))
                }
                Err(failure) => {
                    let outcome = resolve(client, wanted, failure).await;
                    // Once completed, an upload is gone and giving it up does nothing.
                    keep_first(&outcome, upload.abort().await)?;
                    outcome
                }
            }
        }
    }
}

/// Decides after a failure: what is visible counts, not which answer arrived.
async fn resolve(client: &Client, wanted: &Wanted<'_>, failure: Failure) -> Result<(Evidence, bool), Fault> {
    let (condition, gone) = (failure.is_condition(), failure.is_gone());
    if !condition && !gone && !failure.unsure {
        return Err(failure.into());
    }
    // An upload that is gone may be so because another writer of the name was first: S3 gives it up then.
    let is_taken = condition || (gone && wanted.request.name_rule == NameRule::MustBeNew);
    let there = match object::head(client, wanted.key).await {
        Ok(Some(there)) => there,
        Ok(None) => return Err(failure.into()),
        Err(_) if !condition => return Err(failure.into()),
        Err(cannot_look) => return Err(cannot_look.into()),
    };
    match compare(client, wanted, &there).await {
        Ok(Held::Equal(evidence)) => Ok((evidence, !failure.unsure)),
        Ok(Held::Different) if is_taken => Err(taken(client, wanted)),
        Err(fault) if condition => Err(fault),
        _ => Err(failure.into()),
    }
}

/// Reads the length back, and the content where the store proved nothing.
async fn verify(client: &Client, wanted: &Wanted<'_>, proof: Proof) -> Result<Evidence, Fault> {
    let place = client.address.place(wanted.key);
    let differs = |what: String| {
        Fault::new(FaultClass::Verification, what)
            .tried(format!("HEAD {place} at {}", client.address.endpoint()))
            .hint("Do not use this object. Run again; if it repeats, ask whoever runs the store.")
    };
    let Some(there) = object::head(client, wanted.key).await? else {
        return Err(differs(format!("{place} is not there after it was written")));
    };
    if there.bytes != wanted.bytes {
        return Err(differs(format!("{place} has {} bytes at the store, {} were sent", there.bytes, wanted.bytes)));
    }
    match proof {
        Proof::Crc32 => Ok(Evidence::Checksum),
        Proof::Md5 => Ok(Evidence::ETag),
        Proof::None => match reader::hash(client, wanted.key).await? {
            (bytes, sha256) if bytes == wanted.bytes && sha256 == wanted.sha256 => Ok(Evidence::ReadBack),
            _ => Err(differs(format!("{place} has other content at the store than was sent"))),
        },
    }
}
