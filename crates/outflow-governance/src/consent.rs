//! Consent policies: where these actions or labels are, profiles must have agreed. They forbid nothing; who has not agreed
//! is left out.
//!
//! `{name, description?, status?, if, then}`. `if` is a condition whose leaves are `{"marketingActionRef": …}` and
//! `{"label": …}`; `then` is one whose leaves are `{"path": …, "values": […]}`. A profile that lacks the attribute has not
//! agreed. A policy without a status is disabled.

use std::collections::BTreeSet;
use std::fmt;

use outflow_model::flow::MarketingAction;
use outflow_model::json::Node;
use outflow_model::problem::{Findings, Problem, Problems};
use outflow_model::rule::{Expr, ExprKind, Literal, RuleErrors, check};
use outflow_model::schema::{FieldType, Schema};
use outflow_model::{FieldPath, PathElement};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::action::read_ref;
use crate::expression::{Leaf, Tree};
use crate::label::{Label, text};
use crate::policy::{PolicyStatus, policy_name};

/// The most values of one attribute that mean consent.
pub const CONSENT_VALUES_MAX: usize = 100;

/// What makes a consent policy apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsentTrigger {
    /// The flow has this marketing action.
    Action(MarketingAction),
    /// The export of the segment uses data with this label.
    Label(Label),
}

/// What a profile must say.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsentTest {
    /// The attribute.
    pub path: FieldPath,
    /// The values that mean consent: of one type, at least one.
    pub values: Vec<Literal>,
}

/// A consent policy.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsentPolicy {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it has a say.
    pub status: PolicyStatus,
    /// When it applies.
    #[serde(rename = "if")]
    pub when: Tree<ConsentTrigger>,
    /// What a profile must say then.
    pub then: Tree<ConsentTest>,
}

/// What one policy asks of the profiles of a segment.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsentRule {
    /// The policy's id.
    pub policy_id: String,
    /// The policy's name.
    pub policy_name: String,
    /// True of the profiles that may be exported; of others false or unknown.
    pub allowed: Expr,
    /// True of exactly the others; never unknown.
    pub excluded: Expr,
}

impl ConsentPolicy {
    /// Reads the body of a consent policy.
    ///
    /// # Errors
    /// Every problem at once, by field.
    pub fn parse(id: &str, body: &Value) -> Result<ConsentPolicy, Problems> {
        let mut findings = Findings::default();
        let policy = read(id, &Node::at(body, ""), &mut findings);
        findings.into_result(policy).map(|(policy, _)| policy)
    }

    /// What it refers to that does not exist, and attributes that profiles of `schema` do not have or that cannot have these
    /// values, by field. A policy whose attribute is not there would leave out everybody.
    pub fn check(
        &self,
        schema: Option<&Schema>,
        is_label: &dyn Fn(&Label) -> bool,
        is_action: &dyn Fn(&MarketingAction) -> bool,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (at, trigger) in self.when.leaves() {
            let unknown = match trigger {
                ConsentTrigger::Action(action) if !is_action(action) => ("marketingActionRef", action.to_string()),
                ConsentTrigger::Label(label) if !is_label(label) => ("label", format!("label {label}")),
                _ => continue,
            };
            problems.push(Problem::new(format!("/if{at}/{}", unknown.0), format!("there is no {}", unknown.1)));
        }
        for (at, test) in self.then.leaves() {
            let Some(Err(RuleErrors(errors))) = schema.map(|schema| check(&test.allowed(), schema)) else { continue };
            problems.extend(errors.into_iter().map(|error| Problem {
                near: match error.near.is_empty() {
                    true => schema.and_then(|schema| inside(&test.path, schema)).into_iter().collect(),
                    false => error.near,
                },
                ..Problem::new(format!("/then{at}/path"), error.message)
            }));
        }
        problems
    }

    /// Whether it applies to a segment's export of a flow with these actions, which uses data with these labels.
    pub fn applies(&self, actions: &[MarketingAction], labels: &BTreeSet<Label>) -> bool {
        let is_there = |trigger: &ConsentTrigger| match trigger {
            ConsentTrigger::Action(action) => actions.contains(action),
            ConsentTrigger::Label(label) => labels.contains(label),
        };
        self.status == PolicyStatus::Enabled && self.when.holds(&is_there)
    }

