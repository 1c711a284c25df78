//! Waiting for what a server does in the background: looking again now and then, or following its events.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use outflow_model::{Fault, FaultClass};
use reqwest::Method;
use reqwest::header::ACCEPT;
use serde_json::Value;

use super::nouns::{FLOWS, Noun, RUNS};
use super::{At, Client, unreachable};
use crate::numbers::{bytes, thousands};
use crate::output::note;
use crate::table::{text, time};

/// Between two looks. Short, for small jobs take less than a second.
const PERIOD: Duration = Duration::from_millis(300);

/// Looks that may fail in a row: a server that restarts is back by then.
const FAILED_LOOKS_MAX: u32 = 100;

/// Between plain lines, where nobody looks at a terminal.
const LINE_PERIOD: Duration = Duration::from_secs(5);

/// Between two looks at why a stream waits.
const WHY_PERIOD: Duration = Duration::from_secs(2);

/// A stream of events that has lasted as long is opened anew.
const EVENTS_SECS_MAX: u64 = 3600;

/// Bytes of one event's line at most.
const EVENT_BYTES_MAX: usize = 1024 * 1024;

/// What is shown while the person waits: a bar on a terminal, a line now and then elsewhere.
pub struct Shown {
    bar: Option<ProgressBar>,
    last: Option<(String, Instant)>,
}

impl Shown {
    /// Begins to show.
    pub fn start() -> Shown {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template("{prefix:13} [{bar:30}] {percent:>3}%  {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
            bar
        });
        Shown { bar, last: None }
    }

    /// Shows a step with how far it got, if it has an end.
    pub fn at(&mut self, step: &str, done: u64, total: u64, message: &str) {
        if let Some(bar) = &self.bar {
            bar.set_prefix(step.to_owned());
            bar.set_length(total.max(1));
            bar.set_position(done.min(total.max(1)));
            bar.set_message(message.to_owned());
            return;
        }
        let is_due = match &self.last {
            None => true,
            Some((last, at)) => last != step || at.elapsed() >= LINE_PERIOD,
        };
        if is_due {
            note(&if message.is_empty() { step.to_owned() } else { format!("{step}: {message}") });
            self.last = Some((step.to_owned(), Instant::now()));
        }
    }
}

impl Shown {
    /// Shows a line that stays.
    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| note(line)),
            None => note(line),
        }
    }
}

/// Why a flow to a stream does not go on, told once for each change: a try that fails like the one before is none.
#[derive(Default)]
struct Why {
    told: Option<String>,
    /// Messages that were not acknowledged when it was told.
    pending: u64,
}

