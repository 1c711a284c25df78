//! Reading, writing, and writing under a lease.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, Transaction};

use crate::connect::Store;
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::governance::GovernanceRow;
use crate::jobs::Lease;
use crate::sql::{self, Arg};

/// Reads. What it reads later may be newer than what it read before; inside a [`Tx`] its own writes are seen.
pub struct Reader {
    pub(crate) store: Store,
    held: Held,
    /// Whether this transaction has written. What it reads then may never be committed and is not cached.
    pub(crate) has_written: bool,
}

enum Held {
    Connection(PoolConnection<Any>),
    Transaction(Transaction<'static, Any>),
}

/// Reads and writes, all or nothing. Dropping it undoes what it wrote. After an error it can only be dropped.
pub struct Tx {
    reader: Reader,
    /// Whether a worker has something to do once this is committed.
    pub(crate) has_work: bool,
    /// Who it is that writes, where somebody said so.
    pub(crate) actor: Option<String>,
    /// The governance rows that it has locked, as it has left them, by sandbox.
    pub(crate) heads: BTreeMap<String, GovernanceRow>,
}

/// A [`Tx`] of the worker that holds a job's lease. The job's row is locked, so the lease cannot end before this does.
pub struct FencedTx {
    tx: Tx,
    lease: Lease,
}

impl Store {
    /// A connection for reading.
    ///
    /// # Errors
    /// `Unavailable` when none becomes free in time.
    pub async fn read(&self) -> Result<Reader, StoreError> {
        let connection = self.readers().acquire().await?;
        Ok(Reader { store: self.clone(), held: Held::Connection(connection), has_written: false })
    }

    /// Begins a transaction. With SQLite the others that want to write wait until it ends, so nothing slow belongs in
    /// it.
    ///
    /// # Errors
    /// `Unavailable` when no connection, or SQLite's lock, becomes free in time.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let transaction = sql::answered(self.writers().begin_with(self.dialect().begin())).await?;
        let reader = Reader { store: self.clone(), held: Held::Transaction(transaction), has_written: false };
        Ok(Tx { reader, has_work: false, actor: None, heads: BTreeMap::new() })
    }

    /// Begins a transaction of the worker that holds `lease`.
    ///
    /// # Errors
    /// `LeaseLost` unless the lease lives under its fence.
    pub async fn begin_fenced(&self, lease: &Lease) -> Result<FencedTx, StoreError> {
        let mut tx = self.begin().await?;
        tx.hold(lease).await?;
        Ok(FencedTx { tx, lease: lease.clone() })
    }

    /// Begins a transaction of the worker that holds `lease`, which will lock the governance of `sandbox`, record
    /// something in its audit log, or change what is recorded there. The governance row is locked before the job's:
    /// whoever changes configuration holds the one when it touches jobs.
    ///
    /// # Errors
    /// `LeaseLost` unless the lease lives under its fence.
    pub async fn begin_fenced_governed(&self, lease: &Lease, sandbox: &str) -> Result<FencedTx, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock_governance(sandbox).await?;
        tx.hold(lease).await?;
        Ok(FencedTx { tx, lease: lease.clone() })
    }
}

impl Reader {
    /// The time, as [`Store::now`].
    pub fn now(&self) -> DateTime<Utc> {
        self.store.now()
    }

    /// A new random id, as [`Store::new_id`].
    ///
    /// # Errors
    /// `Internal` when there are no random bytes.
    pub fn new_id(&self) -> Result<String, StoreError> {
        self.store.new_id()
    }

    /// Random bytes fit for keys.
    ///
    /// # Errors
    /// `Internal` when there are none.
    pub fn random_bytes<const N: usize>(&self) -> Result<[u8; N], StoreError> {
        self.store.random_bytes()
    }

    pub(crate) fn conn(&mut self) -> &mut AnyConnection {
        match &mut self.held {
            Held::Connection(connection) => connection,
            Held::Transaction(transaction) => transaction,
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.store.dialect()
    }

    pub(crate) async fn rows(&mut self, sql: impl Into<String>, args: Vec<Arg>) -> Result<Vec<AnyRow>, StoreError> {
        sql::rows(self.conn(), sql, args).await
    }

    pub(crate) async fn row(&mut self, sql: impl Into<String>, args: Vec<Arg>) -> Result<Option<AnyRow>, StoreError> {
        sql::row(self.conn(), sql, args).await
    }
}

impl Tx {
    /// Makes everything happen, and wakes workers where a job was queued.
    ///
    /// # Errors
    /// As of the database. When the connection broke down it is not known whether it happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        let store = self.reader.store.clone();
        if let Held::Transaction(transaction) = self.reader.held {
            sql::answered(transaction.commit()).await?;
        }
        if self.has_work {
            store.wake_workers();
        }
        Ok(())
    }

    pub(crate) async fn execute(&mut self, sql: impl Into<String>, args: Vec<Arg>) -> Result<u64, StoreError> {
        self.has_written = true;
        sql::execute(self.conn(), sql, args).await
    }

    /// A statement that changes rows and returns them.
    pub(crate) async fn changed(
        &mut self,
        sql: impl Into<String>,
        args: Vec<Arg>,
    ) -> Result<Option<AnyRow>, StoreError> {
        self.has_written = true;
        self.row(sql, args).await
    }
}

impl FencedTx {
    /// The lease that this holds.
    pub fn lease(&self) -> &Lease {
        &self.lease
    }

    /// See [`Tx::commit`].
    ///
    /// # Errors
    /// See there.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.tx.commit().await
    }
}

impl Deref for Tx {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}

impl Deref for FencedTx {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl DerefMut for FencedTx {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.tx
    }
}
