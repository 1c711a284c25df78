//! What a request is answered with when it fails: one shape for every client.
//!
//! The body is a superset of what clients of the modelled services look for: the members of `application/problem+json`,
//! `errorMessage` and `errorDetails`, `message`, and `error_code` where access is refused. All problems of a body come at
//! once, in `problems`, each with the JSON pointer of what it is about. Text of a database or of a defect never leaves:
//! such an answer has a `reference` under which the log says more.

use std::ops::{Deref, DerefMut};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use outflow_model::{Fault, FaultClass, fault};
use outflow_runner::SubmitError;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::governance::ShownViolation;

/// The media type of every error.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// The code of a request without a token.
pub(crate) const TOKEN_MISSING: &str = "403010";
/// The code of a token that is unknown, expired or revoked.
pub(crate) const TOKEN_INVALID: &str = "401013";
/// The code of a token that is valid, but not for this.
pub(crate) const NOT_ALLOWED: &str = "403027";

/// Seconds after which who was turned away may come back: about as long as the work in line takes.
const BUSY_WAIT_SECS: u64 = 2;

/// One problem of a request's body, query or header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"field": "/auth/params/s3SecretKey", "message": "is missing"}))]
pub(crate) struct Problem {
    /// A JSON pointer into the body, or the name of the parameter or header.
    pub(crate) field: String,
    /// What is wrong and what would be right.
    pub(crate) message: String,
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem { field: field.into(), message: message.into() }
    }
}

/// Why a request fails. An answer of the server's own making carries it as an extension, so that the log can say more.
#[derive(Clone, Debug)]
pub(crate) struct ApiError(Box<Failure>);

/// What an error says, boxed so that an answer without one stays small.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    detail: String,
    problems: Vec<Problem>,
    access_code: Option<&'static str>,
    retry_after_secs: Option<u64>,
    /// Members beyond the common ones: `class`, `tried`, `hint`, `steps`.
    extra: Map<String, Value>,
    /// For the log alone.
    internal: Option<String>,
}

impl Deref for ApiError {
    type Target = Failure;

    fn deref(&self) -> &Failure {
        &self.0
    }
}

impl DerefMut for ApiError {
    fn deref_mut(&mut self) -> &mut Failure {
        &mut self.0
    }
}

