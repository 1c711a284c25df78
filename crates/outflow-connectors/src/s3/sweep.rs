//! Sweeping: giving up the uploads of attempts that died.

use std::collections::{BTreeMap, BTreeSet};

use outflow_connector_kit::{Fault, JournalEntry, SweepReport, refuse_living};

use super::errors::Failure;
use super::multipart::{self, UPLOAD_PAGES_MAX};
use super::upload::UploadContext;

/// Intents of dead attempts by key: uploads that were begun and whose id was never recorded.
type Intents = BTreeMap<String, JournalEntry>;

/// Gives up journalled uploads by their id, and by a listing those that stand under a key of the plan.
///
/// # Errors
/// `Refused` where another run is delivering one of the keys; the faults of the journal.
pub(super) async fn sweep(context: &UploadContext, keys: &[String]) -> Result<SweepReport, Fault> {
    let target = context.client.address.journal_target();
    refuse_living(&*context.journal, &target, keys)?;
    let mut report = SweepReport::default();
    let intents = abort_journalled(context, &target, &mut report).await?;
    let wanted: BTreeSet<&str> = keys.iter().chain(intents.keys()).map(String::as_str).collect();
    if wanted.is_empty() {
        return Ok(report);
    }
    let listed = match multipart::list(&context.client, &common_prefix(&wanted)).await {
        Ok(listed) => listed,
        Err(failure) => {
            match intents.keys().next() {
                Some(key) => report.advice.push(unseen(
                    context,
                    key,
                    &failure.fault.message,
                    ", or allow s3:ListBucketMultipartUploads",
                )),
                None => tracing::debug!(fault = %failure.fault, "uploads cannot be listed, and none is missing"),
            }
            return Ok(report);
        }
    };
    // What the listing shows of a living attempt is journalled by now.
    refuse_living(&*context.journal, &target, keys)?;
    let living = context.journal.living(&target)?;
    let mut remaining = BTreeSet::new();
    for (key, id) in listed.uploads {
        if !wanted.contains(key.as_str()) || context.active().contains(&id) {
            continue;
        }
        if living.iter().any(|l| l.covers(&key, &id)) {
            remaining.insert(key);
            continue;
        }
        match multipart::abort(&context.client, &key, &id).await {
            Ok(()) => report.removed += 1,
            Err(failure) => {
                report.advice.push(cannot_abort(&key, &failure));
                remaining.insert(key);
            }
        }
    }
    if let (true, Some(key)) = (listed.more, intents.keys().next()) {
        let why = format!("there are more than {} of them", UPLOAD_PAGES_MAX * 1000);
        report.advice.push(unseen(context, key, &why, ""));
        return Ok(report);
    }
    for intent in intents.values().filter(|intent| !remaining.contains(&intent.sink_path)) {
        context.journal.end(intent)?;
    }
    Ok(report)
}

/// Gives up the uploads whose ids dead attempts journalled; answers the intents that no id followed.
async fn abort_journalled(context: &UploadContext, target: &str, report: &mut SweepReport) -> Result<Intents, Fault> {
    let mut intents = Intents::new();
    for orphan in context.journal.orphans(target)? {
        if context.active().contains(&orphan.handle) {
            continue;
        }
        if orphan.handle.is_empty() {
            intents.insert(orphan.sink_path.clone(), orphan);
            continue;
        }
        match multipart::abort(&context.client, &orphan.sink_path, &orphan.handle).await {
            Ok(()) => {
                context.journal.end(&orphan)?;
                report.removed += 1;
            }
            Err(failure) => report.advice.push(cannot_abort(&orphan.sink_path, &failure)),
        }
    }
    Ok(intents)
}

/// Housekeeping never stops a delivery: what stays is reported, and kept in the journal.
fn cannot_abort(key: &str, failure: &Failure) -> String {
    format!("An unfinished upload of {key} remains: {}. {}", failure.fault.message, failure.fault.hint)
}

/// An upload that a listing would find, and does not. `why` says what stands in the way, `or` what else would help.
fn unseen(context: &UploadContext, key: &str, why: &str, or: &str) -> String {
    let bucket = context.client.address.bucket();
    format!(
        "An upload of {key} was begun and its id never recorded, and not all uploads can be listed ({why}). Set a \
         lifecycle rule on bucket {bucket} that aborts incomplete multipart uploads after 7 days \
         (AbortIncompleteMultipartUpload, DaysAfterInitiation 7){or}."
    )
}

/// The longest text that every key begins with, so that one listing finds them all.
fn common_prefix(keys: &BTreeSet<&str>) -> String {
    let (Some(first), Some(last)) = (keys.first(), keys.last()) else { return String::new() };
    // In byte order the first and the last key differ earliest.
    first.chars().zip(last.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_listing_covers_all_keys() {
        let prefix = |keys: &[&str]| common_prefix(&keys.iter().copied().collect());
        assert_eq!(prefix(&["a/b/x_1.csv", "a/b/x_2.csv", "a/b/manifest.json"]), "a/b/");
        assert_eq!(prefix(&["a/é1", "a/è1"]), "a/");
        assert_eq!(prefix(&["only"]), "only");
        assert_eq!(prefix(&["x", "y"]), "");
    }
}
