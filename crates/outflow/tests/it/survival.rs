//! A server that is killed at any moment and started again delivers exactly what was planned, once, and its ledger says
//! so.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use outflow_testkit::faults::{FaultProxy, Faults};
use outflow_testkit::random::Random;
use outflow_testkit::servers::{moto, sshd};
use serde_json::{Value, json};

use crate::everyone::{self, DATED, STATIC, delivered};
use crate::http::{eventually, request};
use crate::large::rounds;
use crate::place::{Kind, Place};
use crate::run::variables;
use crate::server::Server;

/// Nobody waits for the leases of the dead.
const LEASE: (&str, &str) = ("OUTFLOW_WORK_LEASE_SECS", "3600");

const RUNS: &str = "/data/foundation/flowservice/runs";
const ADHOC: &str = "/data/core/activation/disflowprovider/adhocrun";

struct Bed {
    server: Server,
    random: Random,
    /// The parts of a run that nothing disturbed, and how long it took.
    reference: BTreeMap<usize, String>,
    whole_run: Duration,
}

fn bed(kind: Kind) -> Bed {
    let mut server = everyone::server(&variables(&[LEASE]));
    let place = Place::new(kind);
    everyone::account(&mut server, "account", &place);
    let flow = everyone::flow(&server, "undisturbed", "account", &place, DATED);
    let started = Instant::now();
    let run = server.run_flow(&flow);
    let run = server.ended_run(&run);
    let whole_run = started.elapsed();
    let reference = delivered(&server, &place, &run, "undisturbed");
    Bed { server, random: Random::new("server killed"), reference, whole_run }
}

impl Bed {
    /// Asks for something, and kills the server at a random moment between the question and a little after the time that
    /// `whole` gives. Answers what was answered, where that came before.
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
        let answered = answered.ok()?;
        assert!((200..300).contains(&answered.status), "{}", answered.text);
        Some(serde_json::from_str(&answered.text).unwrap())
    }

    /// The run of a flow that was asked for before the server was killed: where the answer came it is there.
    fn run_after(&self, flow: &str, answer: Option<&Value>, when: &str) -> String {
        let runs = self.server.runs_of(flow);
        assert!(runs.len() <= 1, "{when}: {runs:?}");
        match (answer, runs.first()) {
            (None, None) => self.server.run_flow(flow),
            (Some(answer), None) => panic!("{when}: what was answered is lost: {answer}"),
            (_, Some(run)) => run["id"].as_str().unwrap().to_owned(),
        }
    }
}

fn killed_while_it_delivers(kind: Kind) {
    let mut bed = bed(kind);
    let (mut cut, rounds) = (0, rounds(5));
    let segment = bed.server.ask(&["segments", "show", "everyone"])["id"].as_str().unwrap().to_owned();
    for round in 0..rounds {
        let when = format!("{kind:?}, round {round}");
        let place = Place::new(kind);
        let name = format!("killed-{round}");
        let is_static = round % 2 == 1;
        let file_name = ["--file-name", if is_static { STATIC } else { DATED }];
        let is_adhoc = round % 3 == 1;
        let start = if is_adhoc { &[][..] } else { &["--start-date", "2999-01-01"] };
        let flow = everyone::flow_from(&bed.server, &name, "account", &place, &[&file_name, start].concat());
        let (path, body) = match is_adhoc {
            true => (ADHOC, json!({"activationInfo": { &*flow: [segment] }})),
            false => (RUNS, json!({ "flowId": flow })),
        };
        let answer = bed.ask_and_kill(path, Some(&body), bed.whole_run);
        bed.server.up();
        let run = bed.run_after(&flow, answer.as_ref(), &when);
        cut += u32::from(bed.server.run_of(&run)["state"] != "success");
        // Whoever takes over may be killed, too.
        if round % 2 == 0 {
            std::thread::sleep(bed.whole_run.mul_f64(bed.random.share() * 0.8));
            bed.server.kill();
            bed.server.up();
        }
        let ended = bed.server.ended_run(&run);
        assert_eq!(delivered(&bed.server, &place, &ended, &when), bed.reference, "{when}");
        if is_static {
            assert_eq!(ended["files"][0]["name"], format!("{name}_{segment}.csv"), "{when}");
        }
        assert_eq!(bed.server.runs_of(&flow).len(), 1, "{when}");
    }
    assert!(cut * 3 > rounds, "only {cut} of {rounds} runs were cut off before their end");
}

#[test]
fn a_killed_server_goes_on_delivering_to_s3() {
    killed_while_it_delivers(Kind::Moto);
}

#[test]
fn a_killed_server_goes_on_delivering_to_sftp() {
    killed_while_it_delivers(Kind::Sshd);
}

/// Asked to stop in the middle of a run, a server leaves nothing at the far end that is not whole, and says goodbye.
fn stopped_while_it_delivers(kind: Kind) {
    let mut bed = bed(kind);
    let to = if kind == Kind::Moto { moto().endpoint } else { format!("127.0.0.1:{}", sshd().port) };
    let far_end = FaultProxy::open(&to);
    // A run lasts for seconds.
    far_end.set(&Faults { up_bps: Some(4_000_000), ..Faults::default() });
    let place = Place::through(kind, Some(far_end.port()));
    everyone::account(&mut bed.server, "slow", &place);
    let flow = everyone::flow(&bed.server, "stopped", "slow", &place, DATED);
    let before = far_end.state().up;
    let run = bed.server.run_flow(&flow);
    let bytes = (bed.random.share() * 10_000_000.0) as u64;
    println!("{kind:?}: stopped after {bytes} bytes");
    assert!(eventually(|| far_end.state().up - before >= bytes), "the run does not begin: {}", bed.server.log());
    assert_eq!(bed.server.down("-TERM"), Some(0), "{}", bed.server.log());
    assert!(!bed.server.log().contains("not everything stopped"), "{}", bed.server.log());
    assert_eq!(place.sums().len(), 0, "{:?}", place.sums());
    assert_eq!(place.open_uploads(), [""; 0]);
    far_end.heal();
    bed.server.up();
    let ended = bed.server.ended_run(&run);
    assert_eq!(delivered(&bed.server, &place, &ended, "stopped"), bed.reference);
}

#[test]
fn a_stopped_server_leaves_nothing_half_done_at_s3() {
    stopped_while_it_delivers(Kind::Moto);
}

#[test]
fn a_stopped_server_leaves_nothing_half_done_at_sftp() {
    stopped_while_it_delivers(Kind::Sshd);
}
