//! `demo`: the product at work on practice targets - a server, the whole workflow through its API, and the proof that what
//! it delivered arrived whole. Then the server stays up, unless `ONCE=1` asks for the proof alone.

mod practice;
mod process;
mod product;
mod server;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::steps::{command, run as run_command, target_folder};
use practice::Practice;
use product::Product;
use server::Server;

const PROFILES: &str = "100000";
const LISTEN: &str = "127.0.0.1:8787";
const SEGMENTS: [(&str, &str); 2] = [
    ("gold-us", r#"homeAddress.country = "US" and loyalty.tier = "gold""#),
    ("big-spenders", "lifetimeValue > 500 and loyalty.points > 100"),
];
const COLUMNS: &str = "person.name.firstName:firstName,person.name.lastName:lastName,personalEmail.address:email,\
                       mobilePhone.number:phone,homeAddress.city:city,homeAddress.country:country,loyalty.tier:tier,\
                       segmentMembership.status:status";

/// Shows it, and says whether everything that was delivered was verified.
pub(crate) fn run(root: &Path) -> Result<bool> {
    let started = Instant::now();
    let folder = root.join(".outflow-dev/demo");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).context("cannot remove what the last demo left")?;
    }
    std::fs::create_dir_all(&folder).context("cannot make a folder for the demo")?;

    println!("== build");
    // Nothing of the demo is encrypted, and OpenPGP is a hundred crates to build.
    let program = ["--package", "outflow", "--bin", "outflow", "--no-default-features"];
    run_command(command(root, "cargo", &[&["build", "--profile", "demo", "--locked"], &program[..]].concat()))?;
    let mut product = Product::new(root, target_folder(root)?.join("demo/outflow"));
    println!("== {PROFILES} profiles");
    let profiles = folder.join("profiles");
    let mut generate = product.command(&["profiles", "generate", "--count", PROFILES, "--seed", "1", "--out"]);
    generate.arg(&profiles);
    run_command(generate)?;

    println!("== practice targets");
    let practice = Practice::start(&product, &folder.join("practice"))?;
    println!("== server");
    let (mut server, token) = Server::start(&product, &folder.join("server"), LISTEN)?;
    let url = format!("http://{LISTEN}");
    product.set("OUTFLOW_SERVER", &url);
    product.set("OUTFLOW_TOKEN", &token);
    let rows = workflow(&mut product, &practice, &profiles)?;

    print_table(&rows);
    let verified = !rows.is_empty() && rows.iter().all(|row| row.verified);
    println!("\ndone in {:.1} s; the files and the logs are in .outflow-dev/demo", started.elapsed().as_secs_f64());
    if std::env::vars_os().any(|(name, value)| name == "ONCE" && value == "1") {
        return Ok(verified);
    }
    let program = product.program().display();
    println!("\nThe server is at {url} until you press Ctrl-C. In another terminal:");
    println!("  export OUTFLOW_TOKEN=$({program} token --data-dir {})", server.data().display());
    println!("  {program} flows list");
    server.wait()?;
    Ok(verified)
}

/// Everything from the dataset to the proof: a row of the table for each file.
fn workflow(product: &mut Product, practice: &Practice, profiles: &Path) -> Result<Vec<Row>> {
    println!("== dataset");
    let pattern = profiles.join("*.parquet");
    let mut attach = product.command(&["datasets", "attach", "customers"]);
    attach.arg(&pattern).args(["--identity", "profileId=CRMID", "--identity", "personalEmail.address=Email"]);
    attach.args(["--timestamp", "lastPurchaseDate", "--no-wait"]);
    run_command(attach)?;
    run_command(product.command(&["datasets", "refresh", "customers"]))?;
    println!("== segments");
    for (name, rule) in SEGMENTS {
        run_command(product.command(&["segments", "create", name, "--rule", rule]))?;
    }
    run_command(product.command(&["segments", "evaluate"]))?;
    println!("== accounts, with their credentials proved");
    accounts(product, practice)?;
    println!("== destinations");
    let places = destinations(product, practice)?;
    let mut rows = Vec::new();
    for name in places {
        println!("== activate and export to {name}");
        activate(product, name)?;
        rows.extend(export(product, name)?);
    }
    Ok(rows)
}

