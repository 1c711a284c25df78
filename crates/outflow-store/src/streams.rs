//! What is remembered of streaming flows: how far the far end has been told, and what people asked for.
//!
//! A stream's row is written by the worker that holds the lease of the flow's job, and by nobody else. It names the
//! folders on disk that count; a folder that no row names is nobody's. What others want is a request, a row of its own,
//! which the worker takes off in the transaction that does it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::artifacts::Artifact;
use crate::documents::{COLUMNS as DOCUMENT, Document, Kind, Noun as _};
use crate::error::StoreError;
use crate::nouns::{Flow, Run};
use crate::sql::{Columns as _, args};
use crate::tx::{FencedTx, Reader, Tx};

/// What is remembered of a streaming flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// The flow.
    pub flow_id: String,
    /// Its sandbox.
    pub sandbox: String,
    /// What its worker wants to remember.
    pub body: Value,
    /// When it was written last.
    pub updated_at: DateTime<Utc>,
}

/// Something that is asked of a streaming flow beside what its evaluations bring.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamRequest {
    /// Its id.
    pub id: String,
    /// The flow.
    pub flow_id: String,
    /// What is asked for.
    pub kind: String,
    /// Its particulars.
    pub body: Value,
    /// When it was asked.
    pub created_at: DateTime<Utc>,
}

const COLUMNS: &str = "flow_id, sandbox, body, updated_at";

const REQUEST: &str = "id, flow_id, kind, body, created_at";

fn stream_of(row: &AnyRow) -> Result<Stream, StoreError> {
    Ok(Stream { flow_id: row.text(0)?, sandbox: row.text(1)?, body: row.json(2)?, updated_at: row.time(3)? })
}

fn request_of(row: &AnyRow) -> Result<StreamRequest, StoreError> {
    let (id, flow_id, kind) = (row.text(0)?, row.text(1)?, row.text(2)?);
    Ok(StreamRequest { id, flow_id, kind, body: row.json(3)?, created_at: row.time(4)? })
}

impl Reader {
    /// What is remembered of a streaming flow; none before its first look.
    ///
    /// # Errors
    /// As of the database.
    pub async fn stream(&mut self, flow_id: &str) -> Result<Option<Stream>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM stream WHERE flow_id = $1");
        self.row(sql, args![flow_id]).await?.as_ref().map(stream_of).transpose()
    }

    /// What is remembered of all streaming flows of all sandboxes.
    ///
    /// # Errors
    /// As of the database.
    pub async fn all_streams(&mut self) -> Result<Vec<Stream>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM stream ORDER BY flow_id");
        self.rows(sql, Vec::new()).await?.iter().map(stream_of).collect()
    }

    /// What is asked of a streaming flow, oldest first.
    ///
    /// # Errors
    /// As of the database.
    pub async fn stream_requests(&mut self, flow_id: &str) -> Result<Vec<StreamRequest>, StoreError> {
        let sql = format!("SELECT {REQUEST} FROM stream_request WHERE flow_id = $1 ORDER BY created_at, id");
        self.rows(sql, args![flow_id]).await?.iter().map(request_of).collect()
    }

    /// What is asked of all streaming flows, oldest first.
    ///
    /// # Errors
    /// As of the database.
    pub async fn all_stream_requests(&mut self) -> Result<Vec<StreamRequest>, StoreError> {
        let sql = format!("SELECT {REQUEST} FROM stream_request ORDER BY created_at, id");
        self.rows(sql, Vec::new()).await?.iter().map(request_of).collect()
    }

    /// The run of a streaming flow of this kind that is queued or under way.
    ///
    /// # Errors
    /// As of the database.
    pub async fn live_run_of_stream(
        &mut self,
        flow_id: &str,
        kind: &str,
    ) -> Result<Option<std::sync::Arc<Document>>, StoreError> {
        let condition = "flow_id = $1 AND segment_id = '' AND kind = $2 AND live = 1";
        self.one(Kind::of::<Run>(), format!("SELECT {DOCUMENT} FROM run WHERE {condition}"), args![flow_id, kind]).await
    }
}

impl Tx {
    /// Asks something of a streaming flow. Answers the request's id.
    ///
    /// # Errors
    /// `NotFound` when the flow is not there; as of the database.
    pub async fn ask_stream(&mut self, flow_id: &str, kind: &str, body: &Value) -> Result<String, StoreError> {
        self.hold_flow(flow_id).await?;
        let (id, now) = (self.store.new_id()?, self.store.stamp());
        let sql = "INSERT INTO stream_request (id, flow_id, kind, body, created_at) VALUES ($1, $2, $3, $4, $5)";
        self.execute(sql, args![&id, flow_id, kind, body, now]).await?;
        Ok(id)
    }

    /// Takes a request off. False when it is not there any more.
    ///
    /// # Errors
    /// As of the database.
    pub async fn drop_stream_request(&mut self, id: &str) -> Result<bool, StoreError> {
        Ok(self.execute("DELETE FROM stream_request WHERE id = $1", args![id]).await? > 0)
    }

    /// Keeps a flow from being deleted until this transaction ends.
    async fn hold_flow(&mut self, flow_id: &str) -> Result<(), StoreError> {
        let sql = format!("SELECT id FROM flow WHERE id = $1{}", self.dialect().for_share());
        match self.row(sql, args![flow_id]).await? {
            Some(_) => Ok(()),
            None => Err(StoreError::NotFound { noun: Flow::TITLE, id: flow_id.to_owned() }),
        }
    }
}

impl FencedTx {
    /// Remembers `body` of a streaming flow. The artifacts of `evaluations` are kept, and those of no others for it.
    ///
    /// # Errors
    /// `NotFound` when the flow, or an evaluation that is new here, is not there any more; as of the database.
    pub async fn put_stream(
        &mut self,
        sandbox: &str,
        flow_id: &str,
        body: &Value,
        evaluations: &[String],
    ) -> Result<(), StoreError> {
        self.hold_flow(flow_id).await?;
        let now = self.store.now();
        let sql = "INSERT INTO stream (flow_id, sandbox, body, updated_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (flow_id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at";
        self.execute(sql, args![flow_id, sandbox, body, now]).await?;
        let held = "SELECT evaluation_id FROM stream_evaluation WHERE flow_id = $1";
        let held = self.rows(held, args![flow_id]).await?;
        let held: Vec<String> = held.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
        for id in held.iter().filter(|id| !evaluations.contains(id)) {
            let sql = "DELETE FROM stream_evaluation WHERE flow_id = $1 AND evaluation_id = $2";
            self.execute(sql, args![flow_id, id]).await?;
        }
        for id in evaluations.iter().filter(|id| !held.contains(id)) {
            self.hold_artifact(Artifact::Evaluation, sandbox, id).await?;
            let sql = "INSERT INTO stream_evaluation (flow_id, evaluation_id, sandbox) VALUES ($1, $2, $3) \
                       ON CONFLICT DO NOTHING";
            self.execute(sql, args![flow_id, id, sandbox]).await?;
        }
        Ok(())
    }
}
