//! S3 over TLS: payloads that are not signed, and buckets in the host name, at a server that checks signatures.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use outflow_testkit::python::run_python;
use outflow_testkit::servers::{AccessKey, moto, python};
use tempfile::TempDir;

use crate::place::s3_environment;
use crate::run::{Ran, Variables, command};
use crate::samples::{lake, text};

/// moto behind TLS.
struct Front {
    child: Child,
    port: u16,
    temp: TempDir,
}

impl Front {
    fn start() -> Front {
        Front::start_with("any")
    }

    /// `any` takes all payloads, `signed` denies those that are not signed.
    fn start_with(payloads: &str) -> Front {
        let temp = outflow_testkit::temp_dir();
        let upstream = moto().endpoint;
        let mut command = Command::new(python());
        let upstream = upstream.trim_start_matches("http://");
        command.args(["-c", include_str!("tls_proxy.py"), text(temp.path()), upstream, payloads]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Front { child, port: line.trim().parse().unwrap(), temp }
    }

    /// Credentials, and the authority that the server's certificate is from.
    fn environment(&self, host: &str) -> Variables {
        self.environment_of(host, &moto().writer)
    }

    fn environment_of(&self, host: &str, key: &AccessKey) -> Variables {
        let endpoint = format!("https://{host}:{}", self.port);
        let mut environment = s3_environment(&endpoint, &key.access_key_id, &key.secret_access_key);
        environment.push(("SSL_CERT_FILE".into(), text(&self.temp.path().join("ca.pem")).into()));
        environment
    }

    /// The requests so far, each as method, host, path and what its signature says of the payload.
    fn seen(&self) -> Vec<[String; 4]> {
        let seen = std::fs::read_to_string(self.temp.path().join("seen")).unwrap_or_default();
        let words = |line: &str| line.splitn(4, ' ').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap();
        seen.lines().map(words).collect()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn to() -> String {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("s3://{}/e2e-tls-{}-{number}", moto().buckets[0], std::process::id())
}

/// The options of an export of 20,000 profiles.
fn export(to: &str, temp: &TempDir) -> Vec<String> {
    let (profiles, state) = (lake(20_000, 3, 2), temp.path().join("state"));
    let args = ["export", "--profiles", text(&profiles), "--fields", "profileId", "--to", to, "--name", "x"];
    let more = ["--verify", "full", "--state-dir", text(&state), "--json"];
    args.iter().chain(&more).map(|arg| (*arg).to_owned()).collect()
}

fn run(args: &[String], environment: &Variables) -> Ran {
    command(&args.iter().map(String::as_str).collect::<Vec<_>>(), environment).output().unwrap().into()
}

/// What lies there says boto3, past the proxy.
fn assert_is_there(to: &str) {
    let (server, (bucket, prefix)) = (moto(), to.strip_prefix("s3://").unwrap().split_once('/').unwrap());
    let look = "import sys, boto3
endpoint, key, secret, bucket, name = sys.argv[1:]
client = boto3.client('s3', endpoint_url=endpoint, aws_access_key_id=key, aws_secret_access_key=secret,
                      region_name='us-east-1')
print(client.get_object(Bucket=bucket, Key=name)['Body'].read().count(b'\\n'))";
    let (key, secret) = (&server.writer.access_key_id, &server.writer.secret_access_key);
    let lines = run_python(look, &[&server.endpoint, key, secret, bucket, &format!("{prefix}/x.csv")]);
    assert_eq!(lines.trim(), "20001");
}

/// Every payload went unsigned, and the bucket stood where it should.
fn assert_seen(front: &Front, host: &str, path: &str) {
    let seen = front.seen();
    let written: Vec<_> = seen.iter().filter(|[method, ..]| method == "PUT").collect();
    assert!(written.len() >= 2, "{seen:?}");
    for [_, _, _, sha256] in written {
        assert_eq!(sha256, "UNSIGNED-PAYLOAD", "{seen:?}");
    }
    for [_, to, at, _] in &seen {
        assert_eq!(*to, format!("{host}:{}", front.port), "{seen:?}");
        assert!(at.starts_with(path), "{seen:?}");
    }
}

#[test]
fn payloads_go_unsigned_where_the_connection_is_private() {
    let front = Front::start();
    let (to, temp) = (to(), outflow_testkit::temp_dir());
    run(&["probe".into(), to.clone()], &front.environment("localhost")).expect_status(0);
    run(&export(&to, &temp), &front.environment("localhost")).expect(0);
    assert_is_there(&to);
    assert_seen(&front, "localhost", &format!("/{}", moto().buckets[0]));
}

#[test]
fn payloads_are_signed_where_a_policy_asks_for_it() {
    let front = Front::start_with("signed");
    let (to, temp) = (to(), outflow_testkit::temp_dir());
    run(&["probe".into(), to.clone()], &front.environment("localhost")).expect_status(0);
    let before = front.seen().len();
    run(&export(&to, &temp), &front.environment("localhost")).expect(0);
    assert_is_there(&to);
    let seen = front.seen().split_off(before);
    let (unsigned, signed): (Vec<_>, Vec<_>) =
        seen.iter().filter(|[method, ..]| method == "PUT").partition(|[_, _, _, sha256]| sha256 == "UNSIGNED-PAYLOAD");
    assert_eq!(unsigned.len(), 1, "it is not remembered: {seen:?}");
    assert!(signed.len() >= 2, "{seen:?}");
    // A right that is missing is told as before.
    let error = &run(&export(&to, &temp), &front.environment_of("localhost", &moto().noput)).expect(5)["error"];
    assert!(error["message"].as_str().unwrap().contains("s3:PutObject"), "{error}");
}

#[test]
fn a_certificate_of_nobody_known_is_refused() {
    let front = Front::start();
    let (to, temp) = (to(), outflow_testkit::temp_dir());
    let mut environment = front.environment("localhost");
    environment.retain(|(name, _)| name != "SSL_CERT_FILE");
    let error = &run(&export(&to, &temp), &environment).expect(3)["error"];
    assert!(error.to_string().contains("certificate"), "{error}");
    assert!(front.seen().is_empty());
}

/// Runs the command where every bucket of s3.test is this machine: with a hosts file of its own, which no other process
/// sees.
fn run_with_hosts(args: &[String], environment: &Variables, hosts: &PathBuf) -> Ran {
    // Who is not root gets a namespace in which it may mount.
    let as_root = Command::new("unshare").args(["-m", "true"]).stderr(Stdio::null()).status().unwrap().success();
    let mut command = Command::new("unshare");
    command.args([if as_root { "-m" } else { "-rm" }, "sh", "-c"]);
    command.arg("mount --bind \"$0\" /etc/hosts && exec \"$@\"").arg(hosts).arg(env!("CARGO_BIN_EXE_outflow"));
    command.args(args).env_clear().envs(environment.iter().cloned()).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.stdin(Stdio::null()).output().unwrap().into()
}

#[test]
fn a_bucket_is_found_in_the_host_name() {
    let front = Front::start();
    let (to, temp) = (to(), outflow_testkit::temp_dir());
    let bucket = &moto().buckets[0];
    let hosts = temp.path().join("hosts");
    std::fs::write(&hosts, format!("127.0.0.1 localhost s3.test {bucket}.s3.test\n")).unwrap();
    let mut environment = front.environment("s3.test");
    environment.push(("OUTFLOW_S3_PATH_STYLE".into(), "false".into()));
    let probe = run_with_hosts(&["probe".into(), to.clone()], &environment, &hosts);
    assert!(probe.expect_status(0).stdout.contains("virtual-host style"), "{probe:?}");
    run_with_hosts(&export(&to, &temp), &environment, &hosts).expect(0);
    assert_is_there(&to);
    assert_seen(&front, &format!("{bucket}.s3.test"), "/");
    let path = to.rsplit('/').next().unwrap();
    assert!(front.seen().iter().any(|[_, _, at, _]| at.starts_with(&format!("/{path}/x.csv"))), "{:?}", front.seen());
}
