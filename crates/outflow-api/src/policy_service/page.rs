//! The service's lists: `{_page{count}, _links{page{href}}, children[]}`.
//!
//! Clients walk a list in one of two ways. Some follow `_page.next`. Others ask again, with `_links.page.href` for `start`,
//! until it is empty; so it is empty on the last page, and `start` takes such a link for the number in it.

use std::cmp::Ordering;

use outflow_model::property::Filters;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use super::Base;
use crate::document;
use crate::error::ApiResult;
use crate::page::{LIMIT_MAX, ListQuery, Parameters, invalid};

/// The most members that a list is ordered by.
const ORDER_MAX: usize = 8;

/// Parameters of these lists. Documentation only.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
pub(crate) struct PolicyListParameters {
    /// A filter such as `name==C1`, or `name` for those that have one; repeated ones must all hold.
    #[param(example = json!(["name==C1"]))]
    property: Option<Vec<String>>,
    /// The members to order by, with commas between them, and `-` before one for the other direction. Without it core
    /// objects come in their own order, and custom ones the oldest first.
    #[param(example = "-updated,name")]
    orderby: Option<String>,
    /// Where the page begins: `_page.next` of the page before.
    #[param(example = "0")]
    start: Option<String>,
    /// Objects of a page, 1 to 100; 100 without it.
    #[param(minimum = 1, example = 100)]
    limit: Option<u64>,
}

/// What a page says of itself. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "PageInfo", example = json!({"count": 1, "totalCount": 2, "next": "1"}))]
pub(crate) struct PageInfo {
    /// Objects of this page.
    count: u64,
    /// All that match.
    #[serde(rename = "totalCount")]
    total_count: u64,
    /// The `start` of the next page, where there is one.
    next: Option<String>,
}

/// The links of a page. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "PageLinks", example = json!({
    "page": {"href": "/labels/custom?start=1&limit=1"},
    "_page": {"href": "https://outflow.example/data/foundation/dulepolicy/labels/custom{?property,orderby,start,limit}", "templated": "true"}
}))]
pub(crate) struct PageLinks {
    /// `href` leads to the next page, relative to the service; empty on the last one.
    page: Value,
    /// `href` is the list's URL as a template.
    _page: Value,
}

/// What a list is asked for.
pub(crate) struct Listing {
    filters: Filters,
    order: Vec<(String, bool)>,
    start: usize,
    limit: u32,
}

impl Listing {
    /// Reads the parameters.
    ///
    /// # Errors
    /// 400 with the parameter that is wrong.
    pub(crate) fn read(parameters: &Parameters) -> ApiResult<Listing> {
        let filters = parameters.all("property").map(str::to_owned).collect();
        let filters = document::filters(&ListQuery { filters, ..ListQuery::default() })?;
        let order = parameters.all("orderby").flat_map(|names| names.split(',')).map(str::trim);
        let order = order.filter(|name| !name.is_empty()).map(|name| match name.strip_prefix('-') {
            Some(name) => (name.to_owned(), true),
            None => (name.strip_prefix('+').unwrap_or(name).to_owned(), false),
        });
        let order: Vec<(String, bool)> = order.collect();
        if order.len() > ORDER_MAX {
            return Err(invalid("orderby", &format!("names more than {ORDER_MAX} members")));
        }
        Ok(Listing { filters, order, start: start(parameters)?, limit: parameters.limit(LIMIT_MAX, LIMIT_MAX)? })
    }

    /// The page of `items`, all of the list at `path`.
    pub(crate) fn page(&self, mut items: Vec<Value>, parameters: &Parameters, base: &Base, path: &str) -> Value {
        items.retain(|item| self.filters.matches(item));
        items.sort_by(|a, b| self.compare(a, b));
        let total = items.len();
        let children: Vec<Value> = items.into_iter().skip(self.start).take(self.limit as usize).collect();
        let end = self.start.saturating_add(children.len());
        let mut page = Map::from_iter([
            ("count".to_owned(), json!(children.len())),
            ("totalCount".to_owned(), json!(total)),
            ("start".to_owned(), json!(self.start.to_string())),
        ]);
        let mut href = String::new();
        if end < total {
            page.insert("next".to_owned(), json!(end.to_string()));
            href = format!("{path}?{}", parameters.continued_at(&end.to_string(), self.limit));
        }
        let template = format!("{}{{?property,orderby,start,limit}}", base.url(path));
        let links = json!({"page": {"href": href}, "_page": {"href": template, "templated": "true"}});
        json!({"_page": page, "_links": links, "children": children})
    }

    fn compare(&self, a: &Value, b: &Value) -> Ordering {
        let by = |(name, is_descending): &(String, bool)| {
            let order = ordered(&a[name.as_str()], &b[name.as_str()]);
            if *is_descending { order.reverse() } else { order }
        };
        self.order.iter().map(by).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

/// Numbers before texts before everything else.
fn ordered(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_i64().cmp(&b.as_i64()),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Number(_) => 0,
        Value::String(_) => 1,
        _ => 2,
    }
}

/// `start`: a number, or a link to a page.
fn start(parameters: &Parameters) -> ApiResult<usize> {
    let Some(text) = parameters.last("start") else { return Ok(0) };
    let number = match text.split_once("start=") {
        Some((_, behind)) => behind.split('&').next().unwrap_or(behind),
        None => text.trim(),
    };
    number.parse().map_err(|_| invalid("start", "is neither a whole number nor a link to a page of this list"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::parameters;

    fn listing(pairs: &[(&str, &str)]) -> ApiResult<Listing> {
        Listing::read(&parameters(pairs))
    }

    fn ordered_by(orderby: &str) -> String {
        let listing = listing(&[("orderby", orderby)]).unwrap();
        let mut items = [
            json!({"name": "b", "created": 2, "status": "X"}),
            json!({"name": "a", "created": 10}),
            json!({"name": "c", "created": 2, "status": "Y"}),
        ];
        items.sort_by(|a, b| listing.compare(a, b));
        items.iter().map(|item| item["name"].as_str().unwrap()).collect()
    }

    #[test]
    fn lists_are_ordered_by_several_members() {
        assert_eq!(ordered_by(""), "bac");
        assert_eq!(ordered_by("name"), "abc");
        assert_eq!(ordered_by("-name"), "cba");
        assert_eq!(ordered_by("created,-name"), "cba");
        assert_eq!(ordered_by("-created,name"), "abc");
        assert_eq!(ordered_by("status"), "bca");
        assert_eq!(ordered_by("none"), "bac");
        assert!(listing(&[("orderby", "a,b,c,d,e,f,g,h,i")]).is_err());
    }

    #[test]
    fn a_page_begins_at_a_number_or_at_the_link_to_it() {
        let start = |text| listing(&[("start", text)]).map(|listing| listing.start).ok();
        assert_eq!((start("7"), start("")), (Some(7), Some(0)));
        assert_eq!(start("/labels/custom?start=3&limit=1&property=name"), Some(3));
        assert_eq!((start("-1"), start("x"), start("start=")), (None, None, None));
    }
}
