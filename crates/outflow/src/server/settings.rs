//! Settings of `outflow serve`: `outflow.default.toml`, then a file, the environment and options; the last one counts.
//!
//! The default file is the list of what there is and of each setting's type, so that a setting cannot exist without its
//! documentation.

use std::path::{Path, PathBuf};

use outflow_model::Fault;
use secrecy::SecretString;
use serde::Deserialize;
use toml::{Table, Value};

use crate::near::nearest;
use crate::numbers::parse_bytes;
use crate::settings::read;

/// The commented defaults.
pub const DEFAULT: &str = include_str!("../../../../outflow.default.toml");

/// All settings, complete.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    pub server: Server,
    pub tls: Tls,
    pub database: Database,
    pub keys: Keys,
    pub log: Log,
    pub access: Access,
    pub work: Work,
    pub streams: Streams,
    pub retry: Retry,
    pub destinations: Destinations,
    pub datasets: Datasets,
    pub retention: Retention,
    pub departures: Departures,
    pub guardrails: Guardrails,
    pub alerts: Alerts,
    pub organization: Organization,
}

/// `[server]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub listen: String,
    pub behind_proxy: bool,
    pub insecure_plain_http: bool,
    pub public_url: String,
    pub shutdown_secs: u64,
}

/// `[tls]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    pub cert_file: PathBuf,
    pub key_file: PathBuf,
}

/// `[database]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub url: SecretString,
    pub connections_max: u32,
}

/// `[keys]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    pub file: PathBuf,
}

/// `[log]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub format: LogFormat,
    pub level: String,
}

/// Form of the log's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

/// `[access]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    pub token_ttl_secs: u64,
    pub session_idle_secs: u64,
    pub session_max_secs: u64,
    pub login_link_secs: u64,
    pub open_metrics: bool,
}

/// `[work]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    pub workers: usize,
    pub threads: usize,
    pub memory_bytes: u64,
    pub lease_secs: u64,
    pub scheduler_period_secs: u64,
    pub janitor_period_secs: u64,
    pub verify_full: bool,
}

/// `[streams]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Streams {
    pub workers: usize,
    pub set_bytes_max: u64,
    pub patience_secs: u64,
}

/// Settings that are a number of bytes, or a text.
const SIZES: [(&str, &str); 3] = [("work", "memory_bytes"), ("streams", "set_bytes_max"), ("departures", "bytes_max")];

/// `[retry]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    pub attempts_max: u32,
    pub delay_initial_secs: u64,
    pub delay_max_secs: u64,
    pub window_secs: u64,
}

/// `[destinations]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destinations {
    pub folder_root: PathBuf,
    pub s3_principal_file: PathBuf,
    pub probe_timeout_secs: u64,
}

/// `[datasets]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Datasets {
    pub folder_roots: String,
    pub s3_config_file: PathBuf,
}

/// `[retention]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    pub runs_days: u32,
    pub retry_days: u32,
    pub segment_history_days: u32,
    pub exits_days: u32,
}

/// `[departures]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Departures {
    pub keep_days: u32,
    pub bytes_max: u64,
}

/// `[guardrails]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guardrails {
    pub segments_per_flow: usize,
    pub attributes_per_flow: usize,
    pub flows_per_sandbox: usize,
    pub segments_per_hour: usize,
}

/// `[alerts]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alerts {
    pub skipped_percent_max: f64,
    pub delay_secs: u64,
    pub timeout_secs: u64,
    pub allow_private_addresses: bool,
    pub smtp_url: SecretString,
    pub from: String,
}

/// `[organization]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    pub name: String,
}

/// Gathers settings, layer by layer.
pub struct Layers {
    table: Table,
    problems: Vec<String>,
}

impl Layers {
    /// The defaults.
    ///
    /// # Errors
    /// `Internal` when the default file is no TOML.
    pub fn defaults() -> Result<Layers, Fault> {
        let table =
            DEFAULT.parse::<Table>().map_err(|e| Fault::internal("the default settings are no TOML").because(e))?;
        Ok(Layers { table, problems: Vec::new() })
    }

