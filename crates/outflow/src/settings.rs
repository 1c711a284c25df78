//! Credentials and endpoints: from the environment, or from a TOML file; never from the command line, which every user
//! of the machine can read.

use std::path::{Path, PathBuf};

use outflow_model::Fault;
use secrecy::SecretString;
use serde::Deserialize;

use crate::environment::variable;

/// The TOML file. What it does not say comes from the environment.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// Amazon S3 and stores like it.
    #[serde(default)]
    pub s3: S3Settings,
    /// SFTP servers.
    #[serde(default)]
    pub sftp: SftpSettings,
}

/// `[s3]`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct S3Settings {
    pub access_key_id: Option<String>,
    pub secret_access_key: Option<SecretString>,
    pub session_token: Option<SecretString>,
    pub region: Option<String>,
    pub endpoint: Option<String>,
    pub path_style: Option<bool>,
    pub role_arn: Option<String>,
    pub external_id: Option<String>,
}

/// `[sftp]`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SftpSettings {
    pub password: Option<SecretString>,
    pub key_file: Option<PathBuf>,
    pub key_passphrase: Option<SecretString>,
    pub host_key: Option<String>,
    pub known_hosts: Option<PathBuf>,
}

impl Settings {
    /// Reads `file`, if there is one, and fills up from the environment.
    ///
    /// # Errors
    /// `Input` when the file cannot be read or holds something else.
    pub fn load(file: Option<&Path>) -> Result<Settings, Fault> {
        let mut settings = match file {
            None => Settings::default(),
            Some(path) => {
                let text = read(path)?;
                // The parser's own message quotes the line, which may hold a secret.
                toml::from_str(&text).map_err(|e: toml::de::Error| {
                    let line = e.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
                    Fault::input(format!("{} is not a settings file: {} (line {line})", path.display(), e.message()))
                        .hint("it has the tables [s3] and [sftp]; `outflow export --help` lists what they take")
                })?
            }
        };
        let s3 = &mut settings.s3;
        let secret = |name: &str| variable(name).map(SecretString::from);
        fill(&mut s3.access_key_id, || variable("AWS_ACCESS_KEY_ID"));
        fill(&mut s3.secret_access_key, || secret("AWS_SECRET_ACCESS_KEY"));
        fill(&mut s3.session_token, || secret("AWS_SESSION_TOKEN"));
        fill(&mut s3.region, || variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")));
        fill(&mut s3.endpoint, || variable("AWS_ENDPOINT_URL_S3").or_else(|| variable("AWS_ENDPOINT_URL")));
        fill(&mut s3.role_arn, || variable("OUTFLOW_S3_ROLE_ARN"));
        fill(&mut s3.external_id, || variable("OUTFLOW_S3_EXTERNAL_ID"));
        fill(&mut s3.path_style, || variable("OUTFLOW_S3_PATH_STYLE").map(|v| v == "true" || v == "1"));
        let sftp = &mut settings.sftp;
        fill(&mut sftp.password, || secret("OUTFLOW_SFTP_PASSWORD"));
        fill(&mut sftp.key_file, || variable("OUTFLOW_SFTP_KEY_FILE").map(PathBuf::from));
        fill(&mut sftp.key_passphrase, || secret("OUTFLOW_SFTP_KEY_PASSPHRASE"));
        fill(&mut sftp.host_key, || variable("OUTFLOW_SFTP_HOST_KEY"));
        Ok(settings)
    }
}

/// The text of a file the user named.
pub fn read(path: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(path).map_err(|e| {
        Fault::input(format!("cannot read {}", path.display())).tried(format!("open {}", path.display())).because(e)
    })
}

fn fill<T>(place: &mut Option<T>, value: impl FnOnce() -> Option<T>) {
    if place.is_none() {
        *place = value();
    }
}