    /// What it asks of profiles.
    pub fn rule(&self) -> ConsentRule {
        let (policy_id, policy_name) = (self.id.clone(), self.name.clone());
        ConsentRule { policy_id, policy_name, allowed: allowed(&self.then), excluded: excluded(&self.then) }
    }
}

/// A value inside what has parts, which cannot be compared itself: most likely that was meant.
fn inside(path: &FieldPath, schema: &Schema) -> Option<String> {
    let FieldType::Struct(fields) = path.resolve(schema).ok()? else { return None };
    let value = fields.iter().find(|field| field.field_type.is_scalar())?;
    let elements = path.elements().iter().cloned().chain([PathElement::Name(value.name.clone())]);
    FieldPath::new(elements.collect()).map(|path| path.to_string())
}

/// What the policies that apply ask of the profiles of a segment, policy by policy.
pub fn consent_rules(
    policies: &[ConsentPolicy],
    actions: &[MarketingAction],
    labels: &BTreeSet<Label>,
) -> Vec<ConsentRule> {
    policies.iter().filter(|policy| policy.applies(actions, labels)).map(ConsentPolicy::rule).collect()
}

/// The condition of a profile that all of `rules` allow; `None` where there are no rules.
pub fn allowed_by_all(rules: &[ConsentRule]) -> Option<Expr> {
    let parts: Vec<Expr> = rules.iter().map(|rule| rule.allowed.clone()).collect();
    (!parts.is_empty()).then(|| Expr::and(parts, 0..0))
}

fn allowed(tree: &Tree<ConsentTest>) -> Expr {
    match tree {
        Tree::Leaf(test) => test.allowed(),
        Tree::All(operands) => Expr::and(operands.iter().map(allowed).collect(), 0..0),
        Tree::Any(operands) => Expr::or(operands.iter().map(allowed).collect(), 0..0),
    }
}

fn excluded(tree: &Tree<ConsentTest>) -> Expr {
    match tree {
        Tree::Leaf(test) => test.excluded(),
        Tree::All(operands) => Expr::or(operands.iter().map(excluded).collect(), 0..0),
        Tree::Any(operands) => Expr::and(operands.iter().map(excluded).collect(), 0..0),
    }
}

impl ConsentTest {
    fn allowed(&self) -> Expr {
        let kind = ExprKind::In { value: Box::new(self.attribute()), options: self.values.clone() };
        Expr::new(kind, 0..0)
    }

    fn excluded(&self) -> Expr {
        let is_null = Expr::new(ExprKind::IsNull(Box::new(self.attribute())), 0..0);
        Expr::or(vec![is_null, Expr::negated(self.allowed(), 0..0)], 0..0)
    }

    fn attribute(&self) -> Expr {
        Expr::new(ExprKind::Path(self.path.clone()), 0..0)
    }
}

impl Leaf for ConsentTrigger {
    const MEMBERS: &'static [&'static str] = &["marketingActionRef", "label"];

    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<ConsentTrigger> {
        match (node.member("marketingActionRef"), node.member("label")) {
            (Some(action), None) => read_ref(&action, findings).map(ConsentTrigger::Action),
            (None, Some(label)) => Label::read(&label, findings).map(ConsentTrigger::Label),
            _ => {
                findings.add(
                    &node.pointer,
                    "has both `marketingActionRef` and `label`: give one, and join them by operators",
                );
                None
            }
        }
    }

    fn write(&self) -> Map<String, Value> {
        let (name, value) = match self {
            ConsentTrigger::Action(action) => ("marketingActionRef", json!(action.to_string())),
            ConsentTrigger::Label(label) => ("label", json!(label)),
        };
        Map::from_iter([(name.to_string(), value)])
    }
}

impl fmt::Display for ConsentTrigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConsentTrigger::Action(action) => f.write_str(&action.name),
            ConsentTrigger::Label(label) => write!(f, "{label}"),
        }
    }
}

