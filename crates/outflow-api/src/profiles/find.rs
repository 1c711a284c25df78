//! `POST /data/core/ups/profiles/find`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use outflow_model::json::Node;
use outflow_model::problem::Findings;
use outflow_profiles::snapshot::{FoundProfile, IDENTITY_MAP, Snapshot, identity_key};
use outflow_store::{ArtifactRow, AuditEvent, Suppression, SuppressionKey};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::look::Look;
use super::stands::{Membership, Place, stands};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::datasets::blocking;
use crate::document::millis;
use crate::error::{ApiError, ApiResult, Problem};
use crate::identity::{Identity, IdentityBody};
use crate::operation::Operation;
use crate::suppressions::{ShownSuppression, show};

/// Profiles of one identity that are named.
const PROFILES_MAX: usize = 1_000;

/// Bytes of a profile that are shown, as JSON; fields that do not fit are named.
const PROFILE_BYTES_MAX: usize = 1 << 20;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_find, _, _>(find)
}

/// A person, as far as the server knows them. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "FoundPerson", example = json!({
    "identity": {"namespace": "Email", "id": "ada@example.org"}, "suppressed": false,
    "profileIds": ["CRMID:4711"], "profilesTotal": 1,
    "profile": {
        "id": "CRMID:4711", "recordedAt": 1_795_564_800_000_i64,
        "attributes": {"crmId": "4711", "person": {"birthYear": 1990}},
        "identityMap": {"CRMID": [{"id": "4711"}], "Email": [{"id": "ada@example.org"}]},
        "segmentMembership": [{
            "segmentId": "54669488-03ab-4e0d-a694-37fe49e32be8", "name": "Loyal customers", "status": "existing",
            "lastQualificationTime": 1_795_478_400_000_i64, "evaluatedAt": 1_795_651_200_000_i64
        }],
        "leftOut": [], "segmentsUnknown": []
    },
    "snapshot": {"id": "0b2f6c", "profiles": 1000, "createdAt": 1_795_650_000_000_i64}
}))]
struct FoundPerson {
    /// What was asked for.
    identity: IdentityBody,
    /// Whether they are kept out of all exports: the identity, or another one of the profile, is on the suppression list.
    suppressed: bool,
    /// What the list says: of the identity that was asked for, else of another one of the profile.
    #[schema(required = false)]
    suppression: Option<ShownSuppression>,
    /// The profiles that have the identity, by their primary ones: 1,000 at most. `profile` is the first.
    #[serde(rename = "profileIds")]
    profile_ids: Vec<String>,
    /// How many profiles have the identity; 1,000 where they are more.
    #[serde(rename = "profilesTotal")]
    profiles_total: u64,
    /// The profile: of several the one whose primary identity it is, if there is that. Left out where nobody has the identity.
    #[schema(required = false)]
    profile: Option<ShownProfile>,
    /// The data that was looked into; left out before the first refresh.
    #[schema(required = false)]
    snapshot: Option<ShownSnapshot>,
}

/// A profile. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Profile")]
struct ShownProfile {
    /// Its primary identity.
    id: String,
    /// The time of its newest record, in milliseconds since 1970, where datasets say one.
    #[serde(rename = "recordedAt")]
    recorded_at: Option<i64>,
    /// Its fields, as rules and mappings name them; those without a value are left out.
    attributes: BTreeMap<String, Value>,
    /// Its identities, by namespace.
    #[serde(rename = "identityMap")]
    identity_map: BTreeMap<String, Vec<ShownIdentity>>,
    /// The segments that it is in or has left, by name, as of the last evaluation of each.
    #[serde(rename = "segmentMembership")]
    segment_membership: Vec<Membership>,
    /// Fields at the top that are not shown, because the profile has more than 1 MiB.
    #[serde(rename = "leftOut")]
    left_out: Vec<String>,
    /// Segments of which it is not known whether the profile is in them: their evaluation cannot be read, more than 50
    /// were to be looked into, or there was no time left.
    #[serde(rename = "segmentsUnknown")]
    segments_unknown: Vec<String>,
}

/// An identity of a profile. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ShownIdentity")]
struct ShownIdentity {
    /// Its value.
    id: String,
}

