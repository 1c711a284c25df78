//! The runner and its handle.

use std::future::Future;
use std::sync::Arc;

use outflow_governance::consent::ConsentRule;
use outflow_model::Fault;
use outflow_model::flow::{Activation, FlowKind};
use outflow_profiles::membership::WithheldPreview;
use outflow_store::{Document, Expected, Flow, Reader, Tx};
use tokio::sync::watch;

use crate::context::{Inner, RunnerContext};
use crate::governance::{self, Assumed, Ground, Judged, RowsOrder, RowsPreview};
use crate::live::Stop;
use crate::progress::{self, RunProgress};
use crate::streams::{LetterPage, StreamState, StreamStatus};
use crate::submit::{self, AdhocOrder, Redelivery, SubmitError, Submitted};
use crate::{janitor, jobs, ledger, scheduler, steps, worker};

/// Workers that deliver alerts, beside those that the operator counts. They wait for receivers and compute nothing.
const TELLERS: usize = 2;

/// What a server does in the background, and how to ask for it. Cheap to clone.
#[derive(Clone)]
pub struct Runner {
    inner: Arc<Inner>,
}

impl Runner {
    /// A runner that does nothing yet.
    pub fn new(context: RunnerContext) -> Runner {
        Runner { inner: Arc::new(Inner::new(context)) }
    }

    /// Schedules, carries jobs out and cleans up until `shutdown` is over. Jobs that are carried out then are stopped, and
    /// handed back so that another server, or this one's next start, goes on with them at once.
    ///
    /// # Errors
    /// `Internal` when one of the tasks died.
    pub async fn run(&self, shutdown: impl Future<Output = ()> + Send) -> Result<(), Fault> {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..self.inner.settings.workers {
            let (inner, stopped) = (Arc::clone(&self.inner), stopped.clone());
            tasks.spawn(async move { worker::work(&inner, &jobs::WORK, stopped).await });
        }
        if self.inner.settings.workers > 0 {
            for _ in 0..TELLERS {
                let (inner, stopped) = (Arc::clone(&self.inner), stopped.clone());
                tasks.spawn(async move { worker::work(&inner, &jobs::TELLING, stopped).await });
            }
            for _ in 0..self.inner.settings.stream_workers {
                let (inner, stopped) = (Arc::clone(&self.inner), stopped.clone());
                tasks.spawn(async move { worker::work(&inner, &jobs::STREAMING, stopped).await });
            }
            let (inner, stopped) = (Arc::clone(&self.inner), stopped.clone());
            tasks.spawn(async move { janitor::clean(&inner, stopped).await });
        }
        let inner = Arc::clone(&self.inner);
        tasks.spawn(async move { scheduler::schedule(&inner, stopped).await });
        tracing::info!(worker = %self.inner.worker, workers = self.inner.settings.workers, "the runner begins");
        let died = tokio::select! {
            () = shutdown => None,
            // None of them ends by itself.
            ended = tasks.join_next() => ended,
        };
        // An error means that every task is gone.
        let _ = stop.send(true);
        tracing::info!(jobs = self.inner.live.len(), "the runner stops");
        let mut died = died.and_then(Result::err);
        while let Some(ended) = tasks.join_next().await {
            died = died.or(ended.err());
        }
        match died {
            None => Ok(()),
            Some(error) if error.is_panic() => Err(Fault::internal("a task of the runner panicked")),
            Some(error) => Err(Fault::internal("a task of the runner ended").because(error)),
        }
    }

    /// Something changed: look at once. Never fails and never waits.
    pub fn wake(&self) {
        self.inner.signal.notify_one();
        self.inner.store.wakeup().notify_waiters();
    }

    /// Compares what should be with what is, once, and queues what lacks; [`Runner::run`] does so all the time.
    ///
    /// # Errors
    /// The first fault that was met; what it does not concern was looked at all the same.
    pub async fn reconcile(&self) -> Result<(), Fault> {
        scheduler::reconcile(&self.inner).await
    }

    /// Removes what nothing refers to, once; [`Runner::run`] does so now and then.
    ///
    /// # Errors
    /// The first fault that was met.
    pub async fn clean_up(&self) -> Result<(), Fault> {
        janitor::clean_up(&self.inner).await
    }

    /// Every problem of an alert subscription's body, by JSON pointer, under this server's settings. See
    /// [`crate::check_subscription`].
    pub fn check_subscription(&self, body: &serde_json::Value) -> Vec<(String, String)> {
        crate::alerts::check_subscription(body, &self.inner.settings.alerts)
    }

