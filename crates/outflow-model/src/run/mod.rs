//! A run: one export of one segment of a flow, for one slot, and what became of it. Of a streaming flow: the messages of
//! one hour, or those that somebody asked for; such a run has no segment.
//!
//! ```text
//!  queued ──> processing ──> success
//!    │  ^         │ ├──────> failed ────┐
//!    │  └─────────┘ └──────> cancelled ─┤ tried again on demand
//!    └─> cancelled, failed              v
//!                                     queued
//! ```
//!
//! `processing` goes back to `queued` when its worker hands it back or the next attempt has to wait. A run that is queued
//! or processing is **live**; a flow has at most one live run of a segment, a streaming flow one of each kind.

mod metrics;
mod window;

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fault::{Fault, FaultClass, chain};

pub use metrics::{
    Activity, DurationSummary, EntitySummary, FileSummary, InfoEntry, RecordSummary, RunFacts, RunMetrics, SizeSummary,
    StatusSummary, Summary,
};
pub use window::{WindowCounts, WindowFacts};

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// It waits for a worker.
    #[default]
    Queued,
    /// A worker is at it.
    Processing,
    /// Its files are whole at the far end, and its counts balance.
    Success,
    /// It gave up; its error says why and what to do.
    Failed,
    /// Somebody stopped it, or what it was for went away; its reason says why.
    Cancelled,
}

impl RunState {
    /// All of them.
    pub const ALL: [RunState; 5] =
        [RunState::Queued, RunState::Processing, RunState::Success, RunState::Failed, RunState::Cancelled];

    /// The text in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            RunState::Queued => "queued",
            RunState::Processing => "processing",
            RunState::Success => "success",
            RunState::Failed => "failed",
            RunState::Cancelled => "cancelled",
        }
    }

    /// Whether it waits or is being carried out.
    pub fn is_live(self) -> bool {
        matches!(self, RunState::Queued | RunState::Processing)
    }

    /// Whether it has ended. A failed or cancelled run may be queued again, by somebody.
    pub fn is_final(self) -> bool {
        !self.is_live()
    }

    /// The state after this one.
    ///
    /// # Errors
    /// [`IllegalTransition`] when a run does not go from here to `next`.
    pub fn become_(self, next: RunState) -> Result<RunState, IllegalTransition> {
        use RunState::{Cancelled, Failed, Processing, Queued, Success};
        let is_legal = match self {
            Queued => matches!(next, Processing | Failed | Cancelled),
            Processing => matches!(next, Queued | Success | Failed | Cancelled),
            Failed | Cancelled => next == Queued,
            Success => false,
        };
        if is_legal { Ok(next) } else { Err(IllegalTransition { from: self, to: next }) }
    }
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A step that runs do not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a run that is {from} cannot become {to}")]
pub struct IllegalTransition {
    /// Where it stands.
    pub from: RunState,
    /// Where it cannot go.
    pub to: RunState,
}

impl From<IllegalTransition> for Fault {
    fn from(error: IllegalTransition) -> Fault {
        Fault::internal(error.to_string())
    }
}

/// Why there is a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RunKind {
    /// A slot of the schedule came.
    Scheduled,
    /// The segment was evaluated.
    AfterEvaluation,
    /// Somebody asked for an extra full export; schedule and incremental state stay as they are.
    Adhoc,
    /// Somebody asked for what the schedule would do next; of a streaming flow, for everybody's state.
    Now,
    /// The messages of one hour of a streaming flow.
    Window,
}

impl RunKind {
    /// The text in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            RunKind::Scheduled => "scheduled",
            RunKind::AfterEvaluation => "afterEvaluation",
            RunKind::Adhoc => "adhoc",
            RunKind::Now => "now",
            RunKind::Window => "window",
        }
    }
}

/// Who is in the files of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RunMode {
    /// Everybody in the segment.
    Full,
    /// Those whose membership changed since the last delivery.
    Incremental,
}

/// A delivered file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunFile {
    /// Where it is, in the form of the target's URL.
    pub url: String,
    /// Its name below the target.
    pub name: String,
    /// Rows, the header not counted.
    pub rows: u64,
    /// Length in bytes as delivered.
    pub bytes: u64,
    /// SHA-256 of the bytes as delivered, in hexadecimal.
    pub sha256: String,
}

