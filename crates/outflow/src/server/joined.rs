//! Where the server's crates are joined.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use outflow_api::{ApiContext, ApiSettings};
use outflow_connector_kit::Connector;
use outflow_model::Fault;
use outflow_model::guardrails::Guardrails;
use outflow_profiles::source::Storage;
use outflow_runner::{AlertSettings, RetrySettings, Runner, RunnerContext, RunnerSettings};
use outflow_store::{DatabaseUrl, KeyRing, Random, Store, StoreOptions};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::runtime::Handle;

use super::folder::{DataFolder, make_private, write_secret};
use super::guarded::Guarded;
use super::listen;
use super::principal::{Principal, WithPrincipal};
use super::settings::ServerSettings;
use crate::environment;
use crate::settings::Settings;
use crate::source::storages;

/// What a server is made of.
pub struct Parts {
    /// What requests are answered with.
    pub api: ApiContext,
    /// Carries out jobs.
    pub runner: Runner,
}

/// The variable that may hold the keys that seal secrets, in place of their file: the text of one, where commas may stand
/// for ends of lines.
pub const KEYS_VARIABLE: &str = "OUTFLOW_KEYS";

/// The keys that seal secrets, from the environment or from their file, which is made when it is missing.
///
/// # Errors
/// As [`given_keys`]; `Config` when the file cannot be made or read, others can read it, or it holds something else.
pub fn keys(data: &DataFolder, settings: &ServerSettings) -> Result<KeyRing, Fault> {
    if let Some(keys) = given_keys(settings, environment::secret(KEYS_VARIABLE)?.as_ref())? {
        return Ok(keys);
    }
    let file = key_file(data, settings);
    if file.exists() {
        return Ok(KeyRing::read(&file)?);
    }
    tracing::info!(file = %file.display(), "keys are made; keep a copy apart from the database's");
    Ok(KeyRing::create(&file, &random())?)
}

/// The keys that the environment holds, where it does.
///
/// # Errors
/// `Input` when a file of keys is named as well; `Config` when they are none. No message repeats any of them.
pub fn given_keys(settings: &ServerSettings, variable: Option<&SecretString>) -> Result<Option<KeyRing>, Fault> {
    let Some(text) = variable else { return Ok(None) };
    if !settings.keys.file.as_os_str().is_empty() {
        return Err(Fault::input(format!("{KEYS_VARIABLE} and keys.file both say what the keys are"))
            .tried("read the keys that seal stored secrets")
            .hint(format!("take one of the two away: unset {KEYS_VARIABLE}, or --key-file and keys.file")));
    }
    let lines = SecretString::from(text.expose_secret().replace(',', "\n"));
    KeyRing::parse(lines.expose_secret()).map(Some).map_err(|error| {
        Fault::from(error)
            .tried(format!("read {KEYS_VARIABLE}"))
            .hint("it holds keys as a key file does: `NAME BASE64`, the base64 of 32 bytes, with commas between them")
    })
}

/// Where the keys are.
pub fn key_file(data: &DataFolder, settings: &ServerSettings) -> PathBuf {
    if settings.keys.file.as_os_str().is_empty() { data.keys() } else { settings.keys.file.clone() }
}

/// Whether the metadata is in the data folder, and not in a database that several servers may share.
pub fn is_embedded(settings: &ServerSettings) -> bool {
    settings.database.url.expose_secret().is_empty()
}

/// The store.
///
/// # Errors
/// What the database answers.
pub async fn store(data: &DataFolder, settings: &ServerSettings, keys: KeyRing) -> Result<Store, Fault> {
    if is_embedded(settings) {
        // SQLite would make it readable for whoever the umask lets; its journals take the mode of this file.
        make_private(&data.database())?;
    }
    Ok(Store::open(store_options(data, settings, keys)?).await?)
}

/// What a store is opened with.
///
/// # Errors
/// `Config` for a URL of a database that is none.
pub fn store_options(data: &DataFolder, settings: &ServerSettings, keys: KeyRing) -> Result<StoreOptions, Fault> {
    let url = if is_embedded(settings) {
        DatabaseUrl::sqlite_file(&data.database())?
    } else {
        DatabaseUrl::parse(settings.database.url.expose_secret())?
    };
    let mut options = StoreOptions::new(url, keys, Arc::new(environment::now), random());
    options.connections_max = settings.database.connections_max;
    Ok(options)
}

/// Random bytes as the store takes them.
pub fn random() -> Random {
    Arc::new(environment::fill_random)
}

/// Leaves the secret of `admin` for the owner of the folder.
///
/// # Errors
/// As [`write_secret`].
pub fn write_admin_secret(data: &DataFolder, secret: &SecretString) -> Result<(), Fault> {
    // Without a line end: `curl --data-urlencode client_secret@FILE` sends what is in the file.
    write_secret(&data.admin_secret(), secret.expose_secret())
}

