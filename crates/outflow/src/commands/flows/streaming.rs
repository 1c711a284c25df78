//! `outflow flows activate` for a flow to a stream: what sends a message, and segments without schedules.

use clap::{Args, ValueEnum};
use outflow_model::{Fault, FaultClass};
use serde_json::{Map, Value, json};

use super::super::fields::parse_paths;
use crate::client::Client;
use crate::client::nouns::{id, name};
use crate::environment;
use crate::table::text;

/// What sends a message, in a flow to a stream. What is not given stays.
#[derive(Args)]
pub struct StreamingArgs {
    /// To a stream: which changes send a message [default: all three]
    #[arg(long, value_name = "CHANGE,…", value_enum, value_delimiter = ',')]
    send_on: Vec<TriggerArg>,
    /// To a stream: whether a newer record with the same values sends one [default: false]
    #[arg(long, value_name = "true|false")]
    rewrites: Option<bool>,
    /// To a stream: whether, while it takes nothing, only the newest state of a profile waits [default: false]
    #[arg(long, value_name = "true|false")]
    coalesce: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TriggerArg {
    /// Somebody entered or left a segment
    Segmentation,
    /// A mapped attribute has another value
    Attributes,
    /// A profile has other identities
    Identities,
}

impl StreamingArgs {
    /// Whether any of them was given.
    pub fn is_given(&self) -> bool {
        !self.send_on.is_empty() || self.rewrites.is_some() || self.coalesce.is_some()
    }

    /// Puts them into the flow's parameters.
    pub fn apply(&self, params: &mut Map<String, Value>) {
        if !self.is_given() {
            return;
        }
        let streaming = params.entry("streaming").or_insert_with(|| json!({}));
        if !self.send_on.is_empty() {
            let has = |trigger| self.send_on.contains(&trigger);
            streaming["triggers"] = json!({
                "segmentation": has(TriggerArg::Segmentation),
                "attributes": has(TriggerArg::Attributes),
                "identities": has(TriggerArg::Identities),
            });
        }
        for (member, given) in [("rewrites", self.rewrites), ("coalesce", self.coalesce)] {
            if let Some(given) = given {
                streaming[member] = given.into();
            }
        }
    }
}

/// Adds the segment's selector where the flow has none.
pub fn add_segment(segment: &Value, selectors: &mut Vec<Value>) {
    if selectors.iter().any(|selector| selector["value"]["id"] == segment["id"]) {
        return;
    }
    let value = json!({"id": id(segment), "name": name(segment), "createTime": environment::now().timestamp()});
    selectors.push(json!({"type": "PLATFORM_SEGMENT", "value": value}));
}

/// The attributes of messages, as the API takes them.
///
/// # Errors
/// `Input` for what is no path.
pub fn attributes(mapping: &[String]) -> Result<Vec<Value>, Fault> {
    let paths = parse_paths("--map", mapping).map_err(|fault| {
        fault.hint("attributes of messages are paths without a header: messages are nested as they are")
    })?;
    let attribute = |path: &outflow_model::FieldPath| json!({"type": "JSON_PATH", "value": {"path": path.to_string(), "operator": "EXISTS"}});
    Ok(paths.iter().map(attribute).collect())
}

impl Client {
    /// Whether a flow sends messages, by the kind of its target. One that is not on offer any more took files.
    pub(super) async fn is_stream(&self, flow: &Value) -> Result<bool, Fault> {
        let spec = &flow["inheritedAttributes"]["targetConnections"][0]["connectionSpec"]["id"];
        match self.spec(&text(spec)).await {
            Ok(spec) => Ok(spec["attributes"]["isBatch"] == false),
            Err(fault) if fault.class == FaultClass::Input => Ok(false),
            Err(fault) => Err(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: StreamingArgs,
    }

    #[test]
    fn what_sends_is_changed_and_the_rest_stays() {
        let mut params = json!({"streaming": {"rewrites": true}}).as_object().cloned().unwrap();
        let args = Cli::parse_from(["x", "--send-on", "segmentation,identities", "--coalesce", "true"]).args;
        args.apply(&mut params);
        let triggers = json!({"segmentation": true, "attributes": false, "identities": true});
        assert_eq!(params["streaming"], json!({"rewrites": true, "triggers": triggers, "coalesce": true}));
        let before = params.clone();
        Cli::parse_from(["x"]).args.apply(&mut params);
        assert_eq!(params, before);
    }

    #[test]
    fn a_segment_is_added_once_and_attributes_have_no_headers() {
        let segment = json!({"id": "s1", "name": "gold"});
        let mut selectors = Vec::new();
        add_segment(&segment, &mut selectors);
        add_segment(&segment, &mut selectors);
        assert_eq!(selectors.len(), 1);
        assert!(selectors[0]["value"].get("schedule").is_none(), "{selectors:?}");
        let attributes_of = |text: &str| attributes(&[text.to_owned()]);
        assert_eq!(attributes_of("a.b,c").unwrap()[1]["value"]["path"], "c");
        assert!(attributes_of("a.b:header").unwrap_err().hint.contains("without a header"));
    }
}
