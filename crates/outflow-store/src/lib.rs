//! Metadata of the server.
