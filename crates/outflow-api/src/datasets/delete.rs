//! `DELETE /data/foundation/datasets/{id}`.

use axum::extract::State;
use http::StatusCode;

use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::etag::OptionalIfMatch;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_delete, _, _>(delete)
}

/// Detach a dataset
///
/// Its files stay. Profiles are merged anew without it.
#[utoipa::path(
    delete,
    path = "/data/foundation/datasets/{id}",
    tag = "datasets",
    params(
        ("id" = String, Path, description = "The dataset's id."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now.")
    ),
    responses(
        (status = 204, description = "It is detached."),
        (status = 412, description = "It has changed since.")
    )
)]
async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
) -> ApiResult<StatusCode> {
    document::remove::<outflow_store::Dataset>(&api, &caller, &id, &condition).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_detached_dataset_leaves_its_files() {
        let server = Server::start().await;
        let created = server.client().post("/data/foundation/datasets", &server.dataset_body("CRM")).await;
        let path = format!("/data/foundation/datasets/{}", created.id());
        assert_eq!(server.client().delete(&path).await.status, 204);
        assert_eq!(server.client().get(&path).await.status, 404);
        assert!(server.dataset_file().is_file());
    }
}
