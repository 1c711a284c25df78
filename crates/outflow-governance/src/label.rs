//! Data usage labels: what is special about data. Core ones come with the product; an organisation adds its own.

use std::collections::BTreeSet;
use std::fmt;

use outflow_model::json::Node;
use outflow_model::problem::{Findings, Problems};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The longest name of a label, in characters.
pub const LABEL_CHARS_MAX: usize = 64;

/// The most labels that one list names: more than a sandbox has.
pub const LABELS_MAX: usize = 2_000;

/// The longest friendly name or description, in characters.
const TEXT_CHARS_MAX: usize = 2_000;

/// Data with this label leaves in no way, whatever the policies say.
pub const NO_EXPORT: &str = "C12";

/// A label's name, by which everything refers to it. Upper and lower case differ.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Label(String);

impl Label {
    /// The label of this name.
    ///
    /// # Errors
    /// What is wrong with the name: it is empty or too long, or holds a character that lists and addresses of labels
    /// cannot hold.
    pub fn new(name: &str) -> Result<Label, String> {
        if name.is_empty() {
            return Err("is empty".to_string());
        }
        if name.chars().count() > LABEL_CHARS_MAX {
            return Err(format!("has more than {LABEL_CHARS_MAX} characters"));
        }
        // Labels are listed with commas in addresses (`duleLabels=C1,C3`).
        match name
            .chars()
            .find(|c| c.is_control() || c.is_whitespace() || matches!(c, ',' | '/' | '?' | '#' | '%' | '&'))
        {
            Some(c) => Err(format!("holds {c:?}: a label is written without blanks, commas and / ? # % &")),
            None => Ok(Label(name.to_string())),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a label's name from a body.
    pub(crate) fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Label> {
        let text = node.text(findings)?;
        Label::new(text).map_err(|problem| findings.add(&node.pointer, problem)).ok()
    }

    /// Reads a list of labels from a body, each once.
    pub(crate) fn read_all(node: &Node<'_>, findings: &mut Findings) -> Vec<Label> {
        let items = node.items(findings).unwrap_or_default();
        if items.len() > LABELS_MAX {
            findings.add(&node.pointer, format!("names more than {LABELS_MAX} labels"));
            return Vec::new();
        }
        let mut seen = BTreeSet::new();
        let read = items.iter().filter_map(|item| Label::read(item, findings));
        read.filter(|label| seen.insert(label.clone())).collect()
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of thing a label says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LabelCategory {
    /// A contract restricts what may be done.
    Contract,
    /// The data identifies a person.
    Identity,
    /// The data is sensitive, such as a place or a state of health.
    Sensitive,
    /// The data comes from another company.
    #[serde(rename = "Partner Ecosystem")]
    Partner,
    /// What the organisation says it means.
    Custom,
}

/// A label and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelDefinition {
    /// Its name.
    pub name: Label,
    /// What kind of thing it says.
    pub category: LabelCategory,
    /// A short name for people.
    pub friendly_name: String,
    /// What it means.
    pub description: String,
}

/// Name, category, friendly name and meaning of each core label.
const CORE: [(&str, LabelCategory, &str, &str); 19] = [
    (
        "C1",
        LabelCategory::Contract,
        "Aggregate export only",
        "Leaves only aggregated, without ids of persons or devices",
    ),
    ("C2", LabelCategory::Contract, "No third party export", "Is not exported to third parties"),
    (
        "C3",
        LabelCategory::Contract,
        "Not with directly identifiable data",
        "Is not combined with data that identifies a person directly",
    ),
    ("C4", LabelCategory::Contract, "No targeting", "Targets no ads and no content at all; covers C5, C6 and C7"),
    ("C5", LabelCategory::Contract, "No cross-site targeting", "Targets no content or ads by interests across sites"),
    ("C6", LabelCategory::Contract, "No on-site advertising", "Targets no ads on your own sites and apps"),
    ("C7", LabelCategory::Contract, "No on-site personalization", "Targets no content on your own sites and apps"),
    ("C8", LabelCategory::Contract, "No measurement", "Does not measure the use of your own sites and apps"),
    ("C9", LabelCategory::Contract, "No data science", "Is not used in data science"),
    ("C10", LabelCategory::Contract, "No stitched identities", "Is not used with identities stitched together"),
    ("C11", LabelCategory::Contract, "No sharing of segments", "Is not shared with partners to match segments"),
    ("C12", LabelCategory::Contract, "No export", "Leaves in no way: data with this label is never activated"),
    ("I1", LabelCategory::Identity, "Directly identifying", "Identifies or reaches a person by itself"),
    ("I2", LabelCategory::Identity, "Indirectly identifying", "Identifies a person together with other data"),
    ("S1", LabelCategory::Sensitive, "Precise place", "Says where somebody is by latitude and longitude"),
    ("S2", LabelCategory::Sensitive, "Broad area", "Says in which broad area somebody is"),
    ("PSPD", LabelCategory::Sensitive, "Permitted sensitive data", "Is sensitive personal data that may be used"),
    ("RHD", LabelCategory::Sensitive, "Regulated health data", "Says something of a person's health that law protects"),
    ("Third-Party", LabelCategory::Partner, "Third-party data", "Comes from a third-party vendor"),
];

/// The labels that come with the product.
pub fn core_labels() -> Vec<LabelDefinition> {
    let definition =
        |(name, category, friendly_name, description): &(&str, LabelCategory, &str, &str)| LabelDefinition {
            name: Label((*name).to_string()),
            category: *category,
            friendly_name: (*friendly_name).to_string(),
            description: (*description).to_string(),
        };
    CORE.iter().map(definition).collect()
}

/// Whether a label comes with the product.
pub fn is_core(label: &Label) -> bool {
    CORE.iter().any(|(name, ..)| *name == label.as_str())
}

impl LabelDefinition {
    /// Reads the body of a custom label: `{name, category, friendlyName?, description?}`.
    ///
    /// # Errors
    /// Every problem at once, by field: a core label's name, another category than `Custom` among them.
    pub fn parse(body: &Value) -> Result<LabelDefinition, Problems> {
        let mut findings = Findings::default();
        let definition = definition(&Node::at(body, ""), &mut findings);
        findings.into_result(definition).map(|(definition, _)| definition)
    }
}

fn definition(body: &Node<'_>, findings: &mut Findings) -> Option<LabelDefinition> {
    body.object(findings)?;
    let name = body.required("name", findings).and_then(|member| {
        let label = Label::read(&member, findings)?;
        if is_core(&label) {
            findings.add(&member.pointer, format!("{label} is a core label: choose another name"));
        }
        Some(label)
    });
    if let Some(category) = body.member("category") {
        category.one_of(&[("Custom", ())], findings);
    }
    let friendly_name = text(body, "friendlyName", findings);
    let description = text(body, "description", findings);
    let name = name?;
    Some(LabelDefinition {
        friendly_name: friendly_name.unwrap_or_else(|| name.to_string()),
        name,
        category: LabelCategory::Custom,
        description: description.unwrap_or_default(),
    })
}

/// The text of a member that need not be there, of bounded length.
pub(crate) fn text(body: &Node<'_>, name: &str, findings: &mut Findings) -> Option<String> {
    let member = body.member(name)?;
    let text = member.text(findings)?;
    if text.chars().count() > TEXT_CHARS_MAX {
        findings.add(&member.pointer, format!("has more than {TEXT_CHARS_MAX} characters"));
    }
    Some(text.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_core_labels_are_there_once_each() {
        let names: Vec<String> = core_labels().iter().map(|label| label.name.to_string()).collect();
        let contracts = (1..=12).map(|n| format!("C{n}"));
        let others = ["I1", "I2", "S1", "S2", "PSPD", "RHD", "Third-Party"].map(String::from);
        assert_eq!(names, contracts.chain(others).collect::<Vec<_>>());
        assert!(names.iter().all(|name| Label::new(name).is_ok_and(|label| is_core(&label))));
        let shown = serde_json::to_value(&core_labels()[0]).unwrap();
        assert_eq!(shown["friendlyName"], "Aggregate export only");
        assert_eq!(shown["category"], "Contract");
        assert_eq!(serde_json::to_value(LabelCategory::Partner).unwrap(), "Partner Ecosystem");
    }

    #[test]
    fn names_fit_lists_and_addresses() {
        for name in ["C1", "L2", "Purchase_History", "Käufe", "a.b", "Third-Party"] {
            assert!(Label::new(name).is_ok(), "{name}");
        }
        for name in ["", "a b", "a,b", "a/b", "a\n", "50%", "a?b", "a#b", "a&b", &"x".repeat(65)] {
            assert!(Label::new(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_list_of_labels_is_bounded_and_names_each_once() {
        let read = |names: Vec<String>| {
            let body = json!(names);
            let mut findings = Findings::default();
            let labels = Label::read_all(&Node::at(&body, "/labels"), &mut findings);
            (labels.len(), findings.into_result(Some(())).is_ok())
        };
        let names = |count: usize| (0..count).map(|n| format!("L{n}"));
        assert_eq!(read(names(LABELS_MAX).collect()), (LABELS_MAX, true));
        assert_eq!(read(names(1_000).chain(names(1_000)).collect()), (1_000, true));
        assert_eq!(read(names(LABELS_MAX + 1).collect()), (0, false));
    }

    #[test]
    fn a_custom_label_is_read_with_every_problem() {
        let label = LabelDefinition::parse(&json!({"name": "L2", "category": "Custom", "friendlyName": "Purchases"}));
        let label = label.unwrap();
        assert_eq!((label.name.as_str(), label.category), ("L2", LabelCategory::Custom));
        assert_eq!(LabelDefinition::parse(&json!({"name": "L2"})).unwrap().friendly_name, "L2");
        for (body, expected) in [
            (json!({}), vec!["/name"]),
            (json!({"name": "C1"}), vec!["/name"]),
            (
                json!({"name": "a b", "category": "Contract", "description": 3}),
                vec!["/name", "/category", "/description"],
            ),
            (json!({"name": "L", "friendlyName": "x".repeat(2_001)}), vec!["/friendlyName"]),
            (json!([]), vec![""]),
        ] {
            let problems = LabelDefinition::parse(&body).unwrap_err().0;
            assert_eq!(problems.into_iter().map(|p| p.field).collect::<Vec<_>>(), expected, "{body}");
        }
    }
}
