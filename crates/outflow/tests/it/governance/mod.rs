//! Governance by the commands of a data engineer and a marketer, on a real server with real far ends.

mod doctor;
mod files;
mod messages;
mod people;
mod refusals;

use std::io::Write as _;

use serde_json::Value;

use crate::place::{Kind, Place};
use crate::run::{Ran, command, variables};
use crate::samples::{lake, text};
use crate::server::{Server, access};

/// Who is exported.
const RULE: &str = r#"homeAddress.country = "US" and loyalty.points > 100"#;

/// Columns with a telephone number among them, and without.
const WITH_PHONE: &str = "profileId,personalEmail.address:email,mobilePhone.number:phone";
const WITHOUT_PHONE: &str = "profileId,personalEmail.address:email";

/// A server whose flow `daily` hands a segment's members to a third party.
struct Bed {
    server: Server,
    place: Place,
}

impl Bed {
    /// With its flow to `kind`, not run yet.
    fn new(kind: Kind, columns: &str) -> Bed {
        let mut server = Server::with(&[], &variables(&[("OUTFLOW_DESTINATIONS_FOLDER_ROOT", "/")]));
        server.attach("customers", &lake(20_000, 3, 2));
        server.ask(&["segments", "create", "us", "--rule", RULE]);
        server.ask(&["segments", "evaluate", "us"]);
        let place = Place::new(kind);
        let access = access(&place);
        server.create_account("partner", &access).expect(0);
        let target: Vec<&str> = access.target.iter().map(String::as_str).collect();
        let create =
            ["destinations", "create", "daily", "--account", "partner", "--marketing-action", "exportToThirdParty"];
        server.ask(&[&create[..], &target].concat());
        let bed = Bed { server, place };
        bed.activate(columns).expect_status(0);
        bed
    }

    fn activate(&self, columns: &str) -> Ran {
        let when = ["--frequency", "daily", "--start-date", "2999-01-01"];
        self.server.run(&[&["flows", "activate", "daily", "--segment", "us", "--map", columns], &when[..]].concat())
    }

    /// Runs the flow to its end.
    fn export(&self) -> Value {
        let ran = self.server.ask(&["flows", "run", "daily", "--watch"]);
        let run = ran["items"][0].clone();
        assert_eq!(run["state"], "success", "{run}");
        run
    }

    /// The lines of a run's file as the far end has it.
    fn lines(&self, run: &Value) -> Vec<String> {
        let name = run["files"][0]["name"].as_str().unwrap();
        let files = self.place.read();
        String::from_utf8(files[name].clone()).unwrap().lines().map(str::to_owned).collect()
    }

    fn flow(&self) -> Value {
        self.server.ask(&["flows", "show", "daily"])
    }
}

/// Runs a command that reads `input`.
fn fed(server: &Server, args: &[&str], input: &str) -> Ran {
    let mut child = command(args, &server.environment).stdin(std::process::Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

/// A file of the server's folder for tests.
fn written(server: &Server, name: &str, content: &str) -> String {
    let file = server.temp.path().join(name);
    std::fs::write(&file, content).unwrap();
    text(&file).to_owned()
}
