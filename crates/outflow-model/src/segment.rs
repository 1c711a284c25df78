//! Segment definitions: a name and a rule over profiles.
//!
//! `{name, description?, expression: {type, format, value}, mergePolicyId?, schema?, evaluationInfo?}`, as clients of the
//! Segmentation Service send it. The rule is `pql/text` or `sql/text`; see [`crate::rule`] for what it may say. Members
//! that are not known here are left alone.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::json::Node;
use crate::problem::{Findings, Problem, Problems};
use crate::rule::{BoundRule, Expr, bind, check, parse_pql, parse_sql};
use crate::schema::Schema;

/// The longest name of a segment, in characters.
pub const SEGMENT_NAME_CHARS_MAX: usize = 255;

/// The only schema whose records segments select.
pub const PROFILE_SCHEMA: &str = "_xdm.context.profile";

/// Where the rule's text stands in the body.
const RULE: &str = "/expression/value";

/// The language of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RuleFormat {
    /// The profile query language.
    #[serde(rename = "pql/text")]
    Pql,
    /// The condition of a SQL `where`.
    #[serde(rename = "sql/text")]
    Sql,
}

/// A rule as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expression {
    /// Its language.
    pub format: RuleFormat,
    /// Its text.
    pub value: String,
}

impl Expression {
    /// Reads the rule.
    ///
    /// # Errors
    /// What is wrong with the text, with line and column.
    pub fn rule(&self) -> Result<Expr, Problems> {
        let parsed = match self.format {
            RuleFormat::Pql => parse_pql(&self.value),
            RuleFormat::Sql => parse_sql(&self.value),
        };
        parsed.map_err(|errors| Problems::of_rule(RULE, &errors, &self.value))
    }

    /// Reads the rule and checks it against profiles of `schema`.
    ///
    /// # Errors
    /// Every error of syntax, or every error of type, with line and column.
    pub fn check(&self, schema: &Schema) -> Result<Expr, Problems> {
        let rule = self.rule()?;
        check(&rule, schema).map_err(|errors| Problems::of_rule(RULE, &errors, &self.value))?;
        Ok(rule)
    }

    /// Reads the rule, checks it, and fixes its times by the clock `now` of an evaluation.
    ///
    /// # Errors
    /// As [`check`](Self::check), and distances that lead out of the calendar.
    pub fn bind(&self, schema: &Schema, now: DateTime<Utc>) -> Result<BoundRule, Problems> {
        bind(&self.rule()?, schema, now).map_err(|errors| Problems::of_rule(RULE, &errors, &self.value))
    }
}

/// A segment definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentDefinition {
    /// Its id, where the body brings one.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its rule.
    pub expression: Expression,
    /// The merge policy that the body names; there is one way of merging, and this is kept for clients.
    pub merge_policy_id: Option<String>,
    /// What is worth knowing although nothing is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Problem>,
}

impl SegmentDefinition {
    /// Reads the body of a segment definition, and its rule's syntax. Whether the rule makes sense for the profiles that
    /// there are is for [`Expression::check`].
    ///
    /// # Errors
    /// Every problem at once, by field; of the rule's text with line and column.
    pub fn parse(body: &Value) -> Result<SegmentDefinition, Problems> {
        let mut findings = Findings::default();
        let definition = definition(&Node::at(body, ""), &mut findings);
        let (mut definition, warnings) = findings.into_result(definition)?;
        definition.warnings = warnings;
        Ok(definition)
    }
}

fn definition(body: &Node<'_>, findings: &mut Findings) -> Option<SegmentDefinition> {
    body.object(findings)?;
    let id = body.member("id").and_then(|member| member.filled_text(findings)).map(str::to_string);
    let name = body.required("name", findings).and_then(|member| name(&member, findings));
    let text = |name: &str, findings: &mut Findings| {
        body.member(name).and_then(|member| member.text(findings)).map(str::to_string)
    };
    let (description, merge_policy_id) = (text("description", findings), text("mergePolicyId", findings));
    let expression = body.required("expression", findings).and_then(|member| expression(&member, findings));
    schema(body, findings);
    evaluation(body, findings);
    Some(SegmentDefinition {
        id,
        name: name?,
        description,
        expression: expression?,
        merge_policy_id,
        warnings: Vec::new(),
    })
}

fn name(member: &Node<'_>, findings: &mut Findings) -> Option<String> {
    let name = member.filled_text(findings)?;
    if name.chars().count() > SEGMENT_NAME_CHARS_MAX {
        findings.add(&member.pointer, format!("has more than {SEGMENT_NAME_CHARS_MAX} characters"));
    }
    if name.chars().any(char::is_control) {
        findings.add(&member.pointer, "holds a control character or line break");
    }
    Some(name.to_string())
}

fn expression(member: &Node<'_>, findings: &mut Findings) -> Option<Expression> {
    member.object(findings)?;
    if let Some(kind) = member.member("type")
        && kind.text(findings).is_some_and(|kind| !matches!(kind, "PQL" | "SQL"))
    {
        findings.add(&kind.pointer, "must be PQL; the language itself is said by the format");
    }
    let format = member.required("format", findings).and_then(|format| {
        if format.value == "pql/json" {
            findings.add(&format.pointer, "pql/json is not read here: send the rule as pql/text");
            return None;
        }
        format.one_of(&[("pql/text", RuleFormat::Pql), ("sql/text", RuleFormat::Sql)], findings)
    });
    let value = member.required("value", findings).and_then(|value| value.filled_text(findings));
    let expression = Expression { format: format?, value: value?.to_string() };
    if let Err(problems) = expression.rule() {
        findings.problems.extend(problems.0);
    }
    Some(expression)
}

