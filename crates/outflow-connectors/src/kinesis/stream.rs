//! What the service says of a stream: its state, its limits, its open shards.

use outflow_connector_kit::{Fault, FaultClass};
use serde::Deserialize;

use super::client::Client;
use super::errors::{Action, Failure};
use super::shards::{Shard, ShardMap};

/// A listing goes no further than this many pages of up to 1000 shards.
const PAGES_MAX: usize = 100;

/// What DescribeStreamSummary says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Summary {
    #[serde(rename = "StreamARN")]
    arn: String,
    stream_status: String,
    /// Shards that take records.
    pub open_shard_count: Option<u64>,
    /// The largest record, in KiB. Servers that know no larger ones than 1 MiB do not say it.
    #[serde(rename = "MaxRecordSizeInKiB")]
    max_record_kib: Option<usize>,
    stream_mode_details: Mode,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Mode {
    stream_mode: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    stream_description_summary: Summary,
}

impl Summary {
    /// The largest record, in bytes, where the service says it.
    pub(super) fn record_bytes_max(&self) -> Option<usize> {
        self.max_record_kib.map(|kib| kib.saturating_mul(1024))
    }

    /// State, mode and shards, for people.
    pub(super) fn text(&self) -> String {
        let mut text = self.stream_status.to_lowercase();
        if self.stream_mode_details.stream_mode == "ON_DEMAND" {
            text.push_str(", on demand");
        }
        if let Some(count) = self.open_shard_count {
            text.push_str(&format!(", {count} open shard{}", if count == 1 { "" } else { "s" }));
        }
        if let Some(kib) = self.max_record_kib {
            text.push_str(&format!(", records of up to {kib} KiB"));
        }
        text
    }

    /// Refuses a stream that takes no records.
    fn check(&self, stream: &str) -> Result<(), Fault> {
        match self.stream_status.as_str() {
            "CREATING" => Err(Fault::new(FaultClass::Unavailable, format!("the stream {stream} is being created"))
                .hint("Try again when it is active.")),
            "DELETING" => Err(Fault::new(FaultClass::Config, format!("the stream {stream} is being deleted"))
                .hint("Name another stream, or create it again.")),
            _ => Ok(()),
        }
    }
}

/// Describes the stream, which must take records.
pub(super) async fn describe(client: &Client) -> Result<Summary, Failure> {
    let stream = client.address().stream();
    let action = Action::DescribeStreamSummary;
    let described: Described = client.ask(action, format!(r#"{{"StreamName":"{stream}"}}"#)).await?;
    let summary = described.stream_description_summary;
    if !summary.arn.is_empty() {
        client.address().learn_arn(&summary.arn);
    }
    summary.check(stream).map_err(|fault| Failure::local(fault.tried(client.tried(action))))?;
    Ok(summary)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(default)]
    shards: Vec<Listed>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    shard_id: String,
    hash_key_range: HashKeyRange,
    #[serde(default)]
    sequence_number_range: SequenceNumberRange,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HashKeyRange {
    ending_hash_key: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SequenceNumberRange {
    ending_sequence_number: Option<String>,
}

/// Lists the shards that take records.
pub(super) async fn shards(client: &Client) -> Result<ShardMap, Failure> {
    let action = Action::ListShards;
    let stream = client.address().stream();
    // Servers that do not know the filter list closed shards too, which are known by their end.
    let mut body = format!(r#"{{"StreamName":"{stream}","ShardFilter":{{"Type":"AT_LATEST"}}}}"#);
    let mut open = Vec::new();
    for _ in 0..PAGES_MAX {
        let page: Page = client.ask(action, body).await?;
        let listed = page.shards.into_iter().filter(|s| s.sequence_number_range.ending_sequence_number.is_none());
        open.extend(listed.filter_map(|s| {
            let last_hash = s.hash_key_range.ending_hash_key.parse().ok()?;
            Some(Shard { id: s.shard_id.into(), last_hash })
        }));
        let Some(token) = page.next_token.filter(|token| !token.is_empty()) else { break };
        body = serde_json::json!({ "NextToken": token }).to_string();
    }
    Ok(ShardMap::new(open))
}

/// What a session may do without: `None` where the key may not ask, or the server does not answer such questions.
pub(super) fn if_allowed<T>(asked: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match asked {
        Ok(answer) => Ok(Some(answer)),
        Err(failure) if failure.is_denied() || failure.code == "UnknownOperationException" => Ok(None),
        Err(failure) => Err(failure),
    }
}
