//! Tokens: `/ims`.

mod revoke;
mod token;

use axum::body::Bytes;
use axum::extract::{Form, FromRequest as _, Request};
use http::{HeaderValue, header};

use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![token::operation(), revoke::operation()]
}

/// A form, whatever its `Content-Type` says.
async fn form(bytes: Bytes) -> ApiResult<Vec<(String, String)>> {
    let mut request = Request::post("/").body(axum::body::Body::from(bytes)).unwrap_or_default();
    let urlencoded = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(header::CONTENT_TYPE, urlencoded);
    *request.method_mut() = http::Method::POST;
    let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request, &())
        .await
        .map_err(|_| ApiError::bad_request("the body is not a form"))?;
    Ok(pairs)
}

/// A member of a form; empty ones do not count.
fn member<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter().rfind(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
}
