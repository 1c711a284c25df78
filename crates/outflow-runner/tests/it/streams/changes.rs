//! Which changes are told.

use chrono::TimeDelta;
use outflow_store::{Artifact, Connection, Flow, Segment, TargetConnection};
use serde_json::json;

use super::bed::{Bed, FIRST, rich, stream_flow};
use super::far::{RIGHT_KEY, SPEC};
use crate::held::HeldFile;
use crate::janitor::files_age_by_the_machines_clock;
use crate::world::{SANDBOX, Server};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_look_tells_everybody_and_later_ones_only_changes() {
    let bed = Bed::begun(json!({})).await;
    let body = &bed.far.bodies(0)[0];
    assert_eq!(body["sequence"], bed.sequence(0));
    let email = body["identityMap"]["Email"][0]["id"].as_str().unwrap();
    assert_eq!(body["profileId"], format!("Email:{email}"));
    assert_eq!(body["segmentMembership"]["ups"][&bed.segment]["name"], "Americans");
    bed.evaluate(&[("a@x", "DE", 10), ("b@x", "US", 20), ("c@x", "US", 31)]).await;
    assert_eq!(bed.far.told(2), ["a@x DE 10 out 1", "b@x US 20 in 1", "c@x US 31 in 1"]);
    let told = bed.far.count();
    bed.evaluate(&[("a@x", "DE", 11), ("b@x", "US", 20), ("c@x", "US", 31)]).await;
    assert_eq!(bed.far.count(), told, "who is in no segment is told of no more");
    // One is gone from the data altogether; its values are as last known.
    bed.evaluate(&[("a@x", "DE", 11), ("b@x", "US", 20)]).await;
    assert_eq!(bed.far.told(told), ["c@x US 31 out 1"]);
    let status = bed.status().await;
    assert_eq!((status.state.as_str(), status.pending, status.waiting, status.complete), ("idle", 0, 0, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_trigger_goes_with_the_next_message() {
    let bed = Bed::begun(json!({"triggers": {"attributes": false}})).await;
    bed.evaluate(&[("a@x", "US", 11), ("b@x", "DE", 20), ("c@x", "US", 30)]).await;
    assert_eq!(bed.far.count(), 2);
    bed.evaluate(&[("a@x", "DE", 11), ("b@x", "DE", 20), ("c@x", "US", 30)]).await;
    assert_eq!(bed.far.told(2).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn evaluations_that_waited_are_told_one_after_the_other_unless_they_coalesce() {
    for coalesce in [false, true] {
        let bed = Bed::begun(json!({"coalesce": coalesce})).await;
        bed.far.away_after(0);
        bed.evaluate(&[("a@x", "US", 10), ("b@x", "US", 20), ("c@x", "US", 30)]).await;
        assert_eq!(bed.status().await.pending, 1, "{coalesce}");
        bed.evaluate(FIRST).await;
        bed.far.back();
        bed.world.advance(TimeDelta::minutes(10));
        bed.world.work().await;
        let told = bed.far.told(2);
        // Where it was tried it may have arrived, and its exit is told; nothing of it is told otherwise.
        match coalesce {
            false => assert_eq!(told, ["b@x DE 20 out 1", "b@x US 20 in 1"]),
            true => assert!(told.len() < 2, "{told:?}"),
        }
        assert_eq!(bed.far.known().into_keys().map(|key| key.ends_with("b@x")).filter(|is| *is).count(), 0);
        assert_eq!(bed.status().await.state, "idle");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn flows_that_share_a_segment_come_to_rest() {
    let bed = Bed::begun(json!({})).await;
    let rich = rich(&bed.world).await;
    let (other, _) = stream_flow(&bed.world, "both", &[&bed.segment, &rich], &["points"], json!({}), RIGHT_KEY).await;
    bed.world.work().await;
    assert_eq!(bed.far.told(2), ["a@x - 10 in 1", "c@x - 30 in 2"]);
    let newest = bed.world.latest_evaluation(&bed.segment).await;
    for _ in 0..3 {
        bed.world.advance(TimeDelta::minutes(11));
        bed.world.work().await;
    }
    assert_eq!(bed.world.latest_evaluation(&bed.segment).await, newest);
    let status = bed.world.runner().stream_status(SANDBOX, &other).await.unwrap().unwrap();
    assert_eq!((status.state.as_str(), status.sequence as i64), ("idle", bed.sequence(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_is_changed_tells_what_that_changes() {
    let bed = Bed::begun(json!({})).await;
    let rich = rich(&bed.world).await;
    // A segment more: who is in it is told so.
    let selectors = "/transformations/0/params/segmentSelectors/selectors";
    bed.world
        .change::<Flow>(&bed.flow, |body| {
            let more = json!({"type": "PLATFORM_SEGMENT", "value": {"id": rich}});
            body.pointer_mut(selectors).unwrap().as_array_mut().unwrap().push(more);
        })
        .await;
    bed.world.work().await;
    assert_eq!(bed.far.told(2), ["c@x US 30 in 2"]);
    // An attribute less: it is told without.
    let told = bed.far.count();
    let columns = "/transformations/0/params/profileSelectors/selectors";
    bed.world
        .change::<Flow>(&bed.flow, |body| {
            body.pointer_mut(columns).unwrap().as_array_mut().unwrap().pop();
        })
        .await;
    bed.world.work().await;
    assert_eq!(bed.far.told(told), ["a@x US - in 1", "c@x US - in 2"]);
    // A segment that is deleted is not told any more, and nobody has left it.
    let told = bed.far.count();
    bed.world.delete::<Segment>(&rich).await;
    bed.world.work().await;
    bed.evaluate(&[("a@x", "US", 10), ("b@x", "US", 20), ("c@x", "US", 30)]).await;
    assert_eq!(bed.far.told(told), ["b@x US - in 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_that_was_changed_while_all_were_evaluated_may_be_added() {
    let bed = Bed::begun(json!({})).await;
    let rich = rich(&bed.world).await;
    bed.world.advance(TimeDelta::minutes(1));
    let snapshot = bed.world.store.read().await.unwrap().current_snapshot(SANDBOX).await.unwrap().unwrap();
    let held = HeldFile::new(snapshot.path.as_ref());
    let server = Server::start(&bed.world.runner());
    server.runner.submit_segment_job(SANDBOX, None, "me").await.unwrap();
    let reader = held.reached().await;
    bed.world.change::<Segment>(&rich, |body| body["expression"]["value"] = json!("points >= 5")).await;
    reader.release();
    bed.world.idle().await;
    server.stop().await;
    bed.world.work().await;
    let selectors = "/transformations/0/params/segmentSelectors/selectors";
    bed.world
        .change::<Flow>(&bed.flow, |body| {
            let more = json!({"type": "PLATFORM_SEGMENT", "value": {"id": rich}});
            body.pointer_mut(selectors).unwrap().as_array_mut().unwrap().push(more);
        })
        .await;
    bed.world.work().await;
    // What was told is of an evaluation that looked for its members by another rule.
    assert_eq!(bed.far.told(2), ["a@x US 10 in 2", "b@x DE 20 in 1", "c@x US 30 in 2"]);
    let status = bed.status().await;
    assert_eq!((status.state.as_str(), status.fault), ("idle", None));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_target_is_told_of_everybody() {
    let bed = Bed::begun(json!({})).await;
    let flow = bed.world.body::<Flow>(&bed.flow).await;
    let target = flow["targetConnectionIds"][0].as_str().unwrap().to_owned();
    bed.world.change::<TargetConnection>(&target, |body| body["params"]["stream"] = json!("t")).await;
    bed.world.work().await;
    assert_eq!(bed.far.told(2), ["a@x US 10 in 1", "c@x US 30 in 1"]);
    bed.world
        .change::<TargetConnection>(&target, |body| body["params"]["includeSegmentTimestamps"] = json!(true))
        .await;
    bed.world.work().await;
    assert_eq!(bed.far.count(), 4, "the same target has been told");
    // Messages that wait for the one before are told to the next, with everybody's state.
    bed.far.away_after(0);
    bed.evaluate(&[("a@x", "US", 11), ("b@x", "DE", 20), ("c@x", "US", 30)]).await;
    assert_eq!(bed.status().await.pending, 1);
    bed.far.back();
    bed.world.change::<TargetConnection>(&target, |body| body["params"]["stream"] = json!("u")).await;
    bed.world.work().await;
    assert_eq!(bed.far.told(4), ["a@x US 11 in 1", "c@x US 30 in 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_left_meanwhile_is_told_to_a_target_that_knew_them() {
    let bed = Bed::begun(json!({})).await;
    let flow = bed.world.body::<Flow>(&bed.flow).await;
    let target = flow["targetConnectionIds"][0].as_str().unwrap().to_owned();
    let to = async |stream: &str| {
        bed.world.change::<TargetConnection>(&target, |body| body["params"]["stream"] = json!(stream)).await;
        bed.world.work().await;
    };
    to("t").await;
    assert_eq!(bed.far.told(2), ["a@x US 10 in 1", "c@x US 30 in 1"]);
    bed.evaluate(&[("a@x", "US", 10), ("b@x", "DE", 20), ("c@x", "DE", 30)]).await;
    assert_eq!(bed.far.told(4), ["c@x DE 30 out 1"]);
    to("s").await;
    assert_eq!(bed.far.told(5), ["a@x US 10 in 1", "c@x DE 30 out 1"]);
    to("t").await;
    assert_eq!(bed.far.told(7), ["a@x US 10 in 1"], "it knows already who left");
    // The same stream by an account that was made anew.
    let account = json!({
        "name": "anew", "connectionSpec": {"id": SPEC, "version": "1.0"},
        "auth": {"specName": "Key", "params": {"key": RIGHT_KEY}},
    });
    let account = bed.world.insert::<Connection>("anew", account).await;
    bed.world.change::<TargetConnection>(&target, |body| body["baseConnectionId"] = json!(account)).await;
    bed.evaluate(&[("a@x", "DE", 10), ("b@x", "US", 20), ("c@x", "DE", 30)]).await;
    assert_eq!(bed.far.known().into_values().collect::<Vec<_>>(), ["b@x US 20 in 1"]);
    assert_eq!(bed.status().await.state, "idle");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_comes_back_to_a_target_whose_evaluation_is_gone() {
    let bed = Bed::begun(json!({})).await;
    let flow = bed.world.body::<Flow>(&bed.flow).await;
    let target = flow["targetConnectionIds"][0].as_str().unwrap().to_owned();
    let to = async |stream: &str| {
        bed.world.change::<TargetConnection>(&target, |body| body["params"]["stream"] = json!(stream)).await;
        bed.world.work().await;
    };
    let first = bed.world.latest_evaluation(&bed.segment).await.unwrap();
    to("t").await;
    bed.evaluate(&[("a@x", "US", 11), ("b@x", "DE", 20)]).await;
    bed.evaluate(&[("a@x", "US", 12), ("b@x", "DE", 20)]).await;
    let told = bed.far.count();
    // Files have the machine's time; to the janitor they are old.
    bed.world.clock.set(files_age_by_the_machines_clock() + TimeDelta::days(2));
    bed.world.runner().clean_up().await.unwrap();
    let mut reader = bed.world.store.read().await.unwrap();
    assert!(reader.artifact(Artifact::Evaluation, SANDBOX, &first).await.unwrap().is_none());
    drop(reader);
    to("s").await;
    assert_eq!(bed.far.told(told), ["a@x US 12 in 1", "c@x - - out 1"]);
    assert_eq!(bed.status().await.state, "idle");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_only_segment_is_told_to_everybody_when_it_is_put_back() {
    let bed = Bed::begun(json!({})).await;
    let selectors = "/transformations/0/params/segmentSelectors/selectors";
    let mut taken_out = json!([]);
    let swap = async |with: &mut serde_json::Value| {
        bed.world.change::<Flow>(&bed.flow, |body| std::mem::swap(body.pointer_mut(selectors).unwrap(), with)).await;
        bed.world.work().await;
    };
    swap(&mut taken_out).await;
    assert_eq!((bed.far.count(), bed.status().await.state.as_str()), (2, "idle"));
    swap(&mut taken_out).await;
    assert_eq!(bed.far.told(2), ["a@x US 10 in 1", "c@x US 30 in 1"]);
    assert!(bed.far.bodies(2).iter().all(|body| body["sequence"] == bed.sequence(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_is_full_is_followed_by_the_rest() {
    let mut bed = Bed::begun(json!({})).await;
    bed.world.settings.stream_set_bytes_max = 1;
    let people: Vec<(String, i64)> = (0..40).map(|n| (format!("p{n:02}@x"), n)).collect();
    let people: Vec<(&str, &str, i64)> = people.iter().map(|(id, n)| (id.as_str(), "US", *n)).collect();
    bed.evaluate(&people).await;
    assert_eq!(bed.far.known().len(), 40);
    // The two of before came and went.
    assert_eq!(bed.far.count(), 2 + 40 + 2, "each once");
    let status = bed.status().await;
    assert_eq!((status.complete, status.state.as_str()), (true, "idle"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_set_left_over_is_told_before_the_next_evaluation() {
    let mut bed = Bed::begun(json!({})).await;
    bed.world.settings.stream_set_bytes_max = 1;
    bed.far.away_after(0);
    let guests: Vec<String> = (0..8).map(|n| format!("g{n}@x")).collect();
    let people = |country: &'static str| {
        let guests = guests.iter().map(move |id| (id.as_str(), country, 1));
        FIRST.iter().copied().chain(guests).collect::<Vec<_>>()
    };
    bed.evaluate(&people("US")).await;
    assert!(bed.status().await.messages < 8, "one set has no room for all");
    bed.evaluate(&people("DE")).await;
    bed.far.back();
    bed.world.advance(TimeDelta::minutes(10));
    bed.world.work().await;
    // All came and all went, and both is told of everybody.
    let mut expected: Vec<String> = guests.iter().map(|id| format!("{id} DE 1 out 1")).collect();
    expected.extend(guests.iter().map(|id| format!("{id} US 1 in 1")));
    expected.sort();
    assert_eq!(bed.far.told(2), expected);
}
