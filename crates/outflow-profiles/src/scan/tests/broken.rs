//! Files that are not what they claim.

use arrow::array::{Int64Array, RecordBatch, StringArray};
use outflow_model::FaultClass;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

use super::*;

/// Reads everything; `Err` is an input fault that names the file, whose message is answered without the folder.
fn read(dir: &Path, paths: &[&str]) -> Result<usize, String> {
    let read = open(dir).and_then(|profiles| {
        let paths: Vec<&str> =
            paths.iter().copied().filter(|p| profiles.arrow_type(&FieldPath::parse(p).unwrap()).is_some()).collect();
        scan(&profiles, &request(&paths))
    });
    read.map(|values| values.first().map_or(0, Vec::len)).map_err(|fault| {
        assert_eq!(fault.class, FaultClass::Input, "{fault:?}");
        assert!(!outflow_model::fault::chain(&fault).contains("SECRET"));
        fault.message.replace(&format!("{}/", dir.display()), "")
    })
}

fn sample(compression: Compression) -> (tempfile::TempDir, std::path::PathBuf, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.parquet");
    let maps = "{\"m\":{\"k\":{\"s\":\"realized\"},\"other\":{\"s\":null}},\"l\":[{\"id\":\"x\"}]}\n".repeat(300);
    let profiles = {
        let entry = |value| {
            let fields = vec![
                arrow::datatypes::Field::new("key", DataType::Utf8, false),
                arrow::datatypes::Field::new("value", value, true),
            ];
            arrow::datatypes::Field::new("entries", DataType::Struct(fields.into()), false)
        };
        let one = |name: &str| DataType::Struct(vec![arrow::datatypes::Field::new(name, DataType::Utf8, true)].into());
        let fields = vec![
            arrow::datatypes::Field::new("m", DataType::Map(Arc::new(entry(one("s"))), false), true),
            arrow::datatypes::Field::new("l", DataType::new_list(one("id"), true), true),
        ];
        let mut decoder =
            arrow::json::ReaderBuilder::new(Arc::new(arrow::datatypes::Schema::new(fields))).build_decoder().unwrap();
        decoder.decode(maps.as_bytes()).unwrap();
        decoder.flush().unwrap().unwrap()
    };
    let n: ArrayRef = Arc::new((0..300).collect::<Int64Array>());
    let s: ArrayRef = Arc::new((0..300).map(|n| Some(format!("SECRET {}", n % 7))).collect::<StringArray>());
    let (m, l) = (Arc::clone(profiles.column(0)), Arc::clone(profiles.column(1)));
    let batch = RecordBatch::try_from_iter([("n", n), ("s", s), ("m", m), ("l", l)]).unwrap();
    write(
        &path,
        &batch,
        WriterProperties::builder().set_compression(compression).set_data_page_row_count_limit(100).build(),
    );
    let content = std::fs::read(&path).unwrap();
    (dir, path, content)
}

const PATHS: [&str; 4] = ["n", "s", "m.k.s", "l[0].id"];

#[test]
fn what_is_no_parquet_file_is_refused() {
    let (dir, path, content) = sample(Compression::UNCOMPRESSED);
    assert_eq!(read(dir.path(), &PATHS), Ok(300));
    let claims = Err("a.parquet is not the Parquet file it claims to be".to_string());
    for broken in [
        &b""[..],
        b"PAR1",
        b"n,s\n1,SECRET\n",
        &content[..content.len() / 2],
        &content[..content.len() - 1],
        &content[10..content.len() - 4],
    ] {
        std::fs::write(&path, broken).unwrap();
        assert_eq!(read(dir.path(), &PATHS), claims);
    }
}

#[test]
fn a_column_whose_pages_are_overwritten_is_named() {
    for path_number in 0..4 {
        let (dir, path, mut content) = sample(Compression::SNAPPY);
        let reader =
            parquet::file::serialized_reader::SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        let group = parquet::file::reader::FileReader::metadata(&reader).row_group(0).clone();
        let names = ["n", "s", "m.entries.value.s", "l.list.item.id"];
        let column = group.columns().iter().find(|c| c.column_path().string() == names[path_number]).unwrap();
        let (start, length) = column.byte_range();
        content[start as usize..(start + length) as usize].fill(0xee);
        std::fs::write(&path, content).unwrap();
        assert_eq!(read(dir.path(), &PATHS), Err(format!("a.parquet is corrupt in column `{}`", names[path_number])));
        let other = PATHS[(path_number + 1) % 4];
        assert_eq!(read(dir.path(), &[other]), Ok(300));
    }
}

