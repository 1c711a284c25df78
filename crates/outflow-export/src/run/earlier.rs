//! What the run before left under a static name: parts that this one does not replace.
//!
//! The manifest of the run before is read before it is replaced. It only serves advice: one that is missing, damaged or
//! may not be read says nothing, and nothing of the run before is ever removed.

use std::collections::HashSet;
use std::sync::Arc;

use outflow_model::template::PARTS_MAX;
use outflow_model::{Fault, FaultClass};

use super::{AtTarget, Run};
use crate::deliver::{DeliveredFile, read_manifest};

/// So many names are told; more would drown other advice.
const NAMES_TOLD_MAX: usize = 10;

/// The parts that the manifest `name` lists, where this run will replace it. Only names that this plan could give its own
/// parts: whoever can write to the target can write anything into a manifest.
pub(super) fn listed(run: &Run<'_>, name: &str) -> Result<Vec<String>, Fault> {
    if run.plan.names.dated {
        return Ok(Vec::new());
    }
    let source = AtTarget(Arc::clone(&run.session));
    match run.runtime.block_on(run.progress.unless_cancelled(read_manifest(&source, name))) {
        Ok(manifest) => {
            let own: HashSet<String> = (1..=PARTS_MAX).map(|part| run.plan.names.parts.file_name(part)).collect();
            Ok(manifest.files.into_iter().map(|file| file.name).filter(|name| own.contains(name)).collect())
        }
        Err(fault) if fault.class == FaultClass::Interrupted => Err(fault),
        Err(fault) => {
            tracing::debug!(class = %fault.class, "there is no manifest of a run before");
            Ok(Vec::new())
        }
    }
}

/// Which of the parts `before` this run did not write although they are still there.
pub(super) fn advice(run: &Run<'_>, before: &[String], written: &[DeliveredFile]) -> Option<String> {
    let mut left = Vec::new();
    for name in before.iter().filter(|name| written.iter().all(|file| file.name != **name)) {
        // A target that does not say whether a file is there may still have it.
        if left.len() >= NAMES_TOLD_MAX || !matches!(run.runtime.block_on(run.session.stat(name)), Ok(None)) {
            left.push(name.as_str());
        }
    }
    let more = left.len().saturating_sub(NAMES_TOLD_MAX);
    left.truncate(NAMES_TOLD_MAX);
    let (is, it) = if left.len() + more == 1 { ("is", "it is") } else { ("are", "they are") };
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!left.is_empty()).then(|| {
        format!(
            "{}{more} of the run before {is} still there, which had more files under this name; {it} in no manifest any \
             more, so remove what readers should not take for this run's",
            left.join(", ")
        )
    })
}
