//! Opening the store: the URL, the connections, the migrations.
//!
//! SQLite: one connection writes and a few read (WAL mode, so that readers and the writer do not wait for each other).
//! Every commit is on disk before it answers. PostgreSQL: one pool; a session that sits in a transaction for a minute
//! is ended by the server, so that a frozen process does not keep rows locked.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use outflow_connector_kit::Clock;
use outflow_model::Fault;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, ConnectOptions as _, Connection as _};
use tokio::sync::{Notify, Semaphore};

use crate::dialect::Dialect;
use crate::documents::Cache;
use crate::error::StoreError;
use crate::journal::JournalThread;
use crate::migrations::migrator;
use crate::seal::KeyRing;
use crate::sql;

/// Fills a slice with random bytes fit for keys.
pub type Random = Arc<dyn Fn(&mut [u8]) -> Result<(), Fault> + Send + Sync>;

/// Longest wait for a connection, and for the lock of SQLite's file. Transactions take milliseconds.
const WAIT: Duration = Duration::from_secs(10);

/// Connections that read an SQLite file at the same time; more only compete for its page cache.
const SQLITE_READERS: u32 = 4;

/// Connections to PostgreSQL of one server: its workers, the scheduler and a burst of requests.
const POSTGRES_CONNECTIONS: u32 = 16;

/// Passwords hashed at the same time. Each takes 19 MiB and a core for some milliseconds.
const HASHES_AT_ONCE: usize = 2;

/// Passwords that wait to be hashed or are: about two seconds of work. Anybody may send one, so more are turned away.
const HASHES_WAITING_MAX: usize = 64;

/// Documents that a list or a count looks at where filters decide, unless options say otherwise. A page then ends early
/// and says where to go on, so that no request takes longer than this many documents do: about a second unparsed.
const DOCUMENTS_LOOKED_AT_MAX: usize = 20_000;

/// Where the database is. Its texts leave the password out.
#[derive(Clone)]
pub struct DatabaseUrl {
    options: AnyConnectOptions,
    dialect: Dialect,
    file: Option<PathBuf>,
}

impl DatabaseUrl {
    /// `sqlite:///PATH` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
    ///
    /// # Errors
    /// `Database` when it is neither.
    pub fn parse(url: &str) -> Result<DatabaseUrl, StoreError> {
        let unusable = |what: &str| StoreError::Database(format!("the database URL is not usable: {what}"));
        let options =
            AnyConnectOptions::from_str(url).map_err(|_| unusable("it is not a URL"))?.disable_statement_logging();
        match options.database_url.scheme() {
            "postgres" | "postgresql" => Ok(DatabaseUrl { options, dialect: Dialect::Postgres, file: None }),
            "sqlite" => {
                let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
                let path = percent_decoded(path.split('?').next().unwrap_or_default());
                let path =
                    path.filter(|p| p.starts_with('/')).ok_or_else(|| unusable("sqlite:/// needs an absolute path"))?;
                DatabaseUrl::sqlite_file(Path::new(&path))
            }
            _ => Err(unusable("it begins with neither sqlite: nor postgres:")),
        }
    }

