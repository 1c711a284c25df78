//! Account and target of an S3 destination, and what can be said of them without input or output.

use outflow_connector_kit::FieldProblem;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;

use crate::aws::login::{Login, Names, check_region, endpoint};
use crate::fields::{Problems, given, secret};

/// S3's limit for a key, in bytes of UTF-8.
pub(super) const KEY_BYTES_MAX: usize = 1024;

/// What a folder may have in it beside ASCII letters and digits, as long as no macro brings it.
const FOLDER_CHARACTERS: &str = "/!-_.'()\"^[]+$%*";

/// Room in a key for the file's own name: 255 bytes and the slash before it.
const NAME_BYTES_RESERVED: usize = 256;

/// What the account calls its key pair.
const NAMES: Names = Names {
    access: "s3AccessKey",
    secret: "s3SecretKey",
    for_role: "one (s3AccessKey and s3SecretKey), or have the server's setting destinations.s3_principal_file name \
               its own",
};

/// Who connects: a key pair, or a key pair that assumes a role; and where the store is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Account {
    /// Access key id of the IAM user or of the store's key pair, for example `AKIAIOSFODNN7EXAMPLE`.
    pub s3_access_key: Option<String>,
    /// Secret key that belongs to the access key.
    #[schemars(with = "Option<String>", extend("format" = "password"))]
    pub s3_secret_key: Option<SecretString>,
    /// Session token, when the key pair is a temporary one.
    #[schemars(with = "Option<String>", extend("format" = "password"))]
    pub session_token: Option<SecretString>,
    /// ARN of a role to assume with the key pair, for example `arn:aws:iam::123456789012:role/exports`.
    pub role_arn: Option<String>,
    /// External id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// URL of a store that is not Amazon's, for example `https://minio.example.org:9000`. Empty means Amazon S3.
    pub endpoint: Option<String>,
    /// Region of the bucket, for example `eu-west-1`. Empty means that it is found.
    pub region: Option<String>,
    /// Whether the bucket goes into the path of the URL (`true`) or into its host name (`false`). Empty means: into the
    /// path for stores that are not Amazon's and for bucket names with dots, into the host name otherwise.
    pub path_style: Option<bool>,
}

/// What is delivered to: a bucket and a folder in it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Target {
    /// Bucket, for example `acme-exports`: 3 to 63 lowercase letters, digits, hyphens and dots.
    #[schemars(length(min = 3, max = 63))]
    pub bucket_name: String,
    /// Folder in the bucket, for example `audiences/daily`. Empty means the bucket's root.
    #[serde(default)]
    pub path: String,
}

impl Account {
    /// The endpoint, where one is given.
    pub(super) fn endpoint(&self) -> Option<&str> {
        given(self.endpoint.as_deref())
    }

    /// The region, where one is given.
    pub(super) fn region(&self) -> Option<&str> {
        given(self.region.as_deref())
    }

    /// The role, where one is given.
    pub(super) fn role_arn(&self) -> Option<&str> {
        given(self.role_arn.as_deref())
    }

    /// Who signs.
    pub(super) fn login(&self) -> Login<'_> {
        Login {
            access: given(self.s3_access_key.as_deref()),
            secret: secret(self.s3_secret_key.as_ref()),
            session_token: secret(self.session_token.as_ref()),
            role_arn: self.role_arn(),
            external_id: given(self.external_id.as_deref()),
        }
    }
}

impl Target {
    /// The folder without slashes at its ends.
    pub(super) fn prefix(&self) -> &str {
        self.path.trim_matches('/')
    }
}

/// Every problem of account and target that can be seen without input or output.
pub(super) fn check(account: &Account, target: &Target) -> Vec<FieldProblem> {
    let mut problems = Problems(check_account(account));
    check_target(target, &mut problems);
    problems.0
}

/// The problems of the account alone.
pub(super) fn check_account(account: &Account) -> Vec<FieldProblem> {
    let mut problems = Problems::default();
    account.login().check(&NAMES, &mut problems);
    check_place(account, &mut problems);
    problems.0
}

fn check_place(account: &Account, problems: &mut Problems) {
    match account.endpoint().map(|text| endpoint(text, &NAMES, "https://s3.example.org:9000")) {
        Some(Err(problem)) => problems.add("endpoint", problem),
        Some(Ok(url)) if account.path_style == Some(false) && url.domain().is_none() => {
            problems.add("pathStyle", "must be true where the endpoint is an IP address");
        }
        _ => {}
    }
    check_region(account.region(), problems);
}

fn check_target(target: &Target, problems: &mut Problems) {
    if !is_bucket_name(&target.bucket_name) {
        problems.add(
            "bucketName",
            "must have 3 to 63 lowercase letters, digits, hyphens and dots, begin and end with a letter or digit, and \
             not look like an IP address",
        );
    }
    let prefix = target.prefix();
    if prefix.chars().any(char::is_control) {
        problems.add("path", "has a control character");
    }
    if !prefix.is_empty() && prefix.split('/').any(|folder| matches!(folder, "" | "." | "..")) {
        problems.add("path", "has an empty folder, `.` or `..` in it");
    }
    let bytes_max = KEY_BYTES_MAX - NAME_BYTES_RESERVED;
    if prefix.len() > bytes_max {
        problems.add("path", format!("is longer than {bytes_max} bytes, which leaves no room for file names"));
    }
}

