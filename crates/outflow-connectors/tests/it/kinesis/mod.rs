//! The Kinesis connector against kinesalite, moto, a fault proxy and a service of the tests' own that misbehaves on demand.

mod conformance;
mod faults;
mod keys;
mod pace;
mod probe;
mod requests;
mod rights;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use outflow_connector_kit::{
    Connector as _, Erased, Fault, Message, Outcome, ProbeReport, SessionContext, StreamSession,
};
use outflow_connectors::kinesis::Kinesis;
use outflow_testkit::python::run_python;
use serde_json::{Value, json};

use crate::s3::unique;
use crate::support::environment;

/// A stream under test, and a key that may make and read streams.
#[derive(Clone)]
pub struct Place {
    pub account: Value,
    pub target: Value,
    owner: Value,
}

impl Place {
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Place {
        self.account[field] = value.into();
        self
    }

    pub fn target(mut self, field: &str, value: impl Into<Value>) -> Place {
        self.target[field] = value.into();
        self
    }

    /// A stream of its own with `shards`, so that tests do not meet.
    pub async fn stream(self, shards: u32) -> Place {
        let name = format!("messages-{}", unique());
        self.python(CREATE, &[&name, &shards.to_string()]).await;
        self.target("stream", name.as_str())
    }

    pub fn stream_name(&self) -> &str {
        self.target["stream"].as_str().unwrap()
    }

    pub async fn open_with(&self, context: SessionContext) -> Result<Box<dyn StreamSession>, Fault> {
        Erased(Kinesis).open_stream(&self.account, &self.target, context).await
    }

    pub async fn open(&self) -> Box<dyn StreamSession> {
        self.open_with(crate::support::context(1)).await.unwrap()
    }

    pub async fn probe(&self) -> ProbeReport {
        Erased(Kinesis).probe(&self.account, &self.target, &crate::support::context(1)).await
    }

    /// Runs a program that begins with a client `kinesis` of the stream's owner and the arguments `args`.
    pub async fn python(&self, program: &str, args: &[&str]) -> String {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut all = vec![
            text(&self.account["endpointUrl"]),
            text(&self.owner["accessKeyId"]),
            text(&self.owner["secretAccessKey"]),
        ];
        all.extend(args.iter().map(ToString::to_string));
        let program = format!("{CLIENT}{program}");
        let run = tokio::task::spawn_blocking(move || {
            run_python(&program, &all.iter().map(String::as_str).collect::<Vec<_>>())
        });
        run.await.unwrap()
    }

    /// Everything in the stream as (partition key, body), shard by shard.
    pub async fn read_back(&self) -> Vec<(Bytes, Bytes)> {
        let read = self.python(READ, &[self.stream_name()]).await;
        let bytes = |text: &str| Bytes::from(BASE64.decode(text).unwrap());
        read.lines().filter_map(|line| line.split_once(' ')).map(|(key, body)| (bytes(key), bytes(body))).collect()
    }
}

const CLIENT: &str = r#"
import base64, sys, time
import boto3
from botocore.config import Config
endpoint, key, secret, *args = sys.argv[1:]
kinesis = boto3.client("kinesis", endpoint_url=endpoint, aws_access_key_id=key, aws_secret_access_key=secret,
                       region_name="us-east-1", config=Config(retries={"max_attempts": 2}))

def wait(stream):
    while kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamStatus"] != "ACTIVE":
        time.sleep(0.05)
"#;

const CREATE: &str = r#"
kinesis.create_stream(StreamName=args[0], ShardCount=int(args[1]))
wait(args[0])
"#;

const READ: &str = r#"
for shard in kinesis.list_shards(StreamName=args[0])["Shards"]:
    at = kinesis.get_shard_iterator(StreamName=args[0], ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    at = at["ShardIterator"]
    while at:
        page = kinesis.get_records(ShardIterator=at, Limit=1000)
        for record in page["Records"]:
            parts = record["PartitionKey"].encode(), record["Data"]
            print(*(base64.b64encode(part).decode() for part in parts))
        if not page["Records"]:
            break
        at = page.get("NextShardIterator")
"#;

fn place(endpoint: &Value, key: &Value, owner: &Value) -> Place {
    Place {
        account: json!({
            "accessKeyId": key["accessKeyId"], "secretKey": key["secretAccessKey"], "endpointUrl": endpoint,
            "region": "us-east-1",
        }),
        target: json!({"stream": "messages"}),
        owner: owner.clone(),
    }
}

/// kinesalite, which lets everybody in and takes whatever comes: without a pace.
pub fn kinesalite() -> Place {
    let server = environment("OUTFLOW_TEST_KINESALITE");
    place(&server["endpoint"], &server, &server)
        .target("shardBytesPerSecMax", 1_u64 << 30)
        .target("shardRecordsPerSecMax", 1_u64 << 20)
}

/// moto, where `user` may what its policy says.
pub fn moto(user: &str) -> Place {
    let server = environment("OUTFLOW_TEST_MOTO");
    place(&server["endpoint"], &server[user], &server["streamOwner"])
        .target("shardBytesPerSecMax", 1_u64 << 30)
        .target("shardRecordsPerSecMax", 1_u64 << 20)
}

/// A service of the tests' own.
pub fn fake(endpoint: &str) -> Place {
    let key = json!({"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "secretAccessKey": "secret"});
    place(&json!(endpoint), &key, &key)
}

pub fn message(key: &str, body: &str) -> Message {
    Message {
        key: Bytes::copy_from_slice(key.as_bytes()),
        event_id: Bytes::from_static(b"00000000000000000000000000000000"),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

/// The fault of a message that was not stored.
pub fn not_accepted(outcome: &Outcome) -> &Fault {
    match outcome {
        Outcome::NotAccepted(fault) | Outcome::Denied(fault) => fault,
        other => panic!("{other:?}"),
    }
}

/// The fault of a message that was not accepted, as no other would be.
pub fn denied(outcome: &Outcome) -> &Fault {
    match outcome {
        Outcome::Denied(fault) => fault,
        other => panic!("{other:?}"),
    }
}

/// The fault of a message that may have arrived.
pub fn unknown(outcome: &Outcome) -> &Fault {
    match outcome {
        Outcome::Unknown(fault) => fault,
        other => panic!("{other:?}"),
    }
}

pub fn is_accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted)
}
