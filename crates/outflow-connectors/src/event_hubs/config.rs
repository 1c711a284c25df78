//! Account and target of an Event Hubs destination, and what can be said of them without input or output.

use std::ops::RangeInclusive;
use std::time::Duration;

use outflow_connector_kit::FieldProblem;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::fields::{Problems, given, is_this_machine, secret};

/// What Azure's own namespaces end in.
const AZURE_SUFFIX: &str = "servicebus.windows.net";

/// How long a hub's answer to a message may be waited for, in seconds.
const ANSWER_SECS: RangeInclusive<u64> = 1..=300;

/// How long it is where nothing is said.
const ANSWER_SECS_DEFAULT: u64 = 30;

/// Who connects: a shared access policy of a namespace or of one hub, and where the namespace is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Account {
    /// Name of the shared access policy, for example `outflow-send`.
    pub sas_key_name: Option<String>,
    /// Primary or secondary key of the policy.
    #[schemars(with = "Option<String>", extend("format" = "password"))]
    pub sas_key: Option<SecretString>,
    /// Namespace, for example `acme-events`; or its whole host name, for example `acme-events.servicebus.windows.net`.
    pub namespace: Option<String>,
    /// Name of the hub that the policy belongs to. Empty means that the policy is one of the namespace.
    pub event_hub_name: Option<String>,
    /// Where to connect to, when it is not the namespace's own host: `amqps://host:port`, or `amqp://host:port` without
    /// encryption for an emulator on this machine. Empty means `amqps://NAMESPACE.servicebus.windows.net:5671`.
    pub endpoint_url: Option<String>,
    /// For how many seconds the hub's answer to a message is waited for, 1 to 300. Then it may have arrived, and is sent
    /// again. Empty means 30.
    #[schemars(title = "Answer timeout (seconds)", range(min = 1, max = 300))]
    pub answer_secs: Option<u64>,
}

/// What is delivered to: a hub.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Target {
    /// Hub, for example `profiles`: 1 to 256 letters, digits, dots, hyphens and underscores. It must be there already.
    #[schemars(length(min = 1, max = 256))]
    pub event_hub_name: String,
    /// Whether messages have the names of their segments.
    #[serde(default)]
    pub include_segment_names: bool,
    /// Whether messages say when their segments, and the mapping of these, were created and updated.
    #[serde(default)]
    pub include_segment_timestamps: bool,
}

