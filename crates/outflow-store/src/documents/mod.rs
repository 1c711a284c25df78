//! Documents: what the API's nouns have in common.
//!
//! A document is a body, kept as it was sent, and what every noun has beside it. Its version counts its changes and is
//! its entity tag. Columns that queries need are projections of the body, made here on every write, so that a body and
//! its columns never disagree.

mod cache;
mod chronicle;
mod list;
mod read;
mod write;

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use outflow_model::property::Filters;
use serde_json::Value;
use sqlx::any::AnyRow;

pub(crate) use cache::Cache;
pub use list::position_behind;

use crate::error::StoreError;
use crate::sql::Columns as _;

/// One document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// A UUID, unless the caller gave another.
    pub id: String,
    /// The sandbox it belongs to.
    pub sandbox: String,
    /// Its name.
    pub name: String,
    /// What was sent, without its secrets.
    pub body: Value,
    /// 1, then one more for each change.
    pub version: i64,
    /// When it was made. No two documents of a process have the same time.
    pub created_at: DateTime<Utc>,
    /// The client that made it.
    pub created_by: String,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// The client that changed it last.
    pub updated_by: String,
    /// What the server has to tell of it: progress, outcomes. Null where there is nothing. It is no part of the
    /// version.
    pub details: Value,
    /// Counts every change, those of the details too.
    pub(crate) revision: i64,
}

/// The members that [`Document::shown`] adds to the body, or puts in the place of the body's.
const SHOWN_BESIDE_BODY: [&str; 9] =
    ["id", "name", "sandboxName", "version", "etag", "createdAt", "createdBy", "updatedAt", "updatedBy"];

/// The entity tag of a version, quotes included.
pub(crate) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

impl Document {
    /// Its entity tag, quotes included: `"3"`.
    pub fn etag(&self) -> String {
        etag(self.version)
    }

    /// The body with `id`, `name`, `sandboxName`, `version`, `etag`, `createdAt`, `createdBy`, `updatedAt` and
    /// `updatedBy`; times are RFC 3339. Members of the details that the body lacks are there too.
    pub fn shown(&self) -> Value {
        let mut shown = self.body.as_object().cloned().unwrap_or_default();
        for (member, value) in self.details.as_object().into_iter().flatten() {
            shown.entry(member.as_str()).or_insert_with(|| value.clone());
        }
        let mut put = |member: &str, value: Value| drop(shown.insert(member.to_owned(), value));
        put("id", Value::from(self.id.as_str()));
        put("name", Value::from(self.name.as_str()));
        put("sandboxName", Value::from(self.sandbox.as_str()));
        put("version", Value::from(self.version));
        put("etag", Value::from(self.etag()));
        put("createdAt", Value::from(self.created_at.to_rfc3339_opts(SecondsFormat::Millis, true)));
        put("createdBy", Value::from(self.created_by.as_str()));
        put("updatedAt", Value::from(self.updated_at.to_rfc3339_opts(SecondsFormat::Millis, true)));
        put("updatedBy", Value::from(self.updated_by.as_str()));
        Value::Object(shown)
    }
}

/// The columns that a [`Document`] is read from, in order.
pub(crate) const COLUMNS: &str =
    "id, sandbox, name, body, version, created_at, created_by, updated_at, updated_by, details, revision";

/// How many columns those are.
pub(crate) const COLUMNS_COUNT: usize = 11;

impl Document {
    /// Reads a row of [`COLUMNS`] whose body is `body`.
    fn of(row: &AnyRow, body: Value) -> Result<Document, StoreError> {
        Ok(Document {
            id: row.text(0)?,
            sandbox: row.text(1)?,
            name: row.text(2)?,
            body,
            version: row.int(4)?,
            created_at: row.time(5)?,
            created_by: row.text(6)?,
            updated_at: row.time(7)?,
            updated_by: row.text(8)?,
            details: row.json_or_null(9)?.unwrap_or_default(),
            revision: row.int(10)?,
        })
    }
}

/// A kind of document: its table, and what of its body queries need. Nouns are in [`crate::nouns`].
pub trait Noun: Send + Sync + 'static {
    /// The table.
    const TABLE: &'static str;
    /// What it is called in messages.
    const TITLE: &'static str;
    /// Whether a name is taken once in a sandbox.
    const UNIQUE_NAMES: bool = false;
    /// Columns that are projections of the body.
    const COLUMNS: &'static [Column] = &[];
    /// What goes with a document when it is deleted: tables, and their columns that hold its id.
    const OWNS: &'static [(&'static str, &'static str)] = &[];
    /// Whether an id is taken once in a sandbox, and not once in the database: what people find by a name that they
    /// gave. Such documents have no secrets, which know their owner by its id alone.
    const IDS_IN_SANDBOX: bool = false;
    /// Whether its changes count in the sandbox's governance revision: what a judgement of flows looks at.
    const GOVERNS: bool = false;
    /// Whether its changes are recorded in the audit log: configuration.
    const AUDITED: bool = false;

    /// What a body refers to.
    fn links(body: &Value) -> Vec<Link> {
        let _ = body;
        Vec::new()
    }
}

