//! Reading Parquet: flat columns through the library with dictionaries kept, single map entries straight from the pages,
//! everything else through the library and then step by step.

mod blame;
mod entry;
mod file;
mod group;
mod hybrid;
mod page_sizes;
mod pages;
mod reader;
mod stats;

pub(crate) use file::ParquetFile;
pub(crate) use file::type_at as parquet_type_at;
pub(crate) use group::RowGroupScan;
pub(crate) use reader::{Undecodable, guarded};
