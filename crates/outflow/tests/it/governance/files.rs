//! What a dry run says of a flow, as it is and as a file has it.

use serde_json::Value;

use super::{Bed, WITHOUT_PHONE, written};
use crate::place::Kind;

#[test]
fn what_leaves_in_no_way_needs_no_policy() {
    let bed = Bed::new(Kind::Folder, WITHOUT_PHONE);
    let server = &bed.server;
    let label = ["datasets", "labels", "customers", "--add", "homeAddress.country=C12"];
    // The rule reads it.
    let way = "customers -> homeAddress.country [C12] -> rule of us -> daily";
    let refused = server.run(&label);
    assert!(refused.expect_status(5).stderr.contains(way), "{}", refused.stderr);
    server.ask(&[&label[..], &["--on-violation", "pause"]].concat());
    let checked = server.run(&["flows", "check", "daily"]);
    assert!(checked.expect_status(5).stderr.contains(way), "{}", checked.stderr);
}

#[test]
fn a_changed_file_is_checked_in_place_of_the_flow() {
    let bed = Bed::new(Kind::Folder, WITHOUT_PHONE);
    let server = &bed.server;
    server.ask(&["datasets", "labels", "customers", "--field", "mobilePhone.number=C12"]);
    let mut flow = bed.flow();
    assert_eq!(server.ask(&["flows", "check", "daily"])["allowed"], true);
    let columns = flow.pointer_mut("/transformations/0/params/profileSelectors/selectors/0/value/path").unwrap();
    *columns = Value::from("mobilePhone.number");
    let file = written(server, "flow.json", &flow.to_string());
    let said = server.run(&["flows", "check", "--file", &file, "--json"]).expect(5);
    assert_eq!(said["violations"][0]["labels"][0], "C12", "{said}");
    let wrong = written(server, "wrong.json", "{hush");
    let ran = server.run(&["flows", "check", "--file", &wrong]);
    assert!(
        ran.expect_status(2).stderr.contains("is no JSON: line 1") && !ran.stderr.contains("hush"),
        "{}",
        ran.stderr
    );
}
