//! Who is told what.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{Kind, address};
use crate::settings::AlertSettings;

/// A mail goes to this many people at most; more are a mailing list.
const RECIPIENTS_MAX: usize = 50;

/// Where an alert goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Channel {
    /// A POST of the alert as JSON.
    Webhook {
        /// Where to.
        url: String,
        /// What the request is signed with.
        #[serde(default, skip_serializing)]
        secret: Option<String>,
    },
    /// A mail.
    Email {
        /// To whom.
        to: Vec<String>,
    },
}

/// Who is told what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Kinds of alerts; all when there are none.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// The flow; every flow of the sandbox without one.
    #[serde(default)]
    pub flow_id: Option<String>,
    /// Where they go.
    pub channel: Channel,
}

impl Subscription {
    /// Reads a subscription's body.
    ///
    /// # Errors
    /// What the reader says.
    pub fn parse(body: &Value) -> Result<Subscription, serde_json::Error> {
        Subscription::deserialize(body)
    }

    /// Whether alerts of this kind about this flow are for it.
    pub(super) fn wants(&self, kind: &str, flow: &str) -> bool {
        (self.kinds.is_empty() || self.kinds.iter().any(|k| k == kind))
            && self.flow_id.as_deref().is_none_or(|wanted| wanted == flow)
    }
}

/// Every problem of a subscription's body, by JSON pointer. A webhook whose name leads to a forbidden address is found
/// when it is delivered to: names change what they point to.
pub fn check_subscription(body: &Value, settings: &AlertSettings) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    let mut problem = |pointer: &str, message: String| problems.push((pointer.to_owned(), message));
    // The reader's message could quote the secret.
    let Ok(subscription) = Subscription::parse(body) else {
        problem("/channel", "must be {type: \"webhook\", url, secret?} or {type: \"email\", to: [...]}".into());
        return problems;
    };
    for (i, kind) in subscription.kinds.iter().enumerate() {
        if !Kind::ALL.iter().any(|known| known.name() == kind) {
            let known: Vec<&str> = Kind::ALL.iter().map(|known| known.name()).collect();
            problem(&format!("/kinds/{i}"), format!("{kind:?} is none of {}", known.join(", ")));
        }
    }
    match &subscription.channel {
        Channel::Webhook { url, .. } => match Url::parse(url) {
            Ok(url) if !matches!(url.scheme(), "http" | "https") => {
                problem("/channel/url", "must be an http or https URL".into());
            }
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                problem("/channel/url", "holds credentials; use the secret, which signs the request".into());
            }
            Ok(url) if !settings.allow_private_addresses && address::is_forbidden_host(&url) => {
                problem("/channel/url", address::FORBIDDEN.into());
            }
            Ok(_) => {}
            Err(error) => problem("/channel/url", format!("is no URL: {error}")),
        },
        Channel::Email { to } => {
            if to.is_empty() || to.len() > RECIPIENTS_MAX {
                problem("/channel/to", format!("must name 1 to {RECIPIENTS_MAX} addresses"));
            }
            for (i, address) in to.iter().enumerate() {
                if address.parse::<lettre::message::Mailbox>().is_err() {
                    problem(&format!("/channel/to/{i}"), "is no mail address".into());
                }
            }
            if settings.smtp_url.is_none() {
                problem("/channel/type", "this server sends no mail: its settings name no mail server".into());
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pointers(body: &Value, settings: &AlertSettings) -> Vec<String> {
        check_subscription(body, settings).into_iter().map(|(pointer, _)| pointer).collect()
    }

    #[test]
    fn a_webhook_may_not_point_into_the_servers_own_network_unless_allowed() {
        let closed = AlertSettings::default();
        let open = AlertSettings { allow_private_addresses: true, ..AlertSettings::default() };
        for url in ["http://127.0.0.1:8787/x", "http://[::1]/", "https://10.0.0.1/", "http://localhost:80/"] {
            let body = json!({"channel": {"type": "webhook", "url": url}});
            assert_eq!(pointers(&body, &closed), ["/channel/url"], "{url}");
            assert!(pointers(&body, &open).is_empty(), "{url}");
        }
        let body =
            json!({"kinds": ["runFailure"], "channel": {"type": "webhook", "url": "https://hooks.example.com/x"}});
        assert!(pointers(&body, &closed).is_empty());
    }

    #[test]
    fn every_problem_is_told_and_no_secret() {
        let settings = AlertSettings::default();
        let body = json!({"kinds": ["runFailure", "x"], "channel": {"type": "webhook", "url": "ftp://h/", "secret": "s3cr3t"}});
        assert_eq!(pointers(&body, &settings), ["/kinds/1", "/channel/url"]);
        let body = json!({"channel": {"type": "email", "to": ["a@b.example", "nobody"]}});
        assert_eq!(pointers(&body, &settings), ["/channel/to/1", "/channel/type"]);
        let body = json!({"channel": {"type": "webhook", "secret": "s3cr3t"}});
        let told = check_subscription(&body, &settings);
        assert!(told.len() == 1 && !told[0].1.contains("s3cr3t"), "{told:?}");
        assert_eq!(pointers(&json!({}), &settings), ["/channel"]);
    }

    #[test]
    fn who_names_nothing_is_told_everything() {
        let all = Subscription::parse(&json!({"channel": {"type": "email", "to": ["a@b"]}})).unwrap();
        assert!(all.wants("runStart", "f"));
        let some = json!({"kinds": ["runDelay"], "flowId": "f", "channel": {"type": "email", "to": ["a@b"]}});
        let some = Subscription::parse(&some).unwrap();
        assert!(some.wants("runDelay", "f") && !some.wants("runDelay", "g") && !some.wants("runStart", "f"));
    }
}
