//! An open SFTP destination: one connection, made again when it is lost.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use outflow_connector_kit::{
    BodyReader, Journal, JournalEntry, ObjectStat, PartBody, PartReader as _, PartRequest, Receipt, RetryPolicy,
    Session, SessionContext, StagedPart, SweepReport,
};
use outflow_model::{Fault, FaultClass};
use russh_sftp::protocol::StatusCode;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

use super::config::{SftpAccount, SftpTarget};
use super::connection::{ANSWER_SECS_MAX, Connection, Identity, Passed, Step};
use super::download::RemoteReader;
use super::host_key::HostKeys;
use super::{fault, lookup, private_key, publish, stage, sweep, upload};
use crate::names;

/// Open files at once: servers allow about a hundred to all their clients.
const HANDLES_MAX: u32 = 4;
/// Connecting takes no longer than this in all, however often it is tried.
const CONNECT_SECS_MAX: u64 = 45;

/// Connects, and checks that the folder is there.
pub(super) async fn open(
    account: &SftpAccount,
    target: &SftpTarget,
    context: SessionContext,
) -> Result<SftpSession, Fault> {
    let session = prepare(account, target, context).await?;
    let connection = session.connection().await?;
    session.require_folder(&connection).await?;
    Ok(session)
}

/// A session that is not connected yet.
pub(super) async fn prepare(
    account: &SftpAccount,
    target: &SftpTarget,
    context: SessionContext,
) -> Result<SftpSession, Fault> {
    let host_keys =
        HostKeys::of(account).map_err(|e| Fault::input(format!("{}: {}", e.field, e.message)).about([e.field]))?;
    let reading = account.clone();
    let private_key = tokio::task::spawn_blocking(move || private_key::of(&reading))
        .await
        .map_err(|e| Fault::internal("the task that reads the private key was lost").because(e))??;
    let identity =
        Identity { account: account.clone(), host_keys: Arc::new(host_keys), private_key: private_key.map(Arc::new) };
    Ok(SftpSession {
        identity,
        target: target.clone(),
        context,
        current: Mutex::new(None),
        handles: Arc::new(Semaphore::new(HANDLES_MAX as usize)),
        cannot_rename: AtomicBool::new(false),
    })
}

/// A [`Session`] on a folder of an SFTP server.
pub(super) struct SftpSession {
    pub identity: Identity,
    pub target: SftpTarget,
    pub context: SessionContext,
    current: Mutex<Option<Arc<Connection>>>,
    handles: Arc<Semaphore>,
    /// Set when the server refused to rename: parts then get their names by a second transfer.
    pub cannot_rename: AtomicBool,
}

impl SftpSession {
    /// The connection, made anew when there is none.
    pub async fn connection(&self) -> Result<Arc<Connection>, Fault> {
        self.connect(self.context.retry).await.map_err(|(_, fault)| fault)
    }

    /// As [`SftpSession::connection`], with the step that failed.
    pub async fn connect(&self, retry: RetryPolicy) -> Result<Arc<Connection>, (Step, Fault)> {
        self.connect_telling(retry, &mut |_, _| ()).await
    }

    /// The same; `passed` hears of the steps that a new connection takes.
    pub async fn connect_telling(
        &self,
        retry: RetryPolicy,
        passed: Passed<'_>,
    ) -> Result<Arc<Connection>, (Step, Fault)> {
        let mut current = self.current.lock().await;
        if let Some(connection) = current.as_ref().filter(|c| !c.is_closed()) {
            return Ok(connection.clone());
        }
        let connection = Arc::new(self.try_to_connect(retry, passed).await?);
        *current = Some(connection.clone());
        Ok(connection)
    }