/// A [`Noun`] as a value. What does the work takes it in place of a type, so that it is compiled once and not for each
/// noun.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) table: &'static str,
    pub(crate) title: &'static str,
    unique_names: bool,
    columns: &'static [Column],
    owns: &'static [(&'static str, &'static str)],
    ids_in_sandbox: bool,
    governs: bool,
    audited: bool,
    links: fn(&Value) -> Vec<Link>,
}

impl Kind {
    pub(crate) const fn of<N: Noun>() -> Kind {
        Kind {
            table: N::TABLE,
            title: N::TITLE,
            unique_names: N::UNIQUE_NAMES,
            columns: N::COLUMNS,
            owns: N::OWNS,
            ids_in_sandbox: N::IDS_IN_SANDBOX,
            governs: N::GOVERNS,
            audited: N::AUDITED,
            links: N::links,
        }
    }

    fn is<N: Noun>(self) -> bool {
        self.table == N::TABLE
    }

    /// Whether a change of one needs the sandbox's governance row.
    fn is_governed(self) -> bool {
        self.governs || self.audited
    }

    /// What it is called in the audit log: `targetConnection`.
    fn audit_noun(self) -> String {
        let mut words = self.table.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| {
            let (initial, rest) = word.split_at(word.len().min(1));
            name + &initial.to_ascii_uppercase() + rest
        })
    }
}

/// A column that is a projection of the body.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in the table.
    pub name: &'static str,
    /// The member of the body, with dots, as filters name it.
    pub path: &'static str,
    /// How the member becomes a value.
    pub kind: ColumnKind,
}

/// How a member of a body becomes the value of a column.
#[derive(Clone, Copy, Debug)]
pub enum ColumnKind {
    /// The text of a string, number or boolean; anything else is null.
    Text,
    /// As `Text`, and the given text where there is none.
    TextOr(&'static str),
    /// An RFC 3339 time in microseconds.
    Time,
    /// 1 where the member's text is one of the given ones, else 0.
    OneOf(&'static [&'static str]),
}

/// The value of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Text or null.
    Text(Option<String>),
    /// A number or null.
    Int(Option<i64>),
}

impl Column {
    /// Its value for `body`.
    pub fn cell(&self, body: &Value) -> Cell {
        let member = self.path.split('.').try_fold(body, |value, name| value.get(name));
        let text = member.and_then(scalar_text);
        match self.kind {
            ColumnKind::Text => Cell::Text(text),
            ColumnKind::TextOr(default) => Cell::Text(Some(text.unwrap_or_else(|| default.to_owned()))),
            ColumnKind::Time => {
                let time = text.and_then(|t| DateTime::parse_from_rfc3339(&t).ok());
                Cell::Int(time.map(|t| t.timestamp_micros()))
            }
            ColumnKind::OneOf(texts) => Cell::Int(Some(i64::from(text.is_some_and(|t| texts.contains(&t.as_str()))))),
        }
    }

    fn holds_text(&self) -> bool {
        matches!(self.kind, ColumnKind::Text | ColumnKind::TextOr(_))
    }
}

fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Something that a body refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The table of what it refers to.
    pub noun: &'static str,
    /// What that is called in messages.
    pub title: &'static str,
    /// Its id.
    pub id: String,
    /// Where the body says so, as a JSON pointer.
    pub pointer: String,
    /// Whether it must exist, and may not be deleted while it is referred to.
    pub must_exist: bool,
}

/// A document to be made.
#[derive(Clone, Debug)]
pub struct NewDocument<'a> {
    /// A UUID is made where there is none.
    pub id: Option<String>,
    /// The sandbox.
    pub sandbox: &'a str,
    /// The name.
    pub name: &'a str,
    /// The body, without secrets.
    pub body: Value,
    /// The client that makes it.
    pub by: &'a str,
}

/// A document's new content.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// The new name; none keeps it.
    pub name: Option<&'a str>,
    /// The whole new body, without secrets.
    pub body: Value,
    /// The client that changes it.
    pub by: &'a str,
}

/// Which version a change is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Whichever there is (`If-Match: *`).
    Any,
    /// This one and no other.
    Version(i64),
    /// An entity tag that no document ever has.
    Never,
}

