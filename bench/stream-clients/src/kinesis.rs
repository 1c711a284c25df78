//! Sends messages with Amazon's own SDK: PutRecords of at most 500 records and 5 MiB, four at once.
//!
//! usage: `kinesis-client HOST:PORT FILE`

mod messages;

use anyhow::{Context, Result, ensure};
use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use messages::{Messages, Meter};

const RECORDS_MAX: usize = 500;
const REQUEST_BYTES_MAX: usize = 5 << 20;
const REQUESTS_AT_ONCE: usize = 4;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().collect();
    let [_, address, path] = words.as_slice() else { anyhow::bail!("usage: kinesis-client HOST:PORT FILE") };
    let messages = Messages::read(path)?;
    let config = aws_sdk_kinesis::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .endpoint_url(format!("http://{address}"))
        .credentials_provider(Credentials::new("bench", "bench-secret", None, None, "bench"))
        .build();
    let client = Client::from_conf(config);
    let meter = Meter::begin();
    let requests = stream::iter(Requests { messages: &messages, next: 0 });
    let sent = requests.map(|numbers| put(&client, &messages, numbers)).buffer_unordered(REQUESTS_AT_ONCE);
    let count = sent.try_fold(0, |sum, count| async move { Ok(sum + count) }).await?;
    meter.end(count);
    Ok(())
}

/// The messages of each request, by their numbers.
struct Requests<'m> {
    messages: &'m Messages,
    next: usize,
}

impl Iterator for Requests<'_> {
    type Item = std::ops::Range<usize>;

    fn next(&mut self) -> Option<Self::Item> {
        let (begin, mut bytes) = (self.next, 0);
        while self.next < self.messages.len() && self.next - begin < RECORDS_MAX {
            let (key, body) = self.messages.at(self.next);
            bytes += key.len() + body.len();
            if bytes > REQUEST_BYTES_MAX && self.next > begin {
                break;
            }
            self.next += 1;
        }
        (self.next > begin).then_some(begin..self.next)
    }
}

async fn put(client: &Client, messages: &Messages, numbers: std::ops::Range<usize>) -> Result<usize> {
    let count = numbers.len();
    let records = numbers.map(|number| {
        let (key, body) = messages.at(number);
        PutRecordsRequestEntry::builder().data(Blob::new(body)).partition_key(key).build()
    });
    let records: Vec<_> = records.collect::<Result<_, _>>()?;
    let request = client.put_records().stream_name("bench").set_records(Some(records));
    let answer = request.send().await.context("PutRecords failed")?;
    ensure!(answer.failed_record_count().unwrap_or(0) == 0, "records were not taken");
    ensure!(answer.records().len() == count, "the answer is about other records");
    Ok(count)
}
