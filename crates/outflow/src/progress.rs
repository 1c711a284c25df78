//! Progress on stderr: a bar on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use outflow_export::{Progress, Step};

use crate::numbers::{bytes, thousands};

/// Between plain lines.
const LINE_PERIOD: Duration = Duration::from_secs(5);

/// Shows a run's progress until it is dropped.
pub struct Display {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Display {
    /// Starts to show `progress`.
    pub fn start(progress: Arc<Progress>) -> Display {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            if std::io::stderr().is_terminal() { bar(&progress, &stopped) } else { lines(&progress, &stopped) }
        });
        Display { stop, thread: Some(thread) }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A display that panicked has nothing left to show.
            let _ = thread.join();
        }
    }
}

fn bar(progress: &Progress, stopped: &AtomicBool) {
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{prefix:13} [{bar:30}] {percent:>3}%  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    let mut pace = Pace::new(progress.step());
    while !stopped.load(Ordering::Relaxed) {
        show(progress, &bar, &mut pace);
        std::thread::sleep(Duration::from_millis(100));
    }
    show(progress, &bar, &mut pace);
    bar.finish_and_clear();
}

fn show(progress: &Progress, bar: &ProgressBar, pace: &mut Pace) {
    let elapsed = pace.elapsed(progress.step(), Instant::now());
    let (done, total) = counts(progress);
    bar.set_prefix(step_name(progress.step()));
    bar.set_length(total.max(1));
    bar.set_position(done.min(total.max(1)));
    bar.set_message(summary(progress, elapsed));
}

/// How long the step that counts has been going on: rates of another one say nothing of it.
struct Pace {
    step: Step,
    started: Instant,
}

impl Pace {
    fn new(step: Step) -> Pace {
        Pace { step, started: Instant::now() }
    }

    fn elapsed(&mut self, step: Step, now: Instant) -> Duration {
        // The other steps go on with the counts of the one before.
        if self.step != step && matches!(step, Step::Exporting | Step::Writing) {
            *self = Pace { step, started: now };
        }
        now.saturating_duration_since(self.started)
    }
}

/// What the step has done of how much: profiles read, or, once it is known which stay, of these those written.
fn counts(progress: &Progress) -> (u64, u64) {
    match progress.survivors_total() {
        0 => (progress.profiles_read(), progress.profiles_total()),
        total => (progress.survivors_written(), total),
    }
}

fn step_name(step: Step) -> &'static str {
    match step {
        Step::Reading => "Reading",
        Step::Exporting => "Exporting",
        Step::Deduplicating => "Deduplicating",
        Step::Writing => "Writing",
        Step::Publishing => "Publishing",
        Step::Verifying => "Verifying",
    }
}

fn summary(progress: &Progress, elapsed: Duration) -> String {
    if progress.step() == Step::Reading {
        return format!("{} of the sources looked at, {} s", bytes(progress.source_bytes()), elapsed.as_secs());
    }
    let (done, total) = counts(progress);
    let rate = done as f64 / elapsed.as_secs_f64().max(0.001);
    let left = if total > done && rate > 0.0 {
        format!(", {:.0} s left", (total - done) as f64 / rate)
    } else {
        String::new()
    };
    format!(
        "{} of {} profiles, {} rows, {}, {} profiles/s{left}",
        thousands(done),
        thousands(total),
        thousands(progress.rows_written()),
        bytes(progress.bytes_written()),
        thousands(rate as u64),
    )
}

fn lines(progress: &Progress, stopped: &AtomicBool) {
    let mut pace = Pace::new(progress.step());
    let mut last = Instant::now();
    while !stopped.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
        let elapsed = pace.elapsed(progress.step(), Instant::now());
        if last.elapsed() >= LINE_PERIOD {
            last = Instant::now();
            // Whoever closed stderr does not want to know.
            let _ = writeln!(std::io::stderr(), "{}: {}", step_name(progress.step()), summary(progress, elapsed));
        }
    }
}