    /// Lays `file` over what is there.
    ///
    /// # Errors
    /// `Input` when it cannot be read or is no TOML.
    pub fn file(&mut self, file: &Path) -> Result<(), Fault> {
        let text = read(file)?;
        // The parser's own message may quote a value, which may be a password.
        let over = text.parse::<Table>().map_err(|e| {
            let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Fault::input(format!("{} is not TOML: line {line}", file.display()))
                .tried(format!("read {}", file.display()))
                .hint("texts stand in quotes, true, false and numbers do not; outflow.default.toml shows every setting")
        })?;
        let place = file.display().to_string();
        for (section, members) in over {
            let Value::Table(members) = members else {
                self.unknown(&place, &section);
                continue;
            };
            for (name, value) in members {
                self.put(&place, &section, &name, value);
            }
        }
        Ok(())
    }

    /// Lays variables over what is there: those that begin with `OUTFLOW_` and the name of a section.
    pub fn environment(&mut self, variables: impl Iterator<Item = (String, String)>) {
        let mut sections: Vec<(String, String)> = Vec::new();
        for section in self.table.keys() {
            sections.push((section.clone(), format!("OUTFLOW_{}_", section.to_uppercase())));
        }
        for (variable, text) in variables {
            let Some((section, prefix)) = sections.iter().find(|(_, prefix)| variable.starts_with(prefix.as_str()))
            else {
                continue;
            };
            let name = variable[prefix.len()..].to_lowercase();
            let value = self.read_as(section, &name, &text);
            self.put(&variable, section, &name, value);
        }
    }

    /// Lays an option over what is there.
    pub fn option(&mut self, option: &str, section: &str, name: &str, value: impl Into<Value>) {
        self.put(option, section, name, value.into());
    }

    /// The settings, complete and checked.
    ///
    /// # Errors
    /// `Input` with every problem.
    pub fn finish(mut self) -> Result<ServerSettings, Fault> {
        for (section, name) in SIZES {
            let size = self.table.get_mut(section).and_then(|members| members.get_mut(name));
            if let Some(value) = size
                && let Value::String(text) = &*value
            {
                match parse_bytes(text).map(i64::try_from) {
                    Ok(Ok(bytes)) => *value = Value::Integer(bytes),
                    Ok(Err(_)) => self.problems.push(format!("{section}.{name} is too large")),
                    Err(problem) => self.problems.push(format!("{section}.{name}: {problem}")),
                }
            }
        }
        if self.problems.is_empty() {
            match ServerSettings::deserialize(Value::Table(self.table)) {
                Ok(settings) => {
                    self.problems = check(&settings);
                    if self.problems.is_empty() {
                        return Ok(settings);
                    }
                }
                // What fits the type of the default does not fit the setting: a word that is not among those it knows,
                // or a number below zero. The message names words and types.
                Err(e) => self.problems.push(e.message().to_owned()),
            }
        }
        Err(Fault::input(self.problems.join("; "))
            .tried("read the server's settings")
            .hint("outflow.default.toml lists every setting with its unit and default"))
    }

    /// `text` as a value of the setting's type.
    fn read_as(&self, section: &str, name: &str, text: &str) -> Value {
        let default = self.table.get(section).and_then(|members| members.get(name));
        let read = match default {
            Some(Value::Integer(_)) => text.parse().ok().map(Value::Integer),
            Some(Value::Float(_)) => text.parse().ok().map(Value::Float),
            Some(Value::Boolean(_)) => match text {
                "true" | "1" => Some(Value::Boolean(true)),
                "false" | "0" => Some(Value::Boolean(false)),
                _ => None,
            },
            _ => None,
        };
        read.unwrap_or_else(|| Value::String(text.to_owned()))
    }

    fn put(&mut self, place: &str, section: &str, name: &str, value: Value) {
        let member =
            self.table.get_mut(section).and_then(Value::as_table_mut).and_then(|members| members.get_mut(name));
        let Some(member) = member else {
            self.unknown(place, &format!("{section}.{name}"));
            return;
        };
        let either = SIZES.contains(&(section, name)) && matches!(value, Value::Integer(_) | Value::String(_));
        if either || member.same_type(&value) {
            *member = value;
        } else if let (Value::Float(number), Value::Integer(whole)) = (&mut *member, &value) {
            *number = *whole as f64;
        } else {
            // Not what was given: it may be a secret in the wrong place.
            let wanted = match member.type_str() {
                "string" => "a text",
                "boolean" => "true or false",
                "float" => "a number",
                _ => "a whole number",
            };
            self.problems.push(format!("{place}: {section}.{name} is {wanted}"));
        }
    }

