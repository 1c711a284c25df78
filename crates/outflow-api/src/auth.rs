//! Who calls: the token decides, and nothing else. A bearer token counts; without one, that of the session's cookie, with
//! which browsers sign in to the console.
//!
//! The sandbox header chooses among the sandboxes that the token's client may use; the organisation header and the API
//! key are not looked at. What an operation needs of the token's scopes, the operation says (`operation`).

pub(crate) mod cookie;
pub(crate) mod origin;

use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use chrono::TimeDelta;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, header};
use outflow_model::access::AccessScope;
use outflow_store::Access;

use crate::context::Api;
use crate::error::{ApiError, ApiResult, NOT_ALLOWED, TOKEN_INVALID, TOKEN_MISSING};
use crate::observe::ClientName;
use crate::policy_service::Base;

/// The sandbox of a request that names none.
pub(crate) const SANDBOX_DEFAULT: &str = "prod";
/// Characters of a sandbox's name.
const SANDBOX_CHARS_MAX: usize = 64;
/// How often at most a session is prolonged within the time after which it would end unused.
const RENEWALS_MAX: u32 = 12;

/// Who calls, and in which sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The client's id, which stands in `createdBy` and `updatedBy`.
    pub(crate) client: String,
    /// The sandbox that everything in the request is about.
    pub(crate) sandbox: String,
    /// What the token gives.
    pub(crate) access: Access,
    /// The Policy Service's URL as the request reaches it: addresses of marketing actions begin with it.
    pub(crate) base: Base,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Caller, ApiError> {
        // Only an operation that was declared public by mistake gets here without one.
        parts.extensions.get::<Caller>().cloned().ok_or_else(token_missing)
    }
}

/// Lets through who has a valid token for the sandbox asked for.
pub(crate) async fn require_token(
    State(api): State<Api>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let access = access(&api, request.method(), request.headers()).await?;
    let sandbox = sandbox(request.headers())?;
    if !access.may_use(sandbox) {
        let text = format!("the token's client may not use the sandbox {sandbox}");
        return Err(ApiError::access(StatusCode::FORBIDDEN, NOT_ALLOWED, text));
    }
    let base = Base::of(&api, request.headers());
    let caller = Caller { client: access.client_id.clone(), sandbox: sandbox.to_owned(), access, base };
    let client = ClientName(caller.client.clone());
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    response.extensions_mut().insert(client);
    Ok(response)
}

/// What a valid token gives, in operations that ask for no sandbox.
#[derive(Clone, Debug)]
pub(crate) struct Holder(pub(crate) Access);

impl<S: Send + Sync> FromRequestParts<S> for Holder {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Holder, ApiError> {
        // Only an operation that was not declared so gets here without one.
        parts.extensions.get::<Holder>().cloned().ok_or_else(token_missing)
    }
}

/// Lets through who has a valid token, whatever sandboxes and scopes it opens.
pub(crate) async fn require_any_token(
    State(api): State<Api>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let access = access(&api, request.method(), request.headers()).await?;
    let client = ClientName(access.client_id.clone());
    request.extensions_mut().insert(Holder(access));
    let mut response = next.run(request).await;
    response.extensions_mut().insert(client);
    Ok(response)
}

/// What the request's token gives.
///
/// # Errors
/// 403 without a token, and where another site may have had a browser send the cookie; 401 with one that is not valid.
async fn access(api: &Api, method: &Method, headers: &HeaderMap) -> ApiResult<Access> {
    let missing = match bearer(headers) {
        Ok(token) => {
            return api.store.authenticate(token).await?.ok_or_else(|| {
                token_invalid("Oauth token is not valid")
                    .hint("Get a new one from /ims/token/v3: it may have expired or been revoked.")
            });
        }
        Err(missing) => missing,
    };
    let token = cookie::read(&api.settings, headers).ok_or(missing)?;
    if !origin::only_reads(method) {
        origin::check(api, headers)?;
    }
    let access = api.store.authenticate(token).await?.ok_or_else(|| {
        token_invalid("the session is not valid any more").hint("Sign in again: it has ended, or somebody ended it.")
    })?;
    Ok(renewed(api, token, access).await)
}

