//! An operation: a handler, where it is reached, and its part of the OpenAPI document, in one value.

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter};
use utoipa::openapi::path::HttpMethod;
use utoipa::openapi::{RefOr, Schema};

use crate::context::Api;

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody: how a token is got, whether the server lives, what the API is.
    Public,
    /// Who has a valid token for the sandbox.
    Token,
    /// The same, or anybody where the operator opened the metrics.
    Metrics,
}

impl Access {
    /// Whether `open_metrics`, the operator's word, lets anybody call.
    pub(crate) fn is_public(self, open_metrics: bool) -> bool {
        match self {
            Access::Public => true,
            Access::Token => false,
            Access::Metrics => open_metrics,
        }
    }
}

/// A handler with its route and its documentation.
pub(crate) struct Operation {
    pub(crate) path: String,
    pub(crate) methods: Vec<HttpMethod>,
    pub(crate) document: utoipa::openapi::path::Operation,
    pub(crate) schemas: Vec<(String, RefOr<Schema>)>,
    pub(crate) route: MethodRouter<Api>,
    pub(crate) access: Access,
}

impl Operation {
    /// The operation that `#[utoipa::path]` described as `D` and `handler` carries out, for callers with a token.
    pub(crate) fn new<D, H, T>(handler: H) -> Operation
    where
        D: utoipa::Path + utoipa::__dev::SchemaReferences + utoipa::__dev::Tags<'static>,
        H: Handler<T, Api>,
        T: 'static,
    {
        let mut schemas = Vec::new();
        D::schemas(&mut schemas);
        let methods = D::methods();
        let handlers = std::iter::repeat_n(handler, methods.len());
        let route = methods
            .iter()
            .zip(handlers)
            .fold(MethodRouter::new(), |route, (method, handler)| route.on(filter(method), handler));
        let mut document = D::operation();
        document.tags = Some(D::tags().into_iter().map(str::to_owned).collect());
        Operation { path: D::path(), methods, document, schemas, route, access: Access::Token }
    }

    /// The same, for anybody.
    pub(crate) fn public(mut self) -> Operation {
        self.access = Access::Public;
        self
    }

    /// The same, for anybody where the operator opened the metrics.
    pub(crate) fn metrics(mut self) -> Operation {
        self.access = Access::Metrics;
        self
    }
}

fn filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Options => MethodFilter::OPTIONS,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Trace => MethodFilter::TRACE,
    }
}

#[cfg(test)]
impl Operation {
    /// The methods as HTTP has them.
    pub(crate) fn http_methods(&self) -> Vec<http::Method> {
        let method = |method: &HttpMethod| match method {
            HttpMethod::Get => http::Method::GET,
            HttpMethod::Post => http::Method::POST,
            HttpMethod::Put => http::Method::PUT,
            HttpMethod::Delete => http::Method::DELETE,
            HttpMethod::Options => http::Method::OPTIONS,
            HttpMethod::Head => http::Method::HEAD,
            HttpMethod::Patch => http::Method::PATCH,
            HttpMethod::Trace => http::Method::TRACE,
        };
        self.methods.iter().map(method).collect()
    }
}
