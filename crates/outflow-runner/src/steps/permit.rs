//! Evaluations without withheld profiles, as artifacts.

use outflow_model::Fault;
use outflow_profiles::membership::Evaluation;
use outflow_store::{Artifact, NewArtifact, Tx};
use serde_json::json;

use super::refresh::path_text;

/// Records an evaluation that was permitted. It is no segment's latest one: whoever made it refers to it.
///
/// # Errors
/// Those of the store.
pub(crate) async fn record(tx: &mut Tx, sandbox: &str, evaluation: &Evaluation) -> Result<(), Fault> {
    let artifact = NewArtifact {
        kind: Artifact::Evaluation,
        sandbox,
        id: &evaluation.id,
        subject: "",
        parent: Some(&evaluation.snapshot.id),
        path: &path_text(&evaluation.folder)?,
        body: json!({
            "time": evaluation.time,
            "permittedOf": evaluation.permitted_of(),
            "withheld": evaluation.withheld,
            "profiles": evaluation.snapshot.profiles,
            "files": evaluation.snapshot.parts.len(),
            "bytes": evaluation.snapshot.parts.iter().map(|part| part.bytes).sum::<u64>(),
        }),
    };
    Ok(tx.put_artifact(artifact).await?)
}
