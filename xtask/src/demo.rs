//! `demo`: the product at work on practice targets - profiles, two deliveries, and the proof that both arrived whole.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::steps::{capture, command, run as run_command, target_folder};

const PROFILES: &str = "100000";
/// The practice targets bind two ports and make a key; a machine that needs longer has a problem worth seeing.
const PRACTICE_READY_SECS_MAX: u64 = 30;
const SEGMENT: &str = "81af1551-73f2-4d65-ae0d-a77e94212419";
const SEGMENT_NAME: &str = "loyal-members";

/// Shows it, and says whether everything that was delivered was verified.
pub(crate) fn run(root: &Path) -> Result<bool> {
    let started = Instant::now();
    let folder = root.join(".outflow-dev/demo");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).context("cannot remove what the last demo left")?;
    }
    std::fs::create_dir_all(&folder).context("cannot make a folder for the demo")?;

    println!("== build");
    run_command(command(
        root,
        "cargo",
        &["build", "--release", "--locked", "--package", "outflow", "--bin", "outflow"],
    ))?;
    let outflow = target_folder(root)?.join("release/outflow");
    println!("== {PROFILES} profiles");
    let profiles = folder.join("profiles");
    let mut generate = command(root, &outflow, &["profiles", "generate", "--count", PROFILES, "--seed", "1", "--out"]);
    generate.arg(&profiles);
    run_command(generate)?;

    println!("== practice targets");
    let practice = Practice::start(root, &outflow, &folder.join("practice"))?;
    let mut rows = Vec::new();
    for (name, to) in practice.targets() {
        println!("== {name}");
        rows.extend(deliver(root, &outflow, &practice, &profiles, &to)?);
    }
    drop(practice);

    print_table(&rows);
    println!("\ndone in {:.1} s; the files are in .outflow-dev/demo", started.elapsed().as_secs_f64());
    Ok(!rows.is_empty() && rows.iter().all(|row| row.verified))
}

/// Exports to `to` and verifies what arrived: a row of the table for each file.
fn deliver(root: &Path, outflow: &Path, practice: &Practice, profiles: &Path, to: &str) -> Result<Vec<Row>> {
    let membership = format!("segmentMembership.`{SEGMENT}`");
    let mut export = practice.command(root, outflow, &["export", "--profiles"]);
    export.arg(profiles.join("*.parquet"));
    export.args(["--where", &format!("{membership}.status in [\"realized\", \"existing\"]")]);
    export.args(["--fields", &fields(&membership), "--require", "personalEmail.address"]);
    export.args(["--dedup", "personalEmail.address", "--newest-by", &format!("{membership}.lastQualificationTime")]);
    export.args(["--segment-name", SEGMENT_NAME, "--to", to, "--verify", "full", "--json"]);
    let summary: Summary =
        serde_json::from_str(&capture(export)?).context("outflow export --json printed something else")?;
    let verify = practice.command(root, outflow, &["verify", &summary.manifest]);
    let verified = run_command(verify).is_ok();
    let row = |file: File| Row { file, verified };
    Ok(summary.files.into_iter().map(row).collect())
}

fn fields(membership: &str) -> String {
    format!(
        "person.name.firstName:firstName,person.name.lastName:lastName,personalEmail.address:email,\
         mobilePhone.number:phone,homeAddress.city:city,homeAddress.country:country,loyalty.tier:tier,\
         {membership}.status:status"
    )
}

/// What `outflow export --json` prints, as far as the table needs it.
#[derive(Deserialize)]
struct Summary {
    manifest: String,
    files: Vec<File>,
}

#[derive(Clone, Deserialize)]
struct File {
    url: String,
    rows: u64,
    bytes: u64,
    sha256: String,
}

struct Row {
    file: File,
    verified: bool,
}

/// The practice targets, running until dropped.
struct Practice {
    child: Child,
    parameters: Parameters,
}

