//! Connectors against real servers. Run through `make test`, which starts them and says where they are.

mod s3;
