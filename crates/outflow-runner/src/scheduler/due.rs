//! What is due for one segment of one flow: a function of its schedule, what was done before, and the time.

use chrono::{DateTime, Utc};
use outflow_model::run::RunKind;
use outflow_model::schedule::{Schedule, TriggerType};
use serde::{Deserialize, Serialize};

/// What the scheduler remembers of a segment beside what was delivered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Notes {
    /// The schedule that slots are counted by; another one begins to count anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// The flow is disabled. When it is enabled, slots are counted from then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
}

impl Notes {
    /// Reads them; what cannot be read is as if nothing were known.
    pub fn of(value: &serde_json::Value) -> Notes {
        Notes::deserialize(value).unwrap_or_default()
    }

    /// As JSON.
    pub fn value(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// What is so.
pub(crate) struct Situation<'a> {
    /// The schedule.
    pub schedule: &'a Schedule,
    /// Whether the flow is enabled.
    pub enabled: bool,
    /// When the flow was last changed: from then on a new schedule counts.
    pub changed_at: DateTime<Utc>,
    /// What is remembered; `None` when the segment is new.
    pub notes: Option<&'a Notes>,
    /// From when slots count.
    pub counts_from: Option<DateTime<Utc>>,
    /// The last slot that a run was made for.
    pub last_slot: Option<DateTime<Utc>>,
    /// When the segment's last evaluation ended.
    pub evaluated: Option<DateTime<Utc>>,
    /// The time.
    pub now: DateTime<Utc>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Decision {
    /// Nothing.
    Rest,
    /// Count slots from `from` on, by the schedule in `notes`.
    Begin { from: DateTime<Utc>, notes: Notes },
    /// Remember that the flow is disabled.
    Pause { notes: Notes },
    /// Make a run.
    Run(DueRun),
}

/// A run that is due.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DueRun {
    /// Its slot: the latest that is due, or when the evaluation ended.
    pub slot: DateTime<Utc>,
    /// Earlier slots that were missed; it stands for them too.
    pub missed: u64,
    /// What starts it.
    pub kind: RunKind,
}

/// What is to be done.
pub(crate) fn decide(situation: &Situation<'_>) -> Decision {
    let Situation { schedule, notes, .. } = situation;
    if !situation.enabled {
        return match notes {
            Some(notes) if !notes.paused => Decision::Pause { notes: Notes { paused: true, ..(*notes).clone() } },
            _ => Decision::Rest,
        };
    }
    let counts = notes.is_some_and(|n| !n.paused && n.schedule.as_ref() == Some(*schedule));
    let (true, Some(from)) = (counts, situation.counts_from) else {
        let notes = Notes { schedule: Some((*schedule).clone()), paused: false };
        return Decision::Begin { from: situation.changed_at.min(situation.now), notes };
    };
    let after = situation.last_slot.map_or(from, |slot| slot.max(from));
    match schedule.trigger_type {
        TriggerType::Scheduled => match schedule.due(after, situation.now) {
            Some(due) => Decision::Run(DueRun { slot: due.slot, missed: due.missed, kind: RunKind::Scheduled }),
            None => Decision::Rest,
        },
        TriggerType::AfterSegmentEval => {
            // A last slot from before this schedule began to count does not use up its ONCE.
            let exported = situation.last_slot.filter(|slot| *slot > from);
            match situation.evaluated.filter(|ended| *ended > after) {
                Some(ended) if schedule.follows_evaluation(ended, exported) => {
                    Decision::Run(DueRun { slot: ended, missed: 0, kind: RunKind::AfterEvaluation })
                }
                _ => Decision::Rest,
            }
        }
    }
}
