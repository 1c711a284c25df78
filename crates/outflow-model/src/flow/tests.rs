//! Activations as clients send them.

use serde_json::json;

use super::*;

const SEGMENT: &str = "d47e9c03-ef9a-491c-be24-7a985c0e221d";

fn schedule() -> Value {
    json!({"frequency": "DAILY", "triggerType": "SCHEDULED", "startDate": "2026-01-04", "startTime": "10:00"})
}

fn segment(id: &str) -> Value {
    json!({"type": "PLATFORM_SEGMENT", "value": {
        "id": id, "name": "People", "filenameTemplate": "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
        "exportMode": "DAILY_FULL_EXPORT", "schedule": schedule(),
    }})
}

fn attribute(path: &str) -> Value {
    json!({"type": "JSON_PATH", "value": {"operator": "EXISTS", "path": path}})
}

fn flow(params: &Value) -> Value {
    json!({"name": "f", "transformations": [{"name": "GeneralTransform", "params": params}]})
}

fn with(segments: &[Value], attributes: &[Value]) -> Value {
    flow(&json!({"segmentSelectors": {"selectors": segments}, "profileSelectors": {"selectors": attributes}}))
}

fn parse(flow: &Value) -> Result<Activation, Problems> {
    Activation::parse(flow, FlowKind::Batch, &Guardrails::default())
}

const PARAMS: &str = "/transformations/0/params/";

/// The fields of the problems, without the way to the parameters.
fn refused(flow: &Value) -> Vec<String> {
    parse(flow).unwrap_err().0.into_iter().map(|p| p.field.replacen(PARAMS, "", 1)).collect()
}

fn warned(flow: &Value) -> Vec<String> {
    parse(flow).unwrap().warnings.into_iter().map(|p| p.field.replacen(PARAMS, "", 1)).collect()
}

fn headers(flow: &Value) -> Vec<String> {
    parse(flow).unwrap().mapping.into_iter().map(|row| row.header).collect()
}

#[test]
fn a_flow_begins_with_nothing() {
    for flow in [
        json!({}),
        json!({"transformations": []}),
        json!({"transformations": [{"name": "General Transform", "params": {
            "mandatoryFields": [], "primaryFields": [], "profileMapping": {}, "segmentSelectors": {"selectors": []},
        }}]}),
        json!({"transformations": [{"name": "GeneralTransform"}], "scheduleParams": {}}),
    ] {
        let activation = parse(&flow).unwrap();
        assert_eq!(
            (activation.segments.len(), activation.mapping.len(), activation.warnings),
            (0, 0, vec![]),
            "{flow}"
        );
    }
}

#[test]
fn the_tutorials_activation_is_understood() {
    let mut body = with(&[segment(SEGMENT)], &[]);
    let params = &mut body["transformations"][0]["params"];
    params["segmentSelectors"]["selectors"][0]["value"]["createTime"] = json!("1658344069");
    params["segmentSelectors"]["selectors"][0]["value"]["enrichmentInfo"] = json!({"enabled": true});
    let rows = ["person.name.firstName", "personalEmail.address", "segmentMembership.status"];
    let selectors = rows.map(|path| {
        json!({"type": "JSON_PATH", "value": {"path": path, "operator": "EXISTS", "mapping": {
            "sourceType": "text/x.schema-path", "source": path, "destination": path, "identity": false,
            "primaryIdentity": false, "functionVersion": 0, "sourceAttribute": path, "destinationXdmPath": path,
        }}})
    });
    params["profileSelectors"] = json!({
        "selectors": selectors,
        "mandatoryFields": ["person.name.firstName"],
        "primaryFields": [{"fieldType": "ATTRIBUTE", "attributePath": "personalEmail.address"}],
    });
    let activation = parse(&body).unwrap();
    let found = activation.segment(SEGMENT).unwrap();
    assert_eq!(found.created_at.unwrap().timestamp(), 1_658_344_069);
    assert_eq!(found.template.to_string(), "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%");
    assert_eq!(found.pointer, "/transformations/0/params/segmentSelectors/selectors/0/value");
    assert_eq!(found.export.as_ref().unwrap().mode, ExportMode::DailyFullExport);
    assert_eq!(headers(&body), ["person_name_firstName", "personalEmail_address", "segmentMembership_status"]);
    assert_eq!(activation.mandatory, [FieldPath::parse("person.name.firstName").unwrap()]);
    assert_eq!(activation.dedup, Some(Dedup::Attributes(vec![FieldPath::parse("personalEmail.address").unwrap()])));
    assert!(activation.maps_status(SEGMENT));
    assert_eq!(activation.warnings, []);
}

