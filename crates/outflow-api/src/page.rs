//! Lists: which items, in which order, how many at a time, and where the next page begins.
//!
//! A continuation token carries everything that the next page needs, so that a client follows the link with that one
//! parameter. Where it goes on sending `limit`, its `limit` counts. Tokens are text of `[A-Za-z0-9_-]`.

use axum::extract::{FromRequestParts, Query};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::request::Parts;
use outflow_store::Count;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::error::{ApiError, ApiResult, Problem};

/// Items of a page when nothing else is asked for.
pub(crate) const LIMIT_DEFAULT: u32 = 20;
/// Items of a page at most. A larger number is taken for this one: clients ask for what other services allow.
pub(crate) const LIMIT_MAX: u32 = 100;

/// The parameters of a request, in order, repeated ones kept.
pub(crate) struct Parameters(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Parameters, ApiError> {
        let Query(pairs) = Query::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::bad_request("the query cannot be read"))?;
        Ok(Parameters(pairs))
    }
}

impl Parameters {
    /// The last value given for `name`; empty ones do not count.
    pub(crate) fn last(&self, name: &str) -> Option<&str> {
        self.given(name).next_back()
    }

    /// All values given for `name`; empty ones do not count.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.given(name)
    }

    fn given<'a>(&'a self, name: &str) -> impl DoubleEndedIterator<Item = &'a str> + use<'a> {
        let values: Vec<&str> = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect();
        values.into_iter().filter(|value| !value.is_empty())
    }

    /// A yes or no, in any case. Anything else is a problem.
    pub(crate) fn flag(&self, name: &str) -> ApiResult<Option<bool>> {
        match self.last(name).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(_) => Err(invalid(name, "is neither true nor false")),
        }
    }

    /// The query of the page that begins at `start`: everything that was asked for, from there.
    pub(crate) fn continued_at(&self, start: &str, limit: u32) -> String {
        let others =
            self.0.iter().filter(|(name, value)| !value.is_empty() && !["start", "page", "limit"].contains(&&**name));
        let others = others.map(|(name, value)| format!("&{}={}", encoded(name), encoded(value)));
        format!("start={}&limit={limit}{}", encoded(start), others.collect::<String>())
    }

    /// How many are asked for at most: `default` without it, `largest` for more.
    ///
    /// # Errors
    /// 400 for none at all.
    pub(crate) fn limit(&self, default: u32, largest: u32) -> ApiResult<u32> {
        match self.number("limit")? {
            None => Ok(default),
            Some(0) => Err(invalid("limit", "must be at least 1")),
            Some(limit) => Ok(u32::try_from(limit).unwrap_or(largest).min(largest)),
        }
    }

    /// A whole number that is not negative.
    pub(crate) fn number(&self, name: &str) -> ApiResult<Option<u64>> {
        let Some(text) = self.last(name) else { return Ok(None) };
        text.trim().parse().map(Some).map_err(|_| invalid(name, "is not a whole number"))
    }
}

/// A text as it may stand in a query, or as one part of a path.
pub(crate) fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// A problem with one parameter.
pub(crate) fn invalid(name: &str, message: &str) -> ApiError {
    ApiError::invalid(vec![Problem::new(name, message)])
}

/// Parameters of a list. Documentation only: [`ListQuery`] reads them with their quirks.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
pub(crate) struct ListParameters {
    /// A filter such as `name==Loyal customers`, `state==enabled,disabled` or `lastRunDetails.startedAtUTC>=1670880253121`:
    /// a dotted path, `[]` for any element of a list, `==`, `>`, `>=`, `<` or `<=`, and a value or several with commas,
    /// which means any of them. Repeated filters must all hold.
    #[param(example = json!(["state==enabled"]))]
    property: Option<Vec<String>>,
    /// Items of a page, 1 to 100.
    #[param(minimum = 1, example = 20)]
    limit: Option<u32>,
    /// The member to order by, with `-` before it for the other direction. Without it the newest comes first.
    #[param(example = "-createdAt")]
    orderby: Option<String>,
    /// Where the page begins: from the `_links.next.href` of the page before, which needs no other parameter.
    #[param(rename = "continuationToken", pattern = "^[A-Za-z0-9_-]+$")]
    continuation_token: Option<String>,
    /// Whether to count all items that match. Where filters decide on more than 20,000 objects, those that match among
    /// the first 20,000 are counted, and `countIsPartial` says so.
    #[param(example = false)]
    count: Option<bool>,
}

