//! The nouns that are documents, each with its table, what is indexed of it, and what belongs to it.

use serde_json::Value;

use crate::documents::{Column, ColumnKind, Kind, Link, Noun};

const CONNECTION_SPEC: Column =
    Column { name: "connection_spec_id", path: "connectionSpec.id", kind: ColumnKind::Text };
const BASE_CONNECTION: Column = Column { name: "base_connection_id", path: "baseConnectionId", kind: ColumnKind::Text };
const FLOW: Column = Column { name: "flow_id", path: "flowId", kind: ColumnKind::Text };
const STATUS: Column = Column { name: "status", path: "status", kind: ColumnKind::Text };

/// An account: credentials for one platform.
pub enum Connection {}

impl Noun for Connection {
    const TABLE: &'static str = "connection";
    const TITLE: &'static str = "connection";
    const AUDITED: bool = true;
    const COLUMNS: &'static [Column] = &[CONNECTION_SPEC];
    const OWNS: &'static [(&'static str, &'static str)] = &[("guess", "owner")];
}

/// Where a flow reads from: the profile store.
pub enum SourceConnection {}

impl Noun for SourceConnection {
    const TABLE: &'static str = "source_connection";
    const TITLE: &'static str = "source connection";
    const AUDITED: bool = true;
    const COLUMNS: &'static [Column] = &[CONNECTION_SPEC, BASE_CONNECTION];
}

/// Where a flow delivers to, with an account.
pub enum TargetConnection {}

impl Noun for TargetConnection {
    const TABLE: &'static str = "target_connection";
    const TITLE: &'static str = "target connection";
    const GOVERNS: bool = true;
    const AUDITED: bool = true;
    const COLUMNS: &'static [Column] = &[CONNECTION_SPEC, BASE_CONNECTION];
}

/// A destination: a target with activated segments.
pub enum Flow {}

impl Noun for Flow {
    const TABLE: &'static str = "flow";
    const TITLE: &'static str = "flow";
    const GOVERNS: bool = true;
    const AUDITED: bool = true;
    const COLUMNS: &'static [Column] = &[
        // A flow starts enabled.
        Column { name: "state", path: "state", kind: ColumnKind::TextOr("enabled") },
        Column { name: "flow_spec_id", path: "flowSpec.id", kind: ColumnKind::Text },
    ];
    const OWNS: &'static [(&'static str, &'static str)] = &[
        ("flow_link", "flow_id"),
        ("flow_state", "flow_id"),
        ("alert_subscription", "flow_id"),
        ("stream", "flow_id"),
        ("stream_evaluation", "flow_id"),
        ("stream_request", "flow_id"),
    ];

    fn links(body: &Value) -> Vec<Link> {
        let mut links = connection_links(body, "sourceConnectionIds", SourceConnection::TABLE, SourceConnection::TITLE);
        links.extend(connection_links(body, "targetConnectionIds", TargetConnection::TABLE, TargetConnection::TITLE));
        links.extend(segment_links(body));
        links
    }
}

