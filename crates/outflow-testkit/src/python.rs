//! Clients that share no code with ours, run as small Python programs.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Longest time a program may take. Reading back a test's files takes seconds; a program that waits for a server that
/// will never answer should fail the test by name, not by the test runner's own limit.
const PYTHON_SECS_MAX: u64 = 120;

/// Runs a Python program given as text, with boto3, asyncssh, DuckDB and PyArrow at hand, and returns what it printed.
///
/// # Panics
/// Where it fails or takes longer than 120 s; the message has what it wrote to its error output.
pub fn run_python(script: &str, args: &[&str]) -> String {
    let mut child = Command::new(crate::servers::python())
        .arg("-c")
        .arg(script)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start Python: {error}"));
    let printed = read_all(child.stdout.take());
    let complaints = read_all(child.stderr.take());
    let ended_well = wait(&mut child);
    let (printed, complaints) = (text_of(printed), text_of(complaints));
    match ended_well {
        Some(true) => printed,
        Some(false) => panic!("the Python program failed:\n{complaints}"),
        None => panic!("the Python program took longer than {PYTHON_SECS_MAX} s:\n{complaints}"),
    }
}

/// Whether it ended well; none where it had to be stopped.
fn wait(child: &mut Child) -> Option<bool> {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.success()),
            Ok(None) if started.elapsed() > Duration::from_secs(PYTHON_SECS_MAX) => {
                child.kill().unwrap_or_else(|error| panic!("cannot stop Python: {error}"));
                return None;
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(10)),
            Err(error) => panic!("cannot wait for Python: {error}"),
        }
    }
}

fn read_all<R: Read + Send + 'static>(pipe: Option<R>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes).unwrap_or_else(|error| panic!("cannot read what Python wrote: {error}"));
        }
        bytes
    })
}

fn text_of(reader: JoinHandle<Vec<u8>>) -> String {
    match reader.join() {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => panic!("the thread that reads from Python died"),
    }
}
