//! `GET /consentPolicies`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_store::Document;
use serde_json::Value;

use super::{ConsentPolicies, PATH, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::Parameters;
use crate::policy_service::{Base, PolicyListParameters, list as page};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_list, _, _>(list)
}

/// List consent policies
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/consentPolicies",
    tag = "consent policies",
    params(PolicyListParameters),
    responses((status = 200, description = "A page of the policies that match.", body = ConsentPolicies))
)]
async fn list(State(api): State<Api>, base: Base, caller: Caller, parameters: Parameters) -> ApiResult<Answer<Value>> {
    let show = |document: &Document| show(&api, &base, document);
    page::<outflow_store::ConsentPolicy>(&api, &caller, &parameters, (&base, PATH), show).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn consent_policies_are_found_by_status() {
        let server = Server::start().await;
        let path = "/data/foundation/dulepolicy/consentPolicies";
        for (name, status) in [("A", "ENABLED"), ("B", "DISABLED")] {
            let body =
                json!({"name": name, "status": status, "if": {"label": "I1"}, "then": {"path": "c", "values": [true]}});
            let created = server.client().post(path, &body).await;
            assert_eq!(created.status, 201, "{}", created.text);
        }
        let found = server.client().get(&format!("{path}?property=status==ENABLED")).await;
        assert_eq!((&found.body["_page"]["totalCount"], &found.body["children"][0]["name"]), (&json!(1), &json!("A")));
    }
}