impl Expected {
    /// Reads `If-Match`: an entity tag with or without quotes and `W/`, or `*`. Of a list any may match; a list of
    /// several versions cannot, since a document has one. What is no entity tag of ours matches nothing.
    pub fn parse(if_match: &str) -> Expected {
        let text = if_match.trim();
        if text == "*" {
            return Expected::Any;
        }
        let text = text.strip_prefix("W/").unwrap_or(text);
        let text = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
        let is_canonical = text == "0" || (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
        match text.parse() {
            Ok(version) if is_canonical => Expected::Version(version),
            _ => Expected::Never,
        }
    }
}

/// Whose documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// Those of one sandbox.
    Sandbox(&'a str),
    /// Everyone's: for the server's own work.
    All,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Newest first.
    #[default]
    CreatedDesc,
    /// Oldest first.
    CreatedAsc,
    /// Changed last first.
    UpdatedDesc,
    /// Changed longest ago first.
    UpdatedAsc,
    /// By name, as the database compares texts.
    NameAsc,
    /// By name, backwards.
    NameDesc,
}

/// An indexed column with one of some values.
#[derive(Clone, Debug)]
pub struct Equals {
    /// `id`, `name`, or one of the noun's columns that hold text.
    pub column: &'static str,
    /// Any of these; none of them selects nothing.
    pub any_of: Vec<String>,
}

/// Whether filters match a document. Every document looked at pays for it: nothing should be copied.
pub type Matches<'a> = &'a (dyn Fn(&Document) -> bool + Send + Sync);

/// What to list.
#[derive(Clone, Default)]
pub struct ListQuery<'a> {
    /// Conditions on indexed columns.
    pub equals: Vec<Equals>,
    /// `property=` filters. Equalities on indexed columns narrow the search; all are then checked.
    pub filters: Option<&'a Filters>,
    /// How the filters are checked; else on [`Document::shown`]. It must not see indexed columns otherwise.
    pub matches: Option<Matches<'a>>,
    /// Most documents of a page, 1 to 100.
    pub limit: usize,
    /// Where to go on: [`Page::next`] of the page before.
    pub after: Option<String>,
    /// Matching documents to pass over, for pages that are counted.
    pub skip: u64,
    /// The order.
    pub order: Order,
}

impl ListQuery<'_> {
    /// The first `limit` documents, newest first.
    pub fn first(limit: usize) -> ListQuery<'static> {
        ListQuery { limit, ..ListQuery::default() }
    }
}

/// A page of a list.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The documents.
    pub items: Vec<Arc<Document>>,
    /// Where to go on, in `[A-Za-z0-9_-]`; none at the end. A page of a filtered list may be short and have a next one.
    pub next: Option<String>,
    /// What of [`ListQuery::skip`] the next page has still to pass over.
    pub still_to_skip: u64,
}

/// How many documents a query selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Those that were found.
    pub documents: u64,
    /// False where filters decide on more documents than one call looks at: there may be more then.
    pub is_exact: bool,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entity_tags_are_read_as_clients_write_them() {
        for text in ["3", "\"3\"", "W/\"3\"", " \"3\" "] {
            assert_eq!(Expected::parse(text), Expected::Version(3), "{text}");
        }
        assert_eq!(Expected::parse("*"), Expected::Any);
        for text in ["", "03", "\"+3\"", "\"3", "abc", "\"1\", \"2\"", "99999999999999999999"] {
            assert_eq!(Expected::parse(text), Expected::Never, "{text}");
        }
    }

    #[test]
    fn the_audit_log_has_names_as_the_api_has_them() {
        use crate::nouns::{Flow, TargetConnection};
        assert_eq!(Kind::of::<Flow>().audit_noun(), "flow");
        assert_eq!(Kind::of::<TargetConnection>().audit_noun(), "targetConnection");
    }

    #[test]
    fn columns_are_projections_of_the_body() {
        let body = json!({"a": {"b": "x"}, "n": 7, "t": "2026-01-02T03:04:05.000006Z", "list": [1]});
        let cell = |path, kind| Column { name: "c", path, kind }.cell(&body);
        assert_eq!(cell("a.b", ColumnKind::Text), Cell::Text(Some("x".to_owned())));
        assert_eq!(cell("n", ColumnKind::Text), Cell::Text(Some("7".to_owned())));
        assert_eq!(cell("a", ColumnKind::Text), Cell::Text(None));
        assert_eq!(cell("list", ColumnKind::Text), Cell::Text(None));
        assert_eq!(cell("a.c", ColumnKind::TextOr("enabled")), Cell::Text(Some("enabled".to_owned())));
        assert_eq!(cell("t", ColumnKind::Time), Cell::Int(Some(1_767_323_045_000_006)));
        assert_eq!(cell("n", ColumnKind::Time), Cell::Int(None));
        assert_eq!(cell("a.b", ColumnKind::OneOf(&["x", "y"])), Cell::Int(Some(1)));
        assert_eq!(cell("a.z", ColumnKind::OneOf(&["x", "y"])), Cell::Int(Some(0)));
    }
}
