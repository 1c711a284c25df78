//! Connectors against real servers. Run through `make test`, which starts them and says where they are.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod s3;
