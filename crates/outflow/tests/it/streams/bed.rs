//! A server with a flow to a practice stream, and the eyes that look at what arrives there.

use std::cell::Cell;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use outflow_testkit::python::run_python;
use serde_json::Value;

use super::people::People;
use crate::http::eventually;
use crate::practice::Practice;
use crate::run::Variables;
use crate::samples::text;
use crate::server::{Access, Server};

/// Where messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Far {
    Kinesis,
    EventHubs,
}

/// What the messages hold beside identities and memberships.
const ATTRIBUTES: &str = "person.name.firstName,person.age,personalEmail.address,loyalty.points";

/// All of it.
pub struct Bed {
    pub server: Server,
    pub practice: Practice,
    pub people: People,
    pub flow: String,
    far: Far,
    /// What the account is told beside who signs in.
    account: Vec<String>,
    folder: tempfile::TempDir,
    /// Messages that were read back and are of the schema.
    judged: Cell<u64>,
}

/// What a look at the far end found.
#[derive(Debug)]
pub struct Judged {
    pub messages: u64,
    pub repeats: u64,
    pub profiles: u64,
    pub problems: Vec<String>,
}

impl Bed {
    /// So many people, in two segments that were evaluated, which a flow with these options sends.
    pub fn new(far: Far, people: u64, options: &[&str]) -> Bed {
        Bed::with(far, people, options, &Vec::new())
    }

    /// The same on a server with these settings.
    pub fn with(far: Far, people: u64, options: &[&str], settings: &Variables) -> Bed {
        Bed::of(far, people, options, settings, &[])
    }

