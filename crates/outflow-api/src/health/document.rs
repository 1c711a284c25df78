//! `GET /openapi.json`.

use axum::response::IntoResponse;
use http::header;

use crate::openapi::openapi_json;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_openapi, _, _>(openapi)
}

/// The OpenAPI document
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "health",
    responses((status = 200, description = "This document.", body = serde_json::Value, content_type = "application/json", example = json!({"openapi": "3.1.0"})))
)]
async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi_json())
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn the_api_describes_itself() {
        let server = Server::start().await;
        let answer = server.anonymous().get("/openapi.json").await;
        assert_eq!((answer.status, answer.content_type.as_str()), (200, "application/json"));
        assert!(answer.body["paths"]["/data/foundation/flowservice/flows"]["post"].is_object());
    }
}