#[test]
fn the_default_file_name_is_the_documented_one() {
    let mut body = with(&[segment("s")], &[attribute("a")]);
    let value = &mut body["transformations"][0]["params"]["segmentSelectors"]["selectors"][0]["value"];
    value["filenameTemplate"] = Value::Null;
    let activation = parse(&body).unwrap();
    assert_eq!(activation.segments[0].template.to_string(), crate::template::DEFAULT_TEMPLATE);
}

#[test]
fn all_problems_of_segments_are_told_with_their_place() {
    let changed = |changes: &Value| {
        let mut selector = segment("s");
        for (name, value) in changes.as_object().unwrap() {
            selector["value"][name] = value.clone();
        }
        let fields = refused(&with(&[selector], &[attribute("a")]));
        fields.into_iter().map(|f| f.replacen("segmentSelectors/selectors/0/value", "", 1)).collect::<Vec<_>>()
    };
    for (changes, expected) in [
        (json!({"id": null}), vec!["/id"]),
        (json!({"id": " ", "name": 7}), vec!["/id", "/name"]),
        (json!({"filenameTemplate": "%DESTINATION_NAME%_daily"}), vec!["/filenameTemplate"]),
        (json!({"filenameTemplate": "%SEGMENT_ID%"}), vec!["/filenameTemplate"]),
        (json!({"filenameTemplate": "fixed"}), vec!["/filenameTemplate", "/filenameTemplate"]),
        (json!({"filenameTemplate": "%NOPE%/x"}), vec!["/filenameTemplate", "/filenameTemplate"]),
        (json!({"filenameTemplate": null, "fileNameTemplate": "x"}), vec!["/fileNameTemplate", "/fileNameTemplate"]),
        (json!({"fileNameTemplate": "%DESTINATION_NAME%_%SEGMENT_ID%"}), vec!["/fileNameTemplate"]),
        (json!({"exportMode": "DAILY"}), vec!["/exportMode"]),
        (json!({"exportMode": null, "schedule": null}), vec!["/exportMode", "/schedule"]),
        (
            json!({"exportMode": null, "schedule": {"frequency": "EVERY_3_HOURS"}}),
            vec!["/exportMode", "/schedule/startDate", "/schedule/startTime"],
        ),
        (
            json!({"exportMode": "FIRST_FULL_THEN_INCREMENTAL", "schedule": {"frequency": "ONCE"}, "createTime": "x"}),
            vec!["/createTime", "/schedule/frequency", "/schedule/startDate", "/schedule/startTime"],
        ),
    ] {
        assert_eq!(changed(&changes), expected, "{changes}");
    }
}

#[test]
fn selectors_of_other_kinds_are_refused() {
    let body = with(
        &[json!({"type": "EDGE_SEGMENT"}), json!(7), segment("s"), segment("s")],
        &[
            json!({"type": "XPATH", "value": {"path": "a..b", "operator": "IS"}}),
            json!({"value": {}}),
            json!({"type": "JSON_PATH", "value": {"path": "a", "mapping": 1}}),
        ],
    );
    assert_eq!(
        refused(&body),
        [
            "segmentSelectors/selectors/0/type",
            "segmentSelectors/selectors/0/value",
            "segmentSelectors/selectors/1",
            "segmentSelectors/selectors/3/value/id",
            "profileSelectors/selectors/0/type",
            "profileSelectors/selectors/0/value/operator",
            "profileSelectors/selectors/0/value/path",
            "profileSelectors/selectors/1/type",
            "profileSelectors/selectors/1/value/path",
            "profileSelectors/selectors/2/value/mapping",
        ]
    );
    let several = json!({"transformations": [{"name": "Other"}, {"params": {}}, 3]});
    let expected = [
        "/transformations/0/name",
        "/transformations/1/name",
        "/transformations/2",
        "/transformations/1",
        "/transformations/2",
    ];
    assert_eq!(refused(&several), expected);
    assert_eq!(refused(&json!({"transformations": {}})), ["/transformations"]);
    assert_eq!(refused(&flow(&json!([]))), [PARAMS.trim_end_matches('/')]);
}

