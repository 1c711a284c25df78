//! Requests to a server's API as they go over the wire, by a client that has nothing in common with ours.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::server::Server;

/// A server that is frozen answers nothing.
const ANSWER_SECS_MAX: u64 = 60;

/// How long what will certainly happen may take. PostgreSQL ends a frozen session's transaction after a minute.
const PATIENCE: Duration = Duration::from_secs(150);

/// What came back.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub text: String,
}

impl Answered {
    /// The JSON of an answer with this status.
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}

/// One request over a connection of its own.
pub fn request(url: &str, token: &str, method: &str, path: &str, body: Option<&Value>) -> std::io::Result<Answered> {
    let host = url.trim_start_matches("http://");
    let mut connection = TcpStream::connect(host)?;
    connection.set_read_timeout(Some(Duration::from_secs(ANSWER_SECS_MAX)))?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(head.as_bytes())?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let cut = || std::io::Error::other(format!("the answer is cut off: {answer:?}"));
    let (head, text) = answer.split_once("\r\n\r\n").ok_or_else(cut)?;
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(cut)?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    if length.is_some_and(|length| length != text.len()) {
        return Err(cut());
    }
    Ok(Answered { status, text: text.to_owned() })
}

impl Server {
    /// One request with its token.
    pub fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Answered {
        request(self.url(), self.token(), method, path, body).unwrap_or_else(|e| panic!("{method} {path}: {e}"))
    }

    /// What a path holds.
    pub fn get(&self, path: &str) -> Value {
        self.request("GET", path, None).expect(200)
    }

    /// A run, as its ledger has it.
    pub fn run_of(&self, id: &str) -> Value {
        self.get(&format!("/data/foundation/flowservice/runs/{id}"))["items"][0].clone()
    }

    /// A run that has ended.
    pub fn ended_run(&self, id: &str) -> Value {
        let mut run = Value::Null;
        let ended = eventually(|| {
            run = self.run_of(id);
            !["queued", "processing"].contains(&run["state"].as_str().unwrap())
        });
        assert!(ended, "run {id} does not end: {run}\n{}", self.log());
        run
    }

    /// The runs of a flow, the oldest first.
    pub fn runs_of(&self, flow: &str) -> Vec<Value> {
        let path = format!("/data/foundation/flowservice/runs?limit=100&property=flowId=={flow}");
        let mut runs = self.get(&path)["items"].as_array().unwrap().clone();
        runs.sort_by_key(|run| run["slot"].as_str().unwrap().to_owned());
        runs
    }

    /// Runs a flow now; the run's id.
    pub fn run_flow(&self, flow: &str) -> String {
        let body = serde_json::json!({ "flowId": flow });
        let begun = self.request("POST", "/data/foundation/flowservice/runs", Some(&body)).expect(201);
        begun["id"].as_str().unwrap().to_owned()
    }
}

/// Looks again and again until something is so; false when it does not come.
pub fn eventually(mut is: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    loop {
        if is() {
            return true;
        }
        if begun.elapsed() > PATIENCE {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
