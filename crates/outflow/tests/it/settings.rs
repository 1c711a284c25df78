//! Where credentials come from, and what is told of settings that are wrong.

use outflow_testkit::python::run_python;
use outflow_testkit::servers::{moto, sshd};

use crate::place::{Kind, Place, s3_environment, sftp_url};
use crate::run::{Ran, Variables, outflow, variables};
use crate::samples::{lake, text};

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
    let report = ran.expect(3);
    assert_eq!(report["error"]["class"], "config", "{report}");
    let steps = report["steps"].to_string();
    assert!(steps.contains("AWS_SECRET_ACCESS_KEY: is missing; it belongs to AWS_ACCESS_KEY_ID"), "{steps}");
    let secret = format!("secretAccessKey = \"{}\"", s3.writer.secret_access_key);
    probe(&url, &(settings + &secret), &environment).expect(0);
}

/// Exports to a place with other credentials than its own; whoever succeeds has delivered.
fn export(place: &Place, options: &[&str], environment: &Variables) -> Ran {
    let (profiles, state) = (lake(20_000, 3, 2), place.state());
    let args = ["export", "--profiles", text(&profiles), "--fields", "profileId", "--to", &place.url, "--json"];
    let ran = outflow(&[&args[..], &["--state-dir", text(&state)], options].concat(), environment);
    let delivered = if ran.status == Some(0) { 2 } else { 0 };
    assert_eq!(place.sums().len(), delivered, "a file and its manifest: {ran:?}");
    ran
}

#[test]
fn a_role_is_assumed_with_what_the_environment_says() {
    let server = moto();
    let key = &server.assumer;
    let own = s3_environment(&server.endpoint, &key.access_key_id, &key.secret_access_key);
    let with = |more: &[(&str, &str)]| [own.clone(), variables(more)].concat();
    let role = ("OUTFLOW_S3_ROLE_ARN", server.role_arn.as_str());
    let place = Place::new(Kind::Moto);
    assert_eq!(export(&place, &[], &own).expect(5)["error"]["class"], "refused");
    let stranger = with(&[role, ("OUTFLOW_S3_EXTERNAL_ID", "somebody-else")]);
    let error = &export(&place, &[], &stranger).expect(5)["error"];
    assert!(error.to_string().contains("sts:AssumeRole"), "{error}");
    export(&place, &[], &with(&[role, ("OUTFLOW_S3_EXTERNAL_ID", &server.external_id)])).expect(0);
}

#[test]
fn a_temporary_key_pair_takes_its_token() {
    let server = moto();
    let assume = "import sys, boto3
endpoint, key, secret, role, external = sys.argv[1:]
client = boto3.client('sts', endpoint_url=endpoint, aws_access_key_id=key, aws_secret_access_key=secret,
                      region_name='us-east-1')
made = client.assume_role(RoleArn=role, RoleSessionName='test', ExternalId=external)['Credentials']
print(made['AccessKeyId'], made['SecretAccessKey'], made['SessionToken'])";
    let (key, secret) = (&server.assumer.access_key_id, &server.assumer.secret_access_key);
    let made = run_python(assume, &[&server.endpoint, key, secret, &server.role_arn, &server.external_id]);
    let [key, secret, token] = made.split_whitespace().collect::<Vec<_>>().try_into().unwrap();
    let place = Place::new(Kind::Moto);
    let bare = s3_environment(&server.endpoint, key, secret);
    export(&place, &[], &bare).expect(4);
    export(&place, &[], &[bare, variables(&[("AWS_SESSION_TOKEN", token)])].concat()).expect(0);
}

#[test]
fn a_settings_file_is_enough_to_deliver() {
    let (s3, sftp) = (moto(), sshd());
    let (key, secret) = (&s3.writer.access_key_id, &s3.writer.secret_access_key);
    for (kind, settings) in [
        (
            Kind::Moto,
            format!(
                "[s3]\nendpoint = {:?}\nregion = {:?}\naccessKeyId = {key:?}\nsecretAccessKey = {secret:?}\n\
                 pathStyle = true",
                s3.endpoint, s3.region
            ),
        ),
        (Kind::Sshd, format!("[sftp]\npassword = {:?}\nhostKey = {:?}", sftp.password, sftp.host_key)),
        (
            Kind::Sshd,
            format!(
                "[sftp]\nkeyFile = {:?}\nkeyPassphrase = {:?}\nhostKey = {:?}",
                sftp.key_encrypted, sftp.passphrase, sftp.host_key
            ),
        ),
    ] {
        let place = Place::new(kind);
        let file = place.temp.path().join("settings.toml");
        std::fs::write(&file, settings).unwrap();
        export(&place, &["--config", text(&file)], &Vec::new()).expect(0);
    }
}

#[test]
fn the_option_for_known_hosts_goes_before_every_other_key() {
    let server = sshd();
    let place = Place::new(Kind::Sshd);
    let file = |name: &str, key: &str| {
        let file = place.temp.path().join(name);
        std::fs::write(&file, format!("[127.0.0.1]:{} {key}\n", server.port)).unwrap();
        file
    };
    let (right, wrong) = (file("right", &server.host_key), file("wrong", &server.other_host_key));
    let error = &export(&place, &["--known-hosts", text(&wrong)], &place.environment).expect(4)["error"];
    assert_eq!(error["class"], "credentials", "{error}");
    let environment =
        variables(&[("OUTFLOW_SFTP_PASSWORD", &server.password), ("OUTFLOW_SFTP_HOST_KEY", &server.other_host_key)]);
    export(&place, &["--known-hosts", text(&right)], &environment).expect(0);
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
