//! `outflow serve`: API, scheduler and workers in one process.

use std::future::Future;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use outflow_api::ApiContext;
use outflow_model::{Fault, FaultClass};
use outflow_runner::Runner;
use outflow_store::{ADMIN, Store};
use secrecy::ExposeSecret as _;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::server::joined::{self, Parts};
use crate::server::settings::{Layers, LogFormat, ServerSettings};
use crate::server::{folder, folder::DataFolder, listen, logs, tls};
use crate::{environment, output};

const EXAMPLES: &str = "Examples:
  outflow serve --data-dir /var/lib/outflow
  outflow serve --data-dir /var/lib/outflow --listen 0.0.0.0:8787 --behind-proxy
  OUTFLOW_DATABASE_URL=postgres://outflow:…@db/outflow outflow serve --data-dir /var/lib/outflow --key-file /etc/outflow/keys

The first start makes the data folder, the keys that seal stored secrets, and the client `admin`, whose secret is in
DIR/admin-secret. OUTFLOW_KEYS may hold the keys in place of a file. `outflow token --data-dir DIR` signs in with it. `outflow settings` prints every setting with its unit,
its default and the reason for it.

Where stdout is a terminal, each start prints a link that signs in to the console, once; `outflow login-link --data-dir DIR`
prints one at any time.";

/// How long a server waits for the one before it on its folder: one that was just killed needs milliseconds to end, one
/// that was just asked to stop mostly seconds.
const FORMER_SERVER_WAIT: Duration = Duration::from_secs(10);

/// Options that every command on a server's own data takes.
#[derive(Args)]
pub struct PlaceArgs {
    /// Folder of metadata, keys and prepared data; `serve` makes it where it is missing
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// PostgreSQL database, which several servers may share; one with a password belongs into OUTFLOW_DATABASE_URL
    /// [default: SQLite in the data folder]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// File with the keys that seal stored secrets [default: DIR/keys]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// TOML file with settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Options of `outflow serve`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ServeArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Address and port to listen on [default: 127.0.0.1:8787]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// A proxy in front speaks TLS with the clients
    #[arg(long)]
    behind_proxy: bool,
    /// Listen in clear on any address: whoever sees the network sees tokens and secrets
    #[arg(long)]
    insecure_plain_http: bool,
}

impl PlaceArgs {
    /// Defaults, file, environment and these options, in this order.
    pub fn layers(&self) -> Result<Layers, Fault> {
        let mut layers = Layers::defaults()?;
        if let Some(file) = &self.config {
            layers.file(file)?;
        }
        layers.environment(environment::variables("OUTFLOW_"));
        if let Some(url) = &self.database_url {
            layers.option("--database-url", "database", "url", url.as_str());
        }
        if let Some(file) = &self.key_file {
            layers.option("--key-file", "keys", "file", file.to_string_lossy().into_owned());
        }
        Ok(layers)
    }
}

impl ServeArgs {
    fn settings(&self) -> Result<ServerSettings, Fault> {
        let mut layers = self.place.layers()?;
        if let Some(listen) = &self.listen {
            layers.option("--listen", "server", "listen", listen.as_str());
        }
        for (option, name, given) in [
            ("--behind-proxy", "behind_proxy", self.behind_proxy),
            ("--insecure-plain-http", "insecure_plain_http", self.insecure_plain_http),
        ] {
            if given {
                layers.option(option, "server", name, true);
            }
        }
        layers.finish()
    }
}

