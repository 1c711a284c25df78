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
    let started = Instant::now();
    while !stopped.load(Ordering::Relaxed) {
        show(progress, &bar, started);
        std::thread::sleep(Duration::from_millis(100));
    }
    show(progress, &bar, started);
    bar.finish_and_clear();
}

fn show(progress: &Progress, bar: &ProgressBar, started: Instant) {
    bar.set_prefix(step_name(progress.step()));
    bar.set_length(progress.profiles_total().max(1));
    bar.set_position(progress.profiles_read().min(progress.profiles_total().max(1)));
    bar.set_message(summary(progress, started));
}

fn step_name(step: Step) -> &'static str {
    match step {
        Step::Exporting => "Exporting",
        Step::Deduplicating => "Deduplicating",
        Step::Writing => "Writing",
        Step::Publishing => "Publishing",
        Step::Verifying => "Verifying",
    }
}

fn summary(progress: &Progress, started: Instant) -> String {
    let elapsed_secs = started.elapsed().as_secs_f64().max(0.001);
    let (read, total) = (progress.profiles_read(), progress.profiles_total());
    let rate = read as f64 / elapsed_secs;
    let left = if total > read && rate > 0.0 {
        format!(", {:.0} s left", (total - read) as f64 / rate)
    } else {
        String::new()
    };
    format!(
        "{} of {} profiles, {} rows, {}, {} profiles/s{left}",
        thousands(read),
        thousands(total),
        thousands(progress.rows_written()),
        bytes(progress.bytes_written()),
        thousands(rate as u64),
    )
}

fn lines(progress: &Progress, stopped: &AtomicBool) {
    let started = Instant::now();
    let mut last = Instant::now();
    while !stopped.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
        if last.elapsed() >= LINE_PERIOD {
            last = Instant::now();
            // Whoever closed stderr does not want to know.
            let _ = writeln!(std::io::stderr(), "{}: {}", step_name(progress.step()), summary(progress, started));
        }
    }
}
