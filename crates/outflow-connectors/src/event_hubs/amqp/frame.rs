//! Frames: what is read from and written to the wire.

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::encode::List;

/// The largest frame that is taken, in bytes. Said to the peer in `open`.
pub(in super::super) const FRAME_BYTES_MAX: u32 = 64 * 1024;

/// What both sides say before the first frame of AMQP itself.
pub(in super::super) const AMQP_HEADER: [u8; 8] = *b"AMQP\x00\x01\x00\x00";

/// What both sides say before the first frame of signing in.
pub(in super::super) const SASL_HEADER: [u8; 8] = *b"AMQP\x03\x01\x00\x00";

/// Kind of a frame of AMQP itself.
pub(in super::super) const AMQP: u8 = 0;

/// Kind of a frame of signing in.
pub(in super::super) const SASL: u8 = 1;

/// Why no further frame comes.
#[derive(Debug, thiserror::Error)]
pub(in super::super) enum Broken {
    /// The other side ended the connection.
    #[error("the connection was closed")]
    Closed,
    /// The connection failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// What came is not AMQP.
    #[error("what answers does not speak AMQP: {0}")]
    Foreign(&'static str),
}

/// A frame as it was read.
#[derive(Debug)]
pub(in super::super) struct Frame {
    /// [`AMQP`] or [`SASL`].
    pub kind: u8,
    /// Performative and payload; empty when the frame only shows that the peer lives.
    pub body: Bytes,
}

/// Reads frames. Dropping a read half-way loses nothing.
pub(in super::super) struct FrameReader<R> {
    io: R,
    buffer: BytesMut,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// Reads from `io`.
    pub(in super::super) fn new(io: R) -> FrameReader<R> {
        FrameReader { io, buffer: BytesMut::with_capacity(16 * 1024) }
    }

    async fn fill(&mut self, count: usize) -> Result<(), Broken> {
        while self.buffer.len() < count {
            self.buffer.reserve(16 * 1024);
            if self.io.read_buf(&mut self.buffer).await? == 0 {
                return Err(Broken::Closed);
            }
        }
        Ok(())
    }

    /// Reads the eight bytes that precede frames.
    ///
    /// # Errors
    /// When the peer ends or says something else.
    pub(in super::super) async fn header(&mut self) -> Result<[u8; 8], Broken> {
        self.fill(1).await?;
        let told = self.buffer.len().min(4);
        if self.buffer[..told] != b"AMQP"[..told] {
            return Err(Broken::Foreign("its greeting is another"));
        }
        self.fill(8).await?;
        let mut header = [0; 8];
        self.buffer.copy_to_slice(&mut header);
        if header[..4] != *b"AMQP" {
            return Err(Broken::Foreign("its greeting is another"));
        }
        Ok(header)
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// When the peer ends or sends no frame.
    pub(in super::super) async fn next(&mut self) -> Result<Frame, Broken> {
        self.fill(8).await?;
        let size = u32::from_be_bytes([self.buffer[0], self.buffer[1], self.buffer[2], self.buffer[3]]);
        let (offset, kind) = (usize::from(self.buffer[4]) * 4, self.buffer[5]);
        if size > FRAME_BYTES_MAX {
            return Err(Broken::Foreign("a frame is larger than agreed"));
        }
        let size = size as usize;
        if offset < 8 || offset > size {
            return Err(Broken::Foreign("a frame's head is damaged"));
        }
        self.fill(size).await?;
        let mut frame = self.buffer.split_to(size).freeze();
        Ok(Frame { kind, body: frame.split_off(offset) })
    }
}

/// The head of a frame of `body` bytes, on channel 0.
pub(in super::super) fn head(out: &mut Vec<u8>, kind: u8, body: usize) {
    out.extend_from_slice(&(body as u32 + 8).to_be_bytes());
    out.extend_from_slice(&[2, kind, 0, 0]);
}

/// A frame with one performative and no payload.
pub(in super::super) fn control(kind: u8, code: u8, fields: &List) -> Vec<u8> {
    let mut body = Vec::with_capacity(64);
    fields.describe(code, &mut body);
    let mut frame = Vec::with_capacity(body.len() + 8);
    head(&mut frame, kind, body.len());
    frame.extend_from_slice(&body);
    frame
}

/// A frame that only shows that this side lives.
pub(in super::super) fn heartbeat() -> Vec<u8> {
    let mut frame = Vec::with_capacity(8);
    head(&mut frame, AMQP, 0);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_are_read_as_they_are_written() {
        let mut wire = AMQP_HEADER.to_vec();
        wire.extend(heartbeat());
        wire.extend(control(AMQP, 0x18, &List::default()));
        let mut reader = FrameReader::new(wire.as_slice());
        assert_eq!(reader.header().await.unwrap(), AMQP_HEADER);
        assert!(reader.next().await.unwrap().body.is_empty());
        assert_eq!(reader.next().await.unwrap().body.as_ref(), [0, 0x53, 0x18, 0xc0, 1, 0]);
        assert!(matches!(reader.next().await, Err(Broken::Closed)));
    }

    #[tokio::test]
    async fn other_protocols_are_told_by_their_greeting() {
        for other in [&b"HTTP/1.1 400"[..], b"SSH-2.0-x", b"A", b"\x15\x03\x01\x00\x02"] {
            let broken = FrameReader::new(other).header().await.unwrap_err();
            let foreign = matches!(broken, Broken::Foreign(_));
            assert_eq!(foreign, other != b"A", "{other:?}: {broken:?}");
        }
        let large = [0, 2, 0, 0, 2, 0, 0, 0];
        assert!(matches!(FrameReader::new(&large[..]).next().await, Err(Broken::Foreign(_))));
        let odd = [0, 0, 0, 8, 3, 0, 0, 0];
        assert!(matches!(FrameReader::new(&odd[..]).next().await, Err(Broken::Foreign(_))));
    }
}
