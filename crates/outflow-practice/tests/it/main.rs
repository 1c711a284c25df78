//! The practice targets as independent clients see them: boto3, asyncssh and OpenSSH's own `sftp`.

mod control;
mod s3;
mod s3_faults;
mod sftp;
mod sftp_faults;
mod support;
mod throughput;
