//! Amazon Kinesis data streams.
//!
//! **Guarantee.** At least once. A message counts as delivered when the service has answered for that very record, with a
//! sequence number.
//! Records of a request that the service did not take are told one by one, and are the caller's to send again; nothing is
//! sent twice in here. A request without an answer may have been stored, so that its messages may come twice: with the
//! same event id and the same bytes. Order holds per key as long as the caller sends a key's next message after the
//! answer for the one before.
//!
//! **Partition keys.** A message's key, where it is text of at most 256 characters, and else its SHA-256 in hexadecimal
//! digits. So all messages of a profile are in one shard, in order, until that shard is split or merged.
//!
//! **Pace.** Each shard has a bucket of bytes and one of records, filled at the shard's rate. A shard that throttles is
//! paused for 0.1 s to 5 s, doubling, and gets less from then on, down to a tenth; what it gets grows again by a twentieth
//! of the full pace a second. Without the right to list shards the stream has one bucket. A shard gets no more at once
//! than its buckets hold, and a request waits at most half a second for a shard that is slower than its soonest: records
//! beyond that are told as throttled with the time to come again.
//!
//! **Limits.**
//!
//! | what | limit | why |
//! |---|---|---|
//! | records of a request | 500 | the service |
//! | a record, key and body | 1 MiB, up to 10 MiB by `recordBytesMax` | the service; a stream may be set to take less |
//! | a record over 1 MiB where the stream does not say what it takes | a request of its own | it may be refused |
//! | a request, keys and bodies | 5 MiB, up to 10 MiB by `requestBytesMax` | the service |
//! | a request of few shards | half of what they take in a second, but one message | more would throttle |
//! | a wait within a request | 10 s; what would wait longer is told as throttled | nobody knows what it does |
//! | a shard, by `shardBytesPerSecMax` and `shardRecordsPerSecMax` | 1 MiB and 1000 records in a second | the service |
//! | requests at once | two for each shard, at least 2 and at most 16, as the buffers allow | more would only wait |
//! | shards of a listing | 100 pages of 1000 | memory |
//! | the map of shards | read again after 5 min, or 5 s after it proved wrong | streams are split and merged |
//! | connecting | 10 s | a host that drops packets |
//! | a request on which nothing moves | 60 s | a cut that nobody reported |
//!
//! **What a probe cannot know.** The right to put records is tried with a record whose hash key is above the highest. That
//! the service looks at rights before arguments, and stores nothing, is seen on two emulators (kinesalite refuses the
//! argument, moto denies before it); it is not proven against the service itself. Rights on the key that encrypts a stream
//! show with the first message only.

mod address;
mod catalog;
mod client;
mod config;
mod errors;
mod pace;
mod probe;
mod put;
mod session;
mod shards;
mod stream;

use async_trait::async_trait;
use outflow_connector_kit::catalog::CatalogEntry;
use outflow_connector_kit::{
    ConnectorKind, Fault, FieldProblem, Guarantee, ProbeReport, SessionContext, StreamSession,
};

pub use config::{Account, Target};

/// How to set up stream and rights, in Markdown, for the console and the reference.
pub const GUIDE: &str = include_str!("guide.md");

/// The picture on the catalog card.
pub const ICON_SVG: &str = include_str!("icon.svg");

/// The connector.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kinesis;

#[async_trait]
impl ConnectorKind for Kinesis {
    type Account = Account;
    type Target = Target;

    fn id(&self) -> &'static str {
        "kinesis"
    }

    fn title(&self) -> &'static str {
        "Amazon Kinesis"
    }

    fn guarantee(&self) -> Guarantee {
        Guarantee::AtLeastOnce
    }

    fn catalog(&self) -> &'static CatalogEntry {
        &catalog::ENTRY
    }

    fn url(&self, account: &Account, target: &Target) -> String {
        let region = target.region().map(str::to_owned).or_else(|| account.region()).unwrap_or_default();
        format!("kinesis://{region}/{}", target.stream)
    }

    fn check(&self, account: &Account, target: &Target) -> Vec<FieldProblem> {
        config::check(account, target)
    }

    fn check_account(&self, account: &Account) -> Vec<FieldProblem> {
        config::check_account(account)
    }

    fn check_target(&self, target: &Target) -> Vec<FieldProblem> {
        config::check_target(target)
    }

    async fn probe_account(&self, account: &Account, context: &SessionContext, report: &mut ProbeReport) {
        probe::probe_account(account, context, report).await;
    }

    async fn probe(&self, account: &Account, target: &Target, context: &SessionContext, report: &mut ProbeReport) {
        probe::probe(account, target, context, report).await;
    }

    async fn open_stream(
        &self,
        account: &Account,
        target: &Target,
        context: SessionContext,
    ) -> Result<Box<dyn StreamSession>, Fault> {
        let client = client::Client::new(account, Some(target), &context)?;
        Ok(Box::new(session::open(client, target, &context).await?))
    }
}
