//! What is sent when: everybody at first, then who changed, and who left.

use serde_json::{Value, json};

use super::bed::{Bed, Far};
use crate::http::eventually;

const PEOPLE: u64 = 1_500;

fn everybody_and_then_changes(far: Far) {
    let mut bed = Bed::new(far, PEOPLE, &[]);
    let first = bed.arrived("the first evaluation");
    assert_eq!(first.messages, first.profiles, "a profile was told twice");
    let consumed = bed.consumed();
    assert_eq!(consumed.len() as u64, first.profiles, "the consumer tells of others");
    assert!(consumed[0]["key"].as_str().unwrap().starts_with("CRMID:p"), "{}", consumed[0]);
    // Nothing changed: nothing is sent.
    bed.evaluate();
    assert_eq!(bed.arrived("an evaluation of the same").messages, first.messages);
    let mut sent = first.messages;
    for round in 0..3 {
        bed.people.change();
        bed.evaluate();
        let judged = bed.arrived(&format!("round {round}"));
        let new = judged.messages - sent;
        assert!(new > 0 && new < bed.people.count() / 3, "round {round}: {new} messages for a tenth that changed");
        assert_eq!(judged.repeats, 0, "round {round}");
        sent = judged.messages;
    }
    let run = bed.server.run_flow(&bed.flow);
    let run = bed.server.ended_run(&run);
    assert_eq!(run["state"], "success", "{run}");
    let judged = bed.arrived("activate now");
    assert_eq!(judged.messages - sent, judged.profiles, "activate now tells everybody");
    balanced(&bed, judged.messages);
}

/// The runs of the flow count what arrived, and each balances.
fn balanced(bed: &Bed, messages: u64) {
    let mut output = 0;
    for run in bed.server.runs_of(&bed.flow) {
        let records = &run["metrics"]["recordSummary"];
        let count = |name: &str| records[name].as_u64().unwrap_or_else(|| panic!("no {name} in {run}"));
        let out = count("skippedRecordCount") + count("outputRecordCount") + count("failedRecordCount");
        assert_eq!(count("inputRecordCount"), out, "{run}");
        output += count("outputRecordCount");
    }
    assert_eq!(output, messages);
}

#[test]
fn kinesis_gets_everybody_and_then_changes() {
    everybody_and_then_changes(Far::Kinesis);
}

#[test]
fn event_hubs_get_everybody_and_then_changes() {
    everybody_and_then_changes(Far::EventHubs);
}

#[test]
fn triggers_that_are_off_send_nothing() {
    let mut bed = Bed::new(Far::Kinesis, 300, &["--send-on", "segmentation"]);
    let first = bed.arrived("the first evaluation");
    // Attributes change and memberships do not: nobody is told.
    let text = std::fs::read_to_string(bed.people.file()).unwrap();
    std::fs::write(bed.people.file(), text.replace("example.org", "example.com")).unwrap();
    bed.evaluate();
    bed.until("idle");
    assert_eq!(bed.judge().messages, first.messages);
    bed.people.change_all();
    bed.evaluate();
    let mut told = first.messages;
    let is = eventually(|| {
        told = bed.judge().messages;
        told > first.messages && bed.status()["state"] == "idle"
    });
    assert!(is, "nothing more arrives: {}", bed.status());
}

#[test]
fn a_disabled_flow_sends_nothing_and_then_the_net_change() {
    let mut bed = Bed::new(Far::Kinesis, 300, &[]);
    let first = bed.arrived("the first evaluation");
    bed.server.ask(&["flows", "disable", &bed.flow]);
    bed.people.change_all();
    bed.evaluate();
    std::thread::sleep(std::time::Duration::from_secs(2));
    let off = bed.judge();
    assert_eq!(off.messages, first.messages, "a disabled flow sent something");
    assert_eq!(bed.status()["state"], "disabled");
    bed.server.ask(&["flows", "enable", &bed.flow]);
    bed.arrived("enabled again");
}

#[test]
fn a_flow_shows_what_its_messages_look_like() {
    let bed = Bed::new(Far::Kinesis, 50, &[]);
    bed.arrived("the first evaluation");
    let schema = bed.server.ask(&["flows", "message-schema", &bed.flow]);
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["properties"]["loyalty"]["properties"]["points"]["type"], "integer", "{schema}");
    let letters = bed.server.ask(&["flows", "letters", &bed.flow]);
    assert_eq!(letters["items"], Value::from(Vec::<Value>::new()), "{letters}");
    let adhoc = json!({"activationInfo": { &*bed.flow: [bed.server.ask(&["segments", "show", "rich"])["id"]] }});
    let answer = bed.server.request("POST", "/data/core/activation/disflowprovider/adhocrun", Some(&adhoc));
    assert!((400..500).contains(&answer.status), "{}", answer.text);
}
