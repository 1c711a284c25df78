//! Somebody presses Ctrl-C: the run stops, and it is as if it had never begun.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use outflow_testkit::faults::{FaultProxy, Faults};
use outflow_testkit::servers::{moto, rclone, sshd};
use serde_json::Value;

use crate::large::{assert_only_whole_files, assert_rerun_completes, begin, begin_with, reference};
use crate::place::{Kind, Place, s3_environment, upload};
use crate::run::{Ran, Variables, outflow, start};
use crate::samples::{lake, names_in, text};

/// Waits until something is so, at most for a time in which any machine gets there.
fn wait_until(what: &str, so: impl Fn() -> bool) {
    let started = Instant::now();
    while !so() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what} never happened");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn signal(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

fn assert_stopped(place: &Place, child: Child) {
    let started = Instant::now();
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert!(started.elapsed() < Duration::from_secs(45), "stopping took {:?}", started.elapsed());
    let summary = ran.expect(130);
    let told = format!("{:?}: {}", place.kind, ran.stderr);
    assert_eq!((&summary["status"], &summary["error"]["class"]), (&"interrupted".into(), &"interrupted".into()));
    assert_eq!((&summary["files"], &summary["manifest"]), (&Value::Array(Vec::new()), &Value::Null));
    assert!(place.sums().is_empty(), "{:?}: {told}", place.sums().keys());
    assert_eq!(place.open_uploads(), [""; 0], "{told}");
    assert_eq!(names_in(&place.state().join("journal")), [""; 0], "{told}");
    assert_rerun_completes(place, "interrupted");
}

#[test]
fn a_delivery_to_a_folder_stops_without_a_trace() {
    reference();
    for name in ["-INT", "-TERM"] {
        let place = Place::new(Kind::Folder);
        let child = begin(&place);
        let folder = place.temp.path().join("target");
        wait_until("a file on its way", || !names_in(&folder).is_empty());
        signal(&child, name);
        assert_stopped(&place, child);
    }
}

#[test]
fn a_delivery_over_the_network_stops_without_a_trace() {
    reference();
    for (kind, server) in [(Kind::Moto, moto().endpoint), (Kind::Sshd, format!("127.0.0.1:{}", sshd().port))] {
        let proxy = FaultProxy::open(&server);
        // Three parts of ten megabytes would take ten seconds.
        proxy.set(&Faults { up_bps: Some(3_000_000), ..Faults::default() });
        let place = Place::through(kind, Some(proxy.port()));
        let child = begin(&place);
        wait_until("two megabytes", || proxy.state().up > 2_000_000);
        signal(&child, "-INT");
        proxy.heal();
        assert_stopped(&place, child);
    }
}

#[test]
fn nobody_waits_for_a_target_that_takes_nothing_more() {
    reference();
    for (kind, server) in [(Kind::Moto, moto().endpoint), (Kind::Sshd, format!("127.0.0.1:{}", sshd().port))] {
        let proxy = FaultProxy::open(&server);
        // In the middle of the first part; the request's own limits are minutes away.
        proxy.set(&Faults { stall_after_up: Some(3_000_000), ..Faults::default() });
        let place = Place::through(kind, Some(proxy.port()));
        let child = begin(&place);
        wait_until("three megabytes", || proxy.state().up >= 3_000_000);
        signal(&child, "-INT");
        let started = Instant::now();
        let ran: Ran = child.wait_with_output().unwrap().into();
        assert!(started.elapsed() < Duration::from_secs(45), "{kind:?}: stopping took {:?}", started.elapsed());
        assert_eq!(ran.expect(130)["status"], "interrupted", "{kind:?}");
        proxy.heal();
        assert_eq!(assert_only_whole_files(&place, "stalled"), 0, "{kind:?}");
        assert_rerun_completes(&place, "stalled");
    }
}

#[test]
fn a_probe_stops_without_a_trace() {
    let proxy = FaultProxy::open(&format!("127.0.0.1:{}", sshd().port));
    // Each answer takes long enough that the test file is seen under way.
    proxy.set(&Faults { latency_ms: Some(100), ..Faults::default() });
    let place = Place::through(Kind::Sshd, Some(proxy.port()));
    let child = start(&["probe", &place.url, "--json"], &place.environment);
    wait_until("a test file", || !place.names().is_empty());
    signal(&child, "-INT");
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!(ran.expect(130)["status"], "interrupted");
    assert_eq!(place.names(), [""; 0]);
}

/// Interrupts a run that has not begun to export, which must then end at once.
fn assert_ends_at_once(child: Child) -> String {
    signal(&child, "-INT");
    let started = Instant::now();
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert!(started.elapsed() < Duration::from_secs(20), "stopping took {:?}", started.elapsed());
    let summary = ran.expect(130);
    assert_eq!((&summary["status"], &summary["error"]["class"]), (&"interrupted".into(), &"interrupted".into()));
    ran.stderr
}

