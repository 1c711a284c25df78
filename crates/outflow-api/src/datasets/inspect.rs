//! `POST /data/foundation/datasets/inspect`.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json as Answer;
use axum::extract::State;
use outflow_governance::labels::SchemaStep;
use outflow_governance::suggest::{likely_identities, likely_times, suggestions, telling};
use outflow_governance::{DatasetLabels, SchemaPath};
use outflow_model::dataset::DatasetSource;
use outflow_model::json::Node;
use outflow_model::problem::Findings;
use outflow_model::{Fault, FieldPath};
use outflow_profiles::dataset::preview as rows;
use outflow_profiles::scan::Profiles;
use outflow_profiles::snapshot::IDENTITY_MAP;
use outflow_profiles::source::PinnedSources;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::preview::{ROWS_DEFAULT, ROWS_MAX};
use super::tree::FieldNode;
use super::{about_urls, look_at, tree, turn};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::connections::MASK;
use crate::context::Api;
use crate::dataset_labels::{Suggestion, shapes};
use crate::error::{ApiError, ApiResult, Problem};
use crate::operation::Operation;

/// Files that are named in the answer.
const FILES_NAMED_MAX: usize = 20;

/// Files that are opened.
const FILES_OPENED_MAX: usize = 100;

/// Bytes of text that are read: of text files, types are found by reading.
const TEXT_BYTES_MAX: u64 = 16 << 20;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_inspect, _, _>(inspect)
}

/// What to look at. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "InspectRequest", example = json!({"source": {"urls": ["/data/lake/crm/*.parquet"]}, "limit": 5}))]
struct InspectRequest {
    /// The files, as a dataset names them.
    source: super::shown::DatasetSource,
    /// Records that are answered, up to 100; 10 without it.
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<u64>,
    /// Answers values that look like they identify somebody, too. Without it, `********` is in their place.
    unmasked: Option<bool>,
}

/// What is there. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Inspection", example = json!({
    "files": 2, "bytes": 81920, "named": [{"url": "/data/lake/crm/a.csv", "bytes": 40960, "format": "csv"}],
    "lookedInto": {"files": 2, "bytes": 81920, "records": 100}, "fields": [{"name": "crmId", "path": "crmId", "type": "string"}],
    "records": [{"crmId": "********"}], "sensitive": ["/properties/crmId"], "suggestions": [],
    "identities": [{"path": "crmId", "namespace": "CRMID", "likeness": "identifier", "reasons": ["name"]}],
    "timestamps": ["modifiedAt"]
}))]
struct Inspection {
    /// How many files match.
    files: u64,
    /// How long they are in all.
    bytes: u64,
    /// The first of them, up to 20.
    named: Vec<NamedFile>,
    /// What `fields` and `records` are known from: the first files, up to 100 with 16 MiB of text; of one that is longer,
    /// the beginning.
    #[serde(rename = "lookedInto")]
    looked_into: LookedInto,
    /// The fields as a tree.
    fields: Vec<FieldNode>,
    /// The first records as JSON objects, nulls left out.
    records: Vec<BTreeMap<String, Value>>,
    /// Fields whose values may tell of somebody, which are masked unless `unmasked`: `identityMap`, those among
    /// `suggestions` and `identities`, all whose names look like it, and all with a value among those looked at that does.
    sensitive: Vec<String>,
    /// Labels that fields look like they should have, as they would be suggested of the dataset.
    suggestions: Vec<Suggestion>,
    /// Fields that look like they say who a record is about.
    identities: Vec<LikelyIdentity>,
    /// Fields that may say when a record was written, the likeliest first.
    timestamps: Vec<String>,
}

/// A file. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "NamedFile")]
struct NamedFile {
    /// Its path or URL.
    url: String,
    /// How long it is.
    bytes: u64,
    /// How its records are written: `parquet`, `csv` or `ndjson`.
    format: String,
}

/// How much was looked into. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "LookedInto")]
struct LookedInto {
    /// Files that were opened.
    files: u64,
    /// How long they are, as far as they were looked into.
    bytes: u64,
    /// Records whose values were looked at.
    records: u64,
}

/// A field that looks like an identity. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "LikelyIdentity")]
struct LikelyIdentity {
    /// Where it is.
    path: String,
    /// The system that it seems to belong to, a guess by its name.
    namespace: String,
    /// What it looks like: `email`, `phone` or `identifier`.
    likeness: String,
    /// Why: `name` for its name, `values` for what it holds.
    reasons: Vec<String>,
}

