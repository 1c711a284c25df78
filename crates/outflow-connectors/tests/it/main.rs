//! Connectors against real servers. Run through `make test`, which starts them and says where they are.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the right answer to what should not fail")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests learn of their servers from the environment and sign with the time"
)]

mod event_hubs;
mod folder;
mod kinesis;
mod s3;
mod sftp;
mod sftp_bed;
mod sftp_cuts;
mod sftp_odd_server;
mod sftp_odd_servers;
mod sftp_refusals;
mod support;
