//! One shard: a file of lines, each a record as JSON.
//!
//! A record's sequence number holds the place of its line, so nothing but the file's length is kept in memory.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::faults::ShardLimits;
use super::limits::Allowance;
use super::{hash_key, sequence};
use crate::PracticeError;

/// No line is longer: 10 MiB of data that is not text, or of text that is nothing but control characters, and a key.
const LINE_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// A file's end is looked at in steps of so many bytes.
const STEP_BYTES: u64 = 64 * 1024;

/// What is kept of a shard beside its records.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShardInfo {
    pub(crate) number: u32,
    /// The first hash key whose records it takes.
    #[serde(with = "hash_key::decimal")]
    pub(crate) first_hash: u128,
    /// The last one.
    #[serde(with = "hash_key::decimal")]
    pub(crate) last_hash: u128,
    /// The shard that it was made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<u32>,
    /// The second one of those that were merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) adjacent_parent: Option<u32>,
    /// Whether it was split or merged: it takes no more.
    #[serde(default)]
    pub(crate) closed: bool,
}

/// One shard.
pub(crate) struct Shard {
    pub(crate) number: u32,
    pub(crate) first_hash: u128,
    pub(crate) last_hash: u128,
    pub(crate) parent: Option<u32>,
    pub(crate) adjacent_parent: Option<u32>,
    created_secs: i64,
    path: PathBuf,
    closed: AtomicBool,
    state: Mutex<State>,
}

struct State {
    bytes: u64,
    allowance: Option<Allowance>,
}

/// A record on its way into the shard.
pub(crate) struct NewRecord<'a> {
    pub(crate) partition_key: &'a str,
    pub(crate) explicit_hash_key: Option<&'a str>,
    pub(crate) data: &'a [u8],
}

/// A line of the file. Data that is UTF-8 stands there as text, so that a person can read it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredRecord<'a> {
    pub(crate) sequence_number: Cow<'a, str>,
    pub(crate) arrived_at: DateTime<Utc>,
    pub(crate) partition_key: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    explicit_hash_key: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<Cow<'a, str>>,
}

impl StoredRecord<'_> {
    /// The record's data in base64.
    pub(crate) fn data(&self) -> String {
        match (&self.base64, &self.text) {
            (Some(base64), _) => base64.clone().into_owned(),
            (None, text) => BASE64.encode(text.as_deref().unwrap_or_default()),
        }
    }
}

/// Records that were read.
pub(crate) struct ReadBack {
    pub(crate) records: Vec<StoredRecord<'static>>,
    /// Where the next one begins.
    pub(crate) next: u64,
    /// Whether there is no next one yet.
    pub(crate) at_end: bool,
}

impl Shard {
    /// Opens the shard `info` in `folder` of a stream that was made at `created_secs`; makes its file when there is none.
    /// A line that a crash cut off goes.
    pub(crate) fn open(folder: &Path, created_secs: i64, info: &ShardInfo) -> Result<Shard, PracticeError> {
        let path = folder.join(format!("{}.jsonl", sequence::shard_id(info.number)));
        let bytes = open_whole(&path).map_err(|e| PracticeError::file(&path, "open", e))?;
        Ok(Shard {
            number: info.number,
            first_hash: info.first_hash,
            last_hash: info.last_hash,
            parent: info.parent,
            adjacent_parent: info.adjacent_parent,
            created_secs,
            path,
            closed: AtomicBool::new(info.closed),
            state: Mutex::new(State { bytes, allowance: None }),
        })
    }

    /// What is kept of the shard.
    pub(crate) fn info(&self) -> ShardInfo {
        ShardInfo {
            number: self.number,
            first_hash: self.first_hash,
            last_hash: self.last_hash,
            parent: self.parent,
            adjacent_parent: self.adjacent_parent,
            closed: self.is_closed(),
        }
    }

    /// Its name.
    pub(crate) fn id(&self) -> String {
        sequence::shard_id(self.number)
    }

