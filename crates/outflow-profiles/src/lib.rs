//! Profiles: where they come from, which of them a rule selects, and the columns that an export needs of them.
//!
//! Sources are pinned (`source`), read in morsels (`scan`), and cut down to the selected profiles (`evaluate`). Reading
//! Parquet, selecting and projecting are the hot path of the product and are written for it; nothing here knows of files
//! that are written or of targets. `describe` counts which fields are filled; `generate` writes sample profiles.
//!
//! A server keeps profiles of its own: `dataset` makes one table of one attached dataset, `snapshot` one of all, both
//! immutable and in files of a `folder`.

pub mod dataset;
pub mod describe;
pub mod evaluate;
pub mod folder;
pub mod generate;
pub mod json;
pub mod membership;
pub mod scan;
pub mod schema;
pub mod snapshot;
pub mod source;
mod work;

pub use work::Work;
