use outflow_model::schema::FieldType;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::action::core;
use crate::expression::PolicyExpression;
use crate::expression::tests::{any_expression, label};
use crate::labels::DatasetLabels;
use crate::labels::tests_support::{dataset, field, identity, texts};
use crate::policy::core_policies;
use crate::usage::UseKind;
use crate::usage::tests::segment;

fn path(text: &str) -> FieldPath {
    FieldPath::parse(text).unwrap()
}

fn mapped(position: usize, text: &str) -> FieldUse {
    let pointer = Some(format!("/columns/{position}"));
    FieldUse { path: path(text), kind: UseKind::Mapping, pointer, through: Vec::new() }
}

fn policy(id: &str, deny: PolicyExpression) -> Policy {
    let actions = vec![core("emailTargeting"), core("analytics")];
    let name = format!("The {id}");
    Policy {
        id: id.into(),
        owner: ActionOwner::Custom,
        name,
        status: PolicyStatus::Enabled,
        actions,
        description: String::new(),
        deny,
    }
}

fn denies(deny: &Value) -> Policy {
    policy("p-1", PolicyExpression::parse(deny).unwrap())
}

/// A case with owned parts.
struct Case {
    flow: EntityName,
    actions: Vec<MarketingAction>,
    segments: Vec<SegmentRule>,
    uses: Vec<FieldUse>,
    datasets: Vec<LabelledDataset>,
    policies: Vec<Policy>,
}

impl Case {
    fn facts(&self) -> Facts<'_> {
        Facts {
            flow: &self.flow,
            actions: &self.actions,
            segments: &self.segments,
            known_segments: &self.segments,
            uses: &self.uses,
            datasets: &self.datasets,
            policies: &self.policies,
            include_drafts: false,
        }
    }

    fn judge(&self) -> Verdict {
        judge(&self.facts())
    }
}

/// Two datasets: a list and a struct with labels inside, a struct around, and a label of the whole.
fn case(rules: &[&str], columns: &[&str], policies: Vec<Policy>) -> Case {
    let phones = FieldType::List(Box::new(texts(&["number", "kind"])));
    let mut crm = dataset(
        "crm",
        vec![field("crmId", FieldType::String), field("person", texts(&["email", "city"])), field("phones", phones)],
        &[],
        &[
            ("/properties/person/properties/email", &["C1"]),
            ("/properties/phones/items/properties/number", &["C3"]),
            ("/properties/crmId", &["C7"]),
        ],
    );
    crm.identities = vec![identity("crmId", "CRMID")];
    let shop = dataset(
        "shop",
        vec![field("person", texts(&["city"])), field("orders", FieldType::Integer)],
        &["C5"],
        &[("/properties/person", &["C3"])],
    );
    Case {
        flow: EntityName { id: "f-1".into(), name: "To the bucket".into() },
        actions: vec![core("emailTargeting"), core("dataScience")],
        segments: rules.iter().enumerate().map(|(i, rule)| segment(&format!("s{i}"), rule)).collect(),
        uses: columns.iter().enumerate().map(|(i, column)| mapped(i, column)).collect(),
        datasets: vec![crm, shop],
        policies,
    }
}

fn both() -> Value {
    json!({"operator": "AND", "operands": [{"label": "C1"}, {"label": "C3"}]})
}

#[test]
fn lineage_leads_through_structs_lists_and_both_datasets() {
    let case = case(&["phones[0].number = \"1\""], &["person", "orders"], vec![denies(&both())]);
    let verdict = case.judge();
    assert_eq!(verdict.violations.len(), 1);
    let shown = serde_json::to_value(&verdict.violations[0]).unwrap();
    let entity = |id: &str, name: &str| json!({"id": id, "name": name});
    let expected = json!([
        {
            "origin": {
                "label": "C3", "dataset": entity("crm", "The crm"),
                "schemaPath": "/properties/phones/items/properties/number", "field": "phones[0].number", "bearing": "own",
            },
            "use": {"path": "phones[0].number", "kind": "rule"},
        },
        {
            "origin": {
                "label": "C1", "dataset": entity("crm", "The crm"),
                "schemaPath": "/properties/person/properties/email", "field": "person", "bearing": "inside",
            },
            "use": {"path": "person", "kind": "mapping", "pointer": "/columns/0"},
        },
        {
            "origin": {
                "label": "C3", "dataset": entity("shop", "The shop"),
                "schemaPath": "/properties/person", "field": "person", "bearing": "own",
            },
            "use": {"path": "person", "kind": "mapping", "pointer": "/columns/0"},
        },
    ]);
    assert_eq!(shown["lineage"], expected);
    assert_eq!(shown["lineageLeftOut"], 0);
    assert_eq!(shown["condition"], "C1 AND C3");
    assert_eq!(shown["labels"], json!(["C1", "C3"]));
    assert_eq!(shown["actions"], json!(["/dulepolicy/marketingActions/core/emailTargeting"]));
    assert_eq!((&shown["segment"], &shown["flow"]), (&entity("s0", "The s0"), &entity("f-1", "To the bucket")));
    assert_eq!(shown["policy"]["id"], "p-1");
}

