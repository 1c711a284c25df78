//! `GET /labels/core` and `GET /labels/custom`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_governance::label::core_labels;
use outflow_store::{Document, LabelDefinition};
use serde_json::Value;

use super::{CORE, CUSTOM, CoreLabels, CustomLabels, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::Parameters;
use crate::policy_service::{Base, Listing, PolicyListParameters, core, list as page};

pub(super) fn core_operation() -> Operation {
    Operation::new::<__path_list_core, _, _>(list_core)
}

pub(super) fn custom_operation() -> Operation {
    Operation::new::<__path_list_custom, _, _>(list_custom)
}

/// List core labels
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/labels/core",
    tag = "labels",
    params(PolicyListParameters),
    responses((status = 200, description = "A page of the labels that match.", body = CoreLabels))
)]
async fn list_core(base: Base, parameters: Parameters) -> ApiResult<Answer<Value>> {
    let listing = Listing::read(&parameters)?;
    let items = core_labels();
    let items = items.iter().map(|label| Value::Object(core(&base, CORE, label.name.as_str(), label))).collect();
    Ok(Answer(listing.page(items, &parameters, &base, CORE)))
}

/// List custom labels
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/labels/custom",
    tag = "labels",
    params(PolicyListParameters),
    responses((status = 200, description = "A page of the labels that match.", body = CustomLabels))
)]
async fn list_custom(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    parameters: Parameters,
) -> ApiResult<Answer<Value>> {
    let show = |document: &Document| show(&api, &base, document);
    page::<LabelDefinition>(&api, &caller, &parameters, (&base, CUSTOM), show).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const CORE: &str = "/data/foundation/dulepolicy/labels/core";
    const CUSTOM: &str = "/data/foundation/dulepolicy/labels/custom";

    #[tokio::test]
    async fn core_labels_are_found_and_ordered() {
        let server = Server::start().await;
        let all = server.client().get(CORE).await;
        assert_eq!((all.status, all.body["_page"]["count"].as_u64()), (200, Some(19)), "{}", all.text);
        assert_eq!(all.body["_links"]["page"]["href"], "");
        let found = server.client().get(&format!("{CORE}?property=name==C12")).await;
        assert_eq!(found.body["children"][0]["category"], "Contract", "{}", found.text);
        let last = server.client().get(&format!("{CORE}?orderby=-name&limit=1")).await;
        assert_eq!(last.body["children"][0]["name"], "Third-Party");
        assert_eq!(last.body["_page"]["next"], "1");
    }

    #[tokio::test]
    async fn pages_are_walked_in_both_ways_that_clients_know() {
        let server = Server::start().await;
        let client = server.client();
        for name in ["L1", "L2", "L3"] {
            let put = client.put(&format!("{CUSTOM}/{name}"), None, &json!({"name": name, "category": "Custom"})).await;
            assert_eq!(put.status, 201, "{}", put.text);
        }
        for member in ["/_page/next", "/_links/page/href"] {
            let mut names = Vec::new();
            let mut start = String::new();
            loop {
                let page =
                    client.get(&format!("{CUSTOM}?limit=2&orderby=-name&start={}", start.replace('&', "%26"))).await;
                assert_eq!(page.status, 200, "{}", page.text);
                let children = page.body["children"].as_array().unwrap();
                names.extend(children.iter().map(|label| label["name"].as_str().unwrap().to_owned()));
                match page.body.pointer(member).and_then(|next| next.as_str()) {
                    Some(next) if !next.is_empty() => next.clone_into(&mut start),
                    _ => break,
                }
            }
            assert_eq!(names, ["L3", "L2", "L1"], "{member}");
        }
        assert_eq!(client.in_sandbox("dev").get(CUSTOM).await.body["_page"]["count"], 0);
        assert_eq!(client.get(&format!("{CUSTOM}?start=x")).await.fields(), ["start"]);
    }
}
