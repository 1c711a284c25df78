//! The connector contract.
//!
//! A connector is the code behind one kind of destination. It offers four verbs: `check` (no input or output, every
//! problem at once, by field), `probe` (real round trips with the calls that a delivery will use), `open`, and then
//! `stage` and `publish`, which together are the contract's `put`: a staged part is whole at the far end and yet
//! invisible, publishing makes it visible in one step. Between the two nothing half-done can be seen, and a run whose
//! last part fails has shown nothing. Targets that take messages have a [`StreamSession`] instead, whose one verb answers
//! for each message alone.
//!
//! Authors write against their own `Account` and `Target` types ([`ConnectorKind`]); the registry holds [`Connector`]s.

pub mod catalog;
pub mod conformance;
mod connector;
mod file_journal;
mod journal;
mod misfit;
mod probe;
mod retry;
mod session;
mod stream;

pub use connector::{Clock, Connector, ConnectorKind, Erased, Guarantee, SessionContext};
pub use file_journal::FileJournal;
pub use journal::{Journal, JournalEntry, LivingEntry, MemoryJournal, refuse_living};
pub use outflow_model::{Fault, FaultClass};
pub use probe::{FieldProblem, ProbeNews, ProbeReport, ProbeStep, StepOutcome, StepWatch};
pub use retry::RetryPolicy;
pub use session::{
    BodyReader, Chunk, Evidence, NameRule, ObjectStat, PartBody, PartReader, PartRequest, Receipt, Session, StagedPart,
    SweepReport,
};
pub use stream::{Message, Outcome, StreamLimits, StreamSession, all};
