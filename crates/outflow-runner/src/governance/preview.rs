//! Who would be withheld, before anything is exported.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use outflow_governance::consent::ConsentRule;
use outflow_model::{Fault, FaultClass};
use outflow_profiles::Work;
use outflow_profiles::membership::{Evaluation, WithheldPreview};
use outflow_store::Artifact;

use super::suppressed::suppressed;
use super::withholding::Withholding;
use crate::context::Inner;
use crate::steps::blocking;

/// Profiles that are looked at; of more, a random sample is.
const PROFILES_MAX: u64 = 4_194_304;

/// Looks at the suppression list that it changes during; then the preview gives way.
const LOOKS: usize = 3;

/// Ends a look that nobody waits for any more.
#[derive(Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// What the look asks now and then.
    pub fn check(&self) -> impl Fn() -> Result<(), Fault> + Send + use<> {
        let is_over = Arc::clone(&self.0);
        move || match is_over.load(Ordering::Relaxed) {
            true => Err(Fault::new(FaultClass::Interrupted, "nobody waits for the look any more")),
            false => Ok(()),
        }
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Who is withheld now, by the suppression list and by what `consent` asks of segments.
///
/// # Errors
/// `Unavailable` where the suppression list changes all the time; those of the store.
pub(super) async fn withholding_now(
    inner: &Inner,
    sandbox: &str,
    consent: BTreeMap<String, Vec<ConsentRule>>,
) -> Result<Withholding, Fault> {
    for _ in 0..LOOKS {
        let revision = inner.store.read().await?.governance(sandbox).await?.suppression_revision;
        if let Some(suppressed) = suppressed(inner, sandbox, revision).await? {
            return Ok(Withholding::new(consent, suppressed));
        }
    }
    Err(Fault::new(FaultClass::Unavailable, "the suppression list changed each time while it was read"))
}

/// How many members of a segment's latest evaluation would be withheld: by the suppression list, where anybody is on it, and
/// by each of `rules`, in their order, each by itself. `None` where the segment was not evaluated.
///
/// # Errors
/// `Input` for an evaluation that is not there or damaged; `Unavailable` where the suppression list changes all the time;
/// those of the store. A look that is given up ends soon.
pub(crate) async fn preview(
    inner: &Arc<Inner>,
    sandbox: &str,
    segment: &str,
    rules: &[ConsentRule],
) -> Result<Option<WithheldPreview>, Fault> {
    let mut reader = inner.store.read().await?;
    let Some(latest) = reader.segment_evaluation(segment).await? else { return Ok(None) };
    let row = reader.artifact(Artifact::Evaluation, sandbox, &latest.evaluation_id).await?;
    let Some(path) = row.map(|row| PathBuf::from(row.path)) else { return Ok(None) };
    drop(reader);
    let consent = BTreeMap::from([(segment.to_owned(), rules.to_vec())]);
    let withholding = withholding_now(inner, sandbox, consent).await?;
    let (folder, segment, seed) = (inner.sandbox_folder(sandbox)?, segment.to_owned(), (inner.random)());
    let stop = Stop::default();
    let check = stop.check();
    let look = move || {
        let evaluation = Evaluation::load(&path)?;
        let segments = [segment];
        let exclusions = withholding.exclusions(&segments, &evaluation);
        let progress = |_| {};
        let work = Work { threads: 1, memory_bytes: 0, folder: &folder, check: &check, progress: &progress };
        evaluation.would_withhold(&segments[0], &exclusions, PROFILES_MAX, seed, &work)
    };
    blocking(look).await.map(Some)
}
