//! Destinations that take messages: Amazon Kinesis and Azure Event Hubs.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::SEGMENTS;
use super::arrived::{Arrived, Segment};
use super::practice::Practice;
use super::product::Product;
use super::table::Row;
use crate::steps::run as run_command;

/// What messages hold beside identities and memberships.
const ATTRIBUTES: &str = "person.name.firstName,person.name.lastName,personalEmail.address,mobilePhone.number,\
                          homeAddress.city,homeAddress.country,loyalty.tier";

/// What the first messages of a flow take at most; it is seconds.
const IDLE_SECS_MAX: u64 = 180;

const LOOK_PERIOD: Duration = Duration::from_millis(500);

/// A destination, seen from both ends.
pub(super) struct Stream {
    /// Name of the flow.
    pub(super) flow: &'static str,
    /// Its place, for the table.
    url: String,
    /// The folder, below that of the practice targets, where what arrived lies.
    folder: String,
}

/// Makes the accounts, with their credentials proved.
pub(super) fn accounts(product: &mut Product, practice: &Practice) -> Result<()> {
    let (kinesis, hubs) = (&practice.parameters.kinesis, &practice.parameters.event_hubs);
    let policy = hubs.sender().context("the practice targets have no policy that may only send")?;
    product.set("DEMO_KINESIS_SECRET", &kinesis.secret_access_key);
    product.set("DEMO_EVENT_HUBS_KEY", &policy.key);
    let [access_key, region, endpoint] = [
        format!("accessKeyId={}", kinesis.access_key_id),
        format!("region={}", kinesis.region),
        format!("endpointUrl={}", kinesis.endpoint),
    ];
    let create = ["accounts", "create", "practice-kinesis", "--kind", "kinesis"];
    let secret = ["--secret", "secretKey=env:DEMO_KINESIS_SECRET"];
    let params = ["--param", &access_key, "--param", &region, "--param", &endpoint];
    run_command(product.command(&[&create[..], &secret, &params].concat()))?;
    // The practice namespace has no TLS.
    let endpoint = format!("endpointUrl={}", hubs.endpoint);
    let name = format!("sasKeyName={}", policy.name);
    let create = ["accounts", "create", "practice-hubs", "--kind", "eventhubs"];
    let secret = ["--secret", "sasKey=env:DEMO_EVENT_HUBS_KEY"];
    let params = ["--param", &name, "--param", "namespace=practice", "--param", &endpoint];
    run_command(product.command(&[&create[..], &secret, &params].concat()))
}

/// Makes a destination for each account.
pub(super) fn destinations(product: &Product, practice: &Practice) -> Result<[Stream; 2]> {
    let (kinesis, hubs) = (&practice.parameters.kinesis, &practice.parameters.event_hubs);
    let (stream, region) = (format!("stream={}", kinesis.stream), format!("region={}", kinesis.region));
    let create = ["destinations", "create", "kinesis-live", "--account", "practice-kinesis"];
    run_command(product.command(&[&create[..], &["--param", &stream, "--param", &region]].concat()))?;
    let hub = format!("eventHubName={}", hubs.hub);
    let create = ["destinations", "create", "hubs-live", "--account", "practice-hubs", "--param", &hub];
    run_command(product.command(&create))?;
    Ok([
        Stream {
            flow: "kinesis-live",
            url: format!("kinesis://{}/{}", kinesis.region, kinesis.stream),
            folder: format!("kinesis/{}", kinesis.stream),
        },
        Stream {
            flow: "hubs-live",
            url: format!("{}/{}", hubs.endpoint.replacen("amqp://", "eventhubs://", 1), hubs.hub),
            folder: format!("event-hubs/{}", hubs.hub),
        },
    ])
}

