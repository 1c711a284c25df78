//! The console's built files, embedded, and how they are served.
//!
//! The files are those of `ui/dist` at the time when this crate was compiled, in every profile. They are static: what the
//! console shows, it asks of the API, as anybody does. So they are open to anybody, and hold nothing that is not in the
//! source.
//!
//! - `/` leads to `/console/`.
//! - `/console/assets/…` are files whose names change with their content: kept by browsers for good. One that is not there
//!   is not found, so that a page of an older release does not take another one's text for its own.
//! - any other file is compared by its `ETag` each time.
//! - every other path below `/console/` is a place within the console, which its script reads: the answer is its one page.
//!
//! Files that its build has compressed (`NAME.br`, `NAME.gz`) stand in for `NAME` where the browser takes them.

mod encoding;
mod files;
mod headers;
mod missing;
mod serve;

pub use files::Files;

/// The console of this build.
pub const BUILT: Files = Files::new(include!(concat!(env!("OUT_DIR"), "/built.rs")));

/// The routes of a console with these files: `/`, and what is below `/console`.
pub fn router<S: Clone + Send + Sync + 'static>(files: Files) -> axum::Router<S> {
    serve::router(files)
}
