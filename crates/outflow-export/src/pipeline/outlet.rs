//! The outlet of one file: blocks come in from any thread, leave in order, are encrypted where the run asks for it, hashed
//! and sent to the connector.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest;
use bytes::Bytes;
use outflow_connector_kit::Chunk;
use outflow_model::Fault;

use crate::deliver::Body;
use crate::openpgp::PartCipher;

/// The way of a file's blocks to its connector.
pub(crate) struct Outlet {
    state: Mutex<State>,
    /// Number of the block that leaves next. Beside the state, because that is locked as long as the connector is busy.
    next: AtomicU64,
}

struct State {
    waiting: BTreeMap<u64, Bytes>,
    /// Blocks in all, once known.
    total: Option<u64>,
    /// What everything passes on its way out; gone when the file has ended.
    cipher: Option<PartCipher>,
    hasher: digest::Context,
    bytes: u64,
    body: Option<Body>,
}

impl Outlet {
    /// An outlet into `body`, through `cipher` where there is one.
    pub fn new(body: Body, cipher: Option<PartCipher>) -> Outlet {
        let state = State {
            waiting: BTreeMap::new(),
            total: None,
            cipher,
            hasher: digest::Context::new(&digest::SHA256),
            bytes: 0,
            body: Some(body),
        };
        Outlet { state: Mutex::new(state), next: AtomicU64::new(0) }
    }

    /// Takes block `number`; sends what is in order now. Blocks while the connector is busy.
    pub fn put(&self, number: u64, block: Bytes) -> Result<(), Fault> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting.insert(number, block);
        state.send(&self.next)
    }

    /// Says how many blocks there are; the file ends behind the last.
    pub fn close(&self, blocks: u64) -> Result<(), Fault> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.total = Some(blocks);
        state.send(&self.next)
    }

    /// Number of the block that leaves next.
    pub fn next(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }
}

impl State {
    /// Sends what is in order. `next` is moved by whoever holds the lock on the state alone.
    fn send(&mut self, next: &AtomicU64) -> Result<(), Fault> {
        while let Some(block) = self.waiting.remove(&next.load(Ordering::Relaxed)) {
            next.fetch_add(1, Ordering::Relaxed);
            let block = match &mut self.cipher {
                Some(cipher) if !block.is_empty() => cipher.update(&block)?.into(),
                _ => block,
            };
            self.deliver(block)?;
        }
        if self.total == Some(next.load(Ordering::Relaxed)) && self.body.is_some() {
            if let Some(cipher) = self.cipher.take() {
                self.deliver(cipher.finish()?.into())?;
            }
            let hash = self.hasher.clone().finish();
            let mut sha256 = [0; 32];
            sha256.copy_from_slice(hash.as_ref());
            let end = Chunk::End { bytes: self.bytes, sha256 };
            self.body()?.send(end)?;
            self.body = None;
        }
        Ok(())
    }

    fn deliver(&mut self, block: Bytes) -> Result<(), Fault> {
        if block.is_empty() {
            return Ok(());
        }
        self.hasher.update(&block);
        self.bytes += block.len() as u64;
        self.body()?.send(Chunk::Data(block))
    }

    fn body(&self) -> Result<&Body, Fault> {
        self.body.as_ref().ok_or_else(|| Fault::internal("a block came after the end of its file"))
    }
}