/// Where to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whether the connection is encrypted.
    pub tls: bool,
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.tls { "amqps" } else { "amqp" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl Account {
    /// The policy's name, empty where none is given.
    pub(super) fn key_name(&self) -> &str {
        self.sas_key_name.as_deref().unwrap_or_default()
    }

    /// The policy's key, empty where none is given.
    pub(super) fn key(&self) -> &str {
        secret(self.sas_key.as_ref()).unwrap_or_default()
    }

    /// The namespace's host name, in small letters.
    pub(super) fn host(&self) -> String {
        let namespace = self.namespace.as_deref().unwrap_or_default().to_ascii_lowercase();
        if namespace.contains('.') { namespace } else { format!("{namespace}.{AZURE_SUFFIX}") }
    }

    /// The hub that the policy belongs to, where it is a hub's.
    pub(super) fn hub(&self) -> Option<&str> {
        given(self.event_hub_name.as_deref())
    }

    /// How long the hub's answer to a message is waited for.
    pub(super) fn answer(&self) -> Duration {
        Duration::from_secs(self.answer_secs.unwrap_or(ANSWER_SECS_DEFAULT))
    }

    /// Whether it connects to the namespace's own host.
    pub(super) fn is_direct(&self) -> bool {
        given(self.endpoint_url.as_deref()).is_none()
    }

    /// Where to connect to.
    ///
    /// # Errors
    /// What is wrong with the URL given.
    pub(super) fn endpoint(&self) -> Result<Endpoint, String> {
        match given(self.endpoint_url.as_deref()) {
            None => Ok(Endpoint { host: self.host(), port: 5671, tls: true }),
            Some(url) => endpoint(url),
        }
    }
}

fn endpoint(text: &str) -> Result<Endpoint, String> {
    let example = "for example amqps://hubs.example.org:5671";
    let url = Url::parse(text).map_err(|e| format!("is not a URL ({e}); {example}"))?;
    let tls = match url.scheme() {
        "amqps" => true,
        "amqp" => false,
        "sb" => {
            return Err(
                "must begin with amqps:// in place of sb://, or with amqp:// for an emulator on this machine".into()
            );
        }
        _ => return Err("must begin with amqps:// or amqp://".into()),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password; use sasKeyName and sasKey".into());
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(format!("must end with the port; {example}"));
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    if host.is_empty() {
        return Err(format!("has no host; {example}"));
    }
    // Token and profiles would cross the network for everyone to read.
    if !tls && !is_this_machine(host) {
        return Err(format!("has no encryption, which only an emulator on this machine may lack; {example}"));
    }
    Ok(Endpoint { host: host.to_owned(), port: url.port().unwrap_or(if tls { 5671 } else { 5672 }), tls })
}

/// Every problem of account and target that can be seen without input or output.
pub(super) fn check(account: &Account, target: &Target) -> Vec<FieldProblem> {
    let mut problems = Problems(check_account(account));
    problems.0.extend(check_target(target));
    if let Some(hub) = account.hub()
        && !hub.eq_ignore_ascii_case(&target.event_hub_name)
    {
        let message = format!("is another hub than the one that the account's key belongs to, {hub}");
        problems.add("eventHubName", message);
    }
    problems.0
}

/// The problems of the account alone.
pub(super) fn check_account(account: &Account) -> Vec<FieldProblem> {
    let mut problems = Problems::default();
    if let Some(message) = key_name_problem(account.key_name()) {
        problems.add("sasKeyName", message);
    }
    if let Some(message) = key_problem(account.key()) {
        problems.add("sasKey", message);
    }
    if let Some(message) = namespace_problem(account.namespace.as_deref().unwrap_or_default(), account.is_direct()) {
        problems.add("namespace", message);
    }
    if account.hub().is_some_and(|hub| !is_hub_name(hub)) {
        problems.add("eventHubName", HUB_RULE);
    }
    if let Some(Err(message)) = given(account.endpoint_url.as_deref()).map(endpoint) {
        problems.add("endpointUrl", message);
    }
    if account.answer_secs.is_some_and(|secs| !ANSWER_SECS.contains(&secs)) {
        problems.add("answerSecs", format!("must be {} to {} seconds", ANSWER_SECS.start(), ANSWER_SECS.end()));
    }
    problems.0
}

/// The problems of the target alone.
pub(super) fn check_target(target: &Target) -> Vec<FieldProblem> {
    let mut problems = Problems::default();
    if !is_hub_name(&target.event_hub_name) {
        problems.add("eventHubName", HUB_RULE);
    }
    problems.0
}

const HUB_RULE: &str =
    "must have 1 to 256 letters, digits, dots, hyphens and underscores, and begin and end with a letter or digit";

fn key_name_problem(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("is missing; it is the name of the shared access policy"),
        name if name.len() > 256 || name.chars().any(char::is_control) => {
            Some("must have at most 256 bytes and no control character")
        }
        _ => None,
    }
}

fn key_problem(key: &str) -> Option<&'static str> {
    match key {
        "" => Some("is missing; it is the primary or secondary key of the shared access policy"),
        key if key.contains("SharedAccessKey=") => {
            Some("is a connection string; enter what stands in it after SharedAccessKey=")
        }
        key if !key.bytes().all(|b| b.is_ascii_graphic()) => Some("has a blank or a character that is not ASCII"),
        _ => None,
    }
}

/// An emulator names its namespace as it likes.
fn namespace_problem(namespace: &str, is_azure: bool) -> Option<&'static str> {
    let label = |label: &str| {
        let bytes = label.as_bytes();
        let ends = [bytes.first(), bytes.last()];
        ends.iter().all(|end| end.is_some_and(u8::is_ascii_alphanumeric))
            && bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
    };
    if namespace.is_empty() {
        Some("is missing; for example acme-events")
    } else if namespace.contains("://") || namespace.contains('=') {
        Some("is a URL or connection string; enter the name alone, for example acme-events")
    } else if namespace.len() > 253 || !namespace.split('.').all(label) {
        Some("is neither a namespace such as acme-events nor a host name such as acme-events.servicebus.windows.net")
    } else if is_azure && !namespace.contains('.') && !(6..=50).contains(&namespace.len()) {
        Some("has 6 to 50 characters")
    } else {
        None
    }
}

