//! The way of one part's content to its connector.

use outflow_connector_kit::Chunk;
use outflow_model::Fault;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio_util::sync::CancellationToken;

use crate::pipeline::stopped;

/// A bounded channel for threads: a slow connector slows who sends, and nobody waits for it once the run is to stop.
pub(crate) struct Body {
    sender: mpsc::Sender<Chunk>,
    stop: CancellationToken,
    runtime: Handle,
}

impl Body {
    /// Sends through `sender`; `runtime` is what waits.
    pub fn new(sender: mpsc::Sender<Chunk>, stop: CancellationToken, runtime: Handle) -> Body {
        Body { sender, stop, runtime }
    }

    /// Sends a piece. Blocks while the connector is busy; call it outside the runtime.
    pub fn send(&self, chunk: Chunk) -> Result<(), Fault> {
        let sent = match self.sender.try_send(chunk) {
            Ok(()) => true,
            Err(TrySendError::Closed(_)) => false,
            Err(TrySendError::Full(chunk)) => {
                let sending = self.stop.run_until_cancelled(self.sender.send(chunk));
                matches!(self.runtime.block_on(sending), Some(Ok(())))
            }
        };
        if sent { Ok(()) } else { Err(stopped()) }
    }
}

/// Passes pieces on to the connector, until the run is to stop: what was made by then and is still here is not sent any
/// more. On a slow line it would stand before everything that has to be put in order.
pub(super) async fn pass_on(mut made: mpsc::Receiver<Chunk>, onward: mpsc::Sender<Chunk>, stop: CancellationToken) {
    let passing = async {
        while let Some(chunk) = made.recv().await {
            if onward.send(chunk).await.is_err() {
                return;
            }
        }
    };
    stop.run_until_cancelled(passing).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_on_its_way_stays_behind_once_the_run_is_to_stop() {
        let stop = CancellationToken::new();
        let (sender, made) = mpsc::channel(4);
        let (onward, mut body) = mpsc::channel(1);
        for _ in 0..4 {
            sender.send(Chunk::Data(bytes::Bytes::from_static(b"x"))).await.unwrap();
        }
        let passing = tokio::spawn(pass_on(made, onward, stop.clone()));
        assert!(matches!(body.recv().await, Some(Chunk::Data(_))));
        stop.cancel();
        passing.await.unwrap();
        // Of three at most the one that had been passed on already.
        let left = std::iter::from_fn(|| body.try_recv().ok()).count();
        assert!(left <= 1, "{left}");
        assert!(body.recv().await.is_none());
        assert!(sender.is_closed());
    }

    #[test]
    fn who_waits_for_a_busy_connector_hears_the_wish_to_stop() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let (sender, mut busy) = mpsc::channel(1);
        let stop = CancellationToken::new();
        let body = Body::new(sender, stop.clone(), runtime.handle().clone());
        let piece = || Chunk::Data(bytes::Bytes::from_static(b"x"));
        body.send(piece()).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| body.send(piece()));
            stop.cancel();
            assert_eq!(waiting.join().unwrap().unwrap_err().class, outflow_model::FaultClass::Interrupted);
        });
        assert!(busy.try_recv().is_ok());
        busy.close();
        assert!(body.send(piece()).is_err());
    }
}