/// Profiles in a bucket that takes its time: the proxy before it, where they are, and what opens it.
fn slow_lake() -> (FaultProxy, String, Variables) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let server = rclone();
    let (temp, lake) = (outflow_testkit::temp_dir(), format!("e2e-slow-{}-{number}", std::process::id()));
    std::fs::write(temp.path().join("a.csv"), format!("id\n{}", "1234567\n".repeat(500_000))).unwrap();
    let (key, secret) = (&server.access_key_id, &server.secret_access_key);
    upload(&server.endpoint, key, secret, &server.bucket, &format!("{lake}/"), temp.path());
    let proxy = FaultProxy::open(&server.endpoint);
    // A block of two megabytes takes forty seconds.
    proxy.set(&Faults { down_bps: Some(50_000), ..Faults::default() });
    let environment = s3_environment(&proxy.endpoint(), key, secret);
    (proxy, format!("s3://{}/{lake}", server.bucket), environment)
}

#[test]
fn commands_that_only_read_stop_at_once_too() {
    let (proxy, source, environment) = slow_lake();
    for args in
        [&["rules", "check", "id = 1", "--profiles", &source, "--json"][..], &["profiles", "show", &source, "--json"]]
    {
        let before = proxy.state().down;
        let child = start(args, &environment);
        wait_until("some of the source", || proxy.state().down > before + 20_000);
        assert_ends_at_once(child);
    }
    let proxy = FaultProxy::open(&moto().endpoint);
    let place = Place::through(Kind::Moto, Some(proxy.port()));
    let (profiles, state) = (lake(20_000, 3, 2), place.state());
    let args = ["export", "--profiles", text(&profiles), "--fields", "profileId", "--to", &place.url, "--json"];
    let summary = outflow(&[&args[..], &["--state-dir", text(&state)]].concat(), &place.environment).expect(0);
    let connections = proxy.set(&Faults { blackhole: true, ..Faults::default() }).connections;
    let child = start(&["verify", summary["manifest"].as_str().unwrap(), "--json"], &place.environment);
    wait_until("a connection", || proxy.state().connections > connections);
    assert_ends_at_once(child);
}

#[test]
fn a_run_stops_while_it_reads_its_sources() {
    let (_proxy, source, environment) = slow_lake();
    let place = Place::new(Kind::Folder);
    let state = place.state();
    let args = ["export", "--profiles", &source, "--fields", "id", "--to", &place.url, "--json", "--state-dir"];
    let mut child = start(&[&args[..], &[text(&state)]].concat(), &environment);
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.starts_with("Reading: ") && line.contains("of the sources looked at"), "{line}");
    assert_ends_at_once(child);
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn a_run_stops_while_it_connects() {
    for (kind, server) in [(Kind::Moto, moto().endpoint), (Kind::Sshd, format!("127.0.0.1:{}", sshd().port))] {
        let proxy = FaultProxy::open(&server);
        proxy.set(&Faults { blackhole: true, ..Faults::default() });
        let place = Place::through(kind, Some(proxy.port()));
        let child = begin_with(&place, &lake(20_000, 3, 2), &[]);
        wait_until("a connection", || proxy.state().connections > 0);
        assert_ends_at_once(child);
        assert_eq!(names_in(&place.state().join("journal")), [""; 0], "{kind:?}");
    }
}

#[test]
fn an_interrupt_between_two_files_tells_which_are_visible() {
    let proxy = FaultProxy::open(&moto().endpoint);
    // Ten files of thirty kilobytes, which are held and sent one after another when all are made. Slow enough that a busy
    // machine sees one of them before all are there.
    proxy.set(&Faults { up_bps: Some(12_000), ..Faults::default() });
    let place = Place::through(Kind::Moto, Some(proxy.port()));
    let (profiles, state) = (lake(20_000, 3, 2), place.state());
    let args = [
        "export",
        "--profiles",
        text(&profiles),
        "--fields",
        "profileId",
        "--rows-per-file",
        "2000",
        "--now",
        "2026-01-02T03:04:05Z",
        "--to",
        &place.url,
        "--state-dir",
        text(&state),
        "--json",
    ];
    let child = start(&args, &place.environment);
    wait_until("a visible file", || !place.sums().is_empty());
    signal(&child, "-INT");
    let summary = Ran::from(child.wait_with_output().unwrap()).expect(130);
    let told = summary["files"].as_array().unwrap().len();
    assert!((1..10).contains(&told), "{summary}");
    assert_eq!((place.sums().len(), &summary["manifest"]), (told, &Value::Null), "{summary}");
    proxy.set(&Faults::default());
    let again = outflow(&args, &place.environment).expect(0);
    assert_eq!((again["files"].as_array().unwrap().len(), place.sums().len()), (10, 11));
    assert_eq!(names_in(&state.join("journal")), [""; 0]);
}
