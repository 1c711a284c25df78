//! Delivering an alert to one subscriber.

use outflow_model::Fault;
use outflow_model::run::RunError;
use outflow_store::{Alert, AlertSubscription, FencedTx, Job, StoreError};
use serde_json::{Value, json};

use super::Ending;
use crate::alerts::{self, Channel, Subscription};
use crate::context::Inner;
use crate::details::{set, take};
use crate::jobs::Payload;
use crate::worker::End;

/// Carries a delivery out. It arrives at least once: the answer to one that arrived may be lost.
pub(crate) async fn deliver(inner: &Inner, job: &Job) -> Result<End, Fault> {
    let payload = Payload::of(&job.payload);
    let mut reader = inner.store.read().await?;
    let alert = reader.find::<Alert>(&job.sandbox, &payload.alert).await?;
    let subscription = reader.find::<AlertSubscription>(&job.sandbox, &payload.subscription).await?;
    let (Some(alert), Some(_)) = (alert, subscription) else {
        return Ok(End::NotWanted("the alert or its subscription was deleted".into()));
    };
    let opened = reader.opened::<AlertSubscription>(&job.sandbox, &payload.subscription).await?;
    drop(reader);
    // The reader's message could quote the secret.
    let subscription = Subscription::parse(&opened).map_err(|_| Fault::input("the subscription cannot be read"))?;
    let mut told = alert.body.clone();
    set(&mut told, "id", json!(alert.id));
    set(&mut told, "sandboxName", json!(alert.sandbox));
    let settings = &inner.settings.alerts;
    match &subscription.channel {
        Channel::Webhook { url, secret } => {
            alerts::post(settings, url, secret.as_deref(), &told, inner.now()).await?;
        }
        Channel::Email { to } => alerts::mail(settings, to, &told).await?,
    }
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    note(&mut tx, job, &payload, json!({"state": "delivered", "at": inner.now()})).await?;
    tx.finish_job().await?;
    tx.commit().await?;
    Ok(End::Done)
}

/// Writes beside the alert what became of a delivery.
async fn note(tx: &mut FencedTx, job: &Job, payload: &Payload, outcome: Value) -> Result<(), StoreError> {
    if tx.find::<Alert>(&job.sandbox, &payload.alert).await?.is_none() {
        return Ok(());
    }
    let alert = tx.lock::<Alert>(&job.sandbox, &payload.alert).await?;
    let mut details = alert.details.clone();
    let mut deliveries = take(&mut details, "deliveries").unwrap_or_default();
    set(&mut deliveries, &payload.subscription, outcome);
    set(&mut details, "deliveries", deliveries);
    tx.set_details::<Alert>(&job.sandbox, &payload.alert, &details).await
}

/// Writes how a try ended that was no success.
pub(crate) async fn end(inner: &Inner, tx: &mut FencedTx, job: &Job, ending: &Ending<'_>) -> Result<(), StoreError> {
    let payload = Payload::of(&job.payload);
    let outcome = match ending {
        Ending::Retry { fault, at } => {
            json!({"state": "waiting", "nextAttemptAt": at, "error": RunError::from(*fault)})
        }
        Ending::Failed { fault } => json!({"state": "failed", "at": inner.now(), "error": RunError::from(*fault)}),
        Ending::Cancelled { .. } => return Ok(()),
    };
    note(tx, job, &payload, outcome).await
}