/// A file with a text column and a map of texts, `text` being the third value of either.
fn with_text(path: &Path, text: &[u8], dictionary: bool) {
    let schema = "message m { required int64 n; optional binary s (UTF8); \
                  required group m (MAP) { repeated group key_value { required binary key (UTF8); optional binary value (UTF8); } } }";
    let properties = Arc::new(WriterProperties::builder().set_dictionary_enabled(dictionary).build());
    let file = std::fs::File::create(path).unwrap();
    let mut writer =
        SerializedFileWriter::new(file, Arc::new(parse_message_type(schema).unwrap()), properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let texts: Vec<ByteArray> = [b"a", b"b", text].map(|t: &[u8]| ByteArray::from(t.to_vec())).to_vec();
    let keys: Vec<ByteArray> = (0..3).map(|_| ByteArray::from("k")).collect();

    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&[1, 2, 3], None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&texts, Some(&[1, 1, 1]), None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&keys, Some(&[1, 1, 1]), Some(&[0, 0, 0])).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&texts, Some(&[2, 2, 2]), Some(&[0, 0, 0])).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}

#[test]
fn text_that_is_not_utf8_is_refused_naming_file_and_column() {
    for dictionary in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.parquet");
        with_text(&path, b"c", dictionary);
        assert_eq!(read(dir.path(), &["n", "s", "m.k", "m"]), Ok(3));
        with_text(&path, b"SECRET\xff", dictionary);
        let not_utf8 = |column: &str| Err(format!("a.parquet holds text that is not UTF-8 in column `{column}`"));
        assert_eq!(read(dir.path(), &["n", "s"]), not_utf8("s"));
        assert_eq!(read(dir.path(), &["n", "m.k"]), not_utf8("m.key_value.value"));
        assert_eq!(read(dir.path(), &["n", "m"]), not_utf8("m.key_value.value"));
        assert_eq!(read(dir.path(), &["n"]), Ok(3));
    }
}

#[test]
fn a_page_that_memory_has_no_room_for_is_refused_with_its_size() {
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY] {
        let (dir, _, _) = sample(compression);
        let profiles = open(dir.path()).unwrap();
        // The dictionary has eight bytes for each of 300 numbers, and levels take four for each of 600 entries.
        for (path, column, fits, refused) in [("n", "n", 2_500, 2_300), ("m.k.s", "m.entries.key", 3_000, 40)] {
            let with = |limit| ScanRequest { pages: Some(PageBudget::new(limit, 1)), ..request(&[path]) };
            assert!(scan(&profiles, &with(fits)).is_ok());
            let fault = scan(&profiles, &with(refused)).unwrap_err();
            assert_eq!(fault.class, FaultClass::Input);
            assert!(fault.hint.contains("--memory"));
            let (start, end) = fault.message.split_once(" bytes in column ").unwrap();
            let figure: u64 = start.rsplit(' ').next().unwrap().parse().unwrap();
            assert!(figure > refused && figure <= fits, "{figure}");
            assert_eq!(end, format!("`{column}`, and the memory limit leaves {refused} bytes for one"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn overwritten_bytes_are_a_fault_or_other_values_and_never_a_panic(
        at in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        compressed in any::<bool>(),
    ) {
        let (dir, path, mut content) = sample(if compressed { Compression::SNAPPY } else { Compression::UNCOMPRESSED });
        for (at, byte) in at {
            let at = at.index(content.len());
            content[at] = byte;
        }
        std::fs::write(&path, content).unwrap();
        if let Err(message) = read(dir.path(), &PATHS) {
            prop_assert!(message.contains("a.parquet") || message.contains("in one file"), "{}", message);
        }
    }
}
