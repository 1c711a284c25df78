//! The list as clients see it, and what nobody sees.

use serde_json::{Value, json};

use crate::testing::{Answer, Server};

const PATH: &str = "/data/core/ups/suppressions";
const REMOVE: &str = "/data/core/ups/suppressions/remove";

/// What identifies people in these tests, and may stand nowhere.
const PEOPLE: [&str; 3] = ["ada@example.org", "bea@example.org", "cem@example.org"];

fn emails(of: &[&str]) -> Value {
    of.iter().map(|id| json!({"namespace": "Email", "id": id})).collect()
}

async fn keys(server: &Server) -> Vec<String> {
    let listed = server.client().get(&format!("{PATH}?limit=1000")).await;
    let items = listed.body["items"].as_array().unwrap_or_else(|| panic!("{}", listed.text));
    items.iter().map(|item| item["key"].as_str().unwrap().to_owned()).collect()
}

/// No answer quotes anybody.
fn quiet(answer: Answer) -> Answer {
    assert!(PEOPLE.iter().all(|person| !answer.text.contains(person)), "{}", answer.text);
    answer
}

#[tokio::test]
async fn people_are_added_listed_and_removed_by_hash() {
    let server = Server::start().await;
    let body = json!({"identities": emails(&[PEOPLE[0], PEOPLE[1], PEOPLE[0]]), "reason": "Objected"});
    let added = quiet(server.client().post(PATH, &body).await);
    assert_eq!(
        (added.status, &added.body["added"], &added.body["known"]),
        (200, &json!(2), &json!(0)),
        "{}",
        added.text
    );
    let again = quiet(server.client().post(PATH, &json!({"identities": emails(&PEOPLE)})).await);
    assert_eq!((&again.body["added"], &again.body["known"]), (&json!(1), &json!(2)), "{}", again.text);
    let first = quiet(server.client().get(&format!("{PATH}?limit=2")).await);
    assert_eq!(first.body["count"], 3);
    let item = &first.body["items"][0];
    assert_eq!((&item["namespace"], &item["addedBy"]), (&json!("Email"), &json!("admin")), "{}", first.text);
    let next = first.body["_links"]["next"]["href"].as_str().unwrap();
    let second = quiet(server.client().get(&format!("/data/core/ups{next}")).await);
    assert_eq!((second.body["items"].as_array().unwrap().len(), &second.body["_links"]), (1, &json!({})));
    let known = keys(&server).await;
    // The hash is one that anybody can make who knows the identity.
    assert!(known.iter().any(|key| key.starts_with("c81dcca6")), "{known:?}");
    let removed = quiet(server.client().post(REMOVE, &json!({"identities": emails(&PEOPLE[..1])})).await);
    assert_eq!((removed.status, &removed.body["removed"]), (200, &json!(1)), "{}", removed.text);
    let rest = keys(&server).await;
    let removed = server.client().post(REMOVE, &json!({"keys": rest, "identities": emails(&PEOPLE)})).await;
    assert_eq!(removed.body["removed"], 2, "{}", removed.text);
    assert_eq!(keys(&server).await, Vec::<String>::new());
    assert!(server.client().in_sandbox("dev").get(PATH).await.body["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn what_identifies_people_is_nowhere_on_the_server() {
    let server = Server::start().await;
    server.client().post(PATH, &json!({"identities": emails(&PEOPLE), "reason": "Objected"})).await;
    server.client().post(REMOVE, &json!({"identities": emails(&PEOPLE[..1])})).await;
    let audit = quiet(server.client().get("/data/foundation/audit/events").await);
    let actions: Vec<&str> =
        audit.body["items"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["unsuppressed", "suppressed"], "{}", audit.text);
    server.close_store().await;
    for file in ["outflow.db", "outflow.db-wal"] {
        let Ok(bytes) = std::fs::read(server.path(file)) else { continue };
        for person in PEOPLE {
            assert!(!bytes.windows(person.len()).any(|window| window == person.as_bytes()), "{person} in {file}");
        }
    }
}

#[tokio::test]
async fn problems_are_told_by_place_and_quote_nobody() {
    let server = Server::start().await;
    for (path, body, fields) in [
        (PATH, json!({}), vec!["/identities"]),
        (PATH, json!({"identities": {"id": PEOPLE[0]}}), vec!["/identities"]),
        (PATH, json!({"identities": [PEOPLE[0], {"namespace": "Email"}]}), vec!["/identities/0", "/identities/1/id"]),
        (PATH, json!({"identities": [{"namespace": "a:b", "id": PEOPLE[0]}]}), vec!["/identities/0/namespace"]),
        (PATH, json!({"identities": emails(&PEOPLE), "reason": "x".repeat(256)}), vec!["/reason"]),
        (PATH, json!({"identities": emails(&PEOPLE), "reason": 3}), vec!["/reason"]),
        (REMOVE, json!({}), vec!["/identities"]),
        (REMOVE, json!({"keys": [PEOPLE[0], 3]}), vec!["/keys/0", "/keys/1"]),
    ] {
        let refused = quiet(server.client().post(path, &body).await);
        assert_eq!(
            (refused.status, refused.fields()),
            (400, fields.iter().map(|f| (*f).to_owned()).collect()),
            "{body}"
        );
    }
    let many: Vec<Value> = (0..10_001).map(|id| json!({"namespace": "E", "id": id})).collect();
    assert_eq!(server.client().post(PATH, &json!({"identities": many})).await.fields(), ["/identities"]);
    assert_eq!(server.client().get(&format!("{PATH}?start=x")).await.fields(), ["start"]);
    assert_eq!(keys(&server).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_namespace_that_no_dataset_has_is_warned_of() {
    let server = Server::start().await;
    server.refreshed().await;
    let body = json!({"identities": [
        {"namespace": "CRMID", "id": "c-1"}, {"namespace": "crmid", "id": "c-2"}, {"namespace": "crmid", "id": "c-3"},
    ]});
    let added = server.client().post(PATH, &body).await;
    assert_eq!(added.body["added"], 3, "{}", added.text);
    let fields: Vec<&Value> = added.body["warnings"].as_array().unwrap().iter().map(|w| &w["field"]).collect();
    assert_eq!(fields, ["/identities/1/namespace"], "{}", added.text);
}
