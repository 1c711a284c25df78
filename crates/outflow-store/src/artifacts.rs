//! What lies on disk: versions of datasets, snapshots, evaluations. A row names each by its content, says where it is,
//! and whether anything still refers to it.
//!
//! Whoever is going to refer to an artifact locks its row first, and so does whoever deletes it: what is referred to is
//! there.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::documents::{Document, Scope};
use crate::error::StoreError;
use crate::nouns::Dataset;
use crate::sql::{Arg, Columns as _, args, count_arg, token};
use crate::tx::{Reader, Tx};

/// A kind of artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Artifact {
    /// A dataset's records, normalised.
    DatasetVersion,
    /// The profiles of a sandbox, merged.
    Snapshot,
    /// The membership of segments.
    Evaluation,
}

impl Artifact {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Artifact::DatasetVersion => "datasetVersion",
            Artifact::Snapshot => "snapshot",
            Artifact::Evaluation => "evaluation",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Artifact::DatasetVersion => "dataset version",
            Artifact::Snapshot => "snapshot",
            Artifact::Evaluation => "evaluation",
        }
    }

    fn parse(text: &str) -> Option<Artifact> {
        [Artifact::DatasetVersion, Artifact::Snapshot, Artifact::Evaluation].into_iter().find(|a| a.as_str() == text)
    }
}

/// An artifact to be recorded.
#[derive(Clone, Debug)]
pub struct NewArtifact<'a> {
    /// What it is.
    pub kind: Artifact,
    /// Whose.
    pub sandbox: &'a str,
    /// The name of its content.
    pub id: &'a str,
    /// The dataset of a dataset version, else empty.
    pub subject: &'a str,
    /// The snapshot of an evaluation.
    pub parent: Option<&'a str>,
    /// Where it is, absolute.
    pub path: &'a str,
    /// What is to be known of it without opening it.
    pub body: Value,
}

/// An artifact.
#[derive(Clone, Debug, PartialEq)]
pub struct ArtifactRow {
    /// What it is.
    pub kind: Artifact,
    /// Whose.
    pub sandbox: String,
    /// The name of its content.
    pub id: String,
    /// The dataset of a dataset version, else empty.
    pub subject: String,
    /// The snapshot of an evaluation.
    pub parent: Option<String>,
    /// Where it is, absolute.
    pub path: String,
    /// What is to be known of it without opening it.
    pub body: Value,
    /// When it was recorded first.
    pub created_at: DateTime<Utc>,
    /// Whether it counts now for a dataset, a sandbox or a segment, was delivered last for a flow, is needed for what a
    /// streaming flow tells next, is planned for a run
    /// that lives, or belongs to a job; a snapshot also while an evaluation of it is there. What a failed run may be tried
    /// again with is not counted: how long that is kept is for who asks to say.
    pub referenced: bool,
}

/// Whether anything refers to the row `a`. What a job leaves behind for a flow or segment that was deleted meanwhile
/// does not count.
const REFERENCED: &str = "CASE WHEN \
    EXISTS (SELECT 1 FROM current_artifact c WHERE c.kind = a.kind AND c.sandbox = a.sandbox AND c.artifact_id = a.id \
            AND (a.subject = '' OR c.subject = a.subject) \
            AND (c.subject = '' OR EXISTS (SELECT 1 FROM dataset d WHERE d.id = c.subject) \
                 OR EXISTS (SELECT 1 FROM segment s WHERE s.id = c.subject))) \
    OR EXISTS (SELECT 1 FROM artifact_pin p JOIN job j ON j.id = p.job_id \
               WHERE p.kind = a.kind AND p.sandbox = a.sandbox AND p.artifact_id = a.id) \
    OR (a.kind = 'evaluation' AND EXISTS \
        (SELECT 1 FROM flow_state f JOIN flow w ON w.id = f.flow_id \
         WHERE f.delivered_evaluation = a.id AND f.sandbox = a.sandbox)) \
    OR (a.kind = 'evaluation' AND EXISTS \
        (SELECT 1 FROM stream_evaluation s JOIN flow w ON w.id = s.flow_id \
         WHERE s.evaluation_id = a.id AND s.sandbox = a.sandbox)) \
    OR (a.kind = 'evaluation' AND EXISTS \
        (SELECT 1 FROM run r WHERE r.evaluation_id = a.id AND r.sandbox = a.sandbox AND r.live = 1)) \
    OR (a.kind = 'snapshot' AND EXISTS \
        (SELECT 1 FROM artifact e WHERE e.kind = 'evaluation' AND e.sandbox = a.sandbox AND e.parent = a.id)) \
    THEN 1 ELSE 0 END";