/// The data that was looked into. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ProfileSnapshot")]
struct ShownSnapshot {
    /// Which: equal profiles have equal ids.
    id: String,
    /// Profiles in it.
    profiles: u64,
    /// When it was merged first, in milliseconds since 1970.
    #[serde(rename = "createdAt")]
    created_at: i64,
}

/// Find a person
///
/// What the profile with an identity holds, in which segments it is, and whether it is kept out of all exports. Nobody's
/// having it is no error: the list may say of them all the same. The audit log says who looked, and not for whom. A body,
/// and no address, names the person, so that what identifies them is in no log.
#[utoipa::path(
    post,
    path = "/data/core/ups/profiles/find",
    tag = "profiles",
    request_body = IdentityBody,
    responses((status = 200, description = "What is known of them.", body = FoundPerson))
)]
async fn find(State(api): State<Api>, caller: Caller, JsonObject(body): JsonObject) -> ApiResult<Answer<Value>> {
    let identity = read(&Value::Object(body))?;
    let sandbox = caller.sandbox.as_str();
    let merged = api.store.read().await?.current_snapshot(sandbox).await?;
    // Held until this request is answered, or its client gone.
    let (bounds, _waiting) = Look::begin(&api).await?;
    let looked = match &merged {
        Some(row) => look(&bounds, row, &identity).await?,
        None => Looked::default(),
    };
    let suppression = suppression(&api, sandbox, &identity, looked.profile.as_ref()).await?;
    let mut answer = json!({
        "identity": {"namespace": identity.namespace, "id": identity.value},
        "suppressed": suppression.is_some(),
        "profileIds": looked.profile_ids,
        "profilesTotal": looked.profile_ids.len(),
    });
    let is_found = looked.profile.is_some();
    if let Some(suppression) = &suppression {
        answer["suppression"] = show(suppression);
    }
    if let (Some(found), Some(row), Some(id)) = (looked.profile, &merged, looked.profile_ids.into_iter().next()) {
        let place = Place { part: found.part, row: found.row };
        let stands = stands(&api, &bounds, sandbox, row.id.clone(), id.clone(), place).await?;
        answer["profile"] = profile(&id, found);
        answer["profile"]["segmentMembership"] = stands.memberships.into();
        answer["profile"]["segmentsUnknown"] = stands.unknown.into();
    }
    if let Some(row) = &merged {
        let profiles = row.body.get("profiles");
        answer["snapshot"] = json!({"id": row.id, "profiles": profiles, "createdAt": millis(row.created_at)});
    }
    let mut tx = api.begin(&caller).await?;
    tx.audit(sandbox, look_event(&identity, is_found)).await?;
    tx.commit().await?;
    Ok(Answer(answer))
}

fn read(body: &Value) -> ApiResult<Identity> {
    let mut findings = Findings::default();
    let identity = Identity::read(&Node::at(body, ""), &mut findings);
    let refused = |problems: outflow_model::problem::Problems| {
        ApiError::invalid(problems.0.into_iter().map(Problem::from).collect())
    };
    findings.into_result(identity).map(|(identity, _)| identity).map_err(refused)
}

/// Who looked, and that somebody was found: whom they looked for is nobody else's to know.
fn look_event(identity: &Identity, is_found: bool) -> AuditEvent<'_> {
    AuditEvent {
        action: "lookedUp",
        noun: "profile",
        object_id: "",
        object_name: "",
        detail: json!({"namespace": identity.namespace, "found": is_found}),
    }
}

/// What the profiles say.
#[derive(Default)]
struct Looked {
    /// Who has the identity; the first is `profile`.
    profile_ids: Vec<String>,
    profile: Option<FoundProfile>,
}

