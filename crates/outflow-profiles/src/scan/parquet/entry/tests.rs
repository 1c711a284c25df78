//! Entries of a map whose pages are cut anywhere, even within a record, as some writers do.

use arrow::array::Array;
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::Result as ParquetResult;
use proptest::prelude::*;

use super::super::page_sizes::PageGuard;
use super::super::pages::LeafShape;
use super::super::reader::SourceReader;
use super::*;
use crate::scan::PageBudget;
use crate::source::RandomAccess;

/// Pages that are there already.
struct Pages(VecDeque<Page>);

impl Iterator for Pages {
    type Item = ParquetResult<Page>;

    fn next(&mut self) -> Option<ParquetResult<Page>> {
        self.0.pop_front().map(Ok)
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> ParquetResult<Option<Page>> {
        Ok(self.0.pop_front())
    }

    fn peek_next_page(&mut self) -> ParquetResult<Option<PageMetadata>> {
        unreachable!("pages are read one by one")
    }

    fn skip_next_page(&mut self) -> ParquetResult<()> {
        unreachable!("pages are read one by one")
    }
}

struct NoFile;

impl RandomAccess for NoFile {
    fn read_at(&self, _: u64, _: usize) -> Result<Bytes, Fault> {
        unreachable!("pages are there already")
    }

    fn read_ahead_bytes(&self) -> usize {
        0
    }