    /// The SQLite file at an absolute path. A store that is opened on it makes it where it is missing, readable by its owner
    /// alone; [`Store::inspect`] does not.
    ///
    /// # Errors
    /// `Database` when the path is not absolute or not UTF-8.
    pub fn sqlite_file(path: &Path) -> Result<DatabaseUrl, StoreError> {
        let text = path.to_str().filter(|_| path.is_absolute());
        let text =
            text.ok_or_else(|| StoreError::Database("the database file needs an absolute path in UTF-8".to_owned()))?;
        let options = AnyConnectOptions::from_str(&format!("sqlite://{}?mode=rw", percent_encoded(text)))?;
        let options = options.disable_statement_logging();
        Ok(DatabaseUrl { options, dialect: Dialect::Sqlite, file: Some(path.to_owned()) })
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "sqlite://{}", file.display()),
            None => {
                let mut url = self.options.database_url.clone();
                // Neither can fail for a URL with a host; one without has no password.
                let _ = url.set_password(None);
                url.set_query(None);
                f.write_str(url.as_str())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a store needs from outside.
#[derive(Clone)]
pub struct StoreOptions {
    /// The database.
    pub url: DatabaseUrl,
    /// What secrets are sealed with.
    pub keys: KeyRing,
    /// The time. Servers that share a database need clocks that agree to a fraction of a lease.
    pub clock: Clock,
    /// Random bytes for ids, keys and tokens.
    pub random: Random,
    /// Most connections to PostgreSQL.
    pub connections_max: u32,
    /// Most documents that a list or a count looks at where filters decide.
    pub documents_looked_at_max: usize,
}

impl StoreOptions {
    /// Options with the usual number of connections.
    pub fn new(url: DatabaseUrl, keys: KeyRing, clock: Clock, random: Random) -> StoreOptions {
        StoreOptions {
            url,
            keys,
            clock,
            random,
            connections_max: POSTGRES_CONNECTIONS,
            documents_looked_at_max: DOCUMENTS_LOOKED_AT_MAX,
        }
    }
}

/// Connections of a store to its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// All of them.
    pub open: u32,
    /// Those that nobody uses and that are ready for use.
    pub idle: u32,
}

/// The metadata of a server. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    options: StoreOptions,
    readers: AnyPool,
    writers: AnyPool,
    cache: Cache,
    /// The newest time that [`Store::stamp`] gave, in microseconds.
    stamped: AtomicI64,
    wakeup: Arc<Notify>,
    journal: OnceLock<JournalThread>,
    hashing: Semaphore,
    hashes_waiting: Semaphore,
}

impl Store {
    /// Connects, brings the tables up to date and checks that the keys open what is sealed.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be reached; `Database` when it refuses the login, was made by a newer
    /// release or is no database; `Keys` when a key that secrets are sealed with is missing or another.
    pub async fn open(options: StoreOptions) -> Result<Store, StoreError> {
        let store = Store::connected(options, true).await?;
        store.check_keys().await?;
        Ok(store)
    }

    /// A store whose tables are brought `up_to_date`, or left as they are.
    pub(crate) async fn connected(options: StoreOptions, up_to_date: bool) -> Result<Store, StoreError> {
        sqlx::any::install_default_drivers();
        let (readers, writers) = connect(&options, up_to_date).await?;
        let inner = Inner {
            readers,
            writers,
            cache: Cache::default(),
            stamped: AtomicI64::new(i64::MIN),
            wakeup: Arc::new(Notify::new()),
            journal: OnceLock::new(),
            hashing: Semaphore::new(HASHES_AT_ONCE),
            hashes_waiting: Semaphore::new(HASHES_WAITING_MAX),
            options,
        };
        Ok(Store { inner: Arc::new(inner) })
    }

    /// Closes every connection once it is free. Later calls answer `Unavailable`.
    pub async fn close(&self) {
        self.inner.readers.close().await;
        self.inner.writers.close().await;
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// As of the database.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read().await?.row("SELECT 1", Vec::new()).await.map(drop)
    }

    /// The connections that are open at this moment.
    pub fn connections(&self) -> Connections {
        let Inner { readers, writers, options, .. } = &*self.inner;
        let pools = match options.url.dialect {
            Dialect::Sqlite => vec![readers, writers],
            // One pool serves both.
            Dialect::Postgres => vec![writers],
        };
        Connections {
            open: pools.iter().map(|pool| pool.size()).sum(),
            idle: pools.iter().map(|pool| u32::try_from(pool.num_idle()).unwrap_or(u32::MAX)).sum(),
        }
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        (self.inner.options.clock)()
    }

    /// A new random id: a UUID of version 4.
    ///
    /// # Errors
    /// `Internal` when there are no random bytes.
    pub fn new_id(&self) -> Result<String, StoreError> {
        Ok(uuid::Builder::from_random_bytes(self.random_bytes()?).into_uuid().to_string())
    }

