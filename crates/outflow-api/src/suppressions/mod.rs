//! People who are in no export, whatever segments and consent say: `/data/core/ups/suppressions`.
//!
//! What identifies them is hashed where the request is read, and only the hash goes on: an identity is neither stored,
//! logged nor answered, and no message quotes one.

mod create;
mod list;
mod remove;

use std::collections::HashSet;

use outflow_model::json::Node;
use outflow_model::problem::{Findings, Problems};
use outflow_store::SuppressionKey;

use crate::error::{ApiError, ApiResult, Problem};
use crate::identity::Identity;
use crate::operation::Operation;

pub(crate) use list::{ShownSuppression, show};

/// Identities of one request.
const IDENTITIES_MAX: usize = 10_000;

/// Problems up to which a list is read. Whoever has so many has one that all have in common.
const PROBLEMS_MAX: usize = 100;

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 255;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![list::operation(), create::operation(), remove::operation()]
}

/// The items of the list `name` that `read` understands, each once.
fn read_list<T: std::hash::Hash + Eq + Clone>(
    body: &Node<'_>,
    name: &str,
    findings: &mut Findings,
    read: impl Fn(&Node<'_>, &mut Findings) -> Option<T>,
) -> Vec<T> {
    let Some(list) = body.member(name) else { return Vec::new() };
    let items = list.items(findings).unwrap_or_default();
    if items.len() > IDENTITIES_MAX {
        findings.add(&list.pointer, format!("has more than {IDENTITIES_MAX} items: send several requests"));
        return Vec::new();
    }
    let mut found = Vec::with_capacity(items.len());
    let mut known = HashSet::with_capacity(items.len());
    for item in &items {
        if findings.problems.len() >= PROBLEMS_MAX {
            break;
        }
        if let Some(value) = read(item, findings)
            && known.insert(value.clone())
        {
            found.push(value);
        }
    }
    found
}

/// The namespace of an identity, and what stands for it in the list.
fn hashed(node: &Node<'_>, findings: &mut Findings) -> Option<(String, SuppressionKey)> {
    let identity = Identity::read(node, findings)?;
    let key = identity.key();
    Some((identity.namespace, key))
}

/// A key as it is shown.
fn shown(key: &SuppressionKey) -> String {
    format!("{:032x}", u128::from_be_bytes(*key))
}

/// The key that is shown as `text`.
fn parsed(text: &str) -> Option<SuppressionKey> {
    let is_plain = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    u128::from_str_radix(text, 16).ok().filter(|_| is_plain).map(u128::to_be_bytes)
}

/// The refusal of a body with problems.
fn refuse(problems: Problems) -> ApiError {
    ApiError::invalid(problems.0.into_iter().map(Problem::from).collect())
}

/// Goes on where nothing is wrong.
fn check(findings: Findings) -> ApiResult<()> {
    findings.into_result(Some(())).map(|_| ()).map_err(refuse)
}

#[cfg(test)]
mod tests;
