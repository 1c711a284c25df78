//! Policies: where these labels meet, these marketing actions are denied. Core ones come with the product and can only be
//! enabled; an organisation writes its own. Every policy is off until it is enabled.

use outflow_model::flow::{ActionOwner, MarketingAction};
use outflow_model::json::Node;
use outflow_model::problem::{Findings, Problem, Problems};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::action::{core, read_refs};
use crate::expression::{PolicyExpression, Tree, unknown_labels};
use crate::label::{Label, text};

/// The longest name of a policy, in characters.
pub const POLICY_NAME_CHARS_MAX: usize = 255;

/// Whether a policy has a say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PolicyStatus {
    /// It is being written; only who asks for drafts sees what it would do.
    Draft,
    /// It is enforced.
    Enabled,
    /// It is switched off.
    Disabled,
}

impl PolicyStatus {
    pub(crate) const NAMES: [(&'static str, PolicyStatus); 3] =
        [("DRAFT", PolicyStatus::Draft), ("ENABLED", PolicyStatus::Enabled), ("DISABLED", PolicyStatus::Disabled)];

    /// Whether a policy of this status counts in an evaluation.
    pub fn counts(self, include_drafts: bool) -> bool {
        self == PolicyStatus::Enabled || (include_drafts && self == PolicyStatus::Draft)
    }
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// Its id.
    pub id: String,
    /// Who wrote it; tells where it is found.
    #[serde(skip)]
    pub owner: ActionOwner,
    /// Its name.
    pub name: String,
    /// Whether it has a say.
    pub status: PolicyStatus,
    /// The actions that it denies, each; as references.
    #[serde(rename = "marketingActionRefs", serialize_with = "as_references")]
    pub actions: Vec<MarketingAction>,
    /// Why, for people.
    pub description: String,
    /// Where it denies them.
    pub deny: PolicyExpression,
}

pub(crate) fn as_references<S: serde::Serializer>(
    actions: &[MarketingAction],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(actions.iter().map(ToString::to_string))
}

impl Policy {
    /// Reads the body of a custom policy: `{name, status?, marketingActionRefs[], description?, deny}`. Without a status it
    /// is a draft.
    ///
    /// # Errors
    /// Every problem at once, by field.
    pub fn parse(id: &str, body: &Value) -> Result<Policy, Problems> {
        let mut findings = Findings::default();
        let policy = read(id, &Node::at(body, ""), &mut findings);
        findings.into_result(policy).map(|(policy, _)| policy)
    }

    /// What it refers to that does not exist, by field.
    pub fn check(
        &self,
        is_label: &dyn Fn(&Label) -> bool,
        is_action: &dyn Fn(&MarketingAction) -> bool,
    ) -> Vec<Problem> {
        let unknown = self.actions.iter().filter(|action| !is_action(action));
        let mut problems: Vec<Problem> =
            unknown.map(|action| Problem::new("/marketingActionRefs", format!("there is no {action}"))).collect();
        problems.extend(unknown_labels(&self.deny, "/deny", is_label));
        problems
    }

    /// The actions of `actions` that it denies where `labels` meet; empty where it has nothing against it.
    pub fn denied<'a>(
        &self,
        actions: &'a [MarketingAction],
        labels: &std::collections::BTreeSet<Label>,
    ) -> Vec<&'a MarketingAction> {
        let named: Vec<_> = actions.iter().filter(|action| self.actions.contains(action)).collect();
        if named.is_empty() || !self.deny.is_met_by(labels) { Vec::new() } else { named }
    }
}

fn read(id: &str, body: &Node<'_>, findings: &mut Findings) -> Option<Policy> {
    body.object(findings)?;
    let name = body.required("name", findings).and_then(|member| policy_name(&member, findings));
    let status = body.member("status").and_then(|member| member.one_of(&PolicyStatus::NAMES, findings));
    let refs = body.required("marketingActionRefs", findings);
    let actions = refs.as_ref().map(|member| read_refs(member, findings)).unwrap_or_default();
    if refs.is_some_and(|member| member.value.as_array().is_some_and(Vec::is_empty)) {
        findings.add("/marketingActionRefs", "is empty: name at least one marketing action");
    }
    let description = text(body, "description", findings).unwrap_or_default();
    let deny = body.required("deny", findings).and_then(|member| Tree::read(&member, findings));
    Some(Policy {
        id: id.to_string(),
        owner: ActionOwner::Custom,
        name: name?,
        status: status.unwrap_or(PolicyStatus::Draft),
        actions,
        description,
        deny: deny?,
    })
}

