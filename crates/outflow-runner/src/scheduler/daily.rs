//! Evaluations that happen by themselves, as `/config/schedules` says.

use std::sync::Arc;

use outflow_model::Fault;
use outflow_store::Document;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cron::Cron;
use super::view::View;
use crate::context::Inner;
use crate::jobs;
use crate::submit::evaluation;

/// The segment under which a schedule's state is kept.
const STATE: &str = "evaluation";

/// What is remembered of a schedule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ScheduleNotes {
    /// The expression by which slots are counted; another one begins to count anew. `None` while it is inactive.
    cron: Option<String>,
    /// The last evaluation that it made.
    job: Option<String>,
}

/// Looks at every schedule.
pub(super) async fn look(inner: &Arc<Inner>, view: &View) -> Result<(), Fault> {
    for schedule in &view.schedules {
        look_at(inner, view, schedule).await?;
    }
    Ok(())
}

async fn look_at(inner: &Arc<Inner>, view: &View, schedule: &Document) -> Result<(), Fault> {
    let text = |member: &str| schedule.body.get(member).and_then(Value::as_str);
    let active = text("state").is_none_or(|state| state.eq_ignore_ascii_case("active"));
    let cron = text("schedule").filter(|_| active).and_then(|text| Cron::parse(text).ok());
    let state = view.states.get(&(schedule.id.clone(), STATE.to_owned()));
    let notes = state.map(|s| ScheduleNotes::deserialize(&s.notes).unwrap_or_default());
    let wanted = cron.as_ref().map(ToString::to_string);
    let remembered = notes.clone().unwrap_or_default();
    if notes.is_none() || remembered.cron != wanted {
        let notes = ScheduleNotes { cron: wanted, ..remembered };
        let mut tx = inner.store.begin().await?;
        let from = schedule.updated_at.min(view.now);
        tx.set_enabled_since(&schedule.sandbox, &schedule.id, STATE, from).await?;
        tx.set_notes(&schedule.sandbox, &schedule.id, STATE, &value(&notes)).await?;
        tx.commit().await?;
        // The next look, which comes at once, finds it.
        inner.signal.notify_one();
        return Ok(());
    }
    let (Some(cron), Some(state)) = (cron, state) else { return Ok(()) };
    let handled = state.last_slot.max(state.enabled_since);
    let Some(slot) = cron.latest(view.now).filter(|slot| handled.is_some_and(|handled| *slot > handled)) else {
        return Ok(());
    };
    let mut tx = inner.store.begin().await?;
    if let Some(job) = &remembered.job
        && tx.job(jobs::EVALUATION, job).await?.is_some()
    {
        // The last one is not done: this slot waits.
        return Ok(());
    }
    if !tx.mark_slot(&schedule.sandbox, &schedule.id, STATE, slot).await? {
        return Ok(());
    }
    let named = named_segments(&schedule.body);
    let members = [("scheduleId", json!(schedule.id)), ("slot", json!(slot))];
    let order = evaluation::Order {
        segments: named.as_deref(),
        source: "scheduler",
        refresh_first: true,
        members: members.map(|(member, value)| (member.to_owned(), value)).into_iter().collect(),
        by: super::flows::SCHEDULER,
    };
    let job = evaluation::queue(&mut tx, &schedule.sandbox, order, view.now)
        .await
        .map_err(|e| Fault::internal("a scheduled evaluation could not be queued").because(e))?;
    let notes = ScheduleNotes { job: Some(job.id), ..remembered };
    tx.set_notes(&schedule.sandbox, &schedule.id, STATE, &value(&notes)).await?;
    Ok(tx.commit().await?)
}

/// The segments that a schedule names; `None` when it means all.
fn named_segments(body: &Value) -> Option<Vec<String>> {
    let segments = body.pointer("/properties/segments")?.as_array()?;
    let ids: Vec<String> = segments.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    (!ids.is_empty() && !ids.iter().any(|id| id == "*")).then_some(ids)
}

fn value(notes: &ScheduleNotes) -> Value {
    serde_json::to_value(notes).unwrap_or_default()
}
