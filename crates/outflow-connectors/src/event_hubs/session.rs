//! A session: the connection that messages go through, opened anew when it is gone.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use outflow_connector_kit::{Fault, Message, Outcome, StreamLimits, StreamSession, all};

use super::connection::Connection;
use super::dial::Dialer;
use super::message::encoded_bytes;

/// What a hub takes that does not say: the service's limit for an event, in bytes.
const MESSAGE_BYTES_DEFAULT: u64 = 1024 * 1024;

/// No message is larger, in bytes, whatever the hub takes: what a request holds is bounded by it.
const MESSAGE_BYTES_MAX: u64 = 20 * 1024 * 1024;

/// Bytes of a request, unless one message is larger. Requests are copied into frames: little is held twice.
const REQUEST_BYTES: usize = 1024 * 1024;

/// Messages of a request: some times what a hub gives credit for, which is 300.
const REQUEST_MESSAGES_MAX: usize = 1000;

/// Requests on their way at once: one is written while another's answers come, and two wait.
const REQUESTS_MAX: usize = 4;

/// See the module.
pub(super) struct HubSession {
    dialer: Dialer,
    url: String,
    seat: tokio::sync::Mutex<Option<Arc<Connection>>>,
    message_bytes_max: Mutex<usize>,
}

impl HubSession {
    /// Connects.
    ///
    /// # Errors
    /// What keeps it from that.
    pub(super) async fn open(dialer: Dialer, url: String) -> Result<HubSession, Fault> {
        let session = HubSession { dialer, url, seat: Default::default(), message_bytes_max: Mutex::new(0) };
        session.current().await?;
        Ok(session)
    }

    /// The connection, signed in and not known to be gone.
    async fn current(&self) -> Result<Arc<Connection>, Fault> {
        let mut seat = self.seat.lock().await;
        if let Some(connection) = seat.as_ref().filter(|connection| !connection.is_gone()) {
            if !self.dialer.is_due(connection) {
                return Ok(Arc::clone(connection));
            }
            match self.dialer.sign_in(connection).await {
                Ok(()) => return Ok(Arc::clone(connection)),
                // A connection that was cut meanwhile is opened anew; a refusal is told.
                Err(_) if connection.is_gone() => {}
                Err(fault) => {
                    *seat = None;
                    return Err(fault);
                }
            }
        }
        *seat = None;
        let (connection, message_bytes_max) = self.dialer.connect().await?;
        let bytes = if message_bytes_max == 0 { MESSAGE_BYTES_DEFAULT } else { message_bytes_max };
        *self.message_bytes_max.lock().unwrap_or_else(PoisonError::into_inner) = bytes.min(MESSAGE_BYTES_MAX) as usize;
        let connection = Arc::new(connection);
        *seat = Some(Arc::clone(&connection));
        Ok(connection)
    }

    fn message_bytes_max(&self) -> usize {
        *self.message_bytes_max.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl StreamSession for HubSession {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn limits(&self) -> StreamLimits {
        let message_bytes_max = self.message_bytes_max();
        StreamLimits {
            message_bytes_max,
            request_bytes_max: REQUEST_BYTES.max(message_bytes_max),
            request_messages_max: REQUEST_MESSAGES_MAX,
            requests_max: REQUESTS_MAX,
        }
    }

    fn weight(&self, message: &Message) -> usize {
        encoded_bytes(message)
    }

    async fn send(&self, request: &[Message]) -> Vec<Outcome> {
        if request.is_empty() {
            return Vec::new();
        }
        match self.current().await {
            Ok(connection) => connection.send(request, self.message_bytes_max()).await,
            Err(fault) => all(&Outcome::of_target(Arc::new(fault)), request.len()),
        }
    }

    async fn close(&self) -> Result<(), Fault> {
        if let Some(connection) = self.seat.lock().await.take() {
            connection.close().await;
        }
        Ok(())
    }
}
