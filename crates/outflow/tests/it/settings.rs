//! Where credentials come from, and what is told of settings that are wrong.

use outflow_testkit::servers::{moto, sshd};

use crate::place::{Kind, Place, s3_environment, sftp_url};
use crate::run::{Ran, Variables, outflow, variables};
use crate::samples::text;

/// Probes `url` with a settings file.
fn probe(url: &str, settings: &str, environment: &Variables) -> Ran {
    let temp = outflow_testkit::temp_dir();
    let file = temp.path().join("settings.toml");
    std::fs::write(&file, settings).unwrap();
    outflow(&["probe", url, "--config", text(&file), "--json"], environment)
}

#[test]
fn a_value_of_the_wrong_kind_is_told_by_place_and_not_repeated() {
    for (settings, told) in [
        ("[sftp]\npassword = 123456", "line 2: `password`"),
        ("[s3]\nregion = \"eu-west-1\"\nsecretAccessKey = 123456.5", "line 3: `secretAccessKey`"),
        ("[sftp]\nhostKey = \"x\"\npasswort = \"123456\"", "line 3: unknown field `passwort`"),
    ] {
        let ran = probe("sftp://u@127.0.0.1/p", settings, &Vec::new());
        assert_eq!(ran.expect(2)["error"]["class"], "input");
        assert!(ran.stderr.contains(told) && ran.stderr.contains("settings.toml"), "{}", ran.stderr);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("123456"), "{ran:?}");
    }
}

#[test]
fn keys_that_belong_together_come_from_one_source() {
    let server = sshd();
    let known = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(known.path(), format!("[127.0.0.1]:{} {}\n", server.port, server.host_key)).unwrap();
    let settings = format!("[sftp]\nknownHosts = {:?}", text(known.path()));
    let environment =
        variables(&[("OUTFLOW_SFTP_PASSWORD", &server.password), ("OUTFLOW_SFTP_HOST_KEY", &server.other_host_key)]);
    probe(&sftp_url(&server.user, server.port, "/upload"), &settings, &environment).expect(0);

    let s3 = moto();
    let url = format!("s3://{}/e2e-settings", s3.buckets[0]);
    let environment = s3_environment(&s3.endpoint, "AKIAZZZZZZZZZZZZZZZZ", &s3.writer.secret_access_key);
    let settings = format!("[s3]\naccessKeyId = \"{}\"\n", s3.writer.access_key_id);
    let ran = probe(&url, &settings, &environment);
    let steps = ran.expect(3)["steps"].to_string();
    assert!(steps.contains("AWS_SECRET_ACCESS_KEY: is missing; it belongs to AWS_ACCESS_KEY_ID"), "{steps}");
    let secret = format!("secretAccessKey = \"{}\"", s3.writer.secret_access_key);
    probe(&url, &(settings + &secret), &environment).expect(0);
}

#[test]
fn a_switch_is_true_or_false() {
    let place = Place::new(Kind::Rclone);
    for (name, value, status) in [
        ("OUTFLOW_S3_PATH_STYLE", "true", 0),
        ("OUTFLOW_S3_PATH_STYLE", "yes", 2),
        ("OUTFLOW_SFTP_LEGACY_ALGORITHMS", "0", 0),
        ("OUTFLOW_SFTP_LEGACY_ALGORITHMS", "on", 2),
    ] {
        let mut environment = place.environment.clone();
        environment.push((name.into(), value.into()));
        let ran = outflow(&["probe", &place.url, "--json"], &environment);
        ran.expect(status);
        assert!(status == 0 || ran.stderr.contains(name), "{}", ran.stderr);
    }
}