/// Look at files before they are attached
///
/// Attaches nothing, and finds the same wrong as attaching does with what it looks into: attaching opens every file.
#[utoipa::path(
    post,
    path = "/data/foundation/datasets/inspect",
    tag = "datasets",
    request_body = InspectRequest,
    responses((status = 200, description = "What is there.", body = Inspection))
)]
async fn inspect(State(api): State<Api>, _: Caller, JsonObject(body): JsonObject) -> ApiResult<Answer<Value>> {
    let asked = Asked::read(body)?;
    let source = asked.source.clone();
    let looked = look_at(&api, turn(&api).await?, &source, move |pinned| asked.look(&pinned)).await;
    looked.map(Answer).map_err(about_urls)
}

/// What is asked for.
struct Asked {
    source: DatasetSource,
    limit: usize,
    is_unmasked: bool,
}

impl Asked {
    /// # Errors
    /// 400 with every problem.
    fn read(body: Map<String, Value>) -> ApiResult<Asked> {
        let body = Value::Object(body);
        let mut findings = Findings::default();
        let at = Node::at(&body, "");
        let is_unmasked = at.member("unmasked").and_then(|member| member.boolean(&mut findings)).unwrap_or(false);
        let limit = at.member("limit").map_or(Some(ROWS_DEFAULT), |member| {
            let limit = member.value.as_u64().and_then(|limit| u32::try_from(limit).ok());
            let limit = limit.filter(|limit| (1..=ROWS_MAX).contains(limit));
            if limit.is_none() {
                findings.add(&member.pointer, format!("must be a whole number from 1 to {ROWS_MAX}"));
            }
            limit
        });
        let source = DatasetSource::parse(&body);
        let found = findings.into_result(limit);
        match (source, found) {
            (Ok(source), Ok((limit, _))) => Ok(Asked { source, limit: limit as usize, is_unmasked }),
            (source, found) => {
                let problems = [source.err(), found.err()].into_iter().flatten().flat_map(|problems| problems.0);
                Err(ApiError::invalid(problems.map(Problem::from).collect()))
            }
        }
    }

    fn look(&self, pinned: &PinnedSources) -> Result<Value, Fault> {
        let bytes = |files: &PinnedSources| files.files().map(|file| file.bytes).sum::<u64>();
        let named: Vec<Value> = pinned
            .files()
            .take(FILES_NAMED_MAX)
            .map(|file| json!({"url": file.url, "bytes": file.bytes, "format": file.format}))
            .collect();
        let head = pinned.head(FILES_OPENED_MAX, TEXT_BYTES_MAX)?;
        let (files_opened, bytes_opened) = (head.files().len(), bytes(&head));
        let profiles = Profiles::open(head)?;
        let schema = profiles.schema();
        let mut records = rows(&profiles, ROWS_MAX as usize)?;
        let looked_into = json!({"files": files_opened, "bytes": bytes_opened, "records": records.len()});
        let shapes = shapes(schema, &records);
        let labels = suggestions(schema, &[], &shapes, &DatasetLabels::default(), &[]);
        let identities = likely_identities(schema, &labels);
        let paths = identities.iter().map(|identity| SchemaPath::of(&identity.path));
        // Its values are identities, whatever it looks like inside.
        let map = schema.fields.iter().any(|field| field.name == IDENTITY_MAP);
        let map = map.then(|| SchemaPath::of(&FieldPath::of_names(IDENTITY_MAP, &[])));
        let labelled = labels.iter().map(|label| label.schema_path.clone());
        let sensitive: BTreeSet<_> =
            telling(schema, &shapes).into_iter().chain(labelled).chain(paths).chain(map).collect();
        records.truncate(self.limit);
        if !self.is_unmasked {
            for record in &mut records {
                sensitive.iter().for_each(|place| mask(record, place.steps()));
            }
        }
        Ok(json!({
            "files": pinned.files().len(), "bytes": bytes(pinned), "named": named, "lookedInto": looked_into,
            "fields": tree(schema)["fields"], "records": records, "sensitive": sensitive, "suggestions": labels,
            "identities": identities,
            "timestamps": likely_times(schema).iter().map(ToString::to_string).collect::<Vec<_>>(),
        }))
    }
}