/// Has the segments' profiles sent, and waits until all that there is to say is acknowledged.
pub(super) fn activate(product: &Product, flow: &str) -> Result<()> {
    let mut args = vec!["flows", "activate", flow, "--map", ATTRIBUTES];
    args.extend(SEGMENTS.iter().flat_map(|(name, _)| ["--segment", *name]));
    run_command(product.command(&args))?;
    let (started, mut said) = (Instant::now(), String::new());
    loop {
        let shown = product.json(&["flows", "show", flow, "--json"])?;
        let status = &shown["streamStatus"];
        if is_idle(status)? {
            println!("finished");
            return Ok(());
        }
        let progress = progress(status);
        if progress != said {
            println!("{progress}");
            said = progress;
        }
        if started.elapsed().as_secs() > IDLE_SECS_MAX {
            bail!("{flow} is not idle after {IDLE_SECS_MAX} s: {status}");
        }
        std::thread::sleep(LOOK_PERIOD);
    }
}

/// Whether everything was derived and acknowledged; an error where the target takes nothing.
fn is_idle(status: &Value) -> Result<bool> {
    if status["state"] == "blocked" {
        bail!("the stream is blocked: {}; {}", status["fault"]["message"], status["fault"]["hint"]);
    }
    let none = |name: &str| status[name].as_u64() == Some(0);
    // Before its first derivation it is idle as well.
    Ok(status["state"] == "idle" && !none("sequence") && none("pending") && status["complete"] == true)
}

fn progress(status: &Value) -> String {
    let number = |name: &str| status[name].as_u64().unwrap_or(0);
    // Without messages the evaluation is not seen yet, or nothing is on its way any more.
    let state = status["state"].as_str().filter(|state| *state != "idle").unwrap_or("waiting");
    match number("messages") {
        0 => state.to_owned(),
        messages => {
            format!("{state}: {} of {messages} messages acknowledged", messages.saturating_sub(number("pending")))
        }
    }
}

/// Reads what arrived, as the target keeps it, and compares it with the segments. What counts for a segment is written
/// below `into`, for whoever wants to look.
pub(super) fn verify(product: &Product, practice: &Practice, stream: &Stream, into: &Path) -> Result<Vec<Row>> {
    let mut segments = Vec::new();
    for (name, _) in SEGMENTS {
        let shown = product.json(&["segments", "show", name, "--json"])?;
        segments.push(Segment::of(&shown).with_context(|| format!("{name} has no members that are known"))?);
    }
    let arrived = Arrived::read(&practice.data.join(&stream.folder), &segments)?;
    println!("{} messages lie in {}", arrived.len(), stream.url);
    let mut rows = Vec::new();
    for segment in &segments {
        let file = into.join(format!("{}-{}.ndjson", stream.flow, segment.name));
        let told = arrived.of(segment, &file)?;
        rows.push(Row {
            destination: stream.url.clone(),
            segment: segment.name.clone(),
            name: "messages".into(),
            rows: told.profiles,
            bytes: told.bytes,
            sha256: told.sha256,
            verified: arrived.problems().is_empty() && told.profiles == segment.members,
        });
        if told.profiles != segment.members {
            println!("  WRONG    {}: {} profiles, the segment has {}", segment.name, told.profiles, segment.members);
        }
    }
    for problem in arrived.problems() {
        println!("  WRONG    {problem}");
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stream_is_idle_when_it_has_told_everything() {
        let status = |state: &str, sequence: u64, pending: u64, complete: bool| json!({"state": state, "sequence": sequence, "messages": 9, "pending": pending, "complete": complete});
        assert!(is_idle(&status("idle", 1, 0, true)).unwrap());
        for early in
            [status("idle", 0, 0, true), status("sending", 1, 0, true), status("idle", 1, 0, false), json!(null)]
        {
            assert!(!is_idle(&early).unwrap(), "{early}");
        }
        assert_eq!(progress(&status("throttled", 1, 4, true)), "throttled: 5 of 9 messages acknowledged");
        assert_eq!(progress(&json!({"state": "deriving", "messages": 0})), "deriving");
        assert_eq!(progress(&json!(null)), "waiting");
        let blocked = json!({"state": "blocked", "fault": {"message": "there is no stream", "hint": "make it"}});
        assert!(is_idle(&blocked).unwrap_err().to_string().contains("there is no stream"));
    }
}
