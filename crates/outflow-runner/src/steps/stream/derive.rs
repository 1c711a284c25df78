//! The next derivation of a stream: chosen, made in a folder of its own, and named.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use outflow_export::messages::{
    Derivation, Derived, MessageShape, Resend, SegmentTimes, SegmentTold, ToldState, Triggers, derive as compare,
};
use outflow_model::{Fault, FaultClass, FieldPath};
use outflow_profiles::Work;
use outflow_profiles::membership::{Evaluation, Exclusion, ExclusionRule, ProfileKeys, permit};
use outflow_store::{Artifact, Document, FencedTx, Flow, Job};

use super::decision::{Asked, Making};
use super::fold::set_bytes_max;
use super::ground::Ground;
use super::next::{Next, What};
use super::{Round, decision, windows};
use crate::context::Inner;
use crate::governance::{Allowed, Withholding};
use crate::live::Watch;
use crate::steps::refresh::with_work;
use crate::steps::{blocking, permit as permit_step};
use crate::streams::{Folders, Open, Redelivered, Sent, StreamState, Told, keys_of};

/// Where a derivation is made, and as what.
struct Taken {
    folder: u64,
    sequence: u64,
    run: windows::RunRef,
    /// The state before, as it is for this far end.
    state: StreamState,
    /// What allows it, and withholds profiles from it.
    allowed: Allowed,
}

/// Makes the next derivation.
pub(super) async fn derive(
    inner: &Arc<Inner>,
    job: &Job,
    watch: &Arc<Watch>,
    ground: &Ground,
    next: Next,
) -> Result<Round, Fault> {
    let Some(evaluation) = evaluation(inner, job, ground, &next).await? else { return Ok(Round::Again) };
    let Some(taken) = take(inner, job, ground, &next).await? else { return Ok(Round::Again) };
    let Some(withholding) = Withholding::of(inner, &job.sandbox, &taken.allowed).await? else {
        return Ok(Round::Again);
    };
    watch.enter("deriving");
    let turn = inner.turn_to_derive().await?;
    let told = taken.state.told.as_ref();
    let told_over = folder_of(inner, job, told.map(|told| &told.evaluation_id)).await?;
    let told_permitted = folder_of(inner, job, told.and_then(|told| told.permitted.as_ref())).await?;
    let event_ids = match next.request.as_ref().map(|request| &request.what) {
        Some(What::Refused { event_ids, until }) => Some((event_ids.clone(), *until)),
        _ => None,
    };
    let everybody = matches!(next.request.as_ref().map(|request| &request.what), Some(What::Everybody(_)));
    let task = Task {
        inner: Arc::clone(inner),
        watch: Arc::clone(watch),
        sandbox: job.sandbox.clone(),
        flow: job.subject.clone(),
        name: ground.flow.name.clone(),
        folders: ground.folders.clone(),
        mapping: ground.activation.mapping.iter().map(|row| row.path.clone()).collect(),
        segments: segments_told(ground),
        triggers: triggers(ground),
        evaluation,
        withholding,
        told_over,
        told_permitted,
        everybody: everybody || (taken.state.again && next.run.is_some()) || ground.is_elsewhere(&taken.state),
        refused: event_ids,
        taken,
    };
    let made = blocking(move || task.make()).await?;
    drop(turn);
    watch.check()?;
    match made {
        Made::Set(made) => name(inner, job, ground, &next, *made).await,
        Made::Unfit(fault) => {
            if !leave_out(inner, job, &next).await? {
                return Err(fault);
            }
            let fault = outflow_model::fault::chain(&fault);
            tracing::warn!(flow = %job.subject, evaluation = %next.evaluation_id, %fault, "an evaluation is left out: its profiles lack what is mapped");
            Ok(Round::Again)
        }
    }
}

/// Leaves an evaluation out whose profiles lack what the flow maps, where a newer one waits that may have it. False where
/// none does.
async fn leave_out(inner: &Inner, job: &Job, next: &Next) -> Result<bool, Fault> {
    let mut is_left_out = false;
    StreamState::change(&inner.store, job, |state| {
        let place = state.waiting.iter().position(|waiting| waiting.id == next.evaluation_id);
        if let Some(place) = place.filter(|_| state.waiting.len() > 1) {
            state.waiting.remove(place);
            state.left_out += 1;
            is_left_out = true;
        }
    })
    .await?;
    Ok(is_left_out)
}

