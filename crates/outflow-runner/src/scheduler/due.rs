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
    /// Since when this schedule counts, pauses of its flow included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
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
        let from = situation.changed_at.min(situation.now);
        // A pause does not make it another schedule: what was exported once stays so.
        let same = notes.filter(|n| n.schedule.as_ref() == Some(*schedule));
        let since = same.and_then(|n| n.since.or(situation.counts_from)).unwrap_or(from);
        let notes = Notes { schedule: Some((*schedule).clone()), since: Some(since), paused: false };
        return Decision::Begin { from, notes };
    };
    let after = situation.last_slot.map_or(from, |slot| slot.max(from));
    match schedule.trigger_type {
        TriggerType::Scheduled => match schedule.due(after, situation.now) {
            Some(due) => Decision::Run(DueRun { slot: due.slot, missed: due.missed, kind: RunKind::Scheduled }),
            None => Decision::Rest,
        },
        TriggerType::AfterSegmentEval => {
            // A last slot from before this schedule began to count does not use up its ONCE.
            let since = notes.and_then(|n| n.since).unwrap_or(from);
            let exported = situation.last_slot.filter(|slot| *slot > since);
            match situation.evaluated.filter(|ended| *ended > after) {
                Some(ended) if schedule.follows_evaluation(ended, exported) => {
                    Decision::Run(DueRun { slot: ended, missed: 0, kind: RunKind::AfterEvaluation })
                }
                _ => Decision::Rest,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use outflow_model::schedule::Frequency;
    use outflow_testkit::clock::at;

    use super::*;

    fn schedule(frequency: Frequency, trigger_type: TriggerType) -> Schedule {
        let start_time = (trigger_type == TriggerType::Scheduled).then(|| at("2026-03-01T06:00:00Z").time());
        Schedule {
            frequency,
            trigger_type,
            start_date: at("2026-03-01T00:00:00Z").date_naive(),
            end_date: None,
            start_time,
        }
    }

    fn situation<'a>(schedule: &'a Schedule, notes: Option<&'a Notes>, now: &str) -> Situation<'a> {
        Situation {
            schedule,
            enabled: true,
            changed_at: at("2026-03-01T05:00:00Z"),
            notes,
            counts_from: notes.map(|_| at("2026-03-01T05:00:00Z")),
            last_slot: None,
            evaluated: None,
            now: at(now),
        }
    }

    fn run(slot: &str, missed: u64, kind: RunKind) -> Decision {
        Decision::Run(DueRun { slot: at(slot), missed, kind })
    }

    #[test]
    fn a_segment_that_is_new_counts_from_the_flows_change() {
        let daily = schedule(Frequency::Daily, TriggerType::Scheduled);
        let decision = decide(&situation(&daily, None, "2026-03-04T00:00:00Z"));
        let Decision::Begin { from, notes } = decision else { panic!("{decision:?}") };
        assert_eq!(from, at("2026-03-01T05:00:00Z"));
        let now = "2026-03-04T00:00:00Z";
        let due = decide(&situation(&daily, Some(&notes), now));
        assert_eq!(due, run("2026-03-03T06:00:00Z", 2, RunKind::Scheduled));
        let handled = Situation { last_slot: Some(at("2026-03-03T06:00:00Z")), ..situation(&daily, Some(&notes), now) };
        assert_eq!(decide(&handled), Decision::Rest);
    }

    #[test]
    fn another_schedule_counts_anew_and_a_pause_is_not_made_up_for() {
        let daily = schedule(Frequency::Daily, TriggerType::Scheduled);
        let weekly = schedule(Frequency::Weekly, TriggerType::Scheduled);
        let notes = Notes { schedule: Some(weekly), ..Notes::default() };
        assert!(matches!(decide(&situation(&daily, Some(&notes), "2026-03-09T00:00:00Z")), Decision::Begin { .. }));
        let notes = Notes { schedule: Some(daily.clone()), ..Notes::default() };
        let off = Situation { enabled: false, ..situation(&daily, Some(&notes), "2026-03-09T00:00:00Z") };
        let Decision::Pause { notes: paused } = decide(&off) else { panic!() };
        assert_eq!(decide(&Situation { notes: Some(&paused), ..off }), Decision::Rest);
        let on = Situation {
            changed_at: at("2026-03-08T12:00:00Z"),
            ..situation(&daily, Some(&paused), "2026-03-09T00:00:00Z")
        };
        let Decision::Begin { from, notes } = decide(&on) else { panic!() };
        assert_eq!((from, notes.paused), (at("2026-03-08T12:00:00Z"), false));
        // A flow that is disabled before it was ever looked at.
        assert_eq!(
            decide(&Situation { enabled: false, ..situation(&daily, None, "2026-03-09T00:00:00Z") }),
            Decision::Rest
        );
    }

    #[test]
    fn evaluations_start_runs_and_once_is_once() {
        for (frequency, again) in [(Frequency::Daily, true), (Frequency::Once, false)] {
            let schedule = schedule(frequency, TriggerType::AfterSegmentEval);
            let notes = Notes { schedule: Some(schedule.clone()), ..Notes::default() };
            let now = situation(&schedule, Some(&notes), "2026-03-02T12:00:00Z");
            assert_eq!(decide(&now), Decision::Rest);
            // One that ended before the segment was activated starts nothing.
            let old = Situation { evaluated: Some(at("2026-03-01T04:00:00Z")), ..now };
            assert_eq!(decide(&old), Decision::Rest);
            let new = Situation { evaluated: Some(at("2026-03-02T01:00:00Z")), ..now_of(&schedule, &notes) };
            assert_eq!(decide(&new), run("2026-03-02T01:00:00Z", 0, RunKind::AfterEvaluation));
            let later = Situation {
                last_slot: Some(at("2026-03-02T01:00:00Z")),
                evaluated: Some(at("2026-03-02T09:00:00Z")),
                ..now_of(&schedule, &notes)
            };
            let is_run = decide(&later) == run("2026-03-02T09:00:00Z", 0, RunKind::AfterEvaluation);
            assert_eq!(is_run, again, "{frequency}");
            // Neither does a pause make a second one of it.
            let off = Situation { enabled: false, ..later };
            let Decision::Pause { notes: paused } = decide(&off) else { panic!() };
            let changed_at = at("2026-03-02T02:00:00Z");
            let on = Situation { enabled: true, changed_at, notes: Some(&paused), ..off };
            let Decision::Begin { from, notes } = decide(&on) else { panic!() };
            let on = Situation { notes: Some(&notes), counts_from: Some(from), ..on };
            assert_eq!(decide(&on) != Decision::Rest, again, "{frequency}");
        }
    }

    fn now_of<'a>(schedule: &'a Schedule, notes: &'a Notes) -> Situation<'a> {
        situation(schedule, Some(notes), "2026-03-02T12:00:00Z")
    }
}
