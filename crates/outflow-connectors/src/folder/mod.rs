//! A folder on this machine or on a mounted file system.
//!
//! **Guarantee**: exactly once. A part is written as `NAME.<attempt>.part` beside its final name, flushed to disk and
//! then given its name in one step: a link for names that must be new (an existing file is never overwritten, however
//! two writers race), a rename for static names. The folder is flushed too, so a power cut undoes nothing that was
//! reported.
//!
//! **Limits**: where the file system has no hard links (exFAT, some network mounts), a name that must be new is checked
//! and then renamed to, so two writers at the same instant could overwrite each other. Names of a listing that are not
//! UTF-8 are left out. Free space is not asked for: a full disk is reported when it happens.

mod catalog;
mod config;
mod fault;
mod lookup;
mod probe;
mod publish;
mod session;
mod stage;
mod sweep;

use async_trait::async_trait;
use outflow_connector_kit::catalog::CatalogEntry;
use outflow_connector_kit::{ConnectorKind, FieldProblem, Guarantee, ProbeReport, Session, SessionContext};
use outflow_model::Fault;

pub use config::{FolderAccount, FolderTarget};

/// How to set it up, in Markdown.
pub const GUIDE: &str = include_str!("guide.md");
/// The catalog card's drawing.
pub const ICON_SVG: &str = include_str!("icon.svg");

/// The `file` kind of destination.
pub struct Folder;

#[async_trait]
impl ConnectorKind for Folder {
    type Account = FolderAccount;
    type Target = FolderTarget;

    fn id(&self) -> &'static str {
        "file"
    }

    fn title(&self) -> &'static str {
        "Local folder"
    }

    fn guarantee(&self) -> Guarantee {
        Guarantee::ExactlyOnce
    }

    fn catalog(&self) -> &'static CatalogEntry {
        &catalog::ENTRY
    }

    fn url(&self, _account: &FolderAccount, target: &FolderTarget) -> String {
        format!("file://{}", target.path)
    }

    fn check(&self, _account: &FolderAccount, target: &FolderTarget) -> Vec<FieldProblem> {
        config::check(target)
    }

    fn check_account(&self, _account: &FolderAccount) -> Vec<FieldProblem> {
        Vec::new()
    }

    fn check_target(&self, target: &FolderTarget) -> Vec<FieldProblem> {
        config::check(target)
    }

    async fn probe_account(&self, _account: &FolderAccount, _context: &SessionContext, report: &mut ProbeReport) {
        report.passed("Check the settings", "a folder needs no account");
    }

    async fn probe(
        &self,
        _account: &FolderAccount,
        target: &FolderTarget,
        context: &SessionContext,
        report: &mut ProbeReport,
    ) {
        probe::probe(target, context, report).await;
    }

    async fn open(
        &self,
        _account: &FolderAccount,
        target: &FolderTarget,
        context: SessionContext,
    ) -> Result<Box<dyn Session>, Fault> {
        Ok(Box::new(session::open(target, context).await?))
    }
}
