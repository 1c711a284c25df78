//! What the services of Amazon have in common: key pairs, roles, signatures, errors of the transport.

pub(crate) mod arn;
pub(crate) mod credentials;
pub(crate) mod encode;
pub(crate) mod login;
pub(crate) mod payload;
pub(crate) mod region;
pub(crate) mod sign;
pub(crate) mod sts;
pub(crate) mod transport;
pub(crate) mod xml;
