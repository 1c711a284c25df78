//! What a server knows and tells nobody: after the whole workflow, with the log at its most talkative, no secret is in an
//! answer, in a line of the log or in a file of the data folder, and no profile's value is in the log.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::http::request;
use crate::place::{Kind, Place};
use crate::run::{Ran, outflow, variables};
use crate::samples::lake;
use crate::server::{SECRET_VARIABLE, Server, access};

const FLOWS: &str = "/data/foundation/flowservice";
const WEBHOOK_SECRET: &str = "hooks-are-signed-with-this-secret";
const WRONG_SECRET: &str = "this-secret-opens-nothing-at-all";

/// A server, what it must not tell, and every answer that it gave.
struct Listener {
    server: Server,
    secrets: Vec<(&'static str, String)>,
    answers: Vec<(String, String)>,
}

impl Listener {
    fn knows(&mut self, what: &'static str, secret: &str) {
        assert!(secret.len() >= 8, "{what} is too short to be looked for");
        self.secrets.push((what, secret.to_owned()));
    }

    fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let answered = self.server.request(method, path, body);
        let json = serde_json::from_str(&answered.text).unwrap_or(Value::Null);
        self.answers.push((format!("{method} {path}: {}", answered.status), answered.text));
        json
    }

    fn ran(&mut self, what: &str, ran: &Ran) {
        self.answers.push((what.to_owned(), format!("{}\n{}", ran.stdout, ran.stderr)));
    }

    /// An account that works and one that does not, a destination, a flow, runs that succeed, a run that fails.
    fn deliver(&mut self, kind: Kind) -> Place {
        let place = Place::new(kind);
        let mut access = access(&place);
        let (account, flow) = (format!("account-{}", access.kind), format!("flow-{}", access.kind));
        let (member, secret) = access.secret.clone().unwrap();
        self.knows("an account's secret", &secret);
        access.secret = Some((member.clone(), WRONG_SECRET.into()));
        let refused = self.server.create_account(&account, &access);
        assert_ne!(refused.status, Some(0));
        self.ran("a refused account", &refused);
        access.secret = Some((member.clone(), secret.clone()));
        let made = self.server.create_account(&account, &access);
        self.ran("an account", &made);
        let connection = made.expect(0)["id"].as_str().unwrap().to_owned();
        let made = self.server.create_destination(&flow, &account, &access);
        let when = ["--frequency", "daily", "--start-date", "2999-01-01"];
        let map = ["--map", "profileId,personalEmail.address,person.name.lastName,mobilePhone.number"];
        self.server.ask(&[&["flows", "activate", &flow, "--segment", "us"], &when[..], &map].concat());
        let flow = made["flowId"].as_str().unwrap();
        let run = self.server.run_flow(flow);
        assert_eq!(self.server.ended_run(&run)["state"], "success");
        self.ask("POST", &format!("{FLOWS}/runs/{run}/verify"), None);
        self.ask("GET", &format!("{FLOWS}/connections/{connection}/test"), None);
        let patch =
            |secret: &str| json!([{"op": "replace", "path": format!("/auth/params/{member}"), "value": secret}]);
        self.patched(&format!("{FLOWS}/connections/{connection}"), &patch(WRONG_SECRET));
        self.patched(&format!("{FLOWS}/connections/{connection}"), &patch(&secret));
        place
    }

    /// A change as clients send it, with the condition that they must give.
    fn patched(&mut self, path: &str, patch: &Value) {
        let etag = self.ask("GET", path, None)["items"][0]["etag"].as_str().unwrap().to_owned();
        let script = "import json, sys, urllib.request as u\n\
                      r = u.Request(sys.argv[1], data=sys.argv[3].encode(), method='PATCH', headers={'If-Match': sys.argv[4], \
                      'Authorization': 'Bearer ' + sys.argv[2], 'Content-Type': 'application/json'})\n\
                      try: print(u.urlopen(r).read().decode())\n\
                      except u.HTTPError as e: print(e.code, e.read().decode())";
        let url = format!("{}{path}", self.server.url());
        let args = [&url, self.server.token(), &patch.to_string(), &etag];
        let told = outflow_testkit::python::run_python(script, &args);
        self.answers.push((format!("PATCH {path}"), told));
    }

    /// Every list, and each of its objects, with all that is below it.
    fn look_everywhere(&mut self) {
        let document = self.ask("GET", "/openapi.json", None);
        let paths: Vec<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
        let has_get = |path: &String| document["paths"][path]["get"].is_object();
        let mut seen = 0;
        for path in paths.iter().filter(|path| has_get(path)) {
            let Some((list, below)) = path.split_once("/{id}") else {
                self.ask("GET", path, None);
                continue;
            };
            let listed = self.server.request("GET", list, None);
            for id in ids(&serde_json::from_str(&listed.text).unwrap_or(Value::Null)) {
                self.ask("GET", &format!("{list}/{id}{below}"), None);
                seen += 1;
            }
        }
        assert!(seen > 20, "only {seen} objects were looked at");
    }