/// The name of a policy.
pub(crate) fn policy_name(member: &Node<'_>, findings: &mut Findings) -> Option<String> {
    let name = member.filled_text(findings)?;
    if name.chars().count() > POLICY_NAME_CHARS_MAX {
        findings.add(&member.pointer, format!("has more than {POLICY_NAME_CHARS_MAX} characters"));
    }
    if name.chars().any(char::is_control) {
        findings.add(&member.pointer, "holds a control character or line break");
    }
    Some(name.to_string())
}

/// Number, name, action, labels (any of which denies) and description of each core policy. The numbers are in the ids and
/// stay what they are.
const CORE: [(u32, &str, &str, &[&str], &str); 10] = [
    (1, "3rd party export restriction", "exportToThirdParty", &["C2", "C12"], "Keeps data from third parties"),
    (
        2,
        "Restrict combining with directly identifiable data",
        "combineData",
        &["C3"],
        "Keeps data apart from what identifies people directly",
    ),
    (3, "Restrict email targeting", "emailTargeting", &["C4"], "Keeps data out of targeting by e-mail"),
    (
        4,
        "Restrict cross site targeting",
        "crossSiteTargeting",
        &["C4", "C5"],
        "Keeps data out of targeting by what people did on several sites",
    ),
    (5, "Restrict onsite advertising", "onsiteAdvertising", &["C4", "C6"], "Keeps data out of ads on your own sites"),
    (
        6,
        "Restrict onsite personalization",
        "onsitePersonalization",
        &["C4", "C7"],
        "Keeps data out of content chosen for people on your own sites",
    ),
    (7, "Restrict analytics", "analytics", &["C8"], "Keeps data out of measurement"),
    (8, "Restrict data science", "dataScience", &["C9"], "Keeps data out of models"),
    (
        9,
        "Restrict single identity personalization",
        "singleIdentityPersonalization",
        &["C10"],
        "Keeps data with stitched identities out of targeting by one of them",
    ),
    (10, "Restrict data sharing", "segmentMatch", &["C11"], "Keeps data out of matches with partners"),
];

/// The policies that come with the product. `enabled` are the ids of those that are on; the others are drafts.
pub fn core_policies(enabled: &[String]) -> Vec<Policy> {
    let policy = |(number, name, action, labels, description): &(u32, &str, &str, &[&str], &str)| {
        let id = format!("corepolicy_{number:04}");
        let mut leaves = labels.iter().filter_map(|name| Label::new(name).ok()).map(Tree::Leaf).collect::<Vec<_>>();
        let deny = if leaves.len() == 1 { leaves.remove(0) } else { Tree::Any(leaves) };
        Policy {
            owner: ActionOwner::Core,
            name: (*name).to_string(),
            status: if enabled.contains(&id) { PolicyStatus::Enabled } else { PolicyStatus::Draft },
            actions: vec![core(action)],
            description: (*description).to_string(),
            deny,
            id,
        }
    };
    CORE.iter().map(policy).collect()
}

/// Reads the body that says which core policies are on, `{policyIds[]}`: those it leaves out are off.
///
/// # Errors
/// Ids of no core policy, and bodies of another shape.
pub fn enabled_core_policies(body: &Value) -> Result<Vec<String>, Problems> {
    let mut findings = Findings::default();
    let mut ids: Vec<String> = Vec::new();
    let known: Vec<String> = core_policies(&[]).into_iter().map(|policy| policy.id).collect();
    let root = Node::at(body, "");
    let member = root.object(&mut findings).and_then(|_| root.required("policyIds", &mut findings));
    for item in member.and_then(|member| member.items(&mut findings)).unwrap_or_default() {
        let Some(id) = item.text(&mut findings) else { continue };
        if !known.iter().any(|known| known == id) {
            findings.add(&item.pointer, format!("there is no core policy {id:?}"));
        } else if !ids.iter().any(|other| other == id) {
            ids.push(id.to_string());
        }
    }
    findings.into_result(Some(ids)).map(|(ids, _)| ids)
}

