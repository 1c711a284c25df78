//! What is remembered of each segment of each flow between its runs.
//!
//! The evaluation that was delivered last is what the next incremental run starts from. Only the worker that holds a
//! run's lease moves it, in the transaction that finishes the run: [`FencedTx::advance`]. The slot handled last is
//! moved by schedulers, of which there may be several; one of them wins each slot.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::artifacts::Artifact;
use crate::documents::Noun as _;
use crate::error::StoreError;
use crate::nouns::Segment;
use crate::sql::{Columns as _, args, count_of};
use crate::tx::{FencedTx, Reader, Tx};

/// The state of one segment of one flow.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowState {
    /// The flow.
    pub flow_id: String,
    /// The segment.
    pub segment_id: String,
    /// The sandbox of both.
    pub sandbox: String,
    /// The latest scheduled time for which a run was made or decided against.
    pub last_slot: Option<DateTime<Utc>>,
    /// The evaluation whose membership was delivered last; none before the first delivery.
    pub delivered_evaluation: Option<String>,
    /// The run that delivered it.
    pub delivered_run: Option<String>,
    /// When that was recorded.
    pub delivered_at: Option<DateTime<Utc>>,
    /// Slots up to this time are not due: the flow was enabled, or the segment activated, then.
    pub enabled_since: Option<DateTime<Utc>>,
    /// Deliveries so far.
    pub sequence: i64,
    /// Whatever the server wants to remember beside it.
    pub notes: Value,
}

const COLUMNS: &str = "flow_id, segment_id, sandbox, last_slot, delivered_evaluation, delivered_run, delivered_at, \
                       enabled_since, sequence, notes";

fn state_of(row: &AnyRow) -> Result<FlowState, StoreError> {
    Ok(FlowState {
        flow_id: row.text(0)?,
        segment_id: row.text(1)?,
        sandbox: row.text(2)?,
        last_slot: row.time_or_null(3)?,
        delivered_evaluation: row.text_or_null(4)?,
        delivered_run: row.text_or_null(5)?,
        delivered_at: row.time_or_null(6)?,
        enabled_since: row.time_or_null(7)?,
        sequence: row.int(8)?,
        notes: row.json(9)?,
    })
}

impl Reader {
    /// How many segments the flows of a sandbox export that are not disabled, each as often as flows export it.
    ///
    /// # Errors
    /// As of the database.
    pub async fn activated_segments(&mut self, sandbox: &str) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM flow_link l JOIN flow f ON f.id = l.flow_id \
                   WHERE l.noun = $1 AND f.sandbox = $2 AND COALESCE(f.state, '') <> 'disabled'";
        let row = self.row(sql, args![Segment::TABLE, sandbox]).await?;
        row.map_or(Ok(0), |row| Ok(count_of(row.int(0)?)))
    }

    /// The state of a flow's segment; none before anything was remembered of it.
    ///
    /// # Errors
    /// As of the database.
    pub async fn flow_state(&mut self, flow_id: &str, segment_id: &str) -> Result<Option<FlowState>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM flow_state WHERE flow_id = $1 AND segment_id = $2");
        self.row(sql, args![flow_id, segment_id]).await?.as_ref().map(state_of).transpose()
    }

    /// The states of all segments of a flow.
    ///
    /// # Errors
    /// As of the database.
    pub async fn flow_states(&mut self, flow_id: &str) -> Result<Vec<FlowState>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM flow_state WHERE flow_id = $1 ORDER BY segment_id");
        self.rows(sql, args![flow_id]).await?.iter().map(state_of).collect()
    }

    /// The states of all flows of a sandbox.
    ///
    /// # Errors
    /// As of the database.
    pub async fn flow_states_of(&mut self, sandbox: &str) -> Result<Vec<FlowState>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM flow_state WHERE sandbox = $1 ORDER BY flow_id, segment_id");
        self.rows(sql, args![sandbox]).await?.iter().map(state_of).collect()
    }

    /// The states of all flows of all sandboxes: what a scheduler looks at.
    ///
    /// # Errors
    /// As of the database.
    pub async fn all_flow_states(&mut self) -> Result<Vec<FlowState>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM flow_state ORDER BY flow_id, segment_id");
        self.rows(sql, Vec::new()).await?.iter().map(state_of).collect()
    }
}