impl Why {
    /// The lines that `status`, a flow's `streamStatus`, makes due.
    fn lines(&mut self, status: &Value) -> Vec<String> {
        let state = status["state"].as_str().unwrap_or_default();
        let why = match state {
            "blocked" | "throttled" | "disabled" => Some(format!("{state} {}", text(&status["fault"]["message"]))),
            _ => None,
        };
        let pending = status["pending"].as_u64().unwrap_or(0);
        if why.is_none() && self.told.is_some() && (state == "idle" || pending < self.pending) {
            self.told = None;
            return vec!["the flow goes on".to_owned()];
        }
        if why.is_none() || why == self.told {
            return Vec::new();
        }
        (self.told, self.pending) = (why, pending);
        let fault = &status["fault"];
        let mut lines = match fault.is_object() {
            true => vec![format!("the flow is {state}: {} ({})", text(&fault["message"]), text(&fault["class"]))],
            false => vec![format!("the flow is {state}")],
        };
        if !text(&fault["hint"]).is_empty() {
            lines.push(format!("  to do: {}", text(&fault["hint"])));
        }
        if !status["nextTryAt"].is_null() {
            lines.push(format!("  tried again at {}", time(&status["nextTryAt"])));
        }
        lines
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Client {
    /// Looks at an object until `is_done`, showing each look.
    ///
    /// # Errors
    /// As [`Client::get`]; a server that is away for a while is waited for.
    pub async fn until(
        &self,
        noun: &Noun,
        id: &str,
        is_done: impl Fn(&Value) -> bool,
        mut show: impl FnMut(&Value),
    ) -> Result<Value, Fault> {
        let mut failed_looks = 0;
        loop {
            match self.one(noun, id).await {
                Ok(object) if is_done(&object) => return Ok(object),
                Ok(object) => {
                    failed_looks = 0;
                    show(&object);
                }
                Err(fault) if fault.class.is_transient() && failed_looks < FAILED_LOOKS_MAX => failed_looks += 1,
                Err(fault) => return Err(fault),
            }
            tokio::time::sleep(PERIOD).await;
        }
    }

    /// Follows a run to its end, and answers it.
    ///
    /// # Errors
    /// As [`Client::get`]. A run that failed is no fault here.
    pub async fn follow_run(&self, id: &str, shown: &mut Shown) -> Result<Value, Fault> {
        let mut why = Why::default();
        loop {
            let run = self.until(&RUNS, id, |_| true, |_| ()).await?;
            if is_final(&run) {
                return Ok(run);
            }
            shown.at(state(&run), 0, 0, "");
            // A stream that cannot be opened or breaks off is made up for by looking again.
            if let Ok(mut events) = self.events(RUNS.id(id).then("progress")).await {
                // A run of messages is of no segment.
                let flow = text(&run["segmentId"]).is_empty().then(|| text(&run["flowId"]));
                self.show_events(&mut events, flow.as_deref(), &mut why, shown).await;
            }
            tokio::time::sleep(PERIOD).await;
        }
    }

    /// Shows a run's events to their end, and beside them why `flow` waits, of which no event tells.
    async fn show_events(&self, events: &mut Events, flow: Option<&str>, why: &mut Why, shown: &mut Shown) {
        let mut look = tokio::time::interval(WHY_PERIOD);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Ok(Some(event)) if event.name != "end" => show_progress(&event.data, shown),
                    _ => return,
                },
                _ = look.tick(), if flow.is_some() => {
                    // A flow that cannot be asked now is asked again.
                    if let Ok(flow) = self.one(&FLOWS, flow.unwrap_or_default()).await {
                        why.lines(&flow["streamStatus"]).iter().for_each(|line| shown.say(line));
                    }
                }
            }
        }
    }

    async fn events(&self, at: At) -> Result<Events, Fault> {
        let (request, tried) = self.request(Method::GET, &at)?;
        let request = request.header(ACCEPT, "text/event-stream").timeout(Duration::from_secs(EVENTS_SECS_MAX));
        let response = request.send().await.map_err(|e| unreachable(e, &tried))?;
        if !response.status().is_success() {
            return Err(Fault::new(FaultClass::Unavailable, "the server sends no events").tried(tried));
        }
        Ok(Events::of(response, tried))
    }
}

/// A run's state.
pub fn state(run: &Value) -> &str {
    run["state"].as_str().or_else(|| run["metrics"]["statusSummary"]["status"].as_str()).unwrap_or("queued")
}

/// Whether a run has ended.
pub fn is_final(run: &Value) -> bool {
    !matches!(state(run), "queued" | "processing")
}

fn show_progress(progress: &Value, shown: &mut Shown) {
    let number = |name: &str| progress[name].as_u64().unwrap_or(0);
    let step = progress["step"].as_str().unwrap_or("processing");
    let (read, total) = (number("profilesRead"), number("profilesTotal"));
    let mut message = Vec::new();
    if total > 0 {
        message.push(format!("{} of {} profiles", thousands(read), thousands(total)));
        message.push(format!("{} rows, {}", thousands(number("rowsWritten")), bytes(number("bytesWritten"))));
    }
    if let Some(secs) = progress["secsLeft"].as_f64() {
        message.push(format!("{secs:.0} s left"));
    }
    shown.at(step, read, total, &message.join(", "));
}

/// Server-sent events.
pub struct Events {
    response: reqwest::Response,
    buffer: Vec<u8>,
    tried: String,
}

/// One of them.
pub struct Event {
    /// What kind it is.
    pub name: String,
    /// What it tells; null where that is no JSON.
    pub data: Value,
}

