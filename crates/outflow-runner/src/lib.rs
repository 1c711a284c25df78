//! What a server does in the background: schedules, runs, evaluations, refreshes, alerts, cleaning up.
//!
//! Who the players are:
//!
//! - The **scheduler** (`scheduler`) compares what should be with what is and queues what lacks. It takes no input, so a
//!   lost signal, a long downtime and a second server change nothing.
//! - **Workers** (`worker`) claim jobs, carry them out and settle them. A job is leased; whatever is written of it goes
//!   through a transaction under the lease's fence, so of two who take themselves for its worker one can write.
//! - **Steps** (`steps`) are what jobs do. Each may be cut short anywhere and is carried out again from its beginning.
//! - The **janitor** (`janitor`) removes what nothing refers to.
//! - The [`Runner`] is the handle by which others ask for work ([`submit`]) and follow it.
//!
//! What is guaranteed: a run's plan is stored before it has an effect, and every try follows it; incremental state
//! advances in the transaction that says that the run was a success, and nowhere else; a slot is marked in the
//! transaction that makes its run; a message of a streaming flow is sent until it is acknowledged, and before the next one
//! about the same profile is made. Nothing is kept in memory that another server, or the next start, would miss.

mod alerts;
mod below;
mod context;
pub mod departures;
mod details;
pub mod governance;
mod janitor;
pub mod jobs;
mod kinds;
mod ledger;
mod live;
mod owned;
mod progress;
mod refreshing;
mod runner;
mod scheduler;
mod settings;
mod source;
mod steps;
mod streams;
pub mod submit;
mod worker;

pub use alerts::{Channel, Subscription, check_subscription};
pub use below::Below;
pub use context::{Random, RunnerContext};
pub use progress::RunProgress;
pub use runner::Runner;
pub use scheduler::Cron;
pub use settings::{AlertSettings, RetrySettings, RunnerSettings};
pub use source::pin_source;
pub use streams::{FlowLetter, LetterPage, StreamStatus};
pub use submit::{AdhocOrder, FlowProblem, Redelivery, SubmitError, Submitted};
