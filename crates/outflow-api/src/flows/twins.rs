//! Flows that would write each other's files: those of one name that deliver the same segment to the same target.

use std::collections::HashMap;

use outflow_model::flow::{Activation, FlowNames};
use outflow_model::template::NameTemplate;
use outflow_store::Reader;

use super::check::Named;
use crate::context::Api;
use crate::error::{ApiResult, Problem};

/// Flows of one name and target that are looked at. One is told for each segment; more would say nothing new.
const LOOKED_AT_MAX: u32 = 20;

/// The warnings about segments whose files another flow names alike. Often a request that was sent twice.
pub(super) async fn warnings(
    api: &Api,
    reader: &mut Reader,
    named: &Named<'_>,
    target: &str,
    activation: &Activation,
    segments: &HashMap<String, String>,
) -> ApiResult<Vec<Problem>> {
    let mut others = Vec::new();
    let alike = reader.flows_of_name_to(named.sandbox, named.name, target, LOOKED_AT_MAX + 1).await?;
    for flow in alike.into_iter().filter(|flow| Some(flow.id.as_str()) != named.id) {
        others.extend(api.runner.activation(&flow).map(|activation| (flow, activation)));
    }
    let now = api.now();
    let mut warnings = Vec::new();
    for own in activation.segments.iter().filter(|segment| segment.export.is_some()) {
        let Some(segment_name) = segments.get(&own.id) else { continue };
        let name = |flow_id: &str, template: &NameTemplate| {
            let names = FlowNames {
                destination_name: named.name,
                flow_id,
                flow_name: named.name,
                organization_name: Some(&api.settings.organization),
                sandbox_name: named.sandbox,
            };
            template.render(&names.context(&own.id, segment_name, now)).ok()
        };
        let own_name = name(named.id.unwrap_or("new"), &own.template);
        let is_twin = |activation: &Activation, id: &str| {
            own_name.is_some() && activation.segment(&own.id).is_some_and(|twin| name(id, &twin.template) == own_name)
        };
        if let Some((twin, _)) = others.iter().find(|(flow, activation)| is_twin(activation, &flow.id)) {
            let message = format!(
                "is exported under the same file names by flow {}, which has this flow's name and target: runs for the same \
                 time fail or replace each other's files; give one of them another name",
                twin.id
            );
            warnings.push(Problem::new(own.pointer.clone(), message));
        }
    }
    Ok(warnings)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Answer, Server};

    const PATH: &str = "/data/foundation/flowservice/flows";
    const VALUE: &str = "/transformations/0/params/segmentSelectors/selectors/0/value";

    /// The places of warnings that name `flow`.
    fn told(answer: &Answer, flow: &str) -> Vec<String> {
        assert!(answer.status < 300, "{}", answer.text);
        let warnings = answer.body["warnings"].as_array().cloned().unwrap_or_default();
        let about = warnings.iter().filter(|warning| warning["message"].as_str().unwrap().contains(flow));
        about.map(|warning| warning["field"].as_str().unwrap().to_owned()).collect()
    }

    #[tokio::test]
    async fn a_flow_that_would_write_another_ones_files_is_told_so() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let mut body = server.flow_body(&flow, "Loyal");
        let again = server.client().post(PATH, &body).await;
        assert_eq!(told(&again, &flow.id), [VALUE], "{}", again.text);
        // So is the one that was first, and neither is told of itself.
        let note = json!([{"op": "add", "path": "/description", "value": "x"}]);
        let changed = server.client().patch(&format!("{PATH}/{}", flow.id), Some("*"), &note).await;
        assert_eq!((told(&changed, again.id()), told(&changed, &flow.id)), (vec![VALUE.to_owned()], vec![]));
        // Another name, a name with the flow's id, and another segment are files of their own.
        let template = format!("{VALUE}/filenameTemplate");
        *body.pointer_mut(&template).unwrap() = json!("%DESTINATION_INSTANCE_ID%_%SEGMENT_ID%");
        assert_eq!(told(&server.client().post(PATH, &body).await, "same file names"), Vec::<String>::new());
        let other_name = server.flow_body(&flow, "Loyal 2");
        assert_eq!(told(&server.client().post(PATH, &other_name).await, "same file names"), Vec::<String>::new());
        let mut other_segment = server.flow_body(&flow, "Loyal");
        let segment = server.segment("Other").await;
        *other_segment.pointer_mut(&format!("{VALUE}/id")).unwrap() = json!(segment);
        assert_eq!(told(&server.client().post(PATH, &other_segment).await, "same file names"), Vec::<String>::new());
    }
}
