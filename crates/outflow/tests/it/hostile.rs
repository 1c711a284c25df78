//! Wrong and hostile requests, made by schemathesis from the description that the server itself gives of its API: no
//! request ends in a fault of the server, no answer is other than described, nothing panics, and no secret is told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use outflow_testkit::random::Random;
use serde_json::{Value, json};

use crate::everyone;
use crate::http::request;
use crate::large::rounds;
use crate::place::{Kind, Place};
use crate::run::variables;
use crate::samples::{lake, text};
use crate::server::Server;

/// What is looked at in every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
                      response_headers_conformance,ignored_auth,unsupported_method";

/// Texts that have broken others, as far as they fit into a header.
const NASTY: [&str; 14] = [
    "../../../../etc/passwd",
    "/etc/passwd",
    "file:///proc/self/environ",
    "'; DROP TABLE run; --",
    "%00%2e%2e%2f",
    "********",
    "%SEGMENT_NAME%%DATETIME(%",
    "((((((((((((((((((((((((((((((((",
    "not not not not a = 1 and \"",
    "2026-02-30T25:61:61Z",
    "0 0 * * *",
    "-0",
    "http://127.0.0.1:1/",
    "localhost:22",
];

struct Bed {
    server: Server,
    place: Place,
    secret: String,
    random: Random,
}