/// Joins API and runner over a store. `config` is the settings' file, where there is one.
///
/// # Errors
/// `Input` when the file with the buckets' credentials cannot be read.
pub fn join(
    store: &Store,
    data: &DataFolder,
    settings: &ServerSettings,
    config: Option<&Path>,
    runtime: &Handle,
) -> Result<Parts, Fault> {
    let connectors: Arc<Vec<Box<dyn Connector>>> = Arc::new(connectors(settings)?);
    let storages = guarded_storages(data, settings, config, runtime)?;
    let numbers: Arc<dyn Fn() -> u64 + Send + Sync> = Arc::new(environment::random_number);
    let runner = Runner::new(RunnerContext {
        store: store.clone(),
        data_dir: data.path().to_path_buf(),
        connectors: Arc::clone(&connectors),
        storages: storages.clone(),
        clock: Arc::new(environment::now),
        random: Arc::clone(&numbers),
        settings: runner_settings(settings),
    });
    let api = ApiContext {
        store: store.clone(),
        runner: runner.clone(),
        connectors,
        storages,
        data_dir: data.path().to_path_buf(),
        clock: Arc::new(environment::now),
        random: numbers,
        metrics: Some(outflow_api::install_metrics()?),
        pages: outflow_console::router(outflow_console::BUILT),
        settings: api_settings(settings),
    };
    Ok(Parts { api, runner })
}

/// The kinds of destination, S3 with the server's own key pair where it has one.
fn connectors(settings: &ServerSettings) -> Result<Vec<Box<dyn Connector>>, Fault> {
    let file = &settings.destinations.s3_principal_file;
    if file.as_os_str().is_empty() {
        return Ok(outflow_connectors::registry());
    }
    let mut principal = Some(Principal::new(Settings::load(Some(file))?.s3)?);
    let with_principal = |inner: Box<dyn Connector>| -> Box<dyn Connector> {
        match principal.take_if(|_| inner.id() == "s3") {
            Some(principal) => Box::new(WithPrincipal { inner, principal }),
            None => inner,
        }
    };
    Ok(outflow_connectors::registry().into_iter().map(with_principal).collect())
}

/// Where datasets may lie.
fn guarded_storages(
    data: &DataFolder,
    settings: &ServerSettings,
    config: Option<&Path>,
    runtime: &Handle,
) -> Result<Vec<Arc<dyn Storage>>, Fault> {
    let file = &settings.datasets.s3_config_file;
    let credentials = Settings::load((!file.as_os_str().is_empty()).then_some(file.as_path()))?;
    let roots = roots(settings);
    let own = own_files(data, settings, config);
    let all = storages(&Arc::new(credentials), runtime);
    Ok(all.into_iter().map(|inner| Arc::new(Guarded::new(inner, &roots, &own)) as Arc<dyn Storage>).collect())
}

/// Folders that datasets may lie in. Where the settings say nothing, a server that only this machine reaches reads what
/// it can, and any other nothing.
fn roots(settings: &ServerSettings) -> Vec<PathBuf> {
    let named = settings.datasets.folder_roots.as_str();
    let named = if named.is_empty() && listen::is_private(settings) { "/" } else { named };
    named.split(':').filter(|root| !root.is_empty()).map(PathBuf::from).collect()
}

/// What is no dataset wherever it lies: the data folder, and files with secrets.
fn own_files(data: &DataFolder, settings: &ServerSettings, config: Option<&Path>) -> Vec<PathBuf> {
    let files = [
        data.path(),
        &key_file(data, settings),
        config.unwrap_or(Path::new("")),
        &settings.datasets.s3_config_file,
        &settings.destinations.s3_principal_file,
        &settings.tls.key_file,
        &settings.tls.cert_file,
    ]
    .map(Path::to_path_buf);
    // An empty path would be the beginning of every other.
    files.into_iter().filter(|file| !file.as_os_str().is_empty()).collect()
}

fn folder_root(settings: &ServerSettings) -> Option<PathBuf> {
    let root = &settings.destinations.folder_root;
    (!root.as_os_str().is_empty()).then(|| root.clone())
}

fn runner_settings(settings: &ServerSettings) -> RunnerSettings {
    let (work, streams, retry, alerts) = (&settings.work, &settings.streams, &settings.retry, &settings.alerts);
    RunnerSettings {
        workers: work.workers,
        stream_workers: streams.workers,
        stream_set_bytes_max: streams.set_bytes_max,
        stream_patience_secs: streams.patience_secs,
        stream_turn_secs: RunnerSettings::default().stream_turn_secs,
        threads: if work.threads == 0 { environment::cores() } else { work.threads },
        memory_bytes: work.memory_bytes,
        lease_secs: work.lease_secs,
        scheduler_period_secs: work.scheduler_period_secs,
        janitor_period_secs: work.janitor_period_secs,
        verify_full: work.verify_full,
        retry: RetrySettings {
            attempts_max: retry.attempts_max,
            window_secs: retry.window_secs,
            delay_initial_secs: retry.delay_initial_secs,
            delay_max_secs: retry.delay_max_secs,
        },
        delay_alert_secs: alerts.delay_secs,
        skipped_rate_max: alerts.skipped_percent_max / 100.0,
        ghosts_days: settings.retention.exits_days,
        retry_days: settings.retention.retry_days,
        run_history_days: settings.retention.runs_days,
        segment_history_days: settings.retention.segment_history_days,
        departures_keep_days: settings.departures.keep_days,
        departures_bytes_max: settings.departures.bytes_max,
        folder_root: folder_root(settings),
        organization: Some(settings.organization.name.clone()),
        alerts: AlertSettings {
            allow_private_addresses: alerts.allow_private_addresses,
            smtp_url: (!alerts.smtp_url.expose_secret().is_empty()).then(|| alerts.smtp_url.clone()),
            from: alerts.from.clone(),
            timeout_secs: alerts.timeout_secs,
        },
    }
}

