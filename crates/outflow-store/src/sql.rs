//! Statements with their arguments, and rows with their columns, in the few types that both databases share.

use std::future::Future;
use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Connection as _, Row as _};

use crate::error::StoreError;

/// Ids in one `IN` list. Lists are filled up to a power of two, so that there are few different statements.
pub(crate) const IN_LIST_MAX: usize = 128;

/// Longest wait for an answer. PostgreSQL ends a statement after 30 s by itself; but nothing at all comes back over a
/// connection that a firewall has forgotten, or whose other end has lost its power.
const ANSWER_WAIT: Duration = Duration::from_secs(45);

/// Longest wait for a sign of life of a connection that is idle.
const PING_WAIT: Duration = Duration::from_secs(2);

/// One argument of a statement.
#[derive(Clone, Debug)]
pub(crate) enum Arg {
    Text(Option<String>),
    Int(Option<i64>),
}

impl From<&str> for Arg {
    fn from(text: &str) -> Arg {
        Arg::Text(Some(text.to_owned()))
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Arg {
        Arg::Text(Some(text))
    }
}

impl From<&String> for Arg {
    fn from(text: &String) -> Arg {
        Arg::Text(Some(text.clone()))
    }
}

impl From<Option<String>> for Arg {
    fn from(text: Option<String>) -> Arg {
        Arg::Text(text)
    }
}

impl From<Option<&str>> for Arg {
    fn from(text: Option<&str>) -> Arg {
        Arg::Text(text.map(str::to_owned))
    }
}

impl From<i64> for Arg {
    fn from(number: i64) -> Arg {
        Arg::Int(Some(number))
    }
}

impl From<DateTime<Utc>> for Arg {
    fn from(time: DateTime<Utc>) -> Arg {
        Arg::Int(Some(time.timestamp_micros()))
    }
}

impl From<Option<DateTime<Utc>>> for Arg {
    fn from(time: Option<DateTime<Utc>>) -> Arg {
        Arg::Int(time.map(|time| time.timestamp_micros()))
    }
}

impl From<&Value> for Arg {
    fn from(json: &Value) -> Arg {
        Arg::Text(Some(json.to_string()))
    }
}

/// The arguments of a statement, in the order of `$1`, `$2`, …
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::sql::Arg::from($value)),*] };
}
pub(crate) use args;

/// A statement: its text is ours, whatever comes from outside is an argument.
fn query(sql: String, args: Vec<Arg>) -> Query<'static, Any, AnyArguments> {
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for arg in args {
        query = match arg {
            Arg::Text(text) => query.bind(text),
            Arg::Int(number) => query.bind(number),
        };
    }
    query
}

/// What is asked of the database, as long as somebody may wait for it.
pub(crate) async fn answered<T>(asking: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    within(ANSWER_WAIT, asking).await
}

/// Whether a connection still leads somewhere.
pub(crate) async fn is_alive(conn: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    within(PING_WAIT, conn.ping()).await.map(|()| true)
}

/// Whether a connection that somebody has used can be used again. SQLite ends a transaction by itself where the disk is
/// full; the driver goes on taking it for open, fails to roll it back, and begins no other one on this connection.
pub(crate) async fn is_settled(conn: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    // Answered behind the rollback of a transaction that was dropped.
    conn.ping().await?;
    Ok(!conn.is_in_transaction())
}

async fn within<T>(wait: Duration, asking: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    let silent = || Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into()));
    tokio::time::timeout(wait, asking).await.unwrap_or_else(|_| silent())
}

/// Runs a statement and says how many rows it changed. The driver's own error, for who tells violations apart.
pub(crate) async fn execute_raw(
    conn: &mut AnyConnection,
    sql: impl Into<String>,
    args: Vec<Arg>,
) -> Result<u64, sqlx::Error> {
    answered(query(sql.into(), args).execute(conn)).await.map(|done| done.rows_affected())
}

/// Runs a statement and says how many rows it changed.
pub(crate) async fn execute(
    conn: &mut AnyConnection,
    sql: impl Into<String>,
    args: Vec<Arg>,
) -> Result<u64, StoreError> {
    Ok(execute_raw(conn, sql, args).await?)
}

/// The rows of a statement. The driver's own error, for who tells violations apart.
pub(crate) async fn rows_raw(
    conn: &mut AnyConnection,
    sql: impl Into<String>,
    args: Vec<Arg>,
) -> Result<Vec<AnyRow>, sqlx::Error> {
    answered(query(sql.into(), args).fetch_all(conn)).await
}

