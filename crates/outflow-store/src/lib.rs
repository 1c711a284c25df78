//! Metadata of the server: everything it must still know after a restart, in SQLite or PostgreSQL.
//!
//! This is the only crate that knows SQL. Both databases run the same migration and the same statements; what differs
//! is one file (`dialect.rs`). The file of SQLite is enough for one server; several servers share a PostgreSQL
//! database.
//!
//! Three values give access, each able to do what the one before does:
//!
//! - [`Reader`] reads. It holds a connection and no transaction.
//! - [`Tx`] also writes. All of it happens when [`Tx::commit`] answers, or nothing: dropping it undoes it.
//! - [`FencedTx`] is a [`Tx`] of a worker whose lease on a job is certain to live until it ends. What only the owner of a
//!   job may do, such as moving a flow's incremental state, is a method of this type and of no other.
//!
//! Nouns of the API are [`documents`]: a body as it was sent, with a version that is its entity tag. What is not a
//! document (jobs, secrets, tokens, what lies on disk) has a file of its own. Time and random bytes come in through
//! [`StoreOptions`].
//!
//! Changes of configuration are recorded in the audit log ([`AuditRecord`]) in their own transactions, and those that
//! exports are judged by are counted ([`Governance`]).

mod alerts;
mod artifacts;
mod audit;
mod clients;
mod connect;
mod departures;
mod dialect;
mod documents;
mod error;
mod flow_state;
mod governance;
mod guesses;
mod inspect;
mod jobs;
mod journal;
mod migrations;
mod nouns;
mod previews;
mod runs;
mod seal;
mod secrets;
mod segments;
mod sessions;
mod sql;
mod streams;
mod suppressions;
mod tokens;
mod tx;

pub use alerts::OpenAlert;
pub use artifacts::{Artifact, ArtifactRow, NewArtifact};
pub use audit::{AuditCheck, AuditEvent, AuditPage, AuditQuery, AuditRecord, SERVER_WIDE};
pub use clients::{ADMIN, Client, NewClient};
pub use connect::{Connections, DatabaseUrl, Random, Store, StoreOptions};
pub use departures::{Departure, DeparturePage, NewDeparture};
pub use documents::{
    Cell, Change, Column, ColumnKind, Count, Document, Equals, Expected, Link, ListQuery, Matches, NewDocument, Noun,
    Order, Page, Scope, position_behind,
};
pub use error::{Conflict, Reference, StoreError};
pub use flow_state::FlowState;
pub use governance::Governance;
pub use inspect::SchemaVersion;
pub use jobs::{Enqueued, Job, JobInfo, Lease, NewJob, QueueDepth, Renewed};
pub use nouns::{
    Alert, AlertSubscription, Connection, ConsentPolicy, Dataset, DatasetLabels, EnabledCorePolicies, Flow,
    LabelDefinition, MarketingAction, Policy, Preview, Run, ScheduleConfig, Segment, SegmentJob, SourceConnection,
    SuggestionDecision, TargetConnection,
};
pub use outflow_connector_kit::Clock;
pub use outflow_model::run::RunFile;
pub use runs::RunAttempt;
pub use seal::KeyRing;
pub use secrets::{Rotated, SecretState, cut_secrets};
pub use segments::{SegmentCounts, SegmentEvaluation};
pub use sessions::{LoginLink, SessionLifetime};
pub use streams::{Stream, StreamRequest};
pub use suppressions::{NewSuppression, SUPPRESSIONS_MAX, Suppression, SuppressionKey};
pub use tokens::{Access, IssuedToken};
pub use tx::{FencedTx, Reader, Tx};