    /// What a flow of files activates, read once for each of its versions; `None` when its body cannot be read so.
    pub fn activation(&self, flow: &Document) -> Option<Arc<Activation>> {
        self.activation_of(flow, FlowKind::Batch)
    }

    /// What a flow of this kind activates, read once for each of its versions; `None` when its body cannot be read.
    pub fn activation_of(&self, flow: &Document, kind: FlowKind) -> Option<Arc<Activation>> {
        self.inner.activations.of(flow, kind)
    }

    /// How many members of a segment's latest evaluation would be withheld: by the suppression list first, where anybody is
    /// on it, then by each of `rules`, each by itself; and by all of them. `None` where the segment was not evaluated. Over
    /// four million profiles the counts are of a sample, and ranges. It takes seconds at most.
    ///
    /// # Errors
    /// `Input` for an evaluation that is not there or damaged; `Unavailable` where the suppression list changes all the
    /// time; those of the store.
    pub async fn would_withhold(
        &self,
        sandbox: &str,
        segment: &str,
        rules: &[ConsentRule],
    ) -> Result<Option<WithheldPreview>, Fault> {
        governance::preview(&self.inner, sandbox, segment, rules).await
    }

    /// The first rows or messages that a flow would export of a segment: of its latest evaluation, or of whom its rule
    /// selects where there is none. Nobody is in them who is withheld. What would be shown is judged as a run would be that
    /// exports it. `None` where there are no profiles. It takes seconds at most.
    ///
    /// # Errors
    /// `Refused` where it is not known any more by which rule members were found; `Input` for what the files or messages cannot hold, and for data that is not there or damaged; `Unavailable` where
    /// the suppression list changes all the time; those of the store. A look that is given up ends soon.
    pub async fn preview_rows(&self, sandbox: &str, order: RowsOrder) -> Result<Option<RowsPreview>, Fault> {
        governance::rows(&self.inner, sandbox, order).await
    }

    /// What is so that decides what may be exported, as `reader` sees it: in a transaction, with what it has written.
    ///
    /// # Errors
    /// `Internal` for a policy or for labels that cannot be read; those of the store.
    pub async fn ground(&self, reader: &mut Reader, sandbox: &str) -> Result<Ground, Fault> {
        Ground::load(&self.inner.known, reader, sandbox).await
    }

    /// The same as it would be, with what is assumed in place of what is.
    ///
    /// # Errors
    /// As [`Runner::ground`].
    pub async fn ground_assuming(
        &self,
        reader: &mut Reader,
        sandbox: &str,
        assumed: &Assumed,
    ) -> Result<Ground, Fault> {
        Ground::assuming(&self.inner.known, reader, sandbox, assumed).await
    }

    /// Judges every enabled flow by what `reader` sees, oldest first. One that cannot be read exports nothing, and is left
    /// out.
    ///
    /// # Errors
    /// As [`Runner::ground`].
    pub async fn judge_all(&self, reader: &mut Reader, sandbox: &str) -> Result<Vec<Judged>, Fault> {
        governance::judge_all(&self.inner.known, &self.inner.connectors, reader, sandbox).await
    }