    /// Most documents that a list or a count looks at where filters decide.
    pub fn documents_looked_at_max(&self) -> usize {
        self.inner.options.documents_looked_at_max
    }

    /// Where the database is, without the password.
    pub fn url(&self) -> &DatabaseUrl {
        &self.inner.options.url
    }

    /// The time of a row that is made now: later than that of every row that this process made before, by a microsecond
    /// at least, so that rows have an order.
    pub(crate) fn stamp(&self) -> DateTime<Utc> {
        let now = self.now();
        let micros = now.timestamp_micros();
        let later = |last: i64| Some(micros.max(last.saturating_add(1)));
        match self.inner.stamped.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later) {
            Ok(last) => DateTime::from_timestamp_micros(micros.max(last.saturating_add(1))).unwrap_or(now),
            Err(_) => now,
        }
    }

    pub(crate) fn random_bytes<const N: usize>(&self) -> Result<[u8; N], StoreError> {
        let mut bytes = [0; N];
        (self.inner.options.random)(&mut bytes).map_err(|fault| StoreError::internal(fault.message))?;
        Ok(bytes)
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.inner.options.url.dialect
    }

    pub(crate) fn readers(&self) -> &AnyPool {
        &self.inner.readers
    }

    pub(crate) fn writers(&self) -> &AnyPool {
        &self.inner.writers
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.inner.cache
    }

    pub(crate) fn keys(&self) -> &KeyRing {
        &self.inner.options.keys
    }

    pub(crate) fn random(&self) -> &Random {
        &self.inner.options.random
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.inner.options.clock
    }

    pub(crate) fn hashing(&self) -> &Semaphore {
        &self.inner.hashing
    }

    pub(crate) fn hashes_waiting(&self) -> &Semaphore {
        &self.inner.hashes_waiting
    }

    pub(crate) fn journal_thread(&self) -> &OnceLock<JournalThread> {
        &self.inner.journal
    }

    pub(crate) fn notify(&self) -> &Arc<Notify> {
        &self.inner.wakeup
    }
}

/// The pools of readers and writers, which PostgreSQL does not tell apart, on tables that are brought `up_to_date` or left as
/// they are.
async fn connect(options: &StoreOptions, up_to_date: bool) -> Result<(AnyPool, AnyPool), StoreError> {
    let writers = match options.url.dialect {
        Dialect::Sqlite => 1,
        Dialect::Postgres => options.connections_max.max(2),
    };
    let guard = if up_to_date { guard_file(&options.url).await? } else { None };
    let writers = pool(&options.url, writers).await?;
    if up_to_date {
        migrator(options.url.dialect)
            .run(&writers)
            .await
            .map_err(|e| StoreError::from(sqlx::Error::Migrate(Box::new(e))))?;
    }
    drop(guard);
    let readers = match options.url.dialect {
        Dialect::Sqlite => pool(&options.url, SQLITE_READERS).await?,
        Dialect::Postgres => writers.clone(),
    };
    Ok((readers, writers))
}

/// Connections to `url`, each prepared as its engine needs it.
pub(crate) async fn pool(url: &DatabaseUrl, connections_max: u32) -> Result<AnyPool, StoreError> {
    let wait_ms = WAIT.as_millis();
    let prepare = match url.dialect {
        Dialect::Sqlite => format!(
            "PRAGMA busy_timeout = {wait_ms}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA foreign_keys = ON;"
        ),
        Dialect::Postgres => format!(
            "SET lock_timeout = {wait_ms}; SET statement_timeout = 30000; \
             SET idle_in_transaction_session_timeout = 60000; SET client_min_messages = warning;"
        ),
    };
    // A pool tries again until its time is over, and then says no more than that. What is wrong is told by one
    // connection.
    let mut first = sqlx::AnyConnection::connect_with(&url.options).await?;
    sql::script(&mut first, prepare.clone()).await?;
    first.close().await?;
    let options = AnyPoolOptions::new().max_connections(connections_max).acquire_timeout(WAIT);
    let options = match url.dialect {
        Dialect::Sqlite => options.after_release(|connection, _| Box::pin(sql::is_settled(connection))),
        // A connection that has gone silent is found out and closed before it is used, and before it is put back: the
        // pool's own tests would wait for it until the system gives it up, a quarter of an hour later.
        Dialect::Postgres => options
            .test_before_acquire(false)
            .before_acquire(|connection, _| Box::pin(sql::is_alive(connection)))
            .after_release(|connection, _| Box::pin(sql::is_alive(connection))),
    };
    let options = options.after_connect(move |connection, _| {
        let prepare = prepare.clone();
        Box::pin(async move { sql::script(connection, prepare).await })
    });
    Ok(options.connect_with(url.options.clone()).await?)
}

