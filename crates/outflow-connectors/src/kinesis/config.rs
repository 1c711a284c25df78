//! Account and target of a Kinesis destination, and what can be said of them without input or output.

use outflow_connector_kit::FieldProblem;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::aws::login::{Login, Names, check_region, endpoint};
use crate::fields::{Problems, given, is_this_machine, secret};

/// What a record may weigh where nothing else is said, in bytes: what every stream takes.
const RECORD_BYTES_DEFAULT: usize = 1 << 20;

/// What a request may weigh where nothing else is said, in bytes.
const REQUEST_BYTES_DEFAULT: usize = 5 << 20;

/// The service's limit for records and requests, in bytes.
const BYTES_MAX: usize = 10 << 20;

/// A lower limit than this would refuse most messages, in bytes.
const BYTES_MIN: usize = 1 << 10;

/// What a shard takes in a second, in bytes of records.
const SHARD_BYTES_DEFAULT: u64 = 1 << 20;

/// What a shard takes in a second, in records.
const SHARD_RECORDS_DEFAULT: u64 = 1000;

/// A lower pace would keep a message for minutes, in bytes per second.
const SHARD_BYTES_MIN: u64 = 64 << 10;

/// A lower pace would keep messages for minutes, in records per second.
const SHARD_RECORDS_MIN: u64 = 10;

/// The highest pace that can be asked for, in units per second; nothing sends faster.
const PACE_MAX: u64 = 1 << 40;

/// What the account calls its key pair.
const NAMES: Names = Names { access: "accessKeyId", secret: "secretKey", for_role: "accessKeyId and secretKey" };

/// Who connects: a key pair, or a key pair that assumes a role; and where the service is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Account {
    /// Access key id of the IAM user, for example `AKIAIOSFODNN7EXAMPLE`.
    pub access_key_id: Option<String>,
    /// Secret key that belongs to the access key.
    #[schemars(with = "Option<String>", extend("format" = "password"))]
    pub secret_key: Option<SecretString>,
    /// Session token, when the key pair is a temporary one.
    #[schemars(with = "Option<String>", extend("format" = "password"))]
    pub session_token: Option<SecretString>,
    /// ARN of a role to assume with the key pair, for example `arn:aws:iam::123456789012:role/messages`.
    pub role_arn: Option<String>,
    /// External id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// Region of the streams, for example `eu-west-1`. A target may name another.
    pub region: Option<String>,
    /// URL of the service where it is not the region's own, for example `https://vpce-1a2b.kinesis.eu-west-1.vpce.amazonaws.com`.
    /// `http://` only on this machine.
    pub endpoint_url: Option<String>,
}

/// What is delivered to: a data stream.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Target {
    /// Name of the data stream, for example `audiences`: 1 to 128 letters, digits, `_`, `.` and `-`.
    #[schemars(length(min = 1, max = 128))]
    pub stream: String,
    /// Region of the stream. Empty means the account's.
    pub region: Option<String>,
    /// The largest record, key and body together, in bytes: 1048576 by default, 10485760 at most. A stream that is known
    /// to take less is believed.
    #[schemars(range(min = 1024, max = 10_485_760))]
    pub record_bytes_max: Option<usize>,
    /// The largest request, keys and bodies together, in bytes: 5242880 by default, 10485760 at most.
    #[schemars(range(min = 1024, max = 10_485_760))]
    pub request_bytes_max: Option<usize>,
    /// What is sent to a shard in a second, in bytes of keys and bodies: 1048576 by default, which is what a shard takes,
    /// and 65536 at least.
    #[schemars(range(min = 65_536))]
    pub shard_bytes_per_sec_max: Option<u64>,
    /// What is sent to a shard in a second, in records: 1000 by default, which is what a shard takes, and 10 at least.
    #[schemars(range(min = 10))]
    pub shard_records_per_sec_max: Option<u64>,
    /// Whether messages name the segments of their memberships.
    #[serde(default)]
    pub include_segment_names: bool,
    /// Whether messages say when segments and their mappings were created and changed.
    #[serde(default)]
    pub include_segment_timestamps: bool,
}

impl Account {
    /// Who signs.
    pub(super) fn login(&self) -> Login<'_> {
        Login {
            access: given(self.access_key_id.as_deref()),
            secret: secret(self.secret_key.as_ref()),
            session_token: secret(self.session_token.as_ref()),
            role_arn: self.role_arn(),
            external_id: given(self.external_id.as_deref()),
        }
    }

    /// The role, where one is given.
    pub(super) fn role_arn(&self) -> Option<&str> {
        given(self.role_arn.as_deref())
    }

    /// The service's URL, where one is given.
    pub(super) fn endpoint_url(&self) -> Option<&str> {
        given(self.endpoint_url.as_deref())
    }

    /// The region: the given one, or the one in the name of Amazon's own endpoint.
    pub(super) fn region(&self) -> Option<String> {
        given(self.region.as_deref()).map(str::to_owned).or_else(|| region_of(self.endpoint_url()?))
    }
}

