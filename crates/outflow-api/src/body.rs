//! Bodies: JSON whatever its `Content-Type` says, and the reading of fields with every problem at once.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::StatusCode;
use serde_json::{Map, Value};

use crate::error::{ApiError, ApiResult, Problem};

/// Bytes of a body. A flow with 250 segments and 50 attributes takes about 150 KiB.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;
/// Characters of a name, as in a file name's limit.
pub(crate) const NAME_CHARS_MAX: usize = 255;
/// Characters of a description.
pub(crate) const DESCRIPTION_CHARS_MAX: usize = 4_096;

/// A body that must be JSON.
pub(crate) struct Json(pub(crate) Value);

impl<S: Send + Sync> FromRequest<S> for Json {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Json, ApiError> {
        let bytes = read(request, state).await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(ApiError::bad_request("the request needs a JSON body"));
        }
        parse(&bytes).map(Json)
    }
}

impl Json {
    /// Reads a body that has arrived.
    ///
    /// # Errors
    /// 400 where it is not JSON.
    pub(crate) fn of(bytes: &[u8]) -> ApiResult<Json> {
        parse(bytes).map(Json)
    }
}

/// A body that must be a JSON object.
pub(crate) struct JsonObject(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for JsonObject {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<JsonObject, ApiError> {
        match Json::from_request(request, state).await? {
            Json(Value::Object(members)) => Ok(JsonObject(members)),
            Json(_) => Err(ApiError::bad_request("the body must be a JSON object")),
        }
    }
}

/// A body that may be there, of any kind, and is read as bytes.
pub(crate) struct Raw(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Raw, ApiError> {
        read(request, state).await.map(Raw)
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> ApiResult<Bytes> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            let text = format!("a body has at most {BODY_BYTES_MAX} bytes");
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, text)
        } else {
            ApiError::bad_request("the body did not arrive whole")
        }
    })
}

fn parse(bytes: &[u8]) -> ApiResult<Value> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // The parser's own text may quote the body, which may hold a secret: only the place is told.
    serde_json::from_slice(bytes).map_err(|error| {
        ApiError::bad_request(format!("the body is not JSON: line {}, column {}", error.line(), error.column()))
    })
}

/// Reads the fields of an object and notes every problem, each with its JSON pointer.
pub(crate) struct Fields<'a> {
    members: &'a Map<String, Value>,
    at: String,
    problems: Vec<Problem>,
}

impl<'a> Fields<'a> {
    /// Reads from the body itself.
    pub(crate) fn of(members: &'a Map<String, Value>) -> Fields<'a> {
        Fields { members, at: String::new(), problems: Vec::new() }
    }

    /// Notes a problem of the member `name`.
    pub(crate) fn problem(&mut self, name: &str, message: impl Into<String>) {
        self.problems.push(Problem::new(format!("{}/{}", self.at, escaped(name)), message));
    }

    /// Takes over problems that were found elsewhere.
    pub(crate) fn problems(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.problems.extend(problems);
    }

    /// The member, unless it is missing or null.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// Refuses every member but these.
    pub(crate) fn only(&mut self, known: &[&str]) {
        for name in self.members.keys().filter(|name| !known.contains(&name.as_str())) {
            self.problem(name, format!("is not known here; there are {}", known.join(" and ")));
        }
    }

    /// A string that may be missing.
    pub(crate) fn text(&mut self, name: &str) -> Option<&'a str> {
        match self.get(name) {
            None => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => {
                self.problem(name, "must be a string");
                None
            }
        }
    }