const COLUMNS: &str = "a.kind, a.sandbox, a.id, a.subject, a.parent, a.path, a.body, a.created_at";

fn artifact_of(row: &AnyRow) -> Result<ArtifactRow, StoreError> {
    let kind = Artifact::parse(&row.text(0)?).ok_or_else(|| StoreError::internal("an unknown kind of artifact"))?;
    Ok(ArtifactRow {
        kind,
        sandbox: row.text(1)?,
        id: row.text(2)?,
        subject: row.text(3)?,
        parent: row.text_or_null(4)?,
        path: row.text(5)?,
        body: row.json(6)?,
        created_at: row.time(7)?,
        referenced: row.flag(8)?,
    })
}

impl Reader {
    async fn artifact_rows(&mut self, rest: &str, args: Vec<Arg>) -> Result<Vec<ArtifactRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS}, {REFERENCED} FROM artifact a {rest}");
        self.rows(sql, args).await?.iter().map(artifact_of).collect()
    }

    /// An artifact. Of a dataset version that several datasets share, the first.
    ///
    /// # Errors
    /// As of the database.
    pub async fn artifact(
        &mut self,
        kind: Artifact,
        sandbox: &str,
        id: &str,
    ) -> Result<Option<ArtifactRow>, StoreError> {
        let rest = "WHERE a.kind = $1 AND a.sandbox = $2 AND a.id = $3 ORDER BY a.created_at, a.subject LIMIT 1";
        Ok(self.artifact_rows(rest, args![kind.as_str(), sandbox, id]).await?.pop())
    }

    /// Up to `limit` artifacts of a kind, newest first, and where to go on. With a `subject`, those of one dataset.
    ///
    /// # Errors
    /// `Invalid` for an `after` that no such call gave; as of the database.
    pub async fn artifacts(
        &mut self,
        kind: Artifact,
        scope: Scope<'_>,
        subject: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<ArtifactRow>, Option<String>), StoreError> {
        let mut args = args![kind.as_str()];
        let mut rest = "WHERE a.kind = $1".to_owned();
        if let Scope::Sandbox(sandbox) = scope {
            args.push(sandbox.into());
            rest.push_str(&format!(" AND a.sandbox = ${}", args.len()));
        }
        if let Some(subject) = subject {
            args.push(subject.into());
            rest.push_str(&format!(" AND a.subject = ${}", args.len()));
        }
        if let Some(token) = after {
            let place =
                token::decode(token).and_then(|text| serde_json::from_str::<(i64, String, String, String)>(&text).ok());
            let Some((micros, id, sandbox, subject)) = place else {
                return Err(StoreError::invalid("continuationToken", "is not one that this list gave"));
            };
            let n = args.len();
            let row = "(a.created_at, a.id, a.sandbox, a.subject)";
            rest.push_str(&format!(" AND {row} < (${}, ${}, ${}, ${})", n + 1, n + 2, n + 3, n + 4));
            args.extend(args![micros, id, sandbox, subject]);
        }
        let order = "a.created_at DESC, a.id DESC, a.sandbox DESC, a.subject DESC";
        rest.push_str(&format!(" ORDER BY {order} LIMIT ${}", args.len() + 1));
        args.push(count_arg(limit as u64 + 1).into());
        let mut rows = self.artifact_rows(&rest, args).await?;
        let is_last = rows.len() <= limit;
        rows.truncate(limit);
        let place = |a: &ArtifactRow| serde_json::json!([a.created_at.timestamp_micros(), a.id, a.sandbox, a.subject]);
        let next = rows.last().filter(|_| !is_last).map(|last| token::encode(&place(last).to_string()));
        Ok((rows, next))
    }

    /// The version of a dataset that counts.
    ///
    /// # Errors
    /// As of the database.
    pub async fn current_version(
        &mut self,
        sandbox: &str,
        dataset_id: &str,
    ) -> Result<Option<ArtifactRow>, StoreError> {
        self.current(Artifact::DatasetVersion, sandbox, dataset_id).await
    }

    /// The snapshot of a sandbox that counts.
    ///
    /// # Errors
    /// As of the database.
    pub async fn current_snapshot(&mut self, sandbox: &str) -> Result<Option<ArtifactRow>, StoreError> {
        self.current(Artifact::Snapshot, sandbox, "").await
    }

    /// What was kept of the records that a snapshot was merged of ([`Tx::put_snapshot_records`]).
    ///
    /// # Errors
    /// As of the database.
    pub async fn snapshot_records(&mut self, sandbox: &str, snapshot_id: &str) -> Result<Option<Value>, StoreError> {
        let sql = "SELECT records FROM snapshot_records WHERE sandbox = $1 AND snapshot_id = $2";
        self.row(sql, args![sandbox, snapshot_id]).await?.map(|row| row.json(0)).transpose()
    }

    async fn current(
        &mut self,
        kind: Artifact,
        sandbox: &str,
        subject: &str,
    ) -> Result<Option<ArtifactRow>, StoreError> {
        let rest = "JOIN current_artifact c ON c.kind = a.kind AND c.sandbox = a.sandbox AND c.artifact_id = a.id \
                    WHERE c.kind = $1 AND c.sandbox = $2 AND c.subject = $3 AND a.subject = $3";
        Ok(self.artifact_rows(rest, args![kind.as_str(), sandbox, subject]).await?.pop())
    }

    /// The datasets of a sandbox in the order in which they were attached, each with the version that counts.
    ///
    /// # Errors
    /// As of the database.
    pub async fn current_versions(
        &mut self,
        sandbox: &str,
    ) -> Result<Vec<(Arc<Document>, Option<ArtifactRow>)>, StoreError> {
        let datasets = self.all::<Dataset>(Scope::Sandbox(sandbox), Vec::new()).await?;
        let rest = "JOIN current_artifact c ON c.kind = a.kind AND c.sandbox = a.sandbox AND c.artifact_id = a.id \
                    AND c.subject = a.subject WHERE c.kind = $1 AND c.sandbox = $2";
        let versions = self.artifact_rows(rest, args![Artifact::DatasetVersion.as_str(), sandbox]).await?;
        let mut versions: HashMap<String, ArtifactRow> = versions.into_iter().map(|a| (a.subject.clone(), a)).collect();
        let pairs = datasets.into_iter().map(|dataset| {
            let version = versions.remove(&dataset.id);
            (dataset, version)
        });
        Ok(pairs.collect())
    }

    /// The sandboxes that hold anything.
    ///
    /// # Errors
    /// As of the database.
    pub async fn sandboxes(&mut self) -> Result<Vec<String>, StoreError> {
        let tables = ["dataset", "segment", "flow", "connection", "schedule_config", "artifact"];
        let union = tables.map(|table| format!("SELECT sandbox FROM {table}")).join(" UNION ");
        self.rows(format!("{union} ORDER BY sandbox"), Vec::new()).await?.iter().map(|row| row.text(0)).collect()
    }
}