fn accounts(product: &mut Product, practice: &Practice) -> Result<()> {
    let (s3, sftp) = (&practice.parameters.s3, &practice.parameters.sftp);
    product.set("DEMO_S3_SECRET", &s3.secret_access_key);
    product.set("DEMO_SFTP_PASSWORD", &sftp.password);
    let [access_key, region, endpoint] = [
        format!("s3AccessKey={}", s3.access_key_id),
        format!("region={}", s3.region),
        format!("endpoint={}", s3.endpoint),
    ];
    let create = ["accounts", "create", "practice-s3", "--kind", "s3", "--secret", "s3SecretKey=env:DEMO_S3_SECRET"];
    let params = ["--param", &access_key, "--param", &region, "--param", &endpoint];
    run_command(product.command(&[&create[..], &params].concat()))?;
    let [domain, port, user, host_key] = [
        format!("domain={}", sftp.host),
        format!("port={}", sftp.port),
        format!("username={}", sftp.user),
        format!("hostKey={}", sftp.host_key),
    ];
    let create =
        ["accounts", "create", "practice-sftp", "--kind", "sftp", "--secret", "password=env:DEMO_SFTP_PASSWORD"];
    let params = ["--param", &domain, "--param", &port, "--param", &user, "--param", &host_key];
    run_command(product.command(&[&create[..], &params].concat()))?;
    // What reads the files back later is a command of its own, with the target's own credentials.
    product.set("AWS_ENDPOINT_URL", &s3.endpoint);
    product.set("AWS_REGION", &s3.region);
    product.set("AWS_ACCESS_KEY_ID", &s3.access_key_id);
    product.set("AWS_SECRET_ACCESS_KEY", &s3.secret_access_key);
    product.set("OUTFLOW_SFTP_PASSWORD", &sftp.password);
    product.set("OUTFLOW_SFTP_HOST_KEY", &sftp.host_key);
    Ok(())
}

/// Makes a destination for each account; answers their names.
fn destinations(product: &Product, practice: &Practice) -> Result<[&'static str; 2]> {
    let (s3, sftp) = (&practice.parameters.s3, &practice.parameters.sftp);
    let create = ["destinations", "create", "s3-daily", "--account", "practice-s3", "--bucket", &s3.bucket];
    run_command(product.command(&[&create[..], &["--path", "audiences"]].concat()))?;
    let create = ["destinations", "create", "sftp-daily", "--account", "practice-sftp", "--path", &sftp.folder];
    run_command(product.command(&[&create[..], &["--marketing-action", "emailTargeting"]].concat()))?;
    Ok(["s3-daily", "sftp-daily"])
}

fn activate(product: &Product, flow: &str) -> Result<()> {
    let mut args = vec!["flows", "activate", flow, "--frequency", "daily", "--start-time", "06:00", "--map", COLUMNS];
    args.extend(["--require", "personalEmail.address", "--dedup", "personalEmail.address"]);
    args.extend(SEGMENTS.iter().flat_map(|(name, _)| ["--segment", *name]));
    run_command(product.command(&args))
}

/// Exports now, and reads back what arrived.
fn export(product: &Product, flow: &str) -> Result<Vec<Row>> {
    let ran = product.json(&["flows", "run", flow, "--watch", "--json"])?;
    let mut rows = Vec::new();
    for run in ran["items"].as_array().context("outflow flows run --json names no runs")? {
        let manifest = run["manifest"].as_str().context("a run has no manifest")?;
        let verified = run_command(product.command(&["verify", manifest])).is_ok();
        for file in run["files"].as_array().into_iter().flatten() {
            rows.push(Row::new(file, &segment_name(product, run)?, verified));
        }
    }
    Ok(rows)
}

fn segment_name(product: &Product, run: &Value) -> Result<String> {
    let id = run["segmentId"].as_str().unwrap_or_default();
    let segment = product.json(&["segments", "show", id, "--json"])?;
    Ok(segment["name"].as_str().unwrap_or(id).to_owned())
}