/// Why a run or an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunError {
    /// Whose move is next.
    pub class: FaultClass,
    /// What came back.
    pub message: String,
    /// What was tried and where. May be empty.
    #[serde(default)]
    pub tried: String,
    /// What to do next. May be empty.
    #[serde(default)]
    pub hint: String,
}

impl RunError {
    /// The code under which metrics list it, for example `OUTFLOW-CREDENTIALS`.
    pub fn code(&self) -> String {
        format!("OUTFLOW-{}", self.class.to_string().to_ascii_uppercase())
    }
}

impl From<&Fault> for RunError {
    fn from(fault: &Fault) -> RunError {
        RunError { class: fault.class, message: chain(fault), tried: fault.tried.clone(), hint: fault.hint.clone() }
    }
}

/// One attempt at a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunAttempt {
    /// Counted from 1.
    pub number: u32,
    /// Which worker.
    pub worker: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
}

/// Somebody's wish that a run stops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CancelRequest {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// The body of a run, as it is stored and shown. What the store adds to every body (creation, etag, sandbox) is not here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunBody {
    /// The run's id.
    pub id: String,
    /// The flow.
    pub flow_id: String,
    /// The flow's name when the run was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_name: Option<String>,
    /// The segment; empty in a run of a streaming flow, which is of all its segments.
    #[serde(default)]
    pub segment_id: String,
    /// The segment's name when the run was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment_name: Option<String>,
    /// Why there is this run.
    pub kind: RunKind,
    /// Where it stands; change it with [`enter`](Self::enter), so that the metrics agree.
    pub state: RunState,
    /// Who is in its files; known once it is planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<RunMode>,
    /// The time it is for: its slot, the end of the evaluation, the begin of its hour, or when somebody asked. The clock of names and rules.
    pub slot: DateTime<Utc>,
    /// Missed slots that it stands for, beside its own.
    #[serde(default)]
    pub coalesced: u64,
    /// The evaluation it exports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation_id: Option<String>,
    /// The evaluation that was delivered before, since which an incremental run exports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_evaluation_id: Option<String>,
    /// Who asked for it, where somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
    /// When the first attempt began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<DateTime<Utc>>,
    /// When the next attempt begins, where one waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Somebody's wish that it stops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_request: Option<CancelRequest>,
    /// Why it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is worth knowing about a run: what it left for readers to see to, whether it went well or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<String>,
    /// What became of the messages of a streaming flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<WindowCounts>,
    /// Counts, sizes, times.
    #[serde(default)]
    pub metrics: RunMetrics,
    /// The same by part of the work.
    #[serde(default)]
    pub activities: Vec<Activity>,
    /// The delivered files in part order, without the manifest.
    #[serde(default)]
    pub files: Vec<RunFile>,
    /// Where the manifest is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
    /// The attempts, oldest first.
    #[serde(default)]
    pub attempts: Vec<RunAttempt>,
    /// What reading its files back found, where somebody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Value>,
    /// Members that are not known here.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl RunBody {
    /// A run that waits: for `slot`, and for `coalesced` missed slots beside it.
    pub fn queued(
        id: impl Into<String>,
        flow_id: impl Into<String>,
        segment_id: impl Into<String>,
        kind: RunKind,
        slot: DateTime<Utc>,
        coalesced: u64,
    ) -> RunBody {
        RunBody {
            id: id.into(),
            flow_id: flow_id.into(),
            flow_name: None,
            segment_id: segment_id.into(),
            segment_name: None,
            kind,
            state: RunState::Queued,
            mode: None,
            slot,
            coalesced,
            evaluation_id: None,
            since_evaluation_id: None,
            trigger: None,
            started_at: None,
            completed_at: None,
            next_attempt_at: None,
            cancel_request: None,
            reason: None,
            advice: Vec::new(),
            counts: None,
            metrics: RunMetrics::default(),
            activities: Vec::new(),
            files: Vec::new(),
            manifest: None,
            error: None,
            attempts: Vec::new(),
            verification: None,
            other: Map::new(),
        }
    }

    /// Whether it is of a streaming flow: messages, and no files.
    pub fn is_stream(&self) -> bool {
        self.segment_id.is_empty()
    }

    /// Says that an attempt begins, and since when the run is carried out. Answers whether it is the first one.
    pub fn begin(&mut self, now: DateTime<Utc>) -> bool {
        let is_first = self.started_at.is_none();
        let started_at = *self.started_at.get_or_insert(now);
        self.metrics.duration_summary.started_at_utc = Some(started_at.timestamp_millis());
        self.next_attempt_at = None;
        is_first
    }

    /// Waits once more after it had ended: what is said of that end goes, and what it is for stays.
    ///
    /// # Errors
    /// [`IllegalTransition`]; nothing has changed then.
    pub fn queue_again(&mut self) -> Result<(), IllegalTransition> {
        self.enter(RunState::Queued)?;
        self.metrics = RunMetrics::default();
        self.activities.clear();
        (self.started_at, self.completed_at) = (None, None);
        (self.error, self.reason, self.cancel_request) = (None, None, None);
        self.next_attempt_at = None;
        Ok(())
    }

    /// Goes to `next`, and says so in the metrics.
    ///
    /// # Errors
    /// [`IllegalTransition`]; nothing has changed then.
    pub fn enter(&mut self, next: RunState) -> Result<(), IllegalTransition> {
        self.state = self.state.become_(next)?;
        self.metrics.status_summary.status = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_run_ends_once_and_only_what_went_wrong_is_tried_again() {
        use RunState::{Cancelled, Failed, Processing, Queued, Success};
        let legal = [
            (Queued, Processing),
            (Queued, Failed),
            (Queued, Cancelled),
            (Processing, Queued),
            (Processing, Success),
            (Processing, Failed),
            (Processing, Cancelled),
            (Failed, Queued),
            (Cancelled, Queued),
        ];
        for from in RunState::ALL {
            assert_eq!(serde_json::to_value(from).unwrap(), from.as_str());
            assert_ne!(from.is_live(), from.is_final());
            for to in RunState::ALL {
                assert_eq!(from.become_(to).is_ok(), legal.contains(&(from, to)), "{from} to {to}");
            }
        }
        let fault = Fault::from(Success.become_(Queued).unwrap_err());
        assert_eq!(fault.message, "a run that is success cannot become queued");
    }

    #[test]
    fn the_metrics_follow_the_state() {
        let mut run = RunBody::queued("r", "f", "s", RunKind::Now, at("2026-11-25T18:00:00Z"), 2);
        assert!(run.enter(RunState::Success).is_err());
        assert_eq!(run.metrics.status_summary.status, RunState::Queued);
        run.enter(RunState::Processing).unwrap();
        assert_eq!(run.metrics.status_summary.status, RunState::Processing);
    }

    #[test]
    fn the_first_attempt_says_when_the_run_began_and_another_round_begins_anew() {
        let mut run = RunBody::queued("r", "f", "s", RunKind::Now, at("2026-11-25T18:00:00Z"), 0);
        let began = at("2026-11-25T18:00:01Z");
        assert!(run.begin(began) && !run.begin(at("2026-11-25T18:05:00Z")));
        assert_eq!(run.started_at, Some(began));
        assert_eq!(run.metrics.duration_summary.started_at_utc, Some(began.timestamp_millis()));
        assert!(run.queue_again().is_err() && run.started_at.is_some(), "it has not ended");
        run.enter(RunState::Failed).unwrap();
        run.completed_at = Some(at("2026-11-25T18:06:00Z"));
        run.error = Some(RunError::from(&Fault::input("x")));
        run.activities.push(Activity::default());
        run.queue_again().unwrap();
        assert_eq!(run, RunBody::queued("r", "f", "s", RunKind::Now, at("2026-11-25T18:00:00Z"), 0));
    }

    #[test]
    fn nothing_of_a_body_is_lost() {
        let mut run = RunBody::queued("r", "f", "s", RunKind::AfterEvaluation, at("2026-11-25T18:00:00Z"), 0);
        run.mode = Some(RunMode::Incremental);
        run.other.insert("flowSpec".into(), serde_json::json!({"id": "x"}));
        run.attempts.push(RunAttempt {
            number: 1,
            worker: "w".into(),
            started_at: at("2026-11-25T18:00:01Z"),
            ended_at: None,
            outcome: None,
            error: Some(RunError::from(&Fault::new(FaultClass::Throttled, "slow down").hint("wait"))),
        });
        let value = serde_json::to_value(&run).unwrap();
        assert_eq!(value["kind"], "afterEvaluation");
        assert_eq!(value["mode"], "incremental");
        assert_eq!(value["state"], "queued");
        assert_eq!(value["attempts"][0]["error"]["class"], "throttled");
        assert_eq!(value["flowSpec"]["id"], "x");
        assert_eq!(serde_json::from_value::<RunBody>(value).unwrap(), run);
    }
}
