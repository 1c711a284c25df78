//! Addresses of the service's objects.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;
use outflow_model::flow::MarketingAction;

use crate::context::Api;
use crate::page::encoded;

/// The service's path.
const SERVICE: &str = "/data/foundation/dulepolicy";

/// The service's URL as the client reaches it: addresses of objects begin with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base(String);

impl FromRequestParts<Api> for Base {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Base, Infallible> {
        Ok(Base::of(api, &parts.headers))
    }
}

impl Base {
    /// The URL as a request with these headers reaches it.
    pub(crate) fn of(api: &Api, headers: &HeaderMap) -> Base {
        Base(format!("{}{SERVICE}", api.base_url(headers)))
    }

    /// The address of `path` below the service.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The address of the object `id` of the list at `path`.
    pub(crate) fn object(&self, path: &str, id: &str) -> String {
        format!("{}{path}/{}", self.0, encoded(id))
    }

    /// The address of a marketing action, by which it is referred to. Its name stands there as it is.
    pub(crate) fn action(&self, action: &MarketingAction) -> String {
        let reference = action.to_string();
        self.url(reference.strip_prefix("/dulepolicy").unwrap_or(&reference))
    }
}

#[cfg(test)]
mod tests {
    use outflow_governance::action::core;

    use super::*;

    #[test]
    fn addresses_of_actions_are_references_to_them() {
        let base = Base(format!("https://outflow.example{SERVICE}"));
        let action = MarketingAction { owner: outflow_model::flow::ActionOwner::Custom, name: "käufe".into() };
        for action in [action, core("emailTargeting")] {
            assert_eq!(MarketingAction::parse(&base.action(&action)), Some(action));
        }
        assert!(base.object("/labels/custom", "Kä").ends_with("/data/foundation/dulepolicy/labels/custom/K%C3%A4"));
    }
}