fn is_hub_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let ends = [bytes.first(), bytes.last()];
    bytes.len() <= 256
        && ends.iter().all(|end| end.is_some_and(u8::is_ascii_alphanumeric))
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(b))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn problems(account: &Value, target: &Value) -> Vec<String> {
        let account = Account::deserialize(account).unwrap();
        let target = Target::deserialize(target).unwrap();
        check(&account, &target).into_iter().map(|p| p.field).collect()
    }

    fn azure() -> Value {
        json!({"sasKeyName": "send", "sasKey": "c2VjcmV0", "namespace": "acme-events"})
    }

    #[test]
    fn a_good_account_and_target_have_no_problem() {
        let target = json!({"eventHubName": "profiles.v2", "includeSegmentNames": true});
        assert!(problems(&azure(), &target).is_empty());
        let local =
            json!({"sasKeyName": "a", "sasKey": "b", "namespace": "ns", "endpointUrl": "amqp://127.0.0.1:5672"});
        assert!(problems(&local, &target).is_empty());
    }

    #[test]
    fn every_problem_is_found_at_once() {
        let account = json!({"sasKey": "a b", "namespace": "ns", "eventHubName": "-", "endpointUrl": ""});
        let found = problems(&account, &json!({"eventHubName": "a b"}));
        assert_eq!(found, ["sasKeyName", "sasKey", "namespace", "eventHubName", "eventHubName", "eventHubName"]);
        assert_eq!(problems(&json!({}), &json!({"eventHubName": "h"})), ["sasKeyName", "sasKey", "namespace"]);
    }

    #[test]
    fn a_hubs_key_is_for_that_hub() {
        let mut account = azure();
        account["eventHubName"] = json!("profiles");
        assert!(problems(&account, &json!({"eventHubName": "Profiles"})).is_empty());
        assert_eq!(problems(&account, &json!({"eventHubName": "others"})), ["eventHubName"]);
    }

    #[test]
    fn a_pasted_connection_string_is_told() {
        let mut account = azure();
        account["sasKey"] =
            json!("Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=b=");
        account["namespace"] = json!("sb://acme.servicebus.windows.net/");
        assert_eq!(problems(&account, &json!({"eventHubName": "h"})), ["sasKey", "namespace"]);
    }

    #[test]
    fn endpoints_are_plain_amqp_urls() {
        for bad in ["127.0.0.1:5672", "https://host", "amqp://u:p@host", "amqps://host/hub", "amqp://"] {
            let mut account = azure();
            account["endpointUrl"] = json!(bad);
            assert_eq!(problems(&account, &json!({"eventHubName": "h"})), ["endpointUrl"], "{bad}");
        }
        assert!(endpoint("sb://127.0.0.1:5672").unwrap_err().contains("amqp://"));
        for clear in ["amqp://hubs.example.org", "amqp://10.0.0.1:5672", "amqp://[fe80::1]", "amqp://127.0.0.1.example"]
        {
            assert!(endpoint(clear).unwrap_err().contains("encryption"), "{clear}");
        }
        for local in ["amqp://localhost", "amqp://127.0.0.2:5672", "amqp://[::ffff:127.0.0.1]:5672"] {
            assert!(!endpoint(local).unwrap().tls, "{local}");
        }
        let v6 = endpoint("amqp://[::1]:7").unwrap();
        assert_eq!((v6.host.as_str(), v6.port, v6.tls), ("::1", 7, false));
        assert_eq!(endpoint("amqps://host").unwrap().port, 5671);
    }

    #[test]
    fn an_answer_is_waited_for_within_bounds() {
        let hub = json!({"eventHubName": "h"});
        let mut account = azure();
        assert_eq!(Account::deserialize(&account).unwrap().answer(), Duration::from_secs(30));
        for (secs, expected) in [(0, &["answerSecs"][..]), (1, &[]), (300, &[]), (301, &["answerSecs"])] {
            account["answerSecs"] = json!(secs);
            assert_eq!(problems(&account, &hub), expected, "{secs}");
            assert_eq!(Account::deserialize(&account).unwrap().answer(), Duration::from_secs(secs));
        }
    }

    #[test]
    fn namespaces_get_azures_host() {
        let account = Account::deserialize(azure()).unwrap();
        let endpoint = account.endpoint().unwrap();
        assert_eq!(endpoint.to_string(), "amqps://acme-events.servicebus.windows.net:5671");
        let mut china = azure();
        china["namespace"] = json!("Acme.servicebus.chinacloudapi.cn");
        assert_eq!(Account::deserialize(china).unwrap().host(), "acme.servicebus.chinacloudapi.cn");
    }

    #[test]
    fn secrets_do_not_show() {
        let account = Account::deserialize(json!({"sasKey": "hush-hush"})).unwrap();
        assert!(!format!("{account:?}").contains("hush-hush"));
    }
}
