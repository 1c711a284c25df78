//! The disk of the data folder is full: what cannot be done fails and says why, nothing is damaged, and with space again
//! everything goes on.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::http::eventually;
use crate::place::{Kind, Place};
use crate::run::variables;
use crate::samples::{lake, text};
use crate::server::{Server, access};

/// Room for a database and some versions of the datasets.
const DISK_BYTES: u64 = 256 << 20;

/// A small disk, mounted until dropped.
struct Disk {
    folder: PathBuf,
    _temp: tempfile::TempDir,
}

impl Disk {
    fn mount() -> Disk {
        let temp = outflow_testkit::temp_dir();
        let folder = temp.path().join("disk");
        std::fs::create_dir(&folder).unwrap();
        let size = format!("size={DISK_BYTES},mode=755");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs", text(&folder)]).output().unwrap();
        let said = String::from_utf8_lossy(&mounted.stderr);
        assert!(mounted.status.success(), "a test that fills a disk mounts a small one, as root: {said}");
        Disk { folder, _temp: temp }
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }

    /// Leaves so many bytes free.
    fn fill(&self, free: u64) {
        use std::io::Write as _;
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(self.ballast()).unwrap();
        for piece in [1 << 20, 1 << 12] {
            let piece = vec![0; piece];
            while file.write_all(&piece).is_ok() {}
        }
        let length = std::fs::metadata(self.ballast()).unwrap().len();
        file.set_len(length.saturating_sub(free)).unwrap();
    }

    fn empty(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").args(["-l", text(&self.folder)]).output());
    }
}

fn refresh_of(server: &Server, dataset: &str) -> Value {
    server.get(&format!("/data/foundation/datasets/{dataset}"))["items"][0]["refresh"].clone()
}

#[test]
fn a_full_disk_fails_what_needs_it_and_with_space_everything_goes_on() {
    let disk = Disk::mount();
    let settings = [
        ("OUTFLOW_DESTINATIONS_FOLDER_ROOT", "/"),
        ("OUTFLOW_RETRY_ATTEMPTS_MAX", "2"),
        ("OUTFLOW_RETRY_DELAY_INITIAL_SECS", "1"),
    ];
    let mut server = Server::on(&disk.folder.join("data"), &variables(&settings));
    let people = server.attach("people", &lake(20_000, 3, 2));
    assert_eq!(people["refresh"]["state"], "success", "{people}");
    server.ask(&["segments", "create", "all", "--rule", r#"profileId != "nobody""#]);
    server.ask(&["segments", "evaluate", "all"]);
    let place = Place::new(Kind::Folder);
    let access = access(&place);
    server.create_account("account", &access).expect(0);
    let flow = server.create_destination("flow", "account", &access)["flowId"].as_str().unwrap().to_owned();
    let when = ["--frequency", "daily", "--start-date", "2999-01-01"];
    // Deduplication writes rows to the data folder's disk where memory does not hold them.
    server.ask(&[&["flows", "activate", "flow", "--segment", "all"], &when[..], &["--map", "profileId"]].concat());

    // The database has room, what a refresh makes has not.
    disk.fill(8 << 20);
    let more = lake(150_000, 5, 3);
    let pattern = format!("{}/*.parquet", text(&more));
    let args = ["datasets", "attach", "more", &pattern, "--identity", "profileId=CRMID", "--no-wait"];
    let more = server.ask(&args)["id"].as_str().unwrap().to_owned();
    let mut refresh = Value::Null;
    let is_over = eventually(|| {
        refresh = refresh_of(&server, &more);
        !["queued", "processing"].contains(&refresh["state"].as_str().unwrap())
    });
    assert!(is_over && refresh["state"] == "failed", "{refresh}");
    let told = refresh["error"].to_string().to_lowercase();
    assert!(told.contains("space") || told.contains("disk"), "{refresh}");
    assert!(!refresh["error"]["hint"].as_str().unwrap_or_default().is_empty(), "{refresh}");

    // Nothing has room. What is asked for is refused or done, and said to be one of the two.
    disk.fill(0);
    let body = json!({ "flowId": flow });
    let runs = "/data/foundation/flowservice/runs";
    let asked: Vec<u16> = (0..20).map(|_| server.request("POST", runs, Some(&body)).status).collect();
    assert!(asked.iter().all(|status| [201, 409, 503].contains(status)), "{asked:?}\n{}", server.log());
    let begun = server.runs_of(&flow);
    assert_eq!(asked.iter().filter(|&&status| status == 201).count(), begun.len(), "{asked:?}");
    server.get("/healthz");

    disk.empty();
    for run in &begun {
        let ended = server.ended_run(run["id"].as_str().unwrap());
        assert!(ended["state"] == "success" || !ended["error"].is_null(), "{ended}");
    }
    let run = server.ended_run(&server.run_flow(&flow));
    assert_eq!(run["state"], "success", "{run}");
    assert_eq!(run["metrics"]["recordSummary"]["outputRecordCount"], 20_000, "{run}");
    server.request("POST", &format!("/data/foundation/datasets/{more}/refresh"), None).expect(202);
    assert!(eventually(|| refresh_of(&server, &more)["state"] == "success"), "{}", refresh_of(&server, &more));
    assert_eq!(leftovers(&disk.folder), [""; 0]);
    assert!(!server.log().contains("a defect at"), "{}", server.log());
    // Its database is sound: a restart finds everything.
    server.kill();
    server.up();
    assert_eq!(server.run_of(run["id"].as_str().unwrap()), run);
}

/// Files that somebody has begun and nobody will end.
fn leftovers(folder: &Path) -> Vec<String> {
    let found = Command::new("find").args([text(folder), "-name", "*.part"]).output().unwrap();
    String::from_utf8(found.stdout).unwrap().lines().map(str::to_owned).collect()
}
