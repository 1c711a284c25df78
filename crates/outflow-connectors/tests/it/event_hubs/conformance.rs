//! The suite that every connector of messages passes.

use async_trait::async_trait;
use bytes::Bytes;
use outflow_connector_kit::conformance::{StreamTestBed, stream_conformance};
use outflow_connector_kit::{Clock, Connector, Erased};
use outflow_connectors::event_hubs::EventHubs;
use serde_json::{Value, json};

use super::Place;

struct Bed {
    connector: Erased<EventHubs>,
    place: Place,
}

#[async_trait]
impl StreamTestBed for Bed {
    fn connector(&self) -> &dyn Connector {
        &self.connector
    }

    fn account(&self) -> Value {
        self.place.account.clone()
    }

    fn target(&self) -> Value {
        self.place.target.clone()
    }

    fn broken_account(&self) -> Option<Value> {
        let mut account = self.place.account.clone();
        account["sasKey"] = json!("wrong".repeat(8));
        Some(account)
    }

    fn clock(&self) -> Clock {
        crate::support::clock()
    }

    async fn read_back(&self) -> Vec<(Bytes, Bytes)> {
        self.place.stored()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_conforms_with_a_policy_that_may_only_send() {
    let place = Place::start("send-only").await;
    stream_conformance(&Bed { connector: Erased(EventHubs), place }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_conforms_with_a_policy_of_the_hub() {
    let place = Place::start("exports-send").await.with("eventHubName", "exports");
    stream_conformance(&Bed { connector: Erased(EventHubs), place }).await;
}
