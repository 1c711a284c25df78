//! Which evaluation counts for a segment, and how many profiles each one gave.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::artifacts::Artifact;
use crate::error::StoreError;
use crate::sql::{Columns as _, IN_LIST_MAX, args, count_arg, count_of, in_list};
use crate::tx::{Reader, Tx};

/// What an evaluation gave for a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentCounts {
    /// The evaluation's time: the clock of its rules, read when it began.
    pub time: DateTime<Utc>,
    /// When it had ended.
    pub ended: DateTime<Utc>,
    /// Profiles that entered with it.
    pub realized: u64,
    /// Profiles that were members before.
    pub existing: u64,
    /// Profiles that are members no more.
    pub exited: u64,
    /// The version of the segment that was evaluated.
    pub segment_version: i64,
}

/// An evaluation of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentEvaluation {
    /// The segment.
    pub segment_id: String,
    /// The evaluation.
    pub evaluation_id: String,
    /// What it gave.
    pub counts: SegmentCounts,
}

/// Rows that one statement inserts.
const ROWS_MAX: usize = 128;

const COLUMNS: &str =
    "s.segment_id, s.evaluation_id, s.evaluated_at, s.realized, s.existing, s.exited, s.segment_version, s.ended_at";

/// Joins the counts of the evaluation that counts.
const CURRENT: &str = "segment_count s JOIN current_artifact c ON c.kind = 'evaluation' AND c.sandbox = s.sandbox \
                       AND c.subject = s.segment_id AND c.artifact_id = s.evaluation_id";

fn evaluation_of(row: &AnyRow) -> Result<SegmentEvaluation, StoreError> {
    let time = row.time(2)?;
    let counts = SegmentCounts {
        time,
        // A server of a release that did not know ends writes none.
        ended: row.time(7)?.max(time),
        realized: count_of(row.int(3)?),
        existing: count_of(row.int(4)?),
        exited: count_of(row.int(5)?),
        segment_version: row.int(6)?,
    };
    Ok(SegmentEvaluation { segment_id: row.text(0)?, evaluation_id: row.text(1)?, counts })
}

/// The marks of `rows` rows of `columns` arguments: `($1, $2), ($3, $4)`.
fn value_lists(rows: usize, columns: usize) -> String {
    let list = |row: usize| {
        let marks: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", marks.join(", "))
    };
    (0..rows).map(list).collect::<Vec<_>>().join(", ")
}

impl Reader {
    /// The evaluation that counts for a segment; none before the first.
    ///
    /// # Errors
    /// As of the database.
    pub async fn segment_evaluation(&mut self, segment_id: &str) -> Result<Option<SegmentEvaluation>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM {CURRENT} WHERE s.segment_id = $1");
        self.row(sql, args![segment_id]).await?.as_ref().map(evaluation_of).transpose()
    }

    /// The evaluations that count for some segments, of those that have one.
    ///
    /// # Errors
    /// As of the database.
    pub async fn segment_evaluations_for(
        &mut self,
        segment_ids: &[String],
    ) -> Result<Vec<SegmentEvaluation>, StoreError> {
        let mut found = Vec::with_capacity(segment_ids.len());
        for chunk in segment_ids.chunks(IN_LIST_MAX) {
            let (list, args) = in_list(1, chunk);
            let sql = format!("SELECT {COLUMNS} FROM {CURRENT} WHERE s.segment_id IN {list}");
            for row in self.rows(sql, args).await? {
                found.push(evaluation_of(&row)?);
            }
        }
        Ok(found)
    }

    /// The evaluations that count for the segments of a sandbox.
    ///
    /// # Errors
    /// As of the database.
    pub async fn segment_evaluations(&mut self, sandbox: &str) -> Result<Vec<SegmentEvaluation>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM {CURRENT} WHERE s.sandbox = $1 ORDER BY s.segment_id");
        self.rows(sql, args![sandbox]).await?.iter().map(evaluation_of).collect()
    }

    /// The evaluations of a segment, newest first, `limit` at most.
    ///
    /// # Errors
    /// As of the database.
    pub async fn segment_history(
        &mut self,
        segment_id: &str,
        limit: usize,
    ) -> Result<Vec<SegmentEvaluation>, StoreError> {
        let order = "ORDER BY s.evaluated_at DESC, s.evaluation_id DESC LIMIT $2";
        let sql = format!("SELECT {COLUMNS} FROM segment_count s WHERE s.segment_id = $1 {order}");
        self.rows(sql, args![segment_id, count_arg(limit as u64)]).await?.iter().map(evaluation_of).collect()
    }

    /// What an evaluation gave for a segment, as long as that is kept.
    ///
    /// # Errors
    /// As of the database.
    pub async fn segment_counts_of(
        &mut self,
        segment_id: &str,
        evaluation_id: &str,
    ) -> Result<Option<SegmentCounts>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM segment_count s WHERE s.segment_id = $1 AND s.evaluation_id = $2");
        let row = self.row(sql, args![segment_id, evaluation_id]).await?;
        Ok(row.as_ref().map(evaluation_of).transpose()?.map(|of| of.counts))
    }

    /// The expression of a version of a segment that was evaluated; none where a release that kept none evaluated it.
    ///
    /// # Errors
    /// As of the database.
    pub async fn segment_rule(&mut self, segment_id: &str, version: i64) -> Result<Option<Value>, StoreError> {
        let sql = "SELECT expression FROM segment_rule WHERE segment_id = $1 AND version = $2";
        self.row(sql, args![segment_id, version]).await?.map(|row| row.json(0)).transpose()
    }
}

