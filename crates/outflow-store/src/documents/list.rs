//! Lists: filters, order, pages.
//!
//! A list is walked by its heads (id, revision, time), in the order of an index, in bounded pieces. Bodies come from the
//! cache where they are known. What SQL can decide narrows the walk; filters decide on the documents themselves.

use std::sync::Arc;

use outflow_model::property::Filters;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::read::Head;
use super::{Count, Document, Equals, Kind, ListQuery, Noun, Order, Page, SHOWN_BESIDE_BODY, Scope};
use crate::error::StoreError;
use crate::nouns::Flow;
use crate::sql::{Arg, Columns as _, IN_LIST_MAX, in_list, token};
use crate::tx::Reader;

/// Most documents of a page.
const PAGE_MAX: usize = 100;

/// Heads that are read at a time where filters look at documents.
const HEADS_AT_ONCE: usize = 500;

/// The column that a list is ordered by, whether backwards, and the letter of that order in tokens.
fn column_of(order: Order) -> (&'static str, bool, &'static str) {
    match order {
        Order::CreatedDesc => ("created_at", true, "c"),
        Order::CreatedAsc => ("created_at", false, "C"),
        Order::UpdatedDesc => ("updated_at", true, "u"),
        Order::UpdatedAsc => ("updated_at", false, "U"),
        Order::NameDesc => ("name", true, "n"),
        Order::NameAsc => ("name", false, "N"),
    }
}

/// What a list is ordered by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Key {
    Micros(i64),
    Name(String),
}

/// The place of a document in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    key: Key,
    id: String,
}

impl Place {
    fn token(&self, order: Order) -> String {
        token::encode(&json!([column_of(order).2, self.key, self.id]).to_string())
    }

    fn parse(text: &str, order: Order) -> Option<Place> {
        let (letter, key, id): (String, Key, String) = serde_json::from_str(&token::decode(text)?).ok()?;
        let is_name = matches!(key, Key::Name(_));
        let fits = letter == column_of(order).2 && is_name == matches!(order, Order::NameAsc | Order::NameDesc);
        fits.then_some(Place { key, id })
    }
}

/// The position right behind a document in lists of an order, as in [`Page::next`].
pub fn position_behind(document: &Document, order: Order) -> String {
    place_of(document, order).token(order)
}

/// How far a walk goes whose filters look at documents.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// Until one more matches than the page has room for.
    PageFull,
    /// To the end, or until as many were looked at as one call may.
    AllCounted,
}

/// A count before anything was looked at.
const NONE: Count = Count { documents: 0, is_exact: true };

/// The part of a statement that narrows a walk.
struct Narrowed {
    conditions: Vec<String>,
    args: Vec<Arg>,
    /// Whether nothing can match.
    is_empty: bool,
}

impl Narrowed {
    fn of(kind: Kind, scope: Scope<'_>, query: &ListQuery<'_>) -> Narrowed {
        let mut narrowed = Narrowed { conditions: Vec::new(), args: Vec::new(), is_empty: false };
        if let Scope::Sandbox(sandbox) = scope {
            narrowed.args.push(sandbox.into());
            narrowed.conditions.push("sandbox = $1".to_owned());
        }
        for Equals { column, any_of } in &query.equals {
            narrowed.add(column, any_of);
        }
        let Some(filters) = query.filters else { return narrowed };
        for (column, path) in searchable(kind) {
            if let Some(values) = filters.equality(path) {
                narrowed.add(column, values);
            }
        }
        narrowed
    }

    /// Longer lists of values narrow nothing; the filters decide then.
    fn add(&mut self, column: &str, values: &[String]) {
        if values.is_empty() {
            self.is_empty = true;
        } else if values.len() <= IN_LIST_MAX {
            let (list, mut args) = in_list(self.args.len() + 1, values);
            self.args.append(&mut args);
            self.conditions.push(format!("{column} IN {list}"));
        }
    }

    fn where_clause(&self) -> String {
        match self.conditions.is_empty() {
            true => "WHERE 1 = 1".to_owned(),
            false => format!("WHERE {}", self.conditions.join(" AND ")),
        }
    }
}

/// Columns that hold text, and the members that they are made of.
fn searchable(kind: Kind) -> impl Iterator<Item = (&'static str, &'static str)> {
    let own = kind.columns.iter().filter(|c| c.holds_text()).map(|c| (c.name, c.path));
    [("id", "id"), ("name", "name")].into_iter().chain(own)
}

