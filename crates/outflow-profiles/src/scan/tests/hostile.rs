//! Files that are written to be larger than they say.

use arrow::array::{MapBuilder, StringArray, StringBuilder};
use outflow_model::FaultClass;
use parquet::basic::Compression;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader, ParquetMetaDataWriter};

use super::*;

/// A column of text and a map, in pages of some thousand bytes.
fn sample(dir: &Path) -> (std::path::PathBuf, ParquetMetaData) {
    let text: ArrayRef = Arc::new((0..600).map(|n| Some(format!("{n:0200}"))).collect::<StringArray>());
    let mut maps = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    for n in 0..600 {
        maps.keys().append_value(format!("{n:0200}"));
        maps.values().append_value("v");
        maps.append(true).unwrap();
    }
    let batch = RecordBatch::try_from_iter([("s", text), ("m", Arc::new(maps.finish()) as ArrayRef)]).unwrap();
    let path = dir.join("a.parquet");
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_compression(Compression::SNAPPY)
        .set_data_page_row_count_limit(200)
        .set_write_batch_size(100);
    write(&path, &batch, properties.build());
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&std::fs::File::open(&path).unwrap()).unwrap();
    (path, metadata)
}

fn refused(dir: &Path, path: &str, limit: u64) -> String {
    let limited = ScanRequest { pages: Some(PageBudget::new(limit, 1)), ..request(&[path]) };
    let fault = open(dir).and_then(|profiles| scan(&profiles, &limited)).unwrap_err();
    assert_eq!(fault.class, FaultClass::Input);
    fault.message.replace(&format!("{}/", dir.display()), "")
}

#[test]
fn a_footer_cannot_make_a_page_smaller() {
    let dir = tempfile::tempdir().unwrap();
    let (path, metadata) = sample(dir.path());
    let limited = |path, limit| ScanRequest { pages: Some(PageBudget::new(limit, 1)), ..request(&[path]) };
    for column in ["s", "m.k"] {
        assert!(scan(&open(dir.path()).unwrap(), &limited(column, 100_000)).is_ok());
    }
    // The footer says that no chunk has more than ten bytes.
    let mut builder = metadata.clone().into_builder();
    let groups = builder.take_row_groups().into_iter().map(|group| {
        let mut group = group.into_builder();
        let columns = group.take_columns().into_iter();
        let small = |c: ColumnChunkMetaData| c.into_builder().set_total_uncompressed_size(10).build().unwrap();
        group.set_column_metadata(columns.map(small).collect()).build().unwrap()
    });
    let lying = builder.set_row_groups(groups.collect()).build();
    let mut content = std::fs::read(&path).unwrap();
    let pages =
        metadata.row_group(0).columns().iter().map(ColumnChunkMetaData::byte_range).map(|(from, length)| from + length);
    content.truncate(pages.max().unwrap() as usize);
    let mut footer = Vec::new();
    ParquetMetaDataWriter::new(&mut footer, &lying).finish().unwrap();
    content.extend(footer);
    std::fs::write(&path, content).unwrap();
    for (column, name) in [("s", "s"), ("m.k", "m.entries.keys"), ("m", "m.entries.keys")] {
        let message = refused(dir.path(), column, 20_000);
        assert!(message.starts_with("a.parquet has a page of ") && message.contains(name), "{message}");
    }
}

#[test]
fn damage_behind_a_page_that_is_too_large_does_not_hide_it() {
    for (column, number) in [("s", 0), ("m.k", 1)] {
        let dir = tempfile::tempdir().unwrap();
        let (path, metadata) = sample(dir.path());
        let (start, length) = metadata.row_group(0).column(number).byte_range();
        let mut content = std::fs::read(&path).unwrap();
        content[(start + length / 2) as usize..(start + length) as usize].fill(0xee);
        std::fs::write(&path, &content).unwrap();
        assert!(refused(dir.path(), column, 20_000).starts_with("a.parquet has a page of "));
        // A header that cannot be read is corrupt, whatever the limit.
        content[start as usize..(start + length) as usize].fill(0xee);
        std::fs::write(&path, &content).unwrap();
        assert!(refused(dir.path(), column, 1 << 30).starts_with("a.parquet is corrupt in column "));
    }
}
