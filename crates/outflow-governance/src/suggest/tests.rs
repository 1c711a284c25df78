use super::*;
use crate::expression::tests::label;
use crate::labels::tests_support::{dataset, field, identity, texts};
use outflow_model::schema::Field;

fn sampled(values: &[&str]) -> Shapes {
    let mut shapes = Shapes::default();
    values.iter().cycle().take(100).for_each(|value| shapes.observe(value));
    shapes
}

fn told(fields: Vec<Field>, samples: &[(&str, &[&str])]) -> Vec<String> {
    let samples = samples.iter().map(|(path, values)| (SchemaPath::parse(path).unwrap(), sampled(values))).collect();
    let found = suggestions(&Schema { fields }, &[], &samples, &DatasetLabels::default(), &[]);
    found.iter().map(|s| format!("{} {} {:?}", s.schema_path, s.label, s.reasons)).collect()
}

#[test]
fn names_say_what_fields_are() {
    let text = |name: &str| field(name, FieldType::String);
    let float = |name: &str| field(name, FieldType::Float);
    let fields = vec![
        text("email"),
        text("work_email"),
        field("personalEmail", texts(&["address", "status"])),
        field("phones", FieldType::List(Box::new(texts(&["number", "kind"])))),
        field("geo", FieldType::Struct(vec![float("latitude"), float("lon")])),
        text("crmId"),
        text("ECID"),
        field("emailOptIn", FieldType::Boolean),
        text("emailDomain"),
        field("consents", texts(&["email"])),
        text("firstName"),
        float("price"),
        text("orderId"),
        field("mobilePhone", FieldType::Integer),
        text("zipCode"),
    ];
    assert_eq!(
        told(fields, &[]),
        [
            "/properties/email I1 [Name]",
            "/properties/work_email I1 [Name]",
            "/properties/personalEmail/properties/address I1 [Name]",
            "/properties/phones/items/properties/number I1 [Name]",
            "/properties/geo/properties/latitude S1 [Name]",
            "/properties/geo/properties/lon S1 [Name]",
            "/properties/crmId I2 [Name]",
            "/properties/ECID I2 [Name]",
            "/properties/mobilePhone I1 [Name]",
        ]
    );
}

#[test]
fn shapes_of_values_say_it_too_and_may_say_no() {
    let fields: Vec<Field> =
        ["a", "b", "c", "d", "e", "email"].iter().map(|name| field(name, FieldType::String)).collect();
    let samples: [(&str, &[&str]); 6] = [
        ("/properties/a", &["ann@example.org", "b.c+d@mail.example.com"]),
        ("/properties/b", &["+49 30 1234567", "(030) 1234567"]),
        ("/properties/c", &["52.5200,13.4050", "-33.865143,151.209900"]),
        ("/properties/d", &["f47ac10b-58cc-4372-a567-0e02b2c3d479"]),
        ("/properties/e", &["2026-11-25", "ann@example.org", "blue"]),
        ("/properties/email", &["yes", "no"]),
    ];
    assert_eq!(
        told(fields, &samples),
        [
            "/properties/a I1 [Values]",
            "/properties/b I1 [Values]",
            "/properties/c S1 [Values]",
            "/properties/d I2 [Values]",
        ]
    );
}

#[test]
fn values_have_at_most_one_shape() {
    for (value, likeness) in [
        ("ann@example.org", Some(Likeness::Email)),
        ("ann@localhost", None),
        ("@example.org", None),
        ("a b@example.org", None),
        ("+4930123456", Some(Likeness::Phone)),
        ("030 123456", Some(Likeness::Phone)),
        ("1234567890", None),
        ("2026-11-25", None),
        ("12+345678", None),
        ("52.520008", Some(Likeness::Coordinates)),
        ("12.99", None),
        ("999.12345", None),
        ("192.168.0.1", Some(Likeness::Identifier)),
        ("d41d8cd98f00b204e9800998ecf8427e", Some(Likeness::Identifier)),
        ("", None),
        ("blue", None),
    ] {
        assert_eq!(shape_of(value), likeness, "{value}");
    }
    let mut shapes = Shapes::default();
    shapes.observe(&format!("{}@example.org", "a".repeat(300)));
    assert_eq!((shapes.seen, shapes.alike(Likeness::Email)), (1, 0));
}

#[test]
fn what_is_labelled_or_refused_is_not_suggested_again() {
    let fields = vec![field("email", FieldType::String), field("who", FieldType::String)];
    let mut dataset = dataset("d", fields, &[], &[]);
    dataset.identities = vec![identity("who", "Email")];
    let open = |labels: &DatasetLabels, refused: &[RefusedSuggestion]| {
        suggestions(dataset.schema.as_ref().unwrap(), &dataset.identities, &BTreeMap::new(), labels, refused)
    };
    let first = open(&dataset.labels, &[]);
    assert_eq!(first.len(), 2);
    assert_eq!((first[1].likeness, first[1].reasons.as_slice()), (Likeness::Email, [Reason::Identity].as_slice()));
    let refused = RefusedSuggestion { schema_path: first[1].schema_path.clone(), label: label("I1") };
    let mut labels = dataset.labels.clone();
    accept(&first[0], &mut labels);
    assert_eq!(labels.of_field(&first[0].schema_path), [label("I1")]);
    assert!(open(&labels, &[refused]).is_empty());
    labels = DatasetLabels { labels: vec![label("I1")], fields: Vec::new() };
    assert!(open(&labels, &[]).is_empty(), "inherited labels count");
}

#[test]
fn names_fall_into_words() {
    for (name, expected) in [
        ("personalEmail_address2", vec!["personal", "email", "address"]),
        ("crmId", vec!["crm", "id"]),
        ("ECID", vec!["ecid"]),
        ("e-mail", vec!["e", "mail"]),
        ("123", vec![]),
    ] {
        assert_eq!(words(name), expected, "{name}");
    }
}
