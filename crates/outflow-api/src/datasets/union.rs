//! `GET /data/core/ups/config/entityTypes/_xdm.context.profile`: the fields of merged profiles.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::{Value, json};

use super::snapshot;
use super::tree::{ProfileFields, counted};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_union, _, _>(union)
}

/// Get the fields of profiles
///
/// Of the sandbox's datasets together, as of the last refresh: what segments and mappings may use, and how many profiles have
/// a value in each.
#[utoipa::path(
    get,
    path = "/data/core/ups/config/entityTypes/_xdm.context.profile",
    tag = "datasets",
    responses((status = 200, description = "The fields as a tree; without any before the first refresh.", body = ProfileFields))
)]
async fn union(State(api): State<Api>, caller: Caller) -> ApiResult<Answer<Value>> {
    let mut reader = api.store.read().await?;
    let snapshot = snapshot(&mut reader, &caller.sandbox).await?;
    Ok(Answer(snapshot.map_or_else(|| json!({"profiles": 0, "fields": []}), |snapshot| counted(&snapshot))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Server;

    #[tokio::test]
    async fn profiles_have_the_fields_of_their_datasets() {
        let server = Server::start().await;
        let path = "/data/core/ups/config/entityTypes/_xdm.context.profile";
        assert_eq!(server.client().get(path).await.body, json!({"profiles": 0, "fields": []}));
        server.refreshed().await;
        let answer = server.client().get(path).await;
        let paths: Vec<&str> =
            answer.body["fields"].as_array().unwrap().iter().map(|field| field["path"].as_str().unwrap()).collect();
        assert!(paths.contains(&"crmId") && paths.contains(&"identityMap"), "{paths:?}");
    }

    #[tokio::test]
    async fn fields_say_how_many_profiles_fill_them() {
        let server = Server::start().await;
        let path = "/data/core/ups/config/entityTypes/_xdm.context.profile";
        // What two datasets have is merged, and counted as it is then.
        let lines = r#"{"id": "c-2", "person": {"age": 1, "phones": [{"number": "1"}, {"number": "2"}]}}
            {"id": "c-9", "person": {"phones": []}, "nothing": null}"#;
        let file = server.path("lake").join("web.ndjson");
        server.dataset_file();
        std::fs::write(&file, lines).unwrap();
        server.refreshed().await;
        let web = json!({
            "name": "Web", "source": {"urls": [file]},
            "identities": [{"path": "id", "namespace": "CRMID", "primary": true}],
        });
        assert_eq!(server.client().post("/data/foundation/datasets", &web).await.status, 201);
        server.work_is_done().await;
        let answer = server.client().get(path).await;
        assert_eq!(answer.body["profiles"], 5, "{}", answer.text);
        let mut found = std::collections::BTreeMap::new();
        let mut left: Vec<&Value> = answer.body["fields"].as_array().unwrap().iter().collect();
        while let Some(field) = left.pop() {
            found.insert(field["path"].as_str().unwrap(), field["filled"].as_u64().unwrap());
            left.extend(field["fields"].as_array().into_iter().flatten());
        }
        for (path, filled) in [
            ("crmId", 4),
            ("id", 2),
            ("person", 2),
            ("person.age", 1),
            ("person.phones", 1),
            ("person.phones[0].number", 1),
            ("nothing", 0),
            ("identityMap", 5),
        ] {
            assert_eq!(found.get(path), Some(&filled), "{path}: {}", answer.text);
        }
    }

    #[tokio::test]
    async fn profiles_of_an_earlier_release_have_fields_without_counts() {
        let server = Server::start().await;
        server.refreshed().await;
        let row = server.store().read().await.unwrap().current_snapshot("prod").await.unwrap().unwrap();
        let mut manifest: Value = serde_json::from_slice(&std::fs::read(&row.path).unwrap()).unwrap();
        for part in manifest["parts"].as_array_mut().unwrap() {
            assert!(part.as_object_mut().unwrap().remove("fieldCounts").is_some());
        }
        std::fs::write(&row.path, manifest.to_string()).unwrap();
        let answer = server.client().get("/data/core/ups/config/entityTypes/_xdm.context.profile").await;
        assert_eq!((&answer.body["profiles"], answer.body["fields"][0].get("filled")), (&json!(4), None));
    }
}