/// Makes the SQLite file, and lets one process at a time make its tables. PostgreSQL has a lock of its own for that.
async fn guard_file(url: &DatabaseUrl) -> Result<Option<std::fs::File>, StoreError> {
    let Some(file) = url.file.clone() else { return Ok(None) };
    let locked = tokio::task::spawn_blocking(move || {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut options = std::fs::OpenOptions::new();
        options.create(true).truncate(false).write(true).mode(0o600);
        options.open(&file)?;
        let mut name = file.into_os_string();
        name.push(".lock");
        let lock = options.open(PathBuf::from(name))?;
        lock.lock()?;
        Ok::<_, std::io::Error>(lock)
    });
    let locked = locked.await.map_err(|_| StoreError::internal("a thread died"))?;
    let lock =
        locked.map_err(|e| StoreError::Database(format!("the database file {url} cannot be opened: {}", e.kind())))?;
    Ok(Some(lock))
}

fn percent_encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_show_no_password() {
        let url = DatabaseUrl::parse("postgres://me:hush@db.example:5432/outflow?password=hush").unwrap();
        assert_eq!(format!("{url} {url:?}").matches("hush").count(), 0);
        assert_eq!(url.to_string(), "postgres://me@db.example:5432/outflow");
    }

    #[tokio::test]
    async fn a_transaction_that_the_database_ended_by_itself_is_in_nobodys_way() {
        let folder = outflow_testkit::temp_dir();
        let url = DatabaseUrl::sqlite_file(&folder.path().join("outflow.db")).unwrap();
        let keys = KeyRing::parse("first AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
        let clock = Arc::new(outflow_testkit::clock::fixed_now);
        let store = Store::open(StoreOptions::new(url, keys, clock, Arc::new(|_| Ok(())))).await.unwrap();
        for _ in 0..3 {
            let mut tx = store.begin().await.unwrap();
            tx.execute("CREATE TABLE once (n INTEGER PRIMARY KEY)", Vec::new()).await.unwrap();
            tx.execute("INSERT INTO once VALUES (1)", Vec::new()).await.unwrap();
            // As a full disk does.
            tx.execute("INSERT OR ROLLBACK INTO once VALUES (1)", Vec::new()).await.unwrap_err();
        }
        store.begin().await.unwrap().commit().await.unwrap();
    }

    #[test]
    fn urls_of_other_databases_are_refused() {
        for url in ["mysql://h/d", "sqlite://relative.db", "sqlite::memory:", "nonsense", ""] {
            assert!(matches!(DatabaseUrl::parse(url), Err(StoreError::Database(_))), "{url}");
        }
    }

    #[test]
    fn paths_survive_being_urls() {
        let path = Path::new("/tmp/a b/ü?#%.db");
        let url = DatabaseUrl::sqlite_file(path).unwrap();
        assert_eq!(url.file.as_deref(), Some(path));
        let encoded = percent_encoded("/tmp/a b/ü?#%.db");
        assert_eq!(DatabaseUrl::parse(&format!("sqlite://{encoded}")).unwrap().file.as_deref(), Some(path));
    }
}
