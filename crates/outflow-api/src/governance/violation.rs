//! How violations are shown, for the OpenAPI document: `published.rs` writes them.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An object's id and name. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "EntityName")]
struct EntityName {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
}

/// A policy that a segment's export violates. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Violation")]
pub(crate) struct ShownViolation {
    /// The policy; `label_C12` is the rule that data with the label C12 never leaves.
    policy: ViolatedPolicy,
    /// When it denies, as people read it: `C1 AND (C3 OR C7)`.
    condition: String,
    /// The labels of the condition that were found.
    labels: Vec<String>,
    /// References to the flow's actions that it denies; empty for the rule about C12.
    actions: Vec<String>,
    /// The segment whose export violates it.
    segment: EntityName,
    /// The flow.
    flow: EntityName,
    /// The ways of the data, at most 500.
    lineage: Vec<Lineage>,
    /// How many more ways there are.
    #[serde(rename = "lineageLeftOut")]
    lineage_left_out: u64,
    /// What would resolve it; any one is enough.
    #[serde(rename = "waysOut")]
    ways_out: Vec<WayOut>,
    /// The same, as clients of the Policy Service read it: the action, the datasets that bring the labels, and the policy.
    #[serde(rename = "enforcementRef")]
    enforcement_ref: String,
    /// The datasets that bring the labels.
    entities: Vec<Value>,
    /// The policy, with addresses of its actions.
    #[serde(rename = "violatedPolicies")]
    violated_policies: Vec<Value>,
}

/// The policy of a violation. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ViolatedPolicy")]
struct ViolatedPolicy {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Why, for people.
    description: String,
}

/// A way of data that has a label. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Lineage")]
struct Lineage {
    /// Where the label is.
    origin: LabelOrigin,
    /// What the data is used for.
    #[serde(rename = "use")]
    used: FieldUse,
}

/// Where a label is. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "LabelOrigin")]
struct LabelOrigin {
    /// The label.
    label: String,
    /// The dataset that brings it.
    dataset: EntityName,
    /// What has the label; left out where the whole dataset has it.
    #[serde(rename = "schemaPath")]
    schema_path: Option<String>,
    /// The field of the dataset's records that is read.
    field: String,
    /// How the one bears on the other: `dataset`, `around`, `own` or `inside`.
    bearing: String,
}

/// A use of a field of profiles. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "FieldUse")]
struct FieldUse {
    /// The field.
    path: String,
    /// What it is used for.
    kind: UseKind,
    /// JSON Pointer of the selector's `value` in the flow, where the field is mapped.
    pointer: Option<String>,
    /// The segments whose membership the rule reads, outermost first, of which the last one's rule reads the field.
    through: Option<Vec<EntityName>>,
}

/// What a field is used for. Documentation only.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(title = "UseKind")]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
enum UseKind {
    Rule,
    Mapping,
    Mandatory,
    Deduplication,
    Message,
}

/// A way to resolve a violation. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "WayOut")]
struct WayOut {
    /// What to do, all of it.
    steps: Vec<WayOutStep>,
}

/// A column that is taken out. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "UnmappedField")]
struct UnmappedField {
    /// What it exports.
    path: String,
    /// JSON Pointer of its selector's `value` in the flow.
    pointer: String,
}

/// One thing to do. Documentation only.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[schema(title = "WayOutStep")]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
enum WayOutStep {
    /// Take these fields out of the mapping.
    Unmap { fields: Vec<UnmappedField> },
    /// Make these fields not mandatory any more.
    DropMandatory { fields: Vec<String> },
    /// Deduplicate by something else than these fields.
    ChangeKey { fields: Vec<String> },
    /// Change a segment's rule so that it does not read these fields.
    ChangeRule { segment: EntityName, fields: Vec<String> },
    /// Take labels off a dataset, or off a field of it.
    ChangeLabels {
        dataset: EntityName,
        #[serde(rename = "schemaPath")]
        schema_path: Option<String>,
        labels: Vec<String>,
    },
    /// Take the segment out of the flow.
    RemoveSegment { segment: EntityName },
    /// Use the data for something else.
    DropActions { actions: Vec<String> },
    /// Switch the policy off. `owner` is `core` or `custom`.
    DisablePolicy {
        #[serde(rename = "policyId")]
        policy_id: String,
        #[serde(rename = "policyName")]
        policy_name: String,
        owner: String,
    },
}
