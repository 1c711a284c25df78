//! The servers are what the tests of the other crates take them for.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use outflow_testkit::database::TestDatabase;
use outflow_testkit::faults::{FaultProxy, Faults};
use outflow_testkit::python::run_python;
use outflow_testkit::servers;

#[test]
fn moto_grants_and_denies_what_its_users_are_named_for() {
    let moto = servers::moto();
    assert_eq!(moto.buckets, ["exports", "forbidden"]);
    let printed = run_python(include_str!("moto.py"), &[&environment("OUTFLOW_TEST_MOTO")]);
    assert_eq!(printed.trim(), "as described");
}

#[test]
fn rclone_keeps_objects_as_files_of_its_folder() {
    let rclone = servers::rclone();
    let printed = run_python(include_str!("rclone.py"), &[&environment("OUTFLOW_TEST_RCLONE")]);
    assert_eq!(printed.trim(), "as described");
    let bytes = std::fs::read(rclone.folder.join("testkit/a.txt")).unwrap();
    assert_eq!(bytes, b"by an independent client");
}

#[test]
fn sshd_admits_and_confines_its_users() {
    let sshd = servers::sshd();
    let printed = run_python(include_str!("sshd.py"), &[&environment("OUTFLOW_TEST_SSHD")]);
    assert_eq!(printed.trim(), "as described");
    let bytes = std::fs::read(sshd.upload_dir.join("testkit.txt")).unwrap();
    assert_eq!(bytes, b"by an independent client");
}

#[test]
fn postgres_gives_each_test_a_database_of_its_own() {
    let [one, other] = [TestDatabase::postgres(), TestDatabase::postgres()];
    assert_ne!(one.url(), other.url());
    assert!(one.dump().contains("PostgreSQL database dump"));
    assert!(TestDatabase::sqlite().url().starts_with("sqlite:///"));
}

#[test]
fn a_proxy_passes_bytes_on_and_counts_them() {
    let proxy = FaultProxy::open(&echo_server());
    assert_eq!(echo(&proxy, &[7; 100_000]).unwrap(), 100_000);
    let state = proxy.state();
    assert_eq!((state.connections, state.up, state.down), (1, 100_000, 100_000));
}

#[test]
fn a_reset_strikes_after_so_many_bytes_and_so_many_times() {
    let proxy = FaultProxy::open(&echo_server());
    proxy.set(&Faults { reset_after_up: Some(50_000), times: Some(1), ..Faults::default() });
    let error = echo(&proxy, &[7; 1_000_000]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error}");
    assert_eq!(echo(&proxy, &[7; 1_000_000]).unwrap(), 1_000_000);
    assert_eq!(proxy.state().resets, 1);
}

#[test]
fn refused_silent_and_eaten_connections_look_it() {
    let proxy = FaultProxy::open(&echo_server());
    proxy.set(&Faults { refuse: true, ..Faults::default() });
    assert!(echo(&proxy, b"x").is_err());
    proxy.set(&Faults { blackhole: true, ..Faults::default() });
    assert_eq!(echo(&proxy, b"x").unwrap_err().kind(), ErrorKind::WouldBlock);
    proxy.set(&Faults { eat_response: true, ..Faults::default() });
    let before = proxy.state().up;
    assert!(echo(&proxy, b"x").is_err() && proxy.state().up == before + 1);
    proxy.set(&Faults { stall_after_down: Some(10), ..Faults::default() });
    assert_eq!(echo(&proxy, &[7; 100]).unwrap_err().kind(), ErrorKind::WouldBlock);
    proxy.heal();
    assert_eq!(echo(&proxy, b"x").unwrap(), 1);
}

#[test]
fn a_slow_link_is_slow_a_silent_one_open_and_a_killed_one_gone() {
    let proxy = FaultProxy::open(&echo_server());
    proxy.set(&Faults { up_bps: Some(1_000_000), ..Faults::default() });
    let started = Instant::now();
    assert_eq!(echo(&proxy, &[7; 500_000]).unwrap(), 500_000);
    assert!(started.elapsed() >= Duration::from_millis(450), "{:?}", started.elapsed());

    let mut connection = connect(&proxy);
    connection.write_all(b"x").unwrap();
    connection.read_exact(&mut [0]).unwrap();
    proxy.silence();
    connection.write_all(b"x").unwrap();
    assert_eq!(connection.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    let mut other = connect(&proxy);
    other.write_all(b"x").unwrap();
    other.read_exact(&mut [0]).unwrap();
    proxy.kill();
    for mut gone in [connection, other] {
        assert_eq!(gone.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
}

/// A server that sends back what it gets, on every connection, until the test's process ends: `HOST:PORT`.
fn echo_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut reader = connection.try_clone().unwrap();
                let mut writer = connection;
                drop(std::io::copy(&mut reader, &mut writer));
            });
        }
    });
    address
}

fn connect(proxy: &FaultProxy) -> TcpStream {
    let connection = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    connection
}

/// How many bytes came back.
fn echo(proxy: &FaultProxy, bytes: &[u8]) -> std::io::Result<usize> {
    let mut connection = connect(proxy);
    let mut writer = connection.try_clone()?;
    let sent = bytes.to_vec();
    let sender = thread::spawn(move || writer.write_all(&sent));
    let mut back = vec![0; bytes.len()];
    let read = connection.read_exact(&mut back);
    // Where reading failed the sender may wait for good: closing ends it.
    if read.is_err() {
        drop(connection.shutdown(std::net::Shutdown::Both));
    }
    let written = sender.join().unwrap();
    read.and(written).map(|()| back.iter().zip(bytes).filter(|(a, b)| a == b).count())
}

#[expect(clippy::disallowed_methods, reason = "the scripts take the parameters as the environment has them")]
fn environment(name: &str) -> String {
    std::env::var(name).unwrap()
}