impl Leaf for ConsentTest {
    const MEMBERS: &'static [&'static str] = &["path", "values"];

    fn read(node: &Node<'_>, findings: &mut Findings) -> Option<ConsentTest> {
        let path = node.required("path", findings).and_then(|member| member.path(findings));
        let member = node.required("values", findings)?;
        let items = member.items(findings)?;
        if items.is_empty() || items.len() > CONSENT_VALUES_MAX {
            findings.add(&member.pointer, format!("must have 1 to {CONSENT_VALUES_MAX} values"));
            return None;
        }
        let values: Vec<Literal> = items.iter().filter_map(|item| literal(item, findings)).collect();
        let kind = |value: &Literal| std::mem::discriminant(value);
        if values.iter().any(|value| kind(value) != kind(&values[0])) {
            findings.add(&member.pointer, "must be of one type: texts, whole numbers or truth values");
        }
        Some(ConsentTest { path: path?, values })
    }

    fn write(&self) -> Map<String, Value> {
        let value = |value: &Literal| match value {
            Literal::Boolean(value) => json!(value),
            Literal::Integer(value) => json!(i64::try_from(*value).unwrap_or_default()),
            Literal::String(value) => json!(value),
            other => json!(other.to_string()),
        };
        let values: Vec<Value> = self.values.iter().map(value).collect();
        Map::from_iter([("path".to_string(), json!(self.path)), ("values".to_string(), json!(values))])
    }
}

fn literal(item: &Node<'_>, findings: &mut Findings) -> Option<Literal> {
    match item.value {
        Value::String(text) => Some(Literal::String(text.clone())),
        Value::Bool(value) => Some(Literal::Boolean(*value)),
        Value::Number(number) if number.is_i64() => number.as_i64().map(|n| Literal::Integer(i128::from(n))),
        _ => {
            findings.add(&item.pointer, "must be a text, a whole number, or true or false");
            None
        }
    }
}

fn read(id: &str, body: &Node<'_>, findings: &mut Findings) -> Option<ConsentPolicy> {
    body.object(findings)?;
    let name = body.required("name", findings).and_then(|member| policy_name(&member, findings));
    let description = text(body, "description", findings).unwrap_or_default();
    let status = body.member("status").and_then(|member| member.one_of(&PolicyStatus::NAMES, findings));
    let when = body.required("if", findings).and_then(|member| Tree::read(&member, findings));
    let then = body.required("then", findings).and_then(|member| Tree::read(&member, findings));
    Some(ConsentPolicy {
        id: id.to_string(),
        name: name?,
        description,
        status: status.unwrap_or(PolicyStatus::Disabled),
        when: when?,
        then: then?,
    })
}

#[cfg(test)]
mod tests {
    use outflow_model::rule::parse_pql;

    use super::*;
    use crate::action::core;
    use crate::expression::tests::label;
    use crate::labels::tests_support::{field, texts};