/// Looks for the identity in merged profiles.
///
/// # Errors
/// Those of [`Look::check`]; else what reading them says.
async fn look(bounds: &Arc<Look>, row: &ArtifactRow, identity: &Identity) -> ApiResult<Looked> {
    let (path, identity, bounds) = (PathBuf::from(&row.path), identity.clone(), Arc::clone(bounds));
    blocking(move || {
        let snapshot = Snapshot::load(&path)?;
        // By itself: among more sharers than are named it may not be.
        let own = identity.text();
        let own_profile = snapshot.find(&own)?;
        let check = || bounds.check();
        let found = snapshot.find_by_identity(&identity.namespace, &identity.value, PROFILES_MAX, &check)?;
        let others = found.into_iter().map(|found| found.profile_id).filter(|id| *id != own);
        let first = own_profile.is_some().then(|| own.clone());
        let profile_ids: Vec<String> = first.into_iter().chain(others).take(PROFILES_MAX).collect();
        let profile = match (own_profile, profile_ids.first()) {
            (None, Some(first)) => snapshot.find(first)?,
            (own_profile, _) => own_profile,
        };
        Ok(Looked { profile_ids, profile })
    })
    .await
}

/// What the list says of the identity, else of another one of the profile.
async fn suppression(
    api: &Api,
    sandbox: &str,
    identity: &Identity,
    found: Option<&FoundProfile>,
) -> ApiResult<Option<Suppression>> {
    let own = identity.key();
    let others = found.map(|found| keys(&found.profile)).unwrap_or_default();
    let keys: Vec<SuppressionKey> = std::iter::once(own).chain(others).collect();
    let mut listed = api.store.read().await?.suppressions_among(sandbox, &keys).await?;
    listed.sort_by_key(|one| one.key != own);
    Ok(listed.into_iter().next())
}

/// What stands for a profile's identities in the suppression list. All of them: by any of them it is kept out.
fn keys(profile: &Value) -> Vec<SuppressionKey> {
    let namespaces = profile.get(IDENTITY_MAP).and_then(Value::as_object).into_iter().flatten();
    let identities = namespaces.flat_map(|(namespace, list)| {
        let ids = list.as_array().into_iter().flatten().filter_map(|one| one.get("id")?.as_str());
        ids.map(move |id| identity_key(namespace, id))
    });
    identities.collect()
}

