//! A folder on an SFTP server.
//!
//! **Guarantee**: exactly once. A part is written as `NAME.<attempt>.part` beside its final name, flushed to disk where
//! the server offers `fsync@openssh.com`, closed, and its size read back. Then it gets its name in one step: a plain
//! rename for names that must be new, which OpenSSH refuses when the name exists, and `posix-rename@openssh.com` for
//! static names, which replaces. When the connection is cut the session connects once more to remove what it began; if
//! that fails too, the journal entry stays for the next attempt's sweep.
//!
//! **The server's key** must be given. There is no way to switch the check off; a server without a given key is refused
//! with the key to approve, a changed key is refused with both fingerprints.
//!
//! **Limits**
//! - One connection per session, at most four open files on it: servers commonly allow 10 to 15 connections and 100
//!   handles, and other clients want some too.
//! - 64 writes of 32 KiB on their way per file (2 MiB), less when the session's buffer limit says so: enough for
//!   40 MB/s at 50 ms round trip.
//! - Connecting takes at most 10 seconds a try and 45 seconds in all; a server that falls silent is given up after at
//!   most 60 seconds.
//! - A server without `posix-rename` replaces a static name by putting the old file aside first: for a moment there is no
//!   file. Should the new one not get the name, the old one has it back.
//! - A server without any rename gets the content under its final name in a second transfer, followed by an empty
//!   `NAME.done`: readers must wait for that marker. The probe says so.
//! - Some servers' plain rename overwrites. There, two runs that publish other bytes under the same new name in the same
//!   instant can overwrite each other; names that were there before are always seen and refused.
//! - Server certificates (`@cert-authority`) and keys on hardware tokens are not supported.

mod auth;
mod catalog;
mod config;
mod connection;
mod download;
mod fault;
mod host_key;
mod lookup;
mod private_key;
mod probe;
mod publish;
mod replace;
mod session;
mod stage;
mod sweep;
mod upload;

use async_trait::async_trait;
use outflow_connector_kit::catalog::CatalogEntry;
use outflow_connector_kit::{ConnectorKind, FieldProblem, Guarantee, ProbeReport, Session, SessionContext};
use outflow_model::Fault;

pub use config::{SftpAccount, SftpTarget};

/// How to set it up, in Markdown.
pub const GUIDE: &str = include_str!("guide.md");
/// The catalog card's drawing.
pub const ICON_SVG: &str = include_str!("icon.svg");

/// The `sftp` kind of destination.
pub struct Sftp;

#[async_trait]
impl ConnectorKind for Sftp {
    type Account = SftpAccount;
    type Target = SftpTarget;

    fn id(&self) -> &'static str {
        "sftp"
    }

    fn title(&self) -> &'static str {
        "SFTP"
    }

    fn guarantee(&self) -> Guarantee {
        Guarantee::ExactlyOnce
    }

    fn catalog(&self) -> &'static CatalogEntry {
        &catalog::ENTRY
    }

    fn url(&self, account: &SftpAccount, target: &SftpTarget) -> String {
        account.url(target.folder())
    }

    fn check(&self, account: &SftpAccount, target: &SftpTarget) -> Vec<FieldProblem> {
        config::check(account, target)
    }

    fn check_account(&self, account: &SftpAccount) -> Vec<FieldProblem> {
        config::check_account(account)
    }

    fn check_target(&self, target: &SftpTarget) -> Vec<FieldProblem> {
        config::check_target(target)
    }

    async fn probe_account(&self, account: &SftpAccount, context: &SessionContext, report: &mut ProbeReport) {
        probe::probe_account(account, context, report).await;
    }

    async fn probe(
        &self,
        account: &SftpAccount,
        target: &SftpTarget,
        context: &SessionContext,
        report: &mut ProbeReport,
    ) {
        probe::probe(account, target, context, report).await;
    }

    async fn open(
        &self,
        account: &SftpAccount,
        target: &SftpTarget,
        context: SessionContext,
    ) -> Result<Box<dyn Session>, Fault> {
        Ok(Box::new(session::open(account, target, context).await?))
    }
}