impl Target {
    /// The region, where one is given.
    pub(super) fn region(&self) -> Option<&str> {
        given(self.region.as_deref())
    }

    /// What a record may weigh, in bytes.
    pub(super) fn record_bytes_max(&self) -> usize {
        self.record_bytes_max.unwrap_or(RECORD_BYTES_DEFAULT)
    }

    /// What a request may weigh, in bytes.
    pub(super) fn request_bytes_max(&self) -> usize {
        self.request_bytes_max.unwrap_or(REQUEST_BYTES_DEFAULT)
    }

    /// What a shard is sent in a second, in bytes.
    pub(super) fn shard_bytes_per_sec(&self) -> u64 {
        self.shard_bytes_per_sec_max.unwrap_or(SHARD_BYTES_DEFAULT)
    }

    /// What a shard is sent in a second, in records.
    pub(super) fn shard_records_per_sec(&self) -> u64 {
        self.shard_records_per_sec_max.unwrap_or(SHARD_RECORDS_DEFAULT)
    }
}

/// The region in a host such as `kinesis.eu-west-1.amazonaws.com`, also that of an endpoint in a private network.
fn region_of(endpoint_url: &str) -> Option<String> {
    let url = Url::parse(endpoint_url).ok()?;
    let host = url.domain()?;
    let labels = is_amazons(host).then(|| host.split('.'))?;
    let mut rest = labels.skip_while(|label| !matches!(*label, "kinesis" | "kinesis-fips")).skip(1);
    let region = rest.next().filter(|label| label.contains('-'))?;
    Some(region.to_owned())
}

/// Whether a host is Amazon's own, also with a private network's endpoint or both kinds of addresses.
pub(super) fn is_amazons(host: &str) -> bool {
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn"]
        .iter()
        .any(|domain| host.ends_with(domain))
}

/// Every problem of account and target that can be seen without input or output.
pub(super) fn check(account: &Account, target: &Target) -> Vec<FieldProblem> {
    let mut problems = Problems(check_account(account));
    problems.0.extend(check_target(target));
    if target.region().is_none() && account.region().is_none() {
        problems.add("region", "is missing; give the region of the stream, for example eu-west-1");
    }
    problems.0
}

/// The problems of the account alone.
pub(super) fn check_account(account: &Account) -> Vec<FieldProblem> {
    let mut problems = Problems::default();
    account.login().check(&NAMES, &mut problems);
    check_endpoint(account, &mut problems);
    check_region(given(account.region.as_deref()), &mut problems);
    problems.0
}

/// The problems of the target alone.
pub(super) fn check_target(target: &Target) -> Vec<FieldProblem> {
    let mut problems = Problems::default();
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    if !(1..=128).contains(&target.stream.len()) || !target.stream.bytes().all(allowed) {
        problems.add("stream", "is the stream's name: 1 to 128 letters, digits, `_`, `.` and `-`, not its ARN");
    }
    check_region(target.region(), &mut problems);
    for (field, bytes) in
        [("recordBytesMax", target.record_bytes_max()), ("requestBytesMax", target.request_bytes_max())]
    {
        if !(BYTES_MIN..=BYTES_MAX).contains(&bytes) {
            problems.add(field, format!("must be {BYTES_MIN} to {BYTES_MAX} bytes"));
        }
    }
    if target.record_bytes_max() > target.request_bytes_max() {
        problems.add("recordBytesMax", "must not be more than requestBytesMax");
    }
    for (field, pace, pace_min) in [
        ("shardBytesPerSecMax", target.shard_bytes_per_sec(), SHARD_BYTES_MIN),
        ("shardRecordsPerSecMax", target.shard_records_per_sec(), SHARD_RECORDS_MIN),
    ] {
        if !(pace_min..=PACE_MAX).contains(&pace) {
            problems.add(field, format!("must be {pace_min} to {PACE_MAX}"));
        }
    }
    problems.0
}

