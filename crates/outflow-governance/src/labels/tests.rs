use outflow_model::schema::{Field, FieldType};
use serde_json::json;

use super::*;
use crate::expression::tests::label;

fn fields(body: &Value) -> Vec<String> {
    DatasetLabels::parse(body).unwrap_err().0.into_iter().map(|p| p.field).collect()
}

#[test]
fn labels_are_read_and_shown_in_the_apis_form() {
    let body = json!({
        "labels": ["C2", "C2"],
        "optionalLabels": [{
            "option": {
                "id": "https://ns.example.org/schemas/1",
                "contentType": "application/vnd.adobe.xed-full+json;version=1",
                "schemaPath": "/properties/personalEmail/properties/address",
            },
            "labels": ["I1", "C4"],
        }],
    });
    let labels = DatasetLabels::parse(&body).unwrap();
    assert_eq!(labels.labels, [label("C2")]);
    let shown = labels.to_value("d-1");
    assert_eq!(shown["optionalLabels"], body["optionalLabels"]);
    assert_eq!(shown["entityId"]["id"], "d-1");
    assert_eq!(DatasetLabels::parse(&shown).unwrap(), labels);
    assert_eq!(DatasetLabels::parse(&json!({})).unwrap(), DatasetLabels::default());
}

#[test]
fn every_problem_has_its_field() {
    let field = |path: &str| json!({"option": {"schemaPath": path}, "labels": ["C1"]});
    for (body, expected) in [
        (json!([]), vec![""]),
        (json!({"labels": "C1"}), vec!["/labels"]),
        (json!({"labels": ["C1", "", 3]}), vec!["/labels/1", "/labels/2"]),
        (json!({"optionalLabels": [{}]}), vec!["/optionalLabels/0/option"]),
        (
            json!({"optionalLabels": [{"option": {}}]}),
            vec!["/optionalLabels/0/option/schemaPath", "/optionalLabels/0/labels"],
        ),
        (json!({"optionalLabels": [field("/email")]}), vec!["/optionalLabels/0/option/schemaPath"]),
        (json!({"optionalLabels": [field("/properties/a"), field("/properties/a")]}), vec!["/optionalLabels/1/option"]),
    ] {
        assert_eq!(fields(&body), expected, "{body}");
    }
    let many: Vec<Value> = (0..=LABELLED_FIELDS_MAX).map(|i| field(&format!("/properties/f{i}"))).collect();
    assert_eq!(fields(&json!({"optionalLabels": many})), ["/optionalLabels"]);
}

#[test]
fn unknown_labels_and_fields_are_told_with_what_looks_alike() {
    let schema = Schema { fields: vec![Field { name: "email".into(), field_type: FieldType::String }] };
    let labels = DatasetLabels::parse(&json!({
        "labels": ["C1", "L9"],
        "optionalLabels": [
            {"option": {"schemaPath": "/properties/emial"}, "labels": ["L9"]},
            {"option": {"schemaPath": "/properties/email"}, "labels": ["C1"]},
        ],
    }))
    .unwrap();
    let problems = labels.check(Some(&schema), &DatasetLabels::default(), &|label| crate::label::is_core(label));
    let fields: Vec<_> = problems.iter().map(|p| p.field.as_str()).collect();
    assert_eq!(fields, ["/labels/1", "/optionalLabels/0/labels/0", "/optionalLabels/0/option/schemaPath"]);
    assert_eq!(problems[2].near, ["/properties/email"]);
    assert_eq!(labels.check(None, &DatasetLabels::default(), &|_| true), []);
    // What was labelled before it went away stays.
    assert_eq!(labels.check(Some(&schema), &labels, &|_| true), []);
}

#[test]
fn a_label_is_added_once() {
    let mut labels = DatasetLabels::default();
    let path = SchemaPath::parse("/properties/email").unwrap();
    labels.add(&path, &label("I1"));
    labels.add(&path, &label("I1"));
    labels.add(&path, &label("C2"));
    assert_eq!(labels.of_field(&path), [label("I1"), label("C2")]);
    assert_eq!(labels.fields.len(), 1);
}
