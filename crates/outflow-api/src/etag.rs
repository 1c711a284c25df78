//! Entity tags: the version of an object, and the condition under which a change is made.
//!
//! The tag is the version in quotes, which is also how the `etag` member of a body shows it. Clients send it back with or
//! without the quotes, sometimes weak, sometimes as `*`.

use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;

use crate::error::{ApiError, ApiResult};

/// The tag of `version`, with its quotes.
pub(crate) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// Under which condition a change is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// Whatever the version is.
    Any,
    /// One of these tags, without quotes.
    Tags(Vec<String>),
}

impl IfMatch {
    /// Reads the header's value.
    pub(crate) fn parse(value: &str) -> IfMatch {
        let tags: Vec<String> = value.split(',').map(plain).filter(|tag| !tag.is_empty()).collect();
        if tags.iter().any(|tag| tag == "*") { IfMatch::Any } else { IfMatch::Tags(tags) }
    }

    /// The version to write over when the object's is `current`.
    ///
    /// # Errors
    /// 412 where the condition does not hold.
    pub(crate) fn check(&self, current: i64) -> ApiResult<()> {
        match self {
            IfMatch::Any => Ok(()),
            IfMatch::Tags(tags) if tags.iter().any(|tag| *tag == current.to_string()) => Ok(()),
            IfMatch::Tags(_) => Err(ApiError::stale()),
        }
    }
}

/// A tag without `W/`, quotes, escapes and blanks.
fn plain(tag: &str) -> String {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").or_else(|| tag.strip_prefix("w/")).unwrap_or(tag);
    tag.trim_matches(|c: char| matches!(c, '"' | '\\') || c.is_whitespace()).to_owned()
}

/// The condition of a request that must have one.
pub(crate) struct RequiredIfMatch(pub(crate) IfMatch);

impl<S: Send + Sync> FromRequestParts<S> for RequiredIfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<RequiredIfMatch, ApiError> {
        optional(parts).map(RequiredIfMatch).ok_or_else(ApiError::precondition_required)
    }
}

/// The condition of a request that may have one; without it, any version will do.
pub(crate) struct OptionalIfMatch(pub(crate) IfMatch);

impl<S: Send + Sync> FromRequestParts<S> for OptionalIfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<OptionalIfMatch, ApiError> {
        Ok(OptionalIfMatch(optional(parts).unwrap_or(IfMatch::Any)))
    }
}

fn optional(parts: &Parts) -> Option<IfMatch> {
    let value = parts.headers.get(header::IF_MATCH)?;
    // A value that is not text matches nothing.
    Some(IfMatch::parse(value.to_str().unwrap_or("")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_tag_is_the_same_tag() {
        for spelling in ["\"7\"", "7", "W/\"7\"", "w/7", " \"7\" ", "\\\"7\\\"", "\"3\", \"7\""] {
            assert!(IfMatch::parse(spelling).check(7).is_ok(), "{spelling}");
        }
        assert_eq!(IfMatch::parse("*"), IfMatch::Any);
    }

    #[test]
    fn a_stale_or_empty_condition_does_not_hold() {
        for spelling in ["\"6\"", "", "\"\"", "07", "7x"] {
            let error = IfMatch::parse(spelling).check(7).unwrap_err();
            assert_eq!(error.status(), http::StatusCode::PRECONDITION_FAILED, "{spelling}");
        }
    }
}