    /// Whether it takes no more.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Takes no more from now on.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// Where the next record will begin, in bytes.
    pub(crate) fn end(&self) -> u64 {
        self.locked().bytes
    }

    /// The sequence number of the record at `offset`.
    pub(crate) fn sequence_number(&self, offset: u64) -> String {
        sequence::number(self.created_secs, self.number, offset)
    }

    /// The offset in a sequence number of this shard.
    pub(crate) fn offset(&self, sequence_number: &str) -> Option<u64> {
        sequence::offset(sequence_number, self.created_secs, self.number)
    }

    /// Takes a record of `bytes` of what the shard may take per second.
    pub(crate) fn allows(&self, limits: ShardLimits, bytes: usize) -> bool {
        let now = Instant::now();
        self.locked().allowance.get_or_insert_with(|| Allowance::new(limits, now)).take(limits, bytes, now)
    }

    /// Stores `records` and answers their sequence numbers. Stores all of them or none.
    pub(crate) fn append(&self, records: &[NewRecord<'_>], now: DateTime<Utc>) -> io::Result<Vec<String>> {
        let mut state = self.locked();
        let mut lines = Vec::with_capacity(records.iter().map(|r| r.data.len() + 256).sum());
        let mut numbers = Vec::with_capacity(records.len());
        for record in records {
            let number = self.sequence_number(state.bytes + lines.len() as u64);
            let text = std::str::from_utf8(record.data).ok();
            let line = StoredRecord {
                sequence_number: Cow::Borrowed(&number),
                arrived_at: now,
                partition_key: Cow::Borrowed(record.partition_key),
                explicit_hash_key: record.explicit_hash_key.map(Cow::Borrowed),
                text: text.map(Cow::Borrowed),
                base64: text.is_none().then(|| Cow::Owned(BASE64.encode(record.data))),
            };
            serde_json::to_writer(&mut lines, &line)?;
            lines.push(b'\n');
            numbers.push(number);
        }
        let mut file = OpenOptions::new().append(true).open(&self.path)?;
        if let Err(error) = file.write_all(&lines) {
            file.set_len(state.bytes)?;
            return Err(error);
        }
        state.bytes += lines.len() as u64;
        Ok(numbers)
    }

    /// Reads records from `offset` on: at most `records_max` of them, and one at least when there is one, else as many as
    /// have `bytes_max` together. Without `skip`, the record at `offset` is the first one, else the one after it. Fails with
    /// `InvalidInput` when no record begins there.
    pub(crate) fn read(&self, offset: u64, skip: bool, records_max: usize, bytes_max: usize) -> io::Result<ReadBack> {
        let end = self.end();
        let mut back = ReadBack { records: Vec::new(), next: offset, at_end: offset >= end };
        if back.at_end {
            return Ok(back);
        }
        let mut bytes = 0;
        let mut lines = Lines::open(&self.path, offset, end)?;
        let mut skips = skip;
        while back.records.len() < records_max {
            let Some(record) = lines.next(&self.sequence_number(back.next))? else { break };
            let next = lines.at;
            if !std::mem::take(&mut skips) {
                let weight = record.base64.as_ref().map_or(0, |b| b.len() / 4 * 3)
                    + record.text.as_ref().map_or(0, |t| t.len())
                    + record.partition_key.len();
                if bytes + weight > bytes_max && !back.records.is_empty() {
                    break;
                }
                bytes += weight;
                back.records.push(record);
            }
            back.next = next;
        }
        back.at_end = back.next >= end;
        Ok(back)
    }

    /// Where the first record begins that arrived at `time` or later.
    pub(crate) fn offset_at(&self, time: DateTime<Utc>) -> io::Result<u64> {
        let end = self.end();
        let mut lines = Lines::open(&self.path, 0, end)?;
        loop {
            let at = lines.at;
            match lines.next(&self.sequence_number(at))? {
                Some(record) if record.arrived_at < time => {}
                _ => return Ok(at),
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lines of a part of a file.
struct Lines {
    file: io::Take<BufReader<File>>,
    at: u64,
    line: Vec<u8>,
}

impl Lines {
    fn open(path: &Path, offset: u64, end: u64) -> io::Result<Lines> {
        let mut file = BufReader::new(File::open(path)?);
        file.seek(SeekFrom::Start(offset))?;
        Ok(Lines { file: file.take(end.saturating_sub(offset)), at: offset, line: Vec::new() })
    }

    /// The next record, which has to have the number `expected`.
    fn next(&mut self, expected: &str) -> io::Result<Option<StoredRecord<'static>>> {
        self.line.clear();
        let read = (&mut self.file).take(LINE_MAX_BYTES).read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(None);
        }
        self.at += read as u64;
        let record: StoredRecord<'static> =
            serde_json::from_slice(&self.line).map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
        if record.sequence_number != expected {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the line is at another place than it was written to",
            ));
        }
        Ok(Some(record))
    }
}

/// Opens or makes the file `path`, cuts off what follows its last line, and answers its length.
fn open_whole(path: &Path) -> io::Result<u64> {
    let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    let bytes = file.metadata()?.len();
    let mut end = bytes;
    let mut step = Vec::new();
    let whole = loop {
        if end == 0 {
            break 0;
        }
        let begin = end.saturating_sub(STEP_BYTES);
        step.resize((end - begin) as usize, 0);
        file.read_exact_at(&mut step, begin)?;
        if let Some(at) = step.iter().rposition(|byte| *byte == b'\n') {
            break begin + at as u64 + 1;
        }
        end = begin;
    };
    if whole < bytes {
        file.set_len(whole)?;
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(folder: &Path) -> Shard {
        let info =
            ShardInfo { number: 1, first_hash: 0, last_hash: 9, parent: None, adjacent_parent: None, closed: false };
        Shard::open(folder, 1_700_000_000, &info).unwrap()
    }

    fn put(shard: &Shard, data: &[u8], millis: i64) -> String {
        let record = NewRecord { partition_key: "k\"", explicit_hash_key: None, data };
        shard.append(&[record], DateTime::from_timestamp_millis(millis).unwrap()).unwrap().remove(0)
    }

    #[test]
    fn records_are_found_by_number_and_time_after_a_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let first = shard(folder.path());
        let numbers =
            [put(&first, b"{\"a\":1}", 1000), put(&first, &[0xff, 0, 1], 2000), put(&first, b"three\n", 3000)];
        assert!(numbers.is_sorted());
        std::io::Write::write_all(
            &mut OpenOptions::new().append(true).open(folder.path().join("shardId-000000000001.jsonl")).unwrap(),
            b"{\"sequenceNumber\":\"49",
        )
        .unwrap();
        let again = shard(folder.path());
        assert_eq!(again.end(), first.end(), "a torn line goes");
        let all = again.read(0, false, 10, 1000).unwrap();
        let data: Vec<_> = all.records.iter().map(StoredRecord::data).collect();
        assert_eq!(data, [BASE64.encode("{\"a\":1}"), BASE64.encode([0xff, 0, 1]), BASE64.encode("three\n")]);
        assert!(all.at_end && all.next == again.end());
        let second = again.offset(&numbers[1]).unwrap();
        assert_eq!(again.read(second, false, 1, 1000).unwrap().records[0].sequence_number, numbers[1]);
        assert_eq!(again.read(second, true, 1, 1000).unwrap().records[0].sequence_number, numbers[2]);
        assert_eq!(again.read(0, false, 10, 1).unwrap().records.len(), 1, "one at least");
        assert_eq!(again.offset_at(DateTime::from_timestamp_millis(1001).unwrap()).unwrap(), second);
        assert_eq!(again.offset_at(DateTime::from_timestamp_millis(9999).unwrap()).unwrap(), again.end());
        assert_eq!(again.read(3, false, 1, 1).err().unwrap().kind(), io::ErrorKind::InvalidInput);
    }
}