impl Reader {
    /// A page of documents.
    ///
    /// # Errors
    /// `Invalid` for a limit out of 1 to 100, a continuation token that is not of such a list, or a column that is not
    /// indexed; as of the database.
    pub async fn list<N: Noun>(&mut self, scope: Scope<'_>, query: &ListQuery<'_>) -> Result<Page, StoreError> {
        self.list_kind(Kind::of::<N>(), scope, query).await
    }

    /// A page of documents, and how many the query selects wherever the page begins: in one walk where the page is the
    /// first.
    ///
    /// # Errors
    /// As [`Reader::list`].
    pub async fn list_counted<N: Noun>(
        &mut self,
        scope: Scope<'_>,
        query: &ListQuery<'_>,
    ) -> Result<(Page, Count), StoreError> {
        let kind = Kind::of::<N>();
        if query.after.is_some() || query.filters.is_none_or(Filters::is_empty) {
            return Ok((self.list_kind(kind, scope, query).await?, self.count_kind(kind, scope, query).await?));
        }
        check_limit(query)?;
        match narrowed(kind, scope, query)? {
            None => Ok((Page::default(), NONE)),
            Some(narrowed) => self.filtered(kind, &narrowed, query, None, Until::AllCounted).await,
        }
    }

    async fn list_kind(&mut self, kind: Kind, scope: Scope<'_>, query: &ListQuery<'_>) -> Result<Page, StoreError> {
        check_limit(query)?;
        let Some(narrowed) = narrowed(kind, scope, query)? else { return Ok(Page::default()) };
        let after = query.after.as_deref().map(|text| {
            Place::parse(text, query.order)
                .ok_or_else(|| StoreError::invalid("continuationToken", "is not one that this list gave"))
        });
        let after = after.transpose()?;
        match query.filters.filter(|f| !f.is_empty()) {
            None => self.page(kind, &narrowed, query, after).await,
            Some(_) => Ok(self.filtered(kind, &narrowed, query, after, Until::PageFull).await?.0),
        }
    }

    /// Without filters a page is a piece of the walk.
    async fn page(
        &mut self,
        kind: Kind,
        narrowed: &Narrowed,
        query: &ListQuery<'_>,
        after: Option<Place>,
    ) -> Result<Page, StoreError> {
        let (heads, places) =
            self.heads(kind, narrowed, query.order, after.as_ref(), query.limit + 1, query.skip).await?;
        let is_last = heads.len() <= query.limit;
        let taken = heads.len().min(query.limit);
        let items = self.of_heads(kind, &heads[..taken]).await?;
        let next = if is_last { None } else { places.get(taken - 1).map(|p| p.token(query.order)) };
        Ok(Page { items, next, still_to_skip: 0 })
    }

    /// A page of what filters leave, and how many they leave of what was looked at.
    async fn filtered(
        &mut self,
        kind: Kind,
        narrowed: &Narrowed,
        query: &ListQuery<'_>,
        mut after: Option<Place>,
        until: Until,
    ) -> Result<(Page, Count), StoreError> {
        let mut page = Page { still_to_skip: query.skip, ..Page::default() };
        let mut count = NONE;
        let mut to_look_at = self.store.documents_looked_at_max();
        while to_look_at > 0 {
            let at_once = to_look_at.min(HEADS_AT_ONCE);
            let (heads, places) = self.heads(kind, narrowed, query.order, after.as_ref(), at_once, 0).await?;
            for document in self.of_heads(kind, &heads).await? {
                if !matches(query, &document) {
                    continue;
                }
                count.documents += 1;
                if page.still_to_skip > 0 {
                    page.still_to_skip -= 1;
                } else if page.items.len() < query.limit {
                    page.items.push(document);
                } else if page.next.is_none() {
                    page.next = page.items.last().map(|last| position_behind(last, query.order));
                    if until == Until::PageFull {
                        return Ok((page, count));
                    }
                }
            }
            if heads.len() < at_once {
                return Ok((page, count));
            }
            to_look_at -= heads.len();
            after = places.into_iter().next_back();
        }
        // One head more tells whether that was all.
        let (more, _) = self.heads(kind, narrowed, query.order, after.as_ref(), 1, 0).await?;
        count.is_exact = more.is_empty();
        let unseen = after.filter(|_| !count.is_exact).map(|place| place.token(query.order));
        page.next = page.next.or(unseen);
        Ok((page, count))
    }