    /// A string that must be there and not blank.
    pub(crate) fn needed_text(&mut self, name: &str) -> Option<&'a str> {
        if self.get(name).is_none() {
            self.problem(name, "is missing");
            return None;
        }
        let text = self.text(name)?;
        if text.trim().is_empty() {
            self.problem(name, "is empty");
            return None;
        }
        Some(text)
    }

    /// The `state` of what can be disabled; it may be missing.
    pub(crate) fn state(&mut self) {
        if self.text("state").is_some_and(|state| !matches!(state, "enabled" | "disabled")) {
            self.problem("state", "is neither enabled nor disabled");
        }
    }

    /// An object that may be missing.
    pub(crate) fn object(&mut self, name: &str) -> Option<&'a Map<String, Value>> {
        match self.get(name) {
            None => None,
            Some(Value::Object(members)) => Some(members),
            Some(_) => {
                self.problem(name, "must be an object");
                None
            }
        }
    }

    /// A list that may be missing.
    pub(crate) fn list(&mut self, name: &str) -> Option<&'a Vec<Value>> {
        match self.get(name) {
            None => None,
            Some(Value::Array(items)) => Some(items),
            Some(_) => {
                self.problem(name, "must be a list");
                None
            }
        }
    }

    /// Strings of a list that may be missing.
    pub(crate) fn texts(&mut self, name: &str) -> Option<Vec<&'a str>> {
        let items = self.list(name)?;
        let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
        if texts.is_none() {
            self.problem(name, "must be a list of strings");
        }
        texts
    }

    /// The `name` and `description` that every object has. The name must be there.
    pub(crate) fn name_and_description(&mut self) -> Option<&'a str> {
        let name = self.needed_text("name");
        if name.is_some_and(|name| name.chars().count() > NAME_CHARS_MAX) {
            self.problem("name", format!("has more than {NAME_CHARS_MAX} characters"));
        }
        if name.is_some_and(|name| name.chars().any(char::is_control)) {
            self.problem("name", "holds control characters");
        }
        if self.text("description").is_some_and(|text| text.chars().count() > DESCRIPTION_CHARS_MAX) {
            self.problem("description", format!("has more than {DESCRIPTION_CHARS_MAX} characters"));
        }
        name
    }

    /// Reads an object below this one with the same list of problems.
    pub(crate) fn inside<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'a>) -> Option<T>) -> Option<T> {
        let members = self.object(name)?;
        let at = format!("{}/{}", self.at, escaped(name));
        let mut below = Fields { members, at, problems: Vec::new() };
        let value = read(&mut below);
        self.problems.append(&mut below.problems);
        value
    }

    /// The same, where the object must be there.
    pub(crate) fn needed_inside<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields<'a>) -> Option<T>,
    ) -> Option<T> {
        if self.get(name).is_none() {
            self.problem(name, "is missing");
            return None;
        }
        self.inside(name, read)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// 400 with all problems, where there are any.
    pub(crate) fn finish(self) -> ApiResult<()> {
        if self.problems.is_empty() { Ok(()) } else { Err(ApiError::invalid(self.problems)) }
    }
}

/// A member's name as it stands in a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_problem_is_noted_with_its_pointer() {
        let body = json!({"name": " ", "description": 7, "auth": {"specName": null, "params": []}});
        let Value::Object(members) = body else { panic!("an object") };
        let mut fields = Fields::of(&members);
        fields.name_and_description();
        fields.needed_inside("auth", |auth| {
            auth.needed_text("specName");
            auth.object("params")
        });
        fields.needed_inside("connectionSpec", |spec| spec.needed_text("id"));
        let text = format!("{:?}", fields.finish().unwrap_err());
        for pointer in ["/name", "/description", "/auth/specName", "/auth/params", "/connectionSpec"] {
            assert!(text.contains(&format!("\"{pointer}\"")), "{pointer} is missing in {text}");
        }
    }

    #[test]
    fn the_place_of_a_syntax_error_is_told_and_the_text_is_not() {
        let error = parse(b"{\"secretKey\": hunter2}").unwrap_err();
        let text = format!("{error:?}");
        assert!(text.contains("line 1") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn a_byte_order_mark_is_not_held_against_anyone() {
        assert_eq!(parse(b"\xef\xbb\xbf{}").unwrap(), json!({}));
    }
}
