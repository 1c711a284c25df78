//! Whether the console sent a request, or another site had a browser send it.
//!
//! A browser sends cookies by itself. `SameSite=Strict` keeps other sites from having it do so, and does not know ports:
//! to it, everything on one host is one site. So what changes something, and has no token but the cookie, also needs a
//! header that a page of another origin cannot set without asking, and what the browser says of the page must agree.

use http::{HeaderMap, Method, StatusCode, header};

use crate::context::Shared;
use crate::error::{ApiError, ApiResult, NOT_ALLOWED, printable};

/// The header that the console sends, with the value `1`.
pub(crate) const MARK: &str = "x-outflow-console";

/// Refuses a request that another site may have had sent.
///
/// # Errors
/// 403, with what of the request says so.
pub(crate) fn check(api: &Shared, headers: &HeaderMap) -> ApiResult<()> {
    if headers.get(MARK).is_none_or(|value| value != "1") {
        return Err(refused(format!("a request by cookie needs the header {MARK}: 1")).hint(
            "It shows that a page of the console sends it. Programs send a token: `Authorization: Bearer TOKEN`.",
        ));
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        let site = site.to_str().unwrap_or("");
        return match site {
            "same-origin" => Ok(()),
            _ => Err(refused(format!("the browser says that another site sent it ({})", printable(site)))),
        };
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let (origin, own) = (origin.to_str().unwrap_or(""), own_origins(api, headers));
    if own.iter().any(|own| own.eq_ignore_ascii_case(origin)) {
        return Ok(());
    }
    let text = format!("the page that sent it is of {}, and the server is at {}", printable(origin), own.join(" or "));
    Err(refused(text).hint(
        "A proxy in front must pass on the header Host as the browser sent it; or set server.public_url to the URL that \
         browsers use.",
    ))
}

/// Whether a method only looks.
pub(crate) fn only_reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn refused(text: impl Into<String>) -> ApiError {
    ApiError::access(StatusCode::FORBIDDEN, NOT_ALLOWED, text)
}

/// Origins of pages that this server serves: of the URL that the operator gave, and of the one that was asked.
fn own_origins(api: &Shared, headers: &HeaderMap) -> Vec<String> {
    let mut own: Vec<String> = api.settings.public_url.as_deref().map(origin_of).into_iter().collect();
    let asked = api.requested_url(headers);
    if !asked.is_empty() && !own.contains(&asked) {
        own.push(asked);
    }
    own
}

/// Scheme, host and port of a URL.
fn origin_of(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority = rest.split('/').next().unwrap_or(rest);
    format!("{scheme}://{authority}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::{HeaderName, HeaderValue};

    use super::*;

    #[tokio::test]
    async fn only_the_consoles_own_pages_pass() {
        let (mut context, _folder) = crate::testing::context().await;
        context.settings.public_url = Some("https://outflow.example.com/below".into());
        let (_closer, closing) = tokio::sync::watch::channel(false);
        let api = Arc::new(Shared::new(context, closing));
        let check = |sent: &[(&'static str, &'static str)]| {
            let pairs = sent.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v)));
            check(&api, &pairs.chain([(header::HOST, HeaderValue::from_static("127.0.0.1:8787"))]).collect())
        };
        let mark = (MARK, "1");
        for passes in [
            &[mark][..],
            &[mark, ("sec-fetch-site", "same-origin"), ("origin", "https://behind.proxy")],
            &[mark, ("origin", "https://outflow.example.com")],
            &[mark, ("origin", "http://127.0.0.1:8787")],
        ] {
            assert!(check(passes).is_ok(), "{passes:?}");
        }
        for fails in [
            &[][..],
            &[(MARK, "0")],
            &[("sec-fetch-site", "same-origin")],
            &[mark, ("sec-fetch-site", "same-site")],
            &[mark, ("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8787")],
            &[mark, ("sec-fetch-site", "none")],
            &[mark, ("origin", "null")],
            &[mark, ("origin", "https://127.0.0.1:8787")],
            &[mark, ("origin", "http://127.0.0.1:3000")],
            &[mark, ("origin", "https://outflow.example.com.evil.example")],
        ] {
            assert_eq!(check(fails).unwrap_err().status(), StatusCode::FORBIDDEN, "{fails:?}");
        }
    }
}
