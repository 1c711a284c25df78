//! `demo`: the product at work on practice targets - a server, the whole workflow through its API, and the proof that what
//! it delivered arrived whole. Then the server stays up, unless `ONCE=1` asks for the proof alone.

mod arrived;
mod files;
mod governance;
mod practice;
mod process;
mod product;
mod server;
mod streams;
mod table;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::steps::{command, run as run_command, target_folder};
use practice::Practice;
use product::Product;
use server::Server;
use table::Row;

const PROFILES: &str = "100000";
const LISTEN: &str = "127.0.0.1:8787";
const SEGMENTS: [(&str, &str); 2] = [
    ("gold-us", r#"homeAddress.country = "US" and loyalty.tier = "gold""#),
    ("big-spenders", "lifetimeValue > 500 and loyalty.points > 100"),
];

/// Shows it, and says whether everything that was delivered was verified.
pub(crate) fn run(root: &Path) -> Result<bool> {
    let started = Instant::now();
    let folder = root.join(".outflow-dev/demo");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).context("cannot remove what the last demo left")?;
    }
    std::fs::create_dir_all(&folder).context("cannot make a folder for the demo")?;

    println!("== console");
    // The program works without it, and says in a browser how to build it.
    if let Err(error) = run_command(command(root, "scripts/console", &[])) {
        println!("the console could not be built, and the demo goes on without it: {error:#}");
    }
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
    println!("== labels, a policy, consent");
    let governed = governance::show(&product, &practice)?;

    table::print(&rows);
    let verified = governed && !rows.is_empty() && rows.iter().all(|row| row.verified);
    println!("\ndone in {:.1} s; the files and the logs are in .outflow-dev/demo", started.elapsed().as_secs_f64());
    if std::env::vars_os().any(|(name, value)| name == "ONCE" && value == "1") {
        return Ok(verified);
    }
    let program = product.program().display();
    println!("\nThe server is at {url} until you press Ctrl-C. This opens the console, once, within 15 minutes:");
    println!("  {}", server.login_link(&product)?);
    println!("In another terminal:");
    println!("  {program} login-link --data-dir {}   # another such link", server.data().display());
    println!("  export OUTFLOW_TOKEN=$({program} token --data-dir {})", server.data().display());
    println!("  {program} flows list");
    server.wait()?;
    Ok(verified)
}

/// Everything from the dataset to the proof: a row of the table for each file, and for each segment of a stream.
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
    files::accounts(product, practice)?;
    streams::accounts(product, practice)?;
    println!("== destinations");
    let (places, streams) = (files::destinations(product, practice)?, streams::destinations(product, practice)?);
    let mut rows = Vec::new();
    for name in places {
        println!("== activate and export to {name}");
        files::activate(product, name)?;
        rows.extend(files::export(product, name)?);
    }
    let messages = practice.data.with_file_name("messages");
    std::fs::create_dir_all(&messages).context("cannot make a folder for the messages")?;
    for stream in &streams {
        println!("== activate {}, and wait until it has told everything", stream.flow);
        streams::activate(product, stream.flow)?;
        rows.extend(streams::verify(product, practice, stream, &messages)?);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A stand-in for the product that is found wanting in one word.
    fn product(folder: &Path, verify: &str, members: u64) -> Product {
        let parameters = serde_json::json!({
            "s3": {"endpoint": "http://127.0.0.1:1", "region": "r", "bucket": "b", "accessKeyId": "a", "secretAccessKey": "hush"},
            "sftp": {"host": "127.0.0.1", "port": 2, "user": "u", "password": "hush", "hostKey": "k", "folder": "/in"},
            "kinesis": {"endpoint": "http://127.0.0.1:3", "region": "r", "stream": "s", "accessKeyId": "a", "secretAccessKey": "hush"},
            "eventHubs": {"endpoint": "amqp://127.0.0.1:4", "hub": "h",
                "policies": [{"name": "root", "key": "hush", "rights": ["Send", "Manage"], "hub": null},
                    {"name": "send", "key": "hush", "rights": ["Send"], "hub": null}]},
        });
        let runs = r#"{"items":[{"segmentId":"s1","manifest":"s3://b/audiences/m.json","files":[{"url":"s3://b/audiences/a.csv","rows":3,"bytes":40,"sha256":"ab"}]}]}"#;
        let flow = r#"{"streamStatus":{"state":"idle","sequence":1,"messages":0,"pending":0,"complete":true}}"#;
        let segment = serde_json::json!({"id": "s1", "name": "gold", "counts": {"realized": 0, "existing": members}});
        let script = format!(
            "#!/bin/sh\necho \"$@\" >>calls\ncase \"$*\" in *partner-daily*mobilePhone*) exit 5;; esac\ncase \"$1 $2\" in 'practice --json') echo '{parameters}'; exec sleep 60;; \
             'flows run') echo '{runs}';; 'flows show') echo '{flow}';; 'segments show') echo '{segment}';; \
             verify*) {verify};; esac\n"
        );
        // Copied by another process: one that is open for writing here could not be run.
        std::fs::write(folder.join("product.sh"), script).unwrap();
        run_command(command(folder, "install", &["-m", "755", "product.sh", "outflow"])).unwrap();
        Product::new(folder, folder.join("outflow"))
    }

    /// What arrived at both streams: a message about a member of the segment.
    fn arrive(data: &Path) {
        let body = serde_json::json!({"identityMap": {"CRMID": [{"id": "1"}]}, "eventId": "e",
            "segmentMembership": {"ups": {"s1": {"status": "realized"}}}});
        let line = serde_json::json!({"partitionKey": "CRMID:1", "text": body.to_string()}).to_string();
        for folder in ["kinesis/s", "event-hubs/h"] {
            std::fs::create_dir_all(data.join(folder)).unwrap();
            std::fs::write(data.join(folder).join("0.jsonl"), &line).unwrap();
        }
    }

    #[test]
    fn every_file_and_stream_is_a_row_that_says_whether_it_was_verified_and_no_secret_is_an_argument() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("practice");
        arrive(&data);
        for (verify, members, verified) in [("exit 0", 1, true), ("exit 8", 2, false)] {
            let mut product = product(folder.path(), verify, members);
            let practice = Practice::start(&product, &data).unwrap();
            let rows = workflow(&mut product, &practice, Path::new("profiles")).unwrap();
            let seen = |row: &Row| (row.destination.clone(), row.name.clone(), row.rows, row.verified);
            assert_eq!(governance::show(&product, &practice).unwrap(), verified);
            let file = || ("s3://b/audiences".to_owned(), "a.csv".to_owned(), 3, verified);
            let stream = |url: &str| (url.to_owned(), "messages".to_owned(), 1, verified);
            let (kinesis, hub) = (|| stream("kinesis://r/s"), || stream("eventhubs://127.0.0.1:4/h"));
            let expected = [file(), file(), kinesis(), kinesis(), hub(), hub()];
            assert_eq!(rows.iter().map(seen).collect::<Vec<_>>(), expected);
        }
        let calls = std::fs::read_to_string(folder.path().join("calls")).unwrap();
        assert!(calls.contains("destinations create s3-daily --account practice-s3 --bucket b"), "{calls}");
        assert!(calls.contains("endpointUrl=amqp://127.0.0.1:4"), "{calls}");
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