/// Runs `outflow serve` until it is told to stop.
pub fn run(args: &ServeArgs, runtime: &Runtime) -> ExitCode {
    output::keep_names();
    let (stop, stopped) = watch::channel(false);
    super::on_interrupt(runtime, move || {
        // Whoever listened has ended already.
        let _ = stop.send(true);
    });
    let ended = args.settings().and_then(|settings| {
        logs::start(&settings.log)?;
        runtime.block_on(serve(args, settings, stopped))
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => output::fail(&fault, false),
    }
}

async fn serve(args: &ServeArgs, settings: ServerSettings, stopped: watch::Receiver<bool>) -> Result<(), Fault> {
    // What may not be is refused before anything is made.
    let addresses = listen::addresses(&settings)?;
    let acceptor = listen::has_tls(&settings).then(|| tls::acceptor(&settings.tls)).transpose()?;
    let data = DataFolder::open(&args.place.data_dir)?;
    let keys = joined::keys(&data, &settings)?;
    // Servers that share a database cannot know of each other who is dead: leases run out there.
    let held = if joined::is_embedded(&settings) { Some(data.hold(FORMER_SERVER_WAIT).await?) } else { None };
    let store = joined::store(&data, &settings, keys).await?;
    if held.is_some() {
        let jobs = store.release_leases().await?;
        tracing::debug!(jobs, "what the server before had begun is taken up");
    }
    first_start(&store, &data).await?;
    let listener = listen::bind(&addresses).await?;
    let bound = listener.local_addr().map_err(|e| Fault::internal("the listener has no address").because(e))?;
    let url = listen::url(bound, acceptor.is_some());
    let config = args.place.config.as_deref();
    let parts = joined::join(&store, &data, &settings, config, &tokio::runtime::Handle::current())?;
    folder::write_secret(&data.server_url(), &format!("{url}\n"))?;
    tracing::info!(url, data_dir = %data.path().display(), "ready");
    invite(&store, &settings, &data, &url).await?;
    let limit = Duration::from_secs(settings.server.shutdown_secs);
    let served = match acceptor {
        None => side_by_side(parts, listener, stopped, limit).await,
        Some(acceptor) => {
            let listener = tls::TlsListener::new(listener, acceptor)
                .map_err(|e| Fault::internal("the listener has no address").because(e))?;
            side_by_side(parts, listener, stopped, limit).await
        }
    };
    // Another server's may have taken its place.
    if std::fs::read_to_string(data.server_url()).is_ok_and(|told| told.trim() == url) {
        drop(std::fs::remove_file(data.server_url()));
    }
    store.close().await;
    drop(held);
    tracing::info!("stopped");
    served
}

/// What somebody who starts a server is told of signing in to the console.
#[derive(Debug, PartialEq, Eq)]
enum Invitation {
    /// A login link.
    Link,
    /// How to get one.
    Way,
    /// Nothing: each line of the log is for a machine.
    Nothing,
}

impl Invitation {
    /// Journals and collectors of logs are no persons: a link that lies in an archive would be one that somebody else can
    /// open.
    fn of(format: LogFormat, is_terminal: bool) -> Invitation {
        match (format, is_terminal) {
            (LogFormat::Json, _) => Invitation::Nothing,
            (_, true) => Invitation::Link,
            (_, false) => Invitation::Way,
        }
    }
}

/// Tells the person who starts a server how to sign in to the console.
async fn invite(store: &Store, settings: &ServerSettings, data: &DataFolder, url: &str) -> Result<(), Fault> {
    match Invitation::of(settings.log.format, std::io::stdout().is_terminal()) {
        Invitation::Nothing => return Ok(()),
        Invitation::Way => {
            let folder = data.path().display();
            output::say(&format!("To sign in to the console: outflow login-link --data-dir {folder}"));
            return Ok(());
        }
        Invitation::Link => {}
    }
    let lifetime_secs = settings.access.login_link_secs;
    let link = store.issue_login_link(ADMIN, None, Duration::from_secs(lifetime_secs)).await?;
    let public_url = settings.server.public_url.trim_end_matches('/');
    let base = if public_url.is_empty() { url } else { public_url };
    output::say(&format!(
        "Sign in to the console with this link, once, within {} minutes:\n{base}{}",
        lifetime_secs.div_ceil(60),
        outflow_api::login_path(link.token.expose_secret()),
    ));
    Ok(())
}

/// Makes the client `admin`, once. It is there when its secret is in the folder, whenever the process dies.
async fn first_start(store: &Store, data: &DataFolder) -> Result<(), Fault> {
    let is_made = store.bootstrap_admin(|secret| joined::write_admin_secret(data, secret)).await?;
    if is_made {
        tracing::info!(file = %data.admin_secret().display(), "the client admin is made");
    } else if !data.admin_secret().exists() {
        tracing::info!(
            "the secret of the client admin is not in this data folder; `outflow keys reset-admin` gives it a new one"
        );
    }
    Ok(())
}

/// Serves requests and carries out jobs, until told to stop.
async fn side_by_side<L>(
    parts: Parts,
    listener: L,
    stopped: watch::Receiver<bool>,
    limit: Duration,
) -> Result<(), Fault>
where
    L: axum::serve::Listener,
    L::Addr: std::fmt::Debug,
{
    let Parts { api, runner } = parts;
    let api = tokio::spawn(answer_requests(listener, api, until(stopped.clone())));
    let jobs = tokio::spawn(carry_out_jobs(runner, until(stopped.clone())));
    let mut both = tokio::spawn(async move {
        let (api, jobs) = tokio::join!(api, jobs);
        ended(api).and(ended(jobs))
    });
    tokio::select! {
        // Neither ends by itself but by a fault.
        done = &mut both => return ended(done),
        () = until(stopped) => {}
    }
    match tokio::time::timeout(limit, both).await {
        Ok(done) => ended(done),
        Err(_) => {
            tracing::warn!("not everything stopped within {} s; leases run out by themselves", limit.as_secs());
            Ok(())
        }
    }
}

async fn answer_requests<L>(
    listener: L,
    api: ApiContext,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Fault>
where
    L: axum::serve::Listener,
    L::Addr: std::fmt::Debug,
{
    let served = outflow_api::serve(listener, api, stop).await;
    served.map_err(|e| Fault::new(FaultClass::Unavailable, "requests cannot be accepted any more").because(e))
}

async fn carry_out_jobs(runner: Runner, stop: impl Future<Output = ()> + Send) -> Result<(), Fault> {
    runner.run(stop).await
}

/// Waits until the server is told to stop.
async fn until(mut stopped: watch::Receiver<bool>) {
    if stopped.wait_for(|stopped| *stopped).await.is_err() {
        // Whoever could tell is gone, and with it the process.
        std::future::pending::<()>().await;
    }
}

fn ended(task: Result<Result<(), Fault>, tokio::task::JoinError>) -> Result<(), Fault> {
    task.unwrap_or_else(|e| Err(Fault::internal("a part of the server broke off").because(e)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_for_a_person_and_no_journal_has_it() {
        assert_eq!(Invitation::of(LogFormat::Text, true), Invitation::Link);
        assert_eq!(Invitation::of(LogFormat::Text, false), Invitation::Way);
        assert_eq!(Invitation::of(LogFormat::Json, true), Invitation::Nothing);
        assert_eq!(Invitation::of(LogFormat::Json, false), Invitation::Nothing);
    }
}
