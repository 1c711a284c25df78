//! The state of a stream as its row keeps it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use outflow_model::FaultClass;
use outflow_model::flow::MarketingAction;
use outflow_model::run::RunError;
use outflow_store::{FencedTx, Reader, Store, StoreError};
use serde::{Deserialize, Serialize};

use super::{Numbers, Redelivered, Told};
use crate::governance::is_same_withholding;

/// Evaluations that wait at most. Beyond that the oldest is left out: what changed with it goes with the next.
pub(crate) const WAITING_MAX: usize = 24;

/// Folders with refused messages that are kept at most; beyond that the oldest are forgotten, which the status says.
const LETTER_FOLDERS_MAX: usize = 500;

/// Refused messages that are kept at most, unless one folder alone has more.
const LETTERS_MAX: u64 = 1_000_000;

/// The state of a stream whose flow is disabled.
pub(crate) const DISABLED: &str = "disabled";

/// The state of a stream that a fault stopped.
pub(crate) const BLOCKED: &str = "blocked";

/// What a stream's worker remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct StreamState {
    /// The number of the last derivation that made messages or a told state; 0 before the first.
    pub sequence: u64,
    /// The number of the last folder that was taken.
    pub folders: u64,
    /// What the far end has been told; none before the first derivation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// What others have been told that the flow sent to before, the one that was told last at the end. The evaluations of
    /// these are not kept: whoever vanished from the data is told of without values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<Told>,
    /// Messages that are on their way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<Open>,
    /// Evaluations to be derived, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Waiting>,
    /// The time of the newest evaluation that was taken; none where only the newest there is counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken: Option<DateTime<Utc>>,
    /// The newest evaluation that was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest: Option<String>,
    /// Whether messages are due that the last set had no room for.
    pub incomplete: bool,
    /// The run of an activation that somebody asked for and that is not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// That activation begins anew: its messages were taken back before all were sent.
    pub again: bool,
    /// Who was told: the account and the target's URL. Empty where not everybody was told who was to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// What messages were last made by: mapping, segments, options.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// How often a set was taken back before its first message, because others were withheld by then as a rule, less those
    /// that were sent to their end since. The higher it is, the smaller is the next one, so that it tells of few who may be
    /// withheld meanwhile. A set that was taken back in part counts neither way.
    pub taken_back: u32,
    /// Segments of the flow that were not there at the last look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Evaluations that were left out because too many waited.
    pub left_out: u64,
    /// Where refused messages are, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub letters: Vec<LetterFolder>,
    /// Refused messages that were forgotten because too many were kept.
    pub letters_forgotten: u64,
    /// How it goes.
    pub condition: Condition,
    /// What the last try was made with; see `steps::stream::signature`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tried: String,
}

/// An open set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Open {
    /// The number of its folder, which holds the told state that follows it, too.
    pub folder: u64,
    /// The evaluation that it was derived over.
    pub evaluation_id: String,
    /// That evaluation without who is withheld, where anybody may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permitted: Option<String>,
    /// The run that its messages name.
    pub run_id: String,
    /// Messages.
    pub messages: u64,
    /// Of them, those that are settled; may lag behind.
    pub settled: u64,
    /// Whether everybody is told with it, changed or not.
    pub everybody: bool,
    /// The letters whose profiles are told anew with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redelivered: Option<Redelivered>,
    /// The request that is done with it. It is kept until then: what is taken back of the set is asked for still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Whom it is for, as [`StreamState::who`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// The last decision that it may be sent.
    pub decision: Sent,
}

/// A decision that an open set may be sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Sent {
    /// The record of the audit log.
    pub seq: i64,
    /// The revision of what governs exports that it was decided by; 0 where nothing was decided.
    pub revision: i64,
    /// What the flow was for when the set was made.
    pub actions: Vec<MarketingAction>,
    /// What withheld profiles when the set was made; see [`crate::governance::Allowed::withholding`]. Empty in a set of a
    /// release that withheld nobody.
    pub withholding: String,
    /// What withholds others by now of whom nothing is left in the set; empty where nothing does.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub harmless: String,
}

/// An evaluation to be derived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Waiting {
    /// Its id.
    pub id: String,
    /// Its time.
    pub time: DateTime<Utc>,
}

