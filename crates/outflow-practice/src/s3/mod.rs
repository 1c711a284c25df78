//! The practice S3 endpoint: signature checks and wire format by a maintained server library, objects in a folder.

mod access;
mod checksums;
mod errors;
mod gate;
mod key_path;
mod ops;
mod receive;
mod store;
mod uploads;
mod walk;

use std::path::Path;
use std::sync::Arc;

use s3s::service::S3ServiceBuilder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::faults::Faults;
use crate::net::{self, Pacer};
use crate::seed::Credentials;
use crate::{PracticeError, line};
use access::Access;
use gate::Gate;
use ops::Ops;
use store::Store;
use uploads::Uploads;

/// More than a client with a pool opens; each holds about 1.5 MB while it receives a body.
const CONNECTIONS_MAX: usize = 256;

/// The practice S3 endpoint.
pub(crate) struct PracticeS3 {
    gate: Arc<Gate>,
    faults: Faults,
}

impl PracticeS3 {
    /// An endpoint over the buckets in `folder`; `hidden` keeps metadata and unfinished uploads.
    pub(crate) fn new(
        folder: &Path,
        hidden: &Path,
        region: &str,
        credentials: Arc<Credentials>,
        faults: Faults,
    ) -> Result<PracticeS3, PracticeError> {
        let region: Arc<str> = region.into();
        let ops = Ops {
            store: Arc::new(Store::new(folder, hidden)?),
            uploads: Arc::new(Uploads::new(hidden, &credentials.internal_key)?),
            faults: faults.clone(),
            region: Arc::clone(&region),
        };
        let access = Access { credentials, faults: faults.clone() };
        let mut builder = S3ServiceBuilder::new(ops);
        builder.set_auth(access.clone());
        builder.set_access(access);
        Ok(PracticeS3 { gate: Arc::new(Gate::new(builder.build(), faults.clone(), region)), faults })
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
    let bytes_per_sec = move || faults.read(|f| f.s3.slow_bytes_per_sec);
    line::serve(stream, pacer, "S3", bytes_per_sec, move |request, line| {
        let gate = Arc::clone(&gate);
        async move { gate.handle(request, &line).await }
    })
    .await;
}
