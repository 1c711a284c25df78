//! Truth tables: random conditions over six labels, true or false for each of the 64 sets of labels.

use std::collections::BTreeSet;

use outflow_governance::action::core;
use outflow_governance::judge::constraints_of_labels;
use outflow_governance::{Label, Policy, PolicyExpression};
use outflow_testkit::python::run_python;
use serde_json::{Value, json};

const JUDGE: &str = include_str!("judge.py");

/// How many conditions are looked at, and the seed that they follow from.
const CONDITIONS: [&str; 2] = ["400", "7"];

#[test]
fn conditions_are_true_of_the_same_sets_of_labels_as_in_python() {
    let printed = run_python(JUDGE, &CONDITIONS);
    let mut truths = (0, 0);
    for line in printed.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let deny = PolicyExpression::parse(&case["deny"]).unwrap();
        assert_eq!(deny.to_value(), case["deny"]);
        let body = json!({
            "name": "A condition", "status": "ENABLED", "deny": case["deny"],
            "marketingActionRefs": [core("analytics").to_string()],
        });
        let policies = [Policy::parse("p", &body).unwrap()];
        let labels: Vec<Label> = texts(&case["labels"]).iter().map(|name| Label::new(name).unwrap()).collect();
        let table = case["table"].as_str().unwrap();
        assert_eq!(table.len(), 1 << labels.len());
        for (set, expected) in table.bytes().enumerate() {
            let is_in = |(bit, _): &(usize, &Label)| set & (1 << bit) != 0;
            let present: Vec<Label> = labels.iter().enumerate().filter(is_in).map(|(_, label)| label.clone()).collect();
            let expected = expected == b'1';
            let met: BTreeSet<Label> = present.iter().cloned().collect();
            assert_eq!(deny.is_met_by(&met), expected, "{deny} of {present:?}");
            let answer = constraints_of_labels(&core("analytics"), &present, &policies, false);
            assert_eq!(answer.violated_policies.len(), usize::from(expected), "{deny} of {present:?}");
            let count = if expected { &mut truths.0 } else { &mut truths.1 };
            *count += 1;
        }
    }
    assert_eq!(truths.0 + truths.1, 400 * 64);
    assert!(truths.0 > 1_000 && truths.1 > 1_000, "the conditions say the same of everything: {truths:?}");
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}
