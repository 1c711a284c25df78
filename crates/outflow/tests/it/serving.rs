//! Starting and stopping a server: what it makes, what it refuses, and what it logs.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use crate::place::{Kind, Place};
use crate::run::{outflow, variables};
use crate::samples::text;
use crate::server::{Server, access};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_first_start_makes_folder_keys_and_admin_for_their_owner_alone() {
    let mut server = Server::start();
    let data = server.data();
    assert_eq!(mode(&data), 0o700);
    for name in ["keys", "admin-secret", "outflow.db"] {
        assert_eq!(mode(&data.join(name)) & 0o077, 0, "{name} is open to others");
    }
    assert_eq!((mode(&data.join("keys")), mode(&data.join("admin-secret"))), (0o600, 0o600));
    let made = |name: &str| std::fs::read(data.join(name)).unwrap();
    let before = (made("keys"), made("admin-secret"));
    let secret = String::from_utf8(made("admin-secret")).unwrap();
    assert!(!server.log().contains(secret.trim()), "the log has the secret");
    assert_eq!(server.down("-TERM"), Some(0), "{}", server.log());
    server.up();
    assert_eq!((made("keys"), made("admin-secret")), before, "a second start makes others");
    server.run(&["datasets", "list"]).expect_status(0);
}

#[test]
fn a_token_stands_alone_on_its_line_and_is_needed() {
    let server = Server::start();
    let data = server.data();
    // Without a server named: where the one on this folder listens.
    let ran = outflow(&["token", "--data-dir", text(&data)], &Vec::new());
    let token = ran.expect_status(0).stdout.lines().last().unwrap().to_owned();
    assert!(token.len() >= 32 && token.chars().all(|c| c.is_ascii_graphic()), "{token:?}");
    let url = server.url();
    for (variable, status) in [(&*token, 0), ("wrong", 4)] {
        let environment = variables(&[("OUTFLOW_SERVER", url), ("OUTFLOW_TOKEN", variable)]);
        outflow(&["flows", "list"], &environment).expect_status(status);
        outflow(&["flows", "list", "--server", url, "--token", variable], &Vec::new()).expect_status(status);
    }
    outflow(&["flows", "list", "--server", url], &Vec::new()).expect_status(4);
    let wrong = server.temp.path().join("wrong-secret");
    std::fs::write(&wrong, "wrong").unwrap();
    let source = format!("file:{}", text(&wrong));
    let refused = outflow(&["token", "--server", url, "--client-secret", &source], &Vec::new());
    assert_eq!(refused.expect_status(4).stdout, "");
}

#[test]
fn a_public_address_is_refused_in_clear_before_anything_is_made() {
    let temp = outflow_testkit::temp_dir();
    let data = temp.path().join("data");
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let ran = outflow(&["serve", "--data-dir", text(&data), "--listen", listen], &Vec::new());
        ran.expect_status(2);
        assert!(ran.stderr.contains("--behind-proxy") && ran.stderr.contains("tls.cert_file"), "{}", ran.stderr);
        assert!(!data.exists());
    }
}

#[test]
fn settings_that_do_not_exist_are_refused_with_a_near_name() {
    let temp = outflow_testkit::temp_dir();
    let (data, config) = (temp.path().join("data"), temp.path().join("outflow.toml"));
    std::fs::write(&config, "[work]\nworker = 3\n").unwrap();
    let args = ["serve", "--data-dir", text(&data), "--config", text(&config)];
    let ran = outflow(&args, &variables(&[("OUTFLOW_LOG_FORMATT", "json")]));
    ran.expect_status(2);
    assert!(ran.stderr.contains("did you mean work.workers?"), "{}", ran.stderr);
    assert!(ran.stderr.contains("did you mean log.format?"), "{}", ran.stderr);
    assert!(!data.exists());
    let printed = outflow(&["settings"], &Vec::new());
    std::fs::write(&config, printed.expect_status(0).stdout.replace("127.0.0.1:8787", "192.0.2.1:1")).unwrap();
    // Its own defaults are settings; this address is refused, so every other line was taken.
    assert!(outflow(&args, &Vec::new()).expect_status(2).stderr.contains("192.0.2.1:1"));
}

#[test]
fn logs_are_objects_when_asked_for_and_interrupts_end_it_well() {
    for signal in ["-INT", "-TERM"] {
        let mut server =
            Server::with(&[], &variables(&[("OUTFLOW_LOG_FORMAT", "json"), ("OUTFLOW_LOG_LEVEL", "debug")]));
        server.run(&["segments", "list"]).expect_status(0);
        let token = server.token().to_owned();
        assert_eq!(server.down(signal), Some(0));
        assert!(!server.data().join("server-url").exists());
        let log = server.log();
        assert!(!log.contains(&token), "the log has a token");
        let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        assert!(lines.iter().any(|line| line["message"] == "ready" && line["level"] == "INFO"), "{log}");
        // One line is for the person at the terminal, who sent the signal.
        assert!(log.lines().count() <= lines.len() + 1, "{log}");
    }
}