    fn assert_untold(&self) {
        let log = self.server.log();
        for (what, secret) in &self.secrets {
            assert!(!log.contains(secret), "the log has {what}");
            for (asked, told) in &self.answers {
                assert!(!told.contains(secret), "{asked} tells {what}");
            }
            for (path, held) in files(&self.server.data()) {
                let own = what.starts_with("the keys") && path.ends_with("keys");
                let own = own || (what.starts_with("the secret of admin") && path.ends_with("admin-secret"));
                let found = held.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(own == found, "{what} and {path}: {found}");
                if own {
                    continue;
                }
            }
        }
    }
}

fn ids(listed: &Value) -> BTreeSet<String> {
    let lists = ["items", "segments", "children"].into_iter().filter_map(|member| listed[member].as_array());
    lists.flatten().filter_map(|item| item["id"].as_str()).take(5).map(str::to_owned).collect()
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.display().to_string(), std::fs::read(&path).unwrap_or_default()));
            }
        }
    }
    found
}

/// What was delivered of people: every value of some rows that is long enough to be looked for.
fn values(place: &Place) -> BTreeSet<String> {
    let files = place.read();
    let (_, file) = files.iter().find(|(name, _)| name.ends_with(".csv")).unwrap();
    let text = String::from_utf8(file.clone()).unwrap();
    let rows = text.lines().skip(1).step_by(7).take(300);
    let cells = rows.flat_map(|line| line.split(',').map(|cell| cell.trim_matches('"').to_owned()).collect::<Vec<_>>());
    let values: BTreeSet<String> = cells.filter(|cell| cell.len() >= 8).collect();
    assert!(values.len() > 300, "{values:?}");
    values
}

#[test]
fn no_secret_leaves_the_server_and_no_value_enters_its_log() {
    let settings = [
        ("OUTFLOW_LOG_LEVEL", "trace"),
        ("OUTFLOW_LOG_FORMAT", "json"),
        ("OUTFLOW_ALERTS_ALLOW_PRIVATE_ADDRESSES", "true"),
        ("OUTFLOW_DATASETS_FOLDER_ROOTS", env!("CARGO_TARGET_TMPDIR")),
    ];
    let server = Server::with(&[], &variables(&settings));
    let mut listener = Listener { server, secrets: Vec::new(), answers: Vec::new() };
    let data = listener.server.data();
    let token = listener.server.token().to_owned();
    listener.knows("a token", &token);
    listener.knows("the secret of admin", std::fs::read_to_string(data.join("admin-secret")).unwrap().trim());
    let keys = std::fs::read_to_string(data.join("keys")).unwrap();
    listener.knows("the keys", keys.split_whitespace().last().unwrap());
    listener.knows("a secret that is wrong", WRONG_SECRET);
    listener.knows("a webhook's secret", WEBHOOK_SECRET);
    let channel = json!({"type": "webhook", "url": "http://127.0.0.1:9/", "secret": WEBHOOK_SECRET});
    let path = "/data/foundation/alerts/subscriptions";
    let made = listener.ask("POST", path, Some(&json!({"name": "hook", "channel": channel})));
    assert!(made["id"].is_string(), "{made}");
    listener.ask("POST", path, Some(&json!({"kinds": ["no"], "channel": channel})));
    let dataset = listener.server.attach("customers", &lake(20_000, 3, 2));
    assert_eq!(dataset["refresh"]["state"], "success", "{dataset}");
    listener.server.ask(&["segments", "create", "us", "--rule", r#"homeAddress.country = "US""#]);
    listener.server.ask(&["segments", "evaluate", "us"]);
    let places = [Kind::Moto, Kind::Sshd].map(|kind| listener.deliver(kind));
    listener.look_everywhere();
    let second = outflow(&["token", "--data-dir", data.to_str().unwrap()], &Vec::new());
    listener.knows("a second token", second.expect_status(0).stdout.trim());
    for wrong in ["wrong-token-wrong-token", &second.stdout[..20]] {
        let refused = request(listener.server.url(), wrong, "GET", "/data/foundation/flowservice/runs", None).unwrap();
        assert_eq!(refused.status, 401);
        listener.answers.push(("a wrong token".into(), refused.text));
    }
    assert!(listener.server.environment.iter().any(|(name, _)| name == SECRET_VARIABLE));
    // What is written at the end is looked at, too.
    assert_eq!(listener.server.down("-TERM"), Some(0));
    listener.assert_untold();
    let log = listener.server.log();
    assert!(log.contains("\"level\":\"DEBUG\""), "the log is not talkative");
    for place in &places {
        let told: Vec<String> = values(place).into_iter().filter(|value| log.contains(value)).collect();
        assert!(told.is_empty(), "the log has profiles' values: {told:?}");
    }
}
