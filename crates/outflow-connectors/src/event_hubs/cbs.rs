//! Signing in: a token is put to the node `$cbs`, before the hub's link is attached and again before it expires.
//!
//! The two links of the exchange live as long as it does: the service ends idle ones, and an hour lies between two.

use outflow_connector_kit::{Fault, FaultClass};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

use super::amqp::encode::{self, List};
use super::amqp::{Malformed, Reader, Value, performative};
use super::connection::Connection;
use super::errors;
use super::message::transfer_head;
use super::outlet::{Ended, Out};
use super::state::Phase;

const NODE: &str = "$cbs";
const TOKEN_TYPE: &str = "servicebus.windows.net:sastoken";
const VERB: &str = "sign in to";

/// Tires the connection when a sign-in is dropped half-way: its links stay, and an answer may still come.
struct HalfWay<'c>(Option<&'c Connection>);

impl Drop for HalfWay<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.0 {
            connection.tire();
        }
    }
}

impl Connection {
    /// Puts a token for the place's resource. `number` makes the links' names new.
    ///
    /// # Errors
    /// When the service does not take it.
    pub(super) async fn put_token(&self, token: &SecretString, number: u64) -> Result<(), Fault> {
        let mut half_way = HalfWay(Some(self));
        let put = self.put(token, number).await;
        half_way.0 = None;
        put
    }

    async fn put(&self, token: &SecretString, number: u64) -> Result<(), Fault> {
        let (ask, hear) = (format!("outflow-token-{number}"), format!("outflow-token-answer-{number}"));
        let sender = self.attach(&ask, VERB, |handle| performative::attach_sender(&ask, handle, NODE)).await?;
        let receiver =
            self.attach(&hear, VERB, |handle| performative::attach_receiver(&hear, handle, NODE, &hear)).await?;
        let answered = self.exchange(sender, receiver, &hear, token).await;
        self.detach(sender).await;
        self.detach(receiver).await;
        let answer = answered?;
        let shared = &self.shared;
        let (status, description) = read_answer(&answer).map_err(|Malformed(what)| {
            Fault::new(FaultClass::Config, format!("the answer to the sign-in is not as it should be ({what})"))
        })?;
        match status {
            200..=299 => Ok(()),
            _ => Err(errors::token(status, &description, &shared.place)),
        }
    }

    async fn exchange(&self, ask: u32, hear: u32, reply_to: &str, token: &SecretString) -> Result<Vec<u8>, Fault> {
        let shared = &self.shared;
        let grant = shared.state().grant(hear, 1);
        shared.write(grant).await?;
        let request = request(token, &shared.place.resource(), reply_to);
        {
            let _turn = shared.order.lock().await;
            let wait = shared.patience.answer;
            let late = || errors::late("the service took no sign-in", VERB, &shared.place, wait);
            // A place with the writing task first: what is reserved is then handed over without a wait between.
            let place = timeout(wait, shared.out.reserve()).await.map_err(|_| late())?.map_err(|_| shared.reason())?;
            let reserved = shared.wait_for(wait, |state| match &state.link(ask)?.phase {
                Phase::Ended(error) => Some(Err(error.clone())),
                _ => state.reserve_one(ask).map(Ok),
            });
            let delivery = match reserved.await.map_err(|gone| errors::again(&gone))?.ok_or_else(late)? {
                Ok(delivery) => delivery,
                Err(error) => return Err(errors::of(&error, VERB, &shared.place)),
            };
            let mut bytes = Vec::with_capacity(request.len() + 64);
            transfer_head(&mut bytes, ask, Some(delivery), false, request.len());
            bytes.extend_from_slice(&request);
            shared.out.send(Out { bytes, run: None, last: false, place }).map_err(|Ended| shared.reason())?;
        }
        let answer = shared.wait_for(shared.patience.answer, |state| {
            for handle in [ask, hear] {
                if let Phase::Ended(error) = &state.link(handle)?.phase {
                    return Some(Err(error.clone()));
                }
            }
            state.link(hear)?.messages.pop_front().map(Ok)
        });
        match answer.await.map_err(|gone| errors::again(&gone))? {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => Err(errors::of(&error, VERB, &shared.place)),
            None => {
                let what = "the service did not answer the sign-in";
                Err(errors::late(what, VERB, &shared.place, shared.patience.answer))
            }
        }
    }
}

/// The message that puts a token.
fn request(token: &SecretString, resource: &str, reply_to: &str) -> Vec<u8> {
    let mut message = Vec::with_capacity(512);
    let properties = List::default().text("1").null().null().null().text(reply_to);
    properties.describe(0x73, &mut message);
    let operation = List::default().text("operation").text("put-token").text("type").text(TOKEN_TYPE);
    operation.text("name").text(resource).describe_map(0x74, &mut message);
    message.extend_from_slice(&[0, 0x53, 0x77]);
    encode::text(&mut message, token.expose_secret().as_bytes());
    message
}

/// Status and words of an answer.
fn read_answer(message: &[u8]) -> Result<(i64, String), Malformed> {
    let mut reader = Reader::new(message);
    while !reader.rest().is_empty() {
        let Value::Described(0x74, section) = reader.value()? else { continue };
        let Value::Map(mut fields) = Reader::new(section).value()? else { continue };
        let (mut status, mut description) = (None, String::new());
        while fields.left() > 0 {
            let (name, value) = (fields.field()?, fields.field()?);
            match name.text() {
                Some("status-code") => status = value.i64(),
                Some("status-description") => description = value.text().unwrap_or_default().to_owned(),
                _ => {}
            }
        }
        return status.map(|status| (status, description)).ok_or(Malformed("it has no status"));
    }
    Err(Malformed("it has no status"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_put_as_the_service_asks() {
        let message = request(&"T".into(), "sb://h/q", "me");
        let mut golden = b"\x00\x53\x73\xc0\x0b\x05\xa1\x011\x40\x40\x40\xa1\x02me\x00\x53\x74\xc1\x4e\x06".to_vec();
        golden.extend(b"\xa1\x09operation\xa1\x09put-token\xa1\x04type\xa1\x1fservicebus.windows.net:sastoken");
        golden.extend(b"\xa1\x04name\xa1\x08sb://h/q\x00\x53\x77\xa1\x01T");
        assert_eq!(message, golden);
    }

    #[test]
    fn answers_have_a_status() {
        let mut message = Vec::new();
        List::default().null().describe(0x73, &mut message);
        let status = List::default().text("status-code").raw(&[0x71, 0, 0, 1, 0x91]);
        status.text("status-description").text("no").describe_map(0x74, &mut message);
        assert_eq!(read_answer(&message), Ok((401, "no".into())));
        assert!(read_answer(b"\x00\x53\x77\x40").is_err());
    }
}