/// The profile as answers show it, but for its segments.
fn profile(id: &str, found: FoundProfile) -> Value {
    let mut members = match found.profile {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let identities = members.remove(IDENTITY_MAP).map(|map| (IDENTITY_MAP.to_owned(), map));
    let (mut shown, left_out) = fitting(identities.into_iter().chain(members), PROFILE_BYTES_MAX);
    json!({
        "id": id,
        "recordedAt": found.time.map(millis),
        "identityMap": shown.remove(IDENTITY_MAP).unwrap_or_else(|| json!({})),
        "attributes": shown,
        "leftOut": left_out,
    })
}

/// Members that have `bytes_max` together, and the names of those that do not fit.
fn fitting(members: impl Iterator<Item = (String, Value)>, bytes_max: usize) -> (Map<String, Value>, Vec<String>) {
    let (mut left, mut shown, mut left_out) = (bytes_max, Map::new(), Vec::new());
    for (name, value) in members {
        match left.checked_sub(value.to_string().len()) {
            Some(rest) => {
                left = rest;
                shown.insert(name, value);
            }
            None => left_out.push(name),
        }
    }
    (shown, left_out)
}

#[cfg(test)]
mod tests {
    use outflow_profiles::snapshot::hash_of;

    use super::*;
    use crate::testing::Server;

    const PATH: &str = "/data/core/ups/profiles/find";

    async fn asked(server: &Server, namespace: &str, id: &str) -> Value {
        let answer = server.client().post(PATH, &json!({"namespace": namespace, "id": id})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    /// The dataset with e-mail addresses as identities, too.
    async fn with_emails(server: &Server) {
        let dataset = server.refreshed().await;
        let declare = json!([{"op": "add", "path": "/identities/-", "value": {"path": "email", "namespace": "Email"}}]);
        let path = format!("/data/foundation/datasets/{dataset}");
        assert_eq!(server.client().patch(&path, Some("*"), &declare).await.status, 200);
        server.work_is_done().await;
    }

    #[tokio::test]
    async fn a_person_is_shown_with_what_they_have_and_are_in() {
        let server = Server::start().await;
        with_emails(&server).await;
        let segment = server.segment("Adults").await;
        let before = asked(&server, "Email", "bea@example.org").await;
        assert_eq!(before["profile"]["segmentMembership"], json!([]), "{before}");
        server.evaluated().await;
        let found = asked(&server, "Email", "bea@example.org").await;
        let profile = &found["profile"];
        assert_eq!((&profile["id"], &found["suppressed"]), (&json!("CRMID:c-2"), &json!(false)), "{found}");
        assert_eq!(profile["attributes"], json!({"crmId": "c-2", "email": "bea@example.org", "age": 25}), "{found}");
        let identities = json!({"CRMID": [{"id": "c-2"}], "Email": [{"id": "bea@example.org"}]});
        assert_eq!(profile["identityMap"], identities, "{found}");
        let stands = &profile["segmentMembership"][0];
        assert_eq!((&stands["segmentId"], &stands["name"]), (&json!(segment), &json!("Adults")), "{found}");
        assert_eq!((&stands["status"], &stands["lastQualificationTime"]), (&json!("realized"), &stands["evaluatedAt"]));
        assert_eq!(found["snapshot"]["profiles"], 4, "{found}");
        assert_eq!((&profile["segmentsUnknown"], found.get("suppression")), (&json!([]), None), "{found}");
        // Who is not of age is in no segment.
        let child = asked(&server, "CRMID", "c-1").await;
        assert_eq!((&child["profile"]["segmentMembership"], &child["profilesTotal"]), (&json!([]), &json!(1)));
    }

    #[tokio::test]
    async fn segments_are_told_of_by_an_evaluation_of_earlier_data_and_not_where_it_is_lost() {
        let server = Server::start().await;
        let segment = server.segment("Adults").await;
        server.evaluated().await;
        server.append_record("c-5", "eve@example.org");
        server.refreshed().await;
        let found = asked(&server, "CRMID", "c-4").await;
        assert_eq!(found["profile"]["segmentMembership"][0]["segmentId"], json!(segment), "{found}");
        // Of who came since, nothing is evaluated.
        let new = asked(&server, "CRMID", "c-5").await;
        assert_eq!(
            (&new["profile"]["attributes"]["age"], &new["profile"]["segmentMembership"]),
            (&json!(30), &json!([]))
        );
        let evaluations = server.path("data").join("data/prod/evaluations");
        std::fs::remove_dir_all(evaluations).unwrap();
        let lost = asked(&server, "CRMID", "c-4").await;
        assert_eq!(lost["profile"]["segmentMembership"], json!([]), "{lost}");
        assert_eq!(lost["profile"]["segmentsUnknown"], json!([segment]), "{lost}");
    }

    #[tokio::test]
    async fn who_is_suppressed_is_told_with_and_without_a_profile() {
        let server = Server::start().await;
        let nobody = asked(&server, "Email", "bea@example.org").await;
        assert_eq!((&nobody["suppressed"], nobody.get("profile"), nobody.get("snapshot")), (&json!(false), None, None));
        let suppress = json!({"identities": [{"namespace": "Email", "id": "bea@example.org"}], "reason": "Objected"});
        assert_eq!(server.client().post("/data/core/ups/suppressions", &suppress).await.status, 200);
        let listed = server.client().get("/data/core/ups/suppressions").await.body["items"][0].clone();
        let gone = asked(&server, "Email", "bea@example.org").await;
        assert_eq!((&gone["suppressed"], &gone["suppression"]), (&json!(true), &listed), "{gone}");
        assert_eq!((gone.get("profile"), &gone["profilesTotal"]), (None, &json!(0)), "{gone}");
        with_emails(&server).await;
        // Any identity of a profile keeps it out.
        let other = asked(&server, "CRMID", "c-2").await;
        assert_eq!((&other["suppressed"], &other["suppression"]), (&json!(true), &listed), "{other}");
        assert_eq!(asked(&server, "CRMID", "c-3").await["suppressed"], false);
        let dev = server.client().in_sandbox("dev").post(PATH, &json!({"namespace": "CRMID", "id": "c-2"})).await;
        assert_eq!((&dev.body["suppressed"], dev.body.get("profile")), (&json!(false), None), "{}", dev.text);
    }

    #[tokio::test]
    async fn of_several_the_one_is_shown_whose_own_it_is() {
        let server = Server::start().await;
        std::fs::write(server.dataset_file(), "crmId,email\nc-1,c-2\nc-2,x@example.org\nc-3,c-2\n").unwrap();
        let mut body = server.dataset_body("CRM");
        body["identities"] = json!([
            {"path": "crmId", "namespace": "CRMID", "primary": true}, {"path": "email", "namespace": "CRMID"}]);
        assert_eq!(server.client().post("/data/foundation/datasets", &body).await.status, 201);
        server.work_is_done().await;
        let found = asked(&server, "CRMID", "c-2").await;
        assert_eq!((&found["profilesTotal"], &found["profileIds"][0]), (&json!(3), &json!("CRMID:c-2")), "{found}");
        assert_eq!(found["profile"]["attributes"]["email"], "x@example.org", "{found}");
    }

    #[tokio::test]
    async fn whose_own_it_is_is_shown_among_more_than_are_named() {
        let server = Server::start().await;
        // The last in the order of parts and rows, so that a thousand others come first.
        let ids = || (0..=PROFILES_MAX).map(|number| format!("c-{number}"));
        let last = ids().max_by_key(|id| hash_of(&format!("CRMID:{id}"))).unwrap();
        let rows: String = ids().map(|id| format!("{id},{last}\n")).collect();
        std::fs::write(server.dataset_file(), format!("crmId,email\n{rows}")).unwrap();
        let mut body = server.dataset_body("CRM");
        body["identities"] = json!([
            {"path": "crmId", "namespace": "CRMID", "primary": true}, {"path": "email", "namespace": "CRMID"}]);
        assert_eq!(server.client().post("/data/foundation/datasets", &body).await.status, 201);
        server.work_is_done().await;
        let found = asked(&server, "CRMID", &last).await;
        assert_eq!(found["profile"]["id"], format!("CRMID:{last}"));
        let named = found["profileIds"].as_array().unwrap();
        assert_eq!((named.len(), &named[0], &found["profilesTotal"]), (1_000, &found["profile"]["id"], &json!(1_000)));
    }

    #[test]
    fn every_identity_is_looked_for_in_the_list() {
        let ids: Vec<Value> = (0..10_500).map(|number| json!({"id": number.to_string()})).collect();
        let found = keys(&json!({"identityMap": {"A": ids, "B": [{"id": "last"}]}}));
        assert_eq!((found.len(), found.last()), (10_501, Some(&identity_key("B", "last"))));
    }

    #[tokio::test]
    async fn a_look_is_recorded_and_nobody_named() {
        let server = Server::start().await;
        server.refreshed().await;
        asked(&server, "CRMID", "c-2").await;
        asked(&server, "CRMID", "c-9").await;
        let audit = server.client().get("/data/foundation/audit/events?action=lookedUp").await;
        let details: Vec<&Value> = audit.body["items"].as_array().unwrap().iter().map(|one| &one["detail"]).collect();
        let told = |found: bool| json!({"namespace": "CRMID", "found": found});
        assert_eq!(details, [&told(false), &told(true)], "{}", audit.text);
        assert!(!audit.text.contains("c-2") && !audit.text.contains("c-9"), "{}", audit.text);
        for (asked, fields) in
            [(json!({}), vec!["/namespace", "/id"]), (json!({"namespace": "a:b", "id": "c-2"}), vec!["/namespace"])]
        {
            let refused = server.client().post(PATH, &asked).await;
            let fields: Vec<String> = fields.into_iter().map(str::to_owned).collect();
            assert_eq!((refused.status, refused.fields()), (400, fields), "{asked}");
            assert!(!refused.text.contains("c-2"), "{}", refused.text);
        }
        let reader = server.as_client("reader", &["read"]).await;
        assert_eq!(reader.post(PATH, &json!({"namespace": "CRMID", "id": "c-2"})).await.status, 403);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let found = FoundProfile {
            profile: json!({"a": 1, "huge": "x".repeat(PROFILE_BYTES_MAX), "identityMap": {"N": [{"id": "1"}]}, "z": 2}),
            part: 0,
            row: 0,
            time: None,
        };
        let shown = profile("N:1", found);
        assert_eq!(shown["attributes"], json!({"a": 1, "z": 2}));
        assert_eq!((&shown["leftOut"], &shown["identityMap"]), (&json!(["huge"]), &json!({"N": [{"id": "1"}]})));
    }
}
