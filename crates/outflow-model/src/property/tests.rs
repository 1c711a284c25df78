//! Filters against bodies as lists have them.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn flow() -> Value {
    json!({
        "id": "f1",
        "name": "Weekly, \"best\" mail",
        "state": "enabled",
        "createdAt": 1_670_880_253_121_i64,
        "updatedAt": "2026-11-25T18:00:00Z",
        "rate": 0.5,
        "count": 18_446_744_073_709_551_615_u64,
        "small": "007",
        "isDestinationFlow": true,
        "nothing": null,
        "empty": "",
        "startDate": "2026-01-05",
        "inheritedAttributes": {"targetConnections": [
            {"id": "t1", "connectionSpec": {"id": "spec-1"}}, {"id": "t2", "connectionSpec": {"id": "spec-2"}},
        ]},
        "nested": [[1, 2], [3]],
    })
}

fn matches(text: &str) -> bool {
    Filter::parse(text).unwrap().matches(&flow())
}

#[test]
fn what_matches() {
    for text in [
        "state==enabled",
        "state == enabled",
        "state==\"enabled\"",
        "state=='enabled'",
        "state==disabled,enabled",
        "state!=disabled",
        "state!=disabled,other",
        "name==\"Weekly, \\\"best\\\" mail\"",
        "name=='Weekly, \"best\" mail'",
        "createdAt>=1670880253121",
        "createdAt>1670880253120",
        "createdAt==\"1670880253121\"",
        "createdAt<1670880253121.5",
        "createdAt>2022-12-12T00:00:00Z",
        "createdAt<2022-12-13",
        "updatedAt>2026-11-25T19:00:00+02:00",
        "updatedAt<=2026-11-25T18:00:00.000Z",
        "updatedAt>1670880253121",
        "startDate<2026-01-06",
        "startDate>=2026-01-05T00:00:00Z",
        "rate==0.50",
        "rate<=5e-1",
        "count==18446744073709551615",
        "count>18446744073709551614",
        "small<8",
        "small==007",
        "isDestinationFlow==true",
        "isDestinationFlow==True",
        "isDestinationFlow!=false",
        "empty==\"\"",
        "state",
        "inheritedAttributes.targetConnections[]",
        "inheritedAttributes.targetConnections[].connectionSpec.id==spec-2",
        "inheritedAttributes.targetConnections[1].id==t2",
        "inheritedAttributes.targetConnections[].id!=t1",
        "nested[][]==3",
    ] {
        assert!(matches(text), "{text}");
    }
}

#[test]
fn what_does_not_match() {
    for text in [
        "state==Enabled",
        "state==disabled",
        "state!=enabled",
        "state!=other,enabled",
        "state>a",
        "unknown==x",
        "unknown!=x",
        "unknown",
        "unknown.path[]==x",
        "nothing==null",
        "nothing!=x",
        "nothing",
        "id.x==f1",
        "id[]==f1",
        "inheritedAttributes.targetConnections.id==t1",
        "inheritedAttributes.targetConnections[2].id==t1",
        "inheritedAttributes==x",
        "createdAt>=abc",
        "createdAt==2022-12-12T00:00:00Z",
        "small==7",
        "rate==NaN",
        "rate<inf",
        "rate<infinity",
        "isDestinationFlow==1",
        "nested[]==3",
    ] {
        assert!(!matches(text), "{text}");
    }
}

#[test]
fn what_is_no_filter() {
    for text in [
        "",
        "==x",
        "state=enabled",
        "state===enabled",
        "state!enabled",
        "state==",
        "state==a,",
        "state==,a",
        "state==\"a",
        "state==\"a\"b",
        ".state==x",
        "state.==x",
        "a..b==x",
        "a[==x",
        "a[x]==x",
        "a]==x",
        "[]==x",
        "a[]b==x",
        "a,b",
        "a[99999999999999999999]==x",
    ] {
        let problem = Filter::parse(text).unwrap_err();
        assert_eq!(problem.field, "property", "{text}");
    }
    assert!(Filter::parse(&format!("a=={}", "x".repeat(FILTER_BYTES_MAX))).is_err());
}

#[test]
fn several_filters_must_all_match_and_all_problems_are_told() {
    let filters = Filters::parse(&["state==enabled", "id==f1,f2"]).unwrap();
    assert!(filters.matches(&flow()));
    assert!(!Filters::parse(&["state==enabled", "id==f2"]).unwrap().matches(&flow()));
    assert!(Filters::default().matches(&flow()) && Filters::default().is_empty());
    assert_eq!(Filters::parse(&["a=b", "x==1", ""]).unwrap_err().0.len(), 2);
}

#[test]
fn equalities_can_be_asked_for() {
    let filters = Filters::parse(&["name!=x", "flowId==a,\"b,c\"", "createdAt>1", "name==y"]).unwrap();
    assert_eq!(filters.equality("flowId"), Some(["a".to_string(), "b,c".to_string()].as_slice()));
    assert_eq!(filters.equality("name"), Some(["y".to_string()].as_slice()));
    assert_eq!(filters.equality("createdAt"), None);
    assert_eq!(filters.equality("id"), None);
    assert_eq!(filters.0[0].path(), "name");
}

fn bodies() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-c0-9T:Z.\\-]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[ab]", inner, 0..3).prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_and_no_body_breaks_it(
        text in prop_oneof![any::<String>(), "[ab.\\[\\]0-9]{1,8}[=!<>]{0,3}[ab,\"'\\\\0-9.eT:Z-]{0,12}"], body in bodies(),
    ) {
        if let Ok(filter) = Filter::parse(&text) {
            filter.matches(&body);
            filter.equality();
        }
    }

    #[test]
    fn any_text_is_found_when_it_is_quoted(value in any::<String>(), other in any::<String>()) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let (is, is_not) = (format!("a=={}", quoted(&value)), format!("a!={}", quoted(&value)));
        prop_assume!(is.len() <= FILTER_BYTES_MAX);
        for text in [&value, &other] {
            let body = json!({ "a": text });
            let is_same = *text == value;
            prop_assert_eq!(Filter::parse(&is).unwrap().matches(&body), is_same);
            prop_assert_eq!(Filter::parse(&is_not).unwrap().matches(&body), !is_same);
        }
    }

    #[test]
    fn numbers_order_as_numbers(a in any::<i64>(), b in any::<i64>()) {
        let body = json!({ "a": a });
        let holds = |operator: &str| Filter::parse(&format!("a{operator}{b}")).unwrap().matches(&body);
        prop_assert_eq!(holds("=="), a == b);
        prop_assert_eq!(holds("!="), a != b);
        prop_assert_eq!(holds("<"), a < b);
        prop_assert_eq!(holds("<="), a <= b);
        prop_assert_eq!(holds(">"), a > b);
        prop_assert_eq!(holds(">="), a >= b);
    }

    #[test]
    fn equality_that_is_pushed_into_a_query_never_loses_a_match(
        values in prop::collection::vec("[a-c]{1,3}", 1..4), id in "[a-c]{1,3}",
    ) {
        let filter = Filter::parse(&format!("id=={}", values.join(","))).unwrap();
        let pushed = filter.equality().unwrap().contains(&id);
        prop_assert_eq!(filter.matches(&json!({ "id": id })), pushed);
    }
}