#[test]
fn ways_out_name_what_to_do() {
    let case = case(&["phones[0].number = \"1\""], &["person"], vec![denies(&both())]);
    let shown = serde_json::to_value(&case.judge().violations[0].ways_out).unwrap();
    let dataset = |id: &str| json!({"id": id, "name": format!("The {id}")});
    let segment = json!({"id": "s0", "name": "The s0"});
    let unmap = json!({"kind": "unmap", "fields": [{"path": "person", "pointer": "/columns/0"}]});
    assert_eq!(
        shown,
        json!([
            {"steps": [unmap]},
            {"steps": [unmap, {"kind": "changeRule", "segment": segment, "fields": ["phones[0].number"]}]},
            {"steps": [{"kind": "removeSegment", "segment": segment}]},
            {"steps": [{"kind": "dropActions", "actions": ["/dulepolicy/marketingActions/core/emailTargeting"]}]},
            {"steps": [{"kind": "disablePolicy", "policyId": "p-1", "policyName": "The p-1", "owner": "custom"}]},
            {"steps": [{
                "kind": "changeLabels", "dataset": dataset("crm"), "labels": ["C1"],
                "schemaPath": "/properties/person/properties/email",
            }]},
            {"steps": [
                {
                    "kind": "changeLabels", "dataset": dataset("crm"), "labels": ["C3"],
                    "schemaPath": "/properties/phones/items/properties/number",
                },
                {"kind": "changeLabels", "dataset": dataset("shop"), "schemaPath": "/properties/person", "labels": ["C3"]},
            ]},
        ])
    );
}

#[test]
fn labels_of_two_segments_are_not_put_together() {
    let rules = ["person.email = \"a\"", "phones[0].number = \"1\""];
    assert!(case(&rules, &[], vec![denies(&both())]).judge().is_allowed());
    let together = case(&["person.email = \"a\" or phones[0].number = \"1\"", rules[1]], &[], vec![denies(&both())]);
    let violations = together.judge().violations;
    assert_eq!(violations.iter().map(|v| v.segment.id.as_str()).collect::<Vec<_>>(), ["s0"]);
}

#[test]
fn only_used_fields_named_actions_and_enabled_policies_count() {
    let c1 = || denies(&json!({"label": "C1"}));
    assert_eq!(case(&["person.email is null"], &[], vec![c1()]).judge().violations.len(), 1);
    assert!(case(&["crmId = \"1\""], &["person.city"], vec![c1()]).judge().is_allowed());
    for status in [PolicyStatus::Draft, PolicyStatus::Disabled] {
        let policy = Policy { status, ..c1() };
        let case = case(&["person.email is null"], &[], vec![policy]);
        assert!(case.judge().is_allowed());
        let with_drafts = judge(&Facts { include_drafts: true, ..case.facts() });
        assert_eq!(with_drafts.is_allowed(), status == PolicyStatus::Disabled);
    }
    let mut other = case(&["person.email is null"], &[], vec![c1()]);
    other.actions = vec![core("dataScience")];
    assert!(other.judge().is_allowed());
    other.actions = Vec::new();
    assert!(other.judge().is_allowed());
}

#[test]
fn a_dataset_whose_fields_are_not_used_brings_no_labels() {
    let c5 = || vec![denies(&json!({"label": "C5"}))];
    assert!(case(&["crmId = \"1\""], &["person.email"], c5()).judge().is_allowed());
    assert_eq!(case(&["crmId = \"1\""], &["orders"], c5()).judge().violations.len(), 1);
    assert_eq!(case(&["crmId = \"1\""], &["person.city"], c5()).judge().violations.len(), 1);
}

