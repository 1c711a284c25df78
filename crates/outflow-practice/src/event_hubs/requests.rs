//! Requests to `$cbs` and `$management`, and their replies.

use super::Shared;
use super::clock;
use super::codec::Decoded;
use super::codec::fields::Fields;
use super::codec::message::{Message, Section, section};
use super::codec::value::Value;
use super::policies::{Claim, Grant};
use super::store::Hub;

/// A request as both nodes take it.
pub(crate) struct Request {
    message_id: Value,
    /// The address that the reply goes to, where the request says so.
    pub(crate) reply_to: Option<String>,
    properties: Value,
    body: Value,
}

/// The answer to a request.
pub(crate) struct Reply {
    status: u16,
    description: String,
    body: Value,
}

impl Reply {
    fn new(status: u16, description: impl Into<String>) -> Reply {
        Reply { status, description: description.into(), body: Value::Null }
    }

    /// The message that answers `request`.
    pub(crate) fn message(self, request: &Request) -> Message {
        let mut properties = vec![Value::Null; 13];
        properties[5] = request.message_id.clone();
        // The nodes of the service differ in how they write the names, and so do clients in which they look for.
        let status = |name: &str| (Value::string(name), Value::Int(i32::from(self.status)));
        let description = |name: &str| (Value::string(name), Value::string(&self.description));
        let details = vec![
            status("status-code"),
            status("statusCode"),
            description("status-description"),
            description("statusDescription"),
        ];
        Message(vec![
            Section::new(section::PROPERTIES, Value::List(properties)),
            Section::new(section::APPLICATION_PROPERTIES, Value::Map(details)),
            Section::new(section::VALUE, self.body),
        ])
    }
}

impl Request {
    /// Reads a request out of a message.
    pub(crate) fn read(message: &Message) -> Decoded<Request> {
        let (message_id, reply_to) = match message.value(section::PROPERTIES)? {
            Value::Null => (Value::Null, None),
            properties => {
                let mut fields = Fields::of(properties)?;
                let message_id = fields.any();
                fields.skip(3);
                (message_id, fields.text()?)
            }
        };
        let properties = message.value(section::APPLICATION_PROPERTIES)?;
        let body = message.value(section::VALUE)?;
        Ok(Request { message_id, reply_to, properties, body })
    }

    fn property(&self, name: &str) -> &str {
        self.properties.get(name).and_then(Value::text).unwrap_or_default()
    }

    /// `put-token`: 202 and what the token allows, or why it is not taken.
    pub(crate) fn put_token(&self, shared: &Shared) -> (Reply, Option<Grant>) {
        let refused = |status, sentence: &str| (Reply::new(status, shared.tracking.tracked(sentence)), None);
        if self.property("operation") != "put-token" {
            return refused(400, "The operation is not known.");
        }
        if self.property("type") != "servicebus.windows.net:sastoken" {
            return refused(400, "The token type is not supported.");
        }
        if shared.faults.read(|f| f.event_hubs.wrong_credentials) {
            return refused(401, "InvalidSignature: The token has an invalid signature.");
        }
        let mut failure = None;
        shared.faults.hit(|f| {
            let fault = f.event_hubs.cbs_failure.as_mut().filter(|fault| fault.times > 0)?;
            failure = Some(fault.status);
            Some(&mut fault.times)
        });
        if let Some(status) = failure {
            return refused(status, "The service was unable to process the request; please retry the operation.");
        }
        let token = self.body.text().unwrap_or_default();
        match shared.policies.judge(token, self.property("name"), clock::now_millis() / 1000) {
            Ok(grant) => (Reply::new(202, "Accepted"), Some(grant)),
            Err(sentence) => refused(401, &sentence),
        }
    }

    /// `READ` of a hub or a partition, for whoever may use the hub.
    pub(crate) fn read_properties(&self, shared: &Shared, grants: &[Grant]) -> Reply {
        let refused = |status, sentence: &str| Reply::new(status, shared.tracking.tracked(sentence));
        if self.property("operation") != "READ" {
            return refused(400, "The operation is not known.");
        }
        let name = self.property("name");
        let now_secs = clock::now_millis() / 1000;
        let allowed =
            |grant: &Grant| [Claim::Listen, Claim::Send].iter().any(|claim| grant.allows(*claim, name, now_secs));
        if !grants.iter().any(allowed) {
            let token = self.property("security_token");
            if !shared.policies.judge(token, name, now_secs).is_ok_and(|grant| allowed(&grant)) {
                return refused(401, &shared.unauthorized(Claim::Listen, name));
            }
        }
        let Some(hub) = shared.store.hub(name) else { return refused(404, &shared.not_found(name)) };
        let body = match self.property("type") {
            "com.microsoft:eventhub" => hub_properties(&hub),
            "com.microsoft:partition" => {
                let id = self.property("partition");
                match hub.partition(id).and_then(|number| partition_properties(&hub, number)) {
                    Some(body) => body,
                    None => return refused(404, &shared.not_found(&format!("{name}/Partitions/{id}"))),
                }
            }
            _ => return refused(400, "The entity type is not known."),
        };
        Reply { status: 200, description: "OK".into(), body }
    }
}

fn map<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Map(pairs.into_iter().map(|(name, value)| (Value::string(name), value)).collect())
}

fn hub_properties(hub: &Hub) -> Value {
    let ids = (0..hub.partitions()).map(|number| Value::string(number.to_string())).collect();
    map([
        ("name", Value::string(&hub.name)),
        ("type", Value::string("com.microsoft:eventhub")),
        ("created_at", Value::Timestamp(hub.created_millis)),
        ("partition_count", Value::Int(i32::try_from(hub.partitions()).unwrap_or(i32::MAX))),
        ("partition_ids", Value::Array(ids)),
        ("georeplication_factor", Value::Int(1)),
    ])
}

fn partition_properties(hub: &Hub, number: usize) -> Option<Value> {
    /// The first moment of year 1, which the service gives for never.
    const NEVER_MILLIS: i64 = -62_135_596_800_000;
    let summary = hub.summary(number)?;
    let offset = summary.last_offset.map_or_else(|| "-1".to_owned(), |offset| offset.to_string());
    Some(map([
        ("name", Value::string(&hub.name)),
        ("type", Value::string("com.microsoft:partition")),
        ("partition", Value::string(number.to_string())),
        ("begin_sequence_number", Value::Long(0)),
        ("last_enqueued_sequence_number", Value::Long(summary.last_sequence_number)),
        ("last_enqueued_offset", Value::String(offset)),
        ("last_enqueued_time_utc", Value::Timestamp(summary.last_enqueued_millis.unwrap_or(NEVER_MILLIS))),
        ("is_partition_empty", Value::Bool(summary.last_offset.is_none())),
    ]))
}
