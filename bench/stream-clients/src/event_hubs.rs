//! Sends messages with Microsoft's own SDK.
//!
//! A batch of the SDK goes to one partition, and each of its events may have a key of its own: that is how profiles keep
//! their order without a batch for each. So keys are hashed to partitions here, as the SDK's buffered client does, which
//! this is spared the copies of; one batch of up to a megabyte is on its way to each partition.
//!
//! usage: `event-hubs-client HOST:PORT FILE`

mod messages;

use anyhow::{Context, Result, ensure};
use azure_core_amqp::AmqpSymbol;
use azure_messaging_eventhubs::models::{AmqpMessage, EventData};
use azure_messaging_eventhubs::{EventDataBatchOptions, ProducerClient};
use futures_util::future::try_join_all;
use messages::{Messages, Meter};

const HUB: &str = "bench";
const ACCESS: &str =
    "Endpoint=sb://bench.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=YmVuY2gtc2VjcmV0";
const PARTITION_KEY: &str = "x-opt-partition-key";
const CONTENT_TYPE: &str = "application/json";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().collect();
    let [_, address, path] = words.as_slice() else { anyhow::bail!("usage: event-hubs-client HOST:PORT FILE") };
    let messages = Messages::read(path)?;
    let builder = ProducerClient::builder().with_custom_endpoint(format!("amqp://{address}"));
    let client = builder.open_with_connection_string(ACCESS, Some(HUB)).await.context("cannot connect")?;
    let partitions = client.get_eventhub_properties().await.context("cannot ask for partitions")?.partition_ids;
    ensure!(!partitions.is_empty(), "the hub has no partitions");
    let meter = Meter::begin();
    let mut numbers = vec![Vec::new(); partitions.len()];
    for number in 0..messages.len() {
        let place = hash(messages.at(number).0) % partitions.len() as u64;
        numbers[place as usize].push(number);
    }
    let sent = partitions.iter().zip(&numbers).map(|(partition, numbers)| send(&client, &messages, partition, numbers));
    let counts = try_join_all(sent).await?;
    meter.end(counts.into_iter().sum());
    Ok(())
}

async fn send(client: &ProducerClient, messages: &Messages, partition: &str, numbers: &[usize]) -> Result<usize> {
    let batch = || {
        let options = EventDataBatchOptions { partition_id: Some(partition.to_owned()), ..Default::default() };
        client.create_batch(Some(options))
    };
    let mut current = batch().await?;
    for number in numbers {
        if current.try_add_amqp_message(event(messages, *number), None)? {
            continue;
        }
        client.send_batch(current, None).await.context("a batch was not taken")?;
        current = batch().await?;
        ensure!(current.try_add_amqp_message(event(messages, *number), None)?, "an event is larger than a batch");
    }
    if !current.is_empty() {
        client.send_batch(current, None).await.context("a batch was not taken")?;
    }
    Ok(numbers.len())
}

fn event(messages: &Messages, number: usize) -> AmqpMessage {
    let (key, body) = messages.at(number);
    let event = EventData::builder().with_body(body.to_vec()).with_content_type(CONTENT_TYPE.to_owned());
    let event = event.with_message_id(event_id(body).to_owned());
    let mut message = AmqpMessage::from(event.build());
    message.add_message_annotation(AmqpSymbol::from(PARTITION_KEY), key);
    message
}

/// The id that the body holds, as the event's own.
fn event_id(body: &[u8]) -> &str {
    const NAME: &[u8] = br#""eventId":""#;
    // It stands near the end.
    let tail = &body[body.len().saturating_sub(160)..];
    let begin = tail.windows(NAME.len()).position(|window| window == NAME).map(|at| at + NAME.len());
    begin.and_then(|at| std::str::from_utf8(tail.get(at..at + 32)?).ok()).unwrap_or_default()
}

/// FNV-1a: any hash does.
fn hash(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
