//! Live probes: the calls of a delivery, within a bounded time, before anything is saved.
//!
//! Whatever a probe meets is the request's fault for the client: an account or target that cannot be used is refused with
//! 400 and the steps, and never with a status after which clients repeat the request.

mod passing;
mod place;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use outflow_connector_kit::{
    Connector, FieldProblem, MemoryJournal, ProbeReport, RetryPolicy, SessionContext, StepOutcome,
};
use outflow_model::{Fault, FaultClass};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::context::Api;
use crate::error::{ApiError, ApiResult, Problem};

pub(crate) use passing::{Steps, Watched};
pub(crate) use place::Place;

/// Bytes that the session of a probe may buffer: it writes a few hundred.
const BUFFER_BYTES: u64 = 20 * 1024 * 1024;

/// What a probe found, as answers show it. Documentation only: the connectors' own report is shown.
#[derive(Serialize, ToSchema)]
#[schema(title = "Probe", example = json!({"steps": [
    {"name": "Reach the endpoint", "outcome": "passed", "found": "s3.eu-west-1.amazonaws.com"},
    {"name": "Sign in", "outcome": "passed", "found": ""}
]}))]
pub(crate) struct Probe {
    /// The steps, in order, up to the first that failed.
    steps: Vec<ProbeStep>,
}

/// One step of a probe. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ProbeStep")]
struct ProbeStep {
    /// What was done.
    name: String,
    /// `passed`, `limited` or `failed`.
    outcome: String,
    /// What was learned.
    found: Option<String>,
    /// Of a failed step: whose move is next.
    class: Option<String>,
    /// Of a failed step: what came back.
    message: Option<String>,
    /// Of a failed step: what was tried.
    tried: Option<String>,
    /// Of a failed step: what to do.
    hint: Option<String>,
    /// Of a failed step: pointers into the body of the request to what may be at fault, the likeliest first. The account
    /// is one member of a target's body.
    fields: Option<Vec<String>>,
    /// Where nothing is wrong but that nobody has approved the server's key: the key.
    #[serde(rename = "hostKey")]
    host_key: Option<HostKey>,
}

/// A key that a server presented. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "HostKey", example = json!({
    "field": "/auth/params/hostKey", "line": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDqlzXtrgk44oTTfG1thNacMxbqpu6wI3KlwkscfGuXx",
    "fingerprint": "SHA256:xLDpm3CHAPSgxo4GITGmWFUHO7axK/mhTq3Q+7qT/rQ", "algorithm": "ssh-ed25519", "approved": []
}))]
struct HostKey {
    /// Where in the account's body the line belongs: the member that has its other keys, `hostKey` where it has none.
    field: String,
    /// The line that approves the key there, beside other lines or alone.
    line: String,
    /// SHA-256 of the key, as `ssh-keygen -l` shows it: to be compared with what the server's administrator says.
    fingerprint: String,
    /// The kind of key.
    algorithm: String,
    /// Fingerprints of the keys that are approved. Where there are any, the key has changed.
    approved: Vec<String>,
}

/// Reaches the far end and signs in.
///
/// # Errors
/// 400 with the reason and the steps.
pub(crate) async fn account(
    api: &Api,
    connector: &dyn Connector,
    place: Place,
    account: &Value,
    steps: &Steps,
) -> ApiResult<Value> {
    let (wait, mut report) = (api.probe_timeout(), steps.report(place));
    let context = context(api);
    let probe = connector.probe_account_into(account, &context, &mut report);
    if tokio::time::timeout(wait, probe).await.is_err() {
        give_up(&mut report, wait);
    }
    passed(&report, place)
}

/// Does what a delivery does, in the target's own folder.
///
/// # Errors
/// 400 with the reason and the steps.
pub(crate) async fn target(
    api: &Api,
    connector: &dyn Connector,
    account: &Value,
    target: &Value,
    steps: &Steps,
) -> ApiResult<Value> {
    let place = Place::target(connector);
    let (wait, mut report) = (api.probe_timeout(), steps.report(place));
    let context = context(api);
    let probe = connector.probe_into(account, target, &context, &mut report);
    if tokio::time::timeout(wait, probe).await.is_err() {
        give_up(&mut report, wait);
    }
    passed(&report, place)
}

