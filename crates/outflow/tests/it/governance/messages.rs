//! A flow to a stream is paused as one of files is, and nothing more of it arrives.

use crate::streams::bed::{Bed, Far};

#[test]
fn a_stream_is_paused_by_a_policy_and_goes_on_when_it_is_off() {
    let mut bed = Bed::new(Far::Kinesis, 300, &[]);
    bed.arrived("at first");
    let before = bed.judge().messages;
    let refs = ["destinations", "update", "live", "--marketing-action", "emailTargeting"];
    bed.server.ask(&refs);
    bed.server.ask(&["datasets", "labels", "people", "--field", "loyalty.points=C4"]);
    // It is mapped, and one of the rules reads it.
    let refused = bed.server.run(&["policies", "enable", "Restrict email targeting"]);
    assert!(
        refused.expect_status(5).stderr.contains("people -> loyalty.points [C4] -> rule of rich -> live"),
        "{}",
        refused.stderr
    );
    bed.server.ask(&["policies", "enable", "Restrict email targeting", "--on-violation", "pause"]);
    bed.people.change_all();
    bed.evaluate();
    assert_eq!(bed.judge().messages, before, "something arrived of a paused flow");
    bed.server.ask(&["policies", "disable", "Restrict email targeting"]);
    bed.server.ask(&["flows", "enable", "live"]);
    assert!(bed.arrived("after the pause").messages > before);
}