/// What a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListQuery {
    /// Filters, all of which must hold.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) filters: Vec<String>,
    /// Items of the page, 1 to [`LIMIT_MAX`].
    #[serde(rename = "l")]
    pub(crate) limit: u32,
    /// The order asked for.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<String>,
    /// Whether to count all.
    #[serde(rename = "c", default)]
    pub(crate) count: bool,
    /// Where the page begins: the store's own position.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<String>,
}

impl ListQuery {
    /// Reads the parameters of a list.
    ///
    /// # Errors
    /// 400 with the parameter that is wrong.
    pub(crate) fn read(parameters: &Parameters) -> ApiResult<ListQuery> {
        if let Some(token) = parameters.last("continuationToken") {
            let mut query = decode(token).ok_or_else(|| invalid("continuationToken", "is not one of this service"))?;
            query.limit = parameters.limit(query.limit.clamp(1, LIMIT_MAX), LIMIT_MAX)?;
            return Ok(query);
        }
        let order = parameters.last("orderby").or_else(|| parameters.last("orderBy"));
        Ok(ListQuery {
            filters: parameters.all("property").map(str::to_owned).collect(),
            limit: parameters.limit(LIMIT_DEFAULT, LIMIT_MAX)?,
            order: order.map(str::to_owned),
            count: parameters.flag("count")?.unwrap_or(false),
            position: None,
        })
    }

    /// The token of the page that begins at `position`.
    fn token(&self, position: String) -> String {
        let next = ListQuery { position: Some(position), ..self.clone() };
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&next).unwrap_or_default())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ListQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<ListQuery, ApiError> {
        ListQuery::read(&Parameters::from_request_parts(parts, state).await?)
    }
}

fn decode(token: &str) -> Option<ListQuery> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let query: ListQuery = serde_json::from_slice(&bytes).ok()?;
    query.position.is_some().then_some(query)
}

/// A page as it is answered.
pub(crate) struct Page {
    /// The items, as they are shown.
    pub(crate) items: Vec<Value>,
    /// The store's position of the next page.
    pub(crate) next: Option<String>,
    /// All items that match, where it was asked.
    pub(crate) total: Option<Count>,
}

impl Page {
    /// The answer; `path` is the list's own below the service, such as `/flows`.
    pub(crate) fn answer(self, query: &ListQuery, path: &str) -> Value {
        let mut links = Map::new();
        if let Some(position) = self.next {
            let href = format!("{path}?continuationToken={}", query.token(position));
            links.insert("next".into(), json!({"href": href}));
        }
        let mut answer = Map::new();
        answer.insert("items".into(), Value::Array(self.items));
        answer.insert("_links".into(), Value::Object(links));
        if let Some(total) = self.total {
            tell_count(&mut answer, "count", total);
        }
        Value::Object(answer)
    }
}

/// A count of what was counted whole.
pub(crate) fn exactly(items: usize) -> Count {
    Count { documents: items as u64, is_exact: true }
}

/// Puts a count into an answer, and where it is not of all that match, that too.
pub(crate) fn tell_count(answer: &mut Map<String, Value>, name: &str, count: Count) {
    answer.insert(name.into(), json!(count.documents));
    if !count.is_exact {
        answer.insert(format!("{name}IsPartial"), json!(true));
    }
}

/// Where a page begins in a list whose pages are counted: after so many that match, and where those before would be too
/// many to look at in one request, from a position on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Start {
    /// Matching items to pass over.
    pub(crate) skip: u64,
    /// The store's position to begin at.
    pub(crate) position: Option<String>,
}

impl Start {
    /// Reads `start`: a number, or what [`Start::after`] wrote.
    ///
    /// # Errors
    /// 400 for anything else.
    pub(crate) fn read(parameters: &Parameters) -> ApiResult<Option<Start>> {
        let Some(text) = parameters.last("start") else { return Ok(None) };
        let (number, position) = match text.split_once('.') {
            Some((number, position)) => (number, Some(position.to_owned())),
            None => (text, None),
        };
        let skip =
            number.trim().parse().map_err(|_| invalid("start", "is neither a whole number nor a next page's"))?;
        Ok(Some(Start { skip, position }))
    }