fn give_up(report: &mut ProbeReport, wait: Duration) {
    let text = format!("it took longer than {} seconds", wait.as_secs());
    let fault = Fault::new(FaultClass::Unavailable, text).hint("Check that the far end answers, then try again.");
    report.failed("Wait for the far end", &fault);
}

fn context(api: &Api) -> SessionContext {
    SessionContext {
        attempt: format!("{:08x}", (api.random)() & 0xffff_ffff),
        journal: Arc::new(MemoryJournal::default()),
        clock: Arc::clone(&api.clock),
        // The person wants the first answer.
        retry: RetryPolicy::none(),
        seed: (api.random)(),
        buffer_bytes_max: BUFFER_BYTES,
    }
}

/// The report, where every step passed.
fn passed(report: &ProbeReport, place: Place) -> ApiResult<Value> {
    let steps: Vec<Value> = report.steps.iter().map(|step| place.shown(step)).collect();
    let failure = report.steps.iter().find_map(|step| match &step.outcome {
        StepOutcome::Failed { class, message, tried, hint, .. } => Some((&step.name, class, message, tried, hint)),
        _ => None,
    });
    let Some((name, class, message, tried, hint)) = failure else {
        return Ok(json!({"steps": steps}));
    };
    Err(ApiError::bad_request(format!("{name}: {message}"))
        .with("class", json!(class))
        .with("tried", json!(tried))
        .with("hint", json!(hint))
        .with("steps", json!(steps)))
}

/// Problems of an account by the names of its form, as pointers into a connection's body.
pub(crate) fn account_problems(
    connector: &dyn Connector,
    spec_name: &str,
    problems: Vec<FieldProblem>,
) -> Vec<Problem> {
    let spec = connector.catalog().auth_spec(spec_name);
    let form_name = |field: &str| {
        let member = spec.and_then(|spec| spec.members.iter().find(|member| member.account == field));
        member.map_or_else(|| field.to_owned(), |member| member.name.to_owned())
    };
    let problems = problems.into_iter().map(|problem| {
        let pointer = match problem.field.strip_prefix("auth.") {
            Some(below) => format!("/auth/{}", below.replace('.', "/")),
            None if problem.field == "account" => "/auth/params".to_owned(),
            None => format!("/auth/params/{}", form_name(&problem.field)),
        };
        Problem::new(pointer, problem.message)
    });
    problems.collect()
}

/// Problems of a target as pointers into a target connection's body.
pub(crate) fn target_problems(problems: Vec<FieldProblem>) -> Vec<Problem> {
    let problems = problems.into_iter().map(|problem| match problem.field.as_str() {
        "params" | "target" => Problem::new("/params", problem.message),
        field => Problem::new(format!("/params/{}", field.trim_start_matches("params.")), problem.message),
    });
    problems.collect()
}

/// The folder below which a local folder may lie, checked by its text: what is a link is the runner's to follow.
pub(crate) fn is_below(root: &Path, path: &Path) -> bool {
    path.is_absolute()
        && path.starts_with(root)
        && !path.components().any(|part| part == std::path::Component::ParentDir)
}

#[cfg(test)]
#[path = "probe/tests.rs"]
mod watched;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_a_bad_request_with_the_reason() {
        let mut report = ProbeReport::default();
        report.passed("Reach the endpoint", "");
        let fault = Fault::new(FaultClass::Credentials, "the secret is wrong").tried("GET /").hint("Check the key.");
        report.failed("Sign in", &fault);
        let error = passed(&report, Place::Account(None)).unwrap_err();
        assert_eq!(error.status(), http::StatusCode::BAD_REQUEST);
        let text = format!("{error:?}");
        for part in ["Sign in: the secret is wrong", "credentials", "Check the key.", "Reach the endpoint"] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }

    #[test]
    fn a_folder_that_climbs_out_is_not_below() {
        let root = Path::new("/exports");
        assert!(is_below(root, Path::new("/exports/a")));
        for path in ["/exports/../etc", "/exportsx", "exports/a", "/"] {
            assert!(!is_below(root, Path::new(path)), "{path}");
        }
    }
}