fn check_endpoint(account: &Account, problems: &mut Problems) {
    let Some(text) = account.endpoint_url() else { return };
    match endpoint(text, &NAMES, "https://kinesis.example.org") {
        Err(problem) => problems.add("endpointUrl", problem),
        Ok(url) if url.scheme() == "http" && !url.host_str().is_some_and(is_this_machine) => {
            problems.add(
                "endpointUrl",
                "must begin with https://: http:// would send messages in clear to another machine",
            );
        }
        Ok(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn problems(account: &Value, target: &Value) -> Vec<String> {
        let account = Account::deserialize(account).unwrap();
        let target = Target::deserialize(target).unwrap();
        check(&account, &target).into_iter().map(|p| p.field).collect()
    }

    fn keys() -> Value {
        json!({"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "secretKey": "a".repeat(40)})
    }

    #[test]
    fn a_region_comes_from_target_account_or_endpoint() {
        let target = json!({"stream": "audiences"});
        assert_eq!(problems(&keys(), &target), ["region"]);
        assert!(problems(&keys(), &json!({"stream": "audiences", "region": "eu-west-1"})).is_empty());
        let mut account = keys();
        account["endpointUrl"] = json!("https://vpce-1.kinesis.eu-west-1.vpce.amazonaws.com");
        assert!(problems(&account, &target).is_empty());
        assert_eq!(Account::deserialize(&account).unwrap().region().as_deref(), Some("eu-west-1"));
        account["endpointUrl"] = json!("http://127.0.0.1:4567");
        assert_eq!(problems(&account, &target), ["region"]);
    }

    #[test]
    fn regions_are_read_from_amazons_hosts_alone() {
        for (host, region) in [
            ("kinesis.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("kinesis-fips.us-gov-west-1.api.aws", Some("us-gov-west-1")),
            ("kinesis.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("kinesis.cn-north-1.api.amazonwebservices.com.cn", Some("cn-north-1")),
            ("kinesis.amazonaws.com", None),
            ("kinesis.eu-west-1.amazonaws.com.example.org", None),
            ("kinesis.eu-west-1.example.org", None),
        ] {
            assert_eq!(region_of(&format!("https://{host}/")).as_deref(), region, "{host}");
        }
    }

    #[test]
    fn every_problem_is_found_at_once() {
        let account = json!({"accessKeyId": "a b", "roleArn": "role", "externalId": "x", "endpointUrl": "ftp://h"});
        let target = json!({
            "stream": "arn:aws:kinesis:x", "region": "eu west", "recordBytesMax": 20_000_000, "requestBytesMax": 1,
            "shardBytesPerSecMax": 65_535, "shardRecordsPerSecMax": 9,
        });
        let found = problems(&account, &target);
        for field in [
            "accessKeyId",
            "secretKey",
            "roleArn",
            "externalId",
            "endpointUrl",
            "stream",
            "region",
            "recordBytesMax",
            "requestBytesMax",
            "shardBytesPerSecMax",
            "shardRecordsPerSecMax",
        ] {
            assert!(found.iter().any(|f| f == field), "{field} is not among {found:?}");
        }
    }

    #[test]
    fn a_slow_pace_has_a_floor() {
        let slowest = json!({"stream": "s", "region": "r", "shardBytesPerSecMax": 65_536, "shardRecordsPerSecMax": 10});
        assert!(problems(&keys(), &slowest).is_empty());
    }

    #[test]
    fn a_record_is_no_larger_than_a_request() {
        let target = json!({"stream": "s", "region": "r", "recordBytesMax": 6 << 20});
        assert_eq!(problems(&keys(), &target), ["recordBytesMax"]);
        let target = json!({"stream": "s", "region": "r", "recordBytesMax": 10 << 20, "requestBytesMax": 10 << 20});
        assert!(problems(&keys(), &target).is_empty());
    }

    #[test]
    fn nothing_goes_in_clear_to_another_machine() {
        let target = json!({"stream": "s", "region": "r"});
        let with = |endpoint: &str| {
            let mut account = keys();
            account["endpointUrl"] = json!(endpoint);
            problems(&account, &target)
        };
        for endpoint in
            ["http://localhost:4567", "http://a.localhost", "http://127.0.0.2", "http://[::1]:4567", "https://10.0.0.1"]
        {
            assert!(with(endpoint).is_empty(), "{endpoint}");
        }
        for endpoint in
            ["http://10.0.0.1", "http://kinesis.example.org", "http://localhost.example.org", "http://[fe80::1]"]
        {
            assert_eq!(with(endpoint), ["endpointUrl"], "{endpoint}");
        }
    }

    #[test]
    fn secrets_do_not_show() {
        let account = Account::deserialize(json!({"accessKeyId": "k", "secretKey": "hush-hush"})).unwrap();
        assert!(!format!("{account:?}").contains("hush-hush"));
    }
}
