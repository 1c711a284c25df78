//! People who are kept out, where they went before, and what the audit log says of all that.

use outflow_testkit::python::run_python;
use serde_json::Value;

use super::{Bed, WITHOUT_PHONE, fed};
use crate::place::Kind;
use crate::samples::text;

const CHECK: &str = include_str!("../../../../../docs/check_audit.py");

/// The first person of a file: profile id and address.
fn somebody(lines: &[String]) -> (String, String) {
    let mut with_address = lines[1..].iter().filter_map(|line| line.split_once(','));
    let (id, address) = with_address.find(|(_, address)| address.contains('@')).unwrap();
    (id.to_owned(), address.to_owned())
}

#[test]
fn who_is_suppressed_is_in_no_file_and_whereabouts_say_which_had_them() {
    let bed = Bed::new(Kind::Sshd, WITHOUT_PHONE);
    let server = &bed.server;
    let first = bed.export();
    let before = bed.lines(&first);
    let (id, address) = somebody(&before);
    let add = ["suppressions", "add", "--namespace", "Email", "--file", "-", "--reason", "Objected", "--json"];
    let added = fed(server, &add, &format!("# objected\n{address}\n"));
    assert_eq!(added.expect(0)["added"], 1, "{}", added.stdout);
    assert_eq!(server.ask(&["suppressions", "count"])["count"], 1);
    let listed = server.run(&["suppressions", "list"]);
    assert!(listed.expect_status(0).stdout.contains("Objected"), "{}", listed.stdout);

    let second = bed.export();
    let after = bed.lines(&second);
    assert_eq!(after.len(), before.len() - 1);
    assert!(
        before.contains(&format!("{id},{address}")) && !after.iter().any(|line| line.starts_with(&format!("{id},")))
    );
    let shown = server.run(&["runs", "show", second["id"].as_str().unwrap()]);
    assert!(shown.expect_status(0).stdout.contains("The person is on the suppression list"), "{}", shown.stdout);

    // By any identity, and in a body alone.
    let found = fed(server, &["whereabouts", "Email", "-", "--json"], &format!("{address}\n"));
    let found_json = found.expect(0);
    let departures = found_json["departures"].as_array().unwrap();
    assert_eq!(departures.len(), 1, "{found_json}");
    assert_eq!(departures[0]["runId"], first["id"]);
    assert_eq!(departures[0]["file"], first["files"][0]["name"]);
    let decision = departures[0]["decision"].to_string();
    let record = server.ask(&["audit", "show", &decision]);
    assert_eq!(record["action"], "exportAllowed", "{record}");
    let table = server.run(&["whereabouts", "CRMID", &id]);
    assert!(table.expect_status(0).stdout.contains("exportToThirdParty"), "{}", table.stdout);

    // Who looks is told what the server holds, and that the person is kept out.
    let person = fed(server, &["profiles", "find", "Email", "-", "--json"], &format!("{address}\n"));
    let person = person.expect(0);
    assert_eq!(
        (&person["suppressed"], &person["suppression"]["reason"]),
        (&true.into(), &"Objected".into()),
        "{person}"
    );
    let membership = &person["profile"]["segmentMembership"][0];
    assert_ne!(membership["status"], "exited", "{person}");
    let shown = server.run(&["profiles", "find", "CRMID", &id]);
    assert!(shown.expect_status(0).stdout.contains("kept out of all exports since"), "{}", shown.stdout);
    assert_eq!(server.ask(&["audit", "list", "--action", "lookedUp"])["items"].as_array().unwrap().len(), 2);

    // Nothing shows who it was.
    let log = server.run(&["audit", "export"]);
    for told in [&added.stdout, &added.stderr, &listed.stdout, &log.expect_status(0).stdout, &server.log()] {
        assert!(!told.contains(&address), "{told}");
    }
    let removed = fed(server, &["suppressions", "remove", "--file", "-", "--json"], &format!("Email:{address}\n"));
    assert_eq!(removed.expect(0)["removed"], 1);
    assert_eq!(bed.lines(&bed.export()).len(), before.len());
    let nonsense = fed(server, &["suppressions", "add", "--file", "-"], &address);
    assert!(nonsense.expect_status(2).stderr.contains("line 1 of -") && !nonsense.stderr.contains(&address));
}

