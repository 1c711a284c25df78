//! The practice Kinesis endpoint: streams whose shards are files of lines.
//!
//! Streams are made, resharded and deleted at once. Records stay until their stream is deleted. Not there: CBOR, enhanced
//! fan-out, encryption, and limits of reading.

mod access;
mod errors;
pub(crate) mod faults;
mod gate;
mod hash_key;
mod iterator;
mod limits;
mod ops;
mod sequence;
mod shard;
mod signature;
mod stream;
mod streams;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::faults::Faults;
use crate::net::{self, Pacer};
use crate::seed::Credentials;
use crate::{PracticeError, line};
use access::Access;
use gate::Gate;
use ops::Ops;
use streams::Streams;

/// More than a client with a pool opens.
const CONNECTIONS_MAX: usize = 256;

/// The practice Kinesis endpoint.
pub(crate) struct PracticeKinesis {
    gate: Arc<Gate>,
    faults: Faults,
}

impl PracticeKinesis {
    /// An endpoint over the streams in `folder`, among which there is one called `stream`.
    pub(crate) fn new(
        folder: PathBuf,
        stream: &str,
        region: &str,
        credentials: Arc<Credentials>,
        faults: Faults,
    ) -> Result<PracticeKinesis, PracticeError> {
        let region: Arc<str> = region.into();
        let streams = Streams::open(folder)?;
        streams.ensure(stream, now())?;
        let ops = Arc::new(Ops::new(streams, faults.clone(), Arc::clone(&region)));
        let access = Access { credentials, faults: faults.clone(), region };
        Ok(PracticeKinesis { gate: Arc::new(Gate::new(ops, access, faults.clone())), faults })
    }

    /// Serves until `stop`.
    pub(crate) async fn serve(self, listener: TcpListener, stop: watch::Receiver<bool>) {
        let pacer = Arc::new(Pacer::default());
        net::serve(listener, CONNECTIONS_MAX, stop, |stream| {
            serve_connection(stream, Arc::clone(&self.gate), self.faults.clone(), Arc::clone(&pacer))
        })
        .await;
    }
}

async fn serve_connection(stream: TcpStream, gate: Arc<Gate>, faults: Faults, pacer: Arc<Pacer>) {
    let bytes_per_sec = move || faults.read(|f| f.kinesis.slow_bytes_per_sec);
    line::serve(stream, pacer, "Kinesis", bytes_per_sec, move |request, line| {
        let gate = Arc::clone(&gate);
        async move { gate.handle(request, &line).await }
    })
    .await;
}

/// The time by the machine's clock.
#[expect(clippy::disallowed_methods, reason = "signatures are of this time, and so are a stream's records")]
fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}
