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
    /// Amazon Kinesis Data Streams.
    #[serde(default)]
    pub kinesis: KinesisSettings,
    /// Azure Event Hubs.
    #[serde(default)]
    pub event_hubs: EventHubsSettings,
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
    pub legacy_algorithms: Option<bool>,
}

/// `[kinesis]`. The region is the URL's.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KinesisSettings {
    pub access_key_id: Option<String>,
    pub secret_access_key: Option<SecretString>,
    pub session_token: Option<SecretString>,
    pub role_arn: Option<String>,
    pub external_id: Option<String>,
    pub endpoint: Option<String>,
}

/// `[eventHubs]`. The namespace is the URL's.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EventHubsSettings {
    pub sas_key_name: Option<String>,
    pub sas_key: Option<SecretString>,
    /// A connection string as the Azure portal shows it, in place of the two.
    pub connection_string: Option<SecretString>,
    pub endpoint: Option<String>,
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
                toml::from_str(&text).map_err(|e| unreadable(path, &text, &e))?
            }
        };
        settings.fill_up()?;
        Ok(settings)
    }

    /// Takes what the file lacks from the environment. What belongs together comes from one of them: a token is good for
    /// its own key pair, and a server is known by one list of keys.
    fn fill_up(&mut self) -> Result<(), Fault> {
        let s3 = &mut self.s3;
        let secret = |name: &str| variable(name).map(SecretString::from);
        if s3.access_key_id.is_none() && s3.secret_access_key.is_none() && s3.session_token.is_none() {
            s3.access_key_id = variable("AWS_ACCESS_KEY_ID");
            s3.secret_access_key = secret("AWS_SECRET_ACCESS_KEY");
            s3.session_token = secret("AWS_SESSION_TOKEN");
        }
        fill(&mut s3.region, || variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")));
        fill(&mut s3.endpoint, || variable("AWS_ENDPOINT_URL_S3").or_else(|| variable("AWS_ENDPOINT_URL")));
        fill(&mut s3.role_arn, || variable("OUTFLOW_S3_ROLE_ARN"));
        fill(&mut s3.external_id, || variable("OUTFLOW_S3_EXTERNAL_ID"));
        let path_style = boolean("OUTFLOW_S3_PATH_STYLE")?;
        fill(&mut s3.path_style, || path_style);
        let sftp = &mut self.sftp;
        fill(&mut sftp.password, || secret("OUTFLOW_SFTP_PASSWORD"));
        fill(&mut sftp.key_file, || variable("OUTFLOW_SFTP_KEY_FILE").map(PathBuf::from));
        fill(&mut sftp.key_passphrase, || secret("OUTFLOW_SFTP_KEY_PASSPHRASE"));
        if sftp.host_key.is_none() && sftp.known_hosts.is_none() {
            sftp.host_key = variable("OUTFLOW_SFTP_HOST_KEY");
        }
        let legacy_algorithms = boolean("OUTFLOW_SFTP_LEGACY_ALGORITHMS")?;
        fill(&mut sftp.legacy_algorithms, || legacy_algorithms);
        self.kinesis.fill_up();
        self.event_hubs.fill_up();
        Ok(())
    }
}

impl KinesisSettings {
    /// As for S3: a token is good for its own key pair.
    fn fill_up(&mut self) {
        if self.access_key_id.is_none() && self.secret_access_key.is_none() && self.session_token.is_none() {
            self.access_key_id = variable("AWS_ACCESS_KEY_ID");
            self.secret_access_key = variable("AWS_SECRET_ACCESS_KEY").map(SecretString::from);
            self.session_token = variable("AWS_SESSION_TOKEN").map(SecretString::from);
        }
        fill(&mut self.role_arn, || variable("OUTFLOW_KINESIS_ROLE_ARN"));
        fill(&mut self.external_id, || variable("OUTFLOW_KINESIS_EXTERNAL_ID"));
        fill(&mut self.endpoint, || variable("AWS_ENDPOINT_URL_KINESIS").or_else(|| variable("AWS_ENDPOINT_URL")));
    }
}

impl EventHubsSettings {
    /// A key's name and the key come from one place, and so does a connection string, which has both.
    fn fill_up(&mut self) {
        if self.sas_key_name.is_none() && self.sas_key.is_none() && self.connection_string.is_none() {
            self.sas_key_name = variable("OUTFLOW_EVENTHUBS_SAS_KEY_NAME");
            self.sas_key = variable("OUTFLOW_EVENTHUBS_SAS_KEY").map(SecretString::from);
            self.connection_string = variable("OUTFLOW_EVENTHUBS_CONNECTION_STRING").map(SecretString::from);
        }
        fill(&mut self.endpoint, || variable("OUTFLOW_EVENTHUBS_ENDPOINT"));
    }
}

/// What is wrong with the file. The parser's own messages quote values, which may be secrets; that of an unknown member
/// quotes its name only, and lists those that exist.
fn unreadable(path: &Path, text: &str, error: &toml::de::Error) -> Fault {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = text.get(..at).unwrap_or_default();
    let (number, line) = (before.matches('\n').count() + 1, text.lines().nth(before.matches('\n').count()));
    let member = line.and_then(|line| line.split_once('=')).map(|(name, _)| name.trim());
    let problem = match member {
        _ if error.message().starts_with("unknown field ") => error.message().to_owned(),
        Some(name) if crate::members::is_toml(name) => format!("`{name}` has a value that it does not take"),
        _ => "this is not TOML, or not what it should be".to_owned(),
    };
    Fault::input(format!("{} is not a settings file: line {number}: {problem}", path.display())).hint(
        "strings stand in quotes, true and false do not; it has the tables [s3], [sftp], [kinesis] and [eventHubs], and `outflow probe --help` lists what they take",
    )
}

/// A variable that is `true` or `false`.
fn boolean(name: &str) -> Result<Option<bool>, Fault> {
    match variable(name).as_deref() {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(_) => Err(Fault::input(format!("{name} is neither true nor false"))
            .tried("read the environment")
            .hint(format!("set {name} to true or false, or leave it out"))),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let error = toml::from_str::<Settings>(text).unwrap_err();
        unreadable(Path::new("settings.toml"), text, &error).message
    }

    #[test]
    fn values_are_not_repeated_and_places_are() {
        for (text, line, member) in [
            ("[sftp]\npassword = 123456", "line 2", "`password`"),
            ("[s3]\n# keys\nsecretAccessKey = 123456", "line 3", "`secretAccessKey`"),
            ("[s3]\npathStyle = \"123456\"", "line 2", "`pathStyle`"),
            ("[sftp]\npassword = 123456abc", "line 2", "`password`"),
            ("[sftp]\npassword = [\"123456\"]", "line 2", "`password`"),
            ("sftp = \"123456\"", "line 1", "TOML"),
            ("[sftp]\npassword = \"\"\"\n123456=", "line", "TOML"),
            ("123456", "line 1", "TOML"),
        ] {
            let told = told(text);
            assert!(!told.contains("123456"), "{told}");
            assert!(told.contains(line) && (told.contains(member) || text.contains("\"\"\"")), "{text:?}: {told}");
        }
    }

    #[test]
    fn an_unknown_member_is_told_with_those_that_exist() {
        let told = told("[sftp]\npasswort = \"123456\"");
        assert!(told.contains("`passwort`") && told.contains("`password`") && told.contains("line 2"), "{told}");
        assert!(!told.contains("123456"), "{told}");
    }
}
