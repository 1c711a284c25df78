//! Listening on loopback, connections that can be cut and slowed down.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep};

use crate::PracticeError;

/// A slowed-down connection moves at most this many bytes at once, so that the pace is even.
const SLOW_STEP_BYTES: usize = 16 * 1024;

/// Binds `address`, which must be a loopback address: practice credentials protect nothing.
pub(crate) async fn bind(address: SocketAddr, what: &str) -> Result<(TcpListener, SocketAddr), PracticeError> {
    if !address.ip().is_loopback() {
        return Err(PracticeError::new(
            format!("{address} is not a loopback address"),
            format!("bind {what} to {address}"),
            "practice targets are for this machine only; use 127.0.0.1 or [::1]",
        ));
    }
    let failed = |e: io::Error| {
        PracticeError::new(
            format!("cannot listen on {address}"),
            format!("bind {what} to {address}"),
            "choose another port, or port 0 for any free one",
        )
        .because(e)
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Accepts connections until `stop`; at most `connections_max` at a time, further ones are closed at once. When it
/// ends, every connection has ended.
pub(crate) async fn serve<F, Fut>(
    listener: TcpListener,
    connections_max: usize,
    mut stop: watch::Receiver<bool>,
    serve_one: F,
) where
    F: Fn(TcpStream) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        // Those that ended do not count against the limit.
        while connections.try_join_next().is_some() {}
        tokio::select! {
            () = stopped(&mut stop) => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if connections.len() < connections_max => {
                    // Small answers must not wait for acknowledgements; nothing is lost when the option is refused.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(serve_one(stream));
                }
                Ok((stream, peer)) => {
                    tracing::warn!(%peer, connections_max, "too many connections, one is refused");
                    drop(stream);
                }
                // Out of file descriptors or the like: it passes when connections end.
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    connections.shutdown().await;
}

/// Waits for the word to stop, or for the one who could give it to be gone.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

/// Cuts one connection from wherever a fault is found.
#[derive(Debug, Default)]
pub(crate) struct Switch {
    cut: AtomicBool,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl Switch {
    /// Resets the connection at its next read or write.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        self.reader.wake();
        self.writer.wake();
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }
}

/// Cuts the connection when dropped, so that tasks which others spawned for it end with ours.
pub(crate) struct CutOnDrop(pub(crate) Arc<Switch>);

impl Drop for CutOnDrop {
    fn drop(&mut self) {
        self.0.cut();
    }
}

/// The pace that all connections of one target share.
#[derive(Debug, Default)]
pub(crate) struct Pacer {
    free_at: Mutex<Option<Instant>>,
}

impl Pacer {
    /// Books `bytes` at `bytes_per_sec` and says when they have passed.
    fn book(&self, bytes: usize, bytes_per_sec: u64) -> Instant {
        let now = Instant::now();
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let start = free_at.map_or(now, |at| at.max(now));
        let until = start + Duration::from_secs_f64(bytes as f64 / bytes_per_sec.max(1) as f64);
        *free_at = Some(until);
        until
    }
}

/// What is wrong with a target's line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Line {
    /// The pace, in bytes per second; `None` for as fast as possible.
    pub(crate) bytes_per_sec: Option<u64>,
    /// Connections are reset.
    pub(crate) down: bool,
}

/// Gives what is wrong with the line now.
pub(crate) type LineSource = Arc<dyn Fn() -> Line + Send + Sync>;

/// A TCP connection that can be cut (the peer sees a reset) and slowed down.
pub(crate) struct FaultyStream {
    tcp: TcpStream,
    switch: Arc<Switch>,
    pacer: Arc<Pacer>,
    line: LineSource,
    read_wait: Option<Pin<Box<Sleep>>>,
    write_wait: Option<Pin<Box<Sleep>>>,
}

impl FaultyStream {
    pub(crate) fn new(tcp: TcpStream, switch: Arc<Switch>, pacer: Arc<Pacer>, line: LineSource) -> FaultyStream {
        FaultyStream { tcp, switch, pacer, line, read_wait: None, write_wait: None }
    }
}

impl Drop for FaultyStream {
    fn drop(&mut self) {
        if self.switch.is_cut() {
            // Closing without lingering sends a reset; without it the peer would see a polite end.
            let _ = self.tcp.set_zero_linger();
        }
    }
}

fn reset() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "cut by a practice fault")
}

/// Waits out what was booked before.
fn wait(waiting: &mut Option<Pin<Box<Sleep>>>, cx: &mut Context<'_>) -> Poll<()> {
    if let Some(sleep) = waiting {
        if sleep.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        *waiting = None;
    }
    Poll::Ready(())
}

impl AsyncRead for FaultyStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.switch.reader.register(cx.waker());
        let line = (this.line)();
        if this.switch.is_cut() || line.down {
            this.switch.cut();
            return Poll::Ready(Err(reset()));
        }
        if wait(&mut this.read_wait, cx).is_pending() {
            return Poll::Pending;
        }
        let Some(bytes_per_sec) = line.bytes_per_sec else { return Pin::new(&mut this.tcp).poll_read(cx, buf) };
        let mut step = buf.take(SLOW_STEP_BYTES);
        let polled = Pin::new(&mut this.tcp).poll_read(cx, &mut step);
        // Copied, because telling `buf` that its memory was filled through `step` would need unsafe code.
        let taken = step.filled().to_vec();
        if !taken.is_empty() {
            buf.put_slice(&taken);
            let until = this.pacer.book(taken.len(), bytes_per_sec);
            this.read_wait = Some(Box::pin(tokio::time::sleep_until(until)));
        }
        polled
    }
}

impl AsyncWrite for FaultyStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        this.switch.writer.register(cx.waker());
        let line = (this.line)();
        if this.switch.is_cut() || line.down {
            this.switch.cut();
            return Poll::Ready(Err(reset()));
        }
        if wait(&mut this.write_wait, cx).is_pending() {
            return Poll::Pending;
        }
        let Some(bytes_per_sec) = line.bytes_per_sec else { return Pin::new(&mut this.tcp).poll_write(cx, data) };
        let step = data.get(..SLOW_STEP_BYTES).unwrap_or(data);
        let polled = Pin::new(&mut this.tcp).poll_write(cx, step);
        if let Poll::Ready(Ok(written)) = &polled {
            let until = this.pacer.book(*written, bytes_per_sec);
            this.write_wait = Some(Box::pin(tokio::time::sleep_until(until)));
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.switch.is_cut() {
            return Poll::Ready(Err(reset()));
        }
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.switch.is_cut() {
            return Poll::Ready(Err(reset()));
        }
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_loopback_is_bound() {
        for refused in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
            let error = bind(refused.parse().unwrap(), "S3").await.unwrap_err();
            assert!(error.message.contains("not a loopback address"), "{error}");
        }
        let (_, bound) = bind("127.0.0.1:0".parse().unwrap(), "S3").await.unwrap();
        assert_ne!(bound.port(), 0);
    }

    #[test]
    fn connections_share_the_pace() {
        let pacer = Pacer::default();
        let first = pacer.book(1000, 1000);
        let second = pacer.book(500, 1000);
        assert_eq!(second - first, Duration::from_millis(500));
    }
}
