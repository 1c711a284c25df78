//! A stream service for measurements: it takes messages as fast as the socket gives them, so that the client is what is
//! measured. It answers as Kinesis (PutRecords over HTTP) and as a hub of Event Hubs (AMQP 1.0), whichever a
//! connection speaks; it checks no signature and no token, and keeps nothing.
//!
//! usage: `stream-sink 127.0.0.1:PORT [--record FILE]`; it prints `ready` with its address. `GET /_stats` answers how much
//! came in. With `--record` every message becomes a line of the file, key, tab, body; then the stats also have a hash of
//! them all, in whatever order they came.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command that says where it listens")]

mod amqp;
mod http;
mod hub;
mod kinesis;
mod link;
mod tally;

use std::io::Result;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tally::Tally;

/// Whoever waits for a sign of life gets one before this.
const SILENCE_MAX: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (address, record) = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [address] => (address, None),
        [address, "--record", path] => (address, Some(PathBuf::from(path))),
        _ => {
            eprintln!("usage: stream-sink 127.0.0.1:PORT [--record FILE]");
            return ExitCode::from(2);
        }
    };
    match listen(address, record.as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn listen(address: &str, record: Option<&Path>) -> Result<()> {
    let tally = Arc::new(Tally::new(record)?);
    let listener = TcpListener::bind(address)?;
    println!("ready {}", listener.local_addr()?);
    for connection in listener.incoming().flatten() {
        let tally = Arc::clone(&tally);
        std::thread::spawn(move || {
            if let Err(error) = serve(connection, &tally) {
                eprintln!("connection ended: {error}");
            }
        });
    }
    Ok(())
}

/// The first letter tells the protocols apart: no method of HTTP that is used here begins with an A.
fn serve(connection: TcpStream, tally: &Tally) -> Result<()> {
    connection.set_nodelay(true)?;
    let mut first = [0];
    match connection.peek(&mut first)? {
        0 => Ok(()),
        _ if first == *b"A" => {
            connection.set_read_timeout(Some(SILENCE_MAX))?;
            hub::serve(connection, tally)
        }
        _ => kinesis::serve(connection, tally),
    }
}

#[cfg(test)]
mod tests;
