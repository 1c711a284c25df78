//! In which segments a profile is, by their last evaluations.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use outflow_model::Fault;
use outflow_model::fault::chain;
use outflow_profiles::membership::{Evaluation, ProfileStanding};
use outflow_profiles::snapshot::Snapshot;
use outflow_store::{Artifact, Reader, Segment};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::look::Look;
use crate::context::Api;
use crate::datasets::blocking;
use crate::document::millis;
use crate::error::ApiResult;

/// Evaluations that are looked into, the newest first: each costs some small reads. Segments that are evaluated together
/// have one.
const EVALUATIONS_MAX: usize = 50;

/// A segment that a profile is in, or has left. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ProfileMembership")]
pub(super) struct Membership {
    /// The segment.
    #[serde(rename = "segmentId")]
    segment_id: String,
    /// The segment's name.
    name: String,
    /// How it stands.
    #[schema(value_type = MembershipStatus)]
    status: String,
    /// When it entered, or left, in milliseconds since 1970.
    #[serde(rename = "lastQualificationTime")]
    last_qualification_time: i64,
    /// When the segment was evaluated, in milliseconds since 1970.
    #[serde(rename = "evaluatedAt")]
    evaluated_at: i64,
}

/// How a profile stands in a segment. Documentation only.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(title = "MembershipStatus")]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
enum MembershipStatus {
    /// It entered with the last evaluation.
    Realized,
    /// It is in the segment for longer.
    Existing,
    /// It left.
    Exited,
}

/// Where a profile is in a snapshot.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Number of the part.
    pub(super) part: usize,
    /// Number of the row in the part.
    pub(super) row: usize,
}

/// What became of looking into evaluations.
#[derive(Default)]
pub(super) struct Stands {
    /// As [`Membership`] says, by the segments' names.
    pub(super) memberships: Vec<Value>,
    /// Segments of which it is not known: their evaluation cannot be read, there are too many, or the time is over.
    pub(super) unknown: Vec<String>,
}

/// An evaluation that counts for some segments.
struct Counting {
    /// Where it is; empty where that is not known.
    path: Option<String>,
    segments: Vec<String>,
    evaluated_at: i64,
}

/// Where the profile `profile_id`, which is at `place` of the snapshot `snapshot_id`, stands in all segments of the sandbox.
///
/// # Errors
/// As of the store. An evaluation that cannot be read is none, nor is one that there is no time for: its segments are
/// unknown.
pub(super) async fn stands(
    api: &Api,
    bounds: &Arc<Look>,
    sandbox: &str,
    snapshot_id: String,
    profile_id: String,
    place: Place,
) -> ApiResult<Stands> {
    let mut counting = counting(&mut api.store.read().await?, sandbox).await?;
    let mut stands = Stands::default();
    for beyond in counting.split_off(counting.len().min(EVALUATIONS_MAX)) {
        stands.unknown.extend(beyond.segments);
    }
    let bounds = Arc::clone(bounds);
    let looked = blocking(move || {
        let mut places = HashMap::from([(snapshot_id, Some(place))]);
        let look = |one: Counting| {
            // What the time is over for is not known, as what cannot be read.
            let found = bounds.check().ok().and_then(|()| look(&one, &profile_id, &mut places));
            (one, found)
        };
        Ok(counting.into_iter().map(look).collect::<Vec<_>>())
    });
    let mut known: Vec<(ProfileStanding, i64)> = Vec::new();
    for (one, found) in looked.await? {
        match found {
            Some(found) => known.extend(found.into_iter().map(|standing| (standing, one.evaluated_at))),
            None => stands.unknown.extend(one.segments),
        }
    }
    let ids: Vec<String> = known.iter().map(|(standing, _)| standing.segment.clone()).collect();
    let segments = api.store.read().await?.get_many::<Segment>(sandbox, &ids).await?;
    let names: HashMap<&str, &str> = segments.iter().map(|one| (one.id.as_str(), one.name.as_str())).collect();
    // A segment that was removed meanwhile is none.
    let named = known.iter().filter_map(|(standing, at)| Some((*names.get(standing.segment.as_str())?, standing, *at)));
    let mut named: Vec<(&str, &ProfileStanding, i64)> = named.collect();
    named.sort_by_key(|(name, standing, _)| (*name, standing.segment.as_str()));
    stands.memberships = named.into_iter().map(show).collect();
    Ok(stands)
}

