//! The rules that hold for every path, as existing clients depend on them.

use http::Method;
use outflow_model::access::AccessScope;
use serde_json::{Value, json};

use crate::app;
use crate::operation::Access;
use crate::testing::Server;

const FLOWS: &str = "/data/foundation/flowservice/flows";

/// A path with something in place of its parameters.
fn concrete(path: &str) -> String {
    path.replace("{id}", "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d")
}

#[tokio::test]
async fn without_a_token_nothing_is_open_but_what_must_be() {
    let server = Server::start().await;
    for operation in app::operations() {
        for method in operation.http_methods() {
            let path = concrete(&operation.path);
            let answer = server.anonymous().send(method.clone(), &path, &[], None).await;
            match operation.access {
                Access::Token(_) | Access::Anywhere | Access::Metrics => {
                    assert_eq!(answer.status, 403, "{method} {path}");
                    assert_eq!(answer.body["error_code"], "403010", "{method} {path}");
                }
                Access::Public => assert_ne!(answer.status, 403, "{method} {path}"),
            }
        }
    }
}

#[tokio::test]
async fn a_token_that_is_not_valid_is_401013() {
    let server = Server::start().await;
    let answer = server.with_token("Bearer not-a-token").get(FLOWS).await;
    assert_eq!((answer.status, answer.body["error_code"].as_str()), (401, Some("401013")));
    assert_eq!(
        (answer.content_type.as_str(), answer.header("www-authenticate")),
        ("application/problem+json", "Bearer")
    );
    assert_eq!(answer.body["message"], answer.body["errorMessage"]);
}

#[tokio::test]
async fn an_expired_token_is_not_valid() {
    let server = Server::start().await;
    let client = server.with_token(&format!("Bearer {}", server.new_token().await));
    assert_eq!(client.get(FLOWS).await.status, 200);
    server.later(chrono::TimeDelta::hours(2));
    assert_eq!(client.get(FLOWS).await.body["error_code"], "401013");
}

#[tokio::test]
async fn headers_of_other_services_are_accepted_and_never_widen_access() {
    let server = Server::start().await;
    let headers = [("x-api-key", "key"), ("x-gw-ims-org-id", "other@Org"), ("content-type", "application/json")];
    assert_eq!(server.client().send(Method::GET, FLOWS, &headers, None).await.status, 200);
    let new = outflow_store::NewClient {
        id: "limited".into(),
        name: "Limited".into(),
        scopes: vec![AccessScope::Read],
        sandboxes: vec!["dev".into()],
    };
    server.store().create_client(new, "tester").await.unwrap();
    let hour = std::time::Duration::from_secs(3_600);
    let token = server.store().issue_token_locally("limited", hour).await.unwrap().token;
    let token = secrecy::ExposeSecret::expose_secret(&token).to_owned();
    let limited = server.with_token(&format!("Bearer {token}"));
    assert_eq!(limited.in_sandbox("dev").get(FLOWS).await.status, 200);
    for answer in [limited.get(FLOWS).await, limited.in_sandbox("prod").get(FLOWS).await] {
        assert_eq!((answer.status, answer.body["error_code"].as_str()), (403, Some("403027")), "{}", answer.text);
    }
    let odd = server.client().in_sandbox("../prod").get(FLOWS).await;
    assert_eq!(odd.status, 400);
}

/// What a scope opens, by asking: every operation, as clients of each scope.
#[tokio::test]
async fn a_scope_opens_what_it_says_and_nothing_more() {
    let server = Server::start().await;
    for scope in AccessScope::ALL {
        let client = server.as_client(&format!("client-{scope}").replace('*', "all"), &[scope.name()]).await;
        for operation in app::operations() {
            let Some(needed) = operation.access.scope(false) else { continue };
            for method in operation.http_methods() {
                let place = format!("{method} {} as {scope}", operation.path);
                // An odd body changes nothing, whoever sends it.
                let answer = client.send(method.clone(), &concrete(&operation.path), &[], Some("[".into())).await;
                let is_refused = answer.status == 403;
                assert_eq!(is_refused, scope < needed, "{place}: {}", answer.text);
                if is_refused {
                    assert_eq!(answer.body["error_code"], "403027", "{place}");
                    assert_eq!(answer.body["scope"], needed.name(), "{place}");
                    assert_eq!(answer.content_type, "application/problem+json", "{place}");
                }
            }
        }
    }
}

