//! Azure Event Hubs, over AMQP 1.0.
//!
//! **Guarantee.** At least once: a message counts as delivered when the hub has accepted this very one. What is rejected or
//! given back was not stored; what was written and not answered may have been, and so may what is rejected because the
//! service timed out or failed within. Nothing is sent twice by the connector.
//!
//! **Events.** Each message is an event of its own, with the profile's id as partition key (`message.rs` says why), the event
//! id as `message-id`, and `application/json` as content type. An id of more than 128 bytes is replaced, as partition
//! key, by its SHA-256 in hexadecimal. The hub's own rule makes one partition of one key, so that a profile's events stay in
//! order.
//!
//! **Speed.** Transfers do not wait for each other: as many are on their way as the hub gives credit for. A message is
//! copied once, into the buffer that is sent.
//!
//! **Limits.**
//!
//! | what | limit | why |
//! |---|---|---|
//! | message | as the hub says (1 MiB), at most 20 MiB | Event Hubs; memory |
//! | request | 1 MiB or 1000 messages, 4 on their way | memory |
//! | partition key | 128 bytes | Event Hubs: 128 characters |
//! | connecting | 10 s, and 10 s to encrypt | a host that drops packets |
//! | an answer while signing in | 15 s | a service that hangs |
//! | a hub that takes nothing | 30 s | then the messages are told as not sent |
//! | a request that a hub takes little by little | 120 s | then the rest is told as not sent |
//! | a message that is not answered | 30 s, or `answerSecs`, 1 to 300 s | then it may have arrived |
//! | answers that the service asks for and does not read | 64 | then the connection ends |
//! | silence of the service | 120 s; it is asked for a sign each 60 s | a cut that nobody reported |
//! | a token | 60 minutes, renewed 10 minutes before its end | |
//!
//! The connection is made directly, to port 5671: no proxy, no WebSocket.

mod amqp;
mod catalog;
mod cbs;
mod config;
mod connection;
mod dial;
mod errors;
mod hubs;
mod message;
mod outlet;
mod probe;
mod sender;
mod session;
mod state;
#[cfg(test)]
mod tests;
mod token;

use async_trait::async_trait;
use outflow_connector_kit::catalog::CatalogEntry;
use outflow_connector_kit::{
    ConnectorKind, Fault, FieldProblem, Guarantee, ProbeReport, SessionContext, StreamSession,
};

pub use config::{Account, Target};

/// How to set up namespace, hub and policy, in Markdown, for the console and the reference.
pub const GUIDE: &str = include_str!("guide.md");

/// The picture on the catalog card.
pub const ICON_SVG: &str = include_str!("icon.svg");

/// The connector.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventHubs;

#[async_trait]
impl ConnectorKind for EventHubs {
    type Account = Account;
    type Target = Target;

    fn id(&self) -> &'static str {
        "eventhubs"
    }

    fn title(&self) -> &'static str {
        "Azure Event Hubs"
    }

    fn guarantee(&self) -> Guarantee {
        Guarantee::AtLeastOnce
    }

    fn catalog(&self) -> &'static CatalogEntry {
        &catalog::ENTRY
    }

    fn url(&self, account: &Account, target: &Target) -> String {
        format!("eventhubs://{}/{}", account.host(), target.event_hub_name)
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
        let dialer = dial::Dialer::new(account, &target.event_hub_name, &context)?;
        Ok(Box::new(session::HubSession::open(dialer, self.url(account, target)).await?))
    }
}
