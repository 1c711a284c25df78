//! The commands around `export`: help, probe, profiles and rules.

use std::process::Stdio;

use outflow_testkit::faults::{FaultProxy, Faults};
use outflow_testkit::servers::moto;

use crate::place::{ALL, Kind, Place};
use crate::run::{Ran, command, outflow, start};
use crate::samples::{SEGMENT, lake, names_in, text};

/// What `outflow PATH --help` prints.
fn help(path: &[&str]) -> String {
    let ran = outflow(&[path, &["--help"]].concat(), &Vec::new());
    ran.expect_status(0);
    ran.stdout
}

/// The commands that a help lists, but `help` itself.
fn commands_of(help: &str) -> Vec<String> {
    let listed = help.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = listed.lines().take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("      "));
    let names = lines.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_command_has_help_with_examples() {
    let top = help(&[]);
    assert!(top.contains("Exit status:") && top.contains("130"), "{top}");
    let commands = commands_of(&top);
    // One of each kind: the list is read, not remembered.
    for known in ["export", "serve", "datasets", "flows", "keys", "openapi", "settings"] {
        assert!(commands.iter().any(|name| name == known), "{known} is not in {commands:?}");
    }
    let mut leaves = 0;
    for command in &commands {
        let own = help(&[command]);
        let below = commands_of(&own);
        let has_examples = |text: &str| text.contains("Examples:\n") && text.contains(&format!("outflow {command}"));
        assert!(!below.is_empty() || has_examples(&own), "outflow {command}: {own}");
        for sub in &below {
            let text = help(&[command, sub]);
            let usage = format!("Usage: outflow {command} {sub}");
            assert!(text.contains(&usage), "{text}");
            // What stands above the usage says what it does.
            assert!(text.find(&usage).is_some_and(|at| at > 1), "outflow {command} {sub} is not described");
            assert!(has_examples(&own) || has_examples(&text), "outflow {command} {sub}: {text}");
        }
        leaves += below.len().max(1);
    }
    assert!(leaves > 50, "{leaves} commands only: were all found?");
}

#[test]
fn a_probe_passes_at_every_target_and_leaves_nothing() {
    for kind in ALL {
        let place = Place::new(kind);
        let report = outflow(&["probe", &place.url, "--json"], &place.environment).expect(0);
        assert_eq!(report["status"], "success", "{kind:?}: {report}");
        let steps = report["steps"].as_array().unwrap();
        assert!(!steps.is_empty() && steps.iter().all(|step| step["name"].is_string()), "{kind:?}: {report}");
        assert_eq!(place.read().len(), 0, "{kind:?}");
        assert_eq!(place.open_uploads(), [""; 0], "{kind:?}");
    }
}

#[test]
fn a_probe_prints_each_step_when_it_is_over() {
    use std::io::{BufRead as _, BufReader};
    let proxy = FaultProxy::open(&moto().endpoint);
    let place = Place::through(Kind::Moto, Some(proxy.port()));
    // The test object never arrives.
    let mut child = {
        proxy.set(&Faults { stall_after_up: Some(1_500), ..Faults::default() });
        start(&["probe", &place.url], &place.environment)
    };
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.contains("ok") && first.contains("Check the settings"), "{first}");
    // It waits for an answer that does not come.
    assert!(child.try_wait().unwrap().is_none(), "the probe is over already");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn generated_profiles_are_the_same_for_the_same_seed() {
    let temp = outflow_testkit::temp_dir();
    let generate = |name: &str, seed: &str| {
        let out = temp.path().join(name);
        let args = ["profiles", "generate", "--count", "2000", "--seed", seed, "--out", text(&out), "--json"];
        let report = outflow(&args, &Vec::new()).expect(0);
        assert_eq!(report["profiles"], 2000);
        names_in(&out).iter().map(|name| std::fs::read(out.join(name)).unwrap()).collect::<Vec<_>>()
    };
    let first = generate("a", "7");
    assert!(first == generate("b", "7") && first != generate("c", "8"));
}

#[test]
fn profiles_show_lists_the_fields() {
    let report = outflow(&["profiles", "show", text(&lake(20_000, 3, 2)), "--json"], &Vec::new()).expect(0);
    assert_eq!(report["profiles"], 20_000);
    let fields = report["fields"].as_array().unwrap();
    let filled = |path: &str| fields.iter().find(|f| f["path"] == path).map(|f| f["filled"].as_u64().unwrap());
    assert_eq!(filled("profileId"), Some(20_000));
    let address = filled("personalEmail.address").unwrap();
    assert!((16_500..17_500).contains(&address), "{address}");
    assert!(filled(&format!("segmentMembership.`{SEGMENT}`.status")).is_some());
}

#[test]
fn rules_are_checked_and_printed_in_one_form() {
    let check = |rule: &str| outflow(&["rules", "check", rule, "--json"], &Vec::new());
    let once = check("a=1 and (b>2 or c is null)").expect(0)["rule"].as_str().unwrap().to_owned();
    assert_eq!(check(&once).expect(0)["rule"], once.as_str());
    let ran = check("a = ");
    assert_eq!(ran.expect(2)["status"], "failed");
    assert!(ran.stderr.contains('^'), "{}", ran.stderr);
    let profiles = lake(20_000, 3, 2);
    let args = ["rules", "check", "loyalty.pionts = 1", "--profiles", text(&profiles), "--json"];
    let ran = outflow(&args, &Vec::new());
    assert!(ran.expect(2).to_string().contains("loyalty.points"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_printed_fails_unless_nobody_reads_any_more() {
    let mut full = command(&["rules", "check", "a = 1"], &Vec::new());
    let ran: Ran = full.stdout(std::fs::File::create("/dev/full").unwrap()).output().unwrap().into();
    ran.expect_status(9);
    assert!(ran.stderr.contains("stdout") && ran.stderr.contains("No space"), "{}", ran.stderr);

    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut closed = command(&["rules", "check", "a = 1"], &Vec::new());
    let ran: Ran = closed.stdout(Stdio::from(writer)).output().unwrap().into();
    ran.expect_status(0);
    assert_eq!(ran.stderr, "");
}