impl Tx {
    /// Records an artifact. Recording the same again keeps the time of the first.
    ///
    /// # Errors
    /// As of the database.
    pub async fn put_artifact(&mut self, new: NewArtifact<'_>) -> Result<(), StoreError> {
        let now = self.store.stamp();
        let sql = "INSERT INTO artifact (kind, sandbox, subject, id, parent, path, body, created_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (kind, sandbox, subject, id) \
                   DO UPDATE SET parent = excluded.parent, path = excluded.path, body = excluded.body";
        let kind = new.kind.as_str();
        let args = args![kind, new.sandbox, new.subject, new.id, new.parent, new.path, &new.body, now];
        self.execute(sql, args).await.map(drop)
    }

    /// Keeps what is to be known of the records that a snapshot was merged of, until it is forgotten. It is not in the
    /// snapshot's body, which is read with every list.
    ///
    /// # Errors
    /// As of the database.
    pub async fn put_snapshot_records(
        &mut self,
        sandbox: &str,
        snapshot_id: &str,
        records: &Value,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO snapshot_records (sandbox, snapshot_id, records) VALUES ($1, $2, $3) \
                   ON CONFLICT (sandbox, snapshot_id) DO UPDATE SET records = excluded.records";
        self.execute(sql, args![sandbox, snapshot_id, records]).await.map(drop)
    }

