//! A change of one object by JSON Patch under a condition, as the objects of the Flow Service, datasets and subscriptions
//! take it.

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use outflow_store::Document;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use crate::body::Json;
use crate::context::Api;
use crate::document;
use crate::error::{ApiError, ApiResult};
use crate::etag::{IfMatch, RequiredIfMatch};
use crate::id::Id;
use crate::patch::Patch;

/// What a client asks to be changed.
pub(crate) struct PatchRequest {
    /// The object's id.
    pub(crate) id: String,
    condition: IfMatch,
    patch: Patch,
}

/// The condition of a change. Documentation only.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
pub(crate) struct IfMatchHeader {
    /// The etag that was read, with or without its quotes, or `*`.
    #[param(rename = "If-Match")]
    if_match: String,
}

impl<S: Send + Sync> FromRequest<S> for PatchRequest {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<PatchRequest, ApiError> {
        let (mut parts, body) = request.into_parts();
        let Id(id) = Id::from_request_parts(&mut parts, state).await?;
        let RequiredIfMatch(condition) = RequiredIfMatch::from_request_parts(&mut parts, state).await?;
        let Json(body) = Json::from_request(Request::from_parts(parts, body), state).await?;
        Ok(PatchRequest { id, condition, patch: Patch::parse(body)? })
    }
}

impl PatchRequest {
    /// The body that the object gets.
    ///
    /// # Errors
    /// 412 where it is not the version that the condition names; what [`Patch::apply`] says.
    pub(crate) fn body(&self, api: &Api, document: &Document) -> ApiResult<Map<String, Value>> {
        self.condition.check(document.version)?;
        document::patched(api, document, &self.patch)
    }

    /// Tries `change` until nobody else was faster, where the client does not mind which version is changed.
    ///
    /// # Errors
    /// What `change` says.
    pub(crate) async fn retrying<T, F>(&self, change: impl FnMut() -> F) -> ApiResult<T>
    where
        F: Future<Output = ApiResult<T>>,
    {
        document::retrying(&self.condition, change).await
    }
}
