//! The log as clients see it.

use std::collections::BTreeSet;

use aws_lc_rs::digest;
use chrono::DateTime;
use serde_json::{Value, json};

use crate::testing::{Answer, Server};

const EVENTS: &str = "/data/foundation/audit/events";
const EXPORT: &str = "/data/foundation/audit/export";
const CHECK: &str = "/data/foundation/audit/check";

fn items(answer: &Answer) -> &Vec<Value> {
    answer.body["items"].as_array().unwrap_or_else(|| panic!("{}", answer.text))
}

fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "application/x-ndjson"), "{}", answer.text);
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_change_is_told_with_who_made_it_and_the_object_before_and_after() {
    let server = Server::start().await;
    let flow = server.flow("Loyal").await;
    let writer = server.as_client("writer", &["write"]).await;
    let path = format!("/data/foundation/flowservice/flows/{}", flow.id);
    let rename = json!([{"op": "replace", "path": "/name", "value": "Renamed"}]);
    assert_eq!(writer.patch(&path, Some("*"), &rename).await.status, 200);
    assert_eq!(writer.patch(&path, Some("*"), &rename).await.status, 200, "nothing changes, nothing is told");
    assert_eq!(writer.delete(&path).await.status, 204);
    let told = server.client().get(&format!("{EVENTS}?objectId={}&orderby=seq", flow.id)).await;
    let actions: Vec<(&str, &str)> =
        items(&told).iter().map(|e| (e["action"].as_str().unwrap(), e["actor"].as_str().unwrap())).collect();
    assert_eq!(actions, [("created", "admin"), ("updated", "writer"), ("deleted", "writer")], "{}", told.text);
    let [created, updated, deleted] = [&items(&told)[0], &items(&told)[1], &items(&told)[2]];
    assert_eq!((&created["noun"], &created["before"]), (&json!("flow"), &Value::Null));
    assert_eq!((&updated["before"]["name"], &updated["after"]["name"]), (&json!("Loyal"), &json!("Renamed")));
    assert_eq!((&deleted["objectName"], &deleted["after"]), (&json!("Renamed"), &Value::Null));
    assert_eq!(created["sandboxName"], "prod");
    assert!(DateTime::parse_from_rfc3339(created["at"].as_str().unwrap()).is_ok());
}

#[tokio::test]
async fn records_come_page_by_page_and_filters_hold() {
    let server = Server::start().await;
    server.flow("Loyal").await;
    let reader = server.as_client("reader", &["read"]).await;
    let whole = lines(&reader.get(EXPORT).await);
    assert!(whole.len() >= 5, "{whole:?}");
    for (order, expected) in [("-seq", whole.iter().rev().cloned().collect::<Vec<_>>()), ("seq", whole.clone())] {
        let (mut found, mut path) = (Vec::new(), format!("{EVENTS}?limit=2&orderby={order}"));
        loop {
            let page = reader.get(&path).await;
            assert!(items(&page).len() <= 2, "{}", page.text);
            found.extend(items(&page).iter().cloned());
            let Some(next) = page.body["_links"]["next"]["href"].as_str() else { break };
            path = format!("/data/foundation/audit{next}");
        }
        assert_eq!(found, expected, "{order}");
    }
    let nouns: BTreeSet<&str> = whole.iter().map(|event| event["noun"].as_str().unwrap()).collect();
    for noun in nouns {
        let some = reader.get(&format!("{EVENTS}?noun={noun}&limit=100")).await;
        assert!(!items(&some).is_empty() && items(&some).iter().all(|event| event["noun"] == noun), "{}", some.text);
        assert_eq!(lines(&reader.get(&format!("{EXPORT}?noun={noun}")).await).len(), items(&some).len());
    }
    let hour = |hours: i64| (server.now() + chrono::TimeDelta::hours(hours)).timestamp_millis();
    for (filter, count) in [
        ("actor=nobody".to_owned(), 0),
        ("action=deleted".to_owned(), 0),
        (format!("since={}", hour(1)), 0),
        (format!("until={}", hour(-1)), 0),
        (format!("since={}&until={}", hour(-1), hour(1)), whole.len()),
        ("since=2026-01-01T00:00:00%2B01:00".to_owned(), whole.len()),
    ] {
        assert_eq!(items(&reader.get(&format!("{EVENTS}?limit=100&{filter}")).await).len(), count, "{filter}");
    }
    for (wrong, field) in
        [("since=yesterday", "since"), ("orderby=name", "orderby"), ("limit=0", "limit"), ("start=x", "start")]
    {
        assert_eq!(reader.get(&format!("{EVENTS}?{wrong}")).await.fields(), [field]);
    }
    assert_eq!(reader.get(&format!("{EXPORT}?until=x")).await.fields(), ["until"]);
    // Another sandbox has a log of its own.
    assert_eq!(items(&reader.in_sandbox("dev").get(EVENTS).await).len(), 0);
    assert_eq!(reader.in_sandbox("dev").get(EXPORT).await.text, "");
}