impl Events {
    /// Those of an answer to what was `tried`.
    pub fn of(response: reqwest::Response, tried: String) -> Events {
        Events { response, buffer: Vec::new(), tried }
    }

    /// The next event; none when the stream has ended.
    ///
    /// # Errors
    /// That the server went away, or sends something else.
    pub async fn next(&mut self) -> Result<Option<Event>, Fault> {
        loop {
            if let Some(event) = take_event(&mut self.buffer) {
                return Ok(Some(event));
            }
            if self.buffer.len() > EVENT_BYTES_MAX {
                return Err(super::unexpected("events").tried(self.tried.clone()));
            }
            match self.response.chunk().await.map_err(|e| unreachable(e, &self.tried))? {
                Some(bytes) => self.buffer.extend_from_slice(&bytes),
                None => return Ok(None),
            }
        }
    }
}

/// Takes the first whole event off the buffer. Events end in an empty line; those without data only keep the line open.
fn take_event(buffer: &mut Vec<u8>) -> Option<Event> {
    loop {
        let text = String::from_utf8_lossy(buffer).replace("\r\n", "\n");
        let (block, rest) = text.split_once("\n\n")?;
        let mut event = Event { name: "message".into(), data: Value::Null };
        let mut data = String::new();
        for line in block.lines() {
            match line.split_once(':') {
                Some(("event", name)) => event.name = name.trim_start().to_owned(),
                Some(("data", text)) => data.push_str(text.strip_prefix(' ').unwrap_or(text)),
                _ => {}
            }
        }
        let is_event = !data.is_empty() || block.lines().any(|line| line.starts_with("event"));
        *buffer = rest.as_bytes().to_vec();
        if is_event {
            event.data = serde_json::from_str(&data).unwrap_or(Value::Null);
            return Some(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn events_are_taken_whole_and_comments_left_out() {
        let mut buffer = b": keep\n\nevent: progress\ndata: {\"step\":\"writing\"}\n\nevent: end\r\ndata: {".to_vec();
        let event = take_event(&mut buffer).unwrap();
        assert_eq!((event.name.as_str(), event.data), ("progress", json!({"step": "writing"})));
        assert!(take_event(&mut buffer).is_none());
        buffer.extend_from_slice(b"}\r\n\r\n");
        assert_eq!(take_event(&mut buffer).unwrap().name, "end");
        assert!(take_event(&mut buffer).is_none() && buffer.is_empty());
    }

    #[test]
    fn why_a_flow_waits_is_told_once_for_each_change() {
        let mut why = Why::default();
        let blocked = |message: &str, next: &str| {
            json!({"state": "blocked", "pending": 9, "nextTryAt": next,
                "fault": {"class": "config", "message": message, "hint": "make the stream"}})
        };
        assert!(why.lines(&json!({"state": "sending"})).is_empty());
        let told = why.lines(&blocked("there is no stream audiences", "2026-11-25T06:10:00Z"));
        let expected = [
            "the flow is blocked: there is no stream audiences (config)",
            "  to do: make the stream",
            "  tried again at 2026-11-25T06:10:00Z",
        ];
        assert_eq!(told, expected);
        // It is tried, and fails again.
        assert!(why.lines(&json!({"state": "sending", "pending": 9})).is_empty());
        assert!(why.lines(&blocked("there is no stream audiences", "2026-11-25T06:20:00Z")).is_empty());
        assert_eq!(why.lines(&blocked("the key is unknown", "2026-11-25T06:30:00Z")).len(), 3);
        assert_eq!(why.lines(&json!({"state": "throttled", "pending": 9})), ["the flow is throttled"]);
        assert_eq!(why.lines(&json!({"state": "sending", "pending": 8})), ["the flow goes on"]);
        assert!(why.lines(&json!({"state": "idle"})).is_empty());
    }

    #[test]
    fn a_run_is_over_in_every_state_but_two() {
        for (state, over) in [("queued", false), ("processing", false), ("success", true), ("failed", true)] {
            assert_eq!(is_final(&json!({"state": state})), over);
            assert_eq!(is_final(&json!({"metrics": {"statusSummary": {"status": state}}})), over);
        }
    }
}