/// A server that holds one of everything.
fn bed() -> Bed {
    let root = outflow_testkit::temp_dir();
    let settings = [
        ("OUTFLOW_LOG_LEVEL", "debug"),
        ("OUTFLOW_DESTINATIONS_PROBE_TIMEOUT_SECS", "1"),
        ("OUTFLOW_DESTINATIONS_FOLDER_ROOT", text(root.path())),
        ("OUTFLOW_DATASETS_FOLDER_ROOTS", env!("CARGO_TARGET_TMPDIR")),
        ("OUTFLOW_ALERTS_TIMEOUT_SECS", "1"),
    ];
    let mut server = Server::with(&[], &variables(&settings));
    let dataset = server.attach("customers", &lake(20_000, 3, 2));
    assert_eq!(dataset["refresh"]["state"], "success", "{dataset}");
    server.ask(&["segments", "create", "everyone", "--rule", r#"profileId != "nobody""#]);
    server.ask(&["segments", "evaluate", "everyone"]);
    let place = Place::new(Kind::Moto);
    everyone::account(&mut server, "account", &place);
    let secret = place.environment.iter().find(|(name, _)| name == "AWS_SECRET_ACCESS_KEY").unwrap().1.clone();
    let flow = everyone::flow(&server, "flow", "account", &place, everyone::DATED);
    let run = server.run_flow(&flow);
    assert_eq!(server.ended_run(&run)["state"], "success");
    let schedule = json!({
        "name": "daily", "type": "batch_segmentation", "schedule": "0 0 1 * * ?", "state": "inactive",
        "properties": {"segments": ["*"]},
    });
    server.request("POST", "/data/core/ups/config/schedules", Some(&schedule)).expect(200);
    let channel = json!({"type": "webhook", "url": "https://hooks.example.com/", "secret": secret});
    let subscription = json!({"name": "hook", "channel": channel});
    server.request("POST", "/data/foundation/alerts/subscriptions", Some(&subscription)).expect(201);
    let preview = json!({"predicateExpression": "loyalty.points > 1", "predicateType": "pql/text"});
    server.request("POST", "/data/core/ups/preview", Some(&preview)).expect(201);
    Bed { server, place, secret, random: Random::new("hostile requests") }
}

impl Bed {
    /// The ids that each collection holds.
    fn ids(&self, document: &Value) -> BTreeMap<String, Vec<String>> {
        let mut found = BTreeMap::new();
        for path in document["paths"].as_object().unwrap().keys() {
            let Some((list, _)) = path.split_once("/{id}") else { continue };
            let listed = self.server.request("GET", list, None);
            let listed: Value = serde_json::from_str(&listed.text).unwrap_or(Value::Null);
            let lists = ["items", "segments", "children"].into_iter().filter_map(|member| listed[member].as_array());
            let ids: Vec<String> = lists.flatten().filter_map(|i| i["id"].as_str().map(str::to_owned)).collect();
            if !ids.is_empty() {
                found.insert(list.to_owned(), ids);
            }
        }
        assert!(found.len() >= 10, "too little is there to be asked for: {:?}", found.keys());
        found
    }

    /// The settings of schemathesis: ids that exist, mostly, and nasty texts now and then.
    fn settings(&self, file: &Path) {
        let document = self.server.get("/openapi.json");
        let ids = self.ids(&document);
        let mut lines: Vec<String> = [
            "continue-on-failure = true",
            "request-timeout = 30",
            "max-stream-events = 3",
            "warnings = false",
            "output.sanitization.enabled = false",
            "generation.database = \"none\"",
            "generation.allow-x00 = true",
        ]
        .map(str::to_owned)
        .to_vec();
        let mut texts: Vec<&str> = NASTY.to_vec();
        let mut operations = Vec::new();
        for (n, (list, ids)) in ids.iter().enumerate() {
            texts.extend(ids.iter().map(String::as_str));
            lines.extend([format!("[dictionaries.ids{n}]"), format!("values = {}", json!(ids))]);
            let below = document["paths"].as_object().unwrap().keys();
            for path in below.filter(|path| path.starts_with(&format!("{list}/{{id}}"))) {
                operations.push("[[operations]]".to_owned());
                operations.push(format!("include-path = {}", json!(path)));
                let known = format!("{{ dictionary = \"ids{n}\", probability = 0.7 }}");
                operations.push(format!("parameters = {{ \"path.id\" = {known} }}"));
            }
        }
        lines.extend(["[dictionaries.texts]".to_owned(), format!("values = {}", json!(texts))]);
        lines.extend(
            ["[generation.dictionaries.string]", "dictionary = \"texts\"", "probability = 0.15"].map(str::to_owned),
        );
        lines.extend(operations);
        std::fs::write(file, lines.join("\n")).unwrap();
    }

    /// Lets schemathesis loose, and answers what was answered to it.
    fn attack(&mut self, name: &str, token: Option<&str>, phases: &str, examples: u32) -> Vec<Value> {
        let folder = self.server.temp.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        let (config, har) = (folder.join("schemathesis.toml"), folder.join("answers.har"));
        self.settings(&config);
        let seed = self.random.below(1 << 32).to_string();
        let mut command = Command::new(outflow_testkit::servers::python());
        command.args(["-m", "schemathesis.cli", "--config-file", text(&config), "run"]);
        command.arg(format!("{}/openapi.json", self.server.url()));
        command.args(["--phases", phases, "--max-examples", &examples.to_string(), "--seed", &seed]);
        command.args(["--workers", "2", "--checks", CHECKS, "--report-har-path", text(&har), "--no-color"]);
        // Those are about how fast schemathesis itself is.
        command.args(["--suppress-health-check", "all"]);
        if let Some(token) = token {
            command.args(["--header", &format!("Authorization: Bearer {token}")]);
        }
        let ran = command.current_dir(&folder).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        println!("{name}: {}", said.lines().filter(|line| line.contains("generated")).collect::<String>());
        assert!(ran.status.success(), "{said}\n{}\n{}", String::from_utf8_lossy(&ran.stderr), self.worst());
        let har: Value = serde_json::from_slice(&std::fs::read(har).unwrap()).unwrap();
        har["log"]["entries"].as_array().unwrap().iter().map(|entry| entry["response"].clone()).collect()
    }

    /// What the log has of faults.
    fn worst(&self) -> String {
        let log = self.server.log();
        let bad = |line: &&str| line.contains("status=5") || line.contains("a defect at") || line.contains("ERROR");
        log.lines().filter(bad).take(20).collect::<Vec<_>>().join("\n")
    }

    fn assert_sound(&self, answers: &[Value]) {
        assert_eq!(self.worst(), "");
        let secret_of_admin = std::fs::read_to_string(self.server.data().join("admin-secret")).unwrap();
        let keys = std::fs::read_to_string(self.server.data().join("keys")).unwrap();
        let keys = keys.split_whitespace().last().unwrap();
        let secrets =
            [("an account's secret", &*self.secret), ("admin's secret", secret_of_admin.trim()), ("a key", keys)];
        let log = self.server.log();
        let token = self.server.token();
        for (what, secret) in secrets.into_iter().chain([("the token", token)]) {
            assert!(!log.contains(secret), "the log has {what}");
            let told = answers.iter().find(|answer| answer.to_string().contains(secret));
            assert!(told.is_none(), "{what} is told: {told:?}");
        }
        self.server.request("GET", "/readyz", None).expect(200);
    }
}

#[test]
fn hostile_requests_break_nothing_and_learn_no_secret() {
    let mut bed = bed();
    let token = bed.server.token().to_owned();
    let is_soak = rounds(0) > 0;
    let phases = if is_soak { "examples,coverage,fuzzing,stateful" } else { "examples,coverage,fuzzing" };
    let answers = bed.attack("with-token", Some(&token), phases, if is_soak { 2 * rounds(0) } else { 3 });
    assert!(answers.len() > 1_000, "only {} requests were made", answers.len());
    let statuses: BTreeMap<u64, usize> = answers.iter().fold(BTreeMap::new(), |mut counts, answer| {
        *counts.entry(answer["status"].as_u64().unwrap()).or_default() += 1;
        counts
    });
    println!("{statuses:?}");
    // It got through to what it asked for, and not only to the door.
    assert!(statuses[&200] > 100 && statuses[&400] > 100, "{statuses:?}");
    bed.assert_sound(&answers);
    // What is delivered is nobody's to touch.
    assert!(!bed.place.read().is_empty());
}

#[test]
fn without_a_token_there_is_only_the_door() {
    let mut bed = bed();
    let document = bed.server.get("/openapi.json");
    let mut asked = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            if operation.get("security").is_none() {
                continue;
            }
            for token in ["", "x", &"y".repeat(5_000)] {
                let method = method.to_uppercase();
                let path = path.replace("{id}", "x");
                let answer = request(bed.server.url(), token, &method, &path, Some(&json!({}))).unwrap();
                assert!([401, 403].contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.text);
                asked += 1;
            }
        }
    }
    assert!(asked > 150, "{asked}");
    let answers = bed.attack("without-token", None, "fuzzing", if rounds(0) > 0 { 20 } else { 2 });
    let is_public = |answer: &&Value| answer["status"].as_u64().unwrap() < 300;
    let told: PathBuf = bed.server.temp.path().join("without-token");
    assert!(answers.iter().filter(is_public).count() < answers.len() / 4, "see {}", told.display());
    bed.assert_sound(&answers);
}
