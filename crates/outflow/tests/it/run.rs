//! Runs the binary with an environment of its own.

use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// What one run of the binary left behind.
#[derive(Debug)]
pub struct Ran {
    /// None where a signal ended it.
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The object on stdout, which must be all that is there.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("stdout is not one JSON object: {e}\n{}\n{}", self.stdout, self.stderr))
    }

    /// Checks the exit status and answers the object on stdout.
    pub fn expect(&self, status: i32) -> Value {
        assert_eq!(self.status, Some(status), "\nstdout: {}\nstderr: {}", self.stdout, self.stderr);
        self.json()
    }

    /// Checks the exit status.
    pub fn expect_status(&self, status: i32) -> &Ran {
        assert_eq!(self.status, Some(status), "\nstdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { status: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

/// A variable of the environment and its value.
pub type Variables = Vec<(String, String)>;

/// Variables from literals.
pub fn variables(pairs: &[(&str, &str)]) -> Variables {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The command, with nothing of this process's environment.
pub fn command(args: &[&str], environment: &Variables) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outflow"));
    command.args(args).env_clear().envs(environment.iter().cloned());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the command to its end.
pub fn outflow(args: &[&str], environment: &Variables) -> Ran {
    command(args, environment).output().unwrap().into()
}

/// Starts the command.
pub fn start(args: &[&str], environment: &Variables) -> Child {
    command(args, environment).spawn().unwrap()
}