    /// Makes a version the one that counts for its dataset.
    ///
    /// # Errors
    /// `NotFound` when the version was not recorded for the dataset; as of the database.
    pub async fn set_current_version(
        &mut self,
        sandbox: &str,
        dataset_id: &str,
        version_id: &str,
    ) -> Result<(), StoreError> {
        self.set_current(Artifact::DatasetVersion, sandbox, dataset_id, version_id).await
    }

    /// Makes a snapshot the one that counts for its sandbox.
    ///
    /// # Errors
    /// `NotFound` when it was not recorded; as of the database.
    pub async fn set_current_snapshot(&mut self, sandbox: &str, snapshot_id: &str) -> Result<(), StoreError> {
        self.set_current(Artifact::Snapshot, sandbox, "", snapshot_id).await
    }

    /// No snapshot counts for the sandbox any more: its last dataset was detached.
    ///
    /// # Errors
    /// As of the database.
    pub async fn clear_current_snapshot(&mut self, sandbox: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM current_artifact WHERE kind = $1 AND sandbox = $2 AND subject = ''";
        self.execute(sql, args![Artifact::Snapshot.as_str(), sandbox]).await.map(drop)
    }

    async fn set_current(&mut self, kind: Artifact, sandbox: &str, subject: &str, id: &str) -> Result<(), StoreError> {
        self.hold_artifact(kind, sandbox, id).await?;
        let recorded = "SELECT id FROM artifact WHERE kind = $1 AND sandbox = $2 AND subject = $3 AND id = $4";
        if self.row(recorded, args![kind.as_str(), sandbox, subject, id]).await?.is_none() {
            return Err(StoreError::NotFound { noun: kind.title(), id: id.to_owned() });
        }
        let now = self.store.now();
        let sql = "INSERT INTO current_artifact (kind, subject, sandbox, artifact_id, updated_at) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (kind, sandbox, subject) \
                   DO UPDATE SET artifact_id = excluded.artifact_id, updated_at = excluded.updated_at";
        self.execute(sql, args![kind.as_str(), subject, sandbox, id, now]).await.map(drop)
    }

    /// Keeps an artifact from being deleted until this transaction ends.
    ///
    /// # Errors
    /// `NotFound` when it is not there; as of the database.
    pub(crate) async fn hold_artifact(&mut self, kind: Artifact, sandbox: &str, id: &str) -> Result<(), StoreError> {
        let lock = self.dialect().for_share();
        let sql = format!("SELECT id FROM artifact WHERE kind = $1 AND sandbox = $2 AND id = $3{lock}");
        match self.rows(sql, args![kind.as_str(), sandbox, id]).await?.is_empty() {
            true => Err(StoreError::NotFound { noun: kind.title(), id: id.to_owned() }),
            false => Ok(()),
        }
    }

    /// Forgets an artifact, if nothing refers to it. Only then may what lies on disk be removed, and of that only what
    /// no other artifact names.
    ///
    /// # Errors
    /// As of the database.
    pub async fn delete_artifact(
        &mut self,
        kind: Artifact,
        sandbox: &str,
        subject: &str,
        id: &str,
    ) -> Result<bool, StoreError> {
        let this = "kind = $1 AND sandbox = $2 AND subject = $3 AND id = $4";
        let lock = self.dialect().for_update();
        let args = args![kind.as_str(), sandbox, subject, id];
        self.rows(format!("SELECT id FROM artifact WHERE {this}{lock}"), args.clone()).await?;
        // A statement of its own, so that it sees what was committed while the lock was waited for.
        let this_a = "WHERE a.kind = $1 AND a.sandbox = $2 AND a.subject = $3 AND a.id = $4";
        let found = self.artifact_rows(this_a, args.clone()).await?;
        if found.first().is_none_or(|artifact| artifact.referenced) {
            return Ok(false);
        }
        if kind == Artifact::Snapshot {
            let sql = "DELETE FROM snapshot_records WHERE sandbox = $1 AND snapshot_id = $2";
            self.execute(sql, args![sandbox, id]).await?;
        }
        self.execute(format!("DELETE FROM artifact WHERE {this}"), args).await.map(|deleted| deleted > 0)
    }
}