#[test]
fn headers_are_given_or_made_and_never_equal() {
    let mapped =
        |path: &str, mapping: &Value| json!({"type": "JSON_PATH", "value": {"path": path, "mapping": mapping}});
    let body = with(
        &[],
        &[
            mapped("a.b", &json!({"destination": "xdm: a.b"})),
            mapped("a.c", &json!({"destination": "C c"})),
            mapped("a.d", &json!({"destinationXdmPath": "x.d"})),
            mapped("a.e", &json!({"header": "e", "destination": "other"})),
            attribute("xdm: segmentMembership.seg_namespace.seg_id.lastQualificationTime"),
            attribute("a.f[0].`g h`"),
        ],
    );
    assert_eq!(headers(&body), ["a_b", "C c", "x.d", "e", "segmentMembership_lastQualificationTime", "a_f_0_g h"]);
    let body = with(&[], &[attribute("a.b"), attribute("a_b"), mapped("c", &json!({"header": ""}))]);
    assert_eq!(
        refused(&body),
        ["profileSelectors/selectors/1/value", "profileSelectors/selectors/2/value/mapping/header",]
    );
}

#[test]
fn what_deduplicates_is_one_namespace_or_two_attributes() {
    let by = |keys: &Value| flow(&json!({"primaryFields": keys, "profileSelectors": {"selectors": [attribute("a")]}}));
    let attribute_key = |path: &str| json!({"fieldType": "ATTRIBUTE", "attributePath": path});
    let namespace_key = |name: &str| json!({"fieldType": "IDENTITY", "identityNamespace": name});
    let path = |text: &str| FieldPath::parse(text).unwrap();
    for (keys, expected) in [
        (json!([]), None),
        (json!([namespace_key("GAID")]), Some(Dedup::Namespace("GAID".into()))),
        (json!([attribute_key("a.b")]), Some(Dedup::Attributes(vec![path("a.b")]))),
        (json!([attribute_key("a.b"), attribute_key("c")]), Some(Dedup::Attributes(vec![path("a.b"), path("c")]))),
    ] {
        assert_eq!(parse(&by(&keys)).unwrap().dedup, expected, "{keys}");
    }
    for (keys, expected) in [
        (json!([attribute_key("a"), attribute_key("b"), attribute_key("c")]), vec!["primaryFields"]),
        (json!([namespace_key("A"), namespace_key("B")]), vec!["primaryFields"]),
        (json!([namespace_key("A"), attribute_key("b")]), vec!["primaryFields"]),
        (json!([attribute_key("b"), attribute_key("b")]), vec!["primaryFields/1"]),
        (
            json!([attribute_key(""), {"fieldType": "IDENTITY"}, "x"]),
            vec!["primaryFields/0/attributePath", "primaryFields/1/identityNamespace", "primaryFields/2"],
        ),
        (json!([{"fieldType": "EMAIL"}]), vec!["primaryFields/0/fieldType"]),
        (json!("Email"), vec!["primaryFields"]),
        // The first column has the namespace's name.
        (json!([namespace_key("a")]), vec!["profileSelectors/selectors/0/value"]),
    ] {
        assert_eq!(refused(&by(&keys)), expected, "{keys}");
    }
}

