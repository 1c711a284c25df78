//! Amazon S3, and stores that offer its interface.
//!
//! **Guarantee.** An object is visible once and whole, or not at all. Content of up to one part is held and sent by a
//! single PutObject when it is published; longer content goes up as a multipart upload, which only its completion makes
//! visible. A name that must be new is written with `If-None-Match: *`. Stores that ignore or refuse the condition are
//! looked at before and after, which two writers at the same instant can defeat. An upload is journalled before its
//! first part is sent, and given up on any failure.
//!
//! **Verified** means that every part's CRC-32, or where the store does not echo it its MD5, came back as sent, and that
//! the object's length was read back. Where the store gives neither, the object is read back and hashed.
//!
//! **Limits.**
//!
//! | what | limit | why |
//! |---|---|---|
//! | object | 5 TiB | S3 |
//! | parts of an upload | 10,000, each of 8 MiB or more | S3; 5 MiB is S3's least |
//! | an object, by the session's buffers | 10,000 parts of 2/5 of the buffers: 156 GiB with 40 MiB | two parts must fit |
//! | parts in flight | 4 per object | fewer with small buffers: 3 of 8 MiB with 40 MiB |
//! | held small objects | 16 MiB per session, a fifth of the buffers at most | memory |
//! | key | 1024 bytes | S3 |
//! | a file's own name | 241 bytes | 255 with a temporary suffix, the same for every kind of destination |
//! | names of a listing | 100,000 | memory |
//! | connecting | 10 s | a host that drops packets |
//! | a request on which nothing moves | 60 s | a cut that nobody reported |
//!
//! Proxies named in the environment are not used, redirects are not followed, and nothing but the session's
//! [`RetryPolicy`](outflow_connector_kit::RetryPolicy) sends a request again.

mod account_probe;
mod address;
mod catalog;
mod client;
mod config;
mod errors;
mod learned;
mod locate;
mod multipart;
mod object;
mod probe;
mod publish;
mod reader;
mod session;
mod stage;
mod sweep;
mod upload;
mod xml;

use async_trait::async_trait;
use outflow_connector_kit::catalog::CatalogEntry;
use outflow_connector_kit::{ConnectorKind, Fault, FieldProblem, Guarantee, ProbeReport, Session, SessionContext};

pub use config::{Account, Target};

/// How to set up bucket and rights, in Markdown, for the console and the reference.
pub const GUIDE: &str = include_str!("guide.md");

/// The picture on the catalog card.
pub const ICON_SVG: &str = include_str!("icon.svg");

/// The connector.
#[derive(Clone, Copy, Debug, Default)]
pub struct S3;

#[async_trait]
impl ConnectorKind for S3 {
    type Account = Account;
    type Target = Target;

    fn id(&self) -> &'static str {
        "s3"
    }

    fn title(&self) -> &'static str {
        "Amazon S3"
    }

    fn guarantee(&self) -> Guarantee {
        Guarantee::ExactlyOnce
    }

    fn catalog(&self) -> &'static CatalogEntry {
        &catalog::ENTRY
    }

    fn url(&self, _account: &Account, target: &Target) -> String {
        let bucket = &target.bucket_name;
        match target.prefix() {
            "" => format!("s3://{bucket}"),
            prefix => format!("s3://{bucket}/{prefix}"),
        }
    }

    fn check(&self, account: &Account, target: &Target) -> Vec<FieldProblem> {
        config::check(account, target)
    }

    fn check_account(&self, account: &Account) -> Vec<FieldProblem> {
        config::check_account(account)
    }

    fn check_target(&self, target: &Target) -> Vec<FieldProblem> {
        config::check_given_target(target)
    }

    async fn probe_account(&self, account: &Account, context: &SessionContext, report: &mut ProbeReport) {
        account_probe::probe(account, context, report).await;
    }

    async fn probe(&self, account: &Account, target: &Target, context: &SessionContext, report: &mut ProbeReport) {
        probe::probe(account, target, context, report).await;
    }

    async fn open(
        &self,
        account: &Account,
        target: &Target,
        context: SessionContext,
    ) -> Result<Box<dyn Session>, Fault> {
        let mut client = client::Client::new(account, target, &context)?;
        locate::locate(&mut client).await?;
        Ok(Box::new(session::S3Session::new(client, &context)))
    }
}