/// A file that was delivered.
#[derive(Debug, PartialEq)]
struct Row {
    destination: String,
    segment: String,
    name: String,
    rows: u64,
    bytes: u64,
    sha256: String,
    verified: bool,
}

impl Row {
    fn new(file: &Value, segment: &str, verified: bool) -> Row {
        let (destination, name) = split_url(file["url"].as_str().unwrap_or_default());
        Row {
            destination,
            segment: segment.to_owned(),
            name,
            rows: file["rows"].as_u64().unwrap_or(0),
            bytes: file["bytes"].as_u64().unwrap_or(0),
            sha256: file["sha256"].as_str().unwrap_or_default().to_owned(),
            verified,
        }
    }
}

fn print_table(rows: &[Row]) {
    let header = ["destination", "segment", "file", "rows", "bytes", "SHA-256", "verified"].map(str::to_owned);
    let mut lines = vec![header];
    for row in rows {
        let verified = if row.verified { "yes" } else { "NO" };
        let (count, bytes) = (row.rows.to_string(), row.bytes.to_string());
        let [destination, segment, name] = [&row.destination, &row.segment, &row.name].map(String::clone);
        lines.push([destination, segment, name, count, bytes, row.sha256.clone(), verified.to_owned()]);
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
    fn product(folder: &Path, verify: &str) -> Product {
        let parameters = r#"{"s3":{"endpoint":"http://127.0.0.1:1","region":"r","bucket":"b","accessKeyId":"a","secretAccessKey":"hush"},"sftp":{"host":"127.0.0.1","port":2,"user":"u","password":"p","hostKey":"k","folder":"/in"}}"#;
        let runs = r#"{"items":[{"segmentId":"s1","manifest":"s3://b/audiences/m.json","files":[{"url":"s3://b/audiences/a.csv","rows":3,"bytes":40,"sha256":"ab"}]}]}"#;
        let script = format!(
            "#!/bin/sh\necho \"$@\" >>calls\ncase \"$1 $2\" in 'practice --json') echo '{parameters}'; exec sleep 60;; \
             'flows run') echo '{runs}';; 'segments show') echo '{{\"name\":\"gold\"}}';; verify*) {verify};; esac\n"
        );
        // Copied by another process: one that is open for writing here could not be run.
        std::fs::write(folder.join("product.sh"), script).unwrap();
        run_command(command(folder, "install", &["-m", "755", "product.sh", "outflow"])).unwrap();
        Product::new(folder, folder.join("outflow"))
    }

    #[test]
    fn every_file_is_a_row_that_says_whether_it_was_verified_and_no_secret_is_an_argument() {
        let folder = tempfile::tempdir().unwrap();
        for (verify, verified) in [("exit 0", true), ("exit 8", false)] {
            let mut product = product(folder.path(), verify);
            let practice = Practice::start(&product, folder.path()).unwrap();
            let rows = workflow(&mut product, &practice, Path::new("profiles")).unwrap();
            let file = serde_json::json!({"url": "s3://b/audiences/a.csv", "rows": 3, "bytes": 40, "sha256": "ab"});
            let row = || Row::new(&file, "gold", verified);
            assert_eq!(rows, [row(), row()]);
        }
        let calls = std::fs::read_to_string(folder.path().join("calls")).unwrap();
        assert!(calls.contains("destinations create s3-daily --account practice-s3 --bucket b"), "{calls}");
        assert!(!calls.contains("hush"), "{calls}");
    }

    #[test]
    fn a_practice_that_does_not_start_is_said_to_be_so() {
        let folder = tempfile::tempdir().unwrap();
        let product = Product::new(folder.path(), PathBuf::from("true"));
        let error = Practice::start(&product, folder.path()).err().unwrap();
        assert!(format!("{error:#}").contains("it ended without a word"), "{error:#}");
    }

    #[test]
    fn a_server_that_ends_is_said_to_be_so() {
        let folder = tempfile::tempdir().unwrap();
        let product = Product::new(folder.path(), PathBuf::from("false"));
        let error = Server::start(&product, folder.path(), "127.0.0.1:0").err().unwrap();
        assert!(format!("{error:#}").contains("outflow serve ended with"), "{error:#}");
    }
}