/// The ids of policies that refer to `action`, whatever their status: it cannot be deleted as long as there are any.
pub fn referring_to<'p>(policies: &'p [Policy], action: &MarketingAction) -> Vec<&'p str> {
    policies.iter().filter(|policy| policy.actions.contains(action)).map(|policy| policy.id.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::expression::tests::label;

    fn body(changes: &Value) -> Value {
        let mut body = json!({
            "name": "Email Policy",
            "status": "ENABLED",
            "marketingActionRefs": [core("emailTargeting").to_string(), "/dulepolicy/marketingActions/custom/crmSync"],
            "description": "Conditions under which nobody is written to",
            "deny": {"operator": "AND", "operands": [{"label": "C1"}, {"label": "C3"}]},
        });
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    #[test]
    fn a_policy_is_read_and_shown_in_the_apis_form() {
        let policy = Policy::parse("p-1", &body(&json!({}))).unwrap();
        let mut shown = serde_json::to_value(&policy).unwrap();
        assert_eq!(shown["id"], "p-1");
        shown.as_object_mut().unwrap().shift_remove("id");
        assert_eq!(shown, body(&json!({})));
        assert_eq!(Policy::parse("p", &body(&json!({"status": null}))).unwrap().status, PolicyStatus::Draft);
    }

    #[test]
    fn every_problem_has_its_field() {
        for (changes, expected) in [
            (
                json!({"name": null, "marketingActionRefs": null, "deny": null}),
                vec!["/name", "/marketingActionRefs", "/deny"],
            ),
            (json!({"name": " ", "status": "ON", "description": 1}), vec!["/name", "/status", "/description"]),
            (json!({"marketingActionRefs": []}), vec!["/marketingActionRefs"]),
            (json!({"marketingActionRefs": ["x"]}), vec!["/marketingActionRefs/0"]),
            (json!({"deny": {"operator": "AND", "operands": [{"label": "C1"}, {}]}}), vec!["/deny/operands/1"]),
        ] {
            let problems = Policy::parse("p", &body(&changes)).unwrap_err().0;
            assert_eq!(problems.into_iter().map(|p| p.field).collect::<Vec<_>>(), expected, "{changes}");
        }
        assert!(Policy::parse("p", &json!(3)).is_err());
    }

    #[test]
    fn what_does_not_exist_is_told() {
        let policy = Policy::parse("p", &body(&json!({}))).unwrap();
        let problems = policy.check(&|label| label.as_str() == "C1", &|action| action.owner == ActionOwner::Core);
        let fields: Vec<_> = problems.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(fields, ["/marketingActionRefs", "/deny/operands/1/label"]);
    }

    #[test]
    fn it_denies_its_actions_where_its_labels_meet() {
        let policy = Policy::parse("p", &body(&json!({}))).unwrap();
        let labels = |names: &[&str]| names.iter().map(|name| label(name)).collect();
        let actions = [core("analytics"), core("emailTargeting")];
        assert_eq!(policy.denied(&actions, &labels(&["C1", "C3"])), [&actions[1]]);
        assert!(policy.denied(&actions, &labels(&["C1"])).is_empty());
        assert!(policy.denied(&actions[..1], &labels(&["C1", "C3"])).is_empty());
        assert_eq!(referring_to(std::slice::from_ref(&policy), &actions[1]), ["p"]);
        assert!(referring_to(&[policy], &actions[0]).is_empty());
    }

    #[test]
    fn core_policies_are_off_until_enabled() {
        let off = core_policies(&[]);
        assert!(off.iter().all(|policy| !policy.status.counts(false) && policy.status.counts(true)));
        let ids: Vec<_> = off.iter().map(|policy| policy.id.clone()).collect();
        assert_eq!(
            (ids.first().unwrap().as_str(), ids.last().unwrap().as_str()),
            ("corepolicy_0001", "corepolicy_0010")
        );
        for policy in &off {
            let known = |label: &Label| crate::label::is_core(label);
            assert_eq!(policy.check(&known, &|action| crate::action::is_core(&action.name)), []);
            assert_eq!(policy.deny.labels().len(), CORE[off.iter().position(|p| p == policy).unwrap()].3.len());
        }
        let on = core_policies(&ids[2..3]);
        assert_eq!(on.iter().filter(|policy| policy.status.counts(false)).count(), 1);
        assert_eq!(on[2].deny.to_string(), "C4");
        assert_eq!(on[0].deny.to_string(), "C2 OR C12");
    }

    #[test]
    fn the_list_of_enabled_core_policies_is_read() {
        let read = |value: Value| enabled_core_policies(&json!({"policyIds": value}));
        assert_eq!(read(json!(["corepolicy_0002", "corepolicy_0002"])).unwrap(), ["corepolicy_0002"]);
        assert_eq!(read(json!(["corepolicy_0099", 3])).unwrap_err().0.len(), 2);
        assert!(enabled_core_policies(&json!({})).is_err());
        assert!(enabled_core_policies(&json!([])).is_err());
    }
}