fn api_settings(settings: &ServerSettings) -> ApiSettings {
    ApiSettings {
        token_lifetime_secs: settings.access.token_ttl_secs,
        session_idle_secs: settings.access.session_idle_secs,
        session_max_secs: settings.access.session_max_secs,
        login_link_secs: settings.access.login_link_secs,
        probe_timeout_secs: settings.destinations.probe_timeout_secs,
        public_url: (!settings.server.public_url.is_empty()).then(|| settings.server.public_url.clone()),
        organization: settings.organization.name.clone(),
        folder_root: folder_root(settings),
        is_https: listen::has_tls(settings) || settings.server.behind_proxy,
        open_metrics: settings.access.open_metrics,
        guardrails: Guardrails {
            segments_per_flow: settings.guardrails.segments_per_flow,
            attributes_per_flow: settings.guardrails.attributes_per_flow,
            flows_per_sandbox: settings.guardrails.flows_per_sandbox,
            segments_per_hour: settings.guardrails.segments_per_hour,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::settings::Layers;

    fn settings(changes: &[(&str, &str)]) -> ServerSettings {
        let mut layers = Layers::defaults().unwrap();
        layers.environment(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        layers.finish().unwrap()
    }

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    #[test]
    fn keys_of_the_environment_are_those_of_a_file_and_never_repeated() {
        let given = |text: &str, file: &str| {
            let variables = if file.is_empty() { vec![] } else { vec![("OUTFLOW_KEYS_FILE", file)] };
            let variable = SecretString::from(text);
            given_keys(&settings(&variables), Some(&variable)).map(|keys| keys.unwrap().ids())
        };
        assert_eq!(given(&format!("new {KEY}, old {KEY}"), "").unwrap(), ["new", "old"]);
        assert_eq!(given(&format!("# these\nnew {KEY}\nold {KEY}\n"), "").unwrap(), ["new", "old"]);
        assert!(given_keys(&settings(&[]), None).unwrap().is_none());
        for (text, file, told) in [
            (format!("new {KEY}"), "/etc/keys", "OUTFLOW_KEYS and keys.file"),
            (format!("new {KEY} more"), "", "line 1 of the keys"),
            (format!("new {KEY},{KEY}"), "", "line 2 of the keys"),
            (",".to_owned(), "", "there is no key"),
        ] {
            let fault = given(&text, file).unwrap_err();
            let shown = format!("{fault:?} {}", outflow_model::fault::chain(&fault));
            assert!(shown.contains(told) && !shown.contains(&KEY[..8]), "{shown}");
        }
    }

    #[test]
    fn the_whole_disk_is_open_only_where_nobody_else_reaches_the_server() {
        assert_eq!(roots(&settings(&[])), [PathBuf::from("/")]);
        let public = ("OUTFLOW_SERVER_LISTEN", "0.0.0.0:1");
        let plain = ("OUTFLOW_SERVER_INSECURE_PLAIN_HTTP", "true");
        assert!(roots(&settings(&[public, plain])).is_empty());
        assert!(roots(&settings(&[("OUTFLOW_SERVER_BEHIND_PROXY", "true")])).is_empty());
        let named = ("OUTFLOW_DATASETS_FOLDER_ROOTS", "/lake:/more");
        assert_eq!(roots(&settings(&[public, plain, named])), [PathBuf::from("/lake"), PathBuf::from("/more")]);
    }

    #[test]
    fn files_with_secrets_are_the_servers_own_and_nothing_else_is() {
        let data = DataFolder::at(Path::new("/data"));
        let with_tls = settings(&[
            ("OUTFLOW_TLS_CERT_FILE", "/tls/cert"),
            ("OUTFLOW_TLS_KEY_FILE", "/tls/key"),
            ("OUTFLOW_KEYS_FILE", "/etc/keys"),
            ("OUTFLOW_DATASETS_S3_CONFIG_FILE", "/etc/s3.toml"),
            ("OUTFLOW_DESTINATIONS_S3_PRINCIPAL_FILE", "/etc/principal.toml"),
        ]);
        let own = own_files(&data, &with_tls, Some(Path::new("/etc/outflow.toml")));
        let secrets = ["/etc/keys", "/etc/outflow.toml", "/etc/s3.toml", "/etc/principal.toml", "/tls/key"];
        for file in secrets.into_iter().chain(["/data", "/tls/cert"]) {
            assert!(own.contains(&PathBuf::from(file)), "{file}");
        }
        assert_eq!(own_files(&data, &settings(&[]), None), [PathBuf::from("/data"), PathBuf::from("/data/keys")]);
    }
}
