//! Sweeping: giving up the uploads of attempts that died.

use std::collections::{BTreeMap, BTreeSet};

use outflow_connector_kit::{Fault, JournalEntry, SweepReport};

use super::errors::Failure;
use super::multipart;
use super::upload::UploadContext;

/// Gives up journalled uploads by their id, and by a listing those that stand under a key of the plan.
pub(super) async fn sweep(context: &UploadContext, keys: &[String]) -> Result<SweepReport, Fault> {
    let mut report = SweepReport::default();
    let target = context.client.address.journal_target();
    let mut intents: BTreeMap<String, JournalEntry> = BTreeMap::new();
    for orphan in context.journal.orphans(&target)? {
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
    let wanted: BTreeSet<&str> = keys.iter().chain(intents.keys()).map(String::as_str).collect();
    let mut remaining = BTreeSet::new();
    if wanted.is_empty() {
        return Ok(report);
    }
    let listed = match multipart::list(&context.client, &common_prefix(&wanted)).await {
        Ok(listed) => listed,
        Err(failure) => {
            report.advice.push(cannot_list(context, &failure, &intents));
            return Ok(report);
        }
    };
    for (key, id) in listed {
        if !wanted.contains(key.as_str()) || context.active().contains(&id) {
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
    for intent in intents.values().filter(|intent| !remaining.contains(&intent.sink_path)) {
        context.journal.end(intent)?;
    }
    Ok(report)
}

/// Housekeeping never stops a delivery: what stays is reported, and kept in the journal.
fn cannot_abort(key: &str, failure: &Failure) -> String {
    format!("An unfinished upload of {key} remains: {}. {}", failure.fault.message, failure.fault.hint)
}

fn cannot_list(context: &UploadContext, failure: &Failure, intents: &BTreeMap<String, JournalEntry>) -> String {
    let bucket = context.client.address.bucket();
    let what = match intents.keys().next() {
        Some(key) => format!("An upload of {key} was begun and its id never recorded"),
        None => "An earlier attempt may have left an upload whose id was never recorded".to_owned(),
    };
    format!(
        "{what}, and uploads cannot be listed ({}). Set a lifecycle rule on bucket {bucket} that aborts incomplete \
         multipart uploads after 7 days (AbortIncompleteMultipartUpload, DaysAfterInitiation 7), or allow \
         s3:ListBucketMultipartUploads.",
        failure.fault.message
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
