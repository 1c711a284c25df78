//! Two servers on one PostgreSQL database and one folder. One of them is stopped, killed, frozen or cut off from the
//! database in the middle of a run: the other one ends it, and nothing is lost, doubled or stuck.

use std::collections::BTreeMap;

use outflow_testkit::database::TestDatabase;
use outflow_testkit::faults::{FaultProxy, Faults};
use outflow_testkit::random::Random;
use outflow_testkit::servers::{moto, postgres, sshd};
use serde_json::Value;

use crate::everyone::{self, DATED, STATIC, delivered};
use crate::http::eventually;
use crate::large::rounds;
use crate::place::{Kind, Place};
use crate::run::variables;
use crate::server::Server;

/// What happens to the server that carries a run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blow {
    Stopped,
    Killed,
    Frozen,
    /// Connections to the database are reset, and new ones refused.
    CutOff,
    /// Connections to the database stay open and carry nothing more; new ones work.
    Forgotten,
}

/// Bytes that go to the far end in a whole run, roughly.
const RUN_BYTES: f64 = 28_000_000.0;

/// Bytes a second of one connection, so that a run lasts for seconds.
const SLOW_BPS: u64 = 4_000_000;

struct Pair {
    first: Server,
    second: Server,
    database: FaultProxy,
    far_end: FaultProxy,
    reference: BTreeMap<usize, String>,
    // Dropped last: servers hold connections to it.
    _database: TestDatabase,
}

fn pair(kind: Kind, lease_secs: &str) -> Pair {
    let database = TestDatabase::postgres();
    let params = postgres();
    let direct = format!("{}:{}", params.host, params.port);
    let proxy = FaultProxy::open(&direct);
    let through = database.url().replace(&format!("@{direct}/"), &format!("@127.0.0.1:{}/", proxy.port()));
    let settings = |url: &str| {
        variables(&[
            ("OUTFLOW_DATABASE_URL", url),
            ("OUTFLOW_WORK_LEASE_SECS", lease_secs),
            ("OUTFLOW_WORK_WORKERS", "1"),
            ("OUTFLOW_SERVER_SHUTDOWN_SECS", "60"),
        ])
    };
    let mut first = everyone::server(&settings(&through));
    let to = if kind == Kind::Moto { moto().endpoint } else { format!("127.0.0.1:{}", sshd().port) };
    let far_end = FaultProxy::open(&to);
    let place = Place::through(kind, Some(far_end.port()));
    everyone::account(&mut first, "account", &place);
    let flow = everyone::flow(&first, "undisturbed", "account", &place, DATED);
    let run = first.ended_run(&first.run_flow(&flow));
    let reference = delivered(&first, &place, &run, "undisturbed");
    let second = Server::on(&first.data(), &settings(database.url()));
    Pair { first, second, database: proxy, far_end, reference, _database: database }
}

impl Pair {
    /// Begins a run on the first server, and strikes it once so many bytes are on their way.
    fn strike(&mut self, kind: Kind, blow: Blow, name: &str, bytes: u64) {
        let when = format!("{kind:?}, {blow:?}, after {bytes} bytes");
        println!("{when}");
        let place = Place::through(kind, Some(self.far_end.port()));
        let flow = everyone::flow(&self.first, name, "account", &place, DATED);
        // Only the first one is there to take the job.
        assert_eq!(self.second.down("-TERM"), Some(0), "{}", self.second.log());
        self.far_end.set(&Faults { up_bps: Some(SLOW_BPS), ..Faults::default() });
        let before = self.far_end.state().up;
        let run = self.first.run_flow(&flow);
        assert!(eventually(|| self.first.run_of(&run)["state"] == "processing"), "{when}");
        self.second.up();
        let is_over = || self.second.run_of(&run)["state"] != "processing";
        assert!(eventually(|| self.far_end.state().up - before >= bytes || is_over()), "{when}");
        match blow {
            Blow::Stopped => assert_eq!(self.first.down("-TERM"), Some(0), "{}", self.first.log()),
            Blow::Killed => self.first.kill(),
            Blow::Frozen => self.first.signal("-STOP"),
            Blow::CutOff => {
                self.database.set(&Faults { refuse: true, ..Faults::default() });
                self.database.kill();
            }
            Blow::Forgotten => drop(self.database.silence()),
        }
        self.far_end.heal();
        let ended = self.second.ended_run(&run);
        assert_eq!(delivered(&self.second, &place, &ended, &when), self.reference, "{when}");
        self.comes_back(blow);
        // However the first one came back, it has disturbed nothing.
        assert_eq!(delivered(&self.second, &place, &ended, &when), self.reference, "{when}: afterwards");
        assert_eq!(self.second.run_of(&run), ended, "{when}: afterwards");
        assert_eq!(self.second.runs_of(&flow).len(), 1, "{when}");
    }

