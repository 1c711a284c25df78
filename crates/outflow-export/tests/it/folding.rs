//! Datasets that change, evaluations, and files of changes that a consumer applies blindly: in the end it has the members.

use std::collections::{BTreeMap, BTreeSet};

use outflow_profiles::membership::Evaluation;
use proptest::prelude::*;

use crate::members::{SEGMENT, STATUS, evaluated, exported, person, plan, work};

#[derive(Clone, Debug)]
enum Step {
    /// The dataset's file is written anew: profiles and their points.
    Refresh(BTreeMap<u32, i64>),
    Evaluate,
    Export,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => prop::collection::btree_map(0u32..12, 5i64..16, 0..12).prop_map(Step::Refresh),
        2 => Just(Step::Evaluate),
        1 => Just(Step::Export),
    ]
}

/// A consumer's table by CRM id, and what it is up to.
#[derive(Default)]
struct Consumer {
    members: BTreeSet<String>,
    since: Option<Evaluation>,
}

impl Consumer {
    /// Applies the file of a run.
    fn apply(&mut self, folder: &std::path::Path, evaluation: &Evaluation) -> Result<(), TestCaseError> {
        let rows = match &self.since {
            None => evaluation.full(SEGMENT).unwrap(),
            Some(since) => evaluation.changes(SEGMENT, since, true, &work(folder)).unwrap(),
        };
        let profiles = evaluation.open().unwrap();
        let plan = plan(&profiles, &rows, &["identityMap.CRMID[0].id", STATUS]);
        let (outcome, lines) = exported(&profiles, &rows, &plan, 2);
        prop_assert!(outcome.fault.is_none(), "{:?}", outcome.fault);
        prop_assert_eq!(outcome.balance.profiles_written, rows.len());
        for line in lines {
            let (id, status) = line.split_once(',').unwrap();
            match status {
                "exited" => prop_assert!(self.members.remove(id), "{} was told to leave and was not there", id),
                "realized" | "existing" => drop(self.members.replace(id.to_string())),
                other => prop_assert!(false, "{} is no status", other),
            }
        }
        self.since = Some(evaluation.clone());
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn files_of_changes_fold_to_the_members(steps in prop::collection::vec(step(), 1..24)) {
        let dir = tempfile::tempdir().unwrap();
        let (mut profiles, mut latest, mut at) = (BTreeMap::new(), None::<(Evaluation, BTreeSet<String>)>, 0);
        let mut consumer = Consumer::default();
        for step in steps.into_iter().chain([Step::Evaluate, Step::Export]) {
            match step {
                Step::Refresh(all) => profiles = all,
                Step::Evaluate => {
                    at += 1;
                    // One who is never a member: a file without records has no fields.
                    let mut lines = vec![person(999, Some("z@x"), 0)];
                    lines.extend(profiles.iter().map(|(id, points)| person(*id, None, *points)));
                    let evaluation = evaluated(dir.path(), &lines, latest.as_ref().map(|(before, _)| before), at);
                    let members = profiles.iter().filter(|(_, points)| **points > 10).map(|(id, _)| format!("c{id}"));
                    latest = Some((evaluation, members.collect()));
                }
                Step::Export => {
                    if let Some((evaluation, members)) = &latest {
                        consumer.apply(dir.path(), evaluation)?;
                        prop_assert_eq!(&consumer.members, members);
                    }
                }
            }
        }
    }
}
