//! Sessions of targets that take messages: streams and hubs.
//!
//! A session sends requests and says of each message what the service said. It retries nothing, keeps nothing and
//! reorders nothing: whoever calls it sends again what was not accepted, and waits for the outcome of a key's message before
//! it sends the next one, or gives it up: then it may still arrive, and its content says that it is the older one.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use outflow_model::{Fault, FaultClass};

/// A message, ready to be sent. Its parts are slices of a shared buffer: a clone copies no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What keeps a profile's messages together and in order: its stable id, as UTF-8. Never empty. A service's limit on
    /// the length of keys is the connector's to meet, by a function of the key alone.
    pub key: Bytes,
    /// What a consumer drops repeats by: 32 hexadecimal digits. It stands in the body too.
    pub event_id: Bytes,
    /// One JSON object.
    pub body: Bytes,
}

/// How much a target takes at once. May change while a session is open, as a link is attached anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamLimits {
    /// The largest message, by [`StreamSession::weight`], in bytes.
    pub message_bytes_max: usize,
    /// The weights of a request's messages together, in bytes.
    pub request_bytes_max: usize,
    /// Messages of a request.
    pub request_messages_max: usize,
    /// Requests on their way at once.
    pub requests_max: usize,
}

/// What became of a message.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The service acknowledged this very message.
    Accepted,
    /// The service has not stored it, for this reason. A fault of the class `Refused` or `Input` is about this message and
    /// will be the same the next time; all others are about the request, the target or the moment.
    NotAccepted(Arc<Fault>),
    /// The service has not stored it, nor will it store any other: the target as a whole is denied, and it is the move of
    /// whoever administers it.
    Denied(Arc<Fault>),
    /// The request may have arrived: no answer, a cut connection, a transfer that was not settled. Sending it again may
    /// repeat it, with the same event id.
    Unknown(Arc<Fault>),
}

impl Outcome {
    /// The outcome of a message that was not stored for a reason that is not about this very message.
    pub fn of_target(fault: Arc<Fault>) -> Outcome {
        match fault.class {
            FaultClass::Refused | FaultClass::Input => Outcome::Denied(fault),
            _ => Outcome::NotAccepted(fault),
        }
    }
}

/// An open connection to one stream or hub. Safe to use from several tasks at once.
#[async_trait]
pub trait StreamSession: Send + Sync {
    /// Where the messages go, in the form the target was given, for messages to people.
    fn url(&self) -> String;

    /// How much the target takes at once.
    fn limits(&self) -> StreamLimits;

    /// The bytes that `message` takes of a request's limit, key and framing counted.
    fn weight(&self, message: &Message) -> usize;

    /// Sends one request of at least one message, within [`limits`](Self::limits), and answers one outcome for each
    /// message, in their order. May wait first, so that a shard's rate is kept. A connection that is gone is opened anew
    /// once; what fails then is told. Dropped half-way, the request's outcome is unknown.
    async fn send(&self, request: &[Message]) -> Vec<Outcome>;

    /// Ends the session politely.
    async fn close(&self) -> Result<(), Fault>;
}

/// The same outcome for all of `count` messages.
pub fn all(outcome: &Outcome, count: usize) -> Vec<Outcome> {
    vec![outcome.clone(); count]
}
