//! Files of flows as bodies: what a dry run says of one that is not saved.

use serde_json::Value;

use super::{Bed, WITHOUT_PHONE, written};
use crate::place::Kind;

#[test]
fn a_flow_that_is_not_saved_is_checked() {
    let bed = Bed::new(Kind::Folder, WITHOUT_PHONE);
    let server = &bed.server;
    server.ask(&["datasets", "labels", "customers", "--add", "homeAddress.country=C12"]);
    let allowed = server.run(&["flows", "check", "daily"]);
    // The rule reads it: C12 leaves in no way, and needs no policy.
    assert!(
        allowed.expect_status(5).stderr.contains("homeAddress.country [C12] -> rule of us -> daily"),
        "{}",
        allowed.stderr
    );
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