/// The evaluation; `None` where it does not tell of all segments of the flow, which was changed, and is taken off the list.
/// A segment that was changed while it was evaluated is one that it does not tell of.
async fn evaluation(inner: &Inner, job: &Job, ground: &Ground, next: &Next) -> Result<Option<Evaluation>, Fault> {
    let mut reader = inner.store.read().await?;
    let mut row = reader.artifact(Artifact::Evaluation, &job.sandbox, &next.evaluation_id).await?;
    for segment in &ground.segments {
        let counts = reader.segment_counts_of(&segment.id, &next.evaluation_id).await?;
        row = row.filter(|_| counts.is_some());
    }
    drop(reader);
    let loaded = match row {
        Some(row) => blocking(move || Ok(Evaluation::load(row.path.as_ref()).ok())).await?,
        None => None,
    };
    let of_all = |evaluation: &Evaluation| ground.segments.iter().all(|of| evaluation.counts(&of.id).is_some());
    if let Some(evaluation) = loaded.filter(of_all) {
        return Ok(Some(evaluation));
    }
    StreamState::change(&inner.store, job, |state| {
        state.waiting.retain(|waiting| waiting.id != next.evaluation_id);
        // The newest that they have in common counts, or is made, at the next look.
        (state.newest, state.taken) = (None, None);
    })
    .await?;
    tracing::info!(flow = %job.subject, evaluation = %next.evaluation_id, "an evaluation is gone, or not of all of the flow's segments; it is left out");
    Ok(None)
}

/// Takes a folder and the run that the messages will name, unless they may not leave. A window whose hour is over ends.
async fn take(inner: &Inner, job: &Job, ground: &Ground, next: &Next) -> Result<Option<Taken>, Fault> {
    let now = inner.now();
    let of = |state, sequence| Asked { ground, state, evaluation: &next.evaluation_id, sequence, made: None };
    let mut before = StreamState::find(&mut inner.store.read().await?, &job.subject).await?.unwrap_or_default();
    ground.turn(&mut before);
    decision::read_ahead(inner, job, &of(&before, 0)).await?;
    let mut tx = inner.store.begin_fenced_governed(&job.lease(), &job.sandbox).await?;
    let mut state = StreamState::find(&mut tx, &job.subject).await?.unwrap_or_default();
    // It counts from the transaction that names what is made.
    let mut turned = state.clone();
    ground.turn(&mut turned);
    let sequence = state.next_sequence(now);
    let decided = decision::decide(inner, tx, job, &of(&turned, sequence)).await?;
    let Some((mut tx, allowed)) = decided else { return Ok(None) };
    state.folders += 1;
    state.enter("deriving", now);
    windows::end_over(inner, &mut tx, job, now).await?;
    let asked = next.request.as_ref().and_then(|request| match &request.what {
        What::Everybody(run) => Some(run.clone()),
        What::Refused { .. } => None,
    });
    let run = match asked.or_else(|| next.run.clone()) {
        Some(id) => windows::RunRef::Asked(id),
        None => windows::RunRef::Window(windows::current(&mut tx, job).await?),
    };
    state.put(&mut tx, &job.sandbox, &job.subject).await?;
    tx.commit().await?;
    Ok(Some(Taken { folder: state.folders, sequence, run, state: turned, allowed }))
}

/// The folder of an evaluation, where it is there.
async fn folder_of(inner: &Inner, job: &Job, evaluation: Option<&String>) -> Result<Option<PathBuf>, Fault> {
    let Some(id) = evaluation else { return Ok(None) };
    let row = inner.store.read().await?.artifact(Artifact::Evaluation, &job.sandbox, id).await?;
    Ok(row.map(|row| row.path.into()))
}

fn triggers(ground: &Ground) -> Triggers {
    let options = &ground.options;
    Triggers {
        segmentation: options.triggers.segmentation,
        attributes: options.triggers.attributes,
        identities: options.triggers.identities,
        rewrites: options.rewrites,
    }
}