#[test]
fn both_places_of_keys_count() {
    let email = json!([{"fieldType": "ATTRIBUTE", "attributePath": "email"}]);
    let body = |outer: &Value, inner: &Value| {
        flow(&json!({
            "primaryFields": outer, "mandatoryFields": ["a", "b"],
            "profileSelectors": {"primaryFields": inner, "mandatoryFields": ["b", "c"]},
        }))
    };
    let activation = parse(&body(&json!([]), &email)).unwrap();
    assert!(activation.dedup.is_some());
    assert_eq!(activation.mandatory.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(parse(&body(&email, &email)).unwrap().dedup, activation.dedup);
    let other = json!([{"fieldType": "IDENTITY", "identityNamespace": "Email"}]);
    assert_eq!(refused(&body(&email, &other)), ["profileSelectors/primaryFields"]);
}

#[test]
fn a_selected_namespace_deduplicates() {
    let named = json!({"type": "JSON_PATH", "value": {"path": "identityMap.ECID", "identity": {"namespace": "ECID"}}});
    let mut body = with(&[], &[attribute("identityMap.ECID[0].id"), named]);
    body["transformations"][0]["params"]["mandatoryFields"] = json!(["ECID", "identityMap.ECID"]);
    let activation = parse(&body).unwrap();
    assert_eq!(activation.dedup, Some(Dedup::Namespace("ECID".into())));
    assert_eq!(activation.mapping.len(), 1);
    assert_eq!(activation.mandatory.iter().map(ToString::to_string).collect::<Vec<_>>(), ["identityMap.ECID[0].id"]);
    let two = with(&[], &[attribute("identityMap.ECID"), attribute("identityMap.Email")]);
    assert_eq!(refused(&two), ["profileSelectors/selectors/1/value"]);
    body["transformations"][0]["params"]["primaryFields"] = json!([{"fieldType": "ATTRIBUTE", "attributePath": "a"}]);
    assert_eq!(refused(&body), ["primaryFields"]);
}

#[test]
fn a_key_may_exit_while_somebody_who_shares_it_stays_which_is_warned_of() {
    for (mode, status, key, warns) in [
        ("FIRST_FULL_THEN_INCREMENTAL", true, true, true),
        ("DAILY_FULL_EXPORT", true, true, false),
        ("FIRST_FULL_THEN_INCREMENTAL", false, true, false),
        ("FIRST_FULL_THEN_INCREMENTAL", true, false, false),
    ] {
        let columns = [attribute("a"), attribute(if status { "segmentMembership.status" } else { "b" })];
        let mut body = with(&[segment("s")], &columns);
        let params = &mut body["transformations"][0]["params"];
        params["segmentSelectors"]["selectors"][0]["value"]["exportMode"] = json!(mode);
        if key {
            params["primaryFields"] = json!([{"fieldType": "ATTRIBUTE", "attributePath": "a"}]);
        }
        let wanted: &[&str] = if warns { &["segmentSelectors/selectors/0/value/exportMode"] } else { &[] };
        let mut warned = warned(&body);
        warned.retain(|field| field.ends_with("exportMode"));
        assert_eq!(warned, wanted, "{mode} {status} {key}");
    }
}

#[test]
fn streams_take_segments_without_schedule_and_no_keys() {
    let stream = |flow: &Value| Activation::parse(flow, FlowKind::Streaming, &Guardrails::default());
    let plain = json!({"type": "PLATFORM_SEGMENT", "value": {"id": "s", "name": "n", "description": "d"}});
    let activation =
        stream(&with(&[plain], &[attribute("a.b"), attribute("a_b"), attribute("identityMap.ECID")])).unwrap();
    assert_eq!(activation.segments[0].export, None);
    assert_eq!(activation.segments[0].description.as_deref(), Some("d"));
    assert_eq!(activation.mapping.len(), 2);
    assert_eq!(activation.warnings.len(), 1);
    let mut body = with(&[segment("s")], &[]);
    assert_eq!(stream(&body).unwrap().warnings.len(), 1);
    body["transformations"][0]["params"]["mandatoryFields"] = json!(["a"]);
    body["transformations"][0]["params"]["primaryFields"] =
        json!([{"fieldType": "IDENTITY", "identityNamespace": "E"}]);
    let fields: Vec<_> = stream(&body).unwrap_err().0.into_iter().map(|p| p.field.replacen(PARAMS, "", 1)).collect();
    assert_eq!(fields, ["mandatoryFields", "primaryFields"]);
}

#[test]
fn streams_map_nothing_that_every_message_has() {
    let stream = |flow: &Value| Activation::parse(flow, FlowKind::Streaming, &Guardrails::default());
    let rows = ["a", "identityMap.ECID[0].id", "segmentMembership.status", "segmentMembership.ups.s.status"];
    let mut body = with(&[], &rows.map(attribute));
    body["transformations"][0]["params"]["streaming"] = json!({"triggers": {"attributes": 1}});
    let fields: Vec<_> = stream(&body).unwrap_err().0.into_iter().map(|p| p.field.replacen(PARAMS, "", 1)).collect();
    let row = |i: usize| format!("profileSelectors/selectors/{i}/value/path");
    assert_eq!(fields, [row(1), row(2), row(3), "streaming/triggers/attributes".into()]);
    // Files do not read it.
    body["transformations"][0]["params"]["profileSelectors"]["selectors"] = json!([]);
    assert_eq!(parse(&body).unwrap().streaming, None);
}

#[test]
fn segments_without_a_schedule_take_the_flows() {
    let mut body = with(&[json!({"type": "PLATFORM_SEGMENT", "value": {"id": "s"}}), segment("t")], &[attribute("a")]);
    body["scheduleParams"] = json!({"interval": "6", "timeUnit": "hour", "startTime": 1_675_901_210});
    let activation = parse(&body).unwrap();
    let frequency = |i: usize| activation.segments[i].export.as_ref().unwrap().schedule.frequency.name();
    assert_eq!((frequency(0), frequency(1)), ("EVERY_6_HOURS", "DAILY"));
}

#[test]
fn what_is_worth_knowing_is_said() {
    let mut selector = segment("s");
    selector["value"]["exportMode"] = json!("FIRST_FULL_THEN_INCREMENTAL");
    selector["value"]["filenameTemplate"] = json!("%DESTINATION_NAME%_%SEGMENT_ID%");
    let place = "segmentSelectors/selectors/0/value";
    assert_eq!(
        warned(&with(&[selector.clone()], &[attribute("a")])),
        [place.to_string(), format!("{place}/filenameTemplate"),]
    );
    let status = attribute("segmentMembership.ups.s.status");
    assert_eq!(warned(&with(&[selector], &[status])), [format!("{place}/filenameTemplate")]);
    assert_eq!(warned(&with(&[segment("s")], &[])), ["profileSelectors/selectors"]);
    assert_eq!(warned(&flow(&json!({"profileMapping": {"mappingId": "m", "mappingVersion": 0}}))), ["profileMapping"]);
    let many: Vec<Value> = (0..51).map(|i| attribute(&format!("a{i}"))).collect();
    assert_eq!(warned(&with(&[segment("s")], &many)), ["profileSelectors/selectors"]);
    let many: Vec<Value> = (0..251).map(|i| segment(&format!("s{i}"))).collect();
    assert_eq!(warned(&with(&many, &[attribute("a")])), ["segmentSelectors/selectors"]);
}

#[test]
fn names_that_come_out_too_long_are_found_before_a_run() {
    let mut selector = segment("s");
    selector["value"]["filenameTemplate"] = json!("%DESTINATION_NAME%_%SEGMENT_ID%_%SEGMENT_NAME%_%ORGANIZATION_NAME%");
    let activation = parse(&with(&[selector], &[attribute("a")])).unwrap();
    let names = |organization_name| FlowNames {
        destination_name: "Acme",
        flow_id: "f",
        flow_name: "F",
        organization_name,
        sandbox_name: "prod",
    };
    let check = |organization, name: &str| {
        let found = activation.check_names(&names(organization), &|_| Some(name.to_string()), "csv", Some("gz"));
        found.into_iter().map(|p| (p.field, p.message)).collect::<Vec<_>>()
    };
    assert_eq!(check(Some("Org"), "short"), []);
    let (field, message) = check(Some("Org"), &"x".repeat(240)).remove(0);
    assert_eq!(field, "/transformations/0/params/segmentSelectors/selectors/0/value/filenameTemplate");
    assert!(message.contains("255"), "{message}");
    assert!(check(None, "short")[0].1.contains("%ORGANIZATION_NAME%"));
}

#[test]
fn a_schedule_that_is_over_is_noticed() {
    let mut selector = segment("s");
    selector["value"]["schedule"]["endDate"] = json!("2026-01-11");
    let activation = parse(&with(&[selector], &[attribute("a")])).unwrap();
    assert_eq!(activation.check_schedules("2026-01-10T09:00:00Z".parse().unwrap()), []);
    let found = activation.check_schedules("2026-01-10T10:00:00Z".parse().unwrap());
    assert_eq!(found[0].field, "/transformations/0/params/segmentSelectors/selectors/0/value/schedule");
}

#[test]
fn paths_are_checked_against_the_profiles() {
    use crate::schema::{Field, FieldType};
    let mut body = with(
        &[],
        &[
            attribute("segmentMembership.seg_namespace.seg_id.status"),
            attribute("segmentMembership.ups.other.lastQualificationTime"),
            attribute("persn.name"),
            attribute("tags"),
        ],
    );
    let params = &mut body["transformations"][0]["params"];
    params["mandatoryFields"] = json!(["person.name", "tags", "nothing"]);
    params["profileSelectors"]["primaryFields"] = json!([{"fieldType": "ATTRIBUTE", "attributePath": "person.name"}, {"fieldType": "ATTRIBUTE", "attributePath": "tags"}]);
    let field = |name: &str, field_type| Field { name: name.into(), field_type };
    let schema = Schema {
        fields: vec![
            field("person", FieldType::Struct(vec![field("name", FieldType::String)])),
            field("tags", FieldType::List(Box::new(FieldType::String))),
        ],
    };
    let activation = parse(&body).unwrap();
    let found = |scalars_only| {
        let problems = activation.check_paths(&schema, scalars_only);
        problems.into_iter().map(|p| p.field.replacen(PARAMS, "", 1)).collect::<Vec<_>>()
    };
    let others = ["mandatoryFields/2", "profileSelectors/primaryFields/1/attributePath"];
    assert_eq!(found(false), [&["profileSelectors/selectors/2/value/path"][..], &others].concat());
    let columns = ["profileSelectors/selectors/2/value/path", "profileSelectors/selectors/3/value/path"];
    assert_eq!(found(true), [columns, others].concat());
    assert_eq!(activation.check_paths(&schema, false)[0].near, ["person.name"]);
}
