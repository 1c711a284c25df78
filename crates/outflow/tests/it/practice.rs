//! The practice targets: a delivery to each, and what each fault makes of it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Child;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::place::{s3_environment, sftp_environment, sftp_url};
use crate::run::{Ran, Variables, outflow, start};
use crate::samples::{lake, names_in, text};

/// `outflow practice`, with faults to switch.
pub struct Practice {
    child: Child,
    told: Value,
    temp: TempDir,
}

/// How often faults strike yet, those that strike so many times.
fn times(faults: &Value, into: &mut Vec<u64>) {
    for (name, value) in faults.as_object().into_iter().flatten() {
        match value.as_u64() {
            Some(left) if name == "times" => into.push(left),
            _ => times(value, into),
        }
    }
}

impl Practice {
    /// Starts it, with these options beside a folder of its own.
    pub fn start(options: &[&str]) -> Practice {
        let temp = outflow_testkit::temp_dir();
        let data = temp.path().join("data");
        let mut child = start(&[&["practice", "--json", "--data-dir", text(&data)], options].concat(), &Vec::new());
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{line:?} is no JSON: {e}"));
        Practice { child, told, temp }
    }

    /// The folder of all that it keeps.
    pub fn data(&self) -> PathBuf {
        self.temp.path().join("data")
    }

    /// What it told of itself.
    pub fn text(&self, pointer: &str) -> &str {
        self.told.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {}", self.told))
    }

    /// Both targets: URL and credentials.
    fn targets(&self) -> [(String, Variables); 2] {
        let s3 =
            s3_environment(self.text("/s3/endpoint"), self.text("/s3/accessKeyId"), self.text("/s3/secretAccessKey"));
        let port = u16::try_from(self.told["sftp"]["port"].as_u64().unwrap()).unwrap();
        let sftp = sftp_environment(self.text("/sftp/password"), self.text("/sftp/hostKey"));
        [
            (format!("s3://{}/out", self.text("/s3/bucket")), s3),
            (sftp_url(self.text("/sftp/user"), port, self.text("/sftp/folder")), sftp),
        ]
    }

    /// Replaces all faults.
    pub fn set(&self, faults: &Value) {
        self.control("PUT", &faults.to_string());
    }

    /// Whether there are faults that strike so many times, and all have struck.
    pub fn have_struck(&self) -> bool {
        let answer = self.control("GET", "");
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let mut left = Vec::new();
        times(&serde_json::from_str(body).unwrap(), &mut left);
        !left.is_empty() && left.iter().all(|times| *times == 0)
    }

