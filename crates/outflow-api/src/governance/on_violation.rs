//! What a write asks for where flows would violate a policy after it.

use axum::extract::FromRequestParts;
use http::request::Parts;
use utoipa::IntoParams;

use crate::error::ApiError;
use crate::page::{Parameters, invalid};

/// What becomes of a write after which flows violate a policy that they did not violate before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum OnViolation {
    /// Nothing is saved.
    #[default]
    Refuse,
    /// It is saved, and those flows are paused with it.
    Pause,
}

/// The parameter of such a write. Documentation only.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
pub(crate) struct OnViolationParameter {
    /// What becomes of it where enabled flows would violate a policy afterwards: `refuse`, as without it, answers 409 with
    /// `violations` and saves nothing; `pause` saves it, pauses those flows, and names them in `pausedFlows`.
    #[param(rename = "onViolation", example = "refuse")]
    on_violation: Option<String>,
}

impl OnViolation {
    /// Reads the parameter.
    ///
    /// # Errors
    /// 400 for any other word.
    fn read(parameters: &Parameters) -> Result<OnViolation, ApiError> {
        match parameters.last("onViolation").map(str::to_ascii_lowercase).as_deref() {
            None | Some("refuse") => Ok(OnViolation::Refuse),
            Some("pause") => Ok(OnViolation::Pause),
            Some(_) => Err(invalid("onViolation", "is neither refuse nor pause")),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OnViolation {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<OnViolation, ApiError> {
        OnViolation::read(&Parameters::from_request_parts(parts, state).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::parameters;

    #[test]
    fn what_is_not_said_is_refused() {
        let read = |value: &str| OnViolation::read(&parameters(&[("onViolation", value)]));
        assert_eq!(OnViolation::read(&parameters(&[])).unwrap(), OnViolation::Refuse);
        for (value, expected) in
            [("", OnViolation::Refuse), ("refuse", OnViolation::Refuse), ("Pause", OnViolation::Pause)]
        {
            assert_eq!(read(value).unwrap(), expected, "{value}");
        }
        assert!(read("ignore").is_err());
    }
}
