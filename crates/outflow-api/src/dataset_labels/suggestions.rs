//! `GET /datasets/{id}/labels/suggestions`.

use std::collections::BTreeMap;

use axum::Json as Answer;
use axum::extract::State;
use outflow_governance::labels::SchemaStep;
use outflow_governance::suggest::{Shapes, suggestions};
use outflow_governance::{DatasetLabels, SchemaPath};
use outflow_model::schema::{Field, FieldType, Schema};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::decisions::refused;
use crate::auth::Caller;
use crate::context::Api;
use crate::datasets::{ROWS_MAX, blocking, first_records, known_schema};
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_suggest, _, _>(suggest)
}

/// A suggested label. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Suggestion", example = json!({
    "schemaPath": "/properties/email", "label": "I1", "likeness": "email", "reasons": ["name", "values"],
    "valuesSampled": 100, "valuesAlike": 98
}))]
pub(crate) struct Suggestion {
    /// The field.
    #[serde(rename = "schemaPath")]
    schema_path: String,
    /// The label.
    label: String,
    /// What the field looks like: `email`, `phone`, `coordinates` or `identifier`.
    likeness: String,
    /// Why: `identity` where the dataset names it as one, `name` for its name, `values` for what it holds.
    reasons: Vec<String>,
    /// How many values were looked at.
    #[serde(rename = "valuesSampled")]
    values_sampled: u64,
    /// How many of them look so.
    #[serde(rename = "valuesAlike")]
    values_alike: u64,
}

/// Suggested labels. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Suggestions", example = json!({"suggestions": [], "recordsSampled": 100}))]
struct Suggestions {
    /// In the order of the dataset's fields.
    suggestions: Vec<Suggestion>,
    /// How many records were looked at.
    #[serde(rename = "recordsSampled")]
    records_sampled: u64,
}

/// Suggest labels for a dataset
///
/// For fields that look like e-mail addresses, phone numbers, places or ids, by their names and by the shape of the first
/// records' values; no value is answered. Fields that have the label already, and suggestions that were refused, are left
/// out. Nothing is labelled by asking.
#[utoipa::path(
    get,
    path = "/data/foundation/dataset/datasets/{id}/labels/suggestions",
    tag = "dataset labels",
    params(("id" = String, Path, description = "The dataset's id.")),
    responses(
        (status = 200, description = "The suggestions.", body = Suggestions),
        (status = 409, description = "It is not refreshed yet, and its files are too large to look into or do not answer.")
    )
)]
async fn suggest(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let (definition, schema) = known_schema(&api, &caller.sandbox, &id).await?;
    let records = first_records(&api, &caller.sandbox, &id, ROWS_MAX as usize).await?;
    let (labels, refused) = {
        let mut reader = api.store.read().await?;
        let labels = reader.find::<outflow_store::DatasetLabels>(&caller.sandbox, &id).await?;
        let labels = labels.and_then(|labels| DatasetLabels::parse(&labels.body).ok()).unwrap_or_default();
        (labels, refused(&mut reader, &caller.sandbox, &id).await?)
    };
    let answer = blocking(move || {
        let samples = shapes(&schema, &records);
        let found = suggestions(&schema, &definition.identities, &samples, &labels, &refused);
        Ok(json!({"suggestions": found, "recordsSampled": records.len()}))
    });
    answer.await.map(Answer)
}

/// The shapes of the values of each scalar field.
pub(crate) fn shapes(schema: &Schema, records: &[Value]) -> BTreeMap<SchemaPath, Shapes> {
    let mut samples = BTreeMap::new();
    for field in &schema.fields {
        let Ok(place) = SchemaPath::parse(&format!("/properties/{}", escaped(&field.name))) else { continue };
        for record in records {
            observe(&record[field.name.as_str()], &field.field_type, &place, &mut samples);
        }
    }
    samples
}

/// A field's name as it stands in a path.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn observe(value: &Value, field_type: &FieldType, place: &SchemaPath, samples: &mut BTreeMap<SchemaPath, Shapes>) {
    match (field_type, value) {
        (_, Value::Null) => {}
        (FieldType::Struct(fields), value) => {
            for Field { name, field_type } in fields {
                observe(&value[name.as_str()], field_type, &place.then(SchemaStep::Property(name.clone())), samples);
            }
        }
        (FieldType::List(item), Value::Array(items)) => {
            let place = place.then(SchemaStep::Items);
            items.iter().for_each(|value| observe(value, item, &place, samples));
        }
        (FieldType::Map(item), Value::Object(entries)) => {
            let place = place.then(SchemaStep::Values);
            entries.values().for_each(|value| observe(value, item, &place, samples));
        }
        (_, Value::String(text)) => samples.entry(place.clone()).or_default().observe(text),
        (_, value @ (Value::Number(_) | Value::Bool(_))) => {
            samples.entry(place.clone()).or_default().observe(&value.to_string());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn fields_that_identify_people_are_suggested_and_no_value_is_told() {
        let server = Server::start().await;
        let dataset = server.refreshed().await;
        let path = format!("/data/foundation/dataset/datasets/{dataset}/labels/suggestions");
        let answer = server.client().get(&path).await;
        assert_eq!((answer.status, &answer.body["recordsSampled"]), (200, &json!(4)), "{}", answer.text);
        let told: Vec<String> = answer.body["suggestions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| format!("{} {} {}", s["schemaPath"].as_str().unwrap(), s["label"].as_str().unwrap(), s["reasons"]))
            .collect();
        assert!(told.contains(&"/properties/crmId I2 [\"identity\",\"name\"]".to_owned()), "{told:?}");
        assert!(told.contains(&"/properties/email I1 [\"name\"]".to_owned()), "{told:?}");
        assert!(!told.iter().any(|one| one.contains("/age")), "{told:?}");
        assert!(!answer.text.contains("example.org") && !answer.text.contains("c-1"), "{}", answer.text);
        assert_eq!(server.client().get(&path.replace(&dataset, "none")).await.status, 404);
    }

    #[tokio::test]
    async fn what_values_look_like_counts() {
        let server = Server::start().await;
        let file = server.path("lake").join("odd.csv");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let rows: String = (0..30).map(|n| format!("{n},contact{n}@example.org,maybe\n")).collect();
        std::fs::write(&file, format!("key,info,email\n{rows}")).unwrap();
        let mut body = server.dataset_body("Odd");
        body["source"]["urls"] = json!([file]);
        body["identities"] = json!([{"path": "key", "namespace": "KEY", "primary": true}]);
        let dataset = server.client().post("/data/foundation/datasets", &body).await.id().to_owned();
        let path = format!("/data/foundation/dataset/datasets/{dataset}/labels/suggestions");
        let answer = server.client().get(&path).await;
        let of = |path: &str| {
            answer.body["suggestions"].as_array().unwrap().iter().find(|s| s["schemaPath"] == path).cloned()
        };
        let info = of("/properties/info").unwrap_or_else(|| panic!("{}", answer.text));
        assert_eq!((&info["label"], &info["valuesAlike"]), (&json!("I1"), &json!(30)));
        assert_eq!(of("/properties/email"), None, "its values speak against its name");
    }
}