impl Tx {
    /// Takes a slot. True when this call took it; false when it, or a later one, was taken before.
    ///
    /// # Errors
    /// As of the database.
    pub async fn mark_slot(
        &mut self,
        sandbox: &str,
        flow_id: &str,
        segment_id: &str,
        slot: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.remember(sandbox, flow_id, segment_id).await?;
        let sql = "UPDATE flow_state SET last_slot = $3 \
                   WHERE flow_id = $1 AND segment_id = $2 AND (last_slot IS NULL OR last_slot < $3)";
        Ok(self.execute(sql, args![flow_id, segment_id, slot]).await? > 0)
    }

    /// Sets the time before which slots are not due.
    ///
    /// # Errors
    /// As of the database.
    pub async fn set_enabled_since(
        &mut self,
        sandbox: &str,
        flow_id: &str,
        segment_id: &str,
        since: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.remember(sandbox, flow_id, segment_id).await?;
        let sql = "UPDATE flow_state SET enabled_since = $3 WHERE flow_id = $1 AND segment_id = $2";
        self.execute(sql, args![flow_id, segment_id, since]).await.map(drop)
    }

    /// Sets the notes.
    ///
    /// # Errors
    /// As of the database.
    pub async fn set_notes(
        &mut self,
        sandbox: &str,
        flow_id: &str,
        segment_id: &str,
        notes: &Value,
    ) -> Result<(), StoreError> {
        self.remember(sandbox, flow_id, segment_id).await?;
        let sql = "UPDATE flow_state SET notes = $3 WHERE flow_id = $1 AND segment_id = $2";
        self.execute(sql, args![flow_id, segment_id, notes]).await.map(drop)
    }

    /// Forgets what was delivered, so that the next run is a full one. That is always safe.
    ///
    /// # Errors
    /// As of the database.
    pub async fn forget_delivery(&mut self, flow_id: &str, segment_id: &str) -> Result<(), StoreError> {
        let sql = "UPDATE flow_state SET delivered_evaluation = NULL, delivered_run = NULL, delivered_at = NULL \
                   WHERE flow_id = $1 AND segment_id = $2";
        self.execute(sql, args![flow_id, segment_id]).await.map(drop)
    }

    /// Forgets everything of a segment that is not activated any more.
    ///
    /// # Errors
    /// As of the database.
    pub async fn delete_flow_state(&mut self, flow_id: &str, segment_id: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM flow_state WHERE flow_id = $1 AND segment_id = $2";
        self.execute(sql, args![flow_id, segment_id]).await.map(drop)
    }

    async fn remember(&mut self, sandbox: &str, flow_id: &str, segment_id: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO flow_state (flow_id, segment_id, sandbox, sequence, notes) \
                   VALUES ($1, $2, $3, 0, 'null') ON CONFLICT DO NOTHING";
        self.execute(sql, args![flow_id, segment_id, sandbox]).await.map(drop)
    }
}

impl FencedTx {
    /// Records that a run delivered the membership of an evaluation: the next incremental run starts from it.
    ///
    /// # Errors
    /// `NotFound` when the evaluation was not recorded; as of the database.
    pub async fn advance(
        &mut self,
        sandbox: &str,
        flow_id: &str,
        segment_id: &str,
        evaluation_id: &str,
        run_id: &str,
    ) -> Result<FlowState, StoreError> {
        self.hold_artifact(Artifact::Evaluation, sandbox, evaluation_id).await?;
        self.remember(sandbox, flow_id, segment_id).await?;
        let now = self.store.now();
        let sql = format!(
            "UPDATE flow_state SET delivered_evaluation = $3, delivered_run = $4, delivered_at = $5, \
             sequence = sequence + 1 WHERE flow_id = $1 AND segment_id = $2 RETURNING {COLUMNS}"
        );
        let row = self.changed(sql, args![flow_id, segment_id, evaluation_id, run_id, now]).await?;
        row.as_ref().map(state_of).transpose()?.ok_or_else(|| StoreError::internal("a flow state vanished"))
    }
}