    async fn try_to_connect(&self, retry: RetryPolicy, passed: Passed<'_>) -> Result<Connection, (Step, Fault)> {
        let deadline = tokio::time::sleep(Duration::from_secs(CONNECT_SECS_MAX));
        tokio::pin!(deadline);
        let silent = || fault::silent(&self.identity.account.server(), "connect", CONNECT_SECS_MAX);
        let mut last = (Step::Reach, silent());
        for attempt in 1.. {
            let tried = tokio::select! {
                tried = Connection::open(&self.identity, &mut *passed) => tried,
                () = &mut deadline => break,
            };
            last = match tried {
                Ok(connection) => return Ok(connection),
                Err(failed) => failed,
            };
            let Some(wait) = retry.wait(&last.1, attempt, jitter(self.context.seed, attempt)) else { break };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = &mut deadline => break,
            }
        }
        Err(last)
    }

    /// Lets go of a connection that failed, so that the next request makes a new one.
    pub async fn forget(&self, connection: &Arc<Connection>) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|c| Arc::ptr_eq(c, connection)) {
            *current = None;
        }
    }

    /// Does `work`, which may be done twice, and once more on a new connection when the first is lost.
    pub async fn twice<'a, T>(
        &'a self,
        work: impl Fn(Arc<Connection>) -> BoxFuture<'a, Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let connection = self.connection().await?;
        match work(connection.clone()).await {
            Err(fault) if fault.class == FaultClass::Unavailable => {
                self.forget(&connection).await;
                let connection = self.connect(RetryPolicy::none()).await.map_err(|(_, fault)| fault)?;
                work(connection).await
            }
            answer => answer,
        }
    }

    /// Waits for room among the session's open files.
    pub async fn permit(&self, count: u32) -> Result<OwnedSemaphorePermit, Fault> {
        let permit = self.handles.clone().acquire_many_owned(count.min(HANDLES_MAX)).await;
        permit.map_err(|e| Fault::internal("the session's file limit was lost").because(e))
    }

    /// Writes on their way per file, so that all open files together stay within the session's buffer limit.
    pub fn writes_max(&self, connection: &Connection) -> usize {
        let bytes = self.context.buffer_bytes_max / u64::from(HANDLES_MAX) / connection.write_bytes.max(1) as u64;
        usize::try_from(bytes).unwrap_or(usize::MAX).clamp(1, upload::WRITES_MAX)
    }

    /// How journal entries name this target.
    pub fn target(&self) -> String {
        self.identity.account.url(self.target.folder())
    }

    /// Works on the journal where it may block.
    pub async fn journal<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Journal) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let journal = self.context.journal.clone();
        let done = tokio::task::spawn_blocking(move || work(&*journal)).await;
        done.map_err(|e| Fault::internal("the task that writes the journal was lost").because(e))?
    }

    pub async fn begin(&self, entry: &JournalEntry) -> Result<(), Fault> {
        let entry = entry.clone();
        self.journal(move |journal| journal.begin(&entry)).await
    }

    pub async fn end(&self, entry: &JournalEntry) -> Result<(), Fault> {
        let entry = entry.clone();
        self.journal(move |journal| journal.end(&entry)).await
    }

    /// Removes a file; answers whether it was there.
    pub async fn remove(&self, path: &str) -> Result<bool, Fault> {
        self.twice(|connection| {
            let path = path.to_owned();
            Box::pin(async move {
                let removing = connection.sftp.remove(path.as_str());
                match connection.answer(ANSWER_SECS_MAX, removing).await {
                    Ok(_) => Ok(true),
                    Err(error) if fault::is(&error, StatusCode::NoSuchFile) => Ok(false),
                    Err(error) => Err(connection.explain(&error, "remove", &path).await),
                }
            })
        })
        .await
    }

    /// The folder itself must be there; only folders below it are made.
    pub async fn require_folder(&self, connection: &Connection) -> Result<(), Fault> {
        let folder = self.target.folder();
        match connection.answer(ANSWER_SECS_MAX, connection.sftp.stat(folder)).await {
            Ok(found) if found.attrs.permissions.is_some() && !found.attrs.is_dir() => {
                Err(missing_folder(&format!("{folder} is not a folder"), &self.target()))
            }
            Ok(_) => Ok(()),
            Err(error) if fault::is(&error, StatusCode::NoSuchFile) => {
                Err(missing_folder(&format!("the folder {folder} does not exist on the server"), &self.target()))
            }
            Err(error) => Err(connection.explain(&error, "look at", folder).await),
        }
    }
}

fn missing_folder(message: &str, target: &str) -> Fault {
    Fault::new(FaultClass::Config, message)
        .tried(format!("open {target}"))
        .hint("correct remotePath, or have the folder made; where the user is locked into a folder, paths start there")
}

/// A number in 0..1 that differs between sessions and tries (SplitMix64's mixing step).
fn jitter(seed: u64, attempt: u32) -> f64 {
    let mut z = seed.wrapping_add(u64::from(attempt).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

#[async_trait]
impl Session for SftpSession {
    fn url(&self, name: &str) -> String {
        self.identity.account.url(&self.target.path(name))
    }

    fn sink_path(&self, name: &str) -> String {
        self.target.path(name)
    }

    async fn stage(&self, request: PartRequest, body: PartBody) -> Result<StagedPart, Fault> {
        names::check(&request.name)?;
        stage::stage(self, request, body).await
    }

    async fn publish(&self, part: StagedPart) -> Result<Receipt, Fault> {
        publish::publish(self, &part).await
    }

    async fn discard(&self, part: StagedPart) -> Result<(), Fault> {
        stage::remove(self, stage::of(&part)?).await
    }

    async fn sweep(&self, names: &[String]) -> Result<SweepReport, Fault> {
        sweep::sweep(self, names).await
    }

    async fn stat(&self, name: &str) -> Result<Option<ObjectStat>, Fault> {
        let path = self.target.path(name);
        self.twice(|connection| {
            let path = path.clone();
            Box::pin(async move { lookup::stat(&connection, &path).await })
        })
        .await
    }

    async fn read(&self, name: &str) -> Result<BodyReader, Fault> {
        let permit = self.permit(1).await?;
        let connection = self.connection().await?;
        Ok(Box::new(RemoteReader::open(connection, self.target.path(name), 0, permit).await?))
    }

    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Bytes, Fault> {
        let permit = self.permit(1).await?;
        let connection = self.connection().await?;
        let path = self.target.path(name);
        let wanted = usize::try_from(length).map_err(|_| Fault::input("the range is longer than memory"))?;
        let mut reader = RemoteReader::open(connection, path.clone(), offset, permit).await?;
        let mut range = BytesMut::new();
        while range.len() < wanted {
            let Some(piece) = reader.next().await? else {
                return Err(Fault::input("the file ends before the range does")
                    .tried(format!("read {length} bytes from {offset} of {path}")));
            };
            range.extend_from_slice(&piece[..piece.len().min(wanted - range.len())]);
        }
        Ok(range.freeze())
    }

    async fn list(&self, folder: &str) -> Result<Vec<(String, ObjectStat)>, Fault> {
        let _permit = self.permit(1).await?;
        let connection = self.connection().await?;
        lookup::list(&connection, &self.target, folder.trim_end_matches('/')).await
    }

    async fn close(&self) -> Result<(), Fault> {
        if let Some(connection) = self.current.lock().await.take() {
            connection.close().await;
        }
        Ok(())
    }
}
