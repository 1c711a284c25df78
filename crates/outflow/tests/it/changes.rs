//! Refreshes, evaluations and incremental exports under a server that is killed again and again: the files fold to the
//! membership, for state advances only with a delivery that is in the ledger.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use outflow_testkit::random::Random;
use serde_json::{Value, json};

use crate::everyone::DATED;
use crate::http::{eventually, request};
use crate::large::{is_temporary, rounds};
use crate::place::{Kind, Place};
use crate::run::variables;
use crate::samples::text;
use crate::server::{Server, access};

const PEOPLE: usize = 40_000;

const DATASETS: &str = "/data/foundation/datasets";
const JOBS: &str = "/data/core/ups/segment/jobs";
const RUNS: &str = "/data/foundation/flowservice/runs";

/// People who move, a flow that tells who entered and left, and a consumer who reads its files.
struct Story {
    server: Server,
    place: Place,
    source: PathBuf,
    random: Random,
    /// Whether each person is in the segment.
    inside: Vec<bool>,
    dataset: String,
    flow: String,
    /// Runs that the consumer has read, and who is in the segment by what they say.
    read: BTreeSet<String>,
    folded: BTreeSet<usize>,
    deaths: u32,
}

impl Story {
    fn begin() -> Story {
        let settings = [("OUTFLOW_WORK_LEASE_SECS", "3600"), ("OUTFLOW_DESTINATIONS_FOLDER_ROOT", "/")];
        let mut server = Server::with(&[], &variables(&settings));
        let place = Place::new(Kind::Folder);
        let source = place.temp.path().join("people.csv");
        let inside: Vec<bool> = (0..PEOPLE).map(|who| who % 3 == 0).collect();
        write(&source, &inside);
        let args = ["datasets", "attach", "people", text(&source), "--identity", "id=CRMID"];
        let dataset = server.ask(&args)["id"].as_str().unwrap().to_owned();
        server.ask(&["segments", "create", "americans", "--rule", r#"country = "US""#]);
        server.ask(&["segments", "evaluate", "americans"]);
        let access = access(&place);
        server.create_account("account", &access).expect(0);
        let made = server.create_destination("changes", "account", &access);
        let when = ["--mode", "incremental", "--frequency", "daily", "--start-date", "2999-01-01"];
        let files = ["--map", "id,segmentMembership.status:status", "--file-name", DATED];
        server.ask(&[&["flows", "activate", "changes", "--segment", "americans"], &when[..], &files].concat());
        let flow = made["flowId"].as_str().unwrap().to_owned();
        let (random, read, folded) = (Random::new("changes killed"), BTreeSet::new(), BTreeSet::new());
        Story { server, place, source, random, inside, dataset, flow, read, folded, deaths: 0 }
    }

    /// Some people enter, some leave.
    fn change(&mut self) {
        for _ in 0..200 {
            let who = self.random.below(PEOPLE as u64) as usize;
            self.inside[who] = !self.inside[who];
        }
        write(&self.source, &self.inside);
    }

    /// Asks for something, kills the server at a random moment of it, and starts it again. The answer, where it came.
    fn ask_and_kill(&mut self, path: &str, body: Option<&Value>, whole: Duration) -> Option<Value> {
        let moment = whole.mul_f64(self.random.share() * 1.1);
        let (url, token) = (self.server.url().to_owned(), self.server.token().to_owned());
        let answered = std::thread::scope(|scope| {
            let asking = scope.spawn(|| request(&url, &token, "POST", path, body));
            std::thread::sleep(moment);
            self.server.kill();
            asking.join().unwrap()
        });
        println!("POST {path}, killed after {} ms", moment.as_millis());
        self.server.up();
        self.deaths += 1;
        let answered = answered.ok()?;
        assert!((200..300).contains(&answered.status), "{}", answered.text);
        Some(serde_json::from_str(&answered.text).unwrap())
    }

    fn refresh(&mut self, killed: Option<Duration>) {
        let path = format!("{DATASETS}/{}/refresh", self.dataset);
        let answer = killed.and_then(|whole| self.ask_and_kill(&path, None, whole));
        if answer.is_none() {
            self.server.request("POST", &path, None).expect(202);
        }
        self.goes_well(&format!("{DATASETS}/{}", self.dataset), "/items/0/refresh/state");
    }

    fn evaluate(&mut self, killed: Option<Duration>) {
        let answer = killed.and_then(|whole| self.ask_and_kill(JOBS, None, whole));
        let job = answer.unwrap_or_else(|| self.server.request("POST", JOBS, None).expect(200));
        self.goes_well(&format!("{JOBS}/{}", job["id"].as_str().unwrap()), "/status");
    }

    /// Waits until the work whose state stands at `state` of what is got is over.
    fn goes_well(&self, path: &str, state: &str) {
        let mut shown = Value::Null;
        let mut reached = String::new();
        let is_over = eventually(|| {
            shown = self.server.get(path);
            reached = shown.pointer(state).and_then(Value::as_str).unwrap().to_lowercase();
            !["queued", "processing"].contains(&reached.as_str())
        });
        let is_good = ["success", "succeeded"].contains(&reached.as_str());
        assert!(is_over && is_good, "{shown}\n{}", self.server.log());
    }

    fn deliver(&mut self, killed: Option<Duration>) {
        let before = self.server.runs_of(&self.flow).len();
        let body = json!({ "flowId": self.flow });
        let answer = killed.and_then(|whole| self.ask_and_kill(RUNS, Some(&body), whole));
        let mut runs = self.server.runs_of(&self.flow);
        if runs.len() == before {
            assert!(answer.is_none(), "what was answered is lost: {answer:?}");
            self.server.run_flow(&self.flow);
            runs = self.server.runs_of(&self.flow);
        }
        assert_eq!(runs.len(), before + 1);
        let run = self.server.ended_run(runs[before]["id"].as_str().unwrap());
        assert_eq!(run["state"], "success", "{run}");
        self.consume(&run);
    }

    /// Takes a run's files as a consumer would.
    fn consume(&mut self, run: &Value) {
        assert!(self.read.insert(run["id"].as_str().unwrap().to_owned()));
        let files = self.place.read();
        assert!(!files.keys().any(|name| is_temporary(name)), "{:?}", files.keys());
        // Each run has left one file and its manifest.
        assert_eq!(files.len(), 2 * self.read.len(), "{:?}", files.keys());
        let file = &files[run["files"][0]["name"].as_str().unwrap()];
        let mut told = BTreeSet::new();
        if run["mode"] == "full" {
            self.folded.clear();
        }
        for line in String::from_utf8(file.clone()).unwrap().lines().skip(1) {
            let (who, status) = line.split_once(',').unwrap();
            let who = who.parse().unwrap();
            assert!(told.insert(who), "{who} is there twice");
            match status {
                "exited" => assert!(self.folded.remove(&who), "{who} left without having been there"),
                "realized" => assert!(self.folded.insert(who), "{who} entered twice"),
                other => assert!(other == "existing" && self.folded.insert(who), "{who}: {other}"),
            }
        }
        let expected: BTreeSet<usize> = (0..PEOPLE).filter(|&who| self.inside[who]).collect();
        assert_eq!(self.folded, expected, "{run}");
    }
}

/// The file is another one each time: who reads the old one goes on with it.
fn write(source: &std::path::Path, inside: &[bool]) {
    let mut csv = "id,country,note\n".to_owned();
    for (who, inside) in inside.iter().enumerate() {
        csv.push_str(&format!("{who},{},{}\n", if *inside { "US" } else { "DE" }, "n".repeat(who % 90)));
    }
    let new = source.with_extension("new");
    std::fs::write(&new, csv).unwrap();
    std::fs::rename(new, source).unwrap();
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

#[test]
fn incremental_exports_fold_to_the_membership_whatever_dies() {
    let mut story = Story::begin();
    story.deliver(None);
    story.change();
    let (refreshed, evaluated) = (timed(|| story.refresh(None)), timed(|| story.evaluate(None)));
    let delivered = timed(|| story.deliver(None));
    for _ in 0..rounds(5) {
        story.change();
        story.refresh(Some(refreshed));
        story.evaluate(Some(evaluated));
        story.deliver(Some(delivered));
    }
    let runs = story.server.runs_of(&story.flow);
    assert_eq!(runs[0]["mode"], "full");
    assert!(runs[1..].iter().all(|run| run["mode"] == "incremental"), "{runs:?}");
    assert_eq!(story.deaths, rounds(5) * 3);
}