fn segments_told(ground: &Ground) -> Vec<SegmentTold> {
    let options = ground.place.options;
    let told = |segment: &Arc<Document>| {
        let activated = ground.activation.segment(&segment.id);
        let times = || SegmentTimes {
            created_at_millis: segment.created_at.timestamp_millis(),
            updated_at_millis: segment.updated_at.timestamp_millis(),
            mapping_created_at_millis: activated
                .and_then(|of| of.created_at)
                .unwrap_or(ground.flow.created_at)
                .timestamp_millis(),
            mapping_updated_at_millis: activated
                .and_then(|of| of.updated_at)
                .unwrap_or(ground.flow.updated_at)
                .timestamp_millis(),
        };
        SegmentTold {
            id: segment.id.clone(),
            name: options.include_segment_names.then(|| segment.name.clone()),
            timestamps: options.include_segment_timestamps.then(times),
        }
    };
    ground.segments.iter().map(told).collect()
}

/// The part that blocks.
struct Task {
    inner: Arc<Inner>,
    watch: Arc<Watch>,
    sandbox: String,
    flow: String,
    /// The flow's name, for people.
    name: String,
    folders: Folders,
    mapping: Vec<FieldPath>,
    segments: Vec<SegmentTold>,
    triggers: Triggers,
    evaluation: Evaluation,
    withholding: Withholding,
    told_over: Option<PathBuf>,
    /// What was told over without who was withheld.
    told_permitted: Option<PathBuf>,
    everybody: bool,
    /// The letters whose profiles are told anew.
    refused: Option<(Option<BTreeSet<String>>, u64)>,
    taken: Taken,
}

/// What came of making a derivation.
enum Made {
    Set(Box<MadeSet>),
    /// The profiles lack what the flow maps.
    Unfit(Fault),
}

/// A derivation that was made and is not named yet.
struct MadeSet {
    taken: Taken,
    derived: Derived,
    redelivered: Option<Redelivered>,
    evaluation_id: String,
    /// The evaluation without who is withheld, where anybody may be.
    permitted: Option<Evaluation>,
    everybody: bool,
}

impl Task {
    fn make(self) -> Result<Made, Fault> {
        let profiles = self.evaluation.open()?;
        let shape = match MessageShape::new(&self.mapping, &profiles, self.segments.clone()) {
            Ok(shape) => shape,
            Err(fault) => return Ok(Made::Unfit(self.unfit(fault))),
        };
        drop(profiles);
        let state = &self.taken.state;
        // A target that is new was never told of anybody: nobody can leave what it does not know them to be in.
        let of_this = state.told.as_ref().map(|told| ToldState::load(&self.folders.told(told.folder)));
        let told = match of_this.transpose() {
            // Everybody is told anew in any case; only who left meanwhile is not known.
            Err(fault) if self.everybody && fault.class == FaultClass::Input => {
                self.warn(&fault, "what was told cannot be read, and everybody is told anew");
                None
            }
            told => told?,
        };
        // It only has the last values of who vanished.
        let told_over = self.told_over.as_ref().and_then(|folder| {
            let loaded = Evaluation::load(folder);
            loaded
                .inspect_err(|fault| self.warn(fault, "who is not in the data any more is told of without values"))
                .ok()
        });
        let chosen = match &self.refused {
            Some((event_ids, until)) => Some(keys_of(&self.folders, state, event_ids.as_ref(), *until)?),
            None => None,
        };
        let keys = chosen.as_ref().map(|(keys, _)| keys);
        let segments: Vec<String> = self.segments.iter().map(|segment| segment.id.clone()).collect();
        let exclusions = self.withholding.exclusions(&segments, &self.evaluation);
        let permitted = self.permit(&segments, &exclusions, told_over.as_ref())?;
        let rules: Vec<ExclusionRule> = exclusions.into_iter().map(|exclusion| exclusion.rule).collect();
        let over = (permitted.as_ref().unwrap_or(&self.evaluation), rules.as_slice());
        let derived = match self.compare(&shape, told.as_ref(), told_over.as_ref(), over, keys) {
            Err(fault) if fault.class == FaultClass::Input && told.is_some() && self.everybody => {
                self.warn(&fault, "what was told may be damaged, and everybody is told anew");
                self.compare(&shape, None, None, over, keys)?
            }
            derived => derived?,
        };
        Ok(Made::Set(Box::new(MadeSet {
            evaluation_id: self.evaluation.id.clone(),
            permitted,
            redelivered: chosen.map(|(_, redelivered)| redelivered),
            everybody: self.everybody,
            taken: self.taken,
            derived,
        })))
    }