impl Tx {
    /// Keeps the expressions of segments, by the versions that were evaluated, as long as the segments are there.
    ///
    /// # Errors
    /// As of the database.
    pub async fn keep_segment_rules(&mut self, sandbox: &str, rules: &[(&str, i64, &Value)]) -> Result<(), StoreError> {
        let mut rules: Vec<&(&str, i64, &Value)> = rules.iter().collect();
        rules.sort_by_key(|(segment, version, _)| (*segment, *version));
        for chunk in rules.chunks(ROWS_MAX) {
            let args = chunk.iter().flat_map(|(segment, version, rule)| args![*segment, *version, sandbox, *rule]);
            let values = value_lists(chunk.len(), 4);
            let sql = format!(
                "INSERT INTO segment_rule (segment_id, version, sandbox, expression) VALUES {values} \
                 ON CONFLICT DO NOTHING"
            );
            self.execute(sql, args.collect()).await?;
        }
        Ok(())
    }

    /// Records what an evaluation gave for segments, each at most once, and makes it the one that counts for those of
    /// them for which no later one does. Answers for how many it counts now.
    ///
    /// # Errors
    /// `NotFound` when the evaluation was not recorded; as of the database.
    pub async fn set_segment_evaluations(
        &mut self,
        sandbox: &str,
        evaluation_id: &str,
        counts: &[(&str, SegmentCounts)],
    ) -> Result<u64, StoreError> {
        self.hold_artifact(Artifact::Evaluation, sandbox, evaluation_id).await?;
        // Whoever writes the same rows meanwhile takes them in the same order.
        let mut counts: Vec<&(&str, SegmentCounts)> = counts.iter().collect();
        counts.sort_by_key(|(segment, _)| *segment);
        let mut current = 0;
        for chunk in counts.chunks(ROWS_MAX) {
            let mut args = Vec::new();
            for (segment, counts) in chunk {
                let [realized, existing, exited] = [counts.realized, counts.existing, counts.exited].map(count_arg);
                args.extend(args![*segment, evaluation_id, sandbox, counts.time]);
                args.extend(args![realized, existing, exited, counts.segment_version, counts.ended]);
            }
            let values = value_lists(chunk.len(), 9);
            let sql = format!(
                "INSERT INTO segment_count (segment_id, evaluation_id, sandbox, evaluated_at, realized, existing, exited, \
                 segment_version, ended_at) VALUES {values} ON CONFLICT DO NOTHING"
            );
            self.execute(sql, args).await?;
            let kind = Artifact::Evaluation.as_str();
            let each = chunk.iter().flat_map(|(id, of)| args![kind, *id, sandbox, evaluation_id, of.time]);
            let values = value_lists(chunk.len(), 5);
            let sql = format!(
                "INSERT INTO current_artifact (kind, subject, sandbox, artifact_id, updated_at) \
                 VALUES {values} ON CONFLICT (kind, sandbox, subject) \
                 DO UPDATE SET artifact_id = excluded.artifact_id, updated_at = excluded.updated_at \
                 WHERE current_artifact.updated_at <= excluded.updated_at"
            );
            current += self.execute(sql, each.collect()).await?;
        }
        Ok(current)
    }

    /// Forgets counts of evaluations before `before`, but for those that count now. `limit` rows at most; how many it
    /// was.
    ///
    /// # Errors
    /// As of the database.
    pub async fn trim_segment_history(&mut self, before: DateTime<Utc>, limit: usize) -> Result<u64, StoreError> {
        let current = "SELECT 1 FROM current_artifact c WHERE c.kind = 'evaluation' AND c.subject = s.segment_id \
                       AND c.artifact_id = s.evaluation_id";
        let old = format!(
            "SELECT s.segment_id, s.evaluation_id FROM segment_count s WHERE s.evaluated_at < $1 \
                           AND NOT EXISTS ({current}) LIMIT $2"
        );
        let sql = format!("DELETE FROM segment_count WHERE (segment_id, evaluation_id) IN ({old})");
        self.execute(sql, args![before, count_arg(limit as u64)]).await
    }
}
