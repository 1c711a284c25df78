//! `outflow keys`: the keys that seal stored secrets, and the secret of `admin`. On the server's own machine and folder,
//! not over the API.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use outflow_model::Fault;
use outflow_store::{KeyRing, Store};
use serde_json::json;
use tokio::runtime::Runtime;

use super::serve::PlaceArgs;
use super::served::{Answer, tell};
use crate::server::folder::DataFolder;
use crate::server::joined::{self, KEYS_VARIABLE};
use crate::{environment, output};

/// Secrets rewrapped in one transaction.
const BATCH: usize = 100;

const EXAMPLES: &str = "Examples:
  outflow keys rotate --data-dir /var/lib/outflow
  outflow keys reset-admin --data-dir /var/lib/outflow

Rotation adds a new key to the key file, makes it the active one, and seals every stored secret's own key with it. The
old key stays in the file; remove its line once no backup that needs it is left. Servers may run meanwhile.

Where OUTFLOW_KEYS holds the keys, restart all servers with the new one behind the others, then with the new one first,
and then run `keys rotate` with that value: it seals every stored secret's own key with the first one.";

/// What to do with keys.
#[derive(Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum KeysCommand {
    /// Seal all stored secrets with a new key
    #[command(after_help = "Examples:\n  outflow keys rotate --data-dir /var/lib/outflow")]
    Rotate(KeysArgs),
    /// Give the client admin a new secret, and leave it in the data folder
    #[command(after_help = "Examples:\n  outflow keys reset-admin --data-dir /var/lib/outflow")]
    ResetAdmin(KeysArgs),
}

/// Options of `outflow keys`.
#[derive(Args)]
pub struct KeysArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Print one JSON object on stdout
    #[arg(long)]
    json: bool,
}

impl KeysCommand {
    fn args(&self) -> &KeysArgs {
        match self {
            KeysCommand::Rotate(args) | KeysCommand::ResetAdmin(args) => args,
        }
    }

    /// Whether it prints one JSON object.
    pub fn wants_json(&self) -> bool {
        self.args().json
    }
}

/// Runs `outflow keys`.
pub fn run(command: &KeysCommand, runtime: &Runtime) -> ExitCode {
    output::keep_names();
    let answer = runtime.block_on(async {
        match command {
            KeysCommand::Rotate(args) => rotate(args).await,
            KeysCommand::ResetAdmin(args) => reset_admin(args).await,
        }
    });
    tell(answer, command.wants_json())
}

/// What is there already.
struct Opened {
    data: DataFolder,
    store: Store,
    /// Whether the keys are not in a file.
    are_of_environment: bool,
}

/// The data folder and its store, which must be there. `add_key` makes a new key where they are in a file.
async fn open(args: &KeysArgs, add_key: bool) -> Result<Opened, Fault> {
    let settings = args.place.layers()?.finish()?;
    if !args.place.data_dir.is_dir() {
        return Err(Fault::input(format!("{} is no data folder", args.place.data_dir.display())).tried("--data-dir"));
    }
    let data = DataFolder::open(&args.place.data_dir)?;
    let variable = environment::secret(KEYS_VARIABLE)?;
    let (keys, are_of_environment) = match joined::given_keys(&settings, variable.as_ref())? {
        Some(keys) => (keys, true),
        None => {
            let file = joined::key_file(&data, &settings);
            if add_key {
                KeyRing::add_to(&file, &joined::random())?;
            }
            (KeyRing::read(&file)?, false)
        }
    };
    let store = joined::store(&data, &settings, keys).await?;
    Ok(Opened { data, store, are_of_environment })
}

async fn rotate(args: &KeysArgs) -> Result<Answer, Fault> {
    let Opened { store, are_of_environment, .. } = open(args, true).await?;
    let mut rewrapped = 0;
    loop {
        let rotated = store.rotate_secrets(BATCH).await?;
        rewrapped += rotated.rewrapped;
        if rotated.left == 0 || rotated.rewrapped == 0 {
            store.close().await;
            let line = match (are_of_environment, rewrapped) {
                (false, _) => format!("{rewrapped} secrets are sealed with a new key"),
                (true, 0) => format!(
                    "all secrets are sealed with the first key of {KEYS_VARIABLE} already; for another one, put \
                     `NAME BASE64` with 32 random bytes and a comma before it, restart the servers with that, and rotate \
                     again"
                ),
                (true, _) => format!("{rewrapped} secrets are sealed with the first key of {KEYS_VARIABLE}"),
            };
            return Ok(Answer::line(json!({"rewrapped": rewrapped, "left": rotated.left}), line));
        }
    }
}

async fn reset_admin(args: &KeysArgs) -> Result<Answer, Fault> {
    let Opened { data, store, .. } = open(args, false).await?;
    let secret = store.reset_secret("admin", "outflow keys").await?;
    joined::write_admin_secret(&data, &secret)?;
    store.close().await;
    let file = data.admin_secret().display().to_string();
    Ok(Answer::line(json!({"file": file}), format!("the new secret of admin is in {file}")))
}
