//! The commands, one file each.

mod accounts;
mod actions;
mod alerts;
mod apply;
mod audit;
mod catalog;
mod clients;
mod consent;
mod datasets;
mod destinations;
mod doctor;
mod export;
mod expression;
mod fields;
mod flows;
mod identities;
mod keys;
mod labels;
mod login_link;
mod openapi;
mod policies;
mod practice;
mod probe;
mod profiles;
mod rules;
mod runs;
mod schedules;
mod segments;
mod serve;
mod served;
mod suppressions;
mod token;
mod verify;
mod violating;
mod whereabouts;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use outflow_model::Fault;
use tokio::runtime::Runtime;

const EXAMPLES: &str = "\
Examples:
  outflow profiles generate --count 100000 --out lake
  outflow export --profiles lake --where 'loyalty.points > 100' --fields personalEmail.address --to s3://exports/acme
  outflow probe sftp://acme@sftp.example.com/upload
  outflow serve --data-dir /var/lib/outflow

Exit status:
  0    done and verified
  2    usage, rule or source: yours to mend
  3    target settings: missing bucket, folder, stream or hub, wrong region, another service
  4    credentials: unknown key, wrong secret or password, host key unknown or changed
  5    refused: denied action, read-only, disk full, name taken
  6    unavailable: unreachable, cut, timed out
  7    throttled
  8    verification: the far end differs
  9    internal: a defect of Outflow
  130  interrupted";

/// Activates audiences: profiles in a lake, a rule, verified files in Amazon S3, SFTP or a folder, messages in streams.
#[derive(Parser)]
#[command(name = "outflow", version, after_help = EXAMPLES)]
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
    /// Generate sample profiles, show what profiles hold, or find a person's on a server
    #[command(subcommand)]
    Profiles(profiles::ProfilesCommand),
    /// Run practice targets on this machine (S3, SFTP, Kinesis, Event Hubs), with faults to switch on
    Practice(practice::PracticeArgs),
    /// Check segment rules
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// Run a server: HTTP API, schedules, exports
    Serve(serve::ServeArgs),
    /// Get a token for a server
    Token(token::TokenArgs),
    /// Print a link that signs in to a server's console, once
    LoginLink(login_link::LoginLinkArgs),
    /// Attach, refresh and look at a server's datasets
    Datasets(datasets::DatasetsArgs),
    /// Define, evaluate and try segments
    Segments(segments::SegmentsArgs),
    /// Look at the kinds of destinations on offer
    Catalog(catalog::CatalogArgs),
    /// Create, change and test accounts
    Accounts(accounts::AccountsArgs),
    /// Create and change destinations
    Destinations(destinations::DestinationsArgs),
    /// Activate segments to destinations, and export now
    Flows(flows::FlowsArgs),
    /// Follow, verify, cancel and retry runs
    Runs(runs::RunsArgs),
    /// Say when segments are evaluated by themselves
    Schedules(schedules::SchedulesArgs),
    /// Look at the labels of data, and make your own
    Labels(labels::LabelsArgs),
    /// Look at what data may be used for, and make your own marketing actions
    Actions(actions::ActionsArgs),
    /// Say where labels forbid marketing actions, and check flows
    Policies(policies::PoliciesArgs),
    /// Leave out of exports who has not agreed
    Consent(consent::ConsentArgs),
    /// Keep people out of all exports
    Suppressions(suppressions::SuppressionsArgs),
    /// Find which files and messages a person was in
    Whereabouts(whereabouts::WhereaboutsArgs),
    /// Look at who did what, take that along, and see that it is whole
    Audit(audit::AuditArgs),
    /// Look at what happened, and say who is told
    Alerts(alerts::AlertsArgs),
    /// Say who may use a server, and for what
    Clients(clients::ClientsArgs),
    /// Make a server be as files say
    Apply(apply::ApplyArgs),
    /// See whether a server's data is well, beside it or without it
    Doctor(doctor::DoctorArgs),
    /// Rotate the keys that seal a server's secrets
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Print the OpenAPI document of the HTTP API
    #[command(after_help = "Examples:\n  outflow openapi > openapi.json")]
    Openapi,
    /// Print every setting of `outflow serve`
    #[command(after_help = "Examples:
  outflow settings > outflow.toml
  outflow serve --data-dir /var/lib/outflow --config outflow.toml")]
    Settings,
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
            Command::Token(args) => args.json,
            Command::LoginLink(args) => args.json,
            Command::Datasets(args) => args.server.json,
            Command::Segments(args) => args.server.json,
            Command::Catalog(args) => args.server.json,
            Command::Accounts(args) => args.server.json,
            Command::Destinations(args) => args.server.json,
            Command::Flows(args) => args.server.json,
            Command::Runs(args) => args.server.json,
            Command::Schedules(args) => args.server.json,
            Command::Labels(args) => args.server.json,
            Command::Actions(args) => args.server.json,
            Command::Policies(args) => args.server.json,
            Command::Consent(args) => args.server.json,
            Command::Suppressions(args) => args.server.json,
            Command::Whereabouts(args) => args.server.json,
            Command::Audit(args) => args.server.json,
            Command::Alerts(args) => args.server.json,
            Command::Doctor(args) => args.json,
            Command::Clients(args) => args.server.json,
            Command::Apply(args) => args.server.json,
            Command::Keys(command) => command.wants_json(),
            Command::Serve(_) | Command::Openapi | Command::Settings => false,
        }
    }

    /// Whether it is the server, which logs as its settings say.
    pub fn is_server(&self) -> bool {
        matches!(self.command, Command::Serve(_))
    }
}

