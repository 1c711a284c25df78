//! Files of records, whole and damaged.

use outflow_model::FaultClass;
use outflow_testkit::random::Random;

use super::*;

const KIND: [u8; 4] = *b"TEST";

/// Writes records of these orders; each holds its number and some more bytes.
fn write(path: &Path, orders: &[i64], payload_bytes: usize) -> BlockSummary {
    let mut writer = BlockWriter::create(path, KIND, b"what it is").unwrap();
    for (number, order) in orders.iter().enumerate() {
        writer.record(*order, &payload(number, payload_bytes)).unwrap();
    }
    writer.finish().unwrap()
}

fn payload(number: usize, bytes: usize) -> Vec<u8> {
    let mut payload = (number as u64).to_le_bytes().to_vec();
    let mut random = Random::from_seed(number as u64);
    payload.extend((0..bytes).map(|_| random.bits() as u8));
    payload
}

/// All records of a file.
fn all(path: &Path) -> Result<Vec<Bytes>, Fault> {
    let file = BlockFile::open(path, &KIND)?;
    let mut found = Vec::new();
    for number in 0..file.blocks().len() {
        for record in records(file.read(number)?) {
            found.push(record?);
        }
    }
    Ok(found)
}

#[test]
fn records_come_back_in_order_and_by_block() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.set");
    let orders: Vec<i64> = (0..3_000).map(|n| n / 2 - 700).collect();
    let summary = write(&path, &orders, 1_000);
    assert_eq!((summary.records, summary.bytes), (3_000, std::fs::metadata(&path).unwrap().len()));
    let file = BlockFile::open(&path, &KIND).unwrap();
    assert_eq!((file.header(), file.records()), (&b"what it is"[..], 3_000));
    assert!(file.blocks().len() > 2, "{}", file.blocks().len());
    for (number, block) in file.blocks().iter().enumerate().rev() {
        let found: Vec<Bytes> = records(file.read(number).unwrap()).collect::<Result<_, _>>().unwrap();
        assert_eq!(found.len(), block.records as usize);
        let first = block.first_record as usize;
        assert_eq!(block.first_order, orders[first]);
        assert_eq!(block.last_order, orders[first + found.len() - 1]);
        for (at, record) in found.iter().enumerate() {
            assert_eq!(*record, payload(first + at, 1_000));
        }
    }
    assert!(file.read(file.blocks().len()).is_err());
}

#[test]
fn empty_files_empty_records_and_large_ones() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.set");
    assert_eq!(write(&path, &[], 0).records, 0);
    assert!(all(&path).unwrap().is_empty());
    let mut writer = BlockWriter::create(&path, KIND, b"").unwrap();
    let large = payload(7, BLOCK_BYTES * 2);
    for payload in [&b""[..], &large, b"", b"x"] {
        writer.record(i64::MIN, payload).unwrap();
    }
    assert!(writer.bytes() > large.len() as u64);
    let fault = writer.record(i64::MIN, &vec![0; RECORD_BYTES_MAX + 1]).unwrap_err();
    assert_eq!(fault.class, FaultClass::Input);
    writer.finish().unwrap();
    assert_eq!(all(&path).unwrap(), [&b""[..], &large, b"", b"x"]);
    assert_eq!(BlockFile::open(&path, &KIND).unwrap().blocks().len(), 3);
}

#[test]
fn an_order_that_falls_is_a_defect() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = BlockWriter::create(&dir.path().join("a"), KIND, b"").unwrap();
    writer.record(5, b"").unwrap();
    assert_eq!(writer.record(4, b"").unwrap_err().class, FaultClass::Internal);
    writer.flush().unwrap();
    assert_eq!(writer.record(4, b"").unwrap_err().class, FaultClass::Internal);
    writer.record(5, b"").unwrap();
}

#[test]
fn a_file_that_is_cut_or_damaged_anywhere_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("0007.set");
    write(&path, &[1, 2, 3], 40);
    let whole = std::fs::read(&path).unwrap();
    let expect = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let fault = all(&path).expect_err("it is damaged");
        assert_eq!(fault.class, FaultClass::Input);
        assert!(fault.message.contains("0007.set"), "{}", fault.message);
    };
    for length in 0..whole.len() {
        expect(&whole[..length]);
    }
    for at in 0..whole.len() {
        for bit in [0, 7] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            expect(&bytes);
        }
    }
    let longer: Vec<u8> = whole.iter().copied().chain([0; 9]).collect();
    expect(&longer);
    std::fs::remove_file(&path).unwrap();
    assert!(all(&path).unwrap_err().message.contains("0007.set"));
    std::fs::write(&path, &whole).unwrap();
    assert!(BlockFile::open(&path, b"ELSE").unwrap_err().message.contains("0007.set"));
}

#[test]
fn records_that_are_none_end() {
    let told: Vec<_> = records(Bytes::from_static(&[9, 0, 0, 0, 1])).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].is_err());
    assert!(records(Bytes::from_static(&[1, 0])).next().unwrap().is_err());
    assert!(records(Bytes::new()).next().is_none());
}
