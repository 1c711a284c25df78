//! Requests for the console's files.

use axum::Router;
use axum::body::Body;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};

use crate::files::{Files, INDEX, Sent, media_type};
use crate::{headers, missing};

/// Where the console is.
const ROOT: &str = "/console/";

/// Files below this have names that change with their content.
const ASSETS: &str = "assets/";

const FOR_GOOD: &str = "public, max-age=31536000, immutable";
const ASK_EACH_TIME: &str = "no-cache";
const DO_NOT_KEEP: &str = "no-store";

pub(crate) fn router<S: Clone + Send + Sync + 'static>(files: Files) -> Router<S> {
    let page = move |uri: Uri, headers: HeaderMap| async move { answer(files, uri.path(), &headers) };
    Router::new()
        .route("/", get(|| async { Redirect::temporary(ROOT) }))
        // Servers that drop a trailing slash do so before this is asked.
        .route("/console", get(page))
        .route(ROOT, get(page))
        .route("/console/{*place}", get(page))
        .route_layer(map_response(headers::add))
}

fn answer(files: Files, path: &str, request: &HeaderMap) -> Response {
    if !files.is_built() {
        return plain(StatusCode::OK, "text/html; charset=utf-8", missing::PAGE);
    }
    let name = path.strip_prefix(ROOT).unwrap_or("");
    let find = |name: &str| files.find(name, |encoding| encoding.is_taken(request));
    match find(name) {
        Some(file) => sent(name, file, request),
        None if name.starts_with(ASSETS) => {
            let text = "There is no such file: it belongs to another release. Load the page again.\n";
            plain(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", text)
        }
        None => find(INDEX).map_or_else(|| StatusCode::NOT_FOUND.into_response(), |page| sent(INDEX, page, request)),
    }
}

/// A text that belongs to this build alone.
fn plain(status: StatusCode, media_type: &'static str, text: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, DO_NOT_KEEP)], text).into_response()
}

/// A file, or that the browser has it already.
fn sent(name: &str, file: Sent, request: &HeaderMap) -> Response {
    let etag = file.etag();
    let has_it = request.get_all(header::IF_NONE_MATCH).iter().any(|value| lists(value, &etag));
    let mut response = if has_it {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, media_type(name))], Body::from(file.bytes)).into_response()
    };
    let kept = if name.starts_with(ASSETS) { FOR_GOOD } else { ASK_EACH_TIME };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    if let Ok(etag) = HeaderValue::try_from(etag) {
        headers.insert(header::ETAG, etag);
    }
    if file.varies {
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    if let Some(coding) = file.encoding.name().filter(|_| !has_it) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

/// Whether an `If-None-Match` lists an entity tag; a proxy may have weakened it.
fn lists(value: &HeaderValue, etag: &str) -> bool {
    let listed = value.to_str().unwrap_or("").split(',').map(str::trim);
    listed.map(|tag| tag.strip_prefix("W/").unwrap_or(tag)).any(|tag| tag == etag || tag == "*")
}

#[cfg(test)]
mod tests {
    use http::{Method, Request};
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;
    use crate::files::FIXTURE;

    struct Answer {
        status: u16,
        headers: HeaderMap,
        text: String,
    }

    impl Answer {
        fn header(&self, name: &str) -> &str {
            self.headers.get(name).map_or("", |value| value.to_str().unwrap())
        }
    }

    async fn ask(files: Files, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = router::<()>(files).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    async fn get(path: &str, headers: &[(&str, &str)]) -> Answer {
        ask(FIXTURE, Method::GET, path, headers).await
    }

    #[tokio::test]
    async fn every_place_of_the_console_is_its_page() {
        for path in
            ["/console", "/console/", "/console/sign-in", "/console/datasets/crm.csv?tab=labels", "/console/a//b"]
        {
            let answer = get(path, &[]).await;
            assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
            assert!(answer.text.contains("<title>Fixture"), "{path}");
            assert_eq!(answer.header("cache-control"), "no-cache");
        }
        let root = get("/", &[]).await;
        assert_eq!((root.status, root.header("location")), (307, "/console/"));
        assert_eq!(ask(FIXTURE, Method::POST, "/console/", &[]).await.status, 405);
    }

    #[tokio::test]
    async fn a_page_that_is_known_is_not_sent_again() {
        let etag = get("/console/", &[]).await.header("etag").to_owned();
        for tags in [etag.clone(), format!("\"other\", W/{etag}"), "*".to_owned()] {
            let answer = get("/console/flows/7", &[("if-none-match", &tags)]).await;
            assert_eq!((answer.status, answer.text.as_str(), answer.header("etag")), (304, "", etag.as_str()));
            assert_eq!(answer.header("cache-control"), "no-cache");
        }
        assert_eq!(get("/console/", &[("if-none-match", "\"other\"")]).await.status, 200);
    }

    #[tokio::test]
    async fn assets_are_kept_for_good_and_compressed_as_the_browser_likes() {
        let path = "/console/assets/page-1f3a.js";
        for (takes, coding, text) in [
            ("gzip, br", "br", "stands for it in Brotli\n"),
            ("gzip, br;q=0", "gzip", "stands for it in gzip\n"),
            ("identity", "", "document.title = \"Fixture\";\n"),
        ] {
            let answer = get(path, &[("accept-encoding", takes)]).await;
            assert_eq!((answer.header("content-encoding"), answer.text.as_str()), (coding, text), "{takes}");
            assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
            assert_eq!(answer.header("cache-control"), FOR_GOOD);
            assert_eq!(answer.header("vary"), "Accept-Encoding");
        }
        let gone = get("/console/assets/page-0000.js", &[]).await;
        assert_eq!((gone.status, gone.header("cache-control")), (404, "no-store"));
        let icon = get("/console/icon.svg", &[("accept-encoding", "br")]).await;
        assert_eq!((icon.header("content-type"), icon.header("cache-control")), ("image/svg+xml", "no-cache"));
        assert_eq!((icon.header("vary"), icon.header("content-encoding")), ("", ""));
    }

    #[tokio::test]
    async fn head_says_what_get_would() {
        let (head, get) = (ask(FIXTURE, Method::HEAD, "/console/", &[]).await, get("/console/", &[]).await);
        assert_eq!((head.status, head.text.as_str()), (200, ""));
        assert_eq!(head.header("etag"), get.header("etag"));
        assert_eq!(head.header("content-length"), get.text.len().to_string());
    }

    #[tokio::test]
    async fn browsers_are_told_what_the_pages_may_do() {
        for path in ["/", "/console/", "/console/assets/page-1f3a.js", "/console/assets/none.js", "/console/flows"] {
            let answer = get(path, &[]).await;
            let policy = answer.header("content-security-policy");
            for directive in ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]
            {
                assert!(policy.split("; ").any(|one| one == directive), "{path}: {policy}");
            }
            assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert_eq!(answer.header("referrer-policy"), "no-referrer");
            assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        }
    }

    #[tokio::test]
    async fn without_a_console_every_place_says_how_to_build_it() {
        for path in ["/console", "/console/", "/console/flows/7", "/console/assets/page-1f3a.js"] {
            let answer = ask(Files::new(&[]), Method::GET, path, &[]).await;
            assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{path}");
            assert!(answer.text.contains("make console") && answer.text.contains("docs/console.md"), "{path}");
            assert!(!answer.text.contains("<style") && !answer.text.contains("style="), "the policy would forbid it");
        }
    }
}
