//! Violations of policies, as people read them: what is denied and why, the way of the data, and what would resolve it.

use std::error::Error;
use std::fmt;

use outflow_governance::{SchemaPath, labels::SchemaStep};
use outflow_model::{Fault, FieldPath, PathElement};
use serde_json::{Value, json};

use super::nouns::name;
use crate::numbers::counted;
use crate::table::{one_line, text};

/// Violations that are shown to people. Whoever wants all reads the JSON.
const SHOWN_MAX: usize = 10;

/// Ways of data that are shown of each.
const WAYS_MAX: usize = 5;

/// The violations that an answer tells of.
#[derive(Debug)]
pub struct Violations {
    told: Vec<Value>,
    /// How many more there are.
    left_out: u64,
}

impl Violations {
    /// Those of an answer; none where it has none.
    pub fn of(answer: &Value) -> Option<Violations> {
        let told = answer["violations"].as_array().filter(|told| !told.is_empty())?.clone();
        let total = ["violationsTotal", "count"].into_iter().find_map(|member| answer[member].as_u64());
        let beyond = total.map(|total| total.saturating_sub(told.len() as u64));
        Some(Violations { told, left_out: answer["violationsLeftOut"].as_u64().or(beyond).unwrap_or(0) })
    }

    /// Those behind a fault.
    pub fn behind(fault: &Fault) -> Option<&Violations> {
        fault.source()?.downcast_ref()
    }

    /// For machines: those that the server told.
    pub fn json(&self) -> Value {
        json!(self.told)
    }

    /// For people.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.told.iter().take(SHOWN_MAX).flat_map(one).collect();
        let more = self.told.len().saturating_sub(SHOWN_MAX) as u64 + self.left_out;
        if more > 0 {
            lines.push(format!("… and {more} more"));
        }
        lines.iter().map(|line| one_line(line)).collect()
    }

    fn count(&self) -> u64 {
        self.told.len() as u64 + self.left_out
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&counted(self.count(), "violation"))
    }
}

impl Error for Violations {}