    fn control(&self, method: &str, body: &str) -> String {
        let url = self.text("/control").strip_prefix("http://").unwrap();
        let (address, path) = url.split_once('/').unwrap();
        let mut connection = TcpStream::connect(address).unwrap();
        let length = body.len();
        write!(
            connection,
            "{method} /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer
    }

    fn export(&self, target: &(String, Variables)) -> Ran {
        let (profiles, state) = (lake(20_000, 3, 2), self.temp.path().join("state"));
        let args = [
            "export",
            "--profiles",
            text(&profiles),
            "--fields",
            "profileId,personalEmail.address",
            "--to",
            &target.0,
            "--name",
            "practised",
            "--state-dir",
            text(&state),
            "--json",
        ];
        outflow(&args, &target.1)
    }

    /// What lies in the folders that both targets write to.
    fn visible(&self) -> Vec<String> {
        let data = self.temp.path().join("data");
        let folders: [PathBuf; 2] =
            [data.join("s3").join(self.text("/s3/bucket")).join("out"), data.join("sftp/upload")];
        folders.iter().flat_map(|folder| names_in(folder)).collect()
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_delivery_to_either_target_arrives_and_verifies() {
    let practice = Practice::start(&[]);
    for target in practice.targets() {
        outflow(&["probe", &target.0], &target.1).expect_status(0);
        assert_eq!(practice.visible().len() % 2, 0, "the probe leaves {:?}", practice.visible());
        let summary = practice.export(&target).expect(0);
        outflow(&["verify", summary["manifest"].as_str().unwrap()], &target.1).expect_status(0);
    }
    let files = ["practised.csv", "practised.csv.manifest.json"];
    assert_eq!(practice.visible(), [files, files].concat());
}

#[test]
fn a_kinesis_endpoint_answers_in_its_own_words() {
    let practice = Practice::start(&["--fault", "kinesis.failing.status=503"]);
    let address = practice.text("/kinesis/endpoint").strip_prefix("http://").unwrap();
    assert_eq!(practice.text("/kinesis/stream"), "exports");
    for (status, code) in [("503", "ServiceUnavailable"), ("400", "MissingAuthenticationTokenException")] {
        let mut connection = TcpStream::connect(address).unwrap();
        write!(
            connection,
            "POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nX-Amz-Target: Kinesis_20131202.ListStreams\r\n\
             Content-Length: 2\r\n\r\n{{}}"
        )
        .unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")) && answer.contains(code), "{answer}");
    }
}

#[test]
fn a_wrong_region_is_told_with_the_right_one_and_none_is_needed() {
    let practice = Practice::start(&["--s3-region", "eu-central-1"]);
    let [(url, given), _] = practice.targets();
    let without: Variables = given.into_iter().filter(|(name, _)| name != "AWS_REGION").collect();
    let mut wrong = without.clone();
    wrong.push(("AWS_REGION".into(), "eu-west-1".into()));
    let summary = practice.export(&(url.clone(), wrong.clone())).expect(3);
    let probe = outflow(&["probe", &url, "--json"], &wrong).expect(3);
    let failed = probe["steps"].as_array().unwrap().last().unwrap();
    for error in [&summary["error"], failed] {
        assert_eq!(error["class"], "config", "{error}");
        let (message, hint) = (error["message"].as_str().unwrap(), error["hint"].as_str().unwrap());
        assert!(message.contains("eu-central-1") && message.contains("eu-west-1"), "{message}");
        assert!(hint.contains("AWS_REGION") && hint.contains("eu-central-1"), "{hint}");
    }
    assert_eq!(practice.visible(), [""; 0]);
    let summary = practice.export(&(url.clone(), without.clone())).expect(0);
    outflow(&["verify", summary["manifest"].as_str().unwrap()], &without).expect_status(0);
    outflow(&["probe", &url], &without).expect_status(0);
}

#[test]
fn each_lasting_fault_has_its_class_and_leaves_nothing() {
    let practice = Practice::start(&[]);
    let [s3, sftp] = practice.targets();
    for (target, faults, class, status) in [
        (&s3, json!({"s3": {"throttle": {"times": 1_000_000, "retryAfterSecs": 0}}}), "throttled", 7),
        (&s3, json!({"s3": {"unavailable": true}}), "unavailable", 6),
        (&s3, json!({"s3": {"diskFull": "storageFull"}}), "refused", 5),
        (&s3, json!({"s3": {"diskFull": "quotaExceeded"}}), "refused", 5),
        (&s3, json!({"s3": {"wrongCredentials": true}}), "credentials", 4),
        (&s3, json!({"s3": {"denyActions": ["s3:PutObject"]}}), "refused", 5),
        (&s3, json!({"s3": {"cutAtByte": {"bytes": 1000, "times": 1_000_000}}}), "unavailable", 6),
        (&sftp, json!({"sftp": {"unavailable": true}}), "unavailable", 6),
        (&sftp, json!({"sftp": {"diskFull": true}}), "refused", 5),
        (&sftp, json!({"sftp": {"wrongCredentials": true}}), "credentials", 4),
        (&sftp, json!({"sftp": {"cutAtByte": {"bytes": 1000, "times": 1_000_000}}}), "unavailable", 6),
    ] {
        practice.set(&faults);
        let summary = practice.export(target).expect(status);
        assert_eq!(summary["error"]["class"], class, "{faults}");
        assert!(!summary["error"]["hint"].as_str().unwrap().is_empty(), "{faults}: {summary}");
        practice.set(&json!({}));
        let mut visible = practice.visible();
        visible.retain(|name| !name.ends_with(".part"));
        assert_eq!(visible, [""; 0], "{faults}");
    }
    practice.export(&s3).expect(0);
    practice.export(&sftp).expect(0);
    let files = ["practised.csv", "practised.csv.manifest.json"];
    assert_eq!(practice.visible(), [files, files].concat(), "leftovers of failed runs stay");
}

#[test]
fn passing_faults_are_outlasted() {
    let practice = Practice::start(&[]);
    let [s3, sftp] = practice.targets();
    for (target, faults) in [
        (&s3, json!({"s3": {"throttle": {"times": 2, "retryAfterSecs": 1}}})),
        (&s3, json!({"s3": {"cutAtByte": {"bytes": 1000, "times": 1}}})),
        (&s3, json!({"s3": {"answerLost": {"times": 1}}})),
        (&s3, json!({"s3": {"noChecksums": "ignore"}})),
        (&s3, json!({"s3": {"noChecksums": "reject"}})),
        (&s3, json!({"s3": {"ignoreConditions": true}})),
        (&sftp, json!({"sftp": {"answerLost": {"times": 1}}})),
    ] {
        practice.set(&faults);
        let ran = practice.export(target);
        assert_eq!(ran.status, Some(0), "{faults}: {}", ran.stderr);
        practice.set(&json!({}));
        let summary = ran.json();
        outflow(&["verify", summary["manifest"].as_str().unwrap()], &target.1).expect_status(0);
    }
}

#[test]
fn a_cut_in_the_middle_of_an_sftp_file_takes_a_rerun() {
    // What was sent is not kept, so the file cannot be begun again within the run.
    let practice = Practice::start(&["--fault", "sftp.cutAtByte.bytes=1000"]);
    let sftp = &practice.targets()[1];
    practice.export(sftp).expect(6);
    practice.export(sftp).expect(0);
    assert_eq!(practice.visible(), ["practised.csv", "practised.csv.manifest.json"]);
}

#[test]
fn a_fault_can_be_on_from_the_start_and_a_mistyped_one_is_refused() {
    let practice = Practice::start(&["--fault", "s3.unavailable"]);
    practice.export(&practice.targets()[0]).expect(6);
    practice.export(&practice.targets()[1]).expect(0);
    let temp = outflow_testkit::temp_dir();
    let args = ["practice", "--json", "--data-dir", text(temp.path()), "--fault", "s3.unavailble"];
    let told = outflow(&args, &Vec::new()).expect(2);
    assert!(told["error"]["message"].as_str().unwrap().contains("s3.unavailble"), "{told}");
}