    /// The same with an account that has these parameters, too.
    pub fn of(far: Far, people: u64, options: &[&str], settings: &Variables, account: &[&str]) -> Bed {
        let server = Server::with(&[], settings);
        let (practice, people) = (Practice::start(&[]), People::new(people));
        server.ask(&[
            "datasets",
            "attach",
            "people",
            text(&people.file()),
            "--identity",
            "id=CRMID",
            "--identity",
            "personalEmail.address=Email",
        ]);
        server.ask(&["segments", "create", "rich", "--rule", "loyalty.points > 500"]);
        server.ask(&["segments", "create", "american", "--rule", r#"homeAddress.country = "US""#]);
        server.ask(&["segments", "evaluate"]);
        let mut bed = Bed {
            server,
            practice,
            people,
            flow: String::new(),
            far,
            account: account.iter().map(|param| (*param).to_owned()).collect(),
            folder: outflow_testkit::temp_dir(),
            judged: Cell::new(0),
        };
        bed.flow = bed.connect("live", options);
        bed
    }

    /// Makes account, destination and activated flow; its id.
    pub fn connect(&mut self, name: &str, options: &[&str]) -> String {
        let mut access = self.access();
        access.params.extend(self.account.iter().cloned());
        self.server.create_account(name, &access).expect(0);
        let made = self.server.create_destination(name, name, &access);
        let activate = ["flows", "activate", name, "--segment", "rich", "--segment", "american", "--map", ATTRIBUTES];
        self.server.ask(&[&activate[..], options].concat());
        made["flowId"].as_str().unwrap().to_owned()
    }

    fn access(&self) -> Access {
        let told = |pointer: &str| self.practice.text(pointer).to_owned();
        match self.far {
            Far::Kinesis => Access {
                kind: "kinesis",
                params: vec![
                    format!("accessKeyId={}", told("/kinesis/accessKeyId")),
                    format!("region={}", told("/kinesis/region")),
                    format!("endpointUrl={}", told("/kinesis/endpoint")),
                ],
                secret: Some(("secretKey".into(), told("/kinesis/secretAccessKey"))),
                target: vec![
                    "--param".into(),
                    format!("stream={}", told("/kinesis/stream")),
                    "--param".into(),
                    format!("region={}", told("/kinesis/region")),
                ],
            },
            Far::EventHubs => Access {
                kind: "eventhubs",
                params: vec![
                    format!("sasKeyName={}", told("/eventHubs/policies/1/name")),
                    "namespace=practice".into(),
                    format!("endpointUrl={}", told("/eventHubs/endpoint")),
                ],
                secret: Some(("sasKey".into(), told("/eventHubs/policies/1/key"))),
                target: vec!["--param".into(), format!("eventHubName={}", told("/eventHubs/hub"))],
            },
        }
    }

    /// Reads the people's file again and evaluates the segments.
    pub fn evaluate(&self) {
        self.server.ask(&["datasets", "refresh", "people"]);
        self.server.ask(&["segments", "evaluate"]);
    }

    /// How the flow's stream is.
    pub fn status(&self) -> Value {
        let path = format!("/data/foundation/flowservice/flows/{}", self.flow);
        self.server.get(&path)["items"][0]["streamStatus"].clone()
    }

    /// Waits until the stream's state is `state`.
    pub fn until(&self, state: &str) -> Value {
        let mut status = Value::Null;
        let is = eventually(|| {
            status = self.status();
            status["state"] == state
        });
        assert!(is, "the stream does not become {state}: {status}\n{}", self.server.log());
        status
    }

    /// Looks at the far end once.
    pub fn judge(&self) -> Judged {
        let messages = self.folder.path().join("messages.ndjson");
        // Only what came since the last look is read: a soak has many of them.
        let mut file = OpenOptions::new().create(true).append(true).open(&messages).unwrap();
        file.write_all(self.read().as_bytes()).unwrap();
        let schema = self.folder.path().join("schema.json");
        let path = format!("/data/foundation/flowservice/flows/{}/messageSchema", self.flow);
        std::fs::write(&schema, self.server.get(&path).to_string()).unwrap();
        let consumer = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/consumer.py"));
        let segment = |name: &str| self.server.ask(&["segments", "show", name])["id"].as_str().unwrap().to_owned();
        let (rich, american) = (segment("rich"), segment("american"));
        let people = self.people.file();
        let known = self.judged.get().to_string();
        let args = [text(&people), text(&messages), text(&schema), text(&consumer), &rich, &american, &known];
        let judged: Value = serde_json::from_str(&run_python(include_str!("judge.py"), &args)).unwrap();
        let count = |name: &str| judged[name].as_u64().unwrap();
        let judged = Judged {
            messages: count("messages"),
            repeats: count("repeats"),
            profiles: count("profiles"),
            problems: judged["problems"].as_array().unwrap().iter().map(|p| p.as_str().unwrap().to_owned()).collect(),
        };
        if judged.problems.is_empty() {
            self.judged.set(count("lines"));
        }
        judged
    }

    /// Waits until what arrived is what the people's file says, and the stream rests.
    pub fn arrived(&self, when: &str) -> Judged {
        let mut judged = None;
        let is = eventually(|| {
            // As long as it does not rest, what is there is not all.
            if self.status()["state"] != "idle" {
                return false;
            }
            let found = self.judge();
            let good = found.problems.is_empty();
            judged = Some(found);
            good
        });
        let judged = judged.unwrap_or_else(|| self.judge());
        assert!(is, "{when}: {judged:?}, {}\n{}", self.status(), self.server.log());
        judged
    }

    /// The profiles that the consumer of the documentation tells of, made of the practice target's files as they are.
    pub fn consumed(&self) -> Vec<Value> {
        let (folder, member) = match self.far {
            Far::Kinesis => (self.practice.data().join("kinesis/exports"), "text"),
            Far::EventHubs => (self.practice.data().join("event-hubs/exports"), "body"),
        };
        let consumer = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/consumer.py");
        let lines = run_python(include_str!("recipe.py"), &[text(&folder), member, consumer]);
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn read(&self) -> String {
        let told = |pointer: &str| self.practice.text(pointer);
        let places = self.folder.path().join("places.json");
        match self.far {
            Far::Kinesis => run_python(
                include_str!("read_kinesis.py"),
                &[
                    told("/kinesis/endpoint"),
                    told("/kinesis/region"),
                    told("/kinesis/accessKeyId"),
                    told("/kinesis/secretAccessKey"),
                    told("/kinesis/stream"),
                    text(&places),
                ],
            ),
            Far::EventHubs => run_python(
                include_str!("read_event_hubs.py"),
                &[told("/eventHubs/policies/0/connectionString"), told("/eventHubs/hub"), text(&places)],
            ),
        }
    }
}
