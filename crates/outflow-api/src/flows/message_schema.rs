//! `GET /flows/{id}/messageSchema`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use outflow_export::messages::{SegmentTimes, SegmentTold, json_schema};
use outflow_model::FieldPath;
use outflow_model::flow::{FlowKind, MessageOptions};
use outflow_store::{Document, Segment, TargetConnection};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::check::text_at;
use super::stream::check_stream;
use crate::auth::Caller;
use crate::context::Api;
use crate::error::{ApiError, ApiResult};
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_message_schema, _, _>(message_schema)
}

/// The JSON Schema of a flow's messages. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "MessageSchema", example = json!({
    "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
    "properties": {"person": {"type": "object"}, "identityMap": {"type": "object"},
        "segmentMembership": {"type": "object"}, "profileId": {"type": "string"}, "eventId": {"type": "string"},
        "sequence": {"type": "integer"}, "runId": {"type": "string"}}
}))]
struct MessageSchema {
    /// The draft: 2020-12.
    #[serde(rename = "$schema")]
    schema: String,
    /// Always `object`.
    r#type: String,
    /// The mapped attributes, `identityMap`, `segmentMembership`, `profileId`, `eventId`, `sequence` and `runId`.
    properties: Value,
}

/// Get the schema of a flow's messages
///
/// A JSON Schema of what the flow sends as it is now: its attributes with the types that profiles have, its segments, and
/// what its target tells of them.
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/flows/{id}/messageSchema",
    tag = "flows",
    params(("id" = String, Path, description = "The flow's id.")),
    responses(
        (status = 200, description = "The schema.", body = MessageSchema),
        (status = 409, description = "The flow delivers files, or there are no such profiles yet.")
    )
)]
async fn message_schema(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let mut reader = api.store.read().await?;
    let flow = reader.get::<outflow_store::Flow>(&caller.sandbox, &id).await?;
    check_stream(&api, &flow)?;
    let target = text_at(&flow.body, "/targetConnectionIds/0");
    let target = reader.get::<TargetConnection>(&caller.sandbox, target).await?;
    let params = target.body.get("params").and_then(Value::as_object).cloned().unwrap_or_default();
    let options = MessageOptions::parse(&params, "/params");
    let options = options.map_err(|_| ApiError::internal("a target of messages cannot be read"))?;
    let activation = api.runner.activation_of(&flow, FlowKind::Streaming);
    let activation = activation.ok_or_else(|| ApiError::conflict("what the flow activates cannot be read"))?;
    let schema = crate::datasets::union_schema(&mut reader, &caller.sandbox).await?.ok_or_else(|| {
        ApiError::conflict("there are no profiles yet").hint("Attach a dataset and wait for its refresh.")
    })?;
    let ids: Vec<String> = activation.segments.iter().map(|segment| segment.id.clone()).collect();
    let segments = reader.get_many::<Segment>(&caller.sandbox, &ids).await?;
    let told: Vec<SegmentTold> = segments.iter().map(|segment| told(segment, options)).collect();
    let mapping: Vec<FieldPath> = activation.mapping.iter().map(|row| row.path.clone()).collect();
    // A path that leads nowhere yet is a flow that sends nothing yet.
    let schema = json_schema(&mapping, &schema, &told);
    Ok(Answer(schema.map_err(|fault| ApiError::from(fault).with_status(StatusCode::CONFLICT))?))
}

/// What messages tell of a segment. The schema depends on what there is, not on when it was.
fn told(segment: &Document, options: MessageOptions) -> SegmentTold {
    let (created, updated) = (segment.created_at.timestamp_millis(), segment.updated_at.timestamp_millis());
    let times = SegmentTimes {
        created_at_millis: created,
        updated_at_millis: updated,
        mapping_created_at_millis: created,
        mapping_updated_at_millis: updated,
    };
    SegmentTold {
        id: segment.id.clone(),
        name: options.include_segment_names.then(|| segment.name.clone()),
        timestamps: options.include_segment_timestamps.then_some(times),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn a_schema_has_the_flows_attributes_and_segments() {
        let server = Server::start().await;
        let flow = server.stream_flow("Live").await;
        let path = format!("/data/foundation/flowservice/flows/{}/messageSchema", flow.id);
        assert_eq!(server.client().get(&path).await.status, 409);
        server.refreshed().await;
        let answer = server.client().get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let members: Vec<&String> = answer.body["properties"].as_object().unwrap().keys().collect();
        let own = ["identityMap", "segmentMembership", "profileId", "eventId", "sequence", "runId"];
        for member in ["crmId", "email"].into_iter().chain(own) {
            assert!(members.iter().any(|known| known.as_str() == member), "{member} is missing in {members:?}");
        }
        // What the target tells of segments is in it.
        assert!(!answer.text.contains("mappingCreatedAt"), "{}", answer.text);
        let target = format!("/data/foundation/flowservice/targetConnections/{}", flow.target);
        let patch = json!([{"op": "add", "path": "/params/includeSegmentTimestamps", "value": true}]);
        assert_eq!(server.client().patch(&target, Some("*"), &patch).await.status, 200);
        assert!(server.client().get(&path).await.text.contains("mappingCreatedAt"));
    }

    #[tokio::test]
    async fn files_have_no_messages() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let path = format!("/data/foundation/flowservice/flows/{}/messageSchema", flow.id);
        assert_eq!(server.client().get(&path).await.status, 409);
        assert_eq!(server.client().get(&path.replace(&flow.id, "none")).await.status, 404);
    }
}
