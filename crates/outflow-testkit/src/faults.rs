//! A client of the fault proxy: connections that are slow, cut, refused or silent, in front of any server.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The proxy answers from memory; anything near this long is a proxy that died.
const CONTROL_TIMEOUT: Duration = Duration::from_secs(10);

/// What goes wrong with new connections. Everything absent works.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Faults {
    /// Wait before passing on each piece of up to 64 KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u32>,
    /// Bytes per second towards the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up_bps: Option<u64>,
    /// Bytes per second towards the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down_bps: Option<u64>,
    /// Reset once that many bytes went towards the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset_after_up: Option<u64>,
    /// Reset once that many bytes went towards the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset_after_down: Option<u64>,
    /// Pass on that many bytes towards the server, then none, and keep the connection open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall_after_up: Option<u64>,
    /// Pass on that many bytes towards the client, then none, and keep the connection open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall_after_down: Option<u64>,
    /// Reset every connection at once.
    #[serde(skip_serializing_if = "is_false")]
    pub refuse: bool,
    /// Accept and never answer.
    #[serde(skip_serializing_if = "is_false")]
    pub blackhole: bool,
    /// Pass requests on and drop the answers.
    #[serde(skip_serializing_if = "is_false")]
    pub eat_response: bool,
    /// How many connections are hit before the faults are over; none means all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

/// What one proxy has seen.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ProxyState {
    /// The server behind it, `HOST:PORT`.
    pub to: String,
    /// What goes wrong with new connections.
    pub faults: Faults,
    /// Connections that are open.
    pub open: u64,
    /// Connections since it began.
    pub connections: u64,
    /// Bytes passed on towards the server.
    pub up: u64,
    /// Bytes passed on towards clients.
    pub down: u64,
    /// Connections it has reset.
    pub resets: u64,
}

/// A proxy of one test, in front of one server. Dropping it closes it.
#[derive(Debug)]
pub struct FaultProxy {
    control: String,
    port: u16,
}

impl FaultProxy {
    /// Opens a proxy on a free port in front of `to` (`HOST:PORT`, or an `http://` endpoint). It works until told
    /// otherwise.
    ///
    /// # Panics
    /// As every method here: where the proxy cannot be reached or refuses.
    pub fn open(to: &str) -> FaultProxy {
        #[derive(Deserialize)]
        struct Opened {
            port: u16,
        }
        let control = crate::servers::fault_proxy().control;
        let body = serde_json::json!({ "to": to.trim_start_matches("http://").trim_end_matches('/') });
        let opened: Opened = parse(&request(&control, "POST", "/new", &body.to_string()));
        FaultProxy { control, port: opened.port }
    }

    /// The port to connect to, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Replaces what goes wrong with new connections; those that are open keep what they began with.
    pub fn set(&self, faults: &Faults) -> ProxyState {
        let body = serde_json::to_string(faults).unwrap_or_else(|error| panic!("faults do not serialise: {error}"));
        self.call("POST", "", &body)
    }

    /// New connections work again.
    pub fn heal(&self) -> ProxyState {
        self.set(&Faults::default())
    }

    /// Resets every open connection.
    pub fn kill(&self) -> ProxyState {
        self.call("POST", "/kill", "{}")
    }

    /// Passes nothing more on of every open connection, and keeps it open. New connections work.
    pub fn silence(&self) -> ProxyState {
        self.call("POST", "/silence", "{}")
    }

    /// What it has seen so far.
    pub fn state(&self) -> ProxyState {
        let mut all: std::collections::BTreeMap<String, ProxyState> = parse(&request(&self.control, "GET", "/", "{}"));
        match all.remove(&self.port.to_string()) {
            Some(state) => state,
            None => panic!("the fault proxy no longer knows port {}", self.port),
        }
    }

    fn call(&self, method: &str, operation: &str, body: &str) -> ProxyState {
        parse(&request(&self.control, method, &format!("/{}{operation}", self.port), body))
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        // A proxy left open harms nobody, and a panic in a drop would hide the test's own.
        drop(try_request(&self.control, "DELETE", &format!("/{}", self.port), "{}"));
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

fn parse<'a, T: Deserialize<'a>>(answer: &'a str) -> T {
    serde_json::from_str(answer).unwrap_or_else(|error| panic!("the fault proxy answered {answer}: {error}"))
}

fn request(control: &str, method: &str, path: &str, body: &str) -> String {
    match try_request(control, method, path, body) {
        Ok((200, answer)) => answer,
        Ok((status, answer)) => panic!("the fault proxy refused {method} {path} with {status}: {answer}"),
        Err(error) => panic!("the fault proxy at {control} cannot be reached: {error}"),
    }
}

/// One HTTP request over a connection of its own: status and body.
fn try_request(control: &str, method: &str, path: &str, body: &str) -> std::io::Result<(u16, String)> {
    let mut connection = TcpStream::connect(control.trim_start_matches("http://"))?;
    connection.set_read_timeout(Some(CONTROL_TIMEOUT))?;
    connection.set_write_timeout(Some(CONTROL_TIMEOUT))?;
    write!(connection, "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    Ok((status, body.to_owned()))
}