fn connection_links(body: &Value, member: &str, noun: &'static str, title: &'static str) -> Vec<Link> {
    let ids = body.get(member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let link = |(index, id): (usize, &Value)| {
        let id = id.as_str()?.to_owned();
        Some(Link { noun, title, id, pointer: format!("/{member}/{index}"), must_exist: true })
    };
    ids.iter().enumerate().filter_map(link).collect()
}

/// The segments that a flow activates. The database does not demand them: whoever deletes a segment asks first which flows
/// use it, and where one is gone all the same, its runs say so and the flow can still be changed.
fn segment_links(body: &Value) -> Vec<Link> {
    let transformations = body.get("transformations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut links = Vec::new();
    for (number, transformation) in transformations.iter().enumerate() {
        let selectors = transformation.pointer("/params/segmentSelectors/selectors").and_then(Value::as_array);
        for (index, selector) in selectors.map(Vec::as_slice).unwrap_or_default().iter().enumerate() {
            let Some(id) = selector.pointer("/value/id").and_then(Value::as_str) else { continue };
            let pointer = format!("/transformations/{number}/params/segmentSelectors/selectors/{index}/value/id");
            let (noun, title) = (Segment::TABLE, Segment::TITLE);
            links.push(Link { noun, title, id: id.to_owned(), pointer, must_exist: false });
        }
    }
    links
}

/// One execution for one segment of a flow.
pub enum Run {}

impl Noun for Run {
    const TABLE: &'static str = "run";
    const TITLE: &'static str = "run";
    const COLUMNS: &'static [Column] = &[
        FLOW,
        Column { name: "segment_id", path: "segmentId", kind: ColumnKind::Text },
        Column { name: "state", path: "state", kind: ColumnKind::Text },
        Column { name: "kind", path: "kind", kind: ColumnKind::Text },
        Column { name: "slot", path: "slot", kind: ColumnKind::Time },
        Column { name: "evaluation_id", path: "evaluationId", kind: ColumnKind::Text },
        Column { name: "live", path: "state", kind: ColumnKind::OneOf(&["queued", "processing"]) },
    ];
    const OWNS: &'static [(&'static str, &'static str)] =
        &[("run_plan", "run_id"), ("run_file", "run_id"), ("run_attempt", "run_id")];
}

/// A table of profile records.
pub enum Dataset {}

impl Noun for Dataset {
    const TABLE: &'static str = "dataset";
    const TITLE: &'static str = "dataset";
    const GOVERNS: bool = true;
    const AUDITED: bool = true;
    const UNIQUE_NAMES: bool = true;
    const OWNS: &'static [(&'static str, &'static str)] =
        &[("current_artifact", "subject"), ("dataset_labels", "id"), ("suggestion_decision", "dataset_id")];
}

/// A rule over profiles, with the membership that its last evaluation gave.
pub enum Segment {}

impl Noun for Segment {
    const TABLE: &'static str = "segment";
    const TITLE: &'static str = "segment";
    const GOVERNS: bool = true;
    const AUDITED: bool = true;
    const UNIQUE_NAMES: bool = true;
    const OWNS: &'static [(&'static str, &'static str)] = &[
        ("current_artifact", "subject"),
        ("segment_count", "segment_id"),
        ("segment_rule", "segment_id"),
        ("flow_state", "segment_id"),
    ];
}

/// An evaluation that was asked for or scheduled.
pub enum SegmentJob {}

impl Noun for SegmentJob {
    const TABLE: &'static str = "segment_job";
    const TITLE: &'static str = "segment job";
    const COLUMNS: &'static [Column] = &[STATUS];
}

/// When segments are evaluated.
pub enum ScheduleConfig {}

impl Noun for ScheduleConfig {
    const TABLE: &'static str = "schedule_config";
    const TITLE: &'static str = "schedule";
    const AUDITED: bool = true;
    const COLUMNS: &'static [Column] = &[Column { name: "state", path: "state", kind: ColumnKind::Text }];
}

/// An estimate of a rule that is not saved.
pub enum Preview {}

impl Noun for Preview {
    const TABLE: &'static str = "preview";
    const TITLE: &'static str = "preview";
}

/// Something that people were to be told.
pub enum Alert {}

impl Noun for Alert {
    const TABLE: &'static str = "alert";
    const TITLE: &'static str = "alert";
    const COLUMNS: &'static [Column] = &[FLOW, Column { name: "kind", path: "kind", kind: ColumnKind::Text }];
}

/// Who is told of which alerts, and how.
pub enum AlertSubscription {}

impl Noun for AlertSubscription {
    const TABLE: &'static str = "alert_subscription";
    const TITLE: &'static str = "alert subscription";
    const AUDITED: bool = true;
    const COLUMNS: &'static [Column] = &[FLOW];
}

/// What forbids uses of labelled data: a policy of the organisation's own.
pub enum Policy {}

