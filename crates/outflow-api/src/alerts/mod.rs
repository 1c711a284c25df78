//! What people are told of: `/data/foundation/alerts`, and who is told how: `/data/foundation/alerts/subscriptions`.

mod create;
mod delete;
mod get;
mod list;
mod patch;
mod subscriptions;

use outflow_store::{Document, Reader};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::body::Fields;
use crate::connections::MASK;
use crate::context::Api;
use crate::document;
use crate::document::Common;
use crate::error::{ApiError, ApiResult, Problem};
use crate::operation::Operation;
use crate::page::Links;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        list::operation(),
        subscriptions::operation(),
        create::operation(),
        get::operation(),
        patch::operation(),
        delete::operation(),
    ]
}

/// Where a webhook's secret stands in a subscription.
const SECRET: &str = "/channel/secret";

/// Who is told of what. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "AlertSubscription", example = json!({
    "name": "Failures to the team", "kinds": ["runFailure", "runDelay"],
    "channel": {"type": "webhook", "url": "https://hooks.example.com/outflow", "secret": "…"}
}))]
pub(crate) struct Subscription {
    /// What people call it.
    name: String,
    /// `runStart`, `runSuccess`, `runFailure`, `runDelay`, `skippedRate`, `flowPaused`; all without it.
    kinds: Option<Vec<String>>,
    /// Of one flow; of all without it.
    #[serde(rename = "flowId")]
    flow_id: Option<String>,
    /// How they are told. The secret is shown as `********`.
    channel: AlertChannel,
}

/// How somebody is told. Documentation only.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase")]
#[schema(title = "AlertChannel")]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
enum AlertChannel {
    /// By a request that is signed with the secret.
    Webhook { url: String, secret: Option<String> },
    /// By e-mail to one or several addresses.
    Email { to: AlertRecipients },
}

/// Who gets an e-mail. Documentation only.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(title = "AlertRecipients")]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
enum AlertRecipients {
    One(String),
    Several(Vec<String>),
}

/// A subscription as it is shown. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ShownAlertSubscription")]
pub(crate) struct ShownSubscription {
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    subscription: Subscription,
}

/// A list of subscriptions. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "AlertSubscriptions", example = json!({"items": [{
    "id": "2f3f7f52-2d6e-4a0e-9a57-0f2a8f4f4a30", "createdAt": 1660922583694_i64, "updatedAt": 1660922584231_i64,
    "createdBy": "admin", "updatedBy": "admin", "sandboxName": "prod", "imsOrgId": "outflow", "version": "\"1\"",
    "etag": "\"1\"", "name": "Failures to the team", "kinds": ["runFailure"],
    "channel": {"type": "email", "to": ["team@example.org"]}
}], "_links": {}}))]
pub(crate) struct Subscriptions {
    /// The subscriptions.
    items: Vec<ShownSubscription>,
    /// The next page; left out where one object is asked for.
    #[schema(required = false)]
    _links: Links,
    /// All that match, where it was asked for.
    count: Option<u64>,
    /// True where `count` is not of all.
    #[serde(rename = "countIsPartial")]
    count_is_partial: Option<bool>,
}

/// A document as answers show it.
fn show(api: &Api, document: &Document) -> Value {
    Value::Object(document::shown(api, document))
}

/// Checks a subscription, its secret in clear.
///
/// # Errors
/// 400 with every problem.
async fn check(api: &Api, reader: &mut Reader, sandbox: &str, body: &Map<String, Value>) -> ApiResult<()> {
    let mut fields = Fields::of(body);
    fields.name_and_description();
    let whole = Value::Object(body.clone());
    let problems = api.runner.check_subscription(&whole);
    // The name was checked above, with the same limits as everywhere.
    fields
        .problems(problems.into_iter().filter(|(at, _)| at != "/name").map(|(at, message)| Problem::new(at, message)));
    let flow = fields.text("flowId");
    let is_known = match flow {
        Some(flow) => reader.find::<outflow_store::Flow>(sandbox, flow).await?.is_some(),
        None => true,
    };
    if !is_known {
        fields.problem("flowId", "names no flow of this sandbox");
    }
    fields.finish()
}

/// Takes the secret out of a body and leaves the mask there.
fn cut_secret(body: &mut Map<String, Value>) -> Option<SecretString> {
    match body.get_mut("channel").and_then(|channel| channel.get_mut("secret")) {
        Some(Value::String(secret)) => Some(SecretString::from(std::mem::replace(secret, MASK.to_owned()))),
        _ => None,
    }
}

/// Puts the secret of `opened` where `body` has the mask, or refuses a mask behind which there is none.
fn put_secret_back(body: &mut Map<String, Value>, opened: &Value) -> ApiResult<()> {
    let Some(place) = body.get_mut("channel").and_then(|channel| channel.get_mut("secret")) else { return Ok(()) };
    if place.as_str() != Some(MASK) {
        return Ok(());
    }
    match opened.pointer(SECRET) {
        Some(kept) if kept.is_string() => {
            *place = kept.clone();
            Ok(())
        }
        _ => Err(ApiError::invalid(vec![Problem::new(SECRET, "is the mask of a secret, not a secret")])),
    }
}

/// Seals the secret of a subscription, or forgets the one it had.
async fn seal(tx: &mut outflow_store::Tx, sandbox: &str, id: &str, secret: Option<SecretString>) -> ApiResult<()> {
    match secret {
        Some(secret) => tx.put_secret(sandbox, id, SECRET, &secret).await?,
        None if tx.secret_pointers(id).await?.iter().any(|pointer| pointer == SECRET) => {
            tx.delete_secret(id, SECRET).await?;
        }
        None => {}
    }
    Ok(())
}

/// An example of a webhook subscription, for tests.
#[cfg(test)]
fn webhook() -> Value {
    serde_json::json!({
        "name": "Failures", "kinds": ["runFailure"],
        "channel": {"type": "webhook", "url": "https://hooks.example.com/x", "secret": "hush-hush"}
    })
}
