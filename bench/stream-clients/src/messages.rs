//! What both clients do alike: they read the messages into memory, and say what sending them cost.

use std::io::Write as _;
use std::time::Instant;

use anyhow::{Context, Result};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// The messages of a file, a line each: key, tab, body.
pub struct Messages {
    text: Vec<u8>,
    /// Where each message's key begins and ends, and its body ends.
    places: Vec<(usize, usize, usize)>,
}

impl Messages {
    /// Reads all of them.
    ///
    /// # Errors
    /// When the file cannot be read, or a line has no tab.
    pub fn read(path: &str) -> Result<Messages> {
        let text = std::fs::read(path).with_context(|| format!("cannot read {path}"))?;
        let (mut places, mut begin) = (Vec::new(), 0);
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let tab = line.iter().position(|byte| *byte == b'\t').context("a message has no tab")?;
            places.push((begin, begin + tab, begin + line.len() - 1));
            begin += line.len();
        }
        Ok(Messages { text, places })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Key and body of a message.
    pub fn at(&self, number: usize) -> (&str, &[u8]) {
        let (key, tab, end) = self.places[number];
        (std::str::from_utf8(&self.text[key..tab]).unwrap_or_default(), &self.text[tab + 1..end])
    }
}

/// The begin of the part that is measured.
pub struct Meter {
    begun: Instant,
    cpu_secs: f64,
    resident_bytes: u64,
}

impl Meter {
    /// Begins to measure.
    pub fn begin() -> Meter {
        // From here on the kernel notes the peak anew.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        Meter { begun: Instant::now(), cpu_secs: cpu_secs(), resident_bytes: status_bytes("VmRSS:") }
    }

    /// Prints what came since, as JSON. Memory is what was taken beyond the messages that had been read.
    pub fn end(&self, messages: usize) {
        let (wall_secs, cpu_secs) = (self.begun.elapsed().as_secs_f64(), cpu_secs() - self.cpu_secs);
        let rss_bytes = status_bytes("VmHWM:").saturating_sub(self.resident_bytes);
        let line = format!(
            r#"{{"messages":{messages},"wallSecs":{wall_secs:.4},"cpuSecs":{cpu_secs:.4},"rssBytes":{rss_bytes}}}"#
        );
        // Whoever does not read it misses it, and says so.
        let _ = writeln!(std::io::stdout(), "{line}");
    }
}

/// User and system time of this process so far; 0 where the kernel does not say, which no measurement survives.
fn cpu_secs() -> f64 {
    let Ok(used) = getrusage(UsageWho::RUSAGE_SELF) else { return 0.0 };
    let secs = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    secs(used.user_time()) + secs(used.system_time())
}

/// A size that the kernel says of this process.
fn status_bytes(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}