    fn unknown(&mut self, place: &str, name: &str) {
        let mut known = Vec::new();
        for (section, members) in &self.table {
            let names = members.as_table().into_iter().flat_map(Table::keys);
            known.extend(names.map(|member| format!("{section}.{member}")));
        }
        let near = nearest(name, known.iter().map(String::as_str));
        let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        self.problems.push(format!("{place}: there is no setting {name}{near}"));
    }
}

/// What the types let through.
fn check(settings: &ServerSettings) -> Vec<String> {
    let mut problems = Vec::new();
    let mut least = |name: &str, value: u64, least: u64| {
        if value < least {
            problems.push(format!("{name} is {least} or more"));
        }
    };
    least("database.connections_max", settings.database.connections_max.into(), 2);
    least("access.token_ttl_secs", settings.access.token_ttl_secs, 60);
    least("access.session_idle_secs", settings.access.session_idle_secs, 60);
    least("access.session_max_secs", settings.access.session_max_secs, 60);
    least("access.login_link_secs", settings.access.login_link_secs, 1);
    least("destinations.probe_timeout_secs", settings.destinations.probe_timeout_secs, 1);
    least("work.lease_secs", settings.work.lease_secs, 3);
    least("work.scheduler_period_secs", settings.work.scheduler_period_secs, 1);
    least("work.janitor_period_secs", settings.work.janitor_period_secs, 1);
    least("work.memory_bytes", settings.work.memory_bytes, 64 << 20);
    least("streams.workers", settings.streams.workers as u64, 1);
    least("streams.set_bytes_max", settings.streams.set_bytes_max, 1 << 20);
    least("streams.patience_secs", settings.streams.patience_secs, 1);
    least("departures.keep_days", settings.departures.keep_days.into(), 1);
    least("departures.bytes_max", settings.departures.bytes_max, 1 << 20);
    least("retry.attempts_max", settings.retry.attempts_max.into(), 1);
    least("alerts.timeout_secs", settings.alerts.timeout_secs, 1);
    if !(0.0..=100.0).contains(&settings.alerts.skipped_percent_max) {
        problems.push("alerts.skipped_percent_max is 0 to 100".into());
    }
    let tls = &settings.tls;
    if tls.cert_file.as_os_str().is_empty() != tls.key_file.as_os_str().is_empty() {
        problems.push("tls.cert_file and tls.key_file belong together".into());
    }
    problems
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use secrecy::ExposeSecret as _;

    fn with_file(text: &str) -> Result<ServerSettings, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let mut layers = Layers::defaults().unwrap();
        layers.file(file.path()).map_err(|f| f.message)?;
        layers.finish().map_err(|f| f.message)
    }

    fn with_variables(variables: &[(&str, &str)]) -> Result<ServerSettings, String> {
        let mut layers = Layers::defaults().unwrap();
        layers.environment(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        layers.finish().map_err(|f| f.message)
    }

    #[test]
    fn the_default_file_is_complete_and_every_setting_is_commented() {
        let settings = Layers::defaults().unwrap().finish().unwrap();
        assert_eq!(settings.server.listen, "127.0.0.1:8787");
        assert_eq!(settings.work.memory_bytes, 256 << 20);
        let lines: Vec<&str> = DEFAULT.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            if line.contains(" = ") && !line.starts_with('#') {
                assert!(lines[number - 1].starts_with("# "), "{line} has no comment");
            }
        }
    }

    #[test]
    fn later_layers_count() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"[server]\nlisten = \"a\"\n[work]\nworkers = 3\nthreads = 4\n").unwrap();
        let mut layers = Layers::defaults().unwrap();
        layers.file(file.path()).unwrap();
        layers.environment([("OUTFLOW_WORK_THREADS".to_owned(), "5".to_owned())].into_iter());
        layers.option("--listen", "server", "listen", "b");
        let settings = layers.finish().unwrap();
        assert_eq!((settings.work.workers, settings.work.threads, settings.server.listen.as_str()), (3, 5, "b"));
    }

    #[test]
    fn a_percentage_may_be_whole_or_not_and_is_one() {
        let percent = |settings: Result<ServerSettings, String>| settings.map(|s| s.alerts.skipped_percent_max);
        assert_eq!(percent(with_file("[alerts]\nskipped_percent_max = 2")), Ok(2.0));
        assert_eq!(percent(with_file("[alerts]\nskipped_percent_max = 0.25")), Ok(0.25));
        assert_eq!(percent(with_variables(&[("OUTFLOW_ALERTS_SKIPPED_PERCENT_MAX", "0.5")])), Ok(0.5));
        for wrong in ["-1", "100.5", "nan"] {
            let told = percent(with_file(&format!("[alerts]\nskipped_percent_max = {wrong}"))).unwrap_err();
            assert_eq!(told, "alerts.skipped_percent_max is 0 to 100", "{wrong}");
        }
        let told = percent(with_variables(&[("OUTFLOW_ALERTS_SKIPPED_PERCENT_MAX", "half")])).unwrap_err();
        assert!(told.contains("alerts.skipped_percent_max is a number"), "{told}");
    }

    #[test]
    fn unknown_names_are_refused_with_a_near_one() {
        for (text, near) in [
            ("[sever]\nlisten = \"x\"", "server.listen"),
            ("[server]\nlisen = \"x\"", "server.listen"),
            ("[log]\nformt = \"json\"", "log.format"),
        ] {
            assert!(with_file(text).unwrap_err().contains(&format!("did you mean {near}?")), "{text}");
        }
        let told = with_variables(&[("OUTFLOW_LOG_FORMT", "json")]).unwrap_err();
        assert!(told.contains("OUTFLOW_LOG_FORMT") && told.contains("log.format"), "{told}");
        // Variables of other commands.
        with_variables(&[("OUTFLOW_TOKEN", "x"), ("OUTFLOW_SFTP_PASSWORD", "x"), ("OUTFLOW_LOG", "debug")]).unwrap();
    }

    #[test]
    fn values_of_another_kind_are_told_by_name_and_not_repeated() {
        for text in [
            "[database]\nurl = 123456",
            "[work]\nworkers = \"123456\"",
            "[server]\nbehind_proxy = \"123456\"",
            "[database]\nurl = \"123456\nx",
            "[log]\nlevel = 123456\n[work]\nmemory_bytes = true",
        ] {
            let told = with_file(text).unwrap_err();
            assert!(!told.contains("123456"), "{told}");
        }
        let told = with_file("[log]\nlevel = 1\n[work]\nmemory_bytes = true\nworkers = -1").unwrap_err();
        assert!(told.contains("log.level") && told.contains("work.memory_bytes"), "{told}");
        assert!(with_file("[work]\nworkers = -1").is_err());
        assert!(with_file("[log]\nformat = \"xml\"").unwrap_err().contains("json"));
        assert!(with_variables(&[("OUTFLOW_WORK_WORKERS", "many")]).unwrap_err().contains("OUTFLOW_WORK_WORKERS"));
    }

    #[test]
    fn what_belongs_together_and_what_is_too_small_is_told() {
        assert!(with_file("[tls]\ncert_file = \"a.pem\"").unwrap_err().contains("tls.key_file"));
        assert!(with_file("[work]\nlease_secs = 0").unwrap_err().contains("work.lease_secs is 3 or more"));
        let settings = with_file("[database]\nurl = \"postgres://u:p@h/d\"\n[work]\nmemory_bytes = \"1GiB\"").unwrap();
        assert_eq!((settings.work.memory_bytes, settings.streams.set_bytes_max), (1 << 30, 1 << 30));
        assert_eq!(settings.database.url.expose_secret(), "postgres://u:p@h/d");
        assert!(!format!("{settings:?}").contains("u:p"));
        let settings = with_file("[streams]\nset_bytes_max = \"64MiB\"").unwrap();
        assert_eq!(settings.streams.set_bytes_max, 64 << 20);
    }
}