    fn body(changes: &Value) -> Value {
        let mut body = json!({
            "name": "E-mail needs consent",
            "description": "",
            "status": "ENABLED",
            "if": {"operator": "AND", "operands": [
                {"marketingActionRef": core("emailTargeting").to_string()},
                {"operator": "OR", "operands": [{"label": "I1"}, {"label": "C4"}]},
            ]},
            "then": {"operator": "OR", "operands": [
                {"path": "consents.email", "values": ["y", "vi"]}, {"path": "vip", "values": [true]},
            ]},
        });
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    fn policy(changes: &Value) -> ConsentPolicy {
        ConsentPolicy::parse("c-1", &body(changes)).unwrap()
    }

    #[test]
    fn a_policy_is_read_and_shown_as_it_was_sent() {
        let mut shown = serde_json::to_value(policy(&json!({}))).unwrap();
        shown.as_object_mut().unwrap().shift_remove("id");
        assert_eq!(shown, body(&json!({})));
        assert_eq!(policy(&json!({"status": null})).status, PolicyStatus::Disabled);
        assert_eq!(policy(&json!({})).when.to_string(), "emailTargeting AND (I1 OR C4)");
    }

    #[test]
    fn it_applies_where_its_condition_is_met_and_it_is_enabled() {
        let labels = |names: &[&str]| names.iter().map(|name| label(name)).collect();
        let policies = [policy(&json!({}))];
        let email = [core("emailTargeting")];
        assert_eq!(consent_rules(&policies, &email, &labels(&["C4"])).len(), 1);
        assert!(consent_rules(&policies, &email, &labels(&["C5"])).is_empty());
        assert!(consent_rules(&policies, &[core("analytics")], &labels(&["I1"])).is_empty());
        for status in ["DRAFT", "DISABLED"] {
            assert!(!policy(&json!({"status": status})).applies(&email, &labels(&["I1"])));
        }
    }

    #[test]
    fn who_lacks_the_attribute_has_not_agreed() {
        let rule = policy(&json!({})).rule();
        let text = "consents.email in [\"y\", \"vi\"] or vip in [true]";
        assert_eq!(rule.allowed, parse_pql(text).unwrap());
        let text =
            "(consents.email is null or consents.email not in [\"y\", \"vi\"]) and (vip is null or vip not in [true])";
        assert_eq!(rule.excluded, parse_pql(text).unwrap());
        assert_eq!(parse_pql(&rule.excluded.to_string()).unwrap(), rule.excluded);
        let both = policy(&json!({"then": {"path": "a", "values": [1]}})).rule();
        let all = allowed_by_all(&[both, rule]).unwrap();
        assert_eq!(all.to_string(), "a in [1] and (consents.email in [\"y\", \"vi\"] or vip in [true])");
        assert_eq!(allowed_by_all(&[]), None);
    }

    #[test]
    fn attributes_that_are_not_there_are_told() {
        let schema = Schema { fields: vec![field("consents", texts(&["email"])), field("vip", FieldType::Boolean)] };
        let known = |_: &Label| true;
        let problems = |changes: &Value| policy(changes).check(Some(&schema), &known, &|_| true);
        assert_eq!(problems(&json!({})), []);
        let wrong = problems(&json!({"then": {"path": "consents.emial", "values": ["y"]}}));
        assert_eq!((wrong[0].field.as_str(), wrong[0].near[0].as_str()), ("/then/path", "consents.email"));
        assert_eq!(problems(&json!({"then": {"path": "vip", "values": ["y"]}})).len(), 1);
        let whole = problems(&json!({"then": {"path": "consents", "values": ["y"]}}));
        assert_eq!((whole.len(), whole[0].near.as_slice()), (1, &["consents.email".to_owned()][..]));
        let unknown = policy(&json!({})).check(None, &|label| label.as_str() == "I1", &|_| false);
        let fields: Vec<_> = unknown.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(fields, ["/if/operands/0/marketingActionRef", "/if/operands/1/operands/1/label"]);
    }

    #[test]
    fn every_problem_has_its_field() {
        let test = |test: Value| json!({"then": test});
        for (changes, expected) in [
            (json!({"name": null, "if": null, "then": null, "status": "ON"}), vec!["/name", "/status", "/if", "/then"]),
            (json!({"if": {"label": "C1", "marketingActionRef": "x"}}), vec!["/if"]),
            (json!({"if": {"marketingActionRef": "x"}}), vec!["/if/marketingActionRef"]),
            (test(json!({"path": "a..b", "values": ["y"]})), vec!["/then/path"]),
            (test(json!({"path": "a"})), vec!["/then/values"]),
            (test(json!({"path": "a", "values": []})), vec!["/then/values"]),
            (test(json!({"path": "a", "values": ["y", 1]})), vec!["/then/values"]),
            (test(json!({"path": "a", "values": [null, 1.5]})), vec!["/then/values/0", "/then/values/1"]),
        ] {
            let problems = ConsentPolicy::parse("c", &body(&changes)).unwrap_err().0;
            assert_eq!(problems.into_iter().map(|p| p.field).collect::<Vec<_>>(), expected, "{changes}");
        }
    }
}