    /// Says what to do about attributes that profiles lack.
    fn unfit(&self, fault: Fault) -> Fault {
        fault.tried(format!("make the messages of flow {}", self.name)).hint(format!(
            "have a dataset bring what is missing and evaluate the segments, or map other attributes: `outflow flows \
             activate {:?} --map …` with all that are to be sent; `outflow datasets schema` prints those there are",
            self.name
        ))
    }

    fn warn(&self, fault: &Fault, what: &str) {
        tracing::warn!(flow = %self.flow, fault = %outflow_model::fault::chain(fault), "{what}");
    }

    /// The evaluation without who is withheld; `None` where nobody can be, and nobody was.
    fn permit(
        &self,
        segments: &[String],
        exclusions: &[Exclusion],
        told_over: Option<&Evaluation>,
    ) -> Result<Option<Evaluation>, Fault> {
        let before = self.told_permitted.as_ref().and_then(|folder| {
            let loaded = Evaluation::load(folder);
            loaded
                .inspect_err(|fault| self.warn(fault, "when profiles were first permitted is not known any more"))
                .ok()
        });
        if exclusions.is_empty() && before.is_none() {
            return Ok(None);
        }
        if before.as_ref().is_some_and(|before| before.is_permitted_from(&self.evaluation, segments, exclusions)) {
            return Ok(before);
        }
        let data = self.inner.sandbox_folder(&self.sandbox)?;
        let previous = before.as_ref().or(told_over);
        let made = with_work(&self.inner, &self.watch, &data, |work| {
            permit(&self.evaluation, segments, exclusions, previous, work)
        });
        match made {
            // Only the times of those who were withheld follow from it.
            Err(fault) if fault.class == FaultClass::Input && previous.is_some() => {
                self.warn(&fault, "when profiles were first permitted is not known any more");
                let permit = |work: &Work<'_>| permit(&self.evaluation, segments, exclusions, None, work);
                with_work(&self.inner, &self.watch, &data, permit).map(Some)
            }
            made => made.map(Some),
        }
    }

    fn compare(
        &self,
        shape: &MessageShape,
        told: Option<&ToldState>,
        told_over: Option<&Evaluation>,
        (evaluation, withheld): (&Evaluation, &[ExclusionRule]),
        keys: Option<&ProfileKeys>,
    ) -> Result<Derived, Fault> {
        let Taken { folder, sequence, run, .. } = &self.taken;
        let into = self.folders.make(*folder)?;
        let resend = match keys {
            _ if self.everybody => Resend::All,
            Some(keys) => Resend::Profiles(keys),
            None => Resend::None,
        };
        let derivation = Derivation {
            flow_id: &self.flow,
            run_id: run.id(),
            sequence: *sequence,
            evaluation,
            shape,
            triggers: self.triggers,
            told,
            told_over: told_over.map(|evaluation| &evaluation.snapshot),
            withheld,
            resend,
            set_bytes_max: set_bytes_max(self.inner.settings.stream_set_bytes_max, self.taken.state.taken_back),
            into: &into,
        };
        let data = self.inner.sandbox_folder(&self.sandbox)?;
        with_work(&self.inner, &self.watch, &data, |work| compare(&derivation, work))
    }
}

