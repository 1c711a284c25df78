//! An event as a line: readable, and exact.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::super::clock;
use super::super::codec::message::{Message, Section, section};
use super::super::codec::value::Value;
use super::Event;

/// Annotations that the hub sets itself.
const OWN: [&str; 4] = ["x-opt-sequence-number", "x-opt-offset", "x-opt-enqueued-time", "x-opt-partition-key"];

/// A line of a partition's file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    pub(crate) sequence_number: i64,
    enqueued_time: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partition_key: Option<String>,
    /// For people; what is delivered is in `sections`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application_properties: Option<Json>,
    /// A body that is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    /// A body that is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    /// Everything but the body and the hub's own annotations, as AMQP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sections: Option<String>,
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a line of the partition's file is not an event")
}

impl Line {
    /// The line of an event.
    pub(crate) fn new(event: &Event, sequence_number: i64, now_millis: i64) -> Line {
        let mut line = Line {
            sequence_number,
            enqueued_time: clock::text(now_millis),
            partition_key: event.partition_key.clone(),
            application_properties: None,
            body: None,
            body_base64: None,
            sections: None,
        };
        let properties = event.message.value(section::APPLICATION_PROPERTIES).unwrap_or_default();
        if properties != Value::Null {
            line.application_properties = Some(json(&properties));
        }
        let mut rest = event.message.clone();
        let mut bodies = event.message.data();
        // A body of several parts or of values stays among the sections.
        if let (Some(Ok(body)), None) = (bodies.next(), bodies.next()) {
            rest.0.retain(|section| section.code != section::DATA);
            match std::str::from_utf8(&body) {
                Ok(text) => line.body = Some(text.to_owned()),
                Err(_) => line.body_base64 = Some(STANDARD.encode(&body)),
            }
        }
        // What the hub sets anew is not worth its place.
        rest.0.retain(|section| match (section.code, section.value()) {
            (section::ANNOTATIONS, Ok(Value::Map(pairs))) => {
                pairs.iter().any(|(key, _)| !key.text().is_some_and(|key| OWN.contains(&key)))
            }
            _ => true,
        });
        if !rest.0.is_empty() {
            line.sections = Some(STANDARD.encode(rest.encode()));
        }
        line
    }

    /// The line that `text` is.
    pub(crate) fn parse(text: &[u8]) -> io::Result<Line> {
        serde_json::from_slice(text).map_err(|_| damaged())
    }

    /// When the event came in, in milliseconds since 1970.
    pub(crate) fn enqueued_millis(&self) -> i64 {
        clock::parse(&self.enqueued_time).unwrap_or(0)
    }

    /// The message that a reader gets; `offset` is where the line begins.
    pub(crate) fn message(&self, offset: u64) -> io::Result<Message> {
        let decoded = |text: &str| STANDARD.decode(text).map(Bytes::from).map_err(|_| damaged());
        let kept = match &self.sections {
            Some(text) => Message::decode(decoded(text)?).map_err(|_| damaged())?,
            None => Message::default(),
        };
        let mut annotations = match kept.value(section::ANNOTATIONS) {
            Ok(Value::Map(pairs)) => pairs,
            _ => Vec::new(),
        };
        annotations.retain(|(key, _)| !key.text().is_some_and(|key| OWN.contains(&key)));
        let mut annotate = |name: &str, value| annotations.push((Value::symbol(name), value));
        annotate("x-opt-sequence-number", Value::Long(self.sequence_number));
        annotate("x-opt-offset", Value::string(offset.to_string()));
        annotate("x-opt-enqueued-time", Value::Timestamp(self.enqueued_millis()));
        if let Some(key) = &self.partition_key {
            annotate("x-opt-partition-key", Value::string(key));
        }
        let mut sections = vec![Section::new(section::ANNOTATIONS, Value::Map(annotations))];
        sections.extend(kept.0.into_iter().filter(|section| section.code != section::ANNOTATIONS));
        let body = match (&self.body, &self.body_base64) {
            (Some(text), _) => Some(Bytes::copy_from_slice(text.as_bytes())),
            (None, Some(text)) => Some(decoded(text)?),
            (None, None) => None,
        };
        sections.extend(body.map(|body| Section::new(section::DATA, Value::Binary(body))));
        Ok(Message(sections))
    }
}

/// A value for people to read.
fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::from(*value),
        Value::Ubyte(value) => Json::from(*value),
        Value::Ushort(value) => Json::from(*value),
        Value::Uint(value) => Json::from(*value),
        Value::Ulong(value) => Json::from(*value),
        Value::Byte(value) => Json::from(*value),
        Value::Short(value) => Json::from(*value),
        Value::Int(value) => Json::from(*value),
        Value::Long(value) => Json::from(*value),
        Value::Float(bits) => Json::from(f32::from_bits(*bits)),
        Value::Double(bits) => Json::from(f64::from_bits(*bits)),
        Value::Timestamp(millis) => Json::from(clock::text(*millis)),
        Value::String(text) | Value::Symbol(text) => Json::from(text.as_str()),
        Value::Binary(bytes) => Json::from(STANDARD.encode(bytes)),
        Value::List(items) | Value::Array(items) => items.iter().map(json).collect(),
        Value::Map(pairs) => pairs
            .iter()
            .map(|(key, value)| (key.text().map_or_else(|| format!("{key:?}"), str::to_owned), json(value)))
            .collect(),
        Value::Described(pair) => json(&pair.1),
        other => Json::from(format!("{other:?}")),
    }
}
