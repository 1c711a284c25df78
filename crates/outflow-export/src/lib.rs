//! From a plan to delivered files.
//!
//! A plan fixes everything that decides the bytes. Morsels of the sources are scanned, encoded and compressed on all
//! cores and leave in plan order; parts are staged at the target while they are produced and published together when
//! all are whole; the manifest comes last. The same plan gives the same bytes whatever the number of threads.
//!
//! For targets that take messages, `messages` has the way from what changed to what was acknowledged.

mod dedup;
mod deliver;
pub mod departures;
mod encode;
pub mod messages;
pub mod openpgp;
mod pipeline;
mod plan;
mod preview;
mod progress;
mod run;

pub use deliver::{Checked, DeliveredFile, FileSource, read_manifest, verify_files};
pub use pipeline::Compression;
pub use plan::{DedupKey, ExportPlan, FileFormat, MappedField, Names, hex};
pub use preview::{FilePreview, preview_files};
pub use progress::{Progress, Step};
pub use run::{AtTarget, BeforePublishing, ExportOutcome, Resources, Run, VerifyLevel, WholePart, run};