    /// How a streaming flow goes; `None` before it was looked at for the first time.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn stream_status(&self, sandbox: &str, flow: &str) -> Result<Option<StreamStatus>, SubmitError> {
        let mut reader = self.inner.store.read().await?;
        let document = reader.get::<Flow>(sandbox, flow).await?;
        let Some(stream) = reader.stream(flow).await? else { return Ok(None) };
        let state = StreamState::of(&stream.body)?;
        let waiting = steps::stream::waiting(&self.inner, &mut reader, &document, &state).await?;
        let is_enabled = ledger::is_enabled(&document);
        Ok(Some(StreamStatus::of(&state, stream.updated_at, is_enabled, waiting)))
    }

    /// Messages of a streaming flow that its target refused for good, `limit` at most, oldest first. `start` is the `next`
    /// of an earlier page.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a start that no page gave; `Fault` where the files are not on this server's disk.
    pub async fn letters(
        &self,
        sandbox: &str,
        flow: &str,
        start: Option<&str>,
        limit: usize,
    ) -> Result<LetterPage, SubmitError> {
        submit::letters(&self.inner, sandbox, flow, start, limit).await
    }

    /// How far a run is, followed until it has ended, on whichever server it is carried out.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn subscribe_progress(
        &self,
        sandbox: &str,
        run: &str,
    ) -> Result<watch::Receiver<RunProgress>, SubmitError> {
        progress::subscribe(&self.inner, sandbox, run).await
    }

    /// See [`submit::refresh`].
    ///
    /// # Errors
    /// As there.
    pub async fn submit_refresh(&self, sandbox: &str, dataset: &str) -> Result<Submitted, SubmitError> {
        let mut tx = self.inner.store.begin().await?;
        let submitted = submit::refresh(&mut tx, sandbox, dataset, self.inner.now()).await?;
        self.commit(tx, submitted).await
    }

    /// See [`submit::segment_job`].
    ///
    /// # Errors
    /// As there.
    pub async fn submit_segment_job(
        &self,
        sandbox: &str,
        segments: Option<&[String]>,
        by: &str,
    ) -> Result<Submitted, SubmitError> {
        let mut tx = self.inner.store.begin().await?;
        let submitted = submit::segment_job(&mut tx, sandbox, segments, by, self.inner.now()).await?;
        self.commit(tx, submitted).await
    }

    /// See [`submit::cancel_segment_job`].
    ///
    /// # Errors
    /// As there.
    pub async fn cancel_segment_job(&self, sandbox: &str, job: &str, by: &str) -> Result<(), SubmitError> {
        let mut tx = self.inner.store.begin().await?;
        submit::cancel_segment_job(&mut tx, sandbox, job, by, self.inner.now()).await?;
        self.commit(tx, ()).await?;
        self.stop(jobs::EVALUATION, job);
        Ok(())
    }

    /// See [`submit::run_now`].
    ///
    /// # Errors
    /// As there.
    pub async fn submit_run_now(&self, sandbox: &str, flow: &str, by: &str) -> Result<Vec<String>, SubmitError> {
        let mut tx = self.inner.store.begin().await?;
        let runs = submit::run_now(&mut tx, &self.inner.connectors, sandbox, flow, by, self.inner.now()).await?;
        self.commit(tx, runs).await
    }

    /// See [`submit::adhoc`].
    ///
    /// # Errors
    /// As there.
    pub async fn submit_adhoc(
        &self,
        sandbox: &str,
        orders: &[(String, Vec<String>)],
        by: &str,
    ) -> Result<Vec<AdhocOrder>, SubmitError> {
        let mut tx = self.inner.store.begin().await?;
        let queued = submit::adhoc(&mut tx, &self.inner.connectors, sandbox, orders, by, self.inner.now()).await?;
        self.commit(tx, queued).await
    }

    /// Has the profiles told anew whose messages a streaming flow's target refused: all, or those with `event_ids`.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for ids that are no letter's, too many or none; `Conflict` when the flow is disabled, sends no
    /// messages or has no letters.
    pub async fn submit_redeliver(
        &self,
        sandbox: &str,
        flow: &str,
        event_ids: Option<&[String]>,
        by: &str,
    ) -> Result<Redelivery, SubmitError> {
        let asked = submit::redeliver(&self.inner, sandbox, flow, event_ids, by).await?;
        self.wake();
        Ok(asked)
    }

    /// See [`submit::retry`].
    ///
    /// # Errors
    /// As there.
    pub async fn submit_retry(&self, sandbox: &str, run: &str, expected: Expected) -> Result<(), SubmitError> {
        let mut tx = self.inner.store.begin().await?;
        submit::retry(&mut tx, &self.inner.connectors, sandbox, run, expected, self.inner.now()).await?;
        self.commit(tx, ()).await
    }

    /// See [`submit::verify`].
    ///
    /// # Errors
    /// As there.
    pub async fn submit_verify(&self, sandbox: &str, run: &str) -> Result<Submitted, SubmitError> {
        let mut tx = self.inner.store.begin().await?;
        let submitted = submit::verify(&mut tx, sandbox, run, self.inner.now()).await?;
        self.commit(tx, submitted).await
    }

    /// See [`submit::cancel`]. A run that is carried out here is told at once, one elsewhere with its next sign of life.
    ///
    /// # Errors
    /// As there.
    pub async fn cancel(&self, sandbox: &str, run: &str, by: &str, expected: Expected) -> Result<(), SubmitError> {
        let mut tx = self.inner.store.begin().await?;
        let reason = format!("cancelled by {by}");
        submit::cancel(&mut tx, sandbox, run, by, &reason, expected, self.inner.now()).await?;
        self.commit(tx, ()).await?;
        self.stop(jobs::RUN, run);
        Ok(())
    }

    fn stop(&self, kind: &str, subject: &str) {
        if let Some(watch) = self.inner.live.find(kind, subject) {
            watch.stop(Stop::Cancelled);
        }
    }

    async fn commit<T>(&self, tx: Tx, answer: T) -> Result<T, SubmitError> {
        tx.commit().await?;
        self.wake();
        Ok(answer)
    }
}
