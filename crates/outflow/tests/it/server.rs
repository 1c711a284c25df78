//! A server of this build, and the commands that talk to it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::place::{Kind, Place};
use crate::run::{Ran, Variables, command, outflow};
use crate::samples::text;

/// A machine that needs longer to start a server has a problem worth seeing.
const READY_SECS_MAX: u64 = 60;

/// `outflow serve` on a data folder of its own, until dropped.
pub struct Server {
    child: Option<Child>,
    /// For its commands: server, token, and what else they should know.
    pub environment: Variables,
    pub temp: TempDir,
    data: PathBuf,
    options: Vec<String>,
    settings: Variables,
    log: PathBuf,
    said: PathBuf,
}

impl Server {
    /// A server with defaults on a port that was free.
    pub fn start() -> Server {
        Server::with(&[], &Vec::new())
    }

    /// A server with options and variables.
    pub fn with(options: &[&str], settings: &Variables) -> Server {
        Server::known_with(options, settings, Vec::new())
    }

    /// A server with variables, whose commands know others.
    pub fn knowing(settings: &Variables, environment: &Variables) -> Server {
        Server::known_with(&[], settings, environment.clone())
    }

    /// A server on a data folder that is there.
    pub fn on(data: &Path, settings: &Variables) -> Server {
        Server::new(outflow_testkit::temp_dir(), data.to_path_buf(), &[], settings, Vec::new())
    }

    fn known_with(options: &[&str], settings: &Variables, environment: Variables) -> Server {
        let temp = outflow_testkit::temp_dir();
        let data = temp.path().join("data");
        Server::new(temp, data, options, settings, environment)
    }

    fn new(temp: TempDir, data: PathBuf, options: &[&str], settings: &Variables, environment: Variables) -> Server {
        let options = options.iter().map(|&option| option.to_owned()).collect();
        let (log, said) = (temp.path().join("log"), temp.path().join("said"));
        let settings = settings.clone();
        let mut server = Server { child: None, environment, temp, data, options, settings, log, said };
        server.up();
        server
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.data.clone()
    }

    /// Starts it, again perhaps, and signs in.
    pub fn up(&mut self) {
        let data = self.data();
        let _ = std::fs::remove_file(data.join("server-url"));
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        let args = [&["serve", "--data-dir", text(&data), "--listen", "127.0.0.1:0"], &options[..]].concat();
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        let said = std::fs::File::create(&self.said).unwrap();
        let mut serve = command(&args, &self.settings);
        let mut child = serve.stdout(said).stderr(log).spawn().unwrap();
        let started = Instant::now();
        while !data.join("server-url").exists() {
            assert!(child.try_wait().unwrap().is_none(), "the server ended: {}", self.log());
            assert!(started.elapsed().as_secs() < READY_SECS_MAX, "the server does not start: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child = Some(child);
        let url = std::fs::read_to_string(data.join("server-url")).unwrap().trim().to_owned();
        let keep = |(name, _): &(String, String)| name != "OUTFLOW_SERVER" && name != "OUTFLOW_TOKEN";
        self.environment.retain(keep);
        let mut environment = self.environment.clone();
        environment.push(("OUTFLOW_SERVER".into(), url.clone()));
        let token = outflow(&["token", "--data-dir", text(&data)], &environment);
        token.expect_status(0);
        environment.push(("OUTFLOW_TOKEN".into(), token.stdout.lines().last().unwrap().to_owned()));
        self.environment = environment;
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        self.variable("OUTFLOW_SERVER")
    }

    /// A token.
    pub fn token(&self) -> &str {
        self.variable("OUTFLOW_TOKEN")
    }

    fn variable(&self, wanted: &str) -> &str {
        &self.environment.iter().find(|(name, _)| name == wanted).unwrap().1
    }

    /// Runs a command that talks to it.
    pub fn run(&self, args: &[&str]) -> Ran {
        outflow(args, &self.environment)
    }

    /// What a command that succeeds prints as JSON.
    pub fn ask(&self, args: &[&str]) -> Value {
        self.run(&[args, &["--json"]].concat()).expect(0)
    }

    /// What it logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// What it said to the person who started it last.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.said).unwrap_or_default()
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().code(), None, "the server had ended before: {}", self.log());
    }

