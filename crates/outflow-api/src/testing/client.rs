//! A client that knows nothing but HTTP.

use http::Method;
use serde_json::Value;

/// Calls a server.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    authorization: Option<String>,
    sandbox: Option<String>,
    /// What a page of the console sends with every request, and its cookie.
    page: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
    /// The text as JSON; null where it is none.
    pub(crate) body: Value,
}

impl Answer {
    /// The `id` of the body.
    pub(crate) fn id(&self) -> &str {
        self.body["id"].as_str().unwrap_or_else(|| panic!("there is no id in {}", self.text))
    }

    /// The `etag` of the body.
    pub(crate) fn etag(&self) -> &str {
        self.body["etag"].as_str().unwrap_or_else(|| panic!("there is no etag in {}", self.text))
    }

    /// The events of a stream, in order: names and data.
    pub(crate) fn events(&self) -> Vec<(String, Value)> {
        let blocks = self.text.split("\n\n").filter(|block| block.starts_with("event: "));
        let event = |block: &str| {
            let (name, data) = block["event: ".len()..].split_once("\ndata: ")?;
            Some((name.to_owned(), serde_json::from_str(data).ok()?))
        };
        blocks.map(|block| event(block).unwrap_or_else(|| panic!("{block} is no event"))).collect()
    }

    /// The fields of the problems, in order.
    pub(crate) fn fields(&self) -> Vec<String> {
        let problems = self.body["problems"].as_array().cloned().unwrap_or_default();
        problems.iter().map(|problem| problem["field"].as_str().unwrap_or("").to_owned()).collect()
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

impl Client {
    pub(super) fn new(url: &str, authorization: Option<&str>) -> Client {
        Client {
            http: reqwest::Client::new(),
            url: url.to_owned(),
            authorization: authorization.map(str::to_owned),
            sandbox: None,
            page: Vec::new(),
        }
    }

    /// The same client in another sandbox.
    pub(crate) fn in_sandbox(&self, name: &str) -> Client {
        Client { sandbox: Some(name.to_owned()), ..self.clone() }
    }

    /// The same client as a page of the console, with a cookie perhaps.
    pub(super) fn as_page(&self, cookie: Option<&str>) -> Client {
        let cookie = cookie.map(|cookie| ("cookie", cookie.to_owned()));
        let page = [("x-outflow-console", "1".to_owned())].into_iter().chain(cookie).collect();
        Client { page, ..self.clone() }
    }

    /// The same page as another site has a browser send requests.
    pub(crate) fn without_mark(&self) -> Client {
        let mut client = self.clone();
        client.page.retain(|(name, _)| *name == "cookie");
        client
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub(crate) async fn head(&self, path: &str) -> Answer {
        self.send(Method::HEAD, path, &[], None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[("content-type", "application/json")], Some(body.to_string())).await
    }

    /// Without a body and without `Content-Type`.
    pub(crate) async fn post_empty(&self, path: &str) -> Answer {
        self.send(Method::POST, path, &[], None).await
    }

    pub(crate) async fn post_text(&self, path: &str, content_type: &str, text: &str) -> Answer {
        self.send(Method::POST, path, &[("content-type", content_type)], Some(text.to_owned())).await
    }

    pub(crate) async fn patch(&self, path: &str, etag: Option<&str>, body: &Value) -> Answer {
        let mut headers = vec![("content-type", "application/json-patch+json")];
        headers.extend(etag.map(|etag| ("if-match", etag)));
        self.send(Method::PATCH, path, &headers, Some(body.to_string())).await
    }

    pub(crate) async fn put(&self, path: &str, etag: Option<&str>, body: &Value) -> Answer {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(etag.map(|etag| ("if-match", etag)));
        self.send(Method::PUT, path, &headers, Some(body.to_string())).await
    }

    /// The same client, which asks for events.
    pub(crate) async fn watch(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let own = [("accept", "text/event-stream"), ("content-type", "application/json")];
        let body = (!body.is_null()).then(|| body.to_string());
        self.send(method, path, &[&own, headers].concat(), body).await
    }

    /// Any request.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        let own = [("authorization", self.authorization.as_deref()), ("x-sandbox-name", self.sandbox.as_deref())];
        for (name, value) in own.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            request = request.header(name, value);
        }
        for (name, value) in &self.page {
            request = request.header(*name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let content_type = headers.get("content-type").map_or("", |value| value.to_str().unwrap()).to_owned();
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or_default();
        Answer { status, content_type, headers, text, body }
    }
}
