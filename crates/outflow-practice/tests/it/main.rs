//! The practice targets as independent clients see them: boto3, asyncssh, OpenSSH's own `sftp`, and
//! Microsoft's SDKs of Event Hubs for Python and JavaScript.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, reason = "tests")]

mod control;
mod event_hubs;
mod event_hubs_faults;
mod s3;
mod s3_faults;
mod sftp;
mod sftp_faults;
mod support;