    /// Sends a signal.
    pub fn signal(&self, signal: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Sends a signal and waits for the end. Answers the exit status.
    pub fn down(&mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        let mut child = self.child.take().unwrap();
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(60) {
            if let Some(status) = child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = child.kill();
        let _ = child.wait();
        panic!("the server does not stop: {}", self.log());
    }

    /// Attaches sample profiles and waits until they are read.
    pub fn attach(&self, name: &str, folder: &Path) -> Value {
        let pattern = format!("{}/*.parquet", text(folder));
        self.ask(&[
            "datasets",
            "attach",
            name,
            &pattern,
            "--identity",
            "profileId=CRMID",
            "--identity",
            "personalEmail.address=Email",
        ])
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Members of an account and of a destination for a place, secrets named by variable.
pub struct Access {
    pub kind: &'static str,
    pub params: Vec<String>,
    pub secret: Option<(String, String)>,
    pub target: Vec<String>,
}

/// How a server reaches a place.
pub fn access(place: &Place) -> Access {
    let of = |name: &str| place.environment.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
    let rest = place.url.split_once("://").unwrap().1;
    match place.kind {
        Kind::Folder => {
            Access { kind: "file", params: Vec::new(), secret: None, target: vec!["--path".into(), rest.to_owned()] }
        }
        Kind::Moto | Kind::Rclone => {
            let (bucket, path) = rest.split_once('/').unwrap();
            Access {
                kind: "s3",
                params: vec![
                    format!("s3AccessKey={}", of("AWS_ACCESS_KEY_ID").unwrap()),
                    format!("endpoint={}", of("AWS_ENDPOINT_URL").unwrap()),
                ],
                secret: Some(("s3SecretKey".into(), of("AWS_SECRET_ACCESS_KEY").unwrap())),
                target: ["--bucket", bucket, "--path", path].map(str::to_owned).to_vec(),
            }
        }
        Kind::Sshd => {
            let (user, rest) = rest.split_once('@').unwrap();
            let (host, path) = rest.split_once('/').unwrap();
            let (host, port) = host.split_once(':').unwrap();
            Access {
                kind: "sftp",
                params: vec![
                    format!("domain={host}"),
                    format!("port={port}"),
                    format!("username={user}"),
                    format!("hostKey={}", of("OUTFLOW_SFTP_HOST_KEY").unwrap()),
                ],
                secret: Some(("password".into(), of("OUTFLOW_SFTP_PASSWORD").unwrap())),
                target: vec!["--path".into(), format!("/{path}")],
            }
        }
    }
}

/// The variable that hands a test's secret over.
pub const SECRET_VARIABLE: &str = "TEST_ACCOUNT_SECRET";

impl Server {
    /// Creates an account for a place.
    pub fn create_account(&mut self, name: &str, access: &Access) -> Ran {
        let mut args = vec!["accounts".to_owned(), "create".into(), name.into(), "--kind".into(), access.kind.into()];
        for param in &access.params {
            args.extend(["--param".into(), param.clone()]);
        }
        if let Some((member, secret)) = &access.secret {
            args.extend(["--secret".into(), format!("{member}=env:{SECRET_VARIABLE}")]);
            self.environment.retain(|(name, _)| name != SECRET_VARIABLE);
            self.environment.push((SECRET_VARIABLE.into(), secret.clone()));
        }
        args.push("--json".into());
        self.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Creates a destination for a place, of an account.
    pub fn create_destination(&self, name: &str, account: &str, access: &Access) -> Value {
        let target: Vec<&str> = access.target.iter().map(String::as_str).collect();
        self.ask(&[&["destinations", "create", name, "--account", account], &target[..]].concat())
    }
}
