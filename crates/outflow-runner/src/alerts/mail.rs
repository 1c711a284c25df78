//! Alerts as mail.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use outflow_model::{Fault, FaultClass};
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::settings::AlertSettings;

/// Mails an alert to everybody in `to`.
///
/// # Errors
/// `Config` where the settings name no mail server or an address is none, `Refused` when the server does not take the
/// mail, `Unavailable` for what may pass.
pub(crate) async fn mail(settings: &AlertSettings, to: &[String], alert: &Value) -> Result<(), Fault> {
    let config = |message: &str| Fault::new(FaultClass::Config, message).tried("send a mail");
    let Some(url) = &settings.smtp_url else {
        return Err(config("the server's settings name no mail server").hint("set alerts.smtp_url"));
    };
    let message = message(settings, to, alert)?;
    // The reader's message is not kept: it could quote the URL, which holds a password.
    let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
        .map_err(|_| config("alerts.smtp_url is not the URL of a mail server"))?
        .timeout(Some(Duration::from_secs(settings.timeout_secs.max(1))))
        .build();
    match transport.send(message).await {
        Ok(_) => Ok(()),
        Err(error) => {
            let class = if error.is_permanent() { FaultClass::Refused } else { FaultClass::Unavailable };
            Err(Fault::new(class, "the mail server did not take the mail").tried("send a mail").because(error))
        }
    }
}

fn message(settings: &AlertSettings, to: &[String], alert: &Value) -> Result<Message, Fault> {
    let wrong = |what: &str| Fault::new(FaultClass::Config, format!("{what} is no mail address")).tried("write a mail");
    let from: Mailbox = settings.from.parse().map_err(|_| wrong("alerts.from"))?;
    let text = |member: &str| alert.get(member).and_then(Value::as_str).unwrap_or_default();
    // A subject is one line; names of flows and segments are people's.
    let subject: String = text("message").chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    let mut builder = Message::builder().from(from).subject(format!("Outflow: {subject}"));
    for address in to {
        builder = builder.to(address.parse().map_err(|_| wrong("a subscriber's address"))?);
    }
    builder.body(body(alert)).map_err(|e| Fault::internal("a mail cannot be written").because(e))
}

fn body(alert: &Value) -> String {
    let mut lines = vec![alert.get("message").and_then(Value::as_str).unwrap_or_default().to_owned(), String::new()];
    let members =
        ["kind", "state", "flowName", "flowId", "segmentName", "segmentId", "runId", "runState", "slot", "at"];
    for member in members {
        if let Some(value) = alert.get(member).and_then(Value::as_str) {
            lines.push(format!("{member}: {value}"));
        }
    }
    for (member, label) in [("class", "error class"), ("message", "error"), ("tried", "tried"), ("hint", "what to do")]
    {
        if let Some(value) =
            alert.pointer(&format!("/error/{member}")).and_then(Value::as_str).filter(|v| !v.is_empty())
        {
            lines.push(format!("{label}: {value}"));
        }
    }
    lines.push(String::new());
    lines.join("\r\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mail_says_what_happened_and_a_name_cannot_add_headers() {
        let alert = json!({
            "kind": "runFailure", "message": "the export of a\r\nBcc: x@y in f failed", "runId": "r",
            "error": {"class": "credentials", "message": "wrong password", "hint": "set a new one", "tried": ""},
        });
        let mail = message(&AlertSettings::default(), &["A <a@b.example>".into()], &alert).unwrap();
        let text = String::from_utf8(mail.formatted()).unwrap();
        let (headers, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!headers.contains("\r\nBcc:"), "{text}");
        assert!(text.contains("runId: r") && text.contains("what to do: set a new one"), "{text}");
        assert!(message(&AlertSettings::default(), &["nobody".into()], &alert).is_err());
    }
}