/// What a handler answers.
pub(crate) type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// An error with `status`; `detail` is one sentence without a final period.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> ApiError {
        ApiError(Box::new(Failure {
            status,
            detail: detail.into(),
            problems: Vec::new(),
            access_code: None,
            retry_after_secs: None,
            extra: Map::new(),
            internal: None,
        }))
    }

    /// The request cannot be understood, or what it asks for is not possible.
    pub(crate) fn bad_request(detail: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Nothing of this kind has the id.
    pub(crate) fn not_found(noun: &str, id: &str) -> ApiError {
        ApiError::new(StatusCode::NOT_FOUND, format!("there is no {noun} {}", printable(id)))
    }

    /// The state of things forbids it.
    pub(crate) fn conflict(detail: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::CONFLICT, detail)
    }

    /// Somebody else changed it first.
    pub(crate) fn stale() -> ApiError {
        ApiError::new(StatusCode::PRECONDITION_FAILED, "it has changed since the etag of If-Match was read")
            .hint("Read it again and send the change with the new etag.")
    }

    /// A secret was compared with too many wrong ones.
    pub(crate) fn too_many_guesses(wait_secs: u64) -> ApiError {
        let text = "the account was compared with too many wrong secrets";
        let mut error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, text)
            .hint("Wait, or send the secret with a PATCH, which tries it.");
        error.retry_after_secs = Some(wait_secs);
        error
    }

    /// A change without `If-Match`.
    pub(crate) fn precondition_required() -> ApiError {
        ApiError::new(StatusCode::PRECONDITION_REQUIRED, "the header If-Match is missing")
            .hint("Send the etag that a GET of the object shows, or * to change it whatever it is now.")
    }

    /// Access is refused with a code that clients know.
    pub(crate) fn access(status: StatusCode, code: &'static str, detail: impl Into<String>) -> ApiError {
        let mut error = ApiError::new(status, detail);
        error.access_code = Some(code);
        error
    }

    /// A defect, or a part of the server that does not work: the text is for the log alone.
    pub(crate) fn internal(text: impl Into<String>) -> ApiError {
        let mut error = ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "the server could not complete the request");
        error.internal = Some(text.into());
        error
    }

    /// Something the request needs is not there at the moment, and nothing was changed.
    pub(crate) fn unavailable(detail: impl Into<String>, log: impl Into<String>) -> ApiError {
        let mut error = ApiError::new(StatusCode::SERVICE_UNAVAILABLE, detail);
        error.internal = Some(log.into());
        error
    }

    /// Too many ask for the same at the moment.
    pub(crate) fn busy(detail: impl Into<String>) -> ApiError {
        let mut error = ApiError::new(StatusCode::SERVICE_UNAVAILABLE, detail);
        error.retry_after_secs = Some(BUSY_WAIT_SECS);
        error
    }

    /// All problems of a request at once. `problems` has at least one.
    pub(crate) fn invalid(problems: Vec<Problem>) -> ApiError {
        let detail = match problems.as_slice() {
            [one] => format!("{} {}", one.field, one.message),
            several => format!("the request has {} problems", several.len()),
        };
        let mut error = ApiError::bad_request(detail);
        error.problems = problems;
        error
    }

    /// Says which member of the request it is about.
    pub(crate) fn about(mut self, field: &str) -> ApiError {
        let detail = self.detail.clone();
        self.problems = vec![Problem::new(field, detail)];
        self
    }

    /// The same of an object that stands at `pointer` in the request's body: its problems are there.
    pub(crate) fn below(mut self, pointer: &str) -> ApiError {
        for problem in self.problems.iter_mut().filter(|problem| problem.field.starts_with('/')) {
            problem.field.insert_str(0, pointer);
        }
        self
    }

    /// Says what to do next.
    pub(crate) fn hint(self, hint: impl Into<String>) -> ApiError {
        self.with("hint", Value::String(hint.into()))
    }

    /// Adds a member to the body.
    pub(crate) fn with(mut self, name: &str, value: Value) -> ApiError {
        if value.as_str() != Some("") {
            self.extra.insert(name.to_owned(), value);
        }
        self
    }

    /// The same error with another status.
    pub(crate) fn with_status(mut self, status: StatusCode) -> ApiError {
        self.status = status;
        self
    }

    /// What it is answered with where it is one of several answers in one.
    pub(crate) fn told(&self) -> (u16, Value) {
        (self.status.as_u16(), self.body())
    }

    /// The status it will be answered with.
    #[cfg(test)]
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// Whether something that the request needs does not answer at the moment.
    pub(crate) fn is_unavailable(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE
    }

    /// Whether somebody else changed the object first.
    pub(crate) fn is_stale(&self) -> bool {
        self.status == StatusCode::PRECONDITION_FAILED
    }

    /// What is for the log alone.
    pub(crate) fn log_text(&self) -> Option<&str> {
        self.internal.as_deref()
    }

    fn body(&self) -> Value {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let mut body = Map::new();
        body.insert("type".into(), json!("about:blank"));
        body.insert("title".into(), json!(title));
        body.insert("status".into(), json!(self.status.as_u16()));
        body.insert("detail".into(), json!(self.detail));
        body.insert("errorMessage".into(), json!(self.detail));
        body.insert("errorDetails".into(), json!(self.details_text()));
        body.insert("message".into(), json!(self.detail));
        if let Some(code) = self.access_code {
            body.insert("error_code".into(), json!(code));
        }
        if !self.problems.is_empty() {
            body.insert("problems".into(), json!(self.problems));
        }
        body.extend(self.extra.clone());
        Value::Object(body)
    }

    /// The problems, or what to do, as one text.
    fn details_text(&self) -> String {
        if self.problems.is_empty() {
            return self.extra.get("hint").and_then(Value::as_str).unwrap_or("").to_owned();
        }
        let texts: Vec<String> =
            self.problems.iter().map(|problem| format!("{}: {}", problem.field, problem.message)).collect();
        texts.join("; ")
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> ApiError {
        let status = match fault.class {
            FaultClass::Input | FaultClass::Config | FaultClass::Credentials => StatusCode::BAD_REQUEST,
            FaultClass::Refused | FaultClass::Verification | FaultClass::Interrupted => StatusCode::CONFLICT,
            FaultClass::Unavailable | FaultClass::Throttled => StatusCode::SERVICE_UNAVAILABLE,
            FaultClass::Internal => return ApiError::internal(fault::chain(&fault)),
        };
        let mut error = ApiError::new(status, fault.message.clone())
            .with("class", json!(fault.class))
            .with("tried", json!(fault.tried))
            .with("hint", json!(fault.hint));
        error.retry_after_secs = fault.retry_after.map(|wait| wait.as_secs().max(1));
        error
    }
}