impl Noun for Policy {
    const TABLE: &'static str = "policy";
    const TITLE: &'static str = "policy";
    const COLUMNS: &'static [Column] = &[STATUS];
    const IDS_IN_SANDBOX: bool = true;
    const GOVERNS: bool = true;
    const AUDITED: bool = true;
}

/// What data may be used for: a marketing action of the organisation's own. Its id is its name.
pub enum MarketingAction {}

impl Noun for MarketingAction {
    const TABLE: &'static str = "marketing_action";
    const TITLE: &'static str = "marketing action";
    const IDS_IN_SANDBOX: bool = true;
    const GOVERNS: bool = true;
    const AUDITED: bool = true;
}

/// What may be said of data: a label of the organisation's own. Its id is its name.
pub enum LabelDefinition {}

impl Noun for LabelDefinition {
    const TABLE: &'static str = "label_definition";
    const TITLE: &'static str = "label";
    const IDS_IN_SANDBOX: bool = true;
    const GOVERNS: bool = true;
    const AUDITED: bool = true;
}

/// What is said of a dataset and its fields. Its id is the dataset's, with which it goes.
pub enum DatasetLabels {}

impl Noun for DatasetLabels {
    const TABLE: &'static str = "dataset_labels";
    const TITLE: &'static str = "labels of dataset";
    const IDS_IN_SANDBOX: bool = true;
    const GOVERNS: bool = true;
    const AUDITED: bool = true;
}

/// Which of the built-in policies have a say: one document a sandbox.
pub enum EnabledCorePolicies {}

impl Noun for EnabledCorePolicies {
    const TABLE: &'static str = "enabled_core_policies";
    const TITLE: &'static str = "list of enabled core policies";
    const IDS_IN_SANDBOX: bool = true;
    const GOVERNS: bool = true;
    const AUDITED: bool = true;
}

/// What profiles must have agreed to.
pub enum ConsentPolicy {}

impl Noun for ConsentPolicy {
    const TABLE: &'static str = "consent_policy";
    const TITLE: &'static str = "consent policy";
    const COLUMNS: &'static [Column] = &[STATUS];
    const IDS_IN_SANDBOX: bool = true;
    const GOVERNS: bool = true;
    const AUDITED: bool = true;
}

/// What a person decided on a suggested label. It goes with its dataset.
pub enum SuggestionDecision {}

impl Noun for SuggestionDecision {
    const TABLE: &'static str = "suggestion_decision";
    const TITLE: &'static str = "decision on a suggestion";
    const COLUMNS: &'static [Column] = &[Column { name: "dataset_id", path: "datasetId", kind: ColumnKind::Text }];
    const IDS_IN_SANDBOX: bool = true;
    const AUDITED: bool = true;
}

/// The documents of a table that go with others and are recorded in the audit log by themselves.
pub(crate) fn audited(table: &str) -> Option<Kind> {
    let kinds = [Kind::of::<AlertSubscription>(), Kind::of::<DatasetLabels>(), Kind::of::<SuggestionDecision>()];
    kinds.into_iter().find(|kind| kind.table == table)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_flow_refers_to_connections_and_segments() {
        let body = json!({
            "sourceConnectionIds": ["s"],
            "targetConnectionIds": ["t", 7],
            "transformations": [{"name": "GeneralTransform", "params": {"segmentSelectors": {"selectors": [
                {"type": "PLATFORM_SEGMENT", "value": {"id": "a"}}, {"type": "PLATFORM_SEGMENT"},
            ]}}}],
        });
        let links = Flow::links(&body);
        let told: Vec<(&str, &str, bool)> =
            links.iter().map(|l| (l.id.as_str(), l.pointer.as_str(), l.must_exist)).collect();
        let segment = "/transformations/0/params/segmentSelectors/selectors/0/value/id";
        assert_eq!(
            told,
            [("s", "/sourceConnectionIds/0", true), ("t", "/targetConnectionIds/0", true), ("a", segment, false)]
        );
        assert_eq!(Flow::links(&json!({"targetConnectionIds": "t"})), []);
    }
}