#[tokio::test]
async fn an_export_can_be_checked_without_the_server() {
    let server = Server::start().await;
    let flow = server.flow("Loyal \u{fc}\"").await;
    server.client().delete(&format!("/data/foundation/flowservice/flows/{}", flow.id)).await;
    let records = lines(&server.client().get(EXPORT).await);
    let mut previous = "0".repeat(64);
    for (index, record) in records.iter().enumerate() {
        assert_eq!(record["seq"], index + 1);
        let text = |name: &str| match &record[name] {
            Value::Null => Value::Null,
            value => json!(value.to_string()),
        };
        let at = DateTime::parse_from_rfc3339(record["at"].as_str().unwrap()).unwrap().timestamp_micros();
        let array = json!([
            previous,
            record["sandboxName"],
            record["seq"],
            at,
            record["actor"],
            record["action"],
            record["noun"],
            record["objectId"],
            record["objectName"],
            text("before"),
            text("after"),
            text("detail")
        ]);
        let hash = digest::digest(&digest::SHA256, array.to_string().as_bytes());
        previous = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(record["hash"], *previous, "{record}");
    }
    let checked = server.client().get(CHECK).await;
    let expected = json!({"intact": true, "records": records.len(), "brokenAt": null, "next": null});
    assert_eq!(checked.body, expected, "{}", checked.text);
    let behind = server.client().get(&format!("{CHECK}?after=2")).await;
    assert_eq!(behind.body["records"], records.len() - 2, "{}", behind.text);
}

#[tokio::test]
async fn what_is_about_the_server_is_for_who_may_do_everything() {
    let server = Server::start().await;
    let secret = json!({"id": "reporting", "scopes": ["read"], "sandboxes": ["prod"]});
    let made = server.client().post("/data/foundation/clients", &secret).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let told = server.client().get(&format!("{EVENTS}?server=true&objectId=reporting")).await;
    assert_eq!(
        (&items(&told)[0]["action"], &items(&told)[0]["actor"]),
        (&json!("created"), &json!("admin")),
        "{}",
        told.text
    );
    assert!(!told.text.contains(made.body["secret"].as_str().unwrap()), "{}", told.text);
    let writer = server.as_client("writer", &["write"]).await;
    for path in [EVENTS, EXPORT, CHECK] {
        let refused = writer.get(&format!("{path}?server=true")).await;
        assert_eq!((refused.status, refused.body["scope"].as_str()), (403, Some("*")), "{}", refused.text);
        assert_eq!(server.client().get(&format!("{path}?server=true")).await.status, 200);
    }
}

#[tokio::test]
async fn no_secret_is_in_the_log() {
    let server = Server::start().await;
    let s3 = server.practice_s3().await;
    let account = s3.account("Exports");
    let made = server.client().post("/data/foundation/flowservice/connections", &account).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let log = server.client().get(EXPORT).await.text;
    assert!(log.contains("\"Exports\""), "{log}");
    let secret = account.pointer("/auth/params/s3SecretKey").and_then(Value::as_str).unwrap();
    assert!(!log.contains(secret), "{log}");
}

#[tokio::test]
async fn a_start_that_no_page_gave_is_refused() {
    let server = Server::start().await;
    for start in ["9223372036854775808", "-1", "x"] {
        let refused = server.client().get(&format!("/data/foundation/audit/events?start={start}")).await;
        assert_eq!((refused.status, refused.fields()), (400, vec!["start".to_owned()]), "{start}: {}", refused.text);
    }
}