/// What `outflow practice --json` prints on its first line.
#[derive(Deserialize)]
struct Parameters {
    s3: PracticeS3,
    sftp: PracticeSftp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PracticeS3 {
    endpoint: String,
    region: String,
    bucket: String,
    access_key_id: String,
    secret_access_key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PracticeSftp {
    host: String,
    port: u16,
    user: String,
    password: String,
    host_key: String,
    folder: String,
}

impl Practice {
    fn start(root: &Path, outflow: &Path, data: &Path) -> Result<Practice> {
        let mut practice = command(root, outflow, &["practice", "--json", "--data-dir"]);
        let mut child = practice.arg(data).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        match first_line(&mut child).and_then(|line| Ok(serde_json::from_str(&line)?)) {
            Ok(parameters) => Ok(Practice { child, parameters }),
            Err(error) => {
                end(&mut child);
                Err(error.context("outflow practice --json did not say how to reach its targets"))
            }
        }
    }

    /// Where to deliver: what it is, and its URL.
    fn targets(&self) -> [(&'static str, String); 2] {
        let Parameters { s3, sftp } = &self.parameters;
        [
            ("export to S3", format!("s3://{}/audiences", s3.bucket)),
            (
                "export to SFTP",
                format!("sftp://{}@{}:{}{}", sftp.user, sftp.host, sftp.port, sftp.folder.trim_end_matches('/')),
            ),
        ]
    }

    /// The product, knowing the accounts of both targets. Secrets go through the environment, never the command line.
    fn command(&self, root: &Path, outflow: &Path, args: &[&str]) -> Command {
        let Parameters { s3, sftp } = &self.parameters;
        let mut command = command(root, outflow, args);
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_account(name)) {
            command.env_remove(name);
        }
        command
            .env("AWS_ENDPOINT_URL", &s3.endpoint)
            .env("AWS_REGION", &s3.region)
            .env("AWS_ACCESS_KEY_ID", &s3.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &s3.secret_access_key)
            .env("OUTFLOW_SFTP_PASSWORD", &sftp.password)
            .env("OUTFLOW_SFTP_HOST_KEY", &sftp.host_key);
        command
    }
}

/// Variables of this terminal that name or open another target than the practice's: one of them beside the demo's own
/// would send its files there, or have them refused.
fn is_account(variable: &OsStr) -> bool {
    let variable = variable.to_string_lossy();
    ["AWS_", "OUTFLOW_S3_", "OUTFLOW_SFTP_"].iter().any(|prefix| variable.starts_with(prefix))
}

impl Drop for Practice {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// The first line that a command prints, within the time it is given.
fn first_line(child: &mut Child) -> Result<String> {
    let out = child.stdout.take().context("its output cannot be read")?;
    let (sender, receiver) = mpsc::sync_channel(1);
    // The thread lives as long as the command and drops its later lines, which must find a reader.
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(std::result::Result::ok) {
            drop(sender.try_send(line));
        }
    });
    match receiver.recv_timeout(Duration::from_secs(PRACTICE_READY_SECS_MAX)) {
        Ok(line) => Ok(line),
        Err(mpsc::RecvTimeoutError::Timeout) => bail!("it said nothing within {PRACTICE_READY_SECS_MAX} s"),
        Err(mpsc::RecvTimeoutError::Disconnected) => bail!("it ended without a word"),
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself; either way nothing of it is left.
    drop(child.kill());
    drop(child.wait());
}

fn print_table(rows: &[Row]) {
    let header = ["destination", "segment", "file", "rows", "bytes", "SHA-256", "verified"].map(str::to_owned);
    let mut lines = vec![header];
    for Row { file, verified } in rows {
        let (destination, name) = split_url(&file.url);
        let sha256 = file.sha256.clone();
        let verified = if *verified { "yes" } else { "NO" };
        let (rows, bytes) = (file.rows.to_string(), file.bytes.to_string());
        lines.push([destination, SEGMENT_NAME.to_owned(), name, rows, bytes, sha256, verified.to_owned()]);
    }
    let width = |column: usize| lines.iter().map(|line| line[column].len()).max().unwrap_or(0);
    println!();
    for line in &lines {
        let cells = line.iter().enumerate().map(|(column, cell)| format!("{cell:<width$}", width = width(column)));
        println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// `s3://bucket/folder/a.csv` as `s3://bucket/folder` and `a.csv`.
fn split_url(url: &str) -> (String, String) {
    let (folder, name) = url.rsplit_once('/').unwrap_or(("", url));
    (folder.to_owned(), name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A stand-in for the product that is found wanting in one word.
    fn product(folder: &Path, verify: &str) -> PathBuf {
        let path = folder.join("outflow");
        let parameters = r#"{"s3":{"endpoint":"http://127.0.0.1:1","region":"r","bucket":"b","accessKeyId":"a","secretAccessKey":"s"},"sftp":{"host":"127.0.0.1","port":2,"user":"u","password":"p","hostKey":"k","folder":"/in/"}}"#;
        let summary = r#"{"manifest":"s3://b/audiences/m.json","files":[{"url":"s3://b/audiences/a.csv","rows":3,"bytes":40,"sha256":"ab"}]}"#;
        let script = format!(
            "#!/bin/sh\ncase $1 in practice) echo '{parameters}'; exec sleep 60;; export) echo '{summary}';; *) {verify};; esac\n"
        );
        // Copied by another process: one that is open for writing here could not be run.
        std::fs::write(folder.join("product.sh"), script).unwrap();
        run_command(command(folder, "install", &["-m", "755", "product.sh", "outflow"])).unwrap();
        path
    }

    #[test]
    fn targets_come_from_what_the_practice_says_and_rows_say_whether_they_were_verified() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (verify, verified) in [("exit 0", true), ("exit 8", false)] {
            let outflow = product(root, verify);
            let practice = Practice::start(root, &outflow, root).unwrap();
            let [s3, sftp] = practice.targets().map(|(_, url)| url);
            assert_eq!((s3.as_str(), sftp.as_str()), ("s3://b/audiences", "sftp://u@127.0.0.1:2/in"));
            let rows = deliver(root, &outflow, &practice, root, &s3).unwrap();
            assert_eq!(rows.iter().map(|row| (row.file.rows, row.verified)).collect::<Vec<_>>(), [(3, verified)]);
        }
    }

    #[test]
    fn the_terminals_own_accounts_are_left_out() {
        for name in ["AWS_ENDPOINT_URL_S3", "AWS_SESSION_TOKEN", "OUTFLOW_S3_ROLE_ARN", "OUTFLOW_SFTP_KEY_FILE"] {
            assert!(is_account(OsStr::new(name)), "{name}");
        }
        for name in ["PATH", "HOME", "OUTFLOW_LOG", "MY_AWS_KEY"] {
            assert!(!is_account(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn a_practice_that_does_not_start_is_said_to_be_so() {
        let folder = tempfile::tempdir().unwrap();
        let error = Practice::start(folder.path(), Path::new("true"), folder.path()).err().unwrap();
        assert!(format!("{error:#}").contains("it ended without a word"), "{error:#}");
    }
}