/// A folder with refused messages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct LetterFolder {
    /// Its number.
    pub folder: u64,
    /// The number of the derivation.
    pub sequence: u64,
    /// The run that they were of.
    pub run_id: String,
    /// How many there are, those that were sent again among them.
    pub count: u64,
    /// When the set was closed.
    pub at: DateTime<Utc>,
    /// The numbers of those that are none any more: their profiles were told again since.
    #[serde(skip_serializing_if = "Numbers::is_empty")]
    pub redelivered: Numbers,
}

impl LetterFolder {
    /// Letters that are still to be told.
    pub fn kept(&self) -> u64 {
        self.count.saturating_sub(self.redelivered.len())
    }
}

/// How a stream goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Condition {
    /// `idle`, `deriving`, `sending`, `throttled`, `blocked` or `disabled`; empty before the first look.
    pub state: String,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// Why it is blocked or waits, or what the target said last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<RunError>,
    /// When it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_try_at: Option<DateTime<Utc>>,
}

impl Sent {
    /// Whether the set may be sent where this withholds profiles: they are the same ones as when it was made, or nothing is
    /// left in it of the others.
    pub fn is_withheld_by(&self, withholding: &str) -> bool {
        is_same_withholding(&self.withholding, withholding) || self.harmless == withholding
    }
}

impl StreamState {
    /// Reads a row's body.
    ///
    /// # Errors
    /// `Internal` when it is none: to begin anew would send everything again.
    pub fn of(body: &serde_json::Value) -> Result<StreamState, StoreError> {
        StreamState::deserialize(body)
            .map_err(|e| StoreError::Internal(format!("a stream's state cannot be read: {e}")))
    }

