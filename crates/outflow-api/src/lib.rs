//! The HTTP API: one folder a noun, one file an operation with its tests at its end.
//!
//! Paths, bodies and answers have the shapes of the services that existing clients were written for: connections, flows
//! and runs below `/data/foundation/flowservice`, segments below `/data/core/ups`, labels, marketing actions and policies below
//! `/data/foundation/dulepolicy`; what those do not cover, datasets and alerts, has paths of the same style. Outflow's own members are additional ones, never changed ones.
//!
//! A request goes through [`app`]: trailing slashes are dropped, it is logged and counted (`observe`), its token decides
//! who calls and what may be seen (`auth`), its body and query are read leniently (`body`, `page`) and checked strictly,
//! with every problem at once. Handlers read and write the store and ask the runner for work; they never export or
//! evaluate. What they do themselves takes a bounded time: probes of accounts and targets, previews and estimates over a
//! bounded sample.
//!
//! To add an operation: a file in its noun's folder with the handler, its `#[utoipa::path]` and a `fn operation()`; one
//! line in the noun's `operations()`; `outflow openapi > openapi.json`. The route is made from the document's path, so
//! the two cannot differ.

mod adhocrun;
mod alerts;
mod app;
mod audit;
mod auth;
mod body;
mod change;
mod clients;
mod connection_specs;
mod connections;
mod consent_policies;
mod console;
mod context;
mod dataset_labels;
mod datasets;
mod document;
mod error;
mod etag;
mod flow_specs;
mod flows;
mod governance;
mod health;
mod id;
mod identity;
mod ims;
mod labels;
mod marketing_actions;
mod observe;
mod openapi;
mod operation;
mod page;
mod patch;
mod policies;
mod policy_evaluation;
mod policy_service;
mod probe;
mod profiles;
mod runs;
mod schedules;
mod segment_jobs;
mod segments;
mod source_connections;
mod suppressions;
mod target_connections;
mod whereabouts;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use app::{router, serve};
pub use context::{ApiContext, ApiSettings};
pub use observe::{MetricsHandle, install_metrics};
pub use openapi::openapi_json;

/// Where in the console a login link leads, by its token. It stands behind the `#`, which no browser sends.
pub fn login_path(token: &str) -> String {
    format!("/console/sign-in#link={token}")
}
