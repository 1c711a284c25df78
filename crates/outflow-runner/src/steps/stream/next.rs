//! Which derivation of a stream is the next one, and what somebody asked it for.

use std::collections::BTreeSet;

use outflow_store::StreamRequest;

use super::ground::Ground;
use crate::streams::StreamState;

/// A derivation that is due.
pub(super) struct Next {
    /// The evaluation that it is over.
    pub(super) evaluation_id: String,
    /// What somebody asked for, that it does beside.
    pub(super) request: Option<Request>,
    /// The run that somebody asked for and that is not done.
    pub(super) run: Option<String>,
}

/// What somebody asked for.
pub(super) struct Request {
    pub(super) id: String,
    pub(super) what: What,
}

pub(super) enum What {
    /// Everybody's state, as this run.
    Everybody(String),
    /// The state of those whose messages were refused.
    Refused {
        /// Which; all without them.
        event_ids: Option<BTreeSet<String>>,
        /// Those in folders up to this number.
        until: u64,
    },
}

/// The kinds of requests.
pub(crate) const NOW: &str = "now";
pub(crate) const REDELIVER: &str = "redeliver";

impl Request {
    fn of(request: StreamRequest) -> Option<Request> {
        let body = &request.body;
        let what = match request.kind.as_str() {
            NOW => What::Everybody(body.get("run")?.as_str()?.to_owned()),
            REDELIVER => What::Refused {
                event_ids: body.get("eventIds").and_then(|ids| serde_json::from_value(ids.clone()).ok()),
                until: body.get("until")?.as_u64()?,
            },
            _ => return None,
        };
        Some(Request { id: request.id, what })
    }
}

/// The run that a request is for, if it is for one.
pub(super) fn run_of(request: &StreamRequest) -> Option<String> {
    match Request::of(request.clone())?.what {
        What::Everybody(run) => Some(run),
        What::Refused { .. } => None,
    }
}

/// What is to be derived next, if anything is.
pub(super) fn next(
    ground: &Ground,
    state: &StreamState,
    requests: Vec<StreamRequest>,
    others_are_withheld: bool,
) -> Option<Next> {
    // Two activations are not mixed: the first one's run is done before the second begins.
    let may_begin = |request: &Request| state.run.is_none() || !matches!(request.what, What::Everybody(_));
    let request = requests.into_iter().filter_map(Request::of).find(may_begin);
    let run = state.run.clone();
    // What a set had no room for is of its evaluation, unless the newest is all that counts.
    let goes_on = state.incomplete && state.told.is_some() && !ground.options.coalesce;
    if let Some(first) = state.waiting.first().filter(|_| !goes_on) {
        return Some(Next { evaluation_id: first.id.clone(), request, run });
    }
    let told = state.told.as_ref()?;
    let is_another = state.basis.as_ref() != Some(&ground.basis()) || ground.is_elsewhere(state);
    let is_due = request.is_some() || run.is_some() || state.incomplete || is_another || others_are_withheld;
    is_due.then(|| Next { evaluation_id: told.evaluation_id.clone(), request, run })
}
