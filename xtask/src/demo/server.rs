//! The server, as a process of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::process::{end, end_of};
use super::product::Product;
use crate::steps::capture;

/// The first start makes a database, keys and a client.
const READY_SECS_MAX: u64 = 60;

/// What a server has to give its leases back in, before it is ended at once.
const STOP_SECS_MAX: u64 = 40;

/// A server, running until dropped.
pub(super) struct Server {
    child: Child,
    data: PathBuf,
}

impl Server {
    /// Starts it on `listen` and waits until it signs in whoever knows its data folder. Answers a token, too.
    pub(super) fn start(product: &Product, data: &Path, listen: &str) -> Result<(Server, String)> {
        let mut serve = product.command(&["serve", "--listen", listen, "--data-dir"]);
        let log = data.with_extension("log");
        let file = File::create(&log).with_context(|| format!("cannot make {}", log.display()))?;
        let serve = serve.arg(data).stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = serve.spawn().context("cannot start outflow serve")?;
        let mut server = Server { child, data: data.to_path_buf() };
        let started = Instant::now();
        loop {
            if let Some(status) = server.child.try_wait()? {
                bail!("outflow serve ended with {status}\n{}", end_of(&log));
            }
            if data.join("server-url").exists() {
                let token = server.last_line_of(product, "token")?;
                return Ok((server, token));
            }
            if started.elapsed() > Duration::from_secs(READY_SECS_MAX) {
                bail!("outflow serve was not ready within {READY_SECS_MAX} s\n{}", end_of(&log));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until somebody stops it.
    pub(super) fn wait(&mut self) -> Result<ExitStatus> {
        self.child.wait().context("cannot wait for outflow serve")
    }

    /// An address that signs a browser in to the console, once.
    pub(super) fn login_link(&self, product: &Product) -> Result<String> {
        self.last_line_of(product, "login-link")
    }

    /// What a command on the server's own data has to tell.
    fn last_line_of(&self, product: &Product, command: &str) -> Result<String> {
        let mut command = product.command(&[command, "--data-dir"]);
        command.arg(&self.data);
        Ok(capture(command)?.lines().last().unwrap_or_default().to_owned())
    }

    pub(super) fn data(&self) -> &Path {
        &self.data
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        let started = Instant::now();
        while asked.as_ref().is_ok_and(ExitStatus::success) && started.elapsed().as_secs() < STOP_SECS_MAX {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        end(&mut self.child);
    }
}
