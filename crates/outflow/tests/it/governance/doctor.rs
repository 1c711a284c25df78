//! `outflow doctor` on what is well, and on what somebody has broken.

use std::process::Command;

use outflow_testkit::database::TestDatabase;
use outflow_testkit::python::run_python;
use outflow_testkit::servers::postgres;
use serde_json::Value;

use super::{Bed, WITHOUT_PHONE};
use crate::place::Kind;
use crate::run::{Ran, outflow, variables};
use crate::samples::text;
use crate::server::Server;

fn doctor(server: &Server) -> Ran {
    outflow(&["doctor", "--data-dir", text(&server.data()), "--json"], &Vec::new())
}

/// How a check went, and what it found.
fn found(ran: &Ran, name: &str) -> (String, String) {
    let report = ran.json();
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name}: {report}"));
    (check["state"].as_str().unwrap().to_owned(), check["found"].as_str().unwrap().to_owned())
}

/// Does something to the database past the server.
fn forge(server: &Server, sql: &str) {
    let script = "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as db:\n    db.executescript(sys.argv[2])\n";
    run_python(script, &[text(&server.data().join("outflow.db")), sql]);
}

/// The triggers that keep the log as it is are taken off first.
fn without_triggers(server: &Server) {
    let script = "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as db:\n    \
                  for (name,) in db.execute(\"SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='audit'\").fetchall():\n        \
                  db.execute(f'DROP TRIGGER \"{name}\"')\n";
    run_python(script, &[text(&server.data().join("outflow.db"))]);
}

#[test]
fn a_server_that_is_well_is_said_to_be_and_what_is_broken_is_found() {
    let mut bed = Bed::new(Kind::Moto, WITHOUT_PHONE);
    bed.export();
    let beside = doctor(&bed.server);
    let report = beside.expect(0);
    for check in report["checks"].as_array().unwrap() {
        assert!(check["state"] == "ok" || check["name"] == "disk", "{check}");
    }
    assert!(found(&beside, "departures").1.starts_with("1 file there"), "{report}");
    assert!(found(&beside, "secrets").1.starts_with("the keys open 1"), "{report}");
    let table = outflow(&["doctor", "--data-dir", text(&bed.server.data())], &Vec::new());
    assert!(table.expect_status(0).stdout.starts_with("CHECK"), "{}", table.stdout);

    assert_eq!(bed.server.down("-TERM"), Some(0));
    let server = &bed.server;
    doctor(server).expect(0);
    // One record is changed.
    without_triggers(server);
    forge(server, "UPDATE audit SET actor = actor || '2' WHERE sandbox = 'prod' AND seq = 3");
    let changed = doctor(server);
    assert!(
        changed.expect(8)["error"]["message"].as_str().unwrap().contains("audit log of prod"),
        "{}",
        changed.stdout
    );
    assert_eq!(found(&changed, "audit log of prod").0, "fail");
    assert!(found(&changed, "audit log of prod").1.starts_with("broken at record 3"), "{}", changed.stdout);
    forge(server, "UPDATE audit SET actor = substr(actor, 1, length(actor) - 1) WHERE sandbox = 'prod' AND seq = 3");
    doctor(server).expect(0);
    // The end is cut off.
    let last = "(SELECT MAX(seq) FROM audit WHERE sandbox = 'prod')";
    let count = records(&doctor(server), "audit log of prod");
    forge(server, &format!("DELETE FROM audit WHERE sandbox = 'prod' AND seq = {last}"));
    let cut = doctor(server);
    cut.expect(8);
    assert!(found(&cut, "audit log of prod").1.starts_with(&format!("broken at record {count}")), "{}", cut.stdout);
}

fn records(ran: &Ran, name: &str) -> Value {
    let report = ran.json();
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).unwrap()["detail"]["records"].clone()
}

#[test]
fn other_keys_missing_files_and_open_permissions_are_found() {
    let mut bed = Bed::new(Kind::Moto, WITHOUT_PHONE);
    bed.export();
    bed.server.down("-TERM");
    let data = bed.server.data();
    let departures = Command::new("find").args([text(&data), "-name", "*.departures"]).output().unwrap();
    let file = String::from_utf8(departures.stdout).unwrap().lines().next().unwrap().to_owned();
    std::fs::remove_file(&file).unwrap();
    let missing = doctor(&bed.server);
    missing.expect(3);
    assert!(found(&missing, "departures").1.contains(&file), "{}", missing.stdout);

    let other = Server::start();
    std::fs::copy(other.data().join("keys"), data.join("keys")).unwrap();
    Command::new("chmod").args(["go+r", text(&data.join("keys"))]).status().unwrap();
    let open = doctor(&bed.server);
    open.expect(3);
    assert_eq!(found(&open, "permissions").0, "fail");
    assert_eq!(found(&open, "keys").0, "fail", "{}", open.stdout);
    Command::new("chmod").args(["go-r", text(&data.join("keys"))]).status().unwrap();
    let sealed = doctor(&bed.server);
    assert_eq!(found(&sealed, "secrets").0, "fail", "{}", sealed.stdout);
    assert!(found(&sealed, "secrets").1.contains("the keys do not open those of 1"), "{}", sealed.stdout);
    // A typing error makes no database.
    let elsewhere = format!("sqlite://{}", data.join("typo.db").display());
    let typo = ["doctor", "--data-dir", text(&data), "--database-url", &elsewhere, "--json"];
    outflow(&typo, &Vec::new()).expect(3);
    assert!(!data.join("typo.db").exists());
    // It made nothing where nothing is.
    let empty = outflow_testkit::temp_dir();
    let nothing = outflow(&["doctor", "--data-dir", text(empty.path()), "--json"], &Vec::new());
    nothing.expect(3);
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[test]
fn a_database_that_servers_share_is_looked_at_in_its_place() {
    let database = TestDatabase::postgres();
    let url = database.url();
    let settings = variables(&[("OUTFLOW_DATABASE_URL", url)]);
    let server = Server::with(&[], &settings);
    server.ask(&["labels", "create", "L2"]);
    let look = || outflow(&["doctor", "--data-dir", text(&server.data()), "--json"], &settings);
    let well = look();
    assert!(!well.stdout.contains(url), "the report has the database's password");
    well.expect(0);
    let sql = "ALTER TABLE audit DISABLE TRIGGER USER; UPDATE audit SET object_name = 'L3' WHERE sandbox = 'prod' AND seq = 1";
    assert!(
        Command::new(postgres().bin.join("psql"))
            .args([url, "-v", "ON_ERROR_STOP=1", "-c", sql])
            .status()
            .unwrap()
            .success()
    );
    let changed = look();
    changed.expect(8);
    assert!(found(&changed, "audit log of prod").1.starts_with("broken at record 1"), "{}", changed.stdout);
}