fn show((name, standing, evaluated_at): (&str, &ProfileStanding, i64)) -> Value {
    json!({
        "segmentId": standing.segment,
        "name": name,
        "status": standing.status,
        "lastQualificationTime": millis(standing.since),
        "evaluatedAt": evaluated_at,
    })
}

/// The evaluations that count for segments of a sandbox, the newest first.
async fn counting(reader: &mut Reader, sandbox: &str) -> ApiResult<Vec<Counting>> {
    let mut by_id: BTreeMap<String, Counting> = BTreeMap::new();
    for of in reader.segment_evaluations(sandbox).await? {
        let none = || Counting { path: None, segments: Vec::new(), evaluated_at: millis(of.counts.time) };
        by_id.entry(of.evaluation_id).or_insert_with(none).segments.push(of.segment_id);
    }
    let mut all: Vec<(String, Counting)> = by_id.into_iter().collect();
    all.sort_by_key(|(_, one)| std::cmp::Reverse(one.evaluated_at));
    for (id, one) in all.iter_mut().take(EVALUATIONS_MAX) {
        one.path = reader.artifact(Artifact::Evaluation, sandbox, id).await?.map(|row| row.path);
    }
    Ok(all.into_iter().map(|(_, one)| one).collect())
}

/// What an evaluation says of the profile in the segments that it counts for. `places` are those of the profile in
/// snapshots: evaluations may be of an earlier one.
fn look(one: &Counting, profile_id: &str, places: &mut HashMap<String, Option<Place>>) -> Option<Vec<ProfileStanding>> {
    let found = Evaluation::load(one.path.as_deref()?.as_ref()).and_then(|evaluation| {
        let place = place(&evaluation.snapshot, profile_id, places)?;
        place.map_or_else(|| Ok(Vec::new()), |place| evaluation.standing_of(place.part, place.row))
    });
    let found = found.inspect_err(|fault| tracing::warn!(fault = %chain(fault), "an evaluation cannot be looked into"));
    let mut found = found.ok()?;
    found.retain(|standing| one.segments.contains(&standing.segment));
    Some(found)
}

fn place(
    snapshot: &Snapshot,
    profile_id: &str,
    places: &mut HashMap<String, Option<Place>>,
) -> Result<Option<Place>, Fault> {
    if let Some(known) = places.get(&snapshot.id) {
        return Ok(*known);
    }
    let found = snapshot.find(profile_id)?.map(|found| Place { part: found.part, row: found.row });
    places.insert(snapshot.id.clone(), found);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Shared;
    use crate::testing::Server;

    #[tokio::test]
    async fn what_there_is_no_time_for_is_not_known() {
        let mut context = None;
        let server = Server::start_in(|of| context = Some(of.clone())).await;
        let segment = server.segment("Adults").await;
        server.evaluated().await;
        let (_closer, closing) = tokio::sync::watch::channel(false);
        let api: Api = Arc::new(Shared::new(context.unwrap(), closing));
        let row = api.store.read().await.unwrap().current_snapshot("prod").await.unwrap().unwrap();
        let found = Snapshot::load(row.path.as_ref()).unwrap().find("CRMID:c-2").unwrap().unwrap();
        let place = Place { part: found.part, row: found.row };
        let within = async |(look, _waiting): (Arc<Look>, _)| {
            stands(&api, &look, "prod", row.id.clone(), "CRMID:c-2".into(), place).await.unwrap()
        };
        let known = within(Look::begin(&api).await.unwrap()).await;
        assert_eq!((known.memberships.len(), known.unknown), (1, Vec::new()));
        let late = within(Look::over(&api).await).await;
        assert_eq!((late.memberships, late.unknown), (Vec::new(), vec![segment]));
    }
}