/// Names what was made, unless it may not leave any more: from here on it counts.
async fn name(inner: &Inner, job: &Job, ground: &Ground, next: &Next, made: MadeSet) -> Result<Round, Fault> {
    let now = inner.now();
    let MadeSet { taken, derived, redelivered, evaluation_id, permitted, everybody } = made;
    let messages = derived.set.as_ref().map_or(0, |set| set.messages);
    let made = || Some(Making { run: taken.run.id(), messages, revision: taken.allowed.revision });
    let of = |state| Asked { ground, state, evaluation: &evaluation_id, sequence: taken.sequence, made: made() };
    decision::read_ahead(inner, job, &of(&taken.state)).await?;
    let mut tx = inner.store.begin_fenced_governed(&job.lease(), &job.sandbox).await?;
    let mut state = StreamState::find(&mut tx, &job.subject).await?.unwrap_or_default();
    ground.turn(&mut state);
    let decided = decision::decide(inner, tx, job, &of(&state)).await?;
    let Some((mut tx, allowed)) = decided else { return Ok(Round::Again) };
    // Before its requests, as whoever deletes it takes them.
    tx.lock::<Flow>(&job.sandbox, &job.subject).await?;
    let is_kept = redelivered.is_some() && derived.set.is_some();
    let Some(done) = take_off(&mut tx, job, next, redelivered.as_ref(), (&state, is_kept)).await? else {
        // Whoever asked has taken it back. What was made for it is nobody's.
        return Ok(Round::Again);
    };
    if let Some(permitted) = &permitted {
        permit_step::record(&mut tx, &job.sandbox, permitted).await?;
    }
    let permitted = permitted.map(|permitted| permitted.id);
    let withholding = taken.allowed.withholding();
    state.waiting.retain(|waiting| waiting.id != evaluation_id);
    state.incomplete = !derived.complete;
    advance(&mut state, ground, &taken, everybody);
    let who = ground.place.who.clone();
    if messages > 0 || matches!(taken.run, windows::RunRef::Asked(_)) {
        windows::begin(inner, &mut tx, ground, &taken.run, &evaluation_id, now).await?;
    }
    match derived.set {
        Some(set) => {
            state.open = Some(Open {
                folder: taken.folder,
                evaluation_id: evaluation_id.clone(),
                permitted,
                run_id: taken.run.id().to_owned(),
                messages: set.messages,
                settled: 0,
                everybody,
                redelivered,
                request: done,
                who,
                // Made by what was so then: where that is something else by now, it is decided before the first message goes.
                decision: Sent { withholding, revision: taken.allowed.revision, ..Sent::from(&allowed) },
            });
            state.enter("sending", now);
        }
        None => {
            let (folder, evaluation_id) = (taken.folder, evaluation_id.clone());
            state.told = Some(Told { folder, evaluation_id, permitted, withholding, governed: 0, who });
            if let Some(redelivered) = &redelivered {
                redelivered.settle(&mut state);
            }
            if derived.complete {
                windows::end_asked(inner, &mut tx, job, &mut state, now).await?;
            }
        }
    }
    state.put(&mut tx, &job.sandbox, &job.subject).await?;
    tx.commit().await?;
    tracing::info!(flow = %job.subject, sequence = taken.sequence, evaluation = %evaluation_id, messages, complete = derived.complete, "a stream was derived");
    Ok(Round::Again)
}

/// What is so from a derivation on, whatever it came to.
fn advance(state: &mut StreamState, ground: &Ground, taken: &Taken, everybody: bool) {
    state.sequence = taken.sequence;
    state.basis = Some(ground.basis());
    if everybody {
        state.again = false;
    }
    if everybody || state.who.is_none() {
        state.who.clone_from(&ground.place.who);
    }
    if let windows::RunRef::Asked(id) = &taken.run {
        state.run = Some(id.clone());
    }
}

/// Takes a request off the list that is done with this derivation, unless it is kept until the set of it is closed: then
/// its id is answered. `None` when it is not there any more.
async fn take_off(
    tx: &mut FencedTx,
    job: &Job,
    next: &Next,
    redelivered: Option<&Redelivered>,
    (state, is_kept): (&StreamState, bool),
) -> Result<Option<Option<String>>, Fault> {
    let Some(request) = &next.request else { return Ok(Some(None)) };
    if let (What::Refused { event_ids: None, until }, Some(redelivered)) = (&request.what, redelivered) {
        let is_left = |folder: u64| folder <= *until && !redelivered.whole.contains(&folder);
        if state.letters.iter().any(|letters| is_left(letters.folder)) {
            // More than one derivation takes: it goes on with the next.
            return Ok(Some(None));
        }
    }
    if is_kept {
        let is_there = tx.stream_requests(&job.subject).await?.iter().any(|of| of.id == request.id);
        return Ok(is_there.then(|| Some(request.id.clone())));
    }
    Ok(tx.drop_stream_request(&request.id).await?.then_some(None))
}
