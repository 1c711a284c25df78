//! Compression in independent blocks, by whichever thread has a moment.
//!
//! A file's content is cut every [`BLOCK_BYTES`]; each block becomes a gzip member or a zstd frame of its own, which
//! every reader takes one after another as one file. Where the cuts are depends on the content alone, so the bytes do
//! not depend on the number of threads.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use outflow_model::Fault;
use serde::{Deserialize, Serialize};

use super::outlet::Outlet;

/// Content bytes of a block. Smaller blocks compress worse (each starts with an empty window), larger ones keep the
/// other cores waiting at the end of a file.
pub(crate) const BLOCK_BYTES: usize = 1024 * 1024;

/// How files are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// RFC 1952, several members.
    Gzip,
    /// RFC 8878, several frames.
    Zstd,
}

impl Compression {
    /// Added to file names.
    pub fn suffix(self) -> &'static str {
        match self {
            Compression::None => "",
            Compression::Gzip => ".gz",
            Compression::Zstd => ".zst",
        }
    }
}

struct Job {
    outlet: Arc<Outlet>,
    number: u64,
    content: Vec<u8>,
}

/// Blocks that wait for a thread.
pub(crate) struct Compressors {
    compression: Compression,
    jobs: Mutex<VecDeque<Job>>,
    /// More jobs than this are not queued: who brings one does it.
    jobs_max: usize,
}

impl Compressors {
    /// A queue for `threads` threads.
    pub fn new(compression: Compression, threads: usize) -> Compressors {
        Compressors { compression, jobs: Mutex::default(), jobs_max: 2 * threads }
    }

    /// Compresses `content` soon and puts it into `outlet` as block `number`.
    pub fn submit(&self, outlet: &Arc<Outlet>, number: u64, content: Vec<u8>) -> Result<(), Fault> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.push_back(Job { outlet: Arc::clone(outlet), number, content });
        let full = jobs.len() > self.jobs_max;
        drop(jobs);
        if full {
            self.help()?;
        }
        Ok(())
    }

    /// Does one waiting job; `false` when there is none.
    pub fn help(&self) -> Result<bool, Fault> {
        let job = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some(job) = job else { return Ok(false) };
        let block = compress(self.compression, &job.content)?;
        job.outlet.put(job.number, Bytes::from(block))?;
        Ok(true)
    }
}

fn compress(compression: Compression, content: &[u8]) -> Result<Vec<u8>, Fault> {
    match compression {
        Compression::None => Ok(content.to_vec()),
        Compression::Gzip => {
            // Level 6 is what readers of gzip files expect in size; libdeflate does it at a third of zlib's cost.
            let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
            let mut out = vec![0; compressor.gzip_compress_bound(content.len())];
            let length = compressor
                .gzip_compress(content, &mut out)
                .map_err(|e| Fault::internal(format!("gzip failed: {e:?}")))?;
            out.truncate(length);
            Ok(out)
        }
        Compression::Zstd => zstd::bulk::compress(content, 3).map_err(|e| Fault::internal("zstd failed").because(e)),
    }
}

/// A file of no content still is a file in its format.
pub(crate) fn empty_block(compression: Compression) -> Result<Vec<u8>, Fault> {
    compress(compression, &[])
}