impl From<SubmitError> for ApiError {
    fn from(error: SubmitError) -> ApiError {
        match error {
            SubmitError::NotFound { what, id } => ApiError::not_found(what, &id),
            SubmitError::Busy { message, run } => {
                ApiError::conflict(message).with("run", json!(run.unwrap_or_default()))
            }
            SubmitError::Conflict { message } => ApiError::conflict(message),
            SubmitError::Stale { .. } => ApiError::stale(),
            SubmitError::Invalid { message, problems } => {
                let at = |flow: &str| format!("/activationInfo/{}", flow.replace('~', "~0").replace('/', "~1"));
                let problems = problems.into_iter().map(|problem| Problem::new(at(&problem.flow), problem.message));
                let mut error = ApiError::bad_request(message);
                error.problems = problems.collect();
                error
            }
            SubmitError::Fault(fault) => fault.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = self.body().to_string();
        let mut response = (self.status, [(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(secs) = self.retry_after_secs {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        if self.status.is_server_error() {
            response.extensions_mut().insert(self);
        }
        response
    }
}

/// Why work of the server failed, as objects tell it. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ShownFault")]
pub(crate) struct ShownFault {
    /// Whose move is next: `input`, `config`, `credentials`, `refused`, `unavailable`, `throttled`, `verification`,
    /// `internal` or `interrupted`.
    class: String,
    /// What came back.
    message: String,
    /// What was tried and where; may be empty.
    tried: String,
    /// What to do next; may be empty.
    hint: String,
}

/// The body of every error. Documentation only: [`ApiError`] writes it.
#[derive(Serialize, ToSchema)]
#[schema(title = "Problem", example = json!({
    "type": "about:blank", "title": "Precondition Failed", "status": 412,
    "detail": "it has changed since the etag of If-Match was read",
    "errorMessage": "it has changed since the etag of If-Match was read",
    "errorDetails": "Read it again and send the change with the new etag.",
    "message": "it has changed since the etag of If-Match was read",
    "hint": "Read it again and send the change with the new etag."
}))]
pub(crate) struct ProblemBody {
    /// Always `about:blank`: title and status say what kind it is.
    r#type: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What came back, in one sentence.
    detail: String,
    /// The same as `detail`.
    #[serde(rename = "errorMessage")]
    error_message: String,
    /// All problems, or what to do next, as one text.
    #[serde(rename = "errorDetails")]
    error_details: String,
    /// The same as `detail`.
    message: String,
    /// `403010` without a token, `401013` with one that is not valid, `403027` with one that is not allowed this.
    error_code: Option<String>,
    /// Every problem of the request, by field.
    problems: Option<Vec<Problem>>,
    /// Of what would make flows violate policies: which policies, why, the ways of the data, and what would resolve it.
    violations: Option<Vec<ShownViolation>>,
    /// How many violations there are in all.
    #[serde(rename = "violationsTotal")]
    violations_total: Option<u64>,
    /// How many of them are not in `violations`, which has 100 at most.
    #[serde(rename = "violationsLeftOut")]
    violations_left_out: Option<u64>,
    /// Whose move is next.
    class: Option<String>,
    /// What was tried and where.
    tried: Option<String>,
    /// What to do next.
    hint: Option<String>,
    /// Under this the server's log says more.
    reference: Option<String>,
}

/// `text` as it may stand in a message: short, without control characters.
pub(crate) fn printable(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
    if clean.len() < text.len() { format!("{clean}…") } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_come_at_once_in_each_shape_that_clients_read() {
        let body =
            ApiError::invalid(vec![Problem::new("/name", "is missing"), Problem::new("/auth", "is missing")]).body();
        assert_eq!(body["status"], 400);
        assert_eq!(body["errorMessage"], body["detail"]);
        assert_eq!(body["errorDetails"], "/name: is missing; /auth: is missing");
        assert_eq!(body["problems"][1]["field"], "/auth");
        assert!(body.get("error_code").is_none());
    }

    #[test]
    fn refused_access_has_the_code_that_clients_know() {
        let body = ApiError::access(StatusCode::UNAUTHORIZED, TOKEN_INVALID, "the token is not valid").body();
        assert_eq!(
            (body["error_code"].as_str(), body["message"].as_str()),
            (Some("401013"), Some("the token is not valid"))
        );
    }

    #[test]
    fn the_text_of_a_defect_stays_inside() {
        let error = ApiError::from(Fault::internal("the row of secret X is broken"));
        assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!error.body().to_string().contains("secret X"));
        assert_eq!(error.log_text(), Some("the row of secret X is broken"));
    }

    #[test]
    fn odd_ids_do_not_reach_messages_whole() {
        assert_eq!(printable("a\u{0}b\n"), "ab…");
        assert_eq!(printable(&"x".repeat(200)).chars().count(), 81);
    }
}