    /// The state of a flow; `None` before its first look.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn find(reader: &mut Reader, flow: &str) -> Result<Option<StreamState>, StoreError> {
        reader.stream(flow).await?.map(|stream| StreamState::of(&stream.body)).transpose()
    }

    /// Remembers it. What it needs of evaluations is kept.
    ///
    /// # Errors
    /// `NotFound` when the flow is gone; those of the store.
    pub async fn put(&self, tx: &mut FencedTx, sandbox: &str, flow: &str) -> Result<(), StoreError> {
        let body = serde_json::to_value(self)
            .map_err(|e| StoreError::Internal(format!("a stream's state cannot be written: {e}")))?;
        tx.put_stream(sandbox, flow, &body, &self.evaluations()).await
    }

    /// Changes the state as it is now, under the lease of the flow's job.
    ///
    /// # Errors
    /// `LeaseLost`; `NotFound` when the flow is gone; those of the store.
    pub async fn change(
        store: &Store,
        job: &outflow_store::Job,
        change: impl FnOnce(&mut StreamState),
    ) -> Result<StreamState, StoreError> {
        let mut tx = store.begin_fenced(&job.lease()).await?;
        let mut state = StreamState::find(&mut tx, &job.subject).await?.unwrap_or_default();
        let before = state.clone();
        change(&mut state);
        if state != before {
            state.put(&mut tx, &job.sandbox, &job.subject).await?;
            tx.commit().await?;
        }
        Ok(state)
    }

    /// Evaluations whose files are needed.
    pub(super) fn evaluations(&self) -> Vec<String> {
        let told = self.told.iter().map(|told| &told.evaluation_id).filter(|id| !id.is_empty());
        let open = self.open.iter().map(|open| &open.evaluation_id);
        let waiting = self.waiting.iter().map(|waiting| &waiting.id);
        let permitted = self.told.iter().filter_map(|told| told.permitted.as_ref());
        let permitted = permitted.chain(self.open.iter().filter_map(|open| open.permitted.as_ref()));
        told.chain(open).chain(permitted).chain(waiting).cloned().collect::<BTreeSet<String>>().into_iter().collect()
    }

    /// Numbers of the folders that count.
    pub fn named(&self) -> BTreeSet<u64> {
        let told = self.told.iter().chain(&self.elsewhere).map(|told| told.folder);
        let open = self.open.iter().map(|open| open.folder);
        told.chain(open).chain(self.letters.iter().map(|letters| letters.folder)).collect()
    }

    /// Takes an evaluation that is to be derived after all that were taken. With `only_newest`, those that wait go for it.
    pub fn take(&mut self, evaluation: Waiting, only_newest: bool) {
        self.taken = self.taken.max(Some(evaluation.time));
        self.newest = Some(evaluation.id.clone());
        if only_newest {
            self.waiting.clear();
        }
        self.waiting.push(evaluation);
        if self.waiting.len() > WAITING_MAX {
            self.waiting.remove(0);
            self.left_out += 1;
        }
    }

    /// Forgets what waits: the next evaluation that is taken is the newest there is by then.
    pub fn begin_anew(&mut self) {
        self.waiting.clear();
        (self.taken, self.newest) = (None, None);
    }

    /// The number of the next derivation. The first one is the time in seconds since 1970, so that the numbers of a flow to
    /// a stream that an earlier flow sent to are above those of the earlier one.
    pub fn next_sequence(&self, now: DateTime<Utc>) -> u64 {
        match self.sequence {
            0 => u64::try_from(now.timestamp()).unwrap_or(0).max(1),
            last => last + 1,
        }
    }

    /// Refused messages that are kept.
    pub fn kept_letters(&self) -> u64 {
        self.letters.iter().map(LetterFolder::kept).sum()
    }

    /// Keeps a folder with refused messages.
    pub fn keep_letters(&mut self, letters: LetterFolder) {
        self.letters.push(letters);
        let are_many = |state: &StreamState| {
            state.letters.len() > LETTER_FOLDERS_MAX || (state.letters.len() > 1 && state.kept_letters() > LETTERS_MAX)
        };
        while are_many(self) {
            let forgotten = self.letters.remove(0);
            self.letters_forgotten += forgotten.kept();
            tracing::warn!(
                sequence = forgotten.sequence,
                letters = forgotten.kept(),
                "refused messages are forgotten: too many are kept"
            );
        }
    }

    /// Says how it goes from now on. The time is that of the last change of state.
    pub fn enter(&mut self, state: &str, now: DateTime<Utc>) {
        if self.condition.state != state {
            self.condition.since = Some(now);
        }
        state.clone_into(&mut self.condition.state);
        (self.condition.fault, self.condition.next_try_at) = (None, None);
    }

    /// Says that it sends nothing because its flow is disabled. What stopped it before stays to be seen.
    pub fn disable(&mut self, now: DateTime<Utc>) {
        let has_stopped = [BLOCKED, DISABLED].contains(&self.condition.state.as_str());
        let fault = self.condition.fault.take().filter(|_| has_stopped);
        self.enter(DISABLED, now);
        self.condition.fault = fault;
    }

    /// Says that it is stopped by a fault, or waits because the target asks for it.
    pub fn block(&mut self, fault: RunError, next_try_at: DateTime<Utc>, now: DateTime<Utc>) {
        self.enter(if fault.class == FaultClass::Throttled { "throttled" } else { BLOCKED }, now);
        (self.condition.fault, self.condition.next_try_at) = (Some(fault), Some(next_try_at));
    }
}

#[cfg(test)]
mod tests {
    use outflow_testkit::clock::fixed_now;

    use super::*;

    fn waiting(n: usize) -> Waiting {
        Waiting { id: format!("e{n}"), time: fixed_now() }
    }

    #[test]
    fn too_many_that_wait_leave_the_oldest_out() {
        let mut state = StreamState::default();
        (0..WAITING_MAX + 2).for_each(|n| state.take(waiting(n), false));
        assert_eq!((state.waiting.len(), state.waiting[0].id.as_str(), state.left_out), (WAITING_MAX, "e2", 2));
        state.take(waiting(99), true);
        assert_eq!((state.waiting.len(), state.newest.as_deref()), (1, Some("e99")));
        // What was taken before one that is older does not come again.
        let older = Waiting { time: fixed_now() - chrono::TimeDelta::hours(1), ..waiting(100) };
        state.take(older, false);
        assert_eq!((state.taken, state.newest.as_deref()), (Some(fixed_now()), Some("e100")));
    }