    /// The first server is there again, and has settled whatever it was doing.
    fn comes_back(&mut self, blow: Blow) {
        match blow {
            Blow::Stopped | Blow::Killed => return self.first.up(),
            Blow::Frozen => self.first.signal("-CONT"),
            Blow::CutOff => drop(self.database.heal()),
            Blow::Forgotten => {}
        }
        assert!(eventually(|| self.first.request("GET", "/readyz", None).status == 200), "{}", self.first.log());
        // It ends by itself only when its job is settled.
        assert_eq!(self.first.down("-TERM"), Some(0), "{}", self.first.log());
        self.first.up();
    }
}

fn survives(kind: Kind, blow: Blow) {
    // A lease that is handed back is waited for by nobody.
    let mut pair = pair(kind, if blow == Blow::Stopped { "3600" } else { "3" });
    let mut random = Random::new("one of two servers struck");
    // A blow takes as long as a lease, and there are several.
    for round in 0..(rounds(5) / 5).max(1) {
        let bytes = (random.share() * RUN_BYTES) as u64;
        pair.strike(kind, blow, &format!("struck-{round}"), bytes);
    }
    // Each of them works, alone.
    let place = Place::through(kind, Some(pair.far_end.port()));
    let flow = everyone::flow(&pair.first, "last", "account", &place, STATIC);
    for _ in 0..2 {
        let Pair { first: one, second: other, reference, .. } = &mut pair;
        assert_eq!(other.down("-TERM"), Some(0), "{}", other.log());
        let run: Value = one.ended_run(&one.run_flow(&flow));
        assert_eq!(&delivered(one, &place, &run, "last"), reference);
        other.up();
        std::mem::swap(one, other);
    }
    for log in [pair.first.log(), pair.second.log()] {
        assert!(!log.contains("a defect at") && !log.contains("not everything stopped"), "{log}");
        assert!(!log.contains(&postgres().password), "the log has the database's password");
    }
}

#[test]
fn a_server_that_is_stopped_hands_its_run_over() {
    survives(Kind::Moto, Blow::Stopped);
}

#[test]
fn a_server_that_is_killed_is_replaced_at_s3() {
    survives(Kind::Moto, Blow::Killed);
}

#[test]
fn a_server_that_is_killed_is_replaced_at_sftp() {
    survives(Kind::Sshd, Blow::Killed);
}

#[test]
fn a_server_that_was_frozen_disturbs_nothing_at_s3() {
    survives(Kind::Moto, Blow::Frozen);
}

#[test]
fn a_server_that_was_frozen_disturbs_nothing_at_sftp() {
    survives(Kind::Sshd, Blow::Frozen);
}

#[test]
fn a_server_that_is_cut_off_from_the_database_gives_its_run_up_at_s3() {
    survives(Kind::Moto, Blow::CutOff);
}

#[test]
fn a_server_that_is_cut_off_from_the_database_gives_its_run_up_at_sftp() {
    survives(Kind::Sshd, Blow::CutOff);
}

#[test]
fn a_server_whose_connections_to_the_database_were_forgotten_finds_new_ones() {
    survives(Kind::Moto, Blow::Forgotten);
}
