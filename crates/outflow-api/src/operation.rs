//! An operation: a handler, where it is reached, who may call, and its part of the OpenAPI document, in one value.
//!
//! What is got needs the scope `read`, everything else `write`, unless the operation says otherwise. So an operation that
//! is added and says nothing is open to too few rather than to too many.

use std::sync::Arc;

use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter};
use outflow_model::access::AccessScope;
use utoipa::openapi::path::HttpMethod;
use utoipa::openapi::{RefOr, Schema};

use crate::auth;
use crate::context::Api;

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody: how a token is got, whether the server lives, what the API is.
    Public,
    /// Who has a valid token for the sandbox, with this scope.
    Token(AccessScope),
    /// Who has a valid token, whatever sandboxes and scopes it opens: what somebody asks of themselves.
    Anywhere,
    /// Who has one with the scope `read`, or anybody where the operator opened the metrics.
    Metrics,
}

impl Access {
    /// The scope that a token needs; none where any token will do, and where anybody may call, which `open_metrics`, the operator's word, says of the
    /// metrics.
    pub(crate) fn scope(self, open_metrics: bool) -> Option<AccessScope> {
        match self {
            Access::Public | Access::Anywhere => None,
            Access::Token(scope) => Some(scope),
            Access::Metrics => (!open_metrics).then_some(AccessScope::Read),
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
    /// The operation that `#[utoipa::path]` described as `D` and `handler` carries out, for callers with a token
    /// whose scope is `read` where it is got, else `write`.
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
        let reads = methods.iter().all(|method| matches!(method, HttpMethod::Get | HttpMethod::Head));
        let scope = if reads { AccessScope::Read } else { AccessScope::Write };
        document.tags = Some(D::tags().into_iter().map(str::to_owned).collect());
        Operation { path: D::path(), methods, document, schemas, route, access: Access::Token(scope) }
    }

    /// The same, for anybody.
    pub(crate) fn public(mut self) -> Operation {
        self.access = Access::Public;
        self
    }

    /// The same, for who has a valid token, whatever it opens: [`auth::Holder`] tells the handler what it is.
    pub(crate) fn anywhere(mut self) -> Operation {
        self.access = Access::Anywhere;
        self
    }

    /// The same, for anybody where the operator opened the metrics.
    pub(crate) fn metrics(mut self) -> Operation {
        self.access = Access::Metrics;
        self
    }

    /// The same, for callers whose token has `scope`.
    pub(crate) fn needs(mut self, scope: AccessScope) -> Operation {
        self.access = Access::Token(scope);
        self
    }

    /// Its route, which lets nobody through who may not call.
    pub(crate) fn guarded_route(self, api: &Api) -> MethodRouter<Api> {
        match (self.access, self.access.scope(api.settings.open_metrics)) {
            (Access::Anywhere, _) => {
                self.route.route_layer(from_fn_with_state(Arc::clone(api), auth::require_any_token))
            }
            (_, None) => self.route,
            (_, Some(scope)) => self.route.route_layer(from_fn_with_state(scope, auth::require_scope)),
        }
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
