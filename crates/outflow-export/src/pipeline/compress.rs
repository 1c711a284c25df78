//! Compression in independent blocks, by whichever thread has a moment.
//!
//! A file's content is cut every [`BLOCK_BYTES`]; each block becomes a gzip member or a zstd frame of its own, which
//! every reader takes one after another as one file. Where the cuts are depends on the content alone, so the bytes do
//! not depend on the number of threads.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use outflow_model::Fault;
use serde::{Deserialize, Serialize};

use super::outlet::Outlet;
use super::turns::stopped;

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
///
/// Of a file, blocks are taken up to a number ahead of the one that leaves next, so that no more than these wait in the
/// outlet for a block that a slower thread has. Jobs are taken in order: the block that leaves next is either being
/// compressed or the first that may be taken, so whoever waits is waiting for a thread at work.
pub(crate) struct Compressors {
    compression: Compression,
    jobs: Mutex<VecDeque<Job>>,
    /// More jobs than this are not queued: who brings one does it, or waits. Also how many blocks of a file are on their
    /// way through threads and outlet.
    jobs_max: usize,
    /// A block has left, or will not.
    moved: Condvar,
    failed: AtomicBool,
}

impl Compressors {
    /// A queue for `threads` threads.
    pub fn new(compression: Compression, threads: usize) -> Compressors {
        Compressors {
            compression,
            jobs: Mutex::default(),
            jobs_max: 2 * threads,
            moved: Condvar::new(),
            failed: AtomicBool::new(false),
        }
    }

    /// Compresses `content` soon and puts it into `outlet` as block `number`.
    pub fn submit(&self, outlet: &Arc<Outlet>, number: u64, content: Vec<u8>) -> Result<(), Fault> {
        let mut jobs = self.jobs();
        if self.failed.load(Ordering::Relaxed) {
            return Err(stopped());
        }
        jobs.push_back(Job { outlet: Arc::clone(outlet), number, content });
        drop(jobs);
        loop {
            let queued = self.jobs().len();
            if queued <= self.jobs_max || self.help()? {
                return Ok(());
            }
            if self.failed.load(Ordering::Relaxed) {
                return Err(stopped());
            }
            let jobs = self.jobs();
            if jobs.len() > self.jobs_max {
                // The wait has an end so that a block which left in between is seen.
                drop(self.moved.wait_timeout(jobs, Duration::from_millis(20)));
            }
        }
    }

    /// Does one waiting job; `false` when there is none that may be done now.
    pub fn help(&self) -> Result<bool, Fault> {
        let mut jobs = self.jobs();
        let may_be_done = |job: &Job| job.number < job.outlet.next() + self.jobs_max as u64;
        let Some(job) = jobs.iter().position(may_be_done).and_then(|at| jobs.remove(at)) else { return Ok(false) };
        drop(jobs);
        let mut done = Done { compressors: self, is_well: false };
        let block = compress(self.compression, &job.content)?;
        job.outlet.put(job.number, Bytes::from(block))?;
        done.is_well = true;
        Ok(true)
    }

    fn jobs(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells those who wait that a job is over, however it ended.
struct Done<'a> {
    compressors: &'a Compressors,
    is_well: bool,
}

impl Drop for Done<'_> {
    fn drop(&mut self) {
        if !self.is_well {
            let mut jobs = self.compressors.jobs();
            self.compressors.failed.store(true, Ordering::Relaxed);
            // Blocks behind the lost one will never leave. With them go the last holds on their files, so that whoever
            // waits for these at the far end is told that they end.
            jobs.clear();
        }
        self.compressors.moved.notify_all();
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

#[cfg(test)]
mod tests {
    use outflow_connector_kit::Chunk;
    use tokio::sync::mpsc;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::deliver::Body;

    #[test]
    fn blocks_ahead_of_a_slow_one_are_as_many_as_are_allowed_and_then_everybody_goes_on() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let (sender, mut sent) = mpsc::channel(100);
        let body = Body::new(sender, CancellationToken::new(), runtime.handle().clone());
        let outlet = Arc::new(Outlet::new(body, None));
        let compressors = Compressors::new(Compression::None, 2);
        // Block 0 is with a thread that takes its time. Blocks 1 to 3 may be made meanwhile, and four may wait.
        let (begun, submitted) = (AtomicBool::new(false), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for number in 1..=8 {
                    begun.store(number == 8, Ordering::Relaxed);
                    compressors.submit(&outlet, number, vec![number as u8]).unwrap();
                }
                submitted.store(true, Ordering::Relaxed);
            });
            while !begun.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            while compressors.jobs().len() < 5 {
                std::thread::yield_now();
                assert!(!submitted.load(Ordering::Relaxed));
            }
            assert!(!compressors.help().unwrap(), "a block more is taken");
            std::thread::sleep(Duration::from_millis(60));
            assert!(!submitted.load(Ordering::Relaxed), "a block more is queued");
            outlet.put(0, Bytes::from_static(&[0])).unwrap();
        });
        while compressors.help().unwrap() {}
        outlet.close(9).unwrap();
        for number in 0..=8 {
            assert!(matches!(sent.try_recv(), Ok(Chunk::Data(block)) if *block == [number]));
        }
        assert!(matches!(sent.try_recv(), Ok(Chunk::End { bytes: 9, .. })));
    }

    #[test]
    fn nobody_waits_for_a_block_that_is_lost() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let outlet = |sender| {
            let body = Body::new(sender, CancellationToken::new(), runtime.handle().clone());
            Arc::new(Outlet::new(body, None))
        };
        let (sender, mut sent) = mpsc::channel(100);
        let (well, closed) = (outlet(sender), outlet(mpsc::channel(1).0));
        let compressors = Compressors::new(Compression::None, 1);
        compressors.submit(&closed, 0, vec![0]).unwrap();
        // One that has its turn only behind others.
        compressors.submit(&well, 5, vec![0]).unwrap();
        assert!(compressors.help().is_err());
        // Of the other file, block 0 was with a thread that has heard of it.
        let lost = (2..9).try_for_each(|number| compressors.submit(&well, number, vec![0]));
        assert_eq!(lost.unwrap_err().class, outflow_model::FaultClass::Interrupted);
        // Nothing holds the file open any more: its receiver hears that it ends.
        drop(well);
        assert!(matches!(sent.try_recv(), Err(mpsc::error::TryRecvError::Disconnected)));
    }
}
