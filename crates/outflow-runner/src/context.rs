//! What a runner needs from outside, and what its tasks share.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use outflow_connector_kit::{Clock, Connector};
use outflow_model::{Fault, FaultClass};
use outflow_profiles::source::Storage;
use outflow_store::Store;
use tokio::sync::{Mutex, Notify, Semaphore, SemaphorePermit};

use crate::governance::Known;
use crate::live::Live;
use crate::scheduler::Activations;
use crate::settings::RunnerSettings;

/// Random bits.
pub type Random = Arc<dyn Fn() -> u64 + Send + Sync>;

/// What a runner needs from outside.
#[derive(Clone)]
pub struct RunnerContext {
    /// The metadata.
    pub store: Store,
    /// The data folder: profiles are below `data/SANDBOX`, spilled rows below `spill`.
    pub data_dir: PathBuf,
    /// Every kind of destination.
    pub connectors: Arc<Vec<Box<dyn Connector>>>,
    /// Every place that datasets are read from.
    pub storages: Vec<Arc<dyn Storage>>,
    /// The time.
    pub clock: Clock,
    /// Random bits: for jitter and for the names of attempts.
    pub random: Random,
    /// What the operator set.
    pub settings: RunnerSettings,
}

/// What the tasks of a runner share.
pub(crate) struct Inner {
    pub store: Store,
    pub data_dir: PathBuf,
    pub connectors: Arc<Vec<Box<dyn Connector>>>,
    pub storages: Vec<Arc<dyn Storage>>,
    pub clock: Clock,
    pub random: Random,
    pub settings: RunnerSettings,
    /// This process, as leases name it.
    pub worker: String,
    /// Wakes the scheduler.
    pub signal: Notify,
    /// The jobs that this process carries out.
    pub live: Live,
    /// What flows activate.
    pub activations: Activations,
    /// What governs exports, as far as it was read before.
    pub known: Known,
    /// One comparison of wanted and actual at a time: two would only meet each other's rows.
    pub reconciling: Mutex<()>,
    /// Turns to derive: it computes, and takes a job's memory, so there are as many as workers.
    deriving: Semaphore,
}

impl Inner {
    pub fn new(context: RunnerContext) -> Inner {
        let deriving = Semaphore::new(context.settings.workers.max(1));
        let worker = format!("{:016x}", (context.random)());
        Inner {
            store: context.store,
            data_dir: context.data_dir,
            connectors: context.connectors,
            storages: context.storages,
            clock: context.clock,
            random: context.random,
            settings: context.settings,
            worker,
            signal: Notify::new(),
            live: Live::default(),
            activations: Activations::default(),
            known: Known::new(),
            reconciling: Mutex::new(()),
            deriving,
        }
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Random in 0..1.
    pub fn jitter(&self) -> f64 {
        (self.random)() as f64 / u64::MAX as f64
    }

    /// Waits for a turn to derive.
    ///
    /// # Errors
    /// `Internal` when there are no turns any more.
    pub async fn turn_to_derive(&self) -> Result<SemaphorePermit<'_>, Fault> {
        self.deriving.acquire().await.map_err(|e| Fault::internal("no turn comes").because(e))
    }

    /// A new attempt's name: eight hexadecimal digits.
    pub fn attempt_name(&self) -> String {
        format!("{:08x}", (self.random)() & 0xffff_ffff)
    }

    /// The folder of a sandbox's data. It is made when it is missing.
    ///
    /// # Errors
    /// `Refused` when it cannot be made; `Internal` for a name that would lead out of the data folder.
    pub fn sandbox_folder(&self, sandbox: &str) -> Result<PathBuf, Fault> {
        let sound = !sandbox.is_empty()
            && sandbox != "."
            && sandbox != ".."
            && sandbox.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if !sound {
            return Err(Fault::internal(format!("{sandbox:?} is no name of a sandbox")));
        }
        made(&self.data_dir.join("data").join(sandbox))
    }

    /// Where rows wait that do not fit memory. It is made when it is missing.
    ///
    /// # Errors
    /// `Refused` when it cannot be made.
    pub fn spill_folder(&self) -> Result<PathBuf, Fault> {
        made(&self.data_dir.join("spill"))
    }
}

fn made(folder: &Path) -> Result<PathBuf, Fault> {
    std::fs::create_dir_all(folder).map_err(|e| cannot_make(folder, e))?;
    std::path::absolute(folder).map_err(|e| cannot_make(folder, e))
}

fn cannot_make(folder: &Path, error: std::io::Error) -> Fault {
    Fault::new(FaultClass::Refused, "a folder of the server's data cannot be made")
        .tried(format!("create {}", folder.display()))
        .hint("give the server's user the right to write below its data folder")
        .because(error)
}