    /// The `start` of the page after one: none on the last one. A number wherever it leads there.
    pub(crate) fn after(&self, found: &outflow_store::Page, total: Count) -> Option<String> {
        let position = found.next.as_ref()?;
        let end = self.skip.saturating_add(found.items.len() as u64);
        match self.position.is_none() && total.is_exact {
            true => Some(end.to_string()),
            false => Some(format!("{}.{position}", found.still_to_skip)),
        }
    }
}

/// The links of a list. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Links", example = json!({"next": {"href": "/flows?continuationToken=eyJsIjoyMH0"}}))]
pub(crate) struct Links {
    /// The next page; missing on the last one.
    next: Option<Link>,
}

/// A link of a list. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Link", example = json!({"href": "/flows?continuationToken=eyJsIjoyMH0"}))]
pub(crate) struct Link {
    /// Relative to the service.
    href: String,
}

/// The query of a request as pairs, for tests.
#[cfg(test)]
pub(crate) fn parameters(pairs: &[(&str, &str)]) -> Parameters {
    Parameters(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> ListQuery {
        ListQuery::read(&parameters(pairs)).unwrap()
    }

    #[test]
    fn a_count_that_is_not_of_all_says_so() {
        let partly = Count { documents: 7, is_exact: false };
        let answer = Page { items: vec![], next: None, total: Some(partly) }.answer(&read(&[]), "/runs");
        assert_eq!(answer, json!({"items": [], "_links": {}, "count": 7, "countIsPartial": true}));
    }

    #[test]
    fn counted_pages_begin_at_a_number_or_a_position() {
        let start = |text: &str| Start::read(&parameters(&[("start", text)]));
        let by_number = start("7").unwrap().unwrap();
        let found = |next: Option<&str>| outflow_store::Page { next: next.map(str::to_owned), ..Default::default() };
        assert_eq!(by_number.after(&found(Some("abc")), exactly(9)).as_deref(), Some("7"));
        assert_eq!(by_number.after(&found(None), exactly(9)), None);
        let partly = Count { documents: 3, is_exact: false };
        let found = outflow_store::Page { still_to_skip: 4, ..found(Some("abc")) };
        let next = by_number.after(&found, partly).unwrap();
        let by_position = Start { skip: 4, position: Some("abc".into()) };
        assert_eq!(start(&next).unwrap(), Some(by_position.clone()));
        // Who began at a position goes on by positions.
        assert_eq!(by_position.after(&found, exactly(9)), Some(next));
        assert_eq!(start("").unwrap(), None);
        for text in ["x", "-1", ".abc"] {
            assert!(start(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_next_page_needs_nothing_but_its_token() {
        let first = read(&[
            ("property", "a==1"),
            ("property", "b==2"),
            ("limit", "5"),
            ("orderby", "-name"),
            ("count", "True"),
        ]);
        let answer = Page { items: vec![], next: Some("1700000000:id".into()), total: Some(exactly(7)) }
            .answer(&first, "/flows");
        assert_eq!(answer["count"], 7);
        let href = answer["_links"]["next"]["href"].as_str().unwrap();
        let token = href.strip_prefix("/flows?continuationToken=").unwrap();
        assert!(token.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)), "{token}");
        let second = read(&[("continuationToken", token)]);
        assert_eq!(second, ListQuery { position: Some("1700000000:id".into()), ..first.clone() });
        let with_limit = read(&[("continuationToken", token), ("limit", "3")]);
        assert_eq!(with_limit.limit, 3);
    }

    #[test]
    fn links_are_there_even_when_empty() {
        let answer = Page { items: vec![], next: None, total: None }.answer(&read(&[]), "/runs");
        assert_eq!(answer, json!({"items": [], "_links": {}}));
    }

    #[test]
    fn booleans_and_limits_come_in_many_spellings() {
        assert!(read(&[("count", "True")]).count && !read(&[("count", "False")]).count);
        assert_eq!(read(&[("limit", "100000")]).limit, LIMIT_MAX);
        assert_eq!(read(&[("limit", "")]).limit, LIMIT_DEFAULT);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        for pair in [
            ("limit", "0"),
            ("limit", "-1"),
            ("limit", "ten"),
            ("count", "maybe"),
            ("continuationToken", "e30"),
            ("continuationToken", "a=b"),
        ] {
            let error = ListQuery::read(&parameters(&[pair])).unwrap_err();
            assert!(format!("{error:?}").contains(pair.0), "{pair:?}");
        }
    }
}
