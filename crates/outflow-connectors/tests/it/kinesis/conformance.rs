//! The suite that every connector of messages passes, against two services that share no code.

use async_trait::async_trait;
use bytes::Bytes;
use outflow_connector_kit::conformance::{StreamTestBed, stream_conformance};
use outflow_connector_kit::{Clock, Connector, Erased};
use outflow_connectors::kinesis::Kinesis;
use serde_json::{Value, json};

use super::{Place, kinesalite, moto};

struct Bed {
    connector: Erased<Kinesis>,
    place: Place,
    knows_keys: bool,
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
        account["secretKey"] = json!("wrong".repeat(8));
        self.knows_keys.then_some(account)
    }

    fn clock(&self) -> Clock {
        crate::support::clock()
    }

    async fn read_back(&self) -> Vec<(Bytes, Bytes)> {
        self.place.read_back().await
    }
}

async fn conforms(place: Place, knows_keys: bool) {
    stream_conformance(&Bed { connector: Erased(Kinesis), place, knows_keys }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_conforms_on_a_stream_of_three_shards() {
    conforms(kinesalite().stream(3).await, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_conforms_on_a_service_with_rights() {
    conforms(moto("sender").stream(2).await, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_conforms_with_the_right_to_put_alone() {
    conforms(moto("minimalSender").stream(1).await, true).await;
}