#[test]
fn what_changes_something_needs_more_than_read() {
    let reading = ["bulk-get", "preview", "policyCheck", "withheldPreview", "rowsPreview", "constraints", "bulk-eval"];
    for operation in app::operations() {
        let Some(needed) = operation.access.scope(false) else { continue };
        for method in operation.http_methods() {
            let last = operation.path.rsplit('/').next().unwrap();
            let place = format!("{method} {}", operation.path);
            let expected = match (&method, last) {
                _ if operation.path.contains("/clients") => AccessScope::All,
                // They make calls with an account's credentials.
                (&Method::GET, "test") => AccessScope::Write,
                // It is about people.
                (&Method::GET, "suppressions") => AccessScope::Write,
                (&Method::GET, _) => AccessScope::Read,
                (&Method::POST, last) if reading.contains(&last) => AccessScope::Read,
                _ => AccessScope::Write,
            };
            assert_eq!(needed, expected, "{place}");
        }
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_told_apart() {
    let server = Server::start().await;
    let client = server.client();
    for path in ["/", "/data", "/data/foundation/flowservice", "/data/foundation/flowservice/none", "/flows"] {
        let answer = client.get(path).await;
        assert_eq!((answer.status, answer.content_type.as_str()), (404, "application/problem+json"), "{path}");
    }
    let put = client.send(Method::PUT, FLOWS, &[], None).await;
    assert_eq!(put.status, 405, "{}", put.text);
    let allow = put.header("allow");
    assert!(allow.contains("GET") && allow.contains("POST") && !allow.contains("PUT"), "{allow}");
    let odd: Method = "PROPFIND".parse().unwrap();
    assert_eq!(client.send(odd, FLOWS, &[], None).await.status, 405);
}

#[tokio::test]
async fn options_and_head_are_answered() {
    let server = Server::start().await;
    let options = server.client().send(Method::OPTIONS, FLOWS, &[], None).await;
    assert_eq!((options.status, options.text.as_str()), (204, ""));
    assert!(options.header("allow").contains("POST"), "{:?}", options.headers);
    let head = server.client().head(FLOWS).await;
    assert_eq!((head.status, head.text.as_str(), head.content_type.as_str()), (200, "", "application/json"));
}

#[tokio::test]
async fn a_trailing_slash_is_the_same_path_everywhere() {
    let server = Server::start().await;
    for operation in app::operations() {
        let path = format!("{}/", concrete(&operation.path));
        for method in operation.http_methods() {
            let answer = server.client().send(method.clone(), &path, &[], None).await;
            assert_ne!(answer.body["detail"], "there is nothing at this path", "{method} {path}");
            assert_ne!(answer.status, 405, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn bodies_are_read_whatever_their_type_says() {
    let server = Server::start().await;
    let path = "/data/core/ups/segment/definitions";
    for (number, content_type) in
        ["text/plain", "", "application/x-www-form-urlencoded", "APPLICATION/JSON; charset=utf-8"].iter().enumerate()
    {
        let body = server.segment_body(&format!("Segment {number}")).to_string();
        let answer = server.client().post_text(path, content_type, &body).await;
        assert_eq!(answer.status, 200, "{content_type}: {}", answer.text);
    }
}

#[tokio::test]
async fn hostile_bodies_are_refused_and_never_break_anything() {
    let server = Server::start().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(2 << 20));
    let bodies = ["", "{", "null", "[]", "7", "{\"name\": \"\\ud800\"}", "{\"a\": 1e999}", "\u{0}"];
    for operation in app::operations() {
        for method in operation.http_methods() {
            if method == Method::GET {
                continue;
            }
            for body in bodies {
                let path = concrete(&operation.path);
                let headers = [("if-match", "*"), ("content-type", "application/json")];
                let answer = server.client().send(method.clone(), &path, &headers, Some(body.to_owned())).await;
                let shown: String = body.chars().take(40).collect();
                assert!(answer.status < 500, "{method} {path} with {shown}: {}", answer.text);
            }
        }
    }
    assert_eq!(server.client().post_text(FLOWS, "application/json", &large).await.status, 413);
    assert_eq!(server.client().post_text(FLOWS, "application/json", &deep).await.status, 400);
}

#[tokio::test]
async fn values_of_every_type_in_every_member_are_refused_or_taken() {
    let server = Server::start().await;
    let flow = server.flow("Loyal").await;
    let cases: [(&str, Value); 5] = [
        (FLOWS, server.flow_body(&flow, "Second")),
        ("/data/foundation/flowservice/targetConnections", server.folder_target(&flow.connection, "Second")),
        ("/data/foundation/flowservice/connections", crate::testing::folder_account("Second")),
        ("/data/core/ups/segment/definitions", server.segment_body("Second")),
        ("/data/foundation/datasets", server.dataset_body("Second")),
    ];
    let values =
        [json!(null), json!(true), json!(-1), json!(1.5e300), json!("\u{202e}%%%"), json!([[]]), json!({"": {}})];
    for (path, body) in cases {
        let mut pointers = Vec::new();
        pointers_of(&body, "", &mut pointers);
        for (number, pointer) in pointers.into_iter().enumerate() {
            // Two of the values each: with all of them the test would take minutes.
            for value in [&values[number % values.len()], &values[(number + 3) % values.len()]] {
                let mut changed = body.clone();
                *changed.pointer_mut(&pointer).unwrap() = value.clone();
                let answer = server.client().post(path, &changed).await;
                assert!(answer.status < 500, "{path} with {value} at {pointer}: {}", answer.text);
            }
        }
    }
}

fn pointers_of(value: &Value, at: &str, pointers: &mut Vec<String>) {
    pointers.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(number, item)| pointers_of(item, &format!("{at}/{number}"), pointers));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| pointers_of(member, &format!("{at}/{name}"), pointers));
        }
        _ => {}
    }
}

#[tokio::test]
async fn hostile_queries_and_ids_are_refused_or_find_nothing() {
    let server = Server::start().await;
    server.flow("Loyal").await;
    let queries = [
        "property=%00",
        "property===",
        "property=a[0==1",
        "property=name==%27%20or%201=1",
        "limit=99999999999999999999",
        "continuationToken=AAAA",
        "orderby=%27;drop",
        "start=9223372036854775807",
        "%FF=%FF&&count=2",
    ];
    for operation in app::operations().into_iter().filter(|operation| operation.path.starts_with("/data")) {
        if !operation.http_methods().contains(&Method::GET) || operation.path.ends_with("progress") {
            continue;
        }
        for query in queries {
            let path = format!("{}?{query}", concrete(&operation.path));
            let answer = server.client().get(&path).await;
            assert!(answer.status < 500, "{path}: {}", answer.text);
        }
    }
    for id in ["%00", "..%2f..%2fetc", "%FF", "'", "%F0%9F%92%A9", &"x".repeat(4_000)] {
        let answer = server.client().get(&format!("{FLOWS}/{id}")).await;
        assert_eq!(answer.status, 404, "{id}: {}", answer.text);
    }
}

#[tokio::test]
async fn answers_are_not_kept_by_anything_on_the_way() {
    let server = Server::start().await;
    let answer = server.client().get(FLOWS).await;
    assert_eq!((answer.header("cache-control"), answer.header("x-content-type-options")), ("no-store", "nosniff"));
}

#[tokio::test]
async fn a_database_that_is_away_is_a_503_that_explains_nothing() {
    let server = Server::start().await;
    server.close_store().await;
    let answer = server.client().get(FLOWS).await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert_eq!(answer.body["reference"].as_str().map(str::len), Some(16));
    assert!(!answer.text.contains("store is closed"), "{}", answer.text);
}

#[tokio::test]
async fn every_change_is_recorded_with_who_made_it_and_without_secrets() {
    let server = Server::start().await;
    let client = server.client();
    let s3 = server.practice_s3().await;
    let account = client.post("/data/foundation/flowservice/connections", &s3.account("Exports")).await;
    let account_path = format!("/data/foundation/flowservice/connections/{}", account.id());
    let rename = json!([{"op": "replace", "path": "/name", "value": "Renamed"}]);
    assert_eq!(client.patch(&account_path, Some("*"), &rename).await.status, 200);
    assert_eq!(client.patch(&account_path, Some("*"), &rename).await.status, 200);
    let webhook = json!({"name": "Failures", "channel":
        {"type": "webhook", "url": "https://hooks.example.com/x", "secret": "hush-hush"}});
    let hook = client.post("/data/foundation/alerts/subscriptions", &webhook).await;
    let hook_path = format!("/data/foundation/alerts/subscriptions/{}", hook.id());
    let secret = json!([{"op": "replace", "path": "/channel/secret", "value": "hush-again"}]);
    assert_eq!(client.patch(&hook_path, Some("*"), &secret).await.status, 200);
    server.new_client("second", &["write"]).await;
    let second = server.with_token(&format!("Bearer {}", server.token_of("second").await));
    assert_eq!(second.delete(&hook_path).await.status, 204);
    assert_eq!(second.delete(&account_path).await.status, 204);
    let query = outflow_store::AuditQuery { limit: 100, ..outflow_store::AuditQuery::default() };
    let mut reader = server.store().read().await.unwrap();
    let records = reader.audit("prod", &query).await.unwrap().records;
    let told: Vec<_> = records.iter().map(|r| (r.actor.as_str(), r.action.as_str(), r.noun.as_str())).collect();
    assert_eq!(
        told,
        [
            ("admin", "created", "connection"),
            ("admin", "updated", "connection"),
            ("admin", "created", "alertSubscription"),
            ("admin", "updated", "alertSubscription"),
            ("second", "deleted", "alertSubscription"),
            ("second", "deleted", "connection"),
        ]
    );
    assert_eq!(records[3].detail, Some(json!({"changed": "secrets"})));
    let text = format!("{records:?}");
    for secret in [s3.secret(), "hush-hush", "hush-again"] {
        assert!(!text.contains(secret), "a secret is recorded");
    }
    assert_eq!(reader.check_audit("prod").await.unwrap().broken_at, None);
}

#[tokio::test]
async fn a_closing_server_ends_its_event_streams() {
    let server = Server::start().await;
    let run = server.run_of("Loyal").await;
    let client = server.client();
    let path = format!("/data/foundation/flowservice/runs/{run}/progress");
    let watched = tokio::spawn(async move { client.get(&path).await });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    server.stop();
    let answer = tokio::time::timeout(std::time::Duration::from_secs(10), watched).await.unwrap().unwrap();
    assert!(answer.text.starts_with("event: progress"), "{}", answer.text);
    assert!(!answer.text.contains("event: end"), "the run has not ended");
}

#[tokio::test]
async fn a_thousand_flows_are_listed_page_by_page() {
    let server = Server::start().await;
    let flow = server.flow("First").await;
    let body = server.flow_body(&flow, "Flow");
    let mut tx = server.store().begin().await.unwrap();
    for number in 0..999 {
        let name = format!("Flow {number}");
        let mut body = body.clone();
        body["name"] = json!(name);
        let new = outflow_store::NewDocument { id: None, sandbox: "prod", name: &name, body, by: "admin" };
        tx.insert::<outflow_store::Flow>(new).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut seen = std::collections::BTreeSet::new();
    let mut path = format!("{FLOWS}?limit=100&count=true");
    let mut pages = 0;
    loop {
        let answer = server.client().get(&path).await;
        assert_eq!(answer.body["count"], 1_000, "{}", answer.status);
        for item in answer.body["items"].as_array().unwrap() {
            assert!(seen.insert(item["id"].as_str().unwrap().to_owned()), "an item came twice");
        }
        pages += 1;
        let Some(href) = answer.body["_links"].pointer("/next/href") else { break };
        path = format!("/data/foundation/flowservice{}", href.as_str().unwrap());
    }
    assert_eq!((seen.len(), pages), (1_000, 10));
}