    #[test]
    fn what_counts_is_kept() {
        let mut state = StreamState {
            told: Some(Told { folder: 1, evaluation_id: "a".into(), ..Told::default() }),
            open: Some(Open { folder: 3, evaluation_id: "b".into(), ..Open::default() }),
            waiting: vec![waiting(0)],
            ..StreamState::default()
        };
        state.keep_letters(LetterFolder { folder: 2, ..LetterFolder::default() });
        assert_eq!(state.evaluations(), ["a", "b", "e0"]);
        assert_eq!(state.named().into_iter().collect::<Vec<_>>(), [1, 2, 3]);
        let body = serde_json::to_value(&state).unwrap();
        assert_eq!(StreamState::of(&body).unwrap(), state);
        assert!(StreamState::of(&serde_json::json!({"sequence": "x"})).is_err());
    }

    #[test]
    fn what_an_earlier_release_left_withholds_nobody() {
        let (nobody, somebody) = ("[0,{}]", "[1,{}]");
        let (open, told) = (Sent::default(), Told::default());
        assert!(open.is_withheld_by(nobody) && told.is_withheld_by(nobody));
        assert!(!open.is_withheld_by(somebody) && !told.is_withheld_by(somebody));
        let harmless = Sent { harmless: somebody.into(), ..Sent::default() };
        assert!(harmless.is_withheld_by(somebody) && harmless.is_withheld_by(nobody));
        assert!(!harmless.is_withheld_by(r#"[2,{}]"#));
        let nobody = Told { withholding: nobody.into(), ..Told::default() };
        assert!(!nobody.is_withheld_by(somebody) && !nobody.is_withheld_by(""));
    }

    #[test]
    fn too_many_letters_are_forgotten_and_counted() {
        let mut state = StreamState::default();
        let folder = |folder, count| LetterFolder { folder, count, ..LetterFolder::default() };
        state.keep_letters(folder(1, 2 * LETTERS_MAX));
        assert_eq!((state.letters.len(), state.letters_forgotten), (1, 0));
        state.keep_letters(folder(2, LETTERS_MAX - 1));
        state.keep_letters(folder(3, 1));
        assert_eq!((state.kept_letters(), state.letters_forgotten), (LETTERS_MAX, 2 * LETTERS_MAX));
        state.letters[0].redelivered.insert(7);
        (0..LETTER_FOLDERS_MAX as u64).for_each(|number| state.keep_letters(folder(4 + number, 0)));
        assert_eq!((state.letters.len(), state.letters_forgotten), (LETTER_FOLDERS_MAX, 3 * LETTERS_MAX - 1));
    }

    #[test]
    fn a_flow_that_is_made_anew_goes_on_above_the_one_before() {
        let (now, later) = (fixed_now(), fixed_now() + chrono::TimeDelta::hours(1));
        let mut first = StreamState::default();
        for number in 0..100 {
            first.sequence = first.next_sequence(later);
            assert_eq!(
                first.sequence,
                later.timestamp() as u64 + number,
                "the clock says where it begins, and no more"
            );
        }
        assert_eq!(StreamState { sequence: 7, ..StreamState::default() }.next_sequence(now), 8);
        let anew = StreamState::default().next_sequence(later + chrono::TimeDelta::minutes(2));
        assert!(anew > first.sequence && anew < 1 << 53, "{anew}");
    }

    #[test]
    fn a_state_lasts_from_its_first_time() {
        let (first, later) = (fixed_now(), fixed_now() + chrono::TimeDelta::minutes(1));
        let mut state = StreamState::default();
        let fault = RunError::from(&outflow_model::Fault::input("x"));
        state.block(fault.clone(), later, first);
        state.block(fault, later, later);
        assert_eq!((state.condition.since, state.condition.next_try_at), (Some(first), Some(later)));
        state.disable(later);
        assert_eq!((state.condition.since, state.condition.next_try_at), (Some(later), None));
        assert!(state.condition.fault.is_some(), "what stopped it can still be seen");
        state.enter("idle", later);
        assert_eq!((state.condition.since, &state.condition.fault), (Some(later), &None));
    }

    #[test]
    fn a_target_that_asks_to_go_slower_does_not_block() {
        let now = fixed_now();
        for (class, told) in [(FaultClass::Throttled, "throttled"), (FaultClass::Unavailable, "blocked")] {
            let mut state = StreamState::default();
            state.block(RunError::from(&outflow_model::Fault::new(class, "x")), now, now);
            assert_eq!((state.condition.state.as_str(), state.condition.fault.unwrap().class), (told, class));
        }
    }
}
