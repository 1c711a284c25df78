//! Sending a request: its messages are transfers, written as the hub's credit allows, without waiting for each other.

use std::sync::Arc;

use outflow_connector_kit::{Fault, FaultClass, Message, Outcome};
use tokio::time::timeout;

use super::connection::{Connection, Shared};
use super::errors;
use super::message::{encoded_bytes, transfer};
use super::outlet::{Ended, Out};

/// Forgets a request when whoever sends it is done or gone.
struct Ticket<'s> {
    shared: &'s Shared,
    request: u64,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.shared.state().finish(self.request);
    }
}

impl Connection {
    /// Sends `messages`, and answers what became of each. `message_bytes_max` is the largest that the hub takes, in bytes.
    pub(super) async fn send(&self, messages: &[Message], message_bytes_max: usize) -> Vec<Outcome> {
        let shared = &*self.shared;
        let (request, done) = shared.state().begin(messages.len());
        let ticket = Ticket { shared, request };
        let (wait, mut from) = (shared.patience.request, 0);
        // Each step of the queue hands over what it has reserved before it waits again: it may be ended anywhere.
        let queued = timeout(wait, self.queue(messages, request, message_bytes_max, &mut from)).await;
        let late = || errors::late("the hub did not take the whole request", "send to", &shared.place, wait);
        if let Err(fault) = queued.unwrap_or_else(|_| Err(late())) {
            let outcome = Outcome::of_target(Arc::new(fault));
            let mut state = shared.state();
            (from..messages.len()).for_each(|index| state.set(request, index, &outcome));
        }
        let settle = shared.patience.settle;
        if timeout(settle, done).await.is_err() {
            self.tire();
        }
        let outcomes = shared.state().finish(request);
        drop(ticket);
        let unanswered = Arc::new(errors::unanswered(&shared.place, settle));
        outcomes.into_iter().map(|known| known.unwrap_or_else(|| Outcome::Unknown(Arc::clone(&unanswered)))).collect()
    }

    /// Hands everything over. `from` says from which message on nothing was.
    async fn queue(
        &self,
        messages: &[Message],
        request: u64,
        message_bytes_max: usize,
        from: &mut usize,
    ) -> Result<(), Fault> {
        let shared = &*self.shared;
        let _turn = shared.order.lock().await;
        while *from < messages.len() {
            let bytes = encoded_bytes(&messages[*from]);
            if bytes > message_bytes_max {
                let fault = too_large(bytes, message_bytes_max, &shared.place.hub);
                shared.state().set(request, *from, &Outcome::NotAccepted(Arc::new(fault)));
                *from += 1;
                continue;
            }
            let rest = &messages[*from..];
            let fits = rest.iter().take_while(|message| encoded_bytes(message) <= message_bytes_max).count();
            *from += self.queue_some(&rest[..fits], request, *from).await?;
        }
        Ok(())
    }

    /// Hands over as many messages as the hub takes now, at least one.
    async fn queue_some(&self, messages: &[Message], request: u64, index: usize) -> Result<usize, Fault> {
        let shared = &*self.shared;
        let wait = shared.patience.credit;
        let late = || {
            self.tire();
            errors::late("the hub took no further message", "send to", &shared.place, wait)
        };
        // A place with the writing task first: what is reserved is then handed over without a wait between.
        let place = match timeout(wait, shared.out.reserve()).await {
            Ok(Ok(place)) => place,
            Ok(Err(_)) => return Err(shared.reason()),
            Err(_) => return Err(late()),
        };
        let reserved = shared.wait_for(wait, |state| {
            let reserved = state.reserve(request, index, messages)?;
            Some((reserved, state.frame_bytes_max(), state.hub()?))
        });
        let (reserved, frame_bytes_max, handle) =
            reserved.await.map_err(|gone| errors::again(&gone))?.ok_or_else(late)?;
        let sent = &messages[..reserved.count];
        let mut bytes = Vec::with_capacity(sent.iter().map(|message| encoded_bytes(message) + 64).sum());
        for (offset, message) in sent.iter().enumerate() {
            let delivery = reserved.first_delivery.wrapping_add(offset as u32);
            transfer(message, handle, delivery, frame_bytes_max, &mut bytes);
        }
        let out = Out { bytes, run: Some(reserved.run), last: false, place };
        shared.out.send(out).map_err(|Ended| shared.reason())?;
        Ok(reserved.count)
    }
}

fn too_large(bytes: usize, bytes_max: usize, hub: &str) -> Fault {
    Fault::new(FaultClass::Refused, format!("the message has {bytes} bytes, and the hub {hub} takes {bytes_max}"))
        .hint("Map fewer or shorter attributes.")
}
