//! The practice targets as independent clients see them: boto3, asyncssh and OpenSSH's own `sftp`.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, reason = "tests")]

mod control;
mod kinesis;
mod kinesis_faults;
mod s3;
mod s3_faults;
mod sftp;
mod sftp_faults;
mod support;