/// Every problem of the target as a person gives it: what a segment's name may bring into the folder is not theirs to type.
pub(super) fn check_given_target(target: &Target) -> Vec<FieldProblem> {
    let mut problems = Problems::default();
    check_target(target, &mut problems);
    let is_odd = |c: &char| !(c.is_ascii_alphanumeric() || FOLDER_CHARACTERS.contains(*c));
    if let Some(odd) = target.prefix().chars().find(is_odd)
        && !odd.is_control()
    {
        problems.add("path", format!("has {odd:?} in it; letters, digits and {FOLDER_CHARACTERS} are allowed"));
    }
    problems.0
}

fn is_bucket_name(name: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let label = |label: &str| {
        let bytes = label.as_bytes();
        bytes.first().is_some_and(|b| alphanumeric(*b))
            && bytes.last().is_some_and(|b| alphanumeric(*b))
            && bytes.iter().all(|b| alphanumeric(*b) || *b == b'-')
    };
    let ip_shaped = name.contains('.') && name.split('.').all(|l| l.bytes().all(|b| b.is_ascii_digit()));
    (3..=63).contains(&name.len()) && name.split('.').all(label) && !ip_shaped
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

    fn amazon() -> Value {
        json!({"s3AccessKey": "AKIAIOSFODNN7EXAMPLE", "s3SecretKey": "a".repeat(40)})
    }

    #[test]
    fn a_good_account_and_target_have_no_problem() {
        let target = json!({"bucketName": "acme.exports-2", "path": "audiences/daily/"});
        assert!(problems(&amazon(), &target).is_empty());
        let local =
            json!({"s3AccessKey": "minioadmin", "s3SecretKey": "x", "endpoint": "http://127.0.0.1:9000", "region": ""});
        assert!(problems(&local, &target).is_empty());
    }

    #[test]
    fn every_problem_is_found_at_once() {
        let account =
            json!({"s3AccessKey": "a b", "endpoint": "", "roleArn": "role", "externalId": "x", "region": "eu west"});
        let target = json!({"bucketName": "Exports", "path": "a/../b"});
        let found = problems(&account, &target);
        for field in ["s3AccessKey", "s3SecretKey", "roleArn", "externalId", "region", "bucketName", "path"] {
            assert!(found.iter().any(|f| f == field), "{field} is not among {found:?}");
        }
    }

    #[test]
    fn keys_come_in_pairs() {
        let target = json!({"bucketName": "exports"});
        assert_eq!(problems(&json!({}), &target), ["s3AccessKey"]);
        assert_eq!(problems(&json!({"s3SecretKey": "a".repeat(40)}), &target), ["s3AccessKey"]);
        assert_eq!(problems(&json!({"s3AccessKey": "AKIAIOSFODNN7EXAMPLE"}), &target), ["s3SecretKey"]);
    }

    #[test]
    fn keys_of_any_shape_are_left_to_the_probe() {
        let target = json!({"bucketName": "exports"});
        assert!(problems(&json!({"s3AccessKey": "short", "s3SecretKey": "short=too"}), &target).is_empty());
        let blanks = json!({"s3AccessKey": "a b", "s3SecretKey": "c d"});
        assert_eq!(problems(&blanks, &target), ["s3AccessKey", "s3SecretKey"]);
    }

    #[test]
    fn a_folder_that_is_typed_has_plain_characters() {
        let given = |path: &str| check_given_target(&Target { bucket_name: "exports".into(), path: path.into() }).len();
        for good in ["", "a/b-c_1.2", "(x)!'\"^[]+$*"] {
            assert_eq!(given(good), 0, "{good}");
        }
        for bad in ["a b", "a/ü", "a#b", "a\u{7}"] {
            assert_eq!(given(bad), 1, "{bad}");
        }
        // A segment's name in it may have any.
        assert!(problems(&amazon(), &json!({"bucketName": "exports", "path": "a/Luxury Ü"})).is_empty());
    }

    #[test]
    fn bucket_names_follow_the_rules() {
        for good in ["abc", "a-b", "1.a", "my.bucket", &"a".repeat(63)] {
            assert!(is_bucket_name(good), "{good}");
        }
        for bad in ["ab", "-ab", "ab-", "a..b", "a.-b", "a_b", "Abc", "192.168.1.1", "1.2", &"a".repeat(64), "a/b", ""]
        {
            assert!(!is_bucket_name(bad), "{bad}");
        }
    }

    #[test]
    fn endpoints_are_plain_http_urls() {
        let target = json!({"bucketName": "exports"});
        for bad in ["127.0.0.1:9000", "ftp://host", "http://u:p@host", "https://host/?x=1", "https://"] {
            let account = json!({"s3AccessKey": "k", "s3SecretKey": "s", "endpoint": bad});
            assert_eq!(problems(&account, &target), ["endpoint"], "{bad}");
        }
    }

    #[test]
    fn secrets_do_not_show() {
        let account = Account::deserialize(json!({"s3AccessKey": "k", "s3SecretKey": "hush-hush"})).unwrap();
        assert!(!format!("{account:?}").contains("hush-hush"));
    }
}