/// The rows of a statement.
pub(crate) async fn rows(
    conn: &mut AnyConnection,
    sql: impl Into<String>,
    args: Vec<Arg>,
) -> Result<Vec<AnyRow>, StoreError> {
    Ok(rows_raw(conn, sql, args).await?)
}

/// The first row of a statement. It is run to its end: one that changes rows must not be left half way.
pub(crate) async fn row(
    conn: &mut AnyConnection,
    sql: impl Into<String>,
    args: Vec<Arg>,
) -> Result<Option<AnyRow>, StoreError> {
    Ok(rows(conn, sql, args).await?.into_iter().next())
}

/// Runs statements of ours that have no arguments and whose rows do not matter.
pub(crate) async fn script(conn: &mut AnyConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.map(drop)
}

/// The columns of a row, by position.
pub(crate) trait Columns {
    fn text(&self, index: usize) -> Result<String, StoreError>;
    fn text_or_null(&self, index: usize) -> Result<Option<String>, StoreError>;
    fn int(&self, index: usize) -> Result<i64, StoreError>;
    fn int_or_null(&self, index: usize) -> Result<Option<i64>, StoreError>;

    fn flag(&self, index: usize) -> Result<bool, StoreError> {
        Ok(self.int(index)? != 0)
    }

    fn time(&self, index: usize) -> Result<DateTime<Utc>, StoreError> {
        time_of(self.int(index)?)
    }

    fn time_or_null(&self, index: usize) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.int_or_null(index)?.map(time_of).transpose()
    }

    fn json(&self, index: usize) -> Result<Value, StoreError> {
        json_of(&self.text(index)?)
    }

    fn json_or_null(&self, index: usize) -> Result<Option<Value>, StoreError> {
        self.text_or_null(index)?.as_deref().map(json_of).transpose()
    }
}

impl Columns for AnyRow {
    fn text(&self, index: usize) -> Result<String, StoreError> {
        Ok(self.try_get(index)?)
    }

    fn text_or_null(&self, index: usize) -> Result<Option<String>, StoreError> {
        Ok(self.try_get(index)?)
    }

    fn int(&self, index: usize) -> Result<i64, StoreError> {
        Ok(self.try_get(index)?)
    }

    fn int_or_null(&self, index: usize) -> Result<Option<i64>, StoreError> {
        Ok(self.try_get(index)?)
    }
}

/// The time of a number of microseconds.
pub(crate) fn time_of(micros: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| StoreError::internal("a time out of range"))
}

/// JSON that this crate has written.
pub(crate) fn json_of(text: &str) -> Result<Value, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::internal("stored JSON that cannot be read"))
}

/// A count as the database keeps it.
pub(crate) fn count_arg(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count from the database.
pub(crate) fn count_of(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// `($1, $2, …)` from `first`, for `values`, filled up with the last of them. `values` is not empty.
pub(crate) fn in_list<T: Clone + Into<Arg>>(first: usize, values: &[T]) -> (String, Vec<Arg>) {
    let length = values.len().next_power_of_two();
    let filled = values.iter().chain(std::iter::repeat(&values[values.len() - 1])).take(length);
    let marks: Vec<String> = (first..first + length).map(|n| format!("${n}")).collect();
    (format!("({})", marks.join(", ")), filled.cloned().map(Into::into).collect())
}

/// A token that stands for a place in a list, readable in URLs.
pub(crate) mod token {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    pub(crate) fn encode(text: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }

    pub(crate) fn decode(token: &str) -> Option<String> {
        String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(token).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_filled_up_to_a_power_of_two() {
        let values = ["a", "b", "c"].map(str::to_owned);
        let (marks, args) = in_list(2, &values);
        assert_eq!(marks, "($2, $3, $4, $5)");
        assert!(matches!(&args[3], Arg::Text(Some(text)) if text == "c"));
    }

    #[test]
    fn tokens_have_no_characters_that_a_url_would_change() {
        let token = token::encode("d:1767323045000000:ÿ?>~");
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{token}");
        assert_eq!(token::decode(&token).as_deref(), Some("d:1767323045000000:ÿ?>~"));
        assert_eq!(token::decode("not a token"), None);
    }
}
