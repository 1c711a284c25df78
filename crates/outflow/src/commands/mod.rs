//! The commands, one file each.

mod export;
mod fields;
mod practice;
mod probe;
mod profiles;
mod rules;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use outflow_model::Fault;
use tokio::runtime::Runtime;

const EXIT_STATUSES: &str = "\
Exit status:
  0    done and verified
  2    usage, rule or source: yours to mend
  3    target settings: missing bucket or folder, wrong region, not an S3 or SFTP server
  4    credentials: unknown key, wrong secret or password, host key unknown or changed
  5    refused: denied action, read-only, disk full, name taken
  6    unavailable: unreachable, cut, timed out
  7    throttled
  8    verification: the far end differs
  9    internal: a defect of Outflow
  130  interrupted";

/// Activates audiences to cloud storage: profiles in a lake, a rule, verified files in Amazon S3, SFTP or a folder.
#[derive(Parser)]
#[command(name = "outflow", version, after_help = EXIT_STATUSES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Export the profiles that a rule selects
    Export(Box<export::ExportArgs>),
    /// Try what a delivery to a target will do, step by step
    Probe(probe::ProbeArgs),
    /// Read a delivery again and compare it with its manifest
    Verify(verify::VerifyArgs),
    /// Generate sample profiles, or show what profiles hold
    #[command(subcommand)]
    Profiles(profiles::ProfilesCommand),
    /// Run practice targets on this machine: an S3 endpoint and an SFTP server, with faults to switch on
    Practice(practice::PracticeArgs),
    /// Check segment rules
    #[command(subcommand)]
    Rules(rules::RulesCommand),
}

impl Cli {
    /// Whether the command prints one JSON object.
    pub fn wants_json(&self) -> bool {
        match &self.command {
            Command::Export(args) => args.json,
            Command::Probe(args) => args.json,
            Command::Verify(args) => args.json,
            Command::Profiles(command) => command.wants_json(),
            Command::Practice(args) => args.json,
            Command::Rules(command) => command.wants_json(),
        }
    }
}

/// Where credentials come from.
#[derive(Args)]
pub struct SettingsArgs {
    /// TOML file with the tables [s3] (accessKeyId, secretAccessKey, sessionToken, region, endpoint, pathStyle, roleArn,
    /// externalId) and [sftp] (password, keyFile, keyPassphrase, hostKey, knownHosts, legacyAlgorithms); what it lacks
    /// comes from the environment
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// known_hosts file with the SFTP server's key
    #[arg(long, value_name = "FILE")]
    pub known_hosts: Option<PathBuf>,
}

impl SettingsArgs {
    /// The settings.
    fn load(&self) -> Result<crate::settings::Settings, Fault> {
        let mut settings = crate::settings::Settings::load(self.config.as_deref())?;
        if let Some(file) = &self.known_hosts {
            settings.sftp.known_hosts = Some(file.clone());
            settings.sftp.host_key = None;
        }
        Ok(settings)
    }
}

/// Arguments that the parser refuses, as a fault.
pub fn usage_fault(told: &clap::Error) -> Fault {
    let text = told.render().to_string();
    // The first paragraph says what is wrong; usage and pointers to the help follow.
    let paragraph: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let message = paragraph.join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    let usage = text.lines().find_map(|line| line.trim().strip_prefix("Usage: ")).unwrap_or("outflow COMMAND");
    Fault::input(message.trim_end_matches('.'))
        .tried("read the arguments")
        .hint(format!("the command is used as in: {}; --help tells more", usage.trim()))
}

/// Runs the command.
pub fn run(cli: Cli) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(e) => return crate::output::fail(&Fault::internal("cannot start threads").because(e), false),
    };
    match cli.command {
        Command::Export(args) => export::run(&args, &runtime),
        Command::Probe(args) => probe::run(&args, &runtime),
        Command::Verify(args) => verify::run(&args, &runtime),
        Command::Profiles(command) => profiles::run(&command, &runtime),
        Command::Practice(args) => practice::run(&args, &runtime),
        Command::Rules(command) => rules::run(&command, &runtime),
    }
}

/// Calls `stop` when the person interrupts or the system ends the process; a second interrupt ends it at once.
fn on_interrupt(runtime: &Runtime, stop: impl Fn() + Send + 'static) {
    runtime.spawn(async move {
        let mut seen = 0;
        loop {
            interrupted().await;
            seen += 1;
            stop();
            if seen > 1 {
                #[expect(clippy::disallowed_methods, reason = "the second interrupt means now")]
                std::process::exit(130);
            }
            crate::output::note("stopping; nothing half-done will be visible (interrupt again to end at once)");
        }
    });
}

/// Waits for SIGINT or SIGTERM.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => (),
        _ = terminate => (),
    }
}