#[test]
fn c12_never_leaves() {
    let mut locked = case(&["orders > 1"], &["crmId"], core_policies(&[]));
    locked.actions = Vec::new();
    assert!(locked.judge().is_allowed());
    locked.datasets[0].labels.add(&crate::labels::SchemaPath::of(&path("crmId")), &label("C12"));
    let violations = locked.judge().violations;
    assert_eq!(violations.len(), 1);
    assert_eq!((violations[0].policy.id.as_str(), violations[0].actions.len()), (NO_EXPORT_POLICY, 0));
    let is_general = |step: &Step| matches!(step, Step::DropActions { .. } | Step::DisablePolicy { .. });
    assert!(violations[0].ways_out.iter().flat_map(|way| &way.steps).all(|step| !is_general(step)));
    assert_eq!(violations[0].ways_out.len(), 3);
}

#[test]
fn identities_that_every_message_has_cannot_be_unmapped() {
    let mut stream = case(&["orders > 1"], &[], vec![denies(&json!({"label": "C7"}))]);
    stream.uses =
        vec![FieldUse { path: path("identityMap"), kind: UseKind::Message, pointer: None, through: Vec::new() }];
    let violations = stream.judge().violations;
    assert_eq!(violations[0].lineage[0].origin.field, path("crmId"));
    let kinds: Vec<Value> =
        violations[0].ways_out.iter().map(|way| serde_json::to_value(&way.steps[0]).unwrap()["kind"].clone()).collect();
    assert_eq!(kinds, ["removeSegment", "dropActions", "disablePolicy", "changeLabels"]);
}

#[test]
fn long_lineage_is_cut_and_counted() {
    let mut many = case(&["orders > 1"], &[], vec![denies(&json!({"label": "C5"}))]);
    many.uses = (0..LINEAGE_MAX + 7).map(|i| mapped(i, "orders")).collect();
    let violations = many.judge().violations;
    // The rule reads the field, too.
    assert_eq!((violations[0].lineage.len(), violations[0].lineage_left_out), (LINEAGE_MAX, 8));
}

/// Does what a way out says.
fn follow(case: &mut Case, way: &WayOut) {
    for step in &way.steps {
        match step {
            Step::Unmap { fields } => case.uses.retain(|used| {
                used.kind != UseKind::Mapping
                    || fields.iter().all(|field| Some(&field.pointer) != used.pointer.as_ref())
            }),
            Step::DropMandatory { fields } => {
                case.uses.retain(|used| used.kind != UseKind::Mandatory || !fields.contains(&used.path));
            }
            Step::ChangeKey { fields } => {
                case.uses.retain(|used| used.kind != UseKind::Deduplication || !fields.contains(&used.path));
            }
            Step::ChangeRule { segment, fields } => {
                for other in case.segments.iter_mut().filter(|other| other.segment == *segment) {
                    let changed =
                        |path: FieldPath| if fields.contains(&path) { self::path("unlabelled") } else { path };
                    other.rule = other.rule.with_paths(&changed);
                }
            }
            Step::ChangeLabels { dataset, schema_path, labels } => {
                for other in case.datasets.iter_mut().filter(|other| other.dataset == *dataset) {
                    let taken = |label: &Label| !labels.contains(label);
                    match schema_path {
                        None => other.labels.labels.retain(taken),
                        Some(place) => {
                            let fields = other.labels.fields.iter_mut().filter(|f| f.schema_path == *place);
                            fields.for_each(|field| field.labels.retain(taken));
                        }
                    }
                }
            }
            Step::RemoveSegment { segment } => case.segments.retain(|other| other.segment != *segment),
            Step::DropActions { actions } => case.actions.retain(|action| !actions.contains(action)),
            Step::DisablePolicy { policy_id, .. } => {
                let policy = case.policies.iter_mut().find(|policy| policy.id == *policy_id).unwrap();
                policy.status = PolicyStatus::Disabled;
            }
        }
    }
}

