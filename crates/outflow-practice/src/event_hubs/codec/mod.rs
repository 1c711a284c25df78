//! AMQP 1.0 on the wire, as much of it as an Event Hubs namespace needs: values, performatives, frames, messages.

pub(crate) mod fields;
pub(crate) mod frame;
pub(crate) mod message;
pub(crate) mod performative;
pub(crate) mod sasl;
pub(crate) mod value;

#[cfg(test)]
pub(crate) mod tests;

/// Why bytes are not AMQP. `Display` gives what is wrong, for the error that ends the connection.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct CodecError(pub(crate) &'static str);

/// Result of decoding.
pub(crate) type Decoded<T> = Result<T, CodecError>;