/// The name at the end of a reference to a marketing action.
pub fn action_name(reference: &Value) -> String {
    let reference = text(reference);
    reference.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Texts of a list, with commas between them.
pub fn listed(values: &Value, text_of: impl Fn(&Value) -> String) -> String {
    values.as_array().into_iter().flatten().map(text_of).collect::<Vec<_>>().join(", ")
}

/// A field of a dataset as rules write it; the place in its schema where rules have no words for it.
pub fn shown_field(place: &str) -> String {
    let Ok(path) = SchemaPath::parse(place) else { return place.to_owned() };
    let element = |step: &SchemaStep| match step {
        SchemaStep::Property(name) => Some(PathElement::Name(name.clone())),
        SchemaStep::Items => Some(PathElement::Index(0)),
        SchemaStep::Values => None,
    };
    let elements: Option<Vec<PathElement>> = path.steps().iter().map(element).collect();
    elements.and_then(FieldPath::new).map_or_else(|| place.to_owned(), |path| path.to_string())
}

fn one(violation: &Value) -> Vec<String> {
    let (flow, segment) = (&violation["flow"], &violation["segment"]);
    let policy = &violation["policy"];
    let actions = listed(&violation["actions"], action_name);
    let denies = if actions.is_empty() { "any export".to_owned() } else { actions };
    let mut lines = vec![
        format!(
            "policy {:?} ({}), segment {} of flow {}",
            name(policy),
            text(&policy["id"]),
            name(segment),
            name(flow)
        ),
        format!(
            "  denies   {denies} where {}; here: {}",
            text(&violation["condition"]),
            listed(&violation["labels"], text)
        ),
    ];
    let ways = violation["lineage"].as_array().map_or(&[][..], Vec::as_slice);
    for (at, way) in ways.iter().take(WAYS_MAX).enumerate() {
        lines.push(format!("  {} {}", if at == 0 { "data    " } else { "        " }, way_of_data(way, violation)));
    }
    let more = ways.len().saturating_sub(WAYS_MAX) as u64 + violation["lineageLeftOut"].as_u64().unwrap_or(0);
    if more > 0 {
        lines.push(format!("           … and {} more", counted(more, "way")));
    }
    for (at, way) in violation["waysOut"].as_array().into_iter().flatten().enumerate() {
        let steps = listed_with(&way["steps"], " and ", |step| step_of(step, violation));
        lines.push(format!("  {} {steps}", if at == 0 { "way out " } else { "      or" }));
    }
    lines
}

fn listed_with(values: &Value, between: &str, text_of: impl Fn(&Value) -> String) -> String {
    values.as_array().into_iter().flatten().map(text_of).collect::<Vec<_>>().join(between)
}

/// `dataset -> field [label] -> use -> flow`.
fn way_of_data(way: &Value, violation: &Value) -> String {
    let (origin, used) = (&way["origin"], &way["use"]);
    let label = text(&origin["label"]);
    let mut parts = Vec::new();
    match origin["schemaPath"].as_str() {
        None => parts.extend([format!("{} [{label}]", name(&origin["dataset"])), text(&origin["field"])]),
        Some(_) => parts.extend([name(&origin["dataset"]).to_owned(), format!("{} [{label}]", text(&origin["field"]))]),
    }
    if used["path"] != origin["field"] {
        parts.push(text(&used["path"]));
    }
    parts.push(match used["kind"].as_str().unwrap_or_default() {
        "rule" => {
            let through = used["through"].as_array().map_or(&[][..], Vec::as_slice);
            let rules = std::iter::once(&violation["segment"]).chain(through).map(name);
            format!("rule of {}", rules.collect::<Vec<_>>().join(", of "))
        }
        "mandatory" => "mandatory attribute".to_owned(),
        "message" => "identities of messages".to_owned(),
        other => other.to_owned(),
    });
    parts.push(name(&violation["flow"]).to_owned());
    parts.join(" -> ")
}

/// One thing to do, with the command where one does all of it.
fn step_of(step: &Value, violation: &Value) -> String {
    let flow = quoted(name(&violation["flow"]));
    let fields = listed(&step["fields"], text);
    match step["kind"].as_str().unwrap_or_default() {
        "unmap" => {
            let fields = listed(&step["fields"], |field| text(&field["path"]));
            format!("map without {fields} (outflow flows activate {flow} --map …)")
        }
        "dropMandatory" => format!("do not require {fields} (outflow flows activate {flow} --require …)"),
        "changeKey" => format!("deduplicate by something else than {fields}"),
        "changeRule" => {
            let segment = quoted(name(&step["segment"]));
            format!("take {fields} out of the rule (outflow segments update {segment} --rule …)")
        }
        "changeLabels" => {
            let (dataset, labels) = (quoted(name(&step["dataset"])), listed_with(&step["labels"], ",", text));
            let remove = match step["schemaPath"].as_str() {
                None => labels,
                Some(place) => quoted(&format!("{}={labels}", shown_field(place))),
            };
            format!("take the label off (outflow datasets labels {dataset} --remove {remove})")
        }
        "removeSegment" => {
            format!("leave the segment out (outflow flows activate {flow} --remove {})", quoted(name(&step["segment"])))
        }
        "dropActions" => {
            let actions = listed(&step["actions"], action_name);
            format!("do not use the data for {actions} (outflow destinations update … --marketing-action …)")
        }
        "disablePolicy" => {
            format!("switch the policy off (outflow policies disable {})", quoted(&text(&step["policyName"])))
        }
        other => other.to_owned(),
    }
}

/// A word as a shell takes it.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '=' | ',' | ':');
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violation() -> Value {
        json!({
            "policy": {"id": "corepolicy_0003", "name": "Restrict email targeting"}, "condition": "C4", "labels": ["C4"],
            "actions": ["/dulepolicy/marketingActions/core/emailTargeting"],
            "segment": {"id": "s", "name": "gold"}, "flow": {"id": "f", "name": "acme daily"},
            "lineage": [
                {"origin": {"label": "C4", "dataset": {"id": "d", "name": "crm"}, "schemaPath": "/properties/a/properties/b",
                    "field": "a.b", "bearing": "own"}, "use": {"path": "a.b", "kind": "mapping"}},
                {"origin": {"label": "C4", "dataset": {"id": "d", "name": "web"}, "field": "x", "bearing": "dataset"},
                    "use": {"path": "identityMap", "kind": "rule", "through": [{"id": "t", "name": "rich"}]}}],
            "lineageLeftOut": 3,
            "waysOut": [
                {"steps": [{"kind": "unmap", "fields": [{"path": "a.b", "pointer": "/x"}]}, {"kind": "changeRule", "fields": ["x"],
                    "segment": {"id": "s", "name": "gold"}}]},
                {"steps": [{"kind": "changeLabels", "dataset": {"id": "d", "name": "crm"}, "labels": ["C4"],
                    "schemaPath": "/properties/a/properties/b"}]},
                {"steps": [{"kind": "disablePolicy", "policyName": "Restrict email targeting", "owner": "core"}]}],
        })
    }

    #[test]
    fn a_violation_says_what_why_and_what_to_do() {
        let told = Violations::of(&json!({"violations": [violation()], "violationsLeftOut": 2})).unwrap();
        let expected = [
            r#"policy "Restrict email targeting" (corepolicy_0003), segment gold of flow acme daily"#,
            "  denies   emailTargeting where C4; here: C4",
            "  data     crm -> a.b [C4] -> mapping -> acme daily",
            "           web [C4] -> x -> identityMap -> rule of gold, of rich -> acme daily",
            "           … and 3 ways more",
            "  way out  map without a.b (outflow flows activate 'acme daily' --map …) and take x out of the rule (outflow \
             segments update gold --rule …)",
            "        or take the label off (outflow datasets labels crm --remove a.b=C4)",
            "        or switch the policy off (outflow policies disable 'Restrict email targeting')",
            "… and 2 more",
        ];
        assert_eq!(told.lines(), expected);
        assert_eq!(told.to_string(), "3 violations");
        assert!(Violations::of(&json!({"violations": []})).is_none());
    }

    #[test]
    fn fields_are_told_as_rules_write_them() {
        for (place, shown) in [
            ("/properties/a/properties/b", "a.b"),
            ("/properties/a/items/properties/b c", "a[0].`b c`"),
            ("/properties/a/additionalProperties", "/properties/a/additionalProperties"),
        ] {
            assert_eq!(shown_field(place), shown);
        }
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_split_them() {
        assert_eq!((quoted("a-b"), quoted("a b"), quoted("it's")), ("a-b".into(), "'a b'".into(), r"'it'\''s'".into()));
    }
}