#[test]
fn who_has_not_agreed_is_withheld_and_counted() {
    let bed = Bed::new(Kind::Moto, WITHOUT_PHONE);
    let server = &bed.server;
    let all = bed.lines(&bed.export()).len();
    let needs = ["--action", "exportToThirdParty", "--needs", "consents.marketing.email.val=y"];
    server.ask(&[&["consent", "create", "Partners need consent"], &needs[..]].concat());
    server.ask(&["consent", "enable", "Partners need consent"]);
    let checked = server.run(&["policies", "check", "daily"]);
    assert!(checked.expect_status(0).stdout.contains("consent policy \"Partners need consent\""), "{}", checked.stdout);
    let run = bed.export();
    let agreed = bed.lines(&run).len();
    assert!(agreed > 1 && agreed < all, "{agreed} of {all}");
    let info = run["metrics"]["recordSummary"]["skippedInfo"].as_array().unwrap();
    let withheld = info.iter().find(|entry| entry["code"] == "noConsent").unwrap();
    assert_eq!(withheld["count"], all - agreed, "{info:?}");
    let shown = server.run(&["runs", "show", run["id"].as_str().unwrap()]);
    assert!(shown.expect_status(0).stdout.contains("A consent policy forbids the export"), "{}", shown.stdout);
    server.ask(&["consent", "disable", "Partners need consent"]);
    assert_eq!(bed.lines(&bed.export()).len(), all);
    server.ask(&["consent", "delete", "Partners need consent"]);
}

#[test]
fn the_audit_log_is_whole_and_can_be_checked_by_anybody() {
    let bed = Bed::new(Kind::Folder, WITHOUT_PHONE);
    let server = &bed.server;
    bed.export();
    server.ask(&["labels", "create", "Lü2", "--description", "\"quoted\" \\ \u{7f} \u{1f600}\t"]);
    let checked = server.ask(&["audit", "check"]);
    assert_eq!(checked["intact"], true, "{checked}");
    let file = server.temp.path().join("audit.ndjson");
    let exported = server.ask(&["audit", "export", "--out", text(&file)]);
    assert_eq!(exported["records"], checked["records"]);
    let records = std::fs::read_to_string(&file).unwrap();
    assert!(run_python(CHECK, &[text(&file)]).starts_with(&format!("{} records", checked["records"])));
    server.run(&["audit", "export", "--out", text(&file)]).expect_status(5);
    assert_eq!(server.run(&["audit", "export"]).expect_status(0).stdout, records);
    // The recipe finds what was changed.
    let forged = records.replacen("\"us\"", "\"eu\"", 1);
    let seq = forged.lines().zip(records.lines()).position(|(a, b)| a != b).unwrap() + 1;
    std::fs::write(&file, forged).unwrap();
    let script = "import subprocess, sys\n\
                  ran = subprocess.run([sys.executable, '-c', sys.argv[2], sys.argv[1]], capture_output=True, text=True)\n\
                  print(ran.returncode, ran.stderr)";
    let said = run_python(script, &[text(&file), CHECK]);
    assert!(said.starts_with(&format!("1 broken at record {seq}")), "{said}");

    let actions = |answer: &Value| -> Vec<String> {
        answer["items"].as_array().unwrap().iter().map(|item| item["action"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(actions(&server.ask(&["audit", "list", "--noun", "labelDefinition"])), ["created"]);
    assert_eq!(actions(&server.ask(&["audit", "list", "--action", "exportAllowed"])), ["exportAllowed"]);
    assert_eq!(server.ask(&["audit", "list", "--limit", "3"])["items"].as_array().unwrap().len(), 3);
    assert!(!actions(&server.ask(&["audit", "list", "--server-wide"])).is_empty());
    server.run(&["audit", "list", "--since", "yesterday"]).expect_status(2);
}