    /// How many documents a query selects, whatever its limit, place and pages to skip. Where filters decide, as many
    /// documents are looked at as for a page, and the count says when there are more.
    ///
    /// # Errors
    /// As [`Reader::list`].
    pub async fn count<N: Noun>(&mut self, scope: Scope<'_>, query: &ListQuery<'_>) -> Result<Count, StoreError> {
        self.count_kind(Kind::of::<N>(), scope, query).await
    }

    async fn count_kind(&mut self, kind: Kind, scope: Scope<'_>, query: &ListQuery<'_>) -> Result<Count, StoreError> {
        let Some(narrowed) = narrowed(kind, scope, query)? else { return Ok(NONE) };
        if query.filters.is_none_or(Filters::is_empty) {
            let sql = format!("SELECT COUNT(*) FROM {} {}", kind.table, narrowed.where_clause());
            let row = self.row(sql, narrowed.args).await?;
            let documents = row.map_or(Ok(0), |r| Ok::<_, StoreError>(crate::sql::count_of(r.int(0)?)))?;
            return Ok(Count { documents, is_exact: true });
        }
        Ok(self.filtered(kind, &narrowed, query, None, Until::AllCounted).await?.1)
    }

    /// Every document that has the given column values, oldest first: for the server's own work on nouns of which there
    /// are thousands at most.
    ///
    /// # Errors
    /// `Invalid` for a column that is not indexed; as of the database.
    pub async fn all<N: Noun>(
        &mut self,
        scope: Scope<'_>,
        equals: Vec<Equals>,
    ) -> Result<Vec<Arc<Document>>, StoreError> {
        self.all_kind(Kind::of::<N>(), scope, equals).await
    }

    async fn all_kind(
        &mut self,
        kind: Kind,
        scope: Scope<'_>,
        equals: Vec<Equals>,
    ) -> Result<Vec<Arc<Document>>, StoreError> {
        let query = ListQuery { equals, order: Order::CreatedAsc, ..ListQuery::default() };
        let (mut all, mut after) = (Vec::new(), None);
        let Some(narrowed) = narrowed(kind, scope, &query)? else { return Ok(all) };
        loop {
            let (heads, places) = self.heads(kind, &narrowed, query.order, after.as_ref(), HEADS_AT_ONCE, 0).await?;
            all.extend(self.of_heads(kind, &heads).await?);
            if heads.len() < HEADS_AT_ONCE {
                return Ok(all);
            }
            after = places.into_iter().next_back();
        }
    }

    /// The flows of every sandbox that are enabled, oldest first.
    ///
    /// # Errors
    /// As of the database.
    pub async fn enabled_flows(&mut self) -> Result<Vec<Arc<Document>>, StoreError> {
        let enabled = Equals { column: "state", any_of: vec!["enabled".to_owned()] };
        self.all::<Flow>(Scope::All, vec![enabled]).await
    }

    async fn heads(
        &mut self,
        kind: Kind,
        narrowed: &Narrowed,
        order: Order,
        after: Option<&Place>,
        limit: usize,
        skip: u64,
    ) -> Result<(Vec<Head>, Vec<Place>), StoreError> {
        let (column, descending, _) = column_of(order);
        let (direction, beyond) = if descending { ("DESC", "<") } else { ("ASC", ">") };
        let mut walk = format!(
            "SELECT id, sandbox, revision, created_at, {column} AS place FROM {} {}",
            kind.table,
            narrowed.where_clause()
        );
        let mut args = narrowed.args.clone();
        if let Some(place) = after {
            let (key, id) = (args.len() + 1, args.len() + 2);
            walk.push_str(&format!(" AND ({column}, id) {beyond} (${key}, ${id})"));
            args.push(match &place.key {
                Key::Micros(micros) => (*micros).into(),
                Key::Name(name) => name.into(),
            });
            args.push(place.id.as_str().into());
        }
        walk.push_str(&format!(" ORDER BY {column} {direction}, id {direction} LIMIT ${}", args.len() + 1));
        args.push(Arg::Int(i64::try_from(limit).ok()));
        if skip > 0 {
            walk.push_str(&format!(" OFFSET ${}", args.len() + 1));
            args.push(crate::sql::count_arg(skip).into());
        }
        // As one row: hundreds of them spend more time in the driver than in the database.
        let order = format!("place {direction}, id {direction}");
        let all = self.store.dialect().json_rows("id, sandbox, revision, created_at, place", &order);
        let row = self.row(format!("SELECT {all} FROM ({walk}) AS walk"), args).await?;
        let text = row.map_or_else(|| Ok("[]".to_owned()), |row| row.text(0))?;
        let rows: Vec<(String, String, i64, i64, Value)> = serde_json::from_str(&text).map_err(|_| not_heads(kind))?;
        let (mut heads, mut places) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for (id, sandbox, revision, born_micros, key) in rows {
            let key = match key {
                Value::String(name) => Key::Name(name),
                key => Key::Micros(key.as_i64().ok_or_else(|| not_heads(kind))?),
            };
            places.push(Place { key, id: id.clone() });
            heads.push(Head { id, sandbox, revision, born_micros });
        }
        Ok((heads, places))
    }
}

