//! What an SFTP destination needs to be told.

use std::fmt::Write as _;

use outflow_connector_kit::FieldProblem;
use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::host_key::HostKeys;

/// An account on an SFTP server: give a password, an SSH key, or both where the server asks for both.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SftpAccount {
    /// Host name or IP address of the server, for example `sftp.example.com`.
    pub domain: String,
    /// Port of the server.
    #[serde(default = "default_port")]
    pub port: u16,
    /// The user to sign in as.
    pub username: String,
    /// The user's password.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "password"))]
    pub password: Option<SecretString>,
    /// The user's private key: the text of an OpenSSH or PEM key file (Ed25519, ECDSA or RSA), or that text in Base64.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "password"))]
    pub ssh_key: Option<SecretString>,
    /// The passphrase of the private key, where it has one.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "password"))]
    pub passphrase: Option<SecretString>,
    /// The server's public key, for example `ssh-ed25519 AAAA…`. Several lines for several keys. Ask the server's
    /// administrator for it; a first try without it shows the key to compare.
    #[serde(default)]
    pub host_key: Option<String>,
    /// Instead of `hostKey`: the text of a `known_hosts` file that has the server.
    #[serde(default)]
    pub known_hosts: Option<String>,
    /// Also allow the old algorithms `ssh-rsa`, SHA-1 and AES-CBC. Only for servers that offer nothing newer.
    #[serde(default)]
    pub legacy_algorithms: bool,
}

/// The folder that files are written to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SftpTarget {
    /// Absolute path of a folder that exists on the server, for example `/upload/segments`.
    pub remote_path: String,
}

fn default_port() -> u16 {
    22
}

impl SftpAccount {
    /// `host:port`, as messages name the server.
    pub(super) fn server(&self) -> String {
        if self.domain.contains(':') {
            return format!("[{}]:{}", self.domain, self.port);
        }
        format!("{}:{}", self.domain, self.port)
    }

    /// The URL of a path on the server. The port is left out when it is 22; odd characters of the
    /// user are percent-encoded, for an `@` would end it.
    pub(super) fn url(&self, path: &str) -> String {
        let host = if self.domain.contains(':') { format!("[{}]", self.domain) } else { self.domain.clone() };
        let mut url = format!("sftp://{}@{host}", encode(&self.username));
        if self.port != default_port() {
            // Writing to a String cannot fail.
            let _ = write!(url, ":{}", self.port);
        }
        // As targets are given: without percent-encoding, for a target may hold macros.
        url + path
    }
}

/// Percent-encodes everything but what RFC 3986 never reserves.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

impl SftpTarget {
    /// The path of `name` on the server.
    pub(super) fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.remote_path.trim_end_matches('/'))
    }

    /// The folder itself, without a slash at its end.
    pub(super) fn folder(&self) -> &str {
        match self.remote_path.trim_end_matches('/') {
            "" => "/",
            folder => folder,
        }
    }
}

pub(super) fn check(account: &SftpAccount, target: &SftpTarget) -> Vec<FieldProblem> {
    let mut problems = check_account(account);
    problems.extend(check_target(target));
    problems
}

/// The problems of the target alone.
pub(super) fn check_target(target: &SftpTarget) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let mut problem = |field: &str, message: &str| {
        problems.push(FieldProblem { field: field.into(), message: message.into() });
    };
    let path = &target.remote_path;
    if !path.starts_with('/') {
        problem("remotePath", "must be an absolute path, for example /upload");
    } else if path.contains('\0') || path.split('/').any(|part| part == "..") {
        problem("remotePath", "must not contain `..` or NUL characters");
    }
    problems
}

/// The problems of the account alone.
pub(super) fn check_account(account: &SftpAccount) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let mut problem = |field: &str, message: String| problems.push(FieldProblem { field: field.into(), message });
    if account.domain.trim().is_empty() {
        problem("domain", "is empty: give the server's host name or address".into());
    } else if account.domain.contains(['/', '@', ' ']) {
        problem("domain", "must be a host name or IP address alone, without sftp://, user or path".into());
    }
    if account.port == 0 {
        problem("port", "must be between 1 and 65535, usually 22".into());
    }
    if account.username.is_empty() {
        problem("username", "is empty".into());
    }
    let given = |secret: &Option<SecretString>| secret.as_ref().is_some_and(|s| !s.expose_secret().is_empty());
    if !given(&account.password) && !given(&account.ssh_key) {
        problem("password", "give a password or an SSH key (sshKey)".into());
    }
    if given(&account.passphrase) && !given(&account.ssh_key) {
        problem("passphrase", "is for an SSH key, and there is none (sshKey)".into());
    }
    if let Err(found) = HostKeys::of(account) {
        problem(found.field, found.message);
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDqlzXtrgk44oTTfG1thNacMxbqpu6wI3KlwkscfGuXx";

    fn fields(account: serde_json::Value, path: &str) -> Vec<String> {
        let account: SftpAccount = serde_json::from_value(account).unwrap();
        check(&account, &SftpTarget { remote_path: path.into() }).into_iter().map(|p| p.field).collect()
    }

    #[test]
    fn every_problem_is_named_by_its_field() {
        let good = json!({"domain": "sftp.example.com", "username": "u", "password": "p"});
        assert_eq!(fields(good, "/upload"), [""; 0]);
        let bad =
            json!({"domain": "sftp://host/x", "port": 0, "username": "", "passphrase": "x", "hostKey": "nonsense"});
        assert_eq!(
            fields(bad, "upload"),
            ["domain", "port", "username", "password", "passphrase", "hostKey", "remotePath"]
        );
        let both = json!({"domain": "h", "username": "u", "password": "p", "hostKey": KEY, "knownHosts": "h x y"});
        assert_eq!(fields(both, "/a/../b"), ["knownHosts", "remotePath"]);
    }

    #[test]
    fn unknown_members_are_refused() {
        let account = json!({"domain": "h", "username": "u", "password": "p", "pasword": "x"});
        assert!(serde_json::from_value::<SftpAccount>(account).is_err());
    }

    #[test]
    fn the_form_explains_every_field_and_hides_secrets() {
        let schema = schemars::schema_for!(SftpAccount).to_value();
        let fields = schema["properties"].as_object().unwrap();
        assert_eq!(fields.len(), 9);
        for (name, field) in fields {
            assert!(field["description"].as_str().is_some_and(|d| d.ends_with('.')), "{name}: {field}");
            let secret = ["password", "sshKey", "passphrase"].contains(&name.as_str());
            assert_eq!(field["format"] == "password", secret, "{name}: {field}");
        }
        assert_eq!(schema["required"], json!(["domain", "username"]));
        assert_eq!(schema["additionalProperties"], json!(false));
    }

    #[test]
    fn secrets_do_not_show_in_debug_output() {
        let account = json!({"domain": "h", "username": "u", "password": "hunter2", "sshKey": "PRIVATE"});
        let text = format!("{:?}", serde_json::from_value::<SftpAccount>(account).unwrap());
        assert!(!text.contains("hunter2") && !text.contains("PRIVATE"), "{text}");
    }

    #[test]
    fn urls_have_the_form_of_the_target() {
        let account: SftpAccount =
            serde_json::from_value(json!({"domain": "h", "port": 2222, "username": "a@b", "password": "p"})).unwrap();
        assert_eq!(account.url("/up load/ä#.csv"), "sftp://a%40b@h:2222/up load/ä#.csv");
    }
}
