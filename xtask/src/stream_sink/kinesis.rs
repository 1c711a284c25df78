//! Kinesis, as far as a client that sends needs it: every record is taken.

use std::fmt::Write as _;
use std::io::{BufReader, Error, Result, Write};
use std::net::TcpStream;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use memchr::memmem;
use serde::Deserialize;
use serde_json::json;

use crate::http::{self, Request};
use crate::tally::Tally;

/// Large enough that reading a request is a few calls.
const BUFFER_BYTES: usize = 256 * 1024;
/// Shards that the stream claims to have. Their number is of no weight: whoever paces is told a pace without bounds.
const SHARDS: u32 = 4;

pub(crate) fn serve(connection: TcpStream, tally: &Tally) -> Result<()> {
    let mut writer = connection.try_clone()?;
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, connection);
    let mut body = Vec::new();
    while let Some(request) = http::read(&mut reader, &mut body)? {
        let (status, text) = answer(&request, &body, tally)?;
        let head = format!(
            "HTTP/1.1 {status}\r\nx-amzn-RequestId: SINK\r\nContent-Type: application/x-amz-json-1.1\r\n\
             Content-Length: {}\r\n\r\n",
            text.len()
        );
        writer.write_all(&[head.as_bytes(), text.as_bytes()].concat())?;
    }
    Ok(())
}

fn answer(request: &Request, body: &[u8], tally: &Tally) -> Result<(&'static str, String)> {
    const OK: &str = "200 OK";
    Ok(match (request.path.as_str(), request.action.as_str()) {
        ("/_stats", _) => (OK, tally.stats()?),
        (_, "PutRecords") => put(body, tally)?,
        (_, "DescribeStreamSummary") => (OK, summary()),
        (_, "ListShards") => (OK, shards()),
        (_, "ListStreams") => (OK, r#"{"StreamNames":["bench"],"HasMoreStreams":false}"#.to_owned()),
        _ => refused("UnknownOperationException"),
    })
}

fn refused(kind: &str) -> (&'static str, String) {
    ("400 Bad Request", format!(r#"{{"__type":"{kind}","message":"{kind}"}}"#))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    data: String,
    partition_key: String,
}

/// The names of members cannot stand in Base64, and keys that hold them are not sent here: counting names counts records.
fn put(body: &[u8], tally: &Tally) -> Result<(&'static str, String)> {
    let count = memmem::find_iter(body, b"\"PartitionKey\"").count();
    // Who only asks whether records may be put names a hash that no shard has.
    if count == 1 && memmem::find(body, b"\"ExplicitHashKey\"").is_some() {
        return Ok(refused("InvalidArgumentException"));
    }
    tally.count(count as u64, body.len() as u64);
    if tally.records() {
        let put: Put = serde_json::from_slice(body)?;
        for record in put.records {
            let data = BASE64.decode(record.data).map_err(Error::other)?;
            tally.message(record.partition_key.as_bytes(), &data)?;
        }
    }
    let mut text = String::with_capacity(64 + count * 136);
    text.push_str(r#"{"EncryptionType":"NONE","FailedRecordCount":0,"Records":["#);
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        // As long as the service's own.
        let _ = write!(
            text,
            r#"{comma}{{"SequenceNumber":"49671246667567228643283430150187667032206582658{number:09}","ShardId":"{}"}}"#,
            shard(0)
        );
    }
    text.push_str("]}");
    Ok(("200 OK", text))
}

fn shard(number: u32) -> String {
    format!("shardId-{number:012}")
}

fn summary() -> String {
    let summary = json!({
        "StreamName": "bench",
        "StreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/bench",
        "StreamStatus": "ACTIVE",
        "OpenShardCount": SHARDS,
        "RetentionPeriodHours": 24,
        "StreamCreationTimestamp": 1_767_225_600,
        "EnhancedMonitoring": [],
    });
    json!({ "StreamDescriptionSummary": summary }).to_string()
}

fn shards() -> String {
    let width = u128::MAX / u128::from(SHARDS);
    let one = |number: u32| {
        let begin = u128::from(number) * width;
        let end = if number + 1 == SHARDS { u128::MAX } else { begin + width - 1 };
        json!({
            "ShardId": shard(number),
            "HashKeyRange": {"StartingHashKey": begin.to_string(), "EndingHashKey": end.to_string()},
            "SequenceNumberRange": {"StartingSequenceNumber": "1"},
        })
    };
    json!({ "Shards": (0..SHARDS).map(one).collect::<Vec<_>>() }).to_string()
}