/// The parser's own words quote what it read.
fn not_heads(kind: Kind) -> StoreError {
    StoreError::internal(format!("the database gave no rows of {}", kind.table))
}

fn check_limit(query: &ListQuery<'_>) -> Result<(), StoreError> {
    match (1..=PAGE_MAX).contains(&query.limit) {
        true => Ok(()),
        false => Err(StoreError::invalid("limit", format!("must be 1 to {PAGE_MAX}"))),
    }
}

/// How a walk is narrowed; none where nothing can match.
fn narrowed(kind: Kind, scope: Scope<'_>, query: &ListQuery<'_>) -> Result<Option<Narrowed>, StoreError> {
    check_columns(kind, query)?;
    Ok(Some(Narrowed::of(kind, scope, query)).filter(|narrowed| !narrowed.is_empty))
}

fn check_columns(kind: Kind, query: &ListQuery<'_>) -> Result<(), StoreError> {
    let unknown = query.equals.iter().find(|e| !searchable(kind).any(|(name, _)| name == e.column));
    unknown.map_or(Ok(()), |e| Err(StoreError::internal(format!("{} has no indexed column {}", kind.table, e.column))))
}

fn matches(query: &ListQuery<'_>, document: &Document) -> bool {
    let Some(filters) = query.filters else { return true };
    if let Some(matches) = query.matches {
        return matches(document);
    }
    // A copy of every body is what a list of thousands would spend its time on.
    let in_body = |path: &str| !SHOWN_BESIDE_BODY.contains(&path.split(['.', '[']).next().unwrap_or_default());
    match document.details.is_null() && filters.0.iter().all(|filter| in_body(filter.path())) {
        true => filters.matches(&document.body),
        false => filters.matches(&document.shown()),
    }
}

fn place_of(document: &Document, order: Order) -> Place {
    let key = match order {
        Order::CreatedDesc | Order::CreatedAsc => Key::Micros(document.created_at.timestamp_micros()),
        Order::UpdatedDesc | Order::UpdatedAsc => Key::Micros(document.updated_at.timestamp_micros()),
        Order::NameDesc | Order::NameAsc => Key::Name(document.name.clone()),
    };
    Place { key, id: document.id.clone() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_token_leads_back_to_its_place(micros in any::<i64>(), name in ".*", id in ".*") {
            let place = Place { key: Key::Micros(micros), id: id.clone() };
            let token = place.token(Order::UpdatedAsc);
            prop_assert_eq!(Place::parse(&token, Order::UpdatedAsc), Some(place));
            prop_assert_eq!(Place::parse(&token, Order::CreatedDesc), None);
            let place = Place { key: Key::Name(name), id };
            prop_assert_eq!(Place::parse(&place.token(Order::NameDesc), Order::NameDesc), Some(place));
        }

        #[test]
        fn no_text_breaks_the_reader_of_tokens(text in ".*", letter in "[cCuUnNx]", key in ".*") {
            let _ = Place::parse(&text, Order::CreatedDesc);
            let forged = token::encode(&json!([letter, key, "id"]).to_string());
            prop_assert_eq!(Place::parse(&forged, Order::CreatedDesc), None);
        }
    }
}