#[test]
fn a_server_with_a_certificate_is_spoken_to_over_tls() {
    let temp = outflow_testkit::temp_dir();
    let (cert, key) = outflow_testkit::tls::certificate(temp.path());
    let settings = variables(&[("OUTFLOW_TLS_CERT_FILE", text(&cert)), ("OUTFLOW_TLS_KEY_FILE", text(&key))]);
    let list = |ca: &str, server: &Server| {
        let mut environment = server.environment.clone();
        environment.retain(|(name, _)| name != "OUTFLOW_CA_FILE");
        if !ca.is_empty() {
            environment.push(("OUTFLOW_CA_FILE".into(), ca.into()));
        }
        outflow(&["flows", "list"], &environment)
    };
    let mut server = Server::knowing(&settings, &variables(&[("OUTFLOW_CA_FILE", text(&cert))]));
    assert!(server.url().starts_with("https://127.0.0.1:"), "{}", server.url());
    list(text(&cert), &server).expect_status(0);
    // Who does not know the certificate does not talk to it.
    list("", &server).expect_status(6);
    assert_eq!(server.down("-TERM"), Some(0));
}

#[test]
fn keys_are_rotated_beside_a_server_and_admin_gets_a_new_secret() {
    let server = Server::start();
    let data = server.data();
    let keys = || std::fs::read_to_string(data.join("keys")).unwrap();
    let (before, secret) = (keys(), std::fs::read(data.join("admin-secret")).unwrap());
    outflow(&["keys", "rotate", "--data-dir", text(&data), "--json"], &Vec::new()).expect(0);
    assert!(keys().len() > before.len());
    assert_eq!(mode(&data.join("keys")), 0o600);
    outflow(&["keys", "reset-admin", "--data-dir", text(&data)], &Vec::new()).expect_status(0);
    assert_ne!(std::fs::read(data.join("admin-secret")).unwrap(), secret);
    assert_eq!(mode(&data.join("admin-secret")), 0o600);
    outflow(&["token", "--data-dir", text(&data)], &Vec::new()).expect_status(0);
}

#[test]
fn a_first_start_that_cannot_leave_the_secret_of_admin_is_made_up_for_by_the_next() {
    let temp = outflow_testkit::temp_dir();
    let data = temp.path().join("data");
    // The secret's file cannot be made: as if the process had died before it was.
    let in_the_way = data.join("admin-secret").join("x");
    std::fs::create_dir_all(&in_the_way).unwrap();
    let first = outflow(&["serve", "--data-dir", text(&data), "--listen", "127.0.0.1:0"], &Vec::new());
    first.expect_status(5);
    assert!(first.stderr.contains("admin-secret"), "{}", first.stderr);
    std::fs::remove_dir_all(data.join("admin-secret")).unwrap();
    let server = Server::on(&data, &Vec::new());
    assert_eq!(mode(&data.join("admin-secret")), 0o600);
    outflow(&["token", "--data-dir", text(&data)], &server.environment).expect_status(0);
}

#[test]
fn keys_may_come_from_the_environment_and_are_rotated_there() {
    const OLD: &str = "old AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const NEW: &str = "new ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
    let keys = |keys: &str| variables(&[("OUTFLOW_KEYS", keys), ("OUTFLOW_LOG_LEVEL", "debug")]);
    let mut server = Server::with(&[], &keys(OLD));
    let data = server.data();
    assert!(!data.join("keys").exists(), "a key file is made all the same");
    server.create_account("sealed", &access(&Place::new(Kind::Moto))).expect(0);
    assert_eq!(server.down("-TERM"), Some(0), "{}", server.log());
    assert!(!server.log().contains(&OLD[4..]), "the log has the key");
    let rotate = |with: &str| {
        let ran = outflow(&["keys", "rotate", "--data-dir", text(&data)], &keys(with));
        ran.expect_status(0).stdout.clone()
    };
    assert!(rotate(OLD).contains("the first key of OUTFLOW_KEYS already"));
    assert!(rotate(&format!("{NEW},{OLD}")).contains("1 secrets are sealed with the first key of OUTFLOW_KEYS"));
    let with_file = outflow(&["keys", "rotate", "--data-dir", text(&data), "--key-file", "/no/such/keys"], &keys(NEW));
    with_file.expect_status(2);
    // The old one is needed no more, and the file that nobody made is not missed.
    let mut server = Server::on(&data, &keys(NEW));
    server.run(&["accounts", "list"]).expect_status(0);
    assert_eq!(server.down("-TERM"), Some(0), "{}", server.log());
    let without = outflow(&["serve", "--data-dir", text(&data), "--listen", "127.0.0.1:0"], &keys(OLD));
    without.expect_status(3);
    assert!(
        without.stderr.contains("sealed with key new") && !without.stderr.contains(&OLD[4..]),
        "{}",
        without.stderr
    );
}

#[test]
fn a_data_folder_has_one_server_and_the_next_one_takes_over_at_once() {
    let mut server = Server::start();
    let data = server.data();
    let second = outflow(&["serve", "--data-dir", text(&data), "--listen", "127.0.0.1:0"], &Vec::new());
    second.expect_status(5);
    assert!(second.stderr.contains("another server runs on the data folder"), "{}", second.stderr);
    assert!(second.stderr.contains("PostgreSQL"), "{}", second.stderr);
    server.run(&["flows", "list"]).expect_status(0);
    // However it ends, nothing has to be removed by hand.
    server.kill();
    server.up();
    server.run(&["flows", "list"]).expect_status(0);
}
