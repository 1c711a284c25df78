//! Logs of a server: to stderr, as text for people or as one JSON object a line for collectors.

#![expect(clippy::disallowed_methods, reason = "log lines bear the machine's time")]

use std::fmt::{Debug, Write as _};

use outflow_model::Fault;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::settings::{Log, LogFormat};

/// Starts logging.
///
/// # Errors
/// `Input` when the level is no filter; `Internal` when logging was started before.
pub fn start(log: &Log) -> Result<(), Fault> {
    let filter = EnvFilter::try_new(&log.level).map_err(|e| {
        Fault::input(format!("log.level is no filter: {e}"))
            .hint("for example \"info\" or \"info,outflow_runner=debug\"")
    })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.event_format(JsonLines).try_init(),
    };
    started.map_err(|e| Fault::internal("logging was started twice").because(e))
}

/// One JSON object a line: `time`, `level`, `target`, `message`, and the event's fields.
struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> std::fmt::Result {
        let mut members = Members(Map::new());
        let time = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now());
        members.put("time", time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true).into());
        members.put("level", event.metadata().level().as_str().into());
        members.put("target", event.metadata().target().into());
        event.record(&mut members);
        writeln!(writer, "{}", Value::Object(members.0))
    }
}

struct Members(Map<String, Value>);

impl Members {
    fn put(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }
}

impl Visit for Members {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        // Writing to a text does not fail.
        let _ = write!(text, "{value:?}");
        self.put(field.name(), text.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_an_object_with_the_events_fields() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt().event_format(JsonLines).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(run = "r-1", rows = 3_u64, "a run \"ended\"\nwell");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        let object: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&object["message"], &object["rows"]), (&"a run \"ended\"\nwell".into(), &3.into()));
        assert_eq!((&object["run"], &object["level"]), (&"r-1".into(), &"INFO".into()));
        assert!(object["time"].as_str().unwrap().ends_with('Z'));
    }
}