/// Labels of a dataset with the fields a to d.
fn any_dataset(id: &'static str) -> impl Strategy<Value = LabelledDataset> {
    let names =
        prop::sample::select(vec!["/properties/a", "/properties/b", "/properties/c/properties/d", "/properties/c"]);
    let one = (1..6).prop_map(|n| label(&format!("C{n}")));
    let labelled = prop::collection::vec((names, one.clone()), 0..6);
    (prop::collection::vec(one, 0..2), labelled).prop_map(move |(whole, labelled)| {
        let fields = vec![field("a", FieldType::String), field("b", FieldType::String), field("c", texts(&["d", "e"]))];
        let mut found = dataset(id, fields, &[], &[]);
        found.labels = DatasetLabels { labels: whole, fields: Vec::new() };
        for (place, label) in labelled {
            found.labels.add(&crate::labels::SchemaPath::parse(place).unwrap(), &label);
        }
        found
    })
}

fn any_case() -> impl Strategy<Value = Case> {
    let paths = || prop::sample::select(vec!["a", "b", "c", "c.d", "c.e", "segmentMembership.ups.s1.status"]);
    let kinds = prop::sample::select(vec![UseKind::Mapping, UseKind::Mandatory, UseKind::Deduplication]);
    let rules = prop::collection::vec(prop::collection::vec(paths(), 1..3), 1..3);
    let uses = prop::collection::vec((paths(), kinds), 0..4);
    let policies = prop::collection::vec(any_expression(), 1..3);
    (any_dataset("d1"), any_dataset("d2"), rules, uses, policies).prop_map(|(d1, d2, rules, uses, policies)| {
        let rule =
            |paths: &Vec<&str>| paths.iter().map(|path| format!("{path} is null")).collect::<Vec<_>>().join(" and ");
        let rules: Vec<String> = rules.iter().map(rule).collect();
        let used = |(i, (text, kind)): (usize, (&str, UseKind))| {
            let pointer = (kind == UseKind::Mapping).then(|| format!("/columns/{i}"));
            FieldUse { path: path(text), kind, pointer, through: Vec::new() }
        };
        Case {
            flow: EntityName { id: "f".into(), name: "F".into() },
            actions: vec![core("emailTargeting"), core("segmentMatch")],
            segments: rules.iter().enumerate().map(|(i, rule)| segment(&format!("s{i}"), rule)).collect(),
            uses: uses.into_iter().enumerate().map(used).collect(),
            datasets: vec![d1, d2],
            policies: policies.into_iter().enumerate().map(|(i, deny)| policy(&format!("p-{i}"), deny)).collect(),
        }
    })
}

fn names(verdict: &Verdict) -> BTreeSet<(String, String)> {
    verdict.violations.iter().map(|v| (v.policy.id.clone(), v.segment.id.clone())).collect()
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#?}", self.facts())
    }
}

proptest! {
    #[test]
    fn every_way_out_resolves_its_violation(case in any_case()) {
        for violation in case.judge().violations {
            prop_assert!(!violation.lineage.is_empty() && !violation.ways_out.is_empty());
            for way in &violation.ways_out {
                let mut after = Case {
                    flow: case.flow.clone(),
                    actions: case.actions.clone(),
                    segments: case.segments.clone(),
                    uses: case.uses.clone(),
                    datasets: case.datasets.clone(),
                    policies: case.policies.clone(),
                };
                follow(&mut after, way);
                let left = names(&after.judge());
                prop_assert!(!left.contains(&(violation.policy.id.clone(), violation.segment.id.clone())), "{way:?}");
            }
        }
    }

    #[test]
    fn a_label_more_never_allows_more(
        mut case in any_case(),
        place in prop::option::of(prop::sample::select(vec!["/properties/a", "/properties/c", "/properties/c/properties/e"])),
        which in 0..2_usize,
        n in 1..6,
    ) {
        let before = names(&case.judge());
        let label = label(&format!("C{n}"));
        match place {
            Some(place) => case.datasets[which].labels.add(&crate::labels::SchemaPath::parse(place).unwrap(), &label),
            None => case.datasets[which].labels.labels.push(label),
        }
        prop_assert!(before.is_subset(&names(&case.judge())));
    }

    #[test]
    fn a_segment_is_judged_as_if_it_were_alone(case in any_case()) {
        let together = names(&case.judge());
        let mut apart = BTreeSet::new();
        for segment in &case.segments {
            let alone = std::slice::from_ref(segment);
            apart.extend(names(&judge(&Facts { segments: alone, ..case.facts() })));
            let labels = labels_in_use(&case.facts(), segment);
            for policy in &case.policies {
                let key = (policy.id.clone(), segment.segment.id.clone());
                prop_assert_eq!(policy.deny.is_met_by(&labels), together.contains(&key));
            }
        }
        prop_assert_eq!(together, apart);
    }
}