    fn check_unchanged(&self) -> Result<(), Fault> {
        Ok(())
    }
}

/// A key or a value with its levels.
#[derive(Clone, Debug)]
struct Entry {
    rep: u8,
    def: u8,
    text: Option<&'static str>,
}

/// Levels of up to eight bits, each a run of its own.
fn levels(levels: impl Iterator<Item = u8>) -> Vec<u8> {
    levels.flat_map(|level| [2, level]).collect()
}

/// Pages that end where `cuts` say, in turns; with a dictionary until `plain_from`.
fn pages(entries: &[Entry], cuts: &[usize], plain_from: usize, v2: bool) -> VecDeque<Page> {
    let mut texts: Vec<&str> = entries.iter().filter_map(|e| e.text).collect();
    texts.sort_unstable();
    texts.dedup();
    let plain = |text: &str| [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let mut pages = VecDeque::new();
    let buf = Bytes::from(texts.iter().flat_map(|t| plain(t)).collect::<Vec<u8>>());
    pages.push_back(Page::DictionaryPage {
        buf,
        num_values: texts.len() as u32,
        encoding: Encoding::PLAIN,
        is_sorted: false,
    });
    let (mut rest, mut number) = (entries, 0);
    while !rest.is_empty() {
        let (page, after) = rest.split_at(cuts[number % cuts.len()].min(rest.len()));
        let coded = number < plain_from;
        (rest, number) = (after, number + 1);
        let present = page.iter().filter_map(|e| e.text);
        let values: Vec<u8> = if coded {
            let codes = present.map(|t| texts.binary_search(&t).unwrap() as u8);
            [8].into_iter().chain(codes.flat_map(|code| [2, code])).collect()
        } else {
            present.flat_map(plain).collect()
        };
        let encoding = if coded { Encoding::RLE_DICTIONARY } else { Encoding::PLAIN };
        let (rep, def) = (levels(page.iter().map(|e| e.rep)), levels(page.iter().map(|e| e.def)));
        let num_values = page.len() as u32;
        pages.push_back(if v2 {
            Page::DataPageV2 {
                rep_levels_byte_len: rep.len() as u32,
                def_levels_byte_len: def.len() as u32,
                buf: Bytes::from([rep, def, values].concat()),
                num_values,
                encoding,
                num_nulls: 0,
                num_rows: 0,
                is_compressed: false,
                statistics: None,
            }
        } else {
            let sized = |levels: Vec<u8>| [(levels.len() as u32).to_le_bytes().to_vec(), levels].concat();
            Page::DataPage {
                buf: Bytes::from([sized(rep), sized(def), values].concat()),
                num_values,
                encoding,
                def_level_encoding: Encoding::RLE,
                rep_level_encoding: Encoding::RLE,
                statistics: None,
            }
        });
    }
    pages
}

fn leaf(entries: &[Entry], def_level_max: i16, pages: VecDeque<Page>, want_rep_levels: bool) -> LeafPages {
    limited_leaf(entries.len(), None, def_level_max, pages, want_rep_levels)
}

fn limited_leaf(
    entries_max: usize,
    page_bytes_max: Option<u64>,
    def_level_max: i16,
    pages: VecDeque<Page>,
    want_rep_levels: bool,
) -> LeafPages {
    let shape = LeafShape {
        name: "m".into(),
        def_level_max,
        rep_level_max: 1,
        physical_type: PhysicalType::BYTE_ARRAY,
        entries_max,
    };
    let mut source = SourceReader::new(Arc::new(NoFile), "a.parquet".into(), 0);
    if let Some(bytes) = page_bytes_max {
        source = source.guarded(PageGuard { room: PageBudget::new(bytes, 1).admit(0, 0), chunks: Vec::new() });
    }
    LeafPages::new(Box::new(Pages(pages)), shape, source, want_rep_levels)
}

/// A record: no map, or a map's entries.
type Record = Option<Vec<(&'static str, Option<&'static str>)>>;

fn record() -> impl Strategy<Value = Record> {
    let key = prop::sample::select(vec!["k", "k2", "", "other"]);
    let value = prop::option::of(prop::sample::select(vec!["a", "bb", "", "ccc"]));
    prop::option::weighted(0.8, prop::collection::vec((key, value), 0..5))
}

/// Keys (present at level 2) and values (present at level 3) of records.
fn columns(records: &[Record]) -> (Vec<Entry>, Vec<Entry>) {
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for record in records {
        let placeholder = Entry { rep: 0, def: u8::from(record.is_some()), text: None };
        let entries = record.as_deref().unwrap_or_default();
        if entries.is_empty() {
            keys.push(placeholder.clone());
            values.push(placeholder);
        }
        for (i, (key, value)) in entries.iter().enumerate() {
            let rep = u8::from(i > 0);
            keys.push(Entry { rep, def: 2, text: Some(key) });
            values.push(Entry { rep, def: 2 + u8::from(value.is_some()), text: *value });
        }
    }
    (keys, values)
}

proptest! {
    #[test]
    fn where_pages_are_cut_changes_nothing(
        records in prop::collection::vec(record(), 1..40),
        key_cuts in prop::collection::vec(1usize..9, 1..5),
        value_cuts in prop::collection::vec(1usize..9, 1..5),
        plain_from in (0usize..6, 0usize..6),
        v2 in any::<bool>(),
        batch in 1usize..50,
    ) {
        let (keys, values) = columns(&records);
        let key_pages = pages(&keys, &key_cuts, plain_from.0, v2);
        let value_pages = pages(&values, &value_cuts, plain_from.1, v2);
        let mut scan = KeyScan::new(leaf(&keys, 2, key_pages, true), "k".into());
        let mut reader = EntryValues::new(leaf(&values, 3, value_pages, false), DataType::Utf8);
        let mut found: Vec<Option<String>> = Vec::new();
        while found.len() < records.len() {
            let rows = batch.min(records.len() - found.len());
            let array = cast(&reader.read(&scan.read(rows).unwrap()).unwrap(), &DataType::Utf8).unwrap();
            prop_assert_eq!(array.len(), rows);
            found.extend(array.as_string::<i32>().iter().map(|v| v.map(str::to_string)));
        }
        let first = |record: &Record| {
            let entry = record.as_ref()?.iter().find(|(key, _)| *key == "k")?;
            entry.1.map(str::to_string)
        };
        prop_assert_eq!(found, records.iter().map(first).collect::<Vec<_>>());
        prop_assert!(scan.read(1).is_err());
    }
}

/// The first page behind the dictionary, with other levels than it was made with.
fn with_levels(entries: &[Entry], num_values: u32, rep: &[u8], def: &[u8]) -> VecDeque<Page> {
    let mut pages = pages(entries, &[entries.len()], 0, true);
    if let Some(Page::DataPageV2 { rep_levels_byte_len, def_levels_byte_len, buf, num_values: n, .. }) =
        pages.get_mut(1)
    {
        let values = buf.slice((*rep_levels_byte_len + *def_levels_byte_len) as usize..);
        (*rep_levels_byte_len, *def_levels_byte_len, *n) = (rep.len() as u32, def.len() as u32, num_values);
        *buf = Bytes::from([rep, def, &values[..]].concat());
    }
    pages
}

#[test]
fn levels_that_promise_more_keys_than_there_are_are_corrupt() {
    let entries: Vec<Entry> = (0..9).map(|_| Entry { rep: 0, def: 2, text: Some("k") }).collect();
    let pages = with_levels(&entries, 10, &[20, 0], &[20, 2]);
    let fault = KeyScan::new(limited_leaf(10, None, 2, pages, true), "k".into()).read(10).unwrap_err();
    assert_eq!(fault.message, "a.parquet is corrupt in column `m`");
}

#[test]
fn a_few_bytes_that_stand_for_billions_of_entries_are_refused() {
    let entries = vec![Entry { rep: 0, def: 2, text: Some("k") }];
    let run = |level: u8| vec![0x80, 0x80, 0x80, 0x80, 0x10, level];
    for want_rep_levels in [true, false] {
        let pages = with_levels(&entries, 1 << 31, &run(0), &run(2));
        let mut leaf = limited_leaf(1 << 31, Some(1 << 20), 2, pages, want_rep_levels);
        let fault = leaf.next_page().err().unwrap();
        assert!(fault.message.starts_with("a.parquet has a page of 8589934592 bytes"), "{}", fault.message);
    }
}

#[test]
fn a_second_dictionary_is_corrupt() {
    let entries: Vec<Entry> = (0..4).map(|_| Entry { rep: 0, def: 2, text: Some("k") }).collect();
    let mut twice = pages(&entries, &[2], 9, false);
    let again = pages(&entries, &[2], 9, false).pop_front().unwrap();
    twice.insert(2, again);
    let fault = KeyScan::new(leaf(&entries, 2, twice, true), "k".into()).read(4).unwrap_err();
    assert_eq!(fault.message, "a.parquet is corrupt in column `m`");
}