/// Where credentials come from.
#[derive(Args)]
pub struct SettingsArgs {
    /// TOML file with the tables [s3] (accessKeyId, secretAccessKey, sessionToken, region, endpoint, pathStyle, roleArn,
    /// externalId), [sftp] (password, keyFile, keyPassphrase, hostKey, knownHosts, legacyAlgorithms), [kinesis]
    /// (accessKeyId, secretAccessKey, sessionToken, roleArn, externalId, endpoint) and [eventHubs] (sasKeyName, sasKey,
    /// connectionString, endpoint); what it lacks comes from the environment
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
    // Exports compute on threads of their own; these only wait. A server's also answer requests.
    let threads = if cli.is_server() { crate::environment::cores().max(2) } else { 2 };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
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
        Command::Serve(args) => serve::run(&args, &runtime),
        Command::Token(args) => token::run(&args, &runtime),
        Command::LoginLink(args) => login_link::run(&args, &runtime),
        Command::Datasets(args) => datasets::run(&args, &runtime),
        Command::Segments(args) => segments::run(&args, &runtime),
        Command::Catalog(args) => catalog::run(&args, &runtime),
        Command::Accounts(args) => accounts::run(&args, &runtime),
        Command::Destinations(args) => destinations::run(&args, &runtime),
        Command::Flows(args) => flows::run(&args, &runtime),
        Command::Runs(args) => runs::run(&args, &runtime),
        Command::Schedules(args) => schedules::run(&args, &runtime),
        Command::Labels(args) => labels::run(&args, &runtime),
        Command::Actions(args) => actions::run(&args, &runtime),
        Command::Policies(args) => policies::run(&args, &runtime),
        Command::Consent(args) => consent::run(&args, &runtime),
        Command::Suppressions(args) => suppressions::run(&args, &runtime),
        Command::Whereabouts(args) => whereabouts::run(&args, &runtime),
        Command::Audit(args) => audit::run(&args, &runtime),
        Command::Alerts(args) => alerts::run(&args, &runtime),
        Command::Doctor(args) => doctor::run(&args, &runtime),
        Command::Clients(args) => clients::run(&args, &runtime),
        Command::Apply(args) => apply::run(&args, &runtime),
        Command::Keys(command) => keys::run(&command, &runtime),
        Command::Openapi => openapi::run(),
        Command::Settings => openapi::settings(),
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
