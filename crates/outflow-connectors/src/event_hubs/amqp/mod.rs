//! The part of AMQP 1.0 that sending to a hub takes: one connection, one session, a few links.
//!
//! Written out here because a sender must be able to say of each transfer whether it was written, and what the hub
//! answered to this very one, and because a message is then copied once, straight into the buffer that is sent.

pub(super) mod decode;
pub(super) mod encode;
pub(super) mod frame;
pub(super) mod performative;

pub(super) use decode::{Malformed, Reader, Value};
pub(super) use frame::{Broken, FrameReader};
pub(super) use performative::{AmqpError, Incoming, State};