/// Puts the mask in the place of what is there.
fn mask(value: &mut Value, steps: &[SchemaStep]) {
    match (steps.split_first(), value) {
        (None, value) => *value = MASK.into(),
        (Some((SchemaStep::Property(name), inside)), value) => {
            value.get_mut(name).into_iter().for_each(|value| mask(value, inside));
        }
        (Some((SchemaStep::Items, inside)), Value::Array(items)) => {
            items.iter_mut().for_each(|value| mask(value, inside));
        }
        (Some((SchemaStep::Values, inside)), Value::Object(entries)) => {
            entries.values_mut().for_each(|value| mask(value, inside));
        }
        // A value of another kind has nothing inside.
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;
    use std::sync::Arc;

    use outflow_model::{Fault, FaultClass};
    use outflow_profiles::generate::{GenerateOptions, generate};
    use outflow_profiles::source::{ListedFile, RandomAccess, SourceFile, Storage};
    use serde_json::{Value, json};

    use crate::testing::{Answer, Server};

    const PATH: &str = "/data/foundation/datasets/inspect";

    async fn inspect(server: &Server, name: &str, content: &str) -> Answer {
        let file = server.path(name);
        std::fs::write(&file, content).unwrap();
        server.client().post(PATH, &json!({"source": {"urls": [file]}})).await
    }

    fn told(answer: &Answer, list: &str) -> Vec<String> {
        let path = |one: &Value| one["path"].as_str().unwrap_or_default().to_owned();
        answer.body[list].as_array().unwrap().iter().map(path).collect()
    }

    #[tokio::test]
    async fn files_are_looked_at_and_nothing_is_attached() {
        let server = Server::start().await;
        let source = json!({"urls": [server.dataset_file()]});
        let answer = server.client().post(PATH, &json!({"source": source, "limit": 2})).await;
        assert_eq!((answer.status, &answer.body["files"]), (200, &json!(1)), "{}", answer.text);
        let bytes = std::fs::metadata(server.dataset_file()).unwrap().len();
        assert_eq!(answer.body["lookedInto"], json!({"files": 1, "bytes": bytes, "records": 4}));
        assert_eq!(answer.body["named"][0]["format"], "csv");
        assert_eq!(told(&answer, "fields"), ["crmId", "email", "age"]);
        let identities = answer.body["identities"].as_array().unwrap();
        let namespaces: Vec<_> = identities.iter().map(|one| one["namespace"].as_str().unwrap()).collect();
        assert_eq!(
            (told(&answer, "identities"), namespaces),
            (vec!["crmId".into(), "email".into()], vec!["CRMID", "Email"])
        );
        let masked = json!([{"crmId": "********", "email": "********", "age": 17}, {"crmId": "********", "email": "********", "age": 25}]);
        assert_eq!(answer.body["records"], masked);
        assert!(!answer.text.contains("example.org") && !answer.text.contains("c-1"), "{}", answer.text);
        let clear = server.client().post(PATH, &json!({"source": source, "unmasked": true})).await;
        assert_eq!(clear.body["records"][0]["email"], "ada@example.org");
        assert_eq!(server.client().get("/data/foundation/datasets").await.body["items"], json!([]));
    }

    #[tokio::test]
    async fn json_and_parquet_are_looked_at_as_well() {
        let server = Server::start().await;
        let lines =
            r#"{"id": 7, "contact": {"mails": [{"email": "ada@example.org"}]}, "updatedAt": "2026-01-01T00:00:00Z"}"#;
        let answer = inspect(&server, "people.ndjson", lines).await;
        assert_eq!(told(&answer, "identities"), ["id", "contact.mails[0].email"], "{}", answer.text);
        assert_eq!(answer.body["timestamps"], json!(["updatedAt"]));
        let masked = json!({"id": "********", "contact": {"mails": [{"email": "********"}]}, "updatedAt": "2026-01-01T00:00:00Z"});
        assert_eq!(answer.body["records"], json!([masked]));

        let folder = server.path("generated");
        let options = GenerateOptions { files: 2, ..GenerateOptions::new(200, &folder) };
        generate(&options, &|_| ControlFlow::Continue(())).unwrap();
        let source = json!({"source": {"urls": [folder.join("*.parquet")]}});
        let answer = server.client().post(PATH, &source).await;
        assert_eq!(
            (&answer.body["files"], &answer.body["named"][1]["format"]),
            (&json!(2), &json!("parquet")),
            "{}",
            answer.text
        );
        let identities = told(&answer, "identities");
        for path in ["profileId", "personalEmail.address"] {
            assert!(identities.contains(&path.to_owned()), "{identities:?}");
        }
        assert!(!answer.text.contains("@example."), "{}", answer.text);
    }

    #[tokio::test]
    async fn values_that_tell_of_somebody_are_masked_however_few_there_are() {
        let server = Server::start().await;
        let few = inspect(&server, "few.csv", "n,contact\n1,ada@example.org\n2,none\n3,\n").await;
        assert_eq!(few.body["sensitive"], json!(["/properties/contact"]), "{}", few.text);
        assert!(!few.text.contains("ada@") && few.text.contains("\"n\":1"), "{}", few.text);
        // Most values speak against the name, so that no label is suggested.
        let rows: String = (0..60).map(|n| format!("{{\"n\": {n}, \"email\": \"-\"}}\n")).collect();
        let rows = format!("{rows}{{\"n\": 61, \"email\": \"bob@example.org\"}}\n");
        let most = inspect(&server, "most.ndjson", &rows).await;
        assert_eq!((&most.body["suggestions"], &most.body["sensitive"]), (&json!([]), &json!(["/properties/email"])));
        assert_eq!(most.body["records"][0], json!({"n": 0, "email": "********"}));
    }

    #[tokio::test]
    async fn files_that_are_damaged_or_not_there_are_told_at_their_field() {
        let server = Server::start().await;
        for (name, content) in [("odd.parquet", "PAR1"), ("odd.json", "{\"id\": 1}\n{\"id\""), ("odd.txt", "id\n1\n")] {
            let answer = inspect(&server, name, content).await;
            assert_eq!(
                (answer.status, answer.fields()),
                (400, vec!["/source/urls".to_owned()]),
                "{name}: {}",
                answer.text
            );
        }
        let answer = server.client().post(PATH, &json!({"source": {"urls": ["/no/such/*.csv"]}})).await;
        assert_eq!((answer.status, answer.fields()), (400, vec!["/source/urls".to_owned()]), "{}", answer.text);
    }

    #[tokio::test]
    async fn bodies_without_sense_are_told_by_field() {
        let server = Server::start().await;
        let post = async |body: Value| server.client().post(PATH, &body).await;
        assert_eq!(post(json!({})).await.fields(), ["/source"]);
        let wrong = json!({"source": {"urls": ["crm/*.csv"], "format": "xml"}, "limit": 101, "unmasked": "yes"});
        let fields = post(wrong).await.fields();
        assert_eq!(fields, ["/source/format", "/source/urls/0", "/unmasked", "/limit"]);
        let reader = server.as_client("reader", &["read"]).await;
        assert_eq!(reader.post(PATH, &json!({})).await.status, 403);
    }

    /// A place that allows nothing, as one outside of the folders that the settings name.
    struct Elsewhere;

    impl Storage for Elsewhere {
        fn handles(&self, _pattern: &str) -> bool {
            true
        }

        fn list(&self, _pattern: &str) -> Result<Vec<ListedFile>, Fault> {
            Err(Fault::new(FaultClass::Refused, "not there"))
        }

        fn open(&self, _file: &SourceFile) -> Result<Arc<dyn RandomAccess>, Fault> {
            Err(Fault::new(FaultClass::Refused, "not there"))
        }
    }

    #[tokio::test]
    async fn what_no_dataset_may_lie_in_is_not_looked_into() {
        let server = Server::start_in(|context| context.storages = vec![Arc::new(Elsewhere)]).await;
        let answer = inspect(&server, "people.csv", "id\n1\n").await;
        assert_eq!((answer.status, answer.fields()), (400, vec!["/source/urls".to_owned()]), "{}", answer.text);
    }

    #[tokio::test]
    async fn of_much_text_the_beginning_is_looked_into() {
        let server = Server::start().await;
        let rows: String = (0..1_100_000).map(|n| format!("{n},some text\n")).collect();
        let answer = inspect(&server, "large.csv", &format!("id,note\n{rows}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let (all, part) = (&answer.body["bytes"], &answer.body["lookedInto"]["bytes"]);
        assert!(part.as_u64().unwrap() <= 16 << 20 && all.as_u64() > part.as_u64(), "{all} {part}");
        assert_eq!(told(&answer, "fields"), ["id", "note"]);
    }
}
