//! Alerts as requests.

use std::time::Duration;

use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use outflow_export::hex;
use outflow_model::{Fault, FaultClass};
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use url::Url;

use super::address::{self, PublicOnly};
use crate::settings::AlertSettings;

/// What a request is signed over, and says it was made at.
const TIMESTAMP: &str = "x-outflow-timestamp";

/// `sha256=` and the hexadecimal HMAC-SHA256 of `TIMESTAMP.BODY`.
const SIGNATURE: &str = "x-outflow-signature";

/// Posts an alert to `url`. The body is signed where there is a secret. Redirects are not followed and no proxy is used:
/// either would lead around the check of the address.
///
/// # Errors
/// `Config` for a URL that may not be reached, `Refused` when the receiver does not want it, `Throttled` and
/// `Unavailable` for what may pass. Messages name the host and nothing else of the URL, which may hold a token.
pub(crate) async fn post(
    settings: &AlertSettings,
    url: &str,
    secret: Option<&str>,
    alert: &Value,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let url = Url::parse(url).map_err(|_| Fault::new(FaultClass::Config, "the webhook's URL is none"))?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let tried = format!("POST to the webhook at {host}");
    if !settings.allow_private_addresses && address::is_forbidden_host(&url) {
        return Err(Fault::new(FaultClass::Config, format!("the webhook {}", address::FORBIDDEN)).tried(tried));
    }
    let body = serde_json::to_vec(alert).map_err(|e| Fault::internal("an alert cannot be written").because(e))?;
    let timestamp = now.timestamp().to_string();
    let mut request = client(settings)?
        .post(url)
        .header("content-type", "application/json")
        .header("user-agent", "outflow")
        .header(TIMESTAMP, &timestamp);
    if let Some(secret) = secret {
        request = request.header(SIGNATURE, sign(secret, &timestamp, &body));
    }
    match request.body(body).send().await {
        Ok(response) => judge(&response).map_err(|fault| fault.tried(tried)),
        Err(error) => Err(Fault::new(FaultClass::Unavailable, "the webhook could not be reached")
            .tried(tried)
            .because(error.without_url())),
    }
}

fn client(settings: &AlertSettings) -> Result<Client, Fault> {
    let builder = Client::builder()
        .timeout(Duration::from_secs(settings.timeout_secs.max(1)))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    let builder = if settings.allow_private_addresses { builder } else { builder.dns_resolver(PublicOnly) };
    builder.build().map_err(|e| Fault::internal("no HTTP client can be made").because(e))
}

fn sign(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut signed = hmac::Context::with_key(&key);
    signed.update(timestamp.as_bytes());
    signed.update(b".");
    signed.update(body);
    format!("sha256={}", hex(signed.sign().as_ref()))
}

fn judge(response: &Response) -> Result<(), Fault> {
    let status = response.status();
    let told = |class| Fault::new(class, format!("the webhook answered {}", status.as_u16()));
    if status.is_success() {
        return Ok(());
    }
    let asked = response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()?.trim().parse().ok());
    let asked = asked.map(Duration::from_secs);
    match status {
        StatusCode::TOO_MANY_REQUESTS => Err(told(FaultClass::Throttled).retry_after(asked)),
        StatusCode::REQUEST_TIMEOUT => Err(told(FaultClass::Unavailable)),
        _ if status.is_server_error() => Err(told(FaultClass::Unavailable).retry_after(asked)),
        _ if status.is_redirection() => {
            Err(told(FaultClass::Config).hint("give the URL that the webhook redirects to; redirects are not followed"))
        }
        _ => Err(told(FaultClass::Refused).hint("look at what the receiver says to a request of this kind")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_hmac_of_time_and_body() {
        // printf '1767323045.{}' | openssl dgst -sha256 -hmac key
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"key");
        let wanted = hex(hmac::sign(&key, b"1767323045.{}").as_ref());
        assert_eq!(sign("key", "1767323045", b"{}"), format!("sha256={wanted}"));
        assert_ne!(sign("key", "1767323046", b"{}"), format!("sha256={wanted}"));
    }
}
