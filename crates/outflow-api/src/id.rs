//! The id in a path.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use crate::error::ApiError;

/// Characters of an id. Ours are UUIDs; whatever is longer names nothing.
const ID_CHARS_MAX: usize = 128;

/// The one parameter of a path.
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Id, ApiError> {
        let unknown = || ApiError::not_found("object", "with this id");
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| unknown())?;
        // A null character is text that one of the databases cannot take.
        if id.chars().count() > ID_CHARS_MAX || id.chars().any(char::is_control) { Err(unknown()) } else { Ok(Id(id)) }
    }
}