fn schema(body: &Node<'_>, findings: &mut Findings) {
    let Some(schema) = body.member("schema") else { return };
    if schema.object(findings).is_some()
        && let Some(name) = schema.member("name")
        && name.value != PROFILE_SCHEMA
    {
        findings.add(&name.pointer, format!("must be {PROFILE_SCHEMA}: segments select profiles"));
    }
}

/// Every segment is evaluated in batches, whatever else it asks for.
fn evaluation(body: &Node<'_>, findings: &mut Findings) {
    let Some(info) = body.member("evaluationInfo") else { return };
    if info.object(findings).is_none() {
        return;
    }
    for name in ["batch", "continuous", "synchronous"] {
        let Some(way) = info.member(name).filter(|way| way.object(findings).is_some()) else { continue };
        let Some(enabled) = way.member("enabled") else { continue };
        match (name, enabled.boolean(findings)) {
            ("batch", _) | (_, None | Some(false)) => {}
            (_, Some(true)) => {
                findings.warn(&enabled.pointer, "is kept and has no effect: segments are evaluated in batches");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{Field, FieldType};

    fn body(changes: &Value) -> Value {
        let mut body = json!({
            "name": "People in the US",
            "expression": {"type": "PQL", "format": "pql/text", "value": "workAddress.country = \"US\""},
            "schema": {"name": "_xdm.context.profile"},
            "evaluationInfo": {"batch": {"enabled": true}, "continuous": {"enabled": false}},
            "payloadSchema": "string",
        });
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    fn fields(changes: &Value) -> Vec<String> {
        SegmentDefinition::parse(&body(changes)).unwrap_err().0.into_iter().map(|p| p.field).collect()
    }

    fn schema() -> Schema {
        let country = Field { name: "country".into(), field_type: FieldType::String };
        let address = Field { name: "workAddress".into(), field_type: FieldType::Struct(vec![country]) };
        let birth = Field { name: "birthDate".into(), field_type: FieldType::Date };
        Schema { fields: vec![address, birth] }
    }

    #[test]
    fn a_definition_as_clients_send_it() {
        let definition = SegmentDefinition::parse(&body(&json!({"description": "", "mergePolicyId": "m"}))).unwrap();
        assert_eq!(definition.name, "People in the US");
        assert_eq!(definition.merge_policy_id.as_deref(), Some("m"));
        assert_eq!((definition.id, definition.warnings), (None, vec![]));
        assert_eq!(definition.expression.check(&schema()).unwrap().to_string(), "workAddress.country = \"US\"");
        let sql = json!({"expression": {"format": "sql/text", "value": "workAddress.country in ('US', 'CA')"}});
        let definition = SegmentDefinition::parse(&body(&sql)).unwrap();
        assert_eq!(definition.expression.format, RuleFormat::Sql);
        assert!(definition.expression.check(&schema()).is_ok());
    }

    #[test]
    fn every_problem_has_its_field() {
        for (changes, expected) in [
            (json!({"name": null, "expression": null}), vec!["/name", "/expression"]),
            (
                json!({"name": " ", "description": 3, "mergePolicyId": {}}),
                vec!["/name", "/description", "/mergePolicyId"],
            ),
            (json!({"name": "a\nb"}), vec!["/name"]),
            (json!({"name": "x".repeat(256)}), vec!["/name"]),
            (json!({"expression": "a = 1"}), vec!["/expression"]),
            (
                json!({"expression": {"type": "ARL", "format": "pql/xml", "value": ""}}),
                vec!["/expression/type", "/expression/format", "/expression/value"],
            ),
            (json!({"expression": {"type": "PQL", "format": "pql/json", "value": "{}"}}), vec!["/expression/format"]),
            (json!({"expression": {"format": "pql/text", "value": "a ="}}), vec!["/expression/value"]),
            (json!({"schema": {"name": "_xdm.context.account"}}), vec!["/schema/name"]),
            (
                json!({"evaluationInfo": {"batch": true, "continuous": {"enabled": 1}}}),
                vec!["/evaluationInfo/batch", "/evaluationInfo/continuous/enabled"],
            ),
        ] {
            assert_eq!(fields(&changes), expected, "{changes}");
        }
        assert!(SegmentDefinition::parse(&json!([])).is_err());
    }

    #[test]
    fn evaluation_as_data_arrives_is_said_not_to_happen() {
        let streaming = json!({"evaluationInfo": {"continuous": {"enabled": true}, "synchronous": {"enabled": true}}});
        let definition = SegmentDefinition::parse(&body(&streaming)).unwrap();
        let fields: Vec<_> = definition.warnings.iter().map(|w| w.field.as_str()).collect();
        assert_eq!(fields, ["/evaluationInfo/continuous/enabled", "/evaluationInfo/synchronous/enabled"]);
    }

    #[test]
    fn a_rule_is_checked_against_the_profiles_with_its_place() {
        let expression = |value: &str| Expression { format: RuleFormat::Pql, value: value.into() };
        let problems = expression("birthDate > 1 and\n  workAdress.country = \"US\"").check(&schema()).unwrap_err();
        let places: Vec<_> = problems.0.iter().map(|p| (p.line, p.column)).collect();
        assert_eq!(places, [(Some(1), Some(1)), (Some(2), Some(3))]);
        assert_eq!(problems.0[1].near, ["workAddress.country"]);
        let now = "2026-11-25T18:00:00Z".parse().unwrap();
        let bound = expression("birthDate occurs before today").bind(&schema(), now).unwrap();
        assert!(bound.text().contains("2026-11-25"), "{}", bound.text());
        assert!(expression("birthDate occurs > 99999 years before now").bind(&schema(), now).is_err());
    }
}