/// Puts off the end of a session that is used, not at every request. Where that fails the session is valid all the same,
/// and a later request tries again.
async fn renewed(api: &Api, token: &str, mut access: Access) -> Access {
    let idle = Duration::from_secs(api.settings.session_idle_secs);
    let unused = TimeDelta::from_std(idle).ok().and_then(|idle| api.now().checked_add_signed(idle));
    let ends_at = access.renewable_until.map(|until| unused.map_or(until, |unused| until.min(unused)));
    if let Some(ends_at) = ends_at
        && (ends_at - access.expires_at).to_std().is_ok_and(|gained| gained > idle / RENEWALS_MAX)
    {
        match api.store.renew_session(token, idle).await {
            Ok(()) => access.expires_at = ends_at,
            Err(error) => tracing::warn!(client = access.client_id, %error, "a session could not be prolonged"),
        }
    }
    access
}

/// Lets through whose token has the scope that the operation needs.
pub(crate) async fn require_scope(
    State(scope): State<AccessScope>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if caller.access.has_scope(scope) {
        return Ok(next.run(request).await);
    }
    let text = format!("the token lacks the scope {scope}");
    Err(ApiError::access(StatusCode::FORBIDDEN, NOT_ALLOWED, text)
        .hint(
            "Get a token with it from /ims/token/v3, as a client that has it: GET /data/foundation/clients lists them.",
        )
        .with("scope", scope.name().into()))
}

fn token_invalid(detail: &str) -> ApiError {
    ApiError::access(StatusCode::UNAUTHORIZED, TOKEN_INVALID, detail)
}

fn token_missing() -> ApiError {
    ApiError::access(StatusCode::FORBIDDEN, TOKEN_MISSING, "Oauth token is missing")
        .hint("Send `Authorization: Bearer TOKEN`; /ims/token/v3 gives one.")
}

/// The token of `Authorization: Bearer …`, in any case.
fn bearer(headers: &HeaderMap) -> ApiResult<&str> {
    let value = headers.get(header::AUTHORIZATION).ok_or_else(token_missing)?;
    let text = value.to_str().unwrap_or("").trim();
    let (scheme, token) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(token_missing());
    }
    Ok(token)
}

fn sandbox(headers: &HeaderMap) -> ApiResult<&str> {
    let Some(value) = headers.get("x-sandbox-name") else { return Ok(SANDBOX_DEFAULT) };
    let name = value.to_str().unwrap_or("\u{0}").trim();
    if name.is_empty() {
        return Ok(SANDBOX_DEFAULT);
    }
    if is_sandbox(name) { Ok(name) } else { Err(crate::page::invalid("x-sandbox-name", "is not a sandbox's name")) }
}

/// Whether a sandbox may have this name, which is a folder's name too, below the data folder.
pub(crate) fn is_sandbox(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    !name.is_empty() && name.len() <= SANDBOX_CHARS_MAX && name.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn with(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(name), HeaderValue::from_static(value))])
    }

    #[test]
    fn the_scheme_comes_in_any_case() {
        for value in ["Bearer abc", "bearer abc", "BEARER   abc "] {
            assert_eq!(bearer(&with("authorization", value)).unwrap(), "abc");
        }
        for value in ["Basic abc", "Bearer", "Bearer ", "abc"] {
            assert!(bearer(&with("authorization", value)).is_err(), "{value}");
        }
    }

    #[test]
    fn a_sandbox_is_a_plain_name() {
        assert_eq!(sandbox(&HeaderMap::new()).unwrap(), "prod");
        assert_eq!(sandbox(&with("x-sandbox-name", "")).unwrap(), "prod");
        assert_eq!(sandbox(&with("x-sandbox-name", "dev-1")).unwrap(), "dev-1");
        for value in ["../prod", "a/b", "a b", "."] {
            assert!(sandbox(&with("x-sandbox-name", value)).is_err(), "{value}");
        }
    }
}
